/*
 * Text in characters that nobody sees but that models read: ASCII as tags
 * (U+E0020 to U+E007E), and bytes as variation selectors (U+FE00 to U+FE0F are
 * 0 to 15, U+E0100 to U+E01EF the others).
 */
#include "policy/view_steps.h"
#include "proxy/base/json_scan.h"

/* The first byte of all of these in UTF-8 is no smaller. */
#define LEAD_MIN 0xef

/* Tags in a row that count; a flag of England takes five and an end. */
#define TAG_RUN 6U

enum carrier { CARRIER_NONE, CARRIER_TAG, CARRIER_SELECTOR };

/* What carries which byte at p; *ret_len is how long it is. */
static enum carrier
carried(const unsigned char *p, size_t left, char *ret, size_t *ret_len)
{
	uint32_t cp = 0;

	*ret_len = *p >= LEAD_MIN ? json_utf8(p, left, &cp) : 0;
	if (*ret_len == 0)
		return CARRIER_NONE;
	if (cp >= 0xe0020 && cp <= 0xe007e) {
		*ret = (char)(cp - 0xe0000);
		return CARRIER_TAG;
	}
	if (cp >= 0xfe00 && cp <= 0xfe0f) {
		*ret = (char)(cp - 0xfe00);
		return CARRIER_SELECTOR;
	}
	if (cp >= 0xe0100 && cp <= 0xe01ef) {
		*ret = (char)(unsigned char)(cp - 0xe0100 + 16);
		return CARRIER_SELECTOR;
	}
	return CARRIER_NONE;
}

/* Takes what one kind of carrier brings from p on; returns where it ends. */
static const unsigned char *
collect(const unsigned char *p, const unsigned char *end, enum carrier kind,
    struct buf *raw)
{
	size_t len;
	char c;

	raw->len = 0;
	while (p < end && carried(p, (size_t)(end - p), &c, &len) == kind) {
		buf_must(buf_add_byte(raw, c));
		p += len;
	}
	return p;
}

bool
view_hidden(struct slice in, struct buf *out)
{
	const unsigned char *start = (const unsigned char *)in.at, *p;
	const unsigned char *end = start + in.len;
	size_t i = view_wide(in, 0);
	struct buf raw;

	out->len = 0;
	out->max = in.len;
	buf_init(&raw, in.len);
	while (i < in.len) {
		enum carrier kind = CARRIER_NONE;
		size_t len;
		char c;

		p = start + i;
		if (*p >= LEAD_MIN)
			kind = carried(p, (size_t)(end - p), &c, &len);
		if (kind == CARRIER_NONE) {
			i = view_wide(in, i + 1);
			continue;
		}
		p = collect(p, end, kind, &raw);
		i = view_wide(in, (size_t)(p - start));
		if (kind == CARRIER_SELECTOR)
			view_texts(out, buf_slice(&raw));
		else if (raw.len >= TAG_RUN) {
			buf_must(buf_add_slice(out, buf_slice(&raw)));
			buf_must(buf_add_byte(out, '\n'));
		}
	}
	buf_release(&raw);
	return out->len > 0;
}
