/*
 * One error message, set where the failure is seen and given context on the
 * way up.  Printing it is left to proxy/.  A message is always terminated and
 * never longer than ERROR_MAX.
 */
#include "proxy/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
error_set(struct error *err, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int
error_sys(struct error *err, const char *fmt, ...)
{
	char text[ERROR_MAX];
	int saved = errno;
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_set(err, "%s: %s", text, strerror(saved));
}

int
error_wrap(struct error *err, const char *fmt, ...)
{
	char text[ERROR_MAX], cause[ERROR_MAX];
	va_list ap;

	if (err == NULL)
		return -1;
	memcpy(cause, err->msg, sizeof(cause));
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_set(err, "%s: %s", text, cause);
}
