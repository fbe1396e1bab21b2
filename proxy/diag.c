/*
 * Our own words on stderr, one line each.  One write(2) a line, so that lines
 * of several processes do not mix.  A line that cannot be written at once is
 * lost: a client may have closed the other end, or may not read it, and what
 * it says stands in the log as well.
 */
#include "proxy/diag.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Longest line, in bytes; longer ones are cut. */
#define DIAG_MAX 2048
static_assert(DIAG_MAX <= PIPE_BUF, "a line is written whole or not at all");

static int verbosity = 1;

void
diag_verbosity(int level)
{
	verbosity = level;
}

__attribute__((format(printf, 1, 0))) static void
diag_write(const char *fmt, va_list ap)
{
	static const char prefix[] = "mcpshield: ";
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	char line[DIAG_MAX];
	size_t len = sizeof(prefix) - 1;
	int n;

	memcpy(line, prefix, len);
	n = vsnprintf(line + len, sizeof(line) - len - 1, fmt, ap);
	if (n < 0)
		return;
	len += (size_t)n;
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (send(STDERR_FILENO, line, len, MSG_DONTWAIT | MSG_NOSIGNAL) != -1 ||
	    errno != ENOTSOCK)
		return;
	/* A pipe that polls writable takes PIPE_BUF bytes without waiting. */
	if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0 &&
	    write(STDERR_FILENO, line, len) == -1)
		return; /* nobody listens */
}

void
diag(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_write(fmt, ap);
	va_end(ap);
}

void
diag_info(const char *fmt, ...)
{
	va_list ap;

	if (verbosity < 1)
		return;
	va_start(ap, fmt);
	diag_write(fmt, ap);
	va_end(ap);
}
