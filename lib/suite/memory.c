// SPDX-License-Identifier: MIT
#include "suite/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "igt/assert.h"
#include "igt/hooks.h"
#include "igt/log.h"
#include "igt/subtest.h"
#include "sys/file.h"
#include "sys/kmemleak.h"

/* Places that are told one by one: a leak in a loop has one place and many objects. */
#define PLACES 8

struct memory {
	struct igt_subtest_observer observer;
	uint64_t start; /* jiffies when the subtest began */
	int start_err;
};

struct place {
	struct sys_kmemleak_object first;
	unsigned int count;
	bool ours, before;
};

static void prepare(const struct igt_subtest_info *info, void *data)
{
	struct memory *memory = data;

	memory->start_err = sys_kmemleak_now(&memory->start);
}

static bool same(const struct place *place, const struct place *other)
{
	return place->ours == other->ours && place->before == other->before &&
	       place->first.size == other->first.size &&
	       !strcmp(place->first.where, other->first.where) &&
	       !strcmp(place->first.comm, other->first.comm);
}

static void tell(const struct place *place, struct igt_verdict *verdict)
{
	const struct sys_kmemleak_object *object = &place->first;
	char line[400];

	snprintf(line, sizeof(line), "%u object%s of %u bytes, allocated by %s (pid %d)%s in %s",
		 place->count, place->count == 1 ? "" : "s", object->size, object->comm,
		 object->pid, place->before ? " before this subtest began" : "",
		 *object->where ? object->where : "a place that is not told");
	if (place->ours)
		igt_verdict_fail(verdict, "kmemleak: %s", line);
	else
		igt_info("kmemleak: not ours: %s\n", line);
}

static void judge(const struct memory *memory, const char *test, const char *report,
		  struct igt_verdict *verdict)
{
	struct place places[PLACES];
	unsigned int count = 0, ours_more = 0, more = 0;
	struct place place;

	while ((report = sys_kmemleak_next(report, &place.first))) {
		unsigned int i = 0;

		place.count = 1;
		place.ours = !strncmp(place.first.comm, test, sizeof(place.first.comm) - 1);
		place.before = !memory->start_err && place.first.jiffies < memory->start;
		while (i < count && !same(&places[i], &place))
			i++;
		if (i < count)
			places[i].count++;
		else if (count < PLACES)
			places[count++] = place;
		else if (place.ours)
			ours_more++;
		else
			more++;
	}
	for (unsigned int i = 0; i < count; i++)
		tell(&places[i], verdict);
	if (ours_more)
		igt_verdict_fail(verdict, "kmemleak: and of ours, from other places: %u more",
				 ours_more);
	if (more)
		igt_info("kmemleak: and not ours, from other places: %u more\n", more);
}

static void settle(const struct igt_subtest_info *info, struct igt_verdict *verdict, void *data)
{
	struct memory *memory = data;
	char *report;
	bool cut;
	int ret;

	/* It did nothing that could have been lost, and its seconds are many in a long list. */
	if (igt_verdict_result(verdict) == IGT_RESULT_SKIP)
		return;
	ret = sys_kmemleak_scan(&report, &cut);
	if (ret) {
		igt_verdict_fail(verdict, "kmemleak can no longer be asked: %s", strerror(-ret));
		return;
	}
	judge(memory, info->test, report, verdict);
	free(report);
	if (cut)
		igt_info("kmemleak: the report was too long: its end was not looked at\n");
}

/*
 * On 7.2 a CPU's stock of free objects (a sheaf in mm/slub.c) is an array of pointers, in memory
 * that is scanned. The pointer to an object that was handed out stays there until that place is
 * used again, and keeps kmemleak from seeing it lost. Caches with any of slab_debug's checks have
 * no such stock.
 */
static bool stock_hides_leaks(void)
{
	long long capacity;

	return !sys_read_number("/sys/kernel/slab/kmalloc-96/sheaf_capacity", &capacity) &&
	       capacity > 0;
}

void suite_memory_install(void)
{
	struct memory *memory;
	int err = sys_kmemleak_has();

	if (err) {
		igt_info("kmemleak: none: %s\n", strerror(-err));
		return;
	}
	memory = calloc(1, sizeof(*memory));
	igt_assert(memory);
	memory->observer = (struct igt_subtest_observer){
		.name = "kmemleak",
		.data = memory,
		.prepare = prepare,
		.settle = settle,
	};
	igt_info("kmemleak: asked after each subtest%s\n",
		 stock_hides_leaks() ? "; without slab_debug=U on the kernel's command line this "
				       "kernel hides small leaks from it"
				     : "");
	igt_add_subtest_observer(&memory->observer);
}
