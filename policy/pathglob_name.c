/*
 * One name against one pattern of a name, or two patterns against each other.
 * The steps are at most the product of their lengths, which are bounded.
 */
#include "policy/pathglob.h"

#include "policy/fold.h"

/* Bytes of a name: no file system of Linux has more.  Source: NAME_MAX. */
#define NAME_BYTES 255U

/* One item of a pattern; places and lengths fit, for a name is that short. */
struct item {
	unsigned char kind; /* enum kind */
	unsigned char byte;
	unsigned char at, len; /* of a set: what is between its brackets */
};

enum kind { ITEM_BYTE, ITEM_ANY, ITEM_STAR, ITEM_SET };

struct pattern {
	struct slice text; /* borrowed */
	size_t n;
	struct item v[NAME_BYTES];
};

/* Length of the set at p with its brackets, or 0. */
static size_t
set_length(const char *p, const char *end)
{
	size_t n = 2;

	if (end - p < 3 || *p != '[')
		return 0;
	if (p[1] == '!' || p[1] == '^')
		n++;
	while (p + n < end && p[n] != ']')
		n++;
	return p + n < end ? n + 1 : 0;
}

/* Splits a pattern of at most NAME_BYTES; equal stars become one. */
static void
split(struct slice s, bool wild, bool fold, struct pattern *ret)
{
	size_t n = 0, step;
	bool star = false; /* the item before is one */

	for (size_t at = 0; at < s.len; at += step) {
		char c = s.at[at];
		size_t set = wild ? set_length(s.at + at, s.at + s.len) : 0;
		struct item *item;

		step = set > 0 ? set : 1;
		if (wild && c == '*' && star)
			continue;
		item = &ret->v[n++];
		*item = (struct item){ .kind = ITEM_BYTE,
			.byte = fold ? fold_ascii((unsigned char)c)
				     : (unsigned char)c };
		star = wild && c == '*';
		if (set > 0)
			*item = (struct item){ .kind = ITEM_SET,
				.at = (unsigned char)(at + 1),
				.len = (unsigned char)(set - 2) };
		else if (star || (wild && c == '?'))
			item->kind = star ? ITEM_STAR : ITEM_ANY;
	}
	ret->text = s;
	ret->n = n;
}

static bool
set_has(struct slice set, unsigned char c)
{
	bool negated = set.len > 0 && (set.at[0] == '!' || set.at[0] == '^');
	bool found = false;

	for (size_t i = negated; i < set.len; i++) {
		unsigned char low = (unsigned char)set.at[i], high = low;

		if (i + 2 < set.len && set.at[i + 1] == '-') {
			high = (unsigned char)set.at[i + 2];
			i += 2;
		}
		found = found || (c >= low && c <= high);
	}
	return found != negated;
}

static struct slice
set_of(const struct pattern *p, const struct item *item)
{
	return (struct slice){ p->text.at + item->at, item->len };
}

/* May both items, neither a star, be the same byte? */
static bool
agree(const struct pattern *a, size_t i, const struct pattern *b, size_t j)
{
	const struct item *x = &a->v[i], *y = &b->v[j];

	if (x->kind == ITEM_BYTE && y->kind == ITEM_BYTE)
		return x->byte == y->byte;
	if (x->kind == ITEM_SET && y->kind == ITEM_BYTE)
		return set_has(set_of(a, x), y->byte);
	if (x->kind == ITEM_BYTE && y->kind == ITEM_SET)
		return set_has(set_of(b, y), x->byte);
	return true;
}

/*
 * row[j] says whether a[i..] and b[j..] have a text in common, from the last
 * items to the first.
 */
static bool
meet(const struct pattern *a, const struct pattern *b)
{
	bool row[NAME_BYTES + 1] = { false };
	size_t n = a->n, m = b->n;

	for (size_t i = n + 1; i-- > 0;) {
		bool below_right = false; /* of (i + 1, j + 1) */

		for (size_t j = m + 1; j-- > 0;) {
			bool below = i < n && row[j]; /* (i + 1, j) */
			bool right = j < m && row[j + 1]; /* (i, j + 1) */
			bool now;

			if (i == n && j == m)
				now = true;
			else if (i < n && a->v[i].kind == ITEM_STAR)
				now = below || right;
			else if (j < m && b->v[j].kind == ITEM_STAR)
				now = right || below;
			else
				now = i < n && j < m && below_right &&
				      agree(a, i, b, j);
			below_right = i < n && row[j];
			row[j] = now;
		}
	}
	return row[0];
}

/* Does a pattern fit a name that is none?  The last star alone is tried anew,
   for what is before it has been found as early as can be. */
static bool
fits(struct slice pattern, struct slice name, bool fold)
{
	const char *p = pattern.at, *end = p + pattern.len, *star = NULL;
	size_t at = 0, mark = 0;

	while (at < name.len) {
		unsigned char c = (unsigned char)name.at[at];
		size_t set = p < end ? set_length(p, end) : 0;

		c = fold ? fold_ascii(c) : c;
		if (p < end && *p == '*') {
			star = ++p;
			mark = at;
		} else if (set > 0 &&
			   set_has((struct slice){ p + 1, set - 2 }, c)) {
			p += set;
			at++;
		} else if (p < end && set == 0 &&
			   (*p == '?' || (fold ? fold_ascii((unsigned char)*p)
					       : (unsigned char)*p) == c)) {
			p++;
			at++;
		} else if (star != NULL) {
			p = star;
			at = ++mark;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}

bool
pathglob_is_wild(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == '*' || s.at[i] == '?' || s.at[i] == '[')
			return true;
	return false;
}

static bool
same(struct slice a, struct slice b, bool fold)
{
	if (a.len != b.len)
		return false;
	if (!fold)
		return memcmp(a.at, b.at, a.len) == 0;
	for (size_t i = 0; i < a.len; i++)
		if (fold_ascii((unsigned char)a.at[i]) !=
		    fold_ascii((unsigned char)b.at[i]))
			return false;
	return true;
}

/* "SSH~1" is how old names of Windows write ".ssh". */
static bool
is_short_for(struct slice entry, struct slice name)
{
	size_t n = 0;

	while (n < name.len && name.at[n] != '~')
		n++;
	if (n == 0 || n > 6 || n + 1 >= name.len || name.at[n + 1] < '1' ||
	    name.at[n + 1] > '9')
		return false;
	while (entry.len > 0 && entry.at[0] == '.')
		entry = (struct slice){ entry.at + 1, entry.len - 1 };
	if (entry.len < n)
		return false;
	entry.len = name.len = n;
	return same(entry, name, true);
}

/* Two patterns say something of each other by their ends alone. */
static bool
ends_agree(const struct pattern *a, const struct pattern *b)
{
	const struct item *x = a->v, *y = b->v, *last, *other;

	if (a->n == 0 || b->n == 0)
		return false;
	last = &a->v[a->n - 1];
	other = &b->v[b->n - 1];
	return (x->kind == ITEM_BYTE && y->kind == ITEM_BYTE) ||
	       (last->kind == ITEM_BYTE && other->kind == ITEM_BYTE &&
		   last->byte == other->byte);
}

/* name is a pattern; the entry may be one. */
static bool
meet_patterns(struct slice entry, struct slice name, bool entry_wild, bool fold)
{
	struct pattern a, b;
	size_t least = 0;
	bool stars = false;

	split(entry, entry_wild, fold, &a);
	split(name, true, fold, &b);
	for (size_t i = 0; i < a.n; i++)
		stars = stars || a.v[i].kind == ITEM_STAR;
	for (size_t j = 0; j < b.n; j++)
		least += b.v[j].kind != ITEM_STAR;
	if (!stars && least > a.n)
		return false;
	if (entry_wild && !ends_agree(&a, &b))
		return false;
	return meet(&a, &b);
}

/* Most names differ in their first byte. */
static bool
starts_differ(struct slice entry, struct slice name, bool wild, bool fold)
{
	unsigned char a, b;

	if (entry.len == 0 || name.len == 0)
		return true;
	a = (unsigned char)entry.at[0];
	b = (unsigned char)name.at[0];
	if (a == '*' || a == '?' || a == '[' ||
	    (wild && (b == '*' || b == '?' || b == '[')))
		return false;
	/* A short name of Windows leaves dots out. */
	if (fold)
		return a != '.' && fold_ascii(a) != fold_ascii(b);
	return a != b;
}

bool
pathglob_meet(struct slice entry, struct slice name, bool wild, bool fold)
{
	bool entry_wild;

	if (starts_differ(entry, name, wild, fold))
		return false;
	entry_wild = pathglob_is_wild(entry);
	wild = wild && pathglob_is_wild(name);
	if ((entry_wild || wild) &&
	    (entry.len > NAME_BYTES || name.len > NAME_BYTES))
		return false;
	if (wild)
		return meet_patterns(entry, name, entry_wild, fold);
	if (entry_wild)
		return fits(entry, name, fold);
	return same(entry, name, fold) || (fold && is_short_for(entry, name));
}
