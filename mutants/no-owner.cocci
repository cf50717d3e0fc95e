// Title: an exported dma-buf does not hold its driver's module
// Origin: owner rule of struct dma_buf_export_info
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: module_unload@dma-buf-blocks-unload
// Symptom: rmmod succeeds under a live dma-buf, closing it runs freed text
@@
expression E;
@@
struct dma_buf *drm_gem_prime_export(...)
{
	...
	struct dma_buf_export_info exp_info = {
-		.owner = E,
	};
	...
}
