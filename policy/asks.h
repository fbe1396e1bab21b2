#ifndef POLICY_ASKS_H
#define POLICY_ASKS_H

#include <stdbool.h>

#include "proxy/base/buf.h"

/*
 * Does a question to the user ask for a secret: a password, a key or token, a
 * PIN, the number of a card, the words of a wallet, a one-time code?  Judged is
 * what a person reads: the folded text, however it is spaced and whatever looks
 * like a letter.  Talk about secrets (how long a token may be, whether to reset
 * a password) is no question for one.
 */

/* Where a text of the question stands. */
enum asks_place {
	ASKS_NAME, /* the name of a field: camelCase, snake_case */
	ASKS_LABEL, /* its title */
	ASKS_ABOUT, /* its description */
	ASKS_MESSAGE, /* what stands above the fields, or in them */
};

/* What can be answered there. */
enum asks_takes {
	ASKS_CHOICE, /* yes or no, or one of a list */
	ASKS_NUMBER,
	ASKS_TEXT, /* anything */
};

struct asks;

struct asks *asks_new(void); /* asks_free() */
void asks_free(struct asks *a); /* accepts NULL */

/* Linear in text.len. */
bool asks_secret(struct asks *a, struct slice text, enum asks_place place,
    enum asks_takes takes);

#endif
