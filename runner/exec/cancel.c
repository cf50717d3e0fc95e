// SPDX-License-Identifier: MIT
#include "exec/cancel.h"

#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
#define SIGNAL_COUNT (sizeof(signals) / sizeof(*signals))

int cancel_open(struct cancel *cancel)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < SIGNAL_COUNT; i++)
		sigaddset(&mask, signals[i]);
	cancel->fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (cancel->fd < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &mask, &cancel->old_mask);
	sigaction(SIGPIPE, &ignore, &cancel->old_pipe);
	return 0;
}

void cancel_close(struct cancel *cancel)
{
	struct signalfd_siginfo info;

	/*
	 * Dealt with, and not to be delivered when the mask goes; inside another it is that one's.
	 */
	while (!sigismember(&cancel->old_mask, signals[0]) &&
	       read(cancel->fd, &info, sizeof(info)) == sizeof(info))
		;
	close(cancel->fd);
	sigprocmask(SIG_SETMASK, &cancel->old_mask, NULL);
	sigaction(SIGPIPE, &cancel->old_pipe, NULL);
}

bool cancel_is_set(const struct cancel *cancel)
{
	struct pollfd p = { .fd = cancel->fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}
