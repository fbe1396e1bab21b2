/*
 * Edits by span: which bytes of a text are replaced by which.  What no edit
 * names is copied as it came.  Whatever is put into a string by json_quote()
 * is a JSON text of one line for every reader, whatever bytes it was given.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/base/json.h"
#include "proxy/base/json_scan.h"
#include "proxy/base/xalloc.h"

/* Bytes that json_edits_clear() leaves allocated. */
#define KEEP_EDITS (JSON_KEEP / sizeof(struct json_edit))

void
json_edits_init(struct json_edits *e)
{
	*e = (struct json_edits){ .n = 0 };
	/* Bounded by the text: an edit is at most six times its span. */
	buf_init(&e->bytes, SIZE_MAX / 4);
}

void
json_edits_release(struct json_edits *e)
{
	free(e->v);
	buf_release(&e->bytes);
	*e = (struct json_edits){ .bytes.max = e->bytes.max };
}

void
json_edits_clear(struct json_edits *e)
{
	e->n = 0;
	if (e->cap > KEEP_EDITS) {
		free(e->v);
		e->v = NULL;
		e->cap = 0;
	}
	buf_clear(&e->bytes, JSON_KEEP);
}

/* An edit whose bytes are those from at to the end of e->bytes. */
static void
add_edit(struct json_edits *e, size_t first, size_t end, size_t at)
{
	assert(first <= end);
	if (e->n == e->cap) {
		e->cap = e->cap > 0 ? e->cap * 2 : 8;
		e->v = xreallocarray(e->v, e->cap, sizeof(*e->v));
	}
	e->v[e->n++] = (struct json_edit){ first, end, at, e->bytes.len - at };
}

static void
add_bytes(struct json_edits *e, const char *at, size_t len)
{
	int rc = buf_add(&e->bytes, at, len);

	assert(rc == 0); /* its max is beyond what a text can ask for */
	(void)rc;
}

void
json_replace(struct json_edits *e, size_t first, size_t end, struct slice bytes)
{
	size_t at = e->bytes.len;

	add_bytes(e, bytes.at, bytes.len);
	add_edit(e, first, end, at);
}

void
json_replace_part(
    struct json_edits *e, size_t first, size_t end, struct slice bytes)
{
	size_t at = e->bytes.len;
	int rc = json_quote(&e->bytes, bytes);

	assert(rc == 0);
	(void)rc;
	/* Without the quotes. */
	e->bytes.len--;
	memmove(e->bytes.at + at, e->bytes.at + at + 1, e->bytes.len - at - 1);
	e->bytes.len--;
	add_edit(e, first, end, at);
}

void
json_replace_string(
    struct json_edits *e, const struct json *doc, json_at at, struct slice text)
{
	size_t from = e->bytes.len;
	int rc = json_quote(&e->bytes, text);

	assert(rc == 0);
	(void)rc;
	add_edit(e, doc->tok[at].first, doc->tok[at].end, from);
}

/*
 * A run of dropped children goes with the comma before it, or, at the front,
 * with the one behind it.
 */
void
json_remove(struct json_edits *e, const struct json *doc, json_at box,
    const json_at *drop, size_t n)
{
	bool object = json_kind(doc, box) == JSON_OBJECT;
	size_t done = 0, kept = 0; /* kept: end of the last one that stays */
	size_t first = 0, end = 0; /* of the run; first == end: there is none */

	for (json_at at = json_first(doc, box); at != JSON_NONE;
	     at = json_sibling(doc, box, at)) {
		if (done < n && drop[done] == at) {
			done++;
			if (first == end)
				first = kept > 0 ? kept : doc->tok[at].first;
			end = doc->tok[object ? at + 1 : at].end;
			continue;
		}
		if (first < end)
			add_edit(e, first, kept > 0 ? end : doc->tok[at].first,
			    e->bytes.len);
		first = end = 0;
		kept = doc->tok[object ? at + 1 : at].end;
	}
	assert(done == n);
	if (first < end)
		add_edit(e, first, end, e->bytes.len);
}

/*
 * By place; an insertion comes before what begins where it stands, a span
 * before those inside it, and what was added first before its equals.
 */
static int
compare_edits(const void *left, const void *right)
{
	const struct json_edit *a = left, *b = right;
	bool into_a = a->first == a->end, into_b = b->first == b->end;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (into_a != into_b)
		return into_a ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static void
sort_edits(struct json_edits *e)
{
	for (size_t i = 1; i < e->n; i++)
		if (compare_edits(&e->v[i - 1], &e->v[i]) > 0) {
			qsort(e->v, e->n, sizeof(*e->v), compare_edits);
			return;
		}
}

int
json_apply(struct json_edits *e, struct slice text, struct buf *dst)
{
	size_t start = dst->len, done = 0;

	sort_edits(e);
	for (size_t i = 0; i < e->n; i++) {
		const struct json_edit *v = &e->v[i];

		assert(v->end <= text.len);
		if (v->first < done && v->end <= done)
			continue; /* left to the edit that covers it */
		if (v->first < done ||
		    buf_add(dst, text.at + done, v->first - done) == -1)
			goto fail;
		if (v->len > 0 &&
		    buf_add(dst, e->bytes.at + v->at, v->len) == -1)
			goto fail;
		done = v->end;
	}
	if (buf_add(dst, text.at + done, text.len - done) == 0)
		return 0;
fail:
	dst->len = start;
	return -1;
}

/* Spans closer than this become one: an edit costs as much as the gap. */
#define NEAR sizeof(struct json_edit)

/* Neighbouring spans on their way to becoming one edit. */
struct run {
	size_t first, end; /* equal: there is none */
	size_t at; /* in e->bytes */
};

static void
run_end(struct run *run, struct json_edits *e)
{
	if (run->first < run->end)
		add_edit(e, run->first, run->end, run->at);
	*run = (struct run){ 0, 0, 0 };
}

static void
run_add(struct run *run, struct json_edits *e, struct slice text, size_t first,
    size_t len, const char *with)
{
	if (run->end == 0 || first - run->end > NEAR) {
		run_end(run, e);
		*run = (struct run){ first, first, e->bytes.len };
	}
	add_bytes(e, text.at + run->end, first - run->end);
	add_bytes(e, with, strlen(with));
	run->end = first + len;
}

/* The escape at p: its length, and whether it is half of a pair, alone. */
static size_t
escape_len(const unsigned char *p, size_t left, bool *ret_lone)
{
	int32_t other = -1;
	enum json_half half;

	*ret_lone = false;
	if (left < 6 || p[1] != 'u')
		return left < 2 ? left : 2;
	half = json_half(json_hex4(p + 2));
	if (half == JSON_WHOLE)
		return 6;
	if (half == JSON_HIGH && left >= 12 && p[6] == '\\' && p[7] == 'u')
		other = json_hex4(p + 8);
	if (other != -1 && json_half(other) == JSON_LOW)
		return 12;
	*ret_lone = true;
	return 6;
}

/*
 * What a line cannot hold, in [first, end).  No string needs to be told from
 * what is around it: a raw CR stands between tokens only, a backslash and a
 * character of more than one byte in strings only.
 */
static void
make_safe(struct json_edits *e, struct slice text, size_t first, size_t end)
{
	const unsigned char *p = (const unsigned char *)text.at;
	struct run run = { 0, 0, 0 };
	size_t i = first, len;

	for (; i < end; i += len) {
		uint32_t cp = 0;
		bool lone = false;

		len = 1;
		if (p[i] == '\r') {
			run_add(&run, e, text, i, len, " ");
		} else if (p[i] == '\\') {
			len = escape_len(p + i, end - i, &lone);
			if (lone)
				run_add(&run, e, text, i, len, "\\ufffd");
		} else if (p[i] == 0xc2 || p[i] == 0xe2) {
			len = json_utf8(p + i, end - i, &cp);
			if (len > 0 && json_ends_line(cp))
				run_add(&run, e, text, i, len,
				    cp == 0x85     ? "\\u0085"
				    : cp == 0x2028 ? "\\u2028"
						   : "\\u2029");
			len += len == 0; /* cut by an edit */
		}
	}
	run_end(&run, e);
}

void
json_lines(struct json_edits *e, const struct json *doc)
{
	size_t before = e->n, done = 0;

	if (doc->unsafe == 0)
		return;
	sort_edits(e);
	for (size_t i = 0; i < before; i++) {
		struct json_edit v = e->v[i];

		if (done < v.first)
			make_safe(e, doc->text, done, v.first);
		if (done < v.end)
			done = v.end;
	}
	make_safe(e, doc->text, done, doc->text.len);
}

/* The end of what may stand in a string as it is. */
static const unsigned char *
pass(const unsigned char *p, const unsigned char *end)
{
	for (;;) {
		uint32_t cp = 0;
		size_t len;

		p = json_scan(p, end);
		if (p == end || *p < 0x80)
			return p;
		len = json_utf8(p, (size_t)(end - p), &cp);
		if (len == 0 || json_ends_line(cp))
			return p;
		p += len;
	}
}

/* One character that may not; *ret_len: its bytes. */
static int
quote_one(struct buf *dst, const unsigned char *p, const unsigned char *end,
    size_t *ret_len)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	uint32_t cp = *p;

	*ret_len = 1;
	for (size_t i = 0; i + 1 < sizeof(named); i += 2)
		if (cp == (unsigned char)named[i]) {
			char two[2] = { '\\', named[i + 1] };

			return buf_add(dst, two, sizeof(two));
		}
	if (cp >= 0x80) {
		size_t len = json_utf8(p, (size_t)(end - p), &cp);

		if (len == 0) /* not UTF-8: U+FFFD */
			return buf_add(dst, "\xef\xbf\xbd", 3);
		*ret_len = len;
	}
	return buf_addf(dst, "\\u%04x", (unsigned)cp);
}

int
json_quote(struct buf *dst, struct slice text)
{
	size_t start = dst->len, len;
	const unsigned char *p = (const unsigned char *)text.at, *end, *stop;

	if (buf_add_byte(dst, '"') == -1)
		return -1;
	for (end = text.len > 0 ? p + text.len : p; p < end; p = stop + len) {
		stop = pass(p, end);
		len = 0;
		if (buf_add(dst, (const char *)p, (size_t)(stop - p)) == -1 ||
		    (stop < end && quote_one(dst, stop, end, &len) == -1))
			goto fail;
	}
	if (buf_add_byte(dst, '"') == 0)
		return 0;
fail:
	dst->len = start;
	return -1;
}
