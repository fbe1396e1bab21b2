/*
 * The canonical form of JSON, as it is written: what two spellings have in
 * common.  Only spelling is taken away (order, space, escapes, zeros of
 * numbers); nothing is rounded, so whatever a reader could tell apart is
 * written differently.  The work is that of sorting.
 */
#include "policy/canon_write.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/canon.h"
#include "policy/schema_number.h"
#include "proxy/base/json_scan.h"
#include "proxy/base/xalloc.h"

void
writer_flush(struct writer *w)
{
	for (size_t i = 0; i < w->nto; i++)
		sha256_update(w->to[i], w->len, (const uint8_t *)w->out);
	if (w->text != NULL && buf_add(w->text, w->out, w->len) == -1) {
		w->text = NULL;
		w->lost = true;
	}
	w->len = 0;
}

void
writer_put(struct writer *w, const char *at, size_t len)
{
	while (len > 0) {
		size_t n = sizeof(w->out) - w->len;

		n = n < len ? n : len;
		memcpy(w->out + w->len, at, n);
		w->len += n;
		at += n;
		len -= n;
		if (w->len == sizeof(w->out))
			writer_flush(w);
	}
}

static void
put_byte(struct writer *w, char c)
{
	writer_put(w, &c, 1);
}

/* One character that was an escape. */
static void
put_char(struct writer *w, const char *at, size_t len)
{
	static const char named[] = "\bb\ff\nn\rr\tt\"\"\\\\";
	char text[8];

	for (size_t i = 0; i + 1 < sizeof(named); i += 2)
		if (at[0] == named[i]) {
			put_byte(w, '\\');
			put_byte(w, named[i + 1]);
			return;
		}
	if ((unsigned char)at[0] >= 0x20) {
		writer_put(w, at, len);
		return;
	}
	(void)snprintf(text, sizeof(text), "\\u%04x", (unsigned)at[0]);
	writer_put(w, text, 6);
}

void
writer_string(struct writer *w, json_at at)
{
	struct slice raw = json_inside(w->doc, at);
	const unsigned char *p = (const unsigned char *)raw.at;
	const unsigned char *end = p + raw.len, *stop;

	put_byte(w, '"');
	while (p < end && (stop = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		char one[4];
		size_t len;

		writer_put(w, (const char *)p, (size_t)(stop - p));
		p = json_unescape(stop, end, one, &len);
		put_char(w, one, len);
	}
	writer_put(w, (const char *)p, (size_t)(end - p));
	put_byte(w, '"');
}

/*
 * As Number::toString of ECMAScript writes it, from the digits and the place
 * of the point; an exponent that is beyond all reason stays as it was sent.
 */
static void
put_number(struct writer *w, json_at at)
{
	struct slice raw = json_raw(w->doc, at);
	struct decimal d = decimal_read(raw);
	const char *p = d.first;
	int64_t point = d.exp; /* digits before it */
	bool power = point > 21 || point < -5;
	char text[32];

	if (d.first == NULL) {
		put_byte(w, '0');
		return;
	}
	if (d.vague) {
		writer_put(w, raw.at, raw.len);
		return;
	}
	if (d.minus)
		put_byte(w, '-');
	if (power)
		point = 1;
	if (point <= 0)
		writer_put(w, "0.00000", (size_t)(2 - point));
	for (int64_t i = 0; i < d.ndigits; i++) {
		if (i == point && i > 0)
			put_byte(w, '.');
		put_byte(w, (char)('0' + decimal_digit(&p)));
	}
	for (int64_t i = d.ndigits; i < point; i++)
		put_byte(w, '0');
	if (power) {
		(void)snprintf(text, sizeof(text), "e%+" PRId64, d.exp - 1);
		writer_put(w, text, strlen(text));
	}
}

int
canon_compare(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len, i = 0;
	unsigned char x, y;

	while (i < n && a.at[i] == b.at[i])
		i++;
	if (i == n)
		return (a.len > b.len) - (a.len < b.len);
	x = (unsigned char)a.at[i];
	y = (unsigned char)b.at[i];
	/* A surrogate pair sorts before U+E000, UTF-8 has it behind U+FFFF. */
	if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0))
		return x >= 0xf0 ? -1 : 1;
	return x < y ? -1 : 1;
}

static int
compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return canon_compare(x->key, y->key);
}

/*
 * The text of a key.  The keys of a text are never longer than that, so the
 * room that is made once suffices, and nothing that was borrowed moves.
 */
static struct slice
key_text(struct writer *w, json_at at)
{
	struct buf part;
	struct slice key;

	if (!w->doc->tok[at].escaped)
		return json_inside(w->doc, at);
	if (w->keys.cap == 0)
		buf_must(buf_reserve(&w->keys, w->keys.max));
	part = (struct buf){ .at = w->keys.at + w->keys.len,
		.cap = w->keys.cap - w->keys.len,
		.max = w->keys.max - w->keys.len };
	assert(part.cap >= json_inside(w->doc, at).len);
	key = json_text(w->doc, at, &part);
	w->keys.len += key.len;
	return key;
}

size_t
writer_members(struct writer *w, json_at box)
{
	size_t first = w->n;

	for (json_at key = json_first(w->doc, box); key != JSON_NONE;
	     key = json_sibling(w->doc, box, key)) {
		if (w->n == w->cap) {
			w->cap = 2 * w->cap + 32;
			w->v = xreallocarray(w->v, w->cap, sizeof(*w->v));
		}
		w->v[w->n++] =
		    (struct member){ .key = key_text(w, key), .at = key };
	}
	if (w->n > first + 1)
		qsort(
		    w->v + first, w->n - first, sizeof(*w->v), compare_members);
	return first;
}

static void
put_object(struct writer *w, json_at at)
{
	size_t keys = w->keys.len;
	size_t first = writer_members(w, at), end = w->n;

	put_byte(w, '{');
	for (size_t i = first; i < end; i++) {
		if (i > first)
			put_byte(w, ',');
		writer_string(w, w->v[i].at);
		put_byte(w, ':');
		writer_value(w, w->v[i].at + 1);
	}
	put_byte(w, '}');
	w->n = first;
	w->keys.len = keys;
}

static void
put_array(struct writer *w, json_at box)
{
	put_byte(w, '[');
	for (json_at at = json_first(w->doc, box); at != JSON_NONE;
	     at = json_sibling(w->doc, box, at)) {
		if (at != box + 1)
			put_byte(w, ',');
		writer_value(w, at);
	}
	put_byte(w, ']');
}

/* Calls itself no deeper than json_read() let the text nest. */
void
writer_value(struct writer *w, json_at at)
{
	struct slice raw;

	switch (json_kind(w->doc, at)) {
	case JSON_NULL:
	case JSON_FALSE:
	case JSON_TRUE:
		raw = json_raw(w->doc, at);
		writer_put(w, raw.at, raw.len);
		break;
	case JSON_NUMBER:
		put_number(w, at);
		break;
	case JSON_STRING:
		writer_string(w, at);
		break;
	case JSON_ARRAY:
		put_array(w, at);
		break;
	case JSON_OBJECT:
		put_object(w, at);
		break;
	}
}

void
writer_init(
    struct writer *w, const struct json *doc, json_at at, struct buf *text)
{
	w->doc = doc;
	w->v = NULL;
	w->n = w->cap = w->nto = w->len = 0;
	w->text = text;
	w->lost = false;
	buf_init(&w->keys, json_raw(doc, at).len);
}

void
writer_release(struct writer *w)
{
	buf_release(&w->keys);
	free(w->v);
}

int
canon_value(const struct json *doc, json_at at, struct buf *dst)
{
	size_t had = dst->len;
	struct writer w;

	writer_init(&w, doc, at, dst);
	writer_value(&w, at);
	writer_flush(&w);
	if (w.lost)
		dst->len = had;
	writer_release(&w);
	return w.lost ? -1 : 0;
}
