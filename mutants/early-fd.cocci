// Title: the fd is given out before the file's cache knows the dma-buf
// Origin: 002_d17dd5e93c9a01fe.txt
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.12-
// Kind: fail
// Devices: vgem
// Caught-by: error_paths@failing-allocation-export
// Symptom: when the cache entry cannot be allocated the ioctl fails, but an fd has appeared and its
//          reference is dropped: use after free at its close
@late@
identifier dmabuf, file_priv, handle;
@@
struct dma_buf *drm_gem_prime_handle_to_dmabuf(...)
{
	...
-	ret = drm_prime_add_buf_handle(&file_priv->prime, dmabuf, handle);
	mutex_unlock(...);
-	if (ret) {
-		...
-	}
	...
}

@depends on late@
identifier dmabuf, fd, prime_fd, file_priv, handle;
@@
int drm_gem_prime_handle_to_fd(..., struct drm_file *file_priv, uint32_t handle, ...)
{
	...
	fd_install(fd, dmabuf->file);
	*prime_fd = fd;
+	mutex_lock(&file_priv->prime.lock);
+	if (!drm_prime_lookup_buf_by_handle(&file_priv->prime, handle) &&
+	    drm_prime_add_buf_handle(&file_priv->prime, dmabuf, handle)) {
+		mutex_unlock(&file_priv->prime.lock);
+		dma_buf_put(dmabuf);
+		return -ENOMEM;
+	}
+	mutex_unlock(&file_priv->prime.lock);
	return 0;
}
