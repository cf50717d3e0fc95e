// Title: the new object is let go before its id is read
// Origin: 52531258318e drm/virtio: Fix GEM handle creation UAF
// Module: virtio-gpu
// File: drivers/gpu/drm/virtio/virtgpu_ioctl.c
// Kernels: 6.1-
// Kind: race
// Devices: virtio-gpu
// Caught-by: gem_handle_race@resource-create-vs-guessed-close
// Symptom: a close of the guessed handle frees the object under RESOURCE_CREATE (narrow;
//          needs KASAN or slab poisoning to show)
// Survives: the memory is freed when the host has answered RESOURCE_UNREF
//          (virtio_gpu_cleanup_object()), so RESOURCE_CREATE has to be held up for a whole round trip
//          between two instructions
@@
identifier obj, qobj, rc;
expression handle;
@@
int virtio_gpu_resource_create_ioctl(...)
{
	...
+	drm_gem_object_put(obj);
	rc->res_handle = qobj->hw_res_handle;
	rc->bo_handle = handle;
-	drm_gem_object_put(obj);
	return 0;
}
