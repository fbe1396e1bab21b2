/*
 * Names of hosts as data: those that give a cloud machine its identity, those
 * that only private name servers know, and public ones that lead inside.
 * Source: the providers' documentation; RFC 6761, 6762, 8375; ICANN SAC113.
 */
#include "policy/host.h"
#include "proxy/base/array.h"

/* Which names a row is about. */
enum reach {
	ITSELF,
	BELOW, /* and every name that ends in it, behind a dot */
	SPOOFED, /* names below it that begin with "spoofed" */
	MAPPER, /* below it: names say which address they have */
};

#define NAME(text) text, sizeof(text) - 1

static const struct {
	const char *name;
	size_t len; /* of name */
	enum reach reach;
	enum address_class class;
} names[] = {
	/* clang-format off */
	{ NAME("metadata"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.internal"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.google.internal"), BELOW, ADDRESS_METADATA },
	{ NAME("metadata.goog"), BELOW, ADDRESS_METADATA },
	{ NAME("metadata.azure.internal"), BELOW, ADDRESS_METADATA },
	{ NAME("metadata.azure.com"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.packet.net"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.platformequinix.com"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.tencentyun.com"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.udc.yandex.net"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.oraclecloud.com"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.cloud.ibm.com"), BELOW, ADDRESS_METADATA },
	{ NAME("api.metadata.cloud.ibm.com"), BELOW, ADDRESS_METADATA },
	{ NAME("metadata.service.softlayer.com"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.nova"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.exoscale.com"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.scw.cloud"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.kubernetes"), ITSELF, ADDRESS_METADATA },
	{ NAME("metadata.local"), ITSELF, ADDRESS_METADATA },
	{ NAME("instance-data"), ITSELF, ADDRESS_METADATA },
	{ NAME("instance-data.ec2.internal"), ITSELF, ADDRESS_METADATA },
	{ NAME("rancher-metadata"), BELOW, ADDRESS_METADATA },
	{ NAME("rancher-metadata.rancher.internal"), ITSELF, ADDRESS_METADATA },
	{ NAME("kubernetes.default"), ITSELF, ADDRESS_METADATA },
	{ NAME("kubernetes.default.svc"), BELOW, ADDRESS_METADATA },
	{ NAME("kubernetes.default.svc.cluster.local"), ITSELF, ADDRESS_METADATA },

	{ NAME("localhost"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localhost4"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localhost6"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localdomain"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localdomain4"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localdomain6"), BELOW, ADDRESS_PRIVATE },
	{ NAME("ip6-localhost"), ITSELF, ADDRESS_PRIVATE },
	{ NAME("ip6-loopback"), ITSELF, ADDRESS_PRIVATE },
	{ NAME("ip6-allnodes"), ITSELF, ADDRESS_PRIVATE },
	{ NAME("ip6-allrouters"), ITSELF, ADDRESS_PRIVATE },
	{ NAME("broadcasthost"), ITSELF, ADDRESS_PRIVATE },
	{ NAME(".local"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".internal"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".intranet"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".intra"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".private"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".corp"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".home"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".home.arpa"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".lan"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".localnet"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".domain"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".workgroup"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".fritz.box"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".svc"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".cluster"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".consul"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".docker"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".in-addr.arpa"), BELOW, ADDRESS_PRIVATE },
	{ NAME(".ip6.arpa"), BELOW, ADDRESS_PRIVATE },
	{ NAME("fritz.box"), ITSELF, ADDRESS_PRIVATE },
	{ NAME("ip6.localhost"), ITSELF, ADDRESS_PRIVATE },

	/* Public names that lead to this machine, or to wherever the caller
	   says, now or when they are asked again. */
	{ NAME("localtest.me"), BELOW, ADDRESS_PRIVATE },
	{ NAME("lvh.me"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localhost.me"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localhost.direct"), BELOW, ADDRESS_PRIVATE },
	{ NAME("vcap.me"), BELOW, ADDRESS_PRIVATE },
	{ NAME("fuf.me"), BELOW, ADDRESS_PRIVATE },
	{ NAME("ulh.us"), BELOW, ADDRESS_PRIVATE },
	{ NAME("lacolhost.com"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localho.st"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localh.st"), BELOW, ADDRESS_PRIVATE },
	{ NAME("smackaho.st"), BELOW, ADDRESS_PRIVATE },
	{ NAME("42foo.com"), BELOW, ADDRESS_PRIVATE },
	{ NAME("yoogle.com"), BELOW, ADDRESS_PRIVATE },
	{ NAME("lcl.host"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localdev.me"), BELOW, ADDRESS_PRIVATE },
	{ NAME("local.gd"), BELOW, ADDRESS_PRIVATE },
	{ NAME("readme.localtest.me"), BELOW, ADDRESS_PRIVATE },
	{ NAME("local.sisteminha.com"), BELOW, ADDRESS_PRIVATE },
	{ NAME("localdomain.pw"), BELOW, ADDRESS_PRIVATE },
	{ NAME("127-0-0-1.org.uk"), BELOW, ADDRESS_PRIVATE },
	{ NAME("loopback.jp"), BELOW, ADDRESS_PRIVATE },
	{ NAME("mail.ebc.apple.com"), ITSELF, ADDRESS_PRIVATE },
	{ NAME("bugbounty.dod.network"), BELOW, ADDRESS_PRIVATE },
	{ NAME("burpcollaborator.net"), SPOOFED, ADDRESS_PRIVATE },
	{ NAME("oastify.com"), SPOOFED, ADDRESS_PRIVATE },
	{ NAME("1u.ms"), BELOW, ADDRESS_PRIVATE },
	{ NAME("rbndr.us"), BELOW, ADDRESS_PRIVATE },
	{ NAME("rebind.it"), BELOW, ADDRESS_PRIVATE },
	{ NAME("rebind.network"), BELOW, ADDRESS_PRIVATE },
	{ NAME("rebinder.org"), BELOW, ADDRESS_PRIVATE },
	{ NAME("r87.me"), BELOW, ADDRESS_PRIVATE },
	{ NAME("r3dir.me"), BELOW, ADDRESS_PRIVATE },
	{ NAME("redirector.ssrf.pw"), BELOW, ADDRESS_PRIVATE },
	{ NAME("nicob.net"), BELOW, ADDRESS_PRIVATE },
	{ NAME("xip.io"), BELOW, ADDRESS_PRIVATE },
	{ NAME("nip.io"), MAPPER, ADDRESS_PRIVATE },
	{ NAME("sslip.io"), MAPPER, ADDRESS_PRIVATE },
	{ NAME("xip.name"), MAPPER, ADDRESS_PRIVATE },
	{ NAME("ip.addr.tools"), MAPPER, ADDRESS_PRIVATE },
	{ NAME("traefik.me"), MAPPER, ADDRESS_PRIVATE },
	{ NAME("backname.io"), MAPPER, ADDRESS_PRIVATE },
	{ NAME("my.local-ip.co"), MAPPER, ADDRESS_PRIVATE },
	{ NAME("local-ip.sh"), MAPPER, ADDRESS_PRIVATE },
	{ NAME("local-ip.medicmobile.org"), MAPPER, ADDRESS_PRIVATE },
	{ NAME("plex.direct"), MAPPER, ADDRESS_PRIVATE },
	/* clang-format on */
};

/* Four numbers, or eight hexadecimal digits: of a public address, for the
   caller has looked at others. */
static bool
shows_public(struct slice name)
{
	size_t numbers = 0, hex = 0, digits = 0;

	for (size_t i = 0; i <= name.len; i++) {
		char c = i < name.len ? name.at[i] : '.';

		if (c >= '0' && c <= '9') {
			hex++;
			digits++;
		} else if (c >= 'a' && c <= 'f') {
			hex++;
			digits = 0;
		} else if (c == '.' || c == '-') {
			if (hex == 8 && hex != digits) {
				char text[11] = "0x";
				struct addresses as;

				memcpy(text + 2, name.at + i - 8, 8);
				address_read(slice_of(text), &as);
				return addresses_class(&as) == ADDRESS_PUBLIC;
			}
			numbers = digits > 0 && digits == hex ? numbers + 1 : 0;
			if (numbers == 4)
				return true;
			hex = digits = 0;
		} else {
			hex = digits = numbers = 0;
		}
	}
	return false;
}

static bool
reaches(size_t row, struct slice name)
{
	size_t len = names[row].len;
	bool dotted = names[row].name[0] == '.';
	bool below;

	if (len > name.len ||
	    memcmp(name.at + name.len - len, names[row].name, len) != 0)
		return false;
	below =
	    len < name.len && (dotted || name.at[name.len - len - 1] == '.');
	switch (names[row].reach) {
	case ITSELF:
		return len == name.len;
	case BELOW:
		return below || (len == name.len && !dotted);
	case SPOOFED:
		return below && memcmp(name.at, "spoofed.", 8) == 0;
	case MAPPER:
		return below &&
		       !shows_public((struct slice){ name.at, name.len - len });
	}
	return false;
}

enum address_class
host_name_class(struct slice name)
{
	char last = name.len > 0 ? name.at[name.len - 1] : '\0';

	/* Most differ in their last byte, which costs no call. */
	for (size_t i = 0; i < nitems(names); i++)
		if (names[i].name[names[i].len - 1] == last && reaches(i, name))
			return names[i].class;
	return ADDRESS_PUBLIC;
}
