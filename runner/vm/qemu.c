// SPDX-License-Identifier: MIT
#include "vm/qemu.h"

#include "diag.h"
#include "fetch/file.h"
#include "guest/device.h"
#include "vm/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGS_MAX       96
#define QMP_TIMEOUT_MS 1000

/*
 * panic=-1: reboot at once, which -no-reboot turns into QEMU's exit.
 * log_buf_len: one run's records fit, so that nothing is lost before it is copied to the share.
 * loglevel=5: warnings and worse reach the serial port, which costs an exit per character.
 * no_hash_pointers: the addresses in two reports can be compared.
 * fbdev_emulation=0: a text console on the device under test would draw, hold references to it, and
 * cost seconds under emulation.
 */
static const char kernel_arguments[] =
	"console=ttyS0 panic=-1 loglevel=5 log_buf_len=16M no_hash_pointers sysrq_always_enabled "
	"kasan_multi_shot random.trust_cpu=on drm_kms_helper.fbdev_emulation=0";

/*
 * Nobody else gets anything done either then: the share's interrupt, or the reply to an
 * interprocessor interrupt, waits for that CPU.
 */
#define STALL_ENDS " sysctl.kernel.panic_on_rcu_stall=1"

/*
 * KCSAN watches an access for 80 us at most. The other CPU's access, once caught, saves its stack
 * before it stores: under emulation that takes longer, no value has changed when the watch ends, and
 * the race goes unreported (prepare_report_producer(), KCSAN_REPORT_VALUE_CHANGE_ONLY).
 */
#define SLOW_CPU " kcsan.udelay_task=500"

static const struct {
	const char *name, *cpu, *kernel_arguments;
} accels[] = {
	[VM_ACCEL_KVM] = { "kvm", "host", "" },
	[VM_ACCEL_TCG] = { "tcg,thread=multi", "max", SLOW_CPU },
	[VM_ACCEL_TCG_SINGLE] = { "tcg,thread=single", "max", SLOW_CPU },
};

const char *vm_accel_name(enum vm_accel accel)
{
	return accels[accel].name;
}

const char *qemu_program(void)
{
	const char *own = getenv("GEMRACE_QEMU");

	return own && *own ? own : "qemu-system-x86_64";
}

struct arguments {
	char *at[ARGS_MAX + 1];
	size_t count;
	int err;
};

static void add(struct arguments *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct arguments *a, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (a->err || a->count == ARGS_MAX) {
		a->err = a->err ? a->err : -E2BIG;
		return;
	}
	va_start(ap, fmt);
	n = vasprintf(&a->at[a->count], fmt, ap);
	va_end(ap);
	if (n < 0)
		a->err = -ENOMEM;
	else
		a->at[++a->count] = NULL;
}

static void arguments_finish(struct arguments *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->at[i]);
}

/* QEMU reads a comma as the end of a value and two as one. */
static char *escape_commas(const char *s)
{
	char *escaped = malloc(2 * strlen(s) + 1), *p = escaped;

	for (; escaped && *s; s++) {
		*p++ = *s;
		if (*s == ',')
			*p++ = ',';
	}
	if (escaped)
		*p = '\0';
	return escaped;
}

static void add_wire(struct arguments *a, const char *id, int fd)
{
	add(a, "-chardev");
	add(a, "socket,id=%s,fd=%d", id, fd);
}

static void build_arguments(struct arguments *a, const struct vm_config *c, enum vm_accel accel,
			    int console, int channel, int qmp)
{
	_cleanup_free_ char *share = escape_commas(c->share);

	if (!share)
		a->err = -ENOMEM;
	add(a, "%s", qemu_program());
	add(a, "-nodefaults");
	add(a, "-no-user-config");
	add(a, "-display");
	add(a, "none");
	add(a, "-no-reboot");
	add(a, "-machine");
	add(a, "q35");
	add(a, "-accel");
	add(a, "%s", accels[accel].name);
	add(a, "-cpu");
	add(a, "%s", accels[accel].cpu);
	add(a, "-smp");
	add(a, "%d", c->cpus);
	add(a, "-m");
	add(a, "%d", c->memory_mib);
	add(a, "-kernel");
	add(a, "%s", c->kernel->image);
	add(a, "-initrd");
	add(a, "%s", c->image);
	add(a, "-append");
	add(a, "%s%s%s%s%s", kernel_arguments, accels[accel].kernel_arguments,
	    c->stall_ends ? STALL_ENDS : "", c->append ? " " : "", c->append ? c->append : "");

	add_wire(a, "console", console);
	add(a, "-serial");
	add(a, "chardev:console");
	add_wire(a, "channel", channel);
	add(a, "-device");
	add(a, "virtio-serial-pci");
	add(a, "-device");
	add(a, "virtserialport,chardev=channel,name=%s", PROTOCOL_PORT);
	add_wire(a, "qmp", qmp);
	add(a, "-mon");
	add(a, "chardev=qmp,mode=control");
	add(a, "-fsdev");
	add(a, "local,id=share,path=%s,security_model=none,multidevs=remap", share ? share : "");
	add(a, "-device");
	add(a, "virtio-9p-pci,fsdev=share,mount_tag=%s", PROTOCOL_SHARE);

	for (const char *const *name = c->devices; name && *name; name++) {
		const struct guest_device *device = guest_device_find(*name);

		if (!device || !device->qemu)
			continue;
		add(a, "-device");
		add(a, "%s", device->qemu);
	}
}

/* The child's half: never returns. @parent guards against its death before the signal is set. */
static void run_child(struct arguments *a, pid_t parent, const int *wires, int errors)
{
	sigset_t none;
	int null;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	setpgid(0, 0); /* Ctrl-C is for us: we end the VM in order */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	dup2(errors, 2);
	for (int i = 0; i < 3; i++)
		fcntl(wires[i], F_SETFD, 0);
	execvp(a->at[0], a->at);
	_exit(errno == ENOENT ? 127 : 126);
}

static bool program_exists(const char *program)
{
	const char *path = getenv("PATH");
	_cleanup_free_ char *copy = strdup(path ? path : "/usr/bin:/bin");
	char *folder, *next = copy;

	if (strchr(program, '/'))
		return !access(program, X_OK);
	while ((folder = strsep(&next, ":"))) {
		_cleanup_free_ char *file = text_printf("%s/%s", folder, program);

		if (file && !access(file, X_OK))
			return true;
	}
	return false;
}

int qemu_start(const struct vm_config *config, enum vm_accel accel, int errors, struct qemu *ret,
	       struct diag *d)
{
	int pairs[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	struct qemu q = { .pidfd = -1, .console = -1, .channel = -1, .qmp = -1 };
	struct arguments a = { .count = 0 };
	pid_t parent = getpid();
	int err = 0;

	if (!program_exists(qemu_program()))
		return diag_set(d, GEMRACE_HARNESS, ENOENT, "no %s on PATH: install QEMU",
				qemu_program());
	for (int i = 0; i < 3 && !err; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[i]))
			err = -errno;
	}
	build_arguments(&a, config, accel, pairs[0][1], pairs[1][1], pairs[2][1]);
	err = err ? err : a.err;
	if (!err) {
		q.pid = fork();
		if (!q.pid)
			run_child(&a, parent, (int[]){ pairs[0][1], pairs[1][1], pairs[2][1] },
				  errors);
		err = q.pid < 0 ? -errno : 0;
	}
	for (int i = 0; i < 3; i++) {
		if (pairs[i][1] >= 0)
			close(pairs[i][1]);
	}
	q.console = pairs[0][0];
	q.channel = pairs[1][0];
	q.qmp = pairs[2][0];
	arguments_finish(&a);
	if (!err) {
		q.pidfd = pidfd_open(q.pid, 0);
		err = q.pidfd < 0 ? -errno : 0;
	}
	if (err) {
		qemu_finish(&q);
		return diag_set(d, GEMRACE_HARNESS, -err, "cannot start %s: %s", qemu_program(),
				strerror(-err));
	}
	*ret = q;
	return 0;
}

/* Sends a QMP command and waits for what comes back; events on the way are of no interest. */
static int qmp_command(struct qemu *q, const char *json)
{
	const struct timeval timeout = { .tv_usec = QMP_TIMEOUT_MS * 1000L % 1000000,
					 .tv_sec = QMP_TIMEOUT_MS / 1000 };
	char answer[4096];
	ssize_t n;

	setsockopt(q->qmp, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (send(q->qmp, json, strlen(json), MSG_NOSIGNAL) < 0)
		return -errno;
	do {
		n = recv(q->qmp, answer, sizeof(answer) - 1, 0);
		if (n <= 0)
			return n ? -errno : -EPIPE;
		answer[n] = '\0';
	} while (!strstr(answer, "\"return\"") && !strstr(answer, "\"error\""));
	return strstr(answer, "\"error\"") ? -EIO : 0;
}

int qemu_serial_sysrq(struct qemu *qemu, char command)
{
	int err;

	/* Repeated negotiation is answered with an error that does no harm. */
	qmp_command(qemu, "{\"execute\":\"qmp_capabilities\"}\n");
	err = qmp_command(qemu, "{\"execute\":\"chardev-send-break\","
				"\"arguments\":{\"id\":\"console\"}}\n");
	if (err)
		return err;
	return send(qemu->console, &command, 1, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

void qemu_finish(struct qemu *q)
{
	if (q->pid > 0) {
		kill(q->pid, SIGKILL);
		while (waitpid(q->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (q->pid > 0 || q->console > 0) {
		int fds[] = { q->pidfd, q->console, q->channel, q->qmp };

		for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
			if (fds[i] >= 0)
				close(fds[i]);
		}
	}
	*q = (struct qemu){ .pidfd = -1, .console = -1, .channel = -1, .qmp = -1 };
}
