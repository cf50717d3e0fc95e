// SPDX-License-Identifier: MIT
/* gemrace kernel fetch, gemrace igt: fill the cache, and say where things are, for scripts. */
#include "cmd/cmd.h"
#include "diag.h"
#include "exec/cancel.h"
#include "guest/image.h"
#include "kernel/kernel.h"
#include "plan/cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note(void *data, const char *line)
{
	fprintf(stderr, "gemrace: %s\n", line);
}

static int is_help(const char *arg)
{
	return !strcmp(arg, "--help") || !strcmp(arg, "-h");
}

int cmd_kernel_fetch(int argc, char **argv, struct diag *d)
{
	struct cancel cancel;
	struct kernel_request req = {
		.spec = argc > 1 ? argv[1] : NULL,
		.notifier = { .note = note, .cancel = &cancel },
	};
	struct kernel kernel;
	char *cache;
	int err;

	if (argc > 1 && is_help(argv[1])) {
		puts("Usage: gemrace kernel fetch [K]\n\n"
		     "Finds the kernel K (as of gemrace vm --kernel), fetches it into the cache when\n"
		     "it is not there yet, and prints its image, modules and release as KEY=VALUE.");
		return GEMRACE_OK;
	}
	if (argc > 2 || (req.spec && req.spec[0] == '-'))
		return diag_set(d, GEMRACE_USAGE, EINVAL, "'%s' unknown", argv[argc - 1]);
	err = cache_find(&cache, d);
	if (err)
		return err;
	req.cache = cache;
	err = cancel_open(&cancel);
	if (!err) {
		err = kernel_resolve(&req, &kernel, d);
		cancel_close(&cancel);
	}
	free(cache);
	if (err)
		return err;
	printf("image=%s\nmodules=%s\nrelease=%s\n", kernel.image, kernel.modules_dir,
	       kernel.release);
	kernel_finish(&kernel);
	return GEMRACE_OK;
}

int cmd_igt(int argc, char **argv, struct diag *d)
{
	struct cancel cancel;
	const struct notifier notifier = { .note = note, .cancel = &cancel };
	char *cache, *root;
	int err;

	if (argc > 1 && is_help(argv[1])) {
		puts("Usage: gemrace igt\n\n"
		     "Fetches igt_runner and the libraries it needs into the cache, once, and prints\n"
		     "the folder ROOT they are in. To run it on an older system:\n"
		     "  ROOT/lib64/ld-linux-x86-64.so.2 --library-path ROOT/lib/x86_64-linux-gnu \\\n"
		     "    ROOT/usr/bin/igt_runner");
		return GEMRACE_OK;
	}
	if (argc > 1)
		return diag_set(d, GEMRACE_USAGE, EINVAL, "'%s' unknown", argv[1]);
	err = cache_find(&cache, d);
	if (err)
		return err;
	err = cancel_open(&cancel);
	if (!err) {
		err = igt_root_resolve(cache, &notifier, &root, d);
		cancel_close(&cancel);
	}
	free(cache);
	if (err)
		return err;
	puts(root);
	free(root);
	return GEMRACE_OK;
}
