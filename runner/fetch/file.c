// SPDX-License-Identifier: MIT
#include "fetch/file.h"

#include "diag.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define LOCK_INTERVAL_MS 50

char *text_printf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return n < 0 ? NULL : s;
}

int text_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !strcmp(s + n - m, suffix);
}

int text_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

char *text_join(const char *const *words, const char *separator)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (size_t i = 0; f && words[i]; i++)
		fprintf(f, "%s%s", i ? separator : "", words[i]);
	if (f && fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

int file_read(const char *path, char **ret_data, size_t *ret_size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *data = NULL;
	size_t size = 0, room = 0;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	/* /proc and /sys say 0: grow while reading. */
	room = st.st_size + 4096;
	data = malloc(room + 1);
	while (data) {
		n = read(fd, data + size, room - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		size += n;
		if (size == room) {
			char *bigger = realloc(data, room * 2 + 1);

			if (!bigger)
				return -ENOMEM;
			data = bigger;
			room *= 2;
		}
	}
	if (!data)
		return -ENOMEM;
	data[size] = '\0';
	*ret_data = data;
	data = NULL;
	if (ret_size)
		*ret_size = size;
	return 0;
}

int file_same(const char *a, const char *b)
{
	_cleanup_free_ char *data_a = NULL, *data_b = NULL;
	size_t size_a, size_b;
	int err;

	err = file_read(a, &data_a, &size_a);
	err = err ?: file_read(b, &data_b, &size_b);
	return err ? err : size_a == size_b && !memcmp(data_a, data_b, size_a);
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= n;
	}
	return 0;
}

int file_write_atomically(const char *path, const void *data, size_t size)
{
	_cleanup_free_ char *temp = text_printf("%s.XXXXXX", path);
	_cleanup_close_ int fd = -1;
	int err;

	if (!temp)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write_all(fd, data, size);
	if (!err && (fchmod(fd, 0644) || fsync(fd) || rename(temp, path)))
		err = -errno;
	if (err)
		unlink(temp);
	return err;
}

static int write_in_place(const char *path, const void *data, size_t size)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd < 0 ? -errno : write_all(fd, data, size);
}

int file_write_out(const char *path, const void *data, size_t size, struct diag *d)
{
	struct stat st;
	int err = !lstat(path, &st) && !S_ISREG(st.st_mode)
			  ? write_in_place(path, data, size)
			  : file_write_atomically(path, data, size);

	return err ? diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", path, strerror(-err)) : 0;
}

int file_publish(const char *temp, const char *path)
{
	_cleanup_close_ int fd = open(temp, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	/* a folder's files one by one would take longer than all there is */
	if (S_ISDIR(st.st_mode) ? syncfs(fd) : fsync(fd))
		return -errno;
	return rename(temp, path) ? -errno : 0;
}

int file_make_folder(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	struct stat st;

	if (!copy)
		return -ENOMEM;
	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	if (mkdir(copy, 0755) && errno != EEXIST)
		return -errno;
	if (stat(copy, &st))
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static int make_folder_of(const char *path)
{
	_cleanup_free_ char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;

	if (!folder)
		return -ENOMEM;
	if (!slash || slash == folder)
		return 0;
	*slash = '\0';
	return file_make_folder(folder);
}

int file_copy(const char *from, const char *to, unsigned long long *hash, struct diag *d)
{
	_cleanup_free_ char *data = NULL;
	size_t size;
	int err;

	err = file_read(from, &data, &size);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", from, strerror(-err));
	if (hash)
		*hash = hash_bytes(*hash, data, size);
	err = make_folder_of(to);
	if (!err)
		err = file_write_atomically(to, data, size);
	return err ? diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", to, strerror(-err)) : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

int file_remove_tree(const char *path)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS))
		return errno == ENOENT ? 0 : -errno;
	return 0;
}

void file_touch(const char *path)
{
	utimensat(AT_FDCWD, path, NULL, 0);
}

void file_prune(const char *folder, int days)
{
	time_t oldest = time(NULL) - days * 86400L;
	DIR *dir = opendir(folder);
	struct dirent *e;
	struct stat st;

	while (dir && (e = readdir(dir))) {
		if (!fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    S_ISREG(st.st_mode) && st.st_mtime < oldest)
			unlinkat(dirfd(dir), e->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

int file_lock_until(const char *path, int timeout_s, int cancel_fd)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	struct pollfd cancel = { .fd = cancel_fd, .events = POLLIN };
	struct timespec start, now;
	int ret;

	if (fd < 0)
		return -errno;
	clock_gettime(CLOCK_MONOTONIC, &start);
	/* flock() has no time-out of its own. */
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - start.tv_sec >= timeout_s)
			return -ETIMEDOUT;
		if (poll(&cancel, 1, LOCK_INTERVAL_MS) > 0)
			return -EINTR;
	}
	ret = fd;
	fd = -1;
	return ret;
}

int file_lock(const char *path, int timeout_s)
{
	return file_lock_until(path, timeout_s, -1);
}

unsigned long long hash_bytes(unsigned long long hash, const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size--)
		hash = (hash ^ *p++) * 0x100000001b3ULL;
	return hash;
}
