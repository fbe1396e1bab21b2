/*
 * JSON Schema: verdicts with their places, schemas that are refused, numbers of
 * any size, patterns as ECMA-262 has them, patterns that would take for ever,
 * and schemas that are made to.
 */
#include "policy/schema.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/json.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

/* Seconds: any of the bounds takes some tenths, under valgrind fifty times
   as long, and what they keep off would take years. */
#define PATIENCE 60

static void
read_ok(struct json *doc, struct slice text)
{
	static const struct json_limits limits = {
		.max_bytes = 1UL << 26,
		.max_depth = 1024,
		.max_tokens = 1U << 24,
		.lone_surrogates = true,
	};
	struct error err = { "" };

	json_init(doc);
	ck_assert_msg(json_read(doc, text, &limits, &err) == 0, "%.80s: %s",
	    text.at, err.msg);
}

static int
compile(const char *text, struct schema **ret, struct error *err)
{
	struct json doc;
	int rc;

	read_ok(&doc, slice_of(text));
	rc = schema_new(&doc, JSON_ROOT, ret, err);
	json_release(&doc);
	return rc;
}

static struct schema *
compile_ok(const char *text)
{
	struct error err = { "" };
	struct schema *s = NULL;

	ck_assert_msg(
	    compile(text, &s, &err) == 0, "%.200s: %s", text, err.msg);
	return s;
}

static int
check_text(struct schema *s, const char *text, struct error *why)
{
	struct json doc;
	int rc;

	read_ok(&doc, slice_of(text));
	rc = schema_check(s, &doc, JSON_ROOT, why);
	json_release(&doc);
	return rc;
}

#define DRAFT_04 "\"$schema\":\"http://json-schema.org/draft-04/schema#\","
#define DRAFT_06 "\"$schema\":\"http://json-schema.org/draft-06/schema#\","
#define DRAFT_07 "\"$schema\":\"http://json-schema.org/draft-07/schema#\","
#define DRAFT_2019                                                             \
	"\"$schema\":\"https://json-schema.org/draft/2019-09/schema\","

#define EDITS                                                                  \
	"{\"type\":\"object\",\"properties\":{\"edits\":{\"items\":{\"properties\":{\"oldText\":{\"type\":\"string\"}},\"required\":[\"oldText\"]}}},\"additionalProperties\":false}"

/* want NULL: valid; else the reason that is given. */
static const struct {
	const char *schema, *text, *want;
} cases[] = {
	/* clang-format off */
	{ EDITS, "{\"edits\":[{\"oldText\":\"a\"}]}", NULL },
	{ EDITS, "{\"edits\":[{}]}", "/edits/0/oldText: required" },
	{ EDITS, "{\"edits\":[{\"oldText\":\"a\"},{\"oldText\":1}]}",
	    "/edits/1/oldText: type" },
	{ EDITS, "[]", "/: type" },
	{ EDITS, "{\"secret\":1}", "/*: additionalProperties" },
	{ EDITS, "{\"edi\\u0074s\":[{}]}", "/edits/0/oldText: required" },
	{ "{\"additionalProperties\":{\"type\":\"null\"}}", "{\"x\\ny\":1}",
	    "/*: type" },
	{ "{\"properties\":{\"a\\u001b/~\":{\"type\":\"null\"}}}",
	    "{\"a\\u001b/~\":1}", "/a\\x1b/~: type" },
	{ "{\"required\":[\"a\"]}", "{}", "/a: required" },
	{ "{\"required\":[\"a\\u0000b\"]}", "{\"a\":1}", "/a\\x00b: required" },
	{ "{\"anyOf\":[{\"type\":\"null\"},{\"required\":[\"x\"]}]}", "{}",
	    "/: anyOf" },
	{ "{\"oneOf\":[{\"minimum\":1},{\"minimum\":2}]}", "3", "/: oneOf" },
	{ "{\"not\":{}}", "3", "/: not" },
	{ "{\"allOf\":[{\"maximum\":2}]}", "3", "/: maximum" },
	{ "{\"if\":{\"type\":\"null\"},\"else\":{\"maximum\":2}}", "3",
	    "/: maximum" },
	{ "{\"items\":false}", "[1]", "/0: items" },
	{ "{\"prefixItems\":[true],\"items\":{\"type\":\"null\"}}", "[1,2]",
	    "/1: type" },
	{ "{\"items\":[{}],\"additionalItems\":false}", "[1,2]", "/1: items" },
	{ "{\"unevaluatedItems\":false,\"prefixItems\":[{}]}", "[1,2]",
	    "/1: unevaluatedItems" },
	{ "{\"unevaluatedProperties\":false,\"anyOf\":[{\"properties\":{\"a\":{}},\"required\":[\"b\"]},true]}",
	    "{\"a\":1}", "/a: unevaluatedProperties" },
	{ "{\"unevaluatedProperties\":false,\"anyOf\":[{\"properties\":{\"a\":{}}},true]}",
	    "{\"a\":1}", NULL },
	{ "{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}",
	    "/b: dependentRequired" },
	{ "{\"propertyNames\":{\"maxLength\":1}}", "{\"ab\":1}",
	    "/*: maxLength" },
	{ "{\"patternProperties\":{\"^a\":false}}", "{\"ab\":1}",
	    "/*: patternProperties" },
	{ "{\"contains\":{\"type\":\"null\"},\"maxContains\":1}", "[null,null]",
	    "/: maxContains" },
	{ "{\"contains\":{\"type\":\"null\"}}", "[1]", "/: contains" },
	{ "{\"contains\":{\"type\":\"null\"},\"minContains\":0}", "[1]", NULL },
	{ "{\"uniqueItems\":true}", "[1,2,10e-1]", "/: uniqueItems" },
	{ "{\"uniqueItems\":true}", "[{\"a\":1,\"b\":2},{\"b\":2.0,\"\\u0061\":1}]",
	    "/: uniqueItems" },
	{ "{\"uniqueItems\":true}", "[[1],[true],\"1\",1,null,[],{}]", NULL },
	{ "{\"const\":\"\\u00e9\"}", "\"\xc3\xa9\"", NULL },
	{ "{\"enum\":[\"a\",{\"b\":[1.50]}]}", "{\"b\":[15e-1]}", NULL },
	{ "{\"enum\":[\"a\",1]}", "\"1\"", "/: enum" },
	{ "{\"maxLength\":2}", "\"\\ud83d\\ude00\xf0\x9f\x98\x80\"", NULL },
	{ "{\"maxLength\":1}", "\"\\ud83d\\ude00\xf0\x9f\x98\x80\"",
	    "/: maxLength" },
	{ "false", "1", "/: not allowed" },
	{ "true", "1", NULL },

	/* Numbers: exact, at any size. */
	{ "{\"type\":\"integer\"}", "1.0", NULL },
	{ "{\"type\":\"integer\"}", "1e2", NULL },
	{ "{\"type\":\"integer\"}", "100e-2", NULL },
	{ "{\"type\":\"integer\"}", "0.0e-99999999999999999999", NULL },
	{ "{\"type\":\"integer\"}", "1e400000000", NULL },
	{ "{\"type\":\"integer\"}", "1e-400000000", "/: type" },
	{ "{\"type\":\"integer\"}", "1.5", "/: type" },
	{ "{\"type\":\"integer\"}", "12345678901234567890123456789.5",
	    "/: type" },
	{ "{\"maximum\":9007199254740992}", "9007199254740993", "/: maximum" },
	{ "{\"maximum\":1e400}", "1e399", NULL },
	{ "{\"maximum\":1e400}", "1e401", "/: maximum" },
	{ "{\"minimum\":-1e400000000}", "-2e400000000", "/: minimum" },
	{ "{\"exclusiveMinimum\":0}", "1e-400000000", NULL },
	{ "{\"exclusiveMinimum\":0}", "-0.0", "/: exclusiveMinimum" },
	{ "{\"exclusiveMaximum\":0.1}", "0.1000", "/: exclusiveMaximum" },
	{ "{\"minimum\":0.1}", "0.09999999999999999999999999", "/: minimum" },
	{ "{\"multipleOf\":0.0001}", "0.0075", NULL },
	{ "{\"multipleOf\":0.0001}", "0.00751", "/: multipleOf" },
	{ "{\"multipleOf\":0.1}", "0.3", NULL },
	{ "{\"multipleOf\":3}", "1e400000000", "/: multipleOf" },
	{ "{\"multipleOf\":4}", "1e400000000", NULL },
	{ "{\"multipleOf\":7}", "700000000000000000000000000000000007", NULL },
	{ "{\"multipleOf\":7}", "-700000000000000000000000000000000008",
	    "/: multipleOf" },
	{ "{\"multipleOf\":1e308}", "1e307", "/: multipleOf" },
	{ "{\"multipleOf\":5}", "0e5", NULL },
	{ "{\"const\":1e400000000}", "10e399999999", NULL },
	{ "{\"maximum\":1e99999999999999999999}", "1e88888888888888888888",
	    "/: can't be told" },
	{ "{\"multipleOf\":12345678901234567891}",
	    "12345678901234567891000000000001", "/: can't be told" },

	/* Dialects. */
	{ "{" DRAFT_04 "\"minimum\":1,\"exclusiveMinimum\":true}", "1",
	    "/: exclusiveMinimum" },
	{ "{" DRAFT_04 "\"const\":1}", "2", NULL },
	{ "{" DRAFT_04 "\"id\":\"http://x/y\",\"$ref\":\"#/definitions/a\",\"definitions\":{\"a\":{\"type\":\"null\"}}}",
	    "2", "/: type" },
	{ "{" DRAFT_04 "\"properties\":{\"a\":{\"$ref\":\"#b\"}},\"definitions\":{\"a\":{\"id\":\"#b\",\"type\":\"null\"}}}",
	    "{\"a\":1}", "/a: type" },
	{ "{" DRAFT_06 "\"const\":1,\"if\":false,\"else\":false}", "1", NULL },
	{ "{" DRAFT_06 "\"contains\":{\"const\":1},\"minContains\":2}", "[1]",
	    NULL },
	{ "{" DRAFT_06 "\"propertyNames\":{\"$ref\":\"#a\"},\"definitions\":{\"a\":{\"$id\":\"#a\",\"maxLength\":1}}}",
	    "{\"ab\":1}", "/*: maxLength" },
	{ "{" DRAFT_07 "\"if\":true,\"then\":false}", "1", "/: not allowed" },
	{ "{" DRAFT_07 "\"$ref\":\"#/definitions/a\",\"maximum\":1,\"definitions\":{\"a\":{}}}",
	    "2", NULL },
	{ "{\"$ref\":\"#/definitions/a\",\"maximum\":1,\"definitions\":{\"a\":{}}}",
	    "2", "/: maximum" },
	{ "{" DRAFT_07 "\"items\":[{},{\"type\":\"null\"}]}", "[1,2]",
	    "/1: type" },
	{ "{" DRAFT_2019 "\"$recursiveAnchor\":true,\"properties\":{\"a\":{\"$recursiveRef\":\"#\"}},\"maxProperties\":1}",
	    "{\"a\":{\"a\":1,\"b\":2}}", "/a: maxProperties" },
	{ "{\"$schema\":\"https://json-schema.org/draft-07/schema\",\"items\":[{\"type\":\"null\"}]}",
	    "[1]", "/0: type" },
	{ "{\"$schema\":\"http://json-schema.org/draft/2020-12/schema#\",\"prefixItems\":[{\"type\":\"null\"}]}",
	    "[1]", "/0: type" },
	{ "{\"$schema\":\"http://json-schema.org/schema#\",\"type\":\"null\"}",
	    "1", "/: type" },

	/* References. */
	{ "{\"$ref\":\"#/x/a~1b%25~0/0\",\"x\":{\"a/b%~\":[{\"type\":\"null\"}]}}",
	    "1", "/: type" },
	{ "{\"$id\":\"http://a/b/c?q\",\"$ref\":\"../d#e\",\"$defs\":{\"d\":{\"$id\":\"/d\",\"$anchor\":\"x\",\"$defs\":{\"e\":{\"$anchor\":\"e\",\"type\":\"null\"}}}}}",
	    "1", "/: type" },
	{ "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"b\"]}",
	    "{\"b\":1,\"a\":{\"b\":1,\"a\":{}}}", "/a/a/b: required" },
	{ "{\"$ref\":\"#\"}", "1", "/: nested too deep" },
	{ "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"allOf\":[{\"$ref\":\"#/$defs/b\"}]},\"b\":{\"not\":{\"$ref\":\"#/$defs/a\"}}}}",
	    "1", "/: nested too deep" },
	/* clang-format on */
};

START_TEST(judges)
{
	const char *want = cases[_i].want;
	struct schema *s = compile_ok(cases[_i].schema);
	struct error why = { "" };
	int rc;

	rc = check_text(s, cases[_i].text, &why);
	ck_assert_msg((rc == 1) == (want == NULL), "%s of %s: %d %s",
	    cases[_i].schema, cases[_i].text, rc, why.msg);
	ck_assert_str_eq(why.msg, want != NULL ? want : "");
	/* The same without asking why. */
	ck_assert_int_eq(check_text(s, cases[_i].text, NULL), rc);
	schema_free(s);
}
END_TEST

static const struct {
	const char *schema, *want;
} refused[] = {
	/* clang-format off */
	{ "1", "/: neither an object nor a boolean" },
	{ "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/b\"}}}",
	    "/properties/a/$ref: leads nowhere in the document" },
	{ "{\"$ref\":\"http://json-schema.org/draft-07/schema#\"}",
	    "/$ref: leads out of the document" },
	{ "{\"$ref\":\"file:///etc/passwd\"}",
	    "/$ref: leads out of the document" },
	{ "{\"$ref\":\"other.json\"}", "/$ref: leads out of the document" },
	{ "{\"$ref\":\"#a\"}", "/$ref: leads nowhere in the document" },
	{ "{\"$ref\":\"#/items/00\",\"items\":[{}]}",
	    "/$ref: leads nowhere in the document" },
	{ "{\"$ref\":1}", "/$ref: wrong type" },
	{ "{\"$defs\":{\"unused\":{\"$ref\":\"#b\"}}}",
	    "/$defs/unused/$ref: leads nowhere in the document" },
	{ "{\"$schema\":\"http://json-schema.org/draft-03/schema#\"}",
	    "/: unknown $schema" },
	{ "{\"$schema\":\"https://example.com/mine\"}", "/: unknown $schema" },
	{ "{\"$schema\":7}", "/$schema: not a string" },
	{ "{\"$id\":\"a\",\"$defs\":{\"b\":{\"$id\":\"a\"}}}",
	    "/$defs/b: the same URI twice, or too many" },
	{ "{\"$anchor\":\"a\",\"$defs\":{\"b\":{\"$anchor\":\"a\"}}}",
	    "/$defs/b: the same anchor twice" },
	{ "{\"type\":\"text\"}", "/type: no type" },
	{ "{\"type\":[\"null\",\"any\"]}", "/type/1: no type" },
	{ "{\"properties\":[]}", "/properties: wrong type" },
	{ "{\"$defs\":{\"a\":[{}]}}",
	    "/$defs/a: neither an object nor a boolean" },
	{ "{\"properties\":{\"a\":1}}",
	    "/properties/a: neither an object nor a boolean" },
	{ "{\"required\":\"a\"}", "/required: wrong type" },
	{ "{\"required\":[1]}", "/required/0: wrong type" },
	{ "{\"anyOf\":[]}", "/anyOf: an empty list" },
	{ "{\"anyOf\":{}}", "/anyOf: wrong type" },
	{ "{\"not\":[]}", "/not: wrong type" },
	{ "{\"enum\":1}", "/enum: wrong type" },
	{ "{\"maximum\":\"1\"}", "/maximum: wrong type" },
	{ "{\"maxLength\":-1}", "/maxLength: not a count" },
	{ "{\"maxLength\":1.5}", "/maxLength: not a count" },
	{ "{\"multipleOf\":0}", "/multipleOf: not above zero" },
	{ "{\"multipleOf\":-1}", "/multipleOf: not above zero" },
	{ "{\"uniqueItems\":1}", "/uniqueItems: wrong type" },
	{ "{\"dependentRequired\":{\"a\":1}}",
	    "/dependentRequired/a: wrong type" },
	{ "{\"dependentRequired\":{\"a\":[1]}}",
	    "/dependentRequired/a/0: wrong type" },
	{ "{\"pattern\":1}", "/pattern: wrong type" },
	{ "{\"patternProperties\":{\"(\":{}}}",
	    "/patternProperties/(: no ECMA-262 pattern: open group at byte 1" },
	{ "{\"properties\":{\"x\":{\"pattern\":\"^(a+)+$\"}}}",
	    "/properties/x/pattern: takes exponential time on some texts" },
	{ "{\"patternProperties\":{\"\\\\s*\\\\s*\\\\s*x\":{}}}",
	    "/patternProperties/\\\\s*\\\\s*\\\\s*x: takes time that grows with power 4 of a text's length" },
	/* clang-format on */
};

START_TEST(refuses)
{
	struct error err = { "" };
	struct schema *s = NULL;

	ck_assert_msg(compile(refused[_i].schema, &s, &err) == -1, "%s",
	    refused[_i].schema);
	ck_assert_ptr_null(s);
	ck_assert_str_eq(err.msg, refused[_i].want);
}
END_TEST

/* A pattern and a text in JSON; found NULL: the pattern is refused. */
static const struct {
	const char *pattern, *text;
	int found;
} patterns[] = {
	/* clang-format off */
	{ "^a$", "a", 1 },
	{ "^a$", "a\\n", 0 }, /* Perl's $ would stop before it */
	{ "^b", "a\\nb", 0 },
	{ "b", "abc", 1 },
	{ "", "abc", 1 },
	{ "\\\\d", "\xd9\xa3", 0 }, /* a digit, but not of ASCII */
	{ "\\\\w", "\xc3\xa9", 0 },
	{ "\\\\W", "\xc3\xa9", 1 },
	{ "^\\\\s$", "\\ufeff", 1 },
	{ "^\\\\s$", "\\u2029", 1 },
	{ "^\\\\s$", "\\u0085", 0 },
	{ "^\\\\S$", "\\u0085", 1 },
	{ "^.$", "\\u2028", 0 },
	{ "^.$", "\\r", 0 },
	{ "^.$", "\\u0085", 1 },
	{ "^.$", "\\ud83d\\ude00", 1 }, /* one character, not two halves */
	{ "^\\\\ud83d\\\\ude00$", "\xf0\x9f\x98\x80", 1 },
	{ "^\\\\u{1f600}$", "\xf0\x9f\x98\x80", 1 },
	{ "^\\\\x41\\\\u0042\\\\cA\\\\0$", "AB\\u0001\\u0000", 1 },
	{ "^[^]$", "\\n", 1 },
	{ "[]", "a", 0 },
	{ "^\\\\p{Letter}+$", "\xc3\xa9z", 1 },
	{ "^\\\\p{Letter}+$", "1", 0 },
	{ "^\\\\p{General_Category=Uppercase_Letter}$", "\xc3\x89", 1 },
	{ "^\\\\p{Script=Greek}$", "\xce\xb1", 1 },
	{ "^\\\\p{Script=Greek}$", "a", 0 },
	{ "^\\\\P{L}$", "1", 1 },
	{ "^[^\\\\p{L}\\\\d]$", "\xc3\xa9", 0 },
	{ "^[^\\\\p{L}\\\\d]$", "-", 1 },
	{ "^[\\\\w-.]+$", "a-.", 1 },
	{ "^[a\\\\-z]$", "-", 1 },
	{ "^[a\\\\-z]$", "b", 0 },
	{ "^\\\\/\\\\-\\\\_\\\\@$", "/-_@", 1 },
	{ "^(?<year>\\\\d{4})-\\\\k<year>$", "2020-2020", 1 },
	{ "^(a)|b\\\\1$", "b", 1 }, /* a group that took no part is empty */
	{ "(?<=a)b", "ab", 1 },
	{ "(?<!a)b", "ab", 0 },
	{ "^a(?!b)", "ac", 1 },
	{ "^x{,2}$", "x{,2}", 1 }, /* no count */
	{ "^a{2,}?$", "aaa", 1 },
	{ "^[\\\\b]$", "\\b", 1 },
	{ "\\\\bfoo\\\\b", "a foo b", 1 },
	{ "^\\\\u0000$", "\\u0000", 1 },
	{ "^[\\u0000]$", "\\u0000", 1 },
	/* Other languages' */
	{ "(?i)a", NULL, 0 },
	{ "(?i:a)", NULL, 0 },
	{ "\\\\Aa\\\\Z", NULL, 0 },
	{ "a\\\\z", NULL, 0 },
	{ "\\\\h", NULL, 0 },
	{ "\\\\Qa\\\\E", NULL, 0 },
	{ "a++", NULL, 0 },
	{ "a*+", NULL, 0 },
	{ "(?>a)", NULL, 0 },
	{ "(?R)", NULL, 0 },
	{ "(?1)(a)", NULL, 0 },
	{ "(?P<n>a)", NULL, 0 },
	{ "(?#x)", NULL, 0 },
	{ "(?C1)a", NULL, 0 },
	{ "(*FAIL)", NULL, 0 },
	{ "(*UTF)a", NULL, 0 },
	{ "*a", NULL, 0 },
	{ "(?(1)a|b)", NULL, 0 },
	{ "(?|a|b)", NULL, 0 },
	{ "\\\\g{1}(a)", NULL, 0 },
	{ "\\\\K", NULL, 0 },
	{ "\\\\R", NULL, 0 },
	{ "\\\\X", NULL, 0 },
	{ "\\\\C", NULL, 0 },
	{ "\\\\N", NULL, 0 },
	{ "\\\\p{Klingon}", NULL, 0 },
	{ "\\\\pL", NULL, 0 },
	{ "\\\\k<x>", NULL, 0 },
	{ "\\\\2(a)", NULL, 0 },
	{ "(?<a>x)(?<a>y)", NULL, 0 },
	{ "a{3,2}", NULL, 0 },
	{ "a{100000}", NULL, 0 },
	{ "[b-a]", NULL, 0 },
	{ "[a", NULL, 0 },
	{ "(a", NULL, 0 },
	{ "a)", NULL, 0 },
	{ "\\\\", NULL, 0 },
	{ "\\\\u{110000}", NULL, 0 },
	{ "\\\\x4", NULL, 0 },
	/* clang-format on */
};

START_TEST(matches)
{
	struct error err = { "" };
	struct schema *s = NULL;
	char text[256];
	int rc;

	(void)snprintf(
	    text, sizeof(text), "{\"pattern\":\"%s\"}", patterns[_i].pattern);
	rc = compile(text, &s, &err);
	ck_assert_msg(
	    (rc == 0) == (patterns[_i].text != NULL), "%s: %s", text, err.msg);
	if (rc == -1)
		return;
	(void)snprintf(text, sizeof(text), "\"%s\"", patterns[_i].text);
	ck_assert_msg(check_text(s, text, &err) == patterns[_i].found,
	    "%s of %s", patterns[_i].pattern, text);
	schema_free(s);
}
END_TEST

/* Raw patterns, and whether some text would make an engine run for ever. */
static const struct {
	const char *pattern;
	bool slow;
} costs[] = {
	/* clang-format off */
	{ "^(a|a)*$", true },
	{ "^(a|aa)+$", true },
	{ "^(a*)*$", true },
	{ "^(a?b?)*c", true },
	{ "^(x(a*|b*)y)*z", true },
	{ "^(\\\\w+\\\\s?)*$", true },
	{ "(a|ab|b)*c", true },
	{ "^([^,]*,?)*!", true },
	{ "^([\\\\/\\\\w \\\\.-]*)*\\\\/?$", true },
	{ "^((a+)b?)*$", true },
	{ "(?=(a+)+b)", true },
	{ "x(?<!y)(a|[a-c])*z", true },
	{ "^(\\\\w{1,20}){1,20}!", true }, /* large counts are as bad */
	{ "^(\\\\p{L}|\\\\p{Lu})*$", true },
	{ "^(.*)\\\\1*\\\\1*x", true },
	{ "a*a*b", true }, /* and wherever it begins: the third power */
	{ "^a*a*a*b", true },
	{ "^\\\\s*[\\\\s;]*\\\\s*x", true },
	{ "^\\\\d+\\\\d*\\\\w*x$", true },
	{ "^a*a*b", false }, /* the second */
	{ "^(a|b)*$", false },
	{ "^(ab|ac)*$", false },
	{ "^(a*b)*$", false },
	{ "^[a-z0-9]+(-[a-z0-9]+)*$", false },
	{ "^([a-z]+\\\\.)*[a-z]{2,}$", false },
	{ "^[^@]+@[^@]+\\\\.[^@]+$", false },
	{ "[^@]+@[^@]+\\\\.[^@]+", false },
	{ "^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\\\.[A-Za-z]{2,}$", false },
	{ "^(\\\\d{1,3}\\\\.){3}\\\\d{1,3}$", false },
	{ "\\\\d+\\\\.?\\\\d*", false }, /* it has matched before it could fail */
	{ "^(?=.*[a-z])(?=.*[A-Z])(?=.*\\\\d).{8,}$", false },
	{ "^\\\\S+(\\\\s+\\\\S+)*$", false },
	{ "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", false },
	{ "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?(\\\\.[a-z]([a-z0-9-]{0,61}[a-z0-9])?)*$", false },
	{ "^\\\"(?:[^\\\"\\\\\\\\]|\\\\\\\\.)*\\\"$", false },
	{ "^(GET|POST|PUT)(,(GET|POST|PUT))*$", false },
	/* clang-format on */
};

START_TEST(costs_too_much)
{
	struct error err = { "" };
	struct schema *s = NULL;
	char text[256];
	int rc;

	(void)snprintf(
	    text, sizeof(text), "{\"pattern\":\"%s\"}", costs[_i].pattern);
	rc = compile(text, &s, &err);
	ck_assert_msg((rc == -1) == costs[_i].slow, "%s: %s", text, err.msg);
	if (rc == -1)
		ck_assert_msg(
		    strstr(err.msg, "takes ") != NULL, "%s: %s", text, err.msg);
	schema_free(s);
}
END_TEST

/* --- Made to take long. --- */

/* before, then fmt n times with a comma between ('#' is the number), after. */
static char *
repeat(const char *before, const char *fmt, unsigned n, const char *after)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	buf_must(buf_add_str(&b, before));
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			buf_must(buf_add_byte(&b, ','));
		for (const char *p = fmt; *p != '\0'; p++)
			if (*p == '#')
				buf_must(buf_addf(&b, "%u", i));
			else
				buf_must(buf_add_byte(&b, *p));
	}
	buf_must(buf_add_str(&b, after));
	buf_must(buf_add_byte(&b, '\0'));
	return b.at;
}

/* Each definition asks the next one twice; the root has more to say. */
static char *
doubling(const char *root, const char *keyword, const char *leaf, unsigned n)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	buf_must(buf_addf(&b, "{%s\"$ref\":\"#/$defs/d0\",\"$defs\":{", root));
	for (unsigned i = 0; i < n; i++)
		buf_must(buf_addf(&b,
		    "\"d%u\":{\"%s\":[{\"$ref\":\"#/$defs/d%u\"},{\"$ref\":\"#/$defs/d%u\"}]},",
		    i, keyword, i + 1, i + 1));
	buf_must(buf_addf(&b, "\"d%u\":%s}}", n, leaf));
	buf_must(buf_add_byte(&b, '\0'));
	return b.at;
}

static void
expect_given_up(char *schema, const char *text, const char *want)
{
	time_t began = time(NULL);
	struct error why = { "" };
	struct schema *s = compile_ok(schema);

	ck_assert_int_eq(check_text(s, text, &why), -1);
	ck_assert_msg(strstr(why.msg, want) != NULL, "%s", why.msg);
	ck_assert_int_le(time(NULL) - began, PATIENCE);
	schema_free(s);
	free(schema);
}

static const struct {
	const char *root, *keyword, *leaf, *text;
} doublings[] = {
	/* clang-format off */
	{ "", "anyOf", "false", "1" },
	{ "", "oneOf", "false", "1" },
	{ "", "allOf", "{\"type\":\"integer\"}", "1" },
	{ "\"not\":{\"$ref\":\"#/$defs/d1\"},", "anyOf", "false", "1" },
	/* With marks of what was judged, to be kept and merged each time. */
	{ "\"unevaluatedProperties\":false,", "anyOf",
	    "{\"properties\":{\"a\":true}}", "{\"a\":1}" },
	{ "", "allOf", "{\"unevaluatedProperties\":true}", "{\"a\":1}" },
	{ "\"unevaluatedItems\":false,", "anyOf", "{\"contains\":true}",
	    "[1,2,3]" },
	/* clang-format on */
};

START_TEST(gives_up_doubling)
{
	expect_given_up(doubling(doublings[_i].root, doublings[_i].keyword,
			    doublings[_i].leaf, 60),
	    doublings[_i].text, "/: more work than is allowed");
}
END_TEST

/* What is told to repeat, and what comes of it; NULL: valid. */
static const struct {
	const char *label;
	struct part {
		const char *before, *fmt;
		unsigned n;
		const char *after;
	} schema, text;
	const char *want;
} larges[] = {
	/* clang-format off */
	{ "unique numbers", { "{\"uniqueItems\":true}", "", 0, "" },
	    { "[", "#", 100000, "]" }, NULL },
	{ "unique objects", { "{\"uniqueItems\":true}", "", 0, "" },
	    { "[", "{\"a\":#,\"b\":[#]}", 20000, "]" }, NULL },
	{ "one number written in many ways",
	    { "{\"uniqueItems\":true}", "", 0, "" },
	    { "[", "1", 100000, "]" }, "/: uniqueItems" },
	{ "a long enum, asked often", { "{\"items\":{\"enum\":[", "\"#\"", 20000, "]}}" },
	    { "[", "\"#\"", 20000, "]" }, NULL },
	{ "many properties", { "{\"properties\":{", "\"#\":{\"type\":\"integer\"}", 20000, "},\"additionalProperties\":false}" },
	    { "{", "\"#\":#", 20000, "}" }, NULL },
	{ "many required, all but one there", { "{\"required\":[\"a\",", "\"#\"", 10000, "]}" },
	    { "{", "\"#\":#", 10000, "}" }, "/a: required" },
	{ "many names that must go with each other", { "{\"dependentRequired\":{", "\"#\":[\"0\"]", 5000, "}}" },
	    { "{", "\"#\":#", 20000, "}" }, "/: more work than is allowed" },
	{ "many patterns for many members", { "{\"patternProperties\":{", "\"x#\":true", 3000, "}}" },
	    { "{", "\"#\":#", 20000, "}" }, "/0: more work than is allowed" },
	{ "objects that differ at their end", { "{\"uniqueItems\":true}", "", 0, "" },
	    { "[", "{\"a\":1,\"b\":2,\"c\":#}", 20000, "]" }, NULL },
	{ "digits", { "{\"multipleOf\":7,\"maximum\":5}", "", 0, "" },
	    { "7000", "", 0, "0" }, "/: maximum" },
	/* clang-format on */
};

START_TEST(bears_large)
{
	const struct part *p = &larges[_i].schema, *q = &larges[_i].text;
	char *schema = repeat(p->before, p->fmt, p->n, p->after);
	char *text = repeat(q->before, q->fmt, q->n, q->after);
	struct schema *s = compile_ok(schema);
	time_t began = time(NULL);
	struct error why = { "" };

	(void)check_text(s, text, &why);
	if (strstr(why.msg, "more work") != NULL && larges[_i].want != NULL)
		ck_assert_ptr_nonnull(strstr(larges[_i].want, "more work"));
	else
		ck_assert_msg(
		    strcmp(why.msg,
			larges[_i].want != NULL ? larges[_i].want : "") == 0,
		    "%s: %s", larges[_i].label, why.msg);
	ck_assert_int_le(time(NULL) - began, PATIENCE);
	schema_free(s);
	free(schema);
	free(text);
}
END_TEST

/* n times the same, with something around it. */
static char *
times(const char *before, const char *what, size_t n, const char *after)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	buf_must(buf_add_str(&b, before));
	for (size_t i = 0; i < n; i++)
		buf_must(buf_add_str(&b, what));
	buf_must(buf_add_str(&b, after));
	buf_must(buf_add_byte(&b, '\0'));
	return b.at;
}

/* Long texts that a pattern or a number is looked for in. */
static const struct {
	const char *schema, *before, *what;
	unsigned n;
	const char *after, *want;
} longs[] = {
	/* clang-format off */
	{ "{\"pattern\":\"^[ab]*$\"}", "\"", "ab", 1U << 20, "\"", NULL },
	{ "{\"pattern\":\"^(?:a|b)*$\"}", "\"", "ab", 20000, "\"", NULL },
	{ "{\"pattern\":\"^(?:ab)*$\"}", "\"", "ab", 20000, "c\"",
	    "/: pattern" },
	{ "{\"pattern\":\"^(?:a|b)*$\"}", "\"", "ab", 1U << 20, "\"",
	    "/: can't be told" },
	{ "{\"pattern\":\"^a*a*b$\"}", "\"", "aa", 1U << 20, "\"",
	    "/: can't be told" },
	{ "{\"pattern\":\"a*b\"}", "\"", "aa", 1U << 20, "\"",
	    "/: can't be told" },
	{ "{\"pattern\":\"(?:(?=a*)a)*b\"}", "\"", "aa", 1U << 20, "\"",
	    "/: can't be told" },
	{ "{\"pattern\":\"a{65000}b\"}", "\"", "aa", 1U << 20, "\"",
	    "/: can't be told" },
	{ "{\"pattern\":\"(?:(?=a*)a)*b\"}", "\"", "aa", 1U << 10, "\"",
	    "/: pattern" },
	{ "{\"pattern\":\"b\"}", "\"", "aa", 1U << 18, "b\"", NULL },
	{ "{\"maxLength\":1048576}", "\"", "\xc3\xa9", 1U << 20, "\"",
	    NULL },
	{ "{\"maxLength\":1048575}", "\"", "\xc3\xa9", 1U << 20, "\"",
	    "/: maxLength" },
	{ "{\"multipleOf\":9}", "", "27", 1U << 20, "", NULL },
	{ "{\"multipleOf\":9}", "1", "27", 1U << 20, "",
	    "/: multipleOf" },
	{ "{\"const\":1}", "0.", "99", 1U << 20, "", "/: const" },
	/* clang-format on */
};

START_TEST(bears_long)
{
	char *text = times(
	    longs[_i].before, longs[_i].what, longs[_i].n, longs[_i].after);
	struct schema *s = compile_ok(longs[_i].schema);
	time_t began = time(NULL);
	struct error why = { "" };

	(void)check_text(s, text, &why);
	ck_assert_str_eq(why.msg, longs[_i].want != NULL ? longs[_i].want : "");
	ck_assert_int_le(time(NULL) - began, PATIENCE);
	schema_free(s);
	free(text);
}
END_TEST

/* Deep values by a schema that refers to itself. */
START_TEST(bears_deep)
{
	char *text = times("", "[", 1000, ""), *whole;

	whole = times(text, "]", 1000, "");
	expect_given_up(repeat("{\"items\":{\"$ref\":\"#\"}}", "", 0, ""),
	    whole, "/0/0: nested too deep");
	free(text);
	free(whole);
}
END_TEST

/* Schemas that would take too much before anything is judged. */
static const struct {
	struct part schema;
	const char *want;
} heavies[] = {
	/* clang-format off */
	{ { "{\"enum\":[", "#", 100001, "]}" }, "too many" },
	{ { "{\"anyOf\":[", "{\"pattern\":\"(.{90}){90}#\"}", 5000, "]}" },
	    "too " },
	{ { "{\"$anchor\":\"a\",\"$defs\":{", "\"#\":{\"$anchor\":\"a#\"}", 1001, "}}" },
	    "too many anchors" },
	{ { "{\"$defs\":{", "\"#\":{\"$id\":\"a#\"}", 1002, "}}" },
	    "or too many" },
	/* clang-format on */
};

START_TEST(refuses_heavy)
{
	const struct part *p = &heavies[_i].schema;
	char *text = repeat(p->before, p->fmt, p->n, p->after);
	time_t began = time(NULL);
	struct error err = { "" };
	struct schema *s = NULL;

	ck_assert_int_eq(compile(text, &s, &err), -1);
	ck_assert_msg(strstr(err.msg, heavies[_i].want) != NULL, "%s", err.msg);
	ck_assert_int_le(time(NULL) - began, PATIENCE);
	free(text);
}
END_TEST

/* Each reference looks through all definitions for the last of them. */
START_TEST(refuses_many_references)
{
	struct error err = { "" };
	struct schema *s = NULL;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	buf_must(buf_add_str(&b, "{\"$defs\":{"));
	for (unsigned i = 0; i < 10000; i++)
		buf_must(buf_addf(&b, "\"%u\":{\"$ref\":\"#/$defs/x\"},", i));
	buf_must(buf_add_str(&b, "\"x\":{}}}"));
	buf_must(buf_add_byte(&b, '\0'));
	ck_assert_int_eq(compile(b.at, &s, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "too many references"));
	buf_release(&b);
}
END_TEST

/* The schema keeps nothing of the document that it came in. */
START_TEST(keeps_a_copy)
{
	char *text = repeat("{\"x\":{\"required\":[\"a\"]}}", "", 0, "");
	struct schema *s = NULL;
	struct error err = { "" };
	struct json doc;

	read_ok(&doc, slice_of(text));
	ck_assert_int_eq(
	    schema_new(&doc, json_get(&doc, JSON_ROOT, "x"), &s, &err), 0);
	memset(text, 'x', strlen(text));
	json_release(&doc);
	free(text);
	ck_assert_int_eq(check_text(s, "{\"b\":1}", &err), 0);
	ck_assert_str_eq(err.msg, "/a: required");
	schema_free(s);
	schema_free(NULL);
}
END_TEST

/* A value within a larger text, its place counted from there. */
START_TEST(judges_a_part)
{
	struct schema *s = compile_ok("{\"items\":{\"type\":\"null\"}}");
	struct error why = { "" };
	struct json doc;

	read_ok(&doc, slice_of("{\"a\":[1],\"b\":[null,2]}"));
	ck_assert_int_eq(
	    schema_check(s, &doc, json_get(&doc, JSON_ROOT, "b"), &why), 0);
	ck_assert_str_eq(why.msg, "/1: type");
	json_release(&doc);
	schema_free(s);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("schema");

	tcase_set_timeout(tc, 2 * PATIENCE);
	tcase_add_loop_test(tc, judges, 0, (int)nitems(cases));
	tcase_add_loop_test(tc, refuses, 0, (int)nitems(refused));
	tcase_add_loop_test(tc, matches, 0, (int)nitems(patterns));
	tcase_add_loop_test(tc, costs_too_much, 0, (int)nitems(costs));
	tcase_add_loop_test(tc, gives_up_doubling, 0, (int)nitems(doublings));
	tcase_add_loop_test(tc, bears_large, 0, (int)nitems(larges));
	tcase_add_loop_test(tc, bears_long, 0, (int)nitems(longs));
	tcase_add_loop_test(tc, refuses_heavy, 0, (int)nitems(heavies));
	tcase_add_test(tc, bears_deep);
	tcase_add_test(tc, refuses_many_references);
	tcase_add_test(tc, keeps_a_copy);
	tcase_add_test(tc, judges_a_part);
	return unit_run(tc, "schema");
}
