// SPDX-License-Identifier: MIT
/* Histograms of the census' probes: recorded, cut short, and of shapes that nobody promised. */
#include "sample.h"

#include "oracle/hist.h"

static struct hist parse(const char *s, size_t len)
{
	char *copy = malloc(len ? len : 1);
	struct hist hist = { 0 };

	memcpy(copy, s, len);
	assert_int_equal(hist_parse((struct text){ copy, len }, &hist), 0);
	free(copy);
	return hist;
}

static struct hist read_hist(const char *version, const char *path)
{
	size_t len;
	char *buf = read_sample(version, path, &len);
	struct hist hist = parse(buf, len);

	assert_int_equal(hist.refused, 0);
	assert_int_equal(hist.dropped, 0);
	free(buf);
	return hist;
}

static bool has_key(const struct hist *hist, uint64_t key)
{
	for (size_t i = 0; i < hist->nr; i++) {
		if (hist->entries[i].key == key)
			return true;
	}
	return false;
}

/* Every object that the process created was released with it, told by its address. */
static void recorded(void **state)
{
	for (size_t v = 0; v < NR_VERSIONS; v++) {
		struct hist born = read_hist(versions[v], "hist/held/gem_new");
		struct hist none = read_hist(versions[v], "hist/held/gem_free");
		struct hist died = read_hist(versions[v], "hist/after/gem_free");

		assert_true(born.nr >= 6);
		assert_int_equal(born.hits, born.nr);
		assert_int_equal(none.nr, 0);
		assert_int_equal(died.hits, born.hits);
		for (size_t i = 0; i < born.nr; i++) {
			const struct hist_entry *entry = &born.entries[i];

			assert_true(has_key(&died, entry->key));
			assert_true(entry->pid > 1);
			assert_int_equal(entry->hits, 1);
			assert_string_equal(entry->frames[0], "drm_gem_private_object_init");
			assert_true(entry->nr_frames > 3);
		}
		hist_finish(&born);
		hist_finish(&none);
		hist_finish(&died);
	}
}

/* With the time of the last hit, as the census asks for it when it notes stacks. */
static void timed(void **state)
{
	static const char text[] =
		"{ obj: 18446624345532440576, common_pid: two [words]    [       200], "
		"common_stacktrace:\n"
		"         drm_gem_private_object_init+0x9/0x120 [drm]\n"
		"} hitcount:          3\n"
		"\tmax:    5412345  common_pid:        200\n"
		"{ obj: 18446624345532440577, common_pid: sh              [       201], "
		"common_stacktrace:\n"
		"         drm_gem_private_object_init+0x9/0x120 [drm]\n"
		"} hitcount:          1\n"
		"\tmax:    5412346  common_pid:        201\n"
		"\nTotals:\n    Hits: 4\n    Entries: 2\n    Dropped: 0\n";
	struct hist hist = parse(text, strlen(text));

	assert_int_equal(hist.refused, 0);
	assert_int_equal(hist.nr, 2);
	assert_string_equal(hist.entries[0].comm, "two [words]");
	assert_int_equal(hist.entries[0].pid, 200);
	assert_int_equal(hist.entries[0].hits, 3);
	assert_int_equal(hist.entries[0].last, 5412345);
	assert_int_equal(hist.entries[0].nr_frames, 1);
	assert_string_equal(hist.entries[1].comm, "sh");
	assert_int_equal(hist.entries[1].last, 5412346);
	hist_finish(&hist);

	/* A time that belongs to nothing, or is none. */
	hist = parse("\tmax: 1\n", 8);
	assert_true(hist.refused);
	hist_finish(&hist);
	for (size_t cut = 0; cut < strlen(text); cut++) {
		hist = parse(text, cut);
		assert_true(hist.nr <= 2);
		hist_finish(&hist);
	}
}

/* The trampoline of a probe on a function's return is not part of the story. */
static void returns(void **state)
{
	for (size_t v = 0; v < NR_VERSIONS; v++) {
		struct hist born = read_hist(versions[v], "hist/held/buf_new");
		unsigned int from_drm = 0;

		for (size_t i = 0; i < born.nr; i++) {
			assert_null(strstr(born.entries[i].frames[0], "rethook"));
			from_drm += !strcmp(born.entries[i].frames[0], "drm_gem_dmabuf_export");
		}
		assert_true(from_drm >= 2);
		hist_finish(&born);
	}
}

static void cut_off(void **state)
{
	for (size_t v = 0; v < NR_VERSIONS; v++) {
		size_t len;
		char *buf = read_sample(versions[v], "hist/held/gem_new", &len);

		/* The last line is "    Dropped: 0\n". */
		for (size_t cut = 0; cut < len - 2; cut++) {
			struct hist hist = parse(buf, cut);

			assert_true(hist.refused);
			hist_finish(&hist);
		}
		free(buf);
	}
}

static void shapes(void **state)
{
	static const struct {
		const char *text;
		unsigned int nr;
		bool refused;
	} cases[] = {
		{ "{ obj: 7 } hitcount: 3\nTotals:\n Hits: 3\n Entries: 1\n Dropped: 0\n", 1,
		  false },
		{ "{ common_pid: 7, obj: 9 } hitcount: 3\n Dropped: 1\n", 1, false },
		{ "", 0, true },
		{ "Totals:\n Hits: x\n Dropped: 0\n", 0, true },
		{ "{ other: 7 } hitcount: 3\n Dropped: 0\n", 0, true },
		{ "{ obj: x } hitcount: 3\n Dropped: 0\n", 0, true },
		{ "{ obj: 7 } hits: 3\n Dropped: 0\n", 0, true },
		{ "{ obj: 7, stacktrace:\n f+0x1/0x2\n Dropped: 0\n", 0, true },
		{ "{ obj: 7, stacktrace:\n{ obj: 8 } hitcount: 1\n Dropped: 0\n", 1, true },
		{ "} hitcount: 1\n Dropped: 0\n", 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hist hist = parse(cases[i].text, strlen(cases[i].text));

		if (hist.nr != cases[i].nr || !!hist.refused != cases[i].refused)
			fail_msg("case %zu: %zu buckets, %u refused", i, hist.nr, hist.refused);
		hist_finish(&hist);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded), cmocka_unit_test(timed),  cmocka_unit_test(returns),
		cmocka_unit_test(cut_off),  cmocka_unit_test(shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
