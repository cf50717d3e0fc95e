// SPDX-License-Identifier: MIT
/* What udmabuf and the heap are asked for, and what becomes of a refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <string.h>
#include <sys/stat.h>

#include "drm/exporter.h"

#define DMABUF_FD 77
#define SIZE      8192

struct fake {
	char path[64];
	int open_error, ioctl_error;
	struct udmabuf_create udmabuf;
	struct dma_heap_allocation_data heap;
	int seals;
	int64_t memfd_size;
};

/* A real fd, which the library closes for itself. */
static int fake_open(void *data, const char *path, int flags)
{
	struct fake *fake = data;

	strncpy(fake->path, path, sizeof(fake->path) - 1);
	return fake->open_error ? fake->open_error : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int fake_ioctl(void *data, int fd, unsigned long request, void *arg)
{
	struct fake *fake = data;
	struct stat st;

	if (fake->ioctl_error)
		return fake->ioctl_error;
	if (request == UDMABUF_CREATE) {
		memcpy(&fake->udmabuf, arg, sizeof(fake->udmabuf));
		fake->seals = fcntl((int)fake->udmabuf.memfd, F_GET_SEALS);
		assert_int_equal(fstat((int)fake->udmabuf.memfd, &st), 0);
		fake->memfd_size = st.st_size;
		return DMABUF_FD;
	}
	assert_true(request == DMA_HEAP_IOCTL_ALLOC);
	memcpy(&fake->heap, arg, sizeof(fake->heap));
	((struct dma_heap_allocation_data *)arg)->fd = DMABUF_FD;
	return 0;
}

static struct drm_io io_of(struct fake *fake)
{
	return (struct drm_io){ .open = fake_open, .ioctl = fake_ioctl, .data = fake };
}

static void udmabuf(void **state)
{
	struct fake fake = { 0 };
	struct drm_io io = io_of(&fake);
	int fd = -1;

	assert_int_equal(__udmabuf_create(&io, SIZE, &fd), 0);
	assert_int_equal(fd, DMABUF_FD);
	assert_string_equal(fake.path, "/dev/udmabuf");
	assert_int_equal(fake.udmabuf.flags, UDMABUF_FLAGS_CLOEXEC);
	assert_int_equal(fake.udmabuf.size, SIZE);
	assert_int_equal(fake.memfd_size, SIZE);
	assert_int_equal(fake.seals, F_SEAL_SHRINK);
	/* only the dma-buf keeps the memfd */
	assert_int_equal(fcntl((int)fake.udmabuf.memfd, F_GETFD), -1);
}

static void dma_heap(void **state)
{
	struct fake fake = { 0 };
	struct drm_io io = io_of(&fake);
	int fd = -1;

	assert_int_equal(__dma_heap_create(&io, SIZE, &fd), 0);
	assert_int_equal(fd, DMABUF_FD);
	assert_string_equal(fake.path, "/dev/dma_heap/system");
	assert_int_equal(fake.heap.len, SIZE);
	assert_int_equal(fake.heap.fd_flags, O_RDWR | O_CLOEXEC);
}

static void refusals(void **state)
{
	for (const struct drm_exporter *exporter = drm_exporters; exporter->name; exporter++) {
		struct fake none = { .open_error = -ENOENT }, full = { .ioctl_error = -ENOMEM };
		struct drm_io io = io_of(&none);
		int fd = -1;

		assert_int_equal(exporter->create(&io, SIZE, &fd), -ENOENT);
		io = io_of(&full);
		assert_int_equal(exporter->create(&io, SIZE, &fd), -ENOMEM);
		assert_int_equal(fd, -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(udmabuf),
		cmocka_unit_test(dma_heap),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
