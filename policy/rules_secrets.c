/*
 * Credentials: one row for each kind, by its form or by the name in front of
 * it.  The formats are those that the issuers document.  Samples are made up,
 * and cut in two where they are written, for the sake of the programs that
 * look for secrets in sources like this one.
 */
#include "policy/rules.h"

#include "policy/secret.h"
#include "proxy/base/array.h"

#define LIST(...)                                                              \
	(const char *const[])                                                  \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}

/* Known by the form, its letters as they are; the same in any case. */
#define FIRM (RULE_CASE | SECRET_FORM)
#define FIRM_ANY SECRET_FORM
/* Known by the name in front, in any case; a person may have chosen it. */
#define NAMED 0
#define CHOSEN SECRET_CHOSEN

/* What stands around a token; the second for those that base64 may hold. */
#define LEFT "(?<![0-9A-Za-z])"
#define LEFT64 "(?<![0-9A-Za-z+/])"
#define RIGHT "(?![0-9A-Za-z_-])"
#define RIGHT64 "(?![0-9A-Za-z_+/-])"

/* clang-format off */
const struct rule rules_secrets[] = {
#include "policy/rules_secrets_cloud.inc"
#include "policy/rules_secrets_code.inc"
#include "policy/rules_secrets_chat.inc"
#include "policy/rules_secrets_saas.inc"
#include "policy/rules_secrets_ai.inc"
#include "policy/rules_secrets_key.inc"
#include "policy/rules_secrets_name.inc"
};
/* clang-format on */

const size_t nrules_secrets = nitems(rules_secrets);
