// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>

#include "oracle/splat.h"

static const char *const kind_names[SPLAT_NR_KINDS] = {
	[SPLAT_WARNING] = "warning",     [SPLAT_BUG] = "bug",
	[SPLAT_OOPS] = "oops",           [SPLAT_KASAN] = "kasan",
	[SPLAT_KFENCE] = "kfence",       [SPLAT_KCSAN] = "kcsan",
	[SPLAT_KMSAN] = "kmsan",         [SPLAT_UBSAN] = "ubsan",
	[SPLAT_REFCOUNT] = "refcount",   [SPLAT_LIST] = "list",
	[SPLAT_SLAB] = "slab",           [SPLAT_DEBUG_OBJECTS] = "debug-objects",
	[SPLAT_LOCKDEP] = "lockdep",     [SPLAT_ATOMIC] = "atomic",
	[SPLAT_RCU_STALL] = "rcu-stall", [SPLAT_LOCKUP] = "lockup",
	[SPLAT_HUNG_TASK] = "hung-task", [SPLAT_KMEMLEAK] = "kmemleak",
	[SPLAT_PANIC] = "panic",
};

const char *splat_kind_name(enum splat_kind kind)
{
	return kind_names[kind];
}

/* FNV-1a: no secret is kept here, only different strings apart. */
static uint64_t hash(uint64_t h, const char *text)
{
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3;
	return (h ^ '\n') * 0x100000001b3;
}

void splat_fingerprint(const struct splat *splat, char buf[17])
{
	uint64_t h = hash(0xcbf29ce484222325, kind_names[splat->kind]);

	for (unsigned int i = 0; i < splat->nr_frames; i++)
		h = hash(h, splat->frames[i]);
	if (!splat->nr_frames)
		h = hash(h, splat->title);
	snprintf(buf, 17, "%016" PRIx64, h);
}
