// SPDX-License-Identifier: MIT
#include "vm/vm.h"

#include "diag.h"
#include "fetch/file.h"
#include "vm/accel.h"
#include "vm/lines.h"
#include "vm/mark.h"
#include "vm/protocol.h"
#include "vm/qemu.h"
#include "vm/splat.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

/* After the end mark the guest only has to write back and power off. */
#define POWER_OFF_TIMEOUT_S 10
/* A panic ends QEMU by itself, unless the kernel hangs while it reboots. */
#define PANIC_TIMEOUT_S 10
/* The time a stuck guest gets to print where its tasks are. */
#define POST_MORTEM_S 3
/* From the start of QEMU to "ready": several times what a boot takes under TCG on a busy machine. */
#define BOOT_TIMEOUT_S 120

struct vm {
	const struct vm_config *config;
	const struct vm_observer *observer;
	struct qemu qemu;
	struct lines console_lines, channel_lines;
	struct splat splat;
	int console_file;
	double start_s, last_sign_s, panic_s, end_s;
	double ready_s;    /* < 0: not yet */
	int exit_status;   /* of the end mark, < 0: none */
	char *guest_error; /* what the guest said in "fail" */
	char subtest[256]; /* the one that runs */
};

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void send_line(struct vm *vm, const char *word, const char *rest)
{
	_cleanup_free_ char *line = text_printf("%s%s%s\n", word, *rest ? " " : "", rest);

	/* The socket's buffer holds all we ever send; a dead guest is noticed elsewhere. */
	if (line)
		send(vm->qemu.channel, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void tell(struct vm *vm, struct vm_event event)
{
	event.at_s = now_s() - vm->start_s;
	if (vm->observer && vm->observer->event)
		vm->observer->event(vm->observer->data, &event);
}

static void on_hello(struct vm *vm, char *rest)
{
	for (const char *const *env = vm->config->env; env && *env; env++)
		send_line(vm, "env", *env);
	for (const char *const *arg = vm->config->argv; *arg; arg++)
		send_line(vm, "arg", *arg);
	send_line(vm, "run", "");
}

static void on_fact(struct vm *vm, char *rest)
{
	char *value = strchr(rest, ' ');

	if (!value)
		return;
	*value++ = '\0';
	tell(vm, (struct vm_event){ .kind = VM_EVENT_FACT, .name = rest, .value = value });
}

static void on_ready(struct vm *vm, char *rest)
{
	vm->ready_s = now_s() - vm->start_s;
	tell(vm, (struct vm_event){ .kind = VM_EVENT_READY });
}

static void on_mark(struct vm *vm, char *rest)
{
	struct vm_event event;

	if (!mark_parse(rest, *vm->subtest ? vm->subtest : NULL, &event))
		return;
	tell(vm, event);
	if (event.kind == VM_EVENT_SUBTEST_START)
		snprintf(vm->subtest, sizeof(vm->subtest), "%s", event.subtest);
	else if (event.kind == VM_EVENT_SUBTEST_RESULT)
		*vm->subtest = '\0';
}

static void on_out(struct vm *vm, char *rest)
{
	tell(vm, (struct vm_event){ .kind = VM_EVENT_OUTPUT, .value = rest });
}

static void on_fail(struct vm *vm, char *rest)
{
	free(vm->guest_error);
	vm->guest_error = strdup(rest);
}

static void on_end(struct vm *vm, char *rest)
{
	vm->exit_status = atoi(rest);
	vm->end_s = now_s();
}

static const struct {
	const char *word;
	void (*act)(struct vm *vm, char *rest);
} words[] = {
	{ "hello", on_hello }, { "fact", on_fact }, { "ready", on_ready }, { "mark", on_mark },
	{ "out", on_out },     { "fail", on_fail }, { "end", on_end },
};

static void take_channel_line(void *data, char *line)
{
	struct vm *vm = data;
	char *rest = strchrnul(line, ' ');

	if (*rest)
		*rest++ = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(words[i].word, line))
			words[i].act(vm, rest);
	}
}

static void take_console_line(void *data, char *line)
{
	struct vm *vm = data;

	dprintf(vm->console_file, "%s\n", line);
	splat_line(&vm->splat, line);
	if (vm->splat.panic && !vm->panic_s)
		vm->panic_s = now_s();
	if (vm->observer && vm->observer->console)
		vm->observer->console(vm->observer->data, line);
}

/* Whether the loop is over, and if so how. The end mark and QEMU's exit are judged by the caller. */
static bool out_of_time(const struct vm *vm, enum vm_end *ret)
{
	const struct vm_config *c = vm->config;
	double now = now_s();

	if (vm->exit_status >= 0)
		return now - vm->end_s > POWER_OFF_TIMEOUT_S;
	if (vm->panic_s)
		return now - vm->panic_s > PANIC_TIMEOUT_S;
	if (vm->ready_s < 0 && now - vm->start_s > BOOT_TIMEOUT_S)
		*ret = VM_END_BOOT_FAILED;
	else if (c->timeout_s && now - vm->start_s > c->timeout_s)
		*ret = VM_END_TIMEOUT;
	else if (c->inactivity_s && vm->ready_s >= 0 && now - vm->last_sign_s > c->inactivity_s)
		*ret = VM_END_HANG;
	else
		return false;
	return true;
}

/* One turn: waits at most @timeout_ms. Returns false once QEMU is gone and everything is read. */
static bool turn(struct vm *vm, int timeout_ms, bool *ret_cancelled)
{
	struct pollfd fds[] = {
		{ .fd = vm->qemu.console, .events = POLLIN },
		{ .fd = vm->qemu.channel, .events = POLLIN },
		{ .fd = vm->qemu.pidfd, .events = POLLIN },
		{ .fd = *ret_cancelled ? -1 : vm->config->cancel_fd, .events = POLLIN },
	};
	bool read_any = false;

	if (poll(fds, sizeof(fds) / sizeof(*fds), timeout_ms) < 0)
		return errno == EINTR;
	if (fds[0].revents)
		read_any = lines_read(&vm->console_lines, fds[0].fd, take_console_line, vm) > 0;
	if (fds[1].revents && lines_read(&vm->channel_lines, fds[1].fd, take_channel_line, vm) > 0)
		read_any = true;
	if (read_any)
		vm->last_sign_s = now_s();
	if (fds[3].revents)
		*ret_cancelled = true;
	return read_any || !fds[2].revents;
}

/* Makes a guest that no longer answers print what its CPUs and tasks are doing. */
static void post_mortem(struct vm *vm)
{
	double until = now_s() + POST_MORTEM_S;
	bool cancelled = true;

	/* What follows is the excerpt, unless the kernel complained before. */
	vm->splat.report = true;
	/* 9: everything to the console; w: blocked tasks; l: CPUs. By the guest's init if it lives. */
	send_line(vm, "sysrq", "9wl");
	for (const char *letter = "9wl"; *letter; letter++)
		qemu_serial_sysrq(&vm->qemu, *letter);
	while (now_s() < until && turn(vm, 100, &cancelled))
		;
}

static enum vm_end watch(struct vm *vm)
{
	enum vm_end end = VM_END_DIED;
	bool cancelled = false, late = false;

	while (turn(vm, 250, &cancelled)) {
		if (cancelled)
			return VM_END_INTERRUPTED;
		late = out_of_time(vm, &end);
		if (late)
			break;
	}
	/* First of all: what was freed late or shuts down may panic behind the end mark. */
	if (vm->splat.panic)
		return VM_END_PANIC;
	if (vm->exit_status >= 0)
		return VM_END_OK;
	if (vm->guest_error)
		return VM_END_BOOT_FAILED;
	if (late) {
		post_mortem(vm);
		return vm->splat.panic ? VM_END_PANIC : end;
	}
	if (vm->ready_s < 0)
		return VM_END_BOOT_FAILED;
	return vm->splat.report ? VM_END_PANIC : VM_END_DIED;
}

/* What QEMU itself said, when the guest never came up: a bad option, no memory, no KVM. */
static char *read_errors(int fd)
{
	char text[1024];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return strdup(text);
}

static int boot(struct vm *vm, enum vm_accel accel, struct vm_outcome *ret, struct diag *d)
{
	_cleanup_close_ int errors = memfd_create("qemu-errors", MFD_CLOEXEC);
	struct vm_outcome outcome = { .accel = accel, .ready_s = -1 };
	_cleanup_free_ char *said = NULL, *lines = NULL;
	int err;

	vm->start_s = vm->last_sign_s = now_s();
	err = qemu_start(vm->config, accel, errors, &vm->qemu, d);
	if (err)
		return err;
	tell(vm, (struct vm_event){
			 .kind = VM_EVENT_FACT, .name = "accel", .value = vm_accel_name(accel) });
	outcome.end = watch(vm);
	qemu_finish(&vm->qemu);

	outcome.exit_status = vm->exit_status;
	outcome.ready_s = vm->ready_s;
	outcome.total_s = now_s() - vm->start_s;
	said = read_errors(errors);
	lines = splat_excerpt(&vm->splat);
	if (outcome.end == VM_END_BOOT_FAILED && !lines && !vm->guest_error && said && *said) {
		*strchrnul(said, '\n') = '\0';
		return diag_set(d, GEMRACE_HARNESS, EIO, "%s", said);
	}
	if (outcome.end != VM_END_OK)
		outcome.excerpt = text_printf("%s", lines ? lines : "");
	outcome.guest_error = vm->guest_error;
	vm->guest_error = NULL;
	*ret = outcome;
	return 0;
}

int vm_run(const struct vm_config *config, const struct vm_observer *observer,
	   struct vm_outcome *ret, struct diag *d)
{
	struct vm vm = { .config = config, .observer = observer, .ready_s = -1, .exit_status = -1 };
	enum vm_accel accel = config->accel;
	int err;

	if (accel == VM_ACCEL_AUTO)
		accel = accel_kvm_works(config->cache) ? VM_ACCEL_KVM : VM_ACCEL_TCG;
	vm.console_file = open(config->console, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (vm.console_file < 0)
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", config->console,
				strerror(errno));
	err = boot(&vm, accel, ret, d);
	close(vm.console_file);
	splat_finish(&vm.splat);
	free(vm.guest_error);
	return err;
}

void vm_outcome_finish(struct vm_outcome *outcome)
{
	free(outcome->excerpt);
	free(outcome->guest_error);
	outcome->excerpt = outcome->guest_error = NULL;
}
