/*
 * From offsets in a string as it reads to the bytes of the text it stands in.
 */
#include "proxy/base/json.h"
#include "proxy/base/json_scan.h"

size_t
json_span(
    const struct json *doc, json_at at, struct json_place *place, size_t offset)
{
	const struct json_token *tok = &doc->tok[at];
	const unsigned char *text = (const unsigned char *)doc->text.at;
	const unsigned char *end = text + tok->end - 1;

	if (!tok->escaped)
		return tok->first + 1 + offset;
	if (place->raw == 0)
		*place = (struct json_place){ .raw = tok->first + 1 };
	while (place->read < offset && text + place->raw < end) {
		const unsigned char *p = text + place->raw;
		size_t len = 1;
		char out[4];

		if (*p == '\\')
			p = json_unescape(p, end, out, &len);
		else
			p++;
		place->raw = (size_t)(p - text);
		place->read += len;
	}
	return place->raw;
}
