/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_BUILD_SOURCE_H
#define RUNNER_BUILD_SOURCE_H

struct diag;

/*
 * Unpacks the files of the kernel source archive @archive whose path below its top folder starts
 * with one of @prefixes (NULL-terminated) into the folder @dest, and links each into @second, too.
 */
int source_unpack(const char *archive, const char *const *prefixes, const char *dest,
		  const char *second, struct diag *d);

#endif
