// Title: a signaled fence keeps the callbacks of its driver
// Origin: 004_d4165df3f1857909.txt, 541c8f2468b9
// Module: vmlinux
// File: drivers/dma-buf/dma-fence.c
// Kernels: 7.2-
// Kind: det
// Devices: virtio-gpu, bochs
// Caught-by: fence_module_unload@out-fence-*
// Symptom: with the driver unloaded, closing a sync_file of its fence runs freed text
@@
identifier ops, fence;
@@
-	if (!ops->release && !ops->wait)
-		RCU_INIT_POINTER(fence->ops, NULL);
