#!/usr/bin/env -S python3 -B
"""What the documents show works as it is printed.

README.md: commands with what they print, and policies; mcpshield-policy(5):
the policies of its examples.  Numbers of lines in a shipped policy may differ.
"""
import os
import re
import subprocess

from lib import SHIELD, TOP, case, check, equal, main, run, test


def text_of(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


README = text_of("README.md")
POLICY_5 = text_of("man/mcpshield-policy.5")


def blocks(language):
    return re.findall(r"^```%s\n(.*?)^```$" % language, README, re.M | re.S)


def commands():
    """(command, what it prints) of the blocks that show a terminal."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, printed = part.partition("\n")
            yield command, printed


def unnumbered(text):
    return re.sub(r"(builtin:[a-z]+):\d+", r"\1:N", text)


def works(command, printed):
    os.mkdir("bin")
    os.symlink(SHIELD, "bin/mcpshield-stdio")
    env = dict(os.environ, PATH=os.path.abspath("bin") + ":" +
               os.environ["PATH"])
    done = subprocess.run(["sh", "-c", command], env=env, text=True,
                          capture_output=True, timeout=20, check=False)
    equal(unnumbered(done.stdout), unnumbered(printed), done.stderr)


def is_sound(text):
    with open("example.yaml", "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod("example.yaml", 0o600)
    equal(run("policy", "check", "example.yaml"),
          (0, "example.yaml: ok\n", ""))


def policies():
    for text in blocks("yaml"):
        if "version: 1" in text:
            yield "README.md", text
    for text in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", POLICY_5,
                           re.M | re.S):
        text = text.replace("\\(dq", '"').replace("\\&", "")
        if text.startswith("- id:"):  # a rule by itself
            text = "version: 1\nrules:\n" + text
        yield "mcpshield-policy(5)", text


@test("the policy of README.md does what the text says of it")
def _():
    text, = [t for t in blocks("yaml") if t.startswith("# files.yaml")]
    is_sound(text)
    os.rename("example.yaml", "files.yaml")
    for path, status in (("/etc/hostname", 1), ("~/docs/a", 0)):
        path = path.replace("~", os.environ["HOME"])
        got = run("inspect", "-p", "./files.yaml", "read_text_file",
                  '{"path":"%s"}' % path)
        equal(got[0], status, got[1])
    got = run("inspect", "-p", "./files.yaml", "write_file", "{}")
    equal(got[0], 1, got[1])


@test("there is something to try")
def _():
    check(len(list(commands())) >= 5 and len(list(policies())) >= 5,
          "the documents hold no examples any more")


for one, out in commands():
    case("README.md: " + one, works, one, out)
for where, example in policies():
    case("%s: %s" % (where, " ".join(example.split())[:60]), is_sound,
         example)
main()
