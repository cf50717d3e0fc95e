// SPDX-License-Identifier: MIT
#include "exec/process.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
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
#define CHILDREN_MAX 1024
#define KILL_MAX_S   5 /* what is stuck in the kernel is left to it */

extern char **environ;

/* A program that runs, and the part of a line read so far. */
struct running {
	pid_t pid;
	int out, pidfd;
	char *line;
	size_t used;
	pid_t others[CHILDREN_MAX]; /* that we had before: virtual machines */
	size_t others_count;
};

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

/* The child's half: never returns. Why it could not begin goes to @failed, which exec closes. */
static void begin(const struct process *p, int out, char **env, pid_t parent, int failed)
{
	int in, errors = out, err;
	sigset_t none;

	/* Should we die, however that comes, it goes too: igt_runner ends its test first. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	setpgid(0, 0);
	in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (!p->stderr_path || *p->stderr_path)
		errors = open(p->stderr_path ? p->stderr_path : "/dev/null",
			      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	environ = env;
	if (in >= 0 && errors >= 0 && dup2(in, 0) >= 0 && dup2(errors, 2) >= 0 && dup2(out, 1) >= 0)
		execvp(p->argv[0], (char *const *)p->argv);
	err = errno;
	while (write(failed, &err, sizeof(err)) < 0 && errno == EINTR)
		;
	_exit(127);
}

static int spawn(const struct process *p, int out, pid_t *ret_pid)
{
	char **env = merge_env(p->env);
	pid_t parent = getpid(), pid;
	int failed[2], err = 0;

	if (!env)
		return -ENOMEM;
	if (pipe2(failed, O_CLOEXEC)) {
		free(env);
		return -errno;
	}
	pid = fork();
	if (!pid)
		begin(p, out, env, parent, failed[1]);
	if (pid < 0)
		err = errno;
	free(env);
	close(failed[1]);
	if (pid > 0) {
		setpgid(pid, pid); /* both sides: whoever comes first */
		if (read(failed[0], &err, sizeof(err)) != sizeof(err))
			err = 0;
	}
	close(failed[0]);
	if (pid > 0 && err)
		waitpid(pid, NULL, 0);
	*ret_pid = pid;
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

static size_t read_children(pid_t list[static CHILDREN_MAX])
{
	char path[64];
	size_t count = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	while (f && count < CHILDREN_MAX && fscanf(f, "%d", &list[count]) == 1)
		count++;
	if (f)
		fclose(f);
	return count;
}

static bool is_in(const pid_t *list, size_t count, pid_t pid)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i] == pid)
			return true;
	}
	return false;
}

/*
 * Kills what the program left behind, also in process groups of its own as igt_runner has its tests
 * in: it comes to us, its reaper, when its parent goes. What we had started before is left alone.
 */
static void kill_orphans(const struct running *r)
{
	const struct timespec interval = { .tv_nsec = 5 * 1000 * 1000 };
	double deadline = now_s() + KILL_MAX_S;
	pid_t list[CHILDREN_MAX];
	size_t left = 1;

	while (left && now_s() < deadline) {
		size_t count = read_children(list);

		left = 0;
		for (size_t i = 0; i < count; i++) {
			if (list[i] == r->pid || is_in(r->others, r->others_count, list[i]))
				continue;
			kill(list[i], SIGKILL);
			if (waitpid(list[i], NULL, WNOHANG) != list[i])
				left++;
		}
		if (left)
			nanosleep(&interval, NULL);
	}
}

/* The program has ended, or is ended now. What it left in its process group goes with it. */
static int end(const struct process *p, struct running *r, bool ended)
{
	const struct timespec interval = { .tv_nsec = 5 * 1000 * 1000 };
	struct process last = *p;
	double deadline;
	int status = 0;
	pid_t pid;

	if (!ended) {
		last.cancel_fd = -1;
		kill(r->pid, SIGTERM);
		follow(&last, r, now_s() + TERM_GRACE_S);
	}
	kill(-r->pid, SIGKILL); /* its number is not free before it is reaped */
	deadline = now_s() + KILL_MAX_S;
	while (!(pid = waitpid(r->pid, &status, WNOHANG)) && now_s() < deadline)
		nanosleep(&interval, NULL);
	kill_orphans(r);
	return status;
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
	r.others_count = read_children(r.others);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	err = spawn(p, fds[1], &r.pid);
	close(fds[1]);
	if (!err) {
		if (p->pid)
			*p->pid = r.pid;
		r.pidfd = syscall(SYS_pidfd_open, r.pid, 0);
		err = r.pidfd < 0 ? -errno
				  : follow(p, &r, p->timeout_s ? now_s() + p->timeout_s : 0);
		status = end(p, &r, !err);
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

int process_capture(const char *const *argv, double timeout_s, int cancel_fd, char **ret_text,
		    int *ret_status)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int err;

	if (!f)
		return -ENOMEM;
	err = process_run(&(struct process){ .argv = argv,
					     .timeout_s = timeout_s,
					     .cancel_fd = cancel_fd,
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
