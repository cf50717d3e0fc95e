// Title: the names of a signaled fence are asked of its driver
// Origin: 004_d4165df3f1857909.txt
// Module: vmlinux
// File: drivers/dma-buf/dma-fence.c
// Kernels: 7.2-
// Kind: det
// Devices: vgem
// Caught-by: fence_module_unload@sync-file-info
// Symptom: FILE_INFO of a vgem fence's sync_file after rmmod runs freed text
@@
identifier fence, ops;
@@
-	!dma_fence_test_signaled_flag(fence) && ops
+	ops
