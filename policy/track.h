#ifndef POLICY_TRACK_H
#define POLICY_TRACK_H

/* What the checks and the pipeline remember from one message to the next. */
struct track {
	unsigned revision; /* bit of the negotiated revision; 0: none yet */
};

#endif
