/*
 * Hosts and URLs: what must hold of every text.  A URL with an address in the
 * place of its host names that address, whatever stands around it; the walk
 * over a text ends; what is found is a host.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/host.h"
#include "policy/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	abort();
}

static bool
has_private(const struct url *u)
{
	for (size_t i = 0; i < u->n; i++) {
		struct host h;

		host_init(&h, (struct slice){ u->v[i].text, u->v[i].len });
		if (host_class(&h, false) != ADDRESS_PUBLIC)
			return true;
	}
	return u->cut;
}

static void
check(const struct url *u)
{
	if (u->n > URL_HOSTS_MAX)
		fail("too many hosts");
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].len == 0 || u->v[i].len > URL_HOST_MAX ||
		    u->v[i].text[0] == '.' ||
		    u->v[i].text[u->v[i].len - 1] == '.')
			fail("not a host");
	(void)has_private(u);
}

/* PREFIX text SUFFIX is read as a whole, and must not look harmless. */
static void
check_around(const char *prefix, struct slice text, const char *suffix)
{
	size_t before = strlen(prefix), after = strlen(suffix);
	size_t len = before + text.len + after;
	char *all = malloc(len);
	struct url u;

	if (all == NULL)
		abort();
	memcpy(all, prefix, before);
	if (text.len > 0)
		memcpy(all + before, text.at, text.len);
	memcpy(all + before + text.len, suffix, after);
	if (!url_read((struct slice){ all, len }, &u) || !has_private(&u))
		fail(prefix);
	free(all);
}

static bool
has_any(struct slice text, const char *set)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] != '\0' && strchr(set, text.at[i]) != NULL)
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct addresses as;
	struct url u;
	size_t at = 0, before = 0;

	if (size == 0)
		return 0;
	address_read(text, &as);
	if (as.n > ADDRESSES_MAX)
		fail("too many addresses");
	if (url_read(text, &u))
		check(&u);
	while (url_next(text, &at, &u)) {
		check(&u);
		if (at <= before || at > size)
			fail("the walk stands still");
		before = at;
	}
	check_around("http://127.0.0.1/", text, "");
	check_around("http://127.0.0.1:", text, "");
	check_around("https://localhost?", text, "");
	if (!has_any(text, "/\\?#"))
		check_around("http://", text, "@127.0.0.1/");
	if (!has_any(text, "/"))
		check_around("http://a\\", text, "@[::1]/");
	return 0;
}
