/*
 * The transformations that readings are made of, each with its table.
 */
#include <string.h>

#include "policy/view_steps.h"
#include "proxy/base/array.h"
#include "test/unit/unit.h"

#define S(literal)                                                             \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}
#define SAME                                                                   \
	{                                                                      \
		NULL, 0                                                        \
	}

struct step_case {
	const char *label;
	struct slice in, want; /* SAME: the step changes nothing */
};

static void
step_check(view_step_fn *fn, const struct step_case *c)
{
	struct buf out;
	bool changed;

	buf_init(&out, 0);
	changed = fn(c->in, &out);
	ck_assert_msg(changed == (c->want.at != NULL), "%s: %s", c->label,
	    changed ? "changed" : "not changed");
	if (changed)
		ck_assert_msg(slice_eq(buf_slice(&out), c->want),
		    "%s: got '%.*s'", c->label, (int)out.len, out.at);
	buf_release(&out);
}

/* clang-format off */
static const struct step_case percent_cases[] = {
	{ "nothing", S("../etc"), SAME },
	{ "empty", S(""), SAME },
	{ "one", S("%2e"), S(".") },
	{ "either case", S("%2E%2f%5C"), S("./\\") },
	{ "once", S("%252e"), S("%2e") },
	{ "a percent sign", S("100% of %x and %"), SAME },
	{ "cut", S("a%2"), SAME },
	{ "cut behind one", S("%41%2"), S("A%2") },
	{ "a plus stays", S("a+b%2b"), S("a+b+") },
	{ "NUL", S("a%00b"), S("a\0b") },
	{ "Microsoft's", S("%u002e%U002F"), S("./") },
	{ "Microsoft's, wide", S("%uff0e"), S("\xef\xbc\x8e") },
	{ "no surrogates", S("%ud800"), SAME },
	{ "bytes that are no UTF-8", S("%ff%c3"), S("\xff\xc3") },
};

static const struct step_case percent_all_cases[] = {
	{ "nothing", S("50% off"), SAME },
	{ "twice", S("%252e"), S(".") },
	{ "ten times", S("%25252525252525252525252e"), S(".") },
	{ "digits encoded", S("%%32%65"), S(".") },
	{ "a digit encoded", S("%%32e%2%65"), S("..") },
	{ "all encoded", S("%25%32%65%25%32%66"), S("./") },
	{ "at the end", S("x%25"), S("x%") },
	{ "a sign that decodes nothing", S("%25zz%252"), S("%zz%2") },
	{ "in a row", S("%252e%252e%252f%252e"), S("../.") },
	{ "ones that complete each other", S("%25%2532%65"), S(".") },
};

static const struct step_case overlong_cases[] = {
	{ "nothing", S("caf\xc3\xa9"), SAME },
	{ "two bytes", S("a\xc0\xae\xc0\xaf\xc1\x9c" "b"), S("a./\\b") },
	{ "three", S("\xe0\x80\xae"), S(".") },
	{ "four", S("\xf0\x80\x80\xaf"), S("/") },
	{ "five and six", S("\xf8\x80\x80\x80\xae\xfc\x80\x80\x80\x80\xaf"),
	    S("./") },
	{ "a NUL", S("\xc0\x80"), S("\0") },
	{ "tails that are none", S("\xc0\x2e\xc0\x6e\xc0\x2f"), S("../") },
	{ "only of what paths are made of", S("\xc0" "a\xc1" "b"), SAME },
	{ "cut", S("\xc0"), SAME },
	{ "well-formed", S("\xe0\xa4\x85\xf0\x9f\x98\x80\xe2\x80\xae"), SAME },
};

static const struct step_case escape_cases[] = {
	{ "nothing", S("C:\\dir\\new"), SAME },
	{ "hexadecimal", S("\\x41\\x62\\X63"), S("Abc") },
	{ "u", S("\\u0041\\u00e9"), S("A\xc3\xa9") },
	{ "braces", S("\\u{41}\\u{000000042}\\x{43}"), S("ABC") },
	{ "braces without end", S("\\u{41"), SAME },
	{ "too large", S("\\u{110000}\\U00110000\\u{ffffffffffffff}"), SAME },
	{ "eight digits", S("\\U00000041"), S("A") },
	{ "octal", S("\\056\\057\\0056"), S("./.") },
	{ "no octal", S("\\400\\08\\12"), SAME },
	{ "a pair of halves", S("\\ud83d\\ude00"), S("\xf0\x9f\x98\x80") },
	{ "a half alone", S("\\ud83d \\ude00"), SAME },
	{ "behind several backslashes", S("\\\\\\\\u0041\\\\x42"), S("AB") },
	{ "cut", S("\\x4\\u004"), SAME },
	{ "at the end", S("a\\"), SAME },
	{ "bytes", S("\\xc0\\xae"), S("\xc0\xae") },
};

static const struct step_case entity_cases[] = {
	{ "nothing", S("a & b && c &x; &;"), SAME },
	{ "named", S("&lt;&gt;&amp;&quot;&apos;"), S("<>&\"'") },
	{ "without a semicolon", S("&lt&gtx"), S("<>x") },
	{ "names that need one", S("&sol &sol;&bsol;"), S("&sol /\\") },
	{ "hexadecimal", S("&#x2e;&#X2F;&#x000002e;"), S("./.") },
	{ "decimal", S("&#46;&#0047;"), S("./") },
	{ "numeric without a semicolon", S("&#46&#x2fz"), S("./z") },
	{ "wide", S("&#233;&#x1f600;"), S("\xc3\xa9\xf0\x9f\x98\x80") },
	{ "no character", S("&#x110000;&#xd800;&#99999999999;"), SAME },
	{ "of an ampersand", S("&amp;lt;&amp;amp;amp;#46;"), S("<.") },
	{ "ampersands alone", S("&amp;&amp;"), S("&&") },
	{ "signs", S("&lpar;&dollar;&grave;&vert;&Tab;&NewLine;"),
	    S("($`|\t\n") },
	{ "invisible", S("a&ZeroWidthSpace;b&shy;"),
	    S("a\xe2\x80\x8b" "b\xc2\xad") },
	{ "cut", S("&#x;&#;&#"), SAME },
};

static const struct step_case string_cases[] = {
	{ "nothing", S("abc"), SAME },
	{ "line feeds and the like", S("a\\nb\\tc\\rd"), S("a\nb\tc\rd") },
	{ "signs", S("\\\"\\'\\/\\."), S("\"'/.") },
	{ "JSON in JSON", S("{\\\\\\\"a\\\\\\\":\\\\n}"), S("{\"a\":\n}") },
	{ "doubled", S("C:\\\\Users\\\\me"), S("C:\\Users\\me") },
	{ "an unknown letter", S("C:\\Users"), SAME },
	{ "a continued line", S("a\\\nb"), S("ab") },
	{ "at the end", S("a\\"), SAME },
};

static const struct step_case shell_cases[] = {
	{ "nothing", S("rm -rf / | sh > x; $(id) `id` $HOME {a}"), SAME },
	{ "backslashes", S("r\\m /et\\c \\\\x"), S("rm /etc x") },
	{ "quotes within", S("c''at \"r\"m w'h'o"), S("cat rm who") },
	{ "ANSI-C quotes", S("$'r\\m\\t-rf\\n'x\\n"), S("rm\t-rf\nxn") },
	{ "translated quotes", S("$\"rm\""), S("rm") },
	{ "a continued line", S("r\\\nm r\\\r\nm"), S("rm rm") },
	{ "IFS", S("cat${IFS}a$IFS/b${IFS%??}c${IFS:0:1}d$IFS$9e"),
	    S("cat a /b c d e") },
	{ "another variable", S("$IFSx"), SAME },
	{ "expansions to nothing", S("r$@m c$*a$1t r$()m r${x}m w``ho"),
	    S("rm cat rm rm who") },
	{ "defaults", S("${x:-rm} ${y-cat} ${z:=id} ${z:+no}"),
	    S("rm cat id ") },
	{ "a slash", S("cat ${HOME:0:1}etc${PATH:0:1}passwd"),
	    S("cat /etc/passwd") },
	{ "braces without end", S("${x {a,b"), SAME },
	{ "braces", S("{cat,/etc/passwd}, x"), S("cat /etc/passwd, x") },
	{ "braces with quotes", S("{c''at,/e\\tc}"), S("cat /etc") },
	{ "no braces of a shell", S("{a, b} {} {x}"), SAME },
	{ "carets", S("p^i^ng ^& x"), S("ping & x") },
	{ "backticks of PowerShell", S("wh`oa`mi `id`"), S("whoami `id`") },
	{ "joined", S("'I'+'EX' \"a\" . \"b\" 'c' || 'd'"),
	    S("IEX ab cd") },
	{ "a cut variable of cmd", S("ping%ProgramFiles:~10,-5%127.0.0.1"),
	    S("ping 127.0.0.1") },
	{ "no cut variable", S("100% 5%x:~1 %a%"), SAME },
	{ "at the end", S("a$"), SAME },
	{ "a backslash at the end", S("a\\"), S("a") },
};

static const struct step_case decode_cases[] = {
	{ "nothing", S("the understanding of /usr/share/doc/README"), SAME },
	{ "short", S("cm0gLXJmIC8="), SAME },
	{ "base64", S("cm0gLXJmIC8gLS1mb3JjZQ=="), S("rm -rf / --force\n") },
	{ "without padding", S("x cm0gLXJmIC8gLS1mb3JjZQ y"),
	    S("rm -rf / --force\n") },
	{ "for URLs", S("b2s_b2s-b2s_b2s-b2s_b2s-"),
	    S("ok?ok>ok?ok>ok?ok>\n") },
	{ "in lines", S("cm0g\nLXJm\r\nIC8g\nLS1m\nb3Jj\nZQ=="),
	    S("rm -rf / --force\n") },
	{ "behind one more", S("/cm0gLXJmIC8gLS1mb3JjZQ"),
	    S("rm -rf / --force\n") },
	{ "behind two more", S("-/cm0gLXJmIC8gLS1mb3JjZQ"),
	    S("rm -rf / --force\n") },
	{ "behind three more", S("abccm0gLXJmIC8gLS1mb3JjZQ"),
	    S("rm -rf / --force\n") },
	{ "behind binary", S("AAECAwT/cm0gLXJmIC8gLS1mb3JjZf8A"),
	    S("rm -rf / --force\n") },
	{ "UTF-8", S("0L/RgNC40LLQtdGCINC80LjRgA"),
	    S("\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 "
	      "\xd0\xbc\xd0\xb8\xd1\x80\n") },
	{ "UTF-16, little end first", S("dwBoAG8AYQBtAGkAIAAvAGEA"),
	    S("whoami /a\n") },
	{ "UTF-16, big end first", S("AHcAaABvAGEAbQBpACAALwBh"),
	    S("whoami /a\n") },
	{ "two of them", S("cm0gLXJmIC8gLS1mb3JjZQ==,d2hvYW1pIC9hbGwgbm93"),
	    S("rm -rf / --force\nwhoami /all now\n") },
	{ "hexadecimal", S("726d202D7266202f20782079"),
	    S("rm -rf / x y\n") },
	{ "hexadecimal behind a digit", S("0726d202d7266202f20782079"),
	    S("rm -rf / x y\n") },
	{ "short among binary", S("gIGCg4SFhoeIiYqLjI2Oj2NhdCAvZXRjL3B3ZICBgoOE"
	    "hYaHiImKi4yNjo8="), SAME },
	{ "long among binary", S("gIGCg4SFhoeIiYqLjI2Oj2NhdCAvZXRjL3Bhc3N3ZCAv"
	    "ZXRjL3NoYWRvd4CBgoOEhYaHiImKi4yNjo8="),
	    S("cat /etc/passwd /etc/shadow\n") },
	{ "hexadecimal is no base64", S("68656c6cff68656c6cff68656c6cff"), SAME },
	{ "a digest", S("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"), SAME },
};

static const struct step_case hidden_cases[] = {
	{ "nothing", S("caf\xc3\xa9 \xef\xbc\x8e \xf0\x9f\x98\x80"), SAME },
	{ "tags", S("x\xf3\xa0\x81\xa9\xf3\xa0\x81\xa7\xf3\xa0\x81\xae"
		    "\xf3\xa0\x81\xaf\xf3\xa0\x81\xb2\xf3\xa0\x81\xa5y"),
	    S("ignore\n") },
	{ "a flag", S("\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2"
		      "\xf3\xa0\x81\xa5\xf3\xa0\x81\xae\xf3\xa0\x81\xa7"
		      "\xf3\xa0\x81\xbf"), SAME },
	{ "selectors", S("\xf0\x9f\x98\x80"
		"\xf3\xa0\x85\x99\xf3\xa0\x85\x97\xf3\xa0\x85\x9e"
		"\xf3\xa0\x85\x9f\xf3\xa0\x85\xa2\xf3\xa0\x85\x95"
		"\xf3\xa0\x84\x90\xf3\xa0\x85\x91\xf3\xa0\x85\x9c"
		"\xf3\xa0\x85\x9c"), S("ignore all\n") },
	{ "a selector for an emoji", S("\xe2\x9d\xa4\xef\xb8\x8f"), SAME },
	{ "not UTF-8", S("\xef\xb8\xf3\xa0\x81\xff\xf3\xa0"), SAME },
};
/* clang-format on */

#define TABLE(name, step)                                                      \
	START_TEST(name)                                                       \
	{                                                                      \
		step_check(step, &name##_cases[_i]);                           \
	}                                                                      \
	END_TEST

TABLE(percent, view_percent)
TABLE(percent_all, view_percent_all)
TABLE(overlong, view_overlong)
TABLE(escape, view_escape)
TABLE(entity, view_entity)
TABLE(string, view_string)
TABLE(shell, view_shell)
TABLE(decode, view_decode)
TABLE(hidden, view_hidden)

int
main(void)
{
	TCase *tc = tcase_create("view_steps");

	tcase_add_loop_test(tc, percent, 0, (int)nitems(percent_cases));
	tcase_add_loop_test(tc, percent_all, 0, (int)nitems(percent_all_cases));
	tcase_add_loop_test(tc, overlong, 0, (int)nitems(overlong_cases));
	tcase_add_loop_test(tc, escape, 0, (int)nitems(escape_cases));
	tcase_add_loop_test(tc, entity, 0, (int)nitems(entity_cases));
	tcase_add_loop_test(tc, string, 0, (int)nitems(string_cases));
	tcase_add_loop_test(tc, shell, 0, (int)nitems(shell_cases));
	tcase_add_loop_test(tc, decode, 0, (int)nitems(decode_cases));
	tcase_add_loop_test(tc, hidden, 0, (int)nitems(hidden_cases));
	return unit_run(tc, "view_steps");
}
