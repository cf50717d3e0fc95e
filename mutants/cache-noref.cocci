// Title: the file's cache holds no reference on the dma-buf
// Origin: 003_18db28459f6a4ea9.txt (v1 to v5)
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: prime_self_import@every-order
// Symptom: closing the handle drops the fd's reference: the dma-buf dies under an open fd
@@
identifier dma_buf;
@@
int drm_prime_add_buf_handle(...)
{
	...
-	get_dma_buf(dma_buf);
	...
}
