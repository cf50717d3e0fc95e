// SPDX-License-Identifier: MIT
#include "igt/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "igt/hook_command.h"

static const char usage[] =
	"Options of every test binary:\n"
	"  --list-subtests           print the names of the subtests\n"
	"  --run-subtest PATTERNS    run only these; comma-separated, with * ? [set] [^set];\n"
	"                            ! excludes, the last match decides\n"
	"  --dynamic-subtest PATTERNS  of the dynamic subtests run only these\n"
	"  --describe[=PATTERNS]     print descriptions of subtests\n"
	"  --show-testlist           print igt@binary@subtest for each subtest\n"
	"  --device FILTER           device to test, see IGT_DEVICE\n"
	"  --debug[=DOMAIN]          print debug lines, of one domain or of all\n"
	"  --interactive-debug[=WHERE]  wait for a key at WHERE: subtest (one begins), failure\n"
	"                            (an assertion failed), a point of the test's own, or all\n"
	"  --skip-crc-compare        accepted for compatibility; nothing here compares CRCs\n"
	"  --trace-on-oops           dump ftrace buffers on an oops\n"
	"  --no-fork                 run every subtest in this process, for debugging\n"
	"  --hook [EVENTS:]COMMAND   run a shell command around tests, see --help-hook\n"
	"  --help-description        print what the test is about\n"
	"  --help-hook               explain hooks\n"
	"  --version\n"
	"  -h, --help\n"
	"Exit status: 0 passed, 77 skipped, 79 bad option or unknown subtest, 98 failed,\n"
	"112 the machine is not fit to go on, 128 + signal crashed.\n";

enum {
	OPT_LIST = 256,
	OPT_RUN,
	OPT_DYNAMIC,
	OPT_DESCRIBE,
	OPT_TESTLIST,
	OPT_DEVICE,
	OPT_DEBUG,
	OPT_INTERACTIVE,
	OPT_SKIP_CRC,
	OPT_TRACE,
	OPT_NO_FORK,
	OPT_HOOK,
	OPT_HELP_DESCRIPTION,
	OPT_HELP_HOOK,
	OPT_VERSION,
	OPT_HELP = 'h',
};

static const struct option long_options[] = {
	{ "list-subtests", no_argument, NULL, OPT_LIST },
	{ "run-subtest", required_argument, NULL, OPT_RUN },
	{ "dynamic-subtest", required_argument, NULL, OPT_DYNAMIC },
	{ "describe", optional_argument, NULL, OPT_DESCRIBE },
	{ "show-testlist", no_argument, NULL, OPT_TESTLIST },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "debug", optional_argument, NULL, OPT_DEBUG },
	{ "interactive-debug", optional_argument, NULL, OPT_INTERACTIVE },
	{ "skip-crc-compare", no_argument, NULL, OPT_SKIP_CRC },
	{ "trace-on-oops", no_argument, NULL, OPT_TRACE },
	{ "no-fork", no_argument, NULL, OPT_NO_FORK },
	{ "hook", required_argument, NULL, OPT_HOOK },
	{ "help-description", no_argument, NULL, OPT_HELP_DESCRIPTION },
	{ "help-hook", no_argument, NULL, OPT_HELP_HOOK },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int take(struct igt_options *options, int opt, char *ret_error, size_t error_size)
{
	switch (opt) {
	case OPT_LIST:
		options->mode = IGT_MODE_LIST;
		break;
	case OPT_RUN:
		options->subtests = optarg;
		break;
	case OPT_DYNAMIC:
		options->dynamic = optarg;
		break;
	case OPT_DESCRIBE:
		options->mode = IGT_MODE_DESCRIBE;
		if (optarg)
			options->subtests = optarg;
		break;
	case OPT_TESTLIST:
		options->mode = IGT_MODE_TESTLIST;
		break;
	case OPT_DEVICE:
		options->device = optarg;
		break;
	case OPT_DEBUG:
		options->debug_domain = optarg ?: "";
		break;
	case OPT_INTERACTIVE:
		options->interactive_debug = optarg ?: "all";
		break;
	case OPT_SKIP_CRC:
		options->skip_crc_compare = true;
		break;
	case OPT_TRACE:
		options->trace_on_oops = true;
		break;
	case OPT_NO_FORK:
		options->no_fork = true;
		break;
	case OPT_HOOK:
		if (options->hooks_count == IGT_HOOKS_MAX) {
			snprintf(ret_error, error_size, "more than %d hooks", IGT_HOOKS_MAX);
			return -EINVAL;
		}
		if (igt_hook_check(optarg, ret_error, error_size) < 0)
			return -EINVAL;
		options->hooks[options->hooks_count++] = optarg;
		break;
	case OPT_HELP_DESCRIPTION:
		options->mode = IGT_MODE_HELP;
		options->help_description = true;
		break;
	case OPT_HELP_HOOK:
		options->mode = IGT_MODE_HELP;
		options->help = igt_hook_help;
		break;
	case OPT_VERSION:
		options->mode = IGT_MODE_VERSION;
		break;
	case OPT_HELP:
		options->mode = IGT_MODE_HELP;
		options->help = usage;
		break;
	}
	return 0;
}

int igt_options_parse(struct igt_options *ret_options, int argc, char **argv, char *ret_error,
		      size_t error_size)
{
	struct igt_options options = { .mode = IGT_MODE_RUN };
	int opt, ret;

	optind = 0; /* glibc: start afresh, also for a second call in unit tests */
	opterr = 0;
	/* '+': stop at the first word, which is an error below; ':': tell missing from unknown. */
	while ((opt = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		if (opt == '?' || opt == ':') {
			/* of several letters in one word, getopt tells the letter */
			const char letter[] = { '-', (char)optopt, '\0' };

			snprintf(ret_error, error_size, "%s: %s",
				 opt == ':' ? "Option needs an argument" : "Unknown option",
				 optopt && optopt < 256 && optopt != OPT_HELP ? letter
									      : argv[optind - 1]);
			return -EINVAL;
		}
		ret = take(&options, opt, ret_error, error_size);
		if (ret < 0)
			return ret;
	}
	if (optind < argc) {
		snprintf(ret_error, error_size, "Unexpected argument: %s", argv[optind]);
		return -EINVAL;
	}

	*ret_options = options;
	return 0;
}
