/*
 * Schemes, and what each says about the host behind it.
 */
#include <strings.h>

#include "policy/url_part.h"
#include "proxy/base/array.h"

/* The most frequent first. */
#define NAME(text) text, sizeof(text) - 1

static const struct {
	const char *name;
	size_t len; /* of name */
	enum url_scheme scheme;
} schemes[] = {
	/* clang-format off */
	{ NAME("https"), URL_WEB }, { NAME("http"), URL_WEB }, { NAME("file"), URL_FILE },
	{ NAME("ws"), URL_WEB }, { NAME("wss"), URL_WEB }, { NAME("ftp"), URL_WEB },
	{ NAME("ftps"), URL_WEB }, { NAME("h2"), URL_WEB }, { NAME("h2c"), URL_WEB },
	{ NAME(""), URL_WEB }, { NAME("0"), URL_WEB }, { NAME("feed"), URL_WEB },
	{ NAME("mailto"), URL_INERT }, { NAME("data"), URL_INERT }, { NAME("urn"), URL_INERT },
	{ NAME("tel"), URL_INERT }, { NAME("sms"), URL_INERT }, { NAME("about"), URL_INERT },
	{ NAME("cid"), URL_INERT }, { NAME("mid"), URL_INERT }, { NAME("blob"), URL_INERT },
	{ NAME("ssh"), URL_NET }, { NAME("git"), URL_NET }, { NAME("git+ssh"), URL_NET },
	{ NAME("git+https"), URL_NET }, { NAME("git+http"), URL_NET }, { NAME("svn"), URL_NET },
	{ NAME("svn+ssh"), URL_NET }, { NAME("hg"), URL_NET }, { NAME("rsync"), URL_NET },
	{ NAME("redis"), URL_NET }, { NAME("rediss"), URL_NET }, { NAME("postgres"), URL_NET },
	{ NAME("postgresql"), URL_NET }, { NAME("mysql"), URL_NET },
	{ NAME("mariadb"), URL_NET }, { NAME("mongodb"), URL_NET },
	{ NAME("mongodb+srv"), URL_NET }, { NAME("amqp"), URL_NET }, { NAME("amqps"), URL_NET },
	{ NAME("mqtt"), URL_NET }, { NAME("mqtts"), URL_NET }, { NAME("kafka"), URL_NET },
	{ NAME("nats"), URL_NET }, { NAME("tcp"), URL_NET }, { NAME("udp"), URL_NET },
	{ NAME("tls"), URL_NET }, { NAME("ssl"), URL_NET }, { NAME("socks"), URL_NET },
	{ NAME("socks4"), URL_NET }, { NAME("socks4a"), URL_NET }, { NAME("socks5"), URL_NET },
	{ NAME("socks5h"), URL_NET }, { NAME("smb"), URL_NET }, { NAME("cifs"), URL_NET },
	{ NAME("nfs"), URL_NET }, { NAME("imap"), URL_NET }, { NAME("imaps"), URL_NET },
	{ NAME("pop3"), URL_NET }, { NAME("pop3s"), URL_NET }, { NAME("smtp"), URL_NET },
	{ NAME("smtps"), URL_NET }, { NAME("telnet"), URL_NET }, { NAME("rtsp"), URL_NET },
	{ NAME("rtmp"), URL_NET }, { NAME("rtp"), URL_NET }, { NAME("sip"), URL_NET },
	{ NAME("irc"), URL_NET }, { NAME("ircs"), URL_NET }, { NAME("xmpp"), URL_NET },
	{ NAME("grpc"), URL_NET }, { NAME("docker"), URL_NET }, { NAME("memcached"), URL_NET },
	{ NAME("memcache"), URL_NET }, { NAME("clickhouse"), URL_NET },
	{ NAME("elasticsearch"), URL_NET }, { NAME("vnc"), URL_NET }, { NAME("rdp"), URL_NET },
	{ NAME("webdav"), URL_NET }, { NAME("webdavs"), URL_NET }, { NAME("dav"), URL_NET },
	{ NAME("davs"), URL_NET }, { NAME("coap"), URL_NET }, { NAME("coaps"), URL_NET },
	{ NAME("neo4j"), URL_NET }, { NAME("bolt"), URL_NET }, { NAME("cassandra"), URL_NET },
	{ NAME("sqlserver"), URL_NET }, { NAME("mssql"), URL_NET }, { NAME("oracle"), URL_NET },
	{ NAME("db2"), URL_NET }, { NAME("cockroachdb"), URL_NET }, { NAME("redshift"), URL_NET },
	{ NAME("couchdb"), URL_NET }, { NAME("couchbase"), URL_NET }, { NAME("couchbases"), URL_NET },
	{ NAME("influxdb"), URL_NET }, { NAME("etcd"), URL_NET }, { NAME("zk"), URL_NET },
	{ NAME("zookeeper"), URL_NET }, { NAME("consul"), URL_NET }, { NAME("pulsar"), URL_NET },
	{ NAME("stomp"), URL_NET }, { NAME("grpcs"), URL_NET }, { NAME("telnets"), URL_NET },
	{ NAME("tn3270"), URL_NET }, { NAME("rlogin"), URL_NET }, { NAME("rtsps"), URL_NET },
	{ NAME("rtmps"), URL_NET }, { NAME("srt"), URL_NET }, { NAME("mms"), URL_NET },
	{ NAME("sips"), URL_NET }, { NAME("stun"), URL_NET }, { NAME("turn"), URL_NET },
	{ NAME("nntp"), URL_NET }, { NAME("news"), URL_NET }, { NAME("afp"), URL_NET },
	{ NAME("ipp"), URL_NET }, { NAME("ipps"), URL_NET }, { NAME("gemini"), URL_NET },
	{ NAME("spice"), URL_NET }, { NAME("winrm"), URL_NET }, { NAME("quic"), URL_NET },
	/* What libraries speak beside HTTP, of use to nobody but who wants to
	   reach a port, a file or a script engine through somebody else. */
	{ NAME("gopher"), URL_REFUSED }, { NAME("gophers"), URL_REFUSED },
	{ NAME("dict"), URL_REFUSED }, { NAME("ldap"), URL_REFUSED },
	{ NAME("ldaps"), URL_REFUSED }, { NAME("ldapi"), URL_REFUSED },
	{ NAME("tftp"), URL_REFUSED }, { NAME("sftp"), URL_REFUSED },
	{ NAME("scp"), URL_REFUSED }, { NAME("finger"), URL_REFUSED },
	{ NAME("jar"), URL_REFUSED }, { NAME("netdoc"), URL_REFUSED },
	{ NAME("jndi"), URL_REFUSED }, { NAME("rmi"), URL_REFUSED },
	{ NAME("iiop"), URL_REFUSED }, { NAME("iiopname"), URL_REFUSED },
	{ NAME("corbaname"), URL_REFUSED }, { NAME("corbaloc"), URL_REFUSED },
	{ NAME("local_file"), URL_REFUSED }, { NAME("local-file"), URL_REFUSED },
	{ NAME("php"), URL_REFUSED }, { NAME("phar"), URL_REFUSED },
	{ NAME("expect"), URL_REFUSED }, { NAME("zip"), URL_REFUSED },
	{ NAME("zlib"), URL_REFUSED }, { NAME("bzip2"), URL_REFUSED },
	{ NAME("compress.zlib"), URL_REFUSED }, { NAME("compress.bzip2"), URL_REFUSED },
	{ NAME("ogg"), URL_REFUSED }, { NAME("glob"), URL_REFUSED },
	{ NAME("rar"), URL_REFUSED }, { NAME("ssh2"), URL_REFUSED },
	{ NAME("ssh2.shell"), URL_REFUSED }, { NAME("ssh2.exec"), URL_REFUSED },
	{ NAME("ssh2.tunnel"), URL_REFUSED }, { NAME("ssh2.sftp"), URL_REFUSED },
	{ NAME("ssh2.scp"), URL_REFUSED }, { NAME("view-source"), URL_REFUSED },
	{ NAME("javascript"), URL_REFUSED }, { NAME("vbscript"), URL_REFUSED },
	{ NAME("livescript"), URL_REFUSED }, { NAME("jscript"), URL_REFUSED },
	{ NAME("mhtml"), URL_REFUSED }, { NAME("mk"), URL_REFUSED },
	{ NAME("ms-its"), URL_REFUSED }, { NAME("res"), URL_REFUSED },
	{ NAME("vfs"), URL_REFUSED }, { NAME("unix"), URL_REFUSED },
	{ NAME("http+unix"), URL_REFUSED }, { NAME("wpad"), URL_REFUSED },
	{ NAME("npipe"), URL_REFUSED }, { NAME("fd"), URL_REFUSED },
	/* clang-format on */
};

static enum url_scheme
known_scheme(struct slice name)
{
	for (size_t i = 0; i < nitems(schemes); i++)
		if (schemes[i].len == name.len &&
		    strncasecmp(schemes[i].name, name.at, name.len) == 0)
			return schemes[i].scheme;
	return URL_APP;
}

/* postgresql+psycopg2, coap+tcp: of a protocol and how it is spoken. */
enum url_scheme
url_scheme_of(struct slice name)
{
	enum url_scheme whole = known_scheme(name);
	const char *plus = name.len > 0 ? memchr(name.at, '+', name.len) : NULL;
	size_t n = plus != NULL ? (size_t)(plus - name.at) : 0;

	if (whole != URL_APP || n == 0)
		return whole;
	whole = known_scheme((struct slice){ name.at, n });
	return whole == URL_NET || whole == URL_WEB || whole == URL_REFUSED
		   ? whole
		   : known_scheme(url_behind(name, n + 1));
}
