/*
 * The writer's side of a journal, and what other processes make of its file
 * whatever happened to the writer.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "audit/part.h"
#include "proxy/base/array.h"
#include "test/unit/scratch.h"

#define KILL_ROUNDS 50

/* What a process that will be killed tells us. */
struct shared {
	char session[16];
	volatile uint64_t done; /* appends that returned 0 */
};

/* Where tests do not fork, valgrind runs them: then every 41st place only. */
static size_t
thin(void)
{
	return getenv("CK_FORK") == NULL ? 1 : 41;
}

static struct shared *
share(void)
{
	void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	return at;
}

START_TEST(makes_directories)
{
	char deep[160];
	struct stat sb;
	struct journal *j;

	(void)snprintf(deep, sizeof(deep), "%s/x/y/a.db", scratch_dir);
	scratch_opt.path = deep;
	j = scratch_journal();
	ck_assert_uint_eq(strlen(journal_session(j)), 8);
	ck_assert_uint_eq(journal_next(j), 1);
	scratch_append(j, 2);
	ck_assert_uint_eq(journal_next(j), 3);
	ck_assert_uint_eq(journal_rows(j), 2);
	(void)snprintf(deep, sizeof(deep), "%s/x/y", scratch_dir);
	ck_assert_int_eq(stat(deep, &sb), 0);
	ck_assert_uint_eq(sb.st_mode & 07777, 0700);
	(void)snprintf(deep, sizeof(deep), "%s/x/y/a.db.journals", scratch_dir);
	ck_assert_int_eq(stat(deep, &sb), 0);
	ck_assert_uint_eq(sb.st_mode & 07777, 0700);
	(void)snprintf(deep, sizeof(deep), "%s/x/y/a.db.journals/%s.1.journal",
	    scratch_dir, journal_session(j));
	ck_assert_int_eq(stat(deep, &sb), 0);
	ck_assert_uint_eq(sb.st_mode & 07777, 0600);
	journal_close(j);
}
END_TEST

START_TEST(refuses_open_directory)
{
	char dir[128];
	struct journal *j;

	(void)snprintf(dir, sizeof(dir), "%s.journals", scratch_db);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	ck_assert_int_eq(chmod(dir, 0770), 0);
	ck_assert_int_eq(journal_open(&scratch_opt, "s", &j, &scratch_err), -1);
	ck_assert_ptr_nonnull(strstr(scratch_err.msg, "writable by others"));
}
END_TEST

/* Somebody who removes or changes the file of a running session is noticed. */
START_TEST(notices_meddling)
{
	struct audit_record rec = scratch_record("t", "allow");
	struct journal *j = scratch_journal();
	char path[192];

	scratch_append(j, 1);
	ck_assert_int_eq(scratch_files(".journal", path), 1);
	ck_assert_int_eq(_i == 0 ? unlink(path) : truncate(path, 60), 0);
	ck_assert_int_eq(journal_append(j, &rec, &scratch_err), -1);
	ck_assert_ptr_nonnull(
	    strstr(scratch_err.msg, _i == 0 ? "removed" : "changed"));
	ck_assert_uint_eq(journal_next(j), 2);
	journal_close(j);
}
END_TEST

/* A full disk, as RLIMIT_FSIZE makes one, at each place of a record. */
START_TEST(full_disk)
{
	struct audit_record rec = scratch_record("t", "allow");
	struct journal *j = scratch_journal();
	struct rlimit old, now;
	struct stat sb;
	off_t whole;
	char path[192];

	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	scratch_append(j, 3);
	ck_assert_int_eq(scratch_files(".journal", path), 1);
	ck_assert_int_eq(stat(path, &sb), 0);
	whole = sb.st_size;
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	now = old;
	now.rlim_cur = (rlim_t)(whole + _i * (off_t)thin());
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &now), 0);
	ck_assert_int_eq(journal_append(j, &rec, &scratch_err), -1);
	ck_assert_ptr_nonnull(strstr(scratch_err.msg, strerror(EFBIG)));
	ck_assert_int_eq(stat(path, &sb), 0);
	ck_assert_int_eq(sb.st_size, whole);
	ck_assert_uint_eq(journal_next(j), 4);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	scratch_append(j, 2);
	journal_close(j);
	ck_assert_uint_eq(scratch_fold(), 5);
	scratch_whole();
}
END_TEST

/* The child's part: appends until it is killed. */
static _Noreturn void
append_for_ever(struct shared *sh)
{
	struct audit_record rec = scratch_record("t", "allow");
	struct error err;
	static char text[LIMIT_PAYLOAD];
	struct journal *j;

	if (journal_open(&scratch_opt, "killed", &j, &err) == -1)
		_exit(1);
	memset(text, 'z', sizeof(text));
	(void)snprintf(
	    sh->session, sizeof(sh->session), "%s", journal_session(j));
	for (;;) {
		rec.payload =
		    (struct slice){ text, sh->done * 37 % sizeof(text) };
		if (journal_append(j, &rec, &err) == -1)
			_exit(1);
		sh->done++;
	}
}

START_TEST(killed)
{
	for (unsigned i = 0; i < KILL_ROUNDS; i++) {
		struct shared *sh = share();
		struct timespec nap = { .tv_nsec =
					    (long)(i * 7919 % 2000) * 1000 };
		char sql[200];
		uint64_t rows, done;
		pid_t pid = fork();
		int status;

		if (pid == 0)
			append_for_ever(sh);
		while (sh->done == 0 && waitpid(pid, &status, WNOHANG) == 0)
			(void)sched_yield();
		(void)nanosleep(&nap, NULL);
		if (i % 2 == 1) /* what is folded while it runs counts too */
			(void)scratch_fold();
		ck_assert_int_eq(kill(pid, SIGKILL), 0);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFSIGNALED(status));
		(void)scratch_fold();
		(void)snprintf(sql, sizeof(sql),
		    "SELECT count(DISTINCT seq) FROM event WHERE session ="
		    " '%s' AND seq BETWEEN 1 AND (SELECT count(*) FROM event"
		    " WHERE session = '%s')",
		    sh->session, sh->session);
		rows = (uint64_t)scratch_sql(sql);
		done = sh->done;
		/* The last may have been written and not yet counted. */
		ck_assert_msg(rows == done || rows == done + 1,
		    "%llu rows of %llu", (unsigned long long)rows,
		    (unsigned long long)done);
		(void)munmap(sh, sizeof(*sh));
	}
	ck_assert_int_eq(scratch_files("", NULL), 0);
	ck_assert_int_eq(
	    scratch_sql("SELECT count(*) FROM event WHERE kind = 'journal'"),
	    0);
	scratch_whole();
	ck_assert_uint_eq(scratch_verify().cut, KILL_ROUNDS);
}
END_TEST

static char journal_bytes[8192];

/* A dead journal of n records; its bytes go to journal_bytes. */
static size_t
dead_journal(int n, char path[192], size_t *ret_last)
{
	struct journal *j = scratch_journal();
	struct stat sb;
	ssize_t len;
	int fd;

	scratch_append(j, n - 1);
	ck_assert_int_eq(scratch_files(".journal", path), 1);
	ck_assert_int_eq(stat(path, &sb), 0);
	*ret_last = (size_t)sb.st_size;
	scratch_append(j, 1);
	journal_close(j);
	ck_assert_int_ne(fd = open(path, O_RDONLY | O_CLOEXEC), -1);
	len = read(fd, journal_bytes, sizeof(journal_bytes));
	(void)close(fd);
	ck_assert_int_gt(len, 0);
	return (size_t)len;
}

/* Begins anew, with nothing but this journal. */
static uint64_t
fold_bytes(const char *path, size_t len)
{
	(void)unlink(scratch_db);
	scratch_write(path, journal_bytes, len, 0600);
	return scratch_fold();
}

START_TEST(torn_tail)
{
	char path[192];
	size_t last, len = dead_journal(5, path, &last);

	for (size_t n = last; n < len; n += thin()) {
		ck_assert_uint_eq(fold_bytes(path, n), 4);
		ck_assert_int_eq(scratch_files("", NULL), 0);
		if (n % 16 == 0 || thin() > 1)
			scratch_whole();
	}
	ck_assert_uint_eq(fold_bytes(path, len), 5);
	scratch_whole();
}
END_TEST

/*
 * Each bit: what stands before it is folded, and a row tells of the rest.
 */
START_TEST(flipped_bits)
{
	char path[192], broken[200];
	size_t last, len = dead_journal(5, path, &last);

	(void)snprintf(broken, sizeof(broken), "%s.broken", path);
	for (size_t bit = (size_t)_i; bit < 8 * len; bit += 8 * thin()) {
		struct verify v;

		journal_bytes[bit / 8] ^= (char)(1 << bit % 8);
		(void)fold_bytes(path, len);
		v = scratch_verify();
		ck_assert_msg(
		    !v.whole && v.broken == 1, "bit %zu: %s", bit, v.finding);
		ck_assert_msg(access(path, F_OK) == -1 && unlink(broken) == 0,
		    "bit %zu", bit);
		journal_bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
}
END_TEST

/* Text of a peer, whatever its bytes, comes out as it went in. */
START_TEST(hostile_text)
{
	struct journal *j = scratch_journal();
	struct audit_record rec = scratch_record("t", "allow");

	rec.tool = (struct slice){ "a\0b'\"\xff\x1b[2J", 9 };
	rec.payload = (struct slice){ "\0\0", 2 };
	ck_assert_int_eq(journal_append(j, &rec, &scratch_err), 0);
	rec.payload_kept = false;
	ck_assert_int_eq(journal_append(j, &rec, &scratch_err), 0);
	journal_close(j);
	ck_assert_uint_eq(scratch_fold(), 2);
	scratch_whole();
	ck_assert_int_eq(scratch_sql("SELECT count(*) FROM event WHERE"
				     " hex(tool) = '61006227"
				     "22FF1B5B32'"),
	    2);
	ck_assert_int_eq(
	    scratch_sql("SELECT count(*) FROM event WHERE payload IS NULL"), 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("journal");

	tcase_add_test(tc, makes_directories);
	tcase_add_test(tc, refuses_open_directory);
	tcase_add_loop_test(tc, notices_meddling, 0, 2);
	tcase_add_loop_test(tc, full_disk, 0, 200 / (int)thin());
	tcase_add_test(tc, killed);
	tcase_add_test(tc, torn_tail);
	tcase_add_loop_test(tc, flipped_bits, 0, 8);
	tcase_add_test(tc, hostile_text);
	return scratch_run(tc, "journal");
}
