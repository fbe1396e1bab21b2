/*
 * URLs: the hosts of each, in every reading, and where they are found.
 */
#include <stdio.h>

#include "policy/host.h"
#include "policy/policy.h"
#include "policy/url.h"
#include "proxy/base/array.h"
#include "test/unit/unit.h"

/* "host host? ...": those that are not sure are marked; then "odd". */
static const char *
shown(const struct url *u)
{
	static char out[4096];
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < u->n; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s%s",
		    i > 0 ? " " : "", (int)u->v[i].len, u->v[i].text,
		    u->v[i].sure ? "" : "?");
	if (u->odd)
		(void)snprintf(
		    out + n, sizeof(out) - n, "%sodd", n > 0 ? " " : "");
	return out;
}

static const struct {
	const char *text;
	enum url_scheme scheme;
	const char *hosts; /* NULL: no URL */
} wholes[] = {
	/* clang-format off */
	{ "https://example.com", URL_WEB, "example.com" },
	{ "HTTPS://Example.COM.:443/x?y@z#w", URL_WEB, "example.com" },
	{ "https:example.com", URL_WEB, "example.com" },
	{ "https:/example.com", URL_WEB, "example.com" },
	{ "https:////example.com", URL_WEB, "example.com" },
	{ "https:\\\\example.com\\x", URL_WEB, "example.com x?" },
	{ "//example.com/x", URL_WEB, "example.com" },
	{ "example.com", URL_BARE, "example.com" },
	{ "example.com:80", URL_BARE, "example.com" },
	{ "localhost:80/x", URL_BARE, "localhost" },
	{ "/x", URL_BARE, NULL },
	{ "", URL_BARE, NULL },
	{ " \t\n", URL_BARE, NULL },
	{ "two words", URL_BARE, NULL },
	{ "https://", URL_WEB, "" },
	{ "https://[::1]:80/", URL_WEB, "::1" },
	{ "https://[::1", URL_WEB, "::1" },
	{ "https://u:p@example.com/", URL_WEB, "example.com u?" },
	{ "https://u@v@example.com/", URL_WEB, "example.com u? v?" },
	{ "https://a.com\\@b.com/", URL_WEB, "a.com b.com odd" },
	{ "https://a.com#@b.com/", URL_WEB, "a.com b.com? odd" },
	{ "https://a.com?@b.com/", URL_WEB, "a.com b.com? odd" },
	{ "https://a.com;@b.com/", URL_WEB, "b.com a.com? odd" },
	{ "https://a.com?x=u@b.com/", URL_WEB, "a.com u? b.com?" },
	{ "https://a.com/@b.com", URL_WEB, "a.com" },
	{ "https://a.com b.com/", URL_WEB, "a.com b.com?" },
	{ "https://a.com%00b.com/", URL_WEB, "a.com b.com? odd" },
	{ "https://%61.com/", URL_WEB, "a.com odd" },
	{ "https://%2561.com/", URL_WEB, "a.com odd" },
	{ "https://%zz.com/", URL_WEB, "zz.com?" },
	{ "ht\ntps://a.\tcom/", URL_WEB, "a.com odd" },
	{ "https://a.com/\nx", URL_WEB, "a.com odd" },
	{ "https://a\xe3\x80\x82" "com/", URL_WEB, "a.com" },
	{ "https://\xe2\x93\x90.com/", URL_WEB, "a.com odd" },
	{ "https://::1/", URL_WEB, "::1?" },
	{ "ssh://git@a.com/x", URL_NET, "a.com git?" },
	{ "memo://a/b", URL_APP, "a" },
	{ "file:///etc/x", URL_FILE, "etc" },
	{ "file:x", URL_BARE, "file" },
	{ "gopher:x", URL_REFUSED, "x" },
	{ "javascript:x()", URL_REFUSED, "x" },
	{ "mailto:a@b.com", URL_INERT, "" },
	{ "data:text/plain,x", URL_INERT, "" },
	{ "DATA:Text/HTML,x", URL_SCRIPT, "" },
	{ "data:image/svg+xml,x", URL_SCRIPT, "" },
	{ "://a.com", URL_WEB, "a.com" },
	{ "0://a.com", URL_WEB, "a.com" },
	{ "@a.com", URL_BARE, "a.com" },
	/* clang-format on */
};

START_TEST(reads_wholes)
{
	struct url u;
	bool is = url_read(slice_of(wholes[_i].text), &u);

	ck_assert_msg(
	    is == (wholes[_i].hosts != NULL), "'%s'", wholes[_i].text);
	if (!is)
		return;
	ck_assert_msg(u.scheme == wholes[_i].scheme, "'%s': scheme %d",
	    wholes[_i].text, (int)u.scheme);
	ck_assert_msg(strcmp(shown(&u), wholes[_i].hosts) == 0, "'%s': '%s'",
	    wholes[_i].text, shown(&u));
}
END_TEST

static const struct {
	const char *text, *hosts; /* of all that are found, "|" between */
} texts[] = {
	{ "see https://a.com/x and <b href='http://b.com'>", "a.com|b.com" },
	{ "\"http:\\/\\/a.com\\/x\"", "a.com" },
	{ "http:\\\\a.com\\x", "a.com" },
	{ "https://a.com/?u=http://b.com/", "a.com|b.com" },
	{ "jar:http://a.com!/", "a.com" },
	{ "a://b://c", "b|c" },
	{ "http:a.com and https:/b.com", "a.com|b.com" },
	{ "memo:a.com, note: b.com", "" },
	{ "http: a.com", "" },
	{ "std::string a = b ? c : d; // x", "" },
	{ "std::string", "" },
	{ "C:\\\\dir\\file", "dir" },
	{ "://", "" },
	{ ":", "" },
	{ "", "" },
	{ "https://a.com\xe3\x80\x82 x", "a.com" },
};

START_TEST(finds_within)
{
	char out[1024] = "";
	struct url u;
	size_t at = 0, n = 0;

	while (url_next(slice_of(texts[_i].text), &at, &u))
		if (u.n > 0)
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s",
			    n > 0 ? "|" : "", shown(&u));
	ck_assert_msg(strcmp(out, texts[_i].hosts) == 0, "'%s': '%s'",
	    texts[_i].text, out);
	ck_assert_uint_eq(at, strlen(texts[_i].text));
}
END_TEST

/* A NUL is a byte like any other, and ends a host. */
START_TEST(takes_nul)
{
	static const char text[] = "http://a.com\0.b.com/";
	struct url u;

	ck_assert(url_read((struct slice){ text, sizeof(text) - 1 }, &u));
	ck_assert_str_eq(shown(&u), "a.com b.com? odd");
}
END_TEST

START_TEST(says_what_was_cut)
{
	static char many[4000], longer[4000];
	struct url u;

	memset(many, '@', sizeof(many) - 1);
	for (size_t i = 0; i + 1 < sizeof(many); i += 2)
		many[i] = (char)('a' + i / 2 % 26);
	memcpy(many, "http://", 7);
	ck_assert(url_read(slice_of(many), &u));
	ck_assert(u.cut);
	memset(longer, 'a', sizeof(longer) - 1);
	memcpy(longer, "http://", 7);
	ck_assert(url_read(slice_of(longer), &u));
	ck_assert(u.cut);
	longer[7 + URL_HOST_MAX] = '\0';
	ck_assert(url_read(slice_of(longer), &u));
	ck_assert(!u.cut && u.n == 1 && u.v[0].len == URL_HOST_MAX);
	longer[20] = '\n';
	longer[7 + URL_HOST_MAX] = 'a';
	ck_assert(url_read(slice_of(longer), &u));
	ck_assert(u.cut);
}
END_TEST

/* Rules of policies: fullwidth and numeric hosts, addresses in lists. */
static const struct {
	const char *entry, *text;
	bool allows, refuses; /* is it found, by each kind of rule */
} rules[] = {
	{ "127.0.0.1", "http://127.0.0.1/", true, true },
	{ "127.0.0.1", "http://2130706433/", false, true },
	{ "127.0.0.1", "http://0x7f.1/", false, true },
	{ "127.0.0.0/8", "http://127.1.2.3:80/", true, true },
	{ "127.0.0.0/8", "http://0177.1.2.3:80/", false, true },
	{ "[::1]", "http://[::1]/", true, true },
	{ "[::1]", "http://[0::1]/", true, true },
	{ "10.0.0.0/8", "http://[::ffff:10.0.0.1]/", false, true },
	{ "evil.example", "http://\xef\xbd\x85vil.example/", false, true },
	{ "evil.example",
	    "http://evil\xe3\x80\x82"
	    "example/",
	    false, true },
	{ "*.example", "http://a.example/", true, true },
	{ "*.example", "http://a.b/?x=.example", false, false },
	{ "good.example", "http://evil\\.good.example/", false, true },
};

START_TEST(serves_rules)
{
	char entry[64];
	struct policy_text item = { .text = entry };
	struct policy_list list = { .v = &item, .n = 1, .set = true };
	struct slice text = slice_of(rules[_i].text);

	(void)snprintf(entry, sizeof(entry), "%s", rules[_i].entry);
	ck_assert_msg((host_find(&list, text, false) >= 0) == rules[_i].allows,
	    "'%s' by a rule that allows %s", rules[_i].text, entry);
	ck_assert_msg((host_find(&list, text, true) >= 0) == rules[_i].refuses,
	    "'%s' by a rule that refuses %s", rules[_i].text, entry);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("url");

	tcase_add_loop_test(tc, reads_wholes, 0, (int)nitems(wholes));
	tcase_add_loop_test(tc, finds_within, 0, (int)nitems(texts));
	tcase_add_test(tc, takes_nul);
	tcase_add_test(tc, says_what_was_cut);
	tcase_add_loop_test(tc, serves_rules, 0, (int)nitems(rules));
	return unit_run(tc, "url");
}
