/* SPDX-License-Identifier: MIT */
/*
 * ioctls that the libdrm of a stable distribution does not have yet, from the kernel's
 * include/uapi/drm/: facts of the ABI under names of our own, so that a newer header may define
 * the real ones beside them.
 */
#ifndef DRM_UAPI_H
#define DRM_UAPI_H

#include <drm.h>
#include <stdint.h>

/* drm.h, since Linux 6.18; switched off in 7.2 */
struct gem_change_handle {
	uint32_t handle, new_handle;
};

#define GEM_IOCTL_CHANGE_HANDLE DRM_IOWR(0xd2, struct gem_change_handle)

/* xe_drm.h, since Linux 6.8 */
enum {
	XE_QUERY_MEM_REGIONS = 1,
	XE_MEM_CLASS_SYSMEM = 0,
	XE_CPU_CACHING_WB = 1,
};

struct xe_device_query {
	uint64_t extensions;
	uint32_t query, size;
	uint64_t data;
	uint64_t reserved[2];
};

struct xe_mem_region {
	uint16_t mem_class, instance; /* instance: the bit in xe_gem_create.placement */
	uint32_t min_page_size;       /* bytes; sizes are multiples of it */
	uint64_t total_size, used, cpu_visible_size, cpu_visible_used;
	uint64_t reserved[6];
};

struct xe_query_mem_regions {
	uint32_t num_mem_regions, pad;
	struct xe_mem_region mem_regions[];
};

struct xe_gem_create {
	uint64_t extensions, size;
	uint32_t placement, flags, vm_id, handle;
	uint16_t cpu_caching, pad[3];
	uint64_t reserved[2];
};

struct xe_gem_mmap_offset {
	uint64_t extensions;
	uint32_t handle, flags;
	uint64_t offset;
	uint64_t reserved[2];
};

#define XE_IOCTL_DEVICE_QUERY    DRM_IOWR(DRM_COMMAND_BASE + 0x00, struct xe_device_query)
#define XE_IOCTL_GEM_CREATE      DRM_IOWR(DRM_COMMAND_BASE + 0x01, struct xe_gem_create)
#define XE_IOCTL_GEM_MMAP_OFFSET DRM_IOWR(DRM_COMMAND_BASE + 0x02, struct xe_gem_mmap_offset)

/* msm_drm.h; the info ioctl grew in 5.1, older kernels take the prefix they know */
enum {
	MSM_FLAG_CACHED = 0x00010000,
	MSM_QUERY_OFFSET = 0,
};

struct msm_gem_new {
	uint64_t size;
	uint32_t flags, handle;
};

struct msm_gem_info {
	uint32_t handle, info;
	uint64_t value;
	uint32_t len, pad;
};

#define MSM_IOCTL_GEM_NEW  DRM_IOWR(DRM_COMMAND_BASE + 0x02, struct msm_gem_new)
#define MSM_IOCTL_GEM_INFO DRM_IOWR(DRM_COMMAND_BASE + 0x03, struct msm_gem_info)

/* panfrost_drm.h and v3d_drm.h: alike but for the width of the GPU address */
struct panfrost_create_bo {
	uint32_t size, flags, handle, pad;
	uint64_t offset;
};

struct v3d_create_bo {
	uint32_t size, flags, handle, offset;
};

struct render_mmap_bo {
	uint32_t handle, flags;
	uint64_t offset;
};

#define PANFROST_IOCTL_CREATE_BO DRM_IOWR(DRM_COMMAND_BASE + 0x02, struct panfrost_create_bo)
#define V3D_IOCTL_CREATE_BO      DRM_IOWR(DRM_COMMAND_BASE + 0x02, struct v3d_create_bo)
#define RENDER_IOCTL_MMAP_BO     DRM_IOWR(DRM_COMMAND_BASE + 0x03, struct render_mmap_bo)

/* vgem_drm.h */
enum {
	VGEM_FENCE_FLAG_WRITE = 0x1,
};

struct vgem_fence_attach {
	uint32_t handle, flags, out_fence, pad;
};

struct vgem_fence_signal {
	uint32_t fence, flags;
};

#define VGEM_IOCTL_FENCE_ATTACH DRM_IOWR(DRM_COMMAND_BASE + 0x01, struct vgem_fence_attach)
#define VGEM_IOCTL_FENCE_SIGNAL DRM_IOW(DRM_COMMAND_BASE + 0x02, struct vgem_fence_signal)

/* sync_file.h, since Linux 6.6 */
struct sync_file_deadline {
	uint64_t deadline_ns; /* CLOCK_MONOTONIC */
	uint64_t pad;
};

#define SYNC_FILE_IOCTL_SET_DEADLINE _IOW('>', 5, struct sync_file_deadline)

/* drm.h, since Linux 6.6 */
struct syncobj_eventfd {
	uint32_t handle, flags;
	uint64_t point;
	int32_t fd;
	uint32_t pad;
};

#define SYNCOBJ_IOCTL_EVENTFD DRM_IOWR(0xcf, struct syncobj_eventfd)

/* drm.h: a syncobj's points came to the ioctls of its fds in Linux 6.16 */
enum {
	SYNCOBJ_FD_FLAG_TIMELINE = 0x2,
};

struct syncobj_handle_point {
	uint32_t handle, flags;
	int32_t fd;
	uint32_t pad;
	uint64_t point;
};

#define SYNCOBJ_IOCTL_FD_TO_HANDLE_POINT DRM_IOWR(0xc2, struct syncobj_handle_point)

/* drivers/dma-buf/sw_sync.c: debugfs, no header */
struct sw_sync_create {
	uint32_t value;
	char name[32];
	int32_t fence;
};

#define SW_SYNC_IOCTL_CREATE _IOWR('W', 0, struct sw_sync_create)
#define SW_SYNC_IOCTL_INC    _IOW('W', 1, uint32_t)

#endif
