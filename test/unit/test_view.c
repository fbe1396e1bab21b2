/*
 * The readings of a text: every disguise comes off, ordinary texts have few and
 * are never cut, and no text makes many or long ones.
 */
#include "policy/view.h"

#include <string.h>
#include <time.h>

#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

#define MEGABYTE 1048576U

/* Seconds for a megabyte of the worst, under valgrind. */
#define PATIENCE 60

/* A text, and what one of its readings is, or holds in between. */
static const struct {
	const char *label, *text, *reading;
	enum view_kind kind;
} found[] = {
	{ "as sent", "rm -rf /", "rm -rf /", VIEW_SENT },
	{ "percent", "..%2f..%2fetc", "../../etc", VIEW_PERCENT },
	{ "percent once", "a%252eb", "a%2eb", VIEW_PERCENT },
	{ "percent twice", "a%252eb", "a.b", VIEW_PERCENT },
	{ "overlong", "..%c0%af..%e0%80%af", "../../", VIEW_PERCENT },
	{ "fullwidth", "．．／ｅｔｃ", "../etc", VIEW_FOLDED },
	{ "fullwidth in percent", "%ef%bc%8e%uff0e%u2215", "../", VIEW_FOLDED },
	{ "percent in fullwidth", "％２ｅ%ef%bc%85２ｆ", "./", VIEW_PERCENT },
	{ "escaped percent", "\\x252e\\u0025252f", "./", VIEW_PERCENT },
	{ "entities of percent", "&#37;2e&percnt;2f", "./", VIEW_PERCENT },
	{ "percent of entities", "%26%2346;%26sol;", "./", VIEW_UNESCAPED },
	{ "entities of entities", "&#38;#x26;sol;", "/", VIEW_UNESCAPED },
	{ "overlong escapes", "\\xc0\\xae", ".", VIEW_PERCENT },
	{ "shell", "r''m -r\\f /", "rm -rf /", VIEW_UNESCAPED },
	{ "shell in percent", "c%27%27at%24%7bIFS%7d/etc", "cat /etc",
	    VIEW_UNESCAPED },
	{ "percent in shell", "%''2e%\"2\"f", "./", VIEW_PERCENT },
	{ "shell in fullwidth", "ｒ＇＇ｍ", "rm", VIEW_UNESCAPED },
	{ "a shell's escapes", "$'\\x72\\155'", "rm", VIEW_UNESCAPED },
	{ "invisible in quotes", "r'\u200b'm", "rm", VIEW_FOLDED },
	{ "lines of a string", "ls\\nrm -rf /", "ls\nrm -rf /",
	    VIEW_UNESCAPED },
	{ "a shell in a string", "ls\\nr\\\"\\\"m /", "ls\nrm /",
	    VIEW_UNESCAPED },
	{ "JSON in JSON", "{\\\"a\\\":\\\"..\\/etc\\\"}", "{\"a\":\"../etc\"}",
	    VIEW_UNESCAPED },
	{ "JSON in JSON in JSON", "\\\\\\\"\\\\u002e\\\\u002e\\\\\\/", "\"../",
	    VIEW_UNESCAPED },
	{ "base64", "cm0gLXJmIC8gLS1mb3JjZQ==", "rm -rf / --force",
	    VIEW_DECODED },
	{ "base64 in quotes", "cm0gLX''JmIC8g\"LS1mb3\"JjZQ",
	    "rm -rf / --force", VIEW_DECODED },
	{ "base64 in a string's lines", "cm0gLX\\nJmIC8gLS\\n1mb3JjZQ",
	    "rm -rf / --force", VIEW_DECODED },
	{ "base64 in percent", "cm0gLXJm%49C8gLS1mb3JjZQ", "rm -rf / --force",
	    VIEW_DECODED },
	{ "base64 in fullwidth", "ｃｍ０ｇＬＸＪｍＩＣ８ｇＬＳ１ｍ",
	    "rm -rf / --f", VIEW_DECODED },
	{ "base64 twice", "Y20wZ0xYSm1JQzhnTFMxdWJ5MXdjbVZ6WlhKMlpTMXliMjkw",
	    "rm -rf / --no-preserve-root", VIEW_DECODED },
	{ "base64 three times",
	    "WTIwd1oweFlTbTFKUXpoblRGTXhkV0o1TVhkamJWWjZXbGhLTWxwVE1YbGlNamt3",
	    "rm -rf / --no-preserve-root", VIEW_DECODED },
	{ "base64 of percent of fullwidth",
	    "JUVGJUJEJTg5JUVGJUJEJTg3JUVGJUJEJThFJUVGJUJEJThGJUVGJUJEJTky"
	    "JUVGJUJEJTg1",
	    "ignore", VIEW_FOLDED },
	{ "base64 of JSON", "eyJjbWQiOiJyXHUwMDZkIC1yZiJ9",
	    "{\"cmd\":\"rm -rf\"}", VIEW_UNESCAPED },
	{ "hexadecimal of base64",
	    "636d30674c584a6d49433867"
	    "4c53316d62334a6a5a513d3d",
	    "rm -rf / --force", VIEW_DECODED },
	{ "two at once",
	    "cm0gLXJmIC8gLS1mb3JjZQ== 77686f616d69202f616c6c206e6f77",
	    "rm -rf / --force\nwhoami /all now", VIEW_DECODED },
	{ "tags",
	    "hi \U000e0069\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065",
	    "ignore", VIEW_DECODED },
	{ "tags of percent",
	    "\U000e0025\U000e0032\U000e0065\U000e0025\U000e0032\U000e0066",
	    "./", VIEW_PERCENT },
};

START_TEST(finds)
{
	struct views vs;
	bool seen = false;

	views_init(&vs);
	views_make(&vs, slice_of(found[_i].text));
	for (size_t i = 0; i < vs.n; i++)
		if (slice_is(vs.v[i].text, found[_i].reading)) {
			seen = true;
			ck_assert_msg(vs.v[i].kind == found[_i].kind, "%s: %s",
			    found[_i].label, view_name(vs.v[i].kind));
		}
	ck_assert_msg(seen, "%s: not among %zu", found[_i].label, vs.n);
	ck_assert(!vs.cut);
	views_release(&vs);
}
END_TEST

/* Ordinary texts, and how many readings they have at most. */
static const struct {
	const char *text;
	size_t n;
} ordinary[] = {
	{ "", 1 },
	{ "x", 1 },
	{ "README.md", 1 },
	{ "/home/user/project/src/main.c", 1 },
	{ "The understanding of a text takes time (often).", 1 },
	{ "https://example.org/a/b?c=d+e#f", 1 },
	{ "a@b.example, 17:30, 3 < 4, #5, [x], *y*, _z_, ~, |, ;, !", 1 },
	{ "100% of it", 1 },
	{ "this & that", 1 },
	{ "550e8400-e29b-41d4-a716-446655440000", 1 },
	{ "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	    1 },
	{ "日本語", 1 },
	{ "it's", 2 },
	{ "caf\u00e9", 2 },
	{ "https://example.org/?q=a%20b", 2 },
	{ "C:\\Program Files\\App", 2 },
	{ "C:\\Users\\new\\file", 4 },
	{ "if (s[0] == '\\n') printf(\"%s\\n\", s);", 4 },
	{ "^[a-z\\d]+\\.(png|jpe?g)$", 3 },
	{ "<a href=\"x?a=1&amp;b=2\">caf&eacute; &nbsp;</a>", 3 },
	{ "{\"name\":\"value\",\"list\":[1,2,3]}", 2 },
};

START_TEST(few)
{
	struct views vs;

	views_init(&vs);
	views_make(&vs, slice_of(ordinary[_i].text));
	ck_assert_msg(
	    vs.n <= ordinary[_i].n, "%s: %zu", ordinary[_i].text, vs.n);
	ck_assert(!vs.cut);
	for (size_t i = 0; i < vs.n; i++)
		for (size_t k = 0; k < i; k++)
			ck_assert(!slice_eq(vs.v[i].text, vs.v[k].text));
	views_release(&vs);
}
END_TEST

/* n bytes of a text that repeats itself. */
static struct slice
repeat(const char *unit, size_t n)
{
	size_t len = strlen(unit);
	char *at = xmalloc(n);

	for (size_t i = 0; i < n; i++)
		at[i] = unit[i % len];
	return (struct slice){ at, n };
}

static void
drop(struct slice s)
{
	free((void *)(uintptr_t)s.at);
}

/* Makes the readings of s within a bound on time and on their size. */
static void
bounded(struct views *vs, struct slice s, const char *label)
{
	clock_t start = clock();
	size_t total = 0;

	views_make(vs, s);
	ck_assert_msg(
	    (clock() - start) / CLOCKS_PER_SEC < PATIENCE, "%s", label);
	for (size_t i = 0; i < vs->n; i++)
		total += vs->v[i].text.len;
	ck_assert_msg(total <= 32 * s.len, "%s: %zu", label, total);
}

/* Large texts of every day; the last unit is one of a picture in base64. */
static const char *const large[] = {
	"Caf\u00e9s aren't \"closed\"; 100% of A&B's fran\u00e7ais\u2026\n",
	"var a=\"\\u00e9\\n\",b='%20',c=`${d}`,e=/\\d+\\\\/g;if(a&&b){f(a,b)}",
	"C:\\Program Files\\new\\x86\\2024\\123\\file.txt;\\\\host\\share\\d\n",
	"<p class='x'>caf&eacute; &amp;amp; &#8217;s %3Cb%3E \\u003c</p>\n",
	"{\\\"a\\\":\\\"b\\\\\\\"c\\\\n\\\",\\\"d\\\":{\\\"e\\\":[1,2]}}\n",
	"id,name,\"a \"\"b\"\" c\",caf\u00e9,50%,a\\b,x&y,$1,${z},`q`\r\n",
	"key: ZXhhbXBsZSBvZiBhIHZhbHVl # it's 'in' \"base64\" \\n %41\n",
	"iVBORw0KGgoAAAANSUhEUgAAAMgAAADIBAMAAABfdrOtAAAAG1BMVEXMzMyWlpacnJyq",
	"4pyJ8Jmh8J+Yg+aXpeacrOiqnsOpw6jDoMK/0LbRidCw4oK/",
};

START_TEST(never_cuts)
{
	struct slice s = repeat(large[_i], 5 * MEGABYTE);
	struct views vs;

	views_init(&vs);
	bounded(&vs, s, large[_i]);
	ck_assert_msg(!vs.cut, "%s", large[_i]);
	views_release(&vs);
	drop(s);
}
END_TEST

/* What an attacker repeats to be slow, or to make much of little. */
static const char *const worst[] = { "%", "%2", "%25", "%u", "%%32%65", "\\",
	"\\u{0", "\\ud800", "&", "&amp;", "&#0", "&#x", "'", "\"", "'+'", "$",
	"${", "${x", "{", "{a,", "{,}", "`", "$'", "^", "%a:~1", "V", "VVVV\n",
	"4", "5656", "Vm0w", "\n", "A\n", "\u200b", "\ufdfa", "\uff05",
	"\uff052\uff05\uff125", "\xc0", "\xe0\x80", "\xff", "\U000e0056",
	"\ufe0f", "\U000e0156", "a\xcc\x81", "%ef%bc%85", "&#37;", "\\x25",
	"VmxSS1ZrMUhUbFJoTTA1cVVtMTRXVlZ0ZUhOT1ZscHlXa1prYVZac1NsZFdW" };

START_TEST(stays_linear)
{
	struct slice s = repeat(worst[_i], MEGABYTE);
	struct views vs;

	views_init(&vs);
	bounded(&vs, s, worst[_i]);
	/* What is behind it is still read. */
	bounded(&vs, slice_of("%41"), "again");
	ck_assert_uint_eq(vs.n, 2);
	ck_assert(!vs.cut && slice_is(vs.v[1].text, "A"));
	views_release(&vs);
	drop(s);
}
END_TEST

static void
wrap_base64(struct buf *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf out;

	buf_init(&out, MEGABYTE);
	while (text->len % 3 != 0)
		buf_must(buf_add_byte(text, ' '));
	for (size_t i = 0; i < text->len; i += 3) {
		const unsigned char *p = (unsigned char *)text->at + i;
		unsigned v = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];

		for (int shift = 18; shift >= 0; shift -= 6)
			buf_must(buf_add_byte(&out, digits[v >> shift & 63]));
	}
	buf_release(text);
	*text = out;
}

/* Fullwidth percent-encoding in percent-encoding, and so on. */
static void
wrap_percent(struct buf *text)
{
	struct buf out;

	buf_init(&out, MEGABYTE);
	for (size_t i = 0; i < text->len; i++)
		buf_must(buf_addf(
		    &out, "\uff05%02x", (unsigned)(unsigned char)text->at[i]));
	buf_release(text);
	*text = out;
}

/* However deep: it is found, or the text is cut. */
START_TEST(found_or_cut)
{
	void (*wrap)(struct buf *) = _i % 2 == 0 ? wrap_base64 : wrap_percent;
	struct views vs;
	struct buf text;

	views_init(&vs);
	buf_init(&text, MEGABYTE);
	buf_must(buf_add_str(&text, "rm -rf / now"));
	for (int depth = 0; depth <= _i / 2; depth++)
		wrap(&text);
	views_make(&vs, buf_slice(&text));
	ck_assert_int_eq(vs.cut, _i / 2 + 1 > (_i % 2 == 0 ? 3 : 4));
	ck_assert(vs.cut || slice_is(vs.v[vs.n - 1].text, "rm -rf / now"));
	views_release(&vs);
	buf_release(&text);
}
END_TEST

START_TEST(nothing)
{
	struct views vs;

	views_init(&vs);
	views_make(&vs, (struct slice){ NULL, 0 });
	ck_assert_uint_eq(vs.n, 1);
	ck_assert_uint_eq(vs.v[0].text.len, 0);
	ck_assert(!vs.cut);
	views_release(&vs);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(view_name(VIEW_SENT), "");
	for (int kind = VIEW_SENT + 1; kind < VIEW_COUNT; kind++)
		ck_assert_int_gt(
		    (int)strlen(view_name((enum view_kind)kind)), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("view");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, finds, 0, (int)nitems(found));
	tcase_add_loop_test(tc, few, 0, (int)nitems(ordinary));
	tcase_add_loop_test(tc, never_cuts, 0, (int)nitems(large));
	tcase_add_loop_test(tc, stays_linear, 0, (int)nitems(worst));
	tcase_add_loop_test(tc, found_or_cut, 0, 14);
	tcase_add_test(tc, nothing);
	tcase_add_test(tc, names);
	return unit_run(tc, "view");
}
