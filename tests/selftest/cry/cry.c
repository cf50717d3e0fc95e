// SPDX-License-Identifier: MIT
/*
 * A module that makes the kernel cry, one way for each word written to /sys/kernel/debug/cry. Only
 * for a VM: most of it does damage. selftest_cries uses it, and the kmsg samples of the unit tests
 * (tests/unit/oracle/samples) were recorded with it.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

static noinline void cry_warn(void)
{
	WARN(1, "cry %d on purpose\n", 7);
}

static noinline void cry_warn_on(void)
{
	static volatile int one = 1;

	WARN_ON(one);
}

static noinline void cry_refcount(void)
{
	refcount_t r = REFCOUNT_INIT(0);

	refcount_inc(&r);
}

static noinline void cry_refunder(void)
{
	refcount_t r = REFCOUNT_INIT(0);

	if (refcount_dec_and_test(&r))
		pr_info("cannot be\n");
}

static noinline void cry_list(void)
{
	LIST_HEAD(head);
	struct list_head entry;

	list_add(&entry, &head);
	entry.prev = &entry;
	list_del(&entry);
}

static noinline void cry_bug(void)
{
	BUG();
}

static noinline void cry_null(void)
{
	*(volatile int *)8 = 1;
}

static noinline void cry_gp(void)
{
	*(volatile int *)0x6b6b6b6b6b6b6b6bUL = 1;
}

/* Needs slub_debug=P: the next allocation finds the poison overwritten. */
static noinline void cry_slab(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
	p[8] = 1;
	p = kmalloc(64, GFP_KERNEL);
	p = kmalloc(64, GFP_KERNEL);
}

static noinline void cry_cache(void)
{
	struct kmem_cache *cache = kmem_cache_create("cry_cache", 100, 0, 0, NULL);
	void *p = kmem_cache_alloc(cache, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	kmem_cache_destroy(cache);
}

/* The scheduler puts the count right when it complains. */
static noinline void cry_atomic(void)
{
	preempt_disable();
	schedule_timeout_uninterruptible(2);
	if (preempt_count())
		preempt_enable();
}

/* Longer than it takes to be noticed, which is after twice watchdog_thresh. */
static int spin_s = 30;
module_param(spin_s, int, 0600);

static noinline void cry_soft(void)
{
	unsigned long end = jiffies + spin_s * HZ;

	preempt_disable();
	while (time_before(jiffies, end))
		cpu_relax();
	preempt_enable();
}

/* Longer than rcu_cpu_stall_timeout, here set to 5. */
static noinline void cry_rcu(void)
{
	unsigned long end = jiffies + 12 * HZ;

	rcu_read_lock();
	while (time_before(jiffies, end))
		cpu_relax();
	rcu_read_unlock();
}

/* Longer than hung_task_timeout_secs, here set to 5; nothing is reported once a task has died. */
static noinline void cry_hung(void)
{
	DECLARE_COMPLETION_ONSTACK(never);

	wait_for_completion_timeout(&never, 25 * HZ);
}

/* Only KASAN notices. */
static noinline void cry_uaf(void)
{
	volatile int *p = kmalloc(64, GFP_KERNEL);
	volatile int *q = p;

	if (!p)
		return;
	*p = 1;
	OPTIMIZER_HIDE_VAR(q);
	kfree((void *)p);
	*q = 2;
}

/* Only UBSAN notices. */
static noinline void cry_shift(void)
{
	static volatile int bits = 40, one = 1, sink;

	sink = one << bits;
}

/* Only lockdep notices: nobody waits. */
static noinline void cry_lock(void)
{
	static DEFINE_MUTEX(a);
	static DEFINE_MUTEX(b);

	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}

/* Only kmemleak notices: three objects that nothing points to any more. */
static noinline void cry_leak(void)
{
	for (int i = 0; i < 3; i++) {
		int *p = kmalloc(96, GFP_KERNEL);

		if (p)
			memset(p, 0x5a, 96);
		OPTIMIZER_HIDE_VAR(p);
	}
}

static const struct {
	const char *name;
	void (*fn)(void);
	bool noticed; /* by this kernel; what nobody notices is only damage */
} cries[] = {
	{ "warn", cry_warn, true },
	{ "warn_on", cry_warn_on, true },
	{ "refcount", cry_refcount, true },
	{ "refunder", cry_refunder, true },
	{ "list", cry_list, IS_ENABLED(CONFIG_DEBUG_LIST) || IS_ENABLED(CONFIG_LIST_HARDENED) },
	{ "bug", cry_bug, true },
	{ "null", cry_null, true },
	{ "gp", cry_gp, true },
	{ "slab", cry_slab, true },
	{ "cache", cry_cache, true },
	{ "atomic", cry_atomic, true },
	{ "soft", cry_soft, IS_ENABLED(CONFIG_SOFTLOCKUP_DETECTOR) },
	{ "rcu", cry_rcu, true },
	{ "hung", cry_hung, IS_ENABLED(CONFIG_DETECT_HUNG_TASK) },
	{ "uaf", cry_uaf, IS_ENABLED(CONFIG_KASAN) },
	{ "shift", cry_shift, IS_ENABLED(CONFIG_UBSAN_SHIFT) },
	{ "lock", cry_lock, IS_ENABLED(CONFIG_LOCKDEP) },
	{ "leak", cry_leak, IS_ENABLED(CONFIG_DEBUG_KMEMLEAK) },
};

static ssize_t cry_write(struct file *file, const char __user *user, size_t len, loff_t *pos)
{
	char name[32] = "";
	size_t i;

	if (len >= sizeof(name) || copy_from_user(name, user, len))
		return -EINVAL;
	strim(name);
	for (i = 0; i < ARRAY_SIZE(cries); i++) {
		if (!strcmp(name, cries[i].name)) {
			if (!cries[i].noticed)
				return -EOPNOTSUPP;
			cries[i].fn();
			return len;
		}
	}
	return -EINVAL;
}

static const struct file_operations cry_fops = {
	.owner = THIS_MODULE,
	.write = cry_write,
};

static struct dentry *cry_file;

static int __init cry_init(void)
{
	cry_file = debugfs_create_file("cry", 0200, NULL, NULL, &cry_fops);
	return 0;
}

static void __exit cry_exit(void)
{
	debugfs_remove(cry_file);
}

module_init(cry_init);
module_exit(cry_exit);
MODULE_DESCRIPTION("Makes the kernel cry on purpose");
MODULE_LICENSE("Dual MIT/GPL");
