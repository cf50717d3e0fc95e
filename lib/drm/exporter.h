/* SPDX-License-Identifier: MIT */
/*
 * Exporters of dma-bufs that are not DRM devices: whoever imports from them is a foreign importer,
 * and no handle stands beside the fd.
 */
#ifndef DRM_EXPORTER_H
#define DRM_EXPORTER_H

#include <stdint.h>

#include "drm/io.h"

struct drm_exporter {
	const char *name;     /**< for subtests: "udmabuf", "dma-heap" */
	const char *exporter; /**< exp_name in the fdinfo of its dma-bufs */
	/** A new dma-buf of @size bytes, a multiple of the page size; close-on-exec. */
	int (*create)(const struct drm_io *io, uint64_t size, int *ret_fd);
};

/** All of them: ends with a NULL name. */
extern const struct drm_exporter drm_exporters[];

/** A dma-buf over a memfd (/dev/udmabuf). -ENOENT, -ENXIO or -ENODEV: the kernel has none. */
int __udmabuf_create(const struct drm_io *io, uint64_t size, int *ret_fd);

/** A dma-buf of the system heap (/dev/dma_heap/system). Errors as above. */
int __dma_heap_create(const struct drm_io *io, uint64_t size, int *ret_fd);

#endif
