#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct error;

/*
 * Makes the rows of DESIGN.md, section 9, out of what the clients measured:
 * runs is { WORK: { LEG: [one object a round, ...] } }, with the legs "bare",
 * "pump" and "proxy".  Prints them as a table and returns them as a new
 * array, or NULL with *err set when a number is not there.  *ret_missed
 * counts the numbers that were not reached.
 */
json_t *report(
    const json_t *runs, FILE *out, unsigned *ret_missed, struct error *err);

#endif
