// Title: CHANGE_HANDLE is on again: the object never arrives at the new handle
// Origin: dc366607c41c
// Module: drm
// File: drivers/gpu/drm/drm_ioctl.c, drivers/gpu/drm/drm_gem.c
// Kernels: 7.2-
// Kind: det
// Devices: vgem
// Caught-by: gem_change_handle@moves
// Symptom: the new handle is ENOENT and the object is lost: it leaks, with its cached dma-buf
@wired@
symbol drm_invalid_op;
@@
	DRM_IOCTL_DEF(DRM_IOCTL_GEM_CHANGE_HANDLE,
-		      drm_invalid_op,
+		      drm_gem_change_handle_ioctl,
		      DRM_RENDER_ALLOW)

@@
identifier obj, file_priv, new_handle;
@@
int drm_gem_change_handle_ioctl(..., struct drm_file *file_priv)
{
	<+...
-	obj = idr_replace(&file_priv->object_idr, obj, new_handle);
	spin_unlock(&file_priv->table_lock);
-	WARN_ON(obj != NULL);
	...+>
}
