// Title: CHANGE_HANDLE is on again: both handles live during the change
// Origin: 53096728b891 drm: Add DRM prime interface to reassign GEM handle, 5e28b7b94408
// Module: drm
// File: drivers/gpu/drm/drm_ioctl.c, drivers/gpu/drm/drm_gem.c
// Kernels: 7.2-
// Kind: race
// Devices: vgem
// Caught-by: gem_change_race@change-vs-close-old*
// Symptom: closing the old handle during the change leaves a handle without its reference:
//          use after free
@wired@
symbol drm_invalid_op;
@@
	DRM_IOCTL_DEF(DRM_IOCTL_GEM_CHANGE_HANDLE,
-		      drm_invalid_op,
+		      drm_gem_change_handle_ioctl,
		      DRM_RENDER_ALLOW)

@@
symbol ret;
identifier args, obj, file_priv, new_handle;
expression gfp;
statement S;
@@
int drm_gem_change_handle_ioctl(..., struct drm_file *file_priv)
{
	...
	mutex_lock(&file_priv->prime.lock);
	spin_lock(&file_priv->table_lock);
-	ret = idr_alloc(&file_priv->object_idr, NULL, new_handle, new_handle + 1, gfp);
+	obj = idr_find(&file_priv->object_idr, args->handle);
+	if (!obj) {
+		spin_unlock(&file_priv->table_lock);
+		ret = -ENOENT;
+		goto out_unlock;
+	}
+	ret = idr_alloc(&file_priv->object_idr, obj, new_handle, new_handle + 1, gfp);
	if (ret < 0) S
-	obj = idr_replace(&file_priv->object_idr, NULL, args->handle);
-	if (IS_ERR_OR_NULL(obj)) {
-		...
-	}
	...
	idr_remove(&file_priv->object_idr, args->handle);
-	obj = idr_replace(&file_priv->object_idr, obj, new_handle);
	spin_unlock(&file_priv->table_lock);
-	WARN_ON(obj != NULL);
	...
}
