// SPDX-License-Identifier: MIT
#include "kernel/vmlinux.h"

#include "fetch/file.h"
#include "fetch/unpack.h"
#include "guest/elf.h"

#include <elf.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

/* Documentation/arch/x86/boot.rst */
#define SETUP_SECTS      0x1f1
#define HEADER_MAGIC     0x202
#define PROTOCOL_VERSION 0x206
#define PAYLOAD_OFFSET   0x248
#define PAYLOAD_LENGTH   0x24c
#define HEADER_END       0x250
#define SECTOR           512

#define UNUSED_DAYS 7 /* a kernel is some 60 MB, and every build makes another */

/* include/xen/interface/elfnote.h: the physical address of the 32-bit entry. */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

static uint32_t read_u32(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

int bzimage_payload(const unsigned char *data, size_t size, size_t *ret_offset, size_t *ret_size)
{
	size_t setup, offset, length;

	if (size < HEADER_END || memcmp(data + HEADER_MAGIC, "HdrS", 4) ||
	    (data[PROTOCOL_VERSION] | data[PROTOCOL_VERSION + 1] << 8) < 0x208)
		return -ENOEXEC;
	setup = ((data[SETUP_SECTS] ? data[SETUP_SECTS] : 4) + 1) * SECTOR;
	offset = setup + read_u32(data + PAYLOAD_OFFSET);
	length = read_u32(data + PAYLOAD_LENGTH);
	/* Behind the compressed bytes stands their unpacked size. */
	if (length < 4 || offset > size || length > size - offset)
		return -ENOEXEC;
	*ret_offset = offset;
	*ret_size = length - 4;
	return 0;
}

bool vmlinux_has_pvh(const void *data, size_t size)
{
	const unsigned char *notes;
	size_t notes_size = 0, at = 0;
	struct elf elf;

	if (elf_open(data, size, &elf))
		return false;
	notes = elf_section(&elf, ".notes", &notes_size);
	while (notes && at + sizeof(Elf64_Nhdr) <= notes_size) {
		uint32_t name_size = read_u32(notes + at), desc_size = read_u32(notes + at + 4);
		const unsigned char *name = notes + at + sizeof(Elf64_Nhdr);

		if (name_size > notes_size || desc_size > notes_size)
			break;
		if (name_size == 4 && at + sizeof(Elf64_Nhdr) + 4 <= notes_size &&
		    !memcmp(name, "Xen", 4) && read_u32(notes + at + 8) == XEN_ELFNOTE_PHYS32_ENTRY)
			return true;
		at += sizeof(Elf64_Nhdr) + (name_size + 3) / 4 * 4 + (desc_size + 3) / 4 * 4;
	}
	return false;
}

/* An empty file in the cache stands for a kernel that must be booted as it is. */
static int unpack(const char *image, const char *vmlinux)
{
	_cleanup_free_ char *packed = NULL, *data = NULL;
	size_t packed_size, offset, length, size = 0;
	int err;

	err = file_read(image, &packed, &packed_size);
	if (err)
		return err;
	if (bzimage_payload((unsigned char *)packed, packed_size, &offset, &length) ||
	    unpack_bytes(packed + offset, length, &data, &size) || !vmlinux_has_pvh(data, size))
		size = 0;
	return file_write_atomically(vmlinux, data ? data : "", size);
}

int vmlinux_prefer(struct kernel *kernel, const char *cache)
{
	_cleanup_free_ char *folder = text_printf("%s/vmlinux", cache), *path = NULL;
	struct stat st, unpacked;
	int err;

	if (!folder || stat(kernel->image, &st))
		return folder ? -errno : -ENOMEM;
	path = text_printf("%s/%s-%llx-%llx-%llx", folder, kernel->release,
			   (unsigned long long)st.st_ino, (unsigned long long)st.st_size,
			   (unsigned long long)st.st_mtim.tv_sec * 1000000000ULL +
				   st.st_mtim.tv_nsec);
	err = path ? file_make_folder(folder) : -ENOMEM;
	if (!err && !stat(path, &unpacked)) {
		file_touch(path);
	} else if (!err) {
		file_prune(folder, UNUSED_DAYS);
		err = unpack(kernel->image, path);
		if (!err && stat(path, &unpacked))
			err = -errno;
	}
	if (err || !unpacked.st_size)
		return err;
	free(kernel->image);
	kernel->image = path;
	path = NULL;
	return 0;
}
