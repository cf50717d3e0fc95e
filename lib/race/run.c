// SPDX-License-Identifier: MIT
#include "race/race.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#include "race/crew.h"
#include "race/left.h"
#include "race/verdict.h"
#include "sys/waiting.h"

#define TICK_US           20000
#define DEFAULT_HANG_MS   10000
#define END_AFTER_HANG_MS 500
#define NAME_CHARS        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-"

/* Everything a lane may still touch when it is left behind in a call that never returns. */
struct race_block {
	struct race_control control;
	struct race_conductor conductor;
	struct race_crew crew;
	struct race_report report;
};

int race_why(struct race_why *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return -1;
}

void *race_shared_alloc(size_t size)
{
	void *ptr = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return ptr == MAP_FAILED ? NULL : ptr;
}

void race_shared_free(void *ptr, size_t size)
{
	if (ptr)
		munmap(ptr, size);
}

/* It goes into replay lines, unquoted. */
static bool valid_name(const char *name)
{
	return name && *name && strlen(name) < sizeof(((struct race_replay *)0)->race) &&
	       !name[strspn(name, NAME_CHARS)];
}

static bool valid(const struct race_scenario *scenario)
{
	unsigned int i;

	if (!valid_name(scenario->name) || !scenario->classify || scenario->nlanes < 2 ||
	    scenario->nlanes > RACE_MAX_LANES)
		return false;
	for (i = 0; i < scenario->nlanes; i++)
		if (!scenario->lanes[i].name || !scenario->lanes[i].ops[0].call)
			return false;
	return true;
}

/* The lane inside a call, or else the first one that has not finished the attempt. */
static int stuck_lane(struct race_control *control)
{
	uint64_t seq = atomic_load(&control->go);
	unsigned int i;

	for (i = 0; i < control->nlanes; i++)
		if (atomic_load(&control->slot[i].op))
			return (int)i;
	for (i = 0; i < control->nlanes; i++)
		if (atomic_load(&control->slot[i].done) < seq)
			return (int)i;
	return 0;
}

/* What watch() said first stands. */
static bool broken(struct race_why *why, const struct race_options *options)
{
	struct race_why said = { 0 };

	if (!options->watch || why->text[0])
		return false;
	if (!options->watch(options->watch_ctx, &said))
		return false;
	*why = said;
	return true;
}

static void watch(struct race_block *block, const struct race_options *options,
		  struct race_why *why)
{
	struct race_control *control = &block->control;
	unsigned int hang_ms = options->hang_ms ? options->hang_ms : DEFAULT_HANG_MS;
	struct sys_wait wait = sys_wait_for(hang_ms, TICK_US);
	uint64_t last_beat = 0;

	while (!race_stopped(control)) {
		uint64_t beat = atomic_load(&control->beat);

		if (beat != last_beat) {
			last_beat = beat;
			wait = sys_wait_for(hang_ms, TICK_US);
		}
		race_crew_watch(&block->crew);
		if (options->should_stop && !atomic_load(&control->finish) &&
		    options->should_stop(options->stop_ctx)) {
			atomic_store(&control->asked, true);
			atomic_store(&control->finish, true);
		}
		if (broken(why, options))
			atomic_store(&control->finish, true);
		if (!sys_wait_again(&wait))
			race_stop(control, RACE_STOP_HANG, stuck_lane(control), 0);
	}
}

int race_run(const struct race_scenario *scenario, const struct race_options *options,
	     struct race_report *ret_report)
{
	struct race_replay replay = { 0 };
	struct race_why why = { 0 };
	struct race_block *block;
	unsigned int left = 0;
	bool replays = false;
	int err;

	if (!valid(scenario))
		return -EINVAL;
	if (options->replay) {
		if (race_replay_parse(options->replay, &replay))
			return -EINVAL;
		replays = replay.lanes == scenario->nlanes && !strcmp(replay.race, scenario->name);
	}
	block = race_shared_alloc(sizeof(*block));
	if (!block)
		return -ENOMEM;

	block->control.nlanes = scenario->nlanes;
	block->control.scenario = scenario;
	block->report.seed = options->seed;
	block->conductor = (struct race_conductor){
		.control = &block->control,
		.scenario = scenario,
		.options = options,
		.report = &block->report,
	};
	block->report.replayed = replays;
	race_search_init(&block->conductor.search, scenario->nlanes, options->seed,
			 replays ? &replay : NULL);
	err = race_cpus_read(&block->conductor.cpus);
	block->report.preflight.cpus = block->conductor.cpus.count;
	block->control.perturb = &block->conductor.perturb;
	block->control.conductor = &block->conductor;
	race_clock_calibrate(&block->control.clock);
	if (!err)
		err = race_perturb_open(&block->conductor.perturb, &block->control,
					&block->conductor.cpus, options->perturb,
					replays ? &block->conductor.search.replay : NULL,
					options->seed);
	if (!err && block->conductor.cpus.count >= (int)scenario->nlanes) {
		err = race_crew_start(&block->crew, &block->conductor);
		if (!err) {
			watch(block, options, &why);
			left = race_crew_end(&block->crew,
					     atomic_load(&block->control.stop) == RACE_STOP_HANG
						     ? END_AFTER_HANG_MS
						     : RACE_END_MS);
		}
	}
	left += !race_perturb_close(&block->conductor.perturb);
	if (!err) {
		broken(&why, options);
		if (!block->report.hit.why[0])
			memcpy(block->report.hit.why, why.text, sizeof(why.text));
		race_verdict_reach(&block->conductor, &block->crew);
		if (left)
			race_left_tell(&block->crew, block->report.stuck,
				       sizeof(block->report.stuck));
		race_crew_abandon(&block->crew);
		*ret_report = block->report;
	}
	if (!left)
		race_shared_free(block, sizeof(*block));
	return err;
}
