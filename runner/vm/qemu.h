/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_VM_QEMU_H
#define RUNNER_VM_QEMU_H

#include "vm/vm.h"

#include <sys/types.h>

struct diag;

/* A running QEMU and our ends of its wires. */
struct qemu {
	pid_t pid;
	int pidfd;   /* readable once it is gone */
	int console; /* the guest's first serial port */
	int channel; /* virtio-serial, see protocol.h */
	int qmp;     /* QEMU's own control socket */
};

/*
 * Starts QEMU for @config, with @accel in place of VM_ACCEL_AUTO. It dies with us, whatever becomes
 * of us. Its stderr goes to @errors (a descriptor, the caller's). 0 or -errno with @d filled in.
 */
int qemu_start(const struct vm_config *config, enum vm_accel accel, int errors, struct qemu *ret,
	       struct diag *d);

/*
 * Asks QEMU for a break on the serial port, which makes Linux take the next character as a SysRq
 * command, and sends @command behind it. Works while the guest still serves its UART interrupt.
 */
int qemu_serial_sysrq(struct qemu *qemu, char command);

/* Kills QEMU if it still runs, reaps it and closes the wires. Fine on a zeroed struct. */
void qemu_finish(struct qemu *qemu);

/* QEMU's -accel argument, which is what people are told as well. */
const char *vm_accel_name(enum vm_accel accel);

/* The program's name; GEMRACE_QEMU overrides it. */
const char *qemu_program(void);

#endif
