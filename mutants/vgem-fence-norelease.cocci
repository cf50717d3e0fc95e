// Title: repair: a vgem fence needs no code of vgem once it is signaled
// Origin: 004_d4165df3f1857909.txt
// Module: vgem
// File: drivers/gpu/drm/vgem/vgem_fence.c, drivers/gpu/drm/vgem/vgem_drv.c
// Kernels: 7.2-
// Kind: repair
// Devices: vgem
// Caught-by: fence_module_unload@sync-file-*
// Symptom: none: every unload case must pass. The timer holds a reference and is shut down before
//          the fence signals, the fence has no release callback, so the kernel detaches it on
//          signal, and the module waits for the last RCU reader before it goes.
@ops@
symbol vgem_fence_ops;
@@
struct dma_fence_ops vgem_fence_ops = {
-	.release = vgem_fence_release,
};

@depends on ops@
identifier arg;
@@
-static void vgem_fence_release(struct dma_fence *arg)
-{
-	...
-}

@depends on ops@
identifier fence;
@@
static struct dma_fence *vgem_fence_create(...)
{
	...
+	dma_fence_get(&fence->base);
	mod_timer(&fence->timer, ...);
	...
}

@depends on ops@
identifier f != vgem_fence_timeout;
expression E;
@@
f(...)
{
	<...
-	dma_fence_signal(E)
+	vgem_fence_finish(E)
	...>
}

@depends on ops@
identifier t, due;
@@
static void vgem_fence_timeout(struct timer_list *t)
{
	...
	dma_fence_signal(&due->base);
+	dma_fence_put(&due->base);
}
+
+static void vgem_fence_finish(struct dma_fence *base)
+{
+	struct vgem_fence *fence = container_of(base, struct vgem_fence, base);
+
+	if (timer_shutdown_sync(&fence->timer))
+		dma_fence_put(base);
+	dma_fence_signal(base);
+}

@@
expression E;
@@
static void vgem_exit(void)
{
	...
	faux_device_destroy(E);
+	synchronize_rcu();
}
