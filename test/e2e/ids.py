#!/usr/bin/env -S python3 -B
"""Ids are keyed by direction, type and exact text."""
import json

from lib import Shield, call, case, equal, id_text, main, refused, request, \
    result, test

HOLD = {"tool": {"h": [{"hold": 1}]}}

SPELT = ["7", '"7"', "7.0", "0", '""', "-1", "9007199254740993", "1e400",
         "123456789012345678901234567890", '"\\u0037"', '"é\\n\\"x"',
         '"null"', "0.0", "-0", "1E+2", '"' + "x" * 900 + '"']

# Neither a request nor a notification: nothing of it may reach the server.
NO_ID = ["null", "true", "[1]", "{}"]


def comes_back(ident):
    with Shield() as s:
        s.initialize(ident='"first"')
        line = s.ask(call(ident, "echo", {"text": "t"}))
        equal(result(line), {"content": [{"type": "text", "text": "t"}]})
        # A server may spell a string in its own way, as \\u escapes.
        got = id_text(line)
        equal(json.loads(got) if got.startswith('"') else got,
              json.loads(ident) if ident.startswith('"') else ident)


def is_refused(ident):
    with Shield() as s:
        s.initialize()
        s.send_line(request(ident, "tools/call", {"name": "echo"}))
        lines = s.sync()
        equal(len(lines), 1, "answers %r" % lines)
        refused(lines[0], "null", "frame", -32600)
        equal(len(s.got()), 2, "what the server read")


def never_twice(first, again):
    with Shield(HOLD) as s:
        s.initialize(ident='"first"')
        s.send_line(call(first, "h"))
        error = s.ask(call(again, "echo"))
        refused(error, any, "frame", -32600)
        equal(json.loads(error)["id"], json.loads(first))
        s.do({"release": "fifo"})
        equal([id_text(line) for line in s.sync()], [first])
        equal(result(s.ask(call(first, "echo", {"text": "t"})), first),
              {"content": [{"type": "text", "text": "t"}]})


@test("7, \"7\" and 7.0 are three ids and may be in flight together")
def _():
    with Shield(HOLD) as s:
        s.initialize(ident='"first"')
        for ident in ("7", '"7"', "7.0"):
            s.send_line(call(ident, "h"))
        s.do({"release": "lifo"})
        equal([id_text(line) for line in s.sync()], ["7.0", '"7"', "7"])


@test("an id may be used again once it was answered")
def _():
    with Shield() as s:
        s.initialize(ident="0")
        for _ in range(20):
            result(s.ask(call("0")), "0")


@test("the same id may be in flight in both directions")
def _():
    ask = [{"ask": [1, "roots/list", {}]}, {"hold": 1}]
    with Shield({"tool": {"t": ask}}) as s:
        s.initialize(capabilities={"roots": {}})
        asked = json.loads(s.ask(call("1", "t")))
        equal((asked["method"], asked["id"]), ("roots/list", 1))
        answer = b'{"jsonrpc":"2.0","id":1,"result":{"roots":[]}}'
        s.send_line(answer)
        s.do({"release": "fifo"})
        equal([id_text(line) for line in s.sync()], ["1"])
        equal(s.got()[3], answer, "the server's answer")


@test("an id that the server uses twice in flight is not asked twice")
def _():
    ask = [{"ask": [5, "roots/list", {}]}, {"ask": [5, "roots/list", {}]},
           {"hold": 1}]
    with Shield({"tool": {"t": ask}}) as s:
        s.initialize(capabilities={"roots": {}})
        s.send_line(call("1", "t"))
        asked = [json.loads(line)["method"] for line in s.sync() + s.sync()]
        equal(asked, ["roots/list"])
        refusals = [line for line in s.got() if b'"error"' in line]
        equal([id_text(line) for line in refusals], ["5"])
        refused(refusals[0], "5", "frame", -32600)


@test("a refused request leaves its id free")
def _():
    with Shield(policy={"tools": {"deny": ["bad"]}}) as s:
        s.initialize()
        refused(s.ask(call("3", "bad")), "3", "namespace")
        result(s.ask(call("3", "echo")), "3")


@test("a refused duplicate does not reach the server")
def _():
    with Shield(HOLD) as s:
        s.initialize()
        s.send_line(call("4", "h"))
        refused(s.ask(call("4", "echo", {"text": "two"})), "4", "frame")
        s.sync()
        equal([line for line in s.got() if b"two" in line], [])


for text in SPELT:
    case("id comes back as it was written: %.40s" % text, comes_back, text)
for text in NO_ID:
    case("id that is none is refused: " + text, is_refused, text)
for text in ("1", '"a"', "0", '""', "2.50"):
    case("in flight already, refused, the first answered: " + text,
         never_twice, text, text)
case("in flight already, spelt with an escape", never_twice, '"7"',
     '"\\u0037"')
main()
