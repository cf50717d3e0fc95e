// SPDX-License-Identifier: MIT
#include "build/packages.h"

#include "build/module.h"
#include "diag.h"
#include "fetch/file.h"
#include "fetch/packages.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The headers name their compiler and kbuild tools; what makefiles call they take for granted. */
static const char *const makefile_tools[] = { "base-files", "bash",      "coreutils",
					      "dash",       "findutils", "grep",
					      "make",       "mawk",      "sed" };
#define TOOL_COUNT (sizeof(makefile_tools) / sizeof(*makefile_tools))

/* All of a root, but for what belongs to a running system. "bin" may be a link to usr/bin. */
static const char *const root_prefixes[] = { "bin", "etc/", "lib", "sbin", "usr/", NULL };
static const char *const source_prefixes[] = { "usr/src/", NULL };

void build_packages_finish(struct build_packages *packages)
{
	free(packages->tools);
	free(packages->source);
	*packages = (struct build_packages){ 0 };
}

/* "linux-source-6.12" for 6.12.117+deb12-amd64. */
static char *source_package(const char *release)
{
	const char *dot = strchr(release, '.');
	size_t n = dot ? dot + 1 - release : 0;

	if (!n)
		return NULL;
	n += strspn(dot + 1, "0123456789");
	return text_printf("linux-source-%.*s", (int)n, release);
}

/* Whether apt's names, one a line, hold @name itself. */
static bool has_name(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = names; *s; s += *s == '\n') {
		size_t line = strcspn(s, "\n");

		if (line == n && !memcmp(s, name, n))
			return true;
		s += line;
	}
	return false;
}

/* @source: NULL for none. */
static int fetch_both(struct apt *apt, const struct module_tree_request *req, const char *headers,
		      const char *source, struct build_packages *ret, struct diag *d)
{
	const char *names[TOOL_COUNT + 2] = { headers };
	const char *const source_names[] = { source, NULL };
	const struct packages_request tools = { .names = names,
						.prefixes = root_prefixes,
						.closure = true };
	const struct packages_request archive = { .names = source_names,
						  .prefixes = source_prefixes };
	int err;

	memcpy(names + 1, makefile_tools, sizeof(makefile_tools));
	err = packages_fetch(apt, req->cache, &tools, &ret->tools, d);
	return err || !source ? err : packages_fetch(apt, req->cache, &archive, &ret->source, d);
}

/* -ENOENT when these suites do not have the kernel's headers. */
static int fetch_from(enum apt_suites suites, const struct module_tree_request *req,
		      const char *headers, const char *source, struct build_packages *ret,
		      struct diag *d)
{
	_cleanup_free_ char *names = NULL;
	struct apt apt = { 0 };
	int err;

	err = apt_open(req->cache, suites, &req->notifier, &apt, d);
	if (err)
		return err;
	err = apt_names(&apt, headers, &names);
	if (!err)
		err = has_name(names, headers) ? fetch_both(&apt, req, headers, source, ret, d)
					       : -ENOENT;
	apt_close(&apt);
	return err;
}

static int no_headers(const struct module_tree_request *req, struct diag *d)
{
	return diag_set(d, GEMRACE_USAGE, ENOENT,
			"no linux-headers-%s in Debian's archive: only modules of its own kernels "
			"can be built",
			req->kernel->release);
}

static int fetch(const struct module_tree_request *req, const char *source,
		 struct build_packages *ret, struct diag *d)
{
	_cleanup_free_ char *headers = text_printf("linux-headers-%s", req->kernel->release);
	_cleanup_close_ int lock = packages_lock(req->cache, &req->notifier, d);
	struct build_packages packages = { 0 };
	int err;

	if (lock < 0)
		return lock;
	if (!headers)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	err = fetch_from(APT_CONFIGURED, req, headers, source, &packages, d);
	if (err == -ENOENT)
		err = fetch_from(APT_UNSTABLE, req, headers, source, &packages, d);
	if (err) {
		build_packages_finish(&packages);
		return err == -ENOENT ? no_headers(req, d) : err;
	}
	*ret = packages;
	return 0;
}

int build_packages_fetch(const struct module_tree_request *req, struct build_packages *ret,
			 struct diag *d)
{
	_cleanup_free_ char *source = source_package(req->kernel->release);

	return source ? fetch(req, source, ret, d) : no_headers(req, d);
}

int build_tools_fetch(const struct module_tree_request *req, char **ret_tools, struct diag *d)
{
	struct build_packages packages;
	int err = fetch(req, NULL, &packages, d);

	if (!err)
		*ret_tools = packages.tools;
	return err;
}
