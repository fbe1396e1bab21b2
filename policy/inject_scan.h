#ifndef POLICY_INJECT_SCAN_H
#define POLICY_INJECT_SCAN_H

#include <stdbool.h>
#include <string.h>

#include "policy/inject_shape.h"
#include "proxy/base/buf.h"

struct word;

#define SKIP_MAX 64 /* bytes between a separator and what it leads to */

/* What stands behind a command. */
enum behind {
	BEHIND_OTHER, /* no end of a word: "id=5", "ls:" */
	BEHIND_WORD, /* a word like any other */
	BEHIND_LIST, /* a separator and a word that is no command */
	BEHIND_END, /* the end, a separator, a quote */
	BEHIND_ARGS, /* an option, a path, a number: what commands take */
};

/* A text that is read for commands, as far as the separator in hand. */
struct scan {
	struct slice text;
	enum shape_place place;
	size_t letters, digits; /* before the separator */
	size_t singles, doubles, ticks; /* quotes before it */
	char last; /* the last byte before it that is no blank; 0: none */
};

/* Bytes that may end one command and begin another. */
extern const bool scan_separates[256];

static inline bool
scan_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
scan_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
scan_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static inline bool
scan_blank(char c)
{
	return scan_one_of(c, " \t+\v\f");
}

/* The byte at i, or 0 behind the end. */
static inline char
scan_at(const struct scan *s, size_t i)
{
	return i < s->text.len ? s->text.at[i] : '\0';
}

/* Past blanks and the shell's ways of writing one, at most SKIP_MAX bytes. */
size_t scan_skip(const struct scan *s, size_t i);

/* What may be the name of a command at i, its directory included. */
struct slice scan_token(const struct scan *s, size_t i);

/* The command that a token names, or NULL. */
const struct word *scan_command(struct slice t);

/* What stands at i, right behind the name of w. */
enum behind scan_behind(const struct scan *s, const struct word *w, size_t i);

#endif
