#ifndef POLICY_SECRET_H
#define POLICY_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/ruleset.h"
#include "proxy/base/buf.h"

/* Flags of rules_secrets: how a kind is known, see enum secret_depth. */
#define SECRET_FORM ((unsigned)RULE_OWN)
#define SECRET_CHOSEN ((unsigned)RULE_OWN << 1)

/* How much counts in a text. */
enum secret_depth {
	/* What is known by its form, wherever it stands: for readings that
	   were decoded, in which names and values may be nobody's. */
	SECRET_BY_FORM,
	/* And what a machine made, by the name in front of it: for what
	   servers say. */
	SECRET_BY_NAME,
	/* And what a person chose as a password: for what is sent away. */
	SECRET_ALL
};

struct spots;

/* The values of our own environment that must not leave it. */
struct secret_values;

/*
 * Copies the values of the variables in envp whose name speaks of a secret and
 * whose value is none that could stand in a text by chance: at least eight
 * bytes; no path, number, word or switch.  secret_values_free() wipes them.
 */
struct secret_values *secret_values_new(char *const *envp);
void secret_values_free(struct secret_values *sv); /* accepts NULL */

/*
 * The first of the values that stands in text, byte for byte: true with
 * [*ret_first, *ret_end).  A NULL sv finds nothing.  Some 4 GB/s.
 */
bool secret_values_find(const struct secret_values *sv, struct slice text,
    size_t *ret_first, size_t *ret_end);

struct secret_hit {
	const char *kind; /* "aws-access-key": a constant, fit to be shown */
	size_t first, end; /* of the secret itself in the text */
	bool gave_up; /* the engine could not tell: the span was not read */
};

/* false ends the scan. */
typedef bool secret_fn(void *ctx, const struct secret_hit *hit);

/*
 * Calls fn for every secret in text: our own values, rs (made of
 * rules_secrets), payment cards, tokens that only their shape gives away. depth
 * says what counts.  Hits come in no order and
 * may overlap. values may be NULL.  Linear in text.len.
 */
void secret_scan(struct ruleset *rs, const struct secret_values *values,
    struct slice text, enum secret_depth depth, secret_fn *fn, void *ctx);

/* Marks where in a frame secret_scan() may find something in a string without
   escapes. */
void secret_spots(struct ruleset *rs, const struct secret_values *values,
    struct slice raw, enum secret_depth depth, struct spots *spots);

/* The first that secret_scan() would report: true with *ret. */
bool secret_first(struct ruleset *rs, const struct secret_values *values,
    struct slice text, enum secret_depth depth, struct secret_hit *ret);

/*
 * Appends text to dst with each secret (SECRET_ALL) replaced by its kind; of
 * long ones the
 * first four bytes stay.  Where that does not fit into dst->max, one line that
 * says so takes the place of all of it.  Returns the number of spans replaced.
 */
size_t secret_redact(struct ruleset *rs, const struct secret_values *values,
    struct slice text, struct buf *dst);

/*
 * Secrets without a literal that a rule could look for: payment cards (brand,
 * length and Luhn's sum; in groups, or by a word about cards, or, of what is
 * sent away, alone) and tokens in parts joined by dots.  Calls
 * fn as secret_scan() does; returns false where fn ended it.
 */
bool secret_shapes(
    struct slice text, enum secret_depth depth, secret_fn *fn, void *ctx);

/* Marks where one of these may be. */
void secret_shape_spots(struct slice raw, struct spots *spots);

/*
 * What the rules ask of a match, see struct rule: is it what it seems, or a
 * place where such a thing would go?
 */
bool secret_varied(struct slice s); /* not one letter again and again */
bool secret_digits(struct slice s); /* the same, with digits in it */
bool secret_mixed(struct slice s); /* the same, capitals among small ones */
bool secret_random(struct slice s); /* made by a machine */
bool secret_github(struct slice s); /* its CRC-32 is right, or it is varied */
bool secret_npm(struct slice s);
bool secret_slack(struct slice s);
bool secret_webhook(struct slice s);
bool secret_jwt(struct slice s); /* its header is that of a token */
bool secret_basic(struct slice s); /* base64 of a user and a password */
bool secret_bearer(struct slice s); /* what follows "Authorization:" */
bool secret_npmrc(struct slice s);
bool secret_value(struct slice s); /* a password where one must stand */
bool secret_password(struct slice s); /* one where anything may stand */
bool secret_userpass(struct slice s); /* USER:PASSWORD */
bool secret_url(struct slice s); /* SCHEME://USER:PASSWORD@HOST */
bool secret_words(struct slice s); /* the words of a wallet */

#endif
