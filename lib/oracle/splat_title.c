// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <string.h>

#include "oracle/splat_title.h"

#define T(literal)                                                                                 \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}
#define BEGINS(what, text) .kind = SPLAT_##what, .start = T(text)
#define HOLDS(text)        .contains = T(text)

/*
 * The first match counts, so what is special stands above what is general. Only lines that no
 * healthy kernel prints: "WARNING:" and "Call Trace:" alone also occur in harmless messages.
 */
static const struct splat_pattern patterns[] = {
	{ BEGINS(KASAN, "BUG: KASAN: ") },
	{ BEGINS(KFENCE, "BUG: KFENCE: ") },
	{ BEGINS(KCSAN, "BUG: KCSAN: ") },
	{ BEGINS(KMSAN, "BUG: KMSAN: ") },
	{ BEGINS(UBSAN, "UBSAN: ") },
	{ BEGINS(REFCOUNT, "refcount_t: ") },
	{ BEGINS(LIST, "list_add corruption") },
	{ BEGINS(LIST, "list_add double add") },
	{ BEGINS(LIST, "list_del corruption") },
	{ BEGINS(DEBUG_OBJECTS, "ODEBUG: ") },
	{ BEGINS(SLAB, "BUG "), HOLDS("ainted") },
	{ BEGINS(LOCKDEP, "WARNING: possible ") },
	{ BEGINS(LOCKDEP, "WARNING: inconsistent lock state") },
	{ BEGINS(LOCKDEP, "WARNING: suspicious RCU usage") },
	{ BEGINS(LOCKDEP, "WARNING: bad unlock balance") },
	{ BEGINS(LOCKDEP, "WARNING: bad contention") },
	{ BEGINS(LOCKDEP, "WARNING: held lock freed") },
	{ BEGINS(LOCKDEP, "WARNING: lock held") },
	{ BEGINS(LOCKDEP, "WARNING: Nested lock") },
	{ BEGINS(LOCKDEP, "WARNING: "), HOLDS("lock order detected") },
	{ BEGINS(LOCKDEP, "[ BUG: ") },
	{ BEGINS(LOCKDEP, "BUG: MAX_"), HOLDS(" too low!") },
	{ BEGINS(ATOMIC, "BUG: scheduling while atomic"), .title = "BUG: scheduling while atomic" },
	{ BEGINS(ATOMIC, "BUG: sleeping function called from invalid context") },
	{ BEGINS(ATOMIC, "BUG: using "), HOLDS(" in preemptible"),
	  .title = "BUG: using per-CPU data in preemptible code" },
	{ BEGINS(RCU_STALL, "INFO: rcu"), HOLDS("stall"), .title = "INFO: RCU stall" },
	{ BEGINS(LOCKUP, "BUG: soft lockup"), .title = "BUG: soft lockup" },
	{ BEGINS(LOCKUP, "BUG: workqueue lockup"), .title = "BUG: workqueue lockup",
	  .traceless = true },
	{ BEGINS(LOCKUP, "Watchdog detected hard LOCKUP"), .title = "hard lockup", .died = true },
	{ BEGINS(LOCKUP, "CPU"), HOLDS("Watchdog detected hard LOCKUP"), .title = "hard lockup",
	  .died = true },
	{ BEGINS(HUNG_TASK, "INFO: task "), HOLDS(" blocked "), .title = "INFO: hung task" },
	{ BEGINS(KMEMLEAK, "kmemleak: "), HOLDS("new suspected memory leaks"),
	  .title = "kmemleak: new suspected memory leaks", .traceless = true },
	{ BEGINS(OOPS, "BUG: kernel NULL pointer dereference"),
	  .title = "BUG: kernel NULL pointer dereference", .died = true },
	{ BEGINS(OOPS, "BUG: unable to handle page fault"),
	  .title = "BUG: unable to handle page fault", .died = true },
	{ BEGINS(OOPS, "BUG: "), HOLDS("stack guard page was hit"),
	  .title = "BUG: stack guard page was hit", .died = true },
	{ BEGINS(OOPS, "Unable to handle kernel "), .died = true },
	{ BEGINS(OOPS, "general protection fault"), .title = "general protection fault",
	  .follows = true, .died = true },
	{ BEGINS(OOPS, "Oops: general protection fault"), .title = "general protection fault",
	  .follows = true, .died = true },
	{ BEGINS(OOPS, "invalid opcode: "), .title = "invalid opcode", .follows = true,
	  .died = true },
	{ BEGINS(OOPS, "divide error: "), .title = "divide error", .died = true },
	{ BEGINS(OOPS, "stack segment: "), .title = "stack segment fault", .died = true },
	{ BEGINS(OOPS, "Oops: "), .title = "Oops", .follows = true, .died = true },
	{ BEGINS(OOPS, "Oops - "), .title = "Oops", .follows = true, .died = true },
	{ BEGINS(OOPS, "Internal error: "), .title = "Oops", .follows = true, .died = true },
	{ BEGINS(BUG, "kernel BUG at "), .follows = true, .died = true },
	{ BEGINS(PANIC, "Kernel panic - not syncing: "), .died = true },
	{ BEGINS(BUG, "BUG: ") },
	{ BEGINS(WARNING, "WARNING: CPU: "), .title = "WARNING", .follows = true },
	{ BEGINS(WARNING, "WARNING: "), HOLDS(", CPU#"), .title = "WARNING", .follows = true },
};

#define NR_PATTERNS (sizeof(patterns) / sizeof(patterns[0]))

const struct splat_pattern *splat_match(struct text line)
{
	text_skip(&line, TEXT("NMI watchdog: "));
	text_skip(&line, TEXT("watchdog: "));
	text_skip(&line, TEXT("rcu: "));
	for (size_t i = 0; i < NR_PATTERNS; i++) {
		const struct splat_pattern *pattern = &patterns[i];

		if (!text_has_prefix(line, pattern->start))
			continue;
		if (!pattern->contains.len || text_find(line, pattern->contains))
			return pattern;
	}
	return NULL;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t hex_run(const char *p, const char *end)
{
	size_t len = 0;

	while (p + len < end && isxdigit((unsigned char)p[len]))
		len++;
	return len;
}

/* "+0x12/0x34" and the module that may follow, " [drm]". */
static const char *skip_offset(const char *p, const char *end)
{
	const char *mod;

	if (end - p < 4 || memcmp(p, "+0x", 3))
		return p;
	p += 3 + hex_run(p + 3, end);
	if (end - p >= 3 && !memcmp(p, "/0x", 3))
		p += 3 + hex_run(p + 3, end);
	if (end - p < 3 || memcmp(p, " [", 2))
		return p;
	mod = memchr(p, ']', end - p);
	return mod ? mod + 1 : p;
}

static const char *skip_number(const char *p, const char *start, const char *end, char *ret)
{
	bool inside = p > start && is_word(p[-1]);
	bool suffix = p > start + 1 && p[-1] == '-' && is_word(p[-2]);
	size_t hex = hex_run(p, end);

	if (inside || !hex)
		return p;
	if (end - p > 2 && !memcmp(p, "0x", 2) && hex_run(p + 2, end)) {
		*ret = 'X';
		return p + 2 + hex_run(p + 2, end);
	}
	/* An address without 0x; and not a word like "added" or "deadbeefs". */
	if (hex >= 8 && (p + hex == end || !is_word(p[hex]))) {
		*ret = 'X';
		return p + hex;
	}
	if (suffix || !isdigit((unsigned char)*p))
		return p;
	*ret = 'N';
	while (p < end && isdigit((unsigned char)*p))
		p++;
	return p;
}

/* " (Tainted: G W OE)", " (Not tainted)" */
static const char *skip_taint(const char *p, const char *end)
{
	struct text rest = { p, end - p };
	const char *paren;

	if (!text_has_prefix(rest, TEXT(" (Tainted")) &&
	    !text_has_prefix(rest, TEXT(" (Not tainted")))
		return p;
	paren = memchr(p, ')', end - p);
	return paren ? paren + 1 : p;
}

/* A module built out of tree names its file by an absolute path: only the last part is kept. */
static const char *skip_folders(const char *p, const char *start, const char *end)
{
	const char *file = p;

	if (*p != '/' || end - p < 2 || p[1] == ' ' || (p > start && p[-1] != ' '))
		return p;
	for (; p < end && *p != ' '; p++) {
		if (*p == '/')
			file = p + 1;
	}
	return file;
}

void splat_normalise(struct text line, char *buf, size_t size)
{
	const char *p = line.p, *end = p + line.len;
	size_t len = 0;

	while (p < end && len + 1 < size) {
		const char *next;
		char letter = 0;

		next = skip_offset(p, end);
		if (next == p)
			next = skip_taint(p, end);
		if (next == p)
			next = skip_folders(p, line.p, end);
		if (next == p)
			next = skip_number(p, line.p, end, &letter);
		if (next == p)
			letter = *p, next = p + 1;
		if (letter)
			buf[len++] = (unsigned char)letter < ' ' ? '?' : letter;
		p = next;
	}
	while (len && buf[len - 1] == ' ')
		len--;
	buf[len] = '\0';
}
