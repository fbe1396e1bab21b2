/*
 * Small judges of texts: globs, spellings, hosts, paths, quoting, names of
 * servers.
 */
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/fold.h"
#include "policy/glob.h"
#include "policy/host.h"
#include "policy/path.h"
#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/quote.h"
#include "proxy/identity.h"
#include "test/unit/unit.h"

static const struct {
	const char *glob, *text;
	bool want;
} globs[] = {
	{ "read_file", "read_file", true },
	{ "read_file", "read_file2", false },
	{ "read_file", "Read_File", false },
	{ "read_file", "", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "list_*", "list_", true },
	{ "list_*", "list", false },
	{ "*secret*", "my_secret_tool", true },
	{ "*secret*", "my_secre_tool", false },
	{ "a*b*c", "a1b2b3c", true },
	{ "a*b*c", "a1b2b3", false },
	{ "?", "x", true },
	{ "?", "", false },
	{ "a?c", "abc", true },
	{ "**x", "x", true },
	{ "[ab]", "a", false },
	{ "[ab]", "[ab]", true },
	{ "a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
};

START_TEST(matches_globs)
{
	ck_assert_msg(glob_match(globs[_i].glob, slice_of(globs[_i].text)) ==
			  globs[_i].want,
	    "'%s' and '%s'", globs[_i].glob, globs[_i].text);
}
END_TEST

static const struct {
	const char *key, *name;
	size_t len; /* of key; 0: up to its NUL */
	bool want;
} spellings[] = {
	{ "method", "method", 0, false },
	{ "Method", "method", 0, true },
	{ "METHOD", "method", 0, true },
	{ "methods", "method", 0, false },
	{ "metho", "method", 0, false },
	{ "param\xc5\xbf", "params", 0, true },
	{ "\xe2\x84\xaaind", "kind", 0, true },
	{ "method\0x", "method", 8, true },
	{ "method\0", "method", 7, true },
	{ "progresstoken", "progressToken", 0, true },
	{ "progressToken", "progressToken", 0, false },
	{ "n\xc3\xa4me", "name", 0, false },
	{ "", "name", 0, false },
};

START_TEST(folds)
{
	struct slice key = slice_of(spellings[_i].key);

	if (spellings[_i].len > 0)
		key.len = spellings[_i].len;
	ck_assert_msg(fold_collides(key, slice_of(spellings[_i].name)) ==
			  spellings[_i].want,
	    "'%s' and '%s'", spellings[_i].key, spellings[_i].name);
}
END_TEST

static const struct {
	const char *text;
	bool plain, doubt; /* is evil.example found, by each reading */
} hosts[] = {
	{ "evil.example", true, true },
	{ "EVIL.example.", true, true },
	{ "evil.example:8080", true, true },
	{ "https://evil.example", true, true },
	{ "https://evil.example:443/x?y#z", true, true },
	{ "https://evil.example?x", true, true },
	{ "//evil.example/x", true, true },
	{ "https://good.example/evil.example", false, false },
	{ "https://notevil.example/", false, false },
	{ "https://evil.example.good.example/", false, false },
	{ "https://user@evil.example/", false, true },
	{ "https://evil.example@good.example/", false, true },
	{ "https://evil.example?@good.example/", false, true },
	{ "https://evil.example\\@good.example/", false, true },
	{ "https:\\\\evil.example\\x", false, true },
	{ "https:///evil.example/", true, true },
	{ "https://evil.example#@good.example/", false, true },
	{ "https:evil.example/x", false, true },
	{ "https:/evil.example", false, true },
	{ " https://evil.example", false, true },
	{ "ht\ttps://ev\nil.example/", false, true },
	{ "https://%65vil.example/", false, true },
	{ "", false, false },
};

START_TEST(finds_hosts)
{
	static char name[] = "evil.example";
	struct policy_text item = { .text = name };
	struct policy_list list = { .v = &item, .n = 1, .set = true };
	struct slice text = slice_of(hosts[_i].text);

	ck_assert_msg((host_find(&list, text, true) >= 0) == hosts[_i].doubt,
	    "'%s' by a rule that refuses", hosts[_i].text);
	ck_assert_msg((host_find(&list, text, false) >= 0) == hosts[_i].plain,
	    "'%s' by a rule that allows", hosts[_i].text);
}
END_TEST

/* Paths below a scratch directory with in/ out/ in/to-out -> ../out. */
static const struct {
	const char *path; /* '@' stands for the directory */
	bool allows, refuses; /* is it under @/in, by each kind of rule */
} paths[] = {
	{ "@/in", true, true },
	{ "@/in/", true, true },
	{ "@/in/new.txt", true, true },
	{ "@/in/a/b/c", true, true },
	{ "@/in/./a/../b", true, true },
	{ "@//in//a", true, true },
	{ "@/inside", false, false },
	{ "@/out/x", false, false },
	{ "@/in/../out/x", false, false },
	{ "@/out/../in/x", true, true },
	{ "@/in/to-out/x", false, true }, /* spelt inside, is outside */
	{ "@/out/to-in/x", false, true }, /* spelt outside, is inside */
	{ "@/in/to-out/../x", false, true }, /* the target's parent */
	{ "file://@/in/x", false, true },
	{ "file:@/in/x", false, true },
	{ "file://localhost@/in/x", false, true },
	{ "@/%69n/x", false, true },
	{ "@/%2569n/x", false, true },
	{ " @/in/x", false, true },
	{ "@/in/x ", false, true },
	{ "@/in/%2e%2e/out", false, true },
	{ "@/in\\x", false, true },
	{ "file:@\\in\\x", false, true },
	{ "~nobody/in", false, true },
	{ "in/x", true, true }, /* the working directory is @ */
	{ "./in/x", true, true },
	{ "x/../in/x", true, true },
	{ "", false, false },
};

START_TEST(judges_paths)
{
	char dir[] = "/tmp/mcpshield-path-XXXXXX", real[PATH_MAX];
	char text[2 * PATH_MAX], in[PATH_MAX + 8];
	size_t n = 0;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_ptr_nonnull(realpath(dir, real));
	ck_assert_int_eq(chdir(real), 0);
	ck_assert_int_eq(mkdir("in", 0700), 0);
	ck_assert_int_eq(mkdir("out", 0700), 0);
	ck_assert_int_eq(symlink("../out", "in/to-out"), 0);
	ck_assert_int_eq(symlink("../in", "out/to-in"), 0);
	for (const char *p = paths[_i].path; *p != '\0'; p++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    *p == '@' ? "%s" : "%.1s", *p == '@' ? real : p);
	text[n] = '\0';
	(void)snprintf(in, sizeof(in), "%s/in", real);
	ck_assert_msg(path_under(slice_of(text), in, PATH_DOUBT_OUTSIDE) ==
			  paths[_i].allows,
	    "'%s' by a rule that allows", paths[_i].path);
	ck_assert_msg(path_under(slice_of(text), in, PATH_DOUBT_INSIDE) ==
			  paths[_i].refuses,
	    "'%s' by a rule that refuses", paths[_i].path);
	(void)unlink("in/to-out");
	(void)unlink("out/to-in");
	(void)rmdir("in");
	(void)rmdir("out");
	ck_assert_int_eq(chdir("/"), 0);
	(void)rmdir(real);
}
END_TEST

START_TEST(doubts_odd_paths)
{
	static const char nul[] = "/tmp\0/x";
	char longest[PATH_MAX + 8];
	struct slice odd[] = { { nul, sizeof(nul) - 1 },
		{ longest, sizeof(longest) } };

	memset(longest, '/', sizeof(longest));
	for (size_t i = 0; i < nitems(odd); i++) {
		ck_assert(!path_under(odd[i], "/tmp", PATH_DOUBT_OUTSIDE));
		ck_assert(path_under(odd[i], "/tmp", PATH_DOUBT_INSIDE));
	}
}
END_TEST

static const struct {
	const char *text, *ascii, *utf8;
} quotes[] = {
	{ "plain", "plain", "plain" },
	{ "a\nb\tc\r", "a\\nb\\tc\\r", "a\\nb\\tc\\r" },
	{ "\x1b[31m", "\\x1b[31m", "\\x1b[31m" },
	{ "a\\b", "a\\\\b", "a\\\\b" },
	{ "\xc3\xa9", "\\xc3\\xa9", "\xc3\xa9" },
	{ "\xe2\x80\xae", "\\xe2\\x80\\xae", "\\xe2\\x80\\xae" },
	{ "\xc2\x85", "\\xc2\\x85", "\\xc2\\x85" },
	{ "\xff\x80", "\\xff\\x80", "\\xff\\x80" },
	{ "\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80" },
	{ "0123456789012345678901234567890123456789",
	    "0123456789012345678901234567...",
	    "0123456789012345678901234567..." },
};

START_TEST(quotes_text)
{
	char out[32];

	ck_assert_str_eq(quote(out, sizeof(out), slice_of(quotes[_i].text)),
	    quotes[_i].ascii);
	ck_assert_str_eq(
	    quote_utf8(out, sizeof(out), slice_of(quotes[_i].text)),
	    quotes[_i].utf8);
}
END_TEST

static const struct {
	const char *argv[6];
	const char *want;
} names[] = {
	{ { "npx", "-y", "@scope/name@1.2", "x" }, "@scope/name" },
	{ { "npx", "@scope/name" }, "@scope/name" },
	{ { "/usr/bin/npx", "--yes", "name@latest" }, "name" },
	{ { "npx", "-p", "pack@2", "cmd" }, "pack" },
	{ { "uvx", "mcp-server-git==1.0" }, "mcp-server-git" },
	{ { "uvx", "--from", "pack", "cmd" }, "pack" },
	{ { "npm", "exec", "name" }, "name" },
	{ { "node", "/a/b/server.js", "x" }, "server.js" },
	{ { "python3", "-u", "dir/server.py" }, "server.py" },
	{ { "node" }, "node" },
	{ { "node", "-e", "secret()" }, "node" },
	{ { "sh", "-c", "TOKEN=x server" }, "sh" },
	{ { "bash", "-lc", "TOKEN=x server" }, "bash" },
	{ { "python3", "-u", "-c", "import x" }, "python3" },
	{ { "python3", "-m", "mcp_server_git" }, "mcp_server_git" },
	{ { "/opt/bin/mcp-thing", "-y" }, "mcp-thing" },
	{ { "npx", "./local@dir" }, "local@dir" },
};

START_TEST(names_servers)
{
	char *argv[7] = { NULL };
	char *got;

	for (size_t i = 0; i < 6 && names[_i].argv[i] != NULL; i++)
		argv[i] = strdup(names[_i].argv[i]);
	got = identity_of(argv);
	ck_assert_str_eq(got, names[_i].want);
	free(got);
	for (size_t i = 0; argv[i] != NULL; i++)
		free(argv[i]);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, matches_globs, 0, (int)nitems(globs));
	tcase_add_loop_test(tc, folds, 0, (int)nitems(spellings));
	tcase_add_loop_test(tc, finds_hosts, 0, (int)nitems(hosts));
	tcase_add_loop_test(tc, judges_paths, 0, (int)nitems(paths));
	tcase_add_test(tc, doubts_odd_paths);
	tcase_add_loop_test(tc, quotes_text, 0, (int)nitems(quotes));
	tcase_add_loop_test(tc, names_servers, 0, (int)nitems(names));
	return unit_run(tc, "text");
}
