/*
 * The reader: what it takes and refuses, where it says the fault is, its
 * limits at the edge and one beyond, and what the tape then gives.
 */
#include "test/unit/json_help.h"

#define BYTES_16 "0123456789abcdef"

static const struct {
	const char *label;
	struct slice text;
	enum json_fault fault;
	size_t at;
} faults[] = {
	/* clang-format off */
	{ "nothing", TEXT(""), JSON_SYNTAX, 0 },
	{ "white space alone", TEXT(" \t\r\n"), JSON_SYNTAX, 4 },
	{ "two values", TEXT("1 2"), JSON_SYNTAX, 2 },
	{ "two objects", TEXT("{}{}"), JSON_SYNTAX, 2 },
	{ "a bracket too many", TEXT("[]]"), JSON_SYNTAX, 2 },
	{ "an open array", TEXT("[1"), JSON_SYNTAX, 2 },
	{ "an open object", TEXT("{\"a\":1"), JSON_SYNTAX, 6 },
	{ "an open empty array", TEXT("["), JSON_SYNTAX, 1 },
	{ "brackets crossed", TEXT("[1}"), JSON_SYNTAX, 2 },
	{ "braces crossed", TEXT("{\"a\":1]"), JSON_SYNTAX, 6 },
	{ "empty array, crossed", TEXT("[}"), JSON_SYNTAX, 1 },
	{ "comma before the end", TEXT("[1,]"), JSON_SYNTAX, 3 },
	{ "comma before the brace", TEXT("{\"a\":1,}"), JSON_SYNTAX, 7 },
	{ "comma first", TEXT("[,1]"), JSON_SYNTAX, 1 },
	{ "no comma", TEXT("[1 2]"), JSON_SYNTAX, 3 },
	{ "no colon", TEXT("{\"a\" 1}"), JSON_SYNTAX, 5 },
	{ "no value", TEXT("{\"a\":}"), JSON_SYNTAX, 5 },
	{ "key without colon at the end", TEXT("{\"a\""), JSON_SYNTAX, 4 },
	{ "key that is no string", TEXT("{1:1}"), JSON_SYNTAX, 1 },
	{ "key without quotes", TEXT("{a:1}"), JSON_SYNTAX, 1 },
	{ "single quotes", TEXT("['a']"), JSON_SYNTAX, 1 },
	{ "a comment", TEXT("[1/**/]"), JSON_SYNTAX, 2 },
	{ "form feed as white space", TEXT("[\f1]"), JSON_SYNTAX, 1 },
	{ "no-break space", TEXT("[\xc2\xa0" "1]"), JSON_SYNTAX, 1 },
	{ "NaN", TEXT("NaN"), JSON_SYNTAX, 0 },
	{ "Infinity", TEXT("[-Infinity]"), JSON_SYNTAX, 2 },
	{ "a word cut", TEXT("tru"), JSON_SYNTAX, 0 },
	{ "a word longer", TEXT("nulll"), JSON_SYNTAX, 4 },
	{ "a word in capitals", TEXT("True"), JSON_SYNTAX, 0 },
	{ "leading zero", TEXT("[012]"), JSON_SYNTAX, 2 },
	{ "minus alone", TEXT("-"), JSON_SYNTAX, 1 },
	{ "minus and zero and digit", TEXT("-01"), JSON_SYNTAX, 2 },
	{ "plus", TEXT("+1"), JSON_SYNTAX, 0 },
	{ "point first", TEXT(".5"), JSON_SYNTAX, 0 },
	{ "point last", TEXT("1."), JSON_SYNTAX, 2 },
	{ "point and e", TEXT("1.e3"), JSON_SYNTAX, 2 },
	{ "e last", TEXT("1e"), JSON_SYNTAX, 2 },
	{ "e and sign", TEXT("1e+"), JSON_SYNTAX, 3 },
	{ "hexadecimal", TEXT("0x10"), JSON_SYNTAX, 1 },
	{ "NUL behind a number", TEXT("1\0"), JSON_NUL, 1 },
	{ "NUL in white space", TEXT("[ \0 ]"), JSON_NUL, 2 },
	{ "NUL first", TEXT("\0{}"), JSON_NUL, 0 },
	{ "NUL in a string", TEXT("\"a\0b\""), JSON_NUL, 2 },
	{ "NUL in a long string", TEXT("\"" BYTES_16 BYTES_16 "\0\""),
	    JSON_NUL, 33 },
	{ "NUL in a key", TEXT("{\"\0\":1}"), JSON_NUL, 2 },
	{ "NUL behind the text", TEXT("{}\0"), JSON_NUL, 2 },
	{ "byte order mark", TEXT("\xef\xbb\xbf{}"), JSON_BOM, 0 },
	{ "the same, later", TEXT(" \xef\xbb\xbf{}"), JSON_SYNTAX, 1 },
	{ "UTF-16 mark", TEXT("\xff\xfe{\0}\0"), JSON_UTF8, 0 },
	{ "UTF-16 without mark", TEXT("{\0}\0"), JSON_NUL, 1 },
	{ "an open string", TEXT("\"abc"), JSON_SYNTAX, 4 },
	{ "a quote that is escaped", TEXT("\"abc\\\""), JSON_SYNTAX, 6 },
	{ "a backslash last", TEXT("\"abc\\"), JSON_SYNTAX, 5 },
	{ "LF in a string", TEXT("\"a\nb\""), JSON_SYNTAX, 2 },
	{ "CR in a string", TEXT("\"a\rb\""), JSON_SYNTAX, 2 },
	{ "tab in a string", TEXT("\"a\tb\""), JSON_SYNTAX, 2 },
	{ "U+001F in a string", TEXT("\"" BYTES_16 "\x1f\""), JSON_SYNTAX, 17 },
	{ "no such escape", TEXT("\"\\x41\""), JSON_SYNTAX, 2 },
	{ "escape of a quote mark", TEXT("\"\\'\""), JSON_SYNTAX, 2 },
	{ "escape of a long character", TEXT("\"\\\xe2\x80\xa8\""),
	    JSON_SYNTAX, 2 },
	{ "escape in capitals", TEXT("\"\\U0041\""), JSON_SYNTAX, 2 },
	{ "\\u with three digits", TEXT("\"\\u004\""), JSON_SYNTAX, 1 },
	{ "\\u with a letter g", TEXT("\"\\u00g0\""), JSON_SYNTAX, 1 },
	{ "\\u at the end", TEXT("\"\\u"), JSON_SYNTAX, 1 },
	{ "high surrogate", TEXT("\"\\ud800\""), JSON_SURROGATE, 1 },
	{ "high surrogate and text", TEXT("\"\\ud800abcdefgh\""),
	    JSON_SURROGATE, 1 },
	{ "high surrogate twice", TEXT("\"\\ud800\\ud800\\udc00\""),
	    JSON_SURROGATE, 1 },
	{ "high surrogate and a letter", TEXT("\"\\ud800\\u0041\""),
	    JSON_SURROGATE, 1 },
	{ "low surrogate", TEXT("\"\\udc00\""), JSON_SURROGATE, 1 },
	{ "halves the wrong way round", TEXT("\"\\udc00\\ud800\""),
	    JSON_SURROGATE, 1 },
	{ "low surrogate behind a pair", TEXT("\"\\ud800\\udc00\\udfff\""),
	    JSON_SURROGATE, 13 },
	{ "in a key", TEXT("{\"\\uDFFF\":1}"), JSON_SURROGATE, 2 },
	{ "continuation byte", TEXT("\"\x80\""), JSON_UTF8, 1 },
	{ "0xff", TEXT("\"\xff\""), JSON_UTF8, 1 },
	{ "0xc0: overlong NUL", TEXT("\"\xc0\x80\""), JSON_UTF8, 1 },
	{ "0xc1: overlong", TEXT("\"\xc1\xbf\""), JSON_UTF8, 1 },
	{ "overlong of three", TEXT("\"\xe0\x9f\xbf\""), JSON_UTF8, 1 },
	{ "overlong of four", TEXT("\"\xf0\x8f\xbf\xbf\""), JSON_UTF8, 1 },
	{ "raw high surrogate", TEXT("\"\xed\xa0\x80\""), JSON_UTF8, 1 },
	{ "raw low surrogate", TEXT("\"\xed\xbf\xbf\""), JSON_UTF8, 1 },
	{ "beyond U+10FFFF", TEXT("\"\xf4\x90\x80\x80\""), JSON_UTF8, 1 },
	{ "0xf5", TEXT("\"\xf5\x80\x80\x80\""), JSON_UTF8, 1 },
	{ "two of three", TEXT("\"\xe2\x80\""), JSON_UTF8, 1 },
	{ "three of four", TEXT("\"\xf0\x9f\x98\""), JSON_UTF8, 1 },
	{ "one of two", TEXT("\"\xc3\""), JSON_UTF8, 1 },
	{ "second byte bad", TEXT("\"\xe2\x28\xa1\""), JSON_UTF8, 1 },
	{ "third byte bad", TEXT("\"\xe2\x82\x28\""), JSON_UTF8, 1 },
	{ "fourth byte bad", TEXT("\"\xf0\x9f\x98\x28\""), JSON_UTF8, 1 },
	{ "behind good ones", TEXT("\"\xe2\x82\xac\xe2\x82\xac\x80\""),
	    JSON_UTF8, 7 },
	{ "cut by the end", TEXT("\"\xe2\x82"), JSON_UTF8, 1 },
	{ "the same key twice", TEXT("{\"a\":1,\"a\":2}"), JSON_DUPLICATE, 7 },
	{ "twice through an escape", TEXT("{\"a\":1,\"\\u0061\":2}"),
	    JSON_DUPLICATE, 7 },
	{ "the escape first", TEXT("{\"\\u0061\":1,\"a\":2}"),
	    JSON_DUPLICATE, 12 },
	{ "two escapes", TEXT("{\"\\u0061\":1,\"\\u0061\":2}"),
	    JSON_DUPLICATE, 12 },
	{ "escapes spelt apart", TEXT("{\"\\u00e9\":1,\"\\u00E9\":2}"),
	    JSON_DUPLICATE, 12 },
	{ "a raw letter and its escape", TEXT("{\"\xc3\xa9\":1,\"\\u00e9\":2}"),
	    JSON_DUPLICATE, 8 },
	{ "a pair and its bytes",
	    TEXT("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}"),
	    JSON_DUPLICATE, 18 },
	{ "a slash", TEXT("{\"/\":1,\"\\/\":2}"), JSON_DUPLICATE, 7 },
	{ "empty keys", TEXT("{\"\":1,\"\":2}"), JSON_DUPLICATE, 6 },
	{ "keys of NUL", TEXT("{\"\\u0000\":1,\"\\u0000\":2}"),
	    JSON_DUPLICATE, 12 },
	{ "long keys", TEXT("{\"" BYTES_16 "\":1,\"" BYTES_16 "\":2}"),
	    JSON_DUPLICATE, 22 },
	{ "first and last", TEXT("{\"a\":1,\"b\":{\"a\":1},\"c\":[],\"a\":2}"),
	    JSON_DUPLICATE, 26 },
	{ "in a nested object", TEXT("[{\"x\":{\"a\":1,\"a\":2}}]"),
	    JSON_DUPLICATE, 13 },
	{ "with the same value", TEXT("{\"a\":1,\"a\":1}"), JSON_DUPLICATE, 7 },
	/* clang-format on */
};

START_TEST(refuses)
{
	struct error err = { "" };
	char want[128], *copy;
	struct json doc;

	json_init(&doc);
	copy = read_copy(&doc, faults[_i].text, &wide, &err);
	ck_assert_msg(doc.fault == faults[_i].fault, "%s: got '%s'",
	    faults[_i].label, err.msg);
	ck_assert_uint_eq(doc.ntok, 0);
	(void)snprintf(want, sizeof(want), "%s at byte %zu",
	    json_fault_name(faults[_i].fault), faults[_i].at);
	ck_assert_msg(strcmp(err.msg, want) == 0, "%s: got '%s', not '%s'",
	    faults[_i].label, err.msg, want);
	ck_assert_int_eq(json_read(&doc, faults[_i].text, &wide, NULL), -1);
	json_release(&doc);
	free(copy);
}
END_TEST

static const struct {
	const char *label;
	struct slice text;
	uint32_t ntok, unsafe;
} reads[] = {
	/* clang-format off */
	{ "null", TEXT("null"), 1, 0 },
	{ "a number at the end", TEXT("-0"), 1, 0 },
	{ "zero with a fraction", TEXT("0.0e-0"), 1, 0 },
	{ "a huge number", TEXT("1e999999999999999999999999"), 1, 0 },
	{ "a long number", TEXT("123456789012345678901234567890.5E+7"), 1, 0 },
	{ "an empty string", TEXT("\"\""), 1, 0 },
	{ "white space around", TEXT(" \t\n{ } \n"), 1, 0 },
	{ "CR between tokens", TEXT("\r[\r1\r,\r\r2\r]\r"), 3, 7 },
	{ "CR in an object", TEXT("{\r\"a\"\r:\r1\r}"), 3, 4 },
	{ "escaped CR", TEXT("\"\\r\\n\""), 1, 0 },
	{ "U+0085", TEXT("\"a\xc2\x85z\""), 1, 1 },
	{ "U+2028 and U+2029", TEXT("{\"\xe2\x80\xa8\":\"\xe2\x80\xa9\"}"),
	    3, 2 },
	{ "their neighbours", TEXT("\"\xc2\x84\xc2\x86\xe2\x80\xa7\xe2\x80\xaa"
	    "\xe2\x81\xa8\xe1\x80\xa8\xc3\x85\""), 1, 0 },
	{ "their escapes", TEXT("\"\\u0085\\u2028\\u2029\""), 1, 0 },
	{ "DEL and U+0080", TEXT("\"\x7f\xc2\x80\""), 1, 0 },
	{ "edges of UTF-8", TEXT("\"\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80"
	    "\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""), 1, 0 },
	{ "noncharacters, a mark inside", TEXT("\"\xef\xbf\xbe\xef\xbb\xbf\""),
	    1, 0 },
	{ "a pair", TEXT("\"\\ud83d\\ude00\\uDBFF\\uDFFF\""), 1, 0 },
	{ "escaped NUL", TEXT("\"\\u0000\""), 1, 0 },
	{ "every escape", TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\uABcd\""), 1, 0 },
	{ "keys that differ in case", TEXT("{\"a\":1,\"A\":2}"), 5, 0 },
	{ "keys that begin alike", TEXT("{\"a\":1,\"aa\":2,\"\":3}"), 7, 0 },
	{ "long keys, other middle", TEXT("{\"01234567a01234567\":1,"
	    "\"01234567b01234567\":2}"), 5, 0 },
	{ "the same key at two levels", TEXT("{\"a\":{\"a\":{\"a\":1}}}"), 7,
	    0 },
	{ "a key and a value alike", TEXT("{\"a\":\"a\",\"b\":\"a\"}"), 5, 0 },
	{ "NUL ends no key", TEXT("{\"a\\u0000b\":1,\"a\\u0000c\":2}"), 5, 0 },
	{ "keys of NULs", TEXT("{\"\\u0000\":1,\"\\u0000\\u0000\":2,\"\":3}"),
	    7, 0 },
	{ "a backslash as text", TEXT("{\"a\":1,\"\\\\u0061\":2}"), 5, 0 },
	/* clang-format on */
};

START_TEST(accepts)
{
	struct error err = { "" };
	struct json doc;
	char *copy;

	json_init(&doc);
	copy = read_copy(&doc, reads[_i].text, &wide, &err);
	ck_assert_msg(doc.fault == JSON_OK, "%s: %s", reads[_i].label, err.msg);
	ck_assert_uint_eq(doc.ntok, reads[_i].ntok);
	ck_assert_uint_eq(doc.unsafe, reads[_i].unsafe);
	ck_assert_uint_eq(json_after(&doc, JSON_ROOT), doc.ntok);
	json_release(&doc);
	free(copy);
}
END_TEST

static const struct {
	const char *label, *text;
	struct json_limits limits;
	enum json_fault fault;
} edges[] = {
	/* clang-format off */
	{ "bytes", "[1,2]", { 5, 9, 9, false }, JSON_OK },
	{ "a byte too many", "[1,2]", { 4, 9, 9, false }, JSON_TOO_LONG },
	{ "levels", "[{\"a\":[1]}]", { 99, 3, 9, false }, JSON_OK },
	{ "a level too many", "[{\"a\":[1]}]", { 99, 2, 9, false },
	    JSON_TOO_DEEP },
	{ "an empty one too deep", "[[]]", { 99, 1, 9, false },
	    JSON_TOO_DEEP },
	{ "side by side", "[[],[],[]]", { 99, 2, 9, false }, JSON_OK },
	{ "a scalar has no depth", "1", { 99, 0, 9, false }, JSON_OK },
	{ "an array has", "[]", { 99, 0, 9, false }, JSON_TOO_DEEP },
	{ "tokens", "{\"a\":[1,2]}", { 99, 9, 5, false }, JSON_OK },
	{ "a token too many", "{\"a\":[1,2]}", { 99, 9, 4, false },
	    JSON_TOO_MANY },
	{ "a key too many", "{\"a\":1}", { 99, 9, 1, false }, JSON_TOO_MANY },
	{ "no token", "1", { 99, 9, 0, false }, JSON_TOO_MANY },
	{ "high half", "\"\\ud800\"", { 99, 9, 9, true }, JSON_OK },
	{ "low half", "\"\\udc00\"", { 99, 9, 9, true }, JSON_OK },
	{ "equal when replaced", "{\"\\ud800\":1,\"\\udfff\":2}",
	    { 99, 9, 9, true }, JSON_DUPLICATE },
	{ "raw ones still are not", "\"\xed\xa0\x80\"", { 99, 9, 9, true },
	    JSON_UTF8 },
	/* clang-format on */
};

START_TEST(limits)
{
	struct json doc;
	int rc;

	json_init(&doc);
	rc = json_read(&doc, slice_of(edges[_i].text), &edges[_i].limits, NULL);
	ck_assert_msg(doc.fault == edges[_i].fault, "%s: %s", edges[_i].label,
	    json_fault_name(doc.fault));
	ck_assert_int_eq(rc, edges[_i].fault == JSON_OK ? 0 : -1);
	json_release(&doc);
}
END_TEST

/* Every place of a fault in and behind the blocks that a scan steps by. */
START_TEST(scans)
{
	bool plain = _i >= 0x20 && _i < 0x80 && _i != '"' && _i != '\\';
	char text[80];
	struct json doc;

	json_init(&doc);
	for (size_t len = 2; len < sizeof(text); len++)
		for (size_t at = 1; at + 1 < len; at++) {
			char *copy;

			memset(text, 'x', sizeof(text));
			text[0] = text[len - 1] = '"';
			text[at] = (char)_i;
			copy = read_copy(
			    &doc, (struct slice){ text, len }, &wide, NULL);
			ck_assert_msg((doc.fault == JSON_OK) == plain,
			    "byte 0x%02x at %zu of %zu: %s", (unsigned)_i, at,
			    len, json_fault_name(doc.fault));
			free(copy);
		}
	json_release(&doc);
}
END_TEST

/* RFC 3629, section 4, line by line. */
static const struct {
	size_t len;
	struct {
		unsigned char first, last;
	} bytes[4];
} utf8[] = {
	/* clang-format off */
	{ 1, { { 0x20, 0x7f } } },
	{ 2, { { 0xc2, 0xdf }, { 0x80, 0xbf } } },
	{ 3, { { 0xe0, 0xe0 }, { 0xa0, 0xbf }, { 0x80, 0xbf } } },
	{ 3, { { 0xe1, 0xec }, { 0x80, 0xbf }, { 0x80, 0xbf } } },
	{ 3, { { 0xed, 0xed }, { 0x80, 0x9f }, { 0x80, 0xbf } } },
	{ 3, { { 0xee, 0xef }, { 0x80, 0xbf }, { 0x80, 0xbf } } },
	{ 4, { { 0xf0, 0xf0 }, { 0x90, 0xbf }, { 0x80, 0xbf },
	    { 0x80, 0xbf } } },
	{ 4, { { 0xf1, 0xf3 }, { 0x80, 0xbf }, { 0x80, 0xbf },
	    { 0x80, 0xbf } } },
	{ 4, { { 0xf4, 0xf4 }, { 0x80, 0x8f }, { 0x80, 0xbf },
	    { 0x80, 0xbf } } },
	/* clang-format on */
};

static size_t
utf8_step(const unsigned char *p, size_t left)
{
	for (size_t i = 0; i < nitems(utf8); i++) {
		size_t n = 0;

		while (n < utf8[i].len && n < left &&
		       p[n] >= utf8[i].bytes[n].first &&
		       p[n] <= utf8[i].bytes[n].last)
			n++;
		if (n == utf8[i].len)
			return n;
	}
	return 0;
}

/* Every four of the bytes at which a rule of UTF-8 begins or ends. */
START_TEST(reads_utf8)
{
	static const unsigned char edges_of[] = { 'A', 0x7f, 0x80, 0x8f, 0x90,
		0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
		0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff };
	const size_t n = nitems(edges_of);
	unsigned char text[6] = { '"', 0, 0, 0, 0, '"' };
	struct json doc;

	json_init(&doc);
	for (size_t i = 0; i < n * n * n * n; i++) {
		size_t at = 1, step = 1;

		text[1] = edges_of[i % n];
		text[2] = edges_of[i / n % n];
		text[3] = edges_of[i / n / n % n];
		text[4] = edges_of[i / n / n / n];
		while (at < 5 && (step = utf8_step(text + at, 5 - at)) > 0)
			at += step;
		(void)json_read(&doc,
		    (struct slice){ (char *)text, sizeof(text) }, &wide, NULL);
		if (doc.fault != (step > 0 ? JSON_OK : JSON_UTF8))
			ck_abort_msg("%02x %02x %02x %02x: %s", text[1],
			    text[2], text[3], text[4],
			    json_fault_name(doc.fault));
	}
	json_release(&doc);
}
END_TEST

static const struct {
	const char *label, *text, *want;
	size_t len;
} strings[] = {
	/* clang-format off */
	{ "plain", "\"abc\"", "abc", 3 },
	{ "empty", "\"\"", "", 0 },
	{ "named", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8 },
	{ "one byte", "\"a\\u0041z\"", "aAz", 3 },
	{ "two bytes", "\"\\u00e9\"", "\xc3\xa9", 2 },
	{ "three bytes", "\"\\u20AC\"", "\xe2\x82\xac", 3 },
	{ "four bytes", "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4 },
	{ "the last of all", "\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf", 4 },
	{ "NUL", "\"a\\u0000b\"", "a\0b", 3 },
	{ "high half", "\"\\ud800x\"", "\xef\xbf\xbdx", 4 },
	{ "two high halves", "\"\\ud800\\ud83d\\ude00\"",
	    "\xef\xbf\xbd\xf0\x9f\x98\x80", 7 },
	{ "low half", "\"x\\udc00\"", "x\xef\xbf\xbd", 4 },
	{ "high half and a letter", "\"\\ud800\\u0041\"", "\xef\xbf\xbd" "A",
	    4 },
	{ "not an escape", "\"\\\\u0041\"", "\\u0041", 6 },
	/* clang-format on */
};

START_TEST(unescapes)
{
	struct slice want = { strings[_i].want, strings[_i].len }, got;
	struct slice less = { want.at, want.len > 0 ? want.len - 1 : 0 };
	char longer[16] = "";
	struct buf scratch;
	struct json doc;

	json_init(&doc);
	read_ok(&doc, slice_of(strings[_i].text), &lenient);
	buf_init(&scratch, doc.text.len - 2);
	got = json_text(&doc, JSON_ROOT, &scratch);
	ck_assert_msg(slice_eq(got, want), "%s: '%.*s'", strings[_i].label,
	    (int)got.len, got.at);
	ck_assert(json_equals(&doc, JSON_ROOT, want));
	ck_assert(want.len == 0 || !json_equals(&doc, JSON_ROOT, less));
	ck_assert(!json_equals(&doc, JSON_ROOT, slice_of("other")));
	memcpy(longer, want.at, want.len);
	ck_assert(!json_equals(
	    &doc, JSON_ROOT, (struct slice){ longer, want.len + 1 }));
	buf_release(&scratch);
	json_release(&doc);
}
END_TEST

static const struct {
	const char *text;
	bool whole;
	int64_t want;
} numbers[] = {
	/* clang-format off */
	{ "0", true, 0 },
	{ "-0", true, 0 },
	{ "0.000e99999999999999999999", true, 0 },
	{ "7", true, 7 },
	{ "7.0", true, 7 },
	{ "70e-1", true, 7 },
	{ "0.7e1", true, 7 },
	{ "0.07e+2", true, 7 },
	{ "100", true, 100 },
	{ "1E3", true, 1000 },
	{ "100.250e2", true, 10025 },
	{ "9223372036854775807", true, INT64_MAX },
	{ "9223372036854775808", false, 0 },
	{ "-9223372036854775808", true, INT64_MIN },
	{ "-9223372036854775809", false, 0 },
	{ "92233720368547758070e-1", true, INT64_MAX },
	{ "18446744073709551616", false, 0 },
	{ "1e18", true, INT64_C(1000000000000000000) },
	{ "1e19", false, 0 },
	{ "1e99999999999999999999", false, 0 },
	{ "1e-99999999999999999999", false, 0 },
	{ "1e18446744073709551616", false, 0 },
	{ "7.5", false, 0 },
	{ "75e-2", false, 0 },
	{ "1e-1", false, 0 },
	{ "0.30000000000000000000000000000000000001", false, 0 },
	{ "\"7\"", false, 0 },
	{ "null", false, 0 },
	/* clang-format on */
};

START_TEST(integers)
{
	struct json doc;
	int64_t got = 4711;

	json_init(&doc);
	read_ok(&doc, slice_of(numbers[_i].text), &wide);
	ck_assert_msg(json_int(&doc, JSON_ROOT, &got) == numbers[_i].whole,
	    "%s", numbers[_i].text);
	ck_assert_int_eq(got, numbers[_i].whole ? numbers[_i].want : 4711);
	json_release(&doc);
}
END_TEST

START_TEST(walks)
{
	static const char text[] =
	    " {\"a\" : [ 1, {\"b\":[]}, \"x\" ], \"\\u0069d\":7, \"z\":{}} ";
	static const char *const items[] = { "1", "{\"b\":[]}", "\"x\"" };
	struct json doc;
	json_at at, a;
	size_t n = 0;

	json_init(&doc);
	read_ok(&doc, slice_of(text), &wide);
	ck_assert_uint_eq(doc.ntok, 12);
	slice_is_text(
	    json_raw(&doc, json_get(&doc, JSON_ROOT, "id")), "7", "id");
	a = json_get(&doc, JSON_ROOT, "a");
	ck_assert(json_is(&doc, a, JSON_ARRAY));
	for (at = json_first(&doc, a); at != JSON_NONE;
	     at = json_sibling(&doc, a, at))
		slice_is_text(json_raw(&doc, at), items[n++], "item");
	ck_assert_uint_eq(n, nitems(items));
	n = 0;
	for (at = json_first(&doc, JSON_ROOT); at != JSON_NONE;
	     at = json_sibling(&doc, JSON_ROOT, at), n++)
		ck_assert(json_is(&doc, at, JSON_STRING) &&
			  json_after(&doc, at) == at + 1);
	ck_assert_uint_eq(n, 3);
	at = json_get(&doc, JSON_ROOT, "z");
	ck_assert_uint_eq(json_first(&doc, at), JSON_NONE);
	ck_assert_uint_eq(
	    json_first(&doc, json_get(&doc, JSON_ROOT, "id")), JSON_NONE);
	ck_assert_uint_eq(json_get(&doc, at, "a"), JSON_NONE);
	ck_assert_uint_eq(json_get(&doc, a, "a"), JSON_NONE);
	ck_assert_uint_eq(json_get(&doc, JSON_NONE, "a"), JSON_NONE);
	ck_assert_uint_eq(json_get(&doc, JSON_ROOT, "b"), JSON_NONE);
	ck_assert(!json_is(&doc, JSON_NONE, JSON_NULL));
	json_release(&doc);
}
END_TEST

/* The object {"k0":0,"k1":0,...} of n members, the last one named twin. */
static void
write_keys(struct buf *text, size_t n, size_t twin, bool escape)
{
	text->len = 0;
	for (size_t i = 0; i < n; i++) {
		bool last = i + 1 == n;

		ck_assert_int_eq(
		    buf_addf(text, "%c\"%s%zu\":0", i == 0 ? '{' : ',',
			last && escape ? "\\u006b" : "k", last ? twin : i),
		    0);
	}
	ck_assert_int_eq(buf_add_byte(text, '}'), 0);
}

/* Compared in pairs, in the table, and where one gives way to the other. */
START_TEST(many_keys)
{
	size_t n = (size_t)_i;
	struct buf text;
	struct json doc;

	json_init(&doc);
	buf_init(&text, SIZE_MAX / 4);
	for (size_t i = 0; i < 2 * n; i++) {
		write_keys(&text, n, i / 2, i % 2 == 0);
		(void)json_read(&doc, buf_slice(&text), &wide, NULL);
		ck_assert_int_eq(
		    doc.fault, i / 2 + 1 < n ? JSON_DUPLICATE : JSON_OK);
	}
	buf_release(&text);
	json_release(&doc);
}
END_TEST

START_TEST(gives_back)
{
	struct buf text;
	struct json doc;

	json_init(&doc);
	buf_init(&text, SIZE_MAX / 4);
	for (size_t i = 0; i < 100000; i++)
		ck_assert_int_eq(
		    buf_addf(&text, "%c\"%zu\":0", i == 0 ? '{' : ',', i), 0);
	ck_assert_int_eq(buf_add_byte(&text, '}'), 0);
	read_ok(&doc, buf_slice(&text), &wide);
	ck_assert_uint_eq(doc.ntok, 200001);
	json_clear(&doc);
	ck_assert(doc.tok == NULL && doc.keys == NULL && doc.ntok == 0);
	read_ok(&doc, slice_of("[1,2,3]"), &wide);
	json_clear(&doc);
	ck_assert(doc.tok != NULL); /* a small one is kept */
	buf_release(&text);
	json_release(&doc);
	ck_assert(doc.tok == NULL);
}
END_TEST

/* A tape that grew under wide limits is not used beyond narrow ones. */
START_TEST(limits_again)
{
	struct json_limits narrow = wide;
	struct json doc;

	json_init(&doc);
	read_ok(&doc, slice_of("[1,2,3,4,5,6,7]"), &wide);
	narrow.max_tokens = 4;
	ck_assert_int_eq(
	    json_read(&doc, slice_of("[1,2,3,4]"), &narrow, NULL), -1);
	ck_assert_int_eq(doc.fault, JSON_TOO_MANY);
	read_ok(&doc, slice_of("[1,2,3]"), &narrow);
	json_release(&doc);
	read_ok(&doc, slice_of("[1,2,3]"), &narrow);
	read_ok(&doc, slice_of("[1,2,3,4]"), &wide);
	json_release(&doc);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("json");

	tcase_add_loop_test(tc, refuses, 0, (int)nitems(faults));
	tcase_add_loop_test(tc, accepts, 0, (int)nitems(reads));
	tcase_add_loop_test(tc, limits, 0, (int)nitems(edges));
	tcase_add_loop_test(tc, scans, 0, 256);
	tcase_add_test(tc, reads_utf8);
	tcase_add_loop_test(tc, unescapes, 0, (int)nitems(strings));
	tcase_add_loop_test(tc, integers, 0, (int)nitems(numbers));
	tcase_add_test(tc, walks);
	tcase_add_loop_test(tc, many_keys, 1, 70);
	tcase_add_test(tc, gives_back);
	tcase_add_test(tc, limits_again);
	return unit_run(tc, "json");
}
