/*
 * Texts written to make a reader slow.  The bound is the timeout of a test:
 * generous for work that is linear, out of reach for any that is quadratic (a
 * million keys in pairs are 5 * 10^11 comparisons).
 */
#include "test/unit/json_help.h"

/* Seconds for one text; a linear reader needs a small part of one. */
#define TIMEOUT 30

#define MIB (1UL << 20)

/* Not ck_assert(): each one is a call of the kernel, and these are many. */
static void
add(struct buf *text, const char *piece)
{
	if (buf_add_str(text, piece) == -1)
		abort();
}

static void
repeat(struct buf *text, const char *piece, size_t len)
{
	size_t n = strlen(piece);

	for (; len >= n; len -= n)
		add(text, piece);
}

/* An object of n members whose keys are a number between two equal texts. */
static void
add_object(struct buf *text, size_t n, const char *head, const char *tail)
{
	char number[32];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(number, sizeof(number), "%06zu", i);
		add(text, i == 0 ? "{\"" : ",\"");
		add(text, head);
		add(text, number);
		add(text, tail);
		add(text, "\":0");
	}
	add(text, "}");
}

static void
keys(struct buf *text)
{
	add_object(text, 1000000, "", "");
}

/* Equal in length, in the first bytes and in the last. */
static void
keys_alike(struct buf *text)
{
	add_object(text, 1000000, "prefixprefix", "suffixsuffix");
}

static void
keys_escaped(struct buf *text)
{
	add_object(text, 1000000, "\\u0041", "");
}

/* 32 keys each, all of one print: the dearest that are compared in pairs. */
static void
objects_alike(struct buf *text)
{
	add(text, "[");
	while (text->len < 16 * MIB) {
		add_object(text, 32, "samehead", "sametail");
		add(text, ",");
	}
	add(text, "0]");
}

/* Long objects in long objects: no work is repeated at the outer ones. */
static void
keys_nested(struct buf *text)
{
	for (int depth = 0; depth < 1000; depth++) {
		add_object(text, 1000, "", "");
		text->len--; /* the brace */
		add(text, ",\"x\":");
	}
	add(text, "0");
	repeat(text, "}", 1000);
}

/* Keys of 128 KiB that differ in six bytes in the middle. */
static void
keys_long(struct buf *text)
{
	static char fill[65537];

	memset(fill, 'k', sizeof(fill) - 1);
	add_object(text, 60, fill, fill);
}

static void
pairs(struct buf *text)
{
	add(text, "[");
	repeat(text, "[],", 16 * MIB);
	add(text, "0]");
}

/* As deep as may be, and again and again. */
static void
towers(struct buf *text)
{
	add(text, "[");
	while (text->len < 16 * MIB) {
		repeat(text, "[", LIMIT_DEPTH_MAX - 1);
		repeat(text, "]", LIMIT_DEPTH_MAX - 1);
		add(text, ",");
	}
	add(text, "0]");
}

static void
string_16(struct buf *text)
{
	add(text, "\"");
	repeat(text, "text ", 16 * MIB);
	add(text, "\"");
}

static void
string_60(struct buf *text)
{
	add(text, "\"");
	repeat(text, "\xe6\xbc\xa2\\u00e9\xf0\x9f\x98\x80 ", 60 * MIB);
	add(text, "\"");
}

static void
digits(struct buf *text)
{
	repeat(text, "9", 16 * MIB);
}

static void
spaces(struct buf *text)
{
	repeat(text, " \r", 16 * MIB);
	add(text, "0");
}

static void
open_only(struct buf *text)
{
	repeat(text, "[", 16 * MIB);
}

static void
half_strings(struct buf *text)
{
	add(text, "[");
	repeat(text, "\"\\\\\",", 16 * MIB);
	add(text, "\"\\");
}

static const struct {
	const char *label;
	void (*write)(struct buf *);
	enum json_fault fault;
} loads[] = {
	{ "a million keys", keys, JSON_OK },
	{ "a million keys alike", keys_alike, JSON_OK },
	{ "a million escaped keys", keys_escaped, JSON_OK },
	{ "objects of keys alike", objects_alike, JSON_OK },
	{ "objects in objects", keys_nested, JSON_OK },
	{ "long keys", keys_long, JSON_OK },
	{ "pairs of brackets", pairs, JSON_OK },
	{ "towers of brackets", towers, JSON_OK },
	{ "one string of 16 MiB", string_16, JSON_OK },
	{ "one string of 60 MiB", string_60, JSON_OK },
	{ "one number of 16 MiB", digits, JSON_OK },
	{ "white space", spaces, JSON_OK },
	{ "open brackets", open_only, JSON_TOO_DEEP },
	{ "an open string last", half_strings, JSON_SYNTAX },
};

/* Reads it, looks for a key, makes it safe and applies that. */
START_TEST(linear)
{
	struct json_edits e;
	struct buf text, out;
	struct json doc;

	buf_init(&text, SIZE_MAX / 4);
	buf_init(&out, SIZE_MAX / 4);
	json_init(&doc);
	json_edits_init(&e);
	loads[_i].write(&text);
	(void)json_read(&doc, buf_slice(&text), &wide, NULL);
	ck_assert_msg(doc.fault == loads[_i].fault, "%s: %s", loads[_i].label,
	    json_fault_name(doc.fault));
	if (doc.fault == JSON_OK) {
		int64_t number;

		ck_assert(!json_int(&doc, JSON_ROOT, &number) || number == 0);
		ck_assert_uint_eq(json_get(&doc, JSON_ROOT, "none"), JSON_NONE);
		json_lines(&e, &doc);
		ck_assert_int_eq(json_apply(&e, doc.text, &out), 0);
		read_ok(&doc, buf_slice(&out), &wide);
		ck_assert_uint_eq(doc.unsafe, 0);
	}
	json_edits_release(&e);
	json_release(&doc);
	buf_release(&out);
	buf_release(&text);
}
END_TEST

/* The same texts, by the skimmer. */
START_TEST(skims)
{
	struct json_skim sk;
	struct slice id;
	struct buf text;

	buf_init(&text, SIZE_MAX / 4);
	add(&text, "{\"a\":");
	loads[_i].write(&text);
	add(&text, ",\"id\":1}");
	json_skim_init(&sk);
	json_skim_feed(&sk, buf_slice(&text));
	ck_assert(json_skim_id(&sk, &id) == (loads[_i].fault == JSON_OK));
	buf_release(&text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("json_load");

	tcase_set_timeout(tc, TIMEOUT);
	tcase_add_loop_test(tc, linear, 0, (int)nitems(loads));
	tcase_add_loop_test(tc, skims, 0, (int)nitems(loads));
	return unit_run(tc, "json_load");
}
