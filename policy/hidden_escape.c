/*
 * Control characters and what they begin: the control sequences of terminals,
 * which colour, hide, overwrite and rename.  What such a sequence carries goes
 * with it, because nobody sees it; one that is cut short loses its beginning,
 * so that the rest is seen.  The visible spelling of one, such as \x1b[31m in a
 * manual, is ordinary text.  Source: ECMA-48, fifth edition, section 5; xterm's
 * ctlseqs.
 */
#include <string.h>

#include "policy/hidden_part.h"

/* Bytes of a string (OSC, DCS ...) that are looked through for its end. */
#define STRING_MAX 65536U
/* Bytes to the end of the line that an unended string takes with it. */
#define UNENDED_MAX 1024U

#define ANSI "hidden.ansi"
#define CONTROL "hidden.control"

static inline unsigned
byte_at(struct slice text, size_t at)
{
	return at < text.len ? (unsigned char)text.at[at] : 0;
}

/* The second byte of a C1 control at `at`, or 0. */
static unsigned
c1_at(struct slice text, size_t at)
{
	unsigned c = byte_at(text, at + 1);

	return byte_at(text, at) == 0xc2 && c >= 0x80 && c < 0xa0 && c != 0x85
		   ? c
		   : 0;
}

/* Behind the bytes from `at` on that are within [low, high]. */
static size_t
skip(struct slice text, size_t at, unsigned low, unsigned high)
{
	while (byte_at(text, at) >= low && byte_at(text, at) <= high)
		at++;
	return at;
}

/* Parameters, intermediates and the final byte of CSI, as far as they go. */
static size_t
csi_end(struct slice text, size_t at)
{
	at = skip(text, skip(text, at, 0x30, 0x3f), 0x20, 0x2f);
	return byte_at(text, at) >= 0x40 && byte_at(text, at) <= 0x7e ? at + 1
								      : at;
}

/*
 * The end of a string whose contents begin at `at`: behind ST (or BEL, which
 * ends OSC); or where another control sequence begins.  Strings are disjoint
 * therefore, and the search is linear.  0 where it does not end.
 */
static size_t
string_end(struct slice text, size_t at, bool bel)
{
	size_t limit = text.len - at > STRING_MAX ? at + STRING_MAX : text.len;

	for (; at < limit; at++) {
		unsigned c = byte_at(text, at);

		if (c == 0x1b)
			return byte_at(text, at + 1) == '\\' ? at + 2 : at;
		if ((c == 0x07 && bel) || c == 0x18 || c == 0x1a)
			return at + 1;
		if (c1_at(text, at) != 0)
			return c1_at(text, at) == 0x9c ? at + 2 : at;
	}
	return 0;
}

/* A string that does not end: its line, if that is short, or `at`. */
static size_t
unended(struct slice text, size_t at)
{
	size_t limit = at + UNENDED_MAX;

	for (size_t i = at; i <= limit; i++)
		if (i >= text.len || text.at[i] == '\n' || text.at[i] == '\r')
			return i;
	return at;
}

static size_t
string_or_line(struct slice text, size_t at, bool bel)
{
	size_t end = string_end(text, at, bel);

	return end != 0 ? end : unended(text, at);
}

/* The end of the sequence that ESC begins at `at`. */
static size_t
escape_end(struct slice text, size_t at)
{
	unsigned c = byte_at(text, at + 1);
	size_t end;

	switch (c) {
	case '[':
		return csi_end(text, at + 2);
	case ']':
		return string_or_line(text, at + 2, true);
	case 'P': /* DCS, SOS, PM, APC */
	case 'X':
	case '^':
	case '_':
		return string_or_line(text, at + 2, false);
	case 'k': /* a title, for screen(1) */
		end = string_end(text, at + 2, false);
		return end != 0 && end - at < UNENDED_MAX &&
			       text.at[end - 1] == '\\'
			   ? end
			   : at + 2;
	}
	if (c >= 0x20 && c <= 0x2f) {
		end = skip(text, at + 1, 0x20, 0x2f);
		c = byte_at(text, end);
		return c >= 0x30 && c <= 0x7e ? end + 1 : end;
	}
	return c >= 0x30 && c <= 0x7e ? at + 2 : at + 1;
}

/*
 * Where the C1 control at `at` is a part of UTF-8 that somebody took for
 * Latin-1, the place behind that character; else 0.  Its bytes
 * are the code points of the text, and it is no control character itself.
 */
static size_t
misread_end(struct slice text, size_t at)
{
	unsigned char bytes[4] = { 0 };
	size_t n = 0, want, first = at;
	struct glyph g = glyph_before(text, at);

	while (n++ < 3 && g.cp >= 0x80 && g.cp < 0xc0) {
		first = g.at;
		g = glyph_before(text, first);
	}
	if (g.cp < 0xc3 || g.cp > 0xf4)
		return 0;
	first = g.at;
	want = g.cp < 0xe0 ? 2 : g.cp < 0xf0 ? 3 : 4;
	for (n = 0; n < want; n++) {
		g = glyph_at(text, first);
		if (g.cp > 0xff)
			return 0;
		bytes[n] = (unsigned char)g.cp;
		first = g.at + g.len;
	}
	g = glyph_at((struct slice){ (const char *)bytes, want }, 0);
	return g.len == want && first > at && hidden_class(g.cp) == HIDDEN_NONE
		   ? first
		   : 0;
}

/*
 * Only what is clearly one is a sequence: the same code points are quotation
 * marks of Windows, read wrongly, before ordinary words.
 */
static size_t
c1_end(struct slice text, size_t at)
{
	unsigned next = byte_at(text, at + 2);
	bool digit = next >= '0' && next <= '9';
	size_t end = at + 2;

	switch (c1_at(text, at)) {
	case 0x9b: /* CSI */
		return digit || next == '?' ? csi_end(text, end) : end;
	case 0x9d: /* OSC */
		return digit ? string_or_line(text, end, true) : end;
	case 0x90: /* DCS, SOS, PM, APC */
	case 0x98:
	case 0x9e:
	case 0x9f:
		end = string_end(text, end, false);
		if (end == 0 ||
		    (text.at[end - 1] != '\\' && c1_at(text, end - 2) != 0x9c))
			return at + 2;
		return end;
	}
	return end;
}

/*
 * A backspace.  nroff(1) writes bold as "x\bx" and underlines as "_\bx": the
 * letter that is struck over goes with it.  One alone at the start of a word
 * or beside Hangul strikes nothing out that means anything: some input methods
 * for Korean leave them behind.
 */
static void
backspace(struct hider *h, size_t at)
{
	struct glyph before = glyph_before(h->text, at);
	struct glyph behind = glyph_at(h->text, at + 1);
	size_t taken = h->s->n == 0 ? 0 : h->s->v[h->s->n - 1].end;
	bool start = before.len == 0 || before.cp == ' ' || before.cp == '\n';
	bool hangul = (before.cp >= 0xac00 && before.cp <= 0xd7a3) ||
		      (behind.cp >= 0xac00 && behind.cp <= 0xd7a3);

	if ((start || hangul) && before.cp != '\b' && behind.cp > ' ' &&
	    behind.cp != 0x7f)
		return;
	if (before.len > 0 && before.cp > ' ' && before.at >= taken &&
	    (before.cp == behind.cp || before.cp == '_'))
		hidden_add(h, before.at, at + 1, CONTROL, "");
	else
		hidden_add(h, at, at + 1, CONTROL, "");
}

/* A page break stands on its own line, or at the start of one. */
static bool
breaks_page(struct slice text, size_t at)
{
	unsigned behind = byte_at(text, at + 1);

	return at == 0 || text.at[at - 1] == '\n' || at + 1 == text.len ||
	       behind == '\n' || behind == '\r';
}

size_t
hidden_control(struct hider *h, size_t at)
{
	struct slice text = h->text;
	size_t end;

	switch (byte_at(text, at)) {
	case 0x1b:
		end = escape_end(text, at);
		hidden_add(h, at, end, ANSI, "");
		return end;
	case 0xc2:
		end = misread_end(text, at);
		if (end != 0)
			return end;
		end = c1_end(text, at);
		hidden_add(h, at, end, end > at + 2 ? ANSI : CONTROL, "");
		return end;
	case '\b':
		backspace(h, at);
		break;
	case '\f':
		if (!breaks_page(text, at))
			hidden_add(h, at, at + 1, CONTROL, "\n");
		break;
	case '\v': /* a line break within a paragraph, from office programs */
		hidden_add(h, at, at + 1, CONTROL, "\n");
		break;
	default:
		hidden_add(h, at, at + 1, CONTROL, "");
	}
	return at + 1;
}
