// SPDX-License-Identifier: MIT
#include "cry_module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt/assert.h"

/* Where `gemrace vm` puts what it adds to the guest. */
#define MODULE "/add/cry.ko"

/* Twice the watchdog's shortest threshold, and two periods in which it looks. */
#define OPTIONS "spin_s=5"

void cry_module_load(void)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC);

	igt_require_f(fd >= 0, "no module that cries for this kernel\n");
	igt_assert_f(!syscall(SYS_finit_module, fd, OPTIONS, 0), "cannot load %s: %s\n", MODULE,
		     strerror(errno));
	close(fd);
}

void cry_module_tell(const char *word, const char *needs)
{
	int fd = open(CRY_MODULE_FILE, O_WRONLY | O_CLOEXEC), status;
	pid_t pid;

	igt_assert_f(fd >= 0, "%s: %s\n", CRY_MODULE_FILE, strerror(errno));
	pid = fork();
	igt_assert(pid >= 0);
	if (!pid)
		_exit(write(fd, word, strlen(word)) > 0 ? 0 : errno);
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	close(fd);
	igt_require_f(!WIFEXITED(status) || WEXITSTATUS(status) != EOPNOTSUPP,
		      "no %s in this kernel\n", needs);
	igt_assert_f(!WIFEXITED(status) || !WEXITSTATUS(status), "%s: %s\n", word,
		     strerror(WEXITSTATUS(status)));
}
