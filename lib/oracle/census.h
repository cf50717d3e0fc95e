/* SPDX-License-Identifier: MIT */
/*
 * The census: every object's birth and death counted by probes in the kernel.
 *
 * It needs no help from any driver and sees objects that no list shows, GEM objects above all. The
 * kernel itself keeps the books, in histograms keyed by the object's address: addresses are used
 * again, so they stay small however long a race runs, and nothing is lost to a ring buffer that
 * overflows.
 *
 * Each probe can be missing (a function that this kernel does not have, no CONFIG_KPROBE_EVENTS,
 * no root); its kind then is not counted and says why. Everything lives in a tracefs instance and
 * an event group of its own, named after the process, and is gone after census_close(); what a
 * process left behind that was killed is removed by the next census_open().
 */
#ifndef ORACLE_CENSUS_H
#define ORACLE_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum census_kind {
	CENSUS_GEM_OBJECT,
	CENSUS_DMA_BUF,
	CENSUS_DRM_FILE,
	CENSUS_FRAMEBUFFER,
	CENSUS_SYNC_FILE,
	CENSUS_FENCE,
	CENSUS_NR_KINDS
};

/** struct census_opts - NULL stands for all kinds, with stacks. */
struct census_opts {
	const char *root;   /* prefix of the path of tracefs, for tests; NULL: the system's */
	unsigned int kinds; /* bit per enum census_kind, 0 for all */
	bool no_stacks;     /* counts and addresses only: about half the cost per event */
};

struct census;

/**
 * census_open() - starts to count.
 * @ret: owned by the caller, census_close()
 *
 * Returns 0; -ENOENT without tracefs or without any of the probes; -EACCES, -EPERM without the
 * right to; -ENOMEM.
 */
int census_open(const struct census_opts *opts, struct census **ret);
void census_close(struct census *census);

/** struct census_count - one kind since census_open(). */
struct census_count {
	int err; /* 0, or why this kind is not counted */
	uint64_t created, released;
	int64_t alive;    /* created less released: below 0 if older objects died meanwhile */
	uint64_t dropped; /* events that did not fit: if not 0, nothing here is exact */
	bool exact;       /* objects told apart by address: alive is of those born since */
};

/** census_read() - counts of all kinds as of now. 0 or -ENOMEM. */
int census_read(struct census *census, struct census_count counts[CENSUS_NR_KINDS]);

#define CENSUS_FRAMES 8

/** struct census_object - one object, or several from one place, that still live. */
struct census_object {
	enum census_kind kind;
	uint64_t address; /* 0 where the kernel gave none at release: then see @count */
	pid_t pid;        /* thread that created it */
	char comm[16];    /* its name; with stacks only, as the time */
	uint64_t born_us; /* CLOCK_MONOTONIC, microseconds; 0 where the kernel does not tell */
	uint64_t count;   /* how many live (1 with an address) */
	char frames[CENSUS_FRAMES][64]; /* where it was created, innermost first */
	unsigned int nr_frames;
};

/**
 * census_alive() - the objects created since census_open() that still live.
 * @ret: owned by the caller, free()
 *
 * Of an address that was used several times the last creation is told; where the kernel tells no
 * time, one of them. Only kinds whose count is exact.
 */
int census_alive(struct census *census, struct census_object **ret, size_t *ret_nr);

/**
 * census_report() - a line a kind, and where the survivors were created, the first @most.
 * @since_us: what a survivor's time is told from; those that are known to be older are left out
 */
void census_report(const struct census_count counts[CENSUS_NR_KINDS],
		   const struct census_object *objects, size_t nr, size_t most, uint64_t since_us,
		   FILE *out);

#endif
