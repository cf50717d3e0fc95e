// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drm/device.h"

/* A piece of the filter's text. */
struct span {
	const char *p;
	size_t len;
};

struct parser {
	char *error;
	size_t error_size;
};

static int malformed(struct parser *parser, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int malformed(struct parser *parser, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(parser->error, parser->error_size, format, args);
	va_end(args);
	return -EINVAL;
}

static bool starts(struct span span, const char *prefix)
{
	return span.len >= strlen(prefix) && !strncmp(span.p, prefix, strlen(prefix));
}

static bool equals(struct span span, const char *text)
{
	return span.len == strlen(text) && starts(span, text);
}

static struct span after(struct span span, size_t n)
{
	return (struct span){ span.p + n, span.len - n };
}

/* Cuts off what stands before @sep. */
static struct span cut(struct span *rest, char sep)
{
	const char *at = memchr(rest->p, sep, rest->len);
	size_t len = at ? (size_t)(at - rest->p) : rest->len;
	struct span piece = { rest->p, len };

	*rest = after(*rest, at ? len + 1 : len);
	return piece;
}

static int copy(struct parser *parser, struct span span, const char *what, char *buf, size_t size)
{
	if (!span.len)
		return malformed(parser, "%s is missing", what);
	if (span.len >= size)
		return malformed(parser, "%s '%.*s' is too long", what, (int)span.len, span.p);
	memcpy(buf, span.p, span.len);
	buf[span.len] = '\0';
	return 0;
}

static int parse_node(struct parser *parser, struct span span, struct drm_filter_term *term)
{
	if (!starts(span, "/dev/dri/"))
		return malformed(parser, "'%.*s' is not a node below /dev/dri", (int)span.len,
				 span.p);
	return copy(parser, span, "the node", term->node, sizeof(term->node));
}

static int parse_sys(struct parser *parser, struct span span, struct drm_filter_term *term)
{
	while (span.len > 1 && span.p[span.len - 1] == '/')
		span.len--;
	if (!starts(span, "/sys/"))
		return malformed(parser, "'%.*s' is not a folder below /sys", (int)span.len,
				 span.p);
	return copy(parser, span, "the folder", term->sys, sizeof(term->sys));
}

static int parse_driver(struct parser *parser, struct span span, struct drm_filter_term *term)
{
	for (size_t i = 0; i < span.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			    span.p[i]))
			return malformed(parser, "'%.*s' is not a driver's name", (int)span.len,
					 span.p);
	return copy(parser, span, "the driver", term->driver, sizeof(term->driver));
}

static int parse_hex(struct parser *parser, struct span span, uint32_t *ret)
{
	char text[12], *end;
	unsigned long value;

	if (copy(parser, span, "the number", text, sizeof(text)))
		return -EINVAL;
	value = strtoul(text, &end, 16);
	if (*end || text[0] == '-' || text[0] == '+' || value > UINT16_MAX)
		return malformed(parser, "'%s' is not a hexadecimal PCI id", text);
	*ret = value;
	return 0;
}

static int parse_vendor(struct parser *parser, struct span span, struct drm_filter_term *term)
{
	static const struct {
		const char *name;
		uint32_t id;
	} vendors[] = {
		{ "intel", 0x8086 }, { "amd", 0x1002 }, { "nvidia", 0x10de },
		{ "Intel", 0x8086 }, { "AMD", 0x1002 }, { "NVIDIA", 0x10de },
	};

	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (equals(span, vendors[i].name)) {
			term->pci_vendor = vendors[i].id;
			return 0;
		}
	return parse_hex(parser, span, &term->pci_vendor);
}

static int parse_device(struct parser *parser, struct span span, struct drm_filter_term *term)
{
	return parse_hex(parser, span, &term->pci_device);
}

static int parse_card(struct parser *parser, struct span span, struct drm_filter_term *term)
{
	char text[12], *end;
	unsigned long value;

	if (equals(span, "all"))
		return 0;
	if (copy(parser, span, "the card's number", text, sizeof(text)))
		return -EINVAL;
	value = strtoul(text, &end, 10);
	if (*end || text[0] < '0' || text[0] > '9' || value >= DRM_MAX_DEVICES)
		return malformed(parser, "card '%s' is neither a small number nor 'all'", text);
	term->index = value;
	return 0;
}

struct filter_key {
	const char *name;
	int (*parse)(struct parser *parser, struct span span, struct drm_filter_term *term);
};

/* KEY=VALUE, separated by commas. */
static int parse_pci(struct parser *parser, struct span rest, struct drm_filter_term *term)
{
	static const struct filter_key keys[] = {
		{ "vendor", parse_vendor },
		{ "device", parse_device },
		{ "card", parse_card },
		{ 0 },
	};

	if (!rest.len)
		return malformed(parser, "'pci:' names nothing");
	while (rest.len) {
		struct span value = cut(&rest, ',');
		struct span key = cut(&value, '=');
		const struct filter_key *known = keys;
		int ret;

		while (known->name && !equals(key, known->name))
			known++;
		if (!known->name)
			return malformed(parser,
					 "'%.*s' is none of vendor=, device=, card=", (int)key.len,
					 key.p);
		ret = known->parse(parser, value, term);
		if (ret)
			return ret;
	}
	if (term->pci_vendor == DRM_FILTER_ANY && term->pci_device == DRM_FILTER_ANY)
		term->pci_vendor = 0; /* on PCI at all: see term_matches() */
	return 0;
}

static int parse_term(struct parser *parser, struct span text, struct drm_filter_term *term)
{
	static const struct filter_key kinds[] = {
		{ "drm:", parse_node },
		{ "sys:", parse_sys },
		{ "pci:", parse_pci },
		{ "driver:", parse_driver },
		{ 0 },
	};

	*term = (struct drm_filter_term){
		.pci_vendor = DRM_FILTER_ANY,
		.pci_device = DRM_FILTER_ANY,
		.index = DRM_FILTER_ANY,
	};
	for (const struct filter_key *kind = kinds; kind->name; kind++)
		if (starts(text, kind->name))
			return kind->parse(parser, after(text, strlen(kind->name)), term);
	if (starts(text, "/sys/"))
		return parse_sys(parser, text, term);
	if (starts(text, "/"))
		return parse_node(parser, text, term);
	return parse_driver(parser, text, term);
}

int drm_filter_parse(const char *text, struct drm_filter *ret_filter, char *error,
		     size_t error_size)
{
	struct parser parser = { error, error_size };
	struct span rest = { text, strlen(text) };
	struct drm_filter filter = { 0 };

	do {
		struct span term = cut(&rest, ';');
		int ret;

		if (filter.count == DRM_FILTER_MAX)
			return malformed(&parser, "more than %d terms", DRM_FILTER_MAX);
		ret = parse_term(&parser, term, &filter.term[filter.count]);
		if (ret)
			return ret;
		filter.count++;
	} while (rest.len);
	*ret_filter = filter;
	return 0;
}

/* Drivers are spelt with '-' here and '_' there: virtio-gpu is virtio_gpu. */
static bool same_driver(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return false;
	return *a == *b;
}

/* "bochs" means bochs-drm, the name this driver gives itself. */
static bool driver_matches(const char *wanted, const char *driver)
{
	char longer[40];

	snprintf(longer, sizeof(longer), "%s-drm", wanted);
	return same_driver(wanted, driver) || same_driver(longer, driver);
}

static bool below(const char *folder, const char *path)
{
	size_t len = strlen(folder);

	return !strncmp(folder, path, len) && (path[len] == '\0' || path[len] == '/');
}

/* All but the index. */
static bool term_matches(const struct drm_filter_term *term, const struct drm_device *device)
{
	bool wants_pci = term->pci_vendor != DRM_FILTER_ANY || term->pci_device != DRM_FILTER_ANY;

	if (term->driver[0] && !driver_matches(term->driver, device->driver))
		return false;
	if (term->node[0] && strcmp(term->node, device->primary) &&
	    strcmp(term->node, device->render))
		return false;
	if (term->sys[0] && !below(term->sys, device->sys))
		return false;
	if (wants_pci && !device->pci_vendor)
		return false;
	if (term->pci_vendor && term->pci_vendor != DRM_FILTER_ANY &&
	    term->pci_vendor != device->pci_vendor)
		return false;
	return term->pci_device == DRM_FILTER_ANY || term->pci_device == device->pci_device;
}

static void mark(const struct drm_filter_term *term, const struct drm_device_list *list, bool *keep)
{
	uint32_t index = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (!term_matches(term, &list->device[i]))
			continue;
		if (term->index == DRM_FILTER_ANY || term->index == index)
			keep[i] = true;
		index++;
	}
}

void drm_filter_apply(const struct drm_filter *filter, const char *force_driver,
		      struct drm_device_list *list)
{
	bool keep[DRM_MAX_DEVICES] = { false };
	size_t kept = 0;

	for (size_t i = 0; i < filter->count; i++)
		mark(&filter->term[i], list, keep);
	for (size_t i = 0; i < list->count; i++) {
		if (filter->count && !keep[i])
			continue;
		if (force_driver && !driver_matches(force_driver, list->device[i].driver))
			continue;
		list->device[kept++] = list->device[i];
	}
	list->count = kept;
}
