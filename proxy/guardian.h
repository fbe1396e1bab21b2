#ifndef PROXY_GUARDIAN_H
#define PROXY_GUARDIAN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "proxy/descend.h"

struct error;
struct spawn;

/*
 * A process of ours between the proxy and the server: it starts the server,
 * reaps what the server leaves behind, and kills all of it when the proxy is
 * gone, however that came.  It holds nothing else.
 */
struct guardian {
	pid_t pid; /* of the guardian; -1: none */
	int fd; /* owned: the socket to it; its end of file is its death */
	bool lost; /* it died before it was asked to */
	bool server_done; /* the server's own process has ended */
	int status; /* of it, as waitpid(2) gives it */
	struct descend before; /* children that are none of the server's */
};

/*
 * Starts the guardian, and by it the server.  Returns 0; or -1 with *err set
 * and *ret_exit the status to end with (126, 127; 125 for our own failure).
 */
int guardian_start(struct guardian *g, const struct spawn *sp, int *ret_exit,
    struct error *err);

/* Sends a signal to the server's process group. */
void guardian_signal(struct guardian *g, int signo);

/*
 * After g->fd polls readable: takes in what it says.  A guardian that died
 * counts as the server's death by SIGKILL, and everything is killed from here.
 */
void guardian_read(struct guardian *g);

/*
 * Kills a guardian that does not do its work; guardian_read() then takes over
 * from it.
 */
void guardian_abandon(struct guardian *g);

/*
 * Kills what is left of the server's processes and waits until it is gone.  A
 * child of ours that must live on has to be reaped before.
 */
void guardian_end(struct guardian *g);

/* The exit status of a server that is done: its own, or 128 and a signal. */
int guardian_exit(const struct guardian *g);

#endif
