/*
 * How a text that may be a secret is made: which bytes, how mixed, and whether
 * people write such things where a secret belongs.
 */
#include "policy/secret_form.h"

#include <math.h>
#include <string.h>

#include "policy/fold.h"
#include "proxy/base/array.h"

/* Bytes of a token whose statistics are taken: more would add nothing. */
#define FORM_MAX 512U

enum form_class
form_class_of(char c)
{
	if (c >= 'a' && c <= 'z')
		return FORM_LOWER;
	if (c >= 'A' && c <= 'Z')
		return FORM_UPPER;
	return c >= '0' && c <= '9' ? FORM_DIGIT : FORM_OTHER;
}

bool
form_hex_digit(char c)
{
	return (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

struct form
form_of(struct slice s)
{
	struct form sh = { .len = s.len < FORM_MAX ? s.len : FORM_MAX,
		.hex = true };
	size_t count[256] = { 0 },
	       *of[] = { &sh.lower, &sh.upper, &sh.digit, &sh.other };
	enum form_class last = FORM_OTHER;

	for (size_t i = 0; i < sh.len; i++) {
		enum form_class c = form_class_of(s.at[i]);

		count[(unsigned char)s.at[i]]++;
		++*of[c];
		if (!form_hex_digit(s.at[i]) && s.at[i] != '-')
			sh.hex = false;
		if (c == FORM_OTHER)
			continue;
		if (last != FORM_OTHER && c != last &&
		    !(last == FORM_UPPER && c == FORM_LOWER))
			sh.turns++;
		last = c;
	}
	if (sh.lower > 0 && sh.upper > 0)
		sh.hex = false;
	for (size_t i = 0; i < nitems(count); i++) {
		double p = (double)count[i] / (double)(sh.len + (sh.len == 0));

		if (count[i] == 0)
			continue;
		sh.distinct++;
		sh.most = count[i] > sh.most ? count[i] : sh.most;
		sh.entropy -= p * log2(p);
	}
	return sh;
}

/* Does what stand at at?  what ends with a '|' or a NUL. */
static bool
stands_at(struct slice s, size_t at, const char *what)
{
	for (; *what != '\0' && *what != '|'; what++, at++)
		if (at == s.len ||
		    fold_ascii((unsigned char)s.at[at]) != (unsigned char)*what)
			return false;
	return true;
}

bool
form_holds(struct slice s, const char *what)
{
	for (size_t i = 0; i < s.len; i++)
		if (stands_at(s, i, what))
			return true;
	return false;
}

bool
form_placeholder(struct slice s)
{
	/* By their first letter: many matches end here, so it has to be fast.
	 */
	static const char *const words[128] = {
		['$'] = "${|$(",
		['%'] = "%(",
		['*'] = "****",
		['-'] = "-here|->",
		['.'] = "....",
		[':'] = "://",
		['='] = "=>",
		['_'] = "_here",
		['a'] = "arn:",
		['c'] = "changeme|change_me|change-me|config.",
		['d'] = "dummy",
		['e'] = "example|env.|environ",
		['f'] = "fixme",
		['g'] = "getenv",
		['h'] = "hidden",
		['i'] = "insert",
		['m'] = "my_|my-",
		['n'] = "null|not_real|notreal|not-real",
		['p'] = "placeholder|privatekey|publickey",
		['r'] = "replace|redacted|removed|readfile",
		['s'] = "sample|secrets.|sha256:|sha512-|sha256-|sha1-",
		['t'] = "todo",
		['u'] = "undefined|uuid:",
		['x'] = "xxxx",
		['y'] = "your",
		['{'] = "{{",
		['}'] = "}}",
	};

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = fold_ascii((unsigned char)s.at[i]);
		const char *word = c < nitems(words) ? words[c] : NULL;

		while (word != NULL) {
			if (stands_at(s, i, word))
				return true;
			word = strchr(word, '|');
			word = word != NULL ? word + 1 : NULL;
		}
	}
	return false;
}

bool
form_varied(const struct form *f)
{
	return f->distinct >= (f->len < 16 ? 5U : 7U) &&
	       f->most * 100 <= f->len * 45;
}
