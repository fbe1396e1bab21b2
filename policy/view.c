/*
 * The readings of a text.  The steps that they are made of are pure functions
 * in view_*.c; here is which of them follows which, and how far.  Nobody can
 * know in which order the receiver undoes what an attacker did, so what stands
 * for one character is undone until nothing is left of it; what takes
 * characters away, as a shell does with quotes, makes a reading of its own.
 */
#include "policy/view.h"

#include <stdint.h>

#include "policy/unifold.h"
#include "policy/view_steps.h"
#include "proxy/base/array.h"

/* Bytes of one reading's storage that are kept for the next text. */
#define KEEP 65536U

/* Rounds of the plain steps: each undoes one layer of another kind. */
#define ROUNDS 6

/* Levels of what is encoded in what is encoded. */
#define LEVELS 3

/* Bytes that may be decoded from a short text. */
#define BUDGET 4096U

void
views_init(struct views *vs)
{
	*vs = (struct views){ .n = 0 };
}

void
views_release(struct views *vs)
{
	for (size_t i = 0; i < VIEWS_MAX; i++)
		buf_release(&vs->store[i]);
	for (size_t i = 0; i < nitems(vs->work); i++)
		buf_release(&vs->work[i]);
	vs->n = 0;
}

const char *
view_name(enum view_kind kind)
{
	static const char *const names[VIEW_COUNT] = {
		[VIEW_SENT] = "",
		[VIEW_PERCENT] = "percent-decoded",
		[VIEW_FOLDED] = "as it looks",
		[VIEW_UNESCAPED] = "unescaped",
		[VIEW_DECODED] = "decoded",
	};

	return names[kind];
}

bool
view_fold(struct slice in, struct buf *out)
{
	if (!unifold_needed(in))
		return false;
	out->len = 0;
	out->max = 4 * in.len;
	unifold(in, out, NULL);
	return true;
}

/* What stands for one character, undone in this order until nothing is left. */
static const struct {
	view_step_fn *fn;
	enum view_kind kind;
} plain_steps[] = {
	{ view_percent_all, VIEW_PERCENT },
	{ view_escape, VIEW_UNESCAPED },
	{ view_entity, VIEW_UNESCAPED },
	{ view_overlong, VIEW_PERCENT },
	{ view_fold, VIEW_FOLDED },
};

static void
swap(struct buf *a, struct buf *b)
{
	struct buf was = *a;

	*a = *b;
	*b = was;
}

/*
 * Plain reading of in: true if it differs, in the buffer out, which in is not
 * borrowed from; *kind is that of the last step then.
 */
static bool
plain(struct views *vs, struct slice in, struct buf *out, enum view_kind *kind)
{
	struct buf *spare = &vs->work[2];
	bool changed = false, again = true;

	for (int round = 0; again && round < ROUNDS; round++) {
		again = false;
		for (size_t i = 0; i < nitems(plain_steps); i++) {
			if (!plain_steps[i].fn(in, spare))
				continue;
			swap(out, spare);
			in = buf_slice(out);
			*kind = plain_steps[i].kind;
			changed = again = true;
		}
	}
	vs->cut = vs->cut || again;
	return changed;
}

/* What each byte of ASCII says about the text that it is in. */
static const unsigned char signs[256] = {
	['%'] = VIEW_BUSY | VIEW_PATH,
	['\\'] = VIEW_BUSY | VIEW_PATH,
	['$'] = VIEW_BUSY | VIEW_PATH,
	['/'] = VIEW_PATH,
	['~'] = VIEW_PATH,
	[':'] = VIEW_PATH | VIEW_COLON,
	['.'] = VIEW_DOT,
	['0'] = VIEW_CODED,
	['2'] = VIEW_CODED,
	['5'] = VIEW_CODED,
	['&'] = VIEW_BUSY,
	['\''] = VIEW_BUSY,
	['"'] = VIEW_BUSY,
	['`'] = VIEW_BUSY,
	['^'] = VIEW_BUSY,
	['{'] = VIEW_BUSY,
};

static unsigned
bytes_of(struct slice text)
{
	const unsigned char *p = (const unsigned char *)text.at;
	size_t left = text.len;
	uint32_t all = 0, four;
	unsigned seen = 0;

	for (; left >= sizeof(four); left -= sizeof(four), p += sizeof(four)) {
		memcpy(&four, p, sizeof(four));
		all |= four;
		seen |= signs[p[0]] | signs[p[1]] | signs[p[2]] | signs[p[3]];
	}
	for (; left > 0; left--, p++) {
		all |= *p;
		seen |= signs[*p];
	}
	return (all & 0x80808080U) != 0 ? seen | VIEW_WIDE | VIEW_CODED : seen;
}

/*
 * Adds what is in from, which gets other storage, unless it is known.  Returns
 * the reading that equals it.
 */
static struct slice
add(struct views *vs, enum view_kind kind, struct buf *from)
{
	struct slice text = buf_slice(from);

	for (size_t i = 0; i < vs->n; i++)
		if (slice_eq(vs->v[i].text, text))
			return vs->v[i].text;
	assert(vs->n < VIEWS_MAX);
	swap(&vs->store[vs->n], from);
	vs->v[vs->n++] = (struct view){ kind, bytes_of(text), text };
	return text;
}

/* The plain reading of in; in itself, if that is plain. */
static struct slice
add_plain(struct views *vs, struct slice in)
{
	enum view_kind kind = VIEW_SENT;

	return plain(vs, in, &vs->work[0], &kind) ? add(vs, kind, &vs->work[0])
						  : in;
}

/*
 * What a step of a shell or of a string literal makes of in, and that made
 * plain; in itself, if the step changes nothing.
 */
static struct slice
add_step(struct views *vs, view_step_fn *step, struct slice in)
{
	enum view_kind kind = VIEW_UNESCAPED;
	struct buf *made = &vs->work[1];

	if (!step(in, made))
		return in;
	if (plain(vs, buf_slice(made), &vs->work[0], &kind))
		made = &vs->work[0];
	return add(vs, kind, made);
}

/* Adds the readings of the last one, which is the text or was decoded. */
static void
add_readings(struct views *vs)
{
	struct slice text = vs->v[vs->n - 1].text, flat, string;

	if (vs->n == 1 && view_percent(text, &vs->work[0]))
		(void)add(vs, VIEW_PERCENT, &vs->work[0]);
	flat = add_plain(vs, text);
	if (vs->v[0].text.at == text.at && flat.at != text.at)
		(void)add_step(vs, view_shell, text);
	(void)add_step(vs, view_shell, flat);
	string = add_step(vs, view_string, flat);
	if (string.at != flat.at)
		(void)add_step(vs, view_shell, string);
}

/* What finds a text within a text. */
static view_step_fn *const inner_steps[] = { view_decode, view_hidden };

/*
 * Collects in out what is encoded in the readings from number first on.  Most
 * often all of them hold the same, which is taken once.
 */
static void
decode_all(struct views *vs, size_t first, struct buf *out)
{
	size_t begin[VIEWS_MAX * nitems(inner_steps) + 1] = { 0 }, n = 0;
	size_t todo = (vs->n - first) * nitems(inner_steps);

	out->len = 0;
	out->max = vs->budget;
	for (size_t i = 0; i < todo; i++) {
		struct slice from = vs->v[first + i / nitems(inner_steps)].text;
		bool known = false;
		struct slice got;

		if (!inner_steps[i % nitems(inner_steps)](from, &vs->work[0]))
			continue;
		got = buf_slice(&vs->work[0]);
		for (size_t k = 0; k < n && !known; k++)
			known = slice_eq((struct slice){ out->at + begin[k],
					     begin[k + 1] - begin[k] },
			    got);
		if (known)
			continue;
		if (buf_add_slice(out, got) == -1) {
			vs->cut = true;
			break;
		}
		begin[++n] = out->len;
	}
	vs->budget -= out->len;
	if (out->len > 0)
		out->len--; /* the last text ends the reading */
}

static void
clear(struct views *vs)
{
	for (size_t i = 1; i < vs->n; i++)
		buf_clear(&vs->store[i], KEEP);
	for (size_t i = 0; i < nitems(vs->work); i++)
		buf_clear(&vs->work[i], KEEP);
	vs->used = false;
}

void
views_make(struct views *vs, struct slice text)
{
	size_t first = 0;
	bool quiet;

	if (vs->used)
		clear(vs);
	vs->v[0] = (struct view){ VIEW_SENT, bytes_of(text), text };
	vs->n = 1;
	vs->cut = false;
	/* Does every byte stand for itself, but perhaps in a run of base64? */
	quiet = (vs->v[0].bytes & (VIEW_BUSY | VIEW_WIDE)) == 0;
	if (quiet && text.len < VIEW_RUN)
		return;
	vs->used = true;
	vs->budget = 4 * text.len + BUDGET;
	if (!quiet)
		add_readings(vs);
	for (int level = 0; level <= LEVELS; level++) {
		size_t was = vs->n;

		decode_all(vs, first, &vs->work[1]);
		if (vs->work[1].len == 0)
			break;
		if (level == LEVELS) {
			vs->cut = true;
			break;
		}
		(void)add(vs, VIEW_DECODED, &vs->work[1]);
		if (vs->n == was)
			break;
		first = was;
		add_readings(vs);
	}
}
