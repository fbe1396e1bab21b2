/*
 * One direction of the stream.  Interest is computed, never stored; nothing
 * here waits.  Descriptors 0 and 1 share their open file with whoever gave
 * them to us, so O_NONBLOCK is set only on descriptions of our own.
 */
#include "proxy/chan.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/limits.h"

/* Bytes in the out buffer above which its writer is slowed. */
#define OUT_HIGH 65536U
/* Bytes from which a line is moved instead of copied. */
#define MOVE_LINE 65536U
/* Bytes of storage kept when the out buffer is empty. */
#define OUT_KEEP 65536U
/* Bytes that a pipe holds by default, and what the pipes that we made are set
   to hold once large frames pass through them. */
#define PIPE_USUAL 65536
#define PIPE_LARGE (1 << 20)

void
chan_init(struct chan *c, size_t max_line)
{
	*c = (struct chan){ .in_fd = -1, .out_fd = -1, .out_given = -1 };
	frame_init(&c->frame, max_line);
	/* Bounded by OUT_HIGH and one frame, and its escapes, at a time. */
	buf_init(&c->out, SIZE_MAX / 4);
}

void
chan_release(struct chan *c)
{
	fd_close(&c->in_fd);
	fd_close(&c->out_fd);
	frame_release(&c->frame);
	buf_release(&c->out);
}

/*
 * Finds out how an end can be used without waiting; may exchange *fd for a
 * description of our own, and then leaves the inherited one open: closing it
 * would free its number for something else.
 */
static int
adopt(int *fd, bool shared, int flags, enum chan_end *ret, struct error *err)
{
	struct stat st;
	char path[32];
	int own;

	if (fstat(*fd, &st) == -1)
		return error_sys(err, "cannot use descriptor %d", *fd);
	if (S_ISSOCK(st.st_mode)) {
		*ret = END_SOCKET;
		return 0;
	}
	if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) {
		*ret = END_FILE;
		return 0;
	}
	if (!shared) {
		*ret = END_OWN;
		return fd_nonblock(*fd, err);
	}
	*ret = END_SHARED;
	if (!S_ISFIFO(st.st_mode))
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", *fd);
	own = open(path, flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (own == -1)
		return 0; /* as a shared one */
	*ret = END_OWN;
	*fd = own;
	return 0;
}

int
chan_set_in(struct chan *c, int fd, bool shared, struct error *err)
{
	c->in_fd = fd;
	c->in_narrow = !shared;
	return adopt(&c->in_fd, shared, O_RDONLY, &c->in_end, err);
}

int
chan_set_out(struct chan *c, int fd, bool shared, struct error *err)
{
	c->out_fd = fd;
	c->out_given = shared ? fd : -1;
	c->out_narrow = !shared;
	return adopt(&c->out_fd, shared, O_WRONLY, &c->out_end, err);
}

size_t
chan_pending(const struct chan *c)
{
	return c->out.len - c->out_at;
}

bool
chan_room(const struct chan *c)
{
	return chan_pending(c) < OUT_HIGH;
}

void
chan_interest(
    const struct chan *c, bool paused, struct pollfd *in, struct pollfd *out)
{
	*in = (struct pollfd){ .fd = c->in_fd, .events = POLLIN };
	if (c->in_eof)
		in->fd = -1; /* POLLHUP ignores events */
	else if (paused || !chan_room(c))
		*in = (struct pollfd){ .fd = c->in_hung ? -1 : c->in_fd,
			.events = POLLRDHUP };
	*out = (struct pollfd){ .fd = c->out_broken ? -1 : c->out_fd };
	if (chan_pending(c) > 0)
		out->events = POLLOUT; /* POLLERR: the reader has left */
}

/* Once; where the kernel refuses, the pipe stays as it is. */
static void
widen(int fd, bool *narrow)
{
	if (*narrow)
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_LARGE);
	*narrow = false;
}

int
chan_read(struct chan *c)
{
	char *at;
	size_t len;
	ssize_t n;

	if (c->in_eof || c->in_fd == -1)
		return -1;
	frame_space(&c->frame, &at, &len);
	n = c->in_end == END_SOCKET ? recv(c->in_fd, at, len, MSG_DONTWAIT)
				    : read(c->in_fd, at, len);
	if (n > 0) {
		frame_fed(&c->frame, (size_t)n);
		if (n >= PIPE_USUAL)
			widen(c->in_fd, &c->in_narrow);
		return 1;
	}
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	c->in_eof = true;
	return -1;
}

/* Writes at most once; the bytes written, or -1 with errno. */
static ssize_t
write_some(const struct chan *c, const struct iovec *iov, int n)
{
	struct msghdr msg = { .msg_iov = NULL };
	struct iovec piece = iov[0];

	switch (c->out_end) {
	case END_SOCKET:
		/* sendmsg(2) does not write through the pointers. */
		msg.msg_iov = (struct iovec *)(uintptr_t)iov;
		msg.msg_iovlen = (size_t)n;
		return sendmsg(c->out_fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	case END_SHARED:
		/* A pipe that polls writable takes this much at once. */
		if (poll(&(struct pollfd){ c->out_fd, POLLOUT, 0 }, 1, 0) < 1) {
			errno = EAGAIN;
			return -1;
		}
		if (iov[0].iov_len + (n > 1 ? iov[1].iov_len : 0) <= PIPE_BUF)
			return writev(c->out_fd, iov, n);
		if (piece.iov_len > PIPE_BUF)
			piece.iov_len = PIPE_BUF;
		return writev(c->out_fd, &piece, 1);
	case END_OWN:
	case END_FILE:
		return writev(c->out_fd, iov, n);
	case END_NONE:
		break;
	}
	errno = EPIPE;
	return -1;
}

static void
drop_out(struct chan *c)
{
	buf_clear(&c->out, OUT_KEEP);
	c->out_at = 0;
	c->line_end = 0;
	c->own = 0;
}

/* Tells an error that passes from one that ends the direction. */
static void
write_failed(struct chan *c)
{
	if (errno == EAGAIN || errno == EINTR)
		return;
	c->out_broken = true;
	drop_out(c);
}

void
chan_flush(struct chan *c)
{
	ssize_t n;

	while (chan_pending(c) > 0 && !c->out_broken) {
		struct iovec iov = { .iov_base = c->out.at + c->out_at };

		if (c->line_end == 0) {
			const char *lf =
			    memchr(iov.iov_base, '\n', chan_pending(c));

			assert(lf != NULL);
			c->line_end = (size_t)(lf - c->out.at) + 1;
		}
		iov.iov_len = c->line_end - c->out_at;
		n = write_some(c, &iov, 1);
		if (n == -1) {
			write_failed(c);
			return;
		}
		c->out_at += (size_t)n;
		if (c->out_at == c->line_end)
			c->line_end = 0;
	}
	if (chan_pending(c) == 0)
		drop_out(c);
}

/* Writes a message and its LF as far as it goes; bytes written of both. */
static size_t
write_now(struct chan *c, struct slice message)
{
	char lf = '\n';
	struct iovec iov[2] = {
		/* writev(2) does not write through the pointer. */
		{ (void *)(uintptr_t)message.at, message.len },
		{ &lf, 1 },
	};
	ssize_t n;

	if (chan_pending(c) > 0)
		return 0;
	if (message.len >= PIPE_USUAL)
		widen(c->out_fd, &c->out_narrow);
	n = write_some(c, iov, 2);
	if (n == -1)
		write_failed(c);
	return n > 0 ? (size_t)n : 0;
}

void
chan_queue(struct chan *c, struct slice message, bool own)
{
	size_t done;

	assert(
	    message.len > 0 && memchr(message.at, '\n', message.len) == NULL);
	if (c->out_broken || c->out_fd == -1)
		return;
	done = write_now(c, message);
	if (c->out_broken || done == message.len + 1)
		return;
	if (c->out_at > OUT_HIGH) {
		buf_drop(&c->out, c->out_at);
		c->line_end -= c->line_end > 0 ? c->out_at : 0;
		c->out_at = 0;
	}
	buf_must(buf_add(&c->out, message.at + done, message.len - done));
	buf_must(buf_add_byte(&c->out, '\n'));
	if (own)
		c->own += message.len + 1 - done;
}

void
chan_forward(struct chan *c, struct slice line)
{
	size_t done;

	if (line.len < MOVE_LINE || chan_pending(c) > 0) {
		chan_queue(c, line, false);
		return;
	}
	if (c->out_broken || c->out_fd == -1)
		return;
	assert(memchr(line.at, '\n', line.len) == NULL);
	done = write_now(c, line);
	if (c->out_broken || done == line.len + 1)
		return;
	buf_release(&c->out);
	frame_give(&c->frame, line, &c->out, &c->out_at);
	c->out.max = SIZE_MAX / 4;
	c->out_at += done;
	buf_must(buf_add_byte(&c->out, '\n'));
	c->line_end = c->out.len;
}

void
chan_close_out(struct chan *c)
{
	int null = -1;

	/* The number of an inherited one stays taken. */
	if (c->out_given != -1 &&
	    (null = open("/dev/null", O_WRONLY | O_CLOEXEC)) != -1)
		(void)dup2(null, c->out_given);
	fd_close(&null);
	if (c->out_fd != c->out_given)
		fd_close(&c->out_fd);
	c->out_fd = -1;
	c->out_given = -1;
	c->out_end = END_NONE;
	c->out_broken = true;
	drop_out(c);
}
