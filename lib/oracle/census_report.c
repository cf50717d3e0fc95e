// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <string.h>

#include "oracle/census.h"

static const char *const kind_names[CENSUS_NR_KINDS] = {
	[CENSUS_GEM_OBJECT] = "GEM object", [CENSUS_DMA_BUF] = "dma-buf",
	[CENSUS_DRM_FILE] = "drm file",     [CENSUS_FRAMEBUFFER] = "framebuffer",
	[CENSUS_SYNC_FILE] = "sync_file",   [CENSUS_FENCE] = "dma_fence",
};

static void report_object(const struct census_object *object, uint64_t since_us, FILE *out)
{
	fprintf(out, "  %s %" PRIx64 ", created by ", kind_names[object->kind], object->address);
	if (object->comm[0])
		fprintf(out, "%s (pid %d)", object->comm, object->pid);
	else
		fprintf(out, "pid %d", object->pid);
	if (object->born_us)
		fprintf(out, ", %.6f s after the start", (object->born_us - since_us) / 1e6);
	for (unsigned int i = 0; i < object->nr_frames; i++)
		fprintf(out, "%s%s", i ? " <- " : ": ", object->frames[i]);
	fputc('\n', out);
}

void census_report(const struct census_count counts[CENSUS_NR_KINDS],
		   const struct census_object *objects, size_t nr, size_t most, uint64_t since_us,
		   FILE *out)
{
	size_t told = 0, more = 0;

	for (int kind = 0; kind < CENSUS_NR_KINDS; kind++) {
		const struct census_count *count = &counts[kind];

		if (count->err) {
			fprintf(out, "%s: not counted (%s)\n", kind_names[kind],
				strerror(-count->err));
			continue;
		}
		fprintf(out, "%s: %" PRIu64 " created, %" PRIu64 " released, %" PRId64 " alive%s\n",
			kind_names[kind], count->created, count->released, count->alive,
			count->dropped ? " (not exact: too many places)"
			: count->exact ? ""
				       : " (by count alone)");
	}
	for (size_t i = 0; i < nr; i++) {
		if (objects[i].born_us && objects[i].born_us < since_us)
			continue;
		if (told == most) {
			more++;
			continue;
		}
		told++;
		report_object(&objects[i], since_us, out);
	}
	if (more)
		fprintf(out, "  ... and %zu more\n", more);
}
