/* SPDX-License-Identifier: MIT */
/*
 * Parsers of the kernel's lists of objects: text in, ledger items out.
 *
 * Each one takes the text as the kernel wrote it (Linux 6.1 to 7.2), adds what it understood to
 * the ledger and counts the lines it did not understand in @status->refused, so that a format
 * change is seen and not mistaken for "nothing there". Text cut off in the middle counts as one
 * refused line. They return 0 or -ENOMEM.
 */
#ifndef ORACLE_PARSE_H
#define ORACLE_PARSE_H

#include "oracle/ledger.h"
#include "oracle/text.h"

/** ledger_add() - copies @item into @ledger and counts it in @status. */
int ledger_add(struct ledger *ledger, struct ledger_status *status, const struct ledger_item *item);

/** ledger_item_order() - qsort() order by identity: equal means "the same object". */
int ledger_item_order(const void *left, const void *right);

/** struct parse_device - the drm device that a dri/N folder belongs to. */
struct parse_device {
	int minor;
	char driver[32];
};

/** parse_bufinfo() - dma_buf/bufinfo, see dma_buf_debug_show(). */
int parse_bufinfo(struct text text, struct ledger *ledger, struct ledger_status *status);

/** parse_gem_names() - dri/N/gem_names, see drm_gem_one_name_info(). */
int parse_gem_names(struct text text, const struct parse_device *device, struct ledger *ledger,
		    struct ledger_status *status);

/** parse_clients() - dri/N/clients, see drm_clients_info(). */
int parse_clients(struct text text, const struct parse_device *device, struct ledger *ledger,
		  struct ledger_status *status);

/** parse_framebuffer() - dri/N/framebuffer, see drm_framebuffer_info(). */
int parse_framebuffer(struct text text, const struct parse_device *device, struct ledger *ledger,
		      struct ledger_status *status);

/**
 * parse_i915_gem_objects() - dri/N/i915_gem_objects, see i915_gem_object_info().
 *
 * One number a device: the objects that have pages which the shrinker may take. i915's own are
 * among them, and come and go by themselves.
 */
int parse_i915_gem_objects(struct text text, const struct parse_device *device,
			   struct ledger *ledger, struct ledger_status *status);

/**
 * parse_amdgpu_gem_info() - dri/N/amdgpu_gem_info, see amdgpu_debugfs_gem_info_show().
 *
 * One item a process: the handles of all its drm files on that device.
 */
int parse_amdgpu_gem_info(struct text text, const struct parse_device *device,
			  struct ledger *ledger, struct ledger_status *status);

/** parse_sync_info() - sync/info of CONFIG_SW_SYNC, see sync_info_debugfs_show(). */
int parse_sync_info(struct text text, struct ledger *ledger, struct ledger_status *status);

/** parse_driver_name() - the driver in dri/N/name, "vgem unique=vgem"; -EINVAL if there is none. */
int parse_driver_name(struct text text, char *buf, size_t size);

#endif
