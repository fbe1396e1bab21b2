/*
 * The database: opening it, its schema, its statements.  Whoever opens it may
 * be the first, or one of several at once.  Triggers and views are switched
 * off, because only somebody else can have made them.
 */
#include "audit/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/xalloc.h"

#define STORE_MAGIC 0x6d637061 /* application_id: "mcpa" */
#define STORE_SCHEMA 1 /* user_version */
#define TEXT_OF_(x) #x
#define TEXT_OF(x) TEXT_OF_(x)

/*
 * Indices: (session, seq) finds an event by its public name, and a session;
 * at_us serves --since.  Every further one would slow each row down for
 * questions that are asked seldom.
 */
static const char schema[] =
    "CREATE TABLE event ("
    " event INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL,"
    " session TEXT NOT NULL, seq INTEGER NOT NULL, server TEXT NOT NULL,"
    " direction TEXT NOT NULL, kind TEXT NOT NULL, method TEXT NOT NULL,"
    " tool TEXT NOT NULL, id TEXT NOT NULL, decision TEXT NOT NULL,"
    " stage TEXT NOT NULL, rule TEXT NOT NULL, reason TEXT NOT NULL,"
    " judged_us INTEGER NOT NULL, policy TEXT NOT NULL,"
    " payload_bytes INTEGER NOT NULL, payload_hash BLOB NOT NULL,"
    " link BLOB NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL,"
    " payload TEXT) STRICT;"
    "CREATE INDEX event_session ON event (session, seq);"
    "CREATE INDEX event_at ON event (at_us);"
    "CREATE TABLE session ("
    " name TEXT PRIMARY KEY, nonce BLOB NOT NULL, part INTEGER NOT NULL,"
    " offset INTEGER NOT NULL, seq INTEGER NOT NULL, link BLOB NOT NULL,"
    " event INTEGER NOT NULL, state INTEGER NOT NULL) STRICT;"
    "CREATE TABLE chain ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL,"
    " last INTEGER NOT NULL, last_hash BLOB NOT NULL,"
    " anchor INTEGER NOT NULL, anchor_hash BLOB NOT NULL,"
    " seal BLOB NOT NULL, swept_us INTEGER NOT NULL) STRICT;"
    "PRAGMA application_id = " TEXT_OF(
	STORE_MAGIC) ";"
		     "PRAGMA user_version = " TEXT_OF(STORE_SCHEMA) ";";

static const char *const sql[STMT_COUNT] = {
	[STMT_BEGIN] = "BEGIN IMMEDIATE",
	[STMT_COMMIT] = "COMMIT",
	[STMT_ROLLBACK] = "ROLLBACK",
	[STMT_HEAD_PUT] = "INSERT OR REPLACE INTO chain VALUES"
			  " (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[STMT_SESSION_GET] = "SELECT name, nonce, part, offset, seq, link,"
			     " event, state FROM session WHERE name = ?1",
	[STMT_SESSION_PUT] = "INSERT OR REPLACE INTO session VALUES"
			     " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[STMT_EVENT] = "INSERT INTO event (event, at_us, seq, payload_bytes,"
		       " payload_hash, judged_us, link, prev, hash, session,"
		       " server, policy, direction, kind, method, tool, id,"
		       " decision, stage, rule, reason, payload) VALUES"
		       " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
		       " ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)",
};

int
store_error(const struct store *s, struct error *err)
{
	int code = s->db != NULL ? sqlite3_system_errno(s->db) : 0;

	if (s->db != NULL && sqlite3_errcode(s->db) == SQLITE_CANTOPEN &&
	    code != 0) {
		errno = code;
		return error_sys(
		    err, "cannot open audit database '%s'", s->path);
	}
	return error_set(err, "audit database '%s': %s", s->path,
	    s->db != NULL ? sqlite3_errmsg(s->db) : "out of memory");
}

sqlite3_stmt *
store_prepare(const struct store *s, const char *text, struct error *err)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(s->db, text, -1, &st, NULL) != SQLITE_OK)
		store_error(s, err);
	return st;
}

int
store_number(
    const struct store *s, const char *text, int64_t *ret, struct error *err)
{
	sqlite3_stmt *st = store_prepare(s, text, err);
	int rc = -1;

	if (st == NULL)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW) {
		*ret = sqlite3_column_int64(st, 0);
		rc = 0;
	} else {
		store_error(s, err);
	}
	sqlite3_finalize(st);
	return rc;
}

int
store_run(struct store *s, enum stmt stmt, struct error *err)
{
	int rc = 0;

	if (sqlite3_step(s->st[stmt]) != SQLITE_DONE)
		rc = store_error(s, err);
	sqlite3_reset(s->st[stmt]);
	return rc;
}

/* Whose database is it?  1 ours, 0 nobody's yet. */
static int
identify(const struct store *s, struct error *err)
{
	int64_t magic, version, tables;

	if (store_number(s, "PRAGMA application_id", &magic, err) == -1 ||
	    store_number(s, "PRAGMA user_version", &version, err) == -1 ||
	    store_number(
		s, "SELECT count(*) FROM sqlite_master", &tables, err) == -1)
		return -1;
	if (magic == 0 && tables == 0)
		return 0;
	if (magic != STORE_MAGIC)
		return error_set(err,
		    "'%s' is another program's database, no audit log",
		    s->path);
	if (version != STORE_SCHEMA)
		return error_set(err,
		    "audit database '%s' has schema %lld, this program knows "
		    "%d",
		    s->path, (long long)version, STORE_SCHEMA);
	return 1;
}

/* Sets WAL mode.  It asks for a moment alone, and SQLite does not wait. */
static int
set_wal(const struct store *s, int busy_ms, struct error *err)
{
	static const struct timespec nap = { .tv_nsec = 5000000 };
	int rc;

	for (int waited = 0;; waited += 5) {
		rc = sqlite3_exec(
		    s->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
		if (rc != SQLITE_BUSY || waited >= busy_ms)
			break;
		(void)nanosleep(&nap, NULL);
	}
	return rc == SQLITE_OK ? 0 : store_error(s, err);
}

static int
make_schema(struct store *s, int busy_ms, struct error *err)
{
	int rc;

	if (sqlite3_exec(s->db,
		"PRAGMA auto_vacuum = INCREMENTAL; BEGIN IMMEDIATE", NULL, NULL,
		NULL) != SQLITE_OK)
		return store_error(s, err);
	rc = identify(s, err); /* another may have been faster */
	if (rc == 0 &&
	    sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		rc = store_error(s, err);
	if (rc != -1 &&
	    sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		rc = store_error(s, err);
	if (rc == -1) {
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return set_wal(s, busy_ms, err);
}

/* SQLite would make the file with the umask's rights. */
static int
make_file(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd == -1 && errno != EEXIST)
		return error_sys(err, "cannot make audit database '%s'", path);
	fd_close(&fd);
	return 0;
}

/* synchronous=NORMAL: a commit survives us; a power cut may undo the last. */
static const char settings[] = "PRAGMA trusted_schema = OFF;"
			       "PRAGMA synchronous = NORMAL;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA journal_size_limit = 4194304;"
			       "PRAGMA cache_size = -4096;";

int
store_open(struct store *s, const char *path, bool write, int busy_ms,
    struct error *err)
{
	int rc;

	*s = (struct store){ .path = xstrdup(path) };
	if (write && make_file(path, err) == -1)
		return -1;
	if (sqlite3_open_v2(path, &s->db,
		write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY,
		NULL) != SQLITE_OK)
		return store_error(s, err);
	(void)sqlite3_extended_result_codes(s->db, 0);
	(void)sqlite3_busy_timeout(s->db, busy_ms);
	(void)sqlite3_db_config(
	    s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
	(void)sqlite3_db_config(
	    s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)NULL);
	(void)sqlite3_db_config(
	    s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	if (sqlite3_exec(s->db, settings, NULL, NULL, NULL) != SQLITE_OK)
		return store_error(s, err);
	if ((rc = identify(s, err)) == -1)
		return -1;
	if (!write)
		return rc == 1 ? 0
			       : error_set(
				     err, "audit database '%s' is empty", path);
	rc = rc == 0 ? make_schema(s, busy_ms, err) : set_wal(s, busy_ms, err);
	for (enum stmt i = 0; i < STMT_COUNT && rc == 0; i++)
		if ((s->st[i] = store_prepare(s, sql[i], err)) == NULL)
			rc = -1;
	return rc;
}

void
store_close(struct store *s)
{
	for (enum stmt i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(s->st[i]);
	(void)sqlite3_close(s->db);
	free(s->path);
	*s = (struct store){ 0 };
}
