// SPDX-License-Identifier: MIT
/* A made-up kernel's modules: load order, what is missing, and the index that libkmod reads. */
#include "diag.h"
#include "fetch/file.h"
#include "kernel/modindex.h"
#include "kernel/modules.h"

#include <elf.h>
#include <errno.h>
#include <libkmod.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char folder[] = "/tmp/gemrace-modules-XXXXXX";
static struct kernel kernel = { .modules_dir = folder, .release = (char *)"1.2.3" };

static void write_text(const char *name, const void *data, size_t size)
{
	char *path = text_printf("%s/%s", folder, name);

	assert_int_equal(file_write_atomically(path, data, size), 0);
	free(path);
}

/* The smallest ELF file with a .modinfo section. */
static void write_module(const char *file, const char *depends)
{
	static const char names[] = "\0.modinfo\0.shstrtab";
	struct {
		Elf64_Ehdr header;
		Elf64_Shdr sections[3];
		char names[24], modinfo[128];
	} m = { 0 };
	int n;

	memcpy(m.header.e_ident, ELFMAG, SELFMAG);
	m.header.e_ident[EI_CLASS] = ELFCLASS64;
	m.header.e_ident[EI_DATA] = ELFDATA2LSB;
	m.header.e_machine = EM_X86_64;
	m.header.e_shoff = offsetof(typeof(m), sections);
	m.header.e_shnum = 3;
	m.header.e_shstrndx = 2;
	memcpy(m.names, names, sizeof(names));
	n = snprintf(m.modinfo, sizeof(m.modinfo), "license=GPL%cdepends=%s%cdependsnot=x", 0,
		     depends, 0);
	m.sections[1] = (Elf64_Shdr){ .sh_name = 1, .sh_type = SHT_PROGBITS,
				      .sh_offset = offsetof(typeof(m), modinfo),
				      .sh_size = n + 1 };
	m.sections[2] = (Elf64_Shdr){ .sh_name = 10, .sh_type = SHT_STRTAB,
				      .sh_offset = offsetof(typeof(m), names),
				      .sh_size = sizeof(names) };
	write_text(file, &m, sizeof(m));
}

static int make_folder(void **state)
{
	static const char builtin[] = "kernel/drivers/virtio/virtio-pci.ko\n";

	assert_non_null(mkdtemp(folder));
	write_module("drm.ko", "");
	write_module("drm_kms_helper.ko", "drm");
	write_module("drm_shmem_helper.ko", "drm-kms-helper,drm");
	write_module("virtio-gpu.ko", "drm_shmem_helper,virtio-pci,drm");
	write_module("vgem.ko", "drm,drm_shmem_helper");
	write_module("orphan.ko", "nowhere");
	write_module("ring-a.ko", "ring_b");
	write_module("ring-b.ko", "ring_a");
	write_text("broken.ko", "not an ELF file", 15);
	write_text("modules.builtin", builtin, strlen(builtin));
	return 0;
}

static int remove_folder(void **state)
{
	return file_remove_tree(folder);
}

static void open_modules(struct modules *m)
{
	struct diag d;

	assert_int_equal(modules_open(&kernel, NULL, m, &d), 0);
}

static void dependencies_come_first(void **state)
{
	static const char *const order[] = { "drm", "drm_kms_helper", "drm_shmem_helper",
					     "virtio_gpu", "vgem" };
	enum module_place place;
	struct modules m;
	struct diag d;

	open_modules(&m);
	assert_int_equal(modules_require(&m, "virtio_gpu", &place, &d), 0);
	assert_int_equal(place, MODULE_FILE);
	assert_int_equal(modules_require(&m, "vgem", &place, &d), 0);
	assert_int_equal(modules_require(&m, "vgem", &place, &d), 0);
	assert_int_equal(m.order_count, 5);
	for (int i = 0; i < 3; i++)
		assert_string_equal(m.order[i]->name, order[i]);
	assert_string_equal(m.order[3]->name, order[3]);
	assert_string_equal(m.order[4]->name, order[4]);
	modules_finish(&m);
}

static void what_is_no_file_is_told_apart(void **state)
{
	enum module_place place;
	struct modules m;
	struct diag d;

	open_modules(&m);
	assert_int_equal(modules_require(&m, "virtio_pci", &place, &d), 0);
	assert_int_equal(place, MODULE_BUILTIN);
	assert_int_equal(modules_require(&m, "vkms", &place, &d), 0);
	assert_int_equal(place, MODULE_MISSING);
	assert_int_equal(modules_require(&m, "orphan", &place, &d), -ENOENT);
	assert_non_null(strstr(d.text, "nowhere"));
	assert_int_equal(modules_require(&m, "broken", &place, &d), -ENOEXEC);
	assert_non_null(strstr(d.text, "broken.ko"));
	assert_int_equal(m.order_count, 0);
	/* A ring cannot be loaded, but must not hang us either. */
	assert_int_equal(modules_require(&m, "ring_a", &place, &d), 0);
	modules_finish(&m);
}

static void overlay_replaces(void **state)
{
	char overlay[] = "/tmp/gemrace-overlay-XXXXXX";
	_cleanup_free_ char *path = NULL;
	struct modules m;
	struct diag d;

	assert_non_null(mkdtemp(overlay));
	path = text_printf("%s/drm.ko", overlay);
	assert_int_equal(file_write_atomically(path, "x", 1), 0);
	assert_int_equal(modules_open(&kernel, overlay, &m, &d), 0);
	for (size_t i = 0; i < m.count; i++)
		assert_true(strcmp(m.all[i].name, "drm") || !strcmp(m.all[i].path, path));
	modules_finish(&m);
	unlink(path);
	free(path);
	path = text_printf("%s/no-such.ko", overlay);
	assert_int_equal(file_write_atomically(path, "x", 1), 0);
	assert_int_equal(modules_open(&kernel, overlay, &m, &d), -ENOENT);
	file_remove_tree(overlay);
}

static size_t dependencies(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *found = NULL, *entry, *needs;
	struct kmod_module *module;
	size_t count = 0;

	assert_int_equal(kmod_module_new_from_lookup(ctx, name, &found), 0);
	assert_non_null(found);
	module = kmod_module_get_module(found);
	needs = kmod_module_get_dependencies(module);
	kmod_list_foreach(entry, needs)
		count++;
	kmod_module_unref_list(needs);
	kmod_module_unref(module);
	kmod_module_unref_list(found);
	return count;
}

static void libkmod_reads_the_index(void **state)
{
	static const char *const config[] = { NULL };
	_cleanup_free_ char *path = NULL;
	struct kmod_list *found = NULL;
	enum module_place place;
	struct kmod_ctx *ctx;
	struct modules m;
	struct diag d;
	size_t size;
	char *data;

	open_modules(&m);
	modules_require(&m, "virtio_gpu", &place, &d);
	modules_require(&m, "vgem", &place, &d);
	assert_int_equal(modindex_make(&m, &data, &size), 0);
	write_text("modules.dep.bin", data, size);
	free(data);
	path = text_printf("%s/kernel", folder);
	assert_int_equal(file_make_folder(path), 0);
	for (size_t i = 0; i < m.order_count; i++) {
		_cleanup_free_ char *file = text_printf("kernel/%s.ko", m.order[i]->name);

		write_text(file, "", 0);
	}
	modules_finish(&m);

	ctx = kmod_new(folder, config);
	assert_int_equal(dependencies(ctx, "drm"), 0);
	assert_int_equal(dependencies(ctx, "drm_kms_helper"), 1);
	assert_int_equal(dependencies(ctx, "vgem"), 3);
	assert_int_equal(dependencies(ctx, "virtio-gpu"), 3);
	assert_int_equal(kmod_module_new_from_lookup(ctx, "vge", &found), 0);
	assert_null(found);
	kmod_unref(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dependencies_come_first),
		cmocka_unit_test(what_is_no_file_is_told_apart),
		cmocka_unit_test(overlay_replaces),
		cmocka_unit_test(libkmod_reads_the_index),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
