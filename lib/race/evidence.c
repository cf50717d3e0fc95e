// SPDX-License-Identifier: MIT
/* The report as JSON; docs/evidence.md says what each member means. */
#include "race/race.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

static void put_string(FILE *out, const char *text)
{
	const unsigned char *c;

	fputc('"', out);
	for (c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c < 0x20 || *c >= 0x7f) /* the kernel's bytes need not be UTF-8 */
			fprintf(out, "\\u%04x", *c);
		else
			fputc(*c, out);
	}
	fputc('"', out);
}

static void put_optional(FILE *out, const char *text)
{
	if (text)
		put_string(out, text);
	else
		fputs("null", out);
}

/* JSON knows no infinity and no NaN. */
static void put_number(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, "%.10g", value);
	else
		fputs("null", out);
}

static void put_numbers(FILE *out, const double *values, unsigned int n)
{
	unsigned int i;

	fputc('[', out);
	for (i = 0; i < n; i++) {
		fputs(i ? ", " : "", out);
		put_number(out, values[i]);
	}
	fputc(']', out);
}

static void key(FILE *out, const char *name)
{
	fprintf(out, ",\n \"%s\": ", name);
}

static void put_count(FILE *out, const char *name, uint64_t value)
{
	key(out, name);
	fprintf(out, "%" PRIu64, value);
}

static void put_lanes(FILE *out, const struct race_scenario *scenario,
		      const struct race_report *report)
{
	unsigned int i, k;

	key(out, "lanes");
	fputc('[', out);
	for (i = 0; i < scenario->nlanes; i++) {
		fputs(i ? ",\n  {\"name\": " : "\n  {\"name\": ", out);
		put_string(out, scenario->lanes[i].name);
		fputs(", \"ops\": [", out);
		for (k = 0; k < RACE_MAX_OPS && scenario->lanes[i].ops[k].call; k++) {
			fputs(k ? ", " : "", out);
			put_optional(out, scenario->lanes[i].ops[k].name);
		}
		fputs("], \"duration_ns\": ", out);
		put_number(out, report->duration_ns[i]);
		if (i) {
			fputs(", \"range_ns\": ", out);
			put_numbers(out, report->range_ns[i], 2);
		}
		fputc('}', out);
	}
	fputc(']', out);
}

static void put_preflight(FILE *out, const struct race_preflight *preflight)
{
	key(out, "preflight");
	fprintf(out, "{\"cpus\": %d, \"effective_cpus\": ", preflight->cpus);
	put_number(out, preflight->effective_cpus);
	fputs(", \"meetings_per_s\": ", out);
	put_number(out, preflight->meetings_per_s);
	fprintf(out, ", \"alignment\": \"%s\", \"skew_ns\": ",
		preflight->tsc_deadline ? "tsc-deadline" : "barrier");
	put_numbers(out, preflight->skew_ns, 3);
	fputs(", \"other_skew_ns\": ", out);
	put_numbers(out, preflight->other_skew_ns, 3);
	fputs(", \"tsc_ghz\": ", out);
	put_number(out, preflight->tsc_ghz);
	fputs(", \"loops_per_ns\": ", out);
	put_number(out, preflight->loops_per_ns);
	fputc('}', out);
}

static void put_outcomes(FILE *out, const struct race_report *report)
{
	unsigned int i;

	key(out, "outcomes");
	for (i = 0; i < RACE_OUTCOMES; i++)
		fprintf(out, "%s\"%s\": %" PRIu64, i ? ", " : "{",
			race_outcome_name((enum race_outcome)i), report->outcomes[i]);
	fputc('}', out);
}

/* Lower and upper edge of a bucket; see race_report.skew. */
static double edge(unsigned int bucket)
{
	int k = (int)bucket - RACE_SKEW_BUCKETS / 2;

	if (k > 0)
		return ldexp(1, k - 1);
	return k < 0 ? -ldexp(1, -k - 1) : 0;
}

static void put_skew(FILE *out, const struct race_report *report)
{
	bool first = true;
	unsigned int i;

	key(out, "skew_histogram");
	fputc('[', out);
	for (i = 0; i < RACE_SKEW_BUCKETS; i++) {
		if (!report->skew[i])
			continue;
		fprintf(out, "%s[%.10g, %.10g, %" PRIu64 "]", first ? "" : ", ",
			i ? edge(i) : -ldexp(1, RACE_SKEW_BUCKETS / 2 - 1), edge(i + 1),
			report->skew[i]);
		first = false;
	}
	fputc(']', out);
}

static void put_flips(FILE *out, const struct race_report *report)
{
	unsigned int i;

	key(out, "flips");
	fputc('[', out);
	for (i = 0; i < report->nflips; i++) {
		const struct race_flip *flip = &report->flips[i];

		fprintf(out,
			"%s\n  {\"lane\": %u, \"before\": \"%s\", \"after\": \"%s\", \"at_ns\": ",
			i ? "," : "", flip->lane, race_outcome_name(flip->before),
			race_outcome_name(flip->after));
		put_number(out, flip->at_ns);
		fputs(", \"sigma_ns\": ", out);
		put_number(out, flip->sigma_ns);
		fprintf(out, ", \"attempts\": [%" PRIu64 ", %" PRIu64 "]}", flip->attempts[0],
			flip->attempts[1]);
	}
	fputc(']', out);
}

static void put_perturb(FILE *out, const struct race_report *report)
{
	unsigned int i;

	key(out, "perturbations");
	fputc('[', out);
	for (i = 0; i < report->nperturb; i++) {
		const struct race_perturb_report *kind = &report->perturb[i];

		fputs(i ? ",\n  {\"name\": " : "\n  {\"name\": ", out);
		put_string(out, kind->name);
		fputs(", \"skipped\": ", out);
		put_optional(out, kind->skipped);
		fprintf(out,
			", \"attempts\": %" PRIu64 ", \"stalled\": %" PRIu64 ", \"paid\": %" PRIu64
			", \"seconds\": ",
			kind->attempts, kind->stalled, kind->paid);
		put_number(out, kind->seconds);
		fputc('}', out);
	}
	fputc(']', out);
}

static void put_hit(FILE *out, const struct race_scenario *scenario, const struct race_hit *hit)
{
	unsigned int i, k;

	key(out, "hit");
	if (!hit->attempt.index) {
		fputs("null", out);
		return;
	}
	fprintf(out,
		"{\"attempt\": %" PRIu64 ", \"outcome\": \"%s\", \"why\": ", hit->attempt.index,
		race_outcome_name(hit->attempt.outcome));
	put_string(out, hit->why);
	fputs(", \"perturbation\": ", out);
	put_optional(out, hit->perturb[0] ? hit->perturb : NULL);
	fputs(", \"delay_ns\": ", out);
	put_numbers(out, hit->delay_ns, scenario->nlanes);
	fputs(", \"lanes\": [", out);
	for (i = 0; i < hit->attempt.lanes; i++) {
		const struct race_lane_result *lane = &hit->attempt.lane[i];

		fprintf(out,
			"%s{\"cpu\": %d, \"start_ns\": %" PRId64 ", \"end_ns\": %" PRId64
			", \"returned\": [",
			i ? ", " : "", lane->cpu, lane->start_ns, lane->end_ns);
		for (k = 0; k < RACE_MAX_OPS && scenario->lanes[i].ops[k].call; k++)
			fprintf(out, "%s%ld", k ? ", " : "", lane->ret[k]);
		fputs("]}", out);
	}
	fputs("], \"replay\": ", out);
	put_string(out, hit->replay);
	fputc('}', out);
}

int race_evidence_write(FILE *out, const struct race_scenario *scenario,
			const struct race_report *report)
{
	fprintf(out, "{\"gemrace_race\": %d", RACE_EVIDENCE_VERSION);
	key(out, "scenario");
	put_string(out, scenario->name);
	key(out, "verdict");
	put_string(out, race_verdict_name(report->verdict));
	key(out, "reason");
	put_string(out, report->reason);
	/* as a string: JSON readers round integers beyond 2^53 */
	key(out, "seed");
	fprintf(out, "\"%" PRIu64 "\"", report->seed);
	key(out, "replayed");
	fputs(report->replayed ? "true" : "false", out);
	key(out, "seconds");
	put_number(out, report->seconds);
	put_lanes(out, scenario, report);
	put_preflight(out, &report->preflight);
	put_count(out, "attempts", report->attempts);
	put_count(out, "aligned", report->aligned);
	put_count(out, "overlapped", report->overlapped);
	put_count(out, "near_flip", report->near_flip);
	put_count(out, "informative", report->informative);
	key(out, "hit_probability_below");
	put_number(out, report->upper_bound);
	put_count(out, "audits", report->audits);
	put_count(out, "recalibrations", report->recalibrations);
	put_count(out, "rotations", report->rotations);
	put_outcomes(out, report);
	key(out, "mean_delay_ns");
	put_number(out, report->delay_ns);
	key(out, "alignment_error_ns");
	put_numbers(out, report->skew_ns, 3);
	put_skew(out, report);
	put_flips(out, report);
	put_perturb(out, report);
	put_hit(out, scenario, &report->hit);
	fputs("\n}\n", out);
	return ferror(out) ? -EIO : 0;
}
