#!/usr/bin/env -S python3 -B
"""Batches exist in revision 2025-03-26 alone."""
import json

from lib import Shield, call, equal, case, check, main, notification, \
    refused, request, result, test

DENY = {"tools": {"deny": ["bad"]}}


def array(*lines):
    return b"[" + b",".join(lines) + b"]"


def members(line):
    check(line is not None, "end of file")
    value = json.loads(line)
    check(isinstance(value, list), "not an array: %.300r", line)
    return {json.dumps(m["id"]): m for m in value}


def without(version):
    with Shield() as s:
        if version is not None:
            s.initialize(version)
        refused(s.ask(array(call("1"), call("2"))), "null", "frame", -32600)
        equal(s.sync(), [])
        equal(s.got()[0 if version is None else 2:], [],
              "what the server read")


def from_server(version):
    with Shield() as s:
        s.initialize(version)
        s.do({"line": '[{"jsonrpc":"2.0","method":"notifications/x"}]'})
        equal(s.sync(), [], "what the client read")


def session(policy=None):
    s = Shield(policy=policy)
    s.initialize("2025-03-26")
    return s


@test("2025-03-26: each member is answered, in one array")
def _():
    with session() as s:
        got = members(s.ask(array(call("1", "echo", {"text": "a"}),
                                  call('"1"', "echo", {"text": "b"}),
                                  request("2", "ping"))))
        equal(sorted(got), ['"1"', "1", "2"])
        equal(got["1"]["result"]["content"][0]["text"], "a")
        equal(got['"1"']["result"]["content"][0]["text"], "b")
        equal(s.sync(), [])


@test("2025-03-26: each member is judged by itself")
def _():
    with session(DENY) as s:
        got = members(s.ask(array(call("1", "echo", {"text": "a"}),
                                  call("2", "bad", {"text": "never"}),
                                  call("3", "echo", {"text": "c"}))))
        equal(sorted(got), ["1", "2", "3"])
        refused(json.dumps(got["2"]), "2", "namespace", -32601)
        equal(got["3"]["result"]["content"][0]["text"], "c")
        check(not any(b"never" in line for line in s.got()),
              "the server saw the refused member")


@test("2025-03-26: all members refused, all answered, nothing sent on")
def _():
    with session(DENY) as s:
        got = members(s.ask(array(call("1", "bad"), call("2", "bad"))))
        equal(sorted(got), ["1", "2"])
        s.sync()
        equal(len(s.got()), 2)


@test("2025-03-26: a batch of notifications alone is not answered")
def _():
    with session() as s:
        s.send_line(array(notification("notifications/a"),
                          notification("notifications/b")))
        equal(s.sync(), [])
        check(any(b"notifications/a" in line for line in s.got()),
              "the server never saw it")


@test("2025-03-26: a bad member is refused, the others go on")
def _():
    with session() as s:
        line = s.ask(array(b'{"jsonrpc":"2.0","id":1,"method":"ping","x":1}',
                           b"7", call("2")))
        value = json.loads(line)
        equal(sorted(json.dumps(m["id"]) for m in value), ["1", "2", "null"])
        equal(sorted(m["error"]["code"] for m in value if "error" in m),
              [-32600, -32600])


@test("2025-03-26: the same id twice in one batch runs once")
def _():
    with session() as s:
        value = json.loads(s.ask(array(call("1", "echo", {"text": "a"}),
                                       call("1", "echo", {"text": "b"}))))
        equal([("error" in m) for m in value].count(True), 1)
        ran = [line for line in s.got() if b"echo" in line]
        equal(sum(line.count(b'"echo"') for line in ran), 1)


@test("an empty batch is an invalid request in any revision")
def _():
    for version in ("2025-03-26", "2025-11-25"):
        with Shield() as s:
            s.initialize(version)
            refused(s.ask(b"[]"), "null", "frame", -32600)


@test("2025-03-26: a batch of the server is judged and passed on")
def _():
    with session() as s:
        s.do({"line": '[{"jsonrpc":"2.0","method":"notifications/x"},'
              '{"jsonrpc":"2.0","method":"notifications/y","zz":1}]'})
        text = b"".join(s.sync())
        check(b"notifications/x" in text, "lost: %r", text)
        check(b"notifications/y" not in text, "passed: %r", text)


@test("2025-03-26: answers that the server gives one by one are gathered")
def _():
    with Shield({"on": {"x/one": [
            {"line": '{"jsonrpc":"2.0","id":2,"result":{"n":2}}'},
            {"line": '{"jsonrpc":"2.0","id":1,"result":{"n":1}}'}],
            "x/two": []}}) as s:
        s.initialize("2025-03-26")
        got = members(s.ask(array(request("1", "x/two"),
                                  request("2", "x/one"))))
        equal(sorted(got), ["1", "2"])
        equal((result(json.dumps(got["1"])), got["2"]["result"]),
              ({"n": 1}, {"n": 2}))


@test("2025-03-26: a member still open when the server ends is answered")
def _():
    with Shield({"on": {"x/die": [{"exit": 3}]}}) as s:
        s.initialize("2025-03-26")
        s.send_line(array(request("1", "ping"), request("2", "x/die")))
        text = b"\n".join(s.rest())
        got = json.loads(text)
        equal(sorted(m["id"] for m in got), [1, 2])


@test("more members than the limit are refused as a whole")
def _():
    with session() as s:
        line = s.ask(array(*[request(str(n), "ping") for n in range(5000)]))
        refused(line, "null", "frame", -32600)


for text in (None, "2024-11-05", "2025-06-18", "2025-11-25"):
    case("client, a batch is refused: %s" % (text or "before initialize"),
         without, text)
    if text is not None:
        case("server, a batch is dropped: " + text, from_server, text)
main()
