/*
 * Payloads as the audit log keeps them: no secret stays, and all the rest does.
 */
#include "policy/redact.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

static const struct json_limits limits = { 1 << 20, 64, 1 << 16, true };

/* In all texts here an apostrophe stands for a quotation mark. */
#define HID "'[redacted]'"

static const struct {
	const char *text, *want;
} cases[] = {
	/* clang-format off */
	{ "{ 'a' : [1.0,true , null,'x'] }",
	    "{ 'a' : [1.0,true , null,'x'] }" },
	{ "'plain'", "'plain'" },
	{ "7", "7" },
	/* By the key */
	{ "{'password':'x','b':1}", "{'password':" HID ",'b':1}" },
	{ "{'DB_Passwd' : 'x'}", "{'DB_Passwd' : " HID "}" },
	{ "{'apiKey':7,'x':0}", "{'apiKey':" HID ",'x':0}" },
	{ "{'secrets':{'a':['b',{'c':1}]},'d':2}", "{'secrets':" HID ",'d':2}" },
	{ "{'passw\\u006frd':'x'}", "{'passw\\u006frd':" HID "}" },
	{ "{'authorization':'Bearer x'}", "{'authorization':" HID "}" },
	{ "['password','x']", "['password','x']" },
	{ "{'a':'password','b':'x'}", "{'a':'password','b':'x'}" },
	{ "{'progressToken':'t','maxTokens':9,'author':'me'}",
	    "{'progressToken':'t','maxTokens':9,'author':'me'}" },
	{ "[{'x':{'token':'t'}},'token']", "[{'x':{'token':" HID "}},'token']" },
	/* By the look */
	{ "['ghp_0123456789abcdefghijABCDEFGHIJ456789']", "['[redacted]']" },
	{ "['key=AKIAIOSFODNN7EXAMPLE01!']", "['[redacted]!']" },
	{ "['a 0123456789abcdefghij b']", "['a [redacted] b']" },
	{ "['0123456789abcdefghi']", "['0123456789abcdefghi']" },
	{ "['01234567890123456789']", "['01234567890123456789']" },
	{ "['abcdefghijklmnopqrstuvwxyz']", "['abcdefghijklmnopqrstuvwxyz']" },
	{ "{'0123456789abcdefghij':1}", "{'[redacted]':1}" },
	{ "['aaaaaaaaaaaaaaaaaaa1/aaaaaaaaaaaaaaaaaaa2']",
	    "['[redacted]/[redacted]']" },
	/* clang-format on */
};

static char *
quotes(const char *text)
{
	char *copy = xstrdup(text);

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return copy;
}

/* What is kept of a text, at most max bytes; owned. */
static char *
kept(const char *text, size_t max)
{
	struct redactor *r = redactor_new();
	struct error err = { "" };
	struct json doc;
	struct buf out;
	char *copy;

	json_init(&doc);
	ck_assert_int_eq(json_read(&doc, slice_of(text), &limits, &err), 0);
	buf_init(&out, max + 3); /* no more may be written than there is room */
	ck_assert_int_eq(buf_add_str(&out, "..."), 0);
	redactor_apply(r, &doc, JSON_ROOT, max, &out);
	copy = xmemdup0(out.at + 3, out.len - 3);
	buf_release(&out);
	json_release(&doc);
	redactor_free(r);
	return copy;
}

START_TEST(hides)
{
	char *text = quotes(cases[_i].text), *want = quotes(cases[_i].want);
	char *got = kept(text, 4096);

	ck_assert_msg(
	    strcmp(got, want) == 0, "%s: got %s, not %s", text, got, want);
	free(got);
	free(text);
	free(want);
}
END_TEST

/* However short it is cut, it is the front of the whole, without a secret. */
START_TEST(cuts)
{
	char *text = quotes(cases[_i].text), *whole = kept(text, 4096);

	for (size_t max = 0; max <= strlen(whole) + 1; max++) {
		char *part = kept(text, max);

		ck_assert_uint_eq(
		    strlen(part), max < strlen(whole) ? max : strlen(whole));
		ck_assert_msg(strncmp(part, whole, strlen(part)) == 0,
		    "%zu bytes of %s: %s", max, text, part);
		free(part);
	}
	free(whole);
	free(text);
}
END_TEST

/* A member of a batch: nothing of its neighbours. */
START_TEST(keeps_to_its_root)
{
	char *text = quotes("[{'a':1} , {'token':'x'}, {'b':2}]");
	struct redactor *r = redactor_new();
	struct error err = { "" };
	struct json doc;
	struct buf out;
	json_at at;

	json_init(&doc);
	buf_init(&out, 100);
	ck_assert_int_eq(json_read(&doc, slice_of(text), &limits, &err), 0);
	at = json_sibling(&doc, JSON_ROOT, json_first(&doc, JSON_ROOT));
	redactor_apply(r, &doc, at, 100, &out);
	ck_assert(slice_is(buf_slice(&out), "{\"token\":\"[redacted]\"}"));
	buf_release(&out);
	json_release(&doc);
	redactor_free(r);
	free(text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("redact");

	tcase_add_loop_test(tc, hides, 0, (int)nitems(cases));
	tcase_add_loop_test(tc, cuts, 0, (int)nitems(cases));
	tcase_add_test(tc, keeps_to_its_root);
	return unit_run(tc, "redact");
}
