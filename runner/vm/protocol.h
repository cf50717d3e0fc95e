/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_VM_PROTOCOL_H
#define RUNNER_VM_PROTOCOL_H

/*
 * The lines that the guest's first process and vm_run() exchange over a virtio-serial port: a word,
 * a space and the rest of the line. The guest begins.
 *
 *   guest -> host                        host -> guest, after "hello"
 *   hello                                env KEY=VALUE
 *   fact NAME VALUE                      arg ARGUMENT
 *   ready                                run
 *   mark [IGT] ...   (kernel log)        sysrq LETTERS  (at any time)
 *                                        stop           (the command is killed)
 *   out LINE         (the command's)
 *   fail WHY         (and power-off)
 *   end STATUS       (and power-off)
 *
 * "end" is the positive end mark: without it a run counts as failed, whatever QEMU's exit status
 * says, for a guest that panics and one that powers off both leave 0 there.
 */
#define PROTOCOL_PORT     "gemrace.channel"
#define PROTOCOL_SHARE    "gemrace"
#define PROTOCOL_LINE_MAX 4096

/* Files in the image. */
#define GUEST_BASE_MODULES   "/etc/gemrace/base-modules"
#define GUEST_DEVICE_MODULES "/etc/gemrace/device-modules"
#define GUEST_DEVICES        "/etc/gemrace/devices" /* lines: device, DRM driver name */

/* The kernel's log, on the share: appended to while the guest lives. */
#define GUEST_SHARE      "/gemrace"
#define GUEST_KERNEL_LOG GUEST_SHARE "/kernel.log"

#endif
