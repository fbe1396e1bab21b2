/*
 * The readings of any bytes: none repeats another, they stay small, the same
 * text gives the same again; and a folded text leads back to the raw one.
 */
#include <stdint.h>
#include <stdlib.h>

#include "policy/unifold.h"
#include "policy/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check_views(struct slice text)
{
	struct views vs, again;
	size_t total = 0;

	views_init(&vs);
	views_init(&again);
	views_make(&vs, text);
	must(vs.n >= 1 && vs.n <= VIEWS_MAX);
	must(slice_eq(vs.v[0].text, text) && vs.v[0].kind == VIEW_SENT);
	for (size_t i = 0; i < vs.n; i++) {
		total += vs.v[i].text.len;
		must(vs.v[i].kind < VIEW_COUNT);
		must((vs.v[i].kind == VIEW_SENT) == (i == 0));
		for (size_t k = 0; k < i; k++)
			must(!slice_eq(vs.v[i].text, vs.v[k].text));
	}
	/* Seven of the text, five of what is decoded; each may be unfolded. */
	must(total <= 28 * text.len + 20 * (4 * text.len + 4096));
	/* Storage that was used before makes no difference. */
	views_make(&again, slice_of("%25 it's \\n cm0gLXJmIC8gLS1mb3JjZQ"));
	views_make(&again, text);
	must(again.n == vs.n && again.cut == vs.cut);
	for (size_t i = 0; i < vs.n; i++)
		must(slice_eq(vs.v[i].text, again.v[i].text));
	views_release(&vs);
	views_release(&again);
}

static void
check_fold(struct slice text)
{
	struct fold_map map;
	struct buf out;
	size_t last = 0;

	fold_map_init(&map);
	buf_init(&out, 4 * text.len);
	unifold(text, &out, &map);
	must(unifold_needed(text) == !slice_eq(text, buf_slice(&out)));
	for (size_t i = 0; i < out.len; i++) {
		size_t first = fold_map_first(&map, i);
		size_t end = fold_map_end(&map, i + 1);

		must(first < end && end <= first + 4 && end <= text.len);
		must(first >= last);
		last = first;
	}
	fold_map_release(&map);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };

	if (size > 65536)
		return 0;
	check_views(text);
	check_fold(text);
	return 0;
}
