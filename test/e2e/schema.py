#!/usr/bin/env -S python3 -B
"""Arguments against the tool's schema, which the proxy asks for itself."""
import json
import time

from lib import MODERN, Shield, call, case, check, equal, main, \
    notification, refused, request, result, test, verified

ENFORCE = {"arguments": {"schema": "enforce"}}
COUNT = {"type": "object", "required": ["n"], "additionalProperties": False,
         "properties": {"n": {"type": "integer", "minimum": 1},
                        "list": {"items": {"$ref": "#/$defs/x"}}},
         "$defs": {"x": {"type": "string", "maxLength": 3}}}
GOOD, BAD = {"n": 3, "list": ["a", "bcd"]}, {"n": "3"}
TOOL = {"name": "count", "inputSchema": COUNT}
LISTING = {"tools": [TOOL]}


def asked(s):
    """The lines by which the proxy, or the client, asked for the tools."""
    return [json.loads(line) for line in s.got() if b'"tools/list"' in line]


def judged(args, place):
    with Shield({"tools": [TOOL]}, ENFORCE) as s:
        s.initialize()
        line = s.ask(call("1", "count", args))
        if place is None:
            result(line, "1")
            equal(s.got()[-1], call("1", "count", args))
        else:
            error = refused(line, "1", "schema", -32602)
            equal(error["data"]["rule"], "arguments.schema")
            check(error["message"].endswith(place), "the place: %r", error)
            s.sync()
            check(not any(b"tools/call" in line for line in s.got()),
                  "the server saw the call")
        equal(len(asked(s)), 1, "questions")


@test("what the proxy asks is on record, and the client sees nothing of it")
def _():
    with Shield({"tools": [TOOL]}, ENFORCE) as s:
        s.initialize()
        refused(s.ask(call("1", "count", BAD)), "1", "schema")
        result(s.ask(call("2", "count", GOOD)), "2")
        equal(s.sync(), [])
        question, = asked(s)
        equal(sorted(question), ["id", "jsonrpc", "method"])
        s.finish()
        rows = [r for r in s.rows() if r["method"] == "tools/list"]
        equal([(r["direction"], r["kind"]) for r in rows],
              [("client", "request"), ("server", "result")])
        check("mcpshield itself" in rows[0]["reason"], "%r", rows[0])
        verified(s.audit)


@test("all pages are asked for")
def _():
    tools = [{"name": "t%d" % n, "inputSchema": COUNT} for n in range(5)]
    with Shield({"tools": tools, "page": 2}, ENFORCE) as s:
        s.initialize()
        refused(s.ask(call("1", "t4", BAD)), "1", "schema")
        equal([q.get("params", {}).get("cursor") for q in asked(s)],
              [None, "2", "4"])


@test("pages without end come to an end")
def _():
    endless = dict(LISTING, nextCursor="again")
    with Shield({"on": {"tools/list": [{"answer": endless}]}},
                ENFORCE) as s:
        s.initialize()
        refused(s.ask(call("1", "count", BAD)), "1", "schema")
        check(1 < len(asked(s)) <= 256, "asked %d times", len(asked(s)))


@test("a client that lists the tools itself leaves nothing to ask")
def _():
    with Shield({"tools": [TOOL]}, ENFORCE) as s:
        s.initialize()
        equal(result(s.ask(request("1", "tools/list")), "1"), LISTING)
        refused(s.ask(call("2", "count", BAD)), "2", "schema")
        result(s.ask(call("3", "count", GOOD)), "3")
        equal(len(asked(s)), 1)


@test("a client that lists the first page only is completed")
def _():
    tools = [TOOL, {"name": "two", "inputSchema": COUNT}]
    with Shield({"tools": tools, "page": 1}, ENFORCE) as s:
        s.initialize()
        result(s.ask(request("1", "tools/list")), "1")
        refused(s.ask(call("2", "count", BAD)), "2", "schema")
        equal(len(asked(s)), 1)
        refused(s.ask(call("3", "two", BAD)), "3", "schema")
        equal(len(asked(s)), 3)


@test("a tool that is not listed has no schema")
def _():
    with Shield({"tools": [TOOL]}, ENFORCE) as s:
        s.initialize()
        for ident in ("1", "2"):
            result(s.ask(call(ident, "other", BAD)), ident)
        equal(len(asked(s)), 1)


@test("what is refused in any case is no reason to ask")
def _():
    with Shield({"tools": [TOOL]}, dict(ENFORCE, tools={"deny": ["no"]})) \
            as s:
        s.initialize()
        refused(s.ask(call("1", "no", GOOD)), "1", "namespace")
        refused(s.ask(call("2", "count", {"path": "../../x"})), "2", "path")
        equal(asked(s), [])


def goes_on(script, questions, at_least=0.0):
    """Without a listing, calls go on as the client sends them."""
    with Shield(dict({"tools": [TOOL]}, **script), ENFORCE) as s:
        s.initialize()
        begun = time.monotonic()
        result(s.ask(call("1", "count", BAD)), "1")
        took = time.monotonic() - begun
        check(at_least <= took < at_least + 5, "it took %.1f s", took)
        begun = time.monotonic()
        result(s.ask(call("2", "count", BAD)), "2")
        check(time.monotonic() - begun < 1.5, "it waited again")
        equal(len(asked(s)), questions)
        equal(s.sync(), [], "what the client read")


@test("a server that dies when it is asked: the call is answered")
def _():
    with Shield({"on": {"tools/list": [{"exit": 3}]}}, ENFORCE) as s:
        s.initialize()
        refused(s.ask(call("1", "count", GOOD)), "1", "server", -32603)
        equal(s.finish(), ([], 3))


@test("the client's end while a call waits: it is judged, then the end")
def _():
    with Shield({"on": {"tools/list": [{"sleep": 0.3},
                                       {"answer": LISTING}]}}, ENFORCE) as s:
        s.initialize()
        s.send_line(call("1", "count", GOOD))
        s.send_line(call("2", "count", BAD))
        lines, status = s.finish()
        equal(status, 0)
        got = {json.loads(line)["id"]: line for line in lines}
        result(got[1], "1")
        refused(got[2], "2", "schema")
        equal(len(got), len(lines), "answers")


@test("while a call waits, order is kept and the server is heard")
def _():
    news = '{"jsonrpc":"2.0","method":"notifications/message","params":' \
        '{"level":"info","data":"busy"}}'
    with Shield({"on": {"tools/list": [{"line": news}, {"sleep": 0.3},
                                       {"answer": LISTING}]}}, ENFORCE) as s:
        s.initialize()
        sent = [call("1", "count", GOOD),
                notification("notifications/a"), call("2", "count", BAD),
                request("3", "ping"), call("4", "count", GOOD)]
        begun = time.monotonic()
        s.send(b"\n".join(sent) + b"\n")
        equal(s.line(), news.encode(), "what the server says meanwhile")
        check(time.monotonic() - begun < 0.25, "it was held back as well")
        answers = [s.line() for _ in range(4)]
        equal(sorted(json.loads(a)["id"] for a in answers), [1, 2, 3, 4])
        lines = [line for line in s.got()[2:] if b"tools/list" not in line]
        equal(lines, [sent[0], sent[1], sent[3], sent[4]])


@test("revision 2026-07-28: the question says of what revision it is")
def _():
    with Shield({"tools": [TOOL]}, ENFORCE) as s:
        refused(s.ask(call("0", "count", BAD, MODERN)), "0", "schema")
        result(s.ask(call("1", "count", GOOD, MODERN)), "1")
        question, = asked(s)
        equal(question["params"]["_meta"], MODERN)


@test("notifications/tools/list_changed: asked anew at the next call")
def _():
    with Shield({"tools": [TOOL]}, ENFORCE) as s:
        s.initialize()
        result(s.ask(call("1", "count", GOOD)), "1")
        s.do({"line": '{"jsonrpc":"2.0","method":'
              '"notifications/tools/list_changed"}'})
        equal(len(s.sync()), 1)
        refused(s.ask(call("2", "count", BAD)), "2", "schema")
        equal(len(asked(s)), 2)


def unusable(schema):
    """Left out of the listing, by a reason; and no call of it passes."""
    bad = {"name": "bad", "inputSchema": schema}
    with Shield({"tools": [TOOL, bad]}, ENFORCE) as s:
        s.initialize()
        equal(result(s.ask(request("1", "tools/list")), "1"), LISTING)
        refused(s.ask(call("2", "bad", {})), "2", "schema")
        s.finish()
        row, = s.rows(decision="redact")
        equal((row["stage"], row["rule"]), ("schema", "arguments.schema"))


@test("log: what does not fit is on record, nothing is asked or left out")
def _():
    bad = {"name": "bad", "inputSchema": {"$ref": "https://x.example/s"}}
    with Shield({"tools": [TOOL, bad]},
                {"arguments": {"schema": "log"}}) as s:
        s.initialize()
        result(s.ask(call("1", "count", BAD)), "1")
        equal(asked(s), [])
        equal(len(result(s.ask(request("2", "tools/list")), "2")["tools"]), 2)
        result(s.ask(call("3", "count", BAD)), "3")
        s.finish()
        equal([r["stage"] for r in s.rows(decision="flag")],
              ["schema", "schema"])


@test("monitor: nothing is asked, nothing refused")
def _():
    with Shield({"tools": [TOOL]}, dict(ENFORCE, mode="monitor")) as s:
        s.initialize()
        result(s.ask(call("1", "count", BAD)), "1")
        equal(asked(s), [])


@test("2025-03-26: a batch with calls waits as a whole, each is judged")
def _():
    with Shield({"tools": [TOOL]}, ENFORCE) as s:
        s.initialize("2025-03-26")
        got = json.loads(s.ask(b"[%s]" % b",".join((
            call("1", "count", GOOD), call("2", "count", BAD),
            request("3", "ping")))))
        by_id = {m["id"]: m for m in got}
        equal(sorted(by_id), [1, 2, 3])
        result(json.dumps(by_id[1]), "1")
        refused(json.dumps(by_id[2]), "2", "schema")
        equal(len(asked(s)), 1)


for text, value, where in (
        ("fits", GOOD, None),
        ("wrong type", BAD, "/n: type"),
        ("a member too few", {}, "/n: required"),
        ("a member too many", {"n": 1, "zz": 1}, "additionalProperties"),
        ("too small", {"n": 0}, "/n: minimum"),
        ("through a reference", {"n": 1, "list": ["ok", "long"]},
         "/list/1: maxLength"),
        ("a number of any size", {"n": 10 ** 40}, None),
        ("a fraction that is none", {"n": 2.0}, None)):
    case("%s: %s" % ("refused" if where else "passes", text), judged, value,
         where)
case("goes on: the server has no tools", goes_on, {"capabilities": {}}, 0)
case("goes on: the server answers with an error", goes_on, {
    "on": {"tools/list": [{"error": {"code": -32603, "message": "no"}}]}}, 1)
case("goes on: the server never answers", goes_on, {
    "on": {"tools/list": [{"hold": 1}]}}, 1, 1.9)
case("goes on: the server's listing is none", goes_on, {
    "on": {"tools/list": [{"answer": {"tools": "x"}}]}}, 1)
for value in ({"$ref": "https://example.org/s"}, {"$ref": "#/none"},
              {"type": "object", "properties": {"a": {"pattern": "("}}},
              {"$schema": "https://example.org/dialect"}):
    case("left out: " + json.dumps(value), unusable, value)
main()
