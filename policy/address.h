#ifndef POLICY_ADDRESS_H
#define POLICY_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

/* An IPv6 address; one of IPv4 stands as ::ffff:a.b.c.d. */
struct address {
	unsigned char b[16];
};

/* What stands behind it. */
enum address_class {
	ADDRESS_PUBLIC,
	ADDRESS_PRIVATE, /* this machine or network, or no single host */
	ADDRESS_METADATA, /* gives a cloud machine its identity and secrets */
};

/* Two ways to read the digits; or one of IPv6 and two of IPv4 within it. */
#define ADDRESSES_MAX 4

/* What a text may be taken for: by one program or another. */
struct addresses {
	struct address v[ADDRESSES_MAX];
	size_t n; /* 0: no address */
	/* Not written as addresses are shown to people: hexadecimal, octal,
	   one number, fewer than four, too large, IPv4 within IPv6. */
	bool odd;
	bool wraps; /* a number that is too large for its place */
};

/*
 * Reads text as an address in every spelling that a resolver, a browser or a
 * library takes for one: 127.0.0.1, 127.1, 2130706433, 0x7f000001, 0177.0.0.1,
 * 383.0.0.1 (which wraps), [::1], ::1, fe80::1%eth0, and the addresses of IPv4
 * within those of IPv6 (mapped, compatible, NAT64, 6to4, Teredo, ISATAP).
 * Linear.  Source: WHATWG URL, "ends in a number"; inet_aton(3); RFC 4291,
 * 6052, 3056, 4380, 5214.
 */
void address_read(struct slice text, struct addresses *ret);

/* Of what it says itself; address_read() lists what it embeds. */
enum address_class address_class(const struct address *a);

/* The worst of all readings; ADDRESS_PUBLIC if there is none. */
enum address_class addresses_class(const struct addresses *a);

struct address_net {
	struct address first; /* its other bits are 0 */
	unsigned bits; /* of 128, also for IPv4 */
};

/*
 * ADDRESS or ADDRESS/BITS, of IPv4 with four decimal numbers or of IPv6 with
 * brackets or without.  False: it is neither.
 */
bool address_net_parse(const char *text, struct address_net *ret);

bool address_in(const struct address_net *net, const struct address *a);
/* Is any of them, or are all of them, within? */
bool addresses_in(
    const struct address_net *net, const struct addresses *a, bool all);

#endif
