/*
 * Texts that a server might send, in every kind of field.  Spans are in order,
 * apart and within the text; a place in the plain text has one in the raw text,
 * in the same order; the same text is judged the same again.
 */
#include "policy/injection.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/injection_plain.h"
#include "proxy/base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	abort();
}

static void
check_places(struct slice text)
{
	struct plain p;
	size_t last = 0;

	plain_init(&p);
	plain_make(&p, text);
	if (p.text.len > p.folded.len)
		fail("the plain text is longer");
	for (size_t i = 0; i < p.text.len; i++) {
		size_t first = plain_raw_first(&p, plain_first(&p, i));
		size_t end = plain_raw_end(&p, plain_end(&p, i + 1));

		if (first < last || end <= first || end > text.len)
			fail("a place out of order");
		last = first;
	}
	plain_release(&p);
}

static void
check_report(struct slice text, const struct injection_report *r)
{
	size_t last = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct injection_span *s = &r->v[i];

		if (s->first < last || s->end <= s->first ||
		    s->end > text.len || s->rule == NULL)
			fail("a span out of order");
		last = s->end;
	}
	if (r->n == 0 && (r->score != 0 || r->gave_up))
		fail("a score of nothing");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct injector *in;
	struct injection_report r, again;
	struct slice text;
	char *copy;

	if (size == 0)
		return 0;
	if (in == NULL)
		in = injector_new();
	/* A copy of its own, so that a byte too many is noticed. */
	copy = xmalloc(size - 1 > 0 ? size - 1 : 1);
	memcpy(copy, data + 1, size - 1);
	text = (struct slice){ copy, size - 1 };
	injection_report_init(&r);
	injection_report_init(&again);
	injection_find(in, text, (enum injection_field)(data[0] % 3), &r);
	check_report(text, &r);
	injection_find(in, text, (enum injection_field)(data[0] % 3), &again);
	if (again.n != r.n || again.score != r.score)
		fail("judged in another way");
	if (size < 4096)
		check_places(text);
	injection_report_release(&r);
	injection_report_release(&again);
	free(copy);
	return 0;
}
