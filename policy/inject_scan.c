/*
 * Reads what stands around a separator: the name of a command, its arguments,
 * and whether a shell would take them for that.
 */
#include "policy/inject_scan.h"

#include <strings.h>

#include "policy/inject_words.h"

#define TOKEN_MAX 96 /* bytes of a command's name, its directory included */

const bool scan_separates[256] = {
	['\n'] = true,
	['\r'] = true,
	[';'] = true,
	['|'] = true,
	['&'] = true,
	['`'] = true,
	['('] = true, /* of "$(" and "<(" */
	['\\'] = true, /* of "\n", written out */
};

static bool
token_byte(char c)
{
	return scan_letter(c) || scan_digit(c) || scan_one_of(c, "/._-:?*~\\");
}

static bool
starts(struct slice t, size_t i, const char *what)
{
	size_t len = strlen(what);

	return i <= t.len && t.len - i >= len &&
	       strncasecmp(t.at + i, what, len) == 0;
}

/* Past blanks and the shell's ways of writing one. */
size_t
scan_skip(const struct scan *s, size_t i)
{
	size_t end = i + SKIP_MAX;

	while (i < end && i < s->text.len) {
		if (scan_blank(scan_at(s, i)))
			i++;
		else if (starts(s->text, i, "${IFS"))
			i += starts(s->text, i, "${IFS}") ? 6 : 5;
		else if (starts(s->text, i, "$IFS"))
			i += starts(s->text, i, "$IFS$9") ? 6 : 4;
		else
			break;
	}
	return i;
}

struct slice
scan_token(const struct scan *s, size_t i)
{
	size_t end = i;

	while (end < s->text.len && end - i < TOKEN_MAX &&
	       token_byte(s->text.at[end])) {
		/* "\n" written out ends a name; in a path it is a name's. */
		if (s->text.at[end] == '\\' && end > i &&
		    scan_one_of(scan_at(s, end + 1), "nr") &&
		    memchr(s->text.at + i, ':', end - i) == NULL)
			break;
		end++;
	}
	return (struct slice){ .at = s->text.at + i, .len = end - i };
}

/* Is there a plain word at i, that no shell would run? */
static bool
plain_word(const struct scan *s, size_t i)
{
	struct slice t = scan_token(s, i);

	if (t.len == 0 || !scan_letter(t.at[0]) || word_find(t) != NULL)
		return false;
	for (size_t k = 0; k < t.len; k++)
		if (scan_one_of(t.at[k], "/\\:~*?"))
			return false;
	return true;
}

/* Does a file or a variable begin at i? */
static bool
path_like(const struct scan *s, size_t i)
{
	struct slice t = scan_token(s, i);
	char c = scan_at(s, i), next = scan_at(s, i + 1);

	if (c == '/')
		return scan_letter(next) || scan_one_of(next, ".*?") ||
		       next == '\0' || scan_blank(next) ||
		       scan_separates[(unsigned char)next];
	if (c == '~')
		return next == '/';
	if (c == '.')
		return next == '/' || next == '\\' ||
		       (next == '.' && scan_one_of(scan_at(s, i + 2), "/\\"));
	if (c == '$')
		return scan_letter(next) || scan_one_of(next, "_{(@");
	if (c == '%') {
		size_t k = i + 1;

		while (scan_letter(scan_at(s, k)) && k - i < SKIP_MAX)
			k++;
		return k > i + 2 && scan_at(s, k) == '%'; /* "%TEMP%" */
	}
	if (c == '\\')
		return next == '\\' || scan_letter(next);
	if (c == '*')
		return next == '\0' || next == '.' || scan_blank(next) ||
		       scan_separates[(unsigned char)next];
	return t.len > 2 && scan_letter(c) && next == ':' &&
	       scan_one_of(t.at[2], "\\/");
}

/* A file's or a host's name at i: a dot with something on either side. */
static bool
dotted(const struct scan *s, size_t i)
{
	struct slice t = scan_token(s, i);

	if (starts(t, 0, "http:") || starts(t, 0, "https:") ||
	    starts(t, 0, "ftp:"))
		return true;
	for (size_t k = 1; k + 1 < t.len; k++)
		if ((t.at[k] == '.' || t.at[k] == '/') &&
		    (scan_letter(t.at[k + 1]) || scan_digit(t.at[k + 1])))
			return true;
	return false;
}

/* A number at i that a word does not follow: "5 |", not "5 hours". */
static bool
number(const struct scan *s, size_t i)
{
	size_t k = i;

	while (scan_digit(scan_at(s, k)) && k - i < 8)
		k++;
	if (k == i)
		return false;
	if (scan_one_of(scan_at(s, k), "smh"))
		k++;
	if (scan_letter(scan_at(s, k)) || scan_one_of(scan_at(s, k), ".:,-/"))
		return false;
	k = scan_skip(s, k);
	return !scan_letter(scan_at(s, k)) || starts(s->text, k, "&&");
}

/* The argument at i of a command of that kind. */
static enum behind
argument(const struct scan *s, const struct word *w, size_t i)
{
	char c = scan_at(s, i), next = scan_at(s, i + 1);
	bool english = w->kind == WORD_ENGLISH;

	if (word_second(w, scan_token(s, i)))
		return BEHIND_ARGS;
	if (c == '-')
		return scan_letter(next) || next == '-' ||
			       (!english && scan_digit(next))
			   ? BEHIND_ARGS
			   : BEHIND_WORD;
	if (path_like(s, i))
		return BEHIND_ARGS;
	if (c == '`')
		return english ? BEHIND_WORD : BEHIND_ARGS;
	if (c == '<' || c == '>') {
		if (english || w->kind == WORD_NONE)
			return BEHIND_OTHER;
		/* A tag's end or beginning is none of a shell's. */
		i = scan_skip(s, i + 1 + (next == c));
		return (path_like(s, i) && scan_at(s, i) != '/') ||
			       starts(s->text, i, "/etc") ||
			       starts(s->text, i, "/dev") ||
			       starts(s->text, i, "/tmp") ||
			       starts(s->text, i, "/proc") ||
			       (scan_at(s, i) == '&' &&
				   scan_digit(scan_at(s, i + 1)))
			   ? BEHIND_ARGS
			   : BEHIND_OTHER;
	}
	if (english)
		return BEHIND_WORD;
	if (scan_one_of(c, "'\"{"))
		return BEHIND_ARGS;
	return number(s, i) || dotted(s, i) ? BEHIND_ARGS : BEHIND_WORD;
}

/* What stands at i, right behind a command's name. */
enum behind
scan_behind(const struct scan *s, const struct word *w, size_t i)
{
	size_t k = scan_skip(s, i);
	char c = scan_at(s, k);

	if (k >= s->text.len || scan_one_of(c, "'\"#)}]%") || c == '\n' ||
	    c == '\r')
		return k > i && scan_one_of(c, "'\"%") ? argument(s, w, k)
						       : BEHIND_END;
	if (k == i && c == '(')
		return w->kind == WORD_SURE ||
			       (w->kind == WORD_ARGS &&
				   scan_one_of(scan_at(s, i + 1), "'\"$"))
			   ? BEHIND_ARGS
			   : BEHIND_OTHER;
	if (c == '`')
		return k == i ? BEHIND_END : argument(s, w, k);
	if (c == '\\' && scan_one_of(scan_at(s, k + 1), "nr"))
		return BEHIND_END;
	if (scan_one_of(c, ";|&")) {
		while (scan_one_of(scan_at(s, k), ";|&") ||
		       scan_blank(scan_at(s, k)))
			if (++k > i + SKIP_MAX)
				break;
		return plain_word(s, k) ? BEHIND_LIST : BEHIND_END;
	}
	if (k > i || scan_one_of(c, "<>$"))
		return argument(s, w, k);
	if (c == ',')
		return scan_at(s, i + 1) == '/' || scan_at(s, i + 1) == '-'
			   ? BEHIND_ARGS
			   : BEHIND_OTHER;
	return BEHIND_OTHER;
}

static const struct word by_path = { "path", WORD_SURE, NULL };

const struct word *
scan_command(struct slice t)
{
	struct slice base = t;
	const struct word *w;
	size_t wild = 0;

	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] == '?' || t.at[i] == '*')
			wild++;
		if (t.at[i] == '/' || t.at[i] == '\\') {
			base.at = t.at + i + 1;
			base.len = t.len - i - 1;
		}
	}
	w = word_find(base);
	if (base.len == t.len)
		return w;
	if (wild >= 2 && t.at[0] == '/' &&
	    (t.at[1] == '?' || t.at[1] == 'b' || t.at[1] == 'u'))
		return &by_path; /* "/???/c?t" */
	if (w == NULL)
		return NULL;
	if (base.len == t.len - 1)
		return t.at[0] == '\\' ? w : NULL; /* "\id" */
	if (starts(t, 0, "/bin") || starts(t, 0, "/usr") ||
	    starts(t, 0, "/sbin") || starts(t, 0, "usr/") ||
	    starts(t, 0, "bin/") || starts(t, 0, "sbin/") ||
	    starts(t, 0, "c:\\") || starts(t, 0, "./") ||
	    starts(t, 0, "/etc/init") || starts(t, 0, "%"))
		return &by_path;
	return NULL;
}
