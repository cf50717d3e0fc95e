// Title: the last close keeps the object's dma-buf
// Origin: 000_6063b17942dccd85.txt, 002_d17dd5e93c9a01fe.txt
// Module: drm
// File: drivers/gpu/drm/drm_gem.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: prime_self_import@every-order
// Symptom: object and dma-buf hold each other for ever: both leak, and the driver's module
//          with them
@@
identifier obj;
@@
static void drm_gem_object_exported_dma_buf_free(struct drm_gem_object *obj)
{
-	if (obj->dma_buf) {
-		...
-	}
}
