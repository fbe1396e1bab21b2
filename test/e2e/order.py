#!/usr/bin/env -S python3 -B
"""Order is kept in each direction; answers go to who asked."""
import json
import random

from lib import Shield, call, equal, id_text, main, notification, test

COUNT = 500


def held(order):
    """COUNT calls that the server answers in its own order at the end."""
    with Shield({"tool": {"h": [{"hold": 1}]}}) as s:
        s.initialize()
        for number in range(COUNT):
            s.send_line(call(str(number), "h"))
        s.send_line(notification("notifications/x"))
        s.do({"release": order})
        lines = [s.line() for _ in range(COUNT)]
        equal(s.sync(), [], "more than was asked")
        return [int(id_text(line)) for line in lines]


@test("answers keep the order in which the server gave them: reversed")
def _():
    equal(held("lifo"), list(range(COUNT - 1, -1, -1)))


@test("answers keep the order in which the server gave them: as asked")
def _():
    equal(held("fifo"), list(range(COUNT)))


@test("shuffled answers all arrive, once each")
def _():
    equal(sorted(held("shuffle")), list(range(COUNT)))


@test("requests and notifications reach the server in order")
def _():
    with Shield() as s:
        s.initialize()
        sent = []
        for number in range(COUNT):
            line = notification("notifications/n", {"n": number})
            if random.random() < 0.5:
                line = call(str(number), "echo", {"text": "t"})
            sent.append(line)
        s.send(b"".join(line + b"\n" for line in sent))
        answers = s.sync()
        equal(s.got()[2:], sent, "what the server read")
        equal([id_text(a) for a in answers],
              [id_text(a) for a in sent if b"tools/call" in a], "answers")


@test("notifications and answers of the server keep their order")
def _():
    steps = [{"repeat": [5, [{"line": '{"jsonrpc":"2.0","method":'
                              '"notifications/n","params":{"n":$N}}'}]]},
             {"answer": {"content": []}}]
    with Shield({"tool": {"t": steps}}) as s:
        s.initialize()
        for number in range(50):
            s.send_line(call(str(number), "t"))
        lines = [json.loads(line) for line in s.sync()]
        equal([m["params"]["n"] if "params" in m else str(m["id"])
               for m in lines],
              [x for n in range(50) for x in [0, 1, 2, 3, 4, str(n)]])


@test("one message, one write: an answer is not held back for a later one")
def _():
    with Shield({"tool": {"half": [
            {"answer": {"content": []}},
            {"write": '{"jsonrpc":"2.0","method":"notifications/late",'},
            {"sleep": 0.5}, {"line": '"params":{}}'}]}}) as s:
        s.initialize()
        s.send_line(call("1", "half"))
        equal(id_text(s.line(0.3)), "1")
        equal(json.loads(s.line(1.0))["method"], "notifications/late")


@test("a refusal does not wait for answers that are outstanding")
def _():
    with Shield({"tool": {"h": [{"hold": 1}]}},
                {"tools": {"deny": ["bad"]}}) as s:
        s.initialize()
        s.send_line(call("1", "h"))
        equal(id_text(s.ask(call("2", "bad"), 2.0)), "2")
        s.do({"release": "fifo"})
        equal([id_text(line) for line in s.sync()], ["1"])


main()
