// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "oracle/taint.h"
#include "oracle/text.h"

/* taint_flags[] in kernel/panic.c; bit 0 has 'G' where it is clear, which says nothing. */
static const char letters[] = "PFSRMBUDAWCIOELKXTNJ";

int taint_read(const char *root, uint64_t *ret)
{
	char path[PATH_MAX], *buf;
	struct text text;
	size_t len;
	int err;

	snprintf(path, sizeof(path), "%s/proc/sys/kernel/tainted", root ? root : "");
	err = text_read_at(AT_FDCWD, path, &buf, &len);
	if (err)
		return err;
	text = (struct text){ buf, len };
	err = text_line(&text, &text) ? text_u64(text, 10, ret) : -EINVAL;
	free(buf);
	return err;
}

uint64_t taint_fatal(void)
{
	uint64_t taint = 0;

	return taint_read(NULL, &taint) ? 0 : taint & TAINT_FATAL;
}

void taint_letters(uint64_t taint, char buf[64])
{
	size_t len = 0;

	for (unsigned int bit = 0; bit < sizeof(letters) - 1; bit++) {
		if (!(taint & (1ull << bit)))
			continue;
		if (len)
			buf[len++] = ' ';
		buf[len++] = letters[bit];
	}
	buf[len] = '\0';
}
