/*
 * The table of pins: its schema, its statements, a row to a struct and back.
 * It stands beside the events and is no part of their chain; a database made
 * before there were pins gets it when a proxy first has something to pin.
 * Names of tools are blobs, for a peer chose their bytes.
 */
#include "audit/pin_table.h"

#include <string.h>
#include <time.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"

/*
 * Indices: definitions by what they are without their name, and the servers
 * that have a tool of some name.
 */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS pin ("
    " server TEXT NOT NULL, tool BLOB NOT NULL, state INTEGER NOT NULL,"
    " first_us INTEGER NOT NULL, accepted_us INTEGER NOT NULL,"
    " gone_us INTEGER NOT NULL, session TEXT NOT NULL, hash BLOB NOT NULL,"
    " nameless BLOB NOT NULL, fields BLOB NOT NULL, definition TEXT NOT NULL,"
    " PRIMARY KEY (server, tool, state)) STRICT;"
    "CREATE INDEX IF NOT EXISTS pin_nameless ON pin (server, nameless);"
    "CREATE INDEX IF NOT EXISTS pin_tool ON pin (tool, server);";

/* As read_row() expects them. */
#define COLUMNS_OF(text)                                                       \
	"SELECT state, first_us, accepted_us, gone_us, server, tool,"          \
	" session, hash, nameless, fields, " text " FROM pin "
#define COLUMNS COLUMNS_OF("definition")
#define COLUMNS_BARE COLUMNS_OF("''")

static const char *const sql[] = {
	[PIN_SQL_GET] =
	    COLUMNS "WHERE server = ?1 AND tool = ?2 ORDER BY state",
	[PIN_SQL_LIST] = COLUMNS "WHERE server = ?1 ORDER BY tool, state",
	[PIN_SQL_BARE] = COLUMNS_BARE "WHERE server = ?1 ORDER BY tool, state",
	[PIN_SQL_ALL] = COLUMNS "ORDER BY server, tool, state",
	[PIN_SQL_KNOWN] = "SELECT EXISTS (SELECT 1 FROM pin WHERE server = ?1)",
	[PIN_SQL_COUNT] = "SELECT count(DISTINCT tool) FROM pin"
			  " WHERE server = ?1",
	[PIN_SQL_BYTES] = "SELECT coalesce(sum(length(CAST(definition AS"
			  " BLOB))), 0) FROM pin WHERE server = ?1",
	[PIN_SQL_LIKE] = COLUMNS_BARE "WHERE server = ?1 AND nameless = ?3 AND"
				      " state = 0 AND tool <> ?2 LIMIT 16",
	[PIN_SQL_ELSEWHERE] =
	    COLUMNS_BARE "WHERE tool = ?2 AND server <> ?1 AND gone_us = 0"
			 " ORDER BY server LIMIT 1",
	[PIN_SQL_PUT] = "INSERT OR REPLACE INTO pin (server, tool, state,"
			" first_us, accepted_us, gone_us, session, hash,"
			" nameless, fields, definition) VALUES"
			" (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
	[PIN_SQL_DROP] = "DELETE FROM pin WHERE server = ?1 AND tool = ?2 AND"
			 " state = ?3",
	[PIN_SQL_GONE] = "UPDATE pin SET gone_us = ?3 WHERE server = ?1 AND"
			 " tool = ?2 AND state = 0",
	[PIN_SQL_ACCEPT] = "UPDATE pin SET state = 0, accepted_us = ?3 WHERE"
			   " server = ?1 AND tool = ?2 AND state = 1",
};
static_assert(nitems(sql) == PIN_SQL_COUNT_OF, "a text for each statement");

int64_t
pin_table_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int
has_table(const struct pin_table *t, int64_t *ret, struct error *err)
{
	return store_number(&t->store,
	    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND"
	    " name = 'pin'",
	    ret, err);
}

int
pin_table_open(struct pin_table *t, const char *path, bool write, int busy_ms,
    struct error *err)
{
	int64_t there = 0;

	*t = (struct pin_table){ .st = { NULL } };
	if (store_open(&t->store, path, write, busy_ms, err) == -1 ||
	    has_table(t, &there, err) == -1)
		return -1;
	if (there == 0 && !write)
		return 1;
	if (there == 0 && (pin_table_begin(t, true, err) == -1 ||
			      sqlite3_exec(t->store.db, schema, NULL, NULL,
				  NULL) != SQLITE_OK ||
			      pin_table_commit(t, err) == -1)) {
		store_error(&t->store, err);
		pin_table_rollback(t);
		return -1;
	}
	return 0;
}

void
pin_table_close(struct pin_table *t)
{
	for (enum pin_stmt i = 0; i < PIN_SQL_COUNT_OF; i++)
		sqlite3_finalize(t->st[i]);
	store_close(&t->store);
	*t = (struct pin_table){ .st = { NULL } };
}

static int
execute(const struct pin_table *t, const char *text, struct error *err)
{
	if (sqlite3_exec(t->store.db, text, NULL, NULL, NULL) != SQLITE_OK)
		return store_error(&t->store, err);
	return 0;
}

int
pin_table_begin(struct pin_table *t, bool write, struct error *err)
{
	return execute(t, write ? "BEGIN IMMEDIATE" : "BEGIN", err);
}

int
pin_table_commit(struct pin_table *t, struct error *err)
{
	return execute(t, "COMMIT", err);
}

void
pin_table_rollback(struct pin_table *t)
{
	for (enum pin_stmt i = 0; i < PIN_SQL_COUNT_OF; i++)
		if (t->st[i] != NULL)
			(void)sqlite3_reset(t->st[i]);
	if (t->store.db != NULL && sqlite3_get_autocommit(t->store.db) == 0)
		(void)execute(t, "ROLLBACK", NULL);
}

static void
bind_blob(sqlite3_stmt *st, int i, const void *at, size_t len)
{
	/* A NULL pointer would be a NULL, and not an empty text. */
	(void)sqlite3_bind_blob64(
	    st, i, at != NULL ? at : "", len, SQLITE_STATIC);
}

static void
bind_text(sqlite3_stmt *st, int i, struct slice s)
{
	(void)sqlite3_bind_text64(
	    st, i, s.at != NULL ? s.at : "", s.len, SQLITE_STATIC, SQLITE_UTF8);
}

sqlite3_stmt *
pin_table_ask(struct pin_table *t, enum pin_stmt stmt, struct slice server,
    struct slice tool)
{
	sqlite3_stmt *st = t->st[stmt];

	if (st == NULL)
		st = t->st[stmt] = store_prepare(&t->store, sql[stmt], NULL);
	if (st == NULL)
		return NULL; /* running it says why */
	(void)sqlite3_reset(st);
	if (server.at != NULL)
		bind_text(st, 1, server);
	if (tool.at != NULL)
		bind_blob(st, 2, tool.at, tool.len);
	return st;
}

static bool
read_hashes(sqlite3_stmt *st, int i, void *ret, size_t len)
{
	const void *at = sqlite3_column_blob(st, i);

	if (at == NULL || (size_t)sqlite3_column_bytes(st, i) != len)
		return false;
	memcpy(ret, at, len);
	return true;
}

static struct slice
read_bytes(sqlite3_stmt *st, int i)
{
	const void *at = sqlite3_column_blob(st, i);

	return (struct slice){ .at = at != NULL ? at : "",
		.len = (size_t)sqlite3_column_bytes(st, i) };
}

int
pin_table_next(struct pin_table *t, enum pin_stmt stmt, struct pin_row *ret,
    struct error *err)
{
	sqlite3_stmt *st = t->st[stmt];
	int rc = st != NULL ? sqlite3_step(st) : SQLITE_ERROR;
	sqlite3_int64 state;

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		store_error(&t->store, err);
	if (rc != SQLITE_ROW) {
		(void)sqlite3_reset(st);
		return rc == SQLITE_DONE ? 0 : -1;
	}
	state = sqlite3_column_int64(st, 0);
	*ret = (struct pin_row){ .state = (enum pin_state)state,
		.first_us = sqlite3_column_int64(st, 1),
		.accepted_us = sqlite3_column_int64(st, 2),
		.gone_us = sqlite3_column_int64(st, 3),
		.server = read_bytes(st, 4),
		.tool = read_bytes(st, 5),
		.session = read_bytes(st, 6),
		.text = read_bytes(st, 10) };
	if (state < PIN_ACCEPTED || state > PIN_AWAITED ||
	    !read_hashes(st, 7, ret->hash, sizeof(ret->hash)) ||
	    !read_hashes(st, 8, ret->nameless, sizeof(ret->nameless)) ||
	    !read_hashes(st, 9, ret->field, sizeof(ret->field)))
		return error_set(err, "audit database '%s': a pin is damaged",
		    t->store.path);
	return 1;
}

int
pin_table_run(
    struct pin_table *t, enum pin_stmt stmt, int64_t *ret, struct error *err)
{
	sqlite3_stmt *st = t->st[stmt];
	int rc = st != NULL ? sqlite3_step(st) : SQLITE_ERROR;

	if (rc == SQLITE_ROW && ret != NULL)
		*ret = sqlite3_column_int64(st, 0);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		store_error(&t->store, err);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}

int
pin_table_put(struct pin_table *t, const struct pin_row *row, struct error *err)
{
	sqlite3_stmt *st =
	    pin_table_ask(t, PIN_SQL_PUT, row->server, row->tool);

	if (st == NULL)
		return store_error(&t->store, err);
	(void)sqlite3_bind_int64(st, 3, row->state);
	(void)sqlite3_bind_int64(st, 4, row->first_us);
	(void)sqlite3_bind_int64(st, 5, row->accepted_us);
	(void)sqlite3_bind_int64(st, 6, row->gone_us);
	bind_text(st, 7, row->session);
	bind_blob(st, 8, row->hash, sizeof(row->hash));
	bind_blob(st, 9, row->nameless, sizeof(row->nameless));
	bind_blob(st, 10, row->field, sizeof(row->field));
	bind_text(st, 11, row->text);
	return pin_table_run(t, PIN_SQL_PUT, NULL, err);
}

int
pin_table_drop(struct pin_table *t, struct slice server, struct slice tool,
    enum pin_state state, struct error *err)
{
	sqlite3_stmt *st = pin_table_ask(t, PIN_SQL_DROP, server, tool);

	if (st == NULL)
		return store_error(&t->store, err);
	(void)sqlite3_bind_int64(st, 3, state);
	return pin_table_run(t, PIN_SQL_DROP, NULL, err);
}
