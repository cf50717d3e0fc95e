// Title: closing a handle removes the first cache entry of its dma-buf, not the handle's own
// Origin: ea2aa97ca37a drm/gem: Fix GEM handle release errors
// Module: drm
// File: drivers/gpu/drm/drm_prime.c, drivers/gpu/drm/drm_gem.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: prime_self_import@every-order
// Symptom: with two handles of one object, closing either loses or keeps the wrong entry: import
//          then answers with a closed handle or makes another one
@locked@
identifier prime, h;
type T;
@@
void drm_prime_remove_buf_handle(struct drm_prime_file_private *prime, T h)
{
	...
	mutex_lock(&prime->lock);
	...
}
+
+void drm_prime_remove_buf(struct drm_prime_file_private *prime, struct dma_buf *dma_buf);
+void drm_prime_remove_buf(struct drm_prime_file_private *prime, struct dma_buf *dma_buf)
+{
+	u32 first;
+	int ret;
+
+	mutex_lock(&prime->lock);
+	ret = drm_prime_lookup_buf_handle(prime, dma_buf, &first);
+	mutex_unlock(&prime->lock);
+	if (ret == 0)
+		drm_prime_remove_buf_handle(prime, first);
+}

@depends on !locked@
identifier prime, h;
type T;
@@
void drm_prime_remove_buf_handle(struct drm_prime_file_private *prime, T h)
{
	...
}
+
+void drm_prime_remove_buf(struct drm_prime_file_private *prime, struct dma_buf *dma_buf);
+void drm_prime_remove_buf(struct drm_prime_file_private *prime, struct dma_buf *dma_buf)
+{
+	u32 first;
+
+	if (drm_prime_lookup_buf_handle(prime, dma_buf, &first) == 0)
+		drm_prime_remove_buf_handle(prime, first);
+}

@@
identifier id, ptr, data, obj;
expression file;
@@
+void drm_prime_remove_buf(struct drm_prime_file_private *prime, struct dma_buf *dma_buf);
+
static int drm_gem_object_release_handle(int id, void *ptr, void *data)
{
	...
	struct drm_gem_object *obj = ptr;
	...
-	drm_prime_remove_buf_handle(&file->prime, id);
+	if (obj->dma_buf)
+		drm_prime_remove_buf(&file->prime, obj->dma_buf);
	...
}
