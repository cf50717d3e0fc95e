// SPDX-License-Identifier: MIT
/* The fdinfo of a dma-buf, as kernels wrote it and as none should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "drm/dmabuf.h"

static void recorded(void **state)
{
	struct dmabuf_info info;

	/* Linux 6.12, vgem */
	assert_int_equal(dmabuf_parse_fdinfo("pos:\t0\nflags:\t02100002\nmnt_id:\t13\nino:\t2062\n"
					     "size:\t4096\ncount:\t3\nexp_name:\tdrm\n",
					     &info),
			 0);
	assert_int_equal(info.size, 4096);
	assert_int_equal(info.count, 3);
	assert_int_equal(info.inode, 2062);
	assert_string_equal(info.exporter, "drm");
	/* with a name, and without the inode: before 5.14 */
	assert_int_equal(dmabuf_parse_fdinfo("pos:\t0\nsize:\t8192\ncount:\t1\n"
					     "exp_name:\tvirtio_gpu\nname:\tcount:\t9\n",
					     &info),
			 0);
	assert_int_equal(info.inode, 0);
	assert_int_equal(info.count, 1);
	assert_string_equal(info.exporter, "virtio_gpu");
}

static void refused(void **state)
{
	static const char *const table[] = {
		"",
		"\n\n\n",
		"pos:\t0\nflags:\t02\nmnt_id:\t13\nino:\t1\n", /* another file's */
		"size:\t4096\ncount:\t3\n",                    /* cut off */
		"size:\t4096\ncount:\t3\nexp_name:\t\n",       /* empty */
		"size:\t\ncount:\t3\nexp_name:\tdrm\n",
		"size:\t4096x\ncount:\t3\nexp_name:\tdrm\n",
		"size:\t-1\ncount:\t3\nexp_name:\tdrm\n",
		"size:\t4096\ncount:\tthree\nexp_name:\tdrm\n",
		"size:\t4096\ncount:\t99999999999999999999\nexp_name:\tdrm\n",
		"size:\t4096\ncount:\t3 4\nexp_name:\tdrm\n",
		"size: 4096\ncount: 3\nexp_name: drm\n",
		"size:\t4096\ncount:\t3\nino:\t-4\nexp_name:\tdrm\n",
		"size:\t4096\ncount:\t\n3\nexp_name:\tdrm\n", /* the number is a line on */
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct dmabuf_info info = { .count = 77 };

		if (dmabuf_parse_fdinfo(table[i], &info) != -EINVAL)
			fail_msg("taken: %s", table[i]);
		assert_int_equal(info.count, 77);
	}
}

static void odd_but_legal(void **state)
{
	struct dmabuf_info info;

	assert_int_equal(dmabuf_parse_fdinfo("count:\t-1\nsize:\t0\nexp_name:\ta name of more than "
					     "thirty-two characters",
					     &info),
			 0);
	assert_int_equal(info.count, -1);
	assert_string_equal(info.exporter, "a name of more than thirty-two ");
}

static void other_fds(void **state)
{
	struct dmabuf_info info;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_equal(__dmabuf_info(fd, &info), -EINVAL);
	assert_int_not_equal(dmabuf_inode(fd), 0);
	close(fd);
	assert_int_equal(__dmabuf_info(-1, &info), -EBADF);
	assert_int_equal(dmabuf_inode(-1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded),
		cmocka_unit_test(refused),
		cmocka_unit_test(odd_but_legal),
		cmocka_unit_test(other_fds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
