/* SPDX-License-Identifier: MIT */
/*
 * A corner of tracefs of our own: an instance, and an event group of the same name.
 */
#ifndef ORACLE_TRACEFS_H
#define ORACLE_TRACEFS_H

#include <stdbool.h>
#include <stddef.h>

struct tracefs {
	int dir;       /* tracefs itself */
	int instance;  /* our instance, -1 before tracefs_create() */
	char name[32]; /* "gemrace_PID", of the instance and of the event group */
};

/**
 * tracefs_create() - finds tracefs, removes what dead processes left, and makes our instance.
 * @root: prefix of the paths, NULL for the running system
 *
 * Returns 0, -ENOENT, -EACCES, -EPERM, or -EBUSY when this process has an instance already.
 * tracefs_destroy() either way.
 */
int tracefs_create(struct tracefs *tracefs, const char *root);

/**
 * tracefs_open() - the same for an instance that goes by @name, whoever made it.
 * @create: makes it where it is missing; *@ret_made says whether that was so
 *
 * Returns 0, -ENOENT, -EACCES, -EPERM. tracefs_leave() or tracefs_destroy() either way.
 */
int tracefs_open(struct tracefs *tracefs, const char *root, const char *name, bool create,
		 bool *ret_made);

/** tracefs_leave() - lets go of the instance, which stays. */
void tracefs_leave(struct tracefs *tracefs);

/** tracefs_destroy() - removes the instance, its triggers, and all events of our group. */
void tracefs_destroy(struct tracefs *tracefs);

/** tracefs_write() - one write of @text to @path below @dir; 0 or -errno. */
int tracefs_write(int dir, const char *path, const char *text);

#endif
