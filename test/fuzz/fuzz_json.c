/*
 * The JSON reader against jansson, and against itself: edits leave a text that
 * reads, lines made safe keep their content, the skimmer finds the id that the
 * reader finds, a quoted text is that text.
 */
#include <stdint.h>
#include <stdio.h>

#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"
#include "test/fuzz/oracle.h"

#define MUST(what)                                                             \
	((what) ? (void)0                                                      \
		: (fprintf(stderr, "line %d: %s\n", __LINE__, #what),          \
		      abort()))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits strict = { LIMIT_FRAME_BYTES, 512, LIMIT_TOKENS,
	false };
static const struct json_limits lenient = { LIMIT_FRAME_BYTES, 512,
	LIMIT_TOKENS, true };

/* Choices that depend on the input alone, so that a crash comes again. */
static uint32_t
choose(uint32_t *state, uint32_t n)
{
	*state = *state * 1664525U + 1013904223U;
	return (*state >> 16) % n;
}

static void
against_jansson(const struct json *doc)
{
	json_error_t why;
	json_t *tree = oracle_read(doc->text, &why);
	struct buf scratch;

	buf_init(&scratch, doc->text.len);
	if (doc->fault == JSON_OK && tree != NULL)
		MUST(oracle_same(doc, JSON_ROOT, tree, &scratch));
	else if (doc->fault == JSON_OK)
		MUST(oracle_may_refuse(&why));
	else if (tree != NULL)
		MUST(doc->fault == JSON_TOO_DEEP ||
		     (doc->fault == JSON_NUL && oracle_may_accept(doc->text)));
	json_decref(tree);
	buf_release(&scratch);
}

/* Is every token of one in the other, with the same text? */
static void
same_content(const struct json *a, const struct json *b)
{
	struct buf left, right;

	buf_init(&left, a->text.len);
	buf_init(&right, b->text.len);
	MUST(a->ntok == b->ntok);
	for (json_at at = 0; at < a->ntok; at++) {
		MUST(json_kind(a, at) == json_kind(b, at));
		MUST(json_after(a, at) == json_after(b, at));
		if (json_kind(a, at) == JSON_STRING)
			MUST(slice_eq(
			    json_text(a, at, &left), json_text(b, at, &right)));
		else if (json_kind(a, at) < JSON_STRING)
			MUST(slice_eq(json_raw(a, at), json_raw(b, at)));
	}
	buf_release(&left);
	buf_release(&right);
}

static void
one_line(struct slice text)
{
	static const char *const ends[] = { "\r", "\xc2\x85", "\xe2\x80\xa8",
		"\xe2\x80\xa9" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		MUST(memmem(text.at, text.len, ends[i], strlen(ends[i])) ==
		     NULL);
}

static void
safe_lines(const struct json *doc)
{
	struct json_edits e;
	struct json again;
	struct buf out;

	json_edits_init(&e);
	buf_init(&out, SIZE_MAX / 4);
	json_init(&again);
	json_lines(&e, doc);
	MUST((e.n == 0) == (doc->unsafe == 0));
	MUST(json_apply(&e, doc->text, &out) == 0);
	one_line(buf_slice(&out));
	MUST(json_read(&again, buf_slice(&out), &strict, NULL) == 0);
	MUST(again.unsafe == 0);
	same_content(doc, &again);
	json_release(&again);
	buf_release(&out);
	json_edits_release(&e);
}

/* Takes some of a container's children out; how many stay. */
static size_t
remove_some(
    struct json_edits *e, const struct json *doc, json_at box, uint32_t *state)
{
	json_at *drop = xcalloc(doc->ntok, sizeof(*drop));
	size_t n = 0, kept = 0;

	for (json_at at = json_first(doc, box); at != JSON_NONE;
	     at = json_sibling(doc, box, at)) {
		if (choose(state, 2) == 0)
			drop[n++] = at;
		else
			kept++;
	}
	json_remove(e, doc, box, drop, n);
	free(drop);
	return kept;
}

static void
count_children(const struct json *doc, size_t want)
{
	size_t n = 0;

	for (json_at at = json_first(doc, JSON_ROOT); at != JSON_NONE;
	     at = json_sibling(doc, JSON_ROOT, at))
		n++;
	MUST(n == want);
}

static void
random_edits(const struct json *doc, uint32_t state)
{
	size_t kept = SIZE_MAX;
	struct json_edits e;
	struct json again;
	struct buf out;

	json_edits_init(&e);
	buf_init(&out, SIZE_MAX / 4);
	json_init(&again);
	for (json_at at = 0; at < doc->ntok; at++) {
		if (json_kind(doc, at) >= JSON_ARRAY &&
		    choose(&state, 3) == 0) {
			size_t n = remove_some(&e, doc, at, &state);

			if (at == JSON_ROOT)
				kept = n;
		}
		/* Numbers are never keys. */
		if (json_kind(doc, at) == JSON_NUMBER && choose(&state, 3) == 0)
			json_replace_string(&e, doc, at, doc->text);
	}
	if (choose(&state, 2) == 0)
		json_replace(&e, 0, 0, slice_of(" "));
	json_lines(&e, doc);
	MUST(json_apply(&e, doc->text, &out) == 0);
	one_line(buf_slice(&out));
	MUST(json_read(&again, buf_slice(&out), &strict, NULL) == 0);
	MUST(json_kind(&again, JSON_ROOT) == json_kind(doc, JSON_ROOT) ||
	     json_is(doc, JSON_ROOT, JSON_NUMBER));
	if (kept != SIZE_MAX)
		count_children(&again, kept);
	json_release(&again);
	buf_release(&out);
	json_edits_release(&e);
}

static void
skimmer(const struct json *doc, uint32_t state)
{
	struct json_skim whole, pieces;
	struct slice a = { NULL, 0 }, b = { NULL, 0 };
	json_at id;
	bool found;

	json_skim_init(&whole);
	json_skim_init(&pieces);
	json_skim_feed(&whole, doc->text);
	for (size_t at = 0; at < doc->text.len;) {
		size_t left = doc->text.len - at;
		size_t len = 1 + choose(&state, 9);

		len = len < left ? len : left;
		json_skim_feed(
		    &pieces, (struct slice){ doc->text.at + at, len });
		at += len;
	}
	found = json_skim_id(&whole, &a);
	MUST(found == json_skim_id(&pieces, &b));
	MUST(slice_eq(a, b));
	MUST(whole.nmethod == pieces.nmethod);
	MUST(whole.nresult == pieces.nresult);
	if (doc->fault != JSON_OK)
		return;
	id = json_get(doc, JSON_ROOT, "id");
	if ((json_is(doc, id, JSON_STRING) || json_is(doc, id, JSON_NUMBER)) &&
	    json_raw(doc, id).len <= JSON_SKIM_ID)
		MUST(found && slice_eq(a, json_raw(doc, id)));
	else
		MUST(!found);
	MUST((whole.nmethod > 0) ==
	     (json_get(doc, JSON_ROOT, "method") != JSON_NONE));
}

static void
quoting(struct slice text)
{
	struct json doc;
	struct buf out, scratch;
	struct slice got;

	json_init(&doc);
	buf_init(&out, SIZE_MAX / 4);
	MUST(json_quote(&out, text) == 0);
	one_line(buf_slice(&out));
	MUST(json_read(&doc, buf_slice(&out), &strict, NULL) == 0);
	MUST(doc.unsafe == 0 && json_is(&doc, JSON_ROOT, JSON_STRING));
	buf_init(&scratch, out.len);
	got = json_text(&doc, JSON_ROOT, &scratch);
	/* U+FFFD is three bytes for one that is no part of a character. */
	MUST(slice_eq(got, text) || memmem(got.at, got.len, "\xef\xbf\xbd", 3));
	MUST(json_equals(&doc, JSON_ROOT, got));
	buf_release(&scratch);
	buf_release(&out);
	json_release(&doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* An allocation of its own: a byte read too many is seen. */
	char *copy = xmalloc(size);
	struct slice text = { copy, size };
	uint32_t state = (uint32_t)size;
	struct json doc;

	if (size > 0)
		memcpy(copy, data, size);
	for (size_t i = 0; i < size; i++)
		state = (state ^ data[i]) * 16777619U;
	json_init(&doc);
	(void)json_read(&doc, text, &strict, NULL);
	against_jansson(&doc);
	skimmer(&doc, state);
	if (doc.fault == JSON_OK)
		random_edits(&doc, state);
	if (json_read(&doc, text, &lenient, NULL) == 0)
		safe_lines(&doc);
	quoting(text);
	json_release(&doc);
	free(copy);
	return 0;
}
