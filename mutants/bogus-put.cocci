// Title: a failed export drops the dma-buf once too often
// Origin: 000_6063b17942dccd85.txt (v2)
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.12-
// Kind: fail
// Devices: vgem
// Caught-by: error_paths@failing-allocation-export
// Symptom: the object's link points to a freed dma-buf: use after free at the next export or close
@@
identifier dmabuf, ret;
expression E1, E2, E3;
@@
struct dma_buf *drm_gem_prime_handle_to_dmabuf(...)
{
	...
	ret = drm_prime_add_buf_handle(E1, E2, E3);
	...
	if (ret) {
		dma_buf_put(dmabuf);
+		dma_buf_put(dmabuf);
		...
	}
	...
}
