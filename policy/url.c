/*
 * The hosts of URLs.  Parsers disagree about what is odd, and who checks a URL
 * is seldom who fetches it: so the host is given in every reading, as RFC 3986
 * has it, as browsers have it, and as the lenient have it, who take what is
 * behind any "@" or before it.  Whether a host is a bad one is not judged here.
 * Source: WHATWG URL; RFC 3986.
 */
#include "policy/url.h"

#include <strings.h>

#include "policy/url_part.h"
#include "proxy/base/array.h"

#define STRIPPED_MAX                                                           \
	2048U /* bytes of a URL whose line breaks are taken out                \
	       */
#define SHORT_MAX 64U /* bytes of a host without slashes within a text */
#define PIECES_MAX 8U /* of an authority, between "@" signs */

static bool
is_scheme_byte(char c)
{
	return url_is_word(c) || c == '+';
}

static size_t
count_slashes(struct slice s)
{
	size_t n = 0;

	while (n < s.len && url_is_slash(s.at[n]))
		n++;
	return n;
}

static struct slice
behind_last_at(struct slice s)
{
	const char *at = s.len > 0 ? memrchr(s.at, '@', s.len) : NULL;

	return at != NULL ? url_behind(s, (size_t)(at - s.at) + 1) : s;
}

/* Signs that no honest authority has, and that parsers disagree about. */
static bool
is_odd(struct slice zone)
{
	bool backslash = false;

	for (size_t i = 0; i < zone.len; i++) {
		unsigned char c = (unsigned char)zone.at[i];

		if (c < ' ' || c == 0x7f)
			return true;
		if (c == '@' &&
		    (backslash ||
			(i > 0 && strchr("?#;@", zone.at[i - 1]) != NULL)))
			return true;
		backslash = backslash || c == '\\';
	}
	return false;
}

/* Every piece between "@" signs, the first and the last of many. */
static void
add_pieces(struct url *u, struct slice zone)
{
	for (size_t n = 0; zone.len > 0; n++) {
		struct slice piece = url_up_to(zone, "@");

		url_add_host(u, piece, false);
		zone = url_behind(zone, piece.len);
		if (zone.len > 0)
			zone = url_behind(zone, 1);
		if (n == PIECES_MAX) {
			u->cut = true;
			url_add_host(u, behind_last_at(zone), false);
			return;
		}
	}
}

/* zone: what is behind the slashes, up to where the caller sees it end. */
static void
add_authority(struct url *u, struct slice zone)
{
	struct slice greedy = url_up_to(zone, "/");
	struct slice rfc = url_up_to(greedy, "?#");
	struct slice browser = url_up_to(rfc, "\\");

	url_add_host(u, behind_last_at(browser), true);
	if (rfc.len != browser.len)
		url_add_host(u, behind_last_at(rfc), true);
	if (memchr(greedy.at, '@', greedy.len) != NULL)
		add_pieces(u, greedy);
	u->odd = u->odd || is_odd(greedy);
}

static void
clear(struct url *u)
{
	u->scheme = URL_BARE;
	u->slashes = u->odd = u->cut = false;
	u->n = 0;
}

/* data: that browsers would run. */
static bool
is_active(struct slice data)
{
	static const char *const types[] = { "text/html", "image/svg",
		"text/javascript", "application/javascript",
		"application/xhtml", "text/xml", "application/xml" };

	for (size_t i = 0; i < nitems(types); i++)
		if (data.len >= strlen(types[i]) &&
		    strncasecmp(data.at, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

/* text begins with a scheme of n bytes and its colon. */
static bool
read_scheme(struct slice text, size_t n, struct url *ret)
{
	struct slice rest = url_behind(text, n + 1);
	size_t slashes = count_slashes(rest);

	ret->scheme = url_scheme_of((struct slice){ text.at, n });
	ret->slashes = slashes >= 2;
	switch (ret->scheme) {
	case URL_INERT:
		if (n == 4 && is_active(rest) &&
		    fold_ascii((unsigned char)text.at[0]) == 'd')
			ret->scheme = URL_SCRIPT;
		return true;
	case URL_BARE:
	case URL_SCRIPT:
	case URL_REFUSED:
		break;
	case URL_WEB:
		if (n == 0 && !ret->slashes)
			return false;
		break;
	case URL_APP:
	case URL_NET:
	case URL_FILE:
		if (!ret->slashes) /* HOST:PORT, or no host */
			return false;
		break;
	}
	add_authority(ret, url_behind(rest, slashes));
	return true;
}

static bool
read_stripped(struct slice text, struct url *ret)
{
	size_t n = 0, slashes = count_slashes(text);

	while (n < text.len && n < URL_SCHEME_MAX && is_scheme_byte(text.at[n]))
		n++;
	if (n < text.len && text.at[n] == ':' && read_scheme(text, n, ret))
		return true;
	if (slashes == 1)
		return false;
	ret->scheme = slashes > 1 ? URL_WEB : URL_BARE;
	ret->slashes = slashes > 1;
	if (slashes == 0 && url_up_to(text, " ").len < text.len)
		return false;
	add_authority(ret, url_behind(text, slashes));
	return true;
}

bool
url_read(struct slice text, struct url *ret)
{
	char plain[STRIPPED_MAX];
	size_t n = 0, first;
	struct slice rest;
	bool more = false;

	clear(ret);
	while (text.len > 0 && (unsigned char)text.at[0] <= ' ')
		text = url_behind(text, 1);
	while (text.len > 0 && (unsigned char)text.at[text.len - 1] <= ' ')
		text.len--;
	if (text.len == 0)
		return false;
	first = url_up_to(text, "\t\r\n").len;
	if (first == text.len)
		return read_stripped(text, ret);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\t' || text.at[i] == '\r' ||
		    text.at[i] == '\n')
			continue;
		more = n == sizeof(plain);
		if (more)
			break;
		plain[n++] = text.at[i];
	}
	if (!read_stripped((struct slice){ plain, n }, ret))
		return false;
	ret->cut = ret->cut || more;
	rest = url_behind(text, first);
	/* A list of URLs, one a line, is no odd one. */
	if (ret->scheme != URL_BARE &&
	    (memmem(text.at, first, "://", 3) == NULL ||
		memmem(rest.at, rest.len, "://", 3) == NULL))
		ret->odd = true;
	return true;
}

/* The scheme that ends at text.at[colon]. */
static enum url_scheme
scheme_before(struct slice text, size_t colon)
{
	size_t n = 0;

	while (n < URL_SCHEME_MAX && n < colon &&
	       is_scheme_byte(text.at[colon - n - 1]))
		n++;
	return url_scheme_of((struct slice){ text.at + colon - n, n });
}

/* As http, https and ftp do. */
static bool
ends_scheme(char c)
{
	return (c | 0x20) == 'p' || (c | 0x20) == 's';
}

bool
url_next(struct slice text, size_t *at, struct url *ret)
{
	while (*at < text.len) {
		const char *p = memchr(text.at + *at, ':', text.len - *at);
		size_t colon, slashes;
		struct slice rest;

		if (p == NULL)
			break;
		colon = (size_t)(p - text.at);
		rest = url_behind(text, colon + 1);
		slashes = count_slashes(rest);
		*at = colon + 1 + slashes;
		rest = url_behind(rest, slashes);
		/* Without slashes: those that end as http, https and ftp do. */
		if (rest.len == 0 ||
		    (slashes < 2 && (!url_is_word(rest.at[0]) || colon == 0 ||
					!ends_scheme(p[-1]))))
			continue;
		clear(ret);
		ret->scheme = scheme_before(text, colon);
		ret->slashes = slashes >= 2;
		if (slashes < 2) {
			if (ret->scheme != URL_WEB)
				continue;
			rest.len = rest.len < SHORT_MAX ? rest.len : SHORT_MAX;
		}
		/* Behind backslashes alone it ends at the next one: else each
		   of many "x:\\" would be read to the end. */
		rest = url_up_to(rest, memchr(p, '/', 1 + slashes) != NULL
					   ? "/ \t\r\n\v\f\"'<>`"
					   : "\\/ \t\r\n\v\f\"'<>`");
		add_authority(ret, rest);
		return true;
	}
	*at = text.len;
	return false;
}
