// SPDX-License-Identifier: MIT
#include "suite/fences.h"

#include <errno.h>
#include <linux/dma-buf.h>
#include <string.h>

#include "drm/gem.h"
#include "drm/prime.h"
#include "drm/sw_sync.h"
#include "drm/sync_file.h"
#include "drm/vgem.h"
#include "igt/assert.h"
#include "oracle/census.h"
#include "oracle/ledger.h"
#include "oracle/settle.h"
#include "sys/file.h"
#include "sys/waiting.h"

#define PAUSE_US 10000

static const struct drm_io *const io = &drm_io_kernel;

static void vgem_init(struct fences *fences, const struct suite *suite)
{
	size_t i = 0;

	while (i < suite->count && strcmp(suite->device[i].drm->driver, "vgem"))
		i++;
	igt_require_f(i < suite->count, "no vgem here\n");
	drm_file_open(suite->device[i].drm, &fences->file);
	for (i = 0; i < FENCES_MAX; i++) {
		fences->buffer[i] = gem_create(&fences->file, GEM_SMALL);
		fences->dmabuf[i] = prime_handle_to_fd(&fences->file, fences->buffer[i]);
	}
}

static int vgem_add(struct fences *fences, unsigned int which)
{
	int ret = __vgem_fence_attach(&fences->file, fences->buffer[which], true,
				      &fences->id[which]);

	if (ret)
		return ret;
	return __dmabuf_export_sync_file(io, fences->dmabuf[which], DMA_BUF_SYNC_RW,
					 &fences->fd[which]);
}

static int vgem_signal(struct fences *fences, unsigned int which)
{
	return __vgem_fence_signal(&fences->file, fences->id[which]);
}

static void vgem_signal_rest(struct fences *fences)
{
	for (unsigned int i = 0; i < FENCES_MAX; i++) {
		if (fences->id[i])
			vgem_signal(fences, i);
		fences->id[i] = 0;
	}
}

static void sw_sync_init(struct fences *fences, const struct suite *suite)
{
	fences->timeline = sw_sync_require(io);
}

static int sw_sync_add(struct fences *fences, unsigned int which)
{
	int ret = __sw_sync_create(io, fences->timeline, fences->due + 1, &fences->fd[which]);

	if (!ret)
		fences->due++;
	return ret;
}

static int sw_sync_signal(struct fences *fences, unsigned int which)
{
	fences->counter++;
	return __sw_sync_inc(io, fences->timeline, 1);
}

static void sw_sync_signal_rest(struct fences *fences)
{
	__sw_sync_inc(io, fences->timeline, fences->due - fences->counter);
	fences->counter = fences->due;
}

const struct fence_source fence_source_vgem = {
	"vgem", "vgem", vgem_init, vgem_add, vgem_signal, vgem_signal_rest,
};

static const struct fence_source source_sw_sync = {
	"sw_sync", "sw_sync", sw_sync_init, sw_sync_add, sw_sync_signal, sw_sync_signal_rest,
};

const struct fence_source *const fence_sources[] = { &fence_source_vgem, &source_sw_sync, NULL };

void fences_init(struct fences *fences, const struct fence_source *source,
		 const struct suite *suite)
{
	*fences = (struct fences){
		.source = source,
		.fd = { -1, -1 },
		.dmabuf = { -1, -1 },
		.file = DRM_FILE_CLOSED,
		.timeline = -1,
	};
	source->init(fences, suite);
}

void fences_finish(struct fences *fences)
{
	fences_end(fences);
	for (unsigned int i = 0; i < FENCES_MAX; i++)
		sys_closep(&fences->dmabuf[i]);
	drm_file_close(&fences->file);
	sys_closep(&fences->timeline);
}

int fences_new(struct fences *fences, unsigned int which)
{
	int ret = fences->source->add(fences, which);

	if (ret)
		fences_end(fences);
	return ret;
}

int fences_signal(struct fences *fences, unsigned int which)
{
	return fences->source->signal(fences, which);
}

void fences_end(struct fences *fences)
{
	fences->source->signal_rest(fences);
	for (unsigned int i = 0; i < FENCES_MAX; i++)
		sys_closep(&fences->fd[i]);
}

struct census *fences_count(void)
{
	const struct census_opts opts = { .kinds = 1u << CENSUS_FENCE, .no_stacks = true };
	struct census *census;
	int ret = census_open(&opts, &census);

	igt_require_f(ret == 0, "no census here: %s\n", strerror(-ret));
	return census;
}

/* They die after a grace period. */
int64_t fences_left(struct census *census, uint64_t made)
{
	struct sys_wait wait = sys_wait_for(LEDGER_SETTLE_MS, PAUSE_US);
	struct census_count counts[CENSUS_NR_KINDS];
	const struct census_count *fences = &counts[CENSUS_FENCE];

	do {
		int ret = census_read(census, counts);

		igt_assert_f(ret == 0, "reading the census: %s\n", strerror(-ret));
		if (fences->err || fences->alive <= 0)
			break;
		oracle_catch_up();
	} while (sys_wait_again(&wait));
	census_close(census);
	igt_require_f(!fences->err, "fences are not counted here: %s\n", strerror(-fences->err));
	igt_info("%llu fences made, %llu gone\n", (unsigned long long)fences->created,
		 (unsigned long long)fences->released);
	igt_assert_f(fences->created >= made, "the census missed fences\n");
	return fences->alive;
}
