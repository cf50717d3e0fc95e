// Title: an export answered from the file's cache takes no reference
// Origin: 003_18db28459f6a4ea9.txt
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: prime_self_import@every-order, prime_export_race@export-vs-export,
//         prime_export_race@export-vs-last-fd-close, prime_export_race@export-twice-vs-close*
// Symptom: the second fd of one handle has no reference of its own: the dma-buf dies under it
@@
identifier dmabuf;
expression cache, handle;
@@
	dmabuf = drm_prime_lookup_buf_by_handle(cache, handle);
	if (dmabuf) {
-		get_dma_buf(dmabuf);
		...
	}
