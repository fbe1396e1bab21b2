#!/usr/bin/env -S python3 -B
"""Answers and progress that nobody awaits are dropped and recorded."""
import json

from lib import Shield, call, case, check, equal, id_text, main, \
    notification, result, test

DONE = {"answer": {"content": []}}


def progress(token):
    return '{"jsonrpc":"2.0","method":"notifications/progress","params":' \
        '{"progressToken":%s,"progress":1,"message":"m"}}' % token


def meta_call(ident, token, tool="t"):
    return b'{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name"' \
        b':"%s","_meta":{"progressToken":%s}}}' % (
            ident.encode(), tool.encode(), token.encode())


def dropped(s, count=1):
    s.finish()
    rows = [r for r in s.rows() if r["direction"] == "server" and
            r["decision"] in ("drop", "block")]
    equal(len(rows), count, "rows of what was dropped")


def known(token):
    """Progress passes while its request is open, and not afterwards."""
    steps = [{"line": progress("$TOKEN")}, DONE, {"line": progress("$TOKEN")}]
    with Shield({"tool": {"t": steps}}) as s:
        s.initialize()
        s.send_line(meta_call("5", token))
        lines = s.sync()
        equal(len(lines), 2, "lines: %r" % lines)
        equal(lines[0], progress(token).encode())
        equal(id_text(lines[1]), "5")
        dropped(s)


def unknown(token, other):
    steps = [{"line": progress(other)}, DONE]
    with Shield({"tool": {"t": steps}}) as s:
        s.initialize()
        s.send_line(meta_call("5", token))
        equal([id_text(line) for line in s.sync()], ["5"])
        dropped(s)


def no_such_answer(text):
    with Shield() as s:
        s.initialize()
        s.do({"line": text})
        equal(s.sync(), [], "what the client read")
        result(s.ask(call("6")), "6")
        dropped(s)


@test("a second answer is dropped, the first one passes")
def _():
    with Shield({"tool": {"t": [DONE, {"answer": {"content": [], "n": 2}},
                                {"error": {"code": 1, "message": "m"}}]}}
                ) as s:
        s.initialize()
        s.send_line(call("5", "t"))
        lines = s.sync()
        equal(len(lines), 1)
        equal(result(lines[0], "5"), {"content": []})
        dropped(s, 2)


@test("an answer to a refused request is dropped")
def _():
    with Shield(policy={"tools": {"deny": ["bad"]}}) as s:
        s.initialize()
        s.ask(call("5", "bad"))
        s.do({"line": '{"jsonrpc":"2.0","id":5,"result":{"evil":1}}'})
        equal(s.sync(), [])
        dropped(s)


@test("the client's answer to nothing does not reach the server")
def _():
    with Shield() as s:
        s.initialize()
        s.send_line(b'{"jsonrpc":"2.0","id":9,"result":{"roots":[]}}')
        s.send_line(b'{"jsonrpc":"2.0","id":9,"error":{"code":1,'
                    b'"message":"m"}}')
        equal(s.sync(), [])
        equal(s.got()[2:], [])
        s.finish()
        rows = [r for r in s.rows() if r["direction"] == "client" and
                r["decision"] == "drop"]
        equal(len(rows), 2, "rows of what was dropped")


@test("the client's second answer does not reach the server")
def _():
    with Shield() as s:
        s.initialize(capabilities={"roots": {}})
        s.do({"ask": [3, "roots/list", {}]})
        s.line()
        answer = b'{"jsonrpc":"2.0","id":3,"result":{"roots":[]}}'
        s.send_line(answer)
        s.send_line(answer)
        s.sync()
        equal(s.got().count(answer), 1)


@test("cancelled passes, and a late answer is tolerated")
def _():
    with Shield({"tool": {"t": [{"hold": 1}]}}) as s:
        s.initialize()
        s.send_line(call("5", "t"))
        cancel = notification("notifications/cancelled",
                              {"requestId": 5, "reason": "r"})
        s.send_line(cancel)
        s.sync()
        check(cancel in s.got(), "the server never saw it")
        s.do({"release": "fifo"})
        check(len(s.sync()) <= 1, "too many answers")
        result(s.ask(call("6")), "6")


@test("a cancelled id is not free before its answer can no longer come")
def _():
    with Shield({"tool": {"t": [{"hold": 1}]}}) as s:
        s.initialize()
        s.send_line(call("5", "t"))
        s.send_line(notification("notifications/cancelled",
                                 {"requestId": 5}))
        again = s.ask(call("5", "echo", {"text": "second"}))
        # Refused, or answered by the second call: never by the first one.
        message = json.loads(again)
        check("error" in message or
              message["result"]["content"][0]["text"] == "second",
              "crossed: %r", again)
        s.do({"release": "fifo"})
        for line in s.sync():
            check(id_text(line) != "5" or "error" in message,
                  "two answers: %r", line)


@test("a cancel of a request that we refused is swallowed")
def _():
    with Shield(policy={"tools": {"deny": ["bad"]}}) as s:
        s.initialize()
        s.ask(call("5", "bad"))
        s.send_line(notification("notifications/cancelled",
                                 {"requestId": 5}))
        s.sync()
        equal([g for g in s.got() if b"cancelled" in g], [])


@test("progress of the client for a request of the server passes")
def _():
    with Shield() as s:
        s.initialize(capabilities={"roots": {}})
        s.do({"ask": [3, "roots/list", {"_meta": {"progressToken": "p"}}]})
        s.line()
        line = notification("notifications/progress",
                            {"progressToken": "p", "progress": 1})
        stale = notification("notifications/progress",
                             {"progressToken": "q", "progress": 1})
        s.send_line(stale)
        s.send_line(line)
        s.send_line(b'{"jsonrpc":"2.0","id":3,"result":{"roots":[]}}')
        s.send_line(line)
        s.sync()
        got = [g for g in s.got() if b"notifications/progress" in g]
        equal(got, [line], "progress that reached the server")


@test("progress without a token is dropped or harmless, the session lives")
def _():
    with Shield() as s:
        s.initialize()
        for params in ('{}', '{"progressToken":null}',
                       '{"progressToken":{}}', '[]'):
            s.do({"line": '{"jsonrpc":"2.0","method":'
                  '"notifications/progress","params":%s}' % params})
        equal(s.sync(), [], "what the client read")


for text in ("0", "1", '"tok"', '""', "1.5", '"\\u00e9"'):
    case("progress for a token: " + text, known, text)
for mine, text in (("1", '"1"'), ('"1"', "1"), ("1", "1.0"), ("1", "2"),
                   ('"a"', '"A"'), ("0", "null")):
    case("progress for another token: %s instead of %s" % (text, mine),
         unknown, mine, text)
for name, text in (
        ("a result", '{"jsonrpc":"2.0","id":12345,"result":{}}'),
        ("an error", '{"jsonrpc":"2.0","id":"x","error":{"code":1,'
         '"message":"m"}}'),
        ("the same id as a text", '{"jsonrpc":"2.0","id":"0","result":{}}'),
        ("a null id", '{"jsonrpc":"2.0","id":null,"result":{}}'),
        ("an error without an id", '{"jsonrpc":"2.0","error":{"code":1,'
         '"message":"m"}}')):
    case("an answer to nothing: " + name, no_such_answer, text)
main()
