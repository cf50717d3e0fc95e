// Title: a mapping copied by fork does not count as a user of the pages
// Origin: drm/shmem-helper vm_open fixes of 2022
// Module: drm_shmem_helper
// File: drivers/gpu/drm/drm_gem_shmem_helper.c
// Kernels: 6.12-
// Kind: det
// Devices: vgem
// Caught-by: gem_mmap_race@fork
// Symptom: the child's exit lets the pages go under the parent's mapping; a warning at its unmap
@@
identifier obj, shmem;
@@
void drm_gem_shmem_vm_open(...)
{
	...
(
-	if (!drm_WARN_ON_ONCE(obj->dev, !shmem->pages_use_count))
-		shmem->pages_use_count++;
|
-	drm_WARN_ON_ONCE(obj->dev, !refcount_inc_not_zero(&shmem->pages_use_count));
)
	...
}
