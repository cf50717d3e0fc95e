// Title: an exported dma-buf does not hold its drm device
// Origin: device rule of drm_gem_dmabuf_export()
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.1-
// Kind: det
// Devices: virtio-gpu, bochs
// Caught-by: drm_fd_lifetime@dma-buf-outlives-device
// Symptom: with the device unbound (or a vkms instance removed), closing the dma-buf reads a freed
//          drm_device
@get@
expression dev;
@@
struct dma_buf *drm_gem_dmabuf_export(...)
{
	...
-	drm_dev_get(dev);
	...
}

@depends on get@
expression dev;
@@
void drm_gem_dmabuf_release(...)
{
	...
-	drm_dev_put(dev);
}
