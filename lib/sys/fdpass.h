/* SPDX-License-Identifier: MIT */
#ifndef SYS_FDPASS_H
#define SYS_FDPASS_H

/**
 * Passes @fd through a unix socket (SCM_RIGHTS). The queue holds the file until it is received or
 * the last fd of the receiving socket is closed. 0 or -errno.
 */
int sys_fd_send(int socket, int fd);

/** Receives one: a new fd, close-on-exec, or -errno; -ENOMSG when a message came without one. */
int sys_fd_receive(int socket);

#endif
