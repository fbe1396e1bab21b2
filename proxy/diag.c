/*
 * Our own words on stderr, one line each.  One write(2) a line, so that lines
 * of several processes do not mix; errors of writing are ignored, because a
 * client may have closed the other end.
 */
#include "proxy/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Longest line, in bytes; longer ones are cut. */
#define DIAG_MAX 2048

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
	if (write(STDERR_FILENO, line, len) == -1)
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
