/* SPDX-License-Identifier: MIT */
/*
 * What PRIME must do: one object, two drm files, and every order of export, import, naming,
 * opening and closing. The model predicts what each step returns, and how many references the
 * dma-buf has after it. It does not talk to the kernel: the caller takes the steps and shows what
 * they gave.
 */
#ifndef DRM_PRIME_MODEL_H
#define DRM_PRIME_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRIME_FILES   2
#define PRIME_HANDLES 2 /* that one file has at the same time */
#define PRIME_FDS     2 /* of the dma-buf at the same time */

enum prime_step_kind {
	PRIME_EXPORT,     /**< a handle to a new fd */
	PRIME_IMPORT,     /**< the newest fd into a file */
	PRIME_FLINK,      /**< name the object through a handle */
	PRIME_OPEN,       /**< the name the object has or had, in a file */
	PRIME_CLOSE,      /**< a handle */
	PRIME_CLOSE_FD,   /**< the newest fd */
	PRIME_CLOSE_FILE, /**< the drm file with all its handles; it is opened anew */
};

struct prime_step {
	enum prime_step_kind kind;
	unsigned int file;
	unsigned int slot; /**< which of the file's handles */
};

/** What a step gave. Only what its kind returns is looked at. */
struct prime_seen {
	int ret;         /**< 0 or -errno */
	uint32_t handle; /**< PRIME_IMPORT, PRIME_OPEN */
	uint32_t name;   /**< PRIME_FLINK */
	uint64_t inode;  /**< PRIME_EXPORT: of the new fd */
};

struct prime_model_handle {
	uint32_t handle; /**< 0: the slot is free */
	bool cached;     /**< the file's prime cache has it, with a reference on the dma-buf */
};

struct prime_model {
	struct prime_model_handle handle[PRIME_FILES][PRIME_HANDLES];
	unsigned int fds;
	bool linked;    /**< obj->dma_buf is set, with a reference */
	uint64_t inode; /**< of its dma-buf; 0: never exported */
	uint32_t name;  /**< 0: never named */
	bool name_alive;
};

/** A new object with one handle, in file 0. */
void prime_model_init(struct prime_model *model, uint32_t handle);

/** Upper bound of what prime_model_steps() gives. */
#define PRIME_MAX_STEPS 20

/** The steps that can be taken now; none once neither a handle nor an fd is left. */
size_t prime_model_steps(const struct prime_model *model, struct prime_step *ret_steps);

/** Takes @step and compares @seen. 0, or -1 with one line in @why. */
int prime_model_take(struct prime_model *model, struct prime_step step,
		     const struct prime_seen *seen, char *why, size_t why_size);

/** References on the dma-buf's file, as its fdinfo counts them. */
int64_t prime_model_count(const struct prime_model *model);

/** "a.export", "b.close#1", "close-fd", "a.close-file". */
void prime_step_text(struct prime_step step, char *buf, size_t size);

#endif
