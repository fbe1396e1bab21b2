#ifndef PROXY_DESCEND_H
#define PROXY_DESCEND_H

#include <stddef.h>
#include <sys/types.h>

/* Children that we had before we became what we are, by an exec, perhaps. */
struct descend {
	pid_t spared[64];
	size_t nspared;
};

/* Remembers the children that there are now. */
void descend_spare(struct descend *d);

/*
 * Sends a signal to all that descends from us, but for what was spared (d may
 * be NULL).  Returns to how many.
 */
size_t descend_signal(const struct descend *d, int signo);

/* Kills and reaps until nothing is left but what was spared. */
void descend_kill(const struct descend *d);

#endif
