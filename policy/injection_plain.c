/*
 * Takes the dress off a text: what a phrase may be split by, or written in,
 * that a model reads over.  Which piece stands where is told by
 * injection_piece.h; this walks the text, and takes the walk up again at any
 * mark to tell where a byte came from.
 */
#include "policy/injection_plain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "policy/injection_piece.h"
#include "proxy/base/xalloc.h"

/* Folded bytes between two marks. */
#define STRIDE 1024U
/* Memory that is kept from text to text. */
#define KEEP (1U << 20)

/*
 * What comes next at `in`: bytes that stay (stay is true then), or a piece.  No
 * space follows another, so it matters whether the text before ends in one.
 */
static struct piece
next_piece(struct slice s, size_t in, bool spaced, bool *stay)
{
	struct piece p = { .in = piece_run(s, in) };

	*stay = p.in > 0;
	if (p.in > 0 && s.at[in] == ' ' && spaced) {
		*stay = false;
		return (struct piece){ .in = 1 };
	}
	p.out = p.in;
	if (p.in > 0)
		return p;
	p = piece_at(s, in);
	if (p.in == 0) {
		*stay = true;
		return (struct piece){ .in = 1, .out = 1 };
	}
	if (p.out == 1 && spaced && piece_space(p.text[0]))
		p.out = 0;
	return p;
}

/*
 * Undresses s from in on, up to the first place at limit or behind it, which is
 * returned; what comes of it is put to w from *len on, which moves on.
 */
static size_t
walk(struct slice s, size_t in, size_t limit, char *w, size_t *len)
{
	while (in < limit) {
		bool stay, spaced = *len > 0 && piece_space(w[*len - 1]);
		struct piece p = next_piece(s, in, spaced, &stay);

		memcpy(w + *len, stay ? s.at + in : p.text, p.out);
		*len += p.out;
		in += p.in;
	}
	return in;
}

static void
mark_add(struct plain *p, size_t out, size_t in)
{
	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? 64 : p->cap * 2;
		p->mark = xreallocarray(p->mark, p->cap, sizeof(p->mark[0]));
	}
	p->mark[p->n++] = (struct plain_mark){ (uint32_t)out, (uint32_t)in };
}

void
plain_init(struct plain *p)
{
	*p = (struct plain){ .n = 0 };
	buf_init(&p->fold, SIZE_MAX / 2);
	buf_init(&p->out, SIZE_MAX / 2);
	fold_map_init(&p->map);
}

void
plain_release(struct plain *p)
{
	buf_release(&p->fold);
	buf_release(&p->out);
	fold_map_release(&p->map);
	free(p->mark);
	*p = (struct plain){ .n = 0 };
}

void
plain_make(struct plain *p, struct slice raw)
{
	size_t in = 0, len = 0;

	assert(raw.len < 1UL << 30);
	/* What one long text needed the next one needs too. */
	buf_clear(&p->fold, raw.len > KEEP ? 2 * raw.len : KEEP);
	buf_clear(&p->out, raw.len > KEEP ? 2 * raw.len : KEEP);
	p->n = 0;
	p->raw = p->folded = raw;
	if (unifold_needed(raw)) {
		unifold(raw, &p->fold, &p->map);
		p->folded = buf_slice(&p->fold);
	}
	p->text = p->folded;
	/* Up to the first piece the text is its own; often to its end. */
	while (in < p->folded.len) {
		in += piece_run(p->folded, in);
		if (in < p->folded.len && piece_at(p->folded, in).in != 0)
			break;
		in += in < p->folded.len;
	}
	if (in >= p->folded.len)
		return;
	buf_must(buf_reserve(&p->out, p->folded.len + 4));
	memcpy(p->out.at, p->folded.at, in);
	len = in;
	mark_add(p, 0, 0);
	while (in < p->folded.len) {
		size_t left = p->folded.len - in;

		mark_add(p, len, in);
		in = walk(p->folded, in, in + (left < STRIDE ? left : STRIDE),
		    p->out.at, &len);
	}
	p->out.len = len;
	p->text = buf_slice(&p->out);
}

/*
 * The piece that made byte `at` of text: where it begins, and in *ret_end where
 * it ends.  Up to the second mark the text was copied.
 */
static size_t
origin(const struct plain *p, size_t at, size_t *ret_end)
{
	size_t low = 0, high = p->n, in, out;

	if (p->n == 0 || at < p->mark[1].out) {
		*ret_end = at + 1;
		return at;
	}
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (p->mark[mid].out <= at)
			low = mid;
		else
			high = mid;
	}
	in = p->mark[low].in;
	out = p->mark[low].out;
	while (in < p->folded.len) {
		bool stay, spaced = out > 0 && piece_space(p->text.at[out - 1]);
		struct piece piece = next_piece(p->folded, in, spaced, &stay);

		if (out + piece.out > at) {
			in += stay ? at - out : 0;
			*ret_end = in + (stay ? 1 : piece.in);
			return in;
		}
		in += piece.in;
		out += piece.out;
	}
	*ret_end = in;
	return in;
}

size_t
plain_first(const struct plain *p, size_t at)
{
	size_t end;

	if (at >= p->text.len)
		return p->folded.len;
	return origin(p, at, &end);
}

size_t
plain_end(const struct plain *p, size_t at)
{
	size_t end;

	if (at == 0)
		return 0;
	(void)origin(p, at - 1, &end);
	return end < p->folded.len ? end : p->folded.len;
}

size_t
plain_raw_first(const struct plain *p, size_t folded)
{
	if (p->folded.at == p->raw.at)
		return folded;
	return folded >= p->folded.len ? p->raw.len
				       : fold_map_first(&p->map, folded);
}

size_t
plain_raw_end(const struct plain *p, size_t folded)
{
	if (p->folded.at == p->raw.at || folded == 0)
		return folded;
	return fold_map_end(&p->map, folded);
}
