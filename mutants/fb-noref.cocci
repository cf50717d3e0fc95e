// Title: a framebuffer does not hold a handle of its objects
// Origin: 5307dce878d4 drm/gem: Acquire references on GEM handles for framebuffers, f6bfc9afc752
// Module: drm
// File: drivers/gpu/drm/drm_framebuffer.c
// Kernels: 6.12-
// Kind: det
// Devices: virtio-gpu, bochs
// Caught-by: kms_fb_lifetime@name-and-dma-buf-outlive-close
// Symptom: after GEM_CLOSE the framebuffer's object has lost its name and its dma-buf: a new export
//          makes a second one
@@
identifier fb, i, exists;
@@
int drm_framebuffer_init(...)
{
	<...
-	if (fb->obj[i]) {
-		exists = drm_gem_object_handle_get_if_exists_unlocked(fb->obj[i]);
-		...
-	}
	...>
}
