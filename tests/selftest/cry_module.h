/* SPDX-License-Identifier: MIT */
#ifndef SELFTEST_CRY_MODULE_H
#define SELFTEST_CRY_MODULE_H

/**
 * cry_module_load() - loads the module that makes the kernel cry (cry/cry.c)
 *
 * `gemrace vm --selftest` builds it for the kernel and puts it into the guest; skips where it is
 * not there.
 */
void cry_module_load(void);

/** Takes the words. */
#define CRY_MODULE_FILE "/sys/kernel/debug/cry"

/**
 * cry_module_tell() - has the module do what @word names, in a child: that may die in the kernel
 * @needs: what the kernel needs to notice it. Skips where the module knows that the kernel lacks it
 */
void cry_module_tell(const char *word, const char *needs);

#endif
