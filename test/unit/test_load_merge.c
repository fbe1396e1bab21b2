/*
 * Files that extend one another: what a child replaces, what it adds to, where
 * values are said to come from, and what the digest covers.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "test/unit/unit.h"

static char top[64];

static int
drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* A directory of our own; it is the working directory and the user's. */
static void
begin(void)
{
	(void)snprintf(top, sizeof(top), "/tmp/mergeXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
	ck_assert_int_eq(setenv("XDG_CONFIG_HOME", top, 1), 0);
	ck_assert_int_eq(mkdir("mcpshield", 0700), 0);
	ck_assert_int_eq(mkdir("mcpshield/policies", 0700), 0);
}

static void
end(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	(void)nftw(top, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static void
write_file(const char *path, const char *text)
{
	FILE *fp = fopen(path, "we");

	ck_assert_ptr_nonnull(fp);
	ck_assert_int_ge(fputs(text, fp), 0);
	ck_assert_int_eq(fclose(fp), 0);
}

/* Texts of a list, joined by spaces. */
static const char *
joined(const struct policy_list *list)
{
	static char text[4][512];
	static unsigned next;
	char *out = text[next++ % 4];

	out[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		(void)snprintf(out + strlen(out), 512 - strlen(out), "%s%s",
		    i > 0 ? " " : "", list->v[i].text);
	return out;
}

static struct policy *
load_ok(const char *name)
{
	struct error err = { "" };
	struct policy *p = NULL;

	ck_assert_msg(
	    policy_load(name, &p, &err) == 0, "%s: %s", name, err.msg);
	return p;
}

static const char parent[] =
    "version: 1\n"
    "mode: monitor\n"
    "deny_as: result\n"
    "frames: {max_bytes: 5000, max_depth: 9}\n"
    "tools: {allow: [a, b], deny: [c], deny_parts: [d]}\n"
    "methods: {deny: [e]}\n"
    "rules: [{id: p1, action: log}, {id: p2, action: deny}]\n"
    "arguments: {patterns: [f], regexes: [g]}\n"
    "server_requests: {sampling: deny}\n"
    "audit: {payload: none, on_failure: allow, key_file: /k}\n";

START_TEST(inherits_all)
{
	struct policy *p;

	write_file("p.yaml", parent);
	write_file("c.yaml", "extends: ./p.yaml\nversion: 1\n");
	p = load_ok("./c.yaml");
	ck_assert_int_eq(p->mode, MODE_MONITOR);
	ck_assert_int_eq(p->deny_as, DENY_AS_RESULT);
	ck_assert_uint_eq(p->frames.max_bytes, 5000);
	ck_assert_uint_eq(p->frames.max_depth, 9);
	ck_assert_uint_eq(p->frames.max_tokens, 16777216);
	ck_assert_str_eq(joined(&p->tools.allow), "a b");
	ck_assert_uint_eq(p->nrules, 2);
	ck_assert_int_eq(p->server_requests.sampling, false);
	ck_assert_int_eq(p->server_requests.roots, true);
	ck_assert_int_eq(p->audit.on_failure, FAILURE_ALLOW);
	ck_assert_str_eq(p->audit.key_file, "/k");
	ck_assert_str_eq(p->name, "c");
	ck_assert_uint_eq(p->nfiles, 2);
	ck_assert_uint_eq(policy_origin(p, "mode")->line, 2);
	ck_assert_uint_eq(policy_origin(p, "frames.max_tokens")->line, 0);
	ck_assert_ptr_nonnull(strstr(p->server_requests_at.file, "p.yaml"));
	ck_assert_uint_eq(p->server_requests_at.line, 9);
	policy_free(p);
}
END_TEST

START_TEST(replaces_and_adds)
{
	struct policy *p;

	write_file("p.yaml", parent);
	write_file("c.yaml", "version: 1\n"
			     "extends: ./p.yaml\n"
			     "mode: enforce\n"
			     "frames: {max_bytes: 6000}\n"
			     "tools: {allow: [x], deny: [], deny_parts: [y]}\n"
			     "methods: {deny: [z]}\n"
			     "rules: [{id: c1, action: allow}]\n"
			     "arguments: {patterns: [v], regexes: [w]}\n"
			     "server_requests: {sampling: allow}\n"
			     "audit: {key_file: /l}\n");
	p = load_ok("./c.yaml");
	ck_assert_int_eq(p->mode, MODE_ENFORCE);
	ck_assert_int_eq(p->deny_as, DENY_AS_RESULT);
	ck_assert_uint_eq(p->frames.max_bytes, 6000);
	ck_assert_uint_eq(p->frames.max_depth, 9);
	/* A list of what is allowed is replaced ... */
	ck_assert_str_eq(joined(&p->tools.allow), "x");
	/* ... and what is refused stays refused. */
	ck_assert_str_eq(joined(&p->tools.deny), "c");
	ck_assert_str_eq(joined(&p->tools.deny_parts), "y d");
	ck_assert_str_eq(joined(&p->methods_deny), "z e");
	ck_assert_str_eq(joined(&p->arguments.patterns), "v f");
	ck_assert_uint_eq(p->arguments.regexes.n, 2);
	ck_assert_str_eq(p->arguments.regexes.v[0].text, "w");
	ck_assert_uint_eq(p->nrules, 3);
	ck_assert_str_eq(p->rules[0].id, "c1");
	ck_assert_str_eq(p->rules[2].id, "p2");
	ck_assert_int_eq(p->server_requests.sampling, true);
	ck_assert_str_eq(p->audit.key_file, "/l");
	ck_assert_uint_eq(p->arguments.patterns.v[1].at.line, 8);
	ck_assert_ptr_nonnull(
	    strstr(p->arguments.patterns.v[1].at.file, "p.yaml"));
	policy_free(p);
}
END_TEST

START_TEST(short_form_inherits_default)
{
	struct policy *p, *dflt = load_ok("builtin:default");

	write_file("s.yaml", "blocked_tool_patterns: [Exec]\n"
			     "blocked_arg_patterns: [rm]\n");
	p = load_ok("./s.yaml");
	ck_assert(p->tools.allow.set);
	ck_assert_uint_eq(p->tools.allow.n, 0);
	ck_assert_str_eq(joined(&p->tools.deny_parts), "Exec");
	ck_assert_uint_eq(
	    p->arguments.patterns.n, dflt->arguments.patterns.n + 1);
	ck_assert_str_eq(p->arguments.patterns.v[0].text, "rm");
	policy_free(p);
	/* Absent means none, whatever is inherited. */
	write_file("p.yaml", parent);
	write_file("s.yaml", "extends: ./p.yaml\nblocked_arg_patterns: []\n");
	p = load_ok("./s.yaml");
	ck_assert(p->tools.allow.set);
	ck_assert_uint_eq(p->tools.allow.n, 0);
	ck_assert_str_eq(joined(&p->tools.deny), "c");
	policy_free(p);
	/* The user's default in the short form has ours below it. */
	write_file("mcpshield/policies/default.yaml", "allowed_tools: [q]\n");
	p = load_ok(NULL);
	ck_assert_str_eq(joined(&p->tools.allow), "q");
	ck_assert_uint_eq(p->arguments.patterns.n, dflt->arguments.patterns.n);
	policy_free(p);
	policy_free(dflt);
}
END_TEST

START_TEST(refuses_circles_and_chains)
{
	struct error err = { "" };
	struct policy *p = NULL;
	char path[32], text[64];

	write_file("a.yaml", "version: 1\nextends: ./b.yaml\n");
	write_file("b.yaml", "version: 1\nextends: ././a.yaml\n");
	ck_assert_int_eq(policy_load_file("a.yaml", &p, &err), -1);
	ck_assert_str_eq(err.msg, "./b.yaml:2:1: 'extends': a.yaml extends "
				  "itself; a policy that is compiled in is "
				  "called 'builtin:NAME'");
	for (int i = 0; i < 9; i++) {
		(void)snprintf(path, sizeof(path), "%d.yaml", i);
		(void)snprintf(text, sizeof(text),
		    i < 8 ? "version: 1\nextends: ./%d.yaml\n" : "version: %d",
		    i < 8 ? i + 1 : 1);
		write_file(path, text);
	}
	ck_assert_int_eq(policy_load_file("0.yaml", &p, &err), -1);
	ck_assert_str_eq(err.msg, "./7.yaml:2:1: 'extends': more than 8 "
				  "policies in a row");
	ck_assert_int_eq(policy_load_file("1.yaml", &p, &err), 0);
	policy_free(p);
}
END_TEST

/* Who extends a name finds it where policy_find() does. */
START_TEST(extends_by_name)
{
	struct error err = { "" };
	struct policy *p;

	write_file(
	    "mcpshield/policies/base.yaml", "version: 1\ntools: {deny: [n]}\n");
	write_file(
	    "mcpshield/policies/mine.yaml", "version: 1\nextends: base\n");
	ck_assert_int_eq(mkdir("sub", 0700), 0);
	write_file("sub/c.yaml", "version: 1\n"
				 "extends: ../mcpshield/policies/mine.yaml\n");
	p = load_ok("mine");
	ck_assert_str_eq(joined(&p->tools.deny), "n");
	policy_free(p);
	p = load_ok("mine.yaml");
	ck_assert_str_eq(p->name, "mine");
	policy_free(p);
	p = load_ok("sub/c.yaml");
	ck_assert_str_eq(joined(&p->tools.deny), "n");
	policy_free(p);
	/* A path is relative to the file, not to where we are. */
	write_file("sub/d.yaml", "version: 1\nextends: ./c.yaml\n");
	p = load_ok("sub/d.yaml");
	policy_free(p);
	write_file("x.yaml", "version: 1\nextends: sub\n");
	ck_assert_int_eq(policy_load_file("x.yaml", &p, &err), -1);
	ck_assert_str_eq(err.msg,
	    "x.yaml:2:1: 'extends': there is no policy 'sub' (compiled in: "
	    "default, monitor, strict); for the file in this directory write "
	    "'./sub'");
	write_file("x.yaml", "version: 1\nextends: ./none.yaml\n");
	ck_assert_int_eq(policy_load_file("x.yaml", &p, &err), -1);
	ck_assert_str_eq(err.msg, "x.yaml:2:1: 'extends': there is no file "
				  "'./none.yaml'");
}
END_TEST

/* An id is one rule's, also across files. */
START_TEST(ids_are_of_one_rule)
{
	struct error err = { "" };
	struct policy *p = NULL;

	write_file("p.yaml", parent);
	write_file("c.yaml", "version: 1\nextends: ./p.yaml\n"
			     "rules: [{id: p2, action: allow}]\n");
	ck_assert_int_eq(policy_load_file("c.yaml", &p, &err), -1);
	ck_assert_str_eq(
	    err.msg, "c.yaml:3:9: rule 'p2' again (first at ./p.yaml:7)");
}
END_TEST

/* A mistake in a parent is said to be there. */
START_TEST(parents_are_checked)
{
	struct error err = { "" };
	struct policy *p = NULL;

	write_file("p.yaml", "version: 1\nmode: x\n");
	write_file("c.yaml", "version: 1\nextends: ./p.yaml\n");
	ck_assert_int_eq(policy_load_file("c.yaml", &p, &err), -1);
	ck_assert_str_eq(
	    err.msg, "./p.yaml:2:7: 'mode' wants one of 'enforce' 'monitor'");
	ck_assert_ptr_null(p);
}
END_TEST

static const struct {
	const char *label, *parent, *child;
	bool same; /* as the first row */
} digests[] = {
	{ "the first", "version: 1\ntools: {deny: [a, b]}\n",
	    "version: 1\nextends: ./p.yaml\n", true },
	{ "a comment", "# c\nversion: 1\ntools: {deny: [a, b]}\n",
	    "version: 1\nextends: ./p.yaml\n", true },
	{ "another spelling", "version: 1\ntools:\n  deny:\n  - 'a'\n  - b\n",
	    "extends: ./p.yaml\nversion: 1\nmode: enforce\n", true },
	{ "from another file", "version: 1\ntools: {deny: [b]}\n",
	    "version: 1\nextends: ./p.yaml\ntools: {deny: [a]}\n", true },
	{ "what is inherited", "version: 1\ntools: {deny: [a, c]}\n",
	    "version: 1\nextends: ./p.yaml\n", false },
	{ "one item of two", "version: 1\ntools: {deny: ['a\", \"b']}\n",
	    "version: 1\nextends: ./p.yaml\n", false },
	{ "an empty list for none", "version: 1\ntools: {deny: [a, b]}\n",
	    "version: 1\nextends: ./p.yaml\ntools: {allow: []}\n", false },
	{ "a limit", "version: 1\ntools: {deny: [a, b]}\n",
	    "version: 1\nextends: ./p.yaml\nframes: {max_depth: 63}\n", false },
};

START_TEST(digest_is_of_what_is_in_force)
{
	struct policy *first, *p;

	write_file("p.yaml", digests[0].parent);
	write_file("c.yaml", digests[0].child);
	first = load_ok("./c.yaml");
	write_file("p.yaml", digests[_i].parent);
	write_file("c.yaml", digests[_i].child);
	p = load_ok("./c.yaml");
	ck_assert_msg(
	    (strcmp(p->digest, first->digest) == 0) == digests[_i].same, "%s",
	    digests[_i].label);
	ck_assert_uint_eq(strspn(p->digest, "0123456789abcdef"), 64);
	policy_free(p);
	policy_free(first);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("merge");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, inherits_all);
	tcase_add_test(tc, replaces_and_adds);
	tcase_add_test(tc, short_form_inherits_default);
	tcase_add_test(tc, refuses_circles_and_chains);
	tcase_add_test(tc, extends_by_name);
	tcase_add_test(tc, ids_are_of_one_rule);
	tcase_add_test(tc, parents_are_checked);
	tcase_add_loop_test(
	    tc, digest_is_of_what_is_in_force, 0, (int)nitems(digests));
	return unit_run(tc, "load_merge");
}
