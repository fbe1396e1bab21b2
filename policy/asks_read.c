/*
 * Reads a question as a person does: without what nobody sees, in words, and in
 * letters whatever sign stands for one.
 */
#include "policy/asks_read.h"

#include "policy/fold.h"
#include "proxy/base/limits.h"

/* Bytes of a word, and between two: lest every noun reads the whole text. */
#define WORD_MAX 64U

bool
asks_lower(struct buf *b)
{
	bool any = false;

	for (size_t i = 0; i + 1 < b->len; i++) {
		unsigned char *p = (unsigned char *)b->at + i;
		unsigned cp = (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);

		if ((p[0] & 0xe0) != 0xc0)
			continue;
		if (cp >= 0x410 && cp <= 0x42f)
			cp += 0x20;
		else if (cp >= 0x400 && cp <= 0x40f)
			cp += 0x50;
		else if (cp >= 0x391 && cp <= 0x3a9)
			cp += 0x20;
		else
			continue;
		p[0] = (unsigned char)(0xc0U | cp >> 6);
		p[1] = (unsigned char)(0x80U | (cp & 0x3fU));
		any = true;
	}
	return any;
}

/* The bytes that open a string of a terminal behind ESC.  Source: ECMA-48. */
static bool
opens_string(char c)
{
	return c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X';
}

/* The length of a terminal's control sequence at the start of s, or 0. */
static size_t
control_len(struct slice s)
{
	size_t i = 2;

	if ((unsigned char)s.at[0] >= ' ' && s.at[0] != 0x7f)
		return 0;
	if (s.at[0] != '\x1b' || s.len < 2)
		return s.at[0] != '\t' && s.at[0] != '\n' && s.at[0] != '\r';
	if (s.at[1] == '[') {
		while (i < s.len && s.at[i] >= ' ' && s.at[i] < '@')
			i++;
		return i < s.len ? i + 1 : i;
	}
	if (!opens_string(s.at[1]))
		return 2;
	while (i < s.len && s.at[i] != '\a' && s.at[i] != '\x1b')
		i++;
	if (i < s.len && s.at[i] == '\x1b' && i + 1 < s.len)
		i++;
	return i < s.len ? i + 1 : i;
}

void
asks_visible(struct slice s, struct buf *out)
{
	buf_clear(out, LIMIT_PAYLOAD);
	for (size_t i = 0, n; i < s.len;) {
		n = control_len((struct slice){ s.at + i, s.len - i });
		if (n == 0)
			buf_must(buf_add_byte(out, s.at[i++]));
		i += n;
	}
}

static bool
is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

char
asks_letter_for(char c)
{
	static const char from[] = "01345@$!|", to[] = "oieasasil";
	const char *p = c != '\0' ? strchr(from, c) : NULL;

	return p != NULL ? to[p - from] : (char)fold_ascii((unsigned char)c);
}

bool
asks_begins(struct slice s, size_t i)
{
	char before = i > 0 ? s.at[i - 1] : ' ';
	bool small_next = i + 1 < s.len && is_small(s.at[i + 1]);

	if (!asks_is_letter(before))
		return true;
	return is_capital(s.at[i]) && (is_small(before) || small_next);
}

bool
asks_ends(struct slice s, size_t i)
{
	return i >= s.len || !asks_is_letter(s.at[i]) || asks_begins(s, i);
}

/* Does a sentence end with the sign at i? */
static bool
stops(struct slice s, size_t i)
{
	if (strchr("!?;", s.at[i]) != NULL && s.at[i] != '\0')
		return true;
	return s.at[i] == '.' &&
	       (i + 1 == s.len || (unsigned char)s.at[i + 1] <= ' ');
}

bool
asks_word_before(struct slice s, size_t *at, struct slice *ret)
{
	size_t end = *at, first;

	while (end > 0 && !asks_is_letter(s.at[end - 1]))
		if (stops(s, --end) || *at - end > WORD_MAX)
			return false;
	for (first = end; first > 0 && end - first < WORD_MAX &&
			  asks_is_letter(s.at[first - 1]);)
		if (asks_begins(s, --first))
			break;
	if (first == end)
		return false;
	*ret = (struct slice){ s.at + first, end - first };
	*at = first;
	return true;
}

bool
asks_word_behind(
    struct slice s, size_t *at, const char *stop, struct slice *ret)
{
	size_t first = *at, end;

	while (first < s.len && !asks_is_letter(s.at[first])) {
		if (stops(s, first) || strchr(stop, s.at[first]) != NULL ||
		    first - *at > WORD_MAX)
			return false;
		first++;
	}
	if (first == s.len)
		return false;
	end = first + 1;
	while (end < s.len && end - first < WORD_MAX && !asks_ends(s, end))
		end++;
	*ret = (struct slice){ s.at + first, end - first };
	*at = end;
	return true;
}
