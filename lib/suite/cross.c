// SPDX-License-Identifier: MIT
#include "suite/cross.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drm/caps.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"

static void run(const struct suite *suite, struct cross_pair *pair, const char *exporter,
		const struct suite_device *importer, cross_test *test, const void *data)
{
	pair->importer = importer->drm;
	snprintf(pair->name, sizeof(pair->name), "%s-%s", exporter, importer->label);
	igt_dynamic(pair->name)
		test(suite, pair, data);
}

void cross_on_each_pair(const struct suite *suite, cross_test *test, const void *data)
{
	/* volatile: a dynamic subtest that ends early comes back here by longjmp() */
	for (volatile size_t to = 0; to < suite->count; to++) {
		for (volatile size_t from = 0; from < suite->count; from++) {
			struct cross_pair pair = { .device = suite->device[from].drm };

			if (from != to)
				run(suite, &pair, suite->device[from].label, &suite->device[to],
				    test, data);
		}
		for (const struct drm_exporter *volatile from = drm_exporters; from->name; from++) {
			struct cross_pair pair = { .exporter = from };

			run(suite, &pair, from->name, &suite->device[to], test, data);
		}
	}
}

int __cross_create(const struct cross *cross, uint64_t size, uint32_t *ret_handle, int *ret_fd)
{
	uint32_t handle = 0;
	int ret;

	if (cross->pair->exporter) {
		*ret_handle = 0;
		return cross->pair->exporter->create(&drm_io_kernel, size, ret_fd);
	}
	ret = __gem_create(&cross->exporter, size, &handle);
	if (ret)
		return ret;
	ret = __prime_handle_to_fd(&cross->exporter, handle, ret_fd);
	if (ret)
		__gem_close(&cross->exporter, handle);
	else
		*ret_handle = handle;
	return ret;
}

int cross_reopen(struct cross *cross)
{
	const struct cross_pair *pair = cross->pair;
	int ret = 0;

	if (pair->device && cross->exporter.fd < 0)
		ret = __drm_file_open(&drm_io_kernel, pair->device->primary, &cross->exporter);
	for (unsigned int i = 0; i < CROSS_IMPORTERS && !ret; i++)
		if (cross->importer[i].fd < 0)
			ret = __drm_file_open(&drm_io_kernel, pair->importer->primary,
					      &cross->importer[i]);
	return ret;
}

void cross_init(struct cross *cross, const struct cross_pair *pair)
{
	int ret;

	*cross = (struct cross){
		.pair = pair,
		.exporter = DRM_FILE_CLOSED,
		.importer = { DRM_FILE_CLOSED, DRM_FILE_CLOSED },
	};
	ret = cross_reopen(cross);
	igt_assert_f(ret == 0, "%s: cannot open the devices: %s\n", pair->name, strerror(-ret));
	if (pair->device)
		drm_require_buffers(&cross->exporter);
}

void cross_require_import(const struct cross *cross)
{
	uint32_t handle = 0, imported = 0;
	struct cross trial;
	int fd = -1, ret;

	cross_init(&trial, cross->pair);
	ret = __cross_create(&trial, GEM_SMALL, &handle, &fd);
	igt_require_f(ret == 0, "%s: no dma-buf to import: %s\n", cross->pair->name,
		      strerror(-ret));
	ret = __prime_fd_to_handle(&trial.importer[0], fd, &imported);
	close(fd);
	cross_finish(&trial);
	igt_require_f(ret == 0, "%s: cannot be imported: %s\n", cross->pair->name, strerror(-ret));
}

void cross_require_handles(const struct cross_pair *pair)
{
	igt_require_f(pair->device, "%s: the exporter has no handles\n", pair->name);
}

void cross_finish(struct cross *cross)
{
	drm_file_close(&cross->exporter);
	for (unsigned int i = 0; i < CROSS_IMPORTERS; i++)
		drm_file_close(&cross->importer[i]);
}
