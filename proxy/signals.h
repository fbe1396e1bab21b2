#ifndef PROXY_SIGNALS_H
#define PROXY_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct error;

/* Signals as a descriptor, and what was there before: the server's to have. */
struct signals {
	int fd; /* owned */
	sigset_t old; /* mask */
	struct sigaction old_chld, old_pipe, old_xfsz;
};

int signals_init(struct signals *s, struct error *err);
void signals_release(struct signals *s);

/*
 * The next signal: its number with *ret_by_kernel (a terminal hung up, and
 * nobody sent it), or 0 if there is none.
 */
int signals_next(struct signals *s, bool *ret_by_kernel);

#endif
