#ifndef POLICY_RULES_H
#define POLICY_RULES_H

#include <stddef.h>

#include "policy/ruleset.h"

/* The tables of rules_*.c: rules as data, each with its samples. */
extern const struct rule rules_secrets[];
extern const size_t nrules_secrets;

extern const struct rule rules_commands[];
extern const size_t nrules_commands;

extern const struct rule rules_injection[];
extern const size_t nrules_injection;

#endif
