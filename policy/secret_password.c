/*
 * Passwords, which people choose: told from the names, variables and examples
 * that stand in their places.
 */
#include "policy/secret.h"

#include <string.h>

#include "policy/secret_form.h"
#include "proxy/base/array.h"

/* Bytes of a password in a URL; shorter ones are examples: "a:b@". */
#define PASSWORD_MIN 4

/* Words that stand for a password where there is none. */
static bool
word_for_password(struct slice s)
{
	static const char *const words[] = { "password", "passwd", "pass",
		"pwd", "passwort", "secret", "string", "token", "none", "false",
		"true", "null", "value", "user_password", "userpass", "prompt",
		"empty", "required", "optional", "database", "foobar", "qwerty",
		"test", "my_password", "userpassword", "dbpassword",
		"db_password", "passphrase", "blah", "api_key", "apikey",
		"key" };

	for (size_t i = 0; i < nitems(words); i++)
		if (s.len == strlen(words[i]) && form_holds(s, words[i]))
			return true;
	return false;
}

/* The sign of a variable, a placeholder or an expression? */
static bool
is_template(struct slice s)
{
	static const char signs[] = "$%{<[(*&";

	return s.len == 0 ||
	       memchr(signs, s.at[0], sizeof(signs) - 1) != NULL ||
	       memchr(s.at, '{', s.len) != NULL ||
	       memchr(s.at, '(', s.len) != NULL ||
	       (s.len > 1 && s.at[s.len - 1] == '%') || form_holds(s, "$(") ||
	       form_holds(s, "${") || form_holds(s, "%s");
}

bool
secret_value(struct slice s)
{
	struct form sh = form_of(s);

	return sh.distinct >= 4 && !is_template(s) && !form_placeholder(s) &&
	       !word_for_password(s);
}

/* Names of variables and members: words joined by '_', '-', '.' and '/'. */
static bool
is_name(struct slice s, const struct form *sh)
{
	size_t signs = 0;

	for (size_t i = 0; i < s.len; i++)
		signs += s.at[i] != '\0' && strchr("_-./:[]", s.at[i]) != NULL;
	return signs == sh->other &&
	       (sh->digit == 0 || (signs > 0 && sh->turns < 4));
}

bool
secret_password(struct slice s)
{
	struct form sh;
	size_t classes;

	while (s.len > 0 && s.at[s.len - 1] != '\0' &&
	       strchr(",.;:)", s.at[s.len - 1]) != NULL)
		s.len--;
	sh = form_of(s);
	classes = (size_t)(sh.lower > 0) + (sh.upper > 0) + (sh.digit > 0) +
		  (sh.other > 0);
	if (s.len < 6 || sh.lower + sh.upper < 2 || sh.distinct < 5 ||
	    is_template(s) || form_placeholder(s) || form_holds(s, "passw") ||
	    form_holds(s, "secret") || is_name(s, &sh))
		return false;
	if (s.at[0] == '/' || s.at[0] == '.' || s.at[0] == '#' ||
	    s.at[0] == '=')
		return false;
	return sh.digit > 0 ? classes >= 2 : classes >= 3;
}

bool
secret_userpass(struct slice s)
{
	const char *colon = memchr(s.at, ':', s.len);

	return colon != NULL && secret_value((struct slice){ colon + 1,
				    s.len - (size_t)(colon + 1 - s.at) });
}

/* The place of the last c in s, or NULL. */
static const char *
last_of(struct slice s, char c)
{
	return s.len == 0 ? NULL : memrchr(s.at, c, s.len);
}

/* Names that a document gives to whoever logs in. */
static bool
stands_for_user(struct slice user, struct slice pass)
{
	static const char *const pairs[][2] = { { "user", "pass" },
		{ "user", "password" }, { "user", "passwd" }, { "user", "pwd" },
		{ "u", "p" }, { "foo", "bar" }, { "guest", "guest" },
		{ "usr", "pwd" }, { "login", "password" }, { "name", "pass" } };

	for (size_t i = 0; i < nitems(pairs); i++)
		if (user.len == strlen(pairs[i][0]) &&
		    form_holds(user, pairs[i][0]) &&
		    pass.len == strlen(pairs[i][1]) &&
		    form_holds(pass, pairs[i][1]))
			return true;
	return false;
}

bool
secret_url(struct slice s)
{
	const char *user = memmem(s.at, s.len, "://", 3), *at = last_of(s, '@');
	const char *colon;
	struct slice pass;

	if (user == NULL || at == NULL)
		return false;
	user += 3;
	colon = memchr(user, ':', (size_t)(at - user));
	if (colon == NULL || colon + PASSWORD_MIN >= at)
		return false;
	pass = (struct slice){ colon + 1, (size_t)(at - colon) - 1 };
	if (is_template(pass) ||
	    is_template((struct slice){ user, (size_t)(colon - user) + 1 }))
		return false;
	if (memchr(pass.at, '*', pass.len) != NULL || form_holds(pass, "xxx") ||
	    form_holds(pass, "..."))
		return false;
	return !(stands_for_user(
	    (struct slice){ user, (size_t)(colon - user) }, pass));
}

bool
secret_words(struct slice s)
{
	static const char *const never[] = { " the ", " and ", " for ", " are ",
		" but ", " not ", " was ", " has ", " its ", " from ",
		" your " };
	size_t n = 1, repeated = 0;
	struct slice last = { s.at, 0 };

	for (size_t i = 0, from = 0; i <= s.len; i++) {
		struct slice word = { s.at + from, i - from };

		if (i < s.len && s.at[i] != ' ')
			continue;
		n += i < s.len;
		repeated += slice_eq(word, last);
		last = word;
		from = i + 1;
	}
	for (size_t i = 0; i < nitems(never); i++)
		if (form_holds(s, never[i]))
			return false;
	return n % 3 == 0 && repeated < 4;
}
