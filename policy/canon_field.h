#ifndef POLICY_CANON_FIELD_H
#define POLICY_CANON_FIELD_H

#define CANON_HASH 32 /* bytes of SHA-256 */
/* Bytes of a definition that is kept as text; of more, hashes are. */
#define CANON_TEXT_MAX (256UL << 10)
/* Bytes of all the texts that are kept of one listing. */
#define CANON_TEXTS_MAX (4UL << 20)
/* Bytes of a tool's name; longer ones are no use to anybody. */
#define CANON_NAME_MAX 1024U
/* Tools of one listing, some 400 bytes each. */
#define CANON_TOOLS_MAX 16384U

/* What a definition is made of, in the order of the canonical form. */
enum canon_field {
	CANON_ANNOTATIONS,
	CANON_DESCRIPTION,
	CANON_INPUT,
	CANON_NAME,
	CANON_OUTPUT,
	CANON_TITLE,
	CANON_REST, /* an object of all other members: _meta, icons ... */
	CANON_FIELDS
};

/* "inputSchema" and the like; of CANON_REST, "other members". */
const char *canon_field_name(enum canon_field field);

#endif
