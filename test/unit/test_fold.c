/*
 * Folding: once and in order, whoever does it and whoever is killed.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "proxy/base/array.h"
#include "test/unit/scratch.h"

#define WRITERS 2
#define FOLDERS 3
#define WRITER_ROWS 3000
#define LONG_PAYLOAD 3000 /* bytes: 4,000 such records are three parts */

START_TEST(empty)
{
	struct stat sb;

	ck_assert_uint_eq(scratch_fold(), 0);
	scratch_whole();
	ck_assert_int_eq(stat(scratch_db, &sb), 0);
	ck_assert_uint_eq(sb.st_mode & 07777, 0600);
}
END_TEST

START_TEST(live_then_dead)
{
	struct journal *j = scratch_journal();

	scratch_append(j, 3);
	ck_assert_uint_eq(scratch_fold(), 3);
	ck_assert_uint_eq(scratch_fold(), 0);
	ck_assert_int_eq(scratch_files(".journal", NULL), 1);
	scratch_append(j, 2);
	ck_assert_uint_eq(scratch_fold(), 2);
	ck_assert_uint_eq(scratch_verify().running, 1);
	journal_close(j);
	ck_assert_uint_eq(scratch_fold(), 0);
	ck_assert_int_eq(scratch_files("", NULL), 0);
	scratch_whole();
	ck_assert_uint_eq(scratch_verify().cut, 1);
	ck_assert_int_eq(scratch_sql("SELECT max(event) FROM event"), 5);
}
END_TEST

/* Several parts, folded while they come to be and at the end. */
START_TEST(parts)
{
	struct journal *j = scratch_journal();
	char text[LONG_PAYLOAD];
	uint64_t folded = 0;

	memset(text, 'p', sizeof(text));
	for (int i = 0; i < 4000; i++) {
		struct audit_record rec = scratch_record("t", "allow");

		rec.payload = (struct slice){ text, sizeof(text) };
		ck_assert_int_eq(journal_append(j, &rec, &scratch_err), 0);
		if (_i == 1 && i % 700 == 0)
			folded += scratch_fold();
	}
	if (_i == 0)
		ck_assert_int_ge(scratch_files(".journal", NULL), 3);
	journal_close(j);
	folded += scratch_fold();
	ck_assert_uint_eq(folded, 4000);
	ck_assert_int_eq(scratch_files("", NULL), 0);
	scratch_whole();
}
END_TEST

/* A part that somebody took away is told of; the rest is folded. */
START_TEST(missing_part)
{
	struct journal *j = scratch_journal();
	char text[LONG_PAYLOAD], path[192];
	struct verify v;

	memset(text, 'p', sizeof(text));
	for (int i = 0; i < 4000; i++) {
		struct audit_record rec = scratch_record("t", "allow");

		rec.payload = (struct slice){ text, sizeof(text) };
		ck_assert_int_eq(journal_append(j, &rec, &scratch_err), 0);
	}
	journal_close(j);
	ck_assert_int_eq(scratch_files(".2.journal", path), 1);
	ck_assert_int_eq(unlink(path), 0);
	(void)scratch_fold();
	ck_assert_int_eq(
	    scratch_sql("SELECT count(*) FROM event WHERE kind = 'journal'"
			" AND reason LIKE '%are missing'"),
	    1);
	ck_assert_int_eq(scratch_sql("SELECT max(seq) FROM event"), 4000);
	v = scratch_verify();
	ck_assert_msg(!v.whole && v.broken == 1, "%s", v.finding);
}
END_TEST

/* One broken journal does not stop the others, and is told of once. */
START_TEST(broken_stops_nobody)
{
	struct journal *a = scratch_journal(), *b;
	char path[192];
	int fd;

	scratch_append(a, 5);
	ck_assert_int_eq(scratch_files(".journal", path), 1);
	ck_assert_int_ne(fd = open(path, O_WRONLY | O_CLOEXEC), -1);
	ck_assert_int_eq(pwrite(fd, "!", 1, 600), 1);
	(void)close(fd);
	b = scratch_journal();
	scratch_append(b, 4);
	ck_assert_uint_eq(scratch_fold(), 4 + 2 + 1);
	ck_assert_uint_eq(scratch_fold(), 0); /* still running: told once */
	journal_close(a);
	journal_close(b);
	ck_assert_uint_eq(scratch_fold(), 0);
	ck_assert_int_eq(scratch_files(".journal", NULL), 0);
	ck_assert_int_eq(scratch_files(".broken", NULL), 1);
	ck_assert_int_eq(
	    scratch_sql("SELECT count(*) FROM event WHERE kind = 'journal'"
			" AND decision = 'broken' AND seq = 0"),
	    1);
	ck_assert(!scratch_verify().whole);
}
END_TEST

/* Things in the directory that are no journals of ours. */
START_TEST(strange_files)
{
	char path[192];
	struct journal *j = scratch_journal();

	scratch_append(j, 1);
	journal_close(j);
	(void)snprintf(
	    path, sizeof(path), "%s.journals/0000000g.1.journal", scratch_db);
	scratch_write(path, "x", 1, 0600);
	(void)snprintf(path, sizeof(path), "%s.journals/note", scratch_db);
	scratch_write(path, "x", 1, 0600);
	ck_assert_uint_eq(scratch_fold(), 1);
	ck_assert_int_eq(scratch_files("", NULL), 2);
	(void)snprintf(
	    path, sizeof(path), "%s.journals/00000001.1.journal", scratch_db);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	scratch_fold_fails("cannot open journal '00000001.1.journal'");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	scratch_fold_fails("is no regular file");
	ck_assert_int_eq(unlink(path), 0);
	scratch_whole();
}
END_TEST

static pid_t
child(void (*fn)(void))
{
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		fn();
		_exit(0);
	}
	return pid;
}

static void
write_rows(void)
{
	struct error err;
	struct journal *j;

	if (journal_open(&scratch_opt, "w", &j, &err) == -1)
		_exit(1);
	for (int i = 0; i < WRITER_ROWS; i++) {
		struct audit_record rec = scratch_record("t", "allow");

		if (journal_append(j, &rec, &err) == -1)
			_exit(1);
	}
	journal_close(j);
}

static void
fold_rows(void)
{
	static const struct timespec nap = { .tv_nsec = 1000000 };
	struct error err;

	for (int i = 0; i < 40; i++) {
		if (audit_fold(&scratch_opt, 20000, NULL, &err) == -1)
			_exit(2);
		(void)nanosleep(&nap, NULL);
	}
}

START_TEST(several_at_once)
{
	pid_t pids[WRITERS + FOLDERS];
	int status;

	for (size_t i = 0; i < nitems(pids); i++)
		pids[i] = child(i < WRITERS ? write_rows : fold_rows);
	for (size_t i = 0; i < nitems(pids); i++) {
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
	(void)scratch_fold();
	ck_assert_int_eq(
	    scratch_sql("SELECT count(*) FROM event"), WRITERS * WRITER_ROWS);
	ck_assert_int_eq(
	    scratch_sql("SELECT count(*) FROM (SELECT DISTINCT session, seq"
			" FROM event)"),
	    WRITERS * WRITER_ROWS);
	ck_assert_int_eq(scratch_files("", NULL), 0);
	scratch_whole();
}
END_TEST

static void
fold_for_ever(void)
{
	struct error err;

	for (;;)
		(void)audit_fold(&scratch_opt, 20000, NULL, &err);
}

/* Folding may be killed at any instant: nothing is lost, nothing doubled. */
START_TEST(folder_killed)
{
	static const struct timespec nap = { .tv_nsec = 1700000 };
	struct journal *j = scratch_journal();
	int status;

	for (int i = 0; i < 50; i++) {
		pid_t pid = child(fold_for_ever);

		scratch_append(j, 200 + i);
		if (i % 5 == 4) {
			journal_close(j);
			j = scratch_journal();
		}
		(void)nanosleep(&nap, NULL);
		ck_assert_int_eq(kill(pid, SIGKILL), 0);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	}
	journal_close(j);
	(void)scratch_fold();
	ck_assert_int_eq(
	    scratch_sql("SELECT count(*) FROM event"), 50 * 200 + 49 * 50 / 2);
	scratch_whole();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("fold");

	tcase_add_test(tc, empty);
	tcase_add_test(tc, live_then_dead);
	tcase_add_loop_test(tc, parts, 0, 2);
	tcase_add_test(tc, missing_part);
	tcase_add_test(tc, broken_stops_nobody);
	tcase_add_test(tc, strange_files);
	tcase_add_test(tc, several_at_once);
	tcase_add_test(tc, folder_killed);
	return scratch_run(tc, "fold");
}
