#!/usr/bin/env -S python3 -B
"""What is JSON but not the JSON-RPC that everybody reads alike is refused."""
import json

from lib import CODES, Shield, b64, call, case, check, equal, id_text, \
    main, refused, result, test

# (label, line, id of the refusal or None where the line is a notification)
CLIENT = [
    ("an unknown member", b'{"jsonrpc":"2.0","id":1,"method":"ping",'
     b'"extra":1}', "1"),
    ("an unknown member that is null", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"ping","x":null}', "1"),
    ("an empty member name", b'{"jsonrpc":"2.0","id":1,"method":"ping",'
     b'"":0}', "1"),
    ("method in capitals", b'{"jsonrpc":"2.0","id":1,"method":"ping",'
     b'"METHOD":"tools/call"}', "1"),
    ("params with a capital", b'{"jsonrpc":"2.0","id":1,"method":"ping",'
     b'"Params":{"name":"x"}}', "1"),
    ("an escaped capital", b'{"jsonrpc":"2.0","id":1,"method":"ping",'
     b'"\\u004dethod":"tools/call"}', "1"),
    ("a long s in params", '{"jsonrpc":"2.0","id":1,"method":"ping",'
     '"param\u017f":{}}'.encode(), "1"),
    ("no jsonrpc", b'{"id":1,"method":"ping"}', "1"),
    ("another version", b'{"jsonrpc":"1.0","id":1,"method":"ping"}', "1"),
    ("jsonrpc as a number", b'{"jsonrpc":2.0,"id":1,"method":"ping"}', "1"),
    ("method as a number", b'{"jsonrpc":"2.0","id":1,"method":1}', "1"),
    ("params as text", b'{"jsonrpc":"2.0","id":1,"method":"ping",'
     b'"params":"x"}', "1"),
    ("request and result in one", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"ping","result":{}}', "1"),
    ("request and error in one", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"ping","error":{"code":1,"message":"m"}}', "1"),
    ("no member at all", b"{}", "null"),
    ("a number", b"7", "null"),
    ("a text", b'"ping"', "null"),
    ("null", b"null", "null"),
    ("tools/call without a name", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"tools/call","params":{"arguments":{}}}', "1"),
    ("tools/call without params", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"tools/call"}', "1"),
    ("tools/call with a number for a name", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"tools/call","params":{"name":1}}', "1"),
    ("tools/call with arguments that are a list", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"tools/call","params":{"name":"echo","arguments":[]}}', "1"),
    ("tools/call with a second Name", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"tools/call","params":{"name":"echo","Name":"rm"}}', "1"),
    ("tools/call with ARGUMENTS", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"tools/call","params":{"name":"echo","ARGUMENTS":{}}}', "1"),
    ("tools/call with a long s in arguments", '{"jsonrpc":"2.0","id":1,'
     '"method":"tools/call","params":{"name":"echo","argument\u017f":{}}}'
     .encode(), "1"),
    ("tools/call with a name cut at a NUL", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"tools/call","params":{"name":"echo","name\\u0000x":"rm"}}',
     "1"),
    ("resources/read with a second URI", b'{"jsonrpc":"2.0","id":1,'
     b'"method":"resources/read","params":{"uri":"a://b","URI":"c://d"}}',
     "1"),
    ("a method cut at a NUL", b'{"jsonrpc":"2.0","id":1,"method":"ping",'
     b'"method\\u0000":"tools/call"}', "1"),
    ("a notification with an unknown member",
     b'{"jsonrpc":"2.0","method":"notifications/x","extra":1}', None),
    ("a notification with METHOD", b'{"jsonrpc":"2.0","method":'
     b'"notifications/x","METHOD":"tools/call"}', None),
    ("an answer to nothing that was asked",
     b'{"jsonrpc":"2.0","id":9,"result":{}}', None),
    ("an answer with result and error", b'{"jsonrpc":"2.0","id":9,'
     b'"result":{},"error":{"code":1,"message":"m"}}', None),
]

# None of these is a message that may reach a client.
SERVER = [
    ("an unknown member",
     b'{"jsonrpc":"2.0","method":"notifications/x","extra":1}'),
    ("METHOD", b'{"jsonrpc":"2.0","method":"notifications/x",'
     b'"METHOD":"sampling/createMessage"}'),
    ("no jsonrpc", b'{"method":"notifications/x"}'),
    ("another version", b'{"jsonrpc":"2","method":"notifications/x"}'),
    ("params as text", b'{"jsonrpc":"2.0","method":"notifications/x",'
     b'"params":"t"}'),
    ("no member at all", b"{}"),
    ("a text", b'"hello"'),
    ("result and error for nothing", b'{"jsonrpc":"2.0","id":77,"result":{},'
     b'"error":{"code":1,"message":"m"}}'),
]

# Bad answers to a request that is open: (label, what stands behind the id).
ANSWERS = [
    ("an unknown member", '"result":{},"extra":1'),
    ("Result besides result", '"result":{},"Result":{"content":[]}'),
    ("a long s in result", '"result":{},"re\u017fult":{}'),
    ("result and error", '"result":{},"error":{"code":1,"message":"m"}'),
    ("neither result nor error", '"params":{}'),
    ("an error that is a text", '"error":"no"'),
]


def from_client(line, ident):
    with Shield() as s:
        s.initialize()
        s.send_line(line)
        lines = s.sync()
        equal(s.got()[2:], [], "what the server read")
        if ident is None:
            if b'"method"' in line:
                equal(lines, [], "answers to a notification")
            for answer in lines:  # to a broken answer, perhaps, but id null
                refused(answer, "null", "frame", -32600)
            return
        equal(len(lines), 1, "number of answers: %r" % lines)
        error = json.loads(lines[0])
        check(json.dumps(error["id"]) in (ident, "null"), "id %r", lines)
        refused(lines[0], any, "frame", -32600)
        if b'"method":"' in line:
            equal(json.dumps(error["id"]), ident, "id that could be read")


def from_server(line):
    with Shield() as s:
        s.initialize()
        s.do(b64(line + b"\n"))
        equal(s.sync(), [], "what the client read")


def answered(rest):
    """Never forwarded; whoever waits gets an error, at the latest when the
    server ends."""
    steps = [{"line": '{"jsonrpc":"2.0","id":$ID,%s}' % rest}]
    with Shield({"tool": {"t": steps}}) as s:
        s.initialize()
        s.send_line(b'{"jsonrpc":"2.0","id":5,"method":"tools/call",'
                    b'"params":{"name":"t"}}')
        lines = s.sync() + s.finish()[0]
        equal(len(lines), 1, "number of answers: %r" % lines)
        error = refused(lines[0], "5", None)
        stage = error["data"]["stage"]
        check(stage in ("frame", "response", "server"), "stage %s", stage)
        check(error["code"] in CODES[stage], "code %d", error["code"])


@test("a bad answer of the client does not end its own request of that id")
def _():
    with Shield({"tool": {"h": [{"hold": 1}]}}) as s:
        s.initialize()
        s.send_line(call("9", "h"))
        s.send_line(b'{"jsonrpc":"2.0","id":9,"result":{},"error":{}}')
        s.send_line(b'{"jsonrpc":"2.0","id":9,"result":{},"extra":1}')
        s.do({"release": "fifo"})
        answers = [line for line in s.sync() if id_text(line) == "9"]
        equal(len(answers), 1, "answers to 9: %r" % answers)
        result(answers[0], "9")


for name, data, want in CLIENT:
    case("client: " + name, from_client, data, want)
for name, data in SERVER:
    case("server: " + name, from_server, data)
for name, data in ANSWERS:
    case("answer: " + name, answered, data)
main()
