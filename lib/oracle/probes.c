// SPDX-License-Identifier: MIT
#include "oracle/probes.h"

/* What a function returns that gives an object, NULL or ERR_PTR(). */
#define VALID "obj != 0 && obj < 0xfffffffffffff000"

/*
 * Only functions that cannot be inlined where they matter: called from another file or module, or
 * through a pointer. drm_syncobj_free() for one is inlined, so syncobjs are not counted.
 *
 * A way that names a struct's member ("dentry->d_fsdata") needs BTF and Linux 6.6; without it such
 * deaths are counted, but not whose they are. All ways were seen to work on 6.1, 6.12 and 7.2.
 */
const struct probe probes[] = {
	/* Called first by drm_gem_object_init() and by drivers with memory of their own. */
	{ .kind = CENSUS_GEM_OBJECT,
	  .event = "gem_new",
	  .way = { { "p", "drm_gem_private_object_init obj=$arg2:x64", true } } },
	{ .kind = CENSUS_GEM_OBJECT,
	  .death = true,
	  .event = "gem_free",
	  .way = { { "p", "drm_gem_object_release obj=$arg1:x64", true } } },

	{ .kind = CENSUS_DMA_BUF,
	  .event = "buf_new",
	  .way = { { "r", "dma_buf_export obj=$retval:x64", true } },
	  .filter = VALID },
	{ .kind = CENSUS_DMA_BUF,
	  .death = true,
	  .event = "buf_free",
	  .way = { { "p", "dma_buf_release obj=dentry->d_fsdata:x64", true },
		   { "p", "dma_buf_release", false } } },

	/* In drm_file_alloc() and drm_file_free(), which are inlined here and there. */
	{ .kind = CENSUS_DRM_FILE,
	  .event = "file_new",
	  .way = { { "p", "drm_gem_open obj=$arg2:x64", true } } },
	{ .kind = CENSUS_DRM_FILE,
	  .death = true,
	  .event = "file_free",
	  .way = { { "p", "drm_gem_release obj=$arg2:x64", true } } },

	{ .kind = CENSUS_FRAMEBUFFER,
	  .event = "fb_new",
	  .way = { { "p", "drm_framebuffer_init obj=$arg2:x64", true } } },
	{ .kind = CENSUS_FRAMEBUFFER,
	  .death = true,
	  .event = "fb_free",
	  .way = { { "p", "drm_framebuffer_cleanup obj=$arg1:x64", true } } },

	{ .kind = CENSUS_SYNC_FILE,
	  .event = "sync_file_new",
	  .way = { { "r", "sync_file_create obj=$retval:x64", true } },
	  .filter = VALID },
	{ .kind = CENSUS_SYNC_FILE,
	  .death = true,
	  .event = "sync_file_free",
	  .way = { { "p", "sync_file_release obj=file->private_data:x64", true },
		   { "p", "sync_file_release", false } } },

	/* Tracepoints of their own: no kprobe needed. */
	{ .kind = CENSUS_FENCE, .event = "dma_fence/dma_fence_init" },
	{ .kind = CENSUS_FENCE, .death = true, .event = "dma_fence/dma_fence_destroy" },
};

const size_t nr_probes = sizeof(probes) / sizeof(probes[0]);
