/*
 * SQL that breaks out of a string, known by its shape: a comparison of
 * constants behind OR or AND ("' or 'a'='a"), a quote that was never opened
 * and then SQL or a comment ("admin'--").  A search for "a" AND b = "c" opens
 * every quote that it closes, and compares with a name.  Each look is bounded,
 * so the whole is linear.
 */
#include "policy/inject_shape.h"

#include <string.h>
#include <strings.h>

#include "proxy/base/array.h"

#define SKIP_MAX 64 /* bytes of blanks, comments and parentheses in a row */
#define OPERAND_MAX 48 /* bytes of a constant */

struct scan {
	struct slice text;
	enum shape_place place;
	size_t singles, doubles; /* quotes before the place in hand */
	char last; /* the last byte before it that is no blank; 0: none */
};

enum operand_kind {
	OPERAND_NONE,
	OPERAND_NUMBER,
	OPERAND_QUOTED,
	OPERAND_NAME
};

struct operand {
	enum operand_kind kind;
	struct slice value; /* without quotes */
	size_t end; /* behind it */
};

static bool
letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What the words and signs that join two conditions begin with. */
static const bool may_join[256] = { ['o'] = true,
	['O'] = true,
	['a'] = true,
	['A'] = true,
	['x'] = true,
	['X'] = true,
	['h'] = true,
	['H'] = true,
	['|'] = true,
	['&'] = true };

static bool
one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static char
at(const struct scan *s, size_t i)
{
	return i < s->text.len ? s->text.at[i] : '\0';
}

/* Does that word, in small letters, stand at i? */
static bool
word_at(const struct scan *s, size_t i, const char *word)
{
	size_t len = strlen(word);

	return i < s->text.len && s->text.len - i >= len &&
	       strncasecmp(s->text.at + i, word, len) == 0 &&
	       (!letter(word[len - 1]) ||
		   !(letter(at(s, i + len)) || digit(at(s, i + len)) ||
		       at(s, i + len) == '_'));
}

/* Past what SQL takes for a blank, and past any of more. */
static size_t
skip(const struct scan *s, size_t i, const char *more)
{
	size_t end = i + SKIP_MAX;

	while (i < end && i < s->text.len) {
		if (at(s, i) == '/' && at(s, i + 1) == '*') {
			size_t k = i + 2;

			while (k < end && k < s->text.len &&
			       !(at(s, k) == '*' && at(s, k + 1) == '/'))
				k++;
			if (at(s, k) != '*' || at(s, k + 1) != '/')
				break;
			i = k + 2;
		} else if (one_of(at(s, i), " \t\r\n\v\f+") ||
			   one_of(at(s, i), more)) {
			i++;
		} else {
			break;
		}
	}
	return i;
}

/* Is everything from i on a comment, or what closes a statement? */
static bool
comment_at(const struct scan *s, size_t i)
{
	i = skip(s, i, ");");
	return at(s, i) == '#' || (at(s, i) == '-' && at(s, i + 1) == '-') ||
	       (at(s, i) == '/' && at(s, i + 1) == '*') ||
	       (i < s->text.len && s->text.at[i] == '\0');
}

static struct operand
operand(const struct scan *s, size_t i)
{
	struct operand o = { .kind = OPERAND_NONE };
	size_t end = i;
	char q = at(s, i);

	if (one_of(q, "'\"")) {
		for (end = ++i; end < s->text.len && end - i < OPERAND_MAX &&
				at(s, end) != q && at(s, end) != '\n';
		     end++)
			;
		o.kind = OPERAND_QUOTED;
	} else if (digit(q) || letter(q) || one_of(q, "@_")) {
		while (end - i < OPERAND_MAX &&
		       (digit(at(s, end)) || letter(at(s, end)) ||
			   one_of(at(s, end), "@_.")))
			end++;
		o.kind = digit(q) ? OPERAND_NUMBER : OPERAND_NAME;
	}
	o.value = (struct slice){ .at = s->text.at + i, .len = end - i };
	o.end = end + (o.kind == OPERAND_QUOTED && at(s, end) == q);
	return o;
}

/* The length of an operator of comparison at i, 0: none is there. */
static size_t
comparison(const struct scan *s, size_t i, bool *ret_equals)
{
	static const char *const ops[] = { "<=>", "<>",
		"!=", "<=", ">=", "==", "=", "<", ">", "like", "rlike",
		"regexp", "sounds like", "is", "in", "between", "not like",
		"not in", "div", "glob" };

	for (size_t k = 0; k < nitems(ops); k++)
		if (word_at(s, i, ops[k])) {
			*ret_equals = strcmp(ops[k], "=") == 0 ||
				      strcmp(ops[k], "==") == 0;
			return strlen(ops[k]);
		}
	return 0;
}

/* Are two constants one, an unclosed quote's as far as it goes? */
static bool
same(struct operand a, struct operand b)
{
	size_t n = a.value.len;

	while (b.value.len > n && one_of(b.value.at[b.value.len - 1], ";)-# "))
		b.value.len--;
	return n == b.value.len &&
	       (n == 0 || strncasecmp(a.value.at, b.value.at, n) == 0) &&
	       (n > 0 || (a.kind == OPERAND_QUOTED && b.kind == a.kind));
}

/* A value that is true or false by itself. */
static bool
truth(const struct scan *s, size_t i, struct operand o)
{
	return o.kind == OPERAND_NUMBER || o.kind == OPERAND_QUOTED ||
	       word_at(s, i, "true") || word_at(s, i, "false") ||
	       word_at(s, i, "null");
}

static bool
calls(const struct scan *s, size_t i)
{
	static const char *const names[] = { "sleep(", "benchmark(",
		"pg_sleep(", "ascii(", "substring(", "substr(", "mid(", "ord(",
		"exists(", "exists (", "(select", "extractvalue(", "updatexml(",
		"if(", "iif(", "case when", "length(", "char(", "row(", "elt(",
		"make_set(", "json_keys(", "exp(~", "isnull(" };

	for (size_t k = 0; k < nitems(names); k++)
		if (word_at(s, i, names[k]))
			return true;
	return false;
}

/*
 * Does the condition that begins at i, behind OR or AND, hold or fail always,
 * or ask a question of the database?  broken: a quote was closed before it
 * that nobody opened.
 */
static bool
condition(const struct scan *s, size_t i, bool broken)
{
	bool prose = s->place == SHAPE_PROSE, equals = false;
	struct operand a, b;
	size_t k, len, start;

	k = skip(s, i, "!~(-");
	if (word_at(s, k, "not"))
		k = skip(s, k + 3, "!~(-");
	/* A word next to a word is one word. */
	if (k == i && (letter(at(s, i)) || digit(at(s, i))))
		return false;
	if (calls(s, k) || (at(s, k) == 's' && k > i && at(s, k - 1) == '(' &&
			       word_at(s, k, "select")))
		return broken || !prose;
	start = k;
	a = operand(s, k);
	if (a.kind == OPERAND_NONE)
		return false;
	if (comment_at(s, a.end) && (broken || !prose) && truth(s, start, a))
		return broken || a.kind != OPERAND_QUOTED;
	k = skip(s, a.end, ")");
	len = comparison(s, k, &equals);
	if (len == 0)
		return broken && truth(s, start, a) && k >= s->text.len;
	if (broken && a.kind == OPERAND_NAME)
		return true;
	b = operand(s, skip(s, k + len, "(-"));
	if (b.kind == OPERAND_NONE)
		return false;
	if (a.kind == OPERAND_NUMBER && b.kind == OPERAND_NUMBER)
		return equals || broken || comment_at(s, b.end);
	if (broken && a.kind == b.kind && a.kind == OPERAND_QUOTED)
		return true;
	if (a.kind == OPERAND_NAME && b.kind != OPERAND_NAME)
		return false;
	return same(a, b) && (a.kind != OPERAND_NAME || broken || !prose);
}

/* The length of a word at i that joins conditions, 0: none is there. */
static size_t
joins(const struct scan *s, size_t i)
{
	static const char *const words[] = { "or", "and", "xor", "having", "||",
		"&&", "|", "&" };

	for (size_t k = 0; k < nitems(words); k++)
		if ((at(s, i) | 0x20) == (words[k][0] | 0x20) &&
		    word_at(s, i, words[k]))
			return strlen(words[k]);
	return 0;
}

/* What a quote that nobody opened is followed by, in an injection. */
static bool
follows_quote(const struct scan *s, size_t i)
{
	static const char *const words[] = { "like", "rlike", "regexp", "in",
		"between", "limit", "procedure", "union", "order by",
		"group by", "where", "into", "is null", "is not null", "div",
		"collate", "intersect", "except" };
	size_t k = skip(s, i, ");"), len;

	if (comment_at(s, k)) {
		if (at(s, k) == '/')
			return true;
		/* "--" and "#" end it, or nearly: text goes on in prose. */
		while (one_of(at(s, k), "-# +;"))
			k++;
		return k >= s->text.len || s->text.at[k] == '\0';
	}
	for (size_t n = 0; n < nitems(words); n++) {
		if (!word_at(s, k, words[n]))
			continue;
		/* A quoted word is a word: "limit": 10. */
		if (one_of(at(s, k + strlen(words[n])), "'\""))
			return false;
		len = skip(s, k + strlen(words[n]), "(");
		return one_of(at(s, len), "'\"%@") || digit(at(s, len)) ||
		       word_at(s, len, "select") || word_at(s, len, "all") ||
		       word_at(s, len, "null") ||
		       (words[n][0] == 'i' && words[n][2] == ' ');
	}
	return one_of(at(s, k), "|+-*^&=%") &&
	       at(s, skip(s, k, "|+-*^&=%")) == '(' &&
	       calls(s, skip(s, k, "|+-*^&=%"));
}

/* "'='" and its like make the comparison that they stand in true. */
static bool
whole(struct slice t)
{
	char q = t.len >= 3 && t.len <= 6 ? t.at[0] : '\0';

	if (!one_of(q, "'\"") || t.at[t.len - 1] != q)
		return false;
	for (size_t i = 1; i + 1 < t.len; i++)
		if (!one_of(t.at[i], "=-^*&|+ "))
			return false;
	return t.len > 3 || t.at[1] != ' ';
}

const char *
inject_sql(struct slice text, enum shape_place place)
{
	struct scan s = { .text = text, .place = place };

	if (whole(text))
		return "sql-quote";
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool odd_single = s.last == '\'' && s.singles % 2 == 1,
		     odd = odd_single || (s.last == '"' && s.doubles % 2 == 1);

		/* An apostrophe in a word opens nothing: O'Brien's. */
		if (may_join[(unsigned char)c] &&
		    (i == 0 || !letter(text.at[i - 1])) &&
		    (i == 0 || text.at[i - 1] != '_')) {
			size_t len = joins(&s, i);

			if (len > 0 && condition(&s, i + len, odd))
				return "sql-tautology";
		}
		s.singles += c == '\'';
		s.doubles += c == '"';
		if (((c == '\'' && s.singles % 2 == 1) ||
			(c == '"' && s.doubles % 2 == 1)) &&
		    follows_quote(&s, i + 1))
			return "sql-quote";
		/* Parentheses and comments may stand between. */
		if (!one_of(c, " \t\r\n+)") && !(odd && (c == '/' || c == '*')))
			s.last = c;
	}
	return NULL;
}
