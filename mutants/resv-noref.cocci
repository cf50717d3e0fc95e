// Title: a reservation takes no reference on the fence added to it
// Origin: rule of dma_resv_add_fence()
// Module: vmlinux
// File: drivers/dma-buf/dma-resv.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: reservation_race@import-vs-close
// Symptom: the fence is freed when its owner lets go, and the reservation still has it
@@
identifier fence;
@@
void dma_resv_add_fence(...)
{
	...
-	dma_fence_get(fence);
	...
}
