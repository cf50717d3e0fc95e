// SPDX-License-Identifier: MIT
#include "kernel/kernel.h"

#include "diag.h"
#include "fetch/file.h"
#include "kbuild/resolve.h"
#include "kernel/debian.h"
#include "kernel/vmlinux.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define DEBIAN_PREFIX "debian:"

void kernel_finish(struct kernel *kernel)
{
	free(kernel->image);
	free(kernel->modules_dir);
	free(kernel->release);
	free(kernel->origin);
	*kernel = (struct kernel){ 0 };
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The only folder in @folder, or NULL: a kernel's lib/modules holds one release. */
static char *only_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	char *found = NULL;
	struct dirent *e;
	int count = 0;

	while (dir && (e = readdir(dir))) {
		_cleanup_free_ char *path = NULL;

		if (e->d_name[0] == '.')
			continue;
		path = text_printf("%s/%s", folder, e->d_name);
		if (!path || !is_folder(path))
			continue;
		count++;
		free(found);
		found = strdup(e->d_name);
	}
	if (dir)
		closedir(dir);
	if (count == 1)
		return found;
	free(found);
	return NULL;
}

static char *first_file(const char *folder, const char *const *formats, const char *release)
{
	for (; *formats; formats++) {
		_cleanup_free_ char *name = text_printf("%s%s", *formats, release);
		char *path = text_printf("%s/%s", folder,
					 text_ends(*formats, "-") && name ? name : *formats);

		if (path && !access(path, R_OK))
			return path;
		free(path);
	}
	return NULL;
}

int kernel_from_folder(const char *folder, struct kernel *ret, struct diag *d)
{
	/* A trailing '-' stands for the release behind it. */
	static const char *const images[] = { "boot/vmlinuz-",
					      "boot/vmlinuz",
					      "boot/bzImage",
					      "vmlinuz-",
					      "vmlinuz",
					      "bzImage",
					      NULL };
	static const char *const beside_modules[] = { "vmlinuz", NULL };
	static const char *const module_folders[] = { "lib/modules", "usr/lib/modules" };
	struct kernel k = { 0 };

	for (size_t i = 0; i < 2 && !k.release; i++) {
		_cleanup_free_ char *modules = text_printf("%s/%s", folder, module_folders[i]);

		k.release = modules ? only_folder(modules) : NULL;
		if (k.release)
			k.modules_dir = text_printf("%s/%s", modules, k.release);
	}
	if (k.release)
		k.image = first_file(folder, images, k.release);
	if (k.release && !k.image && k.modules_dir)
		k.image = first_file(k.modules_dir, beside_modules, k.release);
	k.origin = strdup(folder);
	if (k.release && k.modules_dir && k.image && k.origin) {
		*ret = k;
		return 0;
	}
	diag_set(d, GEMRACE_USAGE, ENOENT, "kernel '%s': no %s there", folder,
		 k.release ? "vmlinuz or bzImage" : "lib/modules with one release");
	kernel_finish(&k);
	return -ENOENT;
}

static int from_tree(const char *tree, struct kernel *ret, struct diag *d)
{
	_cleanup_free_ char *release_file = text_printf("%s/include/config/kernel.release", tree);
	struct kernel k = {
		.image = text_printf("%s/arch/x86/boot/bzImage", tree),
		.modules_dir = strdup(tree),
		.origin = strdup(tree),
	};

	if (release_file && !file_read(release_file, &k.release, NULL))
		k.release[strcspn(k.release, "\n")] = '\0';
	if (k.release && k.image && k.modules_dir && k.origin && !access(k.image, R_OK)) {
		*ret = k;
		return 0;
	}
	diag_set(d, GEMRACE_USAGE, ENOENT, "kernel tree '%s' is not built: no %s", tree,
		 k.release ? "arch/x86/boot/bzImage" : "include/config/kernel.release");
	kernel_finish(&k);
	return -ENOENT;
}

static int from_path(const char *spec, struct kernel *ret, struct diag *d)
{
	_cleanup_free_ char *path = realpath(spec, NULL);
	/* the source's, and what a build leaves also where it was made outside of it (O=) */
	_cleanup_free_ char *kbuild = path ? text_printf("%s/Kbuild", path) : NULL;
	_cleanup_free_ char *built = path ? text_printf("%s/include/config/kernel.release", path)
					  : NULL;

	if (!path)
		return diag_set(d, GEMRACE_USAGE, errno, "kernel '%s': %s", spec, strerror(errno));
	if (!is_folder(path))
		return diag_set(d, GEMRACE_USAGE, ENOTDIR, "kernel '%s' is not a folder", spec);
	if (!kbuild || !built)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	return !access(kbuild, F_OK) || !access(built, F_OK) ? from_tree(path, ret, d)
							     : kernel_from_folder(path, ret, d);
}

int kernel_resolve(const struct kernel_request *req, struct kernel *ret_kernel, struct diag *d)
{
	struct kernel kernel = { 0 };
	int err;

	if (!req->spec || text_starts(req->spec, DEBIAN_PREFIX))
		err = debian_kernel(req, req->spec ? req->spec + strlen(DEBIAN_PREFIX) : NULL,
				    &kernel, d);
	else if (text_starts(req->spec, KBUILD_PREFIX))
		err = kbuild_resolve(req, req->spec + strlen(KBUILD_PREFIX), &kernel, d);
	else
		err = from_path(req->spec, &kernel, d);
	if (err)
		return err;
	err = vmlinux_prefer(&kernel, req->cache);
	if (err) {
		kernel_finish(&kernel);
		return diag_set(d, GEMRACE_HARNESS, -err, "kernel image in %s: %s", req->cache,
				strerror(-err));
	}
	*ret_kernel = kernel;
	return 0;
}
