// SPDX-License-Identifier: MIT
#include "vm/vm.h"

#include "clock.h"
#include "diag.h"
#include "fetch/file.h"
#include "vm/accel.h"
#include "vm/excerpt.h"
#include "vm/lines.h"
#include "vm/mark.h"
#include "vm/protocol.h"
#include "vm/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* After the end mark the guest only has to write back and power off. */
#define POWER_OFF_TIMEOUT_S 10
/* A panic ends QEMU by itself, unless the kernel hangs while it reboots. */
#define PANIC_TIMEOUT_S 10
/* The time a stuck guest gets to print where its tasks are. */
#define POST_MORTEM_S 3
/*
 * From the start of QEMU to "ready": several times what a boot takes under TCG on a busy machine.
 */
#define BOOT_TIMEOUT_S 120
/* How often the clock is looked at when nothing comes. */
#define WAIT_MS 250

struct vm {
	const struct vm_config *config;
	const struct vm_observer *observer;
	struct qemu qemu;
	struct lines console_lines, channel_lines;
	struct excerpt excerpt;
	int console_file, errors; /* a file for the console, one for what QEMU itself says */
	enum vm_accel accel;
	double start_s, last_sign_s, panic_s, end_s;
	double ready_s;    /* < 0: not yet */
	int exit_status;   /* of the end mark, < 0: none */
	char *guest_error; /* what the guest said in "fail" */
	char subtest[256]; /* the one that runs */

	bool stopped;         /* the command was told to end, since it is done */
	bool gone;            /* QEMU has ended, and all it said is read */
	bool cancelled;       /* by cancel_fd */
	bool late;            /* out of time... */
	enum vm_end late_end; /* ...which means this, if nothing else says how it ended */
};

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
	if (event.kind == VM_EVENT_SUBTEST_START || event.kind == VM_EVENT_SUBTEST_RESULT)
		excerpt_begin(&vm->excerpt);
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
	vm->exit_status = vm->stopped ? 0 : atoi(rest);
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
	excerpt_line(&vm->excerpt, line);
	if (vm->excerpt.panic && !vm->panic_s)
		vm->panic_s = now_s();
	if (vm->observer && vm->observer->console)
		vm->observer->console(vm->observer->data, line);
}

/*
 * Whether the loop is over, and if so how. The end mark and QEMU's exit are judged by the caller.
 */
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

#define FDS_PER_VM 4

static void fill(const struct vm *vm, struct pollfd fds[static FDS_PER_VM])
{
	int cancel = vm->cancelled ? -1 : vm->config->cancel_fd;

	fds[0] = (struct pollfd){ .fd = vm->qemu.console, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = vm->qemu.channel, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = vm->qemu.pidfd, .events = POLLIN };
	fds[3] = (struct pollfd){ .fd = cancel, .events = POLLIN };
}

/* Takes what poll() found. QEMU is gone once it has ended and everything is read. */
static void take(struct vm *vm, const struct pollfd fds[static FDS_PER_VM])
{
	bool read_any = false;

	if (fds[0].revents)
		read_any = lines_read(&vm->console_lines, fds[0].fd, take_console_line, vm) > 0;
	if (fds[1].revents && lines_read(&vm->channel_lines, fds[1].fd, take_channel_line, vm) > 0)
		read_any = true;
	if (read_any)
		vm->last_sign_s = now_s();
	if (fds[3].revents)
		vm->cancelled = true;
	vm->gone = !read_any && fds[2].revents;
}

/* Makes a guest that no longer answers print what its CPUs and tasks are doing. */
static void post_mortem(struct vm *vm)
{
	double until = now_s() + POST_MORTEM_S;
	struct pollfd fds[FDS_PER_VM];

	/* What follows is the excerpt, unless the kernel complained before. */
	excerpt_start(&vm->excerpt);
	/*
	 * 9: everything to the console; w: blocked tasks; l: CPUs. By the guest's init if it lives.
	 */
	send_line(vm, "sysrq", "9wl");
	for (const char *letter = "9wl"; *letter; letter++)
		qemu_serial_sysrq(&vm->qemu, *letter);
	while (now_s() < until && !vm->gone) {
		fill(vm, fds);
		fds[3].fd = -1;
		if (poll(fds, FDS_PER_VM, 100) >= 0)
			take(vm, fds);
	}
}

/* How it ended, once it is over. */
static enum vm_end judge(struct vm *vm)
{
	if (vm->cancelled && !vm->gone && !vm->late)
		return VM_END_INTERRUPTED;
	/* First of all: what was freed late or shuts down may panic behind the end mark. */
	if (vm->excerpt.panic)
		return VM_END_PANIC;
	if (vm->exit_status >= 0)
		return VM_END_OK;
	if (vm->guest_error)
		return VM_END_BOOT_FAILED;
	/* It cried and never came up, whether it still moves or not. */
	if (vm->ready_s < 0 && vm->excerpt.report)
		return VM_END_PANIC;
	if (vm->late) {
		post_mortem(vm);
		return vm->excerpt.panic ? VM_END_PANIC : vm->late_end;
	}
	if (vm->ready_s < 0)
		return VM_END_BOOT_FAILED;
	return vm->excerpt.report ? VM_END_PANIC : VM_END_DIED;
}

/* What QEMU itself said, when the guest never came up: a bad option, no memory, no KVM. */
static char *read_errors(int fd)
{
	char text[1024];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return strdup(text);
}

static void close_vm(struct vm *vm)
{
	qemu_finish(&vm->qemu);
	if (vm->console_file >= 0)
		close(vm->console_file);
	if (vm->errors >= 0)
		close(vm->errors);
	excerpt_finish(&vm->excerpt);
	free(vm->guest_error);
	free(vm);
}

int vm_start(const struct vm_config *config, const struct vm_observer *observer, struct vm **ret,
	     struct diag *d)
{
	struct vm *vm = calloc(1, sizeof(*vm));
	int err;

	if (!vm)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	*vm = (struct vm){
		.config = config,
		.observer = observer,
		.accel = config->accel,
		.ready_s = -1,
		.exit_status = -1,
		.late_end = VM_END_DIED,
		.errors = memfd_create("qemu-errors", MFD_CLOEXEC),
	};
	if (vm->accel == VM_ACCEL_AUTO)
		vm->accel = accel_kvm_works(config->cache) ? VM_ACCEL_KVM : VM_ACCEL_TCG;
	vm->console_file = open(config->console, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	err = vm->console_file < 0 ? diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", config->console,
					      strerror(errno))
				   : 0;
	vm->start_s = vm->last_sign_s = now_s();
	err = err ?: qemu_start(config, vm->accel, vm->errors, &vm->qemu, d);
	if (err) {
		close_vm(vm);
		return err;
	}
	tell(vm, (struct vm_event){ .kind = VM_EVENT_FACT,
				    .name = "accel",
				    .value = vm_accel_name(vm->accel) });
	*ret = vm;
	return 0;
}

/* The clock of a poll() is enough: what is waited for takes seconds in the guest. */
static void stop_if_done(struct vm *vm)
{
	struct stat st;

	if (vm->stopped || vm->ready_s < 0 || !vm->config->done)
		return;
	if (stat(vm->config->done, &st) || !st.st_size)
		return;
	vm->stopped = true;
	send_line(vm, "stop", "");
}

void vm_wait(struct vm *const *vms, size_t count)
{
	struct pollfd *fds = calloc(count, FDS_PER_VM * sizeof(*fds));

	if (!fds)
		return;
	for (size_t i = 0; i < count; i++)
		fill(vms[i], fds + FDS_PER_VM * i);
	if (poll(fds, FDS_PER_VM * count, WAIT_MS) >= 0) {
		for (size_t i = 0; i < count; i++)
			take(vms[i], fds + FDS_PER_VM * i);
	}
	for (size_t i = 0; i < count; i++)
		stop_if_done(vms[i]);
	for (size_t i = 0; i < count; i++)
		vms[i]->late = vms[i]->late || out_of_time(vms[i], &vms[i]->late_end);
	free(fds);
}

bool vm_is_over(const struct vm *vm)
{
	return vm->gone || vm->late || vm->cancelled;
}

int vm_finish(struct vm *vm, struct vm_outcome *ret, struct diag *d)
{
	struct vm_outcome outcome = { .accel = vm->accel };
	_cleanup_free_ char *said = NULL, *lines = NULL;
	int err = 0;

	outcome.end = judge(vm);
	qemu_finish(&vm->qemu);

	outcome.exit_status = vm->exit_status;
	outcome.ready_s = vm->ready_s;
	outcome.total_s = now_s() - vm->start_s;
	said = read_errors(vm->errors);
	lines = excerpt_text(&vm->excerpt);
	if (outcome.end == VM_END_BOOT_FAILED && !lines && !vm->guest_error && said && *said) {
		*strchrnul(said, '\n') = '\0';
		err = diag_set(d, GEMRACE_HARNESS, EIO, "%s", said);
	}
	if (!err && outcome.end != VM_END_OK)
		outcome.excerpt = text_printf("%s", lines ? lines : "");
	if (!err) {
		outcome.guest_error = vm->guest_error;
		vm->guest_error = NULL;
		*ret = outcome;
	}
	close_vm(vm);
	return err;
}

int vm_run(const struct vm_config *config, const struct vm_observer *observer,
	   struct vm_outcome *ret, struct diag *d)
{
	struct vm *vm;
	int err;

	err = vm_start(config, observer, &vm, d);
	if (err)
		return err;
	while (!vm_is_over(vm))
		vm_wait(&vm, 1);
	return vm_finish(vm, ret, d);
}

void vm_outcome_finish(struct vm_outcome *outcome)
{
	free(outcome->excerpt);
	free(outcome->guest_error);
	outcome->excerpt = outcome->guest_error = NULL;
}
