/*
 * Two definitions side by side: made into lines of printable ASCII, and
 * compared by Myers' algorithm up to a number of differences beyond which
 * nobody would read them one by one.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/base/xalloc.h"
#include "proxy/cmd/pin.h"

/* Levels that are indented; a peer chose how deep it nests. */
#define INDENT_MAX 32
/* Differences that are told apart; the work grows with their square. */
#define EDITS_MAX 1000
/* Lines around a difference. */
#define CONTEXT 3

static void
line_break(struct buf *dst, size_t level)
{
	static const char blank[2 * INDENT_MAX + 1] =
	    "                                                                ";

	level = level < INDENT_MAX ? level : INDENT_MAX;
	buf_must(buf_add_byte(dst, '\n'));
	buf_must(buf_add(dst, blank, 2 * level));
}

/* Bytes of the character at p, which is no ASCII; 0 if it is none. */
static size_t
decode(const unsigned char *p, size_t len, uint32_t *ret)
{
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;

	if (n == 0 || n > len)
		return 0;
	*ret = p[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*ret = *ret << 6 | (p[i] & 0x3fU);
	}
	return n;
}

/* What is printable stays, the rest becomes an escape of JSON's. */
static size_t
add_char(struct buf *dst, const unsigned char *p, size_t len)
{
	uint32_t c = p[0];
	size_t n = 1;

	if (c >= 0x20 && c < 0x7f) {
		buf_must(buf_add_byte(dst, (char)c));
		return 1;
	}
	if (c >= 0x80 && (n = decode(p, len, &c)) == 0) {
		buf_must(buf_addf(dst, "\\x%02x", p[0]));
		return 1;
	}
	if (c >= 0x10000)
		buf_must(buf_addf(dst, "\\u%04x\\u%04x",
		    0xd800U + ((c - 0x10000) >> 10 & 0x3ff),
		    0xdc00U + (c & 0x3ff)));
	else
		buf_must(buf_addf(dst, "\\u%04x", c));
	return n;
}

/* Copies a string, from its quote on; returns the bytes taken. */
static size_t
add_string(struct buf *dst, const unsigned char *p, size_t len, size_t level)
{
	size_t i = 1;

	buf_must(buf_add_byte(dst, '"'));
	while (i < len && p[i] != '"') {
		if (p[i] != '\\' || i + 1 == len) {
			i += add_char(dst, p + i, len - i);
			continue;
		}
		buf_must(buf_add_byte(dst, '\\'));
		i++;
		if (p[i] == 'n' && i + 1 < len && p[i + 1] != '"') {
			buf_must(buf_add_byte(dst, 'n'));
			line_break(dst, level + 1);
			i++;
		} else {
			i += add_char(dst, p + i, len - i);
		}
	}
	buf_must(buf_add_byte(dst, '"'));
	return i < len ? i + 1 : len;
}

void
pin_pretty(struct buf *dst, struct slice canonical)
{
	const unsigned char *p = (const unsigned char *)canonical.at;
	size_t level = 0, i = 0;

	while (i < canonical.len) {
		char c = (char)p[i],
		     next = i + 1 < canonical.len ? (char)p[i + 1] : '\0';

		if (c == '"') {
			i += add_string(dst, p + i, canonical.len - i, level);
			continue;
		}
		if ((c == '}' || c == ']') && level > 0 && i > 0 &&
		    p[i - 1] != '{' && p[i - 1] != '[')
			line_break(dst, --level);
		i += add_char(dst, p + i, canonical.len - i);
		if ((c == '{' && next != '}') || (c == '[' && next != ']'))
			line_break(dst, ++level);
		else if (c == ',')
			line_break(dst, level);
		else if (c == ':')
			buf_must(buf_add_byte(dst, ' '));
	}
	buf_must(buf_add_byte(dst, '\n'));
}

struct lines {
	struct slice *v; /* owned; borrowed from the text */
	size_t n;
};

static struct lines
split(struct slice text)
{
	struct lines l = { xmalloc(sizeof(*l.v)), 0 };

	for (size_t at = 0; at < text.len; l.n++) {
		const char *end = memchr(text.at + at, '\n', text.len - at);
		size_t len =
		    end != NULL ? (size_t)(end - text.at) - at : text.len - at;

		if (l.n > 0 && (l.n & (l.n - 1)) == 0)
			l.v = xreallocarray(l.v, 2 * l.n, sizeof(*l.v));
		l.v[l.n] = (struct slice){ text.at + at, len };
		at += len + 1;
	}
	return l;
}

struct diff {
	struct lines a, b;
	char *ops; /* owned: '=', '-' or '+', one for each line shown */
	size_t nops;
};

static void
add_ops(struct diff *d, char op, size_t n)
{
	memset(d->ops + d->nops, op, n);
	d->nops += n;
}

/* One step of Myers' search: how far diagonal k reaches with d edits. */
static int64_t
reach(const int64_t *v, int64_t k, int64_t d)
{
	if (k == -d || (k != d && v[k - 1] < v[k + 1]))
		return v[k + 1];
	return v[k - 1] + 1;
}

/* Writes the ops of [0, na) and [0, nb) backwards from the end. */
static void
trace_back(
    struct diff *d, int64_t *const *rows, int64_t edits, int64_t na, int64_t nb)
{
	size_t total = 0;
	char *back = xmalloc((size_t)(na + nb) + 1);
	int64_t x = na, y = nb;

	for (; edits > 0; edits--) {
		const int64_t *v = rows[edits - 1] + edits;
		int64_t k = x - y;
		bool down = k == -edits || (k != edits && v[k - 1] < v[k + 1]);
		int64_t from = down ? v[k + 1] : v[k - 1];
		int64_t to = from - (down ? k + 1 : k - 1);

		for (; x > from + !down && y > to + down; x--, y--)
			back[total++] = '=';
		back[total++] = down ? '+' : '-';
		x = from;
		y = to;
	}
	for (; x > 0; x--)
		back[total++] = '=';
	while (total > 0)
		d->ops[d->nops++] = back[--total];
	free(back);
}

/* Finds the fewest edits between what is left of both; false: too many. */
static bool
search(struct diff *d, size_t skip, size_t na, size_t nb)
{
	int64_t *rows[EDITS_MAX + 1] = { NULL }, v0[2 * EDITS_MAX + 5] = { 0 };
	int64_t *v = v0 + EDITS_MAX + 2, a = (int64_t)na, b = (int64_t)nb;
	bool found = false;

	for (int64_t e = 0; e <= EDITS_MAX && !found; e++) {
		for (int64_t k = -e; k <= e && !found; k += 2) {
			int64_t x = reach(v, k, e), y = x - k;

			while (x < a && y < b && y >= 0 &&
			       slice_eq(d->a.v[skip + (size_t)x],
				   d->b.v[skip + (size_t)y])) {
				x++;
				y++;
			}
			v[k] = x;
			if (x >= a && y >= b) {
				trace_back(d, rows, e, a, b);
				found = true;
			}
		}
		/* Diagonals -e-1 to e+1, for the way back from e + 1 edits. */
		rows[e] = xmalloc((size_t)(2 * e + 3) * sizeof(**rows));
		memcpy(
		    rows[e], v - e - 1, (size_t)(2 * e + 3) * sizeof(**rows));
	}
	for (size_t i = 0; i <= EDITS_MAX; i++)
		free(rows[i]);
	return found;
}

static void
compare(struct diff *d)
{
	size_t na = d->a.n, nb = d->b.n, head = 0, tail = 0;

	while (head < na && head < nb && slice_eq(d->a.v[head], d->b.v[head]))
		head++;
	while (tail < na - head && tail < nb - head &&
	       slice_eq(d->a.v[na - 1 - tail], d->b.v[nb - 1 - tail]))
		tail++;
	add_ops(d, '=', head);
	if (!search(d, head, na - head - tail, nb - head - tail)) {
		add_ops(d, '-', na - head - tail);
		add_ops(d, '+', nb - head - tail);
	}
	add_ops(d, '=', tail);
}

/* Where the hunk ends that begins at op i, and has a change at or behind it. */
static size_t
hunk_end(const struct diff *d, size_t i)
{
	size_t last = i;

	for (size_t k = i; k < d->nops && k - last <= 2 * CONTEXT + 1; k++)
		if (d->ops[k] != '=')
			last = k;
	last += CONTEXT + 1;
	return last < d->nops ? last : d->nops;
}

static void
print_hunk(
    FILE *out, const struct diff *d, size_t from, size_t to, size_t a, size_t b)
{
	size_t na = 0, nb = 0;

	for (size_t i = from; i < to; i++) {
		na += d->ops[i] != '+';
		nb += d->ops[i] != '-';
	}
	(void)fprintf(out, "@@ -%zu,%zu +%zu,%zu @@\n", a + (na > 0), na,
	    b + (nb > 0), nb);
	for (size_t i = from; i < to; i++) {
		struct slice line = d->ops[i] == '+' ? d->b.v[b] : d->a.v[a];

		(void)fprintf(out, "%c%.*s\n",
		    d->ops[i] == '=' ? ' ' : d->ops[i], (int)line.len, line.at);
		a += d->ops[i] != '+';
		b += d->ops[i] != '-';
	}
}

void
pin_diff(FILE *out, struct slice before, struct slice after)
{
	struct diff d = { .a = split(before), .b = split(after) };
	size_t a = 0, b = 0;

	d.ops = xmalloc(d.a.n + d.b.n + 1);
	compare(&d);
	for (size_t i = 0; i < d.nops;) {
		size_t change = i, end;

		while (change < d.nops && d.ops[change] == '=')
			change++;
		if (change == d.nops)
			break;
		for (; i + CONTEXT < change; i++, a++, b++)
			;
		end = hunk_end(&d, change);
		print_hunk(out, &d, i, end, a, b);
		for (; i < end; i++) {
			a += d.ops[i] != '+';
			b += d.ops[i] != '-';
		}
	}
	free(d.ops);
	free(d.a.v);
	free(d.b.v);
}
