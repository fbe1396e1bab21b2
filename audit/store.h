#ifndef AUDIT_STORE_H
#define AUDIT_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/part.h"

struct error;

/* Statements that folding needs; store.c has the table. */
enum stmt {
	STMT_BEGIN,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_HEAD_PUT,
	STMT_SESSION_GET,
	STMT_SESSION_PUT,
	STMT_EVENT,
	STMT_COUNT
};

/* Which rows there are: the table chain, which has one row. */
struct store_head {
	uint8_t key[CHAIN_ID]; /* zero: no key */
	uint64_t last; /* number of the newest row; 0: none yet */
	uint8_t last_hash[AUDIT_HASH];
	uint64_t anchor; /* number of the last row that was removed, or 0 */
	uint8_t anchor_hash[AUDIT_HASH];
	uint8_t seal[AUDIT_HASH]; /* over all of the above */
	int64_t swept_us; /* when retention last found nothing to do */
};

enum session_state {
	SESSION_OPEN, /* running, or ended without a word */
	SESSION_ENDED, /* its end record is here */
	SESSION_BROKEN, /* the rest of this part is of no use */
};

/* How far a session has been folded: a row of the table session. */
struct store_session {
	char name[PART_SESSION + 1];
	uint8_t nonce[PART_NONCE];
	uint32_t part;
	uint64_t offset; /* in that part: where the next record begins */
	uint64_t seq; /* of the last record */
	uint8_t link[AUDIT_HASH]; /* of the last record */
	uint64_t event; /* row of the last record */
	enum session_state state;
};

/* A row of the table event. */
struct store_row {
	uint64_t event;
	struct audit_record rec; /* texts borrowed from the statement */
	uint8_t link[AUDIT_HASH], prev[AUDIT_HASH], hash[AUDIT_HASH];
};
/* The columns that store_row_read() expects, as "SELECT" STORE_ROW. */
#define STORE_ROW                                                              \
	" event, at_us, seq, payload_bytes, payload_hash, judged_us, link,"    \
	" prev, hash, session, server, policy, direction, kind, method, tool," \
	" id, decision, stage, rule, reason, payload FROM event "
#define STORE_ROW_TEXT 9 /* index of the first text */

struct store {
	sqlite3 *db; /* owned */
	char *path; /* owned */
	sqlite3_stmt *st[STMT_COUNT]; /* owned; only when opened for writing */
};

/*
 * Opens the database at path.  With write, makes it where there is none.
 * Returns 0, or -1 with *err set: not ours, of a newer version, locked.
 * store_close() it in every case.
 */
int store_open(struct store *s, const char *path, bool write, int busy_ms,
    struct error *err);
void store_close(struct store *s);

/* Sets *err from what SQLite said last.  Returns -1. */
int store_error(const struct store *s, struct error *err);

/* Runs one statement without parameters or rows. */
int store_run(struct store *s, enum stmt stmt, struct error *err);

/* Prepares a statement of our own text; NULL with *err set. */
sqlite3_stmt *store_prepare(
    const struct store *s, const char *sql, struct error *err);

/* A statement that yields one number. */
int store_number(
    const struct store *s, const char *sql, int64_t *ret, struct error *err);

/* 1 if it has one, 0 if no row was ever written. */
int store_head_get(
    const struct store *s, struct store_head *ret, struct error *err);
/* Seals the head and writes it. */
int store_head_put(struct store *s, struct chain *c, struct store_head *head,
    struct error *err);
/* The seal that a head should have. */
void store_seal(
    struct chain *c, const struct store_head *head, uint8_t ret[AUDIT_HASH]);

/* 1 if there is such a session, 0 if not. */
int store_session_get(struct store *s, const char *name,
    struct store_session *ret, struct error *err);
int store_session_put(
    struct store *s, const struct store_session *session, struct error *err);
/* Reads a row of "SELECT * FROM session". */
int store_session_read(const struct store *s, sqlite3_stmt *st,
    struct store_session *ret, struct error *err);

/* Inserts a row behind head->last, whose hash it computes, and moves head. */
int store_add(struct store *s, struct chain *c, struct store_head *head,
    const struct audit_record *rec, struct slice body,
    const uint8_t link[AUDIT_HASH], struct error *err);

/*
 * Reads a row of STORE_ROW.  Returns 1, or -1 with *err set if a column is of
 * no use; ret->event is set all the same.
 */
int store_row_read(const struct store *s, sqlite3_stmt *st,
    struct store_row *ret, struct error *err);

/* The hash that a row should have behind prev. */
void store_row_hash(struct chain *c, uint64_t event, struct slice body,
    const uint8_t link[AUDIT_HASH], const uint8_t prev[AUDIT_HASH],
    uint8_t ret[AUDIT_HASH]);

#endif
