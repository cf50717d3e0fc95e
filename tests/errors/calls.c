// SPDX-License-Identifier: MIT
#include "errors/calls.h"

#include <drm.h>
#include <drm_fourcc.h>
#include <drm_mode.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/sync_file.h>
#include <linux/udmabuf.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drm/gem.h"
#include "drm/kms.h"
#include "drm/syncobj.h"
#include "drm/uapi.h"
#include "drm/vgem.h"

static void fill_create(const struct env *env, void *args)
{
	struct drm_mode_create_dumb *create = args;

	*create = (struct drm_mode_create_dumb){ .width = 32, .height = 32, .bpp = 32 };
}

static void undo_create(struct env *env, const void *args, int ret)
{
	const struct drm_mode_create_dumb *create = args;

	__gem_close(&env->file, create->handle);
}

static void fill_close(const struct env *env, void *args)
{
	*(struct drm_gem_close *)args = (struct drm_gem_close){ .handle = env->handle };
}

static void undo_close(struct env *env, const void *args, int ret)
{
	env->handle = 0;
}

static void fill_flink(const struct env *env, void *args)
{
	*(struct drm_gem_flink *)args = (struct drm_gem_flink){ .handle = env->handle };
}

/* The name goes with the handle. */
static void undo_nothing(struct env *env, const void *args, int ret)
{
}

static void fill_open(const struct env *env, void *args)
{
	*(struct drm_gem_open *)args = (struct drm_gem_open){ .name = env->name };
}

static void undo_open(struct env *env, const void *args, int ret)
{
	const struct drm_gem_open *opened = args;

	__gem_close(&env->other, opened->handle);
}

static void fill_export(const struct env *env, void *args)
{
	*(struct drm_prime_handle *)args = (struct drm_prime_handle){
		.handle = env->handle,
		.flags = DRM_CLOEXEC | DRM_RDWR,
		.fd = -1,
	};
}

static void undo_export(struct env *env, const void *args, int ret)
{
	const struct drm_prime_handle *prime = args;

	close(prime->fd);
}

static void fill_import(const struct env *env, void *args)
{
	*(struct drm_prime_handle *)args = (struct drm_prime_handle){ .fd = env->dmabuf };
}

static void fill_import_foreign(const struct env *env, void *args)
{
	*(struct drm_prime_handle *)args = (struct drm_prime_handle){ .fd = env->foreign };
}

static void undo_import(struct env *env, const void *args, int ret)
{
	const struct drm_prime_handle *prime = args;

	__gem_close(&env->file, prime->handle);
}

static void undo_import_other(struct env *env, const void *args, int ret)
{
	const struct drm_prime_handle *prime = args;

	__gem_close(&env->other, prime->handle);
}

static void fill_map(const struct env *env, void *args)
{
	*(struct drm_mode_map_dumb *)args = (struct drm_mode_map_dumb){ .handle = env->handle };
}

static void fill_addfb(const struct env *env, void *args)
{
	*(struct drm_mode_fb_cmd2 *)args = (struct drm_mode_fb_cmd2){
		.width = 32,
		.height = 32,
		.pixel_format = DRM_FORMAT_XRGB8888,
		.handles = { env->handle },
		.pitches = { 128 },
	};
}

static void undo_addfb(struct env *env, const void *args, int ret)
{
	const struct drm_mode_fb_cmd2 *fb = args;

	__kms_rm_fb(&env->file, fb->fb_id);
}

static void fill_getfb(const struct env *env, void *args)
{
	*(struct drm_mode_fb_cmd2 *)args = (struct drm_mode_fb_cmd2){ .fb_id = env->fb };
}

static void undo_getfb(struct env *env, const void *args, int ret)
{
	const struct drm_mode_fb_cmd2 *fb = args;

	__gem_close(&env->file, fb->handles[0]);
}

static void fill_syncobj_create(const struct env *env, void *args)
{
	*(struct drm_syncobj_create *)args = (struct drm_syncobj_create){ 0 };
}

static void undo_syncobj_create(struct env *env, const void *args, int ret)
{
	const struct drm_syncobj_create *create = args;

	__syncobj_destroy(&env->file, create->handle);
}

static void fill_syncobj_to_fd(const struct env *env, void *args)
{
	*(struct drm_syncobj_handle *)args = (struct drm_syncobj_handle){
		.handle = env->syncobj,
		.fd = -1,
	};
}

static void fill_syncobj_to_sync_file(const struct env *env, void *args)
{
	*(struct drm_syncobj_handle *)args = (struct drm_syncobj_handle){
		.handle = env->syncobj,
		.flags = DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE,
		.fd = -1,
	};
}

static void undo_syncobj_fd(struct env *env, const void *args, int ret)
{
	const struct drm_syncobj_handle *handle = args;

	close(handle->fd);
}

static void fill_fd_to_syncobj(const struct env *env, void *args)
{
	*(struct drm_syncobj_handle *)args = (struct drm_syncobj_handle){ .fd = env->syncobj_fd };
}

static void undo_fd_to_syncobj(struct env *env, const void *args, int ret)
{
	const struct drm_syncobj_handle *handle = args;

	__syncobj_destroy(&env->file, handle->handle);
}

static void fill_sync_file_to_syncobj(const struct env *env, void *args)
{
	*(struct drm_syncobj_handle *)args = (struct drm_syncobj_handle){
		.handle = env->syncobj,
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
		.fd = env->sync[0],
	};
}

static void fill_sync_file_to_point(const struct env *env, void *args)
{
	*(struct syncobj_handle_point *)args = (struct syncobj_handle_point){
		.handle = env->syncobj,
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE | SYNCOBJ_FD_FLAG_TIMELINE,
		.fd = env->sync[0],
		.point = 1,
	};
}

static void fill_transfer(const struct env *env, void *args)
{
	*(struct drm_syncobj_transfer *)args = (struct drm_syncobj_transfer){
		.src_handle = env->syncobj,
		.dst_handle = env->syncobj,
		.dst_point = 1,
	};
}

static void fill_syncobj_eventfd(const struct env *env, void *args)
{
	*(struct syncobj_eventfd *)args = (struct syncobj_eventfd){
		.handle = env->syncobj,
		.fd = env->eventfd,
	};
}

static void fill_merge(const struct env *env, void *args)
{
	*(struct sync_merge_data *)args = (struct sync_merge_data){
		.name = "merged",
		.fd2 = env->sync[1],
		.fence = -1,
	};
}

static void undo_merge(struct env *env, const void *args, int ret)
{
	const struct sync_merge_data *merge = args;

	close(merge->fence);
}

static void fill_export_sync_file(const struct env *env, void *args)
{
	*(struct dma_buf_export_sync_file *)args = (struct dma_buf_export_sync_file){
		.flags = DMA_BUF_SYNC_RW,
		.fd = -1,
	};
}

static void undo_export_sync_file(struct env *env, const void *args, int ret)
{
	const struct dma_buf_export_sync_file *sync_file = args;

	close(sync_file->fd);
}

static void fill_import_sync_file(const struct env *env, void *args)
{
	*(struct dma_buf_import_sync_file *)args = (struct dma_buf_import_sync_file){
		.flags = DMA_BUF_SYNC_WRITE,
		.fd = env->sync[0],
	};
}

static void fill_attach(const struct env *env, void *args)
{
	*(struct vgem_fence_attach *)args = (struct vgem_fence_attach){ .handle = env->handle };
}

static void undo_attach(struct env *env, const void *args, int ret)
{
	const struct vgem_fence_attach *attach = args;

	__vgem_fence_signal(&env->file, attach->out_fence);
}

static void fill_udmabuf(const struct env *env, void *args)
{
	*(struct udmabuf_create *)args = (struct udmabuf_create){
		.memfd = env->memfd,
		.flags = UDMABUF_FLAGS_CLOEXEC,
		.size = GEM_SMALL,
	};
}

static void undo_returned_fd(struct env *env, const void *args, int ret)
{
	close(ret);
}

static void fill_heap(const struct env *env, void *args)
{
	*(struct dma_heap_allocation_data *)args = (struct dma_heap_allocation_data){
		.len = GEM_SMALL,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
}

static void undo_heap(struct env *env, const void *args, int ret)
{
	const struct dma_heap_allocation_data *data = args;

	close(data->fd);
}

static int call_open_card(const struct env *env, void *args)
{
	int fd = open(env->device->primary, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void fill_nothing(const struct env *env, void *args)
{
}

#define FD(member)             offsetof(struct env, member)
#define DRM_FD                 FD(file.fd)
#define IOCTL(place, nr, type) .fd_offset = (place), .request = (nr), .size = sizeof(struct type)

const struct error_call error_calls[] = {
	{ "open-card", .gives_fd = true, .call = call_open_card, .fill = fill_nothing,
	  .undo = undo_returned_fd },
	/* ENOSPC: shmem without an inode (mm/shmem.c: __shmem_get_inode()) */
	{ "create", IOCTL(DRM_FD, DRM_IOCTL_MODE_CREATE_DUMB, drm_mode_create_dumb),
	  .fill = fill_create, .undo = undo_create, .also = ENOSPC },
	{ "close", .things = ENV_BUFFER, IOCTL(DRM_FD, DRM_IOCTL_GEM_CLOSE, drm_gem_close),
	  .fill = fill_close, .undo = undo_close },
	{ "map-offset", .things = ENV_BUFFER,
	  IOCTL(DRM_FD, DRM_IOCTL_MODE_MAP_DUMB, drm_mode_map_dumb), .fill = fill_map,
	  .undo = undo_nothing },
	{ "flink", CALL_FLINK, ENV_BUFFER, IOCTL(DRM_FD, DRM_IOCTL_GEM_FLINK, drm_gem_flink),
	  .fill = fill_flink, .undo = undo_nothing },
	{ "open", CALL_FLINK, ENV_BUFFER | ENV_NAME,
	  IOCTL(FD(other.fd), DRM_IOCTL_GEM_OPEN, drm_gem_open), .fill = fill_open,
	  .undo = undo_open },
	{ "export", CALL_EXPORT, ENV_BUFFER,
	  IOCTL(DRM_FD, DRM_IOCTL_PRIME_HANDLE_TO_FD, drm_prime_handle), .gives_fd = true,
	  .fill = fill_export, .undo = undo_export },
	{ "export-again", CALL_EXPORT, ENV_BUFFER | ENV_DMABUF,
	  IOCTL(DRM_FD, DRM_IOCTL_PRIME_HANDLE_TO_FD, drm_prime_handle), .gives_fd = true,
	  .fill = fill_export, .undo = undo_export },
	{ "import", CALL_EXPORT | CALL_IMPORT, ENV_BUFFER | ENV_DMABUF | ENV_NO_HANDLE,
	  IOCTL(DRM_FD, DRM_IOCTL_PRIME_FD_TO_HANDLE, drm_prime_handle), .fill = fill_import,
	  .undo = undo_import },
	{ "import-other-file", CALL_EXPORT | CALL_IMPORT, ENV_BUFFER | ENV_DMABUF,
	  IOCTL(FD(other.fd), DRM_IOCTL_PRIME_FD_TO_HANDLE, drm_prime_handle), .fill = fill_import,
	  .undo = undo_import_other },
	{ "import-foreign", CALL_IMPORT | CALL_FOREIGN, ENV_FOREIGN,
	  IOCTL(DRM_FD, DRM_IOCTL_PRIME_FD_TO_HANDLE, drm_prime_handle),
	  .fill = fill_import_foreign, .undo = undo_import, .optional = true },
	{ "addfb", CALL_MODESET, ENV_BUFFER, IOCTL(DRM_FD, DRM_IOCTL_MODE_ADDFB2, drm_mode_fb_cmd2),
	  .fill = fill_addfb, .undo = undo_addfb },
	{ "getfb", CALL_MODESET, ENV_BUFFER | ENV_FB,
	  IOCTL(DRM_FD, DRM_IOCTL_MODE_GETFB2, drm_mode_fb_cmd2), .fill = fill_getfb,
	  .undo = undo_getfb },
	{ "syncobj-create", CALL_SYNCOBJ,
	  IOCTL(DRM_FD, DRM_IOCTL_SYNCOBJ_CREATE, drm_syncobj_create), .fill = fill_syncobj_create,
	  .undo = undo_syncobj_create },
	{ "syncobj-to-fd", CALL_SYNCOBJ, ENV_SYNCOBJ,
	  IOCTL(DRM_FD, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, drm_syncobj_handle), .gives_fd = true,
	  .fill = fill_syncobj_to_fd, .undo = undo_syncobj_fd },
	{ "syncobj-from-fd", CALL_SYNCOBJ, ENV_SYNCOBJ | ENV_SYNCOBJ_FD,
	  IOCTL(DRM_FD, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, drm_syncobj_handle),
	  .fill = fill_fd_to_syncobj, .undo = undo_fd_to_syncobj },
	{ "syncobj-to-sync-file", CALL_SYNCOBJ, ENV_SYNCOBJ,
	  IOCTL(DRM_FD, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, drm_syncobj_handle), .gives_fd = true,
	  .fill = fill_syncobj_to_sync_file, .undo = undo_syncobj_fd },
	{ "syncobj-from-sync-file", CALL_SYNCOBJ | CALL_EXPORT,
	  ENV_BUFFER | ENV_DMABUF | ENV_SYNC_FILES | ENV_SYNCOBJ,
	  IOCTL(DRM_FD, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, drm_syncobj_handle),
	  .fill = fill_sync_file_to_syncobj, .undo = undo_nothing },
	{ "syncobj-point-from-sync-file", CALL_TIMELINE | CALL_EXPORT,
	  ENV_BUFFER | ENV_DMABUF | ENV_SYNC_FILES | ENV_SYNCOBJ,
	  IOCTL(DRM_FD, SYNCOBJ_IOCTL_FD_TO_HANDLE_POINT, syncobj_handle_point),
	  .fill = fill_sync_file_to_point, .undo = undo_nothing, .optional = true },
	{ "syncobj-transfer", CALL_TIMELINE, ENV_SYNCOBJ,
	  IOCTL(DRM_FD, DRM_IOCTL_SYNCOBJ_TRANSFER, drm_syncobj_transfer), .fill = fill_transfer,
	  .undo = undo_nothing },
	{ "syncobj-eventfd", CALL_TIMELINE, ENV_SYNCOBJ | ENV_EVENTFD,
	  IOCTL(DRM_FD, SYNCOBJ_IOCTL_EVENTFD, syncobj_eventfd), .fill = fill_syncobj_eventfd,
	  .undo = undo_nothing, .optional = true },
	{ "sync-file-merge", CALL_EXPORT, ENV_BUFFER | ENV_DMABUF | ENV_SYNC_FILES,
	  IOCTL(FD(sync[0]), SYNC_IOC_MERGE, sync_merge_data), .gives_fd = true, .fill = fill_merge,
	  .undo = undo_merge },
	{ "export-sync-file", CALL_EXPORT, ENV_BUFFER | ENV_DMABUF,
	  IOCTL(FD(dmabuf), DMA_BUF_IOCTL_EXPORT_SYNC_FILE, dma_buf_export_sync_file),
	  .gives_fd = true, .fill = fill_export_sync_file, .undo = undo_export_sync_file,
	  .optional = true },
	{ "import-sync-file", CALL_EXPORT, ENV_BUFFER | ENV_DMABUF | ENV_SYNC_FILES,
	  IOCTL(FD(dmabuf), DMA_BUF_IOCTL_IMPORT_SYNC_FILE, dma_buf_import_sync_file),
	  .fill = fill_import_sync_file, .undo = undo_nothing, .optional = true },
	{ "fence-attach", CALL_VGEM, ENV_BUFFER,
	  IOCTL(DRM_FD, VGEM_IOCTL_FENCE_ATTACH, vgem_fence_attach), .fill = fill_attach,
	  .undo = undo_attach },
	{ "udmabuf-create", CALL_UDMABUF, ENV_MEMFD,
	  IOCTL(FD(udmabuf), UDMABUF_CREATE, udmabuf_create), .gives_fd = true,
	  .fill = fill_udmabuf, .undo = undo_returned_fd },
	{ "heap-alloc", CALL_HEAP, IOCTL(FD(heap), DMA_HEAP_IOCTL_ALLOC, dma_heap_allocation_data),
	  .gives_fd = true, .fill = fill_heap, .undo = undo_heap },
};

const size_t error_calls_count = sizeof(error_calls) / sizeof(error_calls[0]);

const char *error_call_missing(const struct error_call *call, const struct env *env)
{
	const struct drm_caps *caps = &env->caps;
	const struct {
		enum call_needs need;
		bool met;
		const char *text;
	} rows[] = {
		{ CALL_FLINK, caps->flink, "no flink names" },
		{ CALL_EXPORT, caps->prime_export, "no PRIME export" },
		{ CALL_IMPORT, caps->prime_import, "no PRIME import" },
		{ CALL_SYNCOBJ, caps->syncobj, "no syncobjs" },
		{ CALL_TIMELINE, caps->syncobj_timeline, "no timeline syncobjs" },
		{ CALL_MODESET, caps->modeset, "no modesetting" },
		{ CALL_VGEM, vgem_has_fences(&env->file), "not vgem" },
		{ CALL_UDMABUF, env->udmabuf >= 0, "no udmabuf" },
		{ CALL_HEAP, env->heap >= 0, "no dma-buf heap" },
		{ CALL_FOREIGN, env->udmabuf >= 0 || env->heap >= 0, "no other exporter" },
	};

	/* Not asked for: without a display the kernel does not tell. */
	if (env->file.driver->buffers != &drm_dumb_buffers)
		return "no dumb buffers";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((call->needs & rows[i].need) && !rows[i].met)
			return rows[i].text;
	return NULL;
}

int error_call_make(const struct error_call *call, const struct env *env, void *args)
{
	int fd, ret;

	if (call->call)
		return call->call(env, args);
	memcpy(&fd, (const char *)env + call->fd_offset, sizeof(fd));
	ret = ioctl(fd, call->request, args);
	return ret < 0 ? -errno : ret;
}

bool error_call_answers_last(const struct error_call *call)
{
	return _IOC_TYPE(call->request) == DRM_IOCTL_BASE && (_IOC_DIR(call->request) & _IOC_READ);
}
