/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_REPORT_STYLE_H
#define RUNNER_REPORT_STYLE_H

#include "results/verdict.h"

#include <stdio.h>

/* Whether @f is a terminal that takes colours and rewriting: not dumb, NO_COLOR not set. */
bool style_is_terminal(FILE *f);

/* The escape that starts @v's colour, and the one that ends any; "" with @colour false. */
const char *style_of(enum verdict v, bool colour);
const char *style_bold(bool colour);
const char *style_end(bool colour);

#endif
