/*
 * The rows of the chain, one after the other: each with its hash, each hash
 * with the next row, each link with the row before it in its session.
 */
#include "audit/prove.h"

#include <inttypes.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"

int
prove_compare(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int
prove_found(struct prove *r, const char *fmt, ...)
{
	va_list ap;

	if (!r->out->whole)
		return 0;
	r->out->whole = false;
	va_start(ap, fmt);
	(void)vsnprintf(r->out->finding, sizeof(r->out->finding), fmt, ap);
	va_end(ap);
	return 0;
}

static int
found_row(struct prove *r, const struct store_row *row, const char *what)
{
	char session[PART_SESSION * 4 + 8];

	return prove_found(r, "row %" PRIu64 " (%s-%" PRIu64 "): %s",
	    row->event, quote(session, sizeof(session), row->rec.session),
	    row->rec.seq, what);
}

/* Is there a row of this session and number anywhere? */
static bool
exists(const struct prove *r, struct slice session, uint64_t seq)
{
	sqlite3_stmt *st = store_prepare(&r->store,
	    "SELECT 1 FROM event WHERE session = ?1 AND seq = ?2", NULL);
	bool yes = st != NULL &&
		   sqlite3_bind_text(st, 1, session.at, (int)session.len,
		       SQLITE_STATIC) == SQLITE_OK &&
		   sqlite3_bind_int64(st, 2, (sqlite3_int64)seq) == SQLITE_OK &&
		   sqlite3_step(st) == SQLITE_ROW;

	sqlite3_finalize(st);
	return yes;
}

/* A row that is no record of a session but tells of a broken journal. */
static bool
is_note(const struct store_row *row)
{
	return row->rec.seq == 0 && slice_is(row->rec.kind, "journal") &&
	       slice_is(row->rec.decision, "broken");
}

/* The session's entry, made if need be; NULL if the name is none. */
static struct seen *
session_of(struct prove *r, struct slice name)
{
	struct seen key = { .seq = 0 }, *got, **at;

	if (name.len != PART_SESSION)
		return NULL;
	memcpy(key.name, name.at, PART_SESSION);
	at = tfind(&key, &r->sessions, prove_compare);
	if (at != NULL)
		return *at;
	got = xcalloc(1, sizeof(*got));
	*got = key;
	got->loose = r->out->anchor > 0; /* may continue what is removed */
	if (tsearch(got, &r->sessions, prove_compare) == NULL) {
		free(got);
		return NULL;
	}
	r->out->sessions++;
	return got;
}

/* What the row's content does not agree with, when its hash is not right. */
static const char *
why_hash(
    const struct prove *r, const struct store_row *row, const struct seen *seen)
{
	bool known = seen != NULL && seen->event > 0 && !is_note(row);

	if (known && row->rec.seq != seen->seq + 1)
		return exists(r, row->rec.session, seen->seq + 1)
			   ? "order changed"
			   : "row missing before it";
	if (memcmp(row->prev, r->prev, AUDIT_HASH) != 0)
		return "order changed, or a row replaced: it does not follow "
		       "the row before it";
	return "row changed";
}

/* The session's own chain. */
static int
check_link(struct prove *r, const struct store_row *row, struct seen *seen,
    struct slice body)
{
	static const uint8_t zero[AUDIT_HASH];
	uint8_t link[AUDIT_HASH];
	bool first = row->rec.seq == 1, loose = seen->loose;

	if (!loose && !first && row->rec.seq != seen->seq + 1)
		return found_row(r, row,
		    row->rec.seq > seen->seq
			? "row missing before it in its session"
			: "row of its session repeated");
	chain_hash(&r->chain, CHAIN_LINK, first ? zero : seen->link, body,
	    (struct slice){ 0 }, link);
	if ((first || !loose) && memcmp(link, row->link, AUDIT_HASH) != 0)
		return found_row(
		    r, row, "row changed: its session's chain does not hold");
	seen->seq = row->rec.seq;
	seen->event = row->event;
	memcpy(seen->link, row->link, AUDIT_HASH);
	seen->loose = false;
	seen->ended = slice_is(row->rec.kind, "session") &&
		      slice_is(row->rec.decision, "end");
	return 0;
}

static int
check_row(struct prove *r, const struct store_row *row)
{
	uint8_t hash[AUDIT_HASH];
	struct seen *seen = session_of(r, row->rec.session);
	struct slice body;

	if (row->event != r->last + 1)
		return prove_found(r,
		    "row %" PRIu64 ": row missing (the next is %" PRIu64 ")",
		    r->last + 1, row->event);
	body = chain_bytes(r->body, record_encode(&row->rec, r->body));
	store_row_hash(&r->chain, row->event, body, row->link, r->prev, hash);
	if (memcmp(hash, row->hash, AUDIT_HASH) != 0 || seen == NULL)
		return found_row(r, row, why_hash(r, row, seen));
	if (memcmp(row->prev, r->prev, AUDIT_HASH) != 0)
		return found_row(r, row, "row changed");
	if (is_note(row)) {
		seen->loose = true;
		r->out->broken++;
	} else if (check_link(r, row, seen, body) == 0 && !r->out->whole) {
		return 0;
	}
	r->last = row->event;
	memcpy(r->prev, hash, AUDIT_HASH);
	r->met = r->met ||
		 (r->want != NULL && memcmp(hash, r->want, AUDIT_HASH) == 0);
	if (r->out->rows++ == 0)
		r->out->first = row->event;
	r->out->last = row->event;
	return 0;
}

int
prove_rows(struct prove *r, struct error *err)
{
	sqlite3_stmt *st =
	    store_prepare(&r->store, "SELECT" STORE_ROW "ORDER BY event", err);
	struct store_row row;
	int rc = -1, got;

	if (st == NULL)
		return -1;
	while ((got = sqlite3_step(st)) == SQLITE_ROW && r->out->whole) {
		if (store_row_read(&r->store, st, &row, NULL) == -1)
			prove_found(
			    r, "row %" PRIu64 ": row changed", row.event);
		else
			check_row(r, &row);
	}
	if (got == SQLITE_DONE || !r->out->whole)
		rc = 0;
	else
		store_error(&r->store, err);
	sqlite3_finalize(st);
	return rc;
}
