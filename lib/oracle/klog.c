// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle/klog.h"
#include "oracle/others.h"
#include "sys/clock.h"

struct klog {
	struct kmsg kmsg;
	struct splat_scan *scan;
	const char *mark; /* NULL: no line is kept */
	char kept[1024];  /* more than the kernel takes of a line */
};

int klog_open(struct klog **ret)
{
	struct klog *klog = calloc(1, sizeof(*klog));
	int err;

	if (!klog)
		return -ENOMEM;
	klog->kmsg.fd = -1;
	klog->scan = splat_scan_new();
	err = klog->scan ? kmsg_open(&klog->kmsg) : -ENOMEM;
	if (err) {
		klog_close(klog);
		return err;
	}
	*ret = klog;
	return 0;
}

void klog_close(struct klog *klog)
{
	if (!klog)
		return;
	kmsg_close(&klog->kmsg);
	splat_scan_free(klog->scan);
	free(klog);
}

static void keep(struct klog *klog, const struct kmsg_record *record)
{
	const struct text *text = &record->text;
	const char *at;
	size_t cries;

	splat_scan_result(klog->scan, &cries);
	at = cries ? NULL : memmem(text->p, text->len, klog->mark, strlen(klog->mark));
	if (at)
		snprintf(klog->kept, sizeof(klog->kept), "%.*s", (int)(text->p + text->len - at),
			 at);
}

static int feed(const struct kmsg_record *record, void *data)
{
	struct klog *klog = data;

	if (klog->mark && record->facility)
		keep(klog, record);
	return splat_scan_feed(klog->scan, record);
}

int klog_collect(struct klog *klog, unsigned int bound_ms, const struct splat **ret, size_t *ret_nr)
{
	uint64_t end = sys_now_ms() + bound_ms, now;
	int err;

	do {
		err = kmsg_drain(&klog->kmsg, feed, klog);
		now = sys_now_ms();
	} while (!err && splat_scan_pending(klog->scan) && now < end &&
		 kmsg_wait(&klog->kmsg, end - now));
	if (err)
		return err;
	*ret = splat_scan_result(klog->scan, ret_nr);
	return 0;
}

void klog_keep(struct klog *klog, const char *mark)
{
	klog->mark = mark;
	klog->kept[0] = '\0';
}

const char *klog_kept(const struct klog *klog)
{
	return klog->kept;
}

uint64_t klog_lost(const struct klog *klog)
{
	return klog->kmsg.lost;
}

int klog_is_ours(const struct splat *splat)
{
	if (splat->pid <= 0 || splat->in_irq)
		return -1;
	switch (others_relation(NULL, splat->pid, getpid())) {
	case OTHERS_KIN:
		return 1;
	case OTHERS_STRANGER:
		return 0;
	default:
		return -1;
	}
}

void splat_report(const struct splat *splat, FILE *out)
{
	char fingerprint[17];

	splat_fingerprint(splat, fingerprint);
	fprintf(out, "%s: %s\n", splat_kind_name(splat->kind), splat->title);
	fprintf(out, "  fingerprint %s, at %" PRIu64 ".%06" PRIu64 " s", fingerprint,
		splat->time_us / 1000000, splat->time_us % 1000000);
	if (splat->pid >= 0)
		fprintf(out, ", in %s (pid %d)", splat->task, splat->pid);
	if (splat->module[0])
		fprintf(out, ", module %s", splat->module);
	fputc('\n', out);
	for (unsigned int i = 0; i < splat->nr_frames; i++)
		fprintf(out, "  %s%s", splat->frames[i], i + 1 < splat->nr_frames ? " <-\n" : "\n");
}
