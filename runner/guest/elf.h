/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_GUEST_ELF_H
#define RUNNER_GUEST_ELF_H

#include <stddef.h>

/*
 * Just enough of a 64-bit little-endian ELF file held in memory. Every offset is checked against
 * @size: the files come from wherever the user points.
 */
struct elf {
	const unsigned char *data;
	size_t size;
};

/* -ENOEXEC unless @data is a 64-bit little-endian x86-64 ELF file. The data stays the caller's. */
int elf_open(const void *data, size_t size, struct elf *ret);

/* The bytes of a section by its name, NULL when there is none; *@ret_size may be 0. */
const void *elf_section(const struct elf *elf, const char *name, size_t *ret_size);

/*
 * The strings of a dynamic tag (DT_NEEDED, DT_RUNPATH), one by one: start with *@iter = 0. NULL
 * when there are no more.
 */
const char *elf_dynamic_string(const struct elf *elf, long tag, size_t *iter);

/* The program interpreter (the dynamic loader's path), NULL for static files and libraries. */
const char *elf_interpreter(const struct elf *elf);

#endif
