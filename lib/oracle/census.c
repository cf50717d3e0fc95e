// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/census.h"
#include "oracle/hist.h"
#include "oracle/probes.h"
#include "oracle/tracefs.h"

/*
 * Buckets of each histogram, a power of two: distinct addresses times distinct callers. A race
 * that keeps a thousand buffers alive at once still fits. The kernel allocates all of them at once,
 * one by one, which is most of the time that census_open() takes.
 */
#define BUCKETS 2048

#define MAX_PROBES 32

struct census {
	struct tracefs tracefs;
	bool stacks;
	int err[CENSUS_NR_KINDS];
	bool keyed[MAX_PROBES];
	struct hist birth[CENSUS_NR_KINDS], death[CENSUS_NR_KINDS];
};

/* Adds the event through the best way that this kernel takes. */
static int define(struct census *census, size_t i)
{
	const struct probe *probe = &probes[i];
	int err = -ENOENT;

	if (!probe->way[0].type)
		return 0; /* a tracepoint: nothing to define */
	for (size_t w = 0; err && w < PROBE_WAYS && probe->way[w].type; w++) {
		char command[192];

		snprintf(command, sizeof(command), "%s:%s/%s %s\n", probe->way[w].type,
			 census->tracefs.name, probe->event, probe->way[w].place);
		err = tracefs_write(census->tracefs.dir, "kprobe_events", command);
		census->keyed[i] = !err && probe->way[w].keyed;
	}
	/* "Invalid probed address or symbol" is -EINVAL or -ENOENT, by version. */
	return err == -EINVAL ? -ENOENT : err;
}

static void event_path(const struct census *census, size_t i, const char *file, char *buf,
		       size_t size)
{
	const struct probe *probe = &probes[i];

	if (probe->way[0].type)
		snprintf(buf, size, "events/%s/%s/%s", census->tracefs.name, probe->event, file);
	else
		snprintf(buf, size, "events/%s/%s", probe->event, file);
}

static int count(struct census *census, size_t i)
{
	const struct probe *probe = &probes[i];
	const char *keys = census->keyed[i] ? "obj" : "common_pid";
	/* An address may be used again: of a bucket's hits only the last one's object can live. */
	static const char time[] = ":ts=common_timestamp.usecs:clock=mono";
	static const char last[] = ":onmax($ts).save(common_pid)";
	bool births = census->stacks && !probe->death;
	bool timed = births;
	char path[128], command[256];
	const char *more = "";
	int err;

	if (births)
		more = census->keyed[i] ? ",common_pid.execname,stacktrace" : ",stacktrace";
	event_path(census, i, "trigger", path, sizeof(path));
	do {
		snprintf(command, sizeof(command), "hist:keys=%s%s%s:size=%d%s%s%s", keys, more,
			 timed ? time : "", BUCKETS, timed ? last : "", probe->filter ? " if " : "",
			 probe->filter ? probe->filter : "");
		err = tracefs_write(census->tracefs.instance, path, command);
	} while (err && timed && !(timed = false));
	return err;
}

int census_open(const struct census_opts *opts, struct census **ret)
{
	unsigned int kinds = opts && opts->kinds ? opts->kinds : ~0u;
	struct census *census = calloc(1, sizeof(*census));
	bool any = false;
	int err;

	if (!census)
		return -ENOMEM;
	census->stacks = !opts || !opts->no_stacks;
	for (int kind = 0; kind < CENSUS_NR_KINDS; kind++)
		census->err[kind] = kinds & (1u << kind) ? 0 : -ECANCELED;
	err = tracefs_create(&census->tracefs, opts ? opts->root : NULL);
	for (size_t i = 0; !err && i < nr_probes; i++) {
		int *kind_err = &census->err[probes[i].kind];

		if (!*kind_err)
			*kind_err = define(census, i);
	}
	/* Deaths first: an object that dies between the two triggers would live forever. */
	for (int death = 1; !err && death >= 0; death--) {
		for (size_t i = 0; i < nr_probes; i++) {
			int *kind_err = &census->err[probes[i].kind];

			if (!*kind_err && probes[i].death == death)
				*kind_err = count(census, i);
		}
	}
	for (int kind = 0; kind < CENSUS_NR_KINDS; kind++)
		any |= !census->err[kind];
	if (err || !any) {
		if (!err)
			err = census->err[CENSUS_GEM_OBJECT];
		census_close(census);
		return err ? err : -ENOENT;
	}
	*ret = census;
	return 0;
}

void census_close(struct census *census)
{
	if (!census)
		return;
	for (int kind = 0; kind < CENSUS_NR_KINDS; kind++) {
		hist_finish(&census->birth[kind]);
		hist_finish(&census->death[kind]);
	}
	tracefs_destroy(&census->tracefs);
	free(census);
}

static int read_hist(struct census *census, size_t i)
{
	const struct probe *probe = &probes[i];
	struct hist *hist = probe->death ? &census->death[probe->kind]
					 : &census->birth[probe->kind];
	char path[128], *buf;
	size_t len;
	int err;

	if (census->err[probe->kind])
		return 0;
	event_path(census, i, "hist", path, sizeof(path));
	err = text_read_at(census->tracefs.instance, path, &buf, &len);
	if (!err) {
		err = hist_parse((struct text){ buf, len }, hist);
		free(buf);
	}
	/* A module that went away took its events along. */
	if (err && err != -ENOMEM)
		census->err[probe->kind] = err;
	else if (!err && hist->refused)
		census->err[probe->kind] = -EBADMSG;
	return err == -ENOMEM ? err : 0;
}

/* Births first: what is born and dies in between then counts as never born, not as alive. */
static int read_all(struct census *census)
{
	int err = 0;

	for (int kind = 0; kind < CENSUS_NR_KINDS; kind++) {
		hist_finish(&census->birth[kind]);
		hist_finish(&census->death[kind]);
	}
	for (int death = 0; death <= 1; death++) {
		for (size_t i = 0; !err && i < nr_probes; i++) {
			if (probes[i].death == death)
				err = read_hist(census, i);
		}
	}
	return err;
}

static int by_key(const void *left, const void *right)
{
	const struct hist_entry *a = left, *b = right;

	return a->key < b->key ? -1 : a->key > b->key;
}

static bool is_exact(const struct census *census, enum census_kind kind)
{
	bool exact = true;

	for (size_t i = 0; i < nr_probes; i++)
		exact &= probes[i].kind != kind || census->keyed[i];
	return exact;
}

/*
 * Calls @found for every address that was born more often than it died, with the bucket of its
 * last birth, or of one where no time is told; both histograms are sorted by address on the way.
 * Returns 0 or what @found returned.
 */
static int for_each_alive(struct hist *birth, struct hist *death,
			  int (*found)(const struct hist_entry *entry, uint64_t alive, void *data),
			  void *data)
{
	size_t d = 0;
	int err = 0;

	if (birth->nr)
		qsort(birth->entries, birth->nr, sizeof(*birth->entries), by_key);
	if (death->nr)
		qsort(death->entries, death->nr, sizeof(*death->entries), by_key);
	for (size_t b = 0; !err && b < birth->nr;) {
		const struct hist_entry *entry = &birth->entries[b];
		uint64_t born = 0, died = 0;
		size_t first = b;

		for (; b < birth->nr && birth->entries[b].key == birth->entries[first].key; b++) {
			born += birth->entries[b].hits;
			if (birth->entries[b].last > entry->last)
				entry = &birth->entries[b];
		}
		while (d < death->nr && death->entries[d].key < entry->key)
			d++;
		for (; d < death->nr && death->entries[d].key == entry->key; d++)
			died += death->entries[d].hits;
		if (born > died)
			err = found(entry, born - died, data);
	}
	return err;
}

static int add_alive(const struct hist_entry *entry, uint64_t alive, void *data)
{
	*(int64_t *)data += alive;
	return 0;
}

int census_read(struct census *census, struct census_count counts[CENSUS_NR_KINDS])
{
	int err = read_all(census);

	if (err)
		return err;
	for (int kind = 0; kind < CENSUS_NR_KINDS; kind++) {
		struct hist *birth = &census->birth[kind], *death = &census->death[kind];
		struct census_count *count = &counts[kind];

		*count = (struct census_count){ .err = census->err[kind] };
		if (count->err)
			continue;
		count->created = birth->hits;
		count->released = death->hits;
		count->dropped = birth->dropped + death->dropped;
		count->exact = is_exact(census, kind);
		if (count->exact)
			for_each_alive(birth, death, add_alive, &count->alive);
		else
			count->alive = (int64_t)(birth->hits - death->hits);
	}
	return 0;
}

struct gather {
	struct census_object *objects;
	size_t nr;
	enum census_kind kind;
};

static int add_object(const struct hist_entry *entry, uint64_t alive, void *data)
{
	struct gather *gather = data;
	struct census_object *objects = reallocarray(gather->objects, gather->nr + 1,
						     sizeof(*objects));
	struct census_object *object;

	_Static_assert(sizeof(object->frames) == sizeof(entry->frames), "same frames");
	if (!objects)
		return -ENOMEM;
	gather->objects = objects;
	object = &objects[gather->nr++];
	*object = (struct census_object){
		.kind = gather->kind,
		.address = entry->key,
		.pid = entry->pid,
		.count = alive,
		.born_us = entry->last,
		.nr_frames = entry->nr_frames,
	};
	memcpy(object->comm, entry->comm, sizeof(object->comm));
	memcpy(object->frames, entry->frames, sizeof(object->frames));
	return 0;
}

int census_alive(struct census *census, struct census_object **ret, size_t *ret_nr)
{
	struct gather gather = { 0 };
	int err = read_all(census);

	for (int kind = 0; !err && kind < CENSUS_NR_KINDS; kind++) {
		gather.kind = kind;
		if (!census->err[kind] && is_exact(census, kind))
			err = for_each_alive(&census->birth[kind], &census->death[kind], add_object,
					     &gather);
	}
	if (err) {
		free(gather.objects);
		return err;
	}
	*ret = gather.objects;
	*ret_nr = gather.nr;
	return 0;
}
