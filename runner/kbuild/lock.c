// SPDX-License-Identifier: MIT
#include "kbuild/lock.h"

#include "diag.h"
#include "fetch/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

bool kbuild_cancelled(int cancel_fd)
{
	struct pollfd p = { .fd = cancel_fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

int kbuild_lock(const char *path, int cancel_fd, const struct notifier *notifier, struct diag *d)
{
	int fd = file_lock(path, 0);

	if (fd == -ETIMEDOUT) {
		_cleanup_free_ char *line = text_printf("waiting for another build: %s", path);

		if (line)
			notify(notifier, line);
	}
	while (fd == -ETIMEDOUT && !kbuild_cancelled(cancel_fd))
		fd = file_lock(path, 1);
	if (fd == -ETIMEDOUT)
		return diag_set(d, GEMRACE_HARNESS, EINTR, "interrupted");
	if (fd < 0)
		return diag_set(d, GEMRACE_HARNESS, -fd, "%s: %s", path, strerror(-fd));
	fcntl(fd, F_SETFD, 0);
	return fd;
}
