/*
 * A text as shells read it: sh, with a little of cmd and PowerShell.  It is one
 * reading among several and errs on the side of joining: "r''m", r\m, r$@m,
 * r^m and 'r'+'m' all come out as rm.  What words mean is left to the rules.
 */
#include "policy/view_steps.h"
#include "proxy/base/array.h"

/* Bytes between the braces of an expansion: what is longer stays. */
#define INSIDE 256U

struct shell {
	struct slice in;
	size_t i; /* what is looked at */
	size_t from; /* what was not copied yet begins here */
	char *w;
	size_t len;
	size_t brace; /* where the brace expansion that we are in ends, or 0 */
	bool ansi; /* within $'...', where \n is a line feed */
	bool changed;
};

static bool
is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
}

static unsigned char
ahead(const struct shell *s, size_t n)
{
	return view_at(s->in, s->i + n);
}

static void
keep(struct shell *s)
{
	s->i++;
}

/* Takes n bytes out and puts text in their place. */
static void
replace(struct shell *s, size_t n, struct slice text)
{
	memcpy(s->w + s->len, s->in.at + s->from, s->i - s->from);
	s->len += s->i - s->from;
	if (text.len > 0)
		memcpy(s->w + s->len, text.at, text.len);
	s->len += text.len;
	s->i += n;
	s->from = s->i;
	s->changed = true;
}

static void
drop(struct shell *s, size_t n)
{
	replace(s, n, (struct slice){ NULL, 0 });
}

/* Does the text go on with this? */
static bool
goes_on(const struct shell *s, size_t n, const char *with)
{
	size_t len = strlen(with);

	return s->in.len - s->i >= n + len &&
	       memcmp(s->in.at + s->i + n, with, len) == 0;
}

static void
on_backslash(struct shell *s)
{
	size_t n = 1;

	while (ahead(s, n) == '\\')
		n++;
	if (ahead(s, n) == '\r' && ahead(s, n + 1) == '\n')
		n++;
	if (ahead(s, n) == '\n')
		drop(s, n + 1);
	else if (s->ansi && ahead(s, n) == 'n')
		replace(s, n + 1, slice_of("\n"));
	else if (s->ansi && ahead(s, n) == 't')
		replace(s, n + 1, slice_of("\t"));
	else
		drop(s, n);
}

/* Two strings that are joined by an operator: 'I'+'EX'; bytes up to the second,
   its quote included, or 0. */
static size_t
joined(const struct shell *s)
{
	static const char *const operators[] = { "+", "||", ".", "&" };
	size_t n = 1;

	while (ahead(s, n) == ' ' && n < 4)
		n++;
	for (size_t k = 0; k < nitems(operators); k++) {
		size_t m = n + strlen(operators[k]);

		if (!goes_on(s, n, operators[k]))
			continue;
		while (ahead(s, m) == ' ' && m < n + 5)
			m++;
		if (ahead(s, m) == '\'' || ahead(s, m) == '"')
			return m + 1;
	}
	return 0;
}

static void
on_quote(struct shell *s)
{
	size_t n = joined(s);

	s->ansi = false;
	drop(s, n > 0 ? n : 1);
}

static void
on_caret(struct shell *s)
{
	drop(s, 1);
}

/* `` is nothing; w`hoami is whoami in PowerShell; `whoami` stays. */
static void
on_backtick(struct shell *s)
{
	if (ahead(s, 1) == '`')
		drop(s, 2);
	else if (s->i > 0 && is_word((unsigned char)s->in.at[s->i - 1]) &&
		 is_word(ahead(s, 1)))
		drop(s, 1);
	else
		keep(s);
}

/* What an expansion of the variable `name` comes to, where that is known. */
static const struct {
	const char *inside, *value;
} known[] = {
	{ "HOME:0:1", "/" },
	{ "PATH:0:1", "/" },
	{ "PWD:0:1", "/" },
	{ "OLDPWD:0:1", "/" },
	{ "SHELL:0:1", "/" },
	{ "HOME%%[!/]*", "/" },
	{ "HOME%${HOME#?}", "/" },
	{ "LS_COLORS:10:1", ";" },
};

/*
 * What ${...} comes to if no variable is set but the usual ones; inside is what
 * stands between its braces.
 */
static struct slice
expansion(struct slice inside)
{
	size_t n = 0;

	for (size_t k = 0; k < nitems(known); k++)
		if (slice_is(inside, known[k].inside))
			return slice_of(known[k].value);
	while (is_word(view_at(inside, n)))
		n++;
	if (n == 3 && memcmp(inside.at, "IFS", 3) == 0)
		return slice_of(" ");
	if (view_at(inside, n) == ':')
		n++;
	if (view_at(inside, n) == '-' || view_at(inside, n) == '=')
		return (struct slice){ inside.at + n + 1, inside.len - n - 1 };
	return (struct slice){ NULL, 0 };
}

static void
on_braced(struct shell *s)
{
	size_t n = 2;
	struct slice inside;

	while (n < INSIDE && ahead(s, n) != '}' && ahead(s, n) != '{' &&
	       s->i + n < s->in.len)
		n++;
	if (ahead(s, n) != '}') {
		keep(s);
		return;
	}
	inside = (struct slice){ s->in.at + s->i + 2, n - 2 };
	replace(s, n + 1, expansion(inside));
}

static void
on_dollar(struct shell *s)
{
	unsigned char next = ahead(s, 1);

	if (next == '\'') {
		drop(s, 2);
		s->ansi = true;
	} else if (next == '"') {
		drop(s, 2);
	} else if (next == '{') {
		on_braced(s);
	} else if (goes_on(s, 1, "IFS") && !is_word(ahead(s, 4))) {
		replace(s, 4, slice_of(" "));
	} else if (goes_on(s, 1, "()")) {
		drop(s, 3);
	} else if (next == '@' || next == '*' || next == '!' ||
		   (next >= '1' && next <= '9')) {
		drop(s, 2);
	} else {
		keep(s);
	}
}

/* {cat,/etc/passwd} is two words. */
static void
on_brace(struct shell *s)
{
	bool comma = false;
	size_t n = 1;

	for (; n < INSIDE && s->i + n < s->in.len; n++) {
		unsigned char c = ahead(s, n);

		if (c <= ' ' || c == '{' || c == '}')
			break;
		comma = comma || c == ',';
	}
	if (!comma || ahead(s, n) != '}') {
		keep(s);
		return;
	}
	s->brace = s->i + n;
	drop(s, 1);
}

static void
on_comma(struct shell *s)
{
	if (s->i < s->brace)
		replace(s, 1, slice_of(" "));
	else
		keep(s);
}

static void
on_brace_end(struct shell *s)
{
	if (s->i == s->brace)
		drop(s, 1);
	else
		keep(s);
}

/* %ProgramFiles:~10,1% cuts a space out of a path, in cmd. */
static void
on_percent(struct shell *s)
{
	size_t n = 1;

	while (n < 64 && is_word(ahead(s, n)))
		n++;
	if (n == 1 || !goes_on(s, n, ":~")) {
		keep(s);
		return;
	}
	for (n += 2; n < 96; n++) {
		unsigned char c = ahead(s, n);

		if ((c < '0' || c > '9') && c != '-' && c != ',')
			break;
	}
	if (ahead(s, n) == '%')
		replace(s, n + 1, slice_of(" "));
	else
		keep(s);
}

typedef void special_fn(struct shell *s);

/* What is more than itself to a shell; ',' and '}' only in braces. */
static special_fn *const specials[256] = {
	['\\'] = on_backslash,
	['\''] = on_quote,
	['"'] = on_quote,
	['^'] = on_caret,
	['`'] = on_backtick,
	['$'] = on_dollar,
	['{'] = on_brace,
	['%'] = on_percent,
};

/* The byte at i, to a shell in the state that it is in. */
static special_fn *
special(const struct shell *s)
{
	unsigned char c = (unsigned char)s->in.at[s->i];

	if (s->brace >= s->i && s->brace > 0) {
		if (c == ',')
			return on_comma;
		if (c == '}')
			return on_brace_end;
	}
	return specials[c];
}

static size_t
next_special(struct slice in, size_t i)
{
	while (i < in.len && specials[(unsigned char)in.at[i]] == NULL)
		i++;
	return i;
}

bool
view_shell(struct slice in, struct buf *out)
{
	struct shell s = { .in = in };

	s.i = next_special(in, 0);
	if (s.i == in.len)
		return false;
	s.w = view_room(out, in.len);
	while (s.i < in.len) {
		special_fn *fn = special(&s);

		if (fn != NULL)
			fn(&s);
		else
			s.i++;
		/* Within braces a comma and their end are special as well. */
		if (s.i > s.brace)
			s.i = next_special(in, s.i);
	}
	memcpy(s.w + s.len, in.at + s.from, in.len - s.from);
	out->len = s.len + in.len - s.from;
	return s.changed;
}
