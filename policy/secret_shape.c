/*
 * Secrets in which no letter is certain: tokens whose parts, joined by dots,
 * have known lengths; and payment cards, see secret_card.c.
 */
#include "policy/secret_shape.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "policy/spots.h"

/* Bytes before the first dot of a token, and behind it, at least. */
#define TOKEN_HEAD 17U
#define TOKEN_TIME 5U

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool
is_token(char c)
{
	return is_alnum(c) || c == '_' || c == '-';
}

/* Bytes before and behind a place that a token may have. */
static size_t
run_before(struct slice text, size_t at, size_t max)
{
	size_t n = 0;

	while (n < at && n < max && is_token(text.at[at - n - 1]))
		n++;
	return n;
}

static size_t
run_behind(struct slice text, size_t at, size_t max)
{
	size_t n = 0;

	while (at + n < text.len && n < max && is_token(text.at[at + n]))
		n++;
	return n;
}

/* USER.TIME.SUM: the first is the base64 of a number, so it begins so. */
static bool
is_discord(struct slice text, size_t dot, struct secret_hit *hit)
{
	size_t head = run_before(text, dot, 32), time, tail, second;

	if (head < 23 || head > 30 ||
	    strchr("MNO", text.at[dot - head]) == NULL)
		return false;
	time = run_behind(text, dot + 1, 10);
	second = dot + 1 + time;
	if (time < 5 || time > 7 || second >= text.len ||
	    text.at[second] != '.')
		return false;
	tail = run_behind(text, second + 1, 80);
	if (tail < 27 || tail > 60)
		return false;
	hit->kind = "discord-bot-token";
	hit->first = dot - head;
	hit->end = second + 1 + tail;
	return true;
}

static bool
is_airtable(struct slice text, size_t dot, struct secret_hit *hit)
{
	size_t head = run_before(text, dot, 20), tail;

	if (head != 17 || memcmp(text.at + dot - head, "pat", 3) != 0)
		return false;
	tail = run_behind(text, dot + 1, 70);
	if (tail != 64)
		return false;
	hit->kind = "airtable-personal-token";
	hit->first = dot - head;
	hit->end = dot + 1 + tail;
	return true;
}

/* The least of what stands around the dot of either token. */
static bool
near_token(struct slice text, size_t dot)
{
	return dot >= TOKEN_HEAD && text.len - dot > TOKEN_TIME &&
	       is_token(text.at[dot - TOKEN_HEAD / 2]) &&
	       is_token(text.at[dot - TOKEN_HEAD]) &&
	       is_token(text.at[dot + TOKEN_TIME]);
}

/* Bytes that are looked at in one step; of TOKEN_HEAD some are, wherever. */
#define LOOK 8U
#define STRIDE (TOKEN_HEAD - LOOK + 1)

/* May the LOOK bytes at p be a token's?  Nearly everywhere is a space or a sign
   among them, below the least of a token: one look at all of them. */
static inline bool
token_like(const char *p)
{
	const uint64_t each = UINT64_MAX / 0xff;
	uint64_t v;

	static_assert(sizeof(v) == LOOK, "read at once");
	memcpy(&v, p, sizeof(v));
	if (((v - each * '-') & ~v & each * 0x80) != 0)
		return false;
	for (size_t i = 0; i < LOOK; i++)
		if (!is_token(p[i]))
			return false;
	return true;
}

/* The next dot from *at on with a token's head before it: true, and *at is
   behind what was looked at. */
static bool
next_dot(struct slice text, size_t *at, size_t *ret_dot)
{
	size_t i = *at;

	while (i + LOOK <= text.len) {
		size_t end = i + LOOK;

		if (!token_like(text.at + i)) {
			i += STRIDE;
			continue;
		}
		while (end < text.len && is_token(text.at[end]))
			end++;
		i = end + 1;
		if (end < text.len && text.at[end] == '.' &&
		    near_token(text, end)) {
			*at = i;
			*ret_dot = end;
			return true;
		}
	}
	return false;
}

static bool
find_dotted(struct slice text, secret_fn *fn, void *ctx)
{
	size_t at = 0, dot;

	while (next_dot(text, &at, &dot)) {
		struct secret_hit hit = { 0 };

		if (!is_discord(text, dot, &hit) &&
		    !is_airtable(text, dot, &hit))
			continue;
		at = hit.end;
		if (secret_digits((struct slice){
			text.at + hit.first, hit.end - hit.first }) &&
		    !fn(ctx, &hit))
			return false;
	}
	return true;
}

bool
secret_shapes(
    struct slice text, enum secret_depth depth, secret_fn *fn, void *ctx)
{
	return secret_cards(text, depth == SECRET_ALL, fn, ctx) &&
	       find_dotted(text, fn, ctx);
}

void
secret_shape_spots(struct slice raw, struct spots *spots)
{
	size_t at = 0, dot;

	secret_card_spots(raw, spots);
	while (next_dot(raw, &at, &dot))
		spots_mark(spots, dot, dot + 1);
}
