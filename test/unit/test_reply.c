/*
 * Our own answers, byte for byte: the id as it came, nothing else that a peer
 * wrote, and one line of JSON for every reader.
 */
#include <stdio.h>
#include <string.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/json.h"
#include "proxy/reply.h"
#include "test/unit/unit.h"

#define MESSAGE "\"blocked by mcpshield: no\""
#define DATA                                                                   \
	"\"data\":{\"stage\":\"rules\",\"rule\":\"r\",\"policy\":\"p\","       \
	"\"event\":\"s-1\"}"
#define ERROR(code)                                                            \
	"\"error\":{\"code\":" code ",\"message\":" MESSAGE "," DATA "}}"

static struct verdict verdict = {
	.stage = STAGE_RULES, .rule = "r", .reason = "no"
};

static struct reply
make(struct slice id)
{
	return (struct reply){ .id = id,
		.code = -32602,
		.verdict = &verdict,
		.policy = "p",
		.event = "s-1" };
}

/* The text is one JSON text of one line, and ends as it should. */
static void
check(const struct buf *got, const char *id, const char *rest)
{
	static const struct json_limits limits = { 1 << 20, 64, 1 << 10, true };
	struct error err = { "" };
	struct json doc;
	struct buf want;

	buf_init(&want, 4096);
	ck_assert_int_eq(
	    buf_addf(&want, "{\"jsonrpc\":\"2.0\",\"id\":%s,%s", id, rest), 0);
	ck_assert_msg(slice_eq(buf_slice(got), buf_slice(&want)),
	    "got %.*s\nnot %.*s", (int)got->len, got->at, (int)want.len,
	    want.at);
	json_init(&doc);
	ck_assert_msg(
	    json_read(&doc, buf_slice(got), &limits, &err) == 0, "%s", err.msg);
	for (size_t i = 0; i < got->len; i++)
		ck_assert_int_ne(got->at[i], '\r');
	json_release(&doc);
	buf_release(&want);
}

static const struct {
	const char *id, *want;
} ids[] = {
	{ "7", "7" },
	{ "7.00e+1", "7.00e+1" },
	{ "123456789012345678901234567890", "123456789012345678901234567890" },
	{ "\"\"", "\"\"" },
	{ "\"a\\u0062\\\"\"", "\"a\\u0062\\\"\"" },
	{ "\"\xc3\xa9\xf0\x9f\x98\x80\"", "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
	{ "\"\xe2\x80\xa8\"", "\"\\u2028\"" },
	{ "\"\xc2\x85x\xe2\x80\xa9\xe2\x80\xa8\"",
	    "\"\\u0085x\\u2029\\u2028\"" },
	{ "\"\xe2\x80\xa7\xe2\x80\xaa\xc2\x84\"",
	    "\"\xe2\x80\xa7\xe2\x80\xaa\xc2\x84\"" },
	{ "", "null" },
};

START_TEST(repeats_the_id)
{
	struct reply r = make(slice_of(ids[_i].id));
	struct buf got;

	buf_init(&got, 4096);
	reply_error(&got, &r);
	check(&got, ids[_i].want, ERROR("-32602"));
	buf_clear(&got, 0);
	reply_result(&got, &r, false);
	check(&got, ids[_i].want,
	    "\"result\":{\"content\":[{\"type\":\"text\",\"text\":" MESSAGE
	    "}],\"isError\":true}}");
	buf_clear(&got, 0);
	reply_result(&got, &r, true);
	check(&got, ids[_i].want,
	    "\"result\":{\"content\":[{\"type\":\"text\",\"text\":" MESSAGE
	    "}],\"isError\":true,\"resultType\":\"complete\"}}");
	buf_release(&got);
}
END_TEST

static const struct {
	enum method_code method;
	const char *want;
} asked[] = {
	{ METHOD_SAMPLING, ERROR("-1") },
	{ METHOD_ELICITATION, "\"result\":{\"action\":\"decline\"}}" },
	{ METHOD_ROOTS, ERROR("-32602") },
	{ METHOD_UNKNOWN, ERROR("-32602") },
};

START_TEST(answers_servers)
{
	struct reply r = make(slice_of("1"));
	struct buf got;

	buf_init(&got, 4096);
	reply_server(&got, &r, asked[_i].method);
	check(&got, "1", asked[_i].want);
	buf_release(&got);
}
END_TEST

/* Words of a policy stand in an answer: whatever they hold, it is JSON. */
START_TEST(quotes_the_policy)
{
	struct verdict odd = { .stage = STAGE_RULES,
		.rule = "\"\\\x01\t",
		.reason = "say \"no\"\n" };
	struct reply r = make(slice_of("1"));
	struct buf got;

	r.verdict = &odd;
	buf_init(&got, 4096);
	reply_error(&got, &r);
	check(&got, "1",
	    "\"error\":{\"code\":-32602,\"message\":\"blocked by mcpshield: "
	    "say \\\"no\\\"\\n\",\"data\":{\"stage\":\"rules\",\"rule\":"
	    "\"\\\"\\\\\\u0001\\t\",\"policy\":\"p\",\"event\":\"s-1\"}}}");
	buf_release(&got);
}
END_TEST

/* What ends a line for some readers leaves as an escape. */
START_TEST(keeps_to_one_line)
{
	static const char *const reasons[] = { "a\xe2\x80\xa8z", "a\xc2\x85z",
		"a\xe2\x80\xa9z" };
	static const char *const ends[] = { "\xe2\x80\xa8", "\xc2\x85",
		"\xe2\x80\xa9" };
	static const struct json_limits limits = { 1 << 20, 64, 1 << 10,
		false };
	struct verdict odd = verdict;
	struct reply r = make(slice_of("1"));
	struct json doc;
	struct buf got;

	(void)snprintf(odd.reason, sizeof(odd.reason), "%s", reasons[_i]);
	r.verdict = &odd;
	buf_init(&got, 4096);
	reply_error(&got, &r);
	json_init(&doc);
	ck_assert_int_eq(json_read(&doc, buf_slice(&got), &limits, NULL), 0);
	ck_assert_uint_eq(doc.unsafe, 0);
	for (size_t i = 0; i < nitems(ends); i++)
		ck_assert_ptr_null(
		    memmem(got.at, got.len, ends[i], strlen(ends[i])));
	ck_assert_ptr_nonnull(memmem(got.at, got.len, "-32602", 6));
	json_release(&doc);
	buf_release(&got);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("reply");

	tcase_add_loop_test(tc, repeats_the_id, 0, (int)nitems(ids));
	tcase_add_loop_test(tc, answers_servers, 0, (int)nitems(asked));
	tcase_add_test(tc, quotes_the_policy);
	tcase_add_loop_test(tc, keeps_to_one_line, 0, 3);
	return unit_run(tc, "reply");
}
