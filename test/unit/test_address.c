/*
 * Addresses: every spelling of each, the classes, the networks of policies.
 */
#include <stdio.h>

#include "policy/address.h"
#include "proxy/base/array.h"
#include "test/unit/unit.h"

#define NO ADDRESS_PUBLIC
#define PRIVATE ADDRESS_PRIVATE
#define METADATA ADDRESS_METADATA

static const struct {
	const char *text, *first; /* the first reading, or NULL */
	bool odd;
	enum address_class class;
} spellings[] = {
	/* clang-format off */
	{ "127.0.0.1", "::ffff:7f00:1", false, PRIVATE },
	{ "8.8.8.8", "::ffff:808:808", false, NO },
	{ "8.8.8.8.", "::ffff:808:808", false, NO },
	{ "127.1", "::ffff:7f00:1", true, PRIVATE },
	{ "127.0.1", "::ffff:7f00:1", true, PRIVATE },
	{ "2130706433", "::ffff:7f00:1", true, PRIVATE },
	{ "0x7f000001", "::ffff:7f00:1", true, PRIVATE },
	{ "0X7F.1", "::ffff:7f00:1", true, PRIVATE },
	{ "017700000001", "::ffff:7f00:1", true, PRIVATE },
	{ "0177.0.0.1", "::ffff:7f00:1", true, PRIVATE },
	{ "0000000000000000000000000000000000177.0.0.1", "::ffff:7f00:1", true,
	    PRIVATE },
	{ "0o177.0.0.1", "::ffff:7f00:1", true, PRIVATE },
	{ "o177.0.0.1", "::ffff:7f00:1", true, PRIVATE },
	{ "q177.0.0.1", "::ffff:7f00:1", true, PRIVATE },
	{ "0b1111111.0.0.1", "::ffff:7f00:1", true, PRIVATE },
	{ "0x7f.0.0.0x1", "::ffff:7f00:1", true, PRIVATE },
	{ "012.1.2.3", "::ffff:a01:203", true, PRIVATE }, /* or 12.1.2.3 */
	{ "010.1.2.3", "::ffff:801:203", true, PRIVATE }, /* or 10.1.2.3 */
	{ "0189.0.0.1", "::ffff:bd00:1", true, NO },
	{ "383.0.0.1", "::ffff:7f00:1", true, PRIVATE },
	{ "425.510.425.510", "::ffff:a9fe:a9fe", true, METADATA },
	{ "7147006462", "::ffff:a9fe:a9fe", true, METADATA },
	{ "0x41414141A9FEA9FE", "::ffff:a9fe:a9fe", true, METADATA },
	{ "6425673729", "::ffff:7f00:1", true, PRIVATE },
	{ "0", "::ffff:0:0", true, PRIVATE },
	{ "0x", "::ffff:0:0", true, PRIVATE },
	{ "0.0.0.0", "::ffff:0:0", false, PRIVATE },
	{ "169.254.169.254", "::ffff:a9fe:a9fe", false, METADATA },
	{ "0251.0376.0251.0376", "::ffff:a9fe:a9fe", true, METADATA },
	{ "0251.00376.000251.0000376", "::ffff:a9fe:a9fe", true, METADATA },
	{ "169.254.43518", "::ffff:a9fe:a9fe", true, METADATA },
	{ "100.100.100.200", "::ffff:6464:64c8", false, METADATA },
	{ "168.63.129.16", "::ffff:a83f:8110", false, METADATA },
	{ "192.0.0.192", "::ffff:c000:c0", false, METADATA },
	{ "169.254.170.2", "::ffff:a9fe:aa02", false, METADATA },
	{ "169.254.170.23", "::ffff:a9fe:aa17", false, METADATA },
	{ "169.254.42.42", "::ffff:a9fe:2a2a", false, METADATA },
	{ "10.255.255.255", "::ffff:aff:ffff", false, PRIVATE },
	{ "11.0.0.0", "::ffff:b00:0", false, NO },
	{ "100.64.0.1", "::ffff:6440:1", false, PRIVATE },
	{ "100.128.0.1", "::ffff:6480:1", false, NO },
	{ "172.15.255.255", "::ffff:ac0f:ffff", false, NO },
	{ "172.16.0.0", "::ffff:ac10:0", false, PRIVATE },
	{ "172.31.255.255", "::ffff:ac1f:ffff", false, PRIVATE },
	{ "172.32.0.0", "::ffff:ac20:0", false, NO },
	{ "192.168.0.1", "::ffff:c0a8:1", false, PRIVATE },
	{ "192.169.0.1", "::ffff:c0a9:1", false, NO },
	{ "198.18.0.1", "::ffff:c612:1", false, PRIVATE },
	{ "198.20.0.1", "::ffff:c614:1", false, NO },
	{ "224.0.0.1", "::ffff:e000:1", false, PRIVATE },
	{ "240.0.0.1", "::ffff:f000:1", false, PRIVATE },
	{ "255.255.255.255", "::ffff:ffff:ffff", false, PRIVATE },
	{ "223.255.255.255", "::ffff:dfff:ffff", false, NO },
	{ "::1", "::1", false, PRIVATE },
	{ "[::1]", "::1", false, PRIVATE },
	{ "[::1", "::1", false, PRIVATE },
	{ "[0000::1]", "::1", false, PRIVATE },
	{ "0:0:0:0:0:0:0:1", "::1", false, PRIVATE },
	{ "[::]", "::", false, PRIVATE },
	{ "::ffff:127.0.0.1", "::ffff:7f00:1", true, PRIVATE },
	{ "::ffff:7f00:1", "::ffff:7f00:1", true, PRIVATE },
	{ "0:0:0:0:0:ffff:a9fe:a9fe", "::ffff:a9fe:a9fe", true, METADATA },
	{ "::127.0.0.1", "::7f00:1", true, PRIVATE },
	{ "::ffff:0:10.0.0.1", "::ffff:0:a00:1", true, PRIVATE },
	{ "64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe", true, METADATA },
	{ "64:ff9b::8.8.8.8", "64:ff9b::808:808", true, NO },
	{ "64:ff9b:1::1", "64:ff9b:1::1", false, PRIVATE },
	{ "2002:7f00:1::", "2002:7f00:1::", true, PRIVATE },
	{ "2002:a9fe:a9fe::1", "2002:a9fe:a9fe::1", true, METADATA },
	{ "2001:0:4136:e378:8000:63bf:3fff:fdd2",
	    "2001:0:4136:e378:8000:63bf:3fff:fdd2", true, NO },
	{ "2001:0:4136:e378:8000:63bf:80ff:fffe",
	    "2001:0:4136:e378:8000:63bf:80ff:fffe", true, PRIVATE },
	{ "2001:db8::5efe:10.0.0.1", "2001:db8::5efe:a00:1", true, PRIVATE },
	{ "2606:4700:4700::1111", "2606:4700:4700::1111", false, NO },
	{ "fe80::1%eth0", "fe80::1", false, PRIVATE },
	{ "[fe80::1%25lo]", "fe80::1", false, PRIVATE },
	{ "fec0::1", "fec0::1", false, PRIVATE },
	{ "fc00::1", "fc00::1", false, PRIVATE },
	{ "fdff::1", "fdff::1", false, PRIVATE },
	{ "fd00:ec2::254", "fd00:ec2::254", false, METADATA },
	{ "fd00:ec2::23", "fd00:ec2::23", false, METADATA },
	{ "fd20:ce::254", "fd20:ce::254", false, METADATA },
	{ "fd00:c1::a9fe:a9fe", "fd00:c1::a9fe:a9fe", false, METADATA },
	{ "fd00:42::42", "fd00:42::42", false, METADATA },
	{ "ff02::1", "ff02::1", false, PRIVATE },
	{ "100::1", "100::1", false, PRIVATE },
	{ "", NULL, false, NO },
	{ ".", NULL, false, NO },
	{ "1..1", NULL, false, NO },
	{ "1.2.3.4.5", NULL, false, NO },
	{ "256.com", NULL, false, NO },
	{ "0xz", NULL, true, NO },
	{ "q177", NULL, true, NO },
	{ "99999999999999999999999", NULL, false, NO },
	{ "0x742d35Cc6634C0532925a3b844Bc454e4438f44e", NULL, true, NO },
	{ "-1", NULL, false, NO },
	{ "::ffff:0x7f.1", NULL, false, NO },
	{ ":::", NULL, false, NO },
	{ "[", NULL, false, NO },
	{ "[]", NULL, false, NO },
	{ "a.b", NULL, false, NO },
	/* clang-format on */
};

START_TEST(reads)
{
	struct addresses got, first;

	address_read(slice_of(spellings[_i].text), &got);
	ck_assert_msg((got.n > 0) == (spellings[_i].first != NULL),
	    "'%s': %zu readings", spellings[_i].text, got.n);
	ck_assert_msg(addresses_class(&got) == spellings[_i].class,
	    "'%s': class %d", spellings[_i].text, (int)addresses_class(&got));
	if (got.n == 0)
		return;
	ck_assert_msg(got.odd == spellings[_i].odd, "'%s'", spellings[_i].text);
	address_read(slice_of(spellings[_i].first), &first);
	ck_assert_msg(
	    memcmp(&got.v[0], &first.v[0], sizeof(struct address)) == 0,
	    "'%s' is not %s", spellings[_i].text, spellings[_i].first);
}
END_TEST

static const struct {
	const char *net, *address;
	bool any, all;
} nets[] = {
	{ "10.0.0.0/8", "10.1.2.3", true, true },
	{ "10.0.0.0/8", "11.1.2.3", false, false },
	{ "10.9.9.9/8", "10.1.2.3", true, true },
	{ "10.0.0.0/8", "0xa010203", true, true },
	{ "10.0.0.0/8", "[::ffff:10.0.0.1]", true, true },
	{ "10.0.0.0/8", "[64:ff9b::10.0.0.1]", true, false },
	{ "10.0.0.0/8", "012.1.1.1", true, false },
	{ "10.0.0.5", "10.0.0.5", true, true },
	{ "10.0.0.5", "10.0.0.6", false, false },
	{ "0.0.0.0/0", "1.2.3.4", true, true },
	{ "0.0.0.0/0", "[2001:db8::1]", false, false },
	{ "::/0", "1.2.3.4", true, true },
	{ "172.16.0.0/12", "172.31.0.1", true, true },
	{ "172.16.0.0/12", "172.32.0.1", false, false },
	{ "[fd00::]/8", "fd12::1", true, true },
	{ "fd00::/8", "[fd12::1]", true, true },
	{ "fd00::/8", "fe80::1", false, false },
	{ "fd00::/9", "fd80::1", false, false },
	{ "::1", "[::1]", true, true },
	{ "10.0.0.0/8", "example.com", false, false },
};

START_TEST(compares_networks)
{
	struct address_net net;
	struct addresses as;

	ck_assert(address_net_parse(nets[_i].net, &net));
	address_read(slice_of(nets[_i].address), &as);
	ck_assert_msg(addresses_in(&net, &as, false) == nets[_i].any,
	    "%s in %s", nets[_i].address, nets[_i].net);
	ck_assert_msg(addresses_in(&net, &as, true) == nets[_i].all,
	    "all of %s in %s", nets[_i].address, nets[_i].net);
}
END_TEST

static const char *const no_nets[] = { "", "/", "10.0.0.0/", "10.0.0.0/33",
	"10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/008x", "10/8", "0x7f.0.0.1",
	"::1/129", "300.0.0.1", "example.com", "*.example.com", "10.0.0.*",
	"fd00::/8/8", "10.0.0.0/1000" };

START_TEST(refuses_what_is_no_network)
{
	struct address_net net;

	ck_assert_msg(
	    !address_net_parse(no_nets[_i], &net), "'%s'", no_nets[_i]);
}
END_TEST

/* Every address that a number can be: the classes agree in all spellings. */
START_TEST(agrees_in_all_spellings)
{
	uint32_t v4 = (uint32_t)_i * 2654435761U;
	unsigned b[4] = { v4 >> 24, v4 >> 16 & 255, v4 >> 8 & 255, v4 & 255 };
	static const char *const forms[] = { "%u.%u.%u.%u", "0%o.0%o.0%o.0%o",
		"0x%x.0x%x.0x%x.0x%x", "[::ffff:%u.%u.%u.%u]" };
	enum address_class want = ADDRESS_PUBLIC;
	struct addresses as;
	char text[64];

	for (size_t i = 0; i < nitems(forms); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(
		    text, sizeof(text), forms[i], b[0], b[1], b[2], b[3]);
#pragma GCC diagnostic pop
		address_read(slice_of(text), &as);
		ck_assert_msg(as.n > 0, "%s", text);
		if (i == 0)
			want = address_class(&as.v[0]);
		ck_assert_msg(address_class(&as.v[0]) == want, "%s", text);
	}
	(void)snprintf(text, sizeof(text), "%u", v4);
	address_read(slice_of(text), &as);
	ck_assert_msg(as.n > 0 && address_class(&as.v[0]) == want, "%s", text);
	(void)snprintf(text, sizeof(text), "%u.%u", b[0], v4 & 0xffffff);
	address_read(slice_of(text), &as);
	ck_assert_msg(as.n > 0 && address_class(&as.v[0]) == want, "%s", text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("address");

	tcase_add_loop_test(tc, reads, 0, (int)nitems(spellings));
	tcase_add_loop_test(tc, compares_networks, 0, (int)nitems(nets));
	tcase_add_loop_test(
	    tc, refuses_what_is_no_network, 0, (int)nitems(no_nets));
	tcase_add_loop_test(tc, agrees_in_all_spellings, 0, 200);
	return unit_run(tc, "address");
}
