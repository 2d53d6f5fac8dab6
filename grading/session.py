"""Control one submission's process, and restart it when it dies.

All that it sends is untrusted. An answer must carry the request's number and the
process's token, have the right form and arrive in time; otherwise the process is ended.
"""

import os
import re
import secrets
import select
import time

from grading.inside.protocol import (
    REPLY_SECONDS,
    TOO_LARGE,
    ProtocolError,
    receive,
    send,
)
from helpers.i18n import gettext

MOST_STARTS = 6
START_SECONDS = 30
MOST_CALLBACKS = 5000
"""How many calls of a check's functions one request may lead to."""

PULSE = 0.5
"""Seconds between two readings of the computer's load, while waiting."""

MOST_NOTES = 3
"""The most notes about one cell."""

MODULE = re.compile(r"(?!\d)\w+")


class Died(Exception):
    """The process died or had to be ended; the message is for the student."""


class DiedForGood(Died):
    """The process died, and must not be started again."""


class Stray(Died):
    """Another process than the one asked has answered, or an answer came twice."""


class Timeout:
    """A time limit that is longer on a loaded computer.

    It follows the load while it runs.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds):
        self._left, self._seen = seconds, time.monotonic()

    def left(self):
        """Return the seconds that are left."""
        now = time.monotonic()
        self._left -= (now - self._seen) / load_factor()
        self._seen = now
        return self._left


class Session:
    """A submission that is being graded.

    Parameters
    ----------
    sandbox : grading.sandbox.Sandbox
    cells : list of str
    wanted : dict of str to sequence of str
        The names that each exercise asks for.
    all_cells : bool
        Also run the statements that no exercise needs.
    modules : dict of str to str, optional
        The source of the submission's own modules, by path: ``"utils.py"``,
        ``"tools/__init__.py"``. Other files are left out.
    """

    def __init__(self, sandbox, cells, wanted, all_cells=False, modules=None):
        self._sandbox, self.cells = sandbox, cells
        self._wanted = {number: list(names) for number, names in wanted.items()}
        self.limits = sandbox.limits
        self._all_cells = all_cells
        self.modules = {
            path: source for path, source in (modules or {}).items() if is_module(path)
        }
        self._given = {}
        self._plan = None
        self._needs, self._uses = {}, {}
        self._pipe = None
        self._starts = 0
        self._time = Timeout(self.limits.submission_seconds)
        self._left_out = set()
        self._sent = set()
        self._spent = {}
        self._failures = {}
        self._notes = {}
        self.missing = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def notes(self):
        """dict of int to str : why a cell failed."""
        notes = {}
        for (cell, _), note in sorted(self._notes.items(), key=_by_place):
            notes.setdefault(cell, []).append(note)
        return {cell: " ".join(found[:MOST_NOTES]) for cell, found in notes.items()}

    @property
    def is_alive(self):
        """bool : whether the process can answer requests."""
        return self._pipe is not None

    def stop(self):
        """End the process and all that it has started."""
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        self._sandbox.end()

    def prepare(self, given=None):
        """Start a process and run the statements, without those that kill it.

        Parameters
        ----------
        given : dict of str to (list of str, list of str), optional
            The sources and names of the course's answers to exercises whose marks are
            final. From now on they replace the submission's own, so never give the
            answer to an exercise that is still to be checked.

        Raises
        ------
        Died
            If the process cannot be started.
        """
        if new := {
            number: answer
            for number, answer in (given or {}).items()
            if number not in self._given
        }:
            self._given |= new
            self.stop()
            self._starts -= 1
        while not self.is_alive:
            at = None
            try:
                self._start()
                for at in self._plan:
                    if at not in self._left_out:
                        self._run(at)
                at = None
                return
            except DiedForGood:
                raise
            except Died as death:
                self.stop()
                if at is not None:
                    self._left_out.add(at)
                    self.record_failure(at, str(death))

    def uses(self, number):
        """Return the other exercises whose names an exercise's answer may need.

        Raises
        ------
        Died
            If the process cannot be started.
        """
        if self._plan is None:
            self.prepare()
        return self._uses.get(number, [])

    def ask(self, do, seconds, run_callback=None, **more):
        """Send one request, and return the answer.

        Parameters
        ----------
        do : str
            A request of `grading.inside.worker`.
        seconds : float
            The CPU time that the process may take.
        run_callback : callable, optional
            Called if, before it answers, the process calls a function of the check:
            gets that message, returns a dict.
        **more : object
            Values that JSON can hold.

        Returns
        -------
        dict

        Raises
        ------
        Died
        """
        if not self.is_alive:
            raise Died(gettext("The process of this notebook had already ended."))
        if self._time.left() <= 0:
            self.stop()
            raise Died(gettext("The time for one notebook was used up."))
        timeout = Timeout(seconds * self.limits.patience)
        self._number += 1
        request = {"n": self._number, "do": do, "seconds": seconds, **more}
        for _ in range(MOST_CALLBACKS):
            try:
                send(self._pipe, request, time.monotonic() + timeout.left())
                self._wait(timeout)
                answer = receive(self._pipe, time.monotonic() + REPLY_SECONDS)
            except ProtocolError as error:
                self.stop()
                raise Died(in_words(str(error), seconds)) from None
            if answer.get("n") != self._number or answer.get("token") != self._token:
                self.stop()
                raise Stray(
                    gettext(
                        "Something else than this course answered in your notebook."
                    )
                )
            if run_callback is None or "callback" not in answer:
                if isinstance(name := answer.get("missing"), str):
                    self.missing.append(name)
                return answer
            request = run_callback(answer)
        self.stop()
        raise Died(
            gettext("Your code called a function that it was handed far too often.")
        )

    def _wait(self, timeout):
        """Wait until there is something to read."""
        while min(timeout.left(), self._time.left()) > 0:
            if select.select([self._pipe], [], [], PULSE)[0]:
                return
        raise ProtocolError("too late")

    def _start(self):
        if self._starts == MOST_STARTS:
            raise DiedForGood(gettext("Python ended too often."))
        if self._time.left() <= 0:
            raise DiedForGood(gettext("The time for one notebook was used up."))
        self._starts += 1
        self._number, self._token = 0, secrets.token_hex(16)
        self._pipe = self._sandbox.fork()
        try:
            send(self._pipe, {"token": self._token}, time.monotonic() + START_SECONDS)
            receive(self._pipe, time.monotonic() + START_SECONDS)
        except ProtocolError as error:
            self.stop()
            raise Died(in_words(str(error), START_SECONDS)) from None
        self._sent.clear()
        self._failures.clear()
        given = [
            {"number": number, "sources": sources, "names": list(names)}
            for number, (sources, names) in self._given.items()
        ]
        about = {"wanted": self._wanted, "modules": self.modules, "given": given}
        self.ask("begin", START_SECONDS, **about)
        if self._plan is None:
            self._choose()

    def _choose(self):
        # The fallback, if a cell crashes the parser: run whole cells, one by one.
        self._plan = [(cell, None) for cell in range(len(self.cells))]
        answer = self.ask(
            "plan",
            START_SECONDS,
            cells=self.cells,
            wanted=self._wanted,
            everything=self._all_cells,
        )
        try:
            self._plan = places(answer["run"], len(self.cells))
            self._needs = {
                number: set(places(answer["needs"][number], len(self.cells)))
                for number in self._wanted
            }
            self._uses = {
                number: [
                    other for other in self._wanted if other in answer["uses"][number]
                ]
                for number in self._wanted
            }
        except (TypeError, KeyError, ValueError):
            self.stop()
            raise Died(
                gettext("Your notebook sent a message of a wrong form.")
            ) from None

    def _run(self, at):
        cell, statement = at
        # After a restart, a cell gets only the rest of its time, but at least a fifth.
        all_of_it = self.limits.cell_seconds
        left = all_of_it - self._spent.get(cell, 0) / load_factor()
        seconds = max(left, all_of_it / 5)
        if at in self._notes:
            seconds = all_of_it / 5
        source = {} if cell in self._sent else {"source": self.cells[cell]}
        self._sent.add(cell)
        started = time.monotonic()
        answer = self.ask(
            "statement", seconds, place=cell, statement=statement, **source
        )
        self._spent[cell] = self._spent.get(cell, 0) + time.monotonic() - started
        status = answer.get("status")
        if status == "too_long":
            text = gettext(
                "It was stopped after {seconds} seconds.",
                seconds=f"{round(seconds, 1):g}",
            )
            self.record_failure(at, text, answer)
        elif status != "ok":
            text = gettext(
                "It stopped with {error}{where}.",
                error=error_name(answer),
                where=self.line(answer),
            )
            self.record_failure(at, text, answer)

    def record_failure(self, at, text, answer=None):
        """Note why a statement failed, and which names it should have bound.

        Parameters
        ----------
        at : (int, int or None)
            The cell and the statement; None for a whole cell.
        text : str
        answer : dict, optional
            The process's answer, untrusted; may contain ``binds`` and ``missing``.
        """
        answer = answer or {}
        self._notes.setdefault(at, text)
        binds = answer.get("binds")
        self._failures[at] = {
            "text": text,
            "binds": set(filter(is_name, binds if isinstance(binds, list) else ())),
            "missing": answer.get("missing"),
        }

    def why_missing(self, name):
        """Explain which failed statement should have defined a name.

        Parameters
        ----------
        name : str

        Returns
        -------
        str
            Empty if no statement that binds the name has failed.
        """
        return self._why_missing(name, set())

    def _why_missing(self, name, asked):
        asked.add(name)
        for at in sorted(self._failures, key=lambda at: _by_place((at, ""))):
            failure = self._failures[at]
            if name not in failure["binds"]:
                continue
            other = failure["missing"]
            deeper = ""
            if is_name(other) and other not in asked:
                deeper = self._why_missing(other, asked)
            return deeper or gettext(
                "What should define `{name}` did not run through. {what}",
                name=name,
                what=failure["text"],
            )
        return ""

    def failed_for(self, number):
        """Return why statements failed that an exercise may need."""
        needs = self._needs.get(number, set())
        return [self._failures[at]["text"] for at in self._failures if at in needs]

    def line(self, answer):
        """Describe where an error occurred, and quote the line.

        Parameters
        ----------
        answer : dict
            May contain ``cell`` and ``line``.

        Returns
        -------
        str : `` in line 2 of its cell, `x = 1 / 0```; empty if unknown
        """
        cell, line = answer.get("cell"), answer.get("line")
        if type(cell) is not int or type(line) is not int:
            return ""
        if not 0 <= cell < len(self.cells):
            return ""
        lines = self.cells[cell].splitlines()
        if not 1 <= line <= len(lines):
            return ""
        text = lines[line - 1].strip()[:100].replace("`", "'")
        return gettext(" in line {line} of its cell, `{text}`", line=line, text=text)


def is_module(path):
    """Tell whether a path is that of a module beside a notebook.

    Parameters
    ----------
    path : str

    Returns
    -------
    bool : False for absolute paths, ``..`` and names that cannot be imported
    """
    if not isinstance(path, str) or not path.endswith(".py"):
        return False
    return all(map(MODULE.fullmatch, path.removesuffix(".py").split("/")))


def is_name(value):
    """Tell whether a value can be a name of the notebook's."""
    return isinstance(value, str) and value.isidentifier() and len(value) <= 60


def _by_place(note):
    (cell, statement), _ = note
    return cell, -1 if statement is None else statement


def places(value, n_cells):
    """Return pairs of a cell and a statement; raise ValueError for anything else."""
    places = [tuple(place) for place in value]
    for cell, statement in places:
        if type(cell) is not int or type(statement) is not int or statement < 0:
            raise ValueError("place")
        if not 0 <= cell < n_cells:
            raise ValueError("cell")
    return sorted(set(places))


def error_name(answer):
    """Return the name of an error's class, if it looks like one."""
    name = answer.get("error")
    if isinstance(name, str) and name.isidentifier() and len(name) <= 60:
        return name
    return gettext("an error")


def load_factor():
    """Return how many processes share a processor, between 1 and 3."""
    try:
        return min(max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)), 3.0)
    except (AttributeError, OSError):
        return 1.0


def in_words(error, seconds):
    """Say in words why a process has gone."""
    if error == "too late":
        return gettext(
            "Your code did not come back: it may compute for {seconds} seconds.",
            seconds=f"{seconds:g}",
        )
    if error == "nobody there":
        return gettext(
            "Your code ended Python itself: by `exit` or a signal, by taking more "
            "memory than a notebook may, or by computing on when it was to stop."
        )
    if error == TOO_LARGE:
        return gettext("Your notebook sent a message that is too large.")
    return gettext("Your notebook sent a message of a wrong form.")
