#ifndef PROXY_DIAG_H
#define PROXY_DIAG_H

/*
 * Our own words: one line on stderr, prefixed "mcpshield: ".  A stderr that is
 * full or gone is ignored.  Text of a peer must have gone through quote().
 */
void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* 0: errors only; 1: warnings and refusals (default). */
void diag_verbosity(int level);

/* The same, left out when quiet. */
void diag_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
