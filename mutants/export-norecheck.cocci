// Title: export looks the handle up before it takes prime.lock and does not check it afterwards
// Origin: 000_6063b17942dccd85.txt, 319c933c71f3 drm/prime: proper locking+refcounting for
//         obj->dma_buf link
// Module: drm
// File: drivers/gpu/drm/drm_prime.c
// Kernels: 6.12-
// Kind: race
// Devices: vgem
// Caught-by: prime_export_race@export-vs-close*
// Symptom: a closed object is exported: a dma-buf and its object hold each other for ever, and the
//          file's cache keeps an entry for a handle that is gone (a warning when the file closes)
// Survives: where the machine is busy: the window is the few instructions between look-up and lock,
//          opens only while the exporter is stalled there, and takes some 1,500 attempts under
//          emulation; the two races that can hit it run for three seconds each
@lookup@
identifier dmabuf, obj, file_priv, handle;
@@
struct dma_buf *drm_gem_prime_handle_to_dmabuf(...)
{
	...
-	mutex_lock(&file_priv->prime.lock);
	obj = drm_gem_object_lookup(file_priv, handle);
	if (!obj) {
-		dmabuf = ERR_PTR(-ENOENT);
-		goto out_unlock;
+		return ERR_PTR(-ENOENT);
	}
+	mutex_lock(&file_priv->prime.lock);
	...
-out_unlock:
	mutex_unlock(&file_priv->prime.lock);
	...
}

@check depends on lookup@
identifier obj, dmabuf;
@@
static struct dma_buf *export_and_register_object(...)
{
	...
-	if (obj->handle_count == 0) {
-		...
-		return dmabuf;
-	}
	...
}
