#ifndef POLICY_MSG_H
#define POLICY_MSG_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/method.h"
#include "proxy/base/buf.h"
#include "proxy/base/json.h"

struct error;

enum msg_dir { DIR_CLIENT = 1, DIR_SERVER = 2 }; /* who sent it */
#define DIR_BOTH (DIR_CLIENT | DIR_SERVER)

enum msg_kind {
	MSG_UNREAD, /* could not be read or classified */
	MSG_REQUEST,
	MSG_NOTIFICATION,
	MSG_RESULT,
	MSG_ERROR,
	MSG_BATCH,
};

/*
 * One message, from arrival to audit row; each field is set once.  It is a
 * place in a document: a frame holds one message, or a batch of them.
 */
struct msg {
	enum msg_dir dir; /* parse: from its caller */
	enum msg_kind kind; /* parse */
	const struct json *doc; /* parse: borrowed from its caller */
	json_at root; /* parse: the object on the tape */
	json_at id; /* parse: string or number, or JSON_NONE */
	json_at params, args; /* parse: objects, or JSON_NONE */
	json_at result, error; /* parse: or JSON_NONE */
	json_at token; /* parse: params._meta.progressToken, or JSON_NONE */
	const struct method *method; /* parse: never NULL for a request or
	    notification; pipeline: the request's, for what answers it */
	struct slice method_name; /* parse: unescaped; borrowed */
	struct slice tool; /* parse: params.name of tools/call; or the asked */
	unsigned revision; /* parse: as its _meta says, or 0 */
	bool first_page; /* pipeline: it answers a list without a cursor */
	struct buf name_text, text; /* owned: unescaped method, tool */
};

/*
 * Classifies the object at root and takes out what method and kind promise:
 * after 0, a tools/call has a name that is a string, arguments are an object
 * or absent, and the envelope holds nothing but what JSON-RPC defines.  A
 * member of the envelope or of params whose name differs from one that the
 * protocol defines there by case only (Unicode folding, a NUL cuts) is refused.
 * Returns 0, or -1 with *err set; id is set in both cases where it can be read.
 * Release it in both cases.  Source: JSON-RPC 2.0; MCP, Base Protocol.
 */
int msg_parse(struct msg *msg, enum msg_dir dir, const struct json *doc,
    json_at root, struct error *err);

void msg_release(struct msg *msg);

const char *msg_kind_name(enum msg_kind kind);

#endif
