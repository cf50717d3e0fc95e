// SPDX-License-Identifier: MIT
#include "vm/lines.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static void flush(struct lines *l, lines_take take, void *data)
{
	/* Serial consoles end lines with \r\n. */
	while (l->n && l->buf[l->n - 1] == '\r')
		l->n--;
	l->buf[l->n] = '\0';
	l->n = 0;
	take(data, l->buf);
}

int lines_read(struct lines *l, int fd, lines_take take, void *data)
{
	char buf[4096];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] != '\n' && buf[i])
			l->buf[l->n++] = buf[i];
		if (buf[i] == '\n' || l->n == sizeof(l->buf) - 1)
			flush(l, take, data);
	}
	if (!n && l->n)
		flush(l, take, data);
	return n;
}
