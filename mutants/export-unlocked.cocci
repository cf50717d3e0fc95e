// Title: export does not take the name lock
// Origin: 000_6063b17942dccd85.txt, 002_d17dd5e93c9a01fe.txt
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.1-
// Kind: race
// Devices: vgem
// Caught-by: prime_export_race@export-vs-export-by-flink
// Symptom: two files that share an object export it at once: two dma-bufs for one object, one of
//          which is never let go
@@
identifier export =~ "^drm_gem_prime_handle_to_(dmabuf|fd)$";
expression dev;
@@
export(...)
{
	<...
(
-	mutex_lock(&dev->object_name_lock);
|
-	mutex_unlock(&dev->object_name_lock);
)
	...>
}
