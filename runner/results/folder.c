// SPDX-License-Identifier: MIT
#include "results/folder.h"

#include "diag.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The number of the last job started, -1 for none: a job's folder is named by its number. */
static int last_job(const char *dir)
{
	struct dirent *entry;
	int last = -1;
	DIR *handle;

	handle = opendir(dir);
	if (!handle)
		return -1;
	while ((entry = readdir(handle))) {
		int job, end = 0;

		if (sscanf(entry->d_name, "%d%n", &job, &end) == 1 && !entry->d_name[end] &&
		    job > last)
			last = job;
	}
	closedir(handle);
	return last;
}

static FILE *open_in(const char *dir, const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	return fopen(full, "re");
}

bool igt_folder_last(const char *dir, char *name, int size)
{
	char line[512], binary[256], subtest[256];
	int job = last_job(dir);
	FILE *f;
	int n;

	if (job < 0)
		return false;
	f = open_in(dir, "joblist.txt");
	for (int i = 0; f && i <= job; i++) {
		if (!fgets(line, sizeof(line), f)) {
			fclose(f);
			return false;
		}
	}
	if (!f)
		return false;
	fclose(f);
	n = sscanf(line, "%255s %255s", binary, subtest);
	if (n < 1)
		return false;
	snprintf(name, size, n == 2 ? "igt@%s@%s" : "igt@%s", binary, subtest);
	for (char *p = name; *p; p++)
		*p = tolower((unsigned char)*p);
	return true;
}

bool igt_folder_set_comms_aside(const char *dir)
{
	char from[PATH_MAX], to[PATH_MAX];
	int job = last_job(dir);

	snprintf(from, sizeof(from), "%s/%d/comms", dir, job);
	snprintf(to, sizeof(to), "%s/%d/comms.cut-off", dir, job);
	return job >= 0 && !rename(from, to);
}

static bool is_empty(const char *dir)
{
	struct dirent *entry;
	bool empty = true;
	DIR *handle;

	handle = opendir(dir);
	while (handle && (entry = readdir(handle)))
		empty &= !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
	if (handle)
		closedir(handle);
	return handle && empty;
}

/* Only what a run leaves behind is ever removed; a wrong --results costs nobody's home. */
static bool is_ours(const char *dir)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/.gemrace", dir);
	return !access(path, F_OK);
}

static int mark(const char *dir, struct diag *d)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/.gemrace", dir);
	f = fopen(path, "we");
	if (!f || fclose(f))
		return diag_set(d, GEMRACE_USAGE, errno, "--results '%s': %s", dir,
				strerror(errno));
	return 0;
}

/* The folder's own lock: it stays when everything in it goes. */
static int lock(const char *dir, struct diag *d)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return diag_set(d, GEMRACE_USAGE, errno, "--results '%s': %s", dir,
				strerror(errno));
	/* a file system that knows no locks must do without */
	if (!flock(fd, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
		return fd;
	close(fd);
	return diag_set(d, GEMRACE_USAGE, EBUSY, "--results '%s': another gemrace writes there",
			dir);
}

static int check_unused(const char *dir, struct diag *d)
{
	int fd = lock(dir, d);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Of a folder that exists: may its contents go? */
static int check_contents(const char *dir, bool overwrite, struct diag *d)
{
	if (is_empty(dir))
		return 0;
	if (!is_ours(dir))
		return diag_set(d, GEMRACE_USAGE, EEXIST,
				"--results '%s': exists and holds no results of gemrace", dir);
	if (!overwrite)
		return diag_set(d, GEMRACE_USAGE, EEXIST,
				"--results '%s': holds the results of an earlier run "
				"(--overwrite replaces them)",
				dir);
	return 0;
}

int results_folder_check(const char *dir, bool overwrite, struct diag *d)
{
	struct stat st;

	if (stat(dir, &st)) {
		if (errno == ENOENT)
			return 0;
		return diag_set(d, GEMRACE_USAGE, errno, "--results '%s': %s", dir,
				strerror(errno));
	}
	if (!S_ISDIR(st.st_mode))
		return diag_set(d, GEMRACE_USAGE, ENOTDIR, "--results '%s': %s", dir,
				strerror(ENOTDIR));
	return check_unused(dir, d) ?: check_contents(dir, overwrite, d);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int remove_entry_below(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return ftw->level ? remove(path) : 0;
}

/* The folder itself stays: it may be a mount point, a link's target, or where we stand. */
static int empty_folder(const char *dir)
{
	char *real = realpath(dir, NULL);
	int err;

	if (!real)
		return -errno;
	err = nftw(real, remove_entry_below, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) ? -errno : 0;
	free(real);
	return err;
}

int results_folder_prepare(const char *dir, bool overwrite, struct diag *d)
{
	int err, fd;

	if (mkdir(dir, 0777) && errno != EEXIST)
		return diag_set(d, GEMRACE_USAGE, errno, "--results '%s': %s", dir,
				strerror(errno));
	fd = lock(dir, d);
	if (fd < 0)
		return fd;
	err = check_contents(dir, overwrite, d);
	if (!err && is_ours(dir)) {
		err = empty_folder(dir);
		if (err)
			diag_set(d, GEMRACE_HARNESS, -err, "--results '%s': cannot remove: %s", dir,
				 strerror(-err));
	}
	err = err ?: mark(dir, d);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int results_folder_remove(const char *dir)
{
	return nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) ? -errno : 0;
}
