// Title: handles are counted without the name lock
// Origin: spirit of a8e11d1c435f drm/gem: fix up flink name create race
// Module: drm
// File: drivers/gpu/drm/drm_gem.c
// Kernels: 6.1-
// Kind: race
// Devices: vgem
// Caught-by: gem_flink_race@open-vs-last-close*, gem_handle_race@open-vs-open, prime_self_import@reimport-vs-close
// Symptom: lost counts: a warning at a close too many, an object freed too early or never
@@
symbol dev;
identifier obj;
@@
int drm_gem_handle_create_tail(..., struct drm_gem_object *obj, ...)
{
	...
(
-	drm_gem_object_handle_get(obj);
+	mutex_unlock(&dev->object_name_lock);
+	if (obj->handle_count++ == 0)
+		drm_gem_object_get(obj);
|
+	mutex_unlock(&dev->object_name_lock);
	if (obj->handle_count++ == 0)
		drm_gem_object_get(obj);
)
	...
-	mutex_unlock(&dev->object_name_lock);
	...
}
