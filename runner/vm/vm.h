/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_VM_VM_H
#define RUNNER_VM_VM_H

#include "kernel/kernel.h"

#include <stdbool.h>

enum vm_accel {
	VM_ACCEL_AUTO, /* KVM if a micro-boot under it succeeds, else TCG */
	VM_ACCEL_KVM,
	VM_ACCEL_TCG,        /* one thread a CPU */
	VM_ACCEL_TCG_SINGLE, /* all CPUs in turns on one thread: nothing overlaps */
};

/* Of argv: how many, and how long each may be. */
#define VM_ARGUMENTS_MAX 200
#define VM_ARGUMENT_MAX  4000

/* One boot. The strings are borrowed for the duration of vm_run(). */
struct vm_config {
	const struct kernel *kernel;
	const char *image; /* initramfs, from guest_image_build() */
	enum vm_accel accel;
	int cpus;
	int memory_mib;
	const char *append;         /* more kernel arguments, may be NULL */
	bool stall_ends;            /* a CPU that hangs is a panic, in half a minute */
	const char *const *devices; /* as in struct guest_image_request */

	/* A host folder, /gemrace in the guest (9p, read-write): results survive the guest. */
	const char *share;
	const char *cache;   /* remembers whether KVM works here, may be NULL */
	const char *console; /* path of the file that receives the serial console */

	/*
	 * What the guest runs: argv and KEY=VALUE additions to its environment, NULL-terminated;
	 * no newlines, and within the limits below.
	 */
	const char *const *argv;
	const char *const *env; /* may be NULL */

	/*
	 * A file of the host, NULL: none. Once something is in it the command has done what counts;
	 * it is ended, and counts as having exited with 0.
	 */
	const char *done;

	int timeout_s;    /* for the whole boot; 0: none */
	int inactivity_s; /* without a console line or an event; 0: none */

	int cancel_fd; /* readable: kill the VM, END_INTERRUPTED; -1: none */
};

enum vm_event_kind {
	VM_EVENT_READY,          /* the guest is up and is about to run argv */
	VM_EVENT_FACT,           /* name = value, about the guest: see below */
	VM_EVENT_SUBTEST_START,  /* binary, subtest */
	VM_EVENT_SUBTEST_RESULT, /* binary, subtest, value: "SUCCESS", "FAIL"... */
	VM_EVENT_DYNAMIC_START,  /* binary, subtest, dynamic */
	VM_EVENT_DYNAMIC_RESULT, /* binary, subtest, dynamic, value */
	VM_EVENT_OUTPUT,         /* value: a line the command printed */
};

/*
 * Something the guest said over its channel. Unused strings are NULL; all of them are borrowed.
 * Facts: "accel" (first of all: what the VM runs on), "release", "cpus", "device" (once a device:
 * "vgem /dev/dri/card0"), "detector" (once an active detector: "kasan", "slub_debug=FZPU"...),
 * "taint".
 */
struct vm_event {
	enum vm_event_kind kind;
	double at_s; /* since vm_run() started QEMU */
	const char *binary, *subtest, *dynamic;
	const char *name, *value;
};

/* Callbacks, from vm_run()'s own thread. Each may be NULL. */
struct vm_observer {
	void (*event)(void *data, const struct vm_event *event);
	void (*console)(void *data, const char *line);
	void *data;
};

enum vm_end {
	/* the guest sent its end mark and did not panic behind it: argv exited with exit_status */
	VM_END_OK,
	VM_END_PANIC,       /* the kernel went down, or cried and did not come up; see excerpt */
	VM_END_HANG,        /* inactivity_s passed without a sign of life */
	VM_END_TIMEOUT,     /* timeout_s passed */
	VM_END_DIED,        /* QEMU ended without an end mark and without a splat on the console */
	VM_END_BOOT_FAILED, /* never got to run argv; guest_error or the excerpt says why */
	VM_END_INTERRUPTED, /* cancel_fd */
};

struct vm_outcome {
	enum vm_end end;
	enum vm_accel accel; /* the one that ran, never AUTO */
	int exit_status;     /* of argv as from a shell (128+signal), with VM_END_OK only */
	double ready_s;      /* start of QEMU to VM_EVENT_READY, < 0: never */
	double total_s;
	char *excerpt;     /* lines of the console, may be NULL */
	char *guest_error; /* why the guest itself gave up, NULL: it did not say */
};

/*
 * Boots one VM, runs argv in it, waits until QEMU is gone. 0 with *@ret filled in however the guest
 * ended, also in a panic; -errno with @d filled in when QEMU could not be run at all. No process is
 * left behind in any case.
 */
int vm_run(const struct vm_config *config, const struct vm_observer *observer,
	   struct vm_outcome *ret, struct diag *d);

/*
 * The same in parts, for several at once from one thread: start each, vm_wait() in a loop, and
 * vm_finish() what vm_is_over(). @config and @observer must live until then.
 */
struct vm;
int vm_start(const struct vm_config *config, const struct vm_observer *observer, struct vm **ret,
	     struct diag *d);
/* Waits for a sign of any of @count VMs, a fraction of a second at most, and deals with it. */
void vm_wait(struct vm *const *vms, size_t count);
bool vm_is_over(const struct vm *vm);
/* Ends what still runs, and frees @vm in any case. Returns as vm_run() does. */
int vm_finish(struct vm *vm, struct vm_outcome *ret, struct diag *d);

void vm_outcome_finish(struct vm_outcome *outcome);

#endif
