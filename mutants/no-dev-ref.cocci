// Title: an exported dma-buf does not hold its drm device
// Origin: device rule of drm_gem_dmabuf_export()
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.1-
// Kind: det
// Devices: virtio-gpu, bochs
// Symptom: with the device unbound (or a vkms instance removed), closing the dma-buf reads a freed
//          drm_device
// Survives: no subtest unbinds a device under an exported dma-buf, and the dma-buf's reference on the
//           module keeps rmmod from doing it
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
