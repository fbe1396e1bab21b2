#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* Longest message, in bytes, its NUL included; longer ones are cut. */
#define ERROR_MAX 1024

/* One message for a person; empty while nothing went wrong. */
struct error {
	char msg[ERROR_MAX];
};

/*
 * Sets the message.  Returns -1, so that a caller can fail in one statement.
 * A NULL err is allowed and ignored.
 */
int error_set(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, followed by ": " and the text of errno.  Returns -1. */
int error_sys(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts a text and ": " before the message that is there.  Returns -1. */
int error_wrap(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
