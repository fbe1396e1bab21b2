#ifndef PROXY_FRAME_H
#define PROXY_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"
#include "proxy/base/json.h"

/*
 * Splits a stream into lines of bounded length.  LF ends a line; one CR before
 * it is dropped.  What is behind the bound is read and thrown away, except for
 * what a skimmer needs to find the id.
 */
struct frame {
	struct buf in; /* owned: what was read and not yet taken */
	size_t start; /* offset of the first byte not taken */
	size_t scanned; /* bytes behind start that hold no LF */
	size_t max; /* bytes of a line, its end not counted */
	bool skipping; /* inside a line that is too long */
	size_t skipped; /* bytes of it so far */
	struct json_skim skim; /* what was found in it */
};

void frame_init(struct frame *fr, size_t max);
void frame_release(struct frame *fr);

/* Room to read into: *ret_at has *ret_len bytes, at least one. */
void frame_space(struct frame *fr, char **ret_at, size_t *ret_len);

/* len bytes were read into that room. */
void frame_fed(struct frame *fr, size_t len);

/*
 * Takes the next complete line, without its LF, out of the stream.  Returns 1
 * with *ret_line (borrowed until frame_space() or frame_give()), 0 if more
 * bytes are needed, -1 at the end of a line that was longer than max: fr->skim
 * and fr->skipped then tell of it.  Source: MCP specification, Transports,
 * stdio.
 */
int frame_next(struct frame *fr, struct slice *ret_line);

/*
 * At end of file: what follows the last LF, as frame_next() would give it;
 * 0 if there is nothing.
 */
int frame_last(struct frame *fr, struct slice *ret_line);

/*
 * Moves the storage that holds line (the one taken last) out of fr, so that
 * nobody has to copy it: *ret holds it from *ret_at on.  What follows in the
 * stream stays in fr.
 */
void frame_give(
    struct frame *fr, struct slice line, struct buf *ret, size_t *ret_at);

#endif
