/*
 * Addresses in all their spellings, and what stands behind them.  Programs
 * disagree about 0177.0.0.1 and 383.0.0.1, and who checks an address is seldom
 * who connects to it: so every reading is given, and the caller takes the
 * worst. Nothing is looked up.
 */
#include "policy/address.h"

#include <arpa/inet.h>
#include <stdint.h>

#include "policy/fold.h"
#include "proxy/base/array.h"

/* Digits of one number, leading zeros apart: what 64 bits hold. */
#define DIGITS_MAX 20U
#define PARTS_MAX 4U /* numbers of an address of IPv4 */

/* One number of an address of IPv4, read in two ways. */
struct part {
	uint64_t value; /* by its prefix, as inet_aton(3) reads it */
	uint64_t decimal; /* as if a leading zero meant nothing */
	bool zero; /* a leading zero makes the two differ */
	bool bare; /* digits that are decimal to everybody */
	bool lax; /* the prefix "o" or "q": only among four numbers */
};

static void
add(struct addresses *as, const unsigned char *b)
{
	for (size_t i = 0; i < as->n; i++)
		if (memcmp(as->v[i].b, b, sizeof(as->v[i].b)) == 0)
			return;
	if (as->n < nitems(as->v))
		memcpy(as->v[as->n++].b, b, sizeof(as->v[0].b));
}

static void
add_v4(struct addresses *as, uint32_t v4)
{
	unsigned char b[16] = { [10] = 0xff, [11] = 0xff };

	for (size_t i = 0; i < 4; i++)
		b[12 + i] = (unsigned char)(v4 >> (24 - 8 * i));
	add(as, b);
}

static uint32_t
v4_at(const unsigned char *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

/* The digits of one number; they wrap at 64 bits.  False: others, too many. */
static bool
digits(struct slice s, unsigned base, uint64_t *ret)
{
	size_t n = 0;

	*ret = 0;
	for (size_t i = 0; i < s.len; i++) {
		int digit = fold_hex(s.at[i]);

		if (digit < 0 || (unsigned)digit >= base)
			return false;
		n += n > 0 || digit > 0;
		*ret = *ret * base + (unsigned)digit;
	}
	return n <= DIGITS_MAX;
}

static struct slice
skip(struct slice s, size_t n)
{
	return (struct slice){ s.at + n, s.len - n };
}

static bool
read_part(struct slice s, struct part *ret)
{
	unsigned char a = s.len > 0 ? fold_ascii((unsigned char)s.at[0]) : 0;
	unsigned char b = s.len > 1 ? fold_ascii((unsigned char)s.at[1]) : 0;
	bool octal;

	*ret = (struct part){ 0 };
	if (s.len == 0)
		return false;
	if (a == '0' && b == 'x') /* "0x" alone is 0 to browsers */
		return digits(skip(s, 2), 16, &ret->value);
	if (a == '0' && b == 'o')
		return s.len > 2 && digits(skip(s, 2), 8, &ret->value);
	if (a == '0' && b == 'b')
		return s.len > 2 && digits(skip(s, 2), 2, &ret->value);
	if (a == 'o' || a == 'q') {
		ret->lax = true;
		return s.len > 1 && digits(skip(s, 1), 8, &ret->value);
	}
	if (!digits(s, 10, &ret->decimal))
		return false;
	if (a != '0' || s.len == 1) {
		ret->value = ret->decimal;
		ret->bare = true;
		return true;
	}
	octal = digits(s, 8, &ret->value);
	if (!octal) /* 0189: an error to some, decimal to others */
		ret->value = ret->decimal;
	ret->zero = octal;
	return true;
}

/* The last number fills what the others leave; all of them may wrap. */
static uint32_t
join(const struct part *p, size_t n, bool decimal, bool *wraps)
{
	uint32_t v4 = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t value =
		    decimal && p[i].zero ? p[i].decimal : p[i].value;
		size_t room = i + 1 < n ? 1 : PARTS_MAX - n + 1;

		if (value >> (8 * room) != 0)
			*wraps = true;
		if (i + 1 < n)
			v4 |= (uint32_t)(value & 0xff) << (24 - 8 * i);
		else
			v4 |=
			    (uint32_t)(value & (UINT64_MAX >> (64 - 8 * room)));
	}
	return v4;
}

static void
read_v4(struct slice text, struct addresses *ret)
{
	struct part p[PARTS_MAX];
	bool zero = false, lax = false;
	size_t n = 0;

	if (text.len > 0 && text.at[text.len - 1] == '.')
		text.len--;
	for (size_t first = 0, i = 0; i <= text.len; i++) {
		if (i < text.len && text.at[i] != '.')
			continue;
		if (n == nitems(p) ||
		    !read_part(
			(struct slice){ text.at + first, i - first }, &p[n]))
			return;
		zero = zero || p[n].zero;
		lax = lax || p[n].lax;
		ret->odd = ret->odd || !p[n].bare;
		first = i + 1;
		n++;
	}
	if (lax && n < PARTS_MAX)
		return;
	add_v4(ret, join(p, n, false, &ret->wraps));
	if (zero)
		add_v4(ret, join(p, n, true, &ret->wraps));
	ret->odd = ret->odd || n < PARTS_MAX || ret->wraps;
}

/* Prefixes of addresses that hold another; the low bits of the row count. */
static const struct {
	unsigned char prefix[14];
	unsigned char from, len; /* of the prefix, in bytes of the address */
	unsigned char v4; /* offset of the other */
	bool inverted;
} embeds[] = {
	{ { 0 }, 0, 12, 12, false }, /* ::a.b.c.d */
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 0, 12, 12, false }, /* SIIT */
	{ { 0, 0x64, 0xff, 0x9b }, 0, 12, 12, false }, /* NAT64 */
	{ { 0x20, 0x02 }, 0, 2, 2, false }, /* 6to4 */
	{ { 0x20, 0x01, 0, 0 }, 0, 4, 4, false }, /* Teredo: the server */
	{ { 0x20, 0x01, 0, 0 }, 0, 4, 12, true }, /* Teredo: the client */
	{ { 0, 0, 0x5e, 0xfe }, 8, 4, 12, false }, /* ISATAP */
	{ { 0x02, 0, 0x5e, 0xfe }, 8, 4, 12, false },
};

static void
read_v6(struct slice text, struct addresses *ret)
{
	char copy[INET6_ADDRSTRLEN];
	const char *zone = memchr(text.at, '%', text.len);
	unsigned char b[16];

	if (zone != NULL)
		text.len = (size_t)(zone - text.at);
	if (text.len == 0 || text.len >= sizeof(copy))
		return;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	if (memchr(copy, '\0', text.len) != NULL ||
	    inet_pton(AF_INET6, copy, b) != 1)
		return;
	add(ret, b);
	ret->odd = memcmp(b, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
	for (size_t i = 0; i < nitems(embeds); i++) {
		uint32_t v4 = v4_at(b + embeds[i].v4);

		if (memcmp(b + embeds[i].from, embeds[i].prefix,
			embeds[i].len) != 0 ||
		    (i == 0 && v4 < 2)) /* :: and ::1 are themselves */
			continue;
		add_v4(ret, embeds[i].inverted ? ~v4 : v4);
		ret->odd = true;
	}
}

void
address_read(struct slice text, struct addresses *ret)
{
	ret->n = 0;
	ret->odd = ret->wraps = false;
	if (text.len > 1 && text.at[0] == '[') {
		text = skip(text, 1);
		if (text.at[text.len - 1] == ']')
			text.len--;
		read_v6(text, ret);
		if (ret->n > 0)
			return;
	}
	if (text.len > 0 && memchr(text.at, ':', text.len) != NULL)
		read_v6(text, ret);
	else if (text.len > 0)
		read_v4(text, ret);
}

#define V4(a, b, c, d) 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d

/* The first that holds an address decides; none: it is public. */
static const struct {
	struct address_net net;
	enum address_class class;
} nets[] = {
	/* clang-format off */
	{ { { { V4(169, 254, 169, 254) } }, 128 }, ADDRESS_METADATA }, /* most */
	{ { { { V4(169, 254, 170, 0) } }, 120 }, ADDRESS_METADATA }, /* ECS, EKS */
	{ { { { V4(169, 254, 169, 0) } }, 120 }, ADDRESS_METADATA },
	{ { { { V4(169, 254, 42, 42) } }, 128 }, ADDRESS_METADATA }, /* Scaleway */
	{ { { { V4(169, 254, 0, 23) } }, 128 }, ADDRESS_METADATA }, /* Tencent */
	{ { { { V4(168, 63, 129, 16) } }, 128 }, ADDRESS_METADATA }, /* Azure */
	{ { { { V4(100, 100, 100, 200) } }, 128 }, ADDRESS_METADATA }, /* Alibaba */
	{ { { { V4(100, 96, 0, 96) } }, 128 }, ADDRESS_METADATA }, /* Volcengine */
	{ { { { V4(100, 80, 80, 80) } }, 128 }, ADDRESS_METADATA }, /* UCloud */
	{ { { { V4(192, 0, 0, 192) } }, 128 }, ADDRESS_METADATA }, /* Oracle */
	{ { { { V4(0, 0, 0, 0) } }, 104 }, ADDRESS_PRIVATE }, /* this host */
	{ { { { V4(10, 0, 0, 0) } }, 104 }, ADDRESS_PRIVATE },
	{ { { { V4(100, 64, 0, 0) } }, 106 }, ADDRESS_PRIVATE }, /* CGNAT */
	{ { { { V4(127, 0, 0, 0) } }, 104 }, ADDRESS_PRIVATE },
	{ { { { V4(169, 254, 0, 0) } }, 112 }, ADDRESS_PRIVATE }, /* link-local */
	{ { { { V4(172, 16, 0, 0) } }, 108 }, ADDRESS_PRIVATE },
	{ { { { V4(192, 0, 0, 0) } }, 120 }, ADDRESS_PRIVATE }, /* IETF */
	{ { { { V4(192, 168, 0, 0) } }, 112 }, ADDRESS_PRIVATE },
	{ { { { V4(198, 18, 0, 0) } }, 111 }, ADDRESS_PRIVATE }, /* benchmarks */
	{ { { { V4(224, 0, 0, 0) } }, 99 }, ADDRESS_PRIVATE }, /* multicast and
	    what is reserved */
	{ { { { 0xfd, 0x00, 0x0e, 0xc2 } }, 32 }, ADDRESS_METADATA }, /* AWS */
	{ { { { 0xfd, 0x00, 0, 0xc1, 0, 0, 0, 0, 0, 0, 0, 0, 0xa9, 0xfe, 0xa9,
		0xfe } }, 128 }, ADDRESS_METADATA }, /* Oracle */
	{ { { { 0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02,
		0x54 } }, 128 }, ADDRESS_METADATA }, /* Google */
	{ { { { 0xfd, 0x00, 0, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42 } },
		128 }, ADDRESS_METADATA }, /* Scaleway */
	{ { { { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa9, 0xfe, 0xa9,
		0xfe } }, 128 }, ADDRESS_METADATA }, /* OpenStack */
	{ { { { 0 } }, 127 }, ADDRESS_PRIVATE }, /* :: and ::1 */
	{ { { { 0, 0x64, 0xff, 0x9b, 0, 1 } }, 48 }, ADDRESS_PRIVATE }, /* NAT64 */
	{ { { { 1 } }, 64 }, ADDRESS_PRIVATE }, /* discarded */
	{ { { { 0x20, 0x01, 0, 2 } }, 48 }, ADDRESS_PRIVATE }, /* benchmarks */
	{ { { { 0xfc } }, 7 }, ADDRESS_PRIVATE }, /* unique local */
	{ { { { 0xfe, 0x80 } }, 9 }, ADDRESS_PRIVATE }, /* link- and site-local */
	{ { { { 0xff } }, 8 }, ADDRESS_PRIVATE }, /* multicast */
	/* clang-format on */
};

enum address_class
address_class(const struct address *a)
{
	for (size_t i = 0; i < nitems(nets); i++)
		if (address_in(&nets[i].net, a))
			return nets[i].class;
	return ADDRESS_PUBLIC;
}

enum address_class
addresses_class(const struct addresses *a)
{
	enum address_class worst = ADDRESS_PUBLIC;

	for (size_t i = 0; i < a->n; i++) {
		enum address_class class = address_class(&a->v[i]);

		worst = class > worst ? class : worst;
	}
	return worst;
}

bool
address_net_parse(const char *text, struct address_net *ret)
{
	size_t len = strcspn(text, "/");
	struct addresses as;
	unsigned max, bits = 0;

	address_read((struct slice){ text, len }, &as);
	/* Of what embeds another, the first is what was written. */
	if (as.n == 0 || as.wraps || (as.odd && memchr(text, ':', len) == NULL))
		return false;
	max = memchr(text, ':', len) != NULL ? 128 : 32;
	if (text[len] == '\0') {
		bits = max;
	} else {
		const char *p = text + len + 1;

		if (*p == '\0' || strlen(p) > 3)
			return false;
		for (; *p != '\0'; p++) {
			if (*p < '0' || *p > '9')
				return false;
			bits = bits * 10 + (unsigned)(*p - '0');
		}
		if (bits > max)
			return false;
	}
	ret->first = as.v[0];
	ret->bits = bits + 128 - max;
	for (unsigned i = ret->bits; i < 128; i++)
		ret->first.b[i / 8] &= (unsigned char)~(0x80U >> i % 8);
	return true;
}

bool
address_in(const struct address_net *net, const struct address *a)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (memcmp(net->first.b, a->b, whole) != 0)
		return false;
	return rest == 0 ||
	       ((net->first.b[whole] ^ a->b[whole]) & (0xff00U >> rest)) == 0;
}

bool
addresses_in(const struct address_net *net, const struct addresses *a, bool all)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += address_in(net, &a->v[i]);
	return all ? n > 0 && n == a->n : n > 0;
}
