// Title: CHANGE_HANDLE is on again: the old handle lives until the change is done
// Origin: 7164d78559b0
// Module: drm
// File: drivers/gpu/drm/drm_ioctl.c, drivers/gpu/drm/drm_gem.c
// Kernels: 7.2-
// Kind: race
// Devices: vgem
// Caught-by: gem_change_race@change-vs-close-old*
// Symptom: closing the old handle during the change leaves the new one without its reference:
//          use after free
@wired@
symbol drm_invalid_op;
@@
	DRM_IOCTL_DEF(DRM_IOCTL_GEM_CHANGE_HANDLE,
-		      drm_invalid_op,
+		      drm_gem_change_handle_ioctl,
		      DRM_RENDER_ALLOW)

@@
identifier args, obj, file_priv;
@@
int drm_gem_change_handle_ioctl(..., struct drm_file *file_priv)
{
	<+...
-	obj = idr_replace(&file_priv->object_idr, NULL, args->handle);
+	obj = idr_find(&file_priv->object_idr, args->handle);
	...+>
}
