#!/usr/bin/env -S python3 -B
"""The server dies: all that it said is delivered, all that is open is
answered."""
import json

from lib import Shield, b64, call, case, check, equal, id_text, main, \
    refused, request, test

NOTE = '{"jsonrpc":"2.0","method":"notifications/message","params":' \
    '{"level":"info","data":$N}}'

# (label, steps before the death, lines that must still come)
LAST_WORDS = [
    ("nothing at all", [], 0),
    ("half a line", [{"write": '{"jsonrpc":"2.0","id":1,"res'}], 0),
    ("half a line behind a whole one", [
        {"line": NOTE}, {"write": '{"jsonrpc":"2.0","method":"no'}], 1),
    ("half a UTF-8 sequence", [b64(b'{"jsonrpc":"2.0","method":"\xe2\x82')],
     0),
    ("garbage", [{"line": "Traceback (most recent call last):"},
                 {"line": "  File x"}], 0),
]


def open_calls(steps, lines_before):
    """Every open request is answered with -32603, stage server."""
    with Shield({"tool": {"h": [{"hold": 1}],
                          "die": steps + [{"exit": 3}]}}) as s:
        s.initialize()
        idents = ["1", '"1"', "1.0", '""', "0"]
        for ident in idents:
            s.send_line(call(ident, "h"))
        s.send_line(call('"last"', "die"))
        lines = s.rest()
        equal(s.wait(), 3)
        passed = [line for line in lines if b'"error"' not in line]
        equal(len(passed), lines_before, "lines before: %r" % passed)
        answers = lines[len(passed):]
        equal(sorted(id_text(line) for line in answers),
              sorted(idents + ['"last"']))
        for line in answers:
            refused(line, any, "server", -32603)


def flood(count):
    with Shield({"tool": {"t": [{"flood": [count, NOTE]},
                                {"answer": {"content": []}},
                                {"exit": 0}]}}) as s:
        s.initialize()
        s.send_line(call("1", "t"))
        lines = s.rest()
        equal(s.wait(), 0)
        equal(len(lines), count + 1, "lines")
        equal([json.loads(line)["params"]["data"] for line in lines[:-1]],
              list(range(count)), "order")
        equal(id_text(lines[-1]), "1")


@test("a server that dies at once, before the first frame")
def _():
    with Shield({"start": [{"exit": 9}]}) as s:
        equal(s.rest(), [])
        equal(s.wait(), 9)


@test("a request sent to a dying server is answered or never sent")
def _():
    with Shield({"start": [{"close": 0}, {"sleep": 0.3}, {"exit": 4}]}) as s:
        s.send_line(request("1", "ping"))
        lines = s.rest()
        equal([id_text(line) for line in lines], ["1"])
        refused(lines[0], "1", "server", -32603)
        equal(s.wait(), 4)


@test("a server that closes its standard output and stays is ended")
def _():
    with Shield({"tool": {"t": [{"close": 1}, {"sleep": 30}]},
                 "eof": "ignore"}) as s:
        s.initialize()
        s.send_line(call("1", "t"))
        lines = s.rest(5.0)
        equal([id_text(line) for line in lines], ["1"])
        refused(lines[0], "1", "server", -32603)


@test("a grandchild that holds the server's output does not hold us up")
def _():
    with Shield({"tool": {"t": [
            {"fork": {"seconds": 30, "setsid": True, "ignore": True}},
            {"answer": {"content": []}}, {"exit": 5}]}}) as s:
        s.initialize()
        s.send_line(call("1", "t"))
        lines = s.rest(5.0)
        equal([id_text(line) for line in lines], ["1"])
        equal(s.wait(5.0), 5)


@test("requests of a client that come after the death are not lost silently")
def _():
    with Shield({"tool": {"die": [{"exit": 0}]}}) as s:
        s.initialize()
        s.send(b"".join(call(str(n), "die") + b"\n" for n in range(1, 200)))
        answered = [int(id_text(line)) for line in s.rest()]
        equal(s.wait(), 0)
        check(1 in answered, "the first call was not answered")
        # What we read was answered once; what we did not read, never.
        equal(answered, list(range(1, len(answered) + 1)))


@test("the log of a session whose server died is whole")
def _():
    with Shield({"tool": {"die": [{"kill": "SIGKILL"}]}}) as s:
        s.initialize()
        s.send_line(call("1", "die"))
        lines = s.rest()
        equal(s.wait(), 137)
        event = refused(lines[0], "1", "server")["data"]["event"]
        rows = s.rows(event=event)
        equal([(r["stage"], r["direction"]) for r in rows],
              [("server", rows[0]["direction"])])
        equal(s.rows()[-1]["decision"], "end")


for label, *rest in LAST_WORDS:
    case("open calls are answered; last words: " + label, open_calls, *rest)
for number in (1, 3000):
    case("%d notifications and exit: all are delivered" % number, flood,
         number)
main()
