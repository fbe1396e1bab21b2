/*
 * The canonical form, from RFC 8785's own examples to what an attacker would
 * like to have the same hash; and the names of what changed.
 */
#include <time.h>

#include "policy/canon.h"
#include "test/unit/json_help.h"

/* By what it must come out as. */
static const struct {
	struct slice text;
	const char *want;
} forms[] = {
	{ TEXT("{}"), "{}" },
	{ TEXT(" [ ] "), "[]" },
	{ TEXT("{\"b\":1,\"a\":[2, 3]}"), "{\"a\":[2,3],\"b\":1}" },
	{ TEXT("{\"b\":{\"z\":0,\"y\":{\"d\":1,\"c\":2}},\"a\":null}"),
	    "{\"a\":null,\"b\":{\"y\":{\"c\":2,\"d\":1},\"z\":0}}" },
	/* RFC 8785, section 3.2.2, but for what a double would round. */
	{ TEXT("{\"numbers\":[333333333.333333333,1E30,4.50,2e-3,"
	       "0.000000000000000000000000001],"
	       "\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c"
	       "\\\\\\\"\\/\",\"literals\":[null,true,false]}"),
	    "{\"literals\":[null,true,false],"
	    "\"numbers\":[333333333.333333333,1e+30,4.5,0.002,1e-27],"
	    "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}" },
	/* RFC 8785, section 3.2.3: the order is that of UTF-16. */
	{ TEXT("{\"\\u20ac\":\"Euro\",\"\\r\":\"CR\",\"\\ufb33\":\"Dagesh\","
	       "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji\",\"\\u0080\":\"C\","
	       "\"\\u00f6\":\"o\"}"),
	    "{\"\\r\":\"CR\",\"1\":\"One\",\"\xc2\x80\":\"C\",\"\xc3\xb6\":"
	    "\"o\",\"\xe2\x82\xac\":\"Euro\",\"\xf0\x9f\x98\x80\":\"Emoji\","
	    "\"\xef\xac\xb3\":\"Dagesh\"}" },
	{ TEXT("\"\\u0000\\u0008\\u0009\\u000c\\u000d\\u001F\\u007f\""),
	    "\"\\u0000\\b\\t\\f\\r\\u001f\x7f\"" },
	{ TEXT("{\"a\\u0062\":1,\"aa\":2,\"a\":3}"),
	    "{\"a\":3,\"aa\":2,\"ab\":1}" },
	{ TEXT("[1.0,1,10e-1,100E-2,0.01e2,0.1e+1]"), "[1,1,1,1,1,1]" },
	{ TEXT("[0,-0,0.0,0e9,-0.00E-7]"), "[0,0,0,0,0]" },
	{ TEXT("[100,1e2,-100.00,12.50]"), "[100,100,-100,12.5]" },
	{ TEXT("[1e20,1e21,123456789012345678901234]"),
	    "[100000000000000000000,1e+21,1.23456789012345678901234e+23]" },
	{ TEXT("[0.000001,1e-7,1.5e-7,0.00000123]"),
	    "[0.000001,1e-7,1.5e-7,0.00000123]" },
	{ TEXT("[9007199254740993,9007199254740992]"),
	    "[9007199254740993,9007199254740992]" },
	{ TEXT("[1e99999999999999999999,1E99999999999999999998]"),
	    "[1e99999999999999999999,1E99999999999999999998]" },
};

START_TEST(form)
{
	struct json doc;
	struct buf out;

	json_init(&doc);
	buf_init(&out, 4096);
	read_ok(&doc, forms[_i].text, &wide);
	ck_assert_int_eq(canon_value(&doc, JSON_ROOT, &out), 0);
	slice_is_text(buf_slice(&out), forms[_i].want, forms[_i].text.at);
	/* What is canonical stays as it is. */
	read_ok(&doc, slice_of(forms[_i].want), &wide);
	out.len = 0;
	ck_assert_int_eq(canon_value(&doc, JSON_ROOT, &out), 0);
	slice_is_text(buf_slice(&out), forms[_i].want, "again");
	/* Where there is no room, nothing is left. */
	out.max = out.len - 1;
	out.len = 1;
	if (out.max > 1) {
		ck_assert_int_eq(canon_value(&doc, JSON_ROOT, &out), -1);
		ck_assert_uint_eq(out.len, 1);
	}
	buf_release(&out);
	json_release(&doc);
}
END_TEST

static void
add(struct canon *c, const char *text)
{
	struct json doc;
	struct error err = { "" };

	json_init(&doc);
	read_ok(&doc, slice_of(text), &wide);
	ck_assert_msg(
	    canon_add(c, &doc, JSON_ROOT, &err) == 0, "%s: %s", text, err.msg);
	json_release(&doc);
}

#define SAME 1 /* the definition */
#define NAMELESS 2 /* the definition but for its name */
#define REST 4 /* the unknown members */

static const struct {
	const char *a, *b;
	int same;
} pairs[] = {
	{ "{\"name\":\"a\",\"description\":\"x\"}",
	    "{ \"description\" : \"\\u0078\", \"\\u006eame\":\"a\" }",
	    SAME | NAMELESS | REST },
	{ "{\"name\":\"a\",\"inputSchema\":{\"minimum\":1.0,\"type\":\"x\"}}",
	    "{\"name\":\"a\",\"inputSchema\":{\"type\":\"x\",\"minimum\":1}}",
	    SAME | NAMELESS | REST },
	{ "{\"name\":\"a\",\"description\":\"x\"}",
	    "{\"name\":\"b\",\"description\":\"x\"}", NAMELESS | REST },
	{ "{\"name\":\"a\",\"description\":\"x\"}",
	    "{\"name\":\"a\",\"description\":\"x \"}", REST },
	{ "{\"name\":\"a\",\"description\":\"x\"}",
	    "{\"name\":\"a\",\"title\":\"x\"}", REST },
	{ "{\"name\":\"a\",\"title\":\"\"}", "{\"name\":\"a\"}", REST },
	{ "{\"name\":\"a\",\"title\":null}", "{\"name\":\"a\"}", REST },
	{ "{\"name\":\"a\",\"_meta\":{}}", "{\"name\":\"a\"}",
	    SAME | NAMELESS },
	{ "{\"name\":\"a\",\"_meta\":{\"x\":1}}",
	    "{\"name\":\"a\",\"_meta\":{\"x\":2}}", SAME | NAMELESS },
	/* A lenient client may read it as the description. */
	{ "{\"name\":\"a\",\"Description\":\"x\"}",
	    "{\"name\":\"a\",\"Description\":\"y\"}", SAME | NAMELESS },
	{ "{\"name\":\"a\",\"inputSchema\":{\"enum\":[1,2]}}",
	    "{\"name\":\"a\",\"inputSchema\":{\"enum\":[2,1]}}", REST },
	{ "{\"name\":\"a\",\"inputSchema\":{\"enum\":[\"1\"]}}",
	    "{\"name\":\"a\",\"inputSchema\":{\"enum\":[1]}}", REST },
	/* One unit in the last place of what a double would round. */
	{ "{\"name\":\"a\",\"inputSchema\":{\"maximum\":9007199254740993}}",
	    "{\"name\":\"a\",\"inputSchema\":{\"maximum\":9007199254740992}}",
	    REST },
	{ "{\"name\":\"a\",\"description\":\"x\\u200b\"}",
	    "{\"name\":\"a\",\"description\":\"x\"}", REST },
	{ "{\"name\":\"a\\u0000b\"}", "{\"name\":\"a\"}", NAMELESS | REST },
	/* A text is no structure. */
	{ "{\"name\":\"a\",\"description\":\"x\\\",\\\"title\\\":\\\"y\"}",
	    "{\"name\":\"a\",\"description\":\"x\",\"title\":\"y\"}", REST },
};

START_TEST(pair)
{
	const uint8_t *ra, *rb;
	struct canon c;
	int got = 0;

	canon_init(&c);
	add(&c, pairs[_i].a);
	add(&c, pairs[_i].b);
	ra = c.v[0].field[CANON_REST];
	rb = c.v[1].field[CANON_REST];
	if (memcmp(c.v[0].hash, c.v[1].hash, CANON_HASH) == 0)
		got |= SAME;
	if (memcmp(c.v[0].nameless, c.v[1].nameless, CANON_HASH) == 0)
		got |= NAMELESS;
	if (memcmp(ra, rb, CANON_HASH) == 0)
		got |= REST;
	ck_assert_msg(got == pairs[_i].same, "%s: %d", pairs[_i].b, got);
	ck_assert_int_eq(canon_same(c.v[0].hash, ra, c.v[1].hash, rb),
	    (got & (SAME | REST)) == (SAME | REST));
	canon_release(&c);
}
END_TEST

/* sha256sum(1) of the canonical form, so that others can compute it. */
START_TEST(known_hash)
{
	static const uint8_t want[] = { 0x44, 0xb9, 0xcd, 0x13, 0xcb, 0x3d,
		0x20, 0xdc, 0xbf, 0x1c, 0x05, 0x3c, 0xa3, 0x6a, 0xb1, 0x5b,
		0x27, 0x67, 0xb6, 0x8f, 0x3c, 0x8d, 0xf5, 0xc0, 0x28, 0x8e,
		0xa9, 0xf3, 0x21, 0xab, 0xac, 0xaf };
	struct canon c;

	canon_init(&c);
	add(&c, "{\"title\":\"T\",\"name\":\"read\",\"_meta\":{\"k\":1},"
		"\"inputSchema\":{\"type\":\"object\"},\"description\":\"d\"}");
	ck_assert_mem_eq(c.v[0].hash, want, CANON_HASH);
	slice_is_text((struct slice){ c.v[0].text, c.v[0].text_len },
	    "{\"_meta\":{\"k\":1},\"description\":\"d\",\"inputSchema\":{"
	    "\"type\":\"object\"},\"name\":\"read\",\"title\":\"T\"}",
	    "text");
	canon_release(&c);
}
END_TEST

static const char *const nameless[] = {
	"{}",
	"[]",
	"1",
	"null",
	"\"name\"",
	"{\"name\":1}",
	"{\"name\":null}",
	"{\"name\":[\"a\"]}",
	"{\"Name\":\"a\"}",
};

START_TEST(no_name)
{
	struct error err = { "" };
	struct canon c;
	struct json doc;

	canon_init(&c);
	json_init(&doc);
	read_ok(&doc, slice_of(nameless[_i]), &wide);
	ck_assert_int_eq(canon_add(&c, &doc, JSON_ROOT, &err), -1);
	ck_assert_str_eq(err.msg, "a listed tool has no name");
	ck_assert_uint_eq(c.n, 0);
	json_release(&doc);
	canon_release(&c);
}
END_TEST

static char *
long_tool(size_t name, size_t description)
{
	char *text = xmalloc(name + description + 64), *p = text;

	p = stpcpy(p, "{\"name\":\"");
	memset(p, 'n', name);
	p = stpcpy(p + name, "\",\"description\":\"");
	memset(p, 'd', description);
	(void)stpcpy(p + description, "\"}");
	return text;
}

/* What is too long for its text still has its hashes. */
START_TEST(bounds)
{
	char *small = long_tool(3, CANON_TEXT_MAX - 40);
	char *large = long_tool(3, CANON_TEXT_MAX);
	char *named = long_tool(CANON_NAME_MAX + 1, 1);
	struct error err = { "" };
	struct canon c;

	canon_init(&c);
	add(&c, large);
	ck_assert_ptr_null(c.v[0].text);
	large[strlen(large) - 4] = 'e';
	add(&c, large);
	ck_assert(memcmp(c.v[0].hash, c.v[1].hash, CANON_HASH) != 0);
	for (size_t i = 0; i < 20; i++)
		add(&c, small);
	ck_assert_ptr_nonnull(c.v[2].text);
	ck_assert_ptr_null(c.v[21].text);
	ck_assert_uint_le(c.kept, CANON_TEXTS_MAX);
	add(&c, named);
	ck_assert(c.v[22].long_name);
	ck_assert_uint_eq(c.v[22].name_len, CANON_NAME_MAX);
	while (c.n < CANON_TOOLS_MAX)
		add(&c, "{\"name\":\"\"}");
	{
		struct json doc;

		json_init(&doc);
		read_ok(&doc, slice_of("{\"name\":\"\"}"), &wide);
		ck_assert_int_eq(canon_add(&c, &doc, JSON_ROOT, &err), -1);
		json_release(&doc);
	}
	ck_assert_str_eq(err.msg, "the server lists more than 16384 tools");
	canon_release(&c);
	free(small);
	free(large);
	free(named);
}
END_TEST

static double
seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

enum worst { REVERSED, ESCAPED, PREFIXED, NESTED, NUMBERS, WORST_COUNT };

/* One megabyte of what is most work. */
static void
worst_text(enum worst kind, struct buf *b)
{
	size_t room = 1U << 20, n = 0;

	buf_must(buf_add_str(b, "{\"name\":\"a\",\"inputSchema\":"));
	switch (kind) {
	case REVERSED:
	case ESCAPED:
	case PREFIXED:
		buf_must(buf_add_byte(b, '{'));
		for (; b->len < room; n++)
			buf_must(
			    buf_addf(b, "%s\"%s%06zu\":0", n > 0 ? "," : "",
				kind == REVERSED  ? ""
				: kind == ESCAPED ? "\\u0061\\u0000"
						  : "aaaaaaaaaaaaaaaaaaaaaaaa"
						    "aaaaaaaaaaaaaaaaaaaaaaaa",
				900000 - n));
		buf_must(buf_add_byte(b, '}'));
		break;
	case NESTED:
		for (; n < 1000; n++)
			buf_must(buf_add_str(b, "{\"b\":[],\"\\u0061\":"));
		buf_must(buf_add_byte(b, '0'));
		for (; n > 0; n--)
			buf_must(buf_add_byte(b, '}'));
		break;
	case NUMBERS:
		buf_must(buf_add_byte(b, '['));
		for (; b->len < room; n++)
			buf_must(buf_addf(b, "%s1e20", n > 0 ? "," : ""));
		buf_must(buf_add_byte(b, ']'));
		break;
	case WORST_COUNT:
		break;
	}
	buf_must(buf_add_byte(b, '}'));
}

START_TEST(worst)
{
	struct canon c;
	struct json doc;
	struct buf b;
	double from;

	buf_init(&b, 4U << 20);
	worst_text((enum worst)_i, &b);
	json_init(&doc);
	read_ok(&doc, buf_slice(&b), &wide);
	canon_init(&c);
	from = seconds();
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(canon_add(&c, &doc, JSON_ROOT, NULL), 0);
	ck_assert_msg(seconds() - from < 20, "%f", seconds() - from);
	canon_release(&c);
	json_release(&doc);
	buf_release(&b);
}
END_TEST

static const struct {
	const char *before, *after, *want;
} change_cases[] = {
	{ "{\"a\":1}", "{\"a\":1}", "" },
	{ "{\"description\":\"x\"}", "{\"description\":\"y\"}", "description" },
	{ "{\"name\":\"a\"}", "{\"description\":\"y\",\"name\":\"a\"}",
	    "description (new)" },
	{ "{\"name\":\"a\",\"title\":\"\"}", "{\"name\":\"a\"}",
	    "title (gone)" },
	{ "{\"inputSchema\":{\"properties\":{\"path\":{\"description\":\"x\"},"
	  "\"q\":1}}}",
	    "{\"inputSchema\":{\"properties\":{\"cmd\":{},"
	    "\"path\":{\"description\":\"y\"},\"q\":1}}}",
	    "inputSchema.properties.cmd (new), "
	    "inputSchema.properties.path.description" },
	{ "{\"a\":[1,2,3]}", "{\"a\":[1,9,3]}", "a[1]" },
	{ "{\"a\":[1,2,3]}", "{\"a\":[1,2]}", "a" },
	{ "{\"a\":[{\"b\":1}]}", "{\"a\":[{\"b\":2}]}", "a[0].b" },
	{ "{\"a\":[{\"b\":1}]}", "{\"a\":{\"b\":2}}", "a" },
	{ "{\"a\":1}", "[]", "$" },
	{ "{}", "{\"\\n\\u0000\xe2\x80\xae\":1}",
	    "\\n\\x00\\xe2\\x80\\xae (new)" },
	/* In the order of members, and not of bytes. */
	{ "{\"\xf0\x9f\x98\x80\":1,\"\xef\xac\xb3\":1}",
	    "{\"\xf0\x9f\x98\x80\":1,\"\xef\xac\xb3\":2}", "\\xef\\xac\\xb3" },
	{ "{", "{}", "what cannot be read" },
};

START_TEST(change)
{
	char text[256];

	ck_assert_str_eq(
	    canon_changes(text, sizeof(text), slice_of(change_cases[_i].before),
		slice_of(change_cases[_i].after)),
	    change_cases[_i].want);
}
END_TEST

/* However much changes, a line holds it. */
START_TEST(changes_bounded)
{
	struct buf a, b;
	char text[512];

	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 9999; i++) {
		buf_must(buf_addf(&a, "%s\"k%04d\":1", i > 0 ? "," : "{", i));
		buf_must(buf_addf(&b, "%s\"k%04d\":2", i > 0 ? "," : "{", i));
	}
	buf_must(buf_add_byte(&a, '}'));
	buf_must(buf_add_byte(&b, '}'));
	for (size_t size = 64; size <= sizeof(text); size++) {
		memset(text, 'X', sizeof(text));
		(void)canon_changes(text, size, buf_slice(&a), buf_slice(&b));
		ck_assert_uint_lt(strlen(text), size);
		ck_assert_ptr_nonnull(strstr(text, "k0003, "));
		ck_assert_str_eq(text + strlen(text) - 5, ", ...");
	}
	/* And however deep it lies. */
	a.len = b.len = 0;
	for (int i = 0; i < 900; i++) {
		buf_must(buf_add_str(&a, "{\"abcdefgh\":"));
		buf_must(buf_add_str(&b, "{\"abcdefgh\":"));
	}
	buf_must(buf_add_byte(&a, '1'));
	buf_must(buf_add_byte(&b, '2'));
	for (int i = 0; i < 900; i++) {
		buf_must(buf_add_byte(&a, '}'));
		buf_must(buf_add_byte(&b, '}'));
	}
	(void)canon_changes(text, sizeof(text), buf_slice(&a), buf_slice(&b));
	ck_assert_ptr_nonnull(strstr(text, "abcdefgh.abcdefgh"));
	buf_release(&a);
	buf_release(&b);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("canon");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, form, 0, (int)nitems(forms));
	tcase_add_loop_test(tc, pair, 0, (int)nitems(pairs));
	tcase_add_test(tc, known_hash);
	tcase_add_loop_test(tc, no_name, 0, (int)nitems(nameless));
	tcase_add_test(tc, bounds);
	tcase_add_loop_test(tc, worst, 0, WORST_COUNT);
	tcase_add_loop_test(tc, change, 0, (int)nitems(change_cases));
	tcase_add_test(tc, changes_bounded);
	return unit_run(tc, "canon");
}
