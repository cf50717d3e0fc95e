/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KNOWN_CONSOLE_H
#define RUNNER_KNOWN_CONSOLE_H

struct kmsg_record;

/*
 * Takes a line of the kernel log apart that a console or igt_runner wrote: "[    1.234567] text",
 * with the level before it ("<4> [1.234567] text") or the caller behind ("[1.2][   T12] text"). A
 * line without a time stamp is all text. Says nothing of who wrote it: /dev/kmsg's facility is
 * lost.
 */
void console_record(const char *line, int len, struct kmsg_record *ret);

#endif
