// Title: poll on a dma-buf holds no reference on its file
// Origin: ff2d23843f7f dma-buf/poll: Get a file reference for outstanding fence callbacks
// Module: vmlinux
// File: drivers/dma-buf/dma-buf.c
// Kernels: 6.1-
// Kind: det
// Devices: vgem
// Caught-by: reservation_race@poll-vs-close
// Symptom: closing a polled dma-buf with an unsignaled fence: kernel BUG in its release,
//          or the fence's callback writes to freed memory
@get@
identifier dmabuf;
@@
__poll_t dma_buf_poll(...)
{
	<+...
-	get_file(dmabuf->file);
	...+>
}

@depends on get@
identifier dmabuf;
@@
void dma_buf_poll_cb(...)
{
	...
-	fput(dmabuf->file);
}
