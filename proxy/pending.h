#ifndef PROXY_PENDING_H
#define PROXY_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/msg.h"
#include "proxy/base/buf.h"

/*
 * Requests of one side that await a response, found by their id, or by the
 * progress token that they carry.  Ids are keyed by type and exact text: 7,
 * "7" and 7.0 differ; strings are compared unescaped.
 */
struct pending_entry {
	struct pending_entry *by_id, *by_token; /* chains of the tables */
	struct pending_entry *older, *newer; /* in order of arrival */
	struct pending *owner; /* borrowed: the table that it is in */
	const struct method *method;
	struct batch *batch; /* borrowed: the batch that it came in, or NULL */
	char *tool; /* owned: for the log, cut at LIMIT_AUDIT_TEXT */
	char *id; /* owned: as it was sent */
	char *key, *token; /* owned: what the tables compare; token or NULL */
	size_t tool_len, id_len, key_len, token_len;
	bool cancelled; /* its sender expects no answer any more */
	bool answered; /* a task goes on; only its token is alive */
	bool own; /* asked by us: the answer goes no further */
	bool first_page; /* a list was asked for without a cursor */
};

struct pending {
	struct pending_entry **ids, **tokens; /* owned: tables by hash */
	size_t nslots; /* of each: a power of two */
	size_t n; /* entries */
	size_t nidle; /* of them cancelled or answered */
	struct pending_entry *oldest, *newest;
	uint64_t seed; /* random: nobody can choose what collides */
};

void pending_init(struct pending *p);
void pending_release(struct pending *p);

enum pending_fault { PENDING_OK, PENDING_TWICE, PENDING_FULL };

/*
 * Remembers a request.  A cancelled one of the same id makes way.  Returns
 * what is wrong with it: PENDING_OK with *ret (borrowed), or nothing is
 * remembered.
 */
enum pending_fault pending_add(
    struct pending *p, const struct msg *msg, struct pending_entry **ret);

/* By the id (or token) at a place of a document; NULL if there is none. */
struct pending_entry *pending_find(
    const struct pending *p, const struct json *doc, json_at id);
struct pending_entry *pending_token(
    const struct pending *p, const struct json *doc, json_at token);

/* The same by an id as it is written. */
struct pending_entry *pending_find_raw(
    const struct pending *p, struct slice id);

/* Forgets it. */
void pending_remove(struct pending_entry *e);

/* Its sender has cancelled it. */
void pending_cancel(struct pending_entry *e);

/* It was answered by a task: its progress token stays alive. */
void pending_linger(struct pending_entry *e);

#endif
