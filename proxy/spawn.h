#ifndef PROXY_SPAWN_H
#define PROXY_SPAWN_H

struct signals;

/* What the server is started with; all borrowed. */
struct spawn {
	char *const *argv; /* word for word; ends with NULL */
	int in, out; /* its 0 and 1; its 2 is ours */
	const struct signals *signals; /* its mask and dispositions */
};

/*
 * In a child of fork(2): becomes the server.  On failure writes errno as an
 * int to report_fd, which is close-on-exec, and exits.
 */
_Noreturn void spawn_exec(const struct spawn *sp, int report_fd);

#endif
