// SPDX-License-Identifier: MIT
#include "kernel/modindex.h"

#include "fetch/file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define INDEX_MAGIC   0xb007f457u
#define INDEX_VERSION 0x00020001u

/* The top bits of a node's offset say what the node holds, in this order. */
#define NODE_PREFIX 0x80000000u
#define NODE_CHILDS 0x20000000u
#define NODE_VALUES 0x40000000u

struct entry {
	const char *key;
	char *value;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static void put_u32(FILE *f, uint32_t v)
{
	const unsigned char bytes[] = { v >> 24, v >> 16, v >> 8, v };

	fwrite(bytes, 1, sizeof(bytes), f);
}

/* How many characters behind @depth all @count keys, which are sorted, have in common. */
static size_t common_length(const struct entry *entries, size_t count, size_t depth)
{
	const char *first = entries[0].key + depth, *last = entries[count - 1].key + depth;
	size_t n = 0;

	while (first[n] && first[n] == last[n])
		n++;
	return n;
}

/* Writes the node for keys that agree up to @depth, behind its children. Returns its offset. */
static uint32_t put_node(FILE *f, const struct entry *entries, size_t count, size_t depth)
{
	size_t common = common_length(entries, count, depth), at = depth + common;
	uint32_t children[128] = { 0 }, flags = 0, offset;
	unsigned char first = 127, last = 0;
	size_t own = entries[0].key[at] ? 0 : 1; /* the key that ends here sorts first */

	for (size_t i = own, n; i < count; i += n) {
		unsigned char c = entries[i].key[at] & 0x7f;

		for (n = 1; i + n < count && entries[i + n].key[at] == entries[i].key[at];)
			n++;
		children[c] = put_node(f, entries + i, n, at + 1);
		first = c < first ? c : first;
		last = c > last ? c : last;
	}
	offset = ftell(f);
	if (common) {
		flags |= NODE_PREFIX;
		fwrite(entries[0].key + depth, 1, common, f);
		fputc(0, f);
	}
	if (own < count) {
		flags |= NODE_CHILDS;
		fputc(first, f);
		fputc(last, f);
		for (int c = first; c <= last; c++)
			put_u32(f, children[c]);
	}
	if (own) {
		flags |= NODE_VALUES;
		put_u32(f, 1);
		put_u32(f, 0); /* priority */
		fwrite(entries[0].value, 1, strlen(entries[0].value) + 1, f);
	}
	return offset | flags;
}

static bool needs(const struct module *user, const char *name)
{
	for (char **need = user->needs; need && *need; need++) {
		if (!strcmp(*need, name))
			return true;
	}
	return false;
}

/* "FILE: FILES": all it depends on, directly or not, last to be loaded first, as in modules.dep. */
static char *dependency_line(const struct modules *m, size_t index)
{
	_cleanup_free_ bool *marked = calloc(index + 1, sizeof(*marked));
	char *line = NULL;
	size_t size;
	FILE *f = open_memstream(&line, &size);

	if (!marked || !f) {
		if (f)
			fclose(f);
		free(line);
		return NULL;
	}
	marked[index] = true;
	fprintf(f, "kernel/%s.ko:", m->order[index]->name);
	/* What a module needs stands before it in the order. */
	for (size_t i = index; i-- > 0;) {
		for (size_t user = i + 1; user <= index && !marked[i]; user++)
			marked[i] = marked[user] && needs(m->order[user], m->order[i]->name);
		if (marked[i])
			fprintf(f, " kernel/%s.ko", m->order[i]->name);
	}
	fclose(f);
	return line;
}

int modindex_make(const struct modules *modules, char **ret_data, size_t *ret_size)
{
	_cleanup_free_ struct entry *entries = calloc(modules->order_count + 1, sizeof(*entries));
	char *data = NULL;
	uint32_t root = 0;
	size_t size;
	FILE *f = open_memstream(&data, &size);
	int err = entries && f ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < modules->order_count; i++) {
		entries[i].key = modules->order[i]->name;
		entries[i].value = dependency_line(modules, i);
		err = entries[i].value ? 0 : -ENOMEM;
	}
	if (!err) {
		qsort(entries, modules->order_count, sizeof(*entries), compare);
		put_u32(f, INDEX_MAGIC);
		put_u32(f, INDEX_VERSION);
		put_u32(f, 0);
		if (modules->order_count)
			root = put_node(f, entries, modules->order_count, 0);
	}
	if (f && fclose(f))
		err = -ENOMEM;
	for (size_t i = 0; entries && i < modules->order_count; i++)
		free(entries[i].value);
	if (err) {
		free(data);
		return err;
	}
	/* The root comes last; the header says where. */
	for (int i = 0; i < 4; i++)
		data[2 * sizeof(uint32_t) + i] = root >> (24 - 8 * i);
	*ret_data = data;
	*ret_size = size;
	return 0;
}
