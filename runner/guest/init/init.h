/* SPDX-License-Identifier: MIT */
#ifndef GUEST_INIT_H
#define GUEST_INIT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The guest's first process. It prepares the machine, tells the host over a virtio-serial port what
 * it found, runs one command, reports how that ended, and powers off. The lines it exchanges with
 * the host are those of vm/protocol.h. Nothing here can be cleaned up usefully: whatever goes wrong
 * ends in guest_fail(), which tells the host why and powers off.
 */

/* ---- channel.c: the port to the host ---- */

long now_ms(void); /* CLOCK_MONOTONIC */

/* Finds the port by its name and opens it. Returns the descriptor, or -errno. */
int channel_open(void);

/* Sends one line; a newline in @fmt's arguments would be two lines and is sent as '?'. */
void channel_send(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Reads the next line from the host into @buf, without its newline, waiting at most @timeout_ms.
 * Returns its length, -ETIMEDOUT, -EMSGSIZE, -errno.
 */
int channel_receive(int fd, char *buf, size_t size, int timeout_ms);

/* Tells the host why the guest cannot go on and powers off. @channel may be -1: console only. */
void guest_fail(int channel, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));

/* Writes back what is dirty and powers off, whether or not anything still works. */
void guest_power_off(void) __attribute__((noreturn));

/* ---- mounts.c ---- */

/* Mounts /proc, /sys, /dev and the like. Returns NULL, or what could not be mounted. */
const char *mounts_system(void);

/* Mounts the host's folder at /gemrace. 0 or -errno. */
int mounts_share(void);

/* ---- modules.c ---- */

/*
 * Loads the modules of a list in the image, one path a line, in that order. 0, or -errno with the
 * path of the culprit in @ret_which. The missing list is empty.
 */
int modules_load(const char *list, char *ret_which, size_t size);

/* ---- devices.c ---- */

/*
 * Waits until every driver of the image's device list has a node in /dev/dri and sends a fact for
 * each. Does not return when one is missing after its time.
 */
void devices_wait(int channel);

/* ---- facts.c ---- */

/* Sends the kernel's release, the number of CPUs, the taint mask and the active detectors. */
void facts_send(int channel);

/* ---- command.c ---- */

/* What the host asked for: filled in from its lines. */
struct command {
	char *argv[256];
	char *env[256];
	size_t argc, envc;
};

/* Asks the host for a command and receives it. 0 or -errno. */
int command_receive(int channel, struct command *ret);

/*
 * Runs the command until it exits: its output and the kernel's log go to the host, the log also
 * into the share, orphans are reaped. Returns its exit status as from a shell, or -errno.
 */
int command_run(int channel, const struct command *command);

#endif
