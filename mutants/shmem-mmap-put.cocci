// Title: mmap of an imported object drops the object's reference twice
// Origin: drm/shmem-helper mmap fixes of 2022
// Module: drm_shmem_helper
// File: drivers/gpu/drm/drm_gem_shmem_helper.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: prime_cross_device@import-mmap
// Symptom: the importing object is freed while its handle lives
@@
symbol ret;
identifier obj;
@@
	ret = dma_buf_mmap(obj->dma_buf, ...);
	...
	if (!ret)
+	{
+		drm_gem_object_put(obj);
		drm_gem_object_put(obj);
+	}
