// SPDX-License-Identifier: MIT
#include "vm/accel.h"

#include "exec/process.h"
#include "fetch/file.h"
#include "vm/qemu.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define PROBE_TIMEOUT_S 5
#define EXIT_CODE       0x2a

/*
 * A boot sector: the firmware has been through protected mode by the time it starts this.
 *   cli; xor ax,ax; mov ds,ax; mov cx,0xffff; 1: loop 1b; mov dx,0xf4; mov al,EXIT_CODE; out dx,al;
 *   2: hlt; jmp 2b
 * isa-debug-exit turns the byte v into QEMU's exit status 2v+1.
 */
static const unsigned char boot_code[] = {
	0xfa, 0x31, 0xc0, 0x8e, 0xd8,      0xb9, 0xff, 0xff, 0xe2, 0xfe,
	0xba, 0xf4, 0x00, 0xb0, EXIT_CODE, 0xee, 0xf4, 0xeb, 0xfd,
};

static bool boot(const char *disk)
{
	_cleanup_free_ char *drive = text_printf("file=%s,format=raw,if=ide,readonly=on", disk);
	_cleanup_free_ char *output = NULL;
	const char *argv[] = {
		qemu_program(),
		"-nodefaults",
		"-no-user-config",
		"-display",
		"none",
		"-no-reboot",
		"-machine",
		"pc,accel=kvm",
		"-cpu",
		"host",
		"-m",
		"16",
		"-drive",
		drive,
		"-device",
		"isa-debug-exit,iobase=0xf4,iosize=0x04",
		NULL,
	};
	int status = -1;

	return drive && !process_capture(argv, PROBE_TIMEOUT_S, -1, &output, &status) &&
	       status == 2 * EXIT_CODE + 1;
}

static bool probe(void)
{
	char disk[] = "/tmp/gemrace-kvm-XXXXXX";
	unsigned char sector[512] = { 0 };
	_cleanup_close_ int fd = -1;
	bool works;

	fd = mkostemp(disk, O_CLOEXEC);
	if (fd < 0)
		return false;
	memcpy(sector, boot_code, sizeof(boot_code));
	sector[510] = 0x55;
	sector[511] = 0xaa;
	works = write(fd, sector, sizeof(sector)) == sizeof(sector) && boot(disk);
	unlink(disk);
	return works;
}

bool accel_kvm_works(const char *cache)
{
	_cleanup_free_ char *path = cache ? text_printf("%s/kvm-probe", cache) : NULL;
	_cleanup_free_ char *boot_id = NULL, *known = NULL, *answer = NULL;
	bool works;

	/* Not remembered: permissions change while the machine is up. */
	if (access("/dev/kvm", R_OK | W_OK))
		return false;
	if (file_read("/proc/sys/kernel/random/boot_id", &boot_id, NULL))
		boot_id = NULL;
	if (path && boot_id && !file_read(path, &known, NULL) && text_starts(known, boot_id))
		return strstr(known, "kvm works") != NULL;
	works = probe();
	answer = text_printf("%s%s\n", boot_id ? boot_id : "", works ? "kvm works" : "kvm fails");
	if (path && boot_id && answer)
		file_write_atomically(path, answer, strlen(answer));
	return works;
}
