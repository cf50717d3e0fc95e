// SPDX-License-Identifier: MIT
#include "kernel/modules.h"

#include "diag.h"
#include "fetch/file.h"
#include "fetch/unpack.h"
#include "guest/elf.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

char *module_name_of_path(const char *path)
{
	const char *base = strrchr(path, '/');
	const char *end;
	char *name;

	base = base ? base + 1 : path;
	end = strstr(base, ".ko");
	name = strndup(base, end ? (size_t)(end - base) : strlen(base));
	for (char *p = name; p && *p; p++) {
		if (*p == '-')
			*p = '_';
	}
	return name;
}

static bool is_module(const char *name)
{
	static const char *const suffixes[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		if (text_ends(name, suffixes[i]))
			return true;
	}
	return false;
}

static int compare(const void *a, const void *b)
{
	const struct module *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static struct module *find(const struct modules *m, const char *name)
{
	struct module key = { .name = (char *)name };

	return m->count ? bsearch(&key, m->all, m->count, sizeof(key), compare) : NULL;
}

static int add(struct modules *m, const char *path)
{
	/* Grows by doubling: the count is a power of two when it is full. */
	if (!(m->count & (m->count - 1))) {
		size_t room = m->count ? m->count * 2 : 1;
		struct module *bigger = realloc(m->all, room * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		m->all = bigger;
	}
	m->all[m->count] = (struct module){ .name = module_name_of_path(path),
					    .path = strdup(path) };
	if (!m->all[m->count].name || !m->all[m->count].path)
		return -ENOMEM;
	m->count++;
	return 0;
}

static int walk(struct modules *m, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (e = readdir(dir))) {
		_cleanup_free_ char *path = NULL;

		/* "build" and "source" are links to whole kernel trees. */
		if (e->d_name[0] == '.' || e->d_type == DT_LNK)
			continue;
		path = text_printf("%s/%s", folder, e->d_name);
		if (!path)
			err = -ENOMEM;
		else if (e->d_type == DT_DIR)
			err = walk(m, path);
		else if (is_module(e->d_name))
			err = add(m, path);
	}
	closedir(dir);
	return err;
}

/*
 * A build tree's modules.order: paths from the tree's root, ".o" in some versions, ".ko" in others.
 */
static int read_order(struct modules *m, const char *tree)
{
	_cleanup_free_ char *path = text_printf("%s/modules.order", tree);
	_cleanup_free_ char *text = NULL;
	char *line, *next;
	int err;

	err = path ? file_read(path, &text, NULL) : -ENOMEM;
	for (next = text; !err && (line = strsep(&next, "\n"));) {
		_cleanup_free_ char *ko = NULL;
		char *dot = strrchr(line, '.');

		if (!dot)
			continue;
		ko = text_printf("%s/%.*s.ko", tree, (int)(dot - line), line);
		err = ko ? add(m, ko) : -ENOMEM;
	}
	return err;
}

static int read_builtin(struct modules *m, const char *folder)
{
	_cleanup_free_ char *path = text_printf("%s/modules.builtin", folder);
	_cleanup_free_ char *text = NULL;
	size_t lines = 0;
	char *line, *next;
	int err;

	err = path ? file_read(path, &text, NULL) : -ENOMEM;
	if (err)
		return err == -ENOENT ? 0 : err;
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	m->builtin = calloc(lines + 1, sizeof(*m->builtin));
	if (!m->builtin)
		return -ENOMEM;
	for (next = text; (line = strsep(&next, "\n")) && m->builtin_count < lines;) {
		m->builtin[m->builtin_count] = module_name_of_path(line);
		if (!m->builtin[m->builtin_count++])
			return -ENOMEM;
	}
	return 0;
}

static int apply_overlay(struct modules *m, const char *overlay)
{
	struct modules extra = { 0 };
	int err = walk(&extra, overlay);

	if (!err && !extra.count)
		err = -ENODATA;
	for (size_t i = 0; !err && i < extra.count; i++) {
		struct module *own = find(m, extra.all[i].name);

		if (!own) {
			err = -ENOENT;
			break;
		}
		free(own->path);
		own->path = strdup(extra.all[i].path);
		err = own->path ? 0 : -ENOMEM;
	}
	modules_finish(&extra);
	return err;
}

static bool is_build_tree(const char *folder)
{
	_cleanup_free_ char *kconfig = text_printf("%s/Kconfig", folder);

	return kconfig && !access(kconfig, F_OK);
}

int modules_open(const struct kernel *kernel, const char *overlay, struct modules *ret,
		 struct diag *d)
{
	struct modules m = { 0 };
	int err;

	err = is_build_tree(kernel->modules_dir) ? read_order(&m, kernel->modules_dir)
						 : walk(&m, kernel->modules_dir);
	if (!err)
		err = read_builtin(&m, kernel->modules_dir);
	if (err) {
		modules_finish(&m);
		return diag_set(d, GEMRACE_USAGE, -err, "modules of kernel %s: %s: %s",
				kernel->release, kernel->modules_dir, strerror(-err));
	}
	qsort(m.all, m.count, sizeof(*m.all), compare);
	err = overlay ? apply_overlay(&m, overlay) : 0;
	if (err == -ENODATA) {
		modules_finish(&m);
		return diag_set(d, GEMRACE_USAGE, ENODATA, "no kernel modules in %s", overlay);
	}
	if (err) {
		modules_finish(&m);
		return diag_set(d, GEMRACE_USAGE, -err,
				"modules in %s do not replace any of kernel %s: %s", overlay,
				kernel->release, strerror(-err));
	}
	*ret = m;
	return 0;
}

const char *modinfo_next(const char *modinfo, size_t size, const char *key, size_t *iter)
{
	size_t key_size = strlen(key);

	while (*iter < size) {
		const char *entry = modinfo + *iter;
		size_t room = size - *iter, n = strnlen(entry, room);

		if (n == room)
			break; /* not terminated */
		*iter += n + 1;
		if (n > key_size && !strncmp(entry, key, key_size) && entry[key_size] == '=')
			return entry + key_size + 1;
	}
	return NULL;
}

/* Loads a module's file and fills in what it needs. */
static int read_module(struct module *mod, struct diag *d)
{
	_cleanup_free_ char *list = NULL;
	const char *modinfo, *depends;
	size_t size = 0, iter = 0, count = 1;
	char *word, *next;
	struct elf elf;
	int err;

	err = unpack_file(mod->path, &mod->data, &mod->size);
	if (!err)
		err = elf_open(mod->data, mod->size, &elf);
	if (err)
		return diag_set(d, GEMRACE_USAGE, -err, "module %s: %s", mod->path, strerror(-err));

	modinfo = elf_section(&elf, ".modinfo", &size);
	depends = modinfo ? modinfo_next(modinfo, size, "depends", &iter) : NULL;
	list = strdup(depends ? depends : "");
	for (const char *p = list; p && *p; p++)
		count += *p == ',';
	mod->needs = calloc(count + 1, sizeof(*mod->needs));
	if (!list || !mod->needs)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "module %s: out of memory", mod->path);
	count = 0;
	for (next = list; (word = strsep(&next, ","));) {
		if (*word)
			mod->needs[count++] = module_name_of_path(word);
	}
	return 0;
}

static enum module_place place_without_file(const struct modules *m, const char *name)
{
	if (!m->builtin)
		return MODULE_UNKNOWN;
	for (size_t i = 0; i < m->builtin_count; i++) {
		if (!strcmp(m->builtin[i], name))
			return MODULE_BUILTIN;
	}
	return MODULE_MISSING;
}

static int place(struct modules *m, struct module *mod, struct diag *d)
{
	struct module **bigger;
	int err;

	/* Set before the descent: a cycle in the dependencies ends here instead of never. */
	if (mod->placed)
		return 0;
	mod->placed = true;
	err = read_module(mod, d);
	for (char **need = mod->needs; !err && *need; need++) {
		struct module *other = find(m, *need);

		if (other)
			err = place(m, other, d);
		else if (place_without_file(m, *need) == MODULE_MISSING)
			err = diag_set(d, GEMRACE_USAGE, ENOENT,
				       "module %s needs %s, which this kernel does not have",
				       mod->name, *need);
	}
	if (err)
		return err;
	bigger = realloc(m->order, (m->order_count + 1) * sizeof(*bigger));
	if (!bigger)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	m->order = bigger;
	m->order[m->order_count++] = mod;
	return 0;
}

int modules_require(struct modules *modules, const char *name, enum module_place *ret,
		    struct diag *d)
{
	struct module *mod = find(modules, name);
	int err;

	if (!mod) {
		*ret = place_without_file(modules, name);
		return 0;
	}
	err = place(modules, mod, d);
	if (!err)
		*ret = MODULE_FILE;
	return err;
}

void modules_finish(struct modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		struct module *mod = &modules->all[i];

		for (char **need = mod->needs; need && *need; need++)
			free(*need);
		free(mod->needs);
		free(mod->name);
		free(mod->path);
		free(mod->data);
	}
	for (size_t i = 0; i < modules->builtin_count; i++)
		free(modules->builtin[i]);
	free(modules->builtin);
	free(modules->all);
	free(modules->order);
	*modules = (struct modules){ 0 };
}
