#ifndef POLICY_INJECTION_BLOB_H
#define POLICY_INJECTION_BLOB_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

struct spots;

/* A piece of a text that holds another text: base64 or hexadecimal. */
struct blob {
	size_t first, end; /* bytes of the text around it */
};

/*
 * The next such piece at *at or behind it, which moves on: true with *ret, and
 * what it holds in out, which is cleared first.  Pieces that hold no text are
 * passed over.  Linear; 2 GB/s where there are none.
 */
bool blob_next(
    struct slice text, size_t *at, struct blob *ret, struct buf *out);

/* Marks where in a frame there may be one, as far as it holds no escapes. */
void blob_spots(struct slice raw, struct spots *spots);

#endif
