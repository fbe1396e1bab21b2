#ifndef PROXY_LISTER_H
#define PROXY_LISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/base/buf.h"

struct decision;
struct pipeline;

/*
 * Asks the server for its tools where its client calls one before it has
 * listed them: the call waits for what its arguments are to be judged by.  The
 * client sees nothing of it.
 */

/* Milliseconds that a call waits for a server that does not say. */
#define LISTER_WAIT_MS 2000
/* Pages of one listing that are asked for. */
#define LISTER_PAGES 256U

struct lister {
	bool waiting; /* an answer is on its way */
	bool held; /* line holds what the client sent last */
	bool gave_up; /* the server did not answer in time, or with an error */
	unsigned pages; /* asked for in this listing */
	int64_t due_ms; /* monotonic: when waiting ends */
	uint64_t asked; /* requests of ours so far */
	struct buf line; /* owned: the line that waits */
	struct buf meta; /* owned: _meta of our requests; empty: none */
};

void lister_init(struct lister *l);
void lister_release(struct lister *l);

/*
 * Does the line of the client's in p->doc have to wait?  Then it is kept here,
 * the server has been asked, and lister_ready() tells when to go on.
 */
bool lister_holds(struct pipeline *p, struct slice line);

/* Is there a line that has waited long enough?  Borrowed until lister_done().
 */
bool lister_ready(const struct pipeline *p, struct slice *ret_line);
void lister_done(struct pipeline *p);

/* Takes an answer to a request of ours: it goes no further. */
void lister_take(struct pipeline *p, struct decision *d);

/* Waits no longer, as the server has ended or its time is over. */
void lister_give_up(struct pipeline *p);

/* What is known of the server's tools was learnt by other rules. */
void lister_forget(struct pipeline *p);

/* Milliseconds until then, or -1. */
int64_t lister_due(const struct pipeline *p, int64_t now_ms);

#endif
