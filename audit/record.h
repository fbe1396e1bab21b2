#ifndef AUDIT_RECORD_H
#define AUDIT_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "audit/audit.h"
#include "proxy/base/limits.h"

/* The texts of a record, in the order of their encoding. */
enum record_text {
	TEXT_SESSION,
	TEXT_SERVER,
	TEXT_POLICY,
	TEXT_DIRECTION,
	TEXT_KIND,
	TEXT_METHOD,
	TEXT_TOOL,
	TEXT_ID,
	TEXT_DECISION,
	TEXT_STAGE,
	TEXT_RULE,
	TEXT_REASON,
	TEXT_PAYLOAD,
	TEXT_COUNT
};

/* Bytes before the texts: seq, when, payload_len, judged, kept, hash. */
#define RECORD_FIXED (8U + 8U + 8U + 4U + 1U + AUDIT_HASH)
#define RECORD_MAX                                                             \
	(RECORD_FIXED + TEXT_COUNT * 4U +                                      \
	    (TEXT_COUNT - 1U) * LIMIT_AUDIT_TEXT + LIMIT_PAYLOAD)

struct record_column {
	const char *name; /* as in the database and in --json */
	size_t offset; /* of a struct slice in struct audit_record */
	size_t max; /* bytes; longer texts are cut */
};
extern const struct record_column record_columns[TEXT_COUNT];

static inline struct slice *
record_text(struct audit_record *rec, enum record_text i)
{
	return (struct slice *)(void *)((char *)rec + record_columns[i].offset);
}

static inline struct slice
record_get(const struct audit_record *rec, enum record_text i)
{
	return *(const struct slice *)(const void *)((const char *)rec +
						     record_columns[i].offset);
}

/*
 * The canonical encoding, which is what the chains are made of: little-endian
 * numbers, and texts behind their lengths.  Texts that are too long are cut,
 * at a character's end where they are UTF-8.  Returns the bytes written.
 */
size_t record_encode(const struct audit_record *rec, uint8_t dst[RECORD_MAX]);

/*
 * Reads it; the texts are borrowed from body.  Returns 0, or -1 if body is no
 * encoding of a record: each has one encoding only.
 */
int record_decode(struct slice body, struct audit_record *ret);

static inline void
put32(uint8_t *dst, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		dst[i] = (uint8_t)(v >> 8 * i);
}

static inline void
put64(uint8_t *dst, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		dst[i] = (uint8_t)(v >> 8 * i);
}

static inline uint32_t
get32(const uint8_t *src)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v |= (uint32_t)src[i] << 8 * i;
	return v;
}

static inline uint64_t
get64(const uint8_t *src)
{
	return get32(src) | (uint64_t)get32(src + 4) << 32;
}

#endif
