// SPDX-License-Identifier: MIT
/* main() of every test binary: options, lists, and the frame around a run. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "igt/body.h"
#include "igt/collect.h"
#include "igt/doc.h"
#include "igt/hook_command.h"
#include "igt/log.h"
#include "igt/output.h"
#include "igt/pattern.h"
#include "igt/state.h"
#include "igt/subtest.h"

/* Bad input: one line that names it, and the exit code igt_runner knows for that. */
static int invalid(const char *problem, const char *what)
{
	char line[1024];

	snprintf(line, sizeof(line), "%s%s%s\n", problem, what ? ": " : "", what ?: "");
	igt_output_puts(STDERR_FILENO, line);
	return IGT_EXIT_INVALID;
}

static void version_line(char *line, size_t size)
{
	struct utsname name;

	if (uname(&name))
		memset(&name, 0, sizeof(name));
	snprintf(line, size, "IGT-Version: gemrace-%s (%s) (Linux: %s %s)\n", GEMRACE_VERSION,
		 name.machine, name.release, name.machine);
}

static int read_seed(void)
{
	const char *text = getenv("IGT_SRANDOM");
	unsigned long value;
	char *end;

	if (!text || !*text) {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		igt_state.seed = (uint32_t)now.tv_nsec ^ (uint32_t)getpid() << 16;
		return 0;
	}
	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || *end || *text == '-' || value > UINT32_MAX)
		return -EINVAL;
	igt_state.seed = (uint32_t)value;
	return 0;
}

const struct igt_doc_subtest *igt_doc_find(const char *subtest)
{
	if (!&igt_test_doc)
		return NULL;
	for (size_t i = 0; i < igt_test_doc.count; i++)
		if (igt_wildmat(subtest, igt_test_doc.subtests[i].pattern))
			return &igt_test_doc.subtests[i];
	return NULL;
}

/* Whether subtests that may kill the kernel are allowed: only on a machine kept for them. */
static int read_destructive(void)
{
	const char *text = getenv("GEMRACE_DESTRUCTIVE");

	igt_state.destructive = text && !strcmp(text, "1");
	return igt_state.destructive || !text || !*text || !strcmp(text, "0") ? 0 : -EINVAL;
}

static void print_indented(const char *text)
{
	while (*text) {
		int length = (int)strcspn(text, "\n");

		printf("%s%.*s\n", length ? "  " : "", length, text);
		text += length + (text[length] != '\0');
	}
}

/* As IGT prints it, so that its tools can read it. */
static void describe(const struct igt_entries *entries)
{
	if (&igt_test_doc)
		printf("%s\n\n", igt_test_doc.description);

	for (size_t i = 0; i < entries->count; i++) {
		const struct igt_entry *entry = &entries->list[i];
		const struct igt_doc_subtest *doc = igt_doc_find(entry->name);

		if (!entry->selected)
			continue;
		printf("SUB %s %s:%d:\n", entry->name, entry->file, entry->line);
		if (doc && doc->destructive)
			printf("  Destructive: %s\n", doc->destructive);
		print_indented(doc ? doc->description : "NO DOCUMENTATION!");
		printf("\n");
	}
}

static int list(const struct igt_entries *entries)
{
	enum igt_mode mode = igt_state.options.mode;

	if (entries->problem[0])
		return invalid(entries->problem, NULL);
	if (mode == IGT_MODE_DESCRIBE)
		describe(entries);
	for (size_t i = 0; i < entries->count && mode != IGT_MODE_DESCRIBE; i++) {
		if (!entries->list[i].selected)
			continue;
		if (mode == IGT_MODE_TESTLIST)
			printf("igt@%s@%s\n", igt_state.test, entries->list[i].name);
		else
			printf("%s\n", entries->list[i].name);
	}
	if (!entries->count)
		return IGT_EXIT_INVALID; /* igt_runner: a binary without subtests */
	if (!entries->selected)
		return invalid("Unknown subtest", igt_state.options.subtests);
	return fflush(stdout) || ferror(stdout) ? IGT_EXIT_FAILURE : IGT_EXIT_SUCCESS;
}

static void trace_on_oops(void)
{
	int fd = open("/proc/sys/kernel/ftrace_dump_on_oops", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1)
		igt_warn("--trace-on-oops: cannot set ftrace_dump_on_oops: %s\n", strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* A debugger sees one process; breakpoints in a forked child would be passed by. */
static bool being_traced(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	int tracer = 0;

	if (!status)
		return false;
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	fclose(status);
	return tracer > 0;
}

static int run(const struct igt_entries *entries, void (*body)(void))
{
	const struct igt_options *options = &igt_state.options;
	struct igt_totals totals;
	char line[512];
	bool isolate;

	igt_output_init();
	if (entries->problem[0])
		return invalid(entries->problem, NULL);
	if (igt_log_init() < 0)
		return invalid("Unknown IGT_LOG_LEVEL", getenv("IGT_LOG_LEVEL"));
	if (read_seed() < 0)
		return invalid("IGT_SRANDOM is not a number", getenv("IGT_SRANDOM"));
	if (read_destructive() < 0)
		return invalid("GEMRACE_DESTRUCTIVE is neither 0 nor 1",
			       getenv("GEMRACE_DESTRUCTIVE"));
	if (options->subtests && !entries->selected)
		return invalid("Unknown subtest", options->subtests);

	version_line(line, sizeof(line));
	igt_output_version(line);
	igt_info("Using IGT_SRANDOM=%u for randomisation\n", igt_state.seed);
	igt_signals_install();
	igt_kmsg(6, "%s: executing", igt_state.test);
	if (options->trace_on_oops)
		trace_on_oops();
	igt_hook_run(IGT_HOOK_PRE_TEST, "");

	/* A single subtest by hand runs here, ready for a debugger; igt_runner gets the same
	 * isolation whether it asks for one or for all. */
	isolate = entries->selected > 1 || igt_output_to_runner();
	isolate = isolate && !options->no_fork && !being_traced();
	igt_run_body(&totals, entries, body, isolate);

	igt_hook_run(IGT_HOOK_POST_TEST, igt_result_word(totals.result));
	if (totals.dynamic_unknown) {
		invalid("Unknown dynamic subtest", options->dynamic);
		igt_leave(IGT_EXIT_INVALID);
	}
	igt_leave(igt_result_exit_code(totals.result, totals.sig));
}

int igt_run(int argc, char **argv, void (*body)(void))
{
	struct igt_entries entries;
	char text[512];
	int ret;

	igt_state.test = argc ? strrchr(argv[0], '/') : NULL;
	igt_state.test = igt_state.test ? igt_state.test + 1 : argc ? argv[0] : "?";
	igt_state.shared = mmap(NULL, sizeof(*igt_state.shared), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (igt_state.shared == MAP_FAILED) {
		perror("mmap");
		return IGT_EXIT_FAILURE;
	}
	if (igt_options_parse(&igt_state.options, argc, argv, text, sizeof(text)) < 0)
		return invalid(text, NULL);

	switch (igt_state.options.mode) {
	case IGT_MODE_HELP:
		if (igt_state.options.help_description)
			printf("%s\n",
			       &igt_test_doc ? igt_test_doc.description : "No description.");
		else
			fputs(igt_state.options.help, stdout);
		return IGT_EXIT_SUCCESS;
	case IGT_MODE_VERSION:
		version_line(text, sizeof(text));
		fputs(text, stdout);
		return IGT_EXIT_SUCCESS;
	default:
		break;
	}

	igt_collect(&entries, body);
	if (igt_state.options.mode == IGT_MODE_RUN)
		ret = run(&entries, body);
	else
		ret = list(&entries);
	igt_entries_free(&entries);
	return ret;
}

const char *igt_test_name(void)
{
	return igt_state.test;
}

const char *igt_device_filter(void)
{
	const char *environment = getenv("IGT_DEVICE");

	if (igt_state.options.device)
		return igt_state.options.device;
	return environment && *environment ? environment : NULL;
}

uint32_t igt_seed(void)
{
	return igt_state.seed;
}

void igt_debug_wait_for_keypress(const char *where)
{
	const char *wanted = igt_state.options.interactive_debug;
	struct pollfd key = { .fd = STDIN_FILENO, .events = POLLIN };
	char discard;

	if (!wanted || (strcmp(wanted, "all") && strcmp(wanted, where)) || !isatty(STDIN_FILENO))
		return;
	/* a subtest in a process of its own has no right to read from the terminal */
	if (tcgetpgrp(STDIN_FILENO) != getpgrp())
		return;
	igt_info("%s: press enter to go on\n", where);
	if (poll(&key, 1, -1) > 0 && read(STDIN_FILENO, &discard, 1) < 0)
		igt_warn("no key: %s\n", strerror(errno));
}
