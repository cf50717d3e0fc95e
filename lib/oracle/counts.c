// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oracle/counts.h"
#include "oracle/hist.h"
#include "oracle/tracefs.h"

#define NAME "gemrace_counts"

/* The fewest buckets that the kernel takes: one is used, its key is the same for every hit. */
#define HIST "hist:keys=common_type:size=128"

/*
 * Stubs, signaled from the start, are in no context. The one that all share is made when it is
 * first wanted and never goes: dma_fence_get_stub().
 */
#define FENCE_FILTER "context != 0"

static const char *const kind_names[COUNT_NR_KINDS] = {
	[COUNT_GEM_OBJECT] = "GEM object",
	[COUNT_SYNC_FILE] = "sync_file",
	[COUNT_SYNCOBJ] = "syncobj",
	[COUNT_FENCE] = "dma_fence",
};

/* Deaths first: an object that dies between two probes' arming would count as alive for ever. */
static const struct counter {
	enum count_kind kind;
	bool death;
	bool optional;      /* not on every kernel, and none the worse for it */
	const char *event;  /* in our group, or "group/event" of a tracepoint */
	const char *place;  /* what kprobe_events takes, NULL for a tracepoint */
	const char *filter; /* NULL: every hit counts */
} counters[] = {
	{ COUNT_GEM_OBJECT, true, false, "gem_free", "p drm_gem_object_release", NULL },
	/* Called on its own where drm_gem_object_init() failed half way; else inlined. Linux 6.3 */
	{ COUNT_GEM_OBJECT, true, true, "gem_fini", "p drm_gem_private_object_fini", NULL },
	{ COUNT_SYNC_FILE, true, false, "sync_file_free", "p sync_file_release", NULL },
	/* drm_syncobj_free() is inlined, and gives up the fence in this way; so does a reset. */
	{ COUNT_SYNCOBJ, true, false, "syncobj_free", "p drm_syncobj_replace_fence fence=$arg2:x64",
	  "fence == 0" },
	{ COUNT_FENCE, true, false, "dma_fence/dma_fence_destroy", NULL, FENCE_FILTER },
	{ COUNT_GEM_OBJECT, false, false, "gem_new", "p drm_gem_private_object_init", NULL },
	{ COUNT_SYNC_FILE, false, false, "sync_file_new", "r sync_file_create ret=$retval:x64",
	  "ret != 0" },
	{ COUNT_SYNCOBJ, false, false, "syncobj_new", "r drm_syncobj_create ret=$retval:s32",
	  "ret == 0" },
	{ COUNT_FENCE, false, false, "dma_fence/dma_fence_init", NULL, FENCE_FILTER },
};

#define NR_COUNTERS (sizeof(counters) / sizeof(counters[0]))

struct counts {
	struct tracefs tracefs;
	int err[COUNT_NR_KINDS];
};

const char *count_kind_name(enum count_kind kind)
{
	return kind_names[kind];
}

static void event_path(const struct counter *counter, const char *file, char *buf, size_t size)
{
	snprintf(buf, size, "events/%s%s%s/%s", counter->place ? NAME : "",
		 counter->place ? "/" : "", counter->event, file);
}

static int arm(const struct counts *counts, const struct counter *counter)
{
	char path[128], command[192];
	int err = 0;

	if (counter->place) {
		snprintf(command, sizeof(command), "%c:%s/%s%s\n", counter->place[0], NAME,
			 counter->event, counter->place + 1);
		err = tracefs_write(counts->tracefs.dir, "kprobe_events", command);
	}
	if (err)
		return err == -EINVAL ? -ENOENT : err;
	snprintf(command, sizeof(command), HIST "%s%s", counter->filter ? " if " : "",
		 counter->filter ? counter->filter : "");
	event_path(counter, "trigger", path, sizeof(path));
	return tracefs_write(counts->tracefs.instance, path, command);
}

static int arm_all(struct counts *counts)
{
	int last = -ENOENT;
	bool any = false;

	for (size_t i = 0; i < NR_COUNTERS; i++) {
		int *err = &counts->err[counters[i].kind], this;

		if (*err)
			continue;
		this = arm(counts, &counters[i]);
		if (this && !counters[i].optional)
			last = *err = this;
	}
	for (int kind = 0; kind < COUNT_NR_KINDS; kind++)
		any |= !counts->err[kind];
	return any ? 0 : last;
}

int counts_open(const char *root, bool create, struct counts **ret)
{
	struct counts *counts = calloc(1, sizeof(*counts));
	bool made = false;
	int err;

	if (!counts)
		return -ENOMEM;
	err = tracefs_open(&counts->tracefs, root, NAME, create, &made);
	if (!err && made)
		err = arm_all(counts);
	if (err) {
		counts_close(counts, !made);
		return err;
	}
	*ret = counts;
	return 0;
}

void counts_close(struct counts *counts, bool keep)
{
	if (!counts)
		return;
	if (keep)
		tracefs_leave(&counts->tracefs);
	else
		tracefs_destroy(&counts->tracefs);
	free(counts);
}

static int read_counter(const struct counts *counts, const struct counter *counter, int64_t *ret)
{
	struct hist hist = { 0 };
	char path[128], *buf;
	size_t len;
	int err;

	event_path(counter, "hist", path, sizeof(path));
	err = text_read_at(counts->tracefs.instance, path, &buf, &len);
	if (err)
		return err;
	err = hist_parse((struct text){ buf, len }, &hist);
	if (!err && hist.refused)
		err = -EBADMSG;
	if (!err)
		*ret = hist.hits;
	hist_finish(&hist);
	free(buf);
	return err;
}

int counts_read(struct counts *counts, struct count ret[COUNT_NR_KINDS])
{
	int64_t hits[NR_COUNTERS] = { 0 };
	int64_t released, ended;

	for (int kind = 0; kind < COUNT_NR_KINDS; kind++)
		ret[kind] = (struct count){ .err = counts->err[kind] };
	/* Births first: what is born and dies in between is not alive. The table ends with them. */
	for (size_t i = NR_COUNTERS; i-- > 0;) {
		const struct counter *counter = &counters[i];
		struct count *count = &ret[counter->kind];
		int err = count->err ? 0 : read_counter(counts, counter, &hits[i]);

		if (err == -ENOMEM)
			return err;
		if (err && !counter->optional)
			count->err = err;
		if (counter->death && !counter->optional)
			count->died += hits[i];
		else if (!counter->death)
			count->born += hits[i];
	}
	/* drm_gem_object_release() may inline the inner function; called, that one sees all. */
	released = hits[0];
	ended = hits[1];
	ret[COUNT_GEM_OBJECT].died = ended && ended >= released ? ended : released + ended;
	return 0;
}
