#ifndef POLICY_VIEW_H
#define POLICY_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

/* How a text came to be read in this way; the last step is what it is named. */
enum view_kind {
	VIEW_SENT, /* as JSON unescapes it */
	VIEW_PERCENT, /* percent-decoded, however often; %uXXXX; overlong */
	VIEW_FOLDED, /* NFKC, confusables, no invisible characters: unifold.h */
	VIEW_UNESCAPED, /* backslash, \u and \x forms, HTML entities, shell
	    quotes undone */
	VIEW_DECODED, /* base64 or hexadecimal that holds text */
	VIEW_COUNT
};

/*
 * Readings of one text.  More cannot be: seven of the text, five of what is
 * encoded in it, in that, and in that.
 */
#define VIEWS_MAX 22

/* What bytes there are in a reading: it tells who need not look at it. */
enum {
	VIEW_COLON = 1, /* ':' */
	VIEW_PATH = 2, /* '/' '\' '~' '$' '%' ':' : no path is without one, */
	VIEW_CODED = 4, /* or without '0' '2' '5', or what is no ASCII */
	VIEW_DOT = 8, /* '.' */
	VIEW_BUSY = 64, /* may be the beginning of something else than itself */
	VIEW_WIDE = 128, /* no ASCII */
};

struct view {
	enum view_kind kind;
	unsigned bytes; /* VIEW_COLON ... */
	struct slice text; /* borrowed from the text, or from the views */
};

/*
 * The readings of one text, the text as sent first.  Storage is the caller's
 * and is used again from text to text.
 */
struct views {
	struct view v[VIEWS_MAX];
	size_t n; /* at least 1 after views_make() */
	bool cut; /* there is more in the text than was looked at */
	struct buf store[VIEWS_MAX]; /* owned: what v[i] borrows, i > 0 */
	struct buf work[3]; /* owned: steps in between */
	bool used; /* there is something in store or work */
	size_t budget; /* bytes that may still be decoded from this text */
};

void views_init(struct views *vs);
void views_release(struct views *vs);

/*
 * Makes every reading of text that differs from those before it:
 *
 *   sent      as it is; percent-decoded once
 *   plain     everything undone that stands for one character, in whatever
 *             order and however often: percent, \x \u and octal, HTML entities,
 *             overlong UTF-8; folded
 *   shell     sent and plain as a shell reads them: quotes, backslashes, empty
 *             expansions undone; then plain again
 *   string    plain with \n, \" and the like undone; that again as a shell
 *   decoded   what base64 and hexadecimal runs of the readings above hold, the
 *             texts joined by line feeds: plain, shell and string of it, and
 *             what is encoded in it, three levels deep
 *
 * A plain word costs one look at its bytes.  Linear in text.len.  cut is set
 * where the text is more deeply encoded than that, or unfolds to more than four
 * times its size.  text is borrowed until the next call.
 */
void views_make(struct views *vs, struct slice text);

/* "percent-decoded" and the like, for a message; "" for VIEW_SENT. */
const char *view_name(enum view_kind kind);

#endif
