// Title: a handle can be used and closed before it is set up
// Origin: bd46cece51a3 drm/gem: Fix race in drm_gem_handle_create_tail()
// Module: drm
// File: drivers/gpu/drm/drm_gem.c
// Kernels: 6.1-
// Kind: race
// Devices: vgem
// Caught-by: gem_handle_race@open-vs-guessed-close, gem_handle_race@import-vs-guessed-close
// Symptom: a close of the guessed handle revokes the mmap right before it was given: the file can
//          still map the object through a handle it no longer has, and the right's record leaks
@early@
identifier obj;
expression file, gfp;
@@
int drm_gem_handle_create_tail(..., struct drm_gem_object *obj, ...)
{
	<+...
	idr_alloc(&file->object_idr,
-		  NULL,
+		  obj,
		  1, 0, gfp)
	...+>
}

@depends on early@
identifier obj;
expression file, handle;
@@
-	obj = idr_replace(&file->object_idr, obj, handle);
-	WARN_ON(obj != NULL);
