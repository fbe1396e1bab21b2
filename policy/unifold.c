/*
 * Folds text to what a reader takes it for, character by character, by a table
 * that is made at build time; and tells where in the raw text a folded byte
 * comes from.  What to make of the result is left to the callers.  Bytes that
 * are not UTF-8 are passed on one by one.
 */
#include "policy/unifold.h"

#include <stdint.h>
#include <stdlib.h>

#include "policy/unifold_table.h"
#include "proxy/base/json_scan.h"
#include "proxy/base/xalloc.h"

/* Raw bytes between two steps of a map: what a look-up counts through. */
#define STRIDE 512U

/* One character of the raw text and what it folds to. */
struct folded {
	size_t in; /* raw bytes */
	size_t len;
	const unsigned char *at; /* four bytes may be read */
	bool same;
};

/* The length of the ASCII at the start of [p, end). */
static inline size_t
ascii_run(const unsigned char *p, const unsigned char *end)
{
	const unsigned char *start = p;

	while (end - p >= 8) {
		uint64_t v;

		memcpy(&v, p, sizeof(v));
		if ((v & UINT64_C(0x8080808080808080)) != 0)
			break;
		p += 8;
	}
	while (p < end && *p < 0x80)
		p++;
	return (size_t)(p - start);
}

/* Folds the character at p, which is no ASCII; p < end. */
static inline struct folded
fold_one(const unsigned char *p, const unsigned char *end)
{
	uint32_t cp = 0, entry;
	size_t in = json_utf8(p, (size_t)(end - p), &cp);

	if (in == 0)
		return (struct folded){ 1, 1, p, true };
	entry = (uint32_t)unifold_index[cp >> UNIFOLD_BITS] << UNIFOLD_BITS;
	entry = unifold_entry[entry | (cp & UNIFOLD_MASK)];
	if (entry == 0)
		return (struct folded){ in, in, p, true };
	return (struct folded){ in, unifold_text[entry],
		&unifold_text[entry + 1], false };
}

/* Passes over the characters at p that stay; returns the first that does not,
   or end. */
static const unsigned char *
skip_same(const unsigned char *p, const unsigned char *end)
{
	while (p < end) {
		struct folded f;

		if (*p < 0x80) {
			p += ascii_run(p, end);
			continue;
		}
		f = fold_one(p, end);
		if (!f.same)
			break;
		p += f.in;
	}
	return p;
}

bool
unifold_needed(struct slice text)
{
	const unsigned char *p = (const unsigned char *)text.at;

	return text.len > 0 && skip_same(p, p + text.len) < p + text.len;
}

/*
 * Folds from p on, up to the first character that begins at limit or later,
 * which is returned.  There is room at w for 4 * (limit + 3 - p) bytes.
 */
static const unsigned char *
fold_piece(const unsigned char *p, const unsigned char *limit,
    const unsigned char *end, char **w)
{
	while (p < limit) {
		struct folded f;

		if (*p < 0x80) {
			size_t run = ascii_run(p, limit);

			memcpy(*w, p, run);
			*w += run;
			p += run;
			continue;
		}
		f = fold_one(p, end);
		if (f.same || f.len > 4) {
			memcpy(*w, f.at, f.len);
		} else {
			memcpy(*w, f.at, 4);
		}
		*w += f.len;
		p += f.in;
	}
	return p;
}

static void
map_add(struct fold_map *map, size_t out, size_t in)
{
	if (map->n == map->cap) {
		map->cap = map->cap == 0 ? 16 : map->cap * 2;
		map->v = xreallocarray(map->v, map->cap, sizeof(map->v[0]));
	}
	map->v[map->n++] = (struct fold_step){ out, in };
}

void
unifold(struct slice text, struct buf *out, struct fold_map *map)
{
	const unsigned char *start = (const unsigned char *)text.at, *p = start;
	const unsigned char *end = p != NULL ? p + text.len : NULL;
	size_t base = out->len;

	if (map != NULL) {
		map->n = 0;
		map->text = text;
		map_add(map, 0, 0);
	}
	while (p < end) {
		size_t left = (size_t)(end - p);
		size_t piece = left < STRIDE ? left : STRIDE;
		/* The last character may reach beyond the piece. */
		size_t reach = left < STRIDE + 3 ? left : STRIDE + 3;
		char *w;

		buf_must(buf_reserve(out, 4 * reach));
		w = out->at + out->len;
		p = fold_piece(p, p + piece, end, &w);
		out->len = (size_t)(w - out->at);
		if (map != NULL)
			map_add(map, out->len - base, (size_t)(p - start));
	}
	if (map != NULL)
		map->len = out->len - base;
}

void
fold_map_init(struct fold_map *map)
{
	*map = (struct fold_map){ .v = NULL };
}

void
fold_map_release(struct fold_map *map)
{
	free(map->v);
	fold_map_init(map);
}

/* The last step at which no more than out bytes were made. */
static const struct fold_step *
map_find(const struct fold_map *map, size_t out)
{
	size_t low = 0, high = map->n;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (map->v[mid].out <= out)
			low = mid;
		else
			high = mid;
	}
	return &map->v[low];
}

/* The raw character that made byte `out`, which there is. */
static struct fold_step
map_char(const struct fold_map *map, size_t out, size_t *ret_end)
{
	struct fold_step at = *map_find(map, out);
	const unsigned char *start = (const unsigned char *)map->text.at;
	const unsigned char *end = start + map->text.len;

	for (;;) {
		const unsigned char *p = start + at.in;
		struct folded f = { 1, 1, p, true };

		if (*p >= 0x80)
			f = fold_one(p, end);
		if (at.out + f.len > out) {
			*ret_end = at.in + f.in;
			return at;
		}
		at.in += f.in;
		at.out += f.len;
	}
}

size_t
fold_map_first(const struct fold_map *map, size_t out)
{
	size_t end;

	if (out >= map->len)
		return map->text.len;
	return map_char(map, out, &end).in;
}

size_t
fold_map_end(const struct fold_map *map, size_t out)
{
	size_t end;

	if (out == 0 || map->len == 0)
		return 0;
	(void)map_char(map, (out < map->len ? out : map->len) - 1, &end);
	return end;
}
