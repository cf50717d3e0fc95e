// SPDX-License-Identifier: MIT
#include "guest/init/init.h"

#include "vm/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array)    (sizeof(array) / sizeof(*(array)))
#define HOST_TIMEOUT_MS 10000
#define KMSG_RECORD_MAX 8192 /* the kernel's own limit for a record of /dev/kmsg */
#define DRAIN_IDLE_MS   500
#define DRAIN_MAX_MS    5000 /* an orphan may go on writing for ever */

static int append(char **list, size_t *count, size_t room, const char *text)
{
	if (*count + 1 >= room)
		return -E2BIG;
	list[*count] = strdup(text);
	return list[(*count)++] ? 0 : -ENOMEM;
}

int command_receive(int channel, struct command *ret)
{
	char line[PROTOCOL_LINE_MAX];
	int n = 0, err = 0;

	channel_send(channel, "hello");
	while (!err) {
		n = channel_receive(channel, line, sizeof(line), HOST_TIMEOUT_MS);
		if (n < 0)
			return n;
		if (!strcmp(line, "run"))
			return ret->argc ? 0 : -EPROTO;
		if (!strncmp(line, "arg ", 4))
			err = append(ret->argv, &ret->argc, COUNT(ret->argv), line + 4);
		else if (!strncmp(line, "env ", 4))
			err = append(ret->env, &ret->envc, COUNT(ret->env), line + 4);
		else
			err = -EPROTO;
	}
	return err;
}

/* The command's output, cut into lines. */
struct output {
	char line[2048];
	size_t n;
};

static void output_flush(struct output *o, int channel)
{
	o->line[o->n] = '\0';
	channel_send(channel, "out %s", o->line);
	o->n = 0;
}

/* Returns false at the end of the output. */
static bool output_read(struct output *o, int fd, int channel)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] == '\n' || o->n == sizeof(o->line) - 1)
			output_flush(o, channel);
		if (buf[i] != '\n')
			o->line[o->n++] = buf[i];
	}
	return n > 0;
}

/*
 * Copies the kernel's new records to the log on the share, "[seconds] text" like dmesg, and IGT's
 * marks to the host. One write for all that is there: a write to the share costs a trip to the
 * host.
 */
static void kernel_log_copy(int kmsg, int log, int channel)
{
	static char batch[64 * 1024];
	char record[KMSG_RECORD_MAX + 1];
	size_t n = 0;
	ssize_t r;

	while ((r = read(kmsg, record, KMSG_RECORD_MAX)) > 0 || (r < 0 && errno == EPIPE)) {
		unsigned long long usec = 0;
		unsigned int prefix = 0;
		char *text, *end;

		if (r < 0)
			continue; /* records were overwritten before we came: go on with the next */
		record[r] = '\0';
		text = strchr(record, ';');
		if (!text || sscanf(record, "%u,%*u,%llu", &prefix, &usec) != 2)
			continue;
		text++;
		end = strchrnul(text, '\n'); /* what follows are the record's key=value lines */
		*end = '\0';
		if (!strncmp(text, "[IGT] ", 6))
			channel_send(channel, "mark %s", text);
		if (n + KMSG_RECORD_MAX > sizeof(batch)) {
			if (write(log, batch, n) < 0)
				return;
			n = 0;
		}
		n += snprintf(batch + n, sizeof(batch) - n, "<%u>[%5llu.%06llu] %s\n", prefix & 7,
			      usec / 1000000, usec % 1000000, text);
	}
	if (n && write(log, batch, n) < 0)
		return;
}

/*
 * The host asks for the kernel's own account of itself when the guest seems stuck, and ends the
 * command when it has what it wants. False: the host is gone.
 */
static bool host_request(int channel, pid_t command)
{
	char line[PROTOCOL_LINE_MAX];
	int fd, n;

	n = channel_receive(channel, line, sizeof(line), 1000);
	if (n < 0)
		return n == -ETIMEDOUT;
	if (!strcmp(line, "stop"))
		kill(-command, SIGKILL); /* it leads a session of its own */
	if (strncmp(line, "sysrq ", 6))
		return true;
	fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	for (const char *p = line + 6; fd >= 0 && *p; p++) {
		if (write(fd, p, 1) < 0)
			break;
	}
	if (fd >= 0)
		close(fd);
	return true;
}

static pid_t start(const struct command *command, int out, const sigset_t *old_mask)
{
	pid_t pid = fork();
	int null;

	if (pid)
		return pid;
	setsid();
	null = open("/dev/null", O_RDONLY);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	for (size_t i = 0; i < command->envc; i++)
		putenv(command->env[i]);
	sigprocmask(SIG_SETMASK, old_mask, NULL);
	execvp(command->argv[0], command->argv);
	dprintf(2, "%s: %s\n", command->argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Reaps whatever died. Returns true once @command did, with its status as from a shell. */
static bool reap(pid_t command, int *ret_status)
{
	bool done = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != command)
			continue;
		*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		done = true;
	}
	return done;
}

int command_run(int channel, const struct command *command)
{
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int log = open(GUEST_KERNEL_LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	struct output output = { .n = 0 };
	bool open_output = true, exited = false;
	long exited_ms = 0;
	int out[2], signals, status = 0;
	sigset_t mask, old_mask;
	pid_t pid;

	if (kmsg < 0 || log < 0 || pipe2(out, O_CLOEXEC))
		return -errno;
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, &old_mask);
	signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	pid = start(command, out[1], &old_mask);
	close(out[1]);
	if (pid < 0 || signals < 0)
		return -errno;

	/* Orphans may keep the pipe open: once the command is gone, take only what is there. */
	while (!exited || open_output) {
		struct pollfd fds[] = {
			{ .fd = open_output ? out[0] : -1, .events = POLLIN },
			{ .fd = kmsg, .events = POLLIN },
			{ .fd = channel, .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
		};
		struct signalfd_siginfo info;
		int ready = poll(fds, COUNT(fds), exited ? DRAIN_IDLE_MS : -1);

		if (!ready || (exited && now_ms() - exited_ms > DRAIN_MAX_MS))
			break;
		if (fds[0].revents)
			open_output = output_read(&output, out[0], channel);
		if (fds[1].revents & POLLIN)
			kernel_log_copy(kmsg, log, channel);
		if ((fds[2].revents & POLLIN) && !host_request(channel, pid))
			return -EPIPE;
		if (fds[3].revents) {
			while (read(signals, &info, sizeof(info)) > 0)
				;
			if (reap(pid, &status)) {
				exited = true;
				exited_ms = now_ms();
			}
		}
	}
	if (output.n)
		output_flush(&output, channel);
	kernel_log_copy(kmsg, log, channel);
	fsync(log);
	return status;
}
