/*
 * Stage host: the hosts that a string names.  URLs count wherever they stand,
 * bare names and addresses where nothing else can be meant: as a whole string,
 * or as a word of a command that connects.  A word in prose is no request.
 * Every reading of a URL counts, for who fetches it may read it otherwise.
 */
#include "policy/command_host.h"
#include "policy/fold.h"
#include "policy/host.h"
#include "policy/host_named.h"
#include "policy/pathshape.h"
#include "policy/policy.h"
#include "policy/text.h"
#include "policy/url.h"
#include "proxy/base/array.h"

/* What counts about a host, where it stands. */
enum {
	COUNT_PRIVATE = 1, /* private addresses and names */
	COUNT_LABEL = 2, /* a name of one label is a private one */
	COUNT_ALLOW = 4, /* what the list does not hold */
	COUNT_SCHEME = 8,
	COUNT_SPELLING = 16,
};

enum finding {
	HOST_DENIED,
	HOST_METADATA,
	HOST_PRIVATE,
	HOST_NOT_ALLOWED,
	HOST_SCHEME,
	HOST_SPELLING,
};

static const struct {
	const char *rule, *predicate;
} findings[] = {
	[HOST_DENIED] = { "arguments.hosts.deny",
	    "names a host that the policy denies" },
	[HOST_METADATA] = { "arguments.hosts.metadata",
	    "names a cloud metadata service" },
	[HOST_PRIVATE] = { "arguments.hosts.private",
	    "names a private or local address" },
	[HOST_NOT_ALLOWED] = { "arguments.hosts.allow",
	    "names a host that the policy does not allow" },
	[HOST_SCHEME] = { "arguments.hosts.scheme",
	    "uses a URL scheme that is not allowed" },
	[HOST_SPELLING] = { "arguments.hosts.spelling",
	    "spells a host in a way that hides it" },
};

/* One string on its way through, in one of its readings. */
struct look {
	const struct policy *policy;
	const struct text *t;
	struct verdict *v;
	enum view_kind view;
	struct slice text; /* the reading */
};

static bool
refuse(struct look *l, enum finding f, const struct origin *at)
{
	if (at == NULL)
		at = policy_origin(l->policy, findings[f].rule);
	text_verdict(
	    l->v, findings[f].rule, at, l->t, l->view, findings[f].predicate);
	return true;
}

/* The order is the contract of the policy's keys. */
static bool
judge(struct look *l, const struct host *h, enum address_class class,
    unsigned counts)
{
	const struct policy *p = l->policy;
	long denied = host_listed(&p->hosts.deny, h);

	if (denied >= 0)
		return refuse(l, HOST_DENIED, &p->hosts.deny.v[denied].at);
	if (host_listed_exactly(&p->hosts.allow, h))
		return false;
	if (class == ADDRESS_METADATA && !p->hosts.metadata_ok)
		return refuse(l, HOST_METADATA, NULL);
	if (class == ADDRESS_PRIVATE && !p->hosts.private_ok &&
	    (counts & COUNT_PRIVATE) != 0)
		return refuse(l, HOST_PRIVATE, NULL);
	if ((counts & COUNT_ALLOW) != 0 && p->hosts.allow.n > 0 &&
	    host_listed(&p->hosts.allow, h) < 0)
		return refuse(l, HOST_NOT_ALLOWED, &p->hosts.allow.at);
	return false;
}

/* What is behind a host of a URL, as far as its scheme makes it one. */
static enum address_class
class_in(const struct url *u, const struct host *h, bool sure, unsigned counts)
{
	bool plain = h->as.n > 0 && (!h->as.odd || memchr(h->name.at, ':',
						       h->name.len) != NULL);

	switch (u->scheme) {
	case URL_WEB:
		if (u->slashes || (counts & COUNT_LABEL) != 0)
			return host_class(
			    h, sure && (counts & COUNT_LABEL) != 0);
		break; /* "ws:1" is more than one thing */
	case URL_NET:
	case URL_REFUSED:
		return host_class(h, false);
	case URL_BARE:
		if (h->as.n > 0 && !host_is_bare_address(h))
			return ADDRESS_PUBLIC;
		return host_class(h, false);
	case URL_APP: /* issue://17, x://localhost/1, but vnc9://127.0.0.1 */
		if (h->as.n == 0 && host_dots(h->name) == 0)
			return ADDRESS_PUBLIC;
		break;
	case URL_FILE:
		return plain ? host_class(h, false) : ADDRESS_PUBLIC;
	case URL_INERT:
	case URL_SCRIPT:
		return ADDRESS_PUBLIC;
	}
	return h->as.n == 0 || plain ? host_class(h, false) : ADDRESS_PUBLIC;
}

/* Do the policy's lists speak of such a host? */
static bool
is_listable(const struct url *u, const struct url_host *host)
{
	switch (u->scheme) {
	case URL_WEB:
	case URL_NET:
	case URL_REFUSED:
		return host->sure || u->odd;
	case URL_BARE:
	case URL_APP:
		return host->sure &&
		       host_dots((struct slice){ host->text, host->len }) > 0;
	case URL_FILE:
	case URL_INERT:
	case URL_SCRIPT:
		break;
	}
	return false;
}

static bool
judge_url(struct look *l, const struct url *u, unsigned counts)
{
	bool odd = u->odd || u->cut;

	if ((u->scheme == URL_REFUSED || u->scheme == URL_SCRIPT) &&
	    (counts & COUNT_SCHEME) != 0)
		return refuse(l, HOST_SCHEME, NULL);
	for (size_t i = 0; i < u->n; i++) {
		const struct url_host *host = &u->v[i];
		unsigned of_it = counts;
		struct host h;

		if (!is_listable(u, host))
			of_it &= ~(unsigned)COUNT_ALLOW;
		host_init(&h, (struct slice){ host->text, host->len });
		if (judge(l, &h, class_in(u, &h, host->sure, counts), of_it))
			return true;
		odd = odd || (host->sure && h.as.odd);
		/* To the program that connects, an option. */
		if (host->sure && u->slashes && host->text[0] == '-' &&
		    u->scheme == URL_NET && (counts & COUNT_SCHEME) != 0)
			return refuse(l, HOST_SPELLING, NULL);
	}
	if (odd && u->scheme == URL_WEB && (counts & COUNT_SPELLING) != 0)
		return refuse(l, HOST_SPELLING, NULL);
	return false;
}

/* --- Where hosts stand. --------------------------------------------------- */

static bool
hides(const struct policy *p)
{
	return !p->hosts.private_ok || !p->hosts.metadata_ok ||
	       p->hosts.allow.n > 0 || p->hosts.deny.n > 0;
}

static bool
is_one_word(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] <= ' ')
			return false;
	return true;
}

/* What counts of a string that is one URL, or one host, and nothing else. */
static unsigned
whole_counts(const struct look *l, const struct url *u)
{
	unsigned counts = COUNT_PRIVATE | COUNT_ALLOW;

	/* "// a comment" is a host to nobody who does not look for one. */
	if (l->t->role != ROLE_HOST &&
	    (u->scheme == URL_BARE || url_is_slash(l->text.at[0])))
		return counts & ~(unsigned)COUNT_ALLOW;
	if (u->scheme == URL_BARE)
		return counts;
	/* A sentence that begins with a URL. */
	if (l->t->role != ROLE_HOST && !is_one_word(l->text))
		return COUNT_PRIVATE;
	if (l->t->role == ROLE_HOST || u->slashes)
		counts |= COUNT_LABEL | COUNT_SCHEME;
	/* Other readings than what was sent are odd by themselves. */
	if (l->view == VIEW_SENT && hides(l->policy))
		counts |= COUNT_SPELLING;
	return counts;
}

/* May a bare text that is no host's argument be nothing but a host? */
static bool
is_host_anyway(const struct url *u, struct slice text)
{
	struct host h;

	for (size_t i = 0; i < u->n; i++) {
		if (!u->v[i].sure)
			continue;
		host_init(&h, (struct slice){ u->v[i].text, u->v[i].len });
		if (h.as.n > 0)
			return memchr(h.name.at, ':', h.name.len) != NULL
				   ? text.at[0] == '['
				   : host_dots(h.name) == 3 && !h.as.wraps &&
					 h.as.v[0].b[12] != 0;
		if (slice_is(h.name, "localhost"))
			return memchr(text.at, ':', text.len) != NULL;
		return host_dots(h.name) > 0;
	}
	return false;
}

/* Before anything is read: may judge_whole() find a host in it? */
static bool
may_be_whole(const struct look *l, unsigned bytes)
{
	enum text_role role = l->t->role;
	struct slice s;

	if (role == ROLE_PROSE || role == ROLE_CODE || l->t->document ||
	    l->text.len == 0)
		return false;
	if (role == ROLE_HOST || (bytes & VIEW_COLON) != 0)
		return true;
	if ((bytes & VIEW_DOT) == 0 && !url_is_slash(l->text.at[0]))
		return false;
	s = pathshape_stripped(l->text);
	/* "//HOST", perhaps with line breaks between; one slash is a path's. */
	if (s.len > 0 && url_is_slash(s.at[0]))
		return s.len > 1 &&
		       (url_is_slash(s.at[1]) || (unsigned char)s.at[1] <= ' ');
	return role != ROLE_PATH && memchr(s.at, ' ', s.len) == NULL;
}

static bool
judge_whole(struct look *l)
{
	struct slice text = l->text;
	enum text_role role = l->t->role;
	struct url u;

	if (!url_read(text, &u))
		return false;
	if (role != ROLE_HOST) {
		/* "javascript: the good parts", \\server\share, //comment */
		if (u.scheme != URL_BARE && !u.slashes && u.scheme != URL_WEB)
			return false;
		if (u.scheme == URL_BARE && !is_host_anyway(&u, text))
			return false;
		if (role == ROLE_PATH && u.scheme == URL_BARE)
			return false;
	}
	return judge_url(l, &u, whole_counts(l, &u));
}

static bool
judge_within(struct look *l)
{
	enum text_role role = l->t->role;
	unsigned counts = 0;
	struct url u;
	size_t at = 0;

	if (!l->t->document)
		counts |= COUNT_PRIVATE;
	if (role == ROLE_HOST)
		counts |= COUNT_LABEL;
	if (role != ROLE_PROSE)
		counts |= COUNT_ALLOW | COUNT_SCHEME;
	while (url_next(l->text, &at, &u)) {
		unsigned here = counts;

		if (!u.slashes)
			here &= ~(unsigned)(COUNT_LABEL | COUNT_ALLOW);
		if (judge_url(l, &u, here))
			return true;
	}
	return false;
}

/* Redirectors have the place to go in their path: a metadata service's address
   in a URL is never there by chance. */
static bool
judge_path_of(struct look *l)
{
	struct slice s = l->text;
	struct host h;

	for (size_t i = 0; i < s.len; i++) {
		size_t n = 0;

		while (i + n < s.len &&
		       (s.at[i + n] == '.' ||
			   (s.at[i + n] >= '0' && s.at[i + n] <= '9')))
			n++;
		if (n >= sizeof("1.1.1.1") - 1 &&
		    n < sizeof("255.255.255.255.")) {
			host_init(&h, (struct slice){ s.at + i, n });
			if (h.as.n > 0 && !h.as.odd &&
			    judge(l, &h,
				addresses_class(&h.as) == ADDRESS_METADATA
				    ? ADDRESS_METADATA
				    : ADDRESS_PUBLIC,
				0))
				return true;
		}
		i += n;
	}
	return false;
}

/* Redirectors also have it in their query, and databases' own strings. */
static bool
judge_named(struct look *l)
{
	struct host_named named = { .text = l->text };
	struct slice value;
	struct url u;

	while (host_named_next(&named, &value))
		/* "0" and "1" are numbers here. */
		if (value.len > 1 && url_read(value, &u) &&
		    judge_url(l, &u, COUNT_PRIVATE))
			return true;
	return false;
}

static bool
judge_words(struct look *l)
{
	/* A value is a command line if it begins as one. */
	struct command_host c = { .text = l->text,
		.one = l->t->role != ROLE_CODE };

	if (c.one && is_one_word(l->text))
		return false;
	while (command_host_next(&c)) {
		if (c.host.as.n > 0 && !host_is_bare_address(&c.host))
			continue;
		if (judge(l, &c.host, host_class(&c.host, false),
			c.sure ? COUNT_PRIVATE | COUNT_ALLOW : COUNT_PRIVATE))
			return true;
	}
	return false;
}

enum action
text_check_host(
    const struct text_env *env, const struct text *t, struct verdict *v)
{
	struct look l = { .policy = env->policy, .t = t, .v = v };

	for (size_t i = 0; i < t->views->n; i++) {
		unsigned bytes = t->views->v[i].bytes;

		l.view = t->views->v[i].kind;
		l.text = t->views->v[i].text;
		if (may_be_whole(&l, bytes) && judge_whole(&l))
			return ACTION_DENY;
		if ((bytes & VIEW_COLON) != 0 && judge_within(&l))
			return ACTION_DENY;
		if (t->role == ROLE_HOST && judge_path_of(&l))
			return ACTION_DENY;
		if ((t->role == ROLE_HOST || t->role == ROLE_VALUE) &&
		    judge_named(&l))
			return ACTION_DENY;
		if ((t->role == ROLE_CODE || t->role == ROLE_VALUE) &&
		    judge_words(&l))
			return ACTION_DENY;
	}
	return ACTION_ALLOW;
}
