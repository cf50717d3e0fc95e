// SPDX-License-Identifier: MIT
#include "report/progress.h"

#include "clock.h"
#include "report/style.h"

#include <stdarg.h>
#include <string.h>

static const struct {
	const char *printed; /* by a test binary */
	enum verdict verdict;
} results[] = {
	{ "SUCCESS", VERDICT_PASS }, { "SKIP", VERDICT_SKIP },       { "FAIL", VERDICT_FAIL },
	{ "CRASH", VERDICT_CRASH },  { "TIMEOUT", VERDICT_TIMEOUT },
};

void progress_init(struct progress *p, FILE *f, int total)
{
	*p = (struct progress){
		.f = f,
		.terminal = style_is_terminal(f),
		.total = total,
	};
}

void progress_init_beside(struct progress *p, struct progress *whole)
{
	*p = (struct progress){ .f = whole->f, .whole = whole };
}

static int number_width(int n)
{
	return snprintf(NULL, 0, "%d", n);
}

static void clear_line(struct progress *p)
{
	if (p->line_open)
		fputs("\r\033[K", p->f);
	p->line_open = false;
}

static void print_test(struct progress *p, const char *job, int number, const char *colour,
		       const char *word, const char *seconds)
{
	fprintf(p->f, "%*d/%d  %s%-10s%s %7s  %s", number_width(p->total), number, p->total, colour,
		word, style_end(p->terminal), seconds, job);
}

static void show_running(struct progress *p)
{
	if (!p->terminal)
		return; /* nor for one of several: there is one last line */
	clear_line(p);
	print_test(p, p->job, p->done + 1, style_bold(true), "runs", "");
	fflush(p->f);
	p->line_open = true;
}

static void finish(struct progress *p, enum verdict v, const char *word)
{
	struct progress *whole = p->whole ? p->whole : p;
	char seconds[16];

	clear_line(whole);
	whole->done++;
	snprintf(seconds, sizeof(seconds), "%.1f s", now_s() - p->start_s);
	print_test(whole, p->job, whole->done, style_of(v, whole->terminal), word, seconds);
	fputc('\n', p->f);
	fflush(p->f);
	p->job[0] = '\0';
}

void progress_lost(struct progress *p, const char *word)
{
	if (p->job[0] && !p->reported)
		finish(p, VERDICT_INCOMPLETE, word);
	p->job[0] = '\0';
	clear_line(p);
}

/* "[12.345678] [3/18] prime_export_race (export-vs-close)" */
static bool read_job(struct progress *p, const char *line)
{
	char binary[250], subtest[250];
	int n;

	n = sscanf(line, "[%*f] [%*d/%*d] %249s (%249[^)])", binary, subtest);
	if (n < 1)
		return false;
	progress_lost(p, p->timed_out ? "timeout" : "incomplete");
	if (n == 2)
		snprintf(p->job, sizeof(p->job), "%s@%s", binary, subtest);
	else
		snprintf(p->job, sizeof(p->job), "%s", binary);
	p->reported = p->timed_out = false;
	p->start_s = now_s();
	show_running(p);
	return true;
}

void progress_result(struct progress *p, const char *printed)
{
	enum verdict v = VERDICT_INCOMPLETE;

	if (!p->job[0])
		return;
	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
		if (!strcmp(printed, results[i].printed))
			v = results[i].verdict;
	}
	p->reported = true;
	finish(p, v, verdict_word(v));
}

/* "Subtest export-vs-close: SUCCESS (1.234s)" */
static bool read_result(struct progress *p, const char *line)
{
	char printed[32] = "";

	if (!p->job[0] || sscanf(line, "Subtest %*[^:]: %31[A-Z]", printed) < 1)
		return false;
	progress_result(p, printed);
	return true;
}

void progress_started(struct progress *p)
{
	if (p->whole)
		p = p->whole;
	if (!p->first_s)
		p->first_s = now_s();
}

/* igt_runner puts its clock before what it heard through the socket: "[46.118228] Subtest ..." */
static const char *skip_clock(const char *line)
{
	int n = 0;

	sscanf(line, "[%*d.%*d] %n", &n);
	return line + n;
}

void progress_line(struct progress *p, const char *line)
{
	if (*line == '[' && read_job(p, line))
		return;
	line = skip_clock(line);
	if (!strncmp(line, "Subtest ", 8) && read_result(p, line))
		return;
	if (!strncmp(line, "Starting subtest: ", 18))
		progress_started(p);
	if (strstr(line, "timeout exceeded. Killing"))
		p->timed_out = true;
	if (!strcmp(line, "Done."))
		progress_lost(p, p->timed_out ? "timeout" : "incomplete");
}

void progress_note(struct progress *p, const char *fmt, ...)
{
	bool was_open = p->line_open;
	va_list ap;

	clear_line(p);
	va_start(ap, fmt);
	vfprintf(p->f, fmt, ap);
	va_end(ap);
	fputc('\n', p->f);
	fflush(p->f);
	if (was_open)
		show_running(p);
}
