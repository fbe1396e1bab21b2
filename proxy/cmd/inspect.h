#ifndef CMD_INSPECT_H
#define CMD_INSPECT_H

struct error;
struct policy;

/*
 * Reads JSON Lines on stdin and answers each on stdout at once.  Returns the
 * exit status; *err is set where reading or writing failed.
 */
int inspect_batch(const struct policy *policy, struct error *err);

#endif
