/*
 * What somebody who can write to the database's file may try, and what
 * verify says to it.
 */
#include "audit/store.h"
#include "proxy/base/array.h"
#include "test/unit/scratch.h"

/* Two sessions, one ended and one killed, interleaved: rows 1 to 20. */
static void
fill(void)
{
	struct journal *a = scratch_journal(), *b = scratch_journal();
	struct audit_record end = scratch_record("", "end");

	for (int i = 0; i < 4; i++) {
		scratch_append(a, 3);
		(void)scratch_fold();
		scratch_append(b, 2);
		(void)scratch_fold();
	}
	end.kind = slice_of("session");
	ck_assert_int_eq(journal_append(a, &end, &scratch_err), 0);
	journal_close(a);
	(void)scratch_fold();
	journal_close(b);
	(void)scratch_fold();
	ck_assert_int_eq(scratch_sql("SELECT count(*) FROM event"), 21);
}

static const struct {
	const char *label, *sql;
	const char *want; /* part of the finding */
} attacks[] = {
	{ "a row edited",
	    "UPDATE event SET decision = 'allow ' WHERE event = 7", "row 7 (" },
	{ "its payload edited",
	    "UPDATE event SET payload = '{}' WHERE event = 7", "row changed" },
	{ "a payload taken away",
	    "UPDATE event SET payload = NULL WHERE event = 7", "row changed" },
	{ "a time edited", "UPDATE event SET at_us = at_us + 1 WHERE event = 7",
	    "row changed" },
	{ "a session's name edited",
	    "UPDATE event SET session = '00000000' WHERE event = 7",
	    "row changed" },
	{ "a hash edited",
	    "UPDATE event SET hash = zeroblob(32) WHERE event = 7",
	    "row changed" },
	{ "a hash cut", "UPDATE event SET hash = zeroblob(31) WHERE event = 7",
	    "row 7: row changed" },
	{ "prev edited", "UPDATE event SET prev = zeroblob(32) WHERE event = 7",
	    "row 7 (" },
	{ "a link edited",
	    "UPDATE event SET link = zeroblob(32) WHERE event = 7",
	    "row changed" },
	{ "judged_us out of range",
	    "UPDATE event SET judged_us = judged_us + 4294967296"
	    " WHERE event = 7",
	    "row 7: row changed" },
	{ "a row deleted", "DELETE FROM event WHERE event = 7",
	    "row 7: row missing" },
	{ "a row deleted and the gap closed",
	    "DELETE FROM event WHERE event = 7;"
	    "UPDATE event SET event = event - 1 WHERE event > 7",
	    "row missing before it" },
	{ "the first deleted", "DELETE FROM event WHERE event = 1",
	    "row 1: row missing" },
	{ "the last deleted", "DELETE FROM event WHERE event = 21",
	    "row 21: row missing at the end" },
	{ "the last three deleted", "DELETE FROM event WHERE event > 18",
	    "row 19: row missing at the end" },
	{ "all deleted", "DELETE FROM event", "missing" },
	{ "all deleted, and the head", "DELETE FROM event; DELETE FROM chain;",
	    "head record missing" },
	{ "all deleted, the head said to be new",
	    "DELETE FROM event; DELETE FROM session;"
	    "DELETE FROM sqlite_sequence;"
	    "UPDATE chain SET last = 0, last_hash = zeroblob(32)",
	    "head record changed" },
	{ "the sequence wound back", "UPDATE sqlite_sequence SET seq = 20",
	    "sqlite_sequence changed" },
	{ "the last deleted, the head wound back",
	    "UPDATE chain SET last = 20, last_hash ="
	    " (SELECT hash FROM event WHERE event = 20);"
	    "DELETE FROM event WHERE event = 21",
	    "head record changed" },
	{ "two of one session swapped",
	    "UPDATE event SET event = -1 WHERE event = 6;"
	    "UPDATE event SET event = 6 WHERE event = 7;"
	    "UPDATE event SET event = 7 WHERE event = -1",
	    "order changed" },
	{ "two of two sessions swapped",
	    "UPDATE event SET event = -1 WHERE event = 3;"
	    "UPDATE event SET event = 3 WHERE event = 4;"
	    "UPDATE event SET event = 4 WHERE event = -1",
	    "order changed" },
	{ "a forged row at the end",
	    "INSERT INTO event SELECT 22, at_us, session, seq + 1, server,"
	    " direction, kind, method, tool, id, decision, stage, rule,"
	    " reason, judged_us, policy, payload_bytes, payload_hash, link,"
	    " hash, hash, payload FROM event WHERE event = 21",
	    "row 22 (" },
	{ "a session's rows beyond its count",
	    "UPDATE session SET seq = seq + 1", "row missing at its end" },
	{ "a session forgotten", "DELETE FROM session", "record is missing" },
	{ "a session's link edited", "UPDATE session SET link = zeroblob(32)",
	    "rows added at its end" },
	{ "an anchor invented",
	    "UPDATE chain SET anchor = 2, anchor_hash ="
	    " (SELECT hash FROM event WHERE event = 2);"
	    "DELETE FROM event WHERE event < 3",
	    "head record changed" },
	{ "a number given and the row gone",
	    "UPDATE sqlite_sequence SET seq = 99", "row 22: row missing" },
};

START_TEST(notices)
{
	struct verify v;

	scratch_opt.key_file = _i % 2 == 0 ? NULL : scratch_key;
	fill();
	scratch_whole();
	(void)scratch_sql(attacks[_i / 2].sql);
	v = scratch_verify();
	ck_assert_msg(
	    !v.whole && strstr(v.finding, attacks[_i / 2].want) != NULL,
	    "%s: %s", attacks[_i / 2].label, v.finding);
}
END_TEST

/* Somebody who edits a row and then computes the rest of the chain anew. */
static void
rehash(struct chain *c)
{
	sqlite3_stmt *st;
	sqlite3_stmt *put;
	struct store_row row;
	struct store s;
	uint8_t prev[AUDIT_HASH] = { 0 }, hash[AUDIT_HASH];
	static uint8_t body[RECORD_MAX];
	struct store_head head;

	ck_assert_int_eq(
	    store_open(&s, scratch_db, true, 5000, &scratch_err), 0);
	st = store_prepare(&s, "SELECT" STORE_ROW "ORDER BY event", NULL);
	put = store_prepare(
	    &s, "UPDATE event SET prev = ?1, hash = ?2 WHERE event = ?3", NULL);
	while (sqlite3_step(st) == SQLITE_ROW) {
		ck_assert_int_eq(store_row_read(&s, st, &row, &scratch_err), 1);
		store_row_hash(c, row.event,
		    chain_bytes(body, record_encode(&row.rec, body)), row.link,
		    prev, hash);
		(void)sqlite3_bind_blob(
		    put, 1, prev, AUDIT_HASH, SQLITE_TRANSIENT);
		(void)sqlite3_bind_blob(
		    put, 2, hash, AUDIT_HASH, SQLITE_TRANSIENT);
		(void)sqlite3_bind_int64(put, 3, (sqlite3_int64)row.event);
		ck_assert_int_eq(sqlite3_step(put), SQLITE_DONE);
		sqlite3_reset(put);
		memcpy(prev, hash, AUDIT_HASH);
	}
	sqlite3_finalize(st);
	sqlite3_finalize(put);
	ck_assert_int_eq(store_head_get(&s, &head, &scratch_err), 1);
	memcpy(head.last_hash, prev, AUDIT_HASH);
	ck_assert_int_eq(store_head_put(&s, c, &head, &scratch_err), 0);
	store_close(&s);
}

/*
 * The rows' chain made anew leaves the sessions' links.  A forger who makes
 * those anew as well is found by a key, or by a head noted elsewhere.
 */
START_TEST(rehashed)
{
	struct chain c;
	struct verify v;

	fill();
	(void)scratch_sql("UPDATE event SET tool = 'other' WHERE event = 7");
	ck_assert_int_eq(chain_init(&c, NULL, &scratch_err), 0);
	rehash(&c);
	v = scratch_verify();
	ck_assert_msg(
	    !v.whole &&
		strstr(v.finding, "its session's chain does not hold") != NULL,
	    "%s", v.finding);
}
END_TEST

/* With a key, a forger without it gets nowhere. */
START_TEST(rehashed_without_key)
{
	struct chain c;
	struct verify v;

	scratch_opt.key_file = scratch_key;
	fill();
	(void)scratch_sql("UPDATE event SET tool = 'other' WHERE event = 7");
	ck_assert_int_eq(chain_init(&c, NULL, &scratch_err), 0);
	rehash(&c);
	v = scratch_verify();
	ck_assert(!v.whole);
	/* Nor by saying that there never was one. */
	(void)scratch_sql("UPDATE chain SET key = zeroblob(8)");
	v = scratch_verify();
	ck_assert_msg(
	    !v.whole && strstr(v.finding, "this key") != NULL, "%s", v.finding);
}
END_TEST

START_TEST(key_asked_for)
{
	struct verify v;

	scratch_opt.key_file = scratch_key;
	fill();
	scratch_opt.key_file = NULL;
	ck_assert_int_eq(
	    verify_run(&scratch_opt, NULL, 100, &v, &scratch_err), -1);
	ck_assert_ptr_nonnull(strstr(scratch_err.msg, "--key"));
}
END_TEST

static void
copy_file(const char *from, const char *to)
{
	static char bytes[1 << 20];
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, sizeof(bytes));

	ck_assert_int_gt(n, 0);
	(void)close(fd);
	scratch_write(to, bytes, (size_t)n, 0600);
}

/* An older copy put back is whole in itself; the head noted elsewhere tells. */
START_TEST(head_outside)
{
	char copy[128];
	struct verify v;
	uint8_t head[AUDIT_HASH];
	struct journal *j;

	(void)snprintf(copy, sizeof(copy), "%s/old.db", scratch_dir);
	fill();
	memcpy(head, scratch_verify().head, sizeof(head));
	copy_file(scratch_db, copy);
	j = scratch_journal();
	scratch_append(j, 3);
	journal_close(j);
	(void)scratch_fold();
	ck_assert_int_eq(
	    verify_run(&scratch_opt, head, 100, &v, &scratch_err), 0);
	ck_assert_msg(v.whole, "%s", v.finding); /* an older head is in it */
	memcpy(head, v.head, sizeof(head));
	copy_file(copy, scratch_db);
	scratch_whole();
	ck_assert_int_eq(
	    verify_run(&scratch_opt, head, 100, &v, &scratch_err), 0);
	ck_assert_msg(
	    !v.whole && strstr(v.finding, "--head") != NULL, "%s", v.finding);
}
END_TEST

START_TEST(counts)
{
	struct verify v;

	fill();
	v = scratch_verify();
	ck_assert_msg(v.whole, "%s", v.finding);
	ck_assert_uint_eq(v.rows, 21);
	ck_assert_uint_eq(v.first, 1);
	ck_assert_uint_eq(v.last, 21);
	ck_assert_uint_eq(v.sessions, 2);
	ck_assert_uint_eq(v.cut, 1);
	ck_assert_uint_eq(strlen(v.cut_names), PART_SESSION);
	ck_assert_uint_eq(v.running, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("verify");

	tcase_add_loop_test(tc, notices, 0, 2 * (int)nitems(attacks));
	tcase_add_test(tc, rehashed);
	tcase_add_test(tc, rehashed_without_key);
	tcase_add_test(tc, key_asked_for);
	tcase_add_test(tc, head_outside);
	tcase_add_test(tc, counts);
	return scratch_run(tc, "verify");
}
