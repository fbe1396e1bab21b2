/*
 * JSONTestSuite, through our reader and through jansson: y_ must be taken, n_
 * refused, i_ is ours to decide.  Whatever differs from that or between the
 * two stands in a table with its reason, and a row that no file needs fails.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/fuzz/oracle.h"
#include "test/unit/json_help.h"

static const struct decision {
	const char *file;
	enum json_fault want; /* in a request: lone halves are refused */
	const char *why;
} decisions[] = {
	/* clang-format off */
	{ "y_object_duplicated_key.json", JSON_DUPLICATE,
	    "readers differ on which of two equal keys counts" },
	{ "y_object_duplicated_key_and_value.json", JSON_DUPLICATE,
	    "the same" },
	{ "i_number_double_huge_neg_exp.json", JSON_OK,
	    "numbers are text: of any size" },
	{ "i_number_huge_exp.json", JSON_OK, "the same" },
	{ "i_number_neg_int_huge_exp.json", JSON_OK, "the same" },
	{ "i_number_pos_double_huge_exp.json", JSON_OK, "the same" },
	{ "i_number_real_neg_overflow.json", JSON_OK, "the same" },
	{ "i_number_real_pos_overflow.json", JSON_OK, "the same" },
	{ "i_number_real_underflow.json", JSON_OK, "the same" },
	{ "i_number_too_big_neg_int.json", JSON_OK, "the same" },
	{ "i_number_too_big_pos_int.json", JSON_OK, "the same" },
	{ "i_number_very_big_negative_int.json", JSON_OK, "the same" },
	{ "i_object_key_lone_2nd_surrogate.json", JSON_SURROGATE,
	    "readers differ on what half a pair is" },
	{ "i_string_1st_surrogate_but_2nd_missing.json", JSON_SURROGATE,
	    "the same" },
	{ "i_string_1st_valid_surrogate_2nd_invalid.json", JSON_SURROGATE,
	    "the same" },
	{ "i_string_UTF-16LE_with_BOM.json", JSON_UTF8, "UTF-8 alone" },
	{ "i_string_UTF-8_invalid_sequence.json", JSON_UTF8, "the same" },
	{ "i_string_UTF8_surrogate_U+D800.json", JSON_UTF8, "the same" },
	{ "i_string_incomplete_surrogate_and_escape_valid.json",
	    JSON_SURROGATE, "half a pair" },
	{ "i_string_incomplete_surrogate_pair.json", JSON_SURROGATE,
	    "half a pair" },
	{ "i_string_incomplete_surrogates_escape_valid.json", JSON_SURROGATE,
	    "half a pair" },
	{ "i_string_invalid_lonely_surrogate.json", JSON_SURROGATE,
	    "half a pair" },
	{ "i_string_invalid_surrogate.json", JSON_SURROGATE, "half a pair" },
	{ "i_string_invalid_utf-8.json", JSON_UTF8, "UTF-8 alone" },
	{ "i_string_inverted_surrogates_U+1D11E.json", JSON_SURROGATE,
	    "half a pair" },
	{ "i_string_iso_latin_1.json", JSON_UTF8, "UTF-8 alone" },
	{ "i_string_lone_second_surrogate.json", JSON_SURROGATE,
	    "half a pair" },
	{ "i_string_lone_utf8_continuation_byte.json", JSON_UTF8,
	    "UTF-8 alone" },
	{ "i_string_not_in_unicode_range.json", JSON_UTF8, "UTF-8 alone" },
	{ "i_string_overlong_sequence_2_bytes.json", JSON_UTF8,
	    "UTF-8 alone" },
	{ "i_string_overlong_sequence_6_bytes.json", JSON_UTF8,
	    "UTF-8 alone" },
	{ "i_string_overlong_sequence_6_bytes_null.json", JSON_UTF8,
	    "UTF-8 alone" },
	{ "i_string_truncated-utf-8.json", JSON_UTF8, "UTF-8 alone" },
	{ "i_string_utf16BE_no_BOM.json", JSON_NUL, "UTF-8 alone" },
	{ "i_string_utf16LE_no_BOM.json", JSON_NUL, "UTF-8 alone" },
	{ "i_structure_500_nested_arrays.json", JSON_TOO_DEEP,
	    "deeper than frames.max_depth" },
	{ "i_structure_UTF-8_BOM_empty_object.json", JSON_BOM,
	    "RFC 8259, 8.1: a text must not begin with one" },
	/* clang-format on */
};

/* Where jansson decides otherwise. */
static const struct {
	const char *file, *why;
} differences[] = {
	/* clang-format off */
	{ "y_object_escaped_null_in_key.json", "no NUL in jansson's keys" },
	{ "i_number_huge_exp.json", "beyond a double" },
	{ "i_number_neg_int_huge_exp.json", "beyond a double" },
	{ "i_number_pos_double_huge_exp.json", "beyond a double" },
	{ "i_number_real_neg_overflow.json", "beyond a double" },
	{ "i_number_real_pos_overflow.json", "beyond a double" },
	{ "i_number_too_big_neg_int.json", "beyond 64 bits" },
	{ "i_number_too_big_pos_int.json", "beyond 64 bits" },
	{ "i_number_very_big_negative_int.json", "beyond 64 bits" },
	{ "i_structure_500_nested_arrays.json", "jansson's depth is 2048" },
	{ "n_multidigit_number_then_00.json",
	    "jansson takes a NUL behind a number" },
	/* clang-format on */
};

static char dir_path[4096];
static bool decided[nitems(decisions)], differed[nitems(differences)];

static enum json_fault
wanted(const char *file, enum json_fault got)
{
	for (size_t i = 0; i < nitems(decisions); i++)
		if (strcmp(decisions[i].file, file) == 0) {
			decided[i] = true;
			return decisions[i].want;
		}
	ck_assert_msg(
	    file[0] == 'y' || file[0] == 'n', "%s: no decision", file);
	if (file[0] == 'y')
		return JSON_OK;
	ck_assert_msg(got != JSON_OK, "%s: taken", file);
	return got; /* which fault it is does not matter here */
}

static bool
may_differ(const char *file)
{
	for (size_t i = 0; i < nitems(differences); i++)
		if (strcmp(differences[i].file, file) == 0) {
			differed[i] = true;
			return true;
		}
	return false;
}

static void
compare(const struct json *doc, const char *file)
{
	struct buf scratch;
	json_error_t why;
	json_t *tree = oracle_read(doc->text, &why);

	buf_init(&scratch, doc->text.len);
	if ((tree != NULL) != (doc->fault == JSON_OK))
		ck_assert_msg(may_differ(file), "%s: jansson: %s", file,
		    tree != NULL ? "taken" : why.text);
	else if (tree != NULL)
		ck_assert_msg(oracle_same(doc, JSON_ROOT, tree, &scratch),
		    "%s: another content", file);
	json_decref(tree);
	buf_release(&scratch);
}

static void
check_file(int dir, const char *file, const struct json_limits *limits)
{
	static char text[1 << 20];
	struct error err = { "" };
	struct json doc;
	ssize_t len;
	char *copy;
	int fd;

	ck_assert_int_ne(fd = openat(dir, file, O_RDONLY | O_CLOEXEC), -1);
	len = read(fd, text, sizeof(text));
	ck_assert(len >= 0 && (size_t)len < sizeof(text));
	ck_assert_int_eq(close(fd), 0);
	json_init(&doc);
	copy =
	    read_copy(&doc, (struct slice){ text, (size_t)len }, limits, &err);
	ck_assert_msg(
	    doc.fault == wanted(file, doc.fault), "%s: %s", file, err.msg);
	compare(&doc, file);
	json_release(&doc);
	free(copy);
}

START_TEST(suite)
{
	static const struct json_limits limits = { LIMIT_FRAME_BYTES,
		LIMIT_DEPTH, LIMIT_TOKENS, false };
	DIR *dir = opendir(dir_path);
	struct dirent *entry;
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.') {
			check_file(dirfd(dir), entry->d_name, &limits);
			n++;
		}
	ck_assert_int_eq(closedir(dir), 0);
	ck_assert_uint_ge(n, 318);
	for (size_t i = 0; i < nitems(decisions); i++)
		ck_assert_msg(decided[i], "no file '%s'", decisions[i].file);
	for (size_t i = 0; i < nitems(differences); i++)
		ck_assert_msg(differed[i], "'%s' does not differ: '%s'",
		    differences[i].file, differences[i].why);
}
END_TEST

int
main(void)
{
	const char *corpora = getenv("MCPSHIELD_CORPORA");
	TCase *tc = tcase_create("json_suite");
	struct stat sb;

	(void)snprintf(dir_path, sizeof(dir_path),
	    "%s/suites/jsontestsuite/test_parsing",
	    corpora != NULL ? corpora : "../shared/corpora");
	if (stat(dir_path, &sb) == -1)
		printf("SKIP json suite: %s is absent\n", dir_path);
	else
		tcase_add_test(tc, suite);
	return unit_run(tc, "json_suite");
}
