// Title: udmabuf frees its pages when there is no fd left for the dma-buf
// Origin: CVE-2024-56712
// Module: vmlinux
// File: drivers/dma-buf/udmabuf.c
// Kernels: 6.12-
// Kind: det
// Devices: vgem
// Caught-by: error_paths@fd-table-full
// Symptom: with a full fd table the dma-buf leaks and points to a freed udmabuf
@@
identifier dmabuf;
symbol ret;
@@
	ret = dma_buf_fd(dmabuf, ...);
	if (ret < 0)
-		dma_buf_put(dmabuf);
+		goto err;
