/*
 * Retention: the oldest rows go, and their last one's number and hash stay as
 * the anchor from which the rest can still be proven.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "audit/fold.h"

/* Rows that one transaction removes: some 20 ms. */
#define STEP_ROWS 2000
/* Time for all steps of one call. */
#define RETAIN_US INT64_C(50000)
/* How often the age of the oldest row is looked at. */
#define SWEEP_US (INT64_C(600) * 1000000)
#define DAY_US (INT64_C(86400) * 1000000)

static int64_t
clock_us(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/*
 * Bytes that pins take in the same file.  They are not what retention is for,
 * and a server that changes its tools must not push out what was recorded.
 */
static int
pinned(const struct fold *f, int64_t *ret, struct error *err)
{
	int64_t there;

	*ret = 0;
	if (store_number(&f->store,
		"SELECT count(*) FROM sqlite_master WHERE name = 'pin'", &there,
		err) == -1)
		return -1;
	return there == 0
		   ? 0
		   : store_number(&f->store,
			 "SELECT coalesce(sum(length(definition) + 1024), 0)"
			 " FROM pin",
			 ret, err);
}

/* How many of the oldest rows must go for the file to hold max_mb again. */
static int
excess(const struct fold *f, const struct store_head *head, int64_t *ret_rows,
    struct error *err)
{
	int64_t pages, unused, size, used, pins;
	int64_t room = f->opt->max_mb << 20;
	int64_t rows = (int64_t)(head->last - head->anchor);

	*ret_rows = 0;
	if (f->opt->max_mb == 0 || f->opt->max_mb > INT64_MAX >> 20 ||
	    rows <= 0)
		return 0;
	if (store_number(&f->store, "PRAGMA page_count", &pages, err) == -1 ||
	    store_number(&f->store, "PRAGMA freelist_count", &unused, err) ==
		-1 ||
	    store_number(&f->store, "PRAGMA page_size", &size, err) == -1 ||
	    pinned(f, &pins, err) == -1)
		return -1;
	used = (pages - unused) * size - pins;
	if (used <= room)
		return 0;
	/* A tenth more, so that the next row does not begin it anew. */
	*ret_rows = (used - room + room / 10) / (used / rows + 1) + 1;
	return 0;
}

/* The last row to go in this step, or the anchor if none has to. */
static int
choose(const struct fold *f, const struct store_head *head, int64_t over,
    struct store_head *ret_anchor, struct error *err)
{
	int64_t oldest = f->opt->keep_days > 0 ? clock_us(CLOCK_REALTIME) -
						     f->opt->keep_days * DAY_US
					       : INT64_MIN;
	sqlite3_stmt *st = store_prepare(&f->store,
	    "SELECT event, at_us, hash FROM event ORDER BY event", err);
	int rc = 0;

	*ret_anchor = *head;
	if (st == NULL)
		return -1;
	for (int64_t n = 0; n < STEP_ROWS; n++) {
		const void *hash;

		if ((rc = sqlite3_step(st)) != SQLITE_ROW)
			break;
		if (n >= over && sqlite3_column_int64(st, 1) >= oldest)
			break;
		hash = sqlite3_column_blob(st, 2);
		if (sqlite3_column_bytes(st, 2) != AUDIT_HASH)
			break; /* damaged: left for verify to find */
		ret_anchor->anchor = (uint64_t)sqlite3_column_int64(st, 0);
		memcpy(ret_anchor->anchor_hash, hash, AUDIT_HASH);
	}
	rc = rc == SQLITE_ROW || rc == SQLITE_DONE || rc == SQLITE_OK
		 ? 0
		 : store_error(&f->store, err);
	sqlite3_finalize(st);
	return rc;
}

/* Forgets sessions that have neither a row nor a file. */
static int
forget_sessions(struct fold *f, uint64_t anchor, struct error *err)
{
	sqlite3_stmt *find = store_prepare(
	    &f->store, "SELECT name, part FROM session WHERE event <= ?1", err);
	sqlite3_stmt *drop =
	    find == NULL ? NULL
			 : store_prepare(&f->store,
			       "DELETE FROM session WHERE name = ?1", err);
	int rc = find != NULL && drop != NULL ? 0 : -1;

	if (rc == 0)
		(void)sqlite3_bind_int64(find, 1, (sqlite3_int64)anchor);
	while (rc == 0 && sqlite3_step(find) == SQLITE_ROW) {
		const unsigned char *name = sqlite3_column_text(find, 0);
		sqlite3_int64 part = sqlite3_column_int64(find, 1);
		bool there = false;

		for (int i = 0; i < 2; i++) {
			char file[PART_NAME_MAX];

			(void)snprintf(file, sizeof(file),
			    "%.8s.%" PRId64 PART_SUFFIX, (const char *)name,
			    (int64_t)part + i);
			there =
			    there || faccessat(f->dir_fd, file, F_OK, 0) == 0;
		}
		if (there)
			continue;
		(void)sqlite3_bind_text(
		    drop, 1, (const char *)name, -1, SQLITE_TRANSIENT);
		if (sqlite3_step(drop) != SQLITE_DONE)
			rc = store_error(&f->store, err);
		sqlite3_reset(drop);
	}
	sqlite3_finalize(find);
	sqlite3_finalize(drop);
	return rc;
}

static int
remove_rows(struct fold *f, struct store_head *head, struct error *err)
{
	char text[96];

	(void)snprintf(text, sizeof(text),
	    "DELETE FROM event WHERE event <= %" PRIu64, head->anchor);
	if (sqlite3_exec(f->store.db, text, NULL, NULL, NULL) != SQLITE_OK)
		return store_error(&f->store, err);
	return forget_sessions(f, head->anchor, err);
}

/* One transaction.  1 if there may be more to do, 0 if not. */
static int
step(struct fold *f, struct error *err)
{
	struct store_head head, next;
	int64_t over;
	int rc = -1;

	if (store_run(&f->store, STMT_BEGIN, err) == -1)
		return -1;
	if (fold_head(f, &head, err) == -1 ||
	    excess(f, &head, &over, err) == -1 ||
	    choose(f, &head, over, &next, err) == -1)
		goto out;
	rc = next.anchor > head.anchor;
	if (rc == 1 && remove_rows(f, &next, err) == -1)
		rc = -1;
	if (rc == 0)
		next.swept_us = clock_us(CLOCK_REALTIME);
	if (rc != -1 && head.last > 0 &&
	    store_head_put(&f->store, &f->chain, &next, err) == -1)
		rc = -1;
	if (rc != -1 && store_run(&f->store, STMT_COMMIT, err) == -1)
		rc = -1;
out:
	if (sqlite3_get_autocommit(f->store.db) == 0)
		(void)store_run(&f->store, STMT_ROLLBACK, NULL);
	return rc;
}

int
fold_retain(struct fold *f, struct error *err)
{
	int64_t end = clock_us(CLOCK_MONOTONIC) + RETAIN_US, over = 0;
	int64_t now = clock_us(CLOCK_REALTIME);
	struct store_head head;
	int rc = 1, removed = 0;

	if (fold_head(f, &head, err) == -1 ||
	    excess(f, &head, &over, err) == -1)
		return -1;
	if (over == 0 &&
	    (f->opt->keep_days == 0 ||
		(now >= head.swept_us && now - head.swept_us < SWEEP_US)))
		return 0;
	while (rc == 1 && clock_us(CLOCK_MONOTONIC) < end)
		if ((rc = step(f, err)) == 1)
			removed = 1;
	/* Gives the file system what the rows had. */
	if (removed &&
	    sqlite3_exec(f->store.db, "PRAGMA incremental_vacuum(4096)", NULL,
		NULL, NULL) != SQLITE_OK)
		return store_error(&f->store, err);
	return rc == -1 ? -1 : 0;
}
