// SPDX-License-Identifier: MIT
/*
 * TEST: error_paths
 * Description: Calls that fail half-way.
 *
 * A call that makes several things has to take back all of them when the last one cannot be had,
 * and none twice. Nobody sees these paths in daily life, so that is where references go wrong:
 * an fd that was installed before PRIME's cache entry was made,
 * CVE-2024-56712 (udmabuf without a free fd), a dma-heap's answer that could not be copied out.
 *
 * Each call of the table in errors/calls.c, from nothing to nothing: what it needs is made, the
 * call fails, and then no handle, fd or syncobj number is taken that was free, the buffer still has
 * its contents, the same call succeeds undisturbed; and once all is closed the ledger is as before.
 * drm_ioctl() copies its answer out last: a call that cannot tell what it made leaves that with the
 * drm file, or in the fd table, and has failed with EFAULT.
 *
 * SUBTEST: fd-table-full
 * Description: RLIMIT_NOFILE leaves no fd. What installs one gives EMFILE, everything else works.
 *
 * SUBTEST: unreadable-argument
 * Description: The argument is in memory without access: EFAULT, and nothing was made.
 *
 * SUBTEST: partly-unreadable-argument
 * Description: The same for the argument's second half only.
 *
 * SUBTEST: read-only-argument
 * Description: The argument can be read and not be written: EFAULT where the call has an answer.
 *		A broken kernel leaves an fd or a dma-buf of which nobody was told.
 *
 * SUBTEST: partly-read-only-argument
 * Description: The same for the argument's second half only.
 *
 * SUBTEST: failing-allocation-*
 * Description: The n-th allocation, or copy from or to user space, that the call makes fails; n
 *		rises until the call gets by with fewer. Needs a kernel with fault injection. A
 *		broken kernel leaks, uses what it has freed, or waits for itself for ever.
 *
 * SUBTEST: failing-allocations-leave-nothing
 * Description: All of these together, and then kmemleak is asked. What nothing leads to any more
 *		has no number and is in no list; this alone sees all that was leaked. On a slow
 *		kernel as many as there is time for, another one first each time.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "errors/trial.h"
#include "igt/assert.h"
#include "igt/child.h"
#include "igt/subtest.h"
#include "suite/cries.h"
#include "suite/suite.h"
#include "sys/clock.h"
#include "sys/fault.h"
#include "sys/fdtable.h"
#include "sys/kmemleak.h"

/* Far more than any of the calls allocates: one that never gets by is broken. */
#define MAX_ALLOCATIONS 1000
/* A call that waits for itself never comes back; under KASAN and TCG the rest takes seconds. */
#define HANG_S 60
/* For all calls together: so many times the profile's time for a race. */
#define ALL_CALLS 20

/* Makes each call that can be made here fail in one @way; expect() looks at what that gave. */
static void make_all(struct trial *trial, struct trial_way *way,
		     void (*expect)(struct trial *trial, const struct error_call *call,
				    const struct trial_way *way, int ret))
{
	char why[80];

	for (size_t i = 0; i < error_calls_count; i++) {
		const struct error_call *call = &error_calls[i];

		if (!trial_can(trial, call, why, sizeof(why))) {
			igt_info("%s: left out: %s\n", call->name, why);
			continue;
		}
		if (way->only_ioctls && !call->request)
			continue;
		expect(trial, call, way, trial_make(trial, call, way));
	}
	if (trial_again(trial))
		make_all(trial, way, expect);
}

static int make_without_fds(struct trial *trial, const struct error_call *call,
			    const struct trial_way *way, void **args)
{
	struct sys_fdtable table;
	int ret;

	call->fill(&trial->env, *args);
	ret = sys_fdtable_fill(&table);
	igt_assert_f(ret == 0, "cannot fill the fd table: %s\n", strerror(-ret));
	ret = error_call_make(call, &trial->env, *args);
	sys_fdtable_restore(&table);
	return ret;
}

static void expect_no_fd(struct trial *trial, const struct error_call *call,
			 const struct trial_way *way, int ret)
{
	if (call->gives_fd && ret != -EMFILE)
		trial_wrong(trial, call, "%s instead of EMFILE",
			    ret < 0 ? strerror(-ret) : "success");
	if (!call->gives_fd && ret < 0)
		trial_wrong(trial, call, "installs no fd, and gives %s", strerror(-ret));
}

static void fd_table_full(const struct suite *suite, const struct drm_device *device,
			  const void *data)
{
	struct trial_way way = { .make = make_without_fds };
	struct trial trial;

	trial_init(&trial, device);
	make_all(&trial, &way, expect_no_fd);
	trial_finish(&trial);
}

/* What may be done where the argument is. */
struct place {
	const char *name;
	int protection;
	bool half; /* only with its second half */
};

static const struct place places[] = {
	{ "unreadable-argument", PROT_NONE, false },
	{ "partly-unreadable-argument", PROT_NONE, true },
	{ "read-only-argument", PROT_READ, false },
	{ "partly-read-only-argument", PROT_READ, true },
};

/* Two pages, of which the second can be protected. */
struct pages {
	const struct place *place;
	char *base;
	size_t page; /* bytes of one */
};

static void protect(const struct pages *pages, int protection)
{
	igt_assert_f(mprotect(pages->base + pages->page, pages->page, protection) == 0,
		     "mprotect failed\n");
}

static int make_in_pages(struct trial *trial, const struct error_call *call,
			 const struct trial_way *way, void **args)
{
	const struct pages *pages = way->data;
	char filled[CALL_ARGS_MAX] = { 0 };
	int ret;

	*args = pages->base + pages->page - (pages->place->half ? call->size / 2 & ~7 : 0);
	call->fill(&trial->env, filled);
	memcpy(*args, filled, call->size);
	protect(pages, pages->place->protection);
	ret = error_call_make(call, &trial->env, *args);
	protect(pages, PROT_READ | PROT_WRITE);
	return ret;
}

/* Everything here takes an argument; some have nothing to answer in it. */
static bool must_fault(const struct place *place, const struct error_call *call)
{
	return place->protection == PROT_NONE || (_IOC_DIR(call->request) & _IOC_READ);
}

static void expect_fault(struct trial *trial, const struct error_call *call,
			 const struct trial_way *way, int ret)
{
	const struct pages *pages = way->data;
	bool must = must_fault(pages->place, call);

	if (must ? ret != -EFAULT : ret < 0)
		trial_wrong(trial, call, "%s instead of %s", ret < 0 ? strerror(-ret) : "success",
			    must ? "EFAULT" : "success");
}

static void bad_argument(const struct suite *suite, const struct drm_device *device,
			 const void *data)
{
	const struct place *place = data;
	struct pages pages = { .place = place, .page = sysconf(_SC_PAGESIZE) };
	struct trial_way way = {
		.make = make_in_pages,
		.data = &pages,
		.may_lose_answer = place->protection == PROT_READ,
		.only_ioctls = true,
	};
	struct trial trial;

	pages.base = mmap(NULL, 2 * pages.page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	igt_assert_f(pages.base != MAP_FAILED, "no memory\n");
	trial_init(&trial, device);
	make_all(&trial, &way, expect_fault);
	munmap(pages.base, 2 * pages.page);
	trial_finish(&trial);
}

/* One failing allocation: the n-th. */
struct nth {
	struct sys_fault fault;
	unsigned int n;
	bool injected;
};

static int make_with_fault(struct trial *trial, const struct error_call *call,
			   const struct trial_way *way, void **args)
{
	struct nth *nth = way->data;
	int armed, ret;

	call->fill(&trial->env, *args);
	armed = sys_fault_arm(&nth->fault, nth->n);
	ret = error_call_make(call, &trial->env, *args);
	igt_assert_f(armed == 0 && sys_fault_disarm(&nth->fault, &nth->injected) == 0,
		     "cannot write fail-nth\n");
	return ret;
}

static void fail_each(struct trial *trial, const struct error_call *call, struct nth *nth)
{
	const struct trial_way way = {
		.make = make_with_fault,
		.data = nth,
		.may_lose_answer = true,
	};
	int ret = 0;

	for (nth->n = 1; nth->n <= MAX_ALLOCATIONS && !trial->wrong; nth->n++) {
		ret = trial_make(trial, call, &way);
		if (!nth->injected)
			break;
		if (ret < 0 && ret != -ENOMEM && ret != -EFAULT && ret != -call->also)
			trial_wrong(trial, call, "failing allocation %u gives %s", nth->n,
				    strerror(-ret));
	}
	if (nth->injected && !trial->wrong)
		trial_wrong(trial, call, "allocates without end");
	else if (ret < 0 && !trial->wrong)
		trial_wrong(trial, call, "fails undisturbed: %s", strerror(-ret));
	else if (trial->wrong)
		igt_info("%s: wrong with failing allocation or copy %u\n", call->name, nth->n);
	if (trial_again(trial))
		fail_each(trial, call, nth);
}

/* In a child: one that never comes back can be left behind. */
static void failing_allocations(const struct drm_device *device, const struct error_call *call)
{
	struct nth nth = { 0 };
	struct trial trial;
	char why[80];
	bool can;
	int ret;

	/* First: its fd is then in the numbers that the trial begins with. */
	ret = sys_fault_open(&nth.fault);
	igt_require_f(ret == 0, "no fault injection: %s%s%s\n", strerror(-ret),
		      nth.fault.debugfs_error ? ", " : "",
		      nth.fault.debugfs_error ? nth.fault.debugfs_error : "");
	can = trial_try_init(&trial, device, why, sizeof(why)) &&
	      trial_can(&trial, call, why, sizeof(why));
	if (can)
		fail_each(&trial, call, &nth);
	/* Its settings are the whole machine's, and a skip would leave them changed. */
	sys_fault_close(&nth.fault);
	igt_require_f(can, "%s\n", why);
	trial_finish(&trial);
}

static void failing_allocation(const struct suite *suite, const struct drm_device *device,
			       const void *data)
{
	const struct error_call *call = data;
	struct sys_fault fault;
	int ret;

	ret = sys_fault_open(&fault);
	sys_fault_close(&fault);
	igt_require_f(ret == 0, "no fault injection: %s\n", strerror(-ret));
	suite_overlook_failed_allocations();
	igt_fork(child, 1)
		failing_allocations(device, call);
	igt_waitchildren_timeout(HANG_S, call->name);
}

static void every_failing_allocation(const struct suite *suite, const struct drm_device *device)
{
	uint64_t end = sys_now_ms() + ALL_CALLS * suite->settings.race_ms;
	struct nth nth = { 0 };
	size_t done = 0;
	struct trial trial;
	char why[80];
	bool can;
	int ret;

	ret = sys_fault_open(&nth.fault);
	igt_require_f(ret == 0, "no fault injection: %s\n", strerror(-ret));
	can = trial_try_init(&trial, device, why, sizeof(why));
	if (!can)
		sys_fault_close(&nth.fault);
	igt_require_f(can, "%s\n", why);
	/* What else is wrong with a call fails its own subtest. */
	for (; done < error_calls_count && sys_now_ms() < end; done++) {
		size_t i = (done + suite->settings.seed) % error_calls_count;

		trial.wrong = 0;
		if (trial_can(&trial, &error_calls[i], why, sizeof(why)))
			fail_each(&trial, &error_calls[i], &nth);
	}
	igt_info("%zu of %zu calls looked at\n", done, error_calls_count);
	trial.wrong = 0;
	sys_fault_close(&nth.fault);
	trial_finish(&trial);
}

static void failing_allocations_leave_nothing(const struct suite *suite,
					      const struct drm_device *device, const void *data)
{
	char first[200];
	int ret = sys_kmemleak_start();

	igt_require_f(ret == 0, "no kmemleak: %s\n", strerror(-ret));
	suite_overlook_failed_allocations();
	igt_fork(child, 1)
		every_failing_allocation(suite, device);
	igt_waitchildren_timeout(HANG_S + ALL_CALLS * suite->settings.race_ms / 1000,
				 "failing allocations");
	ret = sys_kmemleak_look(igt_test_name(), first, sizeof(first));
	igt_assert_f(ret >= 0, "cannot read kmemleak: %s\n", strerror(-ret));
	igt_assert_f(ret == 0, "%d objects lost, the first: %s\n", ret, first);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	igt_subtest_with_dynamic("fd-table-full")
		suite_on_each_device(&suite, fd_table_full, NULL);

	for (volatile size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		igt_subtest_with_dynamic(places[i].name)
			suite_on_each_device(&suite, bad_argument, &places[i]);

	for (volatile size_t i = 0; i < error_calls_count; i++)
		igt_subtest_with_dynamic_f("failing-allocation-%s", error_calls[i].name)
			suite_on_each_device(&suite, failing_allocation, &error_calls[i]);

	igt_subtest_with_dynamic("failing-allocations-leave-nothing")
		suite_on_each_device(&suite, failing_allocations_leave_nothing, NULL);
}
