/*
 * Finds paths within texts: command lines, lists, options.  It errs on the side
 * of too many words: one that is no path matches nothing.
 */
#include "policy/pathword.h"

#include <string.h>

#include "policy/fold.h"
#include "policy/pathname.h"

#define BRACES_DEEP 4U
#define BRACES_WORDS 64U

/* What a byte may be to a word, for it is asked of every byte of a text. */
enum {
	BYTE_END = 1, /* so are white space and control characters */
	BYTE_STOP = 2, /* the word goes on behind it or does not */
	BYTE_PATH = 4, /* a path holds one of them */
	BYTE_CODE = 8, /* likewise, behind an x or a dot */
};

static const unsigned char bytes[256] = {
	['"'] = BYTE_END,
	['\''] = BYTE_END,
	['`'] = BYTE_END,
	[','] = BYTE_END,
	[';'] = BYTE_END,
	['|'] = BYTE_END,
	['&'] = BYTE_END,
	['<'] = BYTE_END,
	['>'] = BYTE_END,
	['('] = BYTE_END,
	[')'] = BYTE_END,
	['='] = BYTE_END,
	['@'] = BYTE_END,
	['!'] = BYTE_END,
	['^'] = BYTE_END,
	['+'] = BYTE_END,
	[':'] = BYTE_STOP,
	['{'] = BYTE_STOP,
	['}'] = BYTE_STOP,
	['$'] = BYTE_STOP,
	['/'] = BYTE_PATH,
	['\\'] = BYTE_PATH,
	['~'] = BYTE_PATH,
	['%'] = BYTE_PATH,
	['2'] = BYTE_CODE,
	['5'] = BYTE_CODE,
};

static bool
is(char c, unsigned kinds)
{
	return (bytes[(unsigned char)c] & kinds) != 0;
}

static bool
is_end(char c)
{
	return (unsigned char)c <= ' ' || is(c, BYTE_END);
}

/* Length of the braces at p, which hold a word's alternatives; or 0. */
static size_t
braces(const char *p, const char *end)
{
	bool alternatives = false;
	size_t depth = 0;

	for (const char *q = p; q < end && q - p < 256; q++) {
		if (*q == '{' && ++depth > BRACES_DEEP)
			return 0;
		if (*q == '}' && --depth == 0)
			return alternatives ? (size_t)(q - p) + 1 : 0;
		if (*q == ',')
			alternatives = true;
		else if (is_end(*q))
			return 0;
	}
	return 0;
}

/* Behind the "://" at p of a URL that is no path, where it ends. */
static const char *
pass_url(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p > ' ' &&
	       strchr("\"'`<>|;,", *p) == NULL)
		p++;
	return p;
}

/* Is the colon at p a part of the word that began at first? */
static bool
holds_colon(const char *first, const char *p, const char *end)
{
	size_t n = (size_t)(p - first);

	if (pathname_scheme((struct slice){ first, (size_t)(end - first) }) ==
	    n + 1)
		return true;
	if (p + 1 < end && p[1] == ':')
		return true; /* "::$DATA" */
	return n == 1 && p + 1 < end && (p[1] == '\\' || p[1] == '/') &&
	       fold_ascii((unsigned char)*first) >= 'a' &&
	       fold_ascii((unsigned char)*first) <= 'z';
}

/* Bytes of "${...}" at p, else 1. */
static size_t
variable(const char *p, const char *end)
{
	size_t n = 2;

	if (*p != '$' || end - p < 3 || p[1] != '{')
		return 1;
	while (
	    p + n < end && n < 64 && (unsigned char)p[n] > ' ' && p[n] != '}')
		n++;
	return p + n < end && p[n] == '}' ? n + 1 : 1;
}

/* May these bytes be a path at all? */
static bool
worth_it(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (is(c, BYTE_PATH))
			return true;
		if (is(c, BYTE_CODE) && i > 0 &&
		    ((s.at[i - 1] | 0x20) == 'x' || s.at[i - 1] == '.'))
			return true;
	}
	return false;
}

/* An option's letter before its value: "-f/etc/x" is "/etc/x". */
static struct slice
without_option(struct slice s)
{
	if (s.len > 2 && s.at[0] == '-' &&
	    (s.at[2] == '/' || s.at[2] == '~' || s.at[2] == '$'))
		return (struct slice){ s.at + 2, s.len - 2 };
	return s;
}

bool
pathwords_next(struct pathwords *it, struct slice *ret_word)
{
	const char *end = it->text.at + it->text.len;
	const char *p = it->text.at + it->at;

	while (p < end) {
		const char *first = p;
		struct slice word;

		while (p < end && !is_end(*p)) {
			size_t n;

			if (!is(*p, BYTE_STOP)) {
				p++;
				continue;
			}
			n = *p == '{' ? braces(p, end) : 1;
			if (*p == ':' && !holds_colon(first, p, end)) {
				if (end - p >= 3 && p[1] == '/' && p[2] == '/')
					first = p = pass_url(p, end);
				break;
			}
			if (n == 0 ||
			    (*p == '}' && memchr(first, '{',
					      (size_t)(p - first)) == NULL))
				break;
			p += n > 1 ? n : variable(p, end);
		}
		word = without_option(
		    (struct slice){ first, (size_t)(p - first) });
		if (p < end && (p == first || is_end(*p) || *p == ':' ||
				   *p == '{' || *p == '}'))
			p++;
		if (worth_it(word) || (it->all && word.len > 0)) {
			it->at = (size_t)(p - it->text.at);
			*ret_word = word;
			return true;
		}
	}
	it->at = it->text.len;
	return false;
}

bool
pathword_single(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (is_end(text.at[i]) ||
		    (is(text.at[i], BYTE_STOP) && text.at[i] != '$'))
			return false;
	return text.len > 0 && text.at[0] != '-';
}

/* The first braces with alternatives in a word; their place or NULL. */
static char *
find_braces(char *word, size_t len, size_t *ret_len)
{
	for (char *p = word; p < word + len; p++)
		if (*p == '{' && (p == word || p[-1] != '$') &&
		    (*ret_len = braces(p, word + len)) > 0)
			return p;
	return NULL;
}

/* Bytes to the comma or brace that ends the alternative at p. */
static size_t
alternative(const char *p)
{
	size_t depth = 0, n = 0;

	for (; p[n] != '\0'; n++) {
		if (p[n] == '{')
			depth++;
		else if (p[n] == '}' && depth-- == 0)
			break;
		else if (p[n] == ',' && depth == 0)
			break;
	}
	return n;
}

/* Replaces the braces at p by the alternative that *k tells, or by a star. */
static size_t
choose(char *word, size_t len, char *p, size_t group, unsigned *k)
{
	size_t n, count = 1, at = 1;
	bool star = *k == BRACES_WORDS;

	for (size_t i = 1; i < group; i += n + 1) {
		n = alternative(p + i);
		count += p[i + n] == ',';
	}
	for (size_t i = *k % count; !star && i > 0; i--)
		at += alternative(p + at) + 1;
	n = star ? 1 : alternative(p + at);
	if (star)
		*p = '*';
	else
		memmove(p, p + at, n);
	memmove(p + n, p + group, (size_t)(word + len - (p + group)) + 1);
	if (!star)
		*k /= (unsigned)count;
	return len - group + n;
}

/* At most so many words come of it, if no more than BRACES_WORDS. */
static unsigned
count_words(struct slice word)
{
	unsigned commas[BRACES_DEEP + 1] = { 0 }, words = 1;
	size_t depth = 0;

	for (size_t i = 0; i < word.len && words < BRACES_WORDS; i++) {
		if (word.at[i] == '{' && depth < BRACES_DEEP)
			commas[++depth] = 0;
		else if (word.at[i] == ',')
			commas[depth]++;
		else if (word.at[i] == '}' && depth > 0)
			words *= commas[depth--] + 1;
	}
	return words < BRACES_WORDS ? words : BRACES_WORDS;
}

bool
pathword_brace(struct slice word, unsigned k, char out[PATHWORD_BRACES],
    struct slice *ret_word)
{
	size_t len = word.len, group;
	unsigned left = k;
	char *p;

	if (len >= PATHWORD_BRACES || memchr(word.at, '{', len) == NULL) {
		*ret_word = word;
		return k == 0;
	}
	/* The last one, with stars, is for those that are too many. */
	if (k > BRACES_WORDS || (k >= count_words(word) && k < BRACES_WORDS))
		return false;
	memcpy(out, word.at, len);
	out[len] = '\0';
	while ((p = find_braces(out, len, &group)) != NULL)
		len = choose(out, len, p, group, &left);
	/* A number may tell of none, where braces are within braces. */
	*ret_word =
	    (struct slice){ out, left == 0 || k == BRACES_WORDS ? len : 0 };
	return true;
}
