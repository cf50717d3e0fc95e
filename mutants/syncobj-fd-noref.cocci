// Title: a syncobj's fd holds no reference on it
// Origin: rule of drm_syncobj_get_fd()
// Module: drm
// File: drivers/gpu/drm/drm_syncobj.c
// Kernels: 6.1-
// Kind: det
// Devices: virtio-gpu
// Caught-by: syncobj_lifetime@fd-outlives-handle
// Symptom: closing the handle frees the syncobj under its fd
@@
identifier syncobj;
@@
int drm_syncobj_get_fd(struct drm_syncobj *syncobj, ...)
{
	...
-	drm_syncobj_get(syncobj);
	...
}
