#!/usr/bin/env -S python3 -B
"""Lines that cannot be read are refused, and the next line is read."""
import json

from lib import Shield, b64, call, case, check, equal, id_text, main, \
    refused, request, result, test

SMALL = {"frames": {"max_bytes": 4096}}
OK = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'

NOT_JSON = [
    ("a word", b"hello"),
    ("half a message", b'{"jsonrpc":"2.0","id":1,'),
    ("two messages on one line", OK + OK),
    ("text behind the message", OK + b" x"),
    ("a comment", OK[:-1] + b"/* c */}"),
    ("single quotes", OK.replace(b'"', b"'")),
    ("a comma too many", OK[:-1] + b",}"),
    ("NaN", OK[:-1] + b',"params":{"a":NaN}}'),
    ("Infinity", OK[:-1] + b',"params":{"a":-Infinity}}'),
    ("a leading zero", OK.replace(b":1,", b":01,")),
    ("a raw tab in a string", OK.replace(b"ping", b"pi\tng")),
    ("a raw CR in a string", OK.replace(b"ping", b"pi\rng")),
    ("an unknown escape", OK.replace(b"ping", b"p\\xing")),
    ("a header", b"Content-Length: 40"),
    ("a form feed between tokens", OK.replace(b",", b",\f")),
    ("brackets that do not match", b'{"a":[1}]'),
]

# JSON in the eyes of some, refused: (label, line).
STRICT = [
    ("a duplicate method", OK[:-1] + b',"method":"tools/call"}'),
    ("a duplicate method with an escape",
     OK[:-1] + b',"m\\u0065thod":"tools/call"}'),
    ("a duplicate id", OK[:-1] + b',"id":2}'),
    ("a duplicate key deep inside",
     OK[:-1] + b',"params":{"a":[{"b":{"c":1,"c":2}}]}}'),
    ("a duplicate key deep inside, escaped",
     OK[:-1] + b',"params":{"a":{"b":1,"\\u0062":2}}}'),
    ("a NUL byte in a string", OK.replace(b"ping", b"pi\0ng")),
    ("a NUL byte behind the message", OK + b"\0"),
    ("a NUL byte behind a number", OK.replace(b":1,", b":1\0,")),
    ("a byte order mark", b"\xef\xbb\xbf" + OK),
    ("bytes that are no UTF-8", OK.replace(b"ping", b"p\xff\xfeng")),
    ("an overlong form", OK.replace(b"ping", b"p\xc0\xafng")),
    ("a surrogate in UTF-8", OK.replace(b"ping", b"p\xed\xa0\x80ng")),
    ("a lone high surrogate", OK.replace(b"ping", b"p\\ud800ng")),
    ("a lone low surrogate", OK.replace(b"ping", b"p\\udc00ng")),
    ("a lone surrogate in a key",
     OK[:-1] + b',"params":{"a\\ud800":1}}'),
    ("surrogates in the wrong order",
     OK[:-1] + b',"params":{"a":"\\udc00\\ud800"}}'),
]


def refusal(line, code):
    with Shield() as s:
        s.initialize()
        s.send_line(line)
        lines = s.sync()
        equal(len(lines), 1, "number of answers: %r" % lines)
        error = refused(lines[0], any, "frame", code)
        check(id_text(lines[0]) in ("null", "1"), "id in %r", lines[0])
        if error["code"] == -32700:
            equal(id_text(lines[0]), "null", "id of a parse error")
        equal(s.got()[2:], [], "what the server read")
        result(s.ask(OK), "1")


def dropped(line):
    """From the server: never to the client, but to stderr and the log."""
    with Shield() as s:
        s.initialize()
        s.do(b64(line + b"\n"))
        equal(s.sync(), [], "what the client read")
        result(s.ask(call("2")), "2")
        check(s.stderr(), "nothing on stderr")
        s.finish()
        rows = [r for r in s.rows() if r["direction"] == "server" and
                r["decision"] in ("drop", "block")]
        equal(len(rows), 1, "rows of dropped lines: %r" % rows)


@test("client: a line above frames.max_bytes is refused under its id")
def _():
    with Shield(policy=SMALL) as s:
        s.initialize()
        refused(s.ask(call("5", "echo", {"text": "x" * 5000})), "5", "frame",
                -32600)
        result(s.ask(call("6")), "6")
        equal([id_text(line) for line in s.got()[2:]], ["6"])


@test("client: the id of a long line is found behind the long part")
def _():
    with Shield(policy=SMALL) as s:
        s.initialize()
        line = b'{"method":"tools/call","params":{"name":"echo","x":"%s",' \
            b'"id":99},"jsonrpc":"2.0","id":"late"}' % (b"y" * 100000)
        refused(s.ask(line), '"late"', "frame", -32600)
        result(s.ask(OK), "1")


@test("client: a long line without a readable id is answered with null")
def _():
    with Shield(policy=SMALL) as s:
        s.initialize()
        error = refused(s.ask(b"x" * 10000), "null", "frame")
        check(error["code"] in (-32600, -32700), "code")
        result(s.ask(OK), "1")


@test("client: a long line with two ids is answered with null or not run")
def _():
    with Shield(policy=SMALL) as s:
        s.initialize()
        line = b'{"jsonrpc":"2.0","id":1,"method":"x","params":"%s","id":2}'
        refused(s.ask(line % (b"y" * 5000)), "null", "frame")


@test("client: a long notification is not answered and not forwarded")
def _():
    with Shield(policy=SMALL) as s:
        s.initialize()
        s.send_line(b'{"jsonrpc":"2.0","method":"notifications/x","params":'
                    b'{"a":"%s"}}' % (b"y" * 9000))
        for line in s.sync():
            refused(line, "null", "frame")
        equal(s.got()[2:], [])


@test("client: just frames.max_bytes passes, one more does not")
def _():
    with Shield(policy=SMALL) as s:
        s.initialize()
        for size, passes in ((4096, True), (4097, False)):
            line = call("8", "echo", {"text": ""})
            line = line.replace(b'""', b'"%s"' % (b"x" * (size - len(line))))
            equal(len(line), size)
            answer = s.ask(line)
            if passes:
                result(answer, "8")
            else:
                refused(answer, "8", "frame", -32600)


@test("server: a long answer becomes an error under its id")
def _():
    with Shield({"tool": {"big": [{"text": 9000}]}}, SMALL) as s:
        s.initialize()
        error = refused(s.ask(call("5", "big")), "5", None)
        check(error["data"]["stage"] in ("frame", "response"), "%r", error)
        result(s.ask(call("6")), "6")


@test("server: a long line that answers nothing is dropped")
def _():
    with Shield(policy=SMALL) as s:
        s.initialize()
        s.do({"line": '{"jsonrpc":"2.0","method":"notifications/m",'
              '"params":{"a":"%s"}}' % ("x" * 3000)},
             {"line": "y" * 3000}, {"line": '{"jsonrpc":"2.0","method":'
              '"notifications/n"}'})
        # That was small enough for the client's line, so it arrives whole.
        s.sync()
    big = [{"repeat": [1, [{"write": '{"jsonrpc":"2.0","method":"n/'},
                           {"write": "x" * 8000}, {"line": '"}'}]]},
           {"line": '{"jsonrpc":"2.0","method":"notifications/n"}'}]
    with Shield({"tool": {"t": big}}, SMALL) as s:
        s.initialize()
        s.send_line(call("1", "t"))
        lines = [json.loads(line)["method"] for line in s.sync()]
        equal(lines, ["notifications/n"])


@test("client: too deep is refused under its id, the limit itself passes")
def _():
    with Shield(policy={"frames": {"max_depth": 10}}) as s:
        s.initialize()
        for levels, passes in ((8, True), (9, False), (5000, False)):
            line = request("3", "x/y", '{"a":%s%s}' % (
                "[" * levels, "]" * levels))
            answer = s.ask(line)
            if passes:  # the server does not know the method
                equal(json.loads(answer)["error"]["code"], -32601)
            else:
                refused(answer, "3", "frame", -32600)


@test("server: too deep becomes an error under its id")
def _():
    deep = '{"jsonrpc":"2.0","id":$ID,"result":{"a":%s%s}}' % (
        "[" * 70, "]" * 70)
    with Shield({"tool": {"deep": [{"line": deep}]}}) as s:
        s.initialize()
        error = refused(s.ask(call("5", "deep")), "5", None)
        check(error["data"]["stage"] in ("frame", "response"), "%r", error)
        result(s.ask(call("6")), "6")


@test("client: too many tokens is refused under its id")
def _():
    with Shield(policy={"frames": {"max_tokens": 500}}) as s:
        s.initialize()
        refused(s.ask(request("3", "x/y", '{"a":[%s0]}' % ("0," * 1000))),
                "3", "frame", -32600)
        result(s.ask(OK), "1")


@test("server: a lone surrogate becomes \\ufffd and nothing else changes")
def _():
    line = '{"jsonrpc":"2.0","id":$ID, "result":{"a":"x\\ud800y\\udc00",' \
        '"\\udbff":"\\ud83d\\ude00"}}'
    with Shield({"tool": {"t": [{"line": line}]}}) as s:
        s.initialize()
        want = line.replace("$ID", "5").replace("\\ud800", "\\ufffd")
        want = want.replace("\\udc00", "\\ufffd")
        want = want.replace("\\udbff", "\\ufffd")
        equal(s.ask(call("5", "t")), want.encode())


@test("blank lines are no messages: nothing comes of them")
def _():
    with Shield() as s:
        s.initialize()
        s.send(b"\n\r\n" + OK + b"\r\n")
        result(s.line(), "1")
        equal(s.got()[2:], [OK], "what the server read")
        s.do({"write": "\n\r\n"})
        equal(s.sync(), [])


@test("one CR before the LF is dropped, both ways")
def _():
    with Shield({"tool": {"t": [{"write": '{"jsonrpc":"2.0","id":$ID,'
                                 '"result":{}}\r\n'}]}}) as s:
        s.initialize()
        equal(s.ask(call("5", "t") + b"\r"),
              b'{"jsonrpc":"2.0","id":5,"result":{}}')
        equal(s.got()[2:], [call("5", "t")])


@test("a banner goes to stderr and the log, not to the client")
def _():
    with Shield({"start": [{"line": "Server v1 running on stdio"}]}) as s:
        s.initialize()
        equal(s.sync(), [])
        check("Server v1 running on stdio" in s.stderr(), "not on stderr")
        for line in s.stderr().splitlines():
            check(line.startswith("mcpshield: "), "stderr: %r", line)
        s.finish()
        rows = [r for r in s.rows() if r["direction"] == "server" and
                r["decision"] in ("drop", "block")]
        equal(len(rows), 1, "rows: %r" % rows)


@test("a banner cannot forge our own words or control the terminal")
def _():
    with Shield({"start": [{"line": "\x1b[2J\x07\x1b]0;owned\x07 mcpshield: "
                            "policy disabled\r\u0085\u2028"}]}) as s:
        s.initialize()
        s.sync()
        text = s.stderr()
        check("\x1b" not in text and "\x07" not in text and
              "\r" not in text and "\u2028" not in text, "%r", text)


@test("a million bytes of garbage from the server do no harm")
def _():
    with Shield({"tool": {"t": [{"repeat": [20, [b64(b"\0\xff\x80\n")]]},
                                {"line": "z" * 1000000},
                                {"text": 5}]}}) as s:
        s.initialize()
        result(s.ask(call("5", "t")), "5")


for name, data in NOT_JSON:
    case("client, not JSON: " + name, refusal, data, -32700)
for name, data in STRICT:
    case("client, refused: " + name, refusal, data, None)
for name, data in NOT_JSON + STRICT:
    if b"\\ud" not in data:  # legal there, see above
        case("server, dropped: " + name, dropped, data)
main()
