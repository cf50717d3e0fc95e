// SPDX-License-Identifier: MIT
#include "drm/out_fence.h"

#include <drm.h>
#include <drm_mode.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "igt/assert.h"

#define MAX_OBJECTS    16
#define MAX_PROPERTIES 64

static int set_client_cap(const struct drm_file *file, uint64_t cap)
{
	struct drm_set_client_cap args = { .capability = cap, .value = 1 };

	return drm_ioctl(file, DRM_IOCTL_SET_CLIENT_CAP, &args);
}

static int get_resources(const struct drm_file *file, struct drm_mode_card_res *res,
			 uint32_t *crtcs, uint32_t *connectors)
{
	*res = (struct drm_mode_card_res){
		.crtc_id_ptr = (uintptr_t)crtcs,
		.connector_id_ptr = (uintptr_t)connectors,
		.count_crtcs = MAX_OBJECTS,
		.count_connectors = MAX_OBJECTS,
	};
	return drm_ioctl(file, DRM_IOCTL_MODE_GETRESOURCES, res);
}

/* The first mode. The first of the two calls probes the connector, the second copies. */
static int get_mode(const struct drm_file *file, uint32_t connector,
		    struct drm_mode_modeinfo *ret_mode)
{
	struct drm_mode_get_connector args = { .connector_id = connector };
	struct drm_mode_modeinfo *modes;
	int ret;

	ret = drm_ioctl(file, DRM_IOCTL_MODE_GETCONNECTOR, &args);
	if (ret < 0 || !args.count_modes)
		return ret < 0 ? ret : -ENOENT;
	modes = calloc(args.count_modes, sizeof(*modes));
	if (!modes)
		return -ENOMEM;
	args.modes_ptr = (uintptr_t)modes;
	args.count_props = 0;
	args.count_encoders = 0;
	ret = drm_ioctl(file, DRM_IOCTL_MODE_GETCONNECTOR, &args);
	if (ret >= 0)
		*ret_mode = modes[0];
	free(modes);
	return ret < 0 ? ret : 0;
}

static int find_property(const struct drm_file *file, uint32_t crtc, const char *name,
			 uint32_t *ret_id)
{
	uint32_t ids[MAX_PROPERTIES];
	uint64_t values[MAX_PROPERTIES];
	struct drm_mode_obj_get_properties list = {
		.props_ptr = (uintptr_t)ids,
		.prop_values_ptr = (uintptr_t)values,
		.count_props = MAX_PROPERTIES,
		.obj_id = crtc,
		.obj_type = DRM_MODE_OBJECT_CRTC,
	};
	int ret = drm_ioctl(file, DRM_IOCTL_MODE_OBJ_GETPROPERTIES, &list);

	for (uint32_t i = 0; ret >= 0 && i < list.count_props && i < MAX_PROPERTIES; i++) {
		struct drm_mode_get_property property = { .prop_id = ids[i] };

		ret = drm_ioctl(file, DRM_IOCTL_MODE_GETPROPERTY, &property);
		if (ret >= 0 && !strcmp(property.name, name)) {
			*ret_id = ids[i];
			return 0;
		}
	}
	return ret < 0 ? ret : -ENOENT;
}

static int make_framebuffer(const struct drm_file *file, const struct drm_mode_modeinfo *mode,
			    struct out_fence *out)
{
	struct drm_mode_create_dumb dumb = {
		.width = mode->hdisplay,
		.height = mode->vdisplay,
		.bpp = 32,
	};
	struct drm_mode_fb_cmd fb = {
		.width = mode->hdisplay,
		.height = mode->vdisplay,
		.bpp = 32,
		.depth = 24,
	};
	int ret = drm_ioctl(file, DRM_IOCTL_MODE_CREATE_DUMB, &dumb);

	if (ret < 0)
		return ret;
	out->handle = fb.handle = dumb.handle;
	fb.pitch = dumb.pitch;
	ret = drm_ioctl(file, DRM_IOCTL_MODE_ADDFB, &fb);
	out->fb = fb.fb_id;
	return ret;
}

static int switch_on(const struct drm_file *file, uint32_t connector,
		     const struct drm_mode_modeinfo *mode, const struct out_fence *out)
{
	struct drm_mode_crtc args = {
		.set_connectors_ptr = (uintptr_t)&connector,
		.count_connectors = 1,
		.crtc_id = out->crtc,
		.fb_id = out->fb,
		.mode_valid = 1,
		.mode = *mode,
	};

	return drm_ioctl(file, DRM_IOCTL_MODE_SETCRTC, &args);
}

static int light_up(const struct drm_file *file, const struct drm_mode_card_res *res,
		    const uint32_t *connectors, struct out_fence *out)
{
	struct drm_mode_modeinfo mode;
	int ret = -ENOENT;

	for (uint32_t i = 0; i < res->count_connectors && i < MAX_OBJECTS; i++) {
		ret = get_mode(file, connectors[i], &mode);
		if (ret)
			continue;
		ret = make_framebuffer(file, &mode, out);
		return ret < 0 ? ret : switch_on(file, connectors[i], &mode, out);
	}
	return ret;
}

void out_fence_require(const struct drm_file *file, struct out_fence *ret_out)
{
	uint32_t crtcs[MAX_OBJECTS], connectors[MAX_OBJECTS];
	struct out_fence out = { 0 };
	struct drm_mode_card_res res;
	int ret;

	igt_require_f(set_client_cap(file, DRM_CLIENT_CAP_ATOMIC) >= 0, "no atomic modesetting\n");
	ret = get_resources(file, &res, crtcs, connectors);
	igt_require_f(ret >= 0 && res.count_crtcs, "no CRTC\n");
	out.crtc = crtcs[0];
	ret = find_property(file, out.crtc, "OUT_FENCE_PTR", &out.property);
	igt_require_f(ret == 0, "no out-fences: %s\n", strerror(-ret));
	ret = light_up(file, &res, connectors, &out);
	igt_require_f(ret >= 0, "cannot turn on CRTC %u: %s\n", out.crtc, strerror(-ret));
	*ret_out = out;
}

void out_fence_finish(const struct drm_file *file, struct out_fence *out)
{
	struct drm_mode_crtc off = { .crtc_id = out->crtc };
	struct drm_mode_destroy_dumb dumb = { .handle = out->handle };
	int ret;

	ret = drm_ioctl(file, DRM_IOCTL_MODE_SETCRTC, &off);
	igt_assert_f(ret >= 0, "cannot turn off CRTC %u: %s\n", out->crtc, strerror(-ret));
	ret = drm_ioctl(file, DRM_IOCTL_MODE_RMFB, &out->fb);
	igt_assert_f(ret >= 0, "RMFB: %s\n", strerror(-ret));
	ret = drm_ioctl(file, DRM_IOCTL_MODE_DESTROY_DUMB, &dumb);
	igt_assert_f(ret >= 0, "DESTROY_DUMB: %s\n", strerror(-ret));
}

int __out_fence_commit(const struct drm_file *file, const struct out_fence *out, int *ret_fd)
{
	int32_t fd = -1;
	uint64_t value = (uintptr_t)&fd;
	uint32_t object = out->crtc, count = 1, property = out->property;
	struct drm_mode_atomic args = {
		.count_objs = 1,
		.objs_ptr = (uintptr_t)&object,
		.count_props_ptr = (uintptr_t)&count,
		.props_ptr = (uintptr_t)&property,
		.prop_values_ptr = (uintptr_t)&value,
	};
	int ret = drm_ioctl(file, DRM_IOCTL_MODE_ATOMIC, &args);

	if (ret < 0)
		return ret;
	if (fd < 0)
		return -EPROTO;
	*ret_fd = fd;
	return 0;
}

int out_fence_commit(const struct drm_file *file, const struct out_fence *out)
{
	int fd = -1, ret = __out_fence_commit(file, out, &fd);

	igt_assert_f(ret == 0, "commit with an out-fence: %s\n", strerror(-ret));
	return fd;
}
