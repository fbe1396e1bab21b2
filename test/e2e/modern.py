#!/usr/bin/env -S python3 -B
"""Revision 2026-07-28: no handshake, the era is a property of a request."""
import json

from lib import MODERN, Shield, call, equal, main, notification, refused, \
    request, result, test

INPUT = {"resultType": "input_required", "requestState": "s/\u00e9=",
         "inputRequests": {"k": {"method": "elicitation/create", "params": {
             "mode": "form", "message": "m", "requestedSchema": {
                 "type": "object", "properties": {}}}}}}


def modern(ident, method, params=None):
    return request(ident, method, dict(params or {}, _meta=MODERN))


@test("the first line may be a tools/list with id 0")
def _():
    with Shield() as s:
        line = modern("0", "tools/list")
        got = result(s.ask(line), "0")
        equal(got["resultType"], "complete")
        equal(len(got["tools"]), 2)
        equal(s.got(), [line], "what the server read")


@test("server/discover passes and is answered")
def _():
    with Shield() as s:
        line = modern('"probe"', "server/discover")
        got = result(s.ask(line), '"probe"')
        equal(got["supportedVersions"], ["2026-07-28"])
        equal(s.got(), [line])


@test("the first line may be a tools/call, and it is judged")
def _():
    with Shield(policy={"tools": {"deny": ["bad"]}}) as s:
        refused(s.ask(call("0", "bad", {}, MODERN)), "0", "namespace")
        result(s.ask(call("0", "echo", {}, MODERN)), "0")


@test("tools/list is filtered without a handshake, page by page")
def _():
    with Shield({"tools": ["a", "bad", "b"], "page": 2},
                {"tools": {"deny": ["bad"]}}) as s:
        got = result(s.ask(modern("0", "tools/list")), "0")
        equal([t["name"] for t in got["tools"]], ["a"])
        equal(got["resultType"], "complete")
        got = result(s.ask(modern("1", "tools/list", {"cursor": "2"})), "1")
        equal([t["name"] for t in got["tools"]], ["b"])


@test("an input_required result passes untouched, and so does its repeat")
def _():
    with Shield({"tool": {"t": [{"answer": INPUT}]}}) as s:
        line = s.ask(call("0", "t", {}, MODERN))
        equal(result(line, "0"), INPUT)
        again = request("1", "tools/call", {
            "name": "t", "arguments": {}, "_meta": MODERN,
            "requestState": INPUT["requestState"],
            "inputResponses": {"k": {"action": "accept", "content": {}}}})
        result(s.ask(again), "1")
        equal(s.got()[1], again)


@test("the repeated call is judged again, its inputResponses too")
def _():
    with Shield(policy={"arguments": {"patterns": ["badword"]}}) as s:
        refused(s.ask(request("1", "tools/call", {
            "name": "echo", "arguments": {}, "_meta": MODERN,
            "requestState": "s", "inputResponses": {
                "k": {"action": "accept", "content": {"a": "badword"}}}})),
                "1", "pattern")


@test("a refused entry of input_required replaces the whole result")
def _():
    value = {"resultType": "input_required", "requestState": "s",
             "inputRequests": {"k": {"method": "sampling/createMessage",
                                     "params": {"messages": []}}}}
    with Shield({"tool": {"t": [{"answer": value}]}},
                {"server_requests": {"sampling": "deny"}}) as s:
        line = s.ask(call("0", "t", {}, MODERN))
        message = json.loads(line)
        equal(message["id"], 0)
        equal(b"inputRequests" in line, False, "it passed: %r" % line)
        if "result" in message:
            equal(message["result"]["isError"], True)
        else:
            refused(line, "0", None)


@test("capabilities are stripped from each request's _meta")
def _():
    meta = dict(MODERN, **{
        "io.modelcontextprotocol/clientCapabilities": {
            "sampling": {}, "elicitation": {}, "x": 1}})
    with Shield(policy={"server_requests": {"sampling": "deny"}}) as s:
        result(s.ask(request("0", "tools/list", {"_meta": meta})), "0")
        told = json.loads(s.got()[0])["params"]["_meta"]
        equal(told["io.modelcontextprotocol/clientCapabilities"],
              {"elicitation": {}, "x": 1})


@test("both eras in one process")
def _():
    with Shield() as s:
        result(s.ask(modern('"probe"', "server/discover")), '"probe"')
        s.initialize()
        equal(sorted(result(s.ask(call("1")), "1")), ["content"])
        equal(sorted(result(s.ask(call("2", "echo", {}, MODERN)), "2")),
              ["content", "resultType"])
        equal(sorted(result(s.ask(request("3", "tools/list")), "3")),
              ["tools"])
        equal(len(s.got()), 6)


@test("a refused probe lets the client fall back to initialize")
def _():
    error = {"code": -32601, "message": "Method not found"}
    with Shield({"on": {"server/discover": [{"error": error}]}}) as s:
        line = s.ask(modern('"probe"', "server/discover"))
        equal(json.loads(line)["error"], error)
        s.initialize()
        result(s.ask(call("1")), "1")


@test("a batch is refused where only modern requests were seen")
def _():
    with Shield() as s:
        result(s.ask(modern("0", "tools/list")), "0")
        refused(s.ask(b"[" + modern("1", "tools/list") + b"]"), "null",
                "frame", -32600)


@test("subscriptions/listen stays open while other requests are answered")
def _():
    ack = '{"jsonrpc":"2.0","method":"notifications/subscriptions/' \
        'acknowledged","params":{"_meta":{' \
        '"io.modelcontextprotocol/subscriptionId":"s"}}}'
    with Shield({"on": {"subscriptions/listen": [{"line": ack},
                                                 {"hold": 1}]}}) as s:
        equal(s.ask(modern('"s"', "subscriptions/listen")), ack.encode())
        for number in range(3):
            result(s.ask(modern(str(number), "tools/list")), str(number))
        s.send_line(notification("notifications/cancelled",
                                 {"requestId": "s"}))
        equal(s.sync(), [])


@test("the same server twice at once: the probing sibling and the session")
def _():
    with Shield() as one, \
            Shield(where="two", audit=one.audit) as two:
        result(one.ask(modern("0", "server/discover")), "0")
        result(two.ask(modern("0", "tools/list")), "0")
        one.close_stdin()
        one.signal(15)
        one.wait(1.0)
        result(two.ask(modern("1", "tools/list")), "1")
        two.finish()
        rows = two.rows()
        equal(len({r["session"] for r in rows}), 2, "sessions")


main()
