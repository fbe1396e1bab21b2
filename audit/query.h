#ifndef AUDIT_QUERY_H
#define AUDIT_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/store.h"

struct error;

/* Which rows; NULL and 0 ask for nothing. */
struct query {
	int64_t since_us; /* since the epoch */
	const char *decision, *server, *tool, *session, *stage;
	uint64_t event; /* its number */
	uint64_t seq; /* its number within session */
	uint64_t after; /* rows behind this one */
	bool findings; /* only what was not simply allowed */
	int64_t newest; /* only so many, the newest */
	char session_text[PART_SESSION + 1]; /* set by query_event() */
};

/* A reader of the database. */
struct reader {
	struct store store;
	sqlite3_stmt *st; /* owned: the query that runs, or NULL */
};

/*
 * Is there a database at path, or a journal from which one can be made?
 * Then 1, else 0; -1 with *err set if that cannot be said.
 */
int query_exists(const char *path, struct error *err);

/*
 * Reads "5f3a9c2e-17" or a row's number into *q.  Returns 0, or -1 with *err
 * set.
 */
int query_event(const char *text, struct query *q, struct error *err);

/*
 * Reads a time: "2026-01-02", "2026-01-02T03:04[:05]" with a space for the T
 * if you like and Z or +hh:mm behind it (none: UTC), or a span before now_us:
 * a number and one of s m h d w.  Returns 0, or -1 with *err set.
 */
int query_since(
    const char *text, int64_t now_us, int64_t *ret_us, struct error *err);

/* reader_close() it in every case. */
int reader_open(
    struct reader *r, const char *path, int busy_ms, struct error *err);
void reader_close(struct reader *r);

/* Begins a query, oldest row first. */
int reader_begin(struct reader *r, const struct query *q, struct error *err);

/* 1 with the next row, whose texts live until the next call, 0 at the end. */
int reader_next(struct reader *r, struct store_row *ret, struct error *err);

#endif
