// SPDX-License-Identifier: MIT
#include "guest/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/*
 * A detector counts as active when the running kernel shows it, not when its configuration would
 * allow it: a boot option or a first report may have switched it off.
 */
struct detector {
	const char *name;
	const char *path;
	const char *wants; /* text the file must hold; NULL: to exist is enough */
};

static const struct detector detectors[] = {
	{ "kcsan", "/sys/kernel/debug/kcsan", "enabled: 1" },
	{ "failslab", "/sys/kernel/debug/failslab/probability", NULL },
	{ "fail-nth", "/proc/self/fail-nth", NULL },
	{ "debug-objects", "/sys/kernel/debug/debug_objects/stats", NULL },
	{ "kprobe-events", "/sys/kernel/tracing/kprobe_events", NULL },
	{ "soft-lockup", "/proc/sys/kernel/soft_watchdog", "1" },
};

/* Letters of slub_debug= as the allocator shows them per cache. */
static const struct detector slub_flags[] = {
	{ "F", "/sys/kernel/slab/kmalloc-64/sanity_checks", "1" },
	{ "Z", "/sys/kernel/slab/kmalloc-64/red_zone", "1" },
	{ "P", "/sys/kernel/slab/kmalloc-64/poison", "1" },
	{ "U", "/sys/kernel/slab/kmalloc-64/store_user", "1" },
};

/* Reads the beginning of a file: false when it cannot be opened. */
static bool read_text(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, buf, size - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return true;
}

static bool is_active(const struct detector *detector)
{
	char text[4096];

	if (!detector->wants)
		return !access(detector->path, F_OK);
	return read_text(detector->path, text, sizeof(text)) && strstr(text, detector->wants);
}

/* One that is off (kmemleak=off) has its file, too, but refuses every word but "clear". */
static bool kmemleak_is_active(void)
{
	int fd = open("/sys/kernel/debug/kmemleak", O_WRONLY | O_CLOEXEC);
	bool active = fd >= 0 && write(fd, "?", 1) < 0 && errno == EINVAL;

	if (fd >= 0)
		close(fd);
	return active;
}

/* lockdep switches itself off with its first report. */
static bool lockdep_is_active(void)
{
	static const char key[] = "debug_locks:";
	char text[4096], *value;

	if (!read_text("/proc/lockdep_stats", text, sizeof(text)))
		return false;
	value = strstr(text, key);
	return value && strtol(value + strlen(key), NULL, 10) == 1;
}

/* KASAN leaves no file behind, but it says at boot whether it runs. */
static bool kasan_is_active(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool active = false;
	char record[1024];
	ssize_t n;

	while (fd >= 0 && !active && (n = read(fd, record, sizeof(record) - 1)) > 0) {
		record[n] = '\0';
		active = strstr(record, "KernelAddressSanitizer initialized") != NULL;
	}
	if (fd >= 0)
		close(fd);
	return active;
}

static void send_detectors(int channel)
{
	char text[64] = "", flags[8] = "";

	for (size_t i = 0; i < sizeof(detectors) / sizeof(*detectors); i++) {
		if (is_active(&detectors[i]))
			channel_send(channel, "fact detector %s", detectors[i].name);
	}
	if (kmemleak_is_active())
		channel_send(channel, "fact detector kmemleak");
	if (lockdep_is_active())
		channel_send(channel, "fact detector lockdep");
	if (kasan_is_active())
		channel_send(channel, "fact detector kasan");
	if (read_text("/sys/module/kfence/parameters/sample_interval", text, sizeof(text)) &&
	    strtol(text, NULL, 10) > 0)
		channel_send(channel, "fact detector kfence=%ld", strtol(text, NULL, 10));
	for (size_t i = 0; i < sizeof(slub_flags) / sizeof(*slub_flags); i++) {
		if (is_active(&slub_flags[i]))
			strcat(flags, slub_flags[i].name);
	}
	if (*flags)
		channel_send(channel, "fact detector slub_debug=%s", flags);
}

void facts_send(int channel)
{
	struct utsname uts;
	char taint[32] = "";

	uname(&uts);
	channel_send(channel, "fact release %s", uts.release);
	channel_send(channel, "fact cpus %ld", sysconf(_SC_NPROCESSORS_ONLN));
	read_text("/proc/sys/kernel/tainted", taint, sizeof(taint));
	taint[strcspn(taint, "\n")] = '\0';
	channel_send(channel, "fact taint %s", taint);
	send_detectors(channel);
}
