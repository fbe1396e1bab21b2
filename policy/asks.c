/*
 * Finds questions for secrets: a noun of asks_words.c, and around it the words
 * that make it what is asked for.  A noun is compared letter by letter, over
 * spaces and signs that may stand between them, so that "api_key", "apiKey",
 * "p a s s w o r d" and "pa$$w0rd" are one.  Who asks, and what for, is left to
 * elicit.c.
 */
#include "policy/asks.h"

#include <stdint.h>
#include <stdlib.h>

#include "policy/asks_read.h"
#include "policy/asks_words.h"
#include "policy/fold.h"
#include "policy/unifold.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"

/* Signs that may stand between two letters of a noun. */
#define GAP_MAX 3U
/* Words of a sentence that are looked at before a noun, and behind it. */
#define BEFORE_MAX 12U
#define BEHIND_MAX 6U
#define NONE UINT16_MAX

/* A noun, folded; those with the same first byte are a list. */
struct noun {
	struct slice text; /* borrowed from asks.store */
	unsigned flags;
	uint16_t next;
};

struct asks {
	struct noun *nouns; /* owned */
	uint16_t noun_of[256]; /* by first byte: an index, or NONE */
	uint16_t *word_next; /* owned: the same for asks_words */
	uint16_t word_of[256];
	struct buf store; /* owned: what nouns borrow */
	struct buf raw, text; /* owned: what is judged */
};

/* One noun in the text. */
struct hit {
	struct slice text;
	size_t first, end;
	unsigned flags;
};

static char
lower(char c)
{
	return (char)fold_ascii((unsigned char)c);
}

static void
fold_into(struct slice s, struct buf *out)
{
	buf_clear(out, LIMIT_PAYLOAD);
	unifold(s, out, NULL);
}

/* --- The tables. ---------------------------------------------------------- */

static void
add_noun(struct asks *a, size_t i, size_t first)
{
	struct noun *n = &a->nouns[i];
	unsigned char head;

	n->text = (struct slice){ a->store.at + first, a->store.len - first };
	n->flags = asks_nouns[i].flags;
	head = (unsigned char)n->text.at[0];
	n->next = a->noun_of[head];
	a->noun_of[head] = (uint16_t)i;
}

struct asks *
asks_new(void)
{
	struct asks *a = xcalloc(1, sizeof(*a));
	size_t *first = xcalloc(asks_nnouns + 1, sizeof(*first));

	buf_init(&a->store, LIMIT_FRAME_BYTES);
	buf_init(&a->raw, LIMIT_FRAME_BYTES_MAX);
	buf_init(&a->text, 4 * LIMIT_FRAME_BYTES_MAX + 4096);
	a->nouns = xcalloc(asks_nnouns, sizeof(*a->nouns));
	a->word_next = xcalloc(asks_nwords, sizeof(*a->word_next));
	memset(a->noun_of, 0xff, sizeof(a->noun_of));
	memset(a->word_of, 0xff, sizeof(a->word_of));
	for (size_t i = 0; i < asks_nnouns; i++) {
		first[i] = a->store.len;
		fold_into(slice_of(asks_nouns[i].text), &a->text);
		for (size_t k = 0; k < a->text.len; k++)
			if (a->text.at[k] != ' ')
				buf_must(buf_add_byte(
				    &a->store, lower(a->text.at[k])));
	}
	first[asks_nnouns] = a->store.len;
	for (size_t i = 0; i < asks_nnouns; i++) {
		size_t end = a->store.len;

		a->store.len = first[i + 1];
		add_noun(a, i, first[i]);
		a->store.len = end;
	}
	for (size_t i = 0; i < asks_nwords; i++) {
		unsigned char head = (unsigned char)asks_words[i].text[0];

		a->word_next[i] = a->word_of[head];
		a->word_of[head] = (uint16_t)i;
	}
	free(first);
	return a;
}

void
asks_free(struct asks *a)
{
	if (a == NULL)
		return;
	free(a->nouns);
	free(a->word_next);
	buf_release(&a->store);
	buf_release(&a->raw);
	buf_release(&a->text);
	free(a);
}

static unsigned
word_flags(const struct asks *a, struct slice word)
{
	if (word.len == 0)
		return 0;
	for (uint16_t i = a->word_of[fold_ascii((unsigned char)word.at[0])];
	     i != NONE; i = a->word_next[i]) {
		const char *text = asks_words[i].text;
		size_t k = 0;

		while (k < word.len && text[k] != '\0' &&
		       lower(word.at[k]) == text[k])
			k++;
		if (k == word.len && text[k] == '\0')
			return asks_words[i].flags;
	}
	return 0;
}

/* --- Nouns. --------------------------------------------------------------- */

/* The end of a noun that begins at i, or 0. */
static size_t
noun_end(struct slice s, size_t i, const struct noun *n)
{
	size_t k = 0, gap = 0, run = 0;

	for (; i < s.len && k < n->text.len; i++) {
		if (lower(s.at[i]) == n->text.at[k] ||
		    asks_letter_for(s.at[i]) == n->text.at[k]) {
			k++;
			run = gap > 0 ? 1 : run + 1;
			gap = 0;
			continue;
		}
		/* "p.a.s.s", but not "access. Token" */
		if ((unsigned char)s.at[i] >= 0x80 || asks_is_letter(s.at[i]) ||
		    (s.at[i] >= '0' && s.at[i] <= '9') || ++gap > GAP_MAX ||
		    (run > 1 && strchr(".,;:!?()/", s.at[i]) != NULL))
			return 0;
	}
	return k == n->text.len ? i : 0;
}

/* The same, as a word of its own where that is asked; with its plural. */
static size_t
noun_at(struct slice s, size_t i, const struct noun *n)
{
	size_t end;

	if ((n->flags & (SECRET_WITHIN | SECRET_HINT)) == 0 &&
	    !asks_begins(s, i))
		return 0;
	end = noun_end(s, i, n);
	if (end == 0 || (n->flags & (SECRET_WITHIN | SECRET_HINT)) != 0)
		return end;
	if (asks_ends(s, end))
		return end;
	if ((n->flags & SECRET_ALONE) == 0 && lower(s.at[end]) == 's' &&
	    asks_ends(s, end + 1) && !slice_is(n->text, "token"))
		return end + 1;
	return 0;
}

/* --- What is made of a noun. ---------------------------------------------- */

/* Does the text go on to speak of something else? */
static bool
turns_away(const struct asks *a, const struct hit *h)
{
	size_t at = h->end;
	struct slice word;
	unsigned flags;

	if (!asks_word_behind(h->text, &at, ",:()\n[]\"", &word))
		return false;
	flags = word_flags(a, word);
	/* A word of its own, and not the end of the one that was found. */
	if (word.at == h->text.at + h->end && !asks_begins(h->text, h->end))
		return slice_is(word, "less");
	if ((flags & WORD_AFTER) != 0)
		return true;
	return (h->flags & SECRET_TAIL) != 0 && (flags & WORD_TAIL) == 0;
}

/* "no passwords", "reset the password", "name of the token". */
static bool
is_object(const struct asks *a, const struct hit *h, bool acts)
{
	size_t at = h->first;
	struct slice word;
	unsigned flags = WORD_SKIP;
	bool of = false;

	for (size_t i = 0; i < BEFORE_MAX; i++) {
		if (!asks_word_before(h->text, &at, &word))
			return false;
		flags = word_flags(a, word);
		if (of && (flags & WORD_HEAD) != 0)
			return true;
		if ((flags & WORD_OF) != 0)
			of = true;
		else if ((flags & WORD_SKIP) == 0)
			break;
	}
	if ((flags & WORD_NOT) != 0)
		return true;
	return acts && (flags & WORD_ACTS) != 0;
}

enum verb { VERB_NONE, VERB_FORBIDS, VERB_MAY, VERB_ASKS };

/* The verb in front of a noun: "enter", "do not enter", "need". */
static enum verb
verb_of(const struct asks *a, const struct hit *h)
{
	size_t at = h->first, n = 0;
	struct slice word;

	while (n++ < BEFORE_MAX && asks_word_before(h->text, &at, &word)) {
		unsigned flags = word_flags(a, word);

		if ((h->flags & SECRET_ALONE) != 0 && n > 1 &&
		    (flags & (WORD_ASKS | WORD_SKIP)) == 0)
			return VERB_NONE;
		if ((flags & (WORD_ASKS | WORD_MAY)) == 0)
			continue;
		if (asks_word_before(h->text, &at, &word) &&
		    (word_flags(a, word) & WORD_NOT) != 0)
			return VERB_FORBIDS;
		return (flags & WORD_ASKS) != 0 ? VERB_ASKS : VERB_MAY;
	}
	return VERB_NONE;
}

/* Is it asked for by what follows: "password, please", "PIN:"? */
static bool
is_awaited(const struct asks *a, const struct hit *h)
{
	size_t at = h->end, n = 0;
	struct slice word;

	if (h->end < h->text.len &&
	    (h->text.at[h->end] == '?' || h->text.at[h->end] == ':'))
		return true;
	while (n++ < BEHIND_MAX && asks_word_behind(h->text, &at, "", &word))
		if ((word_flags(a, word) & WORD_CUE) != 0)
			return true;
	return false;
}

/* Does another part of the sentence begin behind it? */
static bool
is_clause_end(char c)
{
	return c == ',' || c == ':' || c == '(';
}

/* Is the noun the head of a short label: what stands there is what is asked? */
static bool
is_label(const struct asks *a, const struct hit *h, size_t before_max)
{
	size_t at = h->first, n = 0;
	struct slice word;
	unsigned flags = 0;
	bool alone = true;

	while (asks_word_before(h->text, &at, &word)) {
		if (n++ == before_max)
			return false;
		flags = word_flags(a, word);
		if ((flags & (WORD_SKIP | WORD_ASKS)) == 0)
			alone = false;
	}
	for (size_t i = at; i < h->first; i++)
		if (is_clause_end(h->text.at[i]) && before_max < 99)
			return false;
	if (n > 0 && (flags & WORD_OPENS) != 0)
		return false;
	if ((h->flags & SECRET_ALONE) == 0)
		return true;
	at = h->end;
	return alone && (!asks_word_behind(h->text, &at, "(:", &word) ||
			    (word_flags(a, word) & (WORD_OF | WORD_CUE)) != 0);
}

static bool
counts(const struct asks *a, const struct hit *h, enum asks_place place,
    enum asks_takes takes)
{
	static const size_t before_max[] = {
		[ASKS_NAME] = 99,
		[ASKS_LABEL] = 12,
		[ASKS_ABOUT] = 7,
		[ASKS_MESSAGE] = 4,
	};

	enum verb verb;

	if ((h->flags & SECRET_HINT) != 0)
		return true;
	if (takes == ASKS_NUMBER && (h->flags & SECRET_NUMBER) == 0)
		return false;
	if (turns_away(a, h))
		return false;
	if (place == ASKS_NAME)
		return takes != ASKS_CHOICE &&
		       is_label(a, h, before_max[place]);
	verb = verb_of(a, h);
	if (verb == VERB_FORBIDS || is_object(a, h, place == ASKS_MESSAGE))
		return false;
	if (takes == ASKS_CHOICE)
		return verb == VERB_ASKS && (h->flags & SECRET_FOREIGN) == 0;
	return verb != VERB_NONE || (h->flags & SECRET_FOREIGN) != 0 ||
	       is_label(a, h, before_max[place]) ||
	       ((h->flags & SECRET_ALONE) == 0 && is_awaited(a, h));
}

static bool
judge(const struct asks *a, struct slice s, enum asks_place place,
    enum asks_takes takes)
{
	struct hit h = { .text = s };

	for (size_t i = 0; i < s.len; i++) {
		char heads[2] = { lower(s.at[i]), asks_letter_for(s.at[i]) };

		for (int k = 0; k < (heads[0] == heads[1] ? 1 : 2); k++)
			for (uint16_t n = a->noun_of[(unsigned char)heads[k]];
			     n != NONE; n = a->nouns[n].next) {
				h.end = noun_at(s, i, &a->nouns[n]);
				h.first = i;
				h.flags = a->nouns[n].flags;
				if (h.end > 0 && counts(a, &h, place, takes))
					return true;
			}
	}
	return false;
}

bool
asks_secret(struct asks *a, struct slice text, enum asks_place place,
    enum asks_takes takes)
{
	asks_visible(text, &a->raw);
	fold_into(buf_slice(&a->raw), &a->text);
	if (judge(a, buf_slice(&a->text), place, takes))
		return true;
	if (!asks_lower(&a->raw))
		return false;
	fold_into(buf_slice(&a->raw), &a->text);
	return judge(a, buf_slice(&a->text), place, takes);
}
