#ifndef POLICY_HOST_NAMED_H
#define POLICY_HOST_NAMED_H

#include <stdbool.h>

#include "proxy/base/buf.h"

/* A walk over hosts that stand behind a name; text is set, the rest 0. */
struct host_named {
	struct slice text; /* borrowed */
	size_t at; /* behind the last value */
	bool begun; /* the first call was made: the next two are set */
	bool url; /* the names are those of a URL's query */
	bool none; /* it is neither a URL nor a connection string */
};

/*
 * The next value under a name that takes a host: of a URL's query, as in
 * "?next=//HOST", or of a string that connects to a database, as in
 * "Server=HOST;" and "user@tcp(HOST)/db".  True with *ret_value, a URL or a
 * bare host without its quotes, or false at the end.  A loop over it is linear
 * in text.len.
 */
bool host_named_next(struct host_named *n, struct slice *ret_value);

#endif
