// Title: CHANGE_HANDLE is on again, as it stands
// Origin: comment above drm_gem_change_handle_ioctl()
// Module: drm
// File: drivers/gpu/drm/drm_ioctl.c
// Kernels: 7.2-
// Kind: det
// Devices: vgem
// Caught-by: gem_change_handle@refuses, gem_change_handle@same-handle
// Symptom: new handle 0 becomes another handle and leaks; handle == new_handle succeeds
//          for a handle that is not there
@wired@
symbol drm_invalid_op;
@@
	DRM_IOCTL_DEF(DRM_IOCTL_GEM_CHANGE_HANDLE,
-		      drm_invalid_op,
+		      drm_gem_change_handle_ioctl,
		      DRM_RENDER_ALLOW)
