/*
 * A record as bytes.  One encoding serves the journal, its links and the
 * database's chain.
 */
#include "audit/record.h"

#define COLUMN(name, max)                                                      \
	{                                                                      \
#name, offsetof(struct audit_record, name), max                \
	}

const struct record_column record_columns[TEXT_COUNT] = {
	[TEXT_SESSION] = COLUMN(session, LIMIT_AUDIT_TEXT),
	[TEXT_SERVER] = COLUMN(server, LIMIT_AUDIT_TEXT),
	[TEXT_POLICY] = COLUMN(policy, LIMIT_AUDIT_TEXT),
	[TEXT_DIRECTION] = COLUMN(direction, LIMIT_AUDIT_TEXT),
	[TEXT_KIND] = COLUMN(kind, LIMIT_AUDIT_TEXT),
	[TEXT_METHOD] = COLUMN(method, LIMIT_AUDIT_TEXT),
	[TEXT_TOOL] = COLUMN(tool, LIMIT_AUDIT_TEXT),
	[TEXT_ID] = COLUMN(id, LIMIT_AUDIT_TEXT),
	[TEXT_DECISION] = COLUMN(decision, LIMIT_AUDIT_TEXT),
	[TEXT_STAGE] = COLUMN(stage, LIMIT_AUDIT_TEXT),
	[TEXT_RULE] = COLUMN(rule, LIMIT_AUDIT_TEXT),
	[TEXT_REASON] = COLUMN(reason, LIMIT_AUDIT_TEXT),
	[TEXT_PAYLOAD] = COLUMN(payload, LIMIT_PAYLOAD),
};

/* The most of text that fits and does not end within a UTF-8 sequence. */
static size_t
cut(struct slice text, size_t max)
{
	size_t len = max;

	if (text.len <= max)
		return text.len;
	while (len > max - 3 && ((unsigned char)text.at[len] & 0xc0) == 0x80)
		len--;
	/* Four continuation bytes: it is not UTF-8, so any place will do. */
	return ((unsigned char)text.at[len] & 0xc0) == 0x80 ? max : len;
}

size_t
record_encode(const struct audit_record *rec, uint8_t dst[RECORD_MAX])
{
	uint8_t *p = dst + RECORD_FIXED;

	put64(dst, rec->seq);
	put64(dst + 8, (uint64_t)rec->when_us);
	put64(dst + 16, rec->payload_len);
	put32(dst + 24, rec->judged_us);
	dst[28] = rec->payload_kept;
	memcpy(dst + 29, rec->payload_hash, AUDIT_HASH);
	for (enum record_text i = 0; i < TEXT_COUNT; i++) {
		struct slice text = record_get(rec, i);
		size_t len = cut(text, record_columns[i].max);

		if (i == TEXT_PAYLOAD && !rec->payload_kept)
			len = 0;
		put32(p, (uint32_t)len);
		if (len > 0)
			memcpy(p + 4, text.at, len);
		p += 4 + len;
	}
	return (size_t)(p - dst);
}

int
record_decode(struct slice body, struct audit_record *ret)
{
	const uint8_t *p = (const uint8_t *)body.at;
	size_t left = body.len;
	struct audit_record rec;

	if (left < RECORD_FIXED || p[28] > 1)
		return -1;
	rec = (struct audit_record){ .seq = get64(p),
		.when_us = (int64_t)get64(p + 8),
		.payload_len = get64(p + 16),
		.judged_us = get32(p + 24),
		.payload_kept = p[28] == 1 };
	memcpy(rec.payload_hash, p + 29, AUDIT_HASH);
	p += RECORD_FIXED;
	left -= RECORD_FIXED;
	for (enum record_text i = 0; i < TEXT_COUNT; i++) {
		size_t len;

		if (left < 4)
			return -1;
		len = get32(p);
		p += 4;
		left -= 4;
		if (len > left || len > record_columns[i].max)
			return -1;
		*record_text(&rec, i) =
		    (struct slice){ .at = (const char *)p, .len = len };
		p += len;
		left -= len;
	}
	if (left > 0 || (!rec.payload_kept && rec.payload.len > 0))
		return -1;
	*ret = rec;
	return 0;
}
