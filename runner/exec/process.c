// SPDX-License-Identifier: MIT
#include "exec/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TERM_GRACE_S 10 /* igt_runner ends its test and writes down what it has */
#define LINE_MAX_LEN 65536
#define KILL_MAX_S   5 /* what is stuck in the kernel is left to it */

extern char **environ;

/* A program that runs, and the part of a line read so far. */
struct running {
	pid_t pid;
	int out, pidfd;
	char *line;
	size_t used;
};

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return !strncmp(a, b, n) && b[n] == '=';
}

/* The environment with @extra in place of what has the same name. Free the array. */
static char **merge_env(const char *const *extra)
{
	size_t n = 0, m = 0, count = 0;
	char **env;

	while (extra && extra[n])
		n++;
	while (environ[m])
		m++;
	env = calloc(n + m + 1, sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < n; i++)
		env[count++] = (char *)extra[i];
	for (size_t i = 0; i < m; i++) {
		bool replaced = false;

		for (size_t j = 0; j < n; j++)
			replaced |= same_name(extra[j], environ[i]);
		if (!replaced)
			env[count++] = environ[i];
	}
	return env;
}

static int spawn(const struct process *p, int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, standard;
	char **env = merge_env(p->env);
	int err;

	if (!env)
		return -ENOMEM;
	sigemptyset(&none);
	sigemptyset(&standard);
	sigaddset(&standard, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &standard);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	if (p->stderr_path && !*p->stderr_path)
		posix_spawn_file_actions_adddup2(&actions, out, 2);
	else
		posix_spawn_file_actions_addopen(&actions, 2,
						 p->stderr_path ? p->stderr_path : "/dev/null",
						 O_WRONLY | O_CREAT | O_TRUNC, 0666);
	err = posix_spawnp(ret_pid, p->argv[0], &actions, &attr, (char *const *)p->argv, env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	free(env);
	return -err;
}

static void take(const struct process *p, struct running *r, const char *buf, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (buf[i] != '\n' && r->used < LINE_MAX_LEN - 1) {
			r->line[r->used++] = buf[i];
			continue;
		}
		r->line[r->used] = '\0';
		r->used = 0;
		if (p->line)
			p->line(p->data, r->line);
	}
}

/* Reads what is there. False at end of file. */
static bool read_some(const struct process *p, struct running *r)
{
	char buf[4096];
	ssize_t n;

	n = read(r->out, buf, sizeof(buf));
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	take(p, r, buf, n);
	return n > 0;
}

/* Until the program itself ended: a grandchild that keeps stdout open does not hold us up. */
static int follow(const struct process *p, struct running *r, double deadline)
{
	bool open = true, ended = false;

	while (!ended) {
		struct pollfd fds[] = {
			{ .fd = r->pidfd, .events = POLLIN },
			{ .fd = p->cancel_fd, .events = POLLIN },
			{ .fd = open ? r->out : -1, .events = POLLIN },
		};
		double left = deadline ? deadline - now_s() : 1;

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(fds, 3, deadline ? left * 1000 + 1 : -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (fds[1].revents)
			return -EINTR;
		if (fds[2].revents)
			open = read_some(p, r);
		ended = fds[0].revents && !fds[2].revents;
	}
	return 0;
}

/*
 * Kills what the program left behind in process groups of its own, as igt_runner does its tests.
 * We are their reaper, and nothing else is running for us at this time.
 */
static void kill_orphans(void)
{
	char path[64];
	FILE *f;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	while (f && fscanf(f, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (f)
		fclose(f);
}

static void end(const struct process *p, struct running *r)
{
	const struct timespec interval = { .tv_nsec = 5 * 1000 * 1000 };
	struct process last = *p;
	double deadline;
	int status;
	pid_t pid;

	last.cancel_fd = -1;
	kill(r->pid, SIGTERM);
	follow(&last, r, now_s() + TERM_GRACE_S);
	kill(-r->pid, SIGKILL);
	deadline = now_s() + KILL_MAX_S;
	do {
		kill_orphans();
		pid = waitpid(-1, &status, WNOHANG);
		if (!pid)
			nanosleep(&interval, NULL);
	} while (pid >= 0 && now_s() < deadline);
}

int process_run(const struct process *p, int *ret_status)
{
	struct running r = { .used = 0 };
	int fds[2], status = 0, err;

	r.line = malloc(LINE_MAX_LEN);
	if (!r.line)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC)) {
		err = -errno;
		free(r.line);
		return err;
	}
	r.out = fds[0];
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	err = spawn(p, fds[1], &r.pid);
	close(fds[1]);
	if (!err) {
		if (p->pid)
			*p->pid = r.pid;
		r.pidfd = syscall(SYS_pidfd_open, r.pid, 0);
		err = r.pidfd < 0 ? -errno
				  : follow(p, &r, p->timeout_s ? now_s() + p->timeout_s : 0);
		if (err)
			end(p, &r);
		else
			waitpid(r.pid, &status, 0);
		if (r.pidfd >= 0)
			close(r.pidfd);
		if (r.used)
			take(p, &r, "\n", 1);
	}
	close(r.out);
	free(r.line);
	if (err)
		return err;
	*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return 0;
}

static void gather(void *data, const char *line)
{
	fprintf(data, "%s\n", line);
}

int process_capture(const char *const *argv, double timeout_s, char **ret_text, int *ret_status)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int err;

	if (!f)
		return -ENOMEM;
	err = process_run(&(struct process){ .argv = argv,
					     .timeout_s = timeout_s,
					     .cancel_fd = -1,
					     .line = gather,
					     .data = f },
			  ret_status);
	if (fclose(f) && !err)
		err = -ENOMEM;
	if (err)
		free(text);
	else
		*ret_text = text;
	return err;
}
