// SPDX-License-Identifier: MIT
#include "options.h"

#include "diag.h"
#include "profile.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define RUNS       (COMMAND_RUN | COMMAND_VM)
#define SELECTS    (COMMAND_LIST | COMMAND_DESCRIBE | RUNS)
#define BOOTS      (COMMAND_VM | COMMAND_PROVE)
#define EVERYTHING (SELECTS | BOOTS)

struct option_spec;
typedef int (*option_set)(struct options *o, const struct option_spec *spec, const char *arg,
			  struct diag *d);

struct option_spec {
	char letter; /* 0: none */
	const char *name;
	const char *arg; /* NULL: a flag */
	unsigned commands;
	option_set set;
	size_t offset; /* of the member of struct options that set() writes */
	int min, max;  /* of a number */
	const char *help;
};

#define MEMBER(o, spec, type) ((type *)((char *)(o) + (spec)->offset))

static int bad(struct diag *d, const struct option_spec *spec, const char *arg, const char *why)
{
	return diag_set(d, GEMRACE_USAGE, EINVAL, "--%s '%s': %s", spec->name, arg, why);
}

static int set_flag(struct options *o, const struct option_spec *spec, const char *arg,
		    struct diag *d)
{
	*MEMBER(o, spec, bool) = true;
	return 0;
}

static int set_text(struct options *o, const struct option_spec *spec, const char *arg,
		    struct diag *d)
{
	if (!*arg)
		return bad(d, spec, arg, "must not be empty");
	*MEMBER(o, spec, const char *) = arg;
	return 0;
}

static int add(struct options *o, const struct option_spec *spec, const char *arg, struct diag *d)
{
	return strings_add(MEMBER(o, spec, struct strings), arg)
		       ? diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory")
		       : 0;
}

static int add_text(struct options *o, const struct option_spec *spec, const char *arg,
		    struct diag *d)
{
	if (!*arg)
		return bad(d, spec, arg, "must not be empty");
	return add(o, spec, arg, d);
}

static int set_number(struct options *o, const struct option_spec *spec, const char *arg,
		      struct diag *d)
{
	char *end, why[64];
	long n;

	errno = 0;
	n = strtol(arg, &end, 10);
	if (errno || end == arg || *end || n < spec->min || n > spec->max) {
		snprintf(why, sizeof(why), "expected a number from %d to %d", spec->min, spec->max);
		return bad(d, spec, arg, why);
	}
	*MEMBER(o, spec, int) = n;
	return 0;
}

static int set_seconds(struct options *o, const struct option_spec *spec, const char *arg,
		       struct diag *d)
{
	double s;
	char *end;

	s = strtod(arg, &end);
	if (end == arg || *end || !isfinite(s) || s <= 0 || s > 86400)
		return bad(d, spec, arg, "expected seconds, more than 0 and at most 86400");
	*MEMBER(o, spec, double) = s;
	return 0;
}

static int set_seed(struct options *o, const struct option_spec *spec, const char *arg,
		    struct diag *d)
{
	char *end;

	errno = 0;
	strtoul(arg, &end, 0);
	if (errno || end == arg || *end || *arg == '-')
		return bad(d, spec, arg, "expected a number from 0 to 2^64-1");
	return set_text(o, spec, arg, d);
}

static int add_regex(struct options *o, const struct option_spec *spec, const char *arg,
		     struct diag *d)
{
	char why[128];
	regex_t re;
	int err;

	err = regcomp(&re, arg, REG_EXTENDED | REG_NOSUB | REG_ICASE);
	if (err) {
		regerror(err, &re, why, sizeof(why));
		return bad(d, spec, arg, why);
	}
	regfree(&re);
	return add(o, spec, arg, d);
}

static int set_exec(struct options *o, const struct option_spec *spec, const char *arg,
		    struct diag *d)
{
	if (!*arg)
		return bad(d, spec, arg, "must not be empty");
	o->shell_command[0] = "/bin/sh";
	o->shell_command[1] = "-c";
	o->shell_command[2] = arg;
	o->command = o->shell_command;
	return 0;
}

static int set_profile(struct options *o, const struct option_spec *spec, const char *arg,
		       struct diag *d)
{
	if (profile_rank(arg) == PROFILE_COUNT)
		return bad(d, spec, arg, "expected quick, full or soak");
	return set_text(o, spec, arg, d);
}

static int set_kmemleak(struct options *o, const struct option_spec *spec, const char *arg,
			struct diag *d)
{
	if (strcmp(arg, "on") && strcmp(arg, "off"))
		return bad(d, spec, arg, "expected on or off");
	return set_text(o, spec, arg, d);
}

/* What the tests call counts, or keep: counters that the next test finds in place. */
static int set_census(struct options *o, const struct option_spec *spec, const char *arg,
		      struct diag *d)
{
	if (!strcmp(arg, "counts"))
		arg = "keep";
	else if (strcmp(arg, "off") && strcmp(arg, "stacks"))
		return bad(d, spec, arg, "expected off, counts or stacks");
	return set_text(o, spec, arg, d);
}

static const char *const accel_words[] = {
	[VM_ACCEL_AUTO] = "auto",
	[VM_ACCEL_KVM] = "kvm",
	[VM_ACCEL_TCG] = "tcg",
	[VM_ACCEL_TCG_SINGLE] = "tcg-single",
};

const char *options_accel_word(enum vm_accel accel)
{
	return accel_words[accel];
}

static int set_accel(struct options *o, const struct option_spec *spec, const char *arg,
		     struct diag *d)
{
	for (size_t i = 0; i < sizeof(accel_words) / sizeof(*accel_words); i++) {
		if (!strcmp(arg, accel_words[i])) {
			o->accel = i;
			return 0;
		}
	}
	return bad(d, spec, arg, "expected auto, kvm, tcg or tcg-single");
}

static int set_devices(struct options *o, const struct option_spec *spec, const char *arg,
		       struct diag *d)
{
	char *save = NULL, *word;
	int err;

	free(o->device_words);
	o->device_words = strdup(arg);
	if (!o->device_words)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");

	o->devices.count = 0;
	for (word = strtok_r(o->device_words, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		err = strings_add(&o->devices, word);
		if (err)
			return diag_set(d, GEMRACE_HARNESS, -err, "out of memory");
	}
	if (!o->devices.count)
		return bad(d, spec, arg, "names no device");
	for (size_t i = 0; i < o->devices.count && o->devices.count > 1; i++) {
		if (!strcmp(o->devices.at[i], "auto"))
			return bad(d, spec, arg, "auto stands alone");
	}
	return 0;
}

/* clang-format off */
#define AT(member) offsetof(struct options, member)
static const struct option_spec specs[] = {
	{ 't', "test", "REGEX", SELECTS | COMMAND_PROVE, add_regex, AT(include), 0, 0,
	  "only tests whose name matches (binary@subtest; repeatable)" },
	{ 'x', "exclude", "REGEX", SELECTS, add_regex, AT(exclude), 0, 0,
	  "leave out tests whose name matches (repeatable)" },
	{ 0, "tests", "DIR", SELECTS, set_text, AT(tests), 0, 0,
	  "test binaries, beside a test-list.txt [this build's]" },
	{ 0, "profile", "NAME", RUNS | COMMAND_PROVE, set_profile, AT(profile), 0, 0,
	  "how long races run: quick (1 s), full (5 s) or soak (60 s) [quick]" },
	{ 0, "race-time", "SECONDS", RUNS | COMMAND_PROVE, set_seconds, AT(race_time_s), 0, 0,
	  "run each race this long [the profile's]" },
	{ 0, "seed", "N", RUNS, set_seed, AT(seed), 0, 0,
	  "seed of the races' plan [random]" },
	{ 0, "results", "DIR", RUNS | COMMAND_PROVE, set_text, AT(results), 0, 0,
	  "keep results.json and all it came from" },
	{ 0, "overwrite", NULL, RUNS, set_flag, AT(overwrite), 0, 0,
	  "replace the results of an earlier run in DIR" },
	{ 0, "census", "NAME", RUNS, set_census, AT(census), 0, 0,
	  "how objects are counted: off, counts, or stacks, which tell\n"
	  "where what leaked was made but slow races down [counts]" },
	{ 0, "kmemleak", "ON|OFF", RUNS, set_kmemleak, AT(kmemleak), 0, 0,
	  "ask kmemleak after each test, where the kernel has it; takes\n"
	  "seconds a test [off for the profile quick, else on]" },
	{ 0, "known", "DIR", RUNS, set_text, AT(known), 0, 0,
	  "folder of known defects, which do not fail a run [this project's]" },
	{ 0, "igt-runner", "PATH", COMMAND_RUN, set_text, AT(igt_runner), 0, 0,
	  "igt_runner to use [the one on PATH]" },
	{ 0, "destructive", NULL, COMMAND_RUN, set_flag, AT(destructive), 0, 0,
	  "also run subtests that may kill this kernel" },
	{ 0, "mutants", "DIR", COMMAND_PROVE, set_text, AT(mutants), 0, 0,
	  "folder of semantic patches (*.cocci) [this project's]" },
	{ 0, "only", "IDS", COMMAND_PROVE, set_text, AT(only), 0, 0,
	  "these mutants, comma-separated [all that the kernel takes]" },
	{ 0, "blind", NULL, COMMAND_PROVE, set_flag, AT(blind), 0, 0,
	  "run every test, not those that a mutant names as Caught-by" },
	{ 0, "all", NULL, COMMAND_PROVE, set_flag, AT(blind), 0, 0,
	  "the same" },
	{ 0, "boots", "N", COMMAND_PROVE, set_number, AT(boots), 1, 1000,
	  "boot each mutant this often [1]" },
	{ 0, "build-only", NULL, COMMAND_PROVE, set_flag, AT(build_only), 0, 0,
	  "apply and compile the mutants, boot nothing" },
	{ 0, "kernel", "K", BOOTS, set_text, AT(kernel), 0, 0,
	  "debian:VERSION, build:SOURCE, a folder with an image and\n"
	  "lib/modules, or a built tree [newest packaged]" },
	{ 0, "modules", "DIR", COMMAND_VM, set_text, AT(modules), 0, 0,
	  "take the *.ko files in DIR instead of the kernel's own" },
	{ 0, "devices", "LIST", BOOTS, set_devices, AT(devices), 0, 0,
	  "vgem, virtio-gpu, bochs, vkms; auto: those the kernel has [vgem]" },
	{ 0, "accel", "NAME", BOOTS, set_accel, AT(accel), 0, 0,
	  "kvm, tcg, tcg-single or auto [auto: kvm if a trial boot works]" },
	{ 0, "cpus", "N", BOOTS, set_number, AT(cpus), 1, 64,
	  "virtual CPUs [2]" },
	{ 0, "memory", "MIB", BOOTS, set_number, AT(memory_mib), 128, 1 << 20,
	  "memory of the VM [1024]" },
	{ 0, "exec", "COMMAND", COMMAND_VM, set_exec, 0, 0, 0,
	  "run this in the guest's shell instead of the tests; without a\n"
	  "shell: -- COMMAND [ARGUMENT...]" },
	{ 0, "add", "PATH", COMMAND_VM, add_text, AT(add), 0, 0,
	  "copy a file or folder to /add in the guest (repeatable)" },
	{ 'j', "jobs", "N", COMMAND_VM, set_number, AT(jobs), 1, 64,
	  "VMs at once for destructive subtests [1]" },
	{ 0, "append", "ARGS", BOOTS, set_text, AT(append), 0, 0,
	  "more kernel arguments" },
	{ 0, "timeout", "SECONDS", BOOTS, set_number, AT(timeout_s), 1, 7 * 86400,
	  "limit for one VM [worked out from the tests]" },
	{ 0, "keep", NULL, COMMAND_VM, set_flag, AT(keep), 0, 0,
	  "keep the VMs' folder also without --results" },
	{ 0, "selftest", NULL, COMMAND_VM, set_flag, AT(selftest), 0, 0,
	  "check that the harness sees failures as what they are" },
	{ 0, "json", "FILE", COMMAND_PROVE, set_text, AT(json_file), 0, 0,
	  "write one record a mutant to FILE" },
	{ 0, "report", "FILE", COMMAND_PROVE, set_text, AT(report), 0, 0,
	  "write a page for people (Markdown) to FILE" },
	{ 0, "with", "FILE", COMMAND_PROVE, add_text, AT(with), 0, 0,
	  "put what an earlier run wrote by --json into the report too\n"
	  "(repeatable)" },
	{ 0, "page-only", NULL, COMMAND_PROVE, set_flag, AT(page_only), 0, 0,
	  "run nothing: write the --report from the --with files" },
	{ 0, "igt", NULL, COMMAND_PROVE, set_flag, AT(igt), 0, 0,
	  "run IGT's own tests over the same mutants as well" },
	{ 0, "control-boots", "N", COMMAND_PROVE, set_number, AT(control_boots), 1, 1000,
	  "boot the stock kernel this often [1]" },
	{ 0, "igt-boots", "N", COMMAND_PROVE, set_number, AT(igt_boots), 1, 1000,
	  "boot each mutant this often for them [as --boots]" },
	{ 0, "igt-only", "IDS", COMMAND_PROVE, set_text, AT(igt_only), 0, 0,
	  "run them over these mutants, comma-separated [all]" },
	{ 0, "json", NULL, SELECTS | COMMAND_VM, set_flag, AT(json), 0, 0,
	  "one JSON document on stdout, progress on stderr" },
	{ 'v', "verbose", NULL, RUNS, set_flag, AT(verbose), 0, 0,
	  "show the guest's console and what tests print" },
	{ 'h', "help", NULL, EVERYTHING, set_flag, AT(help), 0, 0,
	  "this text" },
};
/* clang-format on */
#define SPEC_COUNT (sizeof(specs) / sizeof(*specs))

int strings_add(struct strings *list, const char *s)
{
	const char **at = reallocarray(list->at, list->count + 2, sizeof(*at));

	if (!at)
		return -ENOMEM;
	at[list->count++] = s;
	at[list->count] = NULL;
	list->at = at;
	return 0;
}

static const char *letters(enum command_id command, char *buf)
{
	char *p = buf;

	*p++ = '+'; /* stop at the first argument that is no option */
	*p++ = ':'; /* tell a missing argument from an unknown option */
	for (size_t i = 0; i < SPEC_COUNT; i++) {
		if (!specs[i].letter || !(specs[i].commands & command))
			continue;
		*p++ = specs[i].letter;
		if (specs[i].arg)
			*p++ = ':';
	}
	*p = '\0';
	return buf;
}

/* What goes to the guest goes in lines; what is about tests has no meaning there. */
static int check_command(const struct options *o, struct diag *d)
{
	size_t count = 0;

	for (; o->command[count]; count++) {
		if (strchr(o->command[count], '\n'))
			return diag_set(d, GEMRACE_USAGE, EINVAL,
					"a newline cannot be handed to the guest's command");
		if (strlen(o->command[count]) > VM_ARGUMENT_MAX)
			return diag_set(d, GEMRACE_USAGE, E2BIG,
					"an argument of the guest's command is longer than %d",
					VM_ARGUMENT_MAX);
	}
	if (count > VM_ARGUMENTS_MAX)
		return diag_set(d, GEMRACE_USAGE, E2BIG,
				"more than %d arguments for the guest's command", VM_ARGUMENTS_MAX);
	if (o->json || o->selftest || o->include.count || o->exclude.count)
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				"a command runs instead of tests: no --%s with it",
				o->json            ? "json"
				: o->selftest      ? "selftest"
				: o->include.count ? "test"
						   : "exclude");
	return 0;
}

static int parse(enum command_id command, int argc, char *const *argv, struct options *o,
		 struct diag *d)
{
	struct option longs[SPEC_COUNT + 1] = { 0 };
	char shorts[2 * SPEC_COUNT + 3];
	int c, err, n = 0;

	/* getopt's value of an option is its index in specs, after the letters */
	for (size_t i = 0; i < SPEC_COUNT; i++) {
		if (!(specs[i].commands & command))
			continue;
		longs[n].name = specs[i].name;
		longs[n].has_arg = specs[i].arg ? required_argument : no_argument;
		longs[n++].val = UCHAR_MAX + 1 + i;
	}
	letters(command, shorts);

	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_spec *spec = NULL;

		if (c == ':')
			return diag_set(d, GEMRACE_USAGE, EINVAL, "option '%s' needs an argument",
					argv[optind - 1]);
		if (c == '?' && optopt && optopt <= UCHAR_MAX)
			return diag_set(d, GEMRACE_USAGE, EINVAL, "unknown option '-%c'", optopt);
		if (c == '?')
			return diag_set(d, GEMRACE_USAGE, EINVAL, "%s option '%s'",
					optopt ? "no argument allowed for" : "unknown",
					argv[optind - 1]);
		for (size_t i = 0; i < SPEC_COUNT && !spec; i++) {
			if (c == specs[i].letter || c == (int)(UCHAR_MAX + 1 + i))
				spec = &specs[i];
		}
		err = spec->set(o, spec, optarg, d);
		if (err)
			return err;
	}
	if (optind < argc && command == COMMAND_VM && !o->command &&
	    !strcmp(argv[optind - 1], "--")) {
		o->command = (const char *const *)argv + optind;
		optind = argc;
	}
	if (optind < argc)
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				"unexpected argument '%s' (tests are chosen with --test REGEX)",
				argv[optind]);
	if (o->overwrite && !o->results)
		return diag_set(d, GEMRACE_USAGE, EINVAL, "--overwrite needs --results DIR");
	return o->command ? check_command(o, d) : 0;
}

int options_parse(enum command_id command, int argc, char *const *argv, struct options *ret,
		  struct diag *d)
{
	*ret = (struct options){
		.profile = "quick",
		.boots = 1,
		.control_boots = 1,
		.census = "keep",
		.destructive = command == COMMAND_VM, /* what dies there is made for it */
		.race_time_s = -1,
		.cpus = 2,
		.memory_mib = 1024,
		.jobs = 1,
	};
	if (strings_add(&ret->devices, "vgem"))
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	return parse(command, argc, argv, ret, d);
}

void options_finish(struct options *options)
{
	free(options->include.at);
	free(options->exclude.at);
	free(options->with.at);
	free(options->devices.at);
	free(options->add.at);
	free(options->device_words);
	*options = (struct options){ 0 };
}

void options_print(FILE *f, enum command_id command)
{
	for (size_t i = 0; i < SPEC_COUNT; i++) {
		const struct option_spec *s = &specs[i];
		const char *line = s->help, *end;
		char left[40];

		if (!(s->commands & command))
			continue;
		if (s->letter)
			snprintf(left, sizeof(left), "-%c, --%s %s", s->letter, s->name,
				 s->arg ? s->arg : "");
		else
			snprintf(left, sizeof(left), "    --%s %s", s->name, s->arg ? s->arg : "");
		for (; (end = strchr(line, '\n')); line = end + 1, *left = '\0')
			fprintf(f, "  %-26s %.*s\n", left, (int)(end - line), line);
		fprintf(f, "  %-26s %s\n", left, line);
	}
}
