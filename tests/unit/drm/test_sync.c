// SPDX-License-Identifier: MIT
/* What the fence calls hand to the kernel, and what they make of its answers. */
#include <errno.h>
#include <linux/dma-buf.h>
#include <linux/sync_file.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "drm/sync_file.h"
#include "drm/syncobj.h"
#include "drm/uapi.h"
#include "drm/vgem.h"

/* Notes the last ioctl; answers with what the test put there. */
struct kernel {
	struct drm_io io;
	struct drm_file file;
	unsigned long request;
	int fd, ret;
	unsigned int nfences;
	union {
		struct sync_file_info info;
		struct sync_merge_data merge;
		struct sync_file_deadline deadline;
		struct dma_buf_export_sync_file export;
		struct dma_buf_import_sync_file import;
		struct vgem_fence_attach attach;
		struct drm_syncobj_handle handle;
		struct drm_syncobj_timeline_array array;
		struct syncobj_eventfd eventfd;
	} args;
	uint64_t point;
};

static void answer_info(struct kernel *kernel, struct sync_file_info *info)
{
	struct sync_fence_info *fence = (void *)(uintptr_t)info->sync_fence_info;

	memset(info->name, 'n', sizeof(info->name)); /* full, without a terminator */
	info->status = 1;
	for (unsigned int i = 0; fence && i < kernel->nfences; i++) {
		strcpy(fence[i].driver_name, "vgem");
		strcpy(fence[i].obj_name, "unbound");
		fence[i].status = i;
		fence[i].timestamp_ns = i * 1000;
	}
	info->num_fences = kernel->nfences;
}

static int fake_ioctl(void *data, int fd, unsigned long request, void *arg)
{
	struct kernel *kernel = data;

	kernel->request = request;
	kernel->fd = fd;
	memcpy(&kernel->args, arg, _IOC_SIZE(request));
	if (kernel->ret)
		return kernel->ret;
	if (request == SYNC_IOC_FILE_INFO)
		answer_info(kernel, arg);
	else if (request == SYNC_IOC_MERGE)
		((struct sync_merge_data *)arg)->fence = 77;
	else if (request == DMA_BUF_IOCTL_EXPORT_SYNC_FILE)
		((struct dma_buf_export_sync_file *)arg)->fd = 78;
	else if (request == VGEM_IOCTL_FENCE_ATTACH)
		((struct vgem_fence_attach *)arg)->out_fence = 3;
	else if (request == DRM_IOCTL_SYNCOBJ_QUERY)
		*(uint64_t *)(uintptr_t)kernel->args.array.points = 9;
	else if (request == DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL)
		kernel->point = *(uint64_t *)(uintptr_t)kernel->args.array.points;
	return 0;
}

static struct kernel *kernel_init(struct kernel *kernel)
{
	memset(kernel, 0, sizeof(*kernel));
	kernel->io = (struct drm_io){ .ioctl = fake_ioctl, .data = kernel };
	kernel->file = (struct drm_file){ .fd = 5, .io = &kernel->io };
	return kernel;
}

/* The numbers are the kernel's, so that a wrong struct does not compile to another ioctl. */
static void test_numbers(void **state)
{
	assert_int_equal(SYNC_FILE_IOCTL_SET_DEADLINE, 0x40103e05);
	assert_int_equal(VGEM_IOCTL_FENCE_ATTACH, 0xc0106441);
	assert_int_equal(VGEM_IOCTL_FENCE_SIGNAL, 0x40086442);
	assert_int_equal(SYNCOBJ_IOCTL_EVENTFD, 0xc01864cf);
	assert_int_equal(SW_SYNC_IOCTL_CREATE, 0xc0285700);
	assert_int_equal(SW_SYNC_IOCTL_INC, 0x40045701);
}

static void test_info(void **state)
{
	struct sync_file_state info;
	struct kernel kernel;

	kernel_init(&kernel)->nfences = 2;
	assert_int_equal(__sync_file_info(&kernel.io, 6, &info), 0);
	assert_int_equal(kernel.fd, 6);
	assert_int_equal(kernel.args.info.num_fences, SYNC_FILE_MAX_FENCES);
	assert_int_equal(strlen(info.name), 32);
	assert_int_equal(info.count, 2);
	assert_string_equal(info.fence[1].driver, "vgem");
	assert_string_equal(info.fence[1].timeline, "unbound");
	assert_int_equal(info.fence[1].status, 1);
	assert_int_equal(info.fence[1].signaled_ns, 1000);
	assert_int_equal(info.fence[0].status, 0);
}

/* Too many fences: the kernel's refusal is handed on, nothing is written. */
static void test_info_too_many(void **state)
{
	struct sync_file_state info = { .count = 55 };
	struct kernel kernel;

	kernel_init(&kernel);
	kernel.ret = -EINVAL;
	assert_int_equal(__sync_file_info(&kernel.io, 6, &info), -EINVAL);
	assert_int_equal(info.count, 55);
}

static void test_files(void **state)
{
	struct kernel kernel;
	int fd = -1;

	kernel_init(&kernel);
	assert_int_equal(__sync_file_merge(&kernel.io, 6, 7, &fd), 0);
	assert_int_equal(fd, 77);
	assert_int_equal(kernel.args.merge.fd2, 7);
	assert_int_equal(__sync_file_set_deadline(&kernel.io, 6, 1234), 0);
	assert_int_equal(kernel.args.deadline.deadline_ns, 1234);
	assert_int_equal(__dmabuf_export_sync_file(&kernel.io, 8, DMA_BUF_SYNC_RW, &fd), 0);
	assert_int_equal(fd, 78);
	assert_int_equal(kernel.args.export.flags, DMA_BUF_SYNC_RW);
	assert_int_equal(__dmabuf_import_sync_file(&kernel.io, 8, DMA_BUF_SYNC_WRITE, 9), 0);
	assert_int_equal(kernel.args.import.fd, 9);
	kernel.ret = -ENOENT;
	fd = 12;
	assert_int_equal(__sync_file_merge(&kernel.io, 6, 7, &fd), -ENOENT);
	assert_int_equal(fd, 12);
}

static void test_vgem(void **state)
{
	struct kernel kernel;
	uint32_t fence = 0;

	kernel_init(&kernel);
	assert_int_equal(__vgem_fence_attach(&kernel.file, 4, true, &fence), 0);
	assert_int_equal(fence, 3);
	assert_int_equal(kernel.fd, 5);
	assert_int_equal(kernel.args.attach.handle, 4);
	assert_int_equal(kernel.args.attach.flags, 1);
}

static void test_syncobj(void **state)
{
	struct kernel kernel;
	uint64_t point = 0;

	kernel_init(&kernel);
	assert_int_equal(__syncobj_import_sync_file(&kernel.file, 4, 9), 0);
	assert_int_equal(kernel.args.handle.flags, 1);
	assert_int_equal(kernel.args.handle.handle, 4);
	assert_int_equal(kernel.args.handle.fd, 9);
	assert_int_equal(__syncobj_query(&kernel.file, 4, &point), 0);
	assert_int_equal(point, 9);
	assert_int_equal(__syncobj_timeline_signal(&kernel.file, 4, 12), 0);
	assert_int_equal(kernel.point, 12);
	assert_int_equal(__syncobj_eventfd(&kernel.file, 4, 5, 0, 11), 0);
	assert_int_equal(kernel.args.eventfd.point, 5);
	assert_int_equal(kernel.args.eventfd.fd, 11);
}

/* Point 0 is the fence itself and needs no timelines. */
static void test_syncobj_wait(void **state)
{
	struct kernel kernel;

	kernel_init(&kernel);
	assert_int_equal(__syncobj_wait(&kernel.file, 4, 0, 0, 0), 0);
	assert_int_equal(kernel.request, DRM_IOCTL_SYNCOBJ_WAIT);
	assert_int_equal(__syncobj_wait(&kernel.file, 4, 1, 0, 0), 0);
	assert_int_equal(kernel.request, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT);
	kernel.ret = -ETIME;
	assert_int_equal(__syncobj_wait(&kernel.file, 4, 1, 0, 0), -ETIME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),       cmocka_unit_test(test_info),
		cmocka_unit_test(test_info_too_many), cmocka_unit_test(test_files),
		cmocka_unit_test(test_vgem),          cmocka_unit_test(test_syncobj),
		cmocka_unit_test(test_syncobj_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
