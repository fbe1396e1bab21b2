/*
 * Paths in all their spellings: what each reading makes of a text, which
 * entries of a list cover it, and where the paths in a command line are.
 */
#include "policy/pathname.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "policy/pathglob.h"
#include "policy/pathword.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

/* Of a literal, which may hold NUL bytes. */
#define TEXT(s) s, sizeof(s) - 1

static const struct {
	const char *at;
	size_t len;
	enum pathname_reading how;
	const char *want; /* "rc above masked path"; '+' if it is absolute */
} readings[] = {
	/* clang-format off */
	{ TEXT("/a/b"), PATHNAME_LENIENT, "1 0 0 +/a/b" },
	{ TEXT("a/b"), PATHNAME_LENIENT, "1 0 0 -/a/b" },
	{ TEXT("/"), PATHNAME_LENIENT, "1 0 0 +" },
	{ TEXT("//a/./b//"), PATHNAME_LENIENT, "1 0 0 +/a/b" },
	{ TEXT("/a/../b"), PATHNAME_LENIENT, "1 0 0 +/b" },
	{ TEXT("a/../../b"), PATHNAME_LENIENT, "1 1 0 -/b" },
	{ TEXT("../../b/.."), PATHNAME_LENIENT, "1 2 0 -" },
	{ TEXT("/../a"), PATHNAME_LENIENT, "1 1 0 +/a" },
	{ TEXT(" /a/b\n"), PATHNAME_LENIENT, "1 0 0 +/a/b" },
	{ TEXT("\"/a/b\""), PATHNAME_LENIENT, "1 0 0 +/a/b" },
	{ TEXT(""), PATHNAME_LENIENT, "0" },
	/* Encodings. */
	{ TEXT("%2e%2e%2fa"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..%2fa"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("%252e%252e/a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("%25252e%25252e/a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("%%32%65%%32%65%%32%66a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..%c0%afa"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..%c0%2fa"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..%c1%9ca"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..%c0%qfa"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("%25c0%25ae%c0%ae/a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..%e0%80%afa"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..%f0%80%80%afa"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..%fc%80%80%80%80%afa"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..\xc0\xaf" "a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("%uff0e%uff0e%u2215a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..%uEFC8a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("%u012e%u012e%u012fa"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..\xe2\x88\x95" "a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("\xef\xbc\x8e\xef\xbc\x8e\xef\xbc\x8f" "a"),
	    PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("\xe2\x80\xa5/a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("0x2e0x2e0x5ca"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..2f..2fa"), PATHNAME_LENIENT, "1 2 1 -/a" },
	{ TEXT("..2fab12c"), PATHNAME_LENIENT, "1 0 0 -/..2fab12c" },
	{ TEXT("a%20b/100%"), PATHNAME_LENIENT, "1 0 0 -/a b/100%" },
	{ TEXT("f%c3%bcr"), PATHNAME_LENIENT, "1 0 0 -/f\xc3\xbcr" },
	/* Disguises. */
	{ TEXT("..;/a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("..;x=1/a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("%25%5c..%25%5c..%25%5ca"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("a/.. /.. /b"), PATHNAME_LENIENT, "1 1 1 -/b" },
	{ TEXT(".%00./a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT(".%0a./a"), PATHNAME_LENIENT, "1 1 1 -/a" },
	{ TEXT("main..dev"), PATHNAME_LENIENT, "1 0 0 -/main..dev" },
	{ TEXT("./..."), PATHNAME_LENIENT, "1 0 0 -/..." },
	/* Windows. */
	{ TEXT("..\\..\\a"), PATHNAME_LENIENT, "1 2 0 -/a" },
	{ TEXT("..\\/a"), PATHNAME_LENIENT, "1 1 0 -/a" },
	{ TEXT("C:\\a\\b"), PATHNAME_LENIENT, "1 0 0 +/a/b" },
	{ TEXT("c:/a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("/C:/a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("\\\\?\\C:\\a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("\\\\h\\c$\\a"), PATHNAME_LENIENT, "1 0 0 +/h/c$/a" },
	{ TEXT("C:\\a. \\b::$DATA"), PATHNAME_LENIENT, "1 0 0 +/a/b" },
	{ TEXT("%SystemRoot%\\win.ini"), PATHNAME_LENIENT,
	    "1 0 0 +/Windows/win.ini" },
	/* Homes; HOME is /home/me. */
	{ TEXT("~/x"), PATHNAME_LENIENT, "1 0 0 +/home/me/x" },
	{ TEXT("~"), PATHNAME_LENIENT, "1 0 0 +/home/me" },
	{ TEXT("~root/x"), PATHNAME_LENIENT, "1 0 0 +/root/x" },
	{ TEXT("~you/x"), PATHNAME_LENIENT, "1 0 0 +/home/you/x" },
	{ TEXT("~$doc.tmp"), PATHNAME_LENIENT, "1 0 0 -/~$doc.tmp" },
	{ TEXT("a/~/x"), PATHNAME_LENIENT, "1 0 0 -/a/~/x" },
	{ TEXT("$HOME/x"), PATHNAME_LENIENT, "1 0 0 +/home/me/x" },
	{ TEXT("${HOME}/../x"), PATHNAME_LENIENT, "1 0 0 +/home/x" },
	{ TEXT("${HOME:-/root}/x"), PATHNAME_LENIENT, "1 0 0 +/home/me/x" },
	{ TEXT("$env:USERPROFILE\\x"), PATHNAME_LENIENT,
	    "1 0 0 +/home/me/x" },
	{ TEXT("%APPDATA%\\x"), PATHNAME_LENIENT,
	    "1 0 0 +/home/me/AppData/Roaming/x" },
	{ TEXT("$HOMELY/x"), PATHNAME_LENIENT, "1 0 0 -/$HOMELY/x" },
	/* URIs. */
	{ TEXT("file:///a/b"), PATHNAME_LENIENT, "1 0 0 +/a/b" },
	{ TEXT("FILE:/a/b"), PATHNAME_LENIENT, "1 0 0 +/a/b" },
	{ TEXT("file://localhost/a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("file:////a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("file:file:///a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("file:///%61"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("file:///C:/a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("file://C:/a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("file://etc/x"), PATHNAME_HOST_KEPT, "1 0 0 +/etc/x" },
	{ TEXT("file:///a?b"), PATHNAME_CUT, "1 0 0 +/a" },
	{ TEXT("/a"), PATHNAME_HOST_KEPT, "0" },
	/* NUL. */
	{ TEXT("/a\0.png"), PATHNAME_LENIENT, "1 0 0 +/a.png" },
	{ TEXT("/a\0.png"), PATHNAME_CUT, "1 0 0 +/a" },
	{ TEXT("/a%00.png"), PATHNAME_CUT, "1 0 0 +/a" },
	{ TEXT("/a.png"), PATHNAME_CUT, "0" },
	/* Processes. */
	{ TEXT("/proc/self/root/a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("/proc/1/root/a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("/proc/self/task/7/root/a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("/proc/thread-self/root/proc/1/root/a"), PATHNAME_LENIENT,
	    "1 0 0 +/a" },
	{ TEXT("/proc/self/cwd/../a"), PATHNAME_LENIENT, "1 0 0 +/a" },
	{ TEXT("/dev/fd/3"), PATHNAME_LENIENT, "1 0 0 +/proc/self/fd/3" },
	{ TEXT("/proc/self/fd/root"), PATHNAME_LENIENT,
	    "1 0 0 +/proc/self/fd/root" },
	/* The kernel's own. */
	{ TEXT("/a\\b/%2e"), PATHNAME_LITERAL, "1 0 0 +/a\\b/%2e" },
	{ TEXT("~/a"), PATHNAME_LITERAL, "1 0 0 -/~/a" },
	{ TEXT("/a/b"), PATHNAME_LITERAL, "0" },
	/* clang-format on */
};

START_TEST(reads)
{
	struct pathname pn;
	char got[PATH_MAX + 64];
	int rc;

	ck_assert_int_eq(setenv("HOME", "/home/me", 1), 0);
	ck_assert_int_eq(chdir("/tmp"), 0);
	rc = pathname_read(&pn,
	    (struct slice){ readings[_i].at, readings[_i].len },
	    readings[_i].how);
	if (rc == 1)
		(void)snprintf(got, sizeof(got), "1 %u %d %c%s", pn.above,
		    pn.masked, pn.absolute ? '+' : '-', pn.text);
	else
		(void)snprintf(got, sizeof(got), "%d", rc);
	ck_assert_msg(strcmp(got, readings[_i].want) == 0,
	    "'%s' by %d: got '%s', not '%s'", readings[_i].at,
	    (int)readings[_i].how, got, readings[_i].want);
}
END_TEST

START_TEST(bounds_length)
{
	char text[3 * PATH_MAX];
	struct pathname pn;

	/* Long in letters, short in meaning: judged. */
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = "/."[i % 2];
	memcpy(text + sizeof(text) - 4, "/etc", 4);
	ck_assert_int_eq(
	    pathname_read(
		&pn, (struct slice){ text, sizeof(text) }, PATHNAME_LENIENT),
	    1);
	ck_assert_str_eq(pn.text, "/etc");
	memset(text, 'a', sizeof(text));
	ck_assert_int_eq(
	    pathname_read(
		&pn, (struct slice){ text, sizeof(text) }, PATHNAME_LENIENT),
	    -1);
	/* A name that no file can have, and a way back from it. */
	memcpy(text + 300, "/../b", 5);
	ck_assert_int_eq(
	    pathname_read(&pn, (struct slice){ text, 305 }, PATHNAME_LENIENT),
	    1);
	ck_assert(pn.masked);
}
END_TEST

static const struct {
	const char *entry, *path;
	bool want;
} entries[] = {
	{ "/etc/shadow", "/etc/shadow", true },
	{ "/etc/shadow", "/etc/shadow/x", true },
	{ "/etc/shadow", "/etc/shadow2", false },
	{ "/etc/shadow", "/etc", false },
	{ "/etc/shadow", "/x/etc/shadow", false },
	{ "/etc/shadow", "etc/shadow", false },
	{ "/etc/shadow", "../../etc/shadow", true },
	{ "/etc/shadow", "/ETC/shadow", false },
	{ "/etc/shadow", "\\ETC\\shadow", true },
	{ "/etc/shadow", "/private/etc/shadow", false },
	{ "/proc/*/mem", "/proc/1/mem", true },
	{ "/proc/*/mem", "/proc/1/task/mem", false },
	{ "/proc/**/mem", "/proc/1/task/2/mem", true },
	{ "**/.ssh/id_*", "/root/.ssh/id_rsa", true },
	{ "**/.ssh/id_*", ".ssh/id_rsa", true },
	{ "**/.ssh/id_*", "/a/.ssh/x/.ssh/id_x", true },
	{ "**/.ssh/id_*", "/a/.ssh/config", false },
	{ "**/.ssh/id_*", "C:\\Users\\x\\.SSH\\ID_RSA", true },
	{ "**/.ssh/id_*", "C:\\Users\\x\\SSH~1\\id_rsa", true },
	{ "**/.ssh/id_*[!b]", "/a/.ssh/id_rsa", true },
	{ "**/.ssh/id_*[!b]", "/a/.ssh/id_rsa.pub", false },
	/* Patterns of a shell against what is denied. */
	{ "/etc/shadow", "/etc/sh?dow", true },
	{ "/etc/shadow", "/etc/sha*", true },
	{ "/etc/shadow", "/etc/*", true },
	{ "/etc/shadow", "/e*c/s[h]a*w", true },
	{ "/etc/shadow",
	    "/?"
	    "?"
	    "?/??????",
	    true },
	{ "/etc/shadow",
	    "/?"
	    "?"
	    "?/?????",
	    false },
	{ "/etc/shadow", "/etc/*.conf", false },
	{ "/etc/shadow", "/*", false },
	{ "**/.ssh/id_*", "/home/*/.ssh/*", true },
	{ "**/.ssh/id_*", "/home/me/.s*h/id_r*", true },
	{ "**/.ssh/id_*", "/home/me/**/*.ts", false },
	{ "**/*.kdbx", "/a/s*", false },
	{ "**/*.kdbx", "/a/b.kdbx", true },
};

START_TEST(covers)
{
	struct pathname pn;

	ck_assert_int_eq(
	    pathname_read(&pn, slice_of(entries[_i].path), PATHNAME_LENIENT),
	    1);
	ck_assert_msg(
	    pathglob_covers(entries[_i].entry, &pn) == entries[_i].want,
	    "'%s' and '%s'", entries[_i].entry, entries[_i].path);
}
END_TEST

static const struct {
	const char *text, *want; /* joined by '|' */
} words[] = {
	{ "cat ~/.ssh/id_rsa", "~/.ssh/id_rsa" },
	{ "--file=/etc/x -f/y -v /a:/b", "/etc/x|/y|/a|/b" },
	{ "@/a,<\"/b\";(/c)|/d", "/a|/b|/c|/d" },
	{ "C:\\x and d:/y", "C:\\x|d:/y" },
	{ "see https://a/b?c=/etc/passwd /z", "/z" },
	{ "file:///a/b", "file:///a/b" },
	{ "jar:file:///a", "file:///a" },
	{ "cat${IFS}/a", "cat${IFS}/a" },
	{ "$(</a)`/b`", "/a|/b" },
	{ "{cat,/a}", "cat|/a" },
	{ "/e/{a,b}{c,d}", "/e/ac|/e/bc|/e/ad|/e/bd" },
	{ "/e/{a,{b,c}}", "/e/a|/e/b|/e/c" },
	{ "{\"k\":\"/a\"}", "/a" },
	{ "${HOME}/a ${HOME:-x}/b", "${HOME}/a|${HOME:-x}/b" },
	{ "no path here", "" },
	{ "and/or", "and/or" },
};

START_TEST(finds_words)
{
	struct pathwords it = { .text = slice_of(words[_i].text) };
	char got[256] = "", room[PATHWORD_BRACES];
	struct slice word, spelt;
	size_t n = 0;

	while (pathwords_next(&it, &word))
		for (unsigned k = 0; pathword_brace(word, k, room, &spelt); k++)
			if (spelt.len > 0)
				n += (size_t)snprintf(got + n, sizeof(got) - n,
				    "%s%.*s", n > 0 ? "|" : "", (int)spelt.len,
				    spelt.at);
	ck_assert_msg(strcmp(got, words[_i].want) == 0, "'%s': got '%s'",
	    words[_i].text, got);
}
END_TEST

START_TEST(expands_no_bomb)
{
	char room[PATHWORD_BRACES], bomb[512] = "/e";
	struct slice word;
	unsigned n = 0;

	for (int i = 0; i < 60; i++)
		(void)snprintf(
		    bomb + strlen(bomb), sizeof(bomb) - strlen(bomb), "{a,b}");
	while (pathword_brace(slice_of(bomb), n, room, &word))
		n++;
	ck_assert_uint_le(n, 65);
	/* What was not spelt out is a pattern. */
	ck_assert(pathword_brace(slice_of(bomb), 64, room, &word));
	ck_assert_int_eq(strncmp(word.at, "/e***", 5), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pathname");

	tcase_add_loop_test(tc, reads, 0, (int)nitems(readings));
	tcase_add_test(tc, bounds_length);
	tcase_add_loop_test(tc, covers, 0, (int)nitems(entries));
	tcase_add_loop_test(tc, finds_words, 0, (int)nitems(words));
	tcase_add_test(tc, expands_no_bomb);
	return unit_run(tc, "pathname");
}
