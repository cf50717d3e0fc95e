// Title: closing a handle does not take the right to mmap away
// Origin: ca481c9b2a3a drm/gem: implement vma access management
// Module: drm
// File: drivers/gpu/drm/drm_gem.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: gem_mmap_race@right-ends-with-last-handle
// Symptom: with the object kept alive by its dma-buf, a file maps it after closing its last handle
@@
expression node, file;
@@
int drm_gem_object_release_handle(...)
{
	...
-	drm_vma_node_revoke(node, file);
	...
}
