/*
 * Folding into a database that is locked, full, somebody else's or under
 * another key, and what retention leaves of it.
 */
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "proxy/base/array.h"
#include "test/unit/scratch.h"

START_TEST(locked)
{
	struct journal *j = scratch_journal();
	sqlite3 *db;

	(void)scratch_fold();
	scratch_append(j, 3);
	ck_assert_int_eq(sqlite3_open(scratch_db, &db), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	scratch_fold_fails("database is locked");
	scratch_append(j, 1); /* the proxy's path does not care */
	(void)sqlite3_close(db);
	journal_close(j);
	ck_assert_uint_eq(scratch_fold(), 4);
	scratch_whole();
}
END_TEST

static const struct {
	const char *label, *sql, *want;
} wrong[] = {
	{ "another program's", "CREATE TABLE t (x)", "another program's" },
	{ "a newer one",
	    "PRAGMA application_id = 1835233377; PRAGMA user_version = 2;"
	    "CREATE TABLE t (x)",
	    "has schema 2" },
};

START_TEST(wrong_database)
{
	(void)scratch_sql(wrong[_i].sql);
	scratch_fold_fails(wrong[_i].want);
}
END_TEST

START_TEST(no_database)
{
	scratch_write(
	    scratch_db, "This is no database, but a letter.....", 38, 0600);
	scratch_fold_fails("file is not a database");
	ck_assert_int_eq(unlink(scratch_db), 0);
	ck_assert_int_eq(mkdir(scratch_db, 0700), 0);
	scratch_fold_fails("audit database '");
}
END_TEST

START_TEST(full_disk)
{
	struct journal *j = scratch_journal();
	struct rlimit old, now;

	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	(void)scratch_fold();
	scratch_append(j, 900);
	journal_close(j);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	now = old;
	now.rlim_cur = 100000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &now), 0);
	scratch_fold_fails("audit database '");
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	ck_assert_uint_eq(scratch_fold(), 900);
	scratch_whole();
}
END_TEST

START_TEST(keys)
{
	struct journal *j;

	scratch_opt.key_file = scratch_key;
	j = scratch_journal();
	scratch_append(j, 3);
	ck_assert_uint_eq(scratch_fold(), 3);
	scratch_append(j, 2);
	scratch_opt.key_file = NULL;
	scratch_fold_fails("has a key");
	scratch_opt.key_file = scratch_key;
	scratch_write(scratch_key, "another key of 16", 17, 0600);
	scratch_fold_fails("has another key");
	scratch_write(scratch_key, "0123456789abcdef", 16, 0600);
	journal_close(j);
	ck_assert_uint_eq(scratch_fold(), 2);
	scratch_whole();
	/* A journal without the key is left alone, and does not go unsaid. */
	scratch_opt.key_file = NULL;
	j = scratch_journal();
	scratch_append(j, 2);
	journal_close(j);
	scratch_opt.key_file = scratch_key;
	scratch_fold_fails("was made with another key");
	ck_assert_int_eq(scratch_files(".journal", NULL), 1);
	ck_assert_int_eq(scratch_sql("SELECT count(*) FROM event"), 5);
}
END_TEST

START_TEST(key_too_late)
{
	struct journal *j = scratch_journal();

	scratch_append(j, 1);
	journal_close(j);
	(void)scratch_fold();
	scratch_opt.key_file = scratch_key;
	scratch_fold_fails("was begun without a key");
}
END_TEST

static void
append_at(struct journal *j, int n, int64_t when_us)
{
	for (int i = 0; i < n; i++) {
		struct audit_record rec = scratch_record("t", "allow");

		rec.when_us = when_us;
		ck_assert_int_eq(journal_append(j, &rec, &scratch_err), 0);
	}
}

START_TEST(retention_by_age)
{
	struct journal *j = scratch_journal();
	struct verify v;

	append_at(j, 4500, 1000000);
	journal_close(j);
	(void)scratch_fold();
	j = scratch_journal();
	append_at(j, 10, (int64_t)time(NULL) * 1000000);
	(void)scratch_fold();
	scratch_opt.keep_days = 30;
	for (int i = 0; i < 20; i++)
		(void)scratch_fold();
	ck_assert_int_eq(scratch_sql("SELECT count(*) FROM event"), 10);
	ck_assert_int_eq(scratch_sql("SELECT count(*) FROM session"), 1);
	v = scratch_verify();
	ck_assert_msg(
	    v.whole && v.anchor == 4500 && v.first == 4501, "%s", v.finding);
	append_at(j, 5, (int64_t)time(NULL) * 1000000);
	journal_close(j);
	ck_assert_uint_eq(scratch_fold(), 5);
	scratch_whole();
}
END_TEST

/* A session's own beginning may go while it runs. */
START_TEST(retention_by_size)
{
	struct journal *j = scratch_journal();
	struct stat sb;

	scratch_opt.max_mb = 1;
	for (int i = 0; i < 20; i++) {
		append_at(j, 1000, 1000000);
		(void)scratch_fold();
		(void)scratch_fold();
		scratch_whole();
	}
	journal_close(j);
	for (int i = 0; i < 10; i++)
		(void)scratch_fold();
	scratch_whole();
	ck_assert_int_eq(stat(scratch_db, &sb), 0);
	ck_assert_int_lt(sb.st_size, 3 << 20);
	ck_assert_int_gt(scratch_sql("SELECT count(*) FROM event"), 500);
	ck_assert_int_eq(scratch_sql("SELECT max(seq) FROM event"), 20000);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("store");

	tcase_add_test(tc, locked);
	tcase_add_loop_test(tc, wrong_database, 0, (int)nitems(wrong));
	tcase_add_test(tc, no_database);
	tcase_add_test(tc, full_disk);
	tcase_add_test(tc, keys);
	tcase_add_test(tc, key_too_late);
	tcase_add_test(tc, retention_by_age);
	tcase_add_test(tc, retention_by_size);
	return scratch_run(tc, "store");
}
