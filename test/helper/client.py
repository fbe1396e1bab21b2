"""A scripted, hostile MCP client: bytes to a program, lines from it.

Peer runs a program whose standard input and output are pipes, socket pairs,
files or closed descriptors, sends it whatever bytes a test wants and reads
its lines with a deadline.  Every process that a Peer starts, and all that
these start in turn, carries one word in the environment, by which leftovers()
finds them, whatever session or group they have moved to.
"""
import fcntl
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import time

MARK = "MCPSHIELD_TEST_MARK"


class Trouble(AssertionError):
    """The other side did not do what was expected in time."""


# By mark: processes, with the times when they started, that were seen to
# descend from a program.  Who is no root may not read the environment of a
# process that keeps others out of its memory.
KIN = {}


def stat(pid):
    """State, parent and start time of a process; None if it is gone."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rsplit(b")", 1)[1].split()
    except OSError:
        return None
    return fields[0], int(fields[1]), int(fields[19])


def family(pid):
    """A process and all that descend from it, eldest first."""
    known = {int(name): stat(int(name)) for name in os.listdir("/proc")
             if name.isdigit()}
    found = [pid]
    for one in found:
        found += [p for p, s in known.items() if s and s[1] == one]
    return found


def note_kin(mark, pid):
    for one in family(pid):
        now = stat(one)
        if now:
            KIN.setdefault(mark, set()).add((one, now[2]))


def leftovers(mark):
    """Process ids that carry this mark, dead ones apart."""
    want = ("%s=%s" % (MARK, mark)).encode()
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/environ" % name, "rb") as file:
                if want in file.read().split(b"\0"):
                    found.append(int(name))
        except OSError:
            continue  # gone, or not ours
    for pid, started in KIN.get(mark, ()):
        now = stat(pid)
        if now and now[2] == started and now[0] != b"Z" and pid not in found:
            found.append(pid)
    return found


def describe(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return "%d %s" % (pid, file.read().replace(b"\0", b" ").decode(
                "utf-8", "replace"))
    except OSError:
        return str(pid)


def none_left(mark, seconds=2.0):
    """Waits until no process carries the mark; kills and reports the rest."""
    end = time.monotonic() + seconds
    while True:
        rest = leftovers(mark)
        if not rest:
            return
        if time.monotonic() >= end:
            break
        time.sleep(0.01)
    text = "; ".join(describe(pid) for pid in rest)
    for pid in rest:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    raise Trouble("processes left behind: " + text)


def memory_kb(pid, field="VmRSS"):
    with open("/proc/%d/status" % pid, encoding="ascii") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    raise Trouble("no %s for %d" % (field, pid))


class Peer:
    """A running program and the two ends that a client holds of it.

    stdin and stdout: "pipe", "socket" (a pair each), "both" (one socket pair
    for the two), "closed", or an open descriptor that is handed over as it
    is.  stderr: the path of a file, or a descriptor.  keep leaves our copies
    of the program's ends open in child_fds, so that their flags can be looked
    at; the end of file is then not seen before drop_child_ends().
    """

    def __init__(self, argv, stdin="pipe", stdout="pipe", stderr=None,
                 env=None, cwd=None, before=None, keep=False):
        self.mark = secrets.token_hex(8)
        self.buf = bytearray()
        self.seen = 0
        self.eof = False
        self.reading = True
        self.stderr_path = stderr if isinstance(stderr, str) else None
        env = dict(os.environ if env is None else env)
        env[MARK] = self.mark
        self.inp, child_in = self.ends(stdin, writing=True)
        if stdout == "both":
            self.out = os.dup(self.inp)
            child_out = os.dup(child_in)
        else:
            self.out, child_out = self.ends(stdout, writing=False)
        self.child_fds = {0: child_in, 1: child_out}
        err = stderr
        if self.stderr_path is not None:
            err = os.open(self.stderr_path, os.O_WRONLY | os.O_CREAT
                          | os.O_APPEND | os.O_CLOEXEC, 0o600)

        def prepare():
            for fd, kind in ((0, stdin), (1, stdout)):
                if kind == "closed":
                    os.close(fd)
            if before is not None:
                before()

        self.started = time.monotonic()
        self.proc = subprocess.Popen(
            argv, stdin=child_in, stdout=child_out, stderr=err, env=env,
            cwd=cwd, preexec_fn=prepare, restore_signals=True)
        self.pid = self.proc.pid
        if self.stderr_path is not None:
            os.close(err)
        for fd in (self.inp, self.out):
            if fd is not None:
                flags = fcntl.fcntl(fd, fcntl.F_GETFL)
                fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_NONBLOCK)
        if not keep:
            self.drop_child_ends()

    @staticmethod
    def ends(kind, writing):
        """(our end, the program's end)"""
        if kind == "pipe":
            r, w = os.pipe()
            return (w, r) if writing else (r, w)
        if kind in ("socket", "both"):
            a, b = socket.socketpair()
            return a.detach(), b.detach()
        if kind == "closed":
            return None, None
        return None, os.dup(kind)

    def drop_child_ends(self):
        for name, fd in list(self.child_fds.items()):
            if fd is not None:
                os.close(fd)
            self.child_fds[name] = None

    # Sending

    def send(self, data, timeout=30.0):
        """Writes all bytes, reading meanwhile unless reading is off."""
        end = time.monotonic() + timeout
        view = memoryview(data)
        while view:
            poll = select.poll()
            poll.register(self.inp, select.POLLOUT)
            if self.reading and self.out is not None and not self.eof:
                poll.register(self.out, select.POLLIN)
            left = end - time.monotonic()
            events = dict(poll.poll(max(0, left * 1000)))
            if not events:
                raise Trouble("cannot send: %d bytes left" % len(view))
            if events.get(self.out):
                self.fill_buffer()
            if events.get(self.inp):
                try:
                    view = view[os.write(self.inp, view[:1 << 20]):]
                except BlockingIOError:
                    continue
                except (BrokenPipeError, ConnectionResetError):
                    raise Trouble("the reader is gone") from None

    def send_some(self, data, timeout=0.3):
        """Writes what is taken until nothing is for timeout; the count."""
        done = 0
        poll = select.poll()
        poll.register(self.inp, select.POLLOUT)
        while done < len(data) and poll.poll(timeout * 1000):
            try:
                done += os.write(self.inp, data[done:done + (1 << 16)])
            except BlockingIOError:
                continue
        return done

    def send_line(self, message):
        if not isinstance(message, (bytes, bytearray)):
            message = json.dumps(message, separators=(",", ":")).encode()
        self.send(bytes(message) + b"\n")

    def close_stdin(self):
        note_kin(self.mark, self.pid)
        if self.inp is not None:
            if self.out is not None and os.path.sameopenfile(
                    self.inp, self.out):
                sock = socket.socket(fileno=os.dup(self.inp))
                sock.shutdown(socket.SHUT_WR)
                sock.close()
            os.close(self.inp)
            self.inp = None

    def close_stdout(self):
        os.close(self.out)
        self.out = None

    # Receiving

    def fill_buffer(self):
        try:
            data = os.read(self.out, 1 << 20)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if data:
            self.buf += data
        else:
            self.eof = True

    def line(self, timeout=10.0):
        """The next line without its LF; None at the end of file."""
        end = time.monotonic() + timeout
        while True:
            at = self.buf.find(b"\n", self.seen)
            if at >= 0:
                line = bytes(self.buf[:at])
                del self.buf[:at + 1]
                self.seen = 0
                return line
            self.seen = len(self.buf)
            if self.eof:
                return None
            left = end - time.monotonic()
            poll = select.poll()
            poll.register(self.out, select.POLLIN)
            if left <= 0 or not poll.poll(left * 1000):
                raise Trouble("no line within %g s" % timeout)
            self.fill_buffer()

    def rest(self, timeout=10.0):
        """All lines up to the end of file."""
        lines = []
        while True:
            line = self.line(timeout)
            if line is None:
                return lines
            lines.append(line)

    def quiet(self, seconds):
        """Nothing may arrive for that long."""
        try:
            line = self.line(seconds)
        except Trouble:
            return
        raise Trouble("unexpected: %r" % line)

    # The end

    def signal(self, number):
        note_kin(self.mark, self.pid)
        os.kill(self.pid, number)

    def wait(self, timeout=10.0):
        """The exit status, 128+n for a signal."""
        try:
            status = self.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Trouble("still running after %g s" % timeout) from None
        return status if status >= 0 else 128 - status

    def stderr(self):
        if self.stderr_path is None:
            return ""
        with open(self.stderr_path, "rb") as file:
            return file.read().decode("utf-8", "replace")

    def release(self):
        """Closes what is open and leaves no process; True if it had to."""
        forced = False
        self.drop_child_ends()
        for fd in (self.inp, self.out):
            if fd is not None:
                os.close(fd)
        self.inp = self.out = None
        if self.proc.poll() is None:
            try:
                self.proc.wait(5)
            except subprocess.TimeoutExpired:
                forced = True
                self.proc.kill()
                self.proc.wait()
        return forced
