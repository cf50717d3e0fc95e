// SPDX-License-Identifier: MIT
#include "prove/ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NICE 10 /* a race that shares its CPU with a compiler proves nothing */

static void silence(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
}

static void be_orphan(void (*work)(void *data, int cancel_fd), void *data, int cancel_fd)
{
	if (fork())
		_exit(0);
	setsid();
	silence();
	if (nice(NICE) == -1)
		_exit(1);
	work(data, cancel_fd);
	_exit(0);
}

int ahead_start(void (*work)(void *data, int cancel_fd), void *data, struct ahead *ret)
{
	int fds[2], reaper = 0, err = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	fflush(NULL);
	/* A reaper would be given the orphan. */
	prctl(PR_GET_CHILD_SUBREAPER, &reaper);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	pid = fork();
	if (!pid) {
		close(fds[1]);
		be_orphan(work, data, fds[0]);
	}
	if (pid < 0)
		err = -errno;
	else
		waitpid(pid, NULL, 0);
	prctl(PR_SET_CHILD_SUBREAPER, reaper);
	close(fds[0]);
	if (err)
		close(fds[1]);
	else
		ret->pipe = fds[1];
	return err;
}

void ahead_stop(struct ahead *ahead)
{
	if (ahead->pipe >= 0)
		close(ahead->pipe);
	ahead->pipe = -1;
}
