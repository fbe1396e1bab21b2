/*
 * Where what carries a sign begins and ends.  Sentences are found in the plain
 * text, where white space is one byte; marked blocks likewise.  All searches
 * are bounded, so the cost of a span does not depend on the text.
 */
#include "policy/injection_span.h"

#include <string.h>

#include "policy/injection_plain.h"

/* Bytes before and behind the signs that a sentence may have. */
#define SENTENCE_BEFORE 300U
#define SENTENCE_BEHIND 600U
/* Bytes of a marked block. */
#define BLOCK_MAX 4096U
/* Marked blocks that one cluster of signs is widened to. */
#define BLOCKS_MAX 16U
/* Bytes before a sign where a quotation may begin. */
#define QUOTE_MAX 400U
#define FENCE "```"
/* Bytes of a block's name. */
#define NAME_MAX 40U

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Does a sentence end with the byte at i? */
static bool
ends_sentence(struct slice s, size_t i)
{
	static const char wide[][4] = { "\xe3\x80\x82", "\xef\xbc\x81" };
	char c = s.at[i];

	if (c == '\n')
		return true;
	if (c == '.' || c == '!' || c == '?')
		return i + 1 >= s.len || s.at[i + 1] == ' ' ||
		       s.at[i + 1] == '\n' || s.at[i + 1] == '"' ||
		       s.at[i + 1] == '\'' ||
		       (unsigned char)s.at[i + 1] >= 0x80;
	return i >= 2 && (memcmp(s.at + i - 2, wide[0], 3) == 0 ||
			     memcmp(s.at + i - 2, wide[1], 3) == 0);
}

static size_t
sentence_first(struct slice s, size_t first)
{
	size_t low = first > SENTENCE_BEFORE ? first - SENTENCE_BEFORE : 0;
	size_t i = first;

	while (i > low && !ends_sentence(s, i - 1))
		i--;
	/* A sentence longer than that: only what is known to belong to it. */
	return i > low || low == 0 ? i : first;
}

static size_t
sentence_end(struct slice s, size_t end)
{
	size_t high =
	    s.len - end > SENTENCE_BEHIND ? end + SENTENCE_BEHIND : s.len;

	if (end > 0 && ends_sentence(s, end - 1))
		return end;
	for (size_t i = end; i < high; i++)
		if (ends_sentence(s, i))
			return i + (s.at[i] != '\n');
	return high == s.len ? high : end;
}

/*
 * If the bytes from first on begin with "<name>" or "<!--", the end of that
 * block; else 0.
 */
static size_t
block_end(struct slice s, size_t first)
{
	size_t max = s.len - first < BLOCK_MAX ? s.len - first : BLOCK_MAX;
	const char *p = s.at + first, *found;
	char close[NAME_MAX + 3] = "</";
	size_t n = 1;

	if (max < 4 || p[0] != '<')
		return 0;
	if (memcmp(p, "<!--", 4) == 0) {
		found = memmem(p, max, "-->", 3);
		return found == NULL ? 0 : (size_t)(found - s.at) + 3;
	}
	while (n < max && n <= NAME_MAX && is_word(p[n]))
		n++;
	if (n == 1 || n > NAME_MAX)
		return 0;
	memcpy(close + 2, p + 1, n - 1);
	found = memmem(p, max, close, n + 1);
	if (found == NULL)
		return 0;
	n += (size_t)(found - s.at) + 1;
	return n < s.len && s.at[n] == '>' ? n + 1 : n;
}

/* Widens to a comment that the signs stand in. */
static void
widen_comment(struct slice s, size_t *first, size_t *end)
{
	size_t low = *first > BLOCK_MAX ? *first - BLOCK_MAX : 0, to;

	for (size_t i = *first; i > low; i--) {
		if (s.at[i - 1] == '>' && i >= 3 &&
		    memcmp(s.at + i - 3, "-->", 3) == 0)
			return;
		if (s.len - i < 3 || memcmp(s.at + i - 1, "<!--", 4) != 0)
			continue;
		to = block_end(s, i - 1);
		if (to > *first) {
			*first = i - 1;
			*end = to > *end ? to : *end;
		}
		return;
	}
}

struct slice
span_widen(const struct plain *p, size_t first, size_t end)
{
	struct slice s = p->text;
	size_t from, to;

	widen_comment(s, &first, &end);
	for (size_t i = first, n = 0; i < end && n < BLOCKS_MAX; i++) {
		if (s.at[i] != '<')
			continue;
		n++;
		to = block_end(s, i);
		if (to > end)
			end = to;
	}
	if (s.at[first] != '<')
		first = sentence_first(s, first);
	if (s.at[end - 1] != '>')
		end = sentence_end(s, end);
	while (first < end && (s.at[first] == ' ' || s.at[first] == '\n'))
		first++;
	while (end > first && (s.at[end - 1] == ' ' || s.at[end - 1] == '\n'))
		end--;
	from = plain_raw_first(p, plain_first(p, first));
	to = plain_raw_end(p, plain_end(p, end));
	return (struct slice){ p->raw.at + from, to > from ? to - from : 0 };
}

/* Is the line that begins at i, behind blanks, quoted or code? */
static bool
quoted_line(struct slice s, size_t i)
{
	size_t n = 0;

	while (i + n < s.len && s.at[i + n] == ' ')
		n++;
	return n >= 4 || (i + n < s.len && s.at[i + n] == '>');
}

/* Counts the fences up to `to`: they open and close by turns. */
static void
pass_fences(struct quotes *q, struct slice s, size_t to)
{
	const char *f;

	while (q->at < to && (f = memmem(s.at + q->at, to - q->at, FENCE,
				  sizeof(FENCE) - 1)) != NULL) {
		q->fenced = !q->fenced;
		q->at = (size_t)(f - s.at) + sizeof(FENCE) - 1;
	}
	/* A fence may begin before `to`. */
	if (q->at + sizeof(FENCE) < to)
		q->at = to - sizeof(FENCE);
}

bool
span_quoted(struct quotes *q, size_t at)
{
	struct slice s = q->plain->folded;
	size_t to = plain_first(q->plain, at), low, line = to, left;

	left = s.len - to < BLOCK_MAX ? s.len - to : BLOCK_MAX;
	low = to > QUOTE_MAX ? to - QUOTE_MAX : 0;
	pass_fences(q, s, to);
	if (q->fenced)
		return memmem(s.at + to, left, FENCE, sizeof(FENCE) - 1) !=
		       NULL;
	while (line > low && s.at[line - 1] != '\n')
		line--;
	if (quoted_line(s, line))
		return true;
	for (size_t i = line; i < to; i++)
		if (s.at[i] == '"' || s.at[i] == '`')
			return memchr(s.at + to, s.at[i], left) != NULL;
	return false;
}
