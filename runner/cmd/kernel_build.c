// SPDX-License-Identifier: MIT
/* gemrace kernel build: a whole instrumented kernel, from a source tree or an archive of one. */
#include "cmd/cmd.h"
#include "diag.h"
#include "exec/cancel.h"
#include "kbuild/build.h"
#include "kbuild/flavour.h"
#include "kbuild/result.h"
#include "options.h"
#include "plan/cache.h"
#include "plan/places.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
	const char *source, *flavour, *output;
	struct strings configs;
	int jobs;
	bool help;
};

static void usage(void)
{
	const struct flavour *f;

	puts("Usage: gemrace kernel build SOURCE [OPTIONS]\n\n"
	     "Builds a kernel with the detectors and devices the suite is for, out of tree, and "
	     "prints\n"
	     "the folder to give to --kernel. Built once for each source, configuration and "
	     "compiler;\n"
	     "interrupted, it goes on where it stopped.\n\n"
	     "  SOURCE               a kernel's source tree, or a tar archive of one, such as "
	     "Debian's\n"
	     "                       /usr/src/linux-source-X.tar.xz\n"
	     "      --flavour NAME   [" FLAVOUR_DEFAULT "]");
	for (size_t i = 0; (f = flavour_at(i)); i++)
		printf("                         %s: %s\n", f->name, f->summary);
	puts("      --config FILE    one more fragment, which wins over ours (repeatable)\n"
	     "  -o, --output DIR     put a copy there; the cache keeps its own\n"
	     "  -j, --jobs N         [one a CPU]\n"
	     "  -h, --help           this text");
}

static int parse_jobs(const char *text, int *ret, struct diag *d)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 1 || n > 1024)
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				"--jobs '%s': expected a number from 1 to 1024", text);
	*ret = n;
	return 0;
}

static int parse(int argc, char **argv, struct arguments *a, struct diag *d)
{
	static const struct option longs[] = {
		{ "flavour", required_argument, NULL, 'f' },
		{ "config", required_argument, NULL, 'c' },
		{ "output", required_argument, NULL, 'o' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c, err = 0;

	optind = 0;
	opterr = 0;
	while (!err && (c = getopt_long(argc, argv, ":o:j:h", longs, NULL)) != -1) {
		if (c == 'f')
			a->flavour = optarg;
		else if (c == 'o')
			a->output = optarg;
		else if (c == 'c')
			err = strings_add(&a->configs, optarg);
		else if (c == 'j')
			err = parse_jobs(optarg, &a->jobs, d);
		else if (c == 'h')
			a->help = true;
		else
			return diag_set(d, GEMRACE_USAGE, EINVAL,
					c == ':' ? "option '%s' needs an argument"
						 : "unknown option '%s'",
					argv[optind - 1]);
	}
	if (err || a->help)
		return err;
	if (argc - optind != 1)
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				argc == optind ? "no source named%s" : "unexpected argument '%s'",
				argc == optind ? " (a kernel's source tree or archive)"
					       : argv[optind + 1]);
	a->source = argv[optind];
	return 0;
}

static void print_note(void *data, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

static int put_copy(const char *folder, const char *target, struct diag *d)
{
	struct cancel cancel;
	int err = cancel_open(&cancel);

	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "signalfd: %s", strerror(-err));
	err = kbuild_copy_result(folder, target, cancel.fd, d);
	cancel_close(&cancel);
	return err;
}

static int build(const struct arguments *a, const char *fragments, const char *cache,
		 struct diag *d)
{
	const struct kernel_build_request req = {
		.source = a->source,
		.flavour = a->flavour,
		.fragments = fragments,
		.configs = a->configs.at,
		.cache = cache,
		.jobs = a->jobs,
		.notifier = { .note = print_note },
	};
	char *folder;
	int err;

	err = a->output ? kbuild_target_check(a->output, d) : 0;
	if (!err)
		err = kernel_build(&req, &folder, d);
	if (err)
		return err;
	if (a->output)
		err = put_copy(folder, a->output, d);
	if (!err)
		puts(a->output ? a->output : folder);
	free(folder);
	return err;
}

int cmd_kernel_build(int argc, char **argv, struct diag *d)
{
	struct arguments a = { 0 };
	char *fragments = NULL, *cache = NULL;
	int err;

	err = parse(argc, argv, &a, d);
	if (!err && a.help) {
		usage();
	} else if (!err) {
		err = places_find_fragments(&fragments, d);
		if (!err)
			err = cache_find(&cache, d);
		if (!err)
			err = build(&a, fragments, cache, d);
	}
	free(fragments);
	free(cache);
	free(a.configs.at);
	return err;
}
