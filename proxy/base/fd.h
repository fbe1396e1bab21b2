#ifndef BASE_FD_H
#define BASE_FD_H

#include <stddef.h>

struct error;

/*
 * Makes sure that 0 to 2 are open, so that nothing else lands there; reading
 * from or writing to one that was closed fails as before.  Returns 0 or -1.
 */
int fd_sanitize(void);

/*
 * Makes a close-on-exec pipe: ret_fd[0] reads, ret_fd[1] writes.  Returns 0,
 * or -1 with *err set.
 */
int fd_pipe(int ret_fd[2], struct error *err);

/* Closes *fd unless it is -1, and sets it to -1. */
void fd_close(int *fd);

/* Sets O_NONBLOCK; only for descriptors that are ours alone.  0 or -1. */
int fd_nonblock(int fd, struct error *err);

/* Writes all of it to a blocking descriptor.  0, or -1 with errno set. */
int fd_write_all(int fd, const char *at, size_t len);

#endif
