// SPDX-License-Identifier: MIT
#include "kbuild/configure.h"

#include "diag.h"
#include "fetch/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int write_wishes(const struct fragment *fragment, const char *path, struct diag *d)
{
	FILE *f = fopen(path, "we");
	int err = 0;

	if (!f)
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", path, strerror(errno));
	fragment_write(fragment, f);
	if (ferror(f))
		err = EIO;
	if (fclose(f))
		err = errno;
	return err ? diag_set(d, GEMRACE_HARNESS, err, "%s: %s", path, strerror(err)) : 0;
}

struct complaint {
	const struct notifier *notifier;
	char names[512];
};

static void on_dropped(void *data, const struct kconfig_wish *wish, const char *got)
{
	struct complaint *c = data;
	size_t n = strlen(c->names);
	_cleanup_free_ char *line = text_printf("  %s: %s=%s asked for, %s came out", wish->origin,
						wish->option, wish->value, got);

	if (line)
		notify(c->notifier, line);
	snprintf(c->names + n, sizeof(c->names) - n, "%s%s", n ? ", " : "", wish->option);
}

static int check(const struct kbuild *k, const struct fragment *fragment, const char *path,
		 struct diag *d)
{
	struct complaint complaint = { .notifier = &k->notifier };
	_cleanup_free_ char *dotconfig = NULL;
	size_t dropped;
	int err;

	err = file_read(path, &dotconfig, NULL);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", path, strerror(-err));
	dropped = fragment_check(fragment, dotconfig, on_dropped, &complaint);
	if (!dropped)
		return 0;
	return diag_set(d, GEMRACE_USAGE, EINVAL,
			"Kconfig dropped %zu option%s (not in this kernel, or a dependency is "
			"missing): %s",
			dropped, dropped == 1 ? "" : "s", complaint.names);
}

int kbuild_configure(const struct kbuild *kbuild, const struct fragment *fragment, struct diag *d)
{
	_cleanup_free_ char *wishes = text_printf("%s/gemrace.config", kbuild->output);
	_cleanup_free_ char *dotconfig = text_printf("%s/.config", kbuild->output);
	_cleanup_free_ char *all = text_printf("KCONFIG_ALLCONFIG=%s/gemrace.config",
					       kbuild->output);
	const char *args[] = { all, "allnoconfig", NULL };
	int err;

	if (!wishes || !dotconfig || !all)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	err = write_wishes(fragment, wishes, d);
	if (!err)
		err = kbuild_make(kbuild, "allnoconfig", args, d);
	return err ? err : check(kbuild, fragment, dotconfig, d);
}
