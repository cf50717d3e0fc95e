/* SPDX-License-Identifier: MIT */
#ifndef DRM_DEVICE_H
#define DRM_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drm/io.h"

#define DRM_MAX_DEVICES 64

/** A device with a primary node. Plain data. */
struct drm_device {
	char primary[32];                /**< /dev/dri/cardN */
	char render[32];                 /**< /dev/dri/renderDN, or "" */
	char sys[256];                   /**< its folder below /sys/devices; "" when unknown */
	char driver[32];                 /**< "" when it could not be asked: see error */
	int error;                       /**< 0, or why the node could not be opened (-errno) */
	int card;                        /**< N of cardN: also its minor and debugfs's dri/N */
	uint16_t pci_vendor, pci_device; /**< 0 when it does not sit on PCI */
};

struct drm_device_list {
	size_t count;
	struct drm_device device[DRM_MAX_DEVICES]; /**< by card number */
};

/**
 * Fills @list with the devices of the machine. libdrm is asked first; it leaves out busses it does
 * not know (faux, where vgem sits since 6.15, before libdrm 2.4.125), so /dev/dri is read as well.
 *
 * Returns 0, also when there is none, or -errno.
 */
int drm_device_scan(const struct drm_io *io, struct drm_device_list *ret_list);

/** Parts of one filter; an unset part matches anything. */
struct drm_filter_term {
	char driver[32];
	char node[64];
	char sys[256];
	uint32_t pci_vendor, pci_device; /* DRM_FILTER_ANY */
	uint32_t index;                  /* which of the matching devices, or DRM_FILTER_ANY */
};

#define DRM_FILTER_ANY UINT32_MAX
#define DRM_FILTER_MAX 8

/** What --device and IGT_DEVICE say. */
struct drm_filter {
	size_t count; /**< 0 matches every device */
	struct drm_filter_term term[DRM_FILTER_MAX];
};

/**
 * Reads a device filter. Terms, separated by ';', any of which may match:
 *
 *	drm:/dev/dri/card0 or /dev/dri/card0 (a render node does as well)
 *	sys:/sys/devices/... (the device's folder, or one below it)
 *	pci:vendor=8086,device=56a0,card=0 (numbers in hex, or vendor=intel|amd|nvidia)
 *	driver:vgem or vgem
 *
 * "card=N" picks the Nth of what the rest of the term matches; "card=all" is the same as none.
 *
 * Returns 0, or -EINVAL with one line without newline in @error.
 */
int drm_filter_parse(const char *text, struct drm_filter *ret_filter, char *error,
		     size_t error_size);

/**
 * Takes out of @list what neither @filter nor @force_driver (a driver's name, or NULL) wants.
 * Devices that could not be opened stay when their node or folder was asked for.
 */
void drm_filter_apply(const struct drm_filter *filter, const char *force_driver,
		      struct drm_device_list *list);

#endif
