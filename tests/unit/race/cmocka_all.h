/* SPDX-License-Identifier: MIT */
/* cmocka.h wants these included first. */
#ifndef TEST_RACE_CMOCKA_ALL_H
#define TEST_RACE_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
