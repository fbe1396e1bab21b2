/*
 * Pins from listing to listing: what is the same, new, changed, renamed or
 * gone; what is written of it; and databases that others hold, that are full,
 * or that were made before there were pins.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "audit/pin.h"
#include "policy/canon.h"
#include "proxy/base/array.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"
#include "test/unit/scratch.h"

#define WHOLE (PIN_PAGE_FIRST | PIN_PAGE_LAST)

static struct pins *
open_as(const char *server, bool deny)
{
	struct pins_options opt = { scratch_db, server, "5f3a9c2e", deny };

	return pins_new(&opt);
}

/* The tools of a JSON array. */
static struct canon
canon_of(const char *text)
{
	static const struct json_limits limits = { LIMIT_FRAME_BYTES,
		LIMIT_DEPTH, LIMIT_TOKENS, false };
	struct canon c;
	struct json doc;

	json_init(&doc);
	canon_init(&c);
	ck_assert_msg(
	    json_read(&doc, slice_of(text), &limits, &scratch_err) == 0,
	    "%s: %s", text, scratch_err.msg);
	for (json_at at = json_first(&doc, JSON_ROOT); at != JSON_NONE;
	     at = json_sibling(&doc, JSON_ROOT, at))
		ck_assert_int_eq(canon_add(&c, &doc, at, &scratch_err), 0);
	json_release(&doc);
	return c;
}

static int
page(struct pins *p, const char *text, unsigned which, struct pin_report *r)
{
	struct canon c = canon_of(text);
	int rc = pins_listing(p, &c, which, r, &scratch_err);

	canon_release(&c);
	return rc;
}

/*
 * Findings in short: a letter for each tool (s)ame (f)irst (n)ew (c)hanged
 * (d)uplicate (t)oo many; in capitals if it was told before; '!' if it waits;
 * then what was found with it.
 */
static void
summary(const struct pin_report *r, char dst[1024])
{
	static const char letters[] = "sfncdt";
	size_t n = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < r->n && n < 900; i++) {
		const struct pin_finding *f = &r->v[i];
		char c = letters[f->status];

		n += (size_t)snprintf(dst + n, 1024 - n, "%s%c%s",
		    i > 0 ? " " : "", f->told ? c - 32 : c,
		    f->waits ? "!" : "");
		if (f->changes != NULL)
			n += (size_t)snprintf(
			    dst + n, 1024 - n, "(%.100s)", f->changes);
		if (f->was != NULL)
			n += (size_t)snprintf(
			    dst + n, 1024 - n, "<%.100s", f->was);
		if (f->elsewhere != NULL)
			n += (size_t)snprintf(
			    dst + n, 1024 - n, "@%.100s", f->elsewhere);
	}
	for (size_t i = 0; i < r->nvanished && n < 900; i++)
		n += (size_t)snprintf(
		    dst + n, 1024 - n, " -%.100s", r->vanished[i]);
}

static void
expect(struct pins *p, const char *text, unsigned which, const char *want)
{
	struct pin_report r = { .v = NULL };
	char got[1024];

	ck_assert_msg(
	    page(p, text, which, &r) == 0, "%s: %s", text, scratch_err.msg);
	ck_assert(r.recorded);
	summary(&r, got);
	ck_assert_msg(
	    strcmp(got, want) == 0, "%s: got '%s', not '%s'", text, got, want);
	pin_report_release(&r);
}

#define A "{\"name\":\"a\",\"description\":\"x\"}"
#define A2 "{\"name\":\"a\",\"description\":\"evil\"}"
#define A_SPELT "{ \"description\":\"\\u0078\" , \"name\":\"\\u0061\"}"
#define B                                                                      \
	"{\"name\":\"b\",\"description\":\"y\",\"inputSchema\":{\"maximum\":1}}"
#define B_SPELT                                                                \
	"{\"inputSchema\":{\"maximum\":10e-1},\"name\":\"b\","                 \
	"\"description\":\"y\"}"
#define C_LIKE_A "{\"name\":\"c\",\"description\":\"x\"}"
#define A_META "{\"name\":\"a\",\"description\":\"x\",\"_meta\":{\"k\":1}}"
#define ODD "{\"name\":\"\\u0000\\u001b[2J\\u202e'\"}"

/* Listings of one server, one after the other. */
static const struct {
	const char *label;
	bool deny;
	const char *steps[10]; /* listing and finding, by turns */
} stories[] = {
	{ "the same", true,
	    { "[" A "," B "]", "f f", "[" A "," B "]", "s s" } },
	{ "spelt in another way", true,
	    { "[" A "," B "]", "f f", "[" B_SPELT "," A_SPELT "]", "s s" } },
	{ "changed, and back", false,
	    { "[" A "]", "f", "[" A2 "]", "c!(description)", "[" A2 "]",
		"C!(description)", "[" A "]", "s", "[" A2 "]",
		"c!(description)" } },
	{ "changed under deny", true,
	    { "[" A "]", "f", "[" A2 "]", "c!(description)" } },
	{ "what the protocol does not know", true,
	    { "[" A "]", "f", "[" A_META "]", "c!(_meta (new))", "[" A_META "]",
		"C!(_meta (new))" } },
	{ "new, logged", false,
	    { "[" A "]", "f", "[" A "," B "]", "s n", "[" A "," B "]",
		"s s" } },
	{ "new, denied", true,
	    { "[" A "]", "f", "[" A "," B "]", "s n!", "[" A "," B "]", "s N!",
		"[" A "]", "s", "[" A "," B "]", "s n!" } },
	{ "vanished, and back", true,
	    { "[" A "," B "]", "f f", "[" A "]", "s -b", "[" A "]", "s",
		"[" A "," B "]", "s s" } },
	{ "vanished, and back with another face", true,
	    { "[" A "," B "]", "f f", "[" B "]", "s -a", "[" A2 "," B "]",
		"c!(description) s" } },
	{ "renamed", false,
	    { "[" A "]", "f", "[" C_LIKE_A "]", "n<a -a", "[" C_LIKE_A "]",
		"s" } },
	{ "a copy is no new name", false,
	    { "[" A "]", "f", "[" A "," C_LIKE_A "]", "s n" } },
	{ "one name twice", true,
	    { "[" A "," A2 "]", "f d", "[" A2 "," A "]",
		"c!(description) d" } },
	{ "odd names", true,
	    { "[" ODD "," A "]", "f f", "[" ODD "," A "]", "s s", "[" A "]",
		"s -\\x00\\x1b[2J\\xe2\\x80\\xae'" } },
	{ "nothing at first", true, { "[]", "", "[" A "]", "f" } },
	{ "everything gone", true, { "[" A "]", "f", "[]", " -a" } },
};

START_TEST(story)
{
	const char *const *s = stories[_i].steps;

	for (; *s != NULL; s += 2) {
		/* As sessions of their own: nothing is kept but in the file. */
		struct pins *p = open_as("files", stories[_i].deny);

		expect(p, s[0], WHOLE, s[1]);
		pins_free(p);
		if (s == stories[_i].steps + 8)
			break;
	}
	scratch_whole();
}
END_TEST

static int64_t
change_counter(void)
{
	return scratch_sql("PRAGMA data_version") * 0 +
	       scratch_sql("SELECT sum(first_us + accepted_us + gone_us +"
			   " state) + count(*) FROM pin");
}

/* A write lock that somebody holds does not stop a listing that is known. */
START_TEST(nothing_written)
{
	struct pins *p = open_as("files", true);
	int64_t before;
	sqlite3 *db;

	expect(p, "[" A "," B "]", WHOLE, "f f");
	before = change_counter();
	ck_assert_int_eq(sqlite3_open(scratch_db, &db), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	expect(p, "[" B "," A "]", WHOLE, "s s");
	(void)sqlite3_close(db);
	ck_assert_int_eq(change_counter(), before);
	pins_free(p);
}
END_TEST

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

START_TEST(locked)
{
	struct pins *p = open_as("files", true);
	struct pin_report r = { .v = NULL };
	int64_t from;
	sqlite3 *db;

	expect(p, "[" A "]", WHOLE, "f");
	ck_assert_int_eq(sqlite3_open(scratch_db, &db), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	from = now_ms();
	/* What was found is said all the same. */
	ck_assert_int_eq(page(p, "[" A2 "]", WHOLE, &r), 1);
	ck_assert_int_ge(now_ms() - from, PINS_BUSY_MS / 2);
	ck_assert_int_lt(now_ms() - from, 20 * PINS_BUSY_MS);
	ck_assert(!r.recorded && r.n == 1 && r.v[0].status == PIN_CHANGED);
	ck_assert_ptr_nonnull(strstr(scratch_err.msg, "database is locked"));
	pin_report_release(&r);
	(void)sqlite3_close(db);
	expect(p, "[" A2 "]", WHOLE, "c!(description)");
	pins_free(p);
}
END_TEST

/* The superuser may write anything, so somebody else does this. */
START_TEST(read_only)
{
	struct pins *p = open_as("files", true);
	struct pin_report r = { .v = NULL };
	bool root = geteuid() == 0;
	int rc;

	expect(p, "[" A "]", WHOLE, "f");
	(void)scratch_sql("PRAGMA journal_mode = DELETE");
	ck_assert_int_eq(chmod(scratch_db, 0444), 0);
	if (root) {
		ck_assert_int_eq(chmod(scratch_dir, 0755), 0);
		ck_assert_int_eq(seteuid(65534), 0);
	}
	expect(p, "[" A "]", WHOLE, "s");
	rc = page(p, "[" A2 "]", WHOLE, &r);
	if (root)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_msg(rc == 1, "%d: %s", rc, scratch_err.msg);
	ck_assert(!r.recorded && r.v[0].status == PIN_CHANGED);
	pin_report_release(&r);
	pins_free(p);
}
END_TEST

START_TEST(full_disk)
{
	struct pins *p = open_as("files", true);
	struct pin_report r = { .v = NULL };
	struct rlimit old, now;
	char *big = xmalloc(200064), *at;

	at = stpcpy(big, "[{\"name\":\"big\",\"description\":\"");
	memset(at, 'x', 200000);
	(void)stpcpy(at + 200000, "\"}]");
	expect(p, "[" A "]", WHOLE, "f");
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	now = old;
	now.rlim_cur = 150000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &now), 0);
	ck_assert_int_eq(page(p, big, WHOLE, &r), 1);
	ck_assert(!r.recorded && r.v[0].status == PIN_NEW);
	pin_report_release(&r);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	expect(p, big, WHOLE, "n! -a");
	pins_free(p);
	free(big);
}
END_TEST

static const struct {
	const char *text, *want;
} wrong[] = {
	{ "This is no database, but a letter.....", "not a database" },
	{ NULL, "audit database '" },
};

START_TEST(no_database)
{
	struct pins *p = open_as("files", false);
	struct pin_report r = { .v = NULL };

	if (wrong[_i].text != NULL)
		scratch_write(
		    scratch_db, wrong[_i].text, strlen(wrong[_i].text), 0600);
	else
		ck_assert_int_eq(mkdir(scratch_db, 0700), 0);
	ck_assert_int_eq(page(p, "[" A "]", WHOLE, &r), -1);
	ck_assert_msg(strstr(scratch_err.msg, wrong[_i].want) != NULL, "%s",
	    scratch_err.msg);
	pins_free(p);
}
END_TEST

/* An audit log from before there were pins, and one that goes on with them. */
START_TEST(beside_the_log)
{
	struct journal *j = scratch_journal();
	struct pins *p;

	scratch_append(j, 5);
	(void)scratch_fold();
	ck_assert_int_eq(scratch_sql("SELECT count(*) FROM sqlite_master WHERE"
				     " name = 'pin'"),
	    0);
	p = open_as("files", true);
	expect(p, "[" A "]", WHOLE, "f");
	scratch_append(j, 5);
	journal_close(j);
	ck_assert_uint_eq(scratch_fold(), 5);
	expect(p, "[" A2 "]", WHOLE, "c!(description)");
	scratch_whole();
	ck_assert_int_eq(scratch_sql("SELECT count(*) FROM event"), 10);
	pins_free(p);
}
END_TEST

START_TEST(pages)
{
	struct pins *p = open_as("files", true);

	/* All of the first listing is first sight. */
	expect(p, "[" A "]", PIN_PAGE_FIRST, "f");
	expect(p, "[" B "]", PIN_PAGE_LAST, "f");
	/* A page that is asked for twice is no duplicate. */
	expect(p, "[" A "]", PIN_PAGE_FIRST, "s");
	expect(p, "[" A "]", 0, "s");
	expect(p, "[" B "]", PIN_PAGE_LAST, "s");
	/* Nothing is missed while pages are to come, or one was not seen. */
	expect(p, "[" A "]", PIN_PAGE_FIRST, "s");
	expect(p, "[" A "]", PIN_PAGE_FIRST, "s");
	expect(p, "[]", PIN_PAGE_LAST, " -b");
	expect(p, "[" B "]", PIN_PAGE_LAST, "s");
	/* Another definition of the name, a page later. */
	expect(p, "[" A "]", PIN_PAGE_FIRST, "s");
	expect(p, "[" B "," A2 "]", PIN_PAGE_LAST, "s c!(description)");
	/* What comes later in a known listing is new. */
	expect(p, "[" A "]", PIN_PAGE_FIRST, "s");
	expect(p, "[" C_LIKE_A "]", PIN_PAGE_LAST, "n! -b");
	pins_free(p);
}
END_TEST

START_TEST(two_servers)
{
	struct pins *one = open_as("files", true), *two = open_as("mail", true);

	expect(one, "[" A "," B "]", WHOLE, "f f");
	expect(two, "[" A2 "]", WHOLE, "f@files");
	expect(one, "[" A "," B "]", WHOLE, "s@mail s");
	/* A name that the other has given up is no longer claimed. */
	expect(two, "[]", WHOLE, " -a");
	expect(one, "[" A "," B "]", WHOLE, "s s");
	pins_free(one);
	pins_free(two);
}
END_TEST

/* Many proxies see a server first at once: all agree on what it said. */
START_TEST(at_once)
{
	int status, nfirst = 0;
	pid_t pids[6];

	for (size_t i = 0; i < nitems(pids); i++) {
		ck_assert_int_ne(pids[i] = fork(), -1);
		if (pids[i] == 0) {
			struct pins *p = open_as("files", true);
			struct pin_report r = { .v = NULL };
			int rc = -1;

			for (int t = 0; t < 50 && rc != 0; t++) {
				pin_report_release(&r);
				rc = page(p, i % 2 ? "[" A "]" : "[" A2 "]",
				    WHOLE, &r);
			}
			rc = rc != 0 ? 9 : 10 + (int)r.v[0].status;
			pin_report_release(&r);
			pins_free(p);
			_exit(rc);
		}
	}
	for (size_t i = 0; i < nitems(pids); i++) {
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert(WIFEXITED(status));
		status = WEXITSTATUS(status) - 10;
		nfirst += status == PIN_FIRST;
		ck_assert_msg(status == PIN_FIRST || status == PIN_SAME ||
				  status == PIN_CHANGED,
		    "%d", status);
	}
	ck_assert_int_eq(nfirst, 1);
	ck_assert_int_eq(
	    scratch_sql("SELECT count(*) FROM pin WHERE state = 0"), 1);
}
END_TEST

static struct canon
many(int n, int from, int description)
{
	struct buf b;
	struct canon c;

	buf_init(&b, 64U << 20);
	for (int i = 0; i < n; i++)
		buf_must(buf_addf(&b,
		    "%c{\"name\":\"t%d\",\"description\":"
		    "\"%0*d\"}",
		    i == 0 ? '[' : ',', from + i, description, from + i));
	buf_must(buf_add_byte(&b, ']'));
	buf_must(buf_add_byte(&b, '\0'));
	c = canon_of(b.at);
	buf_release(&b);
	return c;
}

/* Fresh names without end: rows, bytes and time stay bounded. */
START_TEST(flood)
{
	struct pins *p = open_as("files", _i == 1);
	struct pin_report r = { .v = NULL };
	size_t refused = 0;
	int64_t rows, bytes;

	for (int round = 0; round < 2; round++) {
		struct canon c = many(10000, round * 10000, 1000);

		ck_assert_int_eq(
		    pins_listing(p, &c, WHOLE, &r, &scratch_err), 0);
		for (size_t i = 0; i < r.n; i++)
			refused += r.v[i].status == PIN_TOO_MANY;
		pin_report_release(&r);
		canon_release(&c);
	}
	ck_assert_uint_ge(refused, 20000 - 2 * PIN_TOOLS_MAX);
	rows = scratch_sql("SELECT count(*) FROM pin");
	bytes = scratch_sql("SELECT sum(length(definition)) FROM pin");
	ck_assert_int_eq(rows, PIN_TOOLS_MAX);
	ck_assert_int_le(bytes, PIN_TEXTS_MAX);
	ck_assert_int_gt(bytes, PIN_TEXTS_MAX / 2);
	pins_free(p);
}
END_TEST

START_TEST(long_name)
{
	struct pins *p = open_as("files", true);
	char text[2 * CANON_NAME_MAX], *at = stpcpy(text, "[{\"name\":\"");

	memset(at, 'n', CANON_NAME_MAX + 1);
	(void)stpcpy(at + CANON_NAME_MAX + 1, "\"}]");
	expect(p, text, WHOLE, "t");
	pins_free(p);
}
END_TEST

/* Beyond what is kept as text, the fields are still told apart. */
START_TEST(changed_without_text)
{
	struct pins *p = open_as("files", true);
	size_t len = CANON_TEXT_MAX;
	char *text = xmalloc(len + 64),
	     *at = stpcpy(text, "[{\"name\":\"a\",\"title\":\"");

	memset(at, 'x', len);
	(void)stpcpy(at + len, "\"}]");
	expect(p, text, WHOLE, "f");
	expect(p, text, WHOLE, "s");
	at[len / 2] = 'y';
	expect(p, text, WHOLE, "c!(title)");
	pins_free(p);
	free(text);
}
END_TEST

static int
refuse(void *arg, const struct pin_row *row, struct error *err)
{
	(void)row;
	++*(int *)arg;
	return error_set(err, "no");
}

static int
admin(bool accept, const char *tool, pin_each *each, void *arg)
{
	struct pin_table t;
	int n;

	ck_assert_int_eq(
	    pin_table_open(&t, scratch_db, true, 5000, &scratch_err), 0);
	n = (accept ? pins_accept : pins_reset)(
	    &t, "files", tool, each, arg, &scratch_err);
	pin_table_close(&t);
	return n;
}

START_TEST(accepting)
{
	struct pins *p = open_as("files", true);
	int asked = 0;

	expect(p, "[" A "," B "]", WHOLE, "f f");
	ck_assert_int_eq(admin(true, NULL, NULL, NULL), 0);
	expect(p, "[" A2 "," B "," C_LIKE_A "]", WHOLE, "c!(description) s n!");
	ck_assert_int_eq(admin(true, "b", NULL, NULL), 0);
	/* What cannot be recorded is not done. */
	ck_assert_int_eq(admin(true, NULL, refuse, &asked), -1);
	ck_assert_int_eq(asked, 1);
	expect(p, "[" A2 "," B "," C_LIKE_A "]", WHOLE, "C!(description) s N!");
	ck_assert_int_eq(admin(true, "a", NULL, NULL), 1);
	expect(p, "[" A2 "," B "," C_LIKE_A "]", WHOLE, "s s N!");
	ck_assert_int_eq(admin(true, NULL, NULL, NULL), 1);
	expect(p, "[" A2 "," B "," C_LIKE_A "]", WHOLE, "s s s");
	expect(p, "[" A "," B "," C_LIKE_A "]", WHOLE, "c!(description) s s");
	pins_free(p);
}
END_TEST

START_TEST(resetting)
{
	struct pins *p = open_as("files", true);

	expect(p, "[" A "," B "]", WHOLE, "f f");
	ck_assert_int_eq(admin(false, "c", NULL, NULL), 0);
	ck_assert_int_eq(admin(false, "a", NULL, NULL), 1);
	ck_assert_int_eq(admin(false, "a", NULL, NULL), 0);
	/* First sight of that tool alone. */
	expect(p, "[" A2 "," B "," C_LIKE_A "]", WHOLE, "f s n!");
	expect(p, "[" A2 "," B "," C_LIKE_A "]", WHOLE, "s s N!");
	ck_assert_int_eq(admin(false, "a", NULL, NULL), 1);
	ck_assert_int_gt(admin(false, NULL, NULL, NULL), 0);
	ck_assert_int_eq(scratch_sql("SELECT count(*) FROM pin"), 0);
	expect(p, "[" A "]", WHOLE, "f");
	pins_free(p);
}
END_TEST

/* Somebody has meddled with the table. */
START_TEST(damaged)
{
	struct pins *p = open_as("files", true);
	struct pin_report r = { .v = NULL };

	expect(p, "[" A "]", WHOLE, "f");
	(void)scratch_sql("UPDATE pin SET hash = x'00'");
	ck_assert_int_eq(page(p, "[" A "]", WHOLE, &r), -1);
	ck_assert_ptr_nonnull(strstr(scratch_err.msg, "a pin is damaged"));
	pins_free(p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pin");

	tcase_add_loop_test(tc, story, 0, (int)nitems(stories));
	tcase_add_test(tc, nothing_written);
	tcase_add_test(tc, locked);
	tcase_add_test(tc, read_only);
	tcase_add_test(tc, full_disk);
	tcase_add_loop_test(tc, no_database, 0, (int)nitems(wrong));
	tcase_add_test(tc, beside_the_log);
	tcase_add_test(tc, pages);
	tcase_add_test(tc, two_servers);
	tcase_add_test(tc, at_once);
	tcase_add_loop_test(tc, flood, 0, 2);
	tcase_add_test(tc, long_name);
	tcase_add_test(tc, changed_without_text);
	tcase_add_test(tc, accepting);
	tcase_add_test(tc, resetting);
	tcase_add_test(tc, damaged);
	return scratch_run(tc, "pin");
}
