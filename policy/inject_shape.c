/*
 * Shell commands behind separators, which no literal gives away: ";id|" and
 * "& ping -n 3 host".  A separator alone says nothing ("Tom & Jerry", "a | b"),
 * nor does a word; so the separator, the word, what follows and what stands
 * before are weighed together.  Reads a bounded number of bytes at each
 * separator, so the whole is linear.
 */
#include "policy/inject_shape.h"

#include <string.h>

#include "policy/inject_scan.h"
#include "policy/inject_words.h"

/* What stands before a separator. */
enum before {
	BEFORE_WORDS, /* something of its own: "Tom & find" */
	BEFORE_NUMBER, /* no letter: "127.0.0.1; ls", "1|id" */
	BEFORE_QUOTE, /* a quote that was never opened: "x'; id" */
	BEFORE_NOTHING, /* signs, at most one letter: "a);id", "| id" */
};

static enum before
look_before(const struct scan *s, size_t sep)
{
	if (s->letters + s->digits == 0 ||
	    (s->letters + s->digits <= 1 && sep < 4))
		return BEFORE_NOTHING;
	if ((s->last == '\'' && s->singles % 2 == 1) ||
	    (s->last == '"' && s->doubles % 2 == 1))
		return BEFORE_QUOTE;
	return s->letters == 0 ? BEFORE_NUMBER : BEFORE_WORDS;
}

/* Are a separator, what is before it, a command and what follows an attack? */
static bool
weigh(const struct scan *s, const struct word *w, size_t sep, size_t name,
    enum behind behind)
{
	enum before before = look_before(s, sep);
	char c = scan_at(s, sep);
	bool prose = s->place == SHAPE_PROSE;
	bool tight = sep > 0 && !scan_blank(scan_at(s, sep - 1)) &&
		     scan_at(s, sep) != '\n';

	if (behind == BEHIND_OTHER)
		return false;
	if (s->place == SHAPE_URL && c == '&' && scan_at(s, sep + 1) != '&' &&
	    before != BEFORE_NOTHING && name == sep + 1 &&
	    behind != BEHIND_ARGS && w->kind != WORD_SURE)
		return false;
	if (behind == BEHIND_LIST && (prose || w->kind != WORD_SURE))
		return false;
	if (w->kind == WORD_SURE && !prose)
		return behind != BEHIND_WORD || before != BEFORE_WORDS || tight;
	switch (before) {
	case BEFORE_NOTHING:
		if (behind == BEHIND_WORD)
			return w->kind >= WORD_ARGS && !(prose && c == '\n');
		return behind == BEHIND_ARGS || w->kind >= WORD_BARE ||
		       (!prose && w->kind == WORD_ARGS) ||
		       (!prose && c != '&' && c != '\n');
	case BEFORE_QUOTE:
	case BEFORE_NUMBER:
		if (behind == BEHIND_WORD)
			return w->kind >= WORD_ARGS && !prose;
		return behind == BEHIND_ARGS || w->kind >= WORD_BARE;
	case BEFORE_WORDS:
		break;
	}
	if (prose)
		return behind == BEHIND_ARGS && s->ticks % 2 == 0 &&
		       c != '\n' && c != '\\' && c != '|' &&
		       w->kind >= WORD_ARGS && (tight || w->kind == WORD_SURE);
	if (behind == BEHIND_ARGS)
		return w->kind != WORD_ENGLISH || c != '\n';
	return behind == BEHIND_END && w->kind >= WORD_BARE &&
	       (c != '&' || tight || scan_at(s, sep + 1) == '&');
}

/*
 * Where the command behind the separator at sep begins; 0: that is none.
 * "(" counts behind "$", "<" and ">" alone, "\" before "n" and "r".
 */
static size_t
behind_separator(const struct scan *s, size_t sep)
{
	char c = scan_at(s, sep);
	size_t i = sep + 1;

	if (c == '(' && (sep == 0 || !scan_one_of(scan_at(s, sep - 1), "$<>")))
		return 0;
	if (c == '\\') {
		/* In "C:\new\net" it is no line feed. */
		if (!scan_one_of(scan_at(s, i), "nr") || s->letters > 0 ||
		    s->last == ':')
			return 0;
		i++;
	}
	i = scan_skip(s, i);
	/* On a line of its own a quoted word is text: a key of JSON. */
	for (unsigned n = 0; n < 3 && !scan_one_of(c, "\r\n") &&
			     scan_one_of(scan_at(s, i), "'\"({!@");
	     n++)
		i = scan_skip(s, i + 1);
	return i;
}

/* The output of a command in the place of a value: "`id`", "$(id)". */
static bool
substituted(
    const struct scan *s, size_t sep, const struct word *w, enum behind behind)
{
	bool whole = s->letters + s->digits == 0;

	if (behind == BEHIND_OTHER ||
	    (w->kind == WORD_ENGLISH && behind != BEHIND_ARGS && !whole))
		return false;
	if (scan_at(s, sep) == '`') {
		/* The second of a pair ends, and words between two are quoted
		   in Markdown. */
		if (s->ticks % 2 == 1 || scan_at(s, sep + 1) == '`' ||
		    memchr(s->text.at + sep + 1, '`', s->text.len - sep - 1) ==
			NULL)
			return false;
		if (s->place == SHAPE_PROSE)
			return whole && scan_at(s, s->text.len - 1) == '`' &&
			       w->kind != WORD_ENGLISH;
		return whole || !scan_blank(scan_at(s, sep - 1)) ||
		       behind == BEHIND_ARGS;
	}
	if (s->place == SHAPE_PROSE)
		return s->ticks % 2 == 0 && (whole || behind == BEHIND_ARGS);
	return true;
}

static bool
judge(const struct scan *s, size_t sep)
{
	size_t name = behind_separator(s, sep);
	const struct word *w;
	struct slice t;
	enum behind behind;

	if (name == 0 || name >= s->text.len)
		return false;
	t = scan_token(s, name);
	if (t.len == 0 || (w = scan_command(t)) == NULL)
		return false;
	behind = scan_behind(s, w, name + t.len);
	if (scan_one_of(scan_at(s, sep), "`("))
		return substituted(s, sep, w, behind);
	return weigh(s, w, sep, name, behind);
}

/* Is the text a command with arguments, and then a separator? */
static bool
ends_command(const struct scan *s)
{
	size_t i = scan_skip(s, 0);
	struct slice t = scan_token(s, i);
	const struct word *w;

	if (!scan_one_of(s->last, ";|&") || t.len == 0 ||
	    (w = scan_command(t)) == NULL)
		return false;
	return scan_behind(s, w, i + t.len) == BEHIND_ARGS;
}

const char *
inject_shape(struct slice text, enum shape_place place)
{
	struct scan s = { .text = text, .place = place };
	const char *id;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (scan_separates[(unsigned char)c] && judge(&s, i))
			return "shell-command";
		s.letters += scan_letter(c);
		s.digits += scan_digit(c);
		s.singles += c == '\'';
		s.doubles += c == '"';
		s.ticks += c == '`';
		if (!scan_blank(c))
			s.last = c;
	}
	if (place == SHAPE_VALUE && ends_command(&s))
		return "shell-command";
	id = inject_sql(text, place);
	return id != NULL ? id : inject_template(text);
}

bool
inject_begins_command(struct slice text)
{
	struct scan s = { .text = text };
	size_t i = scan_skip(&s, 0);
	struct slice t = scan_token(&s, i);

	return t.len > 0 && scan_command(t) != NULL;
}
