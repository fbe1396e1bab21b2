#ifndef POLICY_HIDDEN_PART_H
#define POLICY_HIDDEN_PART_H

/*
 * What the files that look for hidden text share and nobody else needs: the
 * kinds of characters, and where the spans go.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/span.h"
#include "proxy/base/buf.h"
#include "proxy/base/json_scan.h"

/* Takes the place of what a model may have read and no person saw. */
#define HIDDEN_MARK_TEXT "[mcpshield: removed hidden text]"
/* Bytes of a span that gets it: so an answer grows to twice its size at most */
#define HIDDEN_MARK_MIN 16U

enum hidden_class {
	HIDDEN_NONE,
	HIDDEN_CONTROL, /* C1; C0 never gets here */
	/* Without width: these make up a run. */
	HIDDEN_ZERO, /* spaces, fillers, format characters of some scripts */
	HIDDEN_JOINER, /* ZWNJ, ZWJ */
	HIDDEN_SOFT, /* ordinary between two letters, if alone */
	HIDDEN_DIRECTION, /* LRM, RLM, ALM */
	HIDDEN_SELECTOR, /* variation selectors */
	HIDDEN_TAG,
	HIDDEN_NEVER, /* nothing that ordinary text has */
	/* With rules of their own. */
	HIDDEN_BIDI, /* embeddings, overrides, isolates and what ends them */
	HIDDEN_PRIVATE,
	HIDDEN_COMBINING, /* marks that any letter may bear */
};

/* A text that is searched, and what was found. */
struct hider {
	struct slice text; /* borrowed */
	struct spans *s; /* borrowed */
	size_t max; /* spans; what is behind the last one goes as a whole */
	size_t bidi; /* where the first character of that class is; or len */
	bool full;
};

/* A character and its place; len 0 is none: the text's edge, or no UTF-8. */
struct glyph {
	size_t at, len;
	uint32_t cp; /* 0 where len is 0 */
};

static inline struct glyph
glyph_at(struct slice text, size_t at)
{
	const unsigned char *p = (const unsigned char *)text.at + at;
	struct glyph g = { .at = at };

	if (at >= text.len)
		return g;
	if (*p < 0x80) {
		g.cp = *p;
		g.len = 1;
	} else {
		g.len = json_utf8(p, text.len - at, &g.cp);
	}
	if (g.len == 0)
		g.cp = 0;
	return g;
}

struct glyph glyph_before(struct slice text, size_t at);

enum hidden_class hidden_class(uint32_t cp);

static inline bool hidden_in_run(enum hidden_class class)
{
	return class >= HIDDEN_ZERO && class <= HIDDEN_NEVER;
}

/* A letter or digit of a script that has no use for what has no width. */
bool hidden_plain_letter(uint32_t cp);
/* A letter of any script: no white space, no sign, no picture. */
bool hidden_letter(uint32_t cp);
/* Of a script whose letters join, or carry signs that a joiner tells apart. */
bool hidden_joins(uint32_t cp);
bool hidden_right_to_left(uint32_t cp);
bool hidden_picture(uint32_t cp); /* emoji, symbols, parts of flags */
bool hidden_han(uint32_t cp);

/* put is "" or HIDDEN_MARK_TEXT, which is for spans long enough to bear it. */
void hidden_add(struct hider *h, size_t first, size_t end, const char *rule,
    const char *put);

/* Each looks at what begins at `at`, and returns where to go on. */
size_t hidden_control(struct hider *h, size_t at); /* C0, C1, DEL */
size_t hidden_run(struct hider *h, size_t at); /* what has no width */
/* Private-use characters, or marks. */
size_t hidden_row(struct hider *h, size_t at, enum hidden_class class);

/* Adds to h->s what the lines from the one at h->bidi on have. */
void hidden_bidi(struct hider *h);

#endif
