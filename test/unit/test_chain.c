/*
 * Digests and the encoding of records, compared with values that other
 * programs made (RFC 6234; python3's hashlib and hmac).
 */
#include "audit/chain.h"
#include "audit/record.h"
#include "proxy/base/array.h"
#include "test/unit/scratch.h"

static void
hex_is(const uint8_t *at, size_t len, const char *want)
{
	char hex[2 * AUDIT_HASH + 1];

	for (size_t i = 0; i < len; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", at[i]);
	ck_assert_str_eq(hex, want);
}

START_TEST(plain)
{
	static const uint8_t zero[AUDIT_HASH];
	uint8_t got[AUDIT_HASH];
	struct chain c;

	journal_hash(slice_of("abc"), got);
	hex_is(got, sizeof(got),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	ck_assert_int_eq(chain_init(&c, NULL, &scratch_err), 0);
	chain_hash(&c, CHAIN_LINK, zero, slice_of("ab"), slice_of("c"), got);
	hex_is(got, sizeof(got),
	    "261d316d104695e7dc371f8e7dd10dc0b8cc06848cf2e016b4adb0edd65c34ce");
	chain_release(&c);
}
END_TEST

START_TEST(keyed)
{
	static const uint8_t zero[AUDIT_HASH];
	uint8_t got[AUDIT_HASH], again[AUDIT_HASH];
	struct chain c;

	ck_assert_int_eq(chain_init(&c, scratch_key, &scratch_err), 0);
	hex_is(c.id, sizeof(c.id), "e8c588366eb074f1");
	chain_hash(
	    &c, CHAIN_ROW, zero, slice_of("abc"), (struct slice){ 0 }, got);
	hex_is(got, sizeof(got),
	    "ea1e0a20018ab24a1b99d73c705d8de7efa7e322e367211e4e7b2f15d8537d23");
	chain_hash(
	    &c, CHAIN_ROW, zero, slice_of("abc"), (struct slice){ 0 }, again);
	ck_assert_mem_eq(got, again, sizeof(got));
	chain_release(&c);
}
END_TEST

static const struct {
	const char *label;
	size_t len;
	mode_t mode;
	const char *want;
} bad_keys[] = {
	{ "too short", 15, 0600, "must hold 16 to 4096 bytes" },
	{ "too long", 4097, 0600, "must hold 16 to 4096 bytes" },
	{ "group can read it", 32, 0640, "open to others (mode 0640)" },
	{ "all can write it", 32, 0602, "open to others (mode 0602)" },
};

START_TEST(refuses_keys)
{
	static const char bytes[8192];
	struct chain c;

	scratch_write(scratch_key, bytes, bad_keys[_i].len, bad_keys[_i].mode);
	ck_assert_int_eq(chain_init(&c, scratch_key, &scratch_err), -1);
	ck_assert_msg(strstr(scratch_err.msg, bad_keys[_i].want) != NULL,
	    "%s: %s", bad_keys[_i].label, scratch_err.msg);
	ck_assert_int_eq(chain_init(&c, scratch_dir, &scratch_err), -1);
	ck_assert_int_eq(chain_init(&c, "/nonexistent", &scratch_err), -1);
}
END_TEST

static const struct {
	const char *label;
	size_t len, cut; /* bytes of 'x', and of those left, before tail */
	const char *tail;
} texts[] = {
	{ "fits", 1024, 1024, "" },
	{ "one too many", 1025, 1024, "" },
	{ "ends in a character", 1023, 1023, "\xc3\xa4" },
	{ "fits to the last byte", 1022, 1024, "\xc3\xa4" },
	{ "four bytes, three fit", 1021, 1021, "\xf0\x9f\x98\x80" },
	{ "four bytes, one fits", 1023, 1023, "\xf0\x9f\x98\x80" },
	{ "no UTF-8", 1000, 1024,
	    "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
	    "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80" },
};

START_TEST(cuts)
{
	struct audit_record rec = scratch_record("t", "allow"), got;
	char text[2048];
	static uint8_t body[RECORD_MAX];
	size_t len;

	memset(text, 'x', sizeof(text));
	memcpy(text + texts[_i].len, texts[_i].tail, strlen(texts[_i].tail));
	rec.tool =
	    (struct slice){ text, texts[_i].len + strlen(texts[_i].tail) };
	len = record_encode(&rec, body);
	ck_assert_int_eq(record_decode(chain_bytes(body, len), &got), 0);
	ck_assert_msg(got.tool.len == texts[_i].cut, "%s: %zu", texts[_i].label,
	    got.tool.len);
	ck_assert_mem_eq(got.tool.at, text, got.tool.len);
	ck_assert(slice_eq(got.payload, rec.payload));
}
END_TEST

START_TEST(largest)
{
	struct audit_record rec = scratch_record("t", "allow"), got;
	static char text[2 * LIMIT_PAYLOAD];
	static uint8_t body[RECORD_MAX];

	memset(text, 'y', sizeof(text));
	for (enum record_text i = 0; i < TEXT_COUNT; i++)
		*record_text(&rec, i) = (struct slice){ text, sizeof(text) };
	ck_assert_uint_eq(record_encode(&rec, body), RECORD_MAX);
	ck_assert_int_eq(record_decode(chain_bytes(body, RECORD_MAX), &got), 0);
	ck_assert_uint_eq(got.payload.len, LIMIT_PAYLOAD);
}
END_TEST

/* No prefix, no extension and no length that is off by one is a record. */
START_TEST(one_encoding)
{
	struct audit_record rec = scratch_record("t", "allow"), got;
	static uint8_t body[RECORD_MAX];
	size_t len = record_encode(&rec, body), texts_at = RECORD_FIXED;

	for (size_t n = 0; n < len; n++)
		ck_assert_int_eq(record_decode(chain_bytes(body, n), &got), -1);
	ck_assert_int_eq(record_decode(chain_bytes(body, len + 1), &got), -1);
	body[texts_at]++;
	ck_assert_int_eq(record_decode(chain_bytes(body, len), &got), -1);
	body[texts_at]--;
	body[28] = 2;
	ck_assert_int_eq(record_decode(chain_bytes(body, len), &got), -1);
	body[28] = 0; /* a payload that was not kept */
	ck_assert_int_eq(record_decode(chain_bytes(body, len), &got), -1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("chain");

	tcase_add_test(tc, plain);
	tcase_add_test(tc, keyed);
	tcase_add_loop_test(tc, refuses_keys, 0, (int)nitems(bad_keys));
	tcase_add_loop_test(tc, cuts, 0, (int)nitems(texts));
	tcase_add_test(tc, largest);
	tcase_add_test(tc, one_encoding);
	return scratch_run(tc, "chain");
}
