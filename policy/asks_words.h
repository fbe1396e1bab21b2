#ifndef POLICY_ASKS_WORDS_H
#define POLICY_ASKS_WORDS_H

#include <stddef.h>

/* What is secret, as letters without spaces: "apikey" is "API key" as well. */
enum {
	SECRET_WITHIN = 1, /* also as a part of a longer word */
	SECRET_NUMBER = 2, /* may be answered by a number */
	SECRET_ALONE = 4, /* a common word: only with nothing but fillers */
	SECRET_TAIL = 8, /* not in front of any noun: "token limit" */
	SECRET_FOREIGN = 16, /* not English: its verbs are unknown */
	SECRET_HINT = 32, /* how credentials begin; wherever it stands */
};

struct asks_noun {
	const char *text; /* UTF-8, small letters; folded before it is used */
	unsigned flags;
};

extern const struct asks_noun asks_nouns[];
extern const size_t asks_nnouns;

/* What the words around it make of it. */
enum {
	WORD_ASKS = 1, /* enter, provide: asks for what follows */
	WORD_MAY = 2, /* need, use: asks where there is room for an answer */
	WORD_NOT = 4,
	WORD_SKIP = 8, /* between a verb and its object: the, your */
	WORD_ACTS = 16, /* does something to the secret: reset, revoke */
	WORD_HEAD = 32, /* "name of the token": asks for that instead */
	WORD_OF = 64,
	WORD_AFTER = 128, /* "password reset": speaks of something else */
	WORD_TAIL = 256, /* may follow a SECRET_TAIL */
	WORD_CUE = 512, /* "password, please" */
	WORD_OPENS = 1024, /* a label that begins so asks something else */
};

struct asks_word {
	const char *text; /* small letters */
	unsigned flags;
};

extern const struct asks_word asks_words[];
extern const size_t asks_nwords;

#endif
