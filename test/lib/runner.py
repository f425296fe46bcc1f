# SPDX-License-Identifier: MIT
"""Runs a transcript against a server."""

from lib.client import history
from lib.server import PASSWORD
from lib.transcript import Mistake, Values

HELPER = "(helper)"     # the connection that directives append with


class Failure(Exception):
    """The server did not do what the transcript says."""


class Runner:
    """One run of one transcript.  ${source} is the client's own address: failed
    logins slow down all that come from the same one."""

    def __init__(self, transcript, server, rev, source, bytewise=False):
        self.steps = transcript.steps
        self.options = transcript.options
        self.server = server
        self.rev = rev
        self.source = source
        self.bytewise = bytewise and "whole" not in self.options
        self.values = Values()
        self.connections = {}
        self.pending = {}
        self.ended = set()
        self.user = None

    # -- connections --------------------------------------------------------

    def account(self):
        if self.user is None:
            self.user = self.server.add_user()
            self.values.known["user"] = self.user.encode()
        return self.user

    def connection(self, who):
        if who not in self.connections:
            strange = "strange" in self.options and who != HELPER
            connection = self.server.connect(
                self.options.get("listener", "imap"), self.source)
            self.connections[who] = connection
            self.pending[who] = b""
            if not strange:
                self.login(who)
            connection.bytewise = self.bytewise and who != HELPER
        return self.connections[who]

    def login(self, who):
        connection = self.connections[who]
        connection.login(self.account(), PASSWORD)
        if self.rev == 2 and who != HELPER:
            connection.ok("ENABLE IMAP4rev2")

    # -- steps --------------------------------------------------------------

    def run(self):
        if "strange" in self.options and self.names_user():
            self.account()
        try:
            at = 0
            while at < len(self.steps):
                at = self.run_step(at)
            self.finish()
        except (Failure, AssertionError, Mistake, Exception) as problem:
            number = self.steps[min(at, len(self.steps) - 1)].number
            raise Failure(self.report(number, problem)) from problem
        finally:
            for connection in self.connections.values():
                connection.close()

    def report(self, number, problem):
        lines = ["line %d: %s: %s" % (number, type(problem).__name__, problem)]
        for who, connection in self.connections.items():
            lines.append("-- connection %s, last lines:" % who)
            lines.append(history(connection))
        return "\n".join(lines)

    def names_user(self):
        return any("${user}" in str(step.pieces) for step in self.steps)

    def counts(self, step):
        digit = step.kind[1:2]
        return not digit.isdigit() or int(digit) == self.rev

    def run_step(self, at):
        """Run the step at ${at}; returns where to go on."""
        step = self.steps[at]
        if not self.counts(step):
            return at + 1
        if step.kind[0] == "%":
            getattr(self, "do_" + step.kind[1:])(step)
            return at + 1
        if step.kind[0] == "C":
            self.send(step)
            return at + 1
        if step.kind[-1] in "~?":
            return self.expect_any_order(at)
        self.expect(step)
        return at + 1

    # -- sending ------------------------------------------------------------

    def send(self, step):
        connection = self.connection(step.who)
        data = self.pending[step.who]
        for piece in step.pieces:
            if isinstance(piece, str):
                data += self.values.octets(piece)
                continue
            octets = self.values.octets(piece[2])
            data += b"%s{%d%s}\r\n" % (piece[0].encode(), len(octets),
                                       piece[1].encode())
            if not piece[1]:
                connection.send(data)
                response = connection.read()
                if response.tag != "+":
                    raise Failure("+ wanted, not %r" % response)
                data = b""
            data += octets
        if step.kind[-1] != "-":
            data += b"\r\n"
        if step.kind[-1] == "+":
            self.pending[step.who] = data
            return
        self.pending[step.who] = b""
        connection.send(data)

    # -- expecting ----------------------------------------------------------

    def expect(self, step):
        connection = self.connection(step.who)
        if step.kind == "S closed":
            connection.expect_end()
            self.ended.add(step.who)
        elif step.kind == "S silent":
            if not connection.silent():
                raise Failure("silence wanted, not %r" % connection.read())
        else:
            response = connection.read()
            if not self.values.matches(step.pieces, response.raw[:-2]):
                raise Failure("wanted: %s\ngot: %r" %
                              (describe(step), response))

    def expect_any_order(self, at):
        group = []
        who = self.steps[at].who
        while at < len(self.steps) and self.steps[at].who == who and \
                self.steps[at].kind[0] == "S" and \
                self.steps[at].kind[-1] in "~?":
            if self.counts(self.steps[at]):
                group.append(self.steps[at])
            at += 1
        self.take_group(group, self.following(at, who))
        return at

    def following(self, at, who):
        """The response that ends a group of any order."""
        for step in self.steps[at:]:
            if step.who == who and self.counts(step):
                return step if step.kind[0:2] in ("S:", "S1", "S2") else None
        return None

    def take_group(self, group, after):
        """Responses for each step of the group.  Optional ones may be missing;
        then what comes is already ${after}, and is put back."""
        connection = self.connection(group[0].who)
        while group:
            required = [step for step in group if step.kind[-1] == "~"]
            if not required and after is None:
                if connection.silent():
                    return
            response = connection.read()
            raw = response.raw[:-2]
            # Required ones first: an optional one may be less exact.
            for step in required + [s for s in group if s not in required]:
                if self.values.matches(step.pieces, raw):
                    group.remove(step)
                    break
            else:
                if required:
                    raise Failure("wanted, in any order:\n%s\ngot: %r" % (
                        "\n".join(map(describe, group)), response))
                connection.input[:0] = response.raw
                return

    # -- directives ---------------------------------------------------------

    def do_select(self, step, verb="SELECT"):
        connection = self.connection(step.who)
        untagged = connection.ok('%s "%s"' % (verb, step.pieces[0]))
        for response in untagged:
            if response.code_name in ("UIDVALIDITY", "UIDNEXT"):
                self.values.known[response.code_name.lower()] = \
                    b"%d" % response.code[1]

    def do_examine(self, step):
        self.do_select(step, "EXAMINE")

    def do_append(self, step):
        words = self.values.octets(step.pieces[0]).decode()
        self.connection(HELPER).ok(
            "APPEND " + words + " ", self.values.octets(step.octets))

    def do_deliver(self, step):
        user = step.pieces[0] or self.account()
        user = user.replace("${user}", self.account())
        self.server.deliver(user, self.values.octets(step.octets))

    def do_starttls(self, step):
        connection = self.connection(step.who)
        if connection.input:
            raise Failure("sent before TLS began: %r" % connection.input)
        connection.start_tls()

    def do_compress(self, step):
        self.connection(step.who).start_compression()

    def do_login(self, step):
        self.connection(step.who)
        self.login(step.who)

    def do_close(self, step):
        self.connection(step.who).close()
        self.ended.add(step.who)

    # -- the end ------------------------------------------------------------

    def finish(self):
        """Every connection must still be in step: LOGOUT gets its answer, and
        nothing but news of mailboxes comes before."""
        for who, connection in self.connections.items():
            if who in self.ended:
                continue
            untagged, tagged = connection.command("LOGOUT")
            names = [response.name for response in untagged]
            for name in names:
                if name not in ("BYE", "EXISTS", "EXPUNGE", "FETCH", "FLAGS",
                                "RECENT"):
                    raise Failure("at the end on %s: %r" % (who, untagged))
            if tagged.name != "OK" or "BYE" not in names:
                raise Failure("LOGOUT on %s: %r %r" % (who, untagged, tagged))
            connection.expect_end()


def describe(step):
    text = ""
    for piece in step.pieces:
        text += piece if isinstance(piece, str) else \
            "%s{#}\n%s" % (piece[0], piece[2])
    return step.kind + " " + text
