#ifndef PROXY_REPLY_H
#define PROXY_REPLY_H

#include "policy/check.h"
#include "policy/method.h"
#include "proxy/base/buf.h"

/* What a refusal is made of; all borrowed. */
struct reply {
	struct slice id; /* as it was sent; empty: null */
	int code; /* of JSON-RPC */
	const struct verdict *verdict;
	const char *policy; /* name */
	const char *event; /* of the audit log; "" if it has no row */
};

/* Appends a JSON-RPC error response, without LF. */
void reply_error(struct buf *dst, const struct reply *r);

/*
 * Appends a tools/call result with isError instead; modern: with the
 * resultType that revision 2026-07-28 wants.
 */
void reply_result(struct buf *dst, const struct reply *r, bool modern);

/*
 * Appends what a server gets whose request of its client was refused: for
 * sampling error -1, for elicitation a decline, for others -32601.
 * Source: MCP, Sampling and Elicitation, "user rejected".
 */
void reply_server(
    struct buf *dst, const struct reply *r, enum method_code method);

#endif
