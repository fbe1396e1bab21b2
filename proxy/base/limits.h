#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/*
 * Every maximum that a peer's input meets, with its unit and its reason.
 * Maxima that a user may want to set are defaults here and keys in a policy.
 */

/* Bytes of one frame, without its LF; default of frames.max_bytes. */
#define LIMIT_FRAME_BYTES (64UL << 20)
/* Bytes: the most that frames.max_bytes can be set to (offsets are 32 bits). */
#define LIMIT_FRAME_BYTES_MAX (1UL << 30)
/* Levels of nesting; default of frames.max_depth (System.Text.Json has 64). */
#define LIMIT_DEPTH 64U
/* Levels: the most that frames.max_depth can be set to. */
#define LIMIT_DEPTH_MAX 1024U
/* Tokens of one frame; default of frames.max_tokens (12 bytes each). */
#define LIMIT_TOKENS (16UL << 20)
/* Tokens: the most that frames.max_tokens can be set to (28-bit indices). */
#define LIMIT_TOKENS_MAX (1UL << 27)
/* Bytes of a request id as it is written: longer ones are no use to anybody. */
#define LIMIT_ID 1024UL
/* Bytes of a progress token as it is written. */
#define LIMIT_TOKEN_TEXT 1024UL
/* Requests in flight in one direction; each costs some 200 bytes. */
#define LIMIT_PENDING 65536U
/* Members of one batch (revision 2025-03-26). */
#define LIMIT_BATCH 1024U
/* Tools remembered from one server's tools/list. */
#define LIMIT_TOOLS 8192U
/* Bytes of a payload kept in one audit record; its hash covers all of it. */
#define LIMIT_PAYLOAD 4096UL
/* Bytes of each text column of an audit record. */
#define LIMIT_AUDIT_TEXT 1024U

#endif
