// SPDX-License-Identifier: MIT
/*
 * Build tool for the documentation block of a test.
 *
 *	test-doc table SOURCE OUTPUT.c		the block as the table behind --describe
 *	test-doc check SOURCE BINARY STAMP	fail unless block and binary agree
 *	test-doc destructive OUTPUT SOURCE...	the subtests that may kill the kernel, as
 *						"binary@name", and behind it the least profile
 *						they run in
 */
#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "igt/pattern.h"

static char *read_all(FILE *file)
{
	char *text = NULL;
	size_t size = 0;

	/* No test has a NUL byte in it; if one had, the block still comes first. */
	if (getdelim(&text, &size, '\0', file) < 0 && ferror(file)) {
		free(text);
		return NULL;
	}
	return text ?: strdup("");
}

static int read_block(struct doc_block *block, const char *source)
{
	FILE *file = fopen(source, "re");
	char error[256] = "";
	char *text;
	int ret;

	text = file ? read_all(file) : NULL;
	if (file)
		fclose(file);
	if (!text) {
		fprintf(stderr, "%s: %s\n", source, strerror(errno));
		return -EIO;
	}
	ret = doc_block_parse(block, text, error, sizeof(error));
	if (ret < 0)
		fprintf(stderr, "%s:%s\n", source, ret == -ENOMEM ? " out of memory" : error);
	free(text);
	return ret;
}

static void write_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n\"\n\t\t\"", out);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static int write_table(const struct doc_block *block, FILE *out)
{
	fputs("/* Generated from the test's documentation block. */\n"
	      "#include \"igt/doc.h\"\n\n"
	      "static const struct igt_doc_subtest subtests[] = {\n",
	      out);
	for (size_t i = 0; i < block->count; i++) {
		const struct doc_entry *entry = &block->subtests[i];

		fprintf(out, "\t{\n\t\t.pattern = \"%s\",\n", entry->name);
		if (entry->destructive) {
			fputs("\t\t.destructive = ", out);
			write_string(out, entry->destructive);
			fputs(",\n", out);
		}
		fputs("\t\t.description =\n\t\t", out);
		write_string(out, entry->description);
		fputs(",\n\t},\n", out);
	}
	fprintf(out, "};\n\nconst struct igt_doc igt_test_doc = {\n\t.test = \"%s\",\n",
		block->test.name);
	fputs("\t.description =\n\t\t", out);
	write_string(out, block->test.description);
	fprintf(out, ",\n\t.subtests = subtests,\n\t.count = %zu,\n};\n", block->count);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

static int table(const char *source, const char *output)
{
	struct doc_block block = { 0 };
	int ret = read_block(&block, source);

	if (!ret && !block.count) {
		fprintf(stderr, "%s: the documentation block has no SUBTEST:\n", source);
		ret = -EINVAL;
	}
	if (!ret) {
		FILE *out = fopen(output, "we");

		ret = out ? write_table(&block, out) : -errno;
		if (out && fclose(out) && !ret)
			ret = -errno;
		if (ret < 0)
			fprintf(stderr, "%s: %s\n", output, strerror(-ret));
	}
	doc_block_finish(&block);
	return ret;
}

static int add_destructive(const char *source, FILE *out)
{
	struct doc_block block = { 0 };
	int ret = read_block(&block, source);

	for (size_t i = 0; !ret && i < block.count; i++)
		if (block.subtests[i].destructive)
			fprintf(out, "%s@%s%s%s\n", block.test.name, block.subtests[i].name,
				block.subtests[i].profile ? " " : "",
				block.subtests[i].profile ?: "");
	doc_block_finish(&block);
	return ret;
}

static int destructive(const char *output, char *const *sources)
{
	FILE *out = fopen(output, "we");
	int ret = 0;

	for (; out && *sources && !ret; sources++)
		ret = add_destructive(*sources, out);
	if (!out || (fclose(out) && !ret)) {
		fprintf(stderr, "%s: %s\n", output, strerror(errno));
		ret = -EIO;
	}
	return ret;
}

/* One subtest of the binary: described once? Counts the entries that do. */
static int find(const struct doc_block *block, const char *name, bool *used)
{
	int found = 0;

	for (size_t i = 0; i < block->count; i++) {
		if (igt_wildmat(name, block->subtests[i].name)) {
			used[i] = true;
			found++;
		}
	}
	return found;
}

static int compare(const struct doc_block *block, const char *source, FILE *list, bool *used)
{
	char *line = NULL;
	size_t size = 0;
	int wrong = 0;

	while (getline(&line, &size, list) > 0) {
		int found;

		line[strcspn(line, "\n")] = '\0';
		found = find(block, line, used);
		if (found == 1)
			continue;
		fprintf(stderr, "%s: subtest %s is %s\n", source, line,
			found ? "described more than once" : "not described");
		wrong++;
	}
	free(line);
	for (size_t i = 0; i < block->count; i++) {
		if (used[i])
			continue;
		fprintf(stderr, "%s:%d: the binary has no subtest %s\n", source,
			block->subtests[i].line, block->subtests[i].name);
		wrong++;
	}
	return wrong;
}

static int compare_with_binary(const struct doc_block *block, const char *source,
			       const char *binary)
{
	char command[4096], *copy = strdup(binary);
	bool *used = calloc(block->count + 1, sizeof(*used));
	int wrong = 0, status;
	FILE *list;

	if (!copy || !used ||
	    snprintf(command, sizeof(command), "'%s' --list-subtests", binary) >=
		    (int)sizeof(command)) {
		fprintf(stderr, "%s: cannot be run\n", binary);
		wrong = 1;
	} else if (strcmp(basename(copy), block->test.name)) {
		fprintf(stderr, "%s:%d: TEST: %s, but the binary is %s\n", source, block->test.line,
			block->test.name, basename(copy));
		wrong = 1;
	} else {
		list = popen(command, "re");
		wrong = list ? compare(block, source, list, used) : 1;
		status = list ? pclose(list) : -1;
		if (status) {
			fprintf(stderr, "%s: ended with status %#x\n", command, (unsigned)status);
			wrong++;
		}
	}
	free(copy);
	free(used);
	return wrong ? -EINVAL : 0;
}

static int check(const char *source, const char *binary, const char *stamp)
{
	struct doc_block block = { 0 };
	int ret = read_block(&block, source);

	if (!ret)
		ret = compare_with_binary(&block, source, binary);
	doc_block_finish(&block);
	if (!ret) {
		FILE *out = fopen(stamp, "we");

		if (!out || fclose(out)) {
			fprintf(stderr, "%s: %s\n", stamp, strerror(errno));
			ret = -EIO;
		}
	}
	return ret;
}

int main(int argc, char **argv)
{
	int ret;

	if (argc == 4 && !strcmp(argv[1], "table")) {
		ret = table(argv[2], argv[3]);
	} else if (argc == 5 && !strcmp(argv[1], "check")) {
		ret = check(argv[2], argv[3], argv[4]);
	} else if (argc >= 3 && !strcmp(argv[1], "destructive")) {
		ret = destructive(argv[2], argv + 3);
	} else {
		fprintf(stderr,
			"usage: %s table SOURCE OUTPUT | check SOURCE BINARY STAMP | "
			"destructive OUTPUT SOURCE...\n",
			argv[0]);
		return 2;
	}
	return ret < 0;
}
