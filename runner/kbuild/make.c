// SPDX-License-Identifier: MIT
#include "kbuild/make.h"

#include "clock.h"
#include "diag.h"
#include "exec/process.h"
#include "fetch/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NOTE_EVERY_S 15
#define TAIL_LINES   12
#define MAX_ARGS     32

/* What make said so far. */
struct transcript {
	const struct kbuild *kbuild;
	const char *what;
	FILE *log;
	unsigned int steps;
	double start_s, noted_s;
	char *error;            /* the first line that says what went wrong */
	char *tail[TAIL_LINES]; /* ring of the last lines */
	unsigned int lines;
};

int kbuild_line_is_error(const char *line)
{
	static const char *const marks[] = {
		": error: ",           ": fatal error: ",
		"undefined reference", "No space left on device",
		"ERROR: modpost:",     ": Error: ",
		"command not found",   "internal compiler error",
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (strstr(line, marks[i]))
			return 1;
	}
	return 0;
}

/* "  CC      drivers/..." and its kin: one file made. */
static int is_step(const char *line)
{
	return text_starts(line, "  ") && line[2] >= 'A' && line[2] <= 'Z';
}

static void take_line(void *data, const char *line)
{
	struct transcript *t = data;
	char **slot = &t->tail[t->lines++ % TAIL_LINES];
	double now = now_s();

	fprintf(t->log, "%s\n", line);
	free(*slot);
	*slot = strdup(line);
	if (!t->error && kbuild_line_is_error(line))
		t->error = strdup(line);
	t->steps += is_step(line);
	if (now - t->noted_s >= NOTE_EVERY_S) {
		_cleanup_free_ char *text = text_printf("  %s: %u files, %.0f s", t->what, t->steps,
							now - t->start_s);

		t->noted_s = now;
		if (text)
			notify(&t->kbuild->notifier, text);
	}
}

static int failed(const struct transcript *t, int status, struct diag *d)
{
	for (unsigned int i = t->lines > TAIL_LINES ? t->lines - TAIL_LINES : 0; i < t->lines;
	     i++) {
		if (t->tail[i % TAIL_LINES])
			notify(&t->kbuild->notifier, t->tail[i % TAIL_LINES]);
	}
	return diag_set(d, GEMRACE_HARNESS, EIO, "make %s failed (%d): %s; see %s", t->what, status,
			t->error ? t->error : "no line of its output says why", t->kbuild->log);
}

/* clang-format off */
/* Variables that would change what is built, or where; and what keeps two builds the same. */
static const char *const environment[] = {
	"MAKEFLAGS=", "MFLAGS=", "MAKELEVEL=",
	"KBUILD_OUTPUT=", "KBUILD_EXTMOD=", "KCONFIG_CONFIG=.config", "KBUILD_VERBOSE=0",
	"CROSS_COMPILE=", "LLVM=", "KCFLAGS=", "LOCALVERSION=",
	"KBUILD_BUILD_USER=gemrace", "KBUILD_BUILD_HOST=gemrace",
	/* Messages are looked at. */
	"LC_ALL=C",
	/* kbuild's Python scripts must leave no cache in the source. */
	"PYTHONDONTWRITEBYTECODE=1",
	NULL
};
/* clang-format on */

static int run(const struct kbuild *k, const char *const *args, struct transcript *t,
	       struct diag *d)
{
	_cleanup_free_ char *output = text_printf("O=%s", k->output);
	_cleanup_free_ char *jobs = text_printf("-j%d", k->jobs);
	const char *argv[MAX_ARGS] = { "make", "-C", k->source, output, jobs, "ARCH=x86_64" };
	int status, n = 6, err;

	if (!output || !jobs)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	while (*args && n < MAX_ARGS - 1)
		argv[n++] = *args++;
	err = process_run(&(struct process){ .argv = argv,
					     .env = environment,
					     .stderr_path = "",
					     .cancel_fd = k->cancel_fd,
					     .line = take_line,
					     .data = t },
			  &status);
	if (err == -EINTR)
		return diag_set(d, GEMRACE_HARNESS, EINTR,
				"interrupted; the same command goes on from here");
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "make: %s", strerror(-err));
	return status ? failed(t, status, d) : 0;
}

int kbuild_make(const struct kbuild *kbuild, const char *what, const char *const *args,
		struct diag *d)
{
	struct transcript t = { .kbuild = kbuild, .what = what };
	int err;

	t.log = fopen(kbuild->log, "ae");
	if (!t.log)
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", kbuild->log, strerror(errno));
	setvbuf(t.log, NULL, _IOLBF, 0); /* for tail -f */
	t.start_s = t.noted_s = now_s();
	err = run(kbuild, args, &t, d);
	fclose(t.log);
	for (size_t i = 0; i < TAIL_LINES; i++)
		free(t.tail[i]);
	free(t.error);
	return err;
}
