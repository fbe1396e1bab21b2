/*
 * The rules for commands and injections in what a client sends, one file of
 * rows for each family.  What has no literal to look for is in inject_shape.c,
 * inject_sql.c and inject_template.c.
 *
 * Every repetition is bounded, so that a match ends within the window around
 * its keyword and takes steps in proportion to it.
 */
#include "policy/inject_shape.h"
#include "policy/rule_flags.h"
#include "policy/rules.h"
#include "proxy/base/array.h"

/* clang-format off */
const struct rule rules_commands[] = {
#include "policy/rules_shell_1.inc"
#include "policy/rules_shell_2.inc"
#include "policy/rules_shell_3.inc"
#include "policy/rules_shell_4.inc"
#include "policy/rules_code_1.inc"
#include "policy/rules_code_2.inc"
#include "policy/rules_code_3.inc"
#include "policy/rules_sql.inc"
#include "policy/rules_sql_2.inc"
#include "policy/rules_template_1.inc"
#include "policy/rules_template_2.inc"
};
/* clang-format on */

const size_t nrules_commands = nitems(rules_commands);
