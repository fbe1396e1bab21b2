#!/usr/bin/env -S python3 -B
"""A line stays one line for readers that do not split at LF alone."""
import json

from lib import Shield, b64, case, check, equal, id_text, main, refused, test

NEL, LS, PS = (c.encode() for c in ("\u0085", "\u2028", "\u2029"))

# (label, before, after)
REWRITTEN = [
    ("CR between tokens", b'{"jsonrpc":"2.0",\r"method":"n/x"\r,\r\r'
     b'"params":{\r"a"\r:\r[1\r,2]}}', b'{"jsonrpc":"2.0", "method":"n/x" ,'
     b'  "params":{ "a" : [1 ,2]}}'),
    ("U+0085 in a string", b'{"jsonrpc":"2.0","method":"n/x","params":'
     b'{"a":"x%sy"}}' % NEL, b'{"jsonrpc":"2.0","method":"n/x","params":'
     b'{"a":"x\\u0085y"}}'),
    ("U+2028 in a string", b'{"jsonrpc":"2.0","method":"n/x","params":'
     b'{"a":"%s"}}' % LS, b'{"jsonrpc":"2.0","method":"n/x","params":'
     b'{"a":"\\u2028"}}'),
    ("U+2029 in a key", b'{"jsonrpc":"2.0","method":"n/x","params":'
     b'{"k%s":1}}' % PS, b'{"jsonrpc":"2.0","method":"n/x","params":'
     b'{"k\\u2029":1}}'),
    ("all of them, and what must stay",
     b'{"jsonrpc":"2.0",\r"method":"n/x","params":{"a":"%s%s%s",'
     b'"b":"\\r\\u2028\xc2\x84\xc2\x86\xe2\x80\xa7\xe2\x80\xaa",\t"c":1.50}}'
     % (NEL, LS, PS),
     b'{"jsonrpc":"2.0", "method":"n/x","params":{"a":"\\u0085\\u2028\\u2029'
     b'","b":"\\r\\u2028\xc2\x84\xc2\x86\xe2\x80\xa7\xe2\x80\xaa",\t"c":1.50'
     b'}}'),
    ("CR at the front and twice at the end",
     b'\r{"jsonrpc":"2.0","method":"n/x"}\r\r',
     b' {"jsonrpc":"2.0","method":"n/x"} '),
    ("a separator in the method", b'{"jsonrpc":"2.0","method":"n/%sx"}' % LS,
     b'{"jsonrpc":"2.0","method":"n/\\u2028x"}'),
]

HIDDEN = b'{"jsonrpc":"2.0","id":66,"method":"tools/call","params":' \
    b'{"name":"echo","arguments":{}}}'

# A second message for whoever splits there: never to be seen whole.
SMUGGLED = [
    ("between CRs inside params", b'{"jsonrpc":"2.0","method":"n/x","params":'
     b'{"a":[\r' + HIDDEN + b'\r]}}'),
    ("between U+2028 in a string", b'{"jsonrpc":"2.0","method":"n/x",'
     b'"params":{"a":"' + LS + HIDDEN.replace(b'"', b'\\"') + LS + b'"}}'),
    ("between U+0085 in a string", b'{"jsonrpc":"2.0","method":"n/x",'
     b'"params":{"a":"' + NEL + HIDDEN.replace(b'"', b'\\"') + NEL + b'"}}'),
]


def to_server(before, after):
    with Shield() as s:
        s.initialize()
        s.send_line(before)
        equal(s.sync(), [])
        equal(s.got()[2:], [after], "what the server read")


def to_client(before, after):
    # Characters that hide something are another check's matter.
    with Shield(policy={"responses": {"hidden_text": "off"}}) as s:
        s.initialize()
        s.do(b64(before + b"\n"))
        equal(s.sync(), [after], "what the client read")


def one_line(data):
    text = data.decode()
    for splitter in (str.splitlines,
                     lambda t: t.replace("\r\n", "\n").replace(
                         "\r", "\n").split("\n")):
        equal(len(splitter(text)), 1, "lines in %r" % data)


def smuggled(line):
    with Shield() as s:
        s.initialize()
        s.send_line(line)
        s.do(b64(line + b"\n"))
        lines = s.sync()
        equal(len(lines), 1)
        for data in lines + s.got()[2:3]:
            one_line(data)
            json.loads(data)


def outside(sign):
    """White space that JSON does not know is no white space."""
    with Shield() as s:
        s.initialize()
        line = b'{"jsonrpc":"2.0",%s"id":1,"method":"ping"}' % sign
        answer = s.ask(line)
        refused(answer, "null", "frame", -32700)
        s.do(b64(line + b"\n"))
        equal(s.sync(), [])


@test("an answer's id with a separator in it still finds its request")
def _():
    with Shield({"tool": {"t": [{"hold": 1}]}}) as s:
        s.initialize()
        s.send_line(b'{"jsonrpc":"2.0","id":"a%sb","method":"tools/call",'
                    b'"params":{"name":"t"}}' % LS)
        s.sync()
        s.do(b64(b'{"jsonrpc":"2.0","id":"a%sb","result":{}}\n' % LS))
        lines = s.sync()
        equal([json.loads(id_text(line)) for line in lines], ["a\u2028b"])
        one_line(lines[0])


@test("our own answers are one line, whatever the id holds")
def _():
    with Shield(policy={"tools": {"deny": ["bad"]}}) as s:
        s.initialize()
        line = s.ask('{"jsonrpc":"2.0","id":"\u2028\u0085\\r\\u2029",'
                     '"method":"tools/call","params":{"name":"bad"}}'
                     .encode())
        one_line(line)
        equal(json.loads(line)["id"], "\u2028\u0085\r\u2029")
        check("error" in json.loads(line), "%r", line)


for name, old, new in REWRITTEN:
    case("to the server: " + name, to_server, old, new)
    case("to the client: " + name, to_client, old, new)
for name, data in SMUGGLED:
    case("smuggled: " + name, smuggled, data)
for name, data in (("U+2028", LS), ("U+0085", NEL), ("no-break space",
                                                    b"\xc2\xa0")):
    case("between tokens, not JSON: " + name, outside, data)
main()
