/*
 * The literal matcher against a search that cannot be wrong; once as it is,
 * once with so few rows that most states do without.  The input: how many
 * literals, each with its length before it, then the text.
 */
#define matcher_new scarce_new
#define matcher_free scarce_free
#define matcher_find scarce_find
#define ROWS_BYTES 512UL
#include "policy/match.c"
#undef matcher_new
#undef matcher_free
#undef matcher_find

#include <stdio.h>

#define LITERALS_MAX 16U

struct matcher *matcher_new(const struct slice *literals, size_t n);
void matcher_free(struct matcher *m);
long matcher_find(const struct matcher *m, struct slice text);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
ends_at(struct slice literal, struct slice text, size_t end)
{
	if (literal.len > end)
		return false;
	for (size_t i = 0; i < literal.len; i++) {
		size_t at = end - literal.len + i;

		if (fold((unsigned char)literal.at[i]) !=
		    fold((unsigned char)text.at[at]))
			return false;
	}
	return true;
}

static long
search(const struct slice *literals, size_t n, struct slice text)
{
	for (size_t end = 1; end <= text.len; end++)
		for (size_t i = 0; i < n; i++)
			if (ends_at(literals[i], text, end))
				return (long)i;
	return -1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice literals[LITERALS_MAX] = { { NULL, 0 } }, text;
	const char *p = (const char *)data;
	struct matcher *plain, *scarce;
	size_t n = 0, want;
	long found;

	if (size == 0)
		return 0;
	want = data[0] % (LITERALS_MAX + 1);
	for (p++, size--; n < want && size > 1; n++) {
		size_t len = 1 + (unsigned char)*p % 32;

		len = len < size ? len : size - 1;
		literals[n] = (struct slice){ p + 1, len };
		p += 1 + len;
		size -= 1 + len;
	}
	text = (struct slice){ p, size };
	plain = matcher_new(literals, n);
	scarce = scarce_new(literals, n);
	found = search(literals, n, text);
	if (matcher_find(plain, text) != found ||
	    scarce_find(scarce, text) != found) {
		fprintf(stderr, "not literal %ld\n", found);
		abort();
	}
	matcher_free(plain);
	scarce_free(scarce);
	return 0;
}
