// SPDX-License-Identifier: MIT
#include "build/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * $1 is the root, $2 the packages, the rest the command. The mounts are the namespace's and go with
 * it; the root's own entries are only the places they are put on.
 */
static const char enter[] =
	"root=$1 packages=$2; shift 2\n"
	"place() { mkdir -p \"$root/${1##*/}\" && mount --rbind \"$1\" \"$root/${1##*/}\"; }\n"
	"for from in \"$packages\"/* /proc /dev; do\n"
	"	if [ -L \"$from\" ]; then cp -Pf \"$from\" \"$root/\"; else place \"$from\"; fi ||"
	"exit\n"
	"done\n"
	"mkdir -p \"$root/tmp\" || exit\n"
	"exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LC_ALL=C chroot \"$root\" \"$@\"\n";

int root_run(const char *root, const char *packages, const struct tool *tool, char **ret_said)
{
	const char *const head[] = { "nice", "unshare", "--map-root-user", "--mount", "sh",
				     "-c",   enter,     "gemrace",         root,      packages };
	const size_t head_count = sizeof(head) / sizeof(*head);
	struct tool inside = *tool;
	const char **argv;
	size_t count = 0;
	int status;

	while (tool->argv[count])
		count++;
	argv = calloc(head_count + count + 1, sizeof(*argv));
	if (!argv)
		return -ENOMEM;
	memcpy(argv, head, sizeof(head));
	memcpy(argv + head_count, tool->argv, count * sizeof(*argv));
	inside.argv = argv;
	status = tool_run(&inside, ret_said);
	free(argv);
	return status;
}
