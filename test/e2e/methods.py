#!/usr/bin/env -S python3 -B
"""Methods that the policy refuses, in both directions."""
import json

from lib import Shield, case, check, equal, main, notification, refused, \
    request, result, test

ALL = {"roots": {"listChanged": True}, "sampling": {}, "elicitation": {},
       "experimental": {"x": {}}}

# (label, method, params, policy, the answer that the server must get)
SERVER = [
    ("sampling", "sampling/createMessage",
     {"messages": [], "maxTokens": 10}, {"server_requests": {
         "sampling": "deny"}}, {"code": -1}),
    ("elicitation", "elicitation/create",
     {"message": "m", "requestedSchema": {}}, {"server_requests": {
         "elicitation": "deny"}}, {"action": "decline"}),
    ("roots", "roots/list", {}, {"server_requests": {"roots": "deny"}},
     {"code": -32601}),
    ("sampling by methods.deny", "sampling/createMessage", {"messages": []},
     {"methods": {"deny": ["sampling/*"]}}, {"code": -1}),
    ("elicitation by methods.deny", "elicitation/create", {"message": "m"},
     {"methods": {"deny": ["elicitation/create"]}}, {"action": "decline"}),
    ("another by methods.deny", "tasks/get", {},
     {"methods": {"deny": ["tasks/*"]}}, {"code": -32601}),
]


def server_request(method, params, policy, want):
    with Shield(policy=policy) as s:
        s.initialize()
        for ident in ("5", '"s-1"'):
            s.do({"ask": [json.loads(ident), method, params]})
            equal(s.sync(), [], "what the client read")
            s.sync()  # the refusal went to the server before this
            answer = json.loads([g for g in s.got() if b'"method"' not in g]
                                [-1])
            equal(answer["id"], json.loads(ident))
            if "code" in want:
                equal(answer["error"]["code"], want["code"])
                check(isinstance(answer["error"]["message"], str), "message")
            else:
                equal(answer["result"], want)
        s.finish()
        rows = [r for r in s.rows() if r["direction"] == "server" and
                r["decision"] == "block"]
        equal([r["method"] for r in rows], [method, method], "rows")


def passes(method):
    """What is not refused reaches the client, and its answer the server."""
    with Shield() as s:
        s.initialize(capabilities=ALL)
        params = {"a": 1, "maxTokens": 10}
        s.do({"ask": [5, method, params]})
        asked = s.line()
        equal(json.loads(asked), {"jsonrpc": "2.0", "id": 5,
                                  "method": method, "params": params})
        answer = b'{"jsonrpc":"2.0", "id":5,"result":{"b":1.0}}'
        s.send_line(answer)
        s.sync()
        equal(s.got()[-1], answer)


def stripped(policy, gone):
    """A server is not told of what it may not use."""
    with Shield(policy=policy) as s:
        s.initialize(capabilities=ALL)
        s.sync()
        told = json.loads(s.got()[0])["params"]["capabilities"]
        equal(told, {k: v for k, v in ALL.items() if k not in gone})


def client_request(denied, method, ident):
    with Shield(policy={"methods": {"deny": [denied]}}) as s:
        s.initialize()
        refused(s.ask(request(ident, method, {"name": "n"})), ident,
                "namespace", -32601)
        s.close_stdin()
        s.wait()
        equal(len(s.got()), 2, "what the server read")


def always(line):
    """initialize and its kin are never blocked, whatever a policy says."""
    with Shield(policy={"methods": {"deny": ["*"]}}) as s:
        s.send_line(line)
        if b'"id"' in line:
            check("result" in json.loads(s.line()), "no result")
        s.close_stdin()
        s.wait()
        equal(s.got(), [line])


@test("a refused notification of the client is dropped without an answer")
def _():
    with Shield(policy={"methods": {"deny": ["notifications/evil"]}}) as s:
        s.initialize()
        s.send_line(notification("notifications/evil"))
        s.send_line(notification("notifications/good"))
        equal(s.sync(), [])
        equal(s.got()[2:], [notification("notifications/good")])


@test("a refused notification of the server is dropped")
def _():
    with Shield(policy={"methods": {"deny": ["notifications/message"]}}) as s:
        s.initialize()
        s.do({"line": '{"jsonrpc":"2.0","method":"notifications/message",'
              '"params":{}}'}, {"line": '{"jsonrpc":"2.0","method":'
                                '"notifications/m\\u0065ssage"}'},
             {"line": '{"jsonrpc":"2.0","method":"notifications/ok"}'})
        equal([json.loads(line)["method"] for line in s.sync()],
              ["notifications/ok"])


@test("a method that is refused is refused with escapes in it, too")
def _():
    with Shield(policy={"methods": {"deny": ["logging/setLevel"]}}) as s:
        s.initialize()
        refused(s.ask(b'{"jsonrpc":"2.0","id":1,"m\\u0065thod":'
                      b'"logging\\/s\\u0065tLevel","params":{}}'), "1",
                "namespace", -32601)


@test("other cases of a refused method do not reach the server unjudged")
def _():
    with Shield(policy={"methods": {"deny": ["logging/setLevel"]}}) as s:
        s.initialize()
        # Another method for JSON-RPC; the server is the one to say so.
        answer = json.loads(s.ask(request("1", "Logging/SetLevel", {})))
        equal(answer["error"]["code"], -32601)


@test("initialize: what is stripped leaves every other byte")
def _():
    head = b'{"jsonrpc":"2.0", "id":0,"method":"initialize","params":{' \
        b'"protocolVersion":"2025-11-25","capabilities":{'
    tail = b'"roots" : {"listChanged":true}},"clientInfo":{"name":"n",' \
        b'"version":"1.0","x":1e3}}}'
    with Shield(policy={"server_requests": {"sampling": "deny"}}) as s:
        s.ask(head + b'"s\\u0061mpling":{"tools":{}},' + tail)
        got = s.got()[0]
        check(got.startswith(head) and got.endswith(tail), "%r", got)
        check(b"mpling" not in got, "%r", got)


@test("a server that asks in spite of the missing capability is refused")
def _():
    with Shield({"on": {"notifications/initialized": [
            {"ask": [0, "sampling/createMessage", {"messages": []}]}]}},
            {"server_requests": {"sampling": "deny"}}) as s:
        s.initialize(capabilities=ALL)
        equal(s.sync() + s.sync(), [])
        equal(json.loads(s.got()[-1])["error"]["code"], -1)


@test("a refused request of the server may use an id of the client's")
def _():
    with Shield({"tool": {"t": [
            {"ask": [1, "sampling/createMessage", {"messages": []}]},
            {"answer": {"content": []}}]}},
            {"server_requests": {"sampling": "deny"}}) as s:
        s.initialize()
        s.send_line(request("1", "tools/call", {"name": "t"}))
        lines = s.sync()
        equal(len(lines), 1)
        result(lines[0], "1")


@test("the client cannot answer a request that it was never asked")
def _():
    with Shield(policy={"server_requests": {"roots": "deny"}}) as s:
        s.initialize()
        s.do({"ask": [5, "roots/list", {}]})
        s.send_line(b'{"jsonrpc":"2.0","id":5,"result":{"roots":[]}}')
        s.sync()
        equal(len([g for g in s.got() if b'"roots":[]' in g]), 0)


for label, *rest in SERVER:
    case("refused to the server: " + label, server_request, *rest)
for name in ("sampling/createMessage", "elicitation/create", "roots/list",
             "ping", "own/request"):
    case("passes to the client and back: " + name, passes, name)
case("stripped: sampling", stripped,
     {"server_requests": {"sampling": "deny"}}, ["sampling"])
case("stripped: elicitation", stripped,
     {"server_requests": {"elicitation": "deny"}}, ["elicitation"])
case("stripped: all three", stripped, {"server_requests": {
    "sampling": "deny", "elicitation": "deny", "roots": "deny"}},
     ["sampling", "elicitation", "roots"])
case("stripped: nothing", stripped, {}, [])
for deny, name, text in (("logging/setLevel", "logging/setLevel", "1"),
                         ("logging/*", "logging/setLevel", '"a"'),
                         ("*/list", "prompts/list", "0"),
                         ("tools/call", "tools/call", "1"),
                         ("ping", "ping", '"p"')):
    case("refused to the client: %s by %s" % (name, deny), client_request,
         deny, name, text)
case("never blocked: initialize", always, request("0", "initialize", {
    "protocolVersion": "2025-11-25", "capabilities": {},
    "clientInfo": {"name": "n", "version": "1"}}))
case("never blocked: server/discover", always, request(
    "0", "server/discover", {"_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28"}}))
case("never blocked: notifications/initialized", always,
     notification("notifications/initialized"))
main()
