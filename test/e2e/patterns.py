#!/usr/bin/env -S python3 -B
"""Literal patterns and regular expressions, wherever a string can stand."""
from lib import Shield, call, case, check, equal, main, refused, request, \
    result, test

POLICY = {"arguments": {"patterns": ["/etc/shadow", "Größe"],
                        "regexes": ["\\brm\\s+-[a-z]*r", "(?i)^drop table"]}}

# (label, arguments as JSON text, is it refused?)
ARGS = [
    ("in a value", '{"a":"/etc/shadow"}', True),
    ("in the middle of a value", '{"a":"cat /etc/shadow | x"}', True),
    ("in capitals", '{"a":"/ETC/Shadow"}', True),
    ("in a key", '{"/etc/shadow":1}', True),
    ("in a key deep inside", '{"a":[{"b":{"x/etc/shadowx":null}}]}', True),
    ("in nested arrays", '{"a":[[[["/etc/shadow"]]]]}', True),
    ("with escaped slashes", '{"a":"\\/etc\\/shadow"}', True),
    ("with \\u escapes", '{"a":"\\u002fetc\\u002fshadow"}', True),
    ("in \\u escapes alone", '{"a":"\\u002f\\u0065\\u0074\\u0063\\u002f'
     '\\u0073\\u0068\\u0061\\u0064\\u006f\\u0077"}', True),
    ("with escapes in a key", '{"\\u002fetc\\u002Fshadow":1}', True),
    ("behind an escaped NUL", '{"a":"x\\u0000/etc/shadow"}', True),
    ("behind a long text", '{"a":"%s/etc/shadow"}' % ("x" * 300000), True),
    ("in the last of many strings", '{"a":[%s"/etc/shadow"]}' % (
        '"ok",' * 5000), True),
    ("beyond ASCII", '{"a":"Die Größe"}', True),
    ("a regex", '{"a":"sudo rm -rf /"}', True),
    ("a regex with an escape", '{"a":"rm\\u0020-r x"}', True),
    ("a regex with a tab", '{"a":"rm\\t-fr x"}', True),
    ("a regex at the start", '{"a":"DROP TABLE x"}', True),
    ("a regex in a key", '{"rm -r":0}', True),
    ("a regex not at the start", '{"a":"please drop table"}', False),
    ("half of a pattern", '{"a":"/etc/shado","b":"w"}', False),
    ("a harmless call", '{"a":"/etc/hostname","b":[1,true,null,"rm x"]}',
     False),
    ("no arguments", '{}', False),
    ("strings that only touch in the line", '{"a":"/etc/","b":"shadow"}',
     False),
]

# Every string of a request is judged, not only the arguments.
ELSEWHERE = [
    ("resources/read", '{"uri":"file:///etc/shadow"}'),
    ("prompts/get", '{"name":"p","arguments":{"x":"/etc/shadow"}}'),
    ("completion/complete", '{"ref":{"type":"ref/prompt","name":"p"},'
     '"argument":{"name":"a","value":"/etc/shadow"}}'),
    ("own/method", '{"deep":[{"x":"/etc/shadow"}]}'),
    ("own/method", '["/etc/shadow"]'),
    ("tools/call", '{"name":"echo","_meta":{"a/b":"/etc/shadow"}}'),
    ("tools/call", '{"name":"echo","task":{"/etc/shadow":1}}'),
]


def judged(args, stops):
    with Shield(policy=POLICY) as s:
        s.initialize()
        line = s.ask(request("1", "tools/call",
                             '{"name":"echo","arguments":%s}' % args))
        if stops:
            error = refused(line, "1", "pattern", -32602)
            check("shadow" not in error["message"].lower() and
                  "/etc" not in error["message"].lower() and
                  "rm -" not in error["message"].lower(),
                  "the message repeats the value: %r", line)
            s.sync()
            equal(len(s.got()), 2, "what the server read")
        else:
            result(line, "1")
        result(s.ask(call("2")), "2")


def elsewhere(method, params):
    with Shield(policy=POLICY) as s:
        s.initialize()
        refused(s.ask(request("1", method, params)), "1", "pattern", -32602)


@test("a notification of the client with a pattern is dropped, unanswered")
def _():
    with Shield(policy=POLICY) as s:
        s.initialize()
        s.send_line(b'{"jsonrpc":"2.0","method":"notifications/x","params":'
                    b'{"a":"/etc/shadow"}}')
        equal(s.sync(), [])
        equal(len(s.got()), 2)


@test("the rule in the answer names the list of the policy")
def _():
    with Shield(policy=POLICY) as s:
        s.initialize()
        error = refused(s.ask(call("1", "echo", {"a": "/etc/shadow"})), "1",
                        "pattern", -32602)
        check(error["data"]["rule"].startswith("arguments.patterns"),
              "rule %r", error)
        error = refused(s.ask(call("1", "echo", {"a": "rm -r"})), "1",
                        "pattern", -32602)
        check(error["data"]["rule"].startswith("arguments.regexes"),
              "rule %r", error)


@test("a regex that would take for ever is a refusal, soon")
def _():
    with Shield(policy={"arguments": {"regexes": ["^(([a-z])+.)+[A-Z]$"]}}
                ) as s:
        s.initialize()
        refused(s.ask(call("1", "echo", {"a": "a" * 200000}), 5.0), "1",
                "pattern", -32602)
        result(s.ask(call("2")), "2")


@test("arguments.max_bytes: just that many pass, one more does not")
def _():
    with Shield(policy={"arguments": {"max_bytes": 100}}) as s:
        s.initialize()
        for size, passes in ((100, True), (101, False)):
            args = '{"a":"%s"}' % ("x" * (size - 8))
            line = s.ask(request("1", "tools/call", '{"name":"echo",'
                                 '"arguments":%s}' % args))
            if passes:
                result(line, "1")
            else:
                error = refused(line, "1", None)
                equal(error["data"]["rule"], "arguments.max_bytes")


@test("many patterns at once: each is found, none where there is none")
def _():
    words = ["word%04d#" % n for n in range(2000)]
    with Shield(policy={"arguments": {"patterns": words}}) as s:
        s.initialize()
        for word in words[::97]:
            refused(s.ask(call("1", "echo", {"a": "x" + word.upper()})), "1",
                    "pattern")
        result(s.ask(call("2", "echo", {"a": "word0001 word9999#"})), "2")


@test("the default policy refuses the worst files and lets others pass")
def _():
    with Shield(policy="default") as s:
        s.initialize()
        for text in ("/etc/shadow", "http://169.254.169.254/latest/"):
            refused(s.ask(call("1", "echo", {"a": text})), "1", None)
        for text in ("/home/user/notes.txt", "what is a shadow?", ""):
            result(s.ask(call("2", "echo", {"a": text})), "2")


for label, *rest in ARGS:
    case("%s: %s" % ("refused" if rest[1] else "passes", label), judged,
         *rest)
for name, text in ELSEWHERE:
    case("refused in %s: %s" % (name, text), elsewhere, name, text)
main()
