/*
 * Folding: what is read alike comes out alike, ASCII is never touched, and
 * every folded byte is traced to the character that made it.
 */
#include "policy/unifold.h"

#include <string.h>
#include <time.h>

#include "policy/view_steps.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

#define MEGABYTE 1048576U

static const struct {
	const char *label, *raw, *want;
} cases[] = {
	{ "nothing", "", "" },
	{ "ASCII keeps its case, digits and signs", "Il1|O0 m rn \"'`\x01\x7f",
	    "Il1|O0 m rn \"'`\x01\x7f" },
	{ "fullwidth", "Ｉｇｎｏｒｅ　１２７．０", "Ignore 127.0" },
	{ "fullwidth signs", "．．／＼％＄（）｜＜＞＂", "../\\%$()|<>\"" },
	{ "Cyrillic among Latin", "ignоrе рrеviоus", "ignore previous" },
	{ "capitals of other scripts", "ІΡ АΒС", "IP ABC" },
	{ "Greek among Latin", "ιgnοre", "ignore" },
	{ "Armenian, Coptic, Lisu, Cherokee", "օոս ⲟ ꓐ Ꭺ", "onu o B A" },
	{ "accents", "ïgnörê prévious", "ignore previous" },
	{ "the same, decomposed", "i\u0308gno\u0308re\u0302", "ignore" },
	{ "marks on top of marks", "r\u0336\u0489\u20dd\u0363m", "rm" },
	{ "strokes", "đøłħ", "dolh" },
	{ "ligatures", "ﬁle ﬃ æ œ ß ĳ", "file ffi ae oe ss ij" },
	{ "mathematical", "𝓲𝔤𝕟𝗼𝘳𝙚 𝟏𝟐𝟕", "ignore 127" },
	{ "circled", "ⓘⓖⓝ ①②⑦", "ign 127" },
	{ "parenthesized", "⒤⒢⒩ ⑴", "ign 1" },
	{ "squared, negative, flags", "🅸🅶🅽 🅘 🄸 🇮🇬🇳", "IGN I I IGN" },
	{ "negative circled digits", "❶❷⓿", "120" },
	{ "small capitals", "ɪɢɴᴏʀᴇ ᴘʀᴇᴠɪᴏᴜꜱ", "ignore previous" },
	{ "superscripts and subscripts", "ⁱᵍⁿᵒʳᵉ x² ₁", "ignore x2 1" },
	{ "turned letters", "ǝɹ", "er" },
	{ "digits of other scripts", "١٢٧ ۱۲۷ १२७ １", "127 127 127 1" },
	{ "Roman numerals", "ⅳ Ⅿ", "iv M" },
	{ "zero width, soft hyphen, joiners",
	    "i\u200bg\u200cn\u200do\u2060r\u00ade\ufeff", "ignore" },
	{ "bidirectional controls", "\u202eab\u202c\u2066c\u2069\u200e",
	    "abc" },
	{ "tags, selectors, grapheme joiner",
	    "a\U000e0069\U000e0001\ufe0f\U000e0100\u034fb", "ab" },
	{ "fillers", "a\u115f\u1160\u3164\uffa0\u17b4\u180eb", "ab" },
	{ "controls of C1",
	    "a\xc2\x80\xc2\x9b"
	    "b",
	    "ab" },
	{ "spaces", "a\u00a0b\u2003c\u3000d\u202fe\u2800f", "a b c d e f" },
	{ "line ends",
	    "a\xc2\x85"
	    "b\u2028c\u2029d",
	    "a\nb\nc\nd" },
	{ "quotes", "“a” ‘b’ „c‟ ′d″", "\"a\" 'b' \"c\" 'd\"" },
	{ "dashes", "a‐b‑c‒d–e—f−g", "a-b-c-d-e-f-g" },
	{ "slashes, colons, dots", "a∕b⁄c∖d∶e․f。g｡h", "a/b/c\\d:e.f.g.h" },
	{ "percent, ellipsis", "٪ ﹪ …", "% % ..." },
	{ "angles", "‹script›", "<script>" },
	{ "case of other scripts", "ЖД", "жд" },
	{ "other scripts stay", "日本語が 한국어 ไ", "日本語が 한국어 ไ" },
	{ "currency stays", "£ € ¥", "£ € ¥" },
	{ "what would be too long stays", "ﷺ", "ﷺ" },
	{ "not UTF-8", "a\xff\xc3(\xe2\x82\xf0\x9f\x98z",
	    "a\xff\xc3(\xe2\x82\xf0\x9f\x98z" },
	{ "overlong stays", "\xc0\xae\xe0\x80\xae", "\xc0\xae\xe0\x80\xae" },
	{ "surrogates stay", "\xed\xa0\x80", "\xed\xa0\x80" },
};

static void
folded(struct slice raw, struct buf *out, struct fold_map *map)
{
	buf_init(out, 4 * raw.len);
	unifold(raw, out, map);
}

START_TEST(folds)
{
	struct slice raw = slice_of(cases[_i].raw);
	struct buf out, twice;

	folded(raw, &out, NULL);
	ck_assert_msg(slice_is(buf_slice(&out), cases[_i].want),
	    "%s: got '%.*s'", cases[_i].label, (int)out.len, out.at);
	ck_assert_msg(unifold_needed(raw) == !slice_eq(raw, buf_slice(&out)),
	    "%s", cases[_i].label);
	folded(buf_slice(&out), &twice, NULL);
	ck_assert(slice_eq(buf_slice(&out), buf_slice(&twice)));
	buf_release(&out);
	buf_release(&twice);
}
END_TEST

/* Of every code point: once is enough, ASCII stays, and it fits. */
START_TEST(every_code_point)
{
	struct buf once, twice;

	buf_init(&once, 16);
	buf_init(&twice, 64);
	for (unsigned long cp = 0; cp < 0x110000; cp++) {
		char utf8[4];
		struct slice raw = { utf8, view_utf8(utf8, cp) };

		once.len = twice.len = 0;
		unifold(raw, &once, NULL);
		unifold(buf_slice(&once), &twice, NULL);
		ck_assert_msg(slice_eq(buf_slice(&once), buf_slice(&twice)),
		    "U+%04lX", cp);
		ck_assert_msg(cp >= 0x80 || slice_eq(raw, buf_slice(&once)),
		    "U+%04lX", cp);
	}
	buf_release(&once);
	buf_release(&twice);
}
END_TEST

/* A folded text, a part of it, and where that comes from. */
static const struct {
	const char *label, *raw, *part;
	size_t first, end;
} spans[] = {
	{ "ASCII", "say ignore it", "ignore", 4, 10 },
	{ "behind wide characters", "ｓａｙ ignore it", "ignore", 10, 16 },
	{ "of wide characters", "say ｉｇｎｏｒｅ it", "ignore", 4, 22 },
	{ "within invisible ones", "a\u200bi\u200bg\u200b b", "ig", 4, 9 },
	{ "nothing invisible in front", "\u200b\u200bx", "x", 6, 7 },
	{ "a part of a ligature", "oﬃce", "fi", 1, 4 },
	{ "longer than it was", "㏂!", "a.m.", 0, 3 },
	{ "a last character", "xｙ", "y", 1, 4 },
	{ "not UTF-8 around", "\xff\xf0\x9fｙ\x80", "y", 3, 6 },
	{ "a tail of a character that stays", "x日y", "\x97", 1, 4 },
};

START_TEST(maps)
{
	struct slice raw = slice_of(spans[_i].raw);
	struct fold_map map;
	struct buf out;
	const char *at;
	size_t i;

	fold_map_init(&map);
	folded(raw, &out, &map);
	at = memmem(out.at, out.len, spans[_i].part, strlen(spans[_i].part));
	ck_assert_ptr_nonnull(at);
	i = (size_t)(at - out.at);
	ck_assert_msg(fold_map_first(&map, i) == spans[_i].first, "%s: %zu",
	    spans[_i].label, fold_map_first(&map, i));
	i += strlen(spans[_i].part);
	ck_assert_msg(fold_map_end(&map, i) == spans[_i].end, "%s: %zu",
	    spans[_i].label, fold_map_end(&map, i));
	ck_assert_uint_eq(fold_map_end(&map, 0), 0);
	ck_assert_uint_eq(fold_map_first(&map, out.len), raw.len);
	ck_assert_uint_eq(fold_map_first(&map, out.len + 9), raw.len);
	fold_map_release(&map);
	buf_release(&out);
}
END_TEST

/*
 * Over texts longer than a step of the map: what lies between the two offsets
 * of any folded byte folds to a text with that byte in it.
 */
START_TEST(maps_long)
{
	static const char *const units[] = { "plain text, ", "ｗｉｄｅ",
		"a\u200b\u200b\u200bb", "日本語", "\xff\xe2\x82", "㏂ﬃ",
		"\U000e0041" };
	struct fold_map map;
	struct buf raw, out, part;

	fold_map_init(&map);
	buf_init(&raw, MEGABYTE);
	for (unsigned i = 0; raw.len < 5000; i++)
		buf_must(buf_add_str(&raw, units[i * i % 31 % nitems(units)]));
	folded(buf_slice(&raw), &out, &map);
	for (size_t i = 0; i < out.len; i++) {
		size_t first = fold_map_first(&map, i);
		size_t end = fold_map_end(&map, i + 1);

		ck_assert_uint_lt(first, end);
		ck_assert_uint_le(end - first, 4);
		folded(
		    (struct slice){ raw.at + first, end - first }, &part, NULL);
		ck_assert_ptr_nonnull(memchr(part.at, out.at[i], part.len));
		buf_release(&part);
	}
	fold_map_release(&map);
	buf_release(&raw);
	buf_release(&out);
}
END_TEST

/* Behind what the buffer holds, counted from there. */
START_TEST(appends)
{
	struct fold_map map;
	struct buf out;

	fold_map_init(&map);
	buf_init(&out, 100);
	buf_must(buf_add_str(&out, "abc"));
	unifold(slice_of("ｘy"), &out, &map);
	ck_assert(slice_is(buf_slice(&out), "abcxy"));
	ck_assert_uint_eq(fold_map_first(&map, 1), 3);
	unifold((struct slice){ NULL, 0 }, &out, &map);
	ck_assert_uint_eq(out.len, 5);
	ck_assert_uint_eq(fold_map_first(&map, 0), 0);
	ck_assert_uint_eq(fold_map_end(&map, 1), 0);
	fold_map_release(&map);
	buf_release(&out);
}
END_TEST

/* Many look-ups in a long text do not walk it. */
START_TEST(looks_up_fast)
{
	static const char *const units[] = { "x", "ｘ", "\u200b" };
	struct fold_map map;
	struct buf raw, out;
	clock_t start;

	fold_map_init(&map);
	buf_init(&raw, 4 * MEGABYTE);
	while (raw.len < MEGABYTE)
		buf_must(buf_add_str(&raw, units[_i]));
	buf_must(buf_add_str(&raw, "end"));
	folded(buf_slice(&raw), &out, &map);
	ck_assert_uint_le(map.n, raw.len / 256);
	start = clock();
	for (size_t i = 0; i < 2000; i++)
		ck_assert_uint_eq(
		    fold_map_first(&map, out.len - 3), raw.len - 3);
	ck_assert_int_lt((clock() - start) / CLOCKS_PER_SEC, 5);
	fold_map_release(&map);
	buf_release(&raw);
	buf_release(&out);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("unifold");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, folds, 0, (int)nitems(cases));
	tcase_add_test(tc, every_code_point);
	tcase_add_loop_test(tc, maps, 0, (int)nitems(spans));
	tcase_add_test(tc, maps_long);
	tcase_add_test(tc, appends);
	tcase_add_loop_test(tc, looks_up_fast, 0, 3);
	return unit_run(tc, "unifold");
}
