/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_CONFIGURE_H
#define RUNNER_KBUILD_CONFIGURE_H

#include "kbuild/fragment.h"
#include "kbuild/make.h"

/*
 * Writes kbuild->output/.config: allnoconfig and what @fragment asks for. What was asked for and
 * did not come out is GEMRACE_USAGE naming the options, all of them through the notifier. 0 or
 * -errno with @d filled in.
 */
int kbuild_configure(const struct kbuild *kbuild, const struct fragment *fragment, struct diag *d);

#endif
