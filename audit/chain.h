#ifndef AUDIT_CHAIN_H
#define AUDIT_CHAIN_H

#include <nettle/hmac.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/audit.h"

struct error;

/* Bytes of a key file: fewer can be guessed, more is no key. */
#define CHAIN_KEY_MIN 16U
#define CHAIN_KEY_MAX 4096U
#define CHAIN_ID 8 /* bytes that tell one key from another; zero: no key */

/*
 * What is being hashed.  It is the first byte of every input, so that no hash
 * of one use can be passed off as one of another.
 */
enum chain_use {
	CHAIN_FILE = 'F', /* the head of a journal file */
	CHAIN_LINK = 'L', /* a record, within its session */
	CHAIN_ROW = 'R', /* a row, within the database */
	CHAIN_HEAD = 'H', /* which rows the database has */
};

/* SHA-256, or HMAC-SHA-256 under a key. */
struct chain {
	bool keyed;
	uint8_t id[CHAIN_ID]; /* of the key; zero without one */
	struct hmac_sha256_ctx hmac; /* ready for the next input */
};

/*
 * Reads the key, which is all of the file's bytes.  key_file NULL: no key.
 * Returns 0, or -1 with *err set when the file cannot be read, is too short
 * or too long, or when others than its owner have any right to it.
 */
int chain_init(struct chain *c, const char *key_file, struct error *err);

/* Wipes the key. */
void chain_release(struct chain *c);

/* H(use, prev, a, b), where H is SHA-256 or HMAC-SHA-256. */
void chain_hash(struct chain *c, enum chain_use use,
    const uint8_t prev[AUDIT_HASH], struct slice a, struct slice b,
    uint8_t ret[AUDIT_HASH]);

/* Bytes of an array as a slice. */
static inline struct slice
chain_bytes(const uint8_t *at, size_t len)
{
	return (struct slice){ .at = (const char *)at, .len = len };
}

#endif
