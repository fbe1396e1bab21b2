/*
 * Readings of paths, words and patterns.  The first byte says how a text is
 * read; the rest is an entry, a NUL, and the text.  What must hold: a reading
 * is clean, and reads as itself; two spellings that differ in "." and "//"
 * alone have one reading.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/pathdeny.h"
#include "policy/pathglob.h"
#include "policy/pathname.h"
#include "policy/pathword.h"
#include "policy/policy.h"
#include "proxy/base/array.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "not so: %s\n", what);
		abort();
	}
}

static void
check_clean(const struct pathname *pn)
{
	unsigned names = 0;

	demand(pn->len == strlen(pn->text) && pn->len < PATH_MAX, "its length");
	demand(pn->len == 0 || pn->text[0] == '/', "begins with a slash");
	demand(pn->len == 0 || pn->text[pn->len - 1] != '/', "ends in none");
	demand(strstr(pn->text, "//") == NULL, "no name is empty");
	for (const char *p = pn->text; *p != '\0'; p++) {
		size_t n = strcspn(p + 1, "/");

		if (*p != '/')
			continue;
		names++;
		demand(!(n == 1 && p[1] == '.') &&
			   !(n == 2 && p[1] == '.' && p[2] == '.'),
		    "no name is a way");
	}
	demand(names == pn->names, "names are counted");
}

/* "/a" and "/.//./a" are one. */
static void
check_same(const struct pathname *pn)
{
	char longer[PATH_MAX + 8];
	struct pathname again;

	(void)snprintf(longer, sizeof(longer), "/.//.%s", pn->text);
	if (pathname_read(&again, slice_of(longer), PATHNAME_LITERAL) == 1)
		demand(strcmp(again.text, pn->text) == 0, "reads as itself");
}

/* The list of what is denied says of an entry what the entry says. */
static void
check_denied(char *entry, const struct pathname *pn)
{
	static char first[] = "/etc/x", last[] = "**/.ssh/*.key";
	struct policy_text v[] = { { .text = first }, { .text = entry },
		{ .text = last } };
	struct policy_list list = { .v = v, .n = nitems(v), .set = true };
	struct pathdeny *pd = pathdeny_new(&list);
	long want = -1;

	for (size_t i = nitems(v); i-- > 0;)
		if (pathglob_covers(v[i].text, pn))
			want = (long)i;
	demand(pathdeny_find(pd, pn) == want, "the first that covers it");
	demand(pathdeny_find(pd, pn) == want, "the same again");
	pathdeny_free(pd);
}

static void
check_words(struct slice text)
{
	struct pathwords it = { .text = text };
	char room[PATHWORD_BRACES];
	struct slice word, spelt;

	while (pathwords_next(&it, &word)) {
		demand(word.at >= text.at &&
			   word.at + word.len <= text.at + text.len,
		    "a word is a part");
		for (unsigned k = 0; pathword_brace(word, k, room, &spelt); k++)
			demand(k <= 64, "braces end");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char entry[256];
	struct slice text;
	struct pathname pn;
	const char *nul;

	if (size < 2)
		return 0;
	text = (struct slice){ (const char *)data + 1, size - 1 };
	nul = memchr(text.at, '\0', text.len);
	if (nul != NULL && (size_t)(nul - text.at) < sizeof(entry)) {
		(void)snprintf(entry, sizeof(entry), "%s", text.at);
		text.len -= (size_t)(nul + 1 - text.at);
		text.at = nul + 1;
	}
	if (pathname_read(&pn, text,
		(enum pathname_reading)(data[0] % PATHNAME_READINGS)) == 1) {
		check_clean(&pn);
		check_same(&pn);
		check_denied(entry, &pn);
		if (!pn.absolute && pathname_join(&pn, "/a/b") == 0)
			check_clean(&pn);
	}
	check_words(text);
	return 0;
}
