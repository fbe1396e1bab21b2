#ifndef POLICY_RULESET_H
#define POLICY_RULESET_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

/*
 * Rules as data.  A rule is a PCRE2 expression together with literals of which
 * every match holds at least one: they are looked for first, all rules' in one
 * pass, and the expression is tried around them alone.
 */
struct rule {
	const char *id; /* "aws-access-key": letters, digits, '-' */
	const char *pattern; /* PCRE2, bytes (no UTF); linear in practice */
	/* Any one of them is in each match, which begins before it ends; ASCII
	   letters in lower case, at least three bytes each (five is faster),
	   compared in any case; joined by '|'.  Behind RULE_ALSO comes a
	   second list: any one of these is in each match as well. */
	const char *keywords;
	unsigned weight; /* what the rules' user makes of it: severity, score */
	unsigned flags; /* RULE_..., and bits from RULE_OWN on are the user's */
	/* Bytes before and behind a keyword that a match may reach; 0: 256. */
	unsigned before, behind;
	/* Is a match one in truth (a checksum, Luhn's, enough entropy)?  NULL:
	   yes.  Group 1 if the pattern has one and it took part, else all. */
	bool (*verify)(struct slice match);
	const char *const *hits, *const *misses; /* samples; end with NULL */
};

/* Between the two lists of keywords. */
#define RULE_ALSO "\f"

enum {
	RULE_CASE = 1, /* the expression tells capitals from small letters */
	RULE_LINES = 2, /* ^ and $ match at line breaks (PCRE2_MULTILINE) */
	RULE_OWN = 1 << 8,
};

struct ruleset;
struct spots;

/* rows are borrowed for the life of the set.  ruleset_free(). */
struct ruleset *ruleset_new(const struct rule *rows, size_t n);
void ruleset_free(struct ruleset *rs); /* accepts NULL */

struct rule_hit {
	const struct rule *rule;
	size_t first, end; /* of the match: of group 1 where there is one */
	bool gave_up; /* the engine could not tell: first and end are the
	    window that it was given */
};

/* false ends the scan. */
typedef bool rule_hit_fn(void *ctx, const struct rule_hit *hit);

/*
 * Calls fn for every match of every rule whose (flags & mask) == want: each
 * rule's in the order of the text and without overlap, and within 64 KiB of
 * text rule by rule as they stand in the table.  A match is what it would be
 * over the whole text, provided that it reaches no further from its keyword
 * than the rule says; what is matched from a place in the text sees at most
 * twice that far.  Where verify() says no the search goes on one byte behind
 * the start of the match, so that no match that begins inside is lost.
 *
 * An error of the engine (match limit, stack, memory) and an effort beyond all
 * measure (regions around keywords of more than 64 times the text and 1 MiB
 * together) are a hit with gave_up set, the last of its rule.  Expressions are
 * compiled, and keywords collected for a mask and want, when first needed.
 * Time is linear in text.len; a text without any keyword is read at 1 GB/s or
 * more.  Not thread-safe, and fn and verify() may
 * not scan with the same set.
 */
void ruleset_scan(struct ruleset *rs, struct slice text, unsigned mask,
    unsigned want, rule_hit_fn *fn, void *ctx);

/* Marks where the keywords of those rules stand: elsewhere is no hit. */
void ruleset_spots(struct ruleset *rs, struct slice text, unsigned mask,
    unsigned want, struct spots *spots);

/* The first hit that ruleset_scan() would report: true with *ret. */
bool ruleset_first(struct ruleset *rs, struct slice text, unsigned mask,
    unsigned want, struct rule_hit *ret);

#endif
