#ifndef PROXY_LADDER_H
#define PROXY_LADDER_H

#include <stddef.h>
#include <stdint.h>

/* Why a server is made to end. */
enum ladder_kind {
	LADDER_NONE, /* it is not */
	LADDER_EOF, /* its client has gone */
	LADDER_SIGNAL, /* we were told to end */
	LADDER_COUNT
};

/* Steps that are no signals. */
#define STEP_CLOSE 0 /* its standard input is closed */
#define STEP_NONE (-1) /* nothing is due */
#define STEP_ABANDON (-2) /* the guardian does not do its work */

/* The steps towards the end of a server that does not leave by itself. */
struct ladder {
	enum ladder_kind kind;
	size_t next; /* step to be done */
	int64_t begun_ms; /* monotonic */
};

/* Begins; a signal may take the place of the client's leaving. */
void ladder_begin(struct ladder *l, enum ladder_kind kind, int64_t now_ms);

/* The server still reads what its client has left: the time begins anew. */
void ladder_wait(struct ladder *l, int64_t now_ms);

/* Takes the next step that is due: a signal or one of the above. */
int ladder_next(struct ladder *l, int64_t now_ms);

/* Milliseconds until the next step, not below 0; -1 if there is none. */
int64_t ladder_due(const struct ladder *l, int64_t now_ms);

#endif
