/*
 * The user's own secrets: what stands in our environment under a name that
 * speaks of a secret has no business in an argument.  Values are kept for
 * comparing alone, are shown nowhere, and are wiped when they are given back.
 */
#include "policy/secret.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

/* Bytes of the shortest value: what is shorter stands in texts by chance. */
#define VALUE_MIN 8U
/* Bytes of the longest: a longer one is known by its beginning. */
#define VALUE_MAX 4096U
/* Values that are kept; more is no environment of a person's. */
#define VALUES_MAX 256U
/* Bytes that are hashed at once, and how far apart: see values_find(). */
#define GRAM 4U

struct value {
	char *at; /* owned */
	size_t len;
};

struct secret_values {
	struct value v[VALUES_MAX];
	size_t n;
	uint64_t grams[64]; /* a bit for the hash of each gram of a value */
};

static size_t
gram_bit(const char *at)
{
	uint32_t gram;

	memcpy(&gram, at, sizeof(gram));
	return gram * 2654435761U >> 20; /* Fibonacci hashing: 12 bits */
}

static bool
name_holds(const char *name, const char *word)
{
	size_t len = strlen(word);

	for (; *name != '\0' && *name != '='; name++)
		if (strncasecmp(name, word, len) == 0)
			return true;
	return false;
}

/* Does the name end in word?  len is the name's. */
static bool
name_ends(const char *name, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp(name + len - n, word, n) == 0;
}

static bool
name_is_secret(const char *name, size_t len)
{
	static const char *const parts[] = { "token", "secret", "passw",
		"passphrase", "api_key", "apikey", "access_key", "accesskey",
		"private", "credential", "auth_key", "webhook", "bearer",
		"conn_str", "connection_string", "account_key", "mnemonic",
		"encryption_key", "signing_key" };
	static const char *const ends[] = { "_key", "_pat", "_dsn", "_pass",
		"_pwd", "_uri", "database_url", "redis_url", "mongo_url",
		"_url", "_auth", "_jwt", "_pw" };
	static const char *const never[] = { "XDG_", "SSH_AUTH_SOCK", "LS_",
		"DBUS_", "GPG_AGENT", "npm_config_", "npm_package_",
		"npm_lifecycle_" };
	static const char *const places[] = { "_file", "_path", "_dir", "_sock",
		"_socket", "_home", "_helper", "_askpass", "_cmd", "_name",
		"_id" };

	for (size_t i = 0; i < nitems(never); i++)
		if (strncmp(name, never[i], strlen(never[i])) == 0 &&
		    !name_holds(name, "auth_token") &&
		    !name_holds(name, "authtoken"))
			return false;
	for (size_t i = 0; i < nitems(places); i++)
		if (name_ends(name, len, places[i]))
			return false;
	for (size_t i = 0; i < nitems(parts); i++)
		if (name_holds(name, parts[i]))
			return true;
	for (size_t i = 0; i < nitems(ends); i++)
		if (name_ends(name, len, ends[i]))
			return true;
	return false;
}

/* A word, a number, a path or a switch may stand in any text. */
static bool
value_is_ordinary(struct slice s)
{
	size_t letters = 0, digits = 0, capitals = 0, same = 0;

	if (s.len < VALUE_MIN || s.at[0] == '/' || s.at[0] == '~' ||
	    s.at[0] == '.')
		return true;
	for (size_t i = 0; i < s.len; i++) {
		letters += isalpha((unsigned char)s.at[i]) != 0;
		capitals += isupper((unsigned char)s.at[i]) != 0;
		digits += isdigit((unsigned char)s.at[i]) != 0;
		same += s.at[i] == s.at[0];
	}
	if (same * 2 > s.len || letters == 0)
		return true;
	/* One word, or words joined by signs, of one case. */
	if (digits == 0 && s.len < 16 && (capitals <= 1 || capitals == letters))
		return true;
	/* An address without a password in it. */
	return memmem(s.at, s.len, "://", 3) != NULL && !secret_url(s) &&
	       memmem(s.at, s.len, "hooks", 5) == NULL;
}

static void
add(struct secret_values *sv, struct slice s)
{
	if (sv->n == VALUES_MAX || value_is_ordinary(s))
		return;
	if (s.len > VALUE_MAX)
		s.len = VALUE_MAX;
	sv->v[sv->n].at = xmemdup0(s.at, s.len);
	sv->v[sv->n++].len = s.len;
	for (size_t i = 0; i < GRAM; i++) {
		size_t bit = gram_bit(s.at + i);

		sv->grams[bit / 64] |= 1ULL << bit % 64;
	}
}

/* The password within a URL counts by itself as well. */
static void
add_password(struct secret_values *sv, struct slice s)
{
	const char *user = memmem(s.at, s.len, "://", 3), *colon, *at;

	if (user == NULL || !secret_url(s))
		return;
	user += 3;
	at = memrchr(s.at, '@', s.len);
	colon = memchr(user, ':', (size_t)(at - user));
	add(sv, (struct slice){ colon + 1, (size_t)(at - colon) - 1 });
}

struct secret_values *
secret_values_new(char *const *envp)
{
	struct secret_values *sv = xcalloc(1, sizeof(*sv));

	for (; envp != NULL && *envp != NULL; envp++) {
		const char *equals = strchr(*envp, '=');
		struct slice value;

		if (equals == NULL ||
		    !name_is_secret(*envp, (size_t)(equals - *envp)))
			continue;
		value = slice_of(equals + 1);
		add(sv, value);
		add_password(sv, value);
	}
	return sv;
}

void
secret_values_free(struct secret_values *sv)
{
	if (sv == NULL)
		return;
	for (size_t i = 0; i < sv->n; i++) {
		explicit_bzero(sv->v[i].at, sv->v[i].len);
		free(sv->v[i].at);
	}
	explicit_bzero(sv, sizeof(*sv));
	free(sv);
}

/* Does a value stand in text so that its gram number i lies at place? */
static bool
value_around(const struct secret_values *sv, struct slice text, size_t place,
    size_t *ret_first, size_t *ret_end)
{
	for (size_t k = 0; k < sv->n; k++)
		for (size_t i = 0; i < GRAM && i <= place; i++) {
			const struct value *v = &sv->v[k];

			if (v->len > text.len - (place - i) ||
			    memcmp(text.at + place - i, v->at, v->len) != 0)
				continue;
			*ret_first = place - i;
			*ret_end = place - i + v->len;
			return true;
		}
	return false;
}

/*
 * A value has eight bytes at least, so of the places 0, 4, 8 ... of the text
 * one is the first, second, third or fourth byte of it, with three more behind.
 */
bool
secret_values_find(const struct secret_values *sv, struct slice text,
    size_t *ret_first, size_t *ret_end)
{
	if (sv == NULL || sv->n == 0)
		return false;
	for (size_t at = 0; at + GRAM <= text.len; at += GRAM) {
		size_t bit = gram_bit(text.at + at);

		if ((sv->grams[bit / 64] >> bit % 64 & 1) != 0 &&
		    value_around(sv, text, at, ret_first, ret_end))
			return true;
	}
	return false;
}
