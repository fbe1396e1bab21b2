/*
 * Lines out of a stream, fed in pieces of every size.
 */
#include "proxy/base/array.h"
#include "proxy/frame.h"
#include "test/unit/unit.h"

#define MAX 16 /* bytes of a line in these tests */

static const struct {
	const char *label, *stream;
	/* What comes out, joined by '|'; '!' is a line that was too long, and
	   '~' begins what is left at the end. */
	const char *want;
} cases[] = {
	{ "one line", "abc\n", "abc" },
	{ "two lines", "abc\nde\n", "abc|de" },
	{ "an empty line", "\n", "" },
	{ "one CR before LF is dropped", "abc\r\n", "abc" },
	{ "only one", "abc\r\r\n", "abc\r" },
	{ "a CR inside stays", "a\rb\n", "a\rb" },
	{ "as long as may be", "0123456789abcdef\n", "0123456789abcdef" },
	{ "the CR does not count", "0123456789abcdef\r\n", "0123456789abcdef" },
	{ "one byte too long", "0123456789abcdefX\n", "!" },
	{ "much too long, and the next is read",
	    "0123456789abcdef0123456789abcdef0123456789abcdef\nok\n", "!|ok" },
	{ "two that are too long",
	    "0123456789abcdef0123\n0123456789abcdef0123\nok\n", "!|!|ok" },
	{ "a rest without LF", "abc\nde", "abc|~de" },
	{ "a rest that is too long", "0123456789abcdef0123", "!" },
};

/* Feeds the stream in pieces of n bytes and collects what comes. */
static void
collect(const char *stream, size_t len, size_t n, char *out)
{
	struct frame fr;
	struct slice line;
	size_t done = 0;
	int rc;

	out[0] = '\0';
	frame_init(&fr, MAX);
	while (done < len) {
		size_t room, take = n < len - done ? n : len - done;
		char *at;

		frame_space(&fr, &at, &room);
		ck_assert_uint_ge(room, 1);
		if (take > room)
			take = room;
		memcpy(at, stream + done, take);
		frame_fed(&fr, take);
		done += take;
		while ((rc = frame_next(&fr, &line)) != 0) {
			if (rc == 1)
				(void)strncat(out, line.at, line.len);
			(void)strncat(out, rc == 1 ? "|" : "!|", 3);
		}
	}
	rc = frame_last(&fr, &line);
	if (rc == 1 && line.len > 0) {
		(void)strncat(out, "~", 2);
		(void)strncat(out, line.at, line.len);
		(void)strncat(out, "|", 2);
	} else if (rc == -1) {
		(void)strncat(out, "!|", 3);
	}
	if (out[0] != '\0')
		out[strlen(out) - 1] = '\0';
	frame_release(&fr);
}

START_TEST(splits)
{
	size_t len = strlen(cases[_i].stream);
	char out[256];

	for (size_t n = 1; n <= len; n++) {
		collect(cases[_i].stream, len, n, out);
		ck_assert_msg(strcmp(out, cases[_i].want) == 0,
		    "%s, %zu bytes at a time: got '%s'", cases[_i].label, n,
		    out);
	}
}
END_TEST

START_TEST(finds_the_id_of_what_it_skips)
{
	static const char stream[] =
	    "{\"jsonrpc\":\"2.0\",\"params\":{\"id\":1},\"id\":\"x-7\"}\n";
	struct frame fr;
	struct slice line, id;
	size_t room;
	char *at;

	for (size_t i = 1; i < sizeof(stream) - 1; i++) {
		size_t done = 0;
		int rc = 0;

		frame_init(&fr, MAX);
		while (rc == 0) {
			size_t n = done == 0 ? i : sizeof(stream) - 1 - done;

			frame_space(&fr, &at, &room);
			memcpy(at, stream + done, n);
			frame_fed(&fr, n);
			done += n;
			rc = frame_next(&fr, &line);
		}
		ck_assert_int_eq(rc, -1);
		ck_assert_uint_eq(fr.skipped, sizeof(stream) - 2);
		ck_assert(json_skim_id(&fr.skim, &id));
		ck_assert(slice_is(id, "\"x-7\""));
		frame_release(&fr);
	}
}
END_TEST

START_TEST(gives_its_storage)
{
	struct frame fr;
	struct slice line;
	struct buf got;
	size_t room, from;
	char *at;

	frame_init(&fr, 1000);
	frame_space(&fr, &at, &room);
	memcpy(at, "one\ntwo\nthree", 13);
	frame_fed(&fr, 13);
	ck_assert_int_eq(frame_next(&fr, &line), 1);
	ck_assert_int_eq(frame_next(&fr, &line), 1);
	frame_give(&fr, line, &got, &from);
	ck_assert_uint_eq(got.len - from, 3);
	ck_assert_mem_eq(got.at + from, "two", 3);
	frame_space(&fr, &at, &room);
	memcpy(at, "!\n", 2);
	frame_fed(&fr, 2);
	ck_assert_int_eq(frame_next(&fr, &line), 1);
	ck_assert(slice_is(line, "three!"));
	buf_release(&got);
	frame_release(&fr);
}
END_TEST

START_TEST(gives_memory_back)
{
	struct frame fr;
	struct slice line;
	size_t room, done = 0, size = 4 << 20;
	char *at;

	frame_init(&fr, size);
	while (done < size) {
		frame_space(&fr, &at, &room);
		if (room > size - done)
			room = size - done;
		memset(at, 'x', room);
		frame_fed(&fr, room);
		done += room;
		ck_assert_int_eq(frame_next(&fr, &line), 0);
	}
	frame_space(&fr, &at, &room);
	*at = '\n';
	frame_fed(&fr, 1);
	ck_assert_int_eq(frame_next(&fr, &line), 1);
	ck_assert_uint_eq(line.len, size);
	ck_assert_int_eq(frame_next(&fr, &line), 0);
	frame_space(&fr, &at, &room);
	ck_assert_uint_le(fr.in.cap, 256 << 10);
	frame_release(&fr);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("frame");

	tcase_add_loop_test(tc, splits, 0, (int)nitems(cases));
	tcase_add_test(tc, finds_the_id_of_what_it_skips);
	tcase_add_test(tc, gives_its_storage);
	tcase_add_test(tc, gives_memory_back);
	return unit_run(tc, "frame");
}
