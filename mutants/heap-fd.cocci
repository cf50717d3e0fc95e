// Title: a heap's dma-buf is handed out although its fd cannot be told
// Origin: dma-heap copy-out fix of 2026
// Module: vmlinux
// File: drivers/dma-buf/dma-heap.c
// Kernels: 6.12-
// Kind: det
// Devices: vgem
// Caught-by: error_paths@read-only-argument, error_paths@partly-read-only-argument
// Symptom: ALLOC with a read-only argument fails with EFAULT, and an fd has appeared
@@
identifier fd, dmabuf;
@@
	if (copy_to_user(...) != 0) {
-		put_unused_fd(fd);
-		dma_buf_put(dmabuf);
+		fd_install(fd, dmabuf->file);
		...
	} else {
		...
	}
