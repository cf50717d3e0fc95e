// SPDX-License-Identifier: MIT
#include "guest/elf.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

/*
 * A pointer to @count entries of @each bytes at @offset, NULL when they are not all in the file or
 * are tables that are not aligned as every linker aligns them.
 */
static const void *at(const struct elf *elf, size_t offset, size_t count, size_t each)
{
	if (offset > elf->size || count > (elf->size - offset) / each)
		return NULL;
	if (each > 1 && offset % sizeof(Elf64_Xword))
		return NULL;
	return elf->data + offset;
}

static const char *string_at(const struct elf *elf, size_t offset)
{
	if (offset >= elf->size || !memchr(elf->data + offset, 0, elf->size - offset))
		return NULL;
	return (const char *)elf->data + offset;
}

static const Elf64_Ehdr *header(const struct elf *elf)
{
	return (const Elf64_Ehdr *)elf->data;
}

int elf_open(const void *data, size_t size, struct elf *ret)
{
	const Elf64_Ehdr *h = data;

	if (size < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG) ||
	    h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    h->e_machine != EM_X86_64)
		return -ENOEXEC;
	*ret = (struct elf){ .data = data, .size = size };
	return 0;
}

const void *elf_section(const struct elf *elf, const char *name, size_t *ret_size)
{
	const Elf64_Ehdr *h = header(elf);
	const Elf64_Shdr *sections = at(elf, h->e_shoff, h->e_shnum, sizeof(*sections));

	if (!h->e_shoff || !sections || h->e_shstrndx >= h->e_shnum)
		return NULL;
	for (int i = 0; i < h->e_shnum; i++) {
		const Elf64_Shdr *s = &sections[i];
		const char *own = string_at(elf, sections[h->e_shstrndx].sh_offset + s->sh_name);
		const void *bytes = at(elf, s->sh_offset, s->sh_size, 1);

		if (!own || strcmp(own, name) || s->sh_type == SHT_NOBITS || !bytes)
			continue;
		*ret_size = s->sh_size;
		return bytes;
	}
	return NULL;
}

static const Elf64_Phdr *segment(const struct elf *elf, unsigned int type)
{
	const Elf64_Ehdr *h = header(elf);
	const Elf64_Phdr *segments = at(elf, h->e_phoff, h->e_phnum, sizeof(*segments));

	for (int i = 0; segments && i < h->e_phnum; i++) {
		if (segments[i].p_type == type)
			return &segments[i];
	}
	return NULL;
}

/* Where the loader would map @address, as an offset into the file; the file's size if nowhere. */
static size_t file_offset(const struct elf *elf, Elf64_Addr address)
{
	const Elf64_Ehdr *h = header(elf);
	const Elf64_Phdr *segments = at(elf, h->e_phoff, h->e_phnum, sizeof(*segments));

	for (int i = 0; segments && i < h->e_phnum; i++) {
		const Elf64_Phdr *s = &segments[i];

		if (s->p_type == PT_LOAD && address >= s->p_vaddr &&
		    address - s->p_vaddr < s->p_filesz)
			return address - s->p_vaddr + s->p_offset;
	}
	return elf->size;
}

const char *elf_dynamic_string(const struct elf *elf, long tag, size_t *iter)
{
	const Elf64_Phdr *s = segment(elf, PT_DYNAMIC);
	size_t count = s ? s->p_filesz / sizeof(Elf64_Dyn) : 0, strings = elf->size;
	const Elf64_Dyn *entries = s ? at(elf, s->p_offset, count, sizeof(Elf64_Dyn)) : NULL;

	if (!entries)
		return NULL;
	for (size_t i = 0; i < count && entries[i].d_tag != DT_NULL; i++) {
		if (entries[i].d_tag == DT_STRTAB)
			strings = file_offset(elf, entries[i].d_un.d_ptr);
	}
	while (*iter < count && entries[*iter].d_tag != DT_NULL) {
		const Elf64_Dyn *e = &entries[(*iter)++];
		const char *string;

		if (e->d_tag != tag || strings >= elf->size || e->d_un.d_val >= elf->size)
			continue;
		string = string_at(elf, strings + e->d_un.d_val);
		if (string)
			return string;
	}
	return NULL;
}

const char *elf_interpreter(const struct elf *elf)
{
	const Elf64_Phdr *s = segment(elf, PT_INTERP);

	return s ? string_at(elf, s->p_offset) : NULL;
}
