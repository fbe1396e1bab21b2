#ifndef POLICY_TRACK_H
#define POLICY_TRACK_H

#include <stdbool.h>
#include <stdint.h>

struct toolbook;

/* What the checks and the pipeline remember from one message to the next. */
struct track {
	unsigned revision; /* bit of the negotiated revision; 0: none yet */
	uint64_t samplings; /* requests of the server's for one, let through */
	bool has_tools; /* the server said so when it was initialized */
	bool listed; /* the last page of its tools has been seen */
	struct toolbook *tools; /* owned */
};

void track_init(struct track *t);
void track_release(struct track *t);

#endif
