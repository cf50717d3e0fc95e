/* SPDX-License-Identifier: MIT */
#ifndef SELFTEST_GUEST_H
#define SELFTEST_GUEST_H

#include <stdbool.h>

/** in_guest() - whether this is a guest of gemrace, where nobody minds a dead kernel. */
bool in_guest(void);

#endif
