/*
 * Percent-encoding, as decoders on the way undo it: perhaps more than once,
 * perhaps with Microsoft's %uXXXX, perhaps with UTF-8 that a strict decoder
 * would refuse.  What comes out may be any bytes.
 */
#include "policy/fold.h"
#include "policy/view_steps.h"

size_t
view_utf8(char *w, unsigned long cp)
{
	if (cp < 0x80) {
		w[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		w[0] = (char)(0xc0 | cp >> 6);
		w[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		w[0] = (char)(0xe0 | cp >> 12);
		w[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		w[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	w[0] = (char)(0xf0 | (cp >> 18 & 7));
	w[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	w[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	w[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* Digits beyond this change no value that is a code point. */
#define SATURATED 0x1000000UL

size_t
view_hex(struct slice s, size_t i, size_t low, size_t high, unsigned long *ret)
{
	unsigned long value = 0;
	size_t n = 0;

	for (; n < high && i + n < s.len; n++) {
		int digit = fold_hex(s.at[i + n]);

		if (digit == -1)
			break;
		if (value < SATURATED)
			value = value << 4 | (unsigned long)digit;
	}
	*ret = value;
	return n >= low ? n : 0;
}

size_t
view_decimal(
    struct slice s, size_t i, size_t low, size_t high, unsigned long *ret)
{
	unsigned long value = 0;
	size_t n = 0;

	for (; n < high && i + n < s.len; n++) {
		char c = s.at[i + n];

		if (c < '0' || c > '9')
			break;
		if (value < SATURATED)
			value = value * 10 + (unsigned long)(c - '0');
	}
	*ret = value;
	return n >= low ? n : 0;
}

/*
 * One encoded character at i: its length and what it stands for in w (at most
 * 3 bytes), or 0.
 */
static size_t
percent_one(struct slice in, size_t i, char *w, size_t *ret_len)
{
	unsigned long value;
	size_t n;

	if ((n = view_hex(in, i + 1, 2, 2, &value)) != 0) {
		*w = (char)(unsigned char)value;
		*ret_len = 1;
		return n + 1;
	}
	if ((view_at(in, i + 1) | 0x20) != 'u' ||
	    (n = view_hex(in, i + 2, 4, 4, &value)) == 0)
		return 0;
	if ((value & 0xf800) == 0xd800)
		return 0;
	*ret_len = view_utf8(w, value);
	return n + 2;
}

/*
 * As long as the last three bytes are an encoded character, it is decoded.
 * Each time the text gets shorter, so that all of it stays linear.
 */
static size_t
percent_again(char *at, size_t len)
{
	unsigned long value;

	while (
	    len >= 3 && at[len - 3] == '%' &&
	    view_hex((struct slice){ at, len }, len - 2, 2, 2, &value) != 0) {
		len -= 2;
		at[len - 1] = (char)(unsigned char)value;
	}
	return len;
}

/*
 * Copies bytes that stand behind something decoded as long as they complete,
 * with what is before them, an encoded character: two that do not are the end
 * of it.  Returns how many were taken.
 */
static size_t
percent_complete(struct slice rest, char *w, size_t *len)
{
	size_t taken = 0;

	for (int idle = 0;; idle++) {
		size_t was = *len;

		*len = percent_again(w, was);
		if (*len < was)
			idle = 0;
		if (idle == 2 || taken == rest.len || rest.at[taken] == '%')
			return taken;
		w[(*len)++] = rest.at[taken++];
	}
}

static bool
percent(struct slice in, struct buf *out, bool all)
{
	size_t i = view_find(in, 0, '%'), from = 0, len = 0, made = 0;
	char first[4], *w;

	while (i < in.len && percent_one(in, i, first, &made) == 0)
		i = view_find(in, i + 1, '%');
	if (i == in.len)
		return false;
	w = view_room(out, in.len);
	for (; i < in.len; i = view_find(in, from, '%')) {
		size_t used;

		memcpy(w + len, in.at + from, i - from);
		len += i - from;
		used = percent_one(in, i, w + len, &made);
		if (used == 0) {
			w[len] = '%';
			used = made = 1;
		}
		len += made;
		from = i + used;
		if (all)
			from += percent_complete(
			    (struct slice){ in.at + from, in.len - from }, w,
			    &len);
	}
	memcpy(w + len, in.at + from, in.len - from);
	out->len = len + in.len - from;
	return true;
}

bool
view_percent(struct slice in, struct buf *out)
{
	return percent(in, out, false);
}

bool
view_percent_all(struct slice in, struct buf *out)
{
	return percent(in, out, true);
}

/* Lead bytes of UTF-8, and of what it once was; each with its bits. */
static const struct lead {
	unsigned char first, mask;
	size_t tails;
} leads[] = {
	{ 0xc0, 0xfe, 1 }, /* c0 and c1: never valid */
	{ 0xe0, 0xff, 2 },
	{ 0xf0, 0xff, 3 },
	{ 0xf8, 0xff, 4 },
	{ 0xfc, 0xff, 5 },
};

/*
 * The length of an overlong form of an ASCII character at i, or 0.  Decoders
 * that do not look at the upper bits of the tails take c0 2e for c0 ae: that is
 * believed of the characters that make paths and URLs alone.
 */
static size_t
overlong_one(struct slice in, size_t i, unsigned char *ret)
{
	unsigned char lead = view_at(in, i);
	const struct lead *l = NULL;
	unsigned value = 0;
	bool strict = true;

	for (size_t k = 0; k < sizeof(leads) / sizeof(leads[0]); k++)
		if ((lead & leads[k].mask) == leads[k].first)
			l = &leads[k];
	if (l == NULL || in.len - i <= l->tails)
		return 0;
	value = lead & 1U & ~(unsigned)l->mask;
	for (size_t k = 1; k <= l->tails; k++) {
		unsigned char tail = view_at(in, i + k);

		strict = strict && (tail & 0xc0) == 0x80;
		value = value << 6 | (tail & 0x3fU);
	}
	if (value >= 0x80 ||
	    (!strict && (value == 0 || strchr("./\\:%", (int)value) == NULL)))
		return 0;
	*ret = (unsigned char)value;
	return l->tails + 1;
}

bool
view_overlong(struct slice in, struct buf *out)
{
	size_t i = view_wide(in, 0), from = 0, len = 0;
	char *w = NULL;

	while (i < in.len) {
		unsigned char c = (unsigned char)in.at[i];
		size_t used = c >= 0xc0 ? overlong_one(in, i, &c) : 0;

		if (used == 0) {
			i = view_wide(in, i + 1);
			continue;
		}
		if (w == NULL)
			w = view_room(out, in.len);
		memcpy(w + len, in.at + from, i - from);
		len += i - from;
		w[len++] = (char)c;
		from = i + used;
		i = view_wide(in, from);
	}
	if (w == NULL)
		return false;
	memcpy(w + len, in.at + from, in.len - from);
	out->len = len + in.len - from;
	return true;
}
