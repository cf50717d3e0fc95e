// Title: GEM_OPEN lets go of the name lock between finding the object and making the handle
// Origin: 001_7a1694829d1cd672.txt, 20228c447846 drm/gem: completely close gem_open
//         vs. gem_close races
// Module: drm
// File: drivers/gpu/drm/drm_gem.c
// Kernels: 6.1-
// Kind: race
// Devices: vgem
// Caught-by: gem_flink_race@open-vs-last-close*
// Symptom: the last GEM_CLOSE reaps the name in between; the opened object lives on without it
@@
symbol ret, dev;
expression file, obj, handle;
@@
int drm_gem_open_ioctl(...)
{
	<+...
+	mutex_unlock(&dev->object_name_lock);
+	mutex_lock(&dev->object_name_lock);
	ret = drm_gem_handle_create_tail(file, obj, handle);
	...+>
}
