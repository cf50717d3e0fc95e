// Title: the object's link to its dma-buf holds no reference
// Origin: 002_d17dd5e93c9a01fe.txt
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: prime_self_import@every-order, prime_export_race@export-vs-export,
//         prime_export_race@export-vs-last-fd-close
// Symptom: closing the handle drops the fd's reference: the dma-buf dies under an open fd
@@
identifier obj;
@@
struct dma_buf *export_and_register_object(...)
{
	...
-	get_dma_buf(obj->dma_buf);
	...
}
