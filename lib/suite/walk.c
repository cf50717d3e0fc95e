// SPDX-License-Identifier: MIT
#include "suite/walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "igt/assert.h"
#include "igt/log.h"
#include "igt/subtest.h"
#include "oracle/taint.h"
#include "race/rng.h"
#include "suite/walk_shrink.h"
#include "sys/clock.h"

/* What may be spent on making a failed walk shorter, within igt_runner's patience. */
#define SHRINK_MS 5000

/* The choices of one walk: always the choice[i]-th of the possible[i] steps. */
struct course {
	unsigned int length;
	unsigned int choice[WALK_MAX];
	unsigned int possible[WALK_MAX];
};

/* Takes it as far as there are steps; walk->count says how far that was. */
static int take_course(const struct walk_subject *subject, struct course *course, struct walk *walk)
{
	unsigned int steps[WALK_STEPS];
	int ret;

	walk->count = 0;
	ret = subject->begin(subject->ctx, &walk->why);
	while (!ret && walk->count < course->length) {
		unsigned int possible = subject->steps(subject->ctx, steps);
		unsigned int at = walk->count;

		if (!possible)
			break;
		course->possible[at] = possible;
		walk->step[at] = steps[course->choice[at] % possible];
		walk->count++;
		ret = subject->take(subject->ctx, walk->step[at], &walk->why);
	}
	return walk_end(subject, ret, &walk->why);
}

/* The next one in the order of choices; false when it was the last. @taken: its steps. */
static bool next_course(struct course *course, unsigned int taken)
{
	unsigned int at = taken;

	while (at && course->choice[at - 1] + 1 >= course->possible[at - 1])
		at--;
	if (!at)
		return false;
	course->choice[at - 1]++;
	memset(&course->choice[at], 0, sizeof(course->choice) - at * sizeof(course->choice[0]));
	return true;
}

static void fail(const struct walk_subject *subject, const struct walk *walk, const char *how)
	__attribute__((noreturn));

static void fail(const struct walk_subject *subject, const struct walk *walk, const char *how)
{
	char text[WALK_TEXT_SIZE];
	const char *dynamic = igt_dynamic_subtest_name();

	walk_text(subject, walk, text, sizeof(text));
	igt_fail_f("after %s: %s\n%s\nreplay: GEMRACE_WALK=%s %s --run-subtest %s%s%s\n",
		   walk->count ? text : "nothing", walk->why.text, how, text, igt_test_name(),
		   igt_subtest_name(), dynamic[0] ? " --dynamic-subtest " : "", dynamic);
}

/* First into the log as it is, in case the kernel does not survive taking it again. */
static void fail_shortest(const struct walk_subject *subject, struct walk *walk, uint64_t taint)
	__attribute__((noreturn));

static void fail_shortest(const struct walk_subject *subject, struct walk *walk, uint64_t taint)
{
	unsigned int length = walk->count, tries;
	char text[WALK_TEXT_SIZE], how[128];
	struct walk again = *walk;

	walk_text(subject, walk, text, sizeof(text));
	igt_info("failed after %s: %s\n", text, walk->why.text);
	igt_kmsg(6, "walk failed after %s: %s", text, walk->why.text);
	if (taint_fatal() & ~taint)
		fail(subject, walk, "not taken again: the kernel has warned or died");
	if (walk_take(subject, &again, WALK_LENIENT) != WALK_FAILED)
		fail(subject, walk, "taken alone it holds: an earlier walk has left something");
	tries = walk_shrink(subject, walk, sys_now_ms() + SHRINK_MS, sys_now_ms);
	snprintf(how, sizeof(how), "the shortest that failed of %u, made of one of %u steps",
		 tries + 2, length);
	fail(subject, walk, how);
}

/* Takes the walk that GEMRACE_WALK says, if it says one. */
static bool replayed(const struct suite *suite, const struct walk_subject *subject)
{
	struct walk walk;
	char error[128];
	int ret;

	if (!suite->settings.walk)
		return false;
	if (walk_parse(subject, suite->settings.walk, &walk, error, sizeof(error)))
		igt_skip("GEMRACE_WALK: %s\n", error);
	ret = walk_take(subject, &walk, WALK_STRICT);
	if (ret == WALK_FAILED)
		fail(subject, &walk, "replayed");
	if (ret == WALK_IMPOSSIBLE)
		igt_skip("GEMRACE_WALK: step %u is not possible there\n", walk.count + 1);
	igt_info("the walk of %u steps holds\n", walk.count);
	return true;
}

void walk_every_order(const struct suite *suite, const struct walk_subject *subject,
		      unsigned int first, unsigned int last)
{
	uint64_t begin = sys_now_ms(), walks = 0, steps = 0, taint = taint_fatal(), patience;
	unsigned int length = first, longest = 0;
	char how[80];
	bool more;

	if (replayed(suite, subject))
		return;
	do {
		struct course course = { .length = length };
		struct walk walk;

		do {
			if (take_course(subject, &course, &walk))
				fail_shortest(subject, &walk, taint);
			walks++;
			steps += walk.count;
			longest = walk.count > longest ? walk.count : longest;
			more = next_course(&course, walk.count);
			patience = suite->settings.race_ms * (length == first ? WALK_PATIENCE : 1);
		} while (more && sys_now_ms() - begin < patience);
	} while (!more && length++ < last);
	if (more && length == first)
		snprintf(how, sizeof(how), "not every order, the time was up");
	else
		snprintf(how, sizeof(how), "every order of up to %u steps%s",
			 more ? length - 1 : longest, more ? ", some of one more" : "");
	igt_info("%" PRIu64 " walks, %" PRIu64 " steps checked: %s\n", walks, steps, how);
}

void walk_random_order(const struct suite *suite, const struct walk_subject *subject)
{
	struct race_rng rng = { .state = suite->settings.seed };
	uint64_t end = sys_now_ms() + suite->settings.race_ms, walks = 0, steps = 0;
	uint64_t taint = taint_fatal();

	if (replayed(suite, subject))
		return;
	/* A kernel that dies of a walk dies of the same one with the same seed. */
	igt_kmsg(6, "GEMRACE_SEED=%" PRIu64 " %s --run-subtest %s", suite->settings.seed,
		 igt_test_name(), igt_subtest_name());
	do {
		struct course course = { .length = WALK_MAX };
		struct walk walk;

		for (unsigned int i = 0; i < course.length; i++)
			course.choice[i] = (unsigned int)(race_rng_u64(&rng) >> 33);
		if (take_course(subject, &course, &walk))
			fail_shortest(subject, &walk, taint);
		walks++;
		steps += walk.count;
	} while (sys_now_ms() < end);
	igt_info("%" PRIu64 " random walks, %" PRIu64 " steps checked, seed %" PRIu64 "\n", walks,
		 steps, suite->settings.seed);
}
