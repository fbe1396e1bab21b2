#!/usr/bin/env python3
"""An MCP server that does what a script says, mischief included.

usage: hostile_server.py SCRIPT

SCRIPT is a file with one JSON object, every member optional:

  version       protocolVersion of the answer to initialize; absent: as asked
  capabilities  the server's; absent: tools and logging
  extra         members added to the result of initialize
  tools         a list of names or of whole tool objects
  page          tools on one page of tools/list; absent: all
  record        file that receives every byte read from standard input
  events        file that receives one JSON line per event, with the time
  start         steps that are run before the first read
  on            {METHOD: steps} instead of the usual answer; "*" is any other
  tool          {NAME: steps} instead of the echo of tools/call
  eof           "exit", "ignore" or steps: what the end of input does
  ignore        names of signals that are noted and otherwise ignored
  status        exit status at the end of input

The notification "notifications/do" and the tool "do" run the steps in their
member "steps", so that a test can drive the server from the client's side.  A
step is an object with one member; the functions step_* below are the list.
In the texts of a step $ID stands for the id of the present request as it was
written, $TOKEN for its progress token, $N for the count of a repeat.  Texts
are written as UTF-8 where an
escape \\udcXX stands for the single byte XX.
"""
import base64
import json
import os
import random
import signal
import sys
import time


class Number(str):
    """A number as it was written: an id must come back byte for byte."""


def spelt(value):
    """The JSON text of a value read with Number."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{%s}" % ",".join(
            "%s:%s" % (json.dumps(k), spelt(v)) for k, v in value.items())
    if isinstance(value, list):
        return "[%s]" % ",".join(spelt(v) for v in value)
    return json.dumps(value)


def read_json(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


class Server:
    def __init__(self, script):
        self.script = script
        self.held = []
        self.chunk = 0
        self.request = None
        self.count = 0
        self.gather = None
        self.record = self.open(script.get("record"))
        self.events = self.open(script.get("events"))
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            signal.signal(getattr(signal, name), self.on_signal)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    @staticmethod
    def open(path):
        if path is None:
            return None
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND
                       | os.O_CLOEXEC, 0o600)

    def event(self, name, **more):
        if self.events is not None:
            more.update(event=name, t=time.monotonic(), pid=os.getpid())
            os.write(self.events, json.dumps(more).encode() + b"\n")

    def on_signal(self, number, _frame):
        name = signal.Signals(number).name
        self.event(name)
        if name not in self.script.get("ignore", ()):
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    # Output

    def write(self, data):
        size = self.chunk or len(data) or 1
        view = memoryview(data)
        while view:
            view = view[os.write(1, view[:size]):]

    def fill(self, text):
        req = self.request or {}
        params = req.get("params")
        meta = params.get("_meta") if isinstance(params, dict) else None
        token = meta.get("progressToken") if isinstance(meta, dict) else None
        text = text.replace("$ID", spelt(req.get("id")))
        text = text.replace("$TOKEN", spelt(token))
        return text.replace("$N", str(self.count))

    def answer(self, member, value):
        text = '{"jsonrpc":"2.0","id":%s,"%s":%s}' % (
            spelt(self.request.get("id")), member, spelt(value))
        if self.gather is not None:
            self.gather.append(text)
        else:
            self.write(text.encode() + b"\n")

    def result(self, value):
        if self.modern():
            value = dict(value, resultType=value.get("resultType",
                                                     "complete"))
        self.answer("result", value)

    def text(self, text):
        self.result({"content": [{"type": "text", "text": text}]})

    def modern(self):
        params = self.request.get("params")
        meta = params.get("_meta") if isinstance(params, dict) else None
        return isinstance(meta, dict) and \
            "io.modelcontextprotocol/protocolVersion" in meta

    # Steps

    def step_write(self, text):
        """Writes a text as it is."""
        self.write(self.fill(text).encode("utf-8", "surrogateescape"))

    def step_line(self, text):
        """Writes a text and a line feed."""
        self.step_write(text + "\n")

    def step_b64(self, text):
        """Writes the bytes that a base64 text stands for."""
        self.write(base64.b64decode(text))

    def step_answer(self, value):
        """Answers the present request with this result."""
        self.answer("result", value)

    def step_error(self, value):
        """Answers the present request with this error."""
        self.answer("error", value)

    def step_text(self, size):
        """Answers with a text of that many bytes."""
        self.text("x" * int(size))

    def step_hold(self, _):
        """Leaves the present request unanswered for now."""
        self.held.append(self.request)

    def step_release(self, order):
        """Answers what is held: "fifo", "lifo" or "shuffle"."""
        held, self.held = self.held, []
        if order == "lifo":
            held.reverse()
        elif order == "shuffle":
            random.shuffle(held)
        now = self.request
        for self.request in held:
            self.text("held")
        self.request = now

    def step_ask(self, ask):
        """Sends a request of its own: [id, method, params]."""
        self.write(('{"jsonrpc":"2.0","id":%s,"method":%s,"params":%s}\n' % (
            spelt(ask[0]), spelt(ask[1]), spelt(ask[2]))).encode())

    def step_repeat(self, what):
        """Runs steps n times: [n, steps]."""
        for self.count in range(int(what[0])):
            self.steps(what[1])

    def step_next(self, lists):
        """Runs the first of these lists of steps, and never again."""
        self.steps(lists.pop(0))

    def step_tools(self, tools):
        """From now on lists these tools."""
        self.script["tools"] = tools

    def step_flood(self, what):
        """Writes a line n times with as few writes as can be: [n, text]."""
        lines = []
        for self.count in range(int(what[0])):
            lines.append(self.fill(what[1]))
        self.write(("\n".join(lines) + "\n").encode())

    def step_chunk(self, size):
        """From now on writes at most that many bytes at a time; 0: all."""
        self.chunk = int(size)

    def step_sleep(self, seconds):
        """Does nothing, and reads nothing, for a while."""
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end:
            time.sleep(max(0.0, end - time.monotonic()))

    def step_exit(self, status):
        """Ends without a word."""
        os._exit(int(status))

    def step_kill(self, name):
        """Ends by a signal."""
        number = getattr(signal, name)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def step_close(self, fd):
        """Closes a descriptor."""
        os.close(int(fd))

    def step_fork(self, how):
        """A child that sleeps: {"setsid", "ignore", "close", "seconds"}."""
        if os.fork() != 0:
            return
        if how.get("setsid"):
            os.setsid()
        if how.get("ignore"):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
        if how.get("close"):
            for fd in range(3):
                os.close(fd)
        self.event("grandchild")
        time.sleep(float(how.get("seconds", "60")))
        os._exit(0)

    def step_stderr(self, text):
        """Writes a text to standard error."""
        os.write(2, text.encode())

    def step_report(self, _):
        """Answers with what the process was given."""
        fds = {}
        for name in os.listdir("/proc/self/fd"):
            if int(name) not in (self.record, self.events):
                try:
                    fds[name] = os.readlink("/proc/self/fd/" + name)
                except OSError:
                    pass  # the descriptor of the listing itself
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        self.text(json.dumps({
            "argv": sys.argv, "cwd": os.getcwd(), "fds": fds,
            "env": dict(os.environ), "mask": sorted(int(n) for n in mask),
            "pgid": os.getpgid(0), "pid": os.getpid()}))

    def steps(self, steps):
        for step in steps:
            for name, value in step.items():
                getattr(self, "step_" + name)(value)

    # Usual answers

    def initialize(self, params):
        value = {
            "protocolVersion": self.script.get(
                "version", params.get("protocolVersion", "2025-11-25")),
            "capabilities": self.script.get(
                "capabilities", {"tools": {"listChanged": True},
                                 "logging": {}}),
            "serverInfo": {"name": "hostile", "version": "1"}}
        value.update(self.script.get("extra", {}))
        self.answer("result", value)

    def discover(self, _params):
        self.result({"supportedVersions": ["2026-07-28"],
                     "capabilities": {"tools": {}}, "ttlMs": Number(0),
                     "cacheScope": "private"})

    def ping(self, _params):
        self.answer("result", {})

    def tools_list(self, params):
        tools = [t if isinstance(t, dict) else
                 {"name": t, "inputSchema": {"type": "object"}}
                 for t in self.script.get("tools", ["echo", "do"])]
        size = int(self.script.get("page", len(tools) or 1))
        first = int(params.get("cursor", 0))
        value = {"tools": tools[first:first + size]}
        if first + size < len(tools):
            value["nextCursor"] = str(first + size)
        self.result(value)

    def tools_call(self, params):
        name, args = params.get("name"), params.get("arguments") or {}
        steps = self.script.get("tool", {}).get(name)
        if steps is None and name == "do":
            steps = args["steps"]
        if steps is not None:
            self.steps(steps)
        else:
            self.text(args["text"] if isinstance(args.get("text"), str)
                      else spelt(args))

    USUAL = {
        "initialize": initialize,
        "server/discover": discover,
        "ping": ping,
        "tools/list": tools_list,
        "tools/call": tools_call,
    }

    # Input

    def message(self, msg):
        if not isinstance(msg, dict) or not isinstance(msg.get("method"),
                                                       str):
            return  # a response; the record has it
        self.request = msg
        method, on = msg["method"], self.script.get("on", {})
        params = msg.get("params")
        if method in on or ("*" in on and method not in self.USUAL):
            self.steps(on.get(method, on.get("*")))
        elif method == "notifications/do":
            self.steps(params["steps"])
        elif "id" not in msg:
            return
        elif method in self.USUAL:
            self.USUAL[method](self, params if isinstance(params, dict)
                               else {})
        else:
            self.answer("error", {"code": Number(-32601),
                                  "message": "method not found"})

    def line(self, line):
        try:
            msg = read_json(line.decode("utf-8", "replace"))
        except ValueError:
            return  # as most servers do
        if not isinstance(msg, list):
            self.message(msg)
            return
        self.gather = []
        for member in msg:
            self.message(member)
        if self.gather:
            self.write(("[%s]\n" % ",".join(self.gather)).encode())
        self.gather = None

    def read_lines(self):
        rest = []
        while True:
            data = os.read(0, 1 << 20)
            if not data:
                return
            if self.record is not None:
                os.write(self.record, data)
            lines = data.split(b"\n")
            if len(lines) == 1:
                rest.append(data)
                continue
            lines[0] = b"".join(rest) + lines[0]
            rest = [lines.pop()]
            for line in lines:
                self.line(line)

    def run(self):
        self.event("start")
        self.steps(self.script.get("start", []))
        self.read_lines()
        self.event("eof")
        eof = self.script.get("eof", "exit")
        if eof == "ignore":
            while True:
                time.sleep(3600)
        if eof != "exit":
            self.steps(eof)
        os._exit(int(self.script.get("status", 0)))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        script = json.load(file)
    Server(script).run()


if __name__ == "__main__":
    main()
