// SPDX-License-Identifier: MIT
#include "suite/race_log.h"

#include <stdio.h>

#include "suite/cries.h"

void race_log_open(struct race_log *log, uint64_t seed)
{
	*log = (struct race_log){ 0 };
	if (klog_open(&log->klog)) {
		log->klog = NULL;
		return;
	}
	snprintf(log->place, sizeof(log->place), RACE_SETTINGS, seed, "");
	klog_keep(log->klog, log->place);
}

void race_log_close(struct race_log *log)
{
	klog_close(log->klog);
	log->klog = NULL;
}

int race_log_watch(void *ctx, struct race_why *why)
{
	const struct splat *splats;
	struct race_log *log = ctx;
	char text[SUITE_CRY_SIZE];
	size_t nr;

	if (!log->klog || klog_collect(log->klog, 0, &splats, &nr) || log->asked == nr)
		return 0;
	if (klog_collect(log->klog, SUITE_CRY_MS, &splats, &nr))
		return 0;
	for (; log->asked < nr; log->asked++) {
		if (suite_cry_counts(&splats[log->asked], text, sizeof(text)))
			return race_why(why, "%s", text);
	}
	return 0;
}

const char *race_log_command(const struct race_log *log)
{
	return log->klog ? klog_kept(log->klog) : "";
}
