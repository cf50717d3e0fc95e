// Title: CHANGE_HANDLE is on again, without its limit on the new handle
// Origin: CVE-2026-23149
// Module: drm
// File: drivers/gpu/drm/drm_ioctl.c, drivers/gpu/drm/drm_gem.c
// Kernels: 7.2-
// Kind: det
// Devices: vgem
// Caught-by: gem_change_handle@refuses
// Symptom: a new handle of 0x80000000 reaches the idr as a negative number: a kernel warning
@wired@
symbol drm_invalid_op;
@@
	DRM_IOCTL_DEF(DRM_IOCTL_GEM_CHANGE_HANDLE,
-		      drm_invalid_op,
+		      drm_gem_change_handle_ioctl,
		      DRM_RENDER_ALLOW)

@@
identifier args;
@@
int drm_gem_change_handle_ioctl(...)
{
	...
-	if (args->new_handle > INT_MAX)
-		return -EINVAL;
	...
}
