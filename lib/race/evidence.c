// SPDX-License-Identifier: MIT
#include "race/race.h"

#include <errno.h>

int race_evidence_write(FILE *out, const struct race_scenario *scenario,
			const struct race_report *report)
{
	unsigned int i;

	fprintf(out, "{\"gemrace_race\": %d, \"scenario\": \"%s\", \"verdict\": \"%s\"",
		RACE_EVIDENCE_VERSION, scenario->name, race_verdict_name(report->verdict));
	fprintf(out, ", \"attempts\": %llu, \"outcomes\": {", (unsigned long long)report->attempts);
	for (i = 0; i < RACE_OUTCOMES; i++)
		fprintf(out, "%s\"%s\": %llu", i ? ", " : "",
			race_outcome_name((enum race_outcome)i),
			(unsigned long long)report->outcomes[i]);
	fputs("}}\n", out);
	return ferror(out) ? -EIO : 0;
}
