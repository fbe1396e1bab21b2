/*
 * The texts of one answer, judged together: a model reads them as one.
 */
#include "policy/response_part.h"

#include "policy/clean.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "policy/text.h"

/* Texts of one answer that are judged together, and their bytes. */
#define JOIN_MAX 1024U
#define JOIN_BYTES (4UL << 20)
/* One text of several, in the text of all. */
struct piece {
	json_at at;
	size_t first, end;
};

/* The texts of content[], one behind the other. */
static size_t
join_texts(struct reading *r, json_at content, struct piece *v, struct buf *all)
{
	const struct json *doc = r->msg->doc;
	size_t n = 0;

	for (json_at item = json_first(doc, content);
	     item != JSON_NONE && n < JOIN_MAX && all->len < JOIN_BYTES;
	     item = json_sibling(doc, content, item)) {
		json_at text = json_get(doc, item, "text");

		if (!json_is(doc, text, JSON_STRING))
			continue;
		v[n] = (struct piece){ .at = text, .first = all->len };
		buf_must(buf_add_slice(all, json_text(doc, text, &r->text)));
		v[n++].end = all->len;
		buf_must(buf_add_byte(all, '\n'));
	}
	return n;
}

/* Are there two texts, or more?  One was judged already. */
static bool
has_several(const struct json *doc, json_at content)
{
	size_t n = 0;

	for (json_at item = json_first(doc, content);
	     item != JSON_NONE && n < 2;
	     item = json_sibling(doc, content, item))
		n += json_is(doc, json_get(doc, item, "text"), JSON_STRING);
	return n > 1;
}

/* Is there an edit of any part of this span? */
static bool
touches(const struct json_edits *e, size_t first, size_t end)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->v[i].first < end && first < e->v[i].end)
			return true;
	return false;
}

/* Takes a span that lies in several texts out of each of them. */
static void
cut_pieces(struct reading *r, const struct piece *v, size_t n, struct buf *all,
    const struct cut *cut)
{
	static const char mark[] = "[mcpshield: removed a part]";

	for (size_t i = 0; i < n; i++) {
		size_t first =
		    cut->first > v[i].first ? cut->first : v[i].first;
		size_t end = cut->end < v[i].end ? cut->end : v[i].end;
		struct json_place place = { 0, 0 };
		size_t raw_first, raw_end;

		if (first >= end)
			continue;
		raw_first =
		    json_span(r->msg->doc, v[i].at, &place, first - v[i].first);
		raw_end =
		    json_span(r->msg->doc, v[i].at, &place, end - v[i].first);
		if (touches(r->env->edits, raw_first, raw_end)) {
			/* The whole text, which holds the other edit. */
			raw_first = r->msg->doc->tok[v[i].at].first + 1;
			raw_end = r->msg->doc->tok[v[i].at].end - 1;
		}
		json_replace_part(
		    r->env->edits, raw_first, raw_end, slice_of(mark));
	}
	response_note(r, cut, buf_slice(all));
}

void
response_joined(struct reading *r, json_at content)
{
	const struct json *doc = r->msg->doc;
	struct cleaner *c = r->env->scan->cleaner;
	struct piece v[JOIN_MAX];
	struct buf all;
	size_t n;

	if (!json_is(doc, content, JSON_ARRAY) || !has_several(doc, content) ||
	    r->env->policy->responses.injection == FINDING_OFF)
		return;
	buf_init(&all, JOIN_BYTES + doc->text.len + JOIN_MAX);
	n = join_texts(r, content, v, &all);
	if (n > 1 && clean_find(c, r->env->policy, r->env->scan,
			 buf_slice(&all), r->field) > 0)
		for (size_t k = 0; k < c->n; k++)
			for (size_t i = 0; i + 1 < n; i++)
				if (c->v[k].kind == FOUND_INJECTION &&
				    c->v[k].first < v[i].end &&
				    c->v[k].end > v[i + 1].first) {
					cut_pieces(r, v, n, &all, &c->v[k]);
					break;
				}
	buf_release(&all);
}
