#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>
#include <stdint.h>

#include "proxy/base/buf.h"

/*
 * What the benchmark's client and server say to each other.  Both make their
 * half here, so the client knows each answer byte by byte.
 */
enum peer_tool { PEER_NOP, PEER_TEXT, PEER_ROWS };
#define PEER_TOOL_COUNT 3

#define PEER_REVISION "2025-11-25"
#define PEER_INITIALIZED                                                       \
	"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"

/* Results of initialize and tools/list, as JSON. */
extern const char peer_server[], peer_tools[];

const char *peer_tool_name(enum peer_tool tool);

/* The three requests append one line each, its LF included. */
void peer_initialize(struct buf *dst, uint64_t id);
void peer_list(struct buf *dst, uint64_t id);
/* size: bytes of content wanted; PEER_NOP ignores it and is 200 bytes long. */
void peer_call(struct buf *dst, enum peer_tool tool, uint64_t id, size_t size);

/* Appends what stands before a result: everything from { to the colon. */
void peer_answer(struct buf *dst, struct slice id);

/*
 * Append a result without the brace and LF that close its line: of PEER_NOP,
 * which vouches for the request's line (LF excluded); of the two others, whose
 * text or rows are at least size bytes as JSON.
 */
void peer_nop(struct buf *dst, struct slice request);
void peer_result(struct buf *dst, enum peer_tool tool, size_t size);

/* Appends digits; much faster than printf, which would be measured. */
void peer_number(struct buf *dst, uint64_t n);

#endif
