// SPDX-License-Identifier: MIT
#include "prove/proof.h"

#include "fetch/file.h"
#include "prove/mutant.h"
#include "prove/times.h"
#include "results/document.h"
#include "results/name.h"
#include "results/reason.h"
#include "results/verdict.h"

#include <errno.h>
#include <string.h>

static const char *const status_words[] = {
	[PROOF_KILLED] = "killed",
	[PROOF_SURVIVED] = "SURVIVED",
	[PROOF_INCONCLUSIVE] = "inconclusive",
	[PROOF_BUILT] = "built",
	[PROOF_BAD] = "BAD",
	[PROOF_FAILED] = "harness failed",
};

/* Of a kernel that no test may fail on. */
static const struct {
	const char *stock, *repair;
} pass_words[] = {
	[PROOF_KILLED] = { "NOT CLEAN", "FAILED" },
	[PROOF_SURVIVED] = { "clean", "passed" },
	[PROOF_INCONCLUSIVE] = { "not all run", "inconclusive" },
	[PROOF_BUILT] = { "built", "built" },
	[PROOF_BAD] = { "BAD", "BAD" },
	[PROOF_FAILED] = { "harness failed", "harness failed" },
};

const char *proof_status_word(enum proof_status status)
{
	return status_words[status];
}

bool proof_is_of_bug(const struct proof *p)
{
	return p->mutant && p->mutant->kind != MUTANT_REPAIR;
}

const char *proof_word(const struct proof *p)
{
	if (!p->mutant)
		return pass_words[p->status].stock;
	return proof_is_of_bug(p) ? status_words[p->status] : pass_words[p->status].repair;
}

void proof_finish(struct proof *p)
{
	for (size_t i = 0; i < p->kill_count; i++) {
		free(p->kills[i].subtest);
		free(p->kills[i].evidence);
	}
	free(p->kills);
	free(p->why);
	free(p->devices);
	*p = (struct proof){ 0 };
}

bool proof_has_kill(const struct proof *p, const char *subtest)
{
	for (size_t i = 0; p && i < p->kill_count; i++) {
		if (!strcmp(p->kills[i].subtest, subtest))
			return true;
	}
	return false;
}

/* Whether the line before the one of @at in @out is a race's word that it saw nothing. */
static bool race_held(const char *out, const char *at)
{
	const char *end = memrchr(out, '\n', at - out), *begin;

	if (!end)
		return false;
	begin = memrchr(out, '\n', end - out);
	begin = begin ? begin + 1 : out;
	return memmem(begin, end - begin, ": held: ", strlen(": held: "));
}

/*
 * A race says "  N attempts in S s (R/s), ..." with what it took until it was over, which for a
 * broken one is its first hit. The last such line counts. One that held does not know of the hit
 * that the kernel reports or that is found after it.
 */
static void read_race(const char *out, struct kill *kill)
{
	static const char mark[] = " attempts in ";
	const char *from = out, *at;

	for (; from && (at = strstr(from, mark)); from = at + 1) {
		const char *start = at;

		while (start > from && start[-1] >= '0' && start[-1] <= '9')
			start--;
		if (start == at || race_held(out, at))
			continue;
		/* 0: a lane was lost in the first, and the race cannot tell when */
		if (strtoll(start, NULL, 10) > 0) {
			kill->attempts = strtoll(start, NULL, 10);
			kill->seconds = strtod(at + strlen(mark), NULL);
		}
	}
}

static double kernel_seconds(const char *line)
{
	const char *at = strchr(line, '[');

	return at ? strtod(at + 1, NULL) : -1;
}

/* A warning or worse, or a line of the console, which is given where the log was cut short. */
static bool is_cry(const char *line)
{
	return *line == '[' || (*line == '<' && line[1] >= '0' && line[1] <= '4');
}

/*
 * From the start of the subtest (of the last dynamic one, if it has some) to the kernel's first
 * warning or worse, by the clock of its log. < 0: it gave none.
 */
static double warned_after(const char *dmesg)
{
	double start_s = -1;

	for (const char *line = dmesg; line; line = strchr(line, '\n')) {
		const char *end;

		line += *line == '\n';
		end = strchrnul(line, '\n');
		if (memmem(line, end - line, " starting ", strlen(" starting ")))
			start_s = kernel_seconds(line);
		else if (start_s >= 0 && is_cry(line))
			return kernel_seconds(line) - start_s;
		if (!*end)
			break;
	}
	return -1;
}

/* The quickest of its dynamic subtests that failed; < 0: it has none. */
static double dynamic_seconds(json_t *tests, const char *name)
{
	const char *other;
	double best = -1;
	json_t *test;

	json_object_foreach(tests, other, test)
	{
		double s = results_seconds(test);

		if (test_is_dynamic_of(other, name) && verdict_is_defect(verdict_of(test)) &&
		    s > 0 && (best < 0 || s < best))
			best = s;
	}
	return best;
}

/* A race says best when it noticed; then the kernel; then it was noticed by the end. */
static void read_seconds(json_t *tests, const char *name, const json_t *test, struct kill *kill)
{
	read_race(json_string_value(json_object_get(test, "out")), kill);
	if (kill->seconds < 0)
		kill->seconds = warned_after(json_string_value(json_object_get(test, "dmesg")));
	if (kill->seconds < 0)
		kill->seconds = dynamic_seconds(tests, name);
	if (kill->seconds < 0 && results_seconds(test) > 0)
		kill->seconds = results_seconds(test);
}

/*
 * One line for people and for a table: the test's own finding if it came to one, else what the
 * kernel said, which is why it did not.
 */
static char *evidence_of(const json_t *test)
{
	const char *title = json_string_value(json_object_get(test, "title")), *reason;
	enum verdict v = verdict_of(test);
	char buf[REASON_MAX];

	if (title && v != VERDICT_FAIL && v != VERDICT_DMESG_FAIL)
		return strdup(title);
	reason = reason_of(test, buf);
	return strdup(reason ? reason : verdict_word(v));
}

static int add_kill(struct proof *p, json_t *tests, const char *name, const json_t *test, int boot)
{
	struct kill kill = {
		.seconds = -1, .attempts = -1, .boot = boot, .known = !p->mutant && test_known(test)
	};
	struct kill *more = reallocarray(p->kills, p->kill_count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	p->kills = more;
	kill.subtest = strdup(test_short_name(name));
	kill.evidence = evidence_of(test);
	if (!kill.subtest || !kill.evidence) {
		free(kill.subtest);
		free(kill.evidence);
		return -ENOMEM;
	}
	read_seconds(tests, name, test, &kill);
	p->kills[p->kill_count++] = kill;
	return 0;
}

static void doubt(struct proof *p, const char *subtest, const char *why)
{
	if (!p->why)
		p->why = text_printf("%s %s", subtest, why);
}

/*
 * Of the stock kernel every failure is kept. A bug put back is noticed by a failure that is its
 * own, which where the stock kernel has a known defect is one that looks different. A repair must
 * not fail, and least of all where the stock kernel does.
 */
static bool counts(const struct proof *p, const struct proof *control, const char *subtest,
		   const json_t *test)
{
	if (!proof_is_of_bug(p))
		return true;
	for (size_t i = 0; control && i < control->kill_count; i++) {
		const struct kill *k = &control->kills[i];

		if (!k->known && !strcmp(k->subtest, subtest))
			return false;
	}
	return !test_known(test);
}

int proof_add_results(struct proof *p, json_t *results, const struct proof *control, int boot)
{
	const size_t before = p->kill_count;
	bool killed = false, ran = false;
	const char *name;
	json_t *test;
	int err = 0;

	json_object_foreach(results_tests(results), name, test)
	{
		const char *subtest = test_short_name(name);
		enum verdict v = verdict_of(test);

		if (test_is_dynamic(name) || err)
			continue;
		if (test_is_cut_off(test) || v == VERDICT_NOTRUN)
			doubt(p, subtest, "did not run");
		else if (test_is_underpowered(test))
			doubt(p, subtest, "was underpowered");
		else if (verdict_is_defect(v) && counts(p, control, subtest, test))
			err = add_kill(p, results_tests(results), name, test, boot);
		ran = ran || (v != VERDICT_SKIP && v != VERDICT_NOTRUN);
	}
	if (!ran)
		doubt(p, "every test", "was skipped");
	p->boots++;
	for (size_t i = before; i < p->kill_count; i++)
		killed = killed || !p->kills[i].known;
	p->boots_killed += killed;
	return err;
}

void proof_settle(struct proof *p)
{
	p->status = p->boots_killed ? PROOF_KILLED : p->why ? PROOF_INCONCLUSIVE : PROOF_SURVIVED;
	if (p->status != PROOF_KILLED)
		return;
	free(p->why); /* of tests that did not run: one that did was enough */
	p->why = NULL;
}

/* Whether @a took less; a time that is not known is the longest. */
static bool is_quicker(const struct kill *a, const struct kill *b)
{
	return a->seconds >= 0 && (b->seconds < 0 || a->seconds < b->seconds);
}

const struct kill *proof_quickest(const struct proof *p)
{
	const struct kill *best = NULL;

	for (size_t i = 0; i < p->kill_count; i++) {
		if (!best || is_quicker(&p->kills[i], best))
			best = &p->kills[i];
	}
	return best;
}

double proof_percentile(const struct proof *p, int percent)
{
	struct times best = { 0 };
	double value;

	for (int boot = 0; boot < p->boots; boot++) {
		double quickest = -1;

		for (size_t i = 0; i < p->kill_count; i++) {
			const struct kill *k = &p->kills[i];

			if (k->boot == boot && k->seconds >= 0 &&
			    (quickest < 0 || k->seconds < quickest))
				quickest = k->seconds;
		}
		times_add(&best, quickest);
	}
	value = times_percentile(&best, percent);
	times_finish(&best);
	return value;
}

json_t *proof_json(const struct proof *p)
{
	const struct kill *quickest = proof_quickest(p);
	json_t *kills = json_array();

	for (size_t i = 0; i < p->kill_count; i++) {
		const struct kill *k = &p->kills[i];

		json_array_append_new(kills,
				      json_pack("{s:i, s:s, s:o, s:f, s:I}", "boot", k->boot,
						"subtest", k->subtest, "evidence",
						results_string(k->evidence), "seconds", k->seconds,
						"attempts", (json_int_t)k->attempts));
	}
	return json_pack("{s:s, s:b, s:s?, s:o*, s:f, s:I, s:i, s:i, s:f, s:f, s:o*, s:o}",
			 "status", proof_word(p), "killed", p->status == PROOF_KILLED, "subtest",
			 quickest ? quickest->subtest : NULL, "evidence",
			 quickest ? results_string(quickest->evidence) : NULL, "seconds",
			 quickest ? quickest->seconds : -1.0, "attempts",
			 (json_int_t)(quickest ? quickest->attempts : -1), "boots", p->boots,
			 "boots_killed", p->boots_killed, "median_s", proof_percentile(p, 50),
			 "p95_s", proof_percentile(p, 95), "why",
			 p->why ? results_string(p->why) : NULL, "kills", kills);
}

void proof_print(const struct proof *p, const char *id, FILE *f)
{
	const struct kill *k = proof_quickest(p);
	char attempts[32] = "-", seconds[32];

	fprintf(f, "%-15s %-20s", proof_word(p), id);
	if (k) {
		if (k->attempts >= 0)
			snprintf(attempts, sizeof(attempts), "%lld", k->attempts);
		times_text(seconds, sizeof(seconds), k->seconds);
		fprintf(f, " %d/%d %7s s %9s  %s: %s", p->boots_killed, p->boots, seconds, attempts,
			k->subtest, k->evidence);
	} else if (p->why) {
		fprintf(f, " %s", p->why);
	}
	fputc('\n', f);
	fflush(f);
}
