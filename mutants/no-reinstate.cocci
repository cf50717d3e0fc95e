// Title: import does not restore the object's link to its dma-buf
// Origin: 000_6063b17942dccd85.txt, 002_d17dd5e93c9a01fe.txt
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: prime_self_import@every-order
// Symptom: after export, close, import, another file's export makes a second dma-buf
@@
identifier obj, dma_buf;
@@
int drm_gem_prime_fd_to_handle(...)
{
	...
	if (obj->dma_buf) {
		...
	}
-	else {
-		...
-	}
	...
}
