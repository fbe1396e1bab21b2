/*
 * Looks for hidden text: passes over what can hold none as fast as it can be
 * read, and hands every other character to the file that knows its kind.
 * Nothing is changed here; bytes that are not UTF-8 are passed over one by one.
 */
#include "policy/hidden.h"

#include <string.h>

#include "policy/hidden_part.h"

/* Spans of a text: this many, and one for this many bytes. */
#define SPANS_MIN 65536U
#define SPAN_BYTES 8U

/* Second bytes from 0x80 + a to 0x80 + b. */
#define BITS(a, b) (UINT64_MAX >> (63 - (b) + (a)) << (a))
#define BIT(a) BITS(a, a)
/* Of the last 64 code points of planes and of what is before them. */
#define PLANE_ENDS (BIT(0x0f) | BIT(0x1f) | BIT(0x2f) | BIT(0x3f))

/*
 * By the first byte of a character, which second bytes may make it one that is
 * in the table of hidden_class.c.
 */
static const uint64_t second[256] = {
	[0xc2] = BITS(0x00, 0x1f) | BIT(0x2d),
	[0xcc] = BITS(0x00, 0x3f),
	[0xcd] = BITS(0x00, 0x2f),
	[0xd8] = BIT(0x1c),
	[0xe1] =
	    BIT(0x05) | BIT(0x1e) | BIT(0x20) | BITS(0x2a, 0x2b) | BIT(0x37),
	[0xe2] = BITS(0x00, 0x01) | BIT(0x03),
	[0xe3] = BIT(0x05),
	[0xee] = BITS(0x00, 0x3f),
	[0xef] =
	    BITS(0x00, 0x23) | BITS(0x37, 0x38) | BIT(0x3b) | BITS(0x3e, 0x3f),
	[0xf0] = BIT(0x1b) | BIT(0x1d) | PLANE_ENDS,
	[0xf1] = PLANE_ENDS,
	[0xf2] = PLANE_ENDS,
	[0xf3] = PLANE_ENDS | BITS(0x20, 0x3f),
	[0xf4] = BITS(0x00, 0x0f),
};

static inline bool
is_text(unsigned char c)
{
	return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t' || c == '\r';
}

/* The first byte from p on that is not ASCII, or a control; or end. */
static inline const unsigned char *
skip_text(const unsigned char *p, const unsigned char *end)
{
#if JSON_SSE2
	const __m128i space = _mm_set1_epi8(' '), del = _mm_set1_epi8(0x7f);
	const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
	const __m128i tab = _mm_set1_epi8('\t');

	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i line = _mm_or_si128(_mm_cmpeq_epi8(v, tab),
		    _mm_or_si128(_mm_cmpeq_epi8(v, lf), _mm_cmpeq_epi8(v, cr)));
		/* Signed: bytes from 0x80 on are below the space as well. */
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, del),
		    _mm_andnot_si128(line, _mm_cmplt_epi8(v, space)));
		unsigned mask = (unsigned)_mm_movemask_epi8(hit);

		if (mask != 0)
			return p + __builtin_ctz(mask);
	}
#endif
	while (p < end && is_text(*p))
		p++;
	return p;
}

/* The next place at which something may begin; or the text's length. */
static size_t
next_special(struct slice text, size_t at)
{
	const unsigned char *start = (const unsigned char *)text.at;
	const unsigned char *p = start + at, *end = start + text.len;

	while (p < end) {
		if (*p < 0x80) {
			p = skip_text(p, end);
			if (p == end || *p < 0x80)
				break;
		}
		if (end - p > 1 && (second[*p] >> (p[1] & 0x3f) & 1) != 0)
			break;
		do
			p++;
		while (p < end && (*p & 0xc0) == 0x80);
	}
	return (size_t)(p - start);
}

void
hidden_add(struct hider *h, size_t first, size_t end, const char *rule,
    const char *put)
{
	struct spans *s = h->s;
	struct span *last = s->n > 0 ? &s->v[s->n - 1] : NULL;

	if (h->full)
		return;
	if (last != NULL && last->end == first && last->rule == rule &&
	    last->put[0] == '\0' && put[0] == '\0') {
		last->end = end;
		return;
	}
	if (s->n == h->max) {
		end = h->text.len;
		rule = "hidden.too-many";
		put = HIDDEN_MARK_TEXT;
		h->full = true;
	}
	spans_add(s, (struct span){ first, end, rule, put });
}

/* What begins at `at`; returns where to go on. */
static size_t
look(struct hider *h, size_t at)
{
	struct glyph g;
	enum hidden_class class;

	if ((unsigned char)h->text.at[at] < 0x80)
		return hidden_control(h, at);
	g = glyph_at(h->text, at);
	class = hidden_class(g.cp);
	switch (class) {
	case HIDDEN_NONE:
		break;
	case HIDDEN_CONTROL:
		return hidden_control(h, at);
	case HIDDEN_ZERO:
	case HIDDEN_JOINER:
	case HIDDEN_SOFT:
	case HIDDEN_DIRECTION:
	case HIDDEN_SELECTOR:
	case HIDDEN_TAG:
	case HIDDEN_NEVER:
		return hidden_run(h, at);
	case HIDDEN_BIDI:
		if (h->bidi > at)
			h->bidi = at;
		break;
	case HIDDEN_PRIVATE:
	case HIDDEN_COMBINING:
		return hidden_row(h, at, class);
	}
	return at + (g.len > 0 ? g.len : 1);
}

/* All of a and b, in order; what one of a covers in part or whole is a's. */
static void
merge(const struct spans *a, const struct spans *b, struct spans *out)
{
	size_t i = 0;

	for (size_t k = 0; k < b->n; k++) {
		struct span span = b->v[k];

		while (i < a->n && a->v[i].first <= span.first)
			spans_add(out, a->v[i++]);
		if (out->n > 0 && out->v[out->n - 1].end > span.first)
			span.first = out->v[out->n - 1].end;
		if (span.first < span.end)
			spans_add(out, span);
		while (i < a->n && a->v[i].first < span.end)
			i++;
	}
	while (i < a->n)
		spans_add(out, a->v[i++]);
}

/* The paragraphs' controls depend on what is behind them: a second pass. */
static void
add_bidi(struct hider *h)
{
	struct spans own, all;
	struct hider bidi = *h;

	if (h->bidi == h->text.len)
		return;
	spans_init(&own);
	spans_init(&all);
	bidi.s = &own;
	bidi.full = false;
	hidden_bidi(&bidi);
	if (own.n > 0) {
		merge(h->s, &own, &all);
		spans_release(h->s);
		*h->s = all; /* now theirs */
	}
	spans_release(&own);
}

size_t
hidden_find(struct slice text, struct spans *s)
{
	struct hider h = { .text = text,
		.s = s,
		.max = SPANS_MIN + text.len / SPAN_BYTES,
		.bidi = text.len };
	size_t at = 0;

	s->n = 0;
	if (text.len == 0)
		return 0;
	while (!h.full && (at = next_special(text, at)) < text.len)
		at = look(&h, at);
	add_bidi(&h);
	return s->n;
}
