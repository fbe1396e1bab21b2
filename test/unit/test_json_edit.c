/*
 * Edits: members and elements taken out, spans replaced, lines made safe, and
 * all of it together; what comes out reads again.
 */
#include "test/unit/json_help.h"

struct fixture {
	struct json doc;
	struct json_edits edits;
	struct buf out;
};

static void
setup(struct fixture *f, struct slice text)
{
	json_init(&f->doc);
	json_edits_init(&f->edits);
	buf_init(&f->out, SIZE_MAX / 4);
	read_ok(&f->doc, text, &lenient);
}

static void
teardown(struct fixture *f)
{
	json_edits_release(&f->edits);
	buf_release(&f->out);
	json_release(&f->doc);
}

static void
applied(struct fixture *f, const char *want, const char *label)
{
	ck_assert_int_eq(json_apply(&f->edits, f->doc.text, &f->out), 0);
	slice_is_text(buf_slice(&f->out), want, label);
}

/* Children taken out of the outermost container. */
static const struct {
	const char *label, *text;
	unsigned drop; /* a bit for each child of the root */
	const char *want;
} removals[] = {
	/* clang-format off */
	{ "none", "[1, 2]", 0, "[1, 2]" },
	{ "the only one", "[ 1 ]", 1, "[  ]" },
	{ "the first", "[1, 2 ,3]", 1, "[2 ,3]" },
	{ "the middle one", "[1, 2 ,3]", 2, "[1 ,3]" },
	{ "the last", "[1, 2 ,3 ]", 4, "[1, 2 ]" },
	{ "the first two", "[1, 2 ,3]", 3, "[3]" },
	{ "the last two", "[1, 2 ,3]", 6, "[1]" },
	{ "first and last", "[1, 2 ,3 ]", 5, "[2 ]" },
	{ "all", "[1, 2 ,3]", 7, "[]" },
	{ "every other one", "[1,2,3,4,5]", 0x15, "[2,4]" },
	{ "the others", "[1,2,3,4,5]", 0xa, "[1,3,5]" },
	{ "the only member", "{\"a\":1}", 1, "{}" },
	{ "the first member", "{\"a\" : 1 , \"b\" : [2]}", 1,
	    "{\"b\" : [2]}" },
	{ "the last member", "{\"a\":1,\"b\":[2]}", 2, "{\"a\":1}" },
	{ "a member between", "{\"a\":1, \"b\":{\"c\":3},\"d\":4}", 2,
	    "{\"a\":1,\"d\":4}" },
	{ "neighbours", "{\"a\":1,\"b\":{\"c\":3},\"d\":[4],\"e\":5}", 6,
	    "{\"a\":1,\"e\":5}" },
	/* clang-format on */
};

START_TEST(removes)
{
	struct json again;
	struct fixture f;
	json_at drop[8];
	size_t n = 0, i = 0;

	setup(&f, slice_of(removals[_i].text));
	for (json_at at = json_first(&f.doc, JSON_ROOT); at != JSON_NONE;
	     at = json_sibling(&f.doc, JSON_ROOT, at), i++)
		if ((removals[_i].drop >> i & 1) != 0)
			drop[n++] = at;
	json_remove(&f.edits, &f.doc, JSON_ROOT, drop, n);
	applied(&f, removals[_i].want, removals[_i].label);
	json_init(&again);
	read_ok(&again, buf_slice(&f.out), &wide);
	json_release(&again);
	teardown(&f);
}
END_TEST

static const struct {
	const char *label;
	struct slice text;
	const char *want;
} lines[] = {
	/* clang-format off */
	{ "nothing to do", TEXT("{\"a\":\"\\u2028\\r\"}"),
	    "{\"a\":\"\\u2028\\r\"}" },
	{ "CR between tokens", TEXT("\r{\r\"a\"\r:\r\r1\r}\r"),
	    " { \"a\" :  1 } " },
	{ "the three", TEXT("\"\xc2\x85x\xe2\x80\xa8y\xe2\x80\xa9\""),
	    "\"\\u0085x\\u2028y\\u2029\"" },
	{ "in a key", TEXT("{\"\xc2\x85\":1}"), "{\"\\u0085\":1}" },
	{ "behind a backslash", TEXT("\"\\\\\xe2\x80\xa8\""),
	    "\"\\\\\\u2028\"" },
	{ "their neighbours", TEXT("[\r\"\xc2\x84\xe2\x80\xa7\xe2\x81\xa8\"]"),
	    "[ \"\xc2\x84\xe2\x80\xa7\xe2\x81\xa8\"]" },
	{ "far apart", TEXT("[\r\"0123456789012345678901234567890123456789\","
	    "\r1]"), "[ \"0123456789012345678901234567890123456789\", 1]" },
	{ "high half", TEXT("\"\\ud800\""), "\"\\ufffd\"" },
	{ "low half", TEXT("\"a\\uDC00b\""), "\"a\\ufffdb\"" },
	{ "the wrong way round", TEXT("\"\\udc00\\ud800\""),
	    "\"\\ufffd\\ufffd\"" },
	{ "high half before a pair", TEXT("\"\\ud800\\ud83d\\ude00\""),
	    "\"\\ufffd\\ud83d\\ude00\"" },
	{ "a pair stays", TEXT("[\r\"\\ud83d\\ude00\"]"),
	    "[ \"\\ud83d\\ude00\"]" },
	{ "not an escape", TEXT("[\r\"\\\\ud800\"]"), "[ \"\\\\ud800\"]" },
	/* clang-format on */
};

START_TEST(safe_lines)
{
	struct json again;
	struct fixture f;

	setup(&f, lines[_i].text);
	json_lines(&f.edits, &f.doc);
	ck_assert((f.edits.n == 0) == (f.doc.unsafe == 0));
	applied(&f, lines[_i].want, lines[_i].label);
	json_init(&again);
	read_ok(&again, buf_slice(&f.out), &wide);
	ck_assert_uint_eq(again.unsafe, 0);
	ck_assert_uint_eq(again.ntok, f.doc.ntok);
	json_release(&again);
	teardown(&f);
}
END_TEST

/* Unsafe text of 3 MiB: what the edits take stays near its length. */
START_TEST(edits_are_bounded)
{
	static const char *const pieces[] = { "\"a\xc2\x85\",", "\"\xc2\x85\",",
		"1,\r", "\"abcdefghijklmnopqrstuvwxyz0123456789\xc2\x85\"," };
	struct json_edits e;
	struct buf text;
	struct json doc;

	json_init(&doc);
	json_edits_init(&e);
	buf_init(&text, SIZE_MAX / 4);
	ck_assert_int_eq(buf_add_str(&text, "["), 0);
	while (text.len < 3UL << 20)
		ck_assert_int_eq(buf_add_str(&text, pieces[_i]), 0);
	ck_assert_int_eq(buf_add_str(&text, "0]"), 0);
	read_ok(&doc, buf_slice(&text), &wide);
	json_lines(&e, &doc);
	ck_assert_uint_gt(e.n, 0);
	ck_assert_uint_le(e.n * sizeof(*e.v) + e.bytes.len, 4 * text.len);
	if (_i == 3) /* far apart: what is between is not copied */
		ck_assert_uint_lt(e.bytes.len, text.len / 4);
	json_edits_clear(&e);
	ck_assert(e.n == 0 && e.bytes.len == 0);
	ck_assert_uint_le(e.cap * sizeof(*e.v) + e.bytes.cap, 2 * 65536);
	json_edits_release(&e);
	buf_release(&text);
	json_release(&doc);
}
END_TEST

START_TEST(replaces)
{
	struct fixture f;
	json_at a, b;

	setup(&f, slice_of("{\"a\":\"x\",\r\"b\":[\r2]}"));
	a = json_get(&f.doc, JSON_ROOT, "a");
	b = json_get(&f.doc, JSON_ROOT, "b");
	/* Out of order, an insertion among them, a CR inside a span. */
	json_replace(
	    &f.edits, f.doc.tok[b].first, f.doc.tok[b].end, slice_of("null"));
	json_replace(
	    &f.edits, f.doc.tok[a].first, f.doc.tok[a].first, slice_of(" "));
	json_replace_string(&f.edits, &f.doc, a, slice_of("\"\n\\"));
	json_lines(&f.edits, &f.doc);
	applied(&f, "{\"a\": \"\\\"\\n\\\\\", \"b\":null}", "three edits");
	teardown(&f);
}
END_TEST

/* What lies in another span is left to that, whichever was added first. */
START_TEST(nested)
{
	struct fixture f;
	json_at tools, tool;

	setup(&f, slice_of("{\"tools\":[{\"d\":\"x\xc2\x85\"},\r{\"d\":\"y\"}],"
			   "\"n\":\r1}"));
	tools = json_get(&f.doc, JSON_ROOT, "tools");
	tool = json_first(&f.doc, tools);
	if (_i == 0)
		json_replace_string(&f.edits, &f.doc,
		    json_get(&f.doc, tool, "d"), slice_of("gone"));
	json_remove(&f.edits, &f.doc, tools, &tool, 1);
	if (_i == 1)
		json_replace_string(&f.edits, &f.doc,
		    json_get(&f.doc, tool, "d"), slice_of("gone"));
	json_lines(&f.edits, &f.doc);
	applied(&f, "{\"tools\":[{\"d\":\"y\"}],\"n\": 1}", "nested");
	teardown(&f);
}
END_TEST

static const struct {
	const char *label;
	struct {
		size_t first, end;
		const char *with;
	} v[2];
	const char *want; /* NULL: they contradict each other */
} pairs[] = {
	/* clang-format off */
	{ "neighbours", { { 2, 4, "x" }, { 0, 2, "y" } }, "yx456789" },
	{ "the whole", { { 0, 10, "x" }, { 10, 10, "y" } }, "xy" },
	{ "insertions keep their order", { { 3, 3, "x" }, { 3, 3, "y" } },
	    "012xy3456789" },
	{ "insertion before a removal", { { 3, 5, "" }, { 3, 3, "y" } },
	    "012y56789" },
	{ "insertion inside one", { { 3, 5, "" }, { 4, 4, "y" } },
	    "01256789" },
	{ "removed twice", { { 3, 5, "" }, { 3, 5, "" } }, "01256789" },
	{ "replaced twice", { { 3, 5, "x" }, { 3, 5, "y" } }, "012x56789" },
	{ "inside a replacement", { { 4, 5, "y" }, { 3, 7, "x" } },
	    "012x789" },
	{ "crossed", { { 3, 6, "" }, { 5, 8, "" } }, NULL },
	/* clang-format on */
};

START_TEST(conflicts)
{
	struct slice text = slice_of("0123456789");
	struct json_edits e;
	struct buf out;
	int rc;

	json_edits_init(&e);
	buf_init(&out, 64);
	ck_assert_int_eq(buf_add_str(&out, ">"), 0);
	for (size_t i = 0; i < nitems(pairs[_i].v); i++)
		json_replace(&e, pairs[_i].v[i].first, pairs[_i].v[i].end,
		    slice_of(pairs[_i].v[i].with));
	rc = json_apply(&e, text, &out);
	ck_assert_int_eq(rc, pairs[_i].want == NULL ? -1 : 0);
	ck_assert_int_eq(out.at[0], '>');
	slice_is_text((struct slice){ out.at + 1, out.len - 1 },
	    pairs[_i].want == NULL ? "" : pairs[_i].want, pairs[_i].label);
	json_edits_release(&e);
	buf_release(&out);
}
END_TEST

/* Each maximum below what is written fails and leaves dst alone. */
START_TEST(respects_max)
{
	struct json_edits e;
	struct buf out;

	for (size_t max = 1; max <= 9; max++) {
		json_edits_init(&e);
		buf_init(&out, max);
		json_replace(&e, 1, 2, slice_of("xyz"));
		ck_assert_int_eq(buf_add_str(&out, ">"), 0);
		ck_assert_int_eq(
		    json_apply(&e, slice_of("[1,2]"), &out), max < 8 ? -1 : 0);
		ck_assert_uint_eq(out.len, max < 8 ? 1 : 8);
		json_edits_release(&e);
		buf_release(&out);
		buf_init(&out, max);
		ck_assert_int_eq(buf_add_str(&out, ">"), 0);
		ck_assert_int_eq(json_quote(&out, slice_of("a\n\x01")), -1);
		ck_assert_uint_eq(out.len, 1);
		buf_release(&out);
	}
}
END_TEST

static const struct {
	const char *label;
	struct slice text;
	const char *want;
} quotes[] = {
	/* clang-format off */
	{ "plain", TEXT("abc"), "\"abc\"" },
	{ "empty", TEXT(""), "\"\"" },
	{ "named", TEXT("\"\\/\b\f\n\r\t"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
	{ "controls", TEXT("\0\x01\x1f\x7f"), "\"\\u0000\\u0001\\u001f\x7f\"" },
	{ "UTF-8", TEXT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
	    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ "ends of lines", TEXT("\xc2\x85\xe2\x80\xa8\xe2\x80\xa9"),
	    "\"\\u0085\\u2028\\u2029\"" },
	{ "not UTF-8", TEXT("a\x80\xe2\x82z\xff"),
	    "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\"" },
	{ "a raw surrogate", TEXT("\xed\xa0\x80"),
	    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	/* clang-format on */
};

START_TEST(quoted)
{
	struct json doc;
	struct buf out;

	buf_init(&out, 64);
	ck_assert_int_eq(json_quote(&out, quotes[_i].text), 0);
	slice_is_text(buf_slice(&out), quotes[_i].want, quotes[_i].label);
	json_init(&doc);
	read_ok(&doc, buf_slice(&out), &wide);
	ck_assert_uint_eq(doc.unsafe, 0);
	json_release(&doc);
	buf_release(&out);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("json_edit");

	tcase_add_loop_test(tc, removes, 0, (int)nitems(removals));
	tcase_add_loop_test(tc, safe_lines, 0, (int)nitems(lines));
	tcase_add_loop_test(tc, edits_are_bounded, 0, 4);
	tcase_add_test(tc, replaces);
	tcase_add_loop_test(tc, nested, 0, 2);
	tcase_add_loop_test(tc, conflicts, 0, (int)nitems(pairs));
	tcase_add_test(tc, respects_max);
	tcase_add_loop_test(tc, quoted, 0, (int)nitems(quotes));
	return unit_run(tc, "json_edit");
}
