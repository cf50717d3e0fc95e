// SPDX-License-Identifier: MIT
/*
 * TEST: selftest_cries
 * Description: Makes the kernel cry on purpose: once by means that every kernel has, else through a
 *		module that `gemrace vm --selftest` builds for the kernel and puts into the guest
 *		(cry/cry.c). The body passes; the look at the kernel log must fail it and name the
 *		cry. None of these may be reported as passed.
 *
 * SUBTEST: hung-task
 * Description: One thread writes to a file and waits in userfaultfd for a page of what it writes,
 *		another one waits for the file's lock meanwhile: "INFO: task blocked".
 *
 * SUBTEST: warning
 * Destructive: the kernel is tainted afterwards
 * Description: A WARN() with a text of its own.
 *
 * SUBTEST: warning-in-race
 * Destructive: the kernel is tainted afterwards
 * Description: A WARN() in one of the calls of a race that finds nothing wrong by itself.
 *
 * SUBTEST: warning-without-text
 * Destructive: the kernel is tainted afterwards
 * Description: A WARN_ON().
 *
 * SUBTEST: refcount-saturated
 * Destructive: the kernel is tainted afterwards
 * Description: refcount_inc() on 0.
 *
 * SUBTEST: refcount-underflow
 * Destructive: the kernel is tainted afterwards
 * Description: refcount_dec_and_test() on 0.
 *
 * SUBTEST: list-corruption
 * Destructive: a list is corrupted; most kernels kill the task for it
 * Description: list_del() of an entry that was overwritten.
 *
 * SUBTEST: bug
 * Destructive: a task dies in the kernel
 * Description: BUG().
 *
 * SUBTEST: null-pointer
 * Destructive: a task dies in the kernel
 * Description: A write through a NULL pointer.
 *
 * SUBTEST: general-protection
 * Destructive: a task dies in the kernel
 * Description: A write through an address that is none.
 *
 * SUBTEST: scheduling-while-atomic
 * Destructive: the kernel is tainted afterwards
 * Description: Goes to sleep with preemption off.
 *
 * SUBTEST: soft-lockup
 * Destructive: a CPU does nothing else for seconds
 * Description: Spins with preemption off longer than the watchdog, set to its shortest, allows.
 *
 * SUBTEST: use-after-free
 * Destructive: memory that is somebody else's is written to where nothing notices
 * Description: A write to freed memory. Needs KASAN.
 *
 * SUBTEST: undefined-behaviour
 * Destructive: the kernel may be set up to die of it
 * Description: Shifts an int by 40 bits. Needs UBSAN.
 *
 * SUBTEST: lock-order
 * Destructive: lockdep is off afterwards
 * Description: Takes two locks in one order and then in the other. Needs lockdep.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cry_module.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

#define PAGE    4096
#define TIMEOUT "/proc/sys/kernel/hung_task_timeout_secs"
#define CRY_S   10
#define LOOK_MS 100

struct writer {
	int file;
	const void *from;
};

static void *write_page(void *data)
{
	const struct writer *writer = data;

	return (void *)(intptr_t)pwrite(writer->file, writer->from, PAGE, 0);
}

static int write_number(const char *path, long long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", number);
	return sys_write_file(path, text);
}

static void require_number(const char *path, long long number)
{
	int ret = write_number(path, number);

	igt_require_f(ret == 0, "cannot write to %s: %s\n", path, strerror(-ret));
}

/* A page that is not there until somebody fills it in. */
static int missing_page(void **ret_page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	void *page;

	igt_require_f(fd >= 0 && !ioctl(fd, UFFDIO_API, &api), "no userfaultfd\n");
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	igt_assert(page != MAP_FAILED);
	range.range.start = (uintptr_t)page;
	range.range.len = PAGE;
	igt_assert_eq(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	*ret_page = page;
	return fd;
}

/* Whether the log, from where @log stands, comes to tell of the thread that waits. */
static bool has_cried(int log)
{
	struct pollfd news = { .fd = log, .events = POLLIN };
	char record[8192];
	ssize_t n;

	poll(&news, 1, LOOK_MS);
	while ((n = read(log, record, sizeof(record) - 1)) > 0) {
		record[n] = '\0';
		if (strstr(record, "INFO: task ") && strstr(record, " blocked "))
			return true;
	}
	return false;
}

static void hung_task(void)
{
	static const char there[PAGE];
	struct writer first = { .file = memfd_create("hung-task", MFD_CLOEXEC) };
	struct writer second = { .file = first.file, .from = there };
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct uffdio_zeropage fill = { .range.len = PAGE };
	long long timeout;
	pthread_t threads[2];
	bool cried = false;
	struct uffd_msg fault;
	void *page;
	int fd, ret;

	igt_require_f(!sys_read_number(TIMEOUT, &timeout), "no hung task detector\n");
	igt_require_f(log >= 0 && lseek(log, 0, SEEK_END) >= 0, "cannot read the kernel log\n");
	fd = missing_page(&page);
	first.from = page;
	fill.range.start = (uintptr_t)page;
	require_number(TIMEOUT, 1);
	igt_assert_eq(pthread_create(&threads[0], NULL, write_page, &first), 0);
	igt_assert_eq((int)read(fd, &fault, sizeof(fault)), (int)sizeof(fault));
	igt_assert_eq(pthread_create(&threads[1], NULL, write_page, &second), 0);
	for (time_t end = time(NULL) + CRY_S; !cried && time(NULL) <= end;)
		cried = has_cried(log);
	ret = write_number(TIMEOUT, timeout);
	ioctl(fd, UFFDIO_ZEROPAGE, &fill);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	close(fd);
	close(log);
	close(first.file);
	igt_assert_f(ret == 0, "cannot write to %s: %s\n", TIMEOUT, strerror(-ret));
	igt_require_f(cried, "the kernel said nothing within %d s\n", CRY_S);
}

#define WATCHDOG "/proc/sys/kernel/watchdog_thresh"

static const struct cry {
	const char *subtest;
	const char *word;     /* what the module is told */
	const char *detector; /* a file that is there where the kernel can notice, NULL: always */
	const char *what;     /* that detector's name */
} cries[] = {
	{ "warning", "warn", NULL, NULL },
	{ "warning-without-text", "warn_on", NULL, NULL },
	{ "refcount-saturated", "refcount", NULL, NULL },
	{ "refcount-underflow", "refunder", NULL, NULL },
	{ "list-corruption", "list", NULL, "list checks" },
	{ "bug", "bug", NULL, NULL },
	{ "null-pointer", "null", NULL, NULL },
	{ "general-protection", "gp", NULL, NULL },
	{ "scheduling-while-atomic", "atomic", NULL, NULL },
	{ "soft-lockup", "soft", "/proc/sys/kernel/soft_watchdog", "soft lockup detector" },
	{ "use-after-free", "uaf", NULL, "KASAN" },
	{ "undefined-behaviour", "shift", NULL, "UBSAN" },
	{ "lock-order", "lock", "/proc/lockdep_stats", "lockdep" },
};

static void cry(const struct cry *cry)
{
	igt_require_f(!cry->detector || !access(cry->detector, F_OK), "no %s in this kernel\n",
		      cry->what);
	cry_module_load();
	if (!strcmp(cry->word, "soft"))
		require_number(WATCHDOG, 1);
	cry_module_tell(cry->word, cry->what);
}

/* A race in which all is well but for what the kernel says of one call. */
struct talk {
	unsigned int calls; /* of lane 1 */
	int err;            /* of telling the module, -errno */
};

#define CRY_AT 20

static long nothing(void *ctx, unsigned int lane)
{
	return 0;
}

static long talk(void *ctx, unsigned int lane)
{
	struct talk *talk = ctx;

	if (++talk->calls == CRY_AT)
		talk->err = sys_write_file(CRY_MODULE_FILE, "warn");
	return 0;
}

static void cry_in_race(const struct suite *suite)
{
	struct talk talking = { 0 };
	const struct race_scenario scenario = {
		.name = "warning-in-race",
		.nlanes = 2,
		.lanes = { { "silent", { { "nothing", nothing } } },
			   { "loud", { { "talk", talk } } } },
		.ctx = &talking,
		.classify = outcome_both,
	};

	cry_module_load();
	suite_race(suite, &scenario);
	igt_assert_f(!talking.err, "cannot tell the module: %s\n", strerror(-talking.err));
}

igt_main
{
	static struct suite suite;

	igt_fixture
		suite_setup(&suite);

	igt_subtest("hung-task")
		hung_task();

	igt_subtest("warning-in-race")
		cry_in_race(&suite);

	/* volatile: a subtest that ends early comes back here by longjmp() */
	for (volatile size_t i = 0; i < sizeof(cries) / sizeof(cries[0]); i++) {
		igt_subtest(cries[i].subtest)
			cry(&cries[i]);
	}
}
