// Title: closing a handle keeps the file's cached dma-buf
// Origin: 003_18db28459f6a4ea9.txt, 219b47339ced drm/prime: keep a reference from the handle to
//         exported dma-buf (v6)
// Module: drm
// File: drivers/gpu/drm/drm_gem.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: drm_fd_lifetime@dma-buf-outlives-file, prime_self_import@every-order,
//         prime_cross_device@six-steps
// Symptom: the dma-buf lives until the file is closed, and after: its count stays one too high, the
//          kernel warns about a cache that is not empty
@@
expression file, id;
@@
int drm_gem_object_release_handle(...)
{
	...
-	drm_prime_remove_buf_handle(&file->prime, id);
	...
}
