/*
 * Payment cards: digits with a sum, in groups or by a word about cards.
 */
#include "policy/secret_shape.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "policy/fold.h"
#include "policy/spots.h"
#include "proxy/base/array.h"

/* Digits of the shortest and the longest card that is looked for. */
#define CARD_MIN 14U
#define CARD_MAX 19U
/* Bytes before and behind a card in which words about it count. */
#define CARD_NEAR 48U
/* Bytes that are looked at to tell whether a card may be there. */
#define SEEN 4U

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

/*
 * Brands by their first six digits, with the lengths they come in (bit n: n
 * digits).  Source: ISO/IEC 7812; the issuers' published ranges.
 */
static const struct brand {
	unsigned first, last; /* of the first six digits */
	unsigned lengths;
} brands[] = {
	{ 400000, 499999, 1U << 16 }, /* Visa */
	{ 510000, 559999, 1U << 16 }, /* Mastercard */
	{ 222100, 272099, 1U << 16 },
	{ 340000, 349999, 1U << 15 }, /* American Express */
	{ 370000, 379999, 1U << 15 },
	{ 601100, 601199, 1U << 16 | 1U << 19 }, /* Discover */
	{ 644000, 659999, 1U << 16 | 1U << 19 },
	{ 300000, 305999, 1U << 14 }, /* Diners Club */
	{ 360000, 369999, 1U << 14 }, { 380000, 399999, 1U << 14 },
	{ 352800, 358999, 1U << 16 }, /* JCB */
	{ 620000, 629999, 1U << 16 | 1U << 19 }, /* UnionPay */
};

static bool
card_sum(const unsigned char *digit, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = digit[n - 1 - i];

		if (i % 2 == 1)
			d = d > 4 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return sum % 10 == 0;
}

static bool
is_card(const unsigned char *digit, size_t n)
{
	unsigned six = 0;

	for (size_t i = 0; i < 6; i++)
		six = six * 10 + digit[i];
	for (size_t i = 0; i < nitems(brands); i++)
		if (six >= brands[i].first && six <= brands[i].last)
			return (brands[i].lengths >> n & 1) != 0 &&
			       card_sum(digit, n);
	return false;
}

/* Groups as cards are printed; the last may be what is left. */
static bool
grouped_as_card(const size_t *group, size_t n)
{
	if (n == 1)
		return true;
	if (n == 3) /* 15 and 14 digits */
		return group[0] == 4 && group[1] == 6 &&
		       (group[2] == 5 || group[2] == 4);
	return (n == 4 || n == 5) && group[0] == 4 && group[1] == 4 &&
	       group[2] == 4 && group[3] == 4;
}

/*
 * Reads digits at first, in groups joined by the same single sign.  Returns the
 * place behind them, *ret_group that behind the first group; *ret_card says if
 * they are a card.
 */
static size_t
read_card(struct slice text, size_t first, size_t *ret_group, bool *ret_card)
{
	unsigned char digit[CARD_MAX] = { 0 };
	size_t at = first, n = 0, group[8] = { 0 }, ngroups = 1;
	char sign = '\0';
	bool fits = true;

	for (; at < text.len; at++) {
		char c = text.at[at];

		if (is_digit(c)) {
			if (n < CARD_MAX)
				digit[n] = (unsigned char)(c - '0');
			fits = fits && n < CARD_MAX;
			n++;
			group[ngroups - 1]++;
		} else if ((c == ' ' || c == '-') &&
			   (sign == '\0' || sign == c) && at + 1 < text.len &&
			   is_digit(text.at[at + 1]) &&
			   ngroups < nitems(group)) {
			sign = c;
			ngroups++;
		} else {
			break;
		}
	}
	*ret_group = first + group[0];
	*ret_card = fits && n >= CARD_MIN && grouped_as_card(group, ngroups) &&
		    is_card(digit, n);
	return at;
}

/* Does a group of four digits end before at?  Then it is a row of a table. */
static bool
follows_group(struct slice text, size_t at)
{
	size_t n = 0;

	if (at < 5 || (text.at[at - 1] != ' ' && text.at[at - 1] != '-'))
		return false;
	while (n + 1 < at && n < 5 && is_digit(text.at[at - 2 - n]))
		n++;
	return n == 4;
}

/* May a card stand between these two places? */
static bool
stands_alone(struct slice text, size_t first, size_t end)
{
	const char *before = first > 0 ? text.at + first - 1 : NULL;
	const char *behind = end < text.len ? text.at + end : NULL;

	if (before != NULL && (is_token(*before) || *before == '.' ||
				  *before == '/' || *before == '+'))
		return false;
	if (follows_group(text, first))
		return false;
	if (behind == NULL)
		return true;
	if (*behind == '.' || *behind == '-')
		return end + 1 >= text.len || !is_alnum(behind[1]);
	return !is_token(*behind) && *behind != '/';
}

/* Words that stand by a card that is written in one. */
static const char *const card_words[] = { "card", "visa", "amex", "credit",
	"debit", "cvv", "cvc", "expir", "payment", "pan:", "karte", "carte",
	"tarjeta", "kreditkart" };

/*
 * Is there such a word near?  One number in ten of that length has Luhn's sum,
 * so without a word, or the groups that cards have, it is any number.
 */
static bool
speaks_of_card(struct slice text, size_t first, size_t end)
{
	size_t from = first > CARD_NEAR ? first - CARD_NEAR : 0;
	size_t to = text.len - end > CARD_NEAR ? end + CARD_NEAR : text.len;
	char near[2 * CARD_NEAR + 64];
	size_t n = 0;

	for (size_t i = from; i < to && n + 1 < sizeof(near); i++)
		near[n++] = (char)fold_ascii((unsigned char)text.at[i]);
	near[n] = '\0';
	for (size_t i = 0; i < nitems(card_words); i++)
		if (memmem(near, n, card_words[i], strlen(card_words[i])) !=
		    NULL)
			return true;
	return false;
}

/* Bytes of a card. */
static const bool card_like[256] = {
	/* clang-format off */
	[' '] = true, ['-'] = true,
	['0'] = true, true, true, true, true, true, true, true, true, true,
	/* clang-format on */
};

/*
 * May four bytes of a card stand at at?  Its groups have more than one digit,
 * so of any two neighbours in it one is a digit.
 */
static bool
near_card(struct slice text, size_t at)
{
	const unsigned char *p = (const unsigned char *)text.at + at;

	return card_like[p[0]] && card_like[p[1]] && card_like[p[2]] &&
	       card_like[p[3]] &&
	       (is_digit(text.at[at]) || is_digit(text.at[at + 1]));
}

/*
 * The next place from at on where a card may be, or the text's length.  A card
 * has CARD_MIN bytes or more, so most texts are skipped in steps of so many
 * that four of them are looked at.
 */
static size_t
next_card(struct slice text, size_t at)
{
	for (; at + SEEN <= text.len; at += CARD_MIN - SEEN + 1) {
		uint32_t four;

		static_assert(sizeof(four) == SEEN, "read at once");
		memcpy(&four, text.at + at, sizeof(four));
		/* There is a letter nearly everywhere. */
		if ((four & 0xc0c0c0c0U) == 0 && near_card(text, at))
			return at;
	}
	return text.len;
}

bool
secret_cards(struct slice text, bool whole, secret_fn *fn, void *ctx)
{
	size_t at = CARD_MIN - SEEN, done = 0;

	while ((at = next_card(text, at)) < text.len) {
		struct secret_hit hit = { .kind = "payment-card" };
		size_t group;
		bool card;

		/* Back to where its run of digits begins. */
		hit.first = is_digit(text.at[at]) ? at : at + 1;
		while (hit.first > done &&
		       (is_digit(text.at[hit.first - 1]) ||
			   (hit.first > done + 1 &&
			       (text.at[hit.first - 1] == ' ' ||
				   text.at[hit.first - 1] == '-') &&
			       is_digit(text.at[hit.first - 2]))))
			hit.first--;
		hit.end = read_card(text, hit.first, &group, &card);
		card = card && stands_alone(text, hit.first, hit.end) &&
		       (group != hit.end ||
			   (whole && hit.first == 0 && hit.end == text.len) ||
			   speaks_of_card(text, hit.first, hit.end));
		if (card && !fn(ctx, &hit))
			return false;
		/* A number may stand before it: once more without that. */
		done = card || group == hit.end ? hit.end : group + 1;
		at = done + (done == hit.end ? CARD_MIN - SEEN : 0);
	}
	return true;
}

/* Is what stands around at long enough for a card? */
static bool
long_as_card(struct slice text, size_t at)
{
	size_t n = 0, first = at;

	for (; n < CARD_MIN && first > 0; first--, n++)
		if (!card_like[(unsigned char)text.at[first - 1]])
			break;
	for (; n < CARD_MIN && at < text.len; at++, n++)
		if (!card_like[(unsigned char)text.at[at]])
			break;
	return n == CARD_MIN;
}

void
secret_card_spots(struct slice raw, struct spots *spots)
{
	size_t at = 0;

	while ((at = next_card(raw, at)) < raw.len) {
		if (long_as_card(raw, at))
			spots_mark(spots, at, at + SEEN);
		at += CARD_MIN - SEEN + 1;
	}
}
