/*
 * Hidden text: what nobody sees goes, what writing needs stays byte for byte.
 * Each case is a text and what is left of it, with the first span's rule.
 */
#include "policy/hidden.h"

#include <string.h>
#include <time.h>

#include "policy/hidden_part.h"
#include "policy/view_steps.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

#define MEGABYTE 1048576U
#define GONE "[mcpshield: removed hidden text]"

/* Tags of a flag, and what ends them. */
#define TAG(c) "\xf3\xa0\x81" c
#define GBENG                                                                  \
	TAG("\xa7") TAG("\xa2") TAG("\xa5") TAG("\xae") TAG("\xa7") TAG("\xbf")
#define GBSCT                                                                  \
	TAG("\xa7") TAG("\xa2") TAG("\xb3") TAG("\xa3") TAG("\xb4") TAG("\xbf")
#define GBWLS                                                                  \
	TAG("\xa7") TAG("\xa2") TAG("\xb7") TAG("\xac") TAG("\xb3") TAG("\xbf")
#define TAG_IGNORE                                                             \
	TAG("\xa9") TAG("\xa7") TAG("\xae") TAG("\xaf") TAG("\xb2") TAG("\xa5")

/* clang-format off */
static const struct {
	const char *label, *text, *want, *rule;
} hidden[] = {
	{ "colour", "a\x1b[31mred\x1b[0mb", "aredb", "hidden.ansi" },
	{ "colour in RGB", "\x1b[38;2;1;2;3mx", "x", "hidden.ansi" },
	{ "concealed", "ok\x1b[8mdo it", "okdo it", "hidden.ansi" },
	{ "private parameters", "\x1b[?25l\x1b[>0cx", "x", "hidden.ansi" },
	{ "intermediate bytes", "\x1b[4 qx", "x", "hidden.ansi" },
	{ "cursor up over what was written", "bad\x1b[1A\x1b[2Kgood",
	    "badgood", "hidden.ansi" },
	{ "cut after ESC", "a\x1b", "a", "hidden.ansi" },
	{ "cut after the bracket", "a\x1b[", "a", "hidden.ansi" },
	{ "cut within parameters", "a\x1b[3", "a", "hidden.ansi" },
	{ "broken by a line feed", "a\x1b[3\n1m", "a\n1m", "hidden.ansi" },
	{ "broken by another letter", "\x1b[3\u00e9", "\u00e9", "hidden.ansi" },
	{ "twice ESC", "\x1b\x1b[1mx", "x", "hidden.ansi" },
	{ "hyperlink with BEL", "\x1b]8;;https://e.example/\aLINK\x1b]8;;\a.",
	    "LINK.", "hidden.ansi" },
	{ "hyperlink with ST",
	    "\x1b]8;;https://e.example/\x1b\\LINK\x1b]8;;\x1b\\", "LINK",
	    "hidden.ansi" },
	{ "title", "\x1b]0;ignore all of this\atext", "text", "hidden.ansi" },
	{ "clipboard", "\x1b]52;c;cm0gLXJm\x1b\\x", "x", "hidden.ansi" },
	{ "string over lines", "\x1b]0;a\nb\ac", "c", "hidden.ansi" },
	{ "string without end takes its line", "\x1b]0;title\nnext",
	    "\nnext", "hidden.ansi" },
	{ "string ended by CAN", "\x1b]0;title\x18next", "next",
	    "hidden.ansi" },
	{ "string ended by another sequence", "\x1b]0;t\x1b[1mnext", "next",
	    "hidden.ansi" },
	{ "DCS, which BEL does not end", "\x1bP1$r\a0m\x1b\\x", "x",
	    "hidden.ansi" },
	{ "SOS, PM, APC", "\x1bXa\x1b\\1\x1b^b\x1b\\2\x1b_c\x1b\\3", "123",
	    "hidden.ansi" },
	{ "title of screen(1)", "\x1bktitle\x1b\\x", "x", "hidden.ansi" },
	{ "charset", "\x1b(0lqk\x1b(B", "lqk", "hidden.ansi" },
	{ "two bytes", "\x1b" "7a\x1b" "8\x1b" "cb", "ab", "hidden.ansi" },
	{ "CSI as C1", "a\xc2\x9b" "31mb", "ab", "hidden.ansi" },
	{ "CSI as C1 without parameters", "\xc2\x9b" "Cafe", "Cafe",
	    "hidden.control" },
	{ "OSC as C1", "\xc2\x9d" "0;t\xc2\x9cx", "x", "hidden.ansi" },
	{ "APC as C1", "\xc2\x9f" "abc\xc2\x9cx", "x", "hidden.ansi" },
	{ "C1 that Windows meant as quotes", "say \xc2\x93yes\xc2\x94 now",
	    "say yes now", "hidden.control" },
	{ "CSI dressed as misread UTF-8", "\u00c2\xc2\x9b" "31mx",
	    "\u00c2x", "hidden.ansi" },
	{ "C1 behind a letter that begins nothing", "\u00e9\xc2\x80x",
	    "\u00e9x", "hidden.control" },
	{ "BEL", "a\ab", "ab", "hidden.control" },
	{ "DEL", "a\x7f" "b", "ab", "hidden.control" },
	{ "shifts", "a\x0e" "b\x0f" "c", "abc", "hidden.control" },
	{ "backspaces hide", "rm -rf /\b\b\b\b\b\b\b\bls", "rm -rf /ls",
	    "hidden.control" },
	{ "one letter that is struck out", "abX\bcd", "abXcd",
	    "hidden.control" },
	{ "bold of nroff", "N\bNA\bAM\bME\bE", "NAME", "hidden.control" },
	{ "underlined by nroff", "_\bf_\bo", "fo", "hidden.control" },
	{ "page break within a line", "a\fb", "a\nb", "hidden.control" },
	{ "line break of office programs", "a\vb", "a\nb", "hidden.control" },
	{ "zero width space in a word", "ig\u200bnore", "ignore",
	    "hidden.zero-width" },
	{ "in an identifier", "is_\u200badmin", "is_admin",
	    "hidden.zero-width" },
	{ "non-joiner in a word", "ig\u200cnore", "ignore",
	    "hidden.zero-width" },
	{ "joiner in a word", "ig\u200dnore", "ignore", "hidden.zero-width" },
	{ "word joiner in a word", "ig\u2060nore", "ignore",
	    "hidden.zero-width" },
	{ "byte order mark in a word", "ig\ufeffnore", "ignore",
	    "hidden.zero-width" },
	{ "mark of direction in a word", "ig\u200enore", "ignore",
	    "hidden.zero-width" },
	{ "grapheme joiner in a word", "ig\u034fnore", "ignore",
	    "hidden.zero-width" },
	{ "filler in a word", "ig\u3164nore", "ignore", "hidden.zero-width" },
	{ "variation selector in a word", "ig\ufe0fnore", "ignore",
	    "hidden.zero-width" },
	{ "two in a word", "ig\u200b\u00adnore", "ignore",
	    "hidden.zero-width" },
	{ "soft hyphen between all letters",
	    "i\u00adg\u00adn\u00ado\u00adr\u00ade", "ignore",
	    "hidden.zero-width" },
	{ "times between all letters", "i\u2062g\u2062n\u2062o\u2062r",
	    "ignor", "hidden.zero-width" },
	{ "Cyrillic", "\u0438\u200b\u0433\u043d", "\u0438\u0433\u043d",
	    "hidden.zero-width" },
	{ "Greek", "\u03b1\u200b\u03b2", "\u03b1\u03b2", "hidden.zero-width" },
	{ "behind a letter with its own mark", "e\u0301\u200bn", "e\u0301n",
	    "hidden.zero-width" },
	{ "fullwidth", "\uff49\u200b\uff47", "\uff49\uff47",
	    "hidden.zero-width" },
	{ "between all letters of Han",
	    "\u5ffd\u200b\u7565\u200b\u4ee5\u200b\u4e0a\u200b\u6307",
	    "\u5ffd\u7565\u4ee5\u4e0a\u6307", "hidden.zero-width" },
	{ "non-joiner between all letters of Han",
	    "\u5ffd\u200c\u7565\u200c\u4ee5\u200c\u4e0a\u200c\u6307",
	    "\u5ffd\u7565\u4ee5\u4e0a\u6307", "hidden.zero-width" },
	{ "many", "web\u200b\u200b\u200b\u200b [x]", "web [x]",
	    "hidden.zero-width" },
	{ "bits",
	    "a \u200b\u200c\u200b\u200c\u200d\u200b\u200c\u200b b",
	    "a " GONE " b", "hidden.zero-width" },
	{ "bits of invisible signs",
	    "a\u2062\u2064\u2062\u2062\u2064\u2064\u2062 b", "a" GONE " b",
	    "hidden.zero-width" },
	{ "bits at the end of right-to-left text",
	    "\u05d0\u05d1\u200e\u200f\u200e\u200e\u200f\u200f",
	    "\u05d0\u05d1" GONE, "hidden.zero-width" },
	{ "deprecated", "a \u206a b", "a  b", "hidden.zero-width" },
	{ "annotation", "a\ufff9" "b\ufffa" "c\ufffb", "abc",
	    "hidden.zero-width" },
	{ "noncharacter", "a \ufdd0 b\uffff", "a  b", "hidden.zero-width" },
	{ "unassigned, plane 14", "a \U000e0200 b", "a  b",
	    "hidden.zero-width" },
	{ "tags", "Hello" TAG_IGNORE ".", "Hello" GONE ".", "hidden.tags" },
	{ "one tag", "Hello" TAG("\xa1") ".", "Hello.", "hidden.tags" },
	{ "language tag", "\U000e0001" "en", "en", "hidden.tags" },
	{ "tags behind a flag that nobody draws",
	    "\U0001f3f4" TAG_IGNORE TAG("\xbf") "x",
	    "\U0001f3f4" GONE "x", "hidden.tags" },
	{ "tags behind a flag's own",
	    "\U0001f3f4" GBENG TAG_IGNORE "x",
	    "\U0001f3f4" GBENG GONE "x", "hidden.tags" },
	{ "tags of a flag behind another emoji",
	    "\U0001f600" GBENG "x", "\U0001f600" GONE "x", "hidden.tags" },
	{ "bytes as variation selectors",
	    "\U0001f600\U000e0158\U000e0155\U000e015c\U000e015c\U000e015f.",
	    "\U0001f600" GONE ".", "hidden.variation" },
	{ "bytes behind a selector that belongs there",
	    "\u2764\ufe0f\U000e0158\U000e0155\U000e015c\U000e0150.",
	    "\u2764\ufe0f" GONE ".", "hidden.variation" },
	{ "one byte behind each emoji", "\U0001f600\ufe01\U0001f600\ufe05",
	    "\U0001f600\U0001f600", "hidden.variation" },
	{ "one byte behind each letter", "a\U000e0158" "b\U000e0159 ",
	    "ab ", "hidden.variation" },
	{ "a variant that no ideograph has", "\u4e00\U000e0190",
	    "\u4e00", "hidden.variation" },
	{ "override", "user\u202e\u2066// admin\u2069\u2066 {",
	    "user// admin {", "hidden.bidi" },
	{ "override that is closed", "a \u202egpj.exe\u202c b",
	    "a gpj.exe b", "hidden.bidi" },
	{ "left-to-right override", "a \u202dtext\u202c", "a text",
	    "hidden.bidi" },
	{ "isolate that stays open", "msg=\"x \u2067\";exit", "msg=\"x \";exit",
	    "hidden.bidi" },
	{ "isolate around code", "a \u2067if (x)\u2069 b", "a if (x) b",
	    "hidden.bidi" },
	{ "the same beside a Hebrew word on the line",
	    "\u05d0 \u2067if (x)\u2069 b", "\u05d0 if (x) b", "hidden.bidi" },
	{ "Hebrew on another line only", "\u05d0\n\u2066x\u2069\n\u05d0",
	    "\u05d0\nx\n\u05d0", "hidden.bidi" },
	{ "override in a right-to-left line", "\u05d0\u202e\u05d1\u202c",
	    "\u05d0\u05d1", "hidden.bidi" },
	{ "what closes nothing", "\u05d0\u2069 \u202c", "\u05d0 ",
	    "hidden.bidi" },
	{ "closed across an isolate", "\u05d0\u202b\u05d1\u2067\u05d2\u202c",
	    "\u05d0\u05d1\u05d2", "hidden.bidi" },
	{ "closed on the next line", "\u05d0\u2067\u05d1\n\u05d2\u2069",
	    "\u05d0\u05d1\n\u05d2", "hidden.bidi" },
	{ "override around a number and more", "\u202d555 ls\u202c", "555 ls",
	    "hidden.bidi" },
	{ "bidi beside other things", "\x1b[1m\u202ex\u200by\a",
	    "xy", "hidden.ansi" },
	{ "bidi within a sequence", "\x1b]0;\u202ex\ay\u202e", "y",
	    "hidden.ansi" },
	{ "private use",
	    "a\ue001\ue002\ue003\ue004\ue005\ue006\ue007\ue008z",
	    "a" GONE "z", "hidden.private-use" },
	{ "marks beyond any writing",
	    "a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a"
	    "\u030b\u030c\u030d\u030e\u030f\u0310\u0311\u0312z", "az",
	    "hidden.marks" },
};

static const struct {
	const char *label, *text;
} ordinary[] = {
	{ "nothing", "" },
	{ "ASCII", "a\tb\r\nc ~ {}" },
	{ "spelling of escapes", "\\x1b[31m \\u001b[0m ^[[1m \\033[0m \\e[8m" },
	{ "page breaks", "one\n\f\ntwo\n\fthree\f" },
	{ "byte order mark", "\ufeff{}" },
	{ "family", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" },
	{ "couple", "\U0001f469\u200d\u2764\ufe0f\u200d\U0001f48b\u200d"
	    "\U0001f468" },
	{ "skin and hair", "\U0001f468\U0001f3ff\u200d\U0001f9b0 "
	    "\U0001f9b9\U0001f3ff\u200d\u2642\ufe0f" },
	{ "rainbow, pirate", "\U0001f3f3\ufe0f\u200d\U0001f308 "
	    "\U0001f3f4\u200d\u2620\ufe0f" },
	{ "England, Scotland, Wales", "\U0001f3f4" GBENG "\U0001f3f4" GBSCT
	    "\U0001f3f4" GBWLS },
	{ "flags of letters", "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7" },
	{ "flags kept apart", "\U0001f1e9\u200b\U0001f1ea\u200b\U0001f1eb"
	    "\u200b\U0001f1f7\u200b\U0001f1fa" },
	{ "keycaps", "1\ufe0f\u20e3 #\ufe0f\u20e3 *\ufe0f\u20e3" },
	{ "faces of signs", "\u2764\ufe0f \u26a0\ufe0f \u2709\ufe0e "
	    "\u00a9\ufe0f \u2122\ufe0f \u2139\ufe0f \u3297\ufe0f" },
	{ "twice the same selector", "\u26a0\ufe0f\ufe0f Warning" },
	{ "a selector without its emoji", "## \ufe0f Warning" },
	{ "tone and gender", "\U0001f44d\U0001f3fd \U0001f937\u200d\u2640" },
	{ "Persian", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 "
	    "\u062e\u0627\u0646\u0647\u200c\u0647\u0627\u06cc" },
	{ "Latin with a Persian ending", "PDF\u200c\u0647\u0627" },
	{ "Arabic with vowels", "\u0628\u0650\u0633\u0652\u0645\u0650 "
	    "\u0671\u0644\u0644\u0651\u064e\u0670\u0647\u0650" },
	{ "Arabic with marks of direction",
	    "\u0627\u0644\u0633\u0639\u0631 \u200e$5\u200f \u061c10" },
	{ "Hebrew with points and accents",
	    "\u05d1\u05b0\u05bc\u05e8\u05b5\u05d0\u05e9\u05b4\u05c1\u0596"
	    "\u05d9\u05ea \u05d9\u05b0\u05e8\u05d5\u05bc\u05e9\u05b8\u05c1"
	    "\u05dc\u05b7\u034f\u05b4\u05dd" },
	{ "isolates in Hebrew", "\u05d0\u05d1 \u2066file.txt\u2069 \u05d2 "
	    "\u2067\u05d3\u2069 \u2068x\u2069" },
	{ "embeddings in Arabic",
	    "\u202b\u0645\u0631 \u202aABC\u202c \u0628\u202c" },
	{ "isolates within one another",
	    "\u2067\u05d0 \u2066a \u2067\u05d1\u2069 b\u2069\u2069" },
	{ "a number in Hebrew", "\u05d0 \u2067(12)\u2069" },
	{ "filled into a message", "Hello \u2068Ann\u2069, you have "
	    "\u20683\u2069 messages" },
	{ "numbers from address books", "\u202a+1 (555) 010-2000\u202c "
	    "\u202d555 0100\u202c" },
	{ "thumbprint", "\u200ea9 09 50 2d" },
	{ "Hindi", "\u0915\u094d\u200d\u0937 \u0930\u094d\u200d\u092f "
	    "\u0915\u094d\u200c\u0937" },
	{ "Telugu", "\u0c1c\u0c4d\u0c1e\u200c\u0c3e" },
	{ "Malayalam", "\u0d05\u0d35\u0d28\u0d4d\u200d" },
	{ "Bengali", "\u09b0\u200d\u09cd\u09af" },
	{ "Sinhala", "\u0dc1\u0dca\u200d\u0dbb\u0dd3 \u0dbd\u0d82\u0d9a" },
	{ "Kannada", "\u0cb0\u200d\u0ccd\u0c95" },
	{ "Khmer", "\u17a2\u17d2\u179c\u17b8\u200b\u178a\u17c2\u179b\u200b"
	    "\u17a2\u17d2\u1793\u1780\u200b\u178f\u17d2\u179a\u17bc\u179c" },
	{ "Thai, Lao", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u200b"
	    "\u0e0a\u0e32\u0e27 \u0eaa\u0eb0\u200b\u0e9a\u0eb2\u0e8d" },
	{ "Burmese", "\u1019\u103c\u1014\u103a\u200b\u1019\u102c" },
	{ "Tibetan", "\u0f56\u0f66\u0f92\u0fb2\u0f74\u0f56\u0f66" },
	{ "Japanese with breaks", "\u65e5\u672c\u8a9e\u200b\u3067\u3059" },
	{ "Mongolian", "\u1820\u180b\u1821 \u182d\u180e\u1820" },
	{ "variants of ideographs", "\u845b\U000e0100\u98fe\U000e0101"
	    "\u9089\U000e011e \u4fae\ufe00" },
	{ "slashed zero, signs", "0\ufe00 \u2229\ufe00 \u3001\ufe01" },
	{ "Hangul as parts", "\u1112\u1161\u11ab\u115f\u1161" },
	{ "Vietnamese in parts", "Tie\u0302\u0301ng Vie\u0323\u0302t" },
	{ "phonetic", "\u02c8b\u0254\u0303\u031e\u0325\u0329" },
	{ "hyphenation", "Donau\u00addampf\u00adschiff \u00ad\u00ad" },
	{ "short hyphenation", "Abend\u00ades\u00adsen" },
	{ "mathematics", "f\u2061(x) = 2\u2062x\u2063y, sin\u2061\u03b8" },
	{ "beside spaces and signs", "area of \u200b\u200bIT   \u200b "
	    "System.\u200bText/\u200bx W\ufeff / \ufeff51" },
	{ "a mail's preview", "\u034f \u200c \u00a0 \u034f \u200c \u00a0" },
	{ "mention that calls nobody", "@\u200buser" },
	{ "byte order mark at a line", "a;\n\ufeffusing System;" },
	{ "icons", "\ue0b0 \uf09b main \uf8ff\U000f02a4" },
	{ "Braille", "\u2800\u2801\u2800\u2800\u2800\u28ff" },
	{ "object, replacement", "\ufffc \ufffd" },
	{ "music, shorthand", "\U0001d15f\U0001d173\U0001d15f "
	    "\U0001bc02\U0001bca0" },
	{ "read as Latin-1", "don\u00e2\xc2\x80\xc2\x99t "
	    "\u00f0\xc2\x9f\xc2\x98\xc2\x80 \u00c3\xc2\x84" },
	{ "left by an input method",
	    "### \b\ub3c4\uad6c\b\ub97c \ud504\b\ub86c" },
	{ "line ends of others", "a\xc2\x85" "b\u2028c\u2029d" },
	{ "art of marks", "Z\u0351\u036b\u0343\u032a a\u0328\u030e\u0319" },
};
/* clang-format on */

static void
apply(struct slice text, const struct spans *s, struct buf *out)
{
	size_t at = 0;

	for (size_t i = 0; i < s->n; i++) {
		ck_assert_uint_ge(s->v[i].first, at);
		ck_assert_uint_lt(s->v[i].first, s->v[i].end);
		buf_must(buf_add(out, text.at + at, s->v[i].first - at));
		buf_must(buf_add_str(out, s->v[i].put));
		at = s->v[i].end;
	}
	ck_assert_uint_le(at, text.len);
	buf_must(buf_add(out, text.at + at, text.len - at));
}

START_TEST(hides)
{
	struct slice text = slice_of(hidden[_i].text);
	struct spans s;
	struct buf out;

	spans_init(&s);
	buf_init(&out, 4096);
	ck_assert_msg(
	    hidden_find(text, &s) > 0, "%s: nothing", hidden[_i].label);
	apply(text, &s, &out);
	ck_assert_msg(slice_is(buf_slice(&out), hidden[_i].want),
	    "%s: got '%.*s'", hidden[_i].label, (int)out.len, out.at);
	ck_assert_msg(strcmp(s.v[0].rule, hidden[_i].rule) == 0, "%s: %s",
	    hidden[_i].label, s.v[0].rule);
	buf_release(&out);
	spans_release(&s);
}
END_TEST

START_TEST(leaves)
{
	struct slice text = slice_of(ordinary[_i].text);
	struct spans s;

	spans_init(&s);
	ck_assert_msg(hidden_find(text, &s) == 0, "%s: %s at %zu",
	    ordinary[_i].label, s.v[0].rule, s.v[0].first);
	spans_release(&s);
}
END_TEST

/* The quick look and the table agree on what there is to look at. */
START_TEST(every_code_point)
{
	struct spans s;

	spans_init(&s);
	for (unsigned long cp = 0x80; cp < 0x110000; cp++) {
		char utf8[4], text[128] = "(";
		size_t len = 1, n;
		bool want;

		if (cp >= 0xd800 && cp < 0xe000)
			continue;
		/* Within the planes that are all alike, their ends will do. */
		if ((cp & 0xffff) == 0x100 &&
		    ((cp >= 0x20000 && cp < 0xe0000) || cp >= 0xf0000))
			cp += 0xfe00;
		n = view_utf8(utf8, cp);
		want = hidden_class((uint32_t)cp) != HIDDEN_NONE;
		for (int i = 0; i < 20; i++, len += n)
			memcpy(text + len, utf8, n);
		hidden_find((struct slice){ text, len }, &s);
		ck_assert_msg((s.n > 0) == want, "U+%04lX", cp);
	}
	spans_release(&s);
}
END_TEST

/* Repeated to a megabyte: linear, and what comes behind is seen. */
static const char *const units[] = { "a", "\x1b]", "\x1b[", "\x1b[1;",
	"\x1bPxxxxxxx", "\x1b]0;x", "\x1bk", "\xc2\2350;", "\xc2\x90x",
	"\xc2\x80", "\u00e2\xc2\x80", "\b", "a\b", "\u200b", "a\u200b",
	"\u05d0\u200b", "\u200c ", "\u4e00\u200b", "\u202e", "\u202ea",
	"\u2067", "\u2067\u2069", "\u2067\u05d0\u2069", "\u2069", "\u202e\n",
	"\u2068a", "\ue000", "\u0301", "a\U000e0061", "\U000e0061",
	"\U0001f3f4\U000e0067", "\U0001f600\u200d", "\u2764\ufe0f\u200d",
	"\xff", "\xe2\x80", "\u2764\U000e0100" };

START_TEST(stays_linear)
{
	struct spans s;
	struct buf text, out;
	clock_t start;

	spans_init(&s);
	buf_init(&text, 2 * MEGABYTE);
	buf_init(&out, 8 * MEGABYTE);
	while (text.len < MEGABYTE)
		buf_must(buf_add_str(&text, units[_i]));
	buf_must(buf_add_str(&text, "\n.\x1b[1m"));
	start = clock();
	hidden_find(buf_slice(&text), &s);
	ck_assert_int_lt((clock() - start) / CLOCKS_PER_SEC, 30);
	ck_assert_uint_ge(s.n, 1);
	ck_assert_uint_eq(s.v[s.n - 1].end, text.len);
	ck_assert_uint_le(s.n, 2 * (65536 + text.len / 8) + 2);
	apply(buf_slice(&text), &s, &out);
	ck_assert_uint_le(out.len, 2 * text.len + 64);
	buf_release(&text);
	buf_release(&out);
	spans_release(&s);
}
END_TEST

/* A string is looked through for its end so far, and no further. */
START_TEST(long_strings)
{
	struct spans s;
	struct buf text;

	spans_init(&s);
	buf_init(&text, MEGABYTE);
	buf_must(buf_add_str(&text, "\x1b]52;c;"));
	while (text.len < (_i == 0 ? 60000U : 70000U))
		buf_must(buf_add_str(&text, "QUJD"));
	buf_must(buf_add_str(&text, "\ax"));
	ck_assert_uint_ge(hidden_find(buf_slice(&text), &s), 1);
	ck_assert_uint_eq(s.v[0].first, 0);
	ck_assert_uint_eq(s.v[0].end, _i == 0 ? text.len - 1 : 2);
	buf_release(&text);
	spans_release(&s);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("hidden");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, hides, 0, (int)nitems(hidden));
	tcase_add_loop_test(tc, leaves, 0, (int)nitems(ordinary));
	tcase_add_test(tc, every_code_point);
	tcase_add_loop_test(tc, stays_linear, 0, (int)nitems(units));
	tcase_add_loop_test(tc, long_strings, 0, 2);
	return unit_run(tc, "hidden");
}
