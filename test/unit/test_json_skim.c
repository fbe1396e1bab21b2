/*
 * The skimmer: the id of what cannot be read, whole and byte by byte.
 */
#include "test/unit/json_help.h"

#define ID_36 "012345678901234567890123456789012345"

static const struct {
	const char *label;
	struct slice text;
	const char *id; /* NULL: none */
	unsigned nmethod, nresult;
} skims[] = {
	/* clang-format off */
	{ "a request", TEXT("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"m\"}"),
	    "7", 1, 0 },
	{ "a result", TEXT("{\"result\":{\"id\":1},\"id\":\"x\"}"), "\"x\"", 0,
	    1 },
	{ "an error", TEXT("{\"error\":{},\"id\":3}"), "3", 0, 1 },
	{ "both", TEXT("{\"result\":1,\"error\":2,\"method\":3,\"id\":4}"),
	    "4", 1, 2 },
	{ "white space", TEXT(" \t{ \r\"id\" :\n -1.5e+3 } "), "-1.5e+3", 0,
	    0 },
	{ "zero", TEXT("{\"id\":0}"), "0", 0, 0 },
	{ "an empty string", TEXT("{\"id\":\"\"}"), "\"\"", 0, 0 },
	{ "escapes", TEXT("{\"id\":\"a\\\"\\\\\\u0041\"}"),
	    "\"a\\\"\\\\\\u0041\"", 0, 0 },
	{ "UTF-8", TEXT("{\"id\":\"\xe2\x82\xac\"}"), "\"\xe2\x82\xac\"", 0,
	    0 },
	{ "escaped keys",
	    TEXT("{\"\\u0069d\":1,\"\\u006deth\\u006Fd\":2}"), "1", 1, 0 },
	{ "all of a key escaped", TEXT("{\"\\u0072\\u0065\\u0073\\u0075\\u006c"
	    "\\u0074\":1,\"\\u0069\\u0064\":2}"), "2", 0, 1 },
	{ "keys like it", TEXT("{\"i\":1,\"idx\":2,\"ID\":3,\"xid\":4,\"\":5,"
	    "\"id \":6,\"\\u0069\":7,\"\\id\":8}"), NULL, 0, 0 },
	{ "in a nested object", TEXT("{\"a\":{\"id\":1},\"b\":[{\"id\":2}]}"),
	    NULL, 0, 0 },
	{ "in a string", TEXT("{\"a\":\"\\\",\\\"id\\\":1\"}"), NULL, 0, 0 },
	{ "brackets in strings", TEXT("{\"a\":[\"]}\",{\"}\\\"]\":1}],"
	    "\"id\":9}"), "9", 0, 0 },
	{ "a long key first", TEXT("{\"" ID_36 "x\":1,\"id\":2}"), "2", 0, 0 },
	{ "a number that is none", TEXT("{\"a\":NaN,\"id\":2}"), "2", 0, 0 },
	{ "a cut line", TEXT("{\"id\":2,\"method\":\"m\",\"params\":{\"a\":["),
	    "2", 1, 0 },
	{ "null", TEXT("{\"id\":null}"), NULL, 0, 0 },
	{ "true", TEXT("{\"id\":true}"), NULL, 0, 0 },
	{ "an object", TEXT("{\"id\":{}}"), NULL, 0, 0 },
	{ "an array", TEXT("{\"id\":[1]}"), NULL, 0, 0 },
	{ "no value", TEXT("{\"id\":,\"a\":1}"), NULL, 0, 0 },
	{ "no number", TEXT("{\"id\":01}"), NULL, 0, 0 },
	{ "two in one", TEXT("{\"id\":1 2}"), NULL, 0, 0 },
	{ "no string", TEXT("{\"id\":\"\\x\"}"), NULL, 0, 0 },
	{ "half a pair", TEXT("{\"id\":\"\\ud800\"}"), NULL, 0, 0 },
	{ "NUL in it", TEXT("{\"id\":\"\0\"}"), NULL, 0, 0 },
	{ "not UTF-8", TEXT("{\"id\":\"\xff\"}"), NULL, 0, 0 },
	{ "twice", TEXT("{\"id\":1,\"id\":1}"), NULL, 0, 0 },
	{ "twice through an escape", TEXT("{\"id\":1,\"i\\u0064\":1}"), NULL,
	    0, 0 },
	{ "cut in the value", TEXT("{\"id\":12"), NULL, 0, 0 },
	{ "cut in the string", TEXT("{\"id\":\"12"), NULL, 0, 0 },
	{ "cut before it", TEXT("{\"id\":"), NULL, 0, 0 },
	{ "a batch", TEXT("[{\"id\":1}]"), NULL, 0, 0 },
	{ "a mark", TEXT("\xef\xbb\xbf{\"id\":1}"), NULL, 0, 0 },
	{ "text behind", TEXT("{\"id\":1}{\"id\":2}"), NULL, 0, 0 },
	{ "no colon", TEXT("{\"a\" 1,\"id\":1}"), NULL, 0, 0 },
	{ "no comma", TEXT("{\"a\":\"\" \"id\":1}"), NULL, 0, 0 },
	{ "no key", TEXT("{1:1,\"id\":1}"), NULL, 0, 0 },
	{ "nothing", TEXT(""), NULL, 0, 0 },
	{ "a scalar", TEXT("1"), NULL, 0, 0 },
	/* clang-format on */
};

static void
check_skim(const struct json_skim *sk, size_t i, size_t step)
{
	struct slice id = { NULL, 0 };
	bool found = json_skim_id(sk, &id);

	ck_assert_msg(found == (skims[i].id != NULL), "%s by %zu: '%.*s'",
	    skims[i].label, step, (int)id.len, id.at);
	if (found)
		slice_is_text(id, skims[i].id, skims[i].label);
	if (skims[i].nmethod + skims[i].nresult > 0) {
		ck_assert_uint_eq(sk->nmethod, skims[i].nmethod);
		ck_assert_uint_eq(sk->nresult, skims[i].nresult);
	}
}

START_TEST(skims_pieces)
{
	struct slice text = skims[_i].text;
	struct json_skim sk;

	for (size_t step = 1; step <= text.len + 1; step++) {
		json_skim_init(&sk);
		json_skim_feed(&sk, (struct slice){ NULL, 0 });
		for (size_t at = 0; at < text.len; at += step) {
			size_t left = text.len - at;

			json_skim_feed(&sk, (struct slice){ text.at + at,
						left < step ? left : step });
		}
		check_skim(&sk, (size_t)_i, step);
	}
}
END_TEST

START_TEST(long_ids)
{
	static char id[JSON_SKIM_ID + 2];
	struct json_skim sk;
	struct slice got;

	for (size_t len = JSON_SKIM_ID - 1; len <= JSON_SKIM_ID + 1; len++) {
		memset(id, '1', len);
		if (_i == 1)
			id[0] = id[len - 1] = '"';
		json_skim_init(&sk);
		json_skim_feed(&sk, slice_of("{\"id\":"));
		json_skim_feed(&sk, (struct slice){ id, len });
		json_skim_feed(&sk, slice_of(",\"method\":\"m\"}"));
		ck_assert_uint_eq(json_skim_id(&sk, &got), len <= JSON_SKIM_ID);
		if (len <= JSON_SKIM_ID)
			ck_assert(slice_eq(got, (struct slice){ id, len }));
		ck_assert_uint_eq(sk.nmethod, 1);
	}
}
END_TEST

/* Too deep and too long for anybody: 64 MiB of brackets and a string. */
START_TEST(behind_much)
{
	static char piece[1 << 16];
	static const char fill[] = { '[', 'x', '{', ']' };
	struct json_skim sk;
	struct slice got;

	json_skim_init(&sk);
	json_skim_feed(&sk, slice_of("{\"a\":["));
	for (size_t i = 0; i < nitems(fill); i++) {
		bool text = fill[i] == 'x';

		memset(piece, fill[i], sizeof(piece));
		if (text)
			json_skim_feed(&sk, slice_of("\""));
		for (size_t n = 0; n < (i == 3 ? 512 : 256); n++)
			json_skim_feed(
			    &sk, (struct slice){ piece, sizeof(piece) });
		if (text)
			json_skim_feed(&sk, slice_of("\""));
	}
	json_skim_feed(&sk, slice_of("],\"id\":\"late\",\"method\":\"m\"}"));
	ck_assert(json_skim_id(&sk, &got));
	slice_is_text(got, "\"late\"", "behind much");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("json_skim");

	tcase_set_timeout(tc, 20);
	tcase_add_loop_test(tc, skims_pieces, 0, (int)nitems(skims));
	tcase_add_loop_test(tc, long_ids, 0, 2);
	tcase_add_test(tc, behind_much);
	return unit_run(tc, "json_skim");
}
