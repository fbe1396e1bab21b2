/*
 * The stage `path`: what it refuses, what it lets pass, in strings of every
 * role, with roots and without, and against a directory with links in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "policy/pathscan.h"
#include "policy/policy.h"
#include "policy/text.h"
#include "proxy/base/array.h"
#include "proxy/base/buf.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

#define PATHS "version: 1\narguments:\n  paths:\n"
#define DENY                                                                    \
	"    deny: [\"**/.ssh/id_*\", \"**/.npmrc\", /etc/shadow, /etc/passwd," \
	" \"/proc/*/environ\", \"/proc/*/fd\", \"**/windows/win.ini\","         \
	" /etc/sudoers, \"**/.netrc\", \"**/.ssh/.\"]\n"

static struct views views;

static struct policy *
load(const char *yaml)
{
	struct error err = { "" };
	struct policy *p = NULL;

	ck_assert_msg(policy_load_text("test", "test.yaml", yaml, strlen(yaml),
			  &p, &err) == 0,
	    "%s", err.msg);
	return p;
}

/* The last word of the rule that refuses s, or "". */
static const char *
judge(const struct policy *p, enum text_role role, bool document,
    struct slice s, struct verdict *v)
{
	struct scan scan = { .paths = pathscan_new() };
	struct text_env env = { .policy = p, .scan = &scan };
	struct text t = { .views = &views,
		.name = "it",
		.role = role,
		.document = document };

	enum action action;

	*v = (struct verdict){ .action = ACTION_ALLOW };
	views_make(&views, s);
	action = text_check_path(&env, &t, v);
	pathscan_free(scan.paths);
	if (action == ACTION_ALLOW) {
		ck_assert_str_eq(v->rule, "");
		return "";
	}
	ck_assert_str_ne(v->reason, "");
	return strrchr(v->rule, '.') + 1;
}

#define TEXT(s) s, sizeof(s) - 1

/* Without roots; HOME is /home/me, the working directory /tmp. */
static const struct {
	const char *at;
	size_t len;
	enum text_role role;
	bool document;
	const char *want;
} cases[] = {
	/* clang-format off */
	{ TEXT("/etc/shadow"), ROLE_PATH, false, "deny" },
	{ TEXT("/etc/shadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("/etc/shadow"), ROLE_NAME, false, "deny" },
	{ TEXT("/etc/shadow"), ROLE_HOST, false, "deny" },
	{ TEXT("/etc/shadow"), ROLE_PROSE, false, "deny" },
	{ TEXT("/etc//./x/../shadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("/etc/%73hadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("/etc/\xef\xbd\x93hadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("/proc/self/root/etc/shadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("/proc/1/cwd/../etc/shadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("/dev/fd/9"), ROLE_VALUE, false, "deny" },
	{ TEXT("file:///etc/shadow"), ROLE_HOST, false, "deny" },
	{ TEXT("file://etc/shadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("/etc/shadow\0.png"), ROLE_PROSE, false, "traversal" },
	{ TEXT("/x\0.png"), ROLE_PATH, false, "traversal" },
	{ TEXT("/x%00.png"), ROLE_VALUE, false, "traversal" },
	{ TEXT("~/.ssh/id_rsa"), ROLE_PATH, false, "deny" },
	{ TEXT("~other/.ssh/id_rsa"), ROLE_PATH, false, "deny" },
	{ TEXT("$HOME/.ssh/id_rsa"), ROLE_VALUE, false, "deny" },
	{ TEXT("%USERPROFILE%\\.ssh\\id_rsa"), ROLE_VALUE, false, "deny" },
	{ TEXT("C:\\Users\\a b\\.ssh\\ID_RSA"), ROLE_VALUE, false, "deny" },
	{ TEXT("c:/WINDOWS/win.ini"), ROLE_VALUE, false, "deny" },
	{ TEXT(".ssh/id_rsa"), ROLE_PATH, false, "deny" },
	{ TEXT("L2hvbWUvbWUvLnNzaC9pZF9yc2E="), ROLE_PATH, false, "deny" },
	/* Within other text. */
	{ TEXT("cat ~/.ssh/id_rsa"), ROLE_CODE, false, "deny" },
	{ TEXT("cat /etc/pass''wd"), ROLE_CODE, false, "deny" },
	{ TEXT("cat /etc/sh?dow"), ROLE_CODE, false, "deny" },
	{ TEXT("cat /e*c/sha*"), ROLE_CODE, false, "deny" },
	{ TEXT("cat /etc/{hosts,shadow}"), ROLE_CODE, false, "deny" },
	{ TEXT("{cat,/etc/shadow}"), ROLE_CODE, false, "deny" },
	{ TEXT("cat ../../../../etc/shadow"), ROLE_CODE, false, "deny" },
	{ TEXT("a\nb\ncat /etc/shadow"), ROLE_CODE, false, "deny" },
	{ TEXT("--file=/etc/shadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("a:b:/etc/shadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("@/etc/shadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("<\"/etc/shadow\""), ROLE_VALUE, false, "deny" },
	{ TEXT("a.txt,/etc/shadow"), ROLE_PATH, false, "deny" },
	{ TEXT("a.txt\n/etc/shadow"), ROLE_PATH, false, "deny" },
	{ TEXT("a.txt\0/etc/shadow"), ROLE_VALUE, false, "deny" },
	{ TEXT("please read /etc/shadow"), ROLE_PROSE, false, "deny" },
	{ TEXT("php://filter/resource=x"), ROLE_VALUE, false, "traversal" },
	/* URIs of a server's own. */
	{ TEXT("config:///root/.netrc"), ROLE_VALUE, false, "deny" },
	{ TEXT("docs://../../root/.netrc"), ROLE_HOST, false, "traversal" },
	{ TEXT("docs://x/../../b"), ROLE_HOST, false, "traversal" },
	{ TEXT("fs:///etc/sudoers"), ROLE_HOST, false, "deny" },
	{ TEXT("fs:///etc/sudoers?x=1#y"), ROLE_VALUE, false, "deny" },
	{ TEXT("fs://etc/sudoers"), ROLE_VALUE, false, "deny" },
	{ TEXT("fs:///proc/2/environ"), ROLE_PATH, false, "deny" },
	{ TEXT("my_fs:///etc/sudoers"), ROLE_VALUE, false, "deny" },
	{ TEXT("vscode-remote://x/root/.netrc"), ROLE_HOST, false, "deny" },
	{ TEXT("fs://%2e%2e/%2e%2e/etc/sudoers"), ROLE_HOST, false,
	    "traversal" },
	{ TEXT("file+ssh:///etc/sudoers"), ROLE_HOST, false, "deny" },
	{ TEXT("git+file:///etc/sudoers"), ROLE_VALUE, false, "deny" },
	{ TEXT("git:///etc/sudoers"), ROLE_VALUE, false, "deny" },
	{ TEXT("read fs:///etc/sudoers now"), ROLE_PROSE, false, "deny" },
	{ TEXT("get fs:///etc/sudoers"), ROLE_CODE, false, "deny" },
	{ TEXT("demo://resource/static/1"), ROLE_HOST, false, "" },
	{ TEXT("test://a/b"), ROLE_VALUE, false, "" },
	{ TEXT("github://owner/repo/issues/1"), ROLE_HOST, false, "" },
	{ TEXT("postgres://h/db/table/schema"), ROLE_HOST, false, "" },
	{ TEXT("git://h/etc/sudoers"), ROLE_HOST, false, "" },
	{ TEXT("file:///home/me/work/x"), ROLE_HOST, false, "" },
	{ TEXT("obsidian://open?vault=x&file=y%2Fz"), ROLE_HOST, false, "" },
	{ TEXT("memo://insights"), ROLE_HOST, false, "" },
	/* A directory, and not what is below it. */
	{ TEXT("/root/.ssh"), ROLE_PATH, false, "deny" },
	{ TEXT("/root/.ssh/"), ROLE_PATH, false, "deny" },
	{ TEXT("/root/.ssh/x/.."), ROLE_PATH, false, "deny" },
	{ TEXT("cp -r ~/.ssh /tmp/x"), ROLE_CODE, false, "deny" },
	{ TEXT("/root/.ssh/known_hosts"), ROLE_PATH, false, "" },
	/* A variable may have several names. */
	{ TEXT("$FOO/../x"), ROLE_PATH, false, "traversal" },
	{ TEXT("$PWD/x"), ROLE_PATH, false, "" },
	{ TEXT("$lib/x.ts"), ROLE_PATH, false, "" },
	{ TEXT("mv \"$f\" \"${f%.txt}.md\""), ROLE_CODE, false, "" },
	/* One path, whatever its place is for. */
	{ TEXT("../x"), ROLE_PROSE, false, "traversal" },
	{ TEXT("\\frac{1}{2}"), ROLE_PROSE, false, "" },
	/* Documents speak of paths. */
	{ TEXT("# Set up\nEdit ~/.npmrc first.\n"), ROLE_PROSE, true, "" },
	{ TEXT("see\n/etc/shadow\n"), ROLE_PROSE, true, "deny" },
	{ TEXT("import x from '../../../lib'\n"), ROLE_PROSE, true, "" },
	/* Climbing. */
	{ TEXT("../config.asp"), ROLE_PATH, false, "traversal" },
	{ TEXT("../config.asp"), ROLE_VALUE, false, "traversal" },
	{ TEXT("a/../../b"), ROLE_VALUE, false, "traversal" },
	{ TEXT("/../../x"), ROLE_VALUE, false, "traversal" },
	{ TEXT("..\\..\\x"), ROLE_VALUE, false, "traversal" },
	{ TEXT("%2e%2e%2fx"), ROLE_VALUE, false, "traversal" },
	{ TEXT("a/%2e%2e/b"), ROLE_VALUE, false, "traversal" },
	{ TEXT("..;/x"), ROLE_VALUE, false, "traversal" },
	{ TEXT("....//....//x"), ROLE_VALUE, false, "traversal" },
	{ TEXT("/.../.../x"), ROLE_VALUE, false, "traversal" },
	{ TEXT("..2f..2f..2fetc2fx"), ROLE_VALUE, false, "traversal" },
	{ TEXT("get ..%252f..%252fx"), ROLE_VALUE, false, "traversal" },
	/* What is no climbing, and what is no path. */
	{ TEXT("a/../b"), ROLE_PATH, false, "" },
	{ TEXT("/home/me/p/../q/x"), ROLE_PATH, false, "" },
	{ TEXT("import {x} from '../lib/x'"), ROLE_PROSE, false, "" },
	{ TEXT("require('../../../lib/x')"), ROLE_CODE, false, "" },
	{ TEXT("go test ./..."), ROLE_CODE, false, "" },
	{ TEXT("./..."), ROLE_PATH, false, "" },
	{ TEXT("wait... ok"), ROLE_VALUE, false, "" },
	{ TEXT("1..10"), ROLE_VALUE, false, "" },
	{ TEXT("main..dev"), ROLE_VALUE, false, "" },
	{ TEXT("HEAD~1"), ROLE_VALUE, false, "" },
	{ TEXT("feature/a...main"), ROLE_VALUE, false, "" },
	{ TEXT("/home/me/.../x"), ROLE_VALUE, false, "" },
	{ TEXT("README.md"), ROLE_PATH, false, "" },
	{ TEXT("src/**/*.ts"), ROLE_VALUE, false, "" },
	{ TEXT("**/*"), ROLE_VALUE, false, "" },
	{ TEXT("application/json"), ROLE_VALUE, false, "" },
	{ TEXT("https://example.org/a/../etc/passwd"), ROLE_HOST, false, "" },
	{ TEXT("ls /etc/*.conf"), ROLE_CODE, false, "" },
	{ TEXT("ls /etc/{hosts,fstab}"), ROLE_CODE, false, "" },
	{ TEXT("New York"), ROLE_PATH, false, "" },
	/* clang-format on */
};

START_TEST(judges)
{
	struct policy *p = load(PATHS DENY);
	struct verdict v;
	const char *got;

	ck_assert_int_eq(setenv("HOME", "/home/me", 1), 0);
	ck_assert_int_eq(chdir("/tmp"), 0);
	got = judge(p, cases[_i].role, cases[_i].document,
	    (struct slice){ cases[_i].at, cases[_i].len }, &v);
	ck_assert_msg(strcmp(got, cases[_i].want) == 0,
	    "'%s': got '%s', not '%s': %s", cases[_i].at, got, cases[_i].want,
	    v.reason);
	policy_free(p);
}
END_TEST

START_TEST(lets_climb_where_it_may)
{
	struct policy *p = load(PATHS "    traversal: allow\n" DENY);
	struct verdict v;

	ck_assert_str_eq(judge(p, ROLE_PATH, false, slice_of("../x"), &v), "");
	ck_assert_str_eq(judge(p, ROLE_PATH, false,
			     slice_of("../../../../../../etc/shadow"), &v),
	    "deny");
	policy_free(p);
}
END_TEST

/* With the root @/in, working directory @; '@' is a directory of our own. */
static const struct {
	const char *path;
	enum text_role role;
	const char *check, *allow, *deny; /* by follow_symlinks */
} rooted[] = {
	/* clang-format off */
	{ "@/in", ROLE_PATH, "", "", "" },
	{ "@/in/f", ROLE_PATH, "", "", "" },
	{ "@/in/none/yet", ROLE_PATH, "", "", "" },
	{ "@/in/../in/f", ROLE_PATH, "", "", "" },
	{ "@/inside", ROLE_PATH, "roots", "roots", "roots" },
	{ "@/in/../out/f", ROLE_PATH, "roots", "roots", "roots" },
	{ "@/out/f", ROLE_VALUE, "roots", "roots", "roots" },
	{ "@/in/%2e%2e/out/f", ROLE_PATH, "traversal", "traversal",
	    "traversal" },
	{ "/", ROLE_PATH, "roots", "roots", "roots" },
	{ "/etc/hosts", ROLE_PATH, "roots", "roots", "roots" },
	{ "/etc/hosts", ROLE_VALUE, "roots", "roots", "roots" },
	{ "~/x", ROLE_PATH, "roots", "roots", "roots" },
	{ "C:\\x", ROLE_VALUE, "roots", "roots", "roots" },
	{ "/x", ROLE_PATH, "roots", "roots", "roots" },
	{ "/no-such-top/v1", ROLE_VALUE, "", "", "" },
	{ "/help", ROLE_VALUE, "", "", "" },
	{ "/etc/hosts", ROLE_PROSE, "roots", "roots", "roots" },
	{ "../x", ROLE_PROSE, "traversal", "traversal", "traversal" },
	{ "see /etc/hosts", ROLE_PROSE, "", "", "" },
	{ "@/in/f", ROLE_PROSE, "", "", "" },
	/* URIs. */
	{ "fs:///etc/hosts", ROLE_HOST, "roots", "roots", "roots" },
	{ "fs://x/etc/hosts", ROLE_PATH, "roots", "roots", "roots" },
	{ "app://x/home/settings", ROLE_HOST, "", "", "" },
	{ "demo://resource/static/1", ROLE_HOST, "", "", "" },
	{ "file://@/in/f", ROLE_HOST, "", "", "" },
	/* Patterns. */
	{ "to-o*/f", ROLE_PATH, "roots", "", "roots" },
	{ "@/in/to-o*/f", ROLE_PATH, "roots", "", "roots" },
	{ "to-o[u]t/f", ROLE_PATH, "roots", "", "roots" },
	{ "?o-out", ROLE_PATH, "roots", "", "roots" },
	{ "f*", ROLE_PATH, "", "", "" },
	{ "none*/f", ROLE_PATH, "", "", "" },
	/* Variables. */
	{ "$PWD/x", ROLE_PATH, "roots", "roots", "roots" },
	{ "$PWD/in/f", ROLE_PATH, "", "", "" },
	{ "$PWD/out/f", ROLE_PATH, "roots", "roots", "roots" },
	{ "$OLDPWD/x", ROLE_PATH, "roots", "roots", "roots" },
	{ "$OLDPWD", ROLE_PATH, "roots", "roots", "roots" },
	{ "${PWD%/*}/x", ROLE_PATH, "roots", "roots", "roots" },
	{ "a/../$HOME", ROLE_PATH, "roots", "roots", "roots" },
	{ "cat $OLDPWD/x", ROLE_CODE, "roots", "roots", "roots" },
	{ "for f in *.md; do cat $f/x; done", ROLE_CODE, "", "", "" },
	/* Links. */
	{ "@/in/to-f", ROLE_PATH, "", "", "follow_symlinks" },
	{ "@/in/abs-to-f", ROLE_PATH, "", "", "follow_symlinks" },
	{ "@/in/to-out", ROLE_PATH, "roots", "", "roots" },
	{ "@/in/to-out/f", ROLE_PATH, "roots", "", "roots" },
	{ "@/in/to-out/none", ROLE_PATH, "roots", "", "roots" },
	{ "@/in/dangling", ROLE_PATH, "roots", "", "roots" },
	{ "@/in/loop", ROLE_PATH, "roots", "", "roots" },
	{ "@/in/to-out/../in/f", ROLE_PATH, "", "", "" },
	{ "@/in/to-deep/../f", ROLE_PATH, "roots", "", "roots" },
	{ "@/out/to-in/f", ROLE_PATH, "roots", "roots", "roots" },
	/* Relative names. */
	{ "f", ROLE_PATH, "", "", "" },
	{ "none.md", ROLE_PATH, "", "", "" },
	{ "to-out/f", ROLE_PATH, "roots", "", "roots" },
	{ "to-out/f", ROLE_VALUE, "roots", "", "roots" },
	{ "out/f", ROLE_PATH, "roots", "roots", "roots" },
	{ "in/f", ROLE_PATH, "", "", "" },
	{ "out/f", ROLE_VALUE, "", "", "" },
	/* Words. */
	{ "cat @/in/f", ROLE_CODE, "", "", "" },
	{ "cat @/out/f", ROLE_CODE, "roots", "roots", "roots" },
	{ "/usr/bin/env cat @/in/f >/dev/null", ROLE_CODE, "", "", "" },
	{ "cat /etc/hosts", ROLE_VALUE, "roots", "roots", "roots" },
	{ "ls\ncat /etc/hosts", ROLE_CODE, "roots", "roots", "roots" },
	{ "a\n/etc/hosts", ROLE_VALUE, "roots", "roots", "roots" },
	{ "a\n/etc/hosts", ROLE_PATH, "roots", "roots", "roots" },
	{ "SELECT 1\n; ATTACH '/etc/x.db'", ROLE_CODE, "roots", "roots",
	    "roots" },
	{ "cat ../out.txt", ROLE_CODE, "roots", "roots", "roots" },
	{ "cat ../out.txt", ROLE_VALUE, "roots", "roots", "roots" },
	{ "cd ..; cat out.txt", ROLE_CODE, "roots", "roots", "roots" },
	{ "open('../out.txt')", ROLE_CODE, "roots", "roots", "roots" },
	{ "cat to-out/f", ROLE_CODE, "roots", "", "roots" },
	{ "cat @/in/to-out/f", ROLE_CODE, "roots", "", "roots" },
	{ "cd to-out && cat f", ROLE_CODE, "roots", "", "roots" },
	{ "cat to-o*/f", ROLE_CODE, "roots", "", "roots" },
	{ "cat f none", ROLE_CODE, "", "", "" },
	{ "SELECT 1 / 2", ROLE_CODE, "", "", "" },
	/* clang-format on */
};

static const struct {
	const char *target, *name;
} links[] = { { "f", "in/to-f" }, { "@/in/f", "in/abs-to-f" },
	{ "../out", "in/to-out" }, { "../out/none", "in/dangling" },
	{ "loop", "in/loop" }, { "../in", "out/to-in" },
	{ "../out/deep", "in/to-deep" }, { "/etc/shadow", "notes.txt" } };

/* '@' becomes the directory. */
static void
fill(char *out, size_t size, const char *text, const char *dir)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += (size_t)snprintf(out + n, size - n,
		    *text == '@' ? "%s" : "%.1s", *text == '@' ? dir : text);
}

static char here[64]; /* of this case; without forks there are many */

static void
make_tree(void)
{
	static const char *const dirs[] = { "in", "out", "out/deep" };
	char target[256];

	ck_assert_int_eq(setenv("HOME", "/home/me", 1), 0);
	(void)snprintf(here, sizeof(here), "/tmp/mcpshield-check-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(here));
	ck_assert_int_eq(chdir(here), 0);
	for (size_t i = 0; i < nitems(dirs); i++)
		ck_assert_int_eq(mkdir(dirs[i], 0700), 0);
	ck_assert_int_eq(mknod("in/f", S_IFREG | 0600, 0), 0);
	ck_assert_int_eq(mknod("out/f", S_IFREG | 0600, 0), 0);
	for (size_t i = 0; i < nitems(links); i++) {
		fill(target, sizeof(target), links[i].target, here);
		ck_assert_int_eq(symlink(target, links[i].name), 0);
	}
}

static void
drop_tree(void)
{
	static const char *const names[] = { "in/f", "out/f", "out/deep", "in",
		"out" };

	for (size_t i = 0; i < nitems(links); i++)
		(void)unlink(links[i].name);
	for (size_t i = 0; i < nitems(names); i++)
		(void)remove(names[i]);
	ck_assert_int_eq(chdir("/"), 0);
	(void)rmdir(here);
}

START_TEST(keeps_to_roots)
{
	static const char *const follow[] = { "check", "allow", "deny" };
	const char *wants[] = { rooted[_i].check, rooted[_i].allow,
		rooted[_i].deny };
	char text[512], yaml[512];

	make_tree();
	fill(text, sizeof(text), rooted[_i].path, here);
	for (size_t i = 0; i < nitems(follow); i++) {
		struct policy *p;
		struct verdict v;
		const char *got;

		(void)snprintf(yaml, sizeof(yaml),
		    PATHS "    roots: [%s/in]\n    follow_symlinks: %s\n", here,
		    follow[i]);
		p = load(yaml);
		got = judge(p, rooted[_i].role, false, slice_of(text), &v);
		ck_assert_msg(strcmp(got, wants[i]) == 0,
		    "'%s' with %s: got '%s', not '%s'", rooted[_i].path,
		    follow[i], got, wants[i]);
		policy_free(p);
	}
	drop_tree();
}
END_TEST

START_TEST(follows_links_to_what_is_denied)
{
	struct policy *p;
	struct verdict v;

	make_tree();
	p = load(PATHS DENY);
	ck_assert_str_eq(
	    judge(p, ROLE_PATH, false, slice_of("notes.txt"), &v), "deny");
	ck_assert_str_eq(judge(p, ROLE_PATH, false, slice_of("in/f"), &v), "");
	policy_free(p);
	p = load(PATHS "    follow_symlinks: allow\n" DENY);
	ck_assert_str_eq(
	    judge(p, ROLE_PATH, false, slice_of("notes.txt"), &v), "");
	policy_free(p);
	drop_tree();
}
END_TEST

/* Texts that somebody wrote to be slow. */
static const char *const worst[] = { "../", "%2e%2e%2f", "/", "/a", "{a,",
	"{a,b}", "{", "}", "/*", "/[", "a*", "/proc/self/root", "~", "$HOME",
	"${", "%", "%25", "..2f", "file:", "C:\\", "\\", ":", "=/", "0x2e",
	"\xc0\xae", "/id_*", "/.ssh", " /", "/e?c/*h*a*d*" };

START_TEST(stays_linear)
{
	static const enum text_role roles[] = { ROLE_PATH, ROLE_VALUE,
		ROLE_CODE, ROLE_PROSE };
	const size_t sizes[] = { 64 << 10, 1 << 20 };
	struct policy *p = load(PATHS DENY);
	size_t n = strlen(worst[_i]);
	char *text = xmalloc(sizes[1]);
	struct verdict v;

	for (size_t i = 0; i < sizes[1]; i++)
		text[i] = worst[_i][i % n];
	for (size_t s = 0; s < nitems(sizes); s++)
		for (size_t r = 0; r < nitems(roles); r++) {
			clock_t start = clock();

			(void)judge(p, roles[r], roles[r] == ROLE_PROSE,
			    (struct slice){ text, sizes[s] }, &v);
			/* Measured: below a second; valgrind takes 50. */
			ck_assert_msg(clock() - start < 100 * CLOCKS_PER_SEC,
			    "'%s' of %zu bytes", worst[_i], sizes[s]);
		}
	free(text);
	policy_free(p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("check_path");

	views_init(&views);
	tcase_set_timeout(tc, 600);
	tcase_add_loop_test(tc, judges, 0, (int)nitems(cases));
	tcase_add_test(tc, lets_climb_where_it_may);
	tcase_add_loop_test(tc, keeps_to_roots, 0, (int)nitems(rooted));
	tcase_add_test(tc, follows_links_to_what_is_denied);
	tcase_add_loop_test(tc, stays_linear, 0, (int)nitems(worst));
	return unit_run(tc, "check_path");
}
