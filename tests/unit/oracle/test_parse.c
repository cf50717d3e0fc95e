// SPDX-License-Identifier: MIT
/*
 * Parsers of the kernel's lists, on what three kernels wrote while one process held two vgem, two
 * virtio-gpu and two bochs buffers, a udmabuf and a dma-heap buffer; then cut short and damaged.
 */
#include "sample.h"

struct parsed {
	struct ledger ledger;
	struct ledger_status status;
};

static const struct parse_device device = { .minor = 1, .driver = "virtio_gpu" };

static int bufinfo(struct text text, struct ledger *ledger, struct ledger_status *status)
{
	return parse_bufinfo(text, ledger, status);
}

static int gem_names(struct text text, struct ledger *ledger, struct ledger_status *status)
{
	return parse_gem_names(text, &device, ledger, status);
}

static int clients(struct text text, struct ledger *ledger, struct ledger_status *status)
{
	return parse_clients(text, &device, ledger, status);
}

static int framebuffer(struct text text, struct ledger *ledger, struct ledger_status *status)
{
	return parse_framebuffer(text, &device, ledger, status);
}

static int i915(struct text text, struct ledger *ledger, struct ledger_status *status)
{
	return parse_i915_gem_objects(text, &device, ledger, status);
}

static int amdgpu(struct text text, struct ledger *ledger, struct ledger_status *status)
{
	return parse_amdgpu_gem_info(text, &device, ledger, status);
}

typedef int (*parse_fn)(struct text text, struct ledger *ledger, struct ledger_status *status);

static struct parsed parse(parse_fn fn, struct text text)
{
	struct parsed parsed = { 0 };

	assert_int_equal(fn(text, &parsed.ledger, &parsed.status), 0);
	assert_int_equal(parsed.ledger.nr_items, parsed.status.items);
	return parsed;
}

static struct parsed parse_string(parse_fn fn, const char *s)
{
	return parse(fn, (struct text){ s, strlen(s) });
}

static void finish(struct parsed *parsed)
{
	free(parsed->ledger.items);
}

static const struct {
	const char *path;
	parse_fn fn;
	unsigned int held[NR_VERSIONS];
	bool has_total; /* its last line tells when it was cut off */
} lists[] = {
	{ "sys/kernel/debug/dma_buf/bufinfo", bufinfo, { 4, 8, 8 }, true },
	{ "sys/kernel/debug/dri/0/gem_names", gem_names, { 2, 2, 2 }, false },
	{ "sys/kernel/debug/dri/1/gem_names", gem_names, { 2, 2, 2 }, false },
	{ "sys/kernel/debug/dri/1/clients", clients, { 1, 1, 1 }, false },
	{ "sys/kernel/debug/dri/1/framebuffer", framebuffer, { 3, 3, 3 }, false },
};

#define NR_LISTS (sizeof(lists) / sizeof(lists[0]))

static char *read_list(size_t list, size_t version, size_t *ret_len)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "held/%s", lists[list].path);
	return read_sample(versions[version], path, ret_len);
}

static void recorded(void **state)
{
	for (size_t v = 0; v < NR_VERSIONS; v++) {
		for (size_t i = 0; i < NR_LISTS; i++) {
			size_t len;
			char *buf = read_list(i, v, &len);
			struct parsed parsed = parse(lists[i].fn, (struct text){ buf, len });

			if (parsed.status.refused || parsed.status.items != lists[i].held[v])
				fail_msg("%s, %s: %u items, %u lines refused", versions[v],
					 lists[i].path, parsed.status.items, parsed.status.refused);
			finish(&parsed);
			free(buf);
		}
	}
}

/* Exact copies on the heap, so that a sanitizer sees a read past the end. */
static struct parsed parse_copy(parse_fn fn, const char *buf, size_t len)
{
	char *copy = malloc(len ? len : 1);
	struct parsed parsed;

	memcpy(copy, buf, len);
	parsed = parse(fn, (struct text){ copy, len });
	free(copy);
	return parsed;
}

static void cut_off(void **state)
{
	for (size_t v = 0; v < NR_VERSIONS; v++) {
		for (size_t i = 0; i < NR_LISTS; i++) {
			size_t len;
			char *buf = read_list(i, v, &len);

			for (size_t cut = 0; cut < len; cut++) {
				struct parsed parsed = parse_copy(lists[i].fn, buf, cut);

				assert_true(parsed.status.items <= lists[i].held[v]);
				/* The last line may lose digits of its byte count unnoticed. */
				if (lists[i].has_total && cut < len - 16)
					assert_true(parsed.status.refused);
				if (!cut)
					assert_int_equal(parsed.status.items, 0);
				finish(&parsed);
			}
			free(buf);
		}
	}
}

static void damaged(void **state)
{
	static const char bytes[] = "\0\t\n -0:9[]\x7f\xff";

	for (size_t i = 0; i < NR_LISTS; i++) {
		size_t len;
		char *buf = read_list(i, 1, &len);

		for (size_t at = 0; at < len; at++) {
			char kept = buf[at];

			for (size_t b = 0; b < sizeof(bytes) - 1; b++) {
				struct parsed parsed;

				buf[at] = bytes[b];
				parsed = parse_copy(lists[i].fn, buf, len);
				finish(&parsed);
			}
			buf[at] = kept;
		}
		free(buf);
	}
}

/* What each row says, once: a field that slips by one would still count right. */
static void fields(void **state)
{
	struct parsed parsed;
	struct ledger_item *item;

	parsed = parse_string(bufinfo,
			      "00016384\t00000002\t00080007\t00000003\tdrm\t00000001\t"
			      "my\tbuffer\n\tAttached Devices:\nTotal 0 devices attached\n\n"
			      "\nTotal 1 objects, 16384 bytes\n");
	assert_int_equal(parsed.status.refused, 0);
	assert_int_equal(parsed.status.items, 1);
	item = parsed.ledger.items;
	assert_int_equal(item->size, 16384);
	assert_int_equal(item->count, 3);
	assert_int_equal(item->inode, 1);
	assert_string_equal(item->owner, "drm");
	assert_string_equal(item->name, "my?buffer");
	finish(&parsed);

	parsed = parse_string(gem_names, "  name     size handles refcount\n"
					 "    17    16384       2        3\n");
	item = parsed.ledger.items;
	assert_int_equal(item->id, 17);
	assert_int_equal(item->size, 16384);
	assert_int_equal(item->handles, 2);
	assert_int_equal(item->count, 3);
	assert_int_equal(item->minor, 1);
	finish(&parsed);

	parsed = parse_string(clients, "             command  tgid dev master a   uid      magic"
				       "              name       id\n"
				       "           two words   275   1   y    y     0          0"
				       "           <unset>       42\n");
	assert_int_equal(parsed.status.refused, 0);
	item = parsed.ledger.items;
	assert_string_equal(item->name, "two words");
	assert_int_equal(item->pid, 275);
	assert_int_equal(item->id, 42);
	finish(&parsed);

	parsed = parse_string(framebuffer, "framebuffer[44]:\n\tallocated by = hold\n"
					   "\trefcount=2\n\t\tobj[0]:\n\t\t\trefcount=9\n");
	item = parsed.ledger.items;
	assert_int_equal(item->id, 44);
	assert_int_equal(item->count, 2);
	assert_string_equal(item->name, "hold");
	finish(&parsed);
}

/* A list of an unknown shape must be noticed, never read as "nothing there". */
static void unknown_formats(void **state)
{
	static const struct {
		parse_fn fn;
		const char *text;
	} cases[] = {
		{ bufinfo, "" },
		{ bufinfo, "\nDma-buf Objects:\n" },
		{ bufinfo, "\nTotal 1 objects, 4096 bytes\n" },
		{ bufinfo, "16384 2 80007 3 drm 1\n\nTotal 1 objects, 16384 bytes\n" },
		{ bufinfo, "00016384\t2\t80007\t3\t\t1\tx\n\nTotal 1 objects, 16384 bytes\n" },
		{ gem_names, "" },
		{ gem_names, "     1    16384       1        3\n" },
		{ gem_names, "  name size handles refcount\n 1 16384 1\n" },
		{ gem_names, "  name size handles refcount\n 1 16384 1 3 4\n" },
		{ clients, "" },
		{ clients, "             command  tgid\n                hold   312\n" },
		{ clients, "                hold   312   1   y    y     0          0\n" },
		{ framebuffer, "framebuffer[x]:\n\trefcount=1\n" },
		{ framebuffer, "framebuffer[1]:\n" },
		{ framebuffer, "fb 1\n" },
		{ i915, "" },
		{ i915, "12 objects, 4096 bytes\n" },
		{ i915, "12 shrinkable [0 free] objects, 4096\n" },
		{ i915, "12 shrinkable [0 free] objects, x bytes\n" },
		{ i915, "12 shrinkable [] objects, 4096 bytes\n" },
		{ i915, "-1 shrinkable [0 free] objects, 4096 bytes\n" },
		{ amdgpu, "pid x command a:\n" },
		{ amdgpu, "pid 12 command a\n" },
		{ amdgpu, "\t\t0x00000001:         4096 byte VRAM\n" },
		{ amdgpu, "pid 12 command a:\n\t\t0x00000001:         4096 bytes VRAM\n" },
		{ amdgpu, "pid 12 command a:\n\t\t0x00000001:         4096 byte\n" },
		{ amdgpu, "pid 12 command a:\n\t\t0xxyz:         4096 byte VRAM\n" },
		{ amdgpu, "pid 12 command a:\nsome new line\n" },
		{ parse_sync_info, "" },
		{ parse_sync_info, "timeline: 1\n" },
		{ parse_sync_info, "objs:\n--------------\nno value\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct parsed parsed = parse_string(cases[i].fn, cases[i].text);

		if (!parsed.status.refused)
			fail_msg("case %zu was accepted", i);
		finish(&parsed);
	}
}

/* After the source of 6.1, 6.12 and 7.2: nobody here has such a device. */
static const char i915_text[] = "321 shrinkable [2 free] objects, 123456789 bytes\n"
				"system: total:0x00000003dfa00000 bytes\n"
				"stolen-local: total:0x0000000004000000 bytes\n";

static const char amdgpu_text[] =
	/* 6.1: the dma-buf's hashed address; 6.12: its inode; two files of one process */
	"pid     1234 command two words:\n"
	"\t\t0x00000001:         4096 byte VRAM imported from 00000000a1b2c3d4 NO_CPU_ACCESS\n"
	"\t\t0x00000002:      2097152 byte  GTT pin count 1 CPU_GTT_USWC\n"
	"pid       77 command <unknown>:\n"
	"pid     1234 command two words:\n"
	/* 7.2: fences, the first one on the object's line */
	"\t\t0x00000001:         8192 byte VRAM VISIBLE exported as ino:17"
	"\tkernel fence:5:3 sdma0 drm_sched unsignalled\n"
	"\tread fence:5:4   signalled\n"
	"\n"
	"pid       80 command a:b:\n"
	"\t\t0x00000009:           16 byte UNKNOWN\n";

static void drivers(void **state)
{
	struct parsed parsed = parse_string(i915, i915_text);
	struct ledger_item *item = parsed.ledger.items;

	assert_int_equal(parsed.status.refused, 0);
	assert_int_equal(parsed.status.items, 1);
	assert_int_equal(item->kind, LEDGER_OBJECTS);
	assert_int_equal(item->count, 321);
	assert_int_equal(item->size, 123456789);
	assert_int_equal(item->minor, 1);
	finish(&parsed);

	/* Nothing there is no object, and no unknown format. */
	parsed = parse_string(i915, "0 shrinkable [0 free] objects, 0 bytes\n");
	assert_int_equal(parsed.status.refused + parsed.status.items, 0);
	finish(&parsed);

	parsed = parse_string(amdgpu, amdgpu_text);
	item = parsed.ledger.items;
	assert_int_equal(parsed.status.refused, 0);
	assert_int_equal(parsed.status.items, 2);
	assert_int_equal(item[0].pid, 1234);
	assert_int_equal(item[0].count, 3);
	assert_int_equal(item[0].size, 4096 + 2097152 + 8192);
	assert_string_equal(item[0].name, "two words");
	assert_int_equal(item[1].pid, 80);
	assert_int_equal(item[1].count, 1);
	assert_string_equal(item[1].name, "a:b");
	finish(&parsed);

	parsed = parse_string(amdgpu, "");
	assert_int_equal(parsed.status.refused + parsed.status.items, 0);
	finish(&parsed);
}

static void drivers_cut_off(void **state)
{
	for (size_t cut = 0; cut < sizeof(i915_text); cut++) {
		struct parsed parsed = parse_copy(i915, i915_text, cut);
		bool whole = cut >= strcspn(i915_text, "\n");

		assert_int_equal(parsed.status.items, whole);
		assert_int_equal(parsed.status.refused, !whole);
		finish(&parsed);
	}
	for (size_t cut = 0; cut < sizeof(amdgpu_text); cut++) {
		struct parsed parsed = parse_copy(amdgpu, amdgpu_text, cut);

		assert_true(parsed.status.items <= 2);
		finish(&parsed);
	}
}

/* After the source of 6.x: of the recorded kernels only 7.2-kasan has CONFIG_SW_SYNC. */
static void sync_info(void **state)
{
	struct parsed parsed = parse_string(
		parse_sync_info,
		"objs:\n--------------\nsw_sync: 2\n"
		"  sw_sync fence active: 3 / 2\n  sw_sync fence signaled@12.5: 1 / 2\n\n");

	assert_int_equal(parsed.status.refused, 0);
	assert_int_equal(parsed.status.items, 3);
	assert_string_equal(parsed.ledger.items[0].owner, "timeline");
	assert_string_equal(parsed.ledger.items[0].name, "sw_sync");
	assert_string_equal(parsed.ledger.items[1].owner, "fence");
	assert_string_equal(parsed.ledger.items[2].name, "sw_sync fence");
	finish(&parsed);
}

static void driver_names(void **state)
{
	char driver[32] = "";

	assert_int_equal(
		parse_driver_name(TEXT("vgem dev=vgem unique=vgem\n"), driver, sizeof(driver)), 0);
	assert_string_equal(driver, "vgem");
	assert_int_equal(parse_driver_name(TEXT(""), driver, sizeof(driver)), -EINVAL);
	assert_int_equal(parse_driver_name(TEXT("\n"), driver, sizeof(driver)), -EINVAL);
	/* A leak on 6.1 was told of "card2 (?nt)". */
	assert_int_equal(parse_driver_name(TEXT("\x01nt dev=x\n"), driver, sizeof(driver)),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded),        cmocka_unit_test(cut_off),
		cmocka_unit_test(damaged),         cmocka_unit_test(fields),
		cmocka_unit_test(unknown_formats), cmocka_unit_test(sync_info),
		cmocka_unit_test(driver_names),    cmocka_unit_test(drivers),
		cmocka_unit_test(drivers_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
