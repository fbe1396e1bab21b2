#ifndef AUDIT_PIN_TABLE_H
#define AUDIT_PIN_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/store.h"
#include "policy/canon_field.h"

struct error;

/* Tools of one server that are pinned. */
#define PIN_TOOLS_MAX 4096
/* Bytes of the definitions that are kept of one server as text. */
#define PIN_TEXTS_MAX (4 << 20)

/* What a row is to its tool, which has one of each at most. */
enum pin_state {
	PIN_ACCEPTED,
	PIN_WAITING, /* what the server says now, and nobody has accepted */
	PIN_AWAITED, /* was reset: whatever comes next is accepted */
};

/* A row of the table pin; in rows that are read, all is borrowed. */
struct pin_row {
	struct slice server, tool;
	enum pin_state state;
	int64_t first_us; /* when it was seen first */
	int64_t accepted_us; /* 0: it waits */
	int64_t gone_us; /* since when the server lists no such tool, or 0 */
	struct slice session; /* that saw it first */
	uint8_t hash[CANON_HASH], nameless[CANON_HASH];
	uint8_t field[CANON_FIELDS][CANON_HASH];
	struct slice text; /* canonical; empty: it was too long */
};

enum pin_stmt {
	PIN_SQL_GET, /* the rows of one tool */
	PIN_SQL_LIST, /* the rows of one server */
	PIN_SQL_BARE, /* the same without their texts */
	PIN_SQL_ALL, /* all rows */
	PIN_SQL_KNOWN, /* is there any row of a server? */
	PIN_SQL_COUNT, /* tools of a server */
	PIN_SQL_BYTES, /* of the texts of a server */
	PIN_SQL_LIKE, /* accepted tools of one definition; no texts */
	PIN_SQL_ELSEWHERE, /* another server with a tool; no text */
	PIN_SQL_PUT,
	PIN_SQL_DROP, /* the row of a tool in one state */
	PIN_SQL_GONE, /* sets gone_us */
	PIN_SQL_ACCEPT, /* the waiting row of a tool becomes the accepted */
	PIN_SQL_COUNT_OF
};

/* The table pin, in the audit database or in a file of its own. */
struct pin_table {
	struct store store;
	sqlite3_stmt *st[PIN_SQL_COUNT_OF]; /* owned */
};

/*
 * Opens the database at path.  With write, makes it and the table where there
 * is none.  Returns 0, or -1 with *err set; without write 1 where there is no
 * table.  pin_table_close() it in every case.
 */
int pin_table_open(struct pin_table *t, const char *path, bool write,
    int busy_ms, struct error *err);
void pin_table_close(struct pin_table *t);

/* Begins or ends a transaction.  0, or -1 with *err set. */
int pin_table_begin(struct pin_table *t, bool write, struct error *err);
int pin_table_commit(struct pin_table *t, struct error *err);
void pin_table_rollback(struct pin_table *t);

/*
 * Begins a statement with a server's and a tool's name as its first
 * parameters, either of them {NULL, 0} for none.  pin_table_next() yields its
 * rows: 1 with *ret, 0 at the end, -1 with *err set.
 */
sqlite3_stmt *pin_table_ask(struct pin_table *t, enum pin_stmt stmt,
    struct slice server, struct slice tool);
int pin_table_next(struct pin_table *t, enum pin_stmt stmt, struct pin_row *ret,
    struct error *err);

/* Runs what was begun; of a statement that yields a number, sets it. */
int pin_table_run(
    struct pin_table *t, enum pin_stmt stmt, int64_t *ret, struct error *err);

/* Writes a row, in the place of the tool's one in that state. */
int pin_table_put(
    struct pin_table *t, const struct pin_row *row, struct error *err);

/* Removes the row of a tool in one state, if it has one. */
int pin_table_drop(struct pin_table *t, struct slice server, struct slice tool,
    enum pin_state state, struct error *err);

/* Microseconds since the epoch. */
int64_t pin_table_now(void);

#endif
