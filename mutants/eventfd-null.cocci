// Title: an eventfd on a point that is long past waits for no fence at all
// Origin: drm/syncobj: handle NULL fence in syncobj_eventfd_entry_func (2024)
// Module: drm
// File: drivers/gpu/drm/drm_syncobj.c
// Kernels: 6.12-
// Kind: det
// Devices: virtio-gpu
// Caught-by: syncobj_eventfd@past-point
// Symptom: a kernel warning, the eventfd is never signaled and its entry leaks
@@
symbol ret;
identifier fence;
@@
syncobj_eventfd_entry_func(...)
{
	...
	if (ret != 0) {
		...
	}
-	else if (!fence) {
-		...
-	}
	...
}
