// SPDX-License-Identifier: MIT
/*
 * Lets IGT's own gem_flink_race and prime_self_import, written for i915, run on any driver with
 * dumb buffers, so that they can be compared with ours over the same mutants (gemrace prove --igt).
 * It takes the place of the few library functions that need i915; the tests themselves are
 * untouched.
 *
 * Their leak check reads i915's count of objects. Here it counts what any kernel can tell:
 * dma-bufs (dma_buf/bufinfo) and named objects (dri/N/gem_names), which is kinder to them than to
 * skip it.
 */
#include <dirent.h>
#include <drm.h>
#include <drm_mode.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define DEBUGFS      "/sys/kernel/debug"
#define CARDS        16
#define STABLE_MS    50 /* between two counts that must agree */
#define STABLE_MAX_S 3  /* a fence or a delayed close may hold one that long */

/* Of libigt, which is there by then. */
void igt_skip(const char *f, ...) __attribute__((format(printf, 1, 2), noreturn));

/* What is replaced, as libigt declares it. */
int drm_open_driver(int chipset);
int drm_close_driver(int fd);
uint32_t gem_create(int fd, uint64_t size);
void *gem_mmap__cpu(int fd, uint32_t handle, uint64_t offset, uint64_t size, unsigned prot);
void gem_set_domain(int fd, uint32_t handle, uint32_t read, uint32_t write);
int igt_get_stable_obj_count(int driver);

static void die(const char *what)
{
	fprintf(stderr, "igt-baseline: %s: %s\n", what, strerror(errno));
	abort();
}

/* The tests run as NAME.igt behind a script; the kernel log must say NAME. */
__attribute__((constructor)) static void take_name(void)
{
	char *dot = strstr(program_invocation_short_name, ".igt");

	if (dot)
		*dot = '\0';
}

static int create_dumb(int fd, uint64_t size, uint32_t *ret_handle)
{
	struct drm_mode_create_dumb dumb = { .width = size / 4, .height = 1, .bpp = 32 };

	if (ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		return -errno;
	*ret_handle = dumb.handle;
	return 0;
}

/* The capability says so only of drivers with displays: vgem has none. */
static int has_dumb(int fd)
{
	struct drm_gem_close gem_close = { 0 };

	return !create_dumb(fd, 4096, &gem_close.handle) &&
	       !ioctl(fd, DRM_IOCTL_GEM_CLOSE, &gem_close);
}

/* The first card with dumb buffers, whatever @chipset asks for. */
int drm_open_driver(int chipset)
{
	char path[32];

	(void)chipset;
	for (int i = 0; i < CARDS; i++) {
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0 && has_dumb(fd))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	igt_skip("no card with dumb buffers\n");
}

int drm_close_driver(int fd)
{
	return close(fd);
}

uint32_t gem_create(int fd, uint64_t size)
{
	uint32_t handle = 0;

	if (create_dumb(fd, size, &handle))
		die("CREATE_DUMB");
	return handle;
}

void *gem_mmap__cpu(int fd, uint32_t handle, uint64_t offset, uint64_t size, unsigned prot)
{
	struct drm_mode_map_dumb map = { .handle = handle };
	void *at;

	if (ioctl(fd, DRM_IOCTL_MODE_MAP_DUMB, &map))
		die("MAP_DUMB");
	at = mmap(NULL, size, prot, MAP_SHARED, fd, map.offset + offset);
	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

/* Dumb buffers are coherent. */
void gem_set_domain(int fd, uint32_t handle, uint32_t read, uint32_t write)
{
	(void)fd, (void)handle, (void)read, (void)write;
}

/* "Total N objects, B bytes" at the end. */
static long count_dma_bufs(void)
{
	FILE *f = fopen(DEBUGFS "/dma_buf/bufinfo", "re");
	char line[512];
	long n = 0;

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "Total %ld objects", &n);
	if (f)
		fclose(f);
	return n;
}

/* A heading, then a row an object. */
static long count_names(const char *card)
{
	char path[300], line[512];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), DEBUGFS "/dri/%s/gem_names", card);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		n++;
	fclose(f);
	return n > 0 ? n : 0;
}

static long count_objects(void)
{
	DIR *dir = opendir(DEBUGFS "/dri");
	long n = count_dma_bufs();
	struct dirent *e;

	/* one folder a minor; newer kernels have the same again by device name */
	while (dir && (e = readdir(dir)))
		n += strspn(e->d_name, "0123456789") == strlen(e->d_name) && atoi(e->d_name) < 64
			     ? count_names(e->d_name)
			     : 0;
	if (dir)
		closedir(dir);
	return n;
}

int igt_get_stable_obj_count(int driver)
{
	const struct timespec pause = { .tv_nsec = STABLE_MS * 1000000L };
	long last = -1, now = count_objects();

	(void)driver;
	for (int i = 0; i < STABLE_MAX_S * 1000 / STABLE_MS && now != last; i++) {
		last = now;
		nanosleep(&pause, NULL);
		now = count_objects();
	}
	return now;
}
