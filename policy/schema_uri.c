/*
 * URI references made absolute, as far as a schema needs it: only to find out
 * whether two places in one document name the same thing.  Nothing is fetched.
 * Source: RFC 3986, sections 5.2 and 5.3.
 */
#include <stdlib.h>

#include "policy/schema_node.h"
#include "proxy/base/xalloc.h"

struct uri {
	struct slice scheme, authority, path, query;
	bool has_scheme, has_authority, has_query;
};

static struct slice
cut(const char *at, const char *end)
{
	return (struct slice){ at, (size_t)(end - at) };
}

/* The first of the bytes in stops, or the end. */
static const char *
until(const char *p, const char *end, const char *stops)
{
	while (p < end && strchr(stops, *p) == NULL)
		p++;
	return p;
}

static bool
is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static struct uri
uri_split(struct slice s)
{
	struct uri u = { .has_scheme = false };
	const char *p = s.at, *end = s.at + s.len, *stop;

	end = until(p, end, "#");
	stop = until(p, end, ":/?");
	if (stop < end && *stop == ':' && stop > p && is_letter(*p)) {
		u.has_scheme = true;
		u.scheme = cut(p, stop);
		p = stop + 1;
	}
	if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
		stop = until(p + 2, end, "/?");
		u.has_authority = true;
		u.authority = cut(p + 2, stop);
		p = stop;
	}
	stop = until(p, end, "?");
	u.path = cut(p, stop);
	u.has_query = stop < end;
	if (u.has_query)
		u.query = cut(stop + 1, end);
	return u;
}

/* Appends a path without its "." and ".." segments. */
static void
add_path(struct buf *b, struct slice path)
{
	const char *p = path.at, *end = path.at + path.len;
	size_t floor = b->len;

	while (p < end) {
		const char *first = p + (*p == '/');
		const char *stop = until(first, end, "/");
		struct slice seg = cut(first, stop);

		if (slice_is(seg, "..")) {
			while (b->len > floor && b->at[--b->len] != '/')
				;
			if (stop == end)
				buf_must(buf_add_byte(b, '/'));
		} else if (!slice_is(seg, ".")) {
			buf_must(buf_add(b, p, (size_t)(stop - p)));
		} else if (stop == end) {
			buf_must(buf_add_byte(b, '/'));
		}
		p = stop;
	}
}

static void
add_merged(struct buf *b, const struct uri *base, struct slice path)
{
	size_t keep = base->path.len;
	struct buf whole;

	buf_init(&whole, SIZE_MAX / 2);
	while (keep > 0 && base->path.at[keep - 1] != '/')
		keep--;
	if (base->has_authority && base->path.len == 0)
		buf_must(buf_add_byte(&whole, '/'));
	buf_must(buf_add(&whole, base->path.at, keep));
	buf_must(buf_add_slice(&whole, path));
	add_path(b, buf_slice(&whole));
	buf_release(&whole);
}

static void
add_target(struct buf *b, const struct uri *base, const struct uri *ref)
{
	const struct uri *host =
	    ref->has_scheme || ref->has_authority ? ref : base;
	bool same = host == base && ref->path.len == 0;

	if (ref->has_scheme || base->has_scheme) {
		buf_must(buf_add_slice(
		    b, ref->has_scheme ? ref->scheme : base->scheme));
		buf_must(buf_add_byte(b, ':'));
	}
	if (host->has_authority) {
		buf_must(buf_add_str(b, "//"));
		buf_must(buf_add_slice(b, host->authority));
	}
	if (same)
		buf_must(buf_add_slice(b, base->path));
	else if (host == ref || ref->path.at[0] == '/')
		add_path(b, ref->path);
	else
		add_merged(b, base, ref->path);
	if (ref->has_query || (same && base->has_query)) {
		buf_must(buf_add_byte(b, '?'));
		buf_must(buf_add_slice(
		    b, ref->has_query ? ref->query : base->query));
	}
}

char *
schema_uri_join(const char *base, struct slice ref)
{
	struct uri from = uri_split(slice_of(base)), to = uri_split(ref);
	struct buf b;
	char *joined;

	buf_init(&b, SIZE_MAX / 2);
	add_target(&b, &from, &to);
	joined = xmemdup0(b.at != NULL ? b.at : "", b.len);
	buf_release(&b);
	return joined;
}
