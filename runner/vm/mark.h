/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_VM_MARK_H
#define RUNNER_VM_MARK_H

#include "vm/vm.h"

/*
 * Turns a mark that a test leaves in the kernel's log ("[IGT] prime_mmap: starting subtest basic")
 * into an event. Cuts @text into the event's strings, so the event lives as long as @text. Returns
 * false for marks that are no event ("executing", "exiting") and for what is no mark.
 *
 * A dynamic subtest's marks do not repeat the subtest's name: @subtest is the one that started last
 * and may be NULL.
 */
bool mark_parse(char *text, const char *subtest, struct vm_event *ret);

#endif
