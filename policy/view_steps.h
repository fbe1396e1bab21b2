#ifndef POLICY_VIEW_STEPS_H
#define POLICY_VIEW_STEPS_H

/*
 * The transformations that readings are made of; for view.c and its test.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proxy/base/buf.h"

/*
 * Reads in one way in one pass.  True if that differs from in: out, cleared
 * first, holds it; else what out holds is of no meaning.  out->max is set here.
 */
typedef bool view_step_fn(struct slice in, struct buf *out);

/* %41, %u0041; once, and until nothing is left to decode.  '+' stays. */
view_step_fn view_percent, view_percent_all;

/*
 * Sequences that are no UTF-8 but that lenient decoders take for an ASCII
 * character, as c0 ae, c1 9c, e0 80 ae, and c0 2e.
 */
view_step_fn view_overlong;

/* \x41 \x{41} \u0041 \u{41} \U00000041 \101 \0101, after any backslashes. */
view_step_fn view_escape;

/* &#65; &#x41; with or without ';', and names of ASCII punctuation. */
view_step_fn view_entity;

/* unifold(). */
view_step_fn view_fold;

/*
 * As a string of C, JSON or JavaScript: \n \t and the like; a backslash before
 * punctuation goes; of several one is left.
 */
view_step_fn view_string;

/*
 * As a shell (sh, cmd, PowerShell) reads words: quotes, backslashes, carets and
 * continued lines go, so do expansions to nothing; $IFS is a space.
 */
view_step_fn view_shell;

/*
 * What runs of at least VIEW_RUN base64 characters or hexadecimal digits hold,
 * where it is text (ASCII, UTF-8, UTF-16), joined by line feeds.  False if
 * there is none.
 */
#define VIEW_RUN 16U
view_step_fn view_decode;

/* What tag characters and variation selectors hide; likewise. */
view_step_fn view_hidden;

/* Prepares out for a step that makes at most len bytes; returns where. */
static inline char *
view_room(struct buf *out, size_t len)
{
	out->len = 0;
	out->max = len;
	buf_must(buf_reserve(out, len));
	return out->at;
}

/* A byte of the text, or 0 behind its end. */
static inline unsigned char
view_at(struct slice s, size_t i)
{
	return i < s.len ? (unsigned char)s.at[i] : 0;
}

/* The next c in s from i on, or s.len. */
static inline size_t
view_find(struct slice s, size_t i, char c)
{
	const char *p = i < s.len ? memchr(s.at + i, c, s.len - i) : NULL;

	return p != NULL ? (size_t)(p - s.at) : s.len;
}

/* The first byte from i on that is no ASCII, or s.len. */
static inline size_t
view_wide(struct slice s, size_t i)
{
	for (; s.len - i >= 8; i += 8) {
		uint64_t v;

		memcpy(&v, s.at + i, sizeof(v));
		if ((v & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < s.len && (unsigned char)s.at[i] < 0x80)
		i++;
	return i;
}

/* Appends the texts among the bytes of raw to out, a line feed behind each. */
void view_texts(struct buf *out, struct slice raw);

/* Writes a code point as UTF-8 at w; returns how many bytes (1 to 4). */
size_t view_utf8(char *w, unsigned long cp);

/*
 * Reads digits in hexadecimal (or decimal) from i on, at least low and at most
 * high of them: returns how many, 0 if fewer; the value saturates.
 */
size_t view_hex(
    struct slice s, size_t i, size_t low, size_t high, unsigned long *ret);
size_t view_decimal(
    struct slice s, size_t i, size_t low, size_t high, unsigned long *ret);

#endif
