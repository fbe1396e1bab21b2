/*
 * One host, out of the bytes that stand for it: decoded, folded as IDNA does
 * and as eyes do, and cut where one parser or another sees it end.
 */
#include <stdint.h>

#include "policy/unifold.h"
#include "policy/url_part.h"
#include "proxy/base/array.h"

#define DECODE_MAX 3 /* times a host may be percent-encoded */

static bool
is_host_byte(char c)
{
	return url_is_word(c) || (unsigned char)c >= 0x80;
}

/* Decodes in place what of it is encoded; *odd if that hid a plain letter. */
static size_t
decode(char *at, size_t len, bool *odd)
{
	for (int round = 0; round < DECODE_MAX; round++) {
		size_t n = 0;

		for (size_t i = 0; i < len; i++) {
			int hi = -1, lo = -1;

			if (at[i] == '%' && i + 2 < len) {
				hi = fold_hex(at[i + 1]);
				lo = fold_hex(at[i + 2]);
			}
			if (hi < 0 || lo < 0) {
				at[n++] = at[i];
				continue;
			}
			at[n] = (char)(hi * 16 + lo);
			*odd = *odd || (unsigned char)at[n] < 0x80;
			n++;
			i += 2;
		}
		if (n == len)
			break;
		len = n;
	}
	return len;
}

/* Characters that name hosts only to hide them: letters and digits in circles,
   of full width, raised, of mathematics; full stops of other scripts. */
static const struct {
	uint32_t first, last;
} disguises[] = {
	{ 0xaa, 0xaa },
	{ 0xad, 0xad },
	{ 0xb2, 0xb3 },
	{ 0xb9, 0xba },
	{ 0x200b, 0x200f },
	{ 0x2024, 0x2024 },
	{ 0x202a, 0x202e },
	{ 0x2060, 0x209c },
	{ 0x2100, 0x218b },
	{ 0x2460, 0x24ff },
	{ 0x2776, 0x2793 },
	{ 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff },
	{ 0xff01, 0xff61 },
	{ 0x1d400, 0x1d7ff },
	{ 0x1f100, 0x1f1ff },
	{ 0xe0000, 0xe0fff },
};

static bool
is_disguised(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		size_t n = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
		uint32_t cp = c & (0x3fU >> n);

		if (c < 0xc0 || n >= s.len - i)
			continue;
		for (size_t k = 1; k <= n; k++)
			cp = cp << 6 | ((unsigned char)s.at[i + k] & 0x3fU);
		for (size_t k = 0; k < nitems(disguises); k++)
			if (cp >= disguises[k].first && cp <= disguises[k].last)
				return true;
	}
	return false;
}

/* IDNA takes each of them for a full stop. */
static size_t
plain_stops(char *at, size_t len)
{
	static const char stops[][4] = { "\xe3\x80\x82", "\xef\xbd\xa1",
		"\xef\xbc\x8e" };
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		bool stop = false;

		for (size_t k = 0; k < nitems(stops); k++)
			stop = stop || (len - i >= 3 &&
					   memcmp(at + i, stops[k], 3) == 0);
		at[n++] = stop ? '.' : at[i];
		i += stop ? 2 : 0;
	}
	return n;
}

static void
store(struct url *u, struct slice host, bool sure)
{
	while (host.len > 0 && host.at[host.len - 1] == '.')
		host.len--;
	while (host.len > 0 && host.at[0] == '.')
		host = url_behind(host, 1);
	if (host.len == 0)
		return;
	for (size_t i = 0; i < u->n; i++)
		if (slice_eq(
			host, (struct slice){ u->v[i].text, u->v[i].len })) {
			u->v[i].sure = u->v[i].sure || sure;
			return;
		}
	if (u->n == nitems(u->v) || host.len > URL_HOST_MAX) {
		u->cut = true;
		return;
	}
	memcpy(u->v[u->n].text, host.at, host.len);
	u->v[u->n].len = host.len;
	u->v[u->n++].sure = sure;
}

/* As curl reads it: {127,128}.0.0.1, of which the first alternative counts. */
static void
store_glob(struct url *u, struct slice s)
{
	char plain[4 * URL_HOST_MAX];
	bool skip = false;
	size_t n = 0;

	for (size_t i = 0; i < s.len && n < sizeof(plain); i++) {
		char c = s.at[i];

		if (c == ',' || c == '}')
			skip = c == ',';
		else if (!skip && c != '{')
			plain[n++] = c;
	}
	store(u, (struct slice){ plain, n }, false);
}

/* What is before the first byte that no host has, and what is behind the
   last: parsers end a host, or begin one, at different bytes. */
static void
store_parts(struct url *u, struct slice s, bool sure)
{
	size_t first = 0, last = s.len;

	while (first < s.len && is_host_byte(s.at[first]))
		first++;
	store(u, (struct slice){ s.at, first }, sure);
	if (first == s.len)
		return;
	if (memchr(s.at, '{', s.len) != NULL)
		store_glob(u, s);
	while (last > first && is_host_byte(s.at[last - 1]))
		last--;
	store(u, url_behind(s, last), false);
}

static void
add_folded(struct url *u, struct slice s, bool sure)
{
	char lower[4 * URL_HOST_MAX];
	struct buf folded;

	buf_init(&folded, 4 * s.len);
	if (unifold_needed(s)) {
		unifold(s, &folded, NULL);
		s = buf_slice(&folded);
	}
	for (size_t i = 0; i < s.len; i++)
		lower[i] = (char)fold_ascii((unsigned char)s.at[i]);
	store_parts(u, (struct slice){ lower, s.len }, sure);
	buf_release(&folded);
}

void
url_add_host(struct url *u, struct slice piece, bool sure)
{
	char text[URL_HOST_MAX];
	struct slice host;
	bool hidden = false;

	if (piece.len > 0 && piece.at[0] == '[') {
		host = url_up_to(url_behind(piece, 1), "]");
		if (host.len <= URL_HOST_MAX)
			store(u, host, sure);
		return;
	}
	host = url_up_to(piece, ":");
	/* An address of IPv6 that lacks its brackets. */
	if (host.len < piece.len && piece.len <= URL_HOST_MAX &&
	    memchr(url_behind(piece, host.len + 1).at, ':',
		piece.len - host.len - 1) != NULL)
		store(u, url_up_to(piece, "?#\\"), false);
	if (host.len > sizeof(text)) {
		u->cut = u->cut || sure;
		return;
	}
	if (host.len == 0)
		return;
	memcpy(text, host.at, host.len);
	host = (struct slice){ text, decode(text, host.len, &hidden) };
	if (sure && (hidden || is_disguised(host)))
		u->odd = true;
	host.len = plain_stops(text, host.len);
	add_folded(u, host, sure);
}
