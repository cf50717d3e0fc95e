// Title: a closed sync_file leaves its poll callback on the fence
// Origin: rule of sync_file_release()
// Module: vmlinux
// File: drivers/dma-buf/sync_file.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: sync_file_race@close-vs-signal
// Symptom: the fence's signal writes to a freed sync_file
@@
identifier sync_file;
@@
int sync_file_release(...)
{
	...
-	if (test_bit(POLL_ENABLED, &sync_file->flags))
-		dma_fence_remove_callback(sync_file->fence, &sync_file->cb);
	...
}
