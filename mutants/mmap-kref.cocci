// Title: mmap takes a reference on an object that may already be dying
// Origin: 2225cfe46bcc drm/gem: Use kref_get_unless_zero for the weak mmap references
// Module: drm
// File: drivers/gpu/drm/drm_gem.c
// Kernels: 6.1-
// Kind: race
// Devices: vgem
// Caught-by: gem_mmap_race@foreign-mmap-vs-last-close
// Symptom: refcount_t: addition on 0, then the object is freed twice
@@
identifier obj;
@@
-	if (!kref_get_unless_zero(&obj->refcount))
-		obj = NULL;
+	kref_get(&obj->refcount);
