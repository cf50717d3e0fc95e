// SPDX-License-Identifier: MIT
#include "prove/proof.h"

#include "fetch/file.h"
#include "prove/mutant.h"
#include "results/document.h"
#include "results/merge.h"
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

const char *proof_status_word(enum proof_status status)
{
	return status_words[status];
}

void proof_finish(struct proof *p)
{
	for (size_t i = 0; i < p->kill_count; i++) {
		free(p->kills[i].subtest);
		free(p->kills[i].evidence);
	}
	free(p->kills);
	free(p->why);
	*p = (struct proof){ 0 };
}

static bool has_kill(const struct proof *p, const char *subtest)
{
	for (size_t i = 0; p && i < p->kill_count; i++) {
		if (!strcmp(p->kills[i].subtest, subtest))
			return true;
	}
	return false;
}

/*
 * A race says "  N attempts in S s (R/s), ..." with what it took until it was over, which for a
 * broken one is its first hit. The last such line counts.
 */
static void read_race(const char *out, struct kill *kill)
{
	static const char mark[] = " attempts in ";
	const char *at;

	for (; out && (at = strstr(out, mark)); out = at + 1) {
		const char *start = at;

		while (start > out && start[-1] >= '0' && start[-1] <= '9')
			start--;
		if (start == at)
			continue;
		kill->attempts = strtoll(start, NULL, 10);
		kill->seconds = strtod(at + strlen(mark), NULL);
	}
}

/*
 * What the test cried out first. An assertion says where it is, then what it compared, then what it
 * found: the last of these is worth most.
 */
static char *evidence_of(const json_t *test)
{
	static const char mark[] = "CRITICAL: ";
	const char *err = json_string_value(json_object_get(test, "err"));
	const char *at = err ? strstr(err, mark) : NULL;
	char buf[REASON_MAX];
	const char *reason;

	at = at ? at + strlen(mark) : NULL;
	if (at && text_starts(at, "Test assertion failure")) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
		if (at && text_starts(at, "Failed assertion") && strchr(at, '\n'))
			at = strchr(at, '\n') + 1;
	}
	if (at && strcspn(at, "\n"))
		return strndup(at, strcspn(at, "\n"));
	reason = reason_of(test, buf);
	return strdup(reason ? reason : verdict_word(verdict_of(test)));
}

static int add_kill(struct proof *p, const char *subtest, const json_t *test, int boot)
{
	struct kill kill = { .seconds = results_seconds(test), .attempts = -1, .boot = boot };
	struct kill *more = reallocarray(p->kills, p->kill_count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	p->kills = more;
	kill.subtest = strdup(subtest);
	kill.evidence = evidence_of(test);
	if (!kill.subtest || !kill.evidence) {
		free(kill.subtest);
		free(kill.evidence);
		return -ENOMEM;
	}
	read_race(json_string_value(json_object_get(test, "out")), &kill);
	p->kills[p->kill_count++] = kill;
	return 0;
}

static void doubt(struct proof *p, const char *subtest, const char *why)
{
	if (!p->why)
		p->why = text_printf("%s %s", subtest, why);
}

int proof_add_results(struct proof *p, json_t *results, const struct proof *control, int boot)
{
	const size_t before = p->kill_count;
	const char *name;
	json_t *test;
	int err = 0;

	json_object_foreach(results_tests(results), name, test)
	{
		const char *subtest = text_starts(name, "igt@") ? name + strlen("igt@") : name;
		enum verdict v = verdict_of(test);

		if (test_is_dynamic(name) || err)
			continue;
		if (test_is_cut_off(test) || v == VERDICT_NOTRUN)
			doubt(p, subtest, "did not run");
		else if (test_is_underpowered(test))
			doubt(p, subtest, "was underpowered");
		else if (verdict_is_defect(v) && !has_kill(control, subtest))
			err = add_kill(p, subtest, test, boot);
	}
	p->boots++;
	p->boots_killed += p->kill_count > before;
	return err;
}

void proof_settle(struct proof *p)
{
	p->status = p->boots_killed ? PROOF_KILLED : p->why ? PROOF_INCONCLUSIVE : PROOF_SURVIVED;
}

const struct kill *proof_quickest(const struct proof *p)
{
	const struct kill *best = NULL;

	for (size_t i = 0; i < p->kill_count; i++) {
		if (!best || p->kills[i].seconds < best->seconds)
			best = &p->kills[i];
	}
	return best;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double proof_percentile(const struct proof *p, int percent)
{
	double *best = calloc(p->boots_killed + 1, sizeof(*best)), value = -1;
	int count = 0;

	for (int boot = 0; best && boot < p->boots; boot++) {
		double quickest = -1;

		for (size_t i = 0; i < p->kill_count; i++) {
			const struct kill *k = &p->kills[i];

			if (k->boot == boot && (quickest < 0 || k->seconds < quickest))
				quickest = k->seconds;
		}
		if (quickest >= 0)
			best[count++] = quickest;
	}
	if (best && count) {
		qsort(best, count, sizeof(*best), compare_doubles);
		value = best[(count * percent + 99) / 100 - 1];
	}
	free(best);
	return value;
}

json_t *proof_json(const struct proof *p)
{
	const struct kill *quickest = proof_quickest(p);
	json_t *kills = json_array();

	for (size_t i = 0; i < p->kill_count; i++) {
		const struct kill *k = &p->kills[i];

		json_array_append_new(kills, json_pack("{s:i, s:s, s:s, s:f, s:I}", "boot", k->boot,
						       "subtest", k->subtest, "evidence",
						       k->evidence, "seconds", k->seconds,
						       "attempts", (json_int_t)k->attempts));
	}
	return json_pack(
		"{s:s, s:s?, s:s, s:b, s:s?, s:s?, s:f, s:I, s:i, s:i, s:f, s:f, s:f, s:s?, s:o}",
		"id", p->mutant ? p->mutant->id : "stock", "kind",
		p->mutant ? mutant_kind_word(p->mutant->kind) : NULL, "status",
		proof_status_word(p->status), "killed", p->status == PROOF_KILLED, "subtest",
		quickest ? quickest->subtest : NULL, "evidence",
		quickest ? quickest->evidence : NULL, "seconds",
		quickest ? quickest->seconds : -1.0, "attempts",
		(json_int_t)(quickest ? quickest->attempts : -1), "boots", p->boots, "boots_killed",
		p->boots_killed, "median_s", proof_percentile(p, 50), "p95_s",
		proof_percentile(p, 95), "build_s", p->build_s, "why", p->why, "kills", kills);
}

void proof_print(const struct proof *p, FILE *f)
{
	const struct kill *k = proof_quickest(p);
	char attempts[32] = "-";

	if (p->mutant)
		fprintf(f, "%-16s%-20s", proof_status_word(p->status), p->mutant->id);
	else
		fprintf(f, "%-16s%-20s",
			p->boots_killed               ? "NOT CLEAN"
			: p->status == PROOF_SURVIVED ? "clean"
						      : "NOT ALL RUN",
			"stock");
	if (k) {
		if (k->attempts >= 0)
			snprintf(attempts, sizeof(attempts), "%lld", k->attempts);
		fprintf(f, " %d/%d  %6.2f s %9s  %s: %s", p->boots_killed, p->boots, k->seconds,
			attempts, k->subtest, k->evidence);
	} else if (p->why) {
		fprintf(f, " %s", p->why);
	}
	fputc('\n', f);
}
