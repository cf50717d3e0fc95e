// SPDX-License-Identifier: MIT
/* gemrace vm: the tests in virtual machines, under the guest's igt_runner. */
#include "cmd/vm.h"

#include "cmd/cmd.h"
#include "diag.h"
#include "guest/image.h"
#include "plan/cache.h"

#include <stdlib.h>
#include <string.h>

#define GUEST_TESTS "/usr/libexec/gemrace"

static void note(void *data, const char *line)
{
	progress_note(data, "%s", line);
}

static void describe(struct session *s, const struct kernel *kernel)
{
	const struct options *o = s->options;

	session_set(s, "command", json_string("vm"));
	session_set(s, "kernel", json_sprintf("%s, %s", kernel->release, kernel->origin));
	session_set(s, "kernel_release", json_string(kernel->release));
	session_set(s, "cpus", json_integer(o->cpus));
	session_set(s, "memory_mib", json_integer(o->memory_mib));
	if (o->modules)
		session_set(s, "modules", json_string(o->modules));
	if (o->append)
		session_set(s, "append", json_string(o->append));
	progress_note(&s->progress, "kernel      %s, %s", kernel->release, kernel->origin);
}

struct notifier machine_notifier(struct session *s)
{
	return (struct notifier){ .note = note, .data = &s->progress, .cancel = &s->cancel };
}

int machine_kernel_find(struct session *s, struct machine_parts *parts, struct diag *d)
{
	struct kernel_request request = {
		.spec = s->options->kernel,
		.notifier = machine_notifier(s),
	};
	int err;

	*parts = (struct machine_parts){ .cache = NULL };
	err = cache_find(&parts->cache, d);
	request.cache = parts->cache;
	return err ? err : kernel_resolve(&request, &parts->kernel, d);
}

int machine_image_make(struct session *s, struct machine_parts *parts, struct diag *d)
{
	const struct notifier notifier = machine_notifier(s);
	const struct options *o = s->options;
	const char *const *devices = o->devices.at;
	int err = 0;

	if (!strcmp(*devices, GUEST_DEVICES_AUTO)) {
		devices = parts->devices;
		err = guest_devices_present(&parts->kernel, o->modules, parts->devices, d);
	}
	err = err ?: igt_root_resolve(parts->cache, &notifier, &parts->igt_root, d);
	err = err
		      ?: guest_image_build(
				 &(struct guest_image_request){
					 .kernel = &parts->kernel,
					 .devices = devices,
					 .igt_root = parts->igt_root,
					 .tests_dir = s->places.tests,
					 .selftest_dir = s->places.selftest,
					 .bench_dir = s->places.bench,
					 .extra = parts->extra.at ? parts->extra.at : o->add.at,
					 .module_overlay = o->modules,
					 .init = s->places.init,
					 .cache = parts->cache,
					 .notifier = notifier,
				 },
				 &parts->image, d);
	if (err)
		return err;
	describe(s, &parts->kernel);
	parts->machine = (struct machine){
		.kernel = &parts->kernel,
		.image = parts->image,
		.igt_root = parts->igt_root,
		.cache = parts->cache,
		.tests_dir = GUEST_TESTS,
		.devices = devices,
		.test_timeout_s = igt_test_timeout_s(o),
	};
	return 0;
}

int machine_parts_make(struct session *s, struct machine_parts *parts, struct diag *d)
{
	int err = machine_kernel_find(s, parts, d);

	return err ? err : machine_image_make(s, parts, d);
}

void machine_parts_finish(struct machine_parts *parts)
{
	kernel_finish(&parts->kernel);
	free(parts->cache);
	free(parts->extra.at);
	free(parts->module);
	free(parts->igt_root);
	free(parts->image);
}

static int run(struct session *s, struct diag *d)
{
	struct machine_parts parts;
	int err;

	err = machine_parts_make(s, &parts, d);
	err = err ?: session_prepare(s, d);
	err = err ?: turns_run(s, &parts.machine, d);
	machine_parts_finish(&parts);
	return err ? err : session_report(s, d);
}

int cmd_vm(const struct options *options, struct diag *d)
{
	struct session s;
	int ret;

	if (options->selftest)
		return vm_selftest(options, d);
	if (options->command)
		return vm_exec(options, d);
	ret = session_open(options, SESSION_TESTS, &s, d);
	if (!ret)
		ret = run(&s, d);
	session_close(&s);
	return ret;
}
