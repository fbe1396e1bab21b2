"""What the end-to-end tests share: TAP, and a session behind the proxy.

A test file adds cases with case() or the decorator test() and ends with
main(), which runs each in a directory of its own and prints TAP.  Shield is
a client (helper/client.py) whose program is the proxy around the scripted
server (helper/hostile_server.py); leaving its context checks that nothing
was left behind.
"""
import base64
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
HELPER = os.path.join(TOP, "test", "helper")
sys.path.insert(0, HELPER)

from client import family, Peer, Trouble, none_left, memory_kb  # noqa: E402

SHIELD = os.path.abspath(os.environ.get(
    "MCPSHIELD", os.path.join(TOP, "build", "mcpshield-stdio")))
SERVER = os.path.join(HELPER, "hostile_server.py")
PYTHON = [sys.executable, "-B", "-E", "-S"]

# DESIGN.md, section 3: the codes that each stage may use.
CODES = {
    "frame": (-32700, -32600), "hmac": (-32603,), "sequence": (-32602,),
    "attestation": (-32601,), "namespace": (-32601,), "schema": (-32602,),
    "rules": (-32602,), "path": (-32602,), "host": (-32602,),
    "secret": (-32602,), "pattern": (-32602,), "code": (-32602,),
    "response": (-32603,), "sandbox": (-32603,), "audit": (-32603,),
    "server": (-32603,),
}
INIT = {"protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "e2e", "version": "1"}}
MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {}}

cases = []


class Skip(Exception):
    """This machine cannot run the case; the text says why."""


def case(label, fn, *args):
    cases.append((label, fn, args))


def test(label):
    def add(fn):
        case(label, fn)
        return fn
    return add


def check(truth, text, *args):
    if not truth:
        raise Trouble(text % args if args else text)


def equal(got, want, what=""):
    if got != want:
        raise Trouble("%s: got %.400r, want %.400r" % (
            what or "values differ", got, want))


# Messages

def compact(message):
    return json.dumps(message, separators=(",", ":")).encode()


def request(ident, method, params=None):
    """One line; ident is the JSON text of the id."""
    text = '{"jsonrpc":"2.0","id":%s,"method":%s' % (
        ident, json.dumps(method))
    if params is not None:
        text += ',"params":' + (params if isinstance(params, str)
                                else compact(params).decode())
    return text.encode() + b"}"


def call(ident, tool="echo", args=None, meta=None):
    params = {"name": tool, "arguments": {} if args is None else args}
    if meta is not None:
        params["_meta"] = meta
    return request(ident, "tools/call", params)


def notification(method, params=None):
    message = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        message["params"] = params
    return compact(message)


def b64(data):
    return {"b64": base64.b64encode(data).decode()}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def id_text(line):
    """The id of an answer as it is written in the line."""
    kept = json.loads(line, parse_int=lambda t: "#" + t,
                      parse_float=lambda t: "#" + t)
    if "id" not in kept:
        return None
    if isinstance(kept["id"], str) and kept["id"].startswith("#"):
        return kept["id"][1:]
    return json.dumps(kept["id"])


def refused(line, ident, stage, code=None):
    """An error answer of ours, exactly as DESIGN.md section 3 has it."""
    check(line is not None, "end of file instead of an error")
    message = json.loads(line)
    where = "in %.300r" % line
    equal(sorted(message), ["error", "id", "jsonrpc"], "members " + where)
    equal(message["jsonrpc"], "2.0", where)
    if ident is not any:
        equal(id_text(line), ident, "id " + where)
    error = message["error"]
    equal(sorted(error), ["code", "data", "message"], "error " + where)
    equal(sorted(error["data"]), ["event", "policy", "rule", "stage"],
          "data " + where)
    if stage is not None:
        equal(error["data"]["stage"], stage, "stage " + where)
        check(error["code"] in CODES[stage], "code %s", where)
    if code is not None:
        equal(error["code"], code, "code " + where)
    for name, value in error["data"].items():
        # What could not be recorded is no event of the log.
        check(isinstance(value, str) and (value or name == "rule" or (
            name == "event" and error["data"]["stage"] == "audit")),
              "data.%s is empty %s", name, where)
    check(isinstance(error["message"], str) and
          0 < len(error["message"]) <= 300 and
          "\n" not in error["message"], "message %s", where)
    return error


def result(line, ident=None):
    """The result of an answer that is no error."""
    check(line is not None, "end of file instead of a result")
    message = json.loads(line)
    check("result" in message, "no result in %.300r", line)
    if ident is not None:
        equal(id_text(line), ident, "id in %.300r" % line)
    return message["result"]


def bounded(pid, limit_kb, field="VmRSS"):
    """Memory must not exceed a limit; a sanitizer's own is not judged."""
    if not os.environ.get("MCPSHIELD_E2E_SANITIZED"):
        used = memory_kb(pid, field)
        check(used <= limit_kb, "%s is %d KiB, more than %d", field, used,
              limit_kb)


# Sessions

class Shield(Peer):
    """A client of the scripted server behind the proxy.

    script: see hostile_server.py; policy: YAML text, an object, or the name
    of a shipped policy; None: version 1 and nothing else.  In the directory:
    policy.yaml, audit.db, got (what the server read), events, stderr.
    """

    def __init__(self, script=None, policy=None, options=(), command=None,
                 where=".", bare=False, audit=None, **more):
        self.where = os.path.abspath(where)
        os.makedirs(self.where, exist_ok=True)
        self.audit = audit or os.path.join(self.where, "audit.db")
        script = dict({"record": os.path.join(self.where, "got"),
                       "events": os.path.join(self.where, "events")},
                      **(script or {}))
        self.record, self.events_path = script["record"], script["events"]
        if command is None:
            path = os.path.join(self.where, "script.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(script, file)
            command = PYTHON + [SERVER, path]
        self.policy_path = os.path.join(self.where, "policy.yaml")
        argv = list(command)
        if not bare and not os.environ.get("MCPSHIELD_E2E_BARE"):
            argv = [SHIELD, "-p", self.write_policy(policy), "-s", "hostile",
                    "-a", self.audit, *options, "--", *command]
        more.setdefault("stderr", os.path.join(self.where, "stderr"))
        self.ended = False
        Peer.__init__(self, argv, **more)

    def write_policy(self, policy):
        if isinstance(policy, str) and re.fullmatch(r"[a-z]+", policy):
            return policy
        if policy is None:
            policy = {}
        if not isinstance(policy, str):
            policy = json.dumps(dict({"version": 1}, **policy),
                                ensure_ascii=False)
        with open(self.policy_path, "w", encoding="utf-8") as file:
            file.write(policy + "\n")
        os.chmod(self.policy_path, 0o600)
        return self.policy_path

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        forced = self.release()
        try:
            none_left(self.mark)
        except Trouble:
            if kind is None:
                raise
        if kind is None and forced:
            raise Trouble("still running 5 s after its client left")
        if kind is not None and issubclass(kind, Exception):
            sys.stdout.write("".join(
                "# stderr: %s\n" % line
                for line in self.stderr().splitlines()[-15:]))

    # Talking

    def ask(self, line, timeout=10.0):
        self.send_line(line)
        return self.line(timeout)

    def initialize(self, version="2025-11-25", capabilities=None, ident="0"):
        """The handshake; what the server answered."""
        params = dict(INIT, protocolVersion=version,
                      capabilities=capabilities or {})
        line = self.ask(request(ident, "initialize", params))
        value = result(line, ident)
        self.send_line(notification("notifications/initialized"))
        return value

    def sync(self, timeout=20.0):
        """Every line that comes before the answer to a ping sent now."""
        self.count = getattr(self, "count", 0) + 1
        ident = '"sync-%d"' % self.count
        self.send_line(request(ident, "ping"))
        lines = []
        while True:
            line = self.line(timeout)
            check(line is not None, "end of file instead of a pong; before "
                  "it %r", lines)
            if (b'"sync-%d"' % self.count) in line:
                equal(json.loads(line).get("result"), {}, "pong")
                return lines
            lines.append(line)

    def do(self, *steps):
        """Lets the server run steps, none of which answers."""
        self.send_line(notification("notifications/do",
                                    {"steps": list(steps)}))

    def got(self, pings=False):
        """The lines that the server has read, the pings of sync() apart."""
        try:
            with open(self.record, "rb") as file:
                lines = file.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return []
        return [line for line in lines if pings or b'"sync-' not in line]

    def events(self, name=None):
        """What the server noted: (name, time since we started it, pid)."""
        try:
            with open(self.events_path, encoding="ascii") as file:
                all_of_them = [json.loads(line) for line in file]
        except FileNotFoundError:
            return []
        return [(e["event"], e["t"], e["pid"]) for e in all_of_them
                if name is None or e["event"] == name]

    def await_event(self, name, timeout=5.0):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = self.events(name)
            if found:
                return found[0]
            time.sleep(0.005)
        raise Trouble("the server never noted %r: %r" % (
            name, self.events()))

    def server_pid(self):
        return self.await_event("start")[2]

    def finish(self, timeout=10.0):
        """Closes our side; (lines that still came, exit status)."""
        self.close_stdin()
        lines = self.rest(timeout)
        return lines, self.wait(timeout)

    def rows(self, **filters):
        return audit_rows(self.audit, **filters)


def run(*args, stdin=b"", timeout=20, env=None, cwd=None):
    """A subcommand: (status, stdout, stderr)."""
    done = subprocess.run([SHIELD, *args], input=stdin, capture_output=True,
                          timeout=timeout, env=env, cwd=cwd, check=False)
    status = done.returncode
    return (status if status >= 0 else 128 - status,
            done.stdout.decode("utf-8", "replace"),
            done.stderr.decode("utf-8", "replace"))


def audit_rows(path, **filters):
    """The rows of the log, oldest first, as `audit --json` has them."""
    args = ["audit", "-a", path, "-n", "10000000", "--json"]
    for name, value in filters.items():
        args += ["--" + name, value]
    status, out, err = run(*args, timeout=60)
    equal(status, 0, "audit: %s" % err)
    return [json.loads(line) for line in out.splitlines()]


def verified(path):
    status, out, err = run("audit", "verify", "-a", path, timeout=60)
    equal(status, 0, "audit verify: %s%s" % (out, err))


def main():
    """Runs the cases whose label holds the first argument, or all."""
    want = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [c for c in cases if want in c[0]]
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    print("1..%d" % len(chosen), flush=True)
    failed = 0
    for number, (label, fn, args) in enumerate(chosen, 1):
        where = tempfile.mkdtemp(prefix="e2e-")
        os.chdir(where)
        try:
            fn(*args)
            print("ok %d - %s" % (number, label))
        except Skip as why:
            print("ok %d - %s # SKIP %s" % (number, label, why))
        except Exception as bad:  # a case may fail in any way
            failed += 1
            place = traceback.extract_tb(bad.__traceback__)
            print("not ok %d - %s" % (number, label))
            text = "%s: %s" % (type(bad).__name__, bad)
            for line in text.splitlines():
                print("# " + line[:1000])
            print("# at " + ", ".join("%s:%d" % (
                os.path.basename(f.filename), f.lineno) for f in place))
        finally:
            os.chdir("/")
            shutil.rmtree(where, ignore_errors=True)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
