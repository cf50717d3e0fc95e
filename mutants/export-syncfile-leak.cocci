// Title: exporting a sync_file from a dma-buf keeps a fence
// Origin: cf. ffe000217c50
// Module: vmlinux
// File: drivers/dma-buf/dma-buf.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: reservation_race@export-keeps-no-fence
// Symptom: a fence leaks with each export
@@
identifier fence, sync_file;
@@
	sync_file = sync_file_create(fence);
-	dma_fence_put(fence);
