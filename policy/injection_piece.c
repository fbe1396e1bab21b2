/*
 * What stands for something else in a text: tags, emphasis, references, escapes
 * and white space.  A piece depends on the text around it alone, so that a walk
 * can begin at any.  A tag is dropped only where there is no room in it for
 * words: what is in an attribute is read too.
 */
#include "policy/injection_piece.h"

#include <stdint.h>
#include <string.h>

#include "policy/unifold.h"
#include "proxy/base/array.h"

/* Bytes of a tag that may be dropped. */
#define TAG_MAX 200U
/* Words in a tag that may be dropped: its name, an attribute, its value. */
#define TAG_WORDS 3U

bool
piece_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_alnum(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The byte at i, or 0 outside the text. */
static char
byte_at(struct slice s, size_t i)
{
	return i < s.len ? s.at[i] : '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t
put_utf8(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* A piece that stands for a code point: folded, as the text around it is.
   What is longer then than a piece may be stays as it was. */
static struct piece
code_point(uint32_t cp, size_t in)
{
	struct piece p = { .in = in };
	struct buf b;
	char raw[4];
	size_t n;

	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		return p;
	n = put_utf8(cp, raw);
	if (cp < 0x80) {
		p.text[0] = piece_space(raw[0]) || cp < ' ' ? ' ' : raw[0];
		p.out = 1;
		return p;
	}
	buf_init(&b, 16);
	unifold((struct slice){ raw, n }, &b, NULL);
	p.out = b.len < in && b.len <= sizeof(p.text) ? b.len : 0;
	if (p.out > 0)
		memcpy(p.text, b.at, p.out);
	buf_release(&b);
	return p;
}

/* "&#105;", "&#x69;" and a few names; .in is 0 where there is none. */
static struct piece
reference(struct slice s, size_t at)
{
	static const struct {
		const char *name;
		char c;
	} names[] = {
		{ "amp;", '&' },
		{ "lt;", '<' },
		{ "gt;", '>' },
		{ "quot;", '"' },
		{ "apos;", '\'' },
		{ "nbsp;", ' ' },
		{ "shy;", '\0' },
		{ "zwnj;", '\0' },
		{ "zwj;", '\0' },
	};
	struct slice rest = { s.at + at + 1, s.len - at - 1 };
	bool hex = byte_at(rest, 1) == 'x' || byte_at(rest, 1) == 'X';
	size_t i = hex ? 2 : 1, first = i;
	uint32_t cp = 0;

	for (size_t k = 0; k < nitems(names); k++) {
		size_t n = strlen(names[k].name);

		if (rest.len >= n && memcmp(rest.at, names[k].name, n) == 0)
			return (struct piece){
				.in = n + 1,
				.out = names[k].c != '\0',
				.text = { names[k].c },
			};
	}
	if (byte_at(rest, 0) != '#')
		return (struct piece){ .in = 0 };
	for (; i < first + 7; i++) {
		int d = hex_digit(byte_at(rest, i));

		if (d < 0 || (!hex && d > 9))
			break;
		cp = cp * (hex ? 16 : 10) + (uint32_t)d;
	}
	if (i == first)
		return (struct piece){ .in = 0 };
	return code_point(cp, i + 1 + (byte_at(rest, i) == ';'));
}

/* "\u0069", "\x69", and the line ends of a string within a string; a word may
   begin behind "\r" and "\t" ("\read_file"), so there a sign must follow. */
static struct piece
escape(struct slice s, size_t at)
{
	char c = byte_at(s, at + 1);
	size_t n = c == 'u' ? 4 : c == 'x' ? 2 : 0;
	uint32_t cp = 0;

	if (c == 'n' || ((c == 'r' || c == 't') && at + 2 < s.len &&
			    !is_alnum(s.at[at + 2])))
		return (struct piece){ .in = 2, .out = 1, .text = { '\n' } };
	if (c == '"' || c == '\'' || c == '/')
		return (struct piece){ .in = 2, .out = 1, .text = { c } };
	for (size_t i = 0; i < n; i++) {
		int d = hex_digit(byte_at(s, at + 2 + i));

		if (d < 0)
			return (struct piece){ .in = 0 };
		cp = cp << 4 | (uint32_t)d;
	}
	if (n == 0)
		return (struct piece){ .in = 0 };
	return code_point(cp, n + 2);
}

/* Does a tag of that name, which stands at p, split no word? */
static bool
is_block(const char *p, size_t n)
{
	static const char inline_names[] =
	    " a b i u s q em strong span font small big sub sup code kbd tt "
	    "mark ins del abbr bdi bdo var wbr samp cite ";
	char key[12];

	if (n > sizeof(key) - 2)
		return true;
	key[0] = key[n + 1] = ' ';
	for (size_t i = 0; i < n; i++)
		key[i + 1] = (char)(p[i] | 0x20);
	return memmem(inline_names, sizeof(inline_names) - 1, key, n + 2) ==
	       NULL;
}

/* Names of tags that say something themselves, or are none of HTML's, stay. */
static bool
is_html(const char *p, size_t n)
{
	static const char block_names[] =
	    " p div br hr li ul ol dl dt dd td tr th table tbody thead pre h1 "
	    "h2 h3 h4 h5 h6 blockquote center section article main header "
	    "footer nav button form label html body details summary figure ";
	char key[14];

	if (!is_block(p, n))
		return true;
	if (n > sizeof(key) - 2)
		return false;
	key[0] = key[n + 1] = ' ';
	for (size_t i = 0; i < n; i++)
		key[i + 1] = p[i] >= 'A' ? (char)(p[i] | 0x20) : p[i];
	return memmem(block_names, sizeof(block_names) - 1, key, n + 2) != NULL;
}

/* A tag that is to be dropped; .in is 0 where there is none. */
static struct piece
tag(struct slice s, size_t at)
{
	size_t name = at + 1 + (byte_at(s, at + 1) == '/'), i = name, n;
	size_t words = 0;

	while (is_alnum(byte_at(s, i)))
		i++;
	n = i - name;
	if (n == 0 || n > 10 || !is_html(s.at + name, n))
		return (struct piece){ .in = 0 };
	for (i = name; i < s.len && i - at < TAG_MAX && s.at[i] != '<'; i++) {
		if (s.at[i] == '>' && is_block(s.at + name, n))
			return (struct piece){ i + 1 - at, 1, { '\n' } };
		if (s.at[i] == '>')
			return (struct piece){ .in = i + 1 - at };
		if (is_alnum(s.at[i]) && !is_alnum(byte_at(s, i + 1)) &&
		    ++words > TAG_WORDS)
			break;
	}
	return (struct piece){ .in = 0 };
}

/*
 * A run of white space.  A line feed stands for it where a line ends, but for
 * one in the middle of a sentence.
 */
static struct piece
space(struct slice s, size_t at)
{
	size_t i = at, feeds = 0;
	char before = at > 0 ? s.at[at - 1] : '\n', after;

	for (; i < s.len && piece_space(s.at[i]); i++)
		feeds += s.at[i] == '\n';
	after = byte_at(s, i);
	if (feeds == 0 || (feeds == 1 && is_lower(after) &&
			      (is_alnum(before) || before == ',')))
		return (struct piece){ i - at, 1, { ' ' } };
	return (struct piece){ i - at, 1, { '\n' } };
}

struct piece
piece_at(struct slice s, size_t at)
{
	char c = s.at[at];

	switch (c) {
	case '<':
		return tag(s, at);
	case '&':
		return reference(s, at);
	case '\\':
		return escape(s, at);
	case '*':
	case '`':
		return (struct piece){ .in = 1 };
	case '~':
		return (
		    struct piece){ .in = byte_at(s, at + 1) == '~' ? 2 : 0 };
	case '_':
		if (at > 0 && is_alnum(s.at[at - 1]) &&
		    is_alnum(byte_at(s, at + 1)))
			return (struct piece){ .in = 0 };
		return (struct piece){ .in = 1 };
	default:
		return piece_space(c) ? space(s, at)
				      : (struct piece){ .in = 0 };
	}
}

/* Bytes that a piece may begin with. */
static const bool special[256] = {
	['\t'] = true,
	['\n'] = true,
	['\v'] = true,
	['\f'] = true,
	['\r'] = true,
	['<'] = true,
	['&'] = true,
	['\\'] = true,
	['*'] = true,
	['`'] = true,
	['~'] = true,
	['_'] = true,
};

/* Bytes that are looked at in one step. */
#define STEP 16U
typedef unsigned char __attribute__((vector_size(STEP))) step_bytes;
typedef uint64_t __attribute__((vector_size(STEP))) step_words;

/* The first of the STEP bytes at p that may begin a piece, or STEP.  One more
   may be read. */
static inline size_t
step_run(const unsigned char *p)
{
	step_bytes v, next;
	step_words w;

	memcpy(&v, p, STEP);
	memcpy(&next, p + 1, STEP);
	w = (step_words)((v < ' ') | (v == '<') | (v == '&') | (v == '\\') |
			 (v == '*') | (v == '`') | (v == '~') | (v == '_') |
			 ((v == ' ') & (next <= ' ')));
	if ((w[0] | w[1]) == 0)
		return STEP;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (size_t)(w[0] != 0 ? __builtin_ctzll(w[0])
				  : 64 + __builtin_ctzll(w[1])) /
	       8;
#else
	return 0; /* one by one */
#endif
}

size_t
piece_run(struct slice s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.at;
	size_t i = at;

	while (i < s.len) {
		if (i + STEP < s.len) {
			size_t n = step_run(p + i);

			i += n;
			if (n == STEP)
				continue;
		}
		if (special[p[i]] ||
		    (p[i] == ' ' && i + 1 < s.len && piece_space(s.at[i + 1])))
			return i - at;
		i++;
	}
	return i - at;
}
