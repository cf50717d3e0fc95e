/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_BUILD_OUTSIDE_H
#define RUNNER_BUILD_OUTSIDE_H

struct diag;
struct module_tree_request;

/*
 * Builds a module that is none of the kernel's own, out of tree: against the packaged headers of
 * the kernel's release, with the compiler they name, or in the folder that `gemrace kernel build`
 * built the kernel in. @folder holds NAME.c and a Kbuild; nothing is written there. *@ret_path, a
 * string the caller frees, is NAME.ko in the cache: the same source is built once for a kernel.
 *
 * 0, -ENOEXEC when it does not compile, -EINTR, or another -errno when headers or compiler are not
 * to be had, with @d filled in.
 */
int outside_module_build(const struct module_tree_request *req, const char *folder,
			 const char *name, char **ret_path, struct diag *d);

#endif
