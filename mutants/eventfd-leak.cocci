// Title: an eventfd on a point not yet submitted keeps a fence
// Origin: reference rule of syncobj_eventfd_entry_func()
// Module: drm
// File: drivers/gpu/drm/drm_syncobj.c
// Kernels: 6.12-
// Kind: det
// Devices: virtio-gpu
// Caught-by: syncobj_eventfd@future-point
// Symptom: a fence leaks with each try
@@
identifier fence;
@@
syncobj_eventfd_entry_func(...)
{
	<+...
-	dma_fence_put(fence);
	return;
	...+>
}
