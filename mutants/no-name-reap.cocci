// Title: the last close keeps the object's flink name
// Origin: 001_7a1694829d1cd672.txt
// Module: drm
// File: drivers/gpu/drm/drm_gem.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: gem_flink_race@flink-vs-close*, prime_self_import@every-order
// Symptom: the name outlives its object: its row stays in gem_names and GEM_OPEN finds freed memory
@@
identifier obj;
@@
static void drm_gem_object_handle_free(struct drm_gem_object *obj)
{
	...
-	if (obj->name) {
-		...
-	}
}
