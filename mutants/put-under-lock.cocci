// Title: a failed import deletes its handle under prime.lock
// Origin: 002_d17dd5e93c9a01fe.txt (v2)
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.1-
// Kind: fail
// Devices: vgem
// Caught-by: error_paths@failing-allocation-import
// Symptom: the file's prime.lock is taken twice: the task hangs
@held@
symbol ret;
expression file_priv, dma_buf, handle;
@@
	ret = drm_prime_add_buf_handle(&file_priv->prime, dma_buf, handle);
-	mutex_unlock(&file_priv->prime.lock);
	if (ret)
		goto fail;
+	mutex_unlock(&file_priv->prime.lock);

@depends on held@
expression file_priv, handle;
@@
	drm_gem_handle_delete(file_priv, handle);
+	mutex_unlock(&file_priv->prime.lock);
