// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/splat.h"
#include "oracle/splat_title.h"

/* A line that elaborates ("invalid opcode") comes this soon after the one it belongs to. */
#define FOLLOW_LINES 8

/* A cry without a trace after this many lines will not get one any more. */
#define LONGEST 200

/* The "cut here" line, and the message of the WARN() that may follow it, stay valid this long. */
#define CUT_LINES 4

struct splat_scan {
	struct splat *splats;
	size_t nr;
	bool open; /* the last one may still take lines */
	bool in_trace, had_trace;
	bool has_where; /* its title names a function */
	bool traceless;
	bool in_irq;       /* its trace begins in an interrupt */
	unsigned int cut;  /* lines since "cut here", from 1 */
	char message[160]; /* of the WARN() whose WARNING line is yet to come */
};

static struct splat *last(struct splat_scan *scan)
{
	return &scan->splats[scan->nr - 1];
}

static void append(struct splat *splat, const char *text)
{
	size_t len = strlen(splat->title);

	snprintf(splat->title + len, sizeof(splat->title) - len, "%s", text);
}

/* A sanitizer's first line says in which function it was. */
static bool names_function(enum splat_kind kind)
{
	return kind == SPLAT_KASAN || kind == SPLAT_KFENCE || kind == SPLAT_KCSAN ||
	       kind == SPLAT_KMSAN;
}

static int begin(struct splat_scan *scan, const struct splat_pattern *pattern, struct text line,
		 const struct kmsg_record *record)
{
	struct splat *splats = reallocarray(scan->splats, scan->nr + 1, sizeof(*splats)), *splat;

	if (!splats)
		return -ENOMEM;
	scan->splats = splats;
	splat = &splats[scan->nr++];
	*splat = (struct splat){
		.kind = pattern->kind,
		.seq = record->seq,
		.time_us = record->time_us,
		.pid = -1,
		.died = pattern->died,
	};
	text_copy(line, splat->line, sizeof(splat->line));
	if (pattern->title)
		append(splat, pattern->title);
	else
		splat_normalise(line, splat->title, sizeof(splat->title));
	if (pattern->kind == SPLAT_WARNING && scan->message[0]) {
		append(splat, ": ");
		append(splat, scan->message);
	}
	scan->open = true;
	scan->in_trace = scan->had_trace = scan->in_irq = false;
	scan->traceless = pattern->traceless;
	scan->has_where = names_function(pattern->kind);
	return 0;
}

/* "CPU: 1 UID: 0 PID: 379 Comm: sh Tainted: G"; a command may hold blanks. */
static void read_task(struct splat *splat, struct text line)
{
	const char *pid = text_find(line, TEXT("PID: "));
	const char *comm = text_find(line, TEXT(" Comm: "));
	struct text rest, word;
	const char *end;
	uint64_t number;

	if (!pid || !comm || splat->task[0])
		return;
	rest = (struct text){ pid + 5, line.p + line.len - pid - 5 };
	if (!text_word(&rest, &word) || text_u64(word, 10, &number) || number > INT_MAX)
		return;
	rest = (struct text){ comm + 7, line.p + line.len - comm - 7 };
	end = text_find(rest, TEXT(" Tainted: "));
	if (!end)
		end = text_find(rest, TEXT(" Not tainted"));
	if (end)
		rest.len = end - rest.p;
	splat->pid = number;
	text_copy(text_trim(rest), splat->task, sizeof(splat->task));
}

/* "INFO: task kworker/0:1:431 blocked": the number is after the last colon of the second word. */
static void read_hung_task(struct splat *splat, struct text line)
{
	const char *blocked = NULL, *colon;
	uint64_t number;

	if (text_skip(&line, TEXT("INFO: task ")))
		blocked = text_find(line, TEXT(" blocked "));
	if (!blocked)
		return;
	line.len = blocked - line.p;
	/* "task sh:431 is blocked on a mutex likely owned by ..." (Linux 6.16) */
	if (text_has_suffix(line, TEXT(" is")))
		line.len -= 3;
	colon = memrchr(line.p, ':', line.len);
	if (!colon ||
	    text_u64((struct text){ colon + 1, line.p + line.len - colon - 1 }, 10, &number) ||
	    number > INT_MAX)
		return;
	splat->pid = number;
	text_copy((struct text){ line.p, colon - line.p }, splat->task, sizeof(splat->task));
}

/* "task:sh   state:R  running task   stack:0  pid:440  tgid:440", see sched_show_task() */
static void read_shown_task(struct splat *splat, struct text line)
{
	const char *state = text_find(line, TEXT(" state:"));
	const char *pid = text_find(line, TEXT(" pid:"));
	struct text rest, word;
	uint64_t number;

	if (splat->task[0] || !state || !pid || !text_skip(&line, TEXT("task:")))
		return;
	rest = (struct text){ pid + 5, line.p + line.len - pid - 5 };
	if (state < line.p || !text_word(&rest, &word) || text_u64(word, 10, &number) ||
	    number > INT_MAX)
		return;
	splat->pid = number;
	text_copy(text_trim((struct text){ line.p, state - line.p }), splat->task,
		  sizeof(splat->task));
}

/* The task that the cry before killed, on its way out with the locks and context it died in. */
static bool is_last_gasp(const struct splat_scan *scan, const char *function)
{
	return scan->nr > 1 && scan->splats[scan->nr - 2].died &&
	       !strcmp(function, "make_task_dead");
}

static void take_frame(struct splat_scan *scan, struct text line)
{
	struct splat *splat = last(scan);
	char function[64], module[32];

	if (!splat_frame(line, function, sizeof(function), module, sizeof(module)) ||
	    splat_is_reporter(function))
		return;
	if (is_last_gasp(scan, function)) {
		scan->nr--;
		scan->open = false;
		return;
	}
	if (splat->nr_frames == SPLAT_FRAMES)
		return;
	/* The instruction pointer may be repeated as the first frame of the trace. */
	if (splat->nr_frames && !strcmp(splat->frames[splat->nr_frames - 1], function))
		return;
	if (!scan->has_where) {
		append(splat, " in ");
		append(splat, function);
		scan->has_where = true;
	}
	if (!splat->module[0])
		strcpy(splat->module, module);
	strcpy(splat->frames[splat->nr_frames++], function);
}

static void end_trace(struct splat_scan *scan)
{
	scan->had_trace |= scan->in_trace;
	scan->in_trace = false;
}

static bool is_trace_heading(struct text line)
{
	return text_has_prefix(line, TEXT("Call Trace:")) ||
	       text_has_prefix(line, TEXT("Call trace:"));
}

/* What noticed a stall, a tick or an NMI, stands before the task that is stuck: forget it. */
static void enter_task(struct splat_scan *scan)
{
	struct splat *splat = last(scan);
	char *where = strstr(splat->title, " in ");

	if (!scan->in_irq || (splat->kind != SPLAT_RCU_STALL && splat->kind != SPLAT_LOCKUP))
		return;
	splat->nr_frames = 0;
	splat->module[0] = '\0';
	if (where)
		*where = '\0';
	scan->has_where = false;
}

/* A trace that begins in an interrupt; but what is stuck is the task that it interrupted. */
static void enter_irq(struct splat_scan *scan)
{
	struct splat *splat = last(scan);

	scan->in_irq = true;
	splat->in_irq = splat->kind != SPLAT_RCU_STALL && splat->kind != SPLAT_LOCKUP;
}

/* Lines of a cry that has begun: who, where, and through which calls. */
static void elaborate(struct splat_scan *scan, struct text line)
{
	struct splat *splat = last(scan);

	splat->lines++;
	if (text_has_prefix(line, TEXT("---[ end "))) {
		end_trace(scan);
		scan->open = false;
	} else if (is_trace_heading(line)) {
		scan->in_trace = !scan->had_trace;
	} else if (text_has_prefix(line, TEXT("CPU: "))) {
		read_task(splat, line);
	} else if (text_has_prefix(line, TEXT("task:"))) {
		read_shown_task(splat, line);
	} else if (!scan->in_trace && !scan->had_trace &&
		   (text_skip(&line, TEXT("RIP: 0010:")) || text_skip(&line, TEXT("pc : ")))) {
		take_frame(scan, line);
	} else if (scan->in_trace) {
		struct text trimmed = text_trim(line);

		/* <NMI>, <IRQ> and <TASK> follow each other; a trace ends with the last one. */
		if (text_equal(trimmed, TEXT("</TASK>")))
			end_trace(scan);
		else if (text_equal(trimmed, TEXT("<TASK>")))
			enter_task(scan);
		else if (text_equal(trimmed, TEXT("<IRQ>")) || text_equal(trimmed, TEXT("<NMI>")))
			enter_irq(scan);
		else if (text_skip(&line, TEXT("RIP: 0010:")) || (line.len && line.p[0] == ' '))
			take_frame(scan, line);
		else if (!text_find(line, TEXT(": ")))
			end_trace(scan);
	}
	if (splat->lines >= LONGEST)
		scan->open = false;
}

/* The panic that a report was set to end in: the same once more. */
static bool is_consequence(const struct splat *splat, struct text line)
{
	static const struct {
		enum splat_kind kind;
		struct text panic;
	} ends[] = {
		{ SPLAT_RCU_STALL, TEXT("RCU Stall") },
		{ SPLAT_LOCKUP, TEXT("softlockup: hung tasks") },
		{ SPLAT_HUNG_TASK, TEXT("hung_task: blocked tasks") },
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (splat->kind == ends[i].kind && text_find(line, ends[i].panic))
			return true;
	}
	return text_find(line, TEXT(" set ..."));
}

static bool belongs_to_last(struct splat_scan *scan, const struct splat_pattern *pattern,
			    struct text line)
{
	const struct splat *splat = scan->nr ? last(scan) : NULL;

	if (!splat)
		return false;
	/* "Fatal exception" names the oops again, "panic_on_warn set ..." the report before it. */
	if (pattern->kind == SPLAT_PANIC)
		return splat->died || is_consequence(splat, line);
	if (!scan->open || !pattern->follows || splat->nr_frames || scan->had_trace)
		return false;
	/* From Linux 6.15, SLUB dumps the object and then has a WARN() print the trace. */
	if (splat->kind == SPLAT_SLAB && text_find(line, TEXT("mm/slub.c")))
		return true;
	return splat->lines < FOLLOW_LINES;
}

static int feed_line(struct splat_scan *scan, struct text line, const struct kmsg_record *record)
{
	const struct splat_pattern *pattern = splat_match(line);
	int err;

	if (text_has_prefix(line, TEXT("------------[ cut here ]"))) {
		scan->cut = 1;
		scan->message[0] = '\0';
		return 0;
	}
	if (!pattern) {
		if (scan->cut && !scan->message[0] && line.len)
			splat_normalise(line, scan->message, sizeof(scan->message));
		if (scan->cut && ++scan->cut > CUT_LINES)
			scan->cut = 0;
		if (!scan->cut)
			scan->message[0] = '\0';
		if (scan->open)
			elaborate(scan, line);
		return 0;
	}
	scan->cut = 0;
	if (belongs_to_last(scan, pattern, line)) {
		last(scan)->died |= pattern->died;
		last(scan)->lines++;
		return 0;
	}
	err = begin(scan, pattern, line, record);
	if (err)
		return err;
	scan->message[0] = '\0';
	last(scan)->lines = 1;
	if (pattern->kind == SPLAT_HUNG_TASK)
		read_hung_task(last(scan), line);
	return 0;
}

int splat_scan_feed(struct splat_scan *scan, const struct kmsg_record *record)
{
	struct text rest = record->text;
	int err = 0;

	if (record->facility)
		return 0;
	/* One printk() may hold several lines; /dev/kmsg escapes what stands between them. */
	while (!err && rest.len) {
		const char *newline = text_find(rest, TEXT("\\x0a"));
		struct text line = { rest.p, newline ? (size_t)(newline - rest.p) : rest.len };

		rest.len -= line.len + (newline ? 4 : 0);
		rest.p += line.len + (newline ? 4 : 0);
		err = feed_line(scan, line, record);
	}
	return err;
}

bool splat_scan_pending(const struct splat_scan *scan)
{
	return scan->open && !scan->had_trace && !scan->traceless;
}

const struct splat *splat_scan_result(const struct splat_scan *scan, size_t *ret_nr)
{
	*ret_nr = scan->nr;
	return scan->splats;
}

struct splat_scan *splat_scan_new(void)
{
	return calloc(1, sizeof(struct splat_scan));
}

void splat_scan_free(struct splat_scan *scan)
{
	if (scan)
		free(scan->splats);
	free(scan);
}
