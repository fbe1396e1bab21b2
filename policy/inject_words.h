#ifndef POLICY_INJECT_WORDS_H
#define POLICY_INJECT_WORDS_H

#include <stdbool.h>

#include "proxy/base/buf.h"

/* How much the name of a command says by itself, behind a separator. */
enum word_kind {
	WORD_NONE, /* no command */
	WORD_ENGLISH, /* an everyday word: only its arguments tell */
	WORD_ARGS, /* means little without an argument */
	WORD_BARE, /* does its work without any: "ls" */
	WORD_SURE, /* nobody writes it but to run it: "ifconfig" */
};

/* The first word of a command line, and what may follow it. */
struct word {
	const char *name;
	enum word_kind kind;
	/* Words that make a command of it ("user" behind "net"): joined by
	   blanks, with one at each end.  NULL: none. */
	const char *second;
};

/* The command of that name in any case, ".exe" aside; NULL: none. */
const struct word *word_find(struct slice name);

/* Is next one of the words that make a command of w? */
bool word_second(const struct word *w, struct slice next);

#endif
