// SPDX-License-Identifier: MIT
#include "oracle/probes.h"

/* What a function returns that gives an object, NULL or ERR_PTR(). */
#define VALID "obj != 0 && obj < 0xfffffffffffff000"

/*
 * Only functions that cannot be inlined where they matter: exported to other modules, or called
 * through a pointer. drm_syncobj_free() for one is neither, so syncobjs are not counted. A way that names a struct's member ("dentry->d_fsdata") needs BTF
 * and Linux 6.6; without it the death of those is counted, but not whose.
 */
const struct probe probes[] = {
	/* Called first by drm_gem_object_init() and by drivers with memory of their own. */
	{ CENSUS_GEM_OBJECT, false, "gem_new",
	  { { "p", "drm_gem_private_object_init obj=$arg2:x64", true } }, NULL },
	{ CENSUS_GEM_OBJECT, true, "gem_free",
	  { { "p", "drm_gem_object_release obj=$arg1:x64", true } }, NULL },

	{ CENSUS_DMA_BUF, false, "buf_new",
	  { { "r", "dma_buf_export obj=$retval:x64", true } }, VALID },
	{ CENSUS_DMA_BUF, true, "buf_free",
	  { { "p", "dma_buf_release obj=dentry->d_fsdata:x64", true },
	    { "p", "dma_buf_release", false } }, NULL },

	/* In drm_file_alloc() and drm_file_free(), which are inlined here and there. */
	{ CENSUS_DRM_FILE, false, "file_new",
	  { { "p", "drm_gem_open obj=$arg2:x64", true } }, NULL },
	{ CENSUS_DRM_FILE, true, "file_free",
	  { { "p", "drm_gem_release obj=$arg2:x64", true } }, NULL },

	{ CENSUS_FRAMEBUFFER, false, "fb_new",
	  { { "p", "drm_framebuffer_init obj=$arg2:x64", true } }, NULL },
	{ CENSUS_FRAMEBUFFER, true, "fb_free",
	  { { "p", "drm_framebuffer_cleanup obj=$arg1:x64", true } }, NULL },

	{ CENSUS_SYNC_FILE, false, "sync_file_new",
	  { { "r", "sync_file_create obj=$retval:x64", true } }, VALID },
	{ CENSUS_SYNC_FILE, true, "sync_file_free",
	  { { "p", "sync_file_release obj=file->private_data:x64", true },
	    { "p", "sync_file_release", false } }, NULL },

	/* Tracepoints of their own: no kprobe needed. */
	{ CENSUS_FENCE, false, "dma_fence/dma_fence_init", { { 0 } }, NULL },
	{ CENSUS_FENCE, true, "dma_fence/dma_fence_destroy", { { 0 } }, NULL },
};

const size_t nr_probes = sizeof(probes) / sizeof(probes[0]);
