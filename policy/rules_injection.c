/*
 * Signs that a text tries to steer the model that reads it, as data.  Texts are
 * matched as injection_plain.h makes them: one space between words, a line feed
 * where a line ends.  A weight is the share of 100 that a sign has in the
 * judgement that a file is meant for the model; see injection.c.
 */
#include "policy/injection_family.h"
#include "policy/rules.h"
#include "proxy/base/array.h"

/* clang-format off */
/* Between two words. */
#define GAP \
	"[\\s_,\\\"'/+-]{1,4}"
/* A word and what follows it.  No byte may be taken for either, or a run of such
   bytes could be read in as many ways as there are to cut it. */
#define WORD \
	"[a-z0-9]{1,20}(?:'[a-z]{1,4})?+" \
	GAP
/* What is to be done with them. */
#define VERB \
	"\\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overrid(?:" \
	"e|ing)|neglect|overlook|dismiss|discard|abandon|bypass|" \
	"nullify|do\\snot\\s(?:follow|obey)|don't\\s(?:follow|obey)" \
	"|stop\\sfollowing|pay\\sno\\sattention\\sto|set\\saside|leav" \
	"e\\sbehind)"
/* What was said before ... */
#define PRIOR \
	"(?:previous(?:ly)?|prior|above|preceding|preceeding|pro" \
	"ceeding|earlier|former|foregoing|initial|original|exist" \
	"ing|past|before|system|developer|default|current)"
/* ... that is meant to be followed. */
#define ORDERS \
	"(?:i?u?nstructions?|instruct[a-z]{0,6}|directions?|dire" \
	"ctives?|orders|commands|prompts?|guidance|programming|a" \
	"ssignments?|system\\sprompt)\\b"
/* ... that need not be. */
#define MATTER \
	"(?:rules?|guidelines?|constraints?|restrictions?|polic(" \
	"?:y|ies)|context|contents?|text|messages?|conversations" \
	"?|tasks?|requests?|quer(?:y|ies)|inputs?|information|tr" \
	"aining|protocols?|safeguards?|limitations?|settings|sta" \
	"tements?|questions?)\\b"
/* Not what somebody tells of others. */
#define TOLD \
	"(?<!\\bto\\s)(?<!\\bcan\\s)(?<!could\\s)(?<!might\\s)(?<!\\bma" \
	"y\\s)(?<!would\\s)(?<!\\bnot\\s)(?<!n't\\s)(?<!they\\s)(?<!th" \
	"at\\s)(?<!which\\s)(?<!\\bwill\\s)(?<!never\\s)"
/* Who reads it. */
#define AGENT \
	"(?:ai|a\\.i\\.|llms?|assistants?|agents?|language\\smodels" \
	"?|chat\\s?gpt|gpt-?[345o]?|claude|gemini|copilot|chatbot" \
	"s?|bots?|ai\\smodels?)"
/* Where secrets are kept. */
#define SECRET \
	"(?:~?/?\\.ssh\\b|id_(?:rsa|ed25519|ecdsa)|/etc/(?:passwd|" \
	"shadow)|\\.cursor/|mcp\\.json|\\.env\\b|\\.aws\\b|credentials" \
	"?\\b|config\\.json|\\.netrc|\\.npmrc|\\.git-credentials|priv" \
	"ate\\skeys?|api\\skeys?|passwords?|secrets?\\b|access\\stok" \
	"ens?|environment\\svariables|\\.bash_history|\\.kube|claud" \
	"e_desktop_config)"
/* What is to be put out of the way. */
#define FLAW \
	"(?:safety|security|content|ethical|moderation|permissio" \
	"ns?|privacy|protective|trust|authorization|access)"
#define CHECK \
	"(?:checks?|rules?|filters?|filtering|polic(?:y|ies)|gui" \
	"delines?|validations?|restrictions?|measures?|protocols" \
	"?|controls?|safeguards?|sanitization|instructions?|cons" \
	"traints?|guardrails?|limits|mechanisms?)\\b"

const struct rule rules_injection[] = {
#include "policy/rules_injection_about.inc"
#include "policy/rules_injection_address.inc"
#include "policy/rules_injection_authority.inc"
#include "policy/rules_injection_encoded.inc"
#include "policy/rules_injection_exfil.inc"
#include "policy/rules_injection_hide.inc"
#include "policy/rules_injection_languages_1.inc"
#include "policy/rules_injection_languages_2.inc"
#include "policy/rules_injection_leak.inc"
#include "policy/rules_injection_override_1.inc"
#include "policy/rules_injection_override_2.inc"
#include "policy/rules_injection_override_3.inc"
#include "policy/rules_injection_persona.inc"
#include "policy/rules_injection_role.inc"
#include "policy/rules_injection_tool.inc"
};
const size_t nrules_injection = nitems(rules_injection);
/* clang-format on */
