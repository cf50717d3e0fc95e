/* SPDX-License-Identifier: MIT */
#ifndef SUITE_CROSS_H
#define SUITE_CROSS_H

#include "drm/exporter.h"
#include "drm/file.h"
#include "suite/suite.h"

#define CROSS_IMPORTERS 2

/** Who exports and who imports: two devices, or an exporter that is no DRM device and one. */
struct cross_pair {
	const struct drm_device *device;     /**< the exporter, or NULL */
	const struct drm_exporter *exporter; /**< the exporter where @device is NULL */
	const struct drm_device *importer;
	char name[84]; /**< "exporter-importer" */
};

/** struct cross - a pair at work */
struct cross {
	const struct cross_pair *pair;
	struct drm_file exporter; /**< closed when it is no DRM device */
	struct drm_file importer[CROSS_IMPORTERS];
};

typedef void cross_test(const struct suite *suite, const struct cross_pair *pair, const void *data);

/** Runs @test on each pair of the suite's devices, each as a dynamic subtest of the pair's name. */
void cross_on_each_pair(const struct suite *suite, cross_test *test, const void *data);

/** Opens the files; skips without buffers to export. */
void cross_init(struct cross *cross, const struct cross_pair *pair);
void cross_finish(struct cross *cross);

/**
 * Skips when the importer does not take the exporter's dma-bufs, which it tells only when it is
 * given one. That happens in files of its own, so that nothing of it is in the caches of @cross.
 */
void cross_require_import(const struct cross *cross);

/** Skips when the exporter has no handles, as it is no DRM device. */
void cross_require_handles(const struct cross_pair *pair);

/** Opens those of the files that are closed. 0 or -errno. */
int cross_reopen(struct cross *cross);

/**
 * A new buffer of @size bytes with one fd. *@ret_handle is the exporter's handle, 0 where it knows
 * none. 0 or -errno.
 */
int __cross_create(const struct cross *cross, uint64_t size, uint32_t *ret_handle, int *ret_fd);

#endif
