// SPDX-License-Identifier: MIT
/* The guest's first process: see init.h. */
#include "guest/init/init.h"

#include "vm/protocol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void load_list(int channel, const char *list)
{
	char which[256];
	int err = modules_load(list, which, sizeof(which));

	if (err)
		guest_fail(channel, "module %s: %s", which, strerror(-err));
}

int main(void)
{
	struct command command = { .argc = 0 };
	const char *where;
	int channel, err;

	if (getpid() != 1)
		return 2; /* it would power the machine off */
	umask(022);
	setenv("PATH", "/usr/bin:/bin", 1);
	setenv("HOME", "/tmp", 1);

	where = mounts_system();
	if (where)
		guest_fail(-1, "cannot mount %s: %s", where, strerror(errno));
	load_list(-1, GUEST_BASE_MODULES);
	channel = channel_open();
	if (channel < 0)
		guest_fail(-1, "no virtio-serial port %s: %s", PROTOCOL_PORT, strerror(-channel));
	err = mounts_share();
	if (err)
		guest_fail(channel, "cannot mount the share: %s", strerror(-err));

	load_list(channel, GUEST_DEVICE_MODULES);
	devices_wait(channel);
	facts_send(channel);
	err = command_receive(channel, &command);
	if (err)
		guest_fail(channel, "no command from the host: %s", strerror(-err));
	channel_send(channel, "ready");
	err = command_run(channel, &command);
	if (err < 0)
		guest_fail(channel, "cannot run %s: %s", command.argv[0], strerror(-err));
	channel_send(channel, "end %d", err);
	guest_power_off();
}
