#ifndef AUDIT_PART_H
#define AUDIT_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/chain.h"
#include "audit/record.h"

struct error;

#define PART_SESSION 8 /* hex digits of a session's name */
#define PART_NONCE 8 /* random bytes: two sessions of one name differ here */
#define PART_SUFFIX ".journal"
#define PART_NAME_MAX 48 /* "5f3a9c2e.4294967295.journal", NUL included */

/* Bytes around the body of a frame: its length, twice, and its hash. */
#define FRAME_BEFORE 8U
#define FRAME_AFTER AUDIT_HASH

/* The first frame of a file: whose it is, and where its records begin. */
struct part_head {
	char session[PART_SESSION + 1];
	uint32_t part; /* from 1 */
	uint64_t first; /* number of its first record */
	uint8_t nonce[PART_NONCE];
	uint8_t key[CHAIN_ID];
	uint8_t link[AUDIT_HASH]; /* of the record before; zero at first = 1 */
	struct slice server; /* borrowed */
};
#define HEAD_FIXED (8U + 8U + 4U + 8U + PART_NONCE + CHAIN_ID + AUDIT_HASH + 4U)
#define HEAD_MAX (HEAD_FIXED + LIMIT_AUDIT_TEXT)

/* A file of a journal that is being read. */
struct part {
	char name[PART_NAME_MAX];
	char session[PART_SESSION + 1]; /* as in the name */
	uint32_t number; /* as in the name */
	int fd;
	bool dead; /* its writer is gone, and we hold its lock */
	struct part_head head; /* its server is borrowed from server */
	char server[LIMIT_AUDIT_TEXT];
	uint64_t records; /* offset of its first record */
	uint64_t at; /* offset of the next frame */
	uint8_t *buf; /* borrowed: PART_BUFFER bytes */
	uint64_t buf_at; /* offset of buf[0] */
	size_t buf_len;
};
#define PART_BUFFER (256UL << 10) /* holds several frames of any size */

enum part_got {
	PART_FRAME,
	PART_END, /* no further complete frame */
	PART_BROKEN, /* what is there is no frame: *err says why */
	PART_TROUBLE, /* could not be read: *err says why */
};

/*
 * Opens the directory of the journals of the database at path.  With create,
 * makes it (0700) and what is missing above it.  Returns 0, or -1 with *err
 * set; errno is ENOENT if there is none.  A directory that belongs to somebody
 * else or that others may write to is refused.
 */
int part_dir(const char *path, bool create, int *ret_fd, struct error *err);

/* Is this the name of a journal's file?  Then sets what the name says. */
bool part_name(
    const char *name, char ret_session[PART_SESSION + 1], uint32_t *ret_number);

/* Writes a frame's first eight bytes. */
void frame_begin(uint8_t dst[FRAME_BEFORE], uint32_t len);

/* Writes the whole first frame; returns its length. */
size_t part_head_encode(struct chain *c, const struct part_head *head,
    uint8_t dst[FRAME_BEFORE + HEAD_MAX + FRAME_AFTER]);

/*
 * Opens a file for reading, takes its lock if it is dead, and reads its head.
 * PART_FRAME: all is there.  PART_END: the head is not yet complete, or never
 * will be.  A head of another key is not proven; the rest says PART_BROKEN.
 * part_close() it in every case.
 */
enum part_got part_open(struct part *p, int dir_fd, const char *name,
    struct chain *c, uint8_t *buf, struct error *err);

void part_close(struct part *p);

/* Goes to an offset. */
void part_seek(struct part *p, uint64_t at);

/* Takes the next frame; both are borrowed until the next call. */
enum part_got part_next(struct part *p, struct slice *ret_body,
    const uint8_t **ret_hash, struct error *err);

/* Is this still the file of its name, and has it one? */
bool part_present(const struct part *p, int dir_fd);

#endif
