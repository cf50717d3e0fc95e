// SPDX-License-Identifier: MIT
#include "block.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum field {
	FIELD_TEXT,
	FIELD_TEST,
	FIELD_SUBTEST,
	FIELD_DESTRUCTIVE,
	FIELD_PROFILE,
	FIELD_DESCRIPTION,
};

static const struct {
	enum field field;
	const char *tag;
} tags[] = {
	{ FIELD_TEST, "TEST:" },
	{ FIELD_SUBTEST, "SUBTEST:" },
	{ FIELD_DESTRUCTIVE, "Destructive:" },
	{ FIELD_PROFILE, "Profile:" },
	{ FIELD_DESCRIPTION, "Description:" },
};

struct parser {
	struct doc_block *block;
	struct doc_entry *entry; /* whose description is read or awaited */
	char *error;
	size_t error_size;
	int line;
};

static int fail(struct parser *parser, const char *what)
{
	snprintf(parser->error, parser->error_size, "%d: %s", parser->line, what);
	return -EINVAL;
}

static enum field split(const char **text, size_t *length)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		size_t n = strlen(tags[i].tag);

		if (*length < n || strncmp(*text, tags[i].tag, n))
			continue;
		*text += n;
		*length -= n;
		while (*length && isblank((unsigned char)**text)) {
			(*text)++;
			(*length)--;
		}
		return tags[i].field;
	}
	return FIELD_TEXT;
}

static bool name_is_good(const char *name, size_t length, bool subtest)
{
	static const char test[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	static const char pattern[] = "abcdefghijklmnopqrstuvwxyz0123456789-*?[]^";

	for (size_t i = 0; i < length; i++)
		if (!strchr(subtest ? pattern : test, name[i]))
			return false;
	return length > 0;
}

static int begin_entry(struct parser *parser, enum field field, const char *text, size_t length)
{
	struct doc_block *block = parser->block;
	struct doc_entry *list;

	if (parser->entry && !parser->entry->description)
		return fail(parser, "the entry before this one has no Description:");
	if (!name_is_good(text, length, field == FIELD_SUBTEST))
		return fail(parser,
			    field == FIELD_SUBTEST
				    ? "SUBTEST: needs a name of a-z, 0-9 and -, or a pattern"
				    : "TEST: needs a name of a-z, 0-9 and _");
	if (field == FIELD_TEST) {
		if (block->test.name)
			return fail(parser, "TEST: is there twice");
		parser->entry = &block->test;
	} else {
		if (!block->test.name)
			return fail(parser, "SUBTEST: before TEST:");
		list = realloc(block->subtests, (block->count + 1) * sizeof(*list));
		if (!list)
			return -ENOMEM;
		block->subtests = list;
		parser->entry = &list[block->count++];
	}
	*parser->entry = (struct doc_entry){ .name = strndup(text, length), .line = parser->line };
	return parser->entry->name ? 0 : -ENOMEM;
}

static int begin_description(struct parser *parser, const char *text, size_t length)
{
	if (!parser->entry)
		return fail(parser, "Description: before TEST:");
	if (parser->entry->description)
		return fail(parser, "a second Description: for the same entry");
	parser->entry->description = strndup(text, length);
	return parser->entry->description ? 0 : -ENOMEM;
}

/* One line, so that it can be a reason to skip. */
static int set_destructive(struct parser *parser, const char *text, size_t length)
{
	struct doc_entry *entry = parser->entry;

	if (!entry || entry == &parser->block->test || entry->line != parser->line - 1)
		return fail(parser, "Destructive: must follow a SUBTEST: at once");
	if (!length)
		return fail(parser, "Destructive: needs the reason");
	entry->destructive = strndup(text, length);
	return entry->destructive ? 0 : -ENOMEM;
}

static int set_profile(struct parser *parser, const char *text, size_t length)
{
	static const char *const profiles[] = { "quick", "full", "soak" };
	struct doc_entry *entry = parser->entry;

	if (!entry || !entry->destructive || entry->line != parser->line - 2)
		return fail(parser, "Profile: must follow a Destructive: at once");
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (strlen(profiles[i]) == length && !strncmp(text, profiles[i], length)) {
			entry->profile = strdup(profiles[i]);
			return entry->profile ? 0 : -ENOMEM;
		}
	return fail(parser, "Profile: is none of quick, full, soak");
}

static int add_text(struct parser *parser, const char *text, size_t length)
{
	struct doc_entry *entry = parser->entry;
	size_t have;
	char *longer;

	if (!entry || !entry->description)
		return length ? fail(parser, "text outside a Description:") : 0;

	have = strlen(entry->description);
	longer = realloc(entry->description, have + length + 2);
	if (!longer)
		return -ENOMEM;
	entry->description = longer;
	longer[have] = '\n';
	memcpy(longer + have + 1, text, length);
	longer[have + 1 + length] = '\0';
	return 0;
}

static int take_line(struct parser *parser, const char *text, size_t length)
{
	enum field field;

	while (length && isblank((unsigned char)*text)) {
		text++;
		length--;
	}
	while (length && isspace((unsigned char)text[length - 1]))
		length--;

	field = split(&text, &length);
	if (field == FIELD_DESCRIPTION)
		return begin_description(parser, text, length);
	if (field == FIELD_DESTRUCTIVE)
		return set_destructive(parser, text, length);
	if (field == FIELD_PROFILE)
		return set_profile(parser, text, length);
	if (field == FIELD_TEXT)
		return add_text(parser, text, length);
	return begin_entry(parser, field, text, length);
}

/* Blank lines at either end of a description are the block's layout. */
static void trim(char *text)
{
	size_t begin = strspn(text, "\n"), length = strlen(text);

	while (length > begin && text[length - 1] == '\n')
		length--;
	memmove(text, text + begin, length - begin);
	text[length - begin] = '\0';
}

static int check_end(struct parser *parser)
{
	struct doc_block *block = parser->block;

	if (!block->test.name)
		return fail(parser, "the block has no TEST:");
	if (!parser->entry->description)
		return fail(parser, "the last entry has no Description:");
	trim(block->test.description);
	for (size_t i = 0; i < block->count; i++)
		trim(block->subtests[i].description);

	parser->line = block->test.line;
	if (!block->test.description[0])
		return fail(parser, "an empty Description:");
	for (size_t i = 0; i < block->count; i++) {
		parser->line = block->subtests[i].line;
		if (!block->subtests[i].description[0])
			return fail(parser, "an empty Description:");
	}
	return 0;
}

int doc_block_parse(struct doc_block *ret_block, const char *source, char *ret_error,
		    size_t error_size)
{
	struct parser parser = {
		.block = ret_block,
		.error = ret_error,
		.error_size = error_size,
		.line = 1,
	};
	const char *at = source;
	int ret;

	memset(ret_block, 0, sizeof(*ret_block));
	if (strncmp(at, "// SPDX-License-Identifier: ", 28))
		return fail(&parser, "does not begin with an SPDX line");
	at += strcspn(at, "\n");
	parser.line++;
	if (strncmp(at, "\n/*\n", 4))
		return fail(&parser, "no documentation block behind the SPDX line");
	at += 4;

	for (parser.line++;; parser.line++) {
		size_t length = strcspn(at, "\n");

		at += strspn(at, " \t");
		length = strcspn(at, "\n");
		if (!at[length])
			return fail(&parser, "the documentation block does not end");
		if (!strncmp(at, "*/", 2))
			return check_end(&parser);
		if (*at != '*')
			return fail(&parser, "a line of the block does not begin with *");
		ret = take_line(&parser, at + 1, length - 1);
		if (ret < 0)
			return ret;
		at += length + 1;
	}
}

void doc_block_finish(struct doc_block *block)
{
	free(block->test.name);
	free(block->test.description);
	for (size_t i = 0; i < block->count; i++) {
		free(block->subtests[i].name);
		free(block->subtests[i].destructive);
		free(block->subtests[i].profile);
		free(block->subtests[i].description);
	}
	free(block->subtests);
	memset(block, 0, sizeof(*block));
}
