#!/usr/bin/env -S python3 -B
"""What is not changed is forwarded as the bytes that came, both ways."""
import base64
import json

from lib import Shield, b64, case, check, equal, main, result, test

# Each is one legal line of a client; none is to be touched.
CLIENT = [
    ("a plain request", b'{"jsonrpc":"2.0","id":1,"method":"ping"}'),
    ("members in another order, with spaces",
     b' { "params" : { } , "method" : "ping" , "id" : 1 ,'
     b'"jsonrpc" : "2.0" } '),
    ("tabs between tokens",
     b'{\t"jsonrpc":"2.0",\t"id":1,"method":"ping"\t}'),
    ("an escaped member name",
     b'{"jsonrpc":"2.0","id":1,"m\\u0065thod":"ping"}'),
    ("an escaped method",
     b'{"jsonrpc":"2.0","id":1,"method":"p\\u0069ng"}'),
    ("escapes of every kind",
     b'{"jsonrpc":"2.0","id":1,"method":"x/y","params":{"a":'
     b'"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"}}'),
    ("UTF-8 of every length",
     '{"jsonrpc":"2.0","id":1,"method":"x/y","params":{"a":'
     '"é€😀\u007f\ufffd\uffff"}}'.encode()),
    ("escaped line separators stay escaped",
     b'{"jsonrpc":"2.0","id":1,"method":"x/y","params":{"a":'
     b'"\\u0085\\u2028\\u2029\\r\\u0000"}}'),
    ("numbers of every form and size",
     b'{"jsonrpc":"2.0","id":1,"method":"x/y","params":{"a":[0,-0,1.0,'
     b'1e400,-1E-400,0.10,123456789012345678901234567890,'
     b'9007199254740993,1.7976931348623157e309]}}'),
    ("an unknown request", b'{"jsonrpc":"2.0","id":1,"method":"no/such"}'),
    ("an empty method", b'{"jsonrpc":"2.0","id":1,"method":""}'),
    ("a method with odd signs",
     b'{"jsonrpc":"2.0","id":1,"method":"\\u0000 %s%n \\ud83d\\ude00"}'),
    ("an unknown notification",
     b'{"jsonrpc":"2.0","method":"notifications/no/such","params":{"a":1}}'),
    ("unknown _meta keys",
     b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{'
     b'"com.example/trace":"00-1","x":[1,{"y":null}]}}}'),
    ("unknown params of a known method",
     b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{'
     b'"name":"echo","arguments":{"text":"hi"},"task":{"ttl":1}}}'),
    ("params that are an array",
     b'{"jsonrpc":"2.0","id":1,"method":"x/y","params":[1,2]}'),
    ("an object nested as deep as allowed",
     b'{"jsonrpc":"2.0","id":1,"method":"x/y","params":{"a":' +
     b"[" * 60 + b"]" * 60 + b"}}"),
    ("an empty key and blanks in keys",
     b'{"jsonrpc":"2.0","id":1,"method":"x/y","params":{"":1," ":2}}'),
    ("keys that differ in case where nothing is defined",
     b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{'
     b'"name":"echo","arguments":{"Path":1,"path":2,"NAME":3}}}'),
]

SERVER = [
    ("a notification",
     b'{"jsonrpc":"2.0","method":"notifications/message","params":'
     b'{"level":"info","data":"x"}}'),
    ("a notification with spaces and another order",
     b'  {"params": {"level" : "info", "data" : null}, '
     b'"method": "notifications/message", "jsonrpc": "2.0"} '),
    ("an unknown notification",
     b'{"method":"notifications/own/thing","jsonrpc":"2.0"}'),
    ("UTF-8 and escapes",
     '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":'
     '"info","data":"é\\u00e9€😀\\ud83d\\ude00\\/"}}'.encode()),
    ("numbers as text",
     b'{"jsonrpc":"2.0","method":"notifications/message","params":{"level":'
     b'"info","data":[1.0,1E5,-0.0,12345678901234567890123]}}'),
    ("unknown members of params and _meta",
     b'{"jsonrpc":"2.0","method":"notifications/message","params":{"level":'
     b'"info","data":1,"zz":{},"_meta":{"a/b":1}}}'),
]

ANSWERS = [
    ("a result", b'"result":{"content":[{"type":"text","text":"a"}]}'),
    ("a result with unknown members",
     b'"result":{"content":[],"x":{"y":[1.50,1e3]},"_meta":{"a":null}}'),
    ("structured content",
     b'"result":{"content":[],"structuredContent":{"rows":[{"a":1.0}]}}'),
    ("an error with data",
     b'"error":{"code":-32042,"message":"m","data":{"a":[1,"\\u00e9"]}}'),
    ("an error with a code of its own", b'"error":{"code":12345,"message":'
     b'"M\\u0065"}'),
    ("an empty result", b'"result":{}'),
]


def from_client(line):
    with Shield() as s:
        s.initialize()
        s.send_line(line)
        s.sync()
        equal(s.got()[2:], [line], "what the server read")


def from_server(line):
    with Shield() as s:
        s.initialize()
        s.do(b64(line + b"\n"))
        equal(s.sync(), [line], "what the client read")


def answered(member):
    for form in (b'{"jsonrpc":"2.0","id":$ID,%s}', b'{%s,"id" : $ID ,'
                 b' "jsonrpc":"2.0" }'):
        text = (form % member).decode()
        with Shield({"tool": {"t": [{"line": text}]}}) as s:
            s.initialize()
            line = s.ask(b'{"jsonrpc":"2.0","id":5,"method":"tools/call",'
                         b'"params":{"name":"t"}}')
            equal(line, text.replace("$ID", "5").encode(), "the answer")


@test("a whole session is the same bytes with and without the proxy")
def _():
    seen = []
    for bare in (True, False):
        got = "got-%d" % bare
        with Shield({"record": got, "extra": {"instructions": "é\u2028"}},
                    bare=bare) as s:
            lines = [s.ask(b'{"jsonrpc":"2.0","id":0,"method":"initialize",'
                           b'"params":{"protocolVersion":"2025-11-25",'
                           b'"capabilities":{"roots":{}},"clientInfo":'
                           b'{"name":"n","version":"1.0"}}}')]
            s.send_line(b'{"jsonrpc":"2.0","method":'
                        b'"notifications/initialized"}')
            for number in range(1, 20):
                lines.append(s.ask(
                    b'{"jsonrpc":"2.0","id":%d,"method":"tools/call",'
                    b'"params":{"name":"echo","arguments":{"text":"%s"}}}' % (
                        number, base64.b64encode(b"x" * number * 7))))
            lines.append(s.ask(b'{"id":"l","method":"tools/list",'
                               b'"jsonrpc":"2.0"}'))
            more, status = s.finish()
            equal((more, status), ([], 0), "the end")
            seen.append((lines, s.got()))
    equal(seen[1], seen[0], "with the proxy")


@test("notifications that come before the answer to initialize pass")
def _():
    early = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
    with Shield({"start": [{"line": early}]}) as s:
        line = s.ask(b'{"jsonrpc":"2.0","id":0,"method":"initialize",'
                     b'"params":{"protocolVersion":"2025-11-25",'
                     b'"capabilities":{},"clientInfo":{"name":"n",'
                     b'"version":"1"}}}')
        equal(line, early.encode())
        check("protocolVersion" in result(s.line(), "0"), "no handshake")


@test("nothing is sent that nobody sent: an idle session stays silent")
def _():
    with Shield() as s:
        s.quiet(0.3)
        equal(s.got(), [])
        equal(s.finish(), ([], 0))


@test("a last line without a line feed is delivered when it is a message")
def _():
    text = '{"jsonrpc":"2.0","method":"notifications/own"}'
    with Shield({"eof": [{"write": text}]}) as s:
        s.initialize()
        lines, status = s.finish()
        equal((lines, status), ([text.encode()], 0))


@test("a request without a line feed at the client's end is delivered once")
def _():
    with Shield() as s:
        s.initialize()
        s.send(b'{"jsonrpc":"2.0","id":1,"method":"ping"}')
        lines, status = s.finish()
        equal(status, 0)
        # It may be handed on or refused, but not invented or doubled.
        check(len(s.got()) <= 3 and len(lines) <= 1, "%r %r", s.got(), lines)
        for line in lines:
            equal(json.loads(line)["id"], 1)


for name, data in CLIENT:
    case("client: " + name, from_client, data)
for name, data in SERVER:
    case("server: " + name, from_server, data)
for name, data in ANSWERS:
    case("answer: " + name, answered, data)
main()
