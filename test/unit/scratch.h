#ifndef UNIT_SCRATCH_H
#define UNIT_SCRATCH_H

/*
 * What the tests of audit/ share: a directory of their own, records, and a
 * look into the database by SQLite itself.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/journal.h"
#include "audit/verify.h"
#include "proxy/base/error.h"
#include "test/unit/unit.h"

static char scratch_dir[64], scratch_db[96], scratch_key[96];
static struct audit_options scratch_opt;
static struct error scratch_err;

static int
scratch_drop(const char *path, const struct stat *sb, int flag, struct FTW *ftw)
{
	(void)sb;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void
scratch_end(void)
{
	(void)nftw(scratch_dir, scratch_drop, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void
scratch_write(const char *path, const char *text, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	(void)close(fd);
}

static inline void
scratch_begin(void)
{
	const char *tmp = getenv("TMPDIR");

	/* Thousands of databases: in memory, where fsync(2) is free. */
	if (tmp == NULL)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	(void)snprintf(
	    scratch_dir, sizeof(scratch_dir), "%.40s/auditXXXXXX", tmp);
	ck_assert_ptr_nonnull(mkdtemp(scratch_dir));
	(void)snprintf(scratch_db, sizeof(scratch_db), "%s/a.db", scratch_dir);
	(void)snprintf(scratch_key, sizeof(scratch_key), "%s/key", scratch_dir);
	scratch_write(scratch_key, "0123456789abcdef", 16, 0600);
	scratch_opt = (struct audit_options){ .path = scratch_db };
	scratch_err.msg[0] = '\0';
}

static inline struct journal *
scratch_journal(void)
{
	struct journal *j = NULL;

	ck_assert_msg(
	    journal_open(&scratch_opt, "files", &j, &scratch_err) == 0, "%s",
	    scratch_err.msg);
	return j;
}

static inline struct audit_record
scratch_record(const char *tool, const char *decision)
{
	return (struct audit_record){ .when_us = 1767323045000000,
		.policy = slice_of("00ff"),
		.direction = slice_of("client"),
		.kind = slice_of("request"),
		.method = slice_of("tools/call"),
		.tool = slice_of(tool),
		.id = slice_of("7"),
		.decision = slice_of(decision),
		.stage = slice_of(strcmp(decision, "allow") == 0 ? "" : "path"),
		.rule = slice_of(strcmp(decision, "allow") == 0 ? "" : "roots"),
		.reason = slice_of(""),
		.payload = slice_of("{\"jsonrpc\":\"2.0\"}"),
		.payload_kept = true,
		.payload_len = 17,
		.judged_us = 5 };
}

static inline void
scratch_append(struct journal *j, int n)
{
	for (int i = 0; i < n; i++) {
		struct audit_record rec = scratch_record("read_file", "allow");

		ck_assert_msg(journal_append(j, &rec, &scratch_err) == 0, "%s",
		    scratch_err.msg);
	}
}

static inline uint64_t
scratch_fold(void)
{
	uint64_t rows = 0;

	ck_assert_msg(audit_fold(&scratch_opt, 5000, &rows, &scratch_err) == 0,
	    "%s", scratch_err.msg);
	return rows;
}

static inline void
scratch_fold_fails(const char *want)
{
	uint64_t rows;

	ck_assert_int_eq(audit_fold(&scratch_opt, 50, &rows, &scratch_err), -1);
	ck_assert_msg(
	    strstr(scratch_err.msg, want) != NULL, "%s", scratch_err.msg);
}

static inline struct verify
scratch_verify(void)
{
	struct verify v;

	ck_assert_msg(
	    verify_run(&scratch_opt, NULL, 5000, &v, &scratch_err) == 0, "%s",
	    scratch_err.msg);
	return v;
}

static inline void
scratch_whole(void)
{
	struct verify v = scratch_verify();

	ck_assert_msg(v.whole, "%s", v.finding);
}

/* Runs SQL as somebody else would; returns the first number it yields. */
static inline int64_t
scratch_sql(const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st;
	int64_t n = 0;

	ck_assert_int_eq(sqlite3_open(scratch_db, &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	while (*sql != '\0') {
		int rc;

		ck_assert_msg(
		    sqlite3_prepare_v2(db, sql, -1, &st, &sql) == SQLITE_OK,
		    "%s", sqlite3_errmsg(db));
		while ((rc = sqlite3_step(st)) == SQLITE_ROW)
			n = sqlite3_column_int64(st, 0);
		ck_assert_msg(rc == SQLITE_DONE, "%s", sqlite3_errmsg(db));
		sqlite3_finalize(st);
	}
	(void)sqlite3_close(db);
	return n;
}

/* Files in the directory of journals whose names end so; one of them. */
static inline int
scratch_files(const char *suffix, char path[192])
{
	char dir[128];
	const struct dirent *entry;
	int n = 0;
	DIR *d;

	(void)snprintf(dir, sizeof(dir), "%s.journals", scratch_db);
	ck_assert_ptr_nonnull(d = opendir(dir));
	while ((entry = readdir(d)) != NULL) {
		size_t len = strlen(entry->d_name), tail = strlen(suffix);

		if (entry->d_name[0] == '.' || len < tail ||
		    strcmp(entry->d_name + len - tail, suffix) != 0)
			continue;
		n++;
		if (path != NULL)
			(void)snprintf(
			    path, 192, "%s/%.50s", dir, entry->d_name);
	}
	(void)closedir(d);
	return n;
}

/* Runs one suite, each case in a directory of its own. */
static inline int
scratch_run(TCase *tc, const char *name)
{
	tcase_add_checked_fixture(tc, scratch_begin, scratch_end);
	tcase_set_timeout(tc, 120);
	return unit_run(tc, name);
}

#endif
