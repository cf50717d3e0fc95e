// SPDX-License-Identifier: MIT
/*
 * libFuzzer targets of the oracle's parsers, one program each, chosen by FUZZ_TARGET.
 *
 *	CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
 *	meson compile -C build-fuzz
 *	build-fuzz/tests/unit/oracle/fuzz/fuzz-bufinfo -max_total_time=600
 *
 * What is checked besides memory: strings end, items are counted once, and what was understood
 * once is understood the same way again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/hist.h"
#include "oracle/parse.h"
#include "oracle/splat.h"
#include "oracle/splat_title.h"
#include "sys/kmemleak.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct parse_device device = { .minor = 1, .driver = "vgem" };

static void check_items(struct ledger *ledger, const struct ledger_status *status)
{
	CHECK(ledger->nr_items == status->items);
	for (size_t i = 0; i < ledger->nr_items; i++) {
		const struct ledger_item *item = &ledger->items[i];

		CHECK(item->kind < LEDGER_NR_KINDS);
		CHECK(memchr(item->owner, '\0', sizeof(item->owner)));
		CHECK(memchr(item->name, '\0', sizeof(item->name)));
		CHECK(!ledger_item_order(item, item));
	}
	free(ledger->items);
}

#define LIST(name, call)                                                                           \
	static void name(struct text text)                                                         \
	{                                                                                          \
		struct ledger ledger = { 0 };                                                      \
		struct ledger_status status = { 0 };                                               \
                                                                                                   \
		CHECK(!(call));                                                                    \
		check_items(&ledger, &status);                                                     \
	}

LIST(bufinfo, parse_bufinfo(text, &ledger, &status))
LIST(gem_names, parse_gem_names(text, &device, &ledger, &status))
LIST(clients, parse_clients(text, &device, &ledger, &status))
LIST(framebuffer, parse_framebuffer(text, &device, &ledger, &status))
LIST(i915, parse_i915_gem_objects(text, &device, &ledger, &status))
LIST(amdgpu, parse_amdgpu_gem_info(text, &device, &ledger, &status))
LIST(sync_info, parse_sync_info(text, &ledger, &status))

static void hist(struct text text)
{
	struct hist hist = { 0 };

	CHECK(!hist_parse(text, &hist));
	for (size_t i = 0; i < hist.nr; i++)
		CHECK(hist.entries[i].nr_frames <= HIST_FRAMES);
	hist_finish(&hist);
}

static void kmemleak(struct text text)
{
	char *report = strndup(text.p, text.len), first[80];
	struct sys_kmemleak_object object;
	int count = 0;

	CHECK(report);
	for (const char *rest = report; (rest = sys_kmemleak_next(rest, &object)); count++) {
		CHECK(memchr(object.comm, '\0', sizeof(object.comm)));
		CHECK(memchr(object.where, '\0', sizeof(object.where)));
	}
	CHECK(sys_kmemleak_parse(report, NULL, first, sizeof(first)) == count);
	free(report);
}

static void check_splat(const struct splat *splat)
{
	char first[17], second[17];

	CHECK(splat->kind < SPLAT_NR_KINDS && splat->nr_frames <= SPLAT_FRAMES);
	CHECK(memchr(splat->title, '\0', sizeof(splat->title)));
	CHECK(memchr(splat->task, '\0', sizeof(splat->task)));
	splat_fingerprint(splat, first);
	splat_fingerprint(splat, second);
	CHECK(!strcmp(first, second));
}

/* Raw records of /dev/kmsg, and where a line is none, that line as a message. */
static void kmsg(struct text text)
{
	struct splat_scan *scan = splat_scan_new();
	const struct splat *splats;
	struct text line;
	size_t nr;

	CHECK(scan);
	while (text_line(&text, &line)) {
		struct kmsg_record record = { .text = line };
		struct kmsg_record parsed;

		if (!kmsg_parse(line, &parsed))
			record = parsed;
		CHECK(!splat_scan_feed(scan, &record));
		splat_scan_pending(scan);
	}
	splats = splat_scan_result(scan, &nr);
	for (size_t i = 0; i < nr; i++)
		check_splat(&splats[i]);
	splat_scan_free(scan);
}

/* One line, as a title and as a stack frame. */
static void title(struct text text)
{
	char buf[200], function[64], module[32];

	splat_normalise(text, buf, sizeof(buf));
	CHECK(strlen(buf) < sizeof(buf));
	if (splat_frame(text, function, sizeof(function), module, sizeof(module)))
		CHECK(function[0]);
}

static const struct {
	const char *name;
	void (*run)(struct text text);
} targets[] = {
	{ "amdgpu", amdgpu },       { "bufinfo", bufinfo },
	{ "clients", clients },     { "framebuffer", framebuffer },
	{ "gem-names", gem_names }, { "hist", hist },
	{ "i915", i915 },           { "kmemleak", kmemleak },
	{ "kmsg", kmsg },           { "sync-info", sync_info },
	{ "title", title },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (!strcmp(targets[i].name, FUZZ_TARGET))
			targets[i].run((struct text){ (const char *)data, size });
	}
	return 0;
}
