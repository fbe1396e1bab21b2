#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include <stddef.h>

#include "proxy/base/buf.h"

/*
 * Writes text from a peer into dst as something a terminal or a log can show:
 * printable ASCII stays, everything else becomes \xNN (\n, \r, \t and \\ by
 * name).  A text that does not fit ends in "...".  dst is terminated; size is
 * at least 8.  Returns dst.
 */
char *quote(char *dst, size_t size, struct slice text);

/*
 * The same for text that may keep its well-formed UTF-8 letters: only control
 * characters, format characters and malformed bytes are written as escapes.
 */
char *quote_utf8(char *dst, size_t size, struct slice text);

#endif
