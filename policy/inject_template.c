/*
 * Probes of templates and of LDAP filters, known by their shape: an expression
 * of constants where a template engine would work it out ("{{7*7}}"), and a
 * parenthesis that closes a filter which somebody else opened.
 */
#include "policy/inject_shape.h"

#include <string.h>

#define SKIP_MAX 16 /* bytes of blanks and brackets in a row */
#define DIGITS_MAX 12

static char
at(struct slice t, size_t i)
{
	return i < t.len ? t.at[i] : '\0';
}

/* What expressions of templates begin with. */
static const bool may_open[256] = { ['{'] = true,
	['$'] = true,
	['#'] = true,
	['*'] = true,
	['@'] = true,
	['%'] = true,
	['~'] = true,
	['<'] = true,
	['['] = true };

static bool
one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
name_byte(char c)
{
	return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_';
}

static size_t
skip(struct slice t, size_t i, const char *set)
{
	size_t end = i + SKIP_MAX;

	while (i < end && one_of(at(t, i), set))
		i++;
	return i;
}

static size_t
digits(struct slice t, size_t i)
{
	size_t end = i + DIGITS_MAX;

	while (i < end && digit(at(t, i)))
		i++;
	return i;
}

/* Does a calculation with two constants stand at i: 7*'7', 7 + 7? */
static bool
calculation(struct slice t, size_t i)
{
	size_t k, end;

	i = skip(t, i, " ");
	if (t.len - i > 5 && memcmp(t.at + i, "print", 5) == 0)
		i += 5;
	i = skip(t, i, " \t\n'\"(=:!-[{");
	end = digits(t, i);
	if (end == i)
		return false;
	k = skip(t, end, " \t'\".");
	if (!one_of(at(t, k), "*+-/^%x") || (at(t, k) == 'x' && k == end))
		return false;
	k = skip(t, k + 1, " \t'\"*");
	return digits(t, k) > k &&
	       one_of(at(t, skip(t, digits(t, k), " \t'\".*+-/0123456789")),
		   "}%])$|;>");
}

/* Behind the opening of an expression at i; 0: none is there. */
static size_t
opening(struct slice t, size_t i)
{
	char c = at(t, i), next = at(t, i + 1);

	if (next == '{' && one_of(c, "{$#*@%~"))
		return i + 2;
	if ((c == '@' && next == '(') || (c == '[' && next == '='))
		return i + 2;
	if (c == '$' && next == '(' && at(t, i + 2) == '(')
		return i + 3; /* the shell's own: "$((7*7))" */
	if ((c == '<' && next == '%') || (c == '[' && next == '[') ||
	    (c == '{' && next == '%'))
		return i + 2;
	/* Smarty's "{7*7}": the whole text, for it is a set in mathematics. */
	return c == '{' && i == 0 ? 1 : 0;
}

/*
 * Does the parenthesis at i open a condition that an LDAP filter did not have:
 * "*)(uid=*", ")(|(cn=", "x)(&)"?  opened: parentheses that are still open.
 */
static bool
filter(struct slice t, size_t i, long opened)
{
	size_t k = skip(t, i + 1, " "), end, eq;
	bool op;

	if (i == 0 || at(t, i - 1) != ')')
		return false;
	if (at(t, k) == '(')
		k++; /* "*)((|userpassword=*)" */
	op = one_of(at(t, k), "|&!");
	k = skip(t, k + op, " (");
	if (op && opened < 0 && (at(t, k) == ')' || k >= t.len))
		return true;
	for (end = k; end < k + 32 && name_byte(at(t, end)); end++)
		;
	eq = skip(t, end, " ~<>");
	return end > k && at(t, eq) == '=' && opened < 0;
}

const char *
inject_template(struct slice text)
{
	long opened = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		size_t open = may_open[(unsigned char)c] ? opening(text, i) : 0;

		if (open > 0 && calculation(text, open))
			return "template-calculation";
		if (c == '(' && filter(text, i, opened))
			return "ldap-filter";
		opened += (c == '(') - (c == ')');
	}
	/* What closes a filter and ends the text that it is put into. */
	if (text.len >= 2 && text.len <= 32 && opened < 0 &&
	    at(text, 0) == '*' && at(text, 1) == ')')
		return "ldap-filter";
	return NULL;
}
