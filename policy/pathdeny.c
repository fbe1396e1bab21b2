/*
 * The list of what is denied.  An entry covers a path only if each of its names
 * without a wildcard is a name of the path: the last of these is looked up by
 * its digest, and the entry is tried where it is found.  Entries that have no
 * such name have the ends of their last one compared at least; and all are
 * tried where a name of the path may stand for another, as patterns and the
 * short names of Windows do.
 */
#include "policy/pathdeny.h"

#include <stdint.h>
#include <stdlib.h>

#include "policy/fold.h"
#include "policy/pathglob.h"
#include "policy/policy.h"
#include "proxy/base/xalloc.h"

#define NONE UINT32_MAX

struct pathdeny {
	struct entry {
		char *text; /* owned */
		uint32_t next; /* of the same place, a later one; or NONE */
		/* Of its last name, in lower case, where it is no wildcard;
		   else 0. */
		unsigned char head, tail;
		unsigned names; /* that a path has at least */
	} * v; /* owned */
	struct place {
		uint32_t first; /* entry, or NONE */
		uint32_t turn; /* of the path for which it was tried last */
	} * places; /* owned */
	uint32_t *unplaced; /* owned: entries that have no place, in order */
	size_t n, nunplaced;
	uint32_t mask; /* places, a power of two, less one */
	uint32_t turn;
};

/*
 * Of a name in any case, for a path may be one of Windows: its length and its
 * ends, which tell most names apart.  Names that are alike cost a comparison.
 */
static uint32_t
digest(struct slice name)
{
	uint32_t h = (uint32_t)name.len;
	size_t n = name.len < 3 ? name.len : 3;

	for (size_t i = 0; i < n; i++) {
		h = h * 61 + fold_ascii((unsigned char)name.at[i]);
		h = h * 61 +
		    fold_ascii((unsigned char)name.at[name.len - 1 - i]);
	}
	return h ^ h >> 11;
}

/* The last name of an entry that is no pattern; empty if all are. */
static struct slice
anchor(const char *entry)
{
	struct slice found = { NULL, 0 };

	while (*entry != '\0') {
		struct slice name = { entry, strcspn(entry, "/") };

		if (name.len > 0 && !slice_is(name, ".") &&
		    strcspn(entry, "*?[") >= name.len)
			found = name;
		entry += name.len;
		entry += *entry == '/';
	}
	return found;
}

static unsigned char
plain_byte(char c)
{
	return c == '*' || c == '?' || c == '[' || c == ']'
		   ? 0
		   : fold_ascii((unsigned char)c);
}

/* Each name of an entry takes one of the path's, but for "**". */
static unsigned
count_names(const char *text)
{
	unsigned n = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, "/");

		n += len > 0 && !(len == 2 && memcmp(text, "**", 2) == 0) &&
		     !(len == 1 && *text == '.');
		text += len;
		text += *text == '/';
	}
	return n;
}

static void
entry_set(struct entry *e, const char *text)
{
	size_t len = strlen(text);
	const char *slash = strrchr(text, '/');

	e->text = xstrdup(text);
	e->names = count_names(text);
	if (slash == NULL || slash[1] == '\0' || strcmp(slash, "/.") == 0)
		return;
	e->head = plain_byte(slash[1]);
	e->tail = plain_byte(text[len - 1]);
}

struct pathdeny *
pathdeny_new(const struct policy_list *list)
{
	struct pathdeny *pd = xcalloc(1, sizeof(*pd));
	size_t nplace = 64;

	while (nplace < 4 * list->n)
		nplace *= 2;
	pd->n = list->n;
	pd->mask = (uint32_t)(nplace - 1);
	pd->v = xcalloc(list->n, sizeof(*pd->v));
	pd->places = xcalloc(nplace, sizeof(*pd->places));
	pd->unplaced = xcalloc(list->n, sizeof(*pd->unplaced));
	for (size_t i = 0; i < nplace; i++)
		pd->places[i].first = NONE;
	/* From the last to the first: those of one place are in order. */
	for (size_t i = list->n; i-- > 0;) {
		struct slice name = anchor(list->v[i].text);
		struct place *at = &pd->places[digest(name) & pd->mask];

		entry_set(&pd->v[i], list->v[i].text);
		if (name.len == 0)
			continue;
		pd->v[i].next = at->first;
		at->first = (uint32_t)i;
	}
	for (size_t i = 0; i < list->n; i++)
		if (anchor(list->v[i].text).len == 0)
			pd->unplaced[pd->nunplaced++] = (uint32_t)i;
	return pd;
}

void
pathdeny_free(struct pathdeny *pd)
{
	if (pd == NULL)
		return;
	for (size_t i = 0; i < pd->n; i++)
		free(pd->v[i].text);
	free(pd->v);
	free(pd->places);
	free(pd->unplaced);
	free(pd);
}

static long
find_among_all(const struct pathdeny *pd, const struct pathname *pn)
{
	for (size_t i = 0; i < pd->n; i++)
		if (pd->v[i].names <= pn->names &&
		    pathglob_covers(pd->v[i].text, pn))
			return (long)i;
	return -1;
}

/* The first entry of a place that covers the path and is before best. */
static size_t
find_at(struct pathdeny *pd, struct place *at, const struct pathname *pn,
    size_t best)
{
	if (at->turn == pd->turn)
		return best;
	at->turn = pd->turn;
	for (uint32_t i = at->first; i < best; i = pd->v[i].next)
		if (pathglob_covers(pd->v[i].text, pn))
			return i;
	return best;
}

/* Bytes, a bit each; 0 is always there. */
struct bytes {
	uint64_t v[4];
};

static void
bytes_add(struct bytes *b, char c)
{
	unsigned char low = fold_ascii((unsigned char)c);

	b->v[low >> 6] |= UINT64_C(1) << (low & 63);
}

static bool
bytes_has(const struct bytes *b, unsigned char c)
{
	return (b->v[c >> 6] >> (c & 63) & 1) != 0;
}

/* The same among the entries without a place, by the ends of its names. */
static size_t
find_unplaced(const struct pathdeny *pd, const struct pathname *pn,
    const struct bytes *heads, const struct bytes *tails, size_t best)
{
	for (size_t i = 0; i < pd->nunplaced && pd->unplaced[i] < best; i++) {
		const struct entry *e = &pd->v[pd->unplaced[i]];

		if (bytes_has(heads, e->head) && bytes_has(tails, e->tail) &&
		    pathglob_covers(e->text, pn))
			return pd->unplaced[i];
	}
	return best;
}

static void
begin_turn(struct pathdeny *pd)
{
	if (++pd->turn != 0)
		return;
	for (size_t i = 0; i <= pd->mask; i++)
		pd->places[i].turn = 0;
	pd->turn = 1;
}

long
pathdeny_find(struct pathdeny *pd, const struct pathname *pn)
{
	struct bytes heads = { .v = { 1 } }, tails = { .v = { 1 } };
	size_t best = pd->n;
	const char *p = pn->text;

	if (pn->wild || (pn->foreign && memchr(pn->text, '~', pn->len) != NULL))
		return find_among_all(pd, pn);
	begin_turn(pd);
	while (*p == '/') {
		struct slice name = { ++p, 0 };

		while (p[name.len] != '/' && p[name.len] != '\0')
			name.len++;
		best =
		    find_at(pd, &pd->places[digest(name) & pd->mask], pn, best);
		p += name.len;
		bytes_add(&heads, name.at[0]);
		bytes_add(&tails, p[-1]);
	}
	best = find_unplaced(pd, pn, &heads, &tails, best);
	return best < pd->n ? (long)best : -1;
}
