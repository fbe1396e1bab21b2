/*
 * Hosts and lists of them, for the matcher "host" of rules and the stage host.
 * Names that allow are taken at their word, names that refuse in every reading.
 * Source: RFC 3986, section 3.2; WHATWG URL.
 */
#include "policy/host.h"

#include "policy/fold.h"
#include "policy/glob.h"
#include "policy/policy.h"
#include "policy/url.h"
#include "proxy/base/array.h"

#define HOST_MAX 256 /* bytes; DNS names have at most 253 */

void
host_init(struct host *h, struct slice name)
{
	h->name = name;
	address_read(name, &h->as);
}

/* An address of four numbers among others: "x-10-0-0-1", "10.0.0.1.x". */
static enum address_class
embedded_at(struct slice name, size_t at)
{
	char text[16];
	struct addresses as;
	char sign = '\0';
	size_t len = 0, signs = 0;

	for (; at < name.len && len < sizeof(text); at++) {
		char c = name.at[at];

		if (c >= '0' && c <= '9') {
			text[len++] = c;
			continue;
		}
		if ((c != '.' && c != '-') || signs == 3 ||
		    (sign != '\0' && c != sign))
			break;
		sign = c;
		signs++;
		text[len++] = '.';
	}
	if (signs < 3 ||
	    (at < name.len && name.at[at] != '.' && name.at[at] != '-'))
		return ADDRESS_PUBLIC;
	address_read((struct slice){ text, len }, &as);
	/* Versions look like 0.1.2.3, and nothing is behind 224.0.0.0. */
	if (as.n != 1 || as.odd || as.v[0].b[12] >= 224 ||
	    (as.v[0].b[12] == 0 && memcmp(&as.v[0].b[13], "\0\0\0", 3) != 0))
		return ADDRESS_PUBLIC;
	return addresses_class(&as);
}

static enum address_class
embedded(struct slice name)
{
	enum address_class worst = ADDRESS_PUBLIC;

	for (size_t i = 0; i < name.len; i++) {
		enum address_class got;

		if (name.at[i] < '0' || name.at[i] > '9' ||
		    (i > 0 && name.at[i - 1] != '.' && name.at[i - 1] != '-'))
			continue;
		got = embedded_at(name, i);
		worst = got > worst ? got : worst;
	}
	return worst;
}

enum address_class
host_class(const struct host *h, bool web)
{
	enum address_class class;

	if (h->as.n > 0)
		return addresses_class(&h->as);
	class = embedded(h->name);
	/* A word like any other, but where a browser's rules hold. */
	if (class == ADDRESS_PUBLIC && (web || !slice_is(h->name, "metadata")))
		class = host_name_class(h->name);
	if (class != ADDRESS_PUBLIC || !web)
		return class;
	/* No name of one label has an address in the public part of DNS. */
	for (size_t i = 0; i < h->name.len; i++)
		if (h->name.at[i] == '.' || h->name.at[i] == ':' ||
		    (unsigned char)h->name.at[i] >= 0x80)
			return ADDRESS_PUBLIC;
	return h->name.len > 0 ? ADDRESS_PRIVATE : ADDRESS_PUBLIC;
}

size_t
host_dots(struct slice name)
{
	size_t n = 0;

	for (size_t i = 0; i < name.len; i++)
		n += name.at[i] == '.';
	return n;
}

bool
host_is_bare_address(const struct host *h)
{
	const unsigned char *b = h->as.v[0].b;

	if (h->as.n == 0 || h->as.wraps)
		return false;
	if (!h->as.odd || memchr(h->name.at, ':', h->name.len) != NULL)
		return true;
	/* 4155552671 is a telephone number, 10.5 a version; 0 is this host. */
	if (host_dots(h->name) == 3 || slice_is(h->name, "0"))
		return true;
	return b[12] > 10 && b[12] < 224;
}

static bool
entry_is(const char *entry, const struct host *h, bool exact)
{
	struct address_net net;

	if (address_net_parse(entry, &net))
		return addresses_in(&net, &h->as, exact);
	if (exact && strpbrk(entry, "*?") != NULL)
		return false;
	return glob_match(entry, h->name);
}

long
host_listed(const struct policy_list *list, const struct host *h)
{
	for (size_t i = 0; i < list->n; i++)
		if (entry_is(list->v[i].text, h, false))
			return (long)i;
	return -1;
}

bool
host_listed_exactly(const struct policy_list *list, const struct host *h)
{
	for (size_t i = 0; i < list->n; i++)
		if (entry_is(list->v[i].text, h, true))
			return true;
	return false;
}

/* --- The matcher of rules. ----------------------------------------------- */

/* Behind "//" if there is one, up to the end of the authority. */
static struct slice
authority(struct slice text)
{
	const char *p = memmem(text.at, text.len, "//", 2);
	struct slice a = text;

	if (p != NULL) {
		size_t at = (size_t)(p - text.at);

		while (at < text.len && text.at[at] == '/')
			at++;
		a = (struct slice){ text.at + at, text.len - at };
	}
	for (size_t i = 0; i < a.len; i++)
		if (a.at[i] == '/' || a.at[i] == '?' || a.at[i] == '#')
			a.len = i;
	return a;
}

static bool
is_plain(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] <= ' ' || text.at[i] == '\\' ||
		    text.at[i] == '@' || text.at[i] == '%' ||
		    (unsigned char)text.at[i] >= 0x7f)
			return false;
	return true;
}

/* By rules that allow: the one host, written as everybody reads it. */
static long
find_plain(const struct policy_list *list, struct slice text)
{
	char name[HOST_MAX];
	struct slice a = authority(text);
	size_t first = 0, end = a.len, len = 0;
	const char *stop;
	struct host h;

	if (end > 0 && a.at[0] == '[') {
		stop = memchr(a.at, ']', end);
		first = 1;
	} else {
		stop = end > 0 ? memchr(a.at, ':', end) : NULL;
	}
	end = stop != NULL ? (size_t)(stop - a.at) : end;
	while (end > first && a.at[end - 1] == '.')
		end--;
	if (end == first || end - first >= sizeof(name))
		return -1;
	for (size_t i = first; i < end; i++)
		name[len++] = (char)fold_ascii((unsigned char)a.at[i]);
	host_init(&h, (struct slice){ name, len });
	if (h.as.odd) /* who knows which address it is */
		h.as.n = 0;
	return host_listed(list, &h);
}

long
host_find(const struct policy_list *list, struct slice text, bool doubt)
{
	struct url u;
	long found = -1;

	if (!doubt)
		return is_plain(text) && text.len > 0 ? find_plain(list, text)
						      : -1;
	if (!url_read(text, &u))
		return -1;
	for (size_t i = 0; i < u.n && found < 0; i++) {
		struct host h;

		host_init(&h, (struct slice){ u.v[i].text, u.v[i].len });
		found = host_listed(list, &h);
	}
	return found;
}
