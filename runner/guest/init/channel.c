// SPDX-License-Identifier: MIT
#include "guest/init/init.h"

#include "vm/protocol.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

/* The device node of our port: udev would have made a link by its name, sysfs says the same. */
static int find_port(char *path, size_t size)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	char name[64] = "", file[300];
	struct dirent *e;
	int found = -ENODEV;

	if (!dir)
		return -errno;
	while (found && (e = readdir(dir))) {
		FILE *f;

		snprintf(file, sizeof(file), "/sys/class/virtio-ports/%s/name", e->d_name);
		f = fopen(file, "re");
		if (!f)
			continue;
		if (fgets(name, sizeof(name), f) &&
		    !strncmp(name, PROTOCOL_PORT, strlen(PROTOCOL_PORT))) {
			snprintf(path, size, "/dev/%s", e->d_name);
			found = 0;
		}
		fclose(f);
	}
	closedir(dir);
	return found;
}

int channel_open(void)
{
	const struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
	long deadline = now_ms() + 10000;
	char path[280];
	int err, fd;

	/* The driver learns its ports' names by messages that arrive after the probe. */
	while ((err = find_port(path, sizeof(path))) && now_ms() < deadline)
		nanosleep(&pause, NULL);
	if (err)
		return err;
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void channel_send(int fd, const char *fmt, ...)
{
	char line[PROTOCOL_LINE_MAX];
	size_t n, sent = 0;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	n = strlen(line);
	for (char *p = line; *p; p++) {
		if (*p == '\n')
			*p = '?';
	}
	line[n++] = '\n';
	while (sent < n) {
		ssize_t w = write(fd, line + sent, n - sent);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return; /* nobody left to tell */
		sent += w;
	}
}

int channel_receive(int fd, char *buf, size_t size, int timeout_ms)
{
	long deadline = now_ms() + timeout_ms;
	size_t n = 0;

	/* By the byte: the lines are few and short, and none may be read ahead of its turn. */
	while (n < size) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		long left = deadline - now_ms();
		ssize_t r;

		if (left < 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, left) <= 0)
			continue;
		r = read(fd, buf + n, 1);
		if (r < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (!r)
			return -EPIPE;
		if (r != 1)
			continue;
		if (buf[n] == '\n') {
			buf[n] = '\0';
			return n;
		}
		n++;
	}
	return -EMSGSIZE;
}

void guest_power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

void guest_fail(int channel, const char *fmt, ...)
{
	char why[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (channel >= 0)
		channel_send(channel, "fail %s", why);
	printf("gemrace-init: %s\n", why);
	fflush(stdout);
	guest_power_off();
}
