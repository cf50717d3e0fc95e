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

/* After the kernel's source: no recorded kernel had CONFIG_SW_SYNC. */
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
		cmocka_unit_test(driver_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
