/*
 * Escapes of string literals and of HTML.  view_escape() and view_entity()
 * undo what stands for one character and leave all else alone; view_string()
 * also undoes what only a string literal has, which ruins Windows paths.
 */
#include "policy/view_steps.h"
#include "proxy/base/array.h"

/* The first byte behind the backslashes that begin at i. */
static size_t
slashes_end(struct slice in, size_t i)
{
	while (i < in.len && in.at[i] == '\\')
		i++;
	return i;
}

/* Three octal digits below 400, perhaps behind a 0: how many digits, or 0. */
static size_t
octal(struct slice in, size_t i, unsigned long *ret)
{
	size_t n = view_at(in, i) == '0' && view_at(in, i + 3) >= '0' &&
			   view_at(in, i + 3) <= '7'
		       ? 4
		       : 3;
	unsigned long value = 0;

	for (size_t k = 0; k < n; k++) {
		unsigned char c = view_at(in, i + k);

		if (c < '0' || c > '7')
			return 0;
		value = value << 3 | (unsigned long)(c - '0');
	}
	*ret = value;
	return value < 0x100 ? n : 0;
}

/* \x{...} or \u{...}: the digits begin at i, behind the brace. */
static size_t
braced(struct slice in, size_t i, unsigned long *ret)
{
	/* Zeros in front are as many as anybody likes. */
	size_t n = view_hex(in, i, 1, in.len, ret);

	return n > 0 && view_at(in, i + n) == '}' ? n + 1 : 0;
}

/*
 * What an escape stands for; *ret_byte where it is a byte, else a code point.
 * i is behind the backslashes.  Returns its length from there, or 0.
 */
static size_t
escape_value(struct slice in, size_t i, unsigned long *ret, bool *ret_byte)
{
	size_t n = 0;

	*ret_byte = false;
	switch (view_at(in, i)) {
	case 'x':
	case 'X':
		if (view_at(in, i + 1) == '{')
			return (n = braced(in, i + 2, ret)) > 0 ? n + 2 : 0;
		*ret_byte = true;
		return (n = view_hex(in, i + 1, 2, 2, ret)) > 0 ? n + 1 : 0;
	case 'u':
		if (view_at(in, i + 1) == '{')
			return (n = braced(in, i + 2, ret)) > 0 ? n + 2 : 0;
		return (n = view_hex(in, i + 1, 4, 4, ret)) > 0 ? n + 1 : 0;
	case 'U':
		return (n = view_hex(in, i + 1, 8, 8, ret)) > 0 ? n + 1 : 0;
	default:
		*ret_byte = true;
		return octal(in, i, ret);
	}
}

/*
 * The escape whose first backslash is at i: returns its length, or 0, and what
 * it stands for at w.  Two halves of a surrogate pair are one.
 */
static size_t
escape_one(struct slice in, size_t i, char *w, size_t *ret_len)
{
	size_t at = slashes_end(in, i), used;
	unsigned long value = 0, low = 0;
	bool byte;

	if ((used = escape_value(in, at, &value, &byte)) == 0)
		return 0;
	at += used;
	if (byte) {
		*w = (char)(unsigned char)value;
		*ret_len = 1;
		return at - i;
	}
	if ((value & ~0x3ffUL) == 0xd800 && view_at(in, at) == '\\') {
		size_t next = slashes_end(in, at);
		size_t more = escape_value(in, next, &low, &byte);

		if (more > 0 && !byte && (low & ~0x3ffUL) == 0xdc00) {
			value =
			    0x10000 + ((value & 0x3ff) << 10 | (low & 0x3ff));
			at = next + more;
		}
	}
	if (value > 0x10ffff || (value & ~0x7ffUL) == 0xd800)
		return 0;
	*ret_len = view_utf8(w, value);
	return at - i;
}

bool
view_escape(struct slice in, struct buf *out)
{
	size_t i = view_find(in, 0, '\\'), from = 0, len = 0;
	char *w = NULL;

	while (i < in.len) {
		char made[4];
		size_t n = 0, used = escape_one(in, i, made, &n);

		if (used == 0) {
			i = view_find(in, slashes_end(in, i), '\\');
			continue;
		}
		if (w == NULL)
			w = view_room(out, in.len);
		memcpy(w + len, in.at + from, i - from);
		len += i - from;
		memcpy(w + len, made, n);
		len += n;
		from = i + used;
		i = view_find(in, from, '\\');
	}
	if (w == NULL)
		return false;
	memcpy(w + len, in.at + from, in.len - from);
	out->len = len + in.len - from;
	return true;
}

#define ENTITY_MAX 16U /* letters of the longest name */

/* Names of what is in ASCII, and of what nobody sees. */
static const struct entity {
	const char *name;
	unsigned long cp;
	bool bare; /* HTML also takes it without ';' */
} entities[] = {
	{ "amp", '&', true },
	{ "lt", '<', true },
	{ "gt", '>', true },
	{ "quot", '"', true },
	{ "nbsp", 0xa0, true },
	{ "shy", 0xad, true },
	{ "AMP", '&', true },
	{ "LT", '<', true },
	{ "GT", '>', true },
	{ "QUOT", '"', true },
	{ "apos", '\'', false },
	{ "Tab", '\t', false },
	{ "NewLine", '\n', false },
	{ "excl", '!', false },
	{ "num", '#', false },
	{ "dollar", '$', false },
	{ "percnt", '%', false },
	{ "lpar", '(', false },
	{ "rpar", ')', false },
	{ "ast", '*', false },
	{ "midast", '*', false },
	{ "plus", '+', false },
	{ "comma", ',', false },
	{ "hyphen", '-', false },
	{ "dash", '-', false },
	{ "ndash", '-', false },
	{ "mdash", '-', false },
	{ "period", '.', false },
	{ "sol", '/', false },
	{ "colon", ':', false },
	{ "semi", ';', false },
	{ "equals", '=', false },
	{ "quest", '?', false },
	{ "commat", '@', false },
	{ "lsqb", '[', false },
	{ "lbrack", '[', false },
	{ "bsol", '\\', false },
	{ "rsqb", ']', false },
	{ "rbrack", ']', false },
	{ "Hat", '^', false },
	{ "lowbar", '_', false },
	{ "UnderBar", '_', false },
	{ "grave", '`', false },
	{ "DiacriticalGrave", '`', false },
	{ "fjlig", 'f', false },
	{ "lcub", '{', false },
	{ "lbrace", '{', false },
	{ "verbar", '|', false },
	{ "vert", '|', false },
	{ "VerticalLine", '|', false },
	{ "rcub", '}', false },
	{ "rbrace", '}', false },
	{ "ZeroWidthSpace", 0x200b, false },
	{ "NoBreak", 0x2060, false },
	{ "zwnj", 0x200c, false },
	{ "zwj", 0x200d, false },
	{ "lrm", 0x200e, false },
	{ "rlm", 0x200f, false },
};

static bool
is_letter(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* A name at i: its length and its code point, or 0. */
static size_t
entity_name(struct slice in, size_t i, unsigned long *ret)
{
	struct slice rest = { in.at + i, in.len - i };
	size_t n = 0;
	bool closed;

	while (n < ENTITY_MAX && is_letter(view_at(rest, n)))
		n++;
	closed = view_at(rest, n) == ';';
	/* Those that may go without ';' stand first. */
	for (size_t k = 0; k < nitems(entities); k++) {
		const struct entity *e = &entities[k];
		size_t len;

		if (!e->bare && !closed)
			break;
		if (view_at(in, i) != (unsigned char)e->name[0])
			continue;
		len = strlen(e->name);
		if (rest.len < len || memcmp(rest.at, e->name, len) != 0)
			continue;
		*ret = e->cp;
		if (view_at(rest, len) == ';')
			return len + 1;
		if (e->bare)
			return len;
	}
	return 0;
}

/* What stands behind an ampersand: its length and its code point, or 0. */
static size_t
entity_value(struct slice in, size_t i, unsigned long *ret)
{
	size_t n;

	if (view_at(in, i) != '#')
		return entity_name(in, i, ret);
	if ((view_at(in, i + 1) | 0x20) == 'x') {
		if ((n = view_hex(in, i + 2, 1, in.len, ret)) == 0)
			return 0;
		n += 2;
	} else {
		if ((n = view_decimal(in, i + 1, 1, in.len, ret)) == 0)
			return 0;
		n += 1;
	}
	if (*ret > 0x10ffff || (*ret & ~0x7ffUL) == 0xd800)
		return 0;
	return view_at(in, i + n) == ';' ? n + 1 : n;
}

bool
view_entity(struct slice in, struct buf *out)
{
	size_t i = view_find(in, 0, '&'), from = 0, len = 0;
	char *w = NULL;

	while (i < in.len) {
		unsigned long value = 0, next;
		size_t at = i + 1, n = entity_value(in, at, &value);

		if (n == 0) {
			i = view_find(in, i + 1, '&');
			continue;
		}
		/* An ampersand may begin the next: &amp;lt; &amp;amp;lt; */
		for (at += n; value == '&'; at += n, value = next)
			if ((n = entity_value(in, at, &next)) == 0)
				break;
		if (w == NULL)
			w = view_room(out, in.len + 4);
		memcpy(w + len, in.at + from, i - from);
		len += i - from;
		len += view_utf8(w + len, value);
		from = at;
		i = view_find(in, from, '&');
	}
	if (w == NULL)
		return false;
	memcpy(w + len, in.at + from, in.len - from);
	out->len = len + in.len - from;
	return true;
}

/* What a letter behind a backslash makes; 0: nothing known. */
static char
letter_value(unsigned char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'v':
		return '\v';
	case 'f':
		return '\f';
	case 'a':
		return '\a';
	case 'b':
		return '\b';
	case 'e':
		return '\033';
	default:
		return 0;
	}
}

static bool
is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c >= 0x80;
}

bool
view_string(struct slice in, struct buf *out)
{
	size_t i = view_find(in, 0, '\\'), from = 0, len = 0;
	bool changed = false;
	char *w;

	if (i == in.len)
		return false;
	w = view_room(out, in.len);
	for (; i < in.len; i = view_find(in, from, '\\')) {
		size_t end = slashes_end(in, i);
		unsigned char c = view_at(in, end);
		char made = letter_value(c);

		memcpy(w + len, in.at + from, i - from);
		len += i - from;
		from = end;
		if (made != 0) {
			w[len++] = made;
			from = end + 1;
		} else if (c == '\n') {
			from = end + 1;
		} else if (is_word(c) || end == in.len) {
			w[len++] = '\\';
			changed = changed || end - i > 1;
			continue;
		}
		changed = true;
	}
	memcpy(w + len, in.at + from, in.len - from);
	out->len = len + in.len - from;
	return changed;
}
