// Title: FLINK does not look again whether the object still has a handle
// Origin: a8e11d1c435f drm/gem: fix up flink name create race
// Module: drm
// File: drivers/gpu/drm/drm_gem.c
// Kernels: 6.1-
// Kind: race
// Devices: vgem
// Caught-by: gem_flink_race@flink-vs-close*
// Symptom: a name outlives its object: its row stays in gem_names and GEM_OPEN finds freed memory
@@
identifier obj;
@@
int drm_gem_flink_ioctl(...)
{
	<+...
-	if (obj->handle_count == 0) {
-		...
-		goto err;
-	}
	...+>
}
