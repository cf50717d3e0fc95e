// SPDX-License-Identifier: MIT
#include "report/style.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define RED    "\033[31m"

static const char *const colours[VERDICT_COUNT] = {
	[VERDICT_PASS] = GREEN,     [VERDICT_WARN] = YELLOW,   [VERDICT_DMESG_WARN] = RED,
	[VERDICT_SKIP] = YELLOW,    [VERDICT_FAIL] = RED,      [VERDICT_DMESG_FAIL] = RED,
	[VERDICT_CRASH] = RED,      [VERDICT_TIMEOUT] = RED,   [VERDICT_ABORT] = RED,
	[VERDICT_INCOMPLETE] = RED, [VERDICT_NOTRUN] = YELLOW,
};

bool style_is_terminal(FILE *f)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	return isatty(fileno(f)) && term && strcmp(term, "dumb") && !(no_color && *no_color);
}

const char *style_of(enum verdict v, bool colour)
{
	return colour ? colours[v] : "";
}

const char *style_bold(bool colour)
{
	return colour ? "\033[1m" : "";
}

const char *style_end(bool colour)
{
	return colour ? "\033[0m" : "";
}
