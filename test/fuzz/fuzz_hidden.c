/*
 * Hidden text in any bytes: spans are in order and within the text, what is put
 * in their place does not let it grow beyond twice its size, ASCII that is seen
 * brings none, and the same text gives the same again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/hidden.h"
#include "policy/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_seen(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if ((c < ' ' && c != '\n' && c != '\t' && c != '\r') ||
		    c == 0x7f)
			return false;
	}
	return true;
}

/* Does a character begin here, or the text end? */
static bool
is_edge(struct slice text, size_t at)
{
	return at == text.len || (text.at[at] & 0xc0) != 0x80;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct spans s, again;
	size_t last = 0, put = 0;

	spans_init(&s);
	spans_init(&again);
	must(hidden_find(text, &s) == s.n);
	for (size_t i = 0; i < s.n; i++) {
		must(s.v[i].first >= last && s.v[i].first < s.v[i].end);
		must(s.v[i].end <= text.len && s.v[i].put != NULL);
		must(is_edge(text, s.v[i].first));
		must(strncmp(s.v[i].rule, "hidden.", 7) == 0);
		put += strlen(s.v[i].put);
		last = s.v[i].end;
	}
	must(put <= 2 * size + 64);
	must(s.n == 0 || !is_seen(text));
	spans_add(&again, (struct span){ 0, size, "", "" });
	must(hidden_find(text, &again) == s.n);
	for (size_t i = 0; i < s.n; i++)
		must(s.v[i].first == again.v[i].first &&
		     s.v[i].end == again.v[i].end);
	spans_release(&s);
	spans_release(&again);
	return 0;
}
