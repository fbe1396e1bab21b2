#ifndef POLICY_URL_H
#define POLICY_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

/* Bytes of a host: DNS names have at most 253, numbers may begin with zeros. */
#define URL_HOST_MAX 320U
/* Hosts that one URL may be taken to name. */
#define URL_HOSTS_MAX 12U

/* What a scheme says about the host behind it. */
enum url_scheme {
	URL_BARE, /* none, and no slashes: HOST, HOST:PORT, HOST/PATH */
	URL_WEB, /* read by the rules of browsers; also "//HOST" */
	URL_NET, /* others that connect to a host: ssh, redis ... */
	URL_APP, /* unknown: a name of an application's own, as memo:// */
	URL_FILE,
	URL_INERT, /* connects to nothing: mailto, data ... */
	URL_SCRIPT, /* data: with a document that runs scripts */
	URL_REFUSED, /* what reaches into networks and files: gopher ... */
};

struct url_host {
	char text[URL_HOST_MAX]; /* lower case, without port and last dot */
	size_t len;
	bool sure; /* a parser in use takes it for the host, without doubt */
};

/* One URL with every host that a parser in use may take for its host. */
struct url {
	enum url_scheme scheme;
	bool slashes; /* two or more stood before the host */
	bool odd; /* written so that parsers disagree about its host */
	bool cut; /* there are more or longer hosts than fit */
	struct url_host v[URL_HOSTS_MAX];
	size_t n;
};

/* To browsers a backslash is one. */
static inline bool
url_is_slash(char c)
{
	return c == '/' || c == '\\';
}

/*
 * Reads the whole of text as a URL, as "//HOST", or as a bare HOST[:PORT]
 * [/PATH].  False if it is none of these: it begins with one slash, or holds
 * white space without having a scheme.  Linear.
 * Source: WHATWG URL; RFC 3986, section 3.2; Tsai, "A New Era of SSRF", 2017.
 */
bool url_read(struct slice text, struct url *ret);

/*
 * The next "scheme://HOST" from offset *at on, in backslashes too, or a
 * "http:HOST" without them.  Returns true and moves *at, or false at the end.
 * A loop over it is linear in text.len.
 */
bool url_next(struct slice text, size_t *at, struct url *ret);

#endif
