// SPDX-License-Identifier: MIT
#include "kbuild/resolve.h"

#include "diag.h"
#include "fetch/file.h"
#include "kbuild/build.h"
#include "kbuild/flavour.h"
#include "kernel/debian.h"
#include "plan/places.h"

#include <errno.h>
#include <string.h>

/* Splits "kcsan:SOURCE"; a name without a flavour in front is all source. */
static const struct flavour *split(const char *name, const char **ret_source)
{
	const struct flavour *f;

	*ret_source = name;
	for (size_t i = 0; (f = flavour_at(i)); i++) {
		size_t n = strlen(f->name);

		if (!strncmp(name, f->name, n) && name[n] == ':') {
			*ret_source = name + n + 1;
			return f;
		}
	}
	return NULL;
}

int kbuild_resolve(const struct kernel_request *req, const char *name, struct kernel *ret,
		   struct diag *d)
{
	_cleanup_free_ char *fragments = NULL, *folder = NULL, *origin = NULL;
	struct kernel_build_request build = { .cache = req->cache, .notifier = req->notifier };
	const struct flavour *flavour = split(name, &build.source);
	struct kernel kernel;
	int err;

	build.flavour = flavour ? flavour->name : NULL;
	err = places_find_fragments(&fragments, d);
	if (err)
		return err;
	build.fragments = fragments;
	err = kernel_build(&build, &folder, d);
	if (!err)
		err = kernel_from_folder(folder, &kernel, d);
	if (err)
		return err;
	origin = text_printf("%s%s (%s)", KBUILD_PREFIX, name, kernel.release);
	if (!origin) {
		kernel_finish(&kernel);
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	}
	free(kernel.origin);
	kernel.origin = origin;
	origin = NULL;
	*ret = kernel;
	return 0;
}
