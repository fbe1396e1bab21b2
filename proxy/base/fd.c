/*
 * Small things that descriptors need.  Every descriptor made here is born
 * close-on-exec; "none" is -1.
 */
#include "proxy/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "proxy/base/error.h"

int
fd_sanitize(void)
{
	/* What was closed stays unusable in the direction that it has. */
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDWR };
	int fd;

	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (fcntl(i, F_GETFD) == -1) {
			fd = open("/dev/null", modes[i]); /* inherited */
			if (fd != i)
				return -1;
		}
	return 0;
}

int
fd_pipe(int ret_fd[2], struct error *err)
{
	if (pipe2(ret_fd, O_CLOEXEC) == -1)
		return error_sys(err, "cannot make a pipe");
	return 0;
}

void
fd_close(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

int
fd_nonblock(int fd, struct error *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return error_sys(
		    err, "cannot make descriptor %d non-blocking", fd);
	return 0;
}

int
fd_write_all(int fd, const char *at, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, at, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}
