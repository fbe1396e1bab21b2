/*
 * The texts of the benchmark's two ends.  They are the same in every run (the
 * generator has a fixed seed) and look like what real servers send: prose in
 * lines, with quotes, names and numbers, and rows of small objects.  None of
 * it may be anything that a check has a reason to change.
 */
#include "test/bench/lib/peer.h"

#include <assert.h>
#include <string.h>

#include "proxy/base/array.h"

const char peer_server[] =
    "{\"protocolVersion\":\"" PEER_REVISION
    "\",\"capabilities\":{\"tools\":{}},"
    "\"serverInfo\":{\"name\":\"bench-echo\",\"version\":\"1.0.0\"}}";

const char peer_tools[] =
    "{\"tools\":["
    "{\"name\":\"nop\",\"description\":\"Counts the bytes of a call.\","
    "\"inputSchema\":{\"type\":\"object\",\"properties\":{"
    "\"path\":{\"type\":\"string\"},\"note\":{\"type\":\"string\"},"
    "\"n\":{\"type\":\"integer\"}},\"required\":[\"path\",\"n\"]}},"
    "{\"name\":\"text\",\"description\":\"Returns a text of some size.\","
    "\"inputSchema\":{\"type\":\"object\",\"properties\":{"
    "\"size\":{\"type\":\"integer\"}},\"required\":[\"size\"]}},"
    "{\"name\":\"rows\",\"description\":\"Returns rows of some size.\","
    "\"inputSchema\":{\"type\":\"object\",\"properties\":{"
    "\"size\":{\"type\":\"integer\"}},\"required\":[\"size\"]},"
    "\"outputSchema\":{\"type\":\"object\",\"properties\":{\"rows\":{"
    "\"type\":\"array\",\"items\":{\"type\":\"object\"}}},"
    "\"required\":[\"rows\"]}}]}";

static const char *const tool_names[PEER_TOOL_COUNT] = {
	[PEER_NOP] = "nop",
	[PEER_TEXT] = "text",
	[PEER_ROWS] = "rows",
};

/* As JSON writes them; # becomes a number.  Some hold words that rules look
   for, in harmless company, as real documents do. */
static const char *const sentences[] = {
	"The parser reads one line at a time and keeps # bytes of context. ",
	"See \\\"Installing from source\\\" in docs/install-#.md for details.\\n",
	"Version # fixes a race between the writer and the index. ",
	"Users who upgrade from # should run the migration first.\\n",
	"int count_#(const char *s) { return s[0] == '\\\\0' ? 0 : 1; }\\n",
	"The system keeps the previous # entries and drops the rest. ",
	"A key is looked up in the table first, then in the file (# KB). ",
	"It's documented in RFC #, section 4; most clients follow it.\\n",
	"Total: # EUR, due in 30 days, reference INV-2024/#.\\n",
	"- [x] #: make the tests independent of the clock\\n",
	"| # | median 12.5 ms | p99 48.1 ms | no errors |\\n",
	"We met on Tuesday & agreed to ship build # by the end of May. ",
	"Instructions for building the manual are in chapter #. ",
	"Please note that the cache ignores files above # megabytes.\\n",
	"\\tfor (i = 0; i < #; i++)\\n\\t\\tsum += table[i];\\n",
	"Her report (# pages) covers soil, water and the harvest of 2023. ",
	"Open an issue at https://example.org/tracker/# if it fails.\\n",
	"The token count fell by #% after the second pass; see figure 3. ",
};

static const char *const names[] = { "Amelia Ortiz", "Bo Lindqvist", "Chen Wei",
	"Dana O'Neil", "Emeka Obi", "Farida Khan", "Greta Sommer" };
static const char *const cities[] = { "Lisbon", "Gdansk", "Nairobi", "Osaka",
	"Quito", "Tallinn" };

const char *
peer_tool_name(enum peer_tool tool)
{
	return tool_names[tool];
}

/* Our own texts stay below the buffers' maxima: a failure is our mistake. */
static void
add(struct buf *dst, const char *at, size_t len)
{
	int rc = buf_add(dst, at, len);

	assert(rc == 0);
	(void)rc;
}

static void
put(struct buf *dst, const char *s)
{
	add(dst, s, strlen(s));
}

void
peer_number(struct buf *dst, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	add(dst, digits + at, sizeof(digits) - at);
}

/* Numerical Recipes' generator; the high bits are good enough for prose. */
static uint32_t
next(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525U + 1013904223U;
	return (*state >> 8) % below;
}

static void
request(struct buf *dst, uint64_t id, const char *method)
{
	put(dst, "{\"jsonrpc\":\"2.0\",\"id\":");
	peer_number(dst, id);
	put(dst, ",\"method\":\"");
	put(dst, method);
	put(dst, "\"");
}

void
peer_initialize(struct buf *dst, uint64_t id)
{
	request(dst, id, "initialize");
	put(dst,
	    ",\"params\":{\"protocolVersion\":\"" PEER_REVISION "\","
	    "\"capabilities\":{},"
	    "\"clientInfo\":{\"name\":\"bench\",\"version\":\"1.0.0\"}}}\n");
}

void
peer_list(struct buf *dst, uint64_t id)
{
	request(dst, id, "tools/list");
	put(dst, ",\"params\":{}}\n");
}

void
peer_call(struct buf *dst, enum peer_tool tool, uint64_t id, size_t size)
{
	request(dst, id, "tools/call");
	put(dst, ",\"params\":{\"name\":\"");
	put(dst, peer_tool_name(tool));
	if (tool == PEER_NOP) {
		put(dst,
		    "\",\"arguments\":{\"path\":\"notes/2024/harvest.md\","
		    "\"note\":\"second draft, with the figures of May\",\"n\":");
		peer_number(dst, id);
	} else {
		put(dst, "\",\"arguments\":{\"size\":");
		peer_number(dst, size);
	}
	put(dst, "}}}\n");
}

void
peer_answer(struct buf *dst, struct slice id)
{
	put(dst, "{\"jsonrpc\":\"2.0\",\"id\":");
	add(dst, id.at, id.len);
	put(dst, ",\"result\":");
}

/* Notices any changed, lost or swapped byte of a line; no more is asked. */
static uint64_t
sum(struct slice line)
{
	uint64_t word, s = line.len;
	size_t i, n;

	for (i = 0; i < line.len; i += sizeof(word)) {
		word = 0;
		n = line.len - i < sizeof(word) ? line.len - i : sizeof(word);
		memcpy(&word, line.at + i, n);
		s = (s ^ word) * 0x9e3779b97f4a7c15U;
		s ^= s >> 32;
	}
	return s;
}

void
peer_nop(struct buf *dst, struct slice line)
{
	put(dst, "{\"content\":[{\"type\":\"text\",\"text\":\"taken: ");
	peer_number(dst, line.len);
	put(dst, " bytes, sum ");
	peer_number(dst, sum(line));
	put(dst, "\"}]}");
}

static void
prose(struct buf *dst, size_t size)
{
	size_t until = dst->len + size;
	uint32_t state = 20251125;
	const char *s;

	while (dst->len < until) {
		s = sentences[next(&state, nitems(sentences))];
		for (; *s != '\0'; s++)
			if (*s == '#')
				peer_number(dst, next(&state, 9000) + 1);
			else
				add(dst, s, 1);
	}
}

static void
rows(struct buf *dst, size_t size)
{
	size_t until = dst->len + size;
	uint32_t state = 20250618, n;

	for (n = 1; dst->len < until; n++) {
		put(dst, n > 1 ? ",{\"id\":" : "{\"id\":");
		peer_number(dst, n);
		put(dst, ",\"name\":\"");
		put(dst, names[next(&state, nitems(names))]);
		put(dst, "\",\"city\":\"");
		put(dst, cities[next(&state, nitems(cities))]);
		put(dst, "\",\"amount\":");
		peer_number(dst, next(&state, 100000));
		put(dst, ".25,\"active\":");
		put(dst, next(&state, 2) > 0 ? "true" : "false");
		put(dst, ",\"manager\":null,\"tags\":[\"north\",\"q");
		peer_number(dst, next(&state, 4) + 1);
		put(dst, "\"]}");
	}
}

void
peer_result(struct buf *dst, enum peer_tool tool, size_t size)
{
	if (tool == PEER_TEXT) {
		put(dst, "{\"content\":[{\"type\":\"text\",\"text\":\"");
		prose(dst, size);
		put(dst, "\"}]}");
	} else {
		put(dst, "{\"content\":[{\"type\":\"text\",\"text\":\"rows\"}],"
			 "\"structuredContent\":{\"rows\":[");
		rows(dst, size);
		put(dst, "]}}");
	}
}
