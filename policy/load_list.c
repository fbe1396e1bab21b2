/*
 * Lists of texts and of expressions.  A list is taken whole or not at all; the
 * key before a list's node is where it is said to stand.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <stdlib.h>
#include <string.h>

#include <pcre2.h>

#include "policy/load.h"
#include "policy/regex.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

void
list_release(struct policy_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].text);
	free(list->v);
	*list = (struct policy_list){ .v = NULL };
}

void
regexes_release(struct policy_regexes *list)
{
	for (size_t i = 0; i < list->n; i++) {
		regex_release(&list->v[i]);
	}
	free(list->v);
	*list = (struct policy_regexes){ .v = NULL };
}

/* Items of a list node; one text alone counts as a list if one_ok. */
static int
count_items(const struct source *src, size_t at, const char *what, bool one_ok,
    size_t *ret, struct error *err)
{
	const struct cursor *cur = &src->cur;

	*ret = 0;
	if (cur->v[at].kind == NODE_SCALAR && one_ok) {
		*ret = 1;
		return 0;
	}
	if (cur->v[at].kind != NODE_LIST)
		return wrong_type(src, at, what, "a list", err);
	for (size_t i = cursor_first(cur, at); i != 0;
	     i = cursor_next(cur, at, i))
		(*ret)++;
	return 0;
}

int
take_texts(const struct source *src, size_t at, const char *what,
    enum text_class class, bool one_ok, struct policy_list *ret,
    struct error *err)
{
	struct policy_list list = { .set = true, .at = origin_of(src, at - 1) };
	bool one = src->cur.v[at].kind == NODE_SCALAR;
	size_t max = 0;

	if (count_items(src, at, what, one_ok, &max, err) == -1)
		return -1;
	list.v = xcalloc(max, sizeof(*list.v));
	for (size_t i = one ? at : cursor_first(&src->cur, at); list.n < max;
	     i = cursor_next(&src->cur, at, i)) {
		struct policy_text *item = &list.v[list.n];

		if (text_take(src, i, class, what, &item->text, err) == -1) {
			list_release(&list);
			return -1;
		}
		item->at = origin_of(src, i);
		list.n++;
		if (one)
			break;
	}
	*ret = list;
	return 0;
}

/* Puts what is written before what is inherited, or in its place. */
int
load_list(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	struct policy_list list = { .v = NULL }, *old = dst;

	if (take_texts(src, at, key->path, key->text, false, &list, err) == -1)
		return -1;
	*ret_asks = list.n > 0;
	if (old != NULL && (key->flags & KEY_ADDS) != 0) {
		list.v =
		    xreallocarray(list.v, list.n + old->n, sizeof(*list.v));
		if (old->n > 0)
			memcpy(
			    list.v + list.n, old->v, old->n * sizeof(*list.v));
		list.n += old->n;
		old->n = 0; /* its texts have moved */
	}
	if (old != NULL) {
		list_release(old);
		*old = list;
	} else {
		list_release(&list);
	}
	return 0;
}

/* The column of a byte of the pattern, where the file spells it as it is. */
static unsigned
shift_of(const struct node *node, const char *text, size_t offset)
{
	unsigned quote = node->plain ? 0 : 1, width = 0, shift = quote;

	if (strcmp(node->text, text) != 0)
		return 0; /* something was expanded */
	for (size_t i = 0; text[i] != '\0'; i++) {
		unsigned first = ((unsigned char)text[i] & 0xc0) != 0x80;

		width += first;
		shift += i < offset ? first : 0;
	}
	return node->width == width + 2 * quote ? shift : 0;
}

static int
take_regex(const struct source *src, size_t at, const char *what,
    struct policy_regex *ret, struct error *err)
{
	struct policy_regex re = { .at = origin_of(src, at) };
	PCRE2_UCHAR why[128] = "";
	PCRE2_SIZE offset = 0;
	int code = 0;

	if (text_take(src, at, TEXT_REGEX, what, &re.text, err) == -1)
		return -1;
	if (regex_compile(&re, &code, &offset) == -1) {
		(void)pcre2_get_error_message(code, why, sizeof(why));
		cursor_error_at(&src->cur, at,
		    shift_of(&src->cur.v[at], re.text, offset), err,
		    "'%s': %s at byte %zu of the expression", what,
		    (const char *)why, offset);
		regex_release(&re);
		return -1;
	}
	*ret = re;
	return 0;
}

int
take_regexes(const struct source *src, size_t at, const char *what, bool one_ok,
    struct policy_regexes *ret, struct error *err)
{
	struct policy_regexes list = { .set = true,
		.at = origin_of(src, at - 1) };
	bool one = src->cur.v[at].kind == NODE_SCALAR;
	size_t max = 0;

	if (count_items(src, at, what, one_ok, &max, err) == -1)
		return -1;
	if (max > POLICY_REGEXES_MAX)
		return cursor_error(&src->cur, at, err,
		    "'%s': more than %u expressions", what, POLICY_REGEXES_MAX);
	list.v = xcalloc(max, sizeof(*list.v));
	for (size_t i = one ? at : cursor_first(&src->cur, at); list.n < max;
	     i = cursor_next(&src->cur, at, i)) {
		if (take_regex(src, i, what, &list.v[list.n], err) == -1) {
			regexes_release(&list);
			return -1;
		}
		list.n++;
		if (one)
			break;
	}
	*ret = list;
	return 0;
}

int
load_regexes(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	struct policy_regexes list = { .v = NULL }, *old = dst;

	if (take_regexes(src, at, key->path, false, &list, err) == -1)
		return -1;
	*ret_asks = list.n > 0;
	if (old != NULL && (key->flags & KEY_ADDS) != 0) {
		list.v =
		    xreallocarray(list.v, list.n + old->n, sizeof(*list.v));
		if (old->n > 0)
			memcpy(
			    list.v + list.n, old->v, old->n * sizeof(*list.v));
		list.n += old->n;
		old->n = 0; /* its expressions have moved */
	}
	if (old != NULL) {
		regexes_release(old);
		*old = list;
	} else {
		regexes_release(&list);
	}
	return 0;
}
