/*
 * The rows of the three tables, as structs.  Numbers that the schema cannot
 * bound are taken as they are: whether they make sense is for the chain.
 */
#include <stdlib.h>

#include "audit/store.h"
#include "proxy/base/error.h"

/* SQLITE_STATIC: every statement is stepped before its texts go away. */
static bool
bind_blob(sqlite3_stmt *st, int i, const uint8_t *at, size_t len)
{
	return sqlite3_bind_blob(st, i, at, (int)len, SQLITE_STATIC) ==
	       SQLITE_OK;
}

static bool
bind_text(sqlite3_stmt *st, int i, struct slice text)
{
	return sqlite3_bind_text(st, i, text.len > 0 ? text.at : "",
		   (int)text.len, SQLITE_STATIC) == SQLITE_OK;
}

static bool
bind_number(sqlite3_stmt *st, int i, uint64_t n)
{
	return sqlite3_bind_int64(st, i, (sqlite3_int64)n) == SQLITE_OK;
}

/* Copies a blob of exactly len bytes. */
static bool
take_blob(sqlite3_stmt *st, int i, uint8_t *dst, size_t len)
{
	const void *at = sqlite3_column_blob(st, i);

	if (at == NULL || (size_t)sqlite3_column_bytes(st, i) != len)
		return false;
	memcpy(dst, at, len);
	return true;
}

static struct slice
take_text(sqlite3_stmt *st, int i)
{
	const char *at = sqlite3_column_blob(st, i);

	return (struct slice){ .at = at,
		.len = at != NULL ? (size_t)sqlite3_column_bytes(st, i) : 0 };
}

static uint64_t
take_number(sqlite3_stmt *st, int i)
{
	return (uint64_t)sqlite3_column_int64(st, i);
}

/* Steps a statement that yields nothing, if bound went well. */
static int
finish(const struct store *s, sqlite3_stmt *st, bool bound, struct error *err)
{
	int rc = 0;

	if (!bound || sqlite3_step(st) != SQLITE_DONE)
		rc = store_error(s, err);
	sqlite3_reset(st);
	return rc;
}

void
store_seal(
    struct chain *c, const struct store_head *head, uint8_t ret[AUDIT_HASH])
{
	uint8_t text[16 + AUDIT_HASH];

	put64(text, head->last);
	put64(text + 8, head->anchor);
	memcpy(text + 16, head->anchor_hash, AUDIT_HASH);
	chain_hash(c, CHAIN_HEAD, head->last_hash,
	    chain_bytes(head->key, CHAIN_ID), chain_bytes(text, sizeof(text)),
	    ret);
}

int
store_head_get(const struct store *s, struct store_head *ret, struct error *err)
{
	sqlite3_stmt *st = store_prepare(s,
	    "SELECT key, last, last_hash, anchor, anchor_hash, seal, swept_us"
	    " FROM chain",
	    err);
	int rc = -1, got;

	if (st == NULL)
		return -1;
	*ret = (struct store_head){ 0 };
	got = sqlite3_step(st);
	if (got == SQLITE_DONE)
		rc = 0; /* none was ever written */
	else if (got != SQLITE_ROW)
		store_error(s, err);
	else if (!take_blob(st, 0, ret->key, CHAIN_ID) ||
		 !take_blob(st, 2, ret->last_hash, AUDIT_HASH) ||
		 !take_blob(st, 4, ret->anchor_hash, AUDIT_HASH) ||
		 !take_blob(st, 5, ret->seal, AUDIT_HASH))
		error_set(
		    err, "audit database '%s': its head is damaged", s->path);
	else
		rc = 1;
	if (rc == 1) {
		ret->last = take_number(st, 1);
		ret->anchor = take_number(st, 3);
		ret->swept_us = sqlite3_column_int64(st, 6);
	}
	sqlite3_finalize(st);
	return rc;
}

int
store_head_put(struct store *s, struct chain *c, struct store_head *head,
    struct error *err)
{
	sqlite3_stmt *st = s->st[STMT_HEAD_PUT];

	store_seal(c, head, head->seal);
	return finish(s, st,
	    bind_blob(st, 1, head->key, CHAIN_ID) &&
		bind_number(st, 2, head->last) &&
		bind_blob(st, 3, head->last_hash, AUDIT_HASH) &&
		bind_number(st, 4, head->anchor) &&
		bind_blob(st, 5, head->anchor_hash, AUDIT_HASH) &&
		bind_blob(st, 6, head->seal, AUDIT_HASH) &&
		bind_number(st, 7, (uint64_t)head->swept_us),
	    err);
}

int
store_session_read(const struct store *s, sqlite3_stmt *st,
    struct store_session *ret, struct error *err)
{
	struct slice name = take_text(st, 0);

	*ret = (struct store_session){ .part = (uint32_t)take_number(st, 2),
		.offset = take_number(st, 3),
		.seq = take_number(st, 4),
		.event = take_number(st, 6),
		.state = (enum session_state)sqlite3_column_int(st, 7) };
	if (name.len != PART_SESSION ||
	    !take_blob(st, 1, ret->nonce, PART_NONCE) ||
	    !take_blob(st, 5, ret->link, AUDIT_HASH))
		return error_set(err,
		    "audit database '%s': its table of sessions is damaged",
		    s->path);
	memcpy(ret->name, name.at, PART_SESSION);
	return 1;
}

int
store_session_get(struct store *s, const char *name, struct store_session *ret,
    struct error *err)
{
	sqlite3_stmt *st = s->st[STMT_SESSION_GET];
	int rc = -1, got = SQLITE_ERROR;

	if (bind_text(st, 1, slice_of(name)))
		got = sqlite3_step(st);
	if (got == SQLITE_ROW)
		rc = store_session_read(s, st, ret, err);
	else if (got == SQLITE_DONE)
		rc = 0;
	else
		store_error(s, err);
	sqlite3_reset(st);
	return rc;
}

int
store_session_put(
    struct store *s, const struct store_session *session, struct error *err)
{
	sqlite3_stmt *st = s->st[STMT_SESSION_PUT];

	return finish(s, st,
	    bind_text(st, 1, slice_of(session->name)) &&
		bind_blob(st, 2, session->nonce, PART_NONCE) &&
		bind_number(st, 3, session->part) &&
		bind_number(st, 4, session->offset) &&
		bind_number(st, 5, session->seq) &&
		bind_blob(st, 6, session->link, AUDIT_HASH) &&
		bind_number(st, 7, session->event) &&
		bind_number(st, 8, (uint64_t)session->state),
	    err);
}

void
store_row_hash(struct chain *c, uint64_t event, struct slice body,
    const uint8_t link[AUDIT_HASH], const uint8_t prev[AUDIT_HASH],
    uint8_t ret[AUDIT_HASH])
{
	uint8_t first[8 + AUDIT_HASH];

	put64(first, event);
	memcpy(first + 8, link, AUDIT_HASH);
	chain_hash(
	    c, CHAIN_ROW, prev, chain_bytes(first, sizeof(first)), body, ret);
}

int
store_add(struct store *s, struct chain *c, struct store_head *head,
    const struct audit_record *rec, struct slice body,
    const uint8_t link[AUDIT_HASH], struct error *err)
{
	sqlite3_stmt *st = s->st[STMT_EVENT];
	uint8_t hash[AUDIT_HASH];
	bool ok;
	int rc;

	store_row_hash(c, head->last + 1, body, link, head->last_hash, hash);
	ok = bind_number(st, 1, head->last + 1) &&
	     bind_number(st, 2, (uint64_t)rec->when_us) &&
	     bind_number(st, 3, rec->seq) &&
	     bind_number(st, 4, rec->payload_len) &&
	     bind_blob(st, 5, rec->payload_hash, AUDIT_HASH) &&
	     bind_number(st, 6, rec->judged_us) &&
	     bind_blob(st, 7, link, AUDIT_HASH) &&
	     bind_blob(st, 8, head->last_hash, AUDIT_HASH) &&
	     bind_blob(st, 9, hash, AUDIT_HASH);
	for (enum record_text i = 0; i < TEXT_COUNT; i++) {
		int at = STORE_ROW_TEXT + 1 + (int)i;

		if (i == TEXT_PAYLOAD && !rec->payload_kept)
			ok = ok && sqlite3_bind_null(st, at) == SQLITE_OK;
		else
			ok = ok && bind_text(st, at, record_get(rec, i));
	}
	if ((rc = finish(s, st, ok, err)) == 0) {
		head->last++;
		memcpy(head->last_hash, hash, AUDIT_HASH);
	}
	return rc;
}

int
store_row_read(const struct store *s, sqlite3_stmt *st, struct store_row *ret,
    struct error *err)
{
	struct audit_record *rec = &ret->rec;

	ret->event = take_number(st, 0);
	*rec = (struct audit_record){ .when_us = sqlite3_column_int64(st, 1),
		.seq = take_number(st, 2),
		.payload_len = take_number(st, 3),
		.judged_us = (uint32_t)take_number(st, 5),
		.payload_kept =
		    sqlite3_column_type(st, STORE_ROW_TEXT + TEXT_PAYLOAD) !=
		    SQLITE_NULL };
	for (enum record_text i = 0; i < TEXT_COUNT; i++) {
		*record_text(rec, i) = take_text(st, STORE_ROW_TEXT + (int)i);
		if (record_get(rec, i).len > record_columns[i].max)
			goto damaged;
	}
	if (take_number(st, 5) > UINT32_MAX ||
	    !take_blob(st, 4, rec->payload_hash, AUDIT_HASH) ||
	    !take_blob(st, 6, ret->link, AUDIT_HASH) ||
	    !take_blob(st, 7, ret->prev, AUDIT_HASH) ||
	    !take_blob(st, 8, ret->hash, AUDIT_HASH))
		goto damaged;
	return 1;
damaged:
	return error_set(err, "audit database '%s': row %llu is damaged",
	    s->path, (unsigned long long)ret->event);
}
