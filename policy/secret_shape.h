#ifndef POLICY_SECRET_SHAPE_H
#define POLICY_SECRET_SHAPE_H

#include <stdbool.h>

#include "policy/secret.h"

/* Payment cards, for secret_shapes(); whole: one may be all of the text. */
bool secret_cards(struct slice text, bool whole, secret_fn *fn, void *ctx);
void secret_card_spots(struct slice raw, struct spots *spots);

#endif
