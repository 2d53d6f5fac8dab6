"""One submission's process: started, asked, and started again when it dies.

Whatever comes from it is hostile. A message counts if it bears the number of the
question and this process' token, is of the right form, and comes in time; at the
first that does not, the process is ended.
"""

import os
import secrets
import time

from grading.inside.wire import WireError, receive, send

MOST_STARTS = 6
START_SECONDS = 30
MOST_LENT = 5000
"""Calls of the judge's functions, in answer to one question."""


class Died(Exception):
    """The process is gone, or had to be ended; its text is for the student."""


class DiedForGood(Died):
    """No process will be started for this submission any more."""


class Session:
    """A submission at work.

    Parameters
    ----------
    sandbox : grading.sandbox.Sandbox
    cells : list of str
    wanted : list of str
        Names that the exercises ask for.
    all_cells : bool
        Also run the cells that no exercise needs.

    Attributes
    ----------
    notes : dict of int to str
        What happened to a cell that did not run through.
    """

    def __init__(self, sandbox, cells, wanted, all_cells=False):
        self.notes = {}
        self._sandbox, self.cells, self._wanted = sandbox, cells, wanted
        self.limits = sandbox.limits
        self._all_cells = all_cells
        self._plan = None
        self._pipe = None
        self._starts = 0
        self._end = time.monotonic() + self.limits.submission_seconds * _busyness()
        self._left_out = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def is_alive(self):
        """bool : whether questions can be asked."""
        return self._pipe is not None

    def stop(self):
        """End the process and everything that it has started."""
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        self._sandbox.end()

    def prepare(self):
        """Have a process in which the cells have run, those that kill it left out.

        Raises
        ------
        Died
            If there is no bringing it to life.
        """
        while not self.is_alive:
            cell = None
            try:
                self._start()
                for cell in self._plan:
                    if cell not in self._left_out:
                        self._run(cell)
                cell = None
                return
            except DiedForGood:
                raise
            except Died as death:
                self.stop()
                if cell is not None:
                    self._left_out.add(cell)
                    self.notes[cell] = str(death)

    def ask(self, do, seconds, lend=None, **more):
        """Ask one question.

        Parameters
        ----------
        do : str
            See `grading.inside.student`.
        seconds : float
            After which the alarm rings in there.
        lend : callable, optional
            Answers when, before its reply, the process calls a function of the
            judge's: gets that message, returns a dict.
        **more : object
            What JSON can hold.

        Returns
        -------
        dict

        Raises
        ------
        Died
        """
        if not self.is_alive:
            raise Died("The process of this notebook had already ended.")
        deadline = time.monotonic() + seconds * self.limits.patience * _busyness()
        if min(deadline, self._end) < time.monotonic() + 0.1:
            self.stop()
            raise Died("The time for one notebook was used up.")
        self._number += 1
        question = {"n": self._number, "do": do, "seconds": seconds, **more}
        for _ in range(MOST_LENT):
            try:
                send(self._pipe, question, min(deadline, self._end))
                answer = receive(self._pipe, min(deadline, self._end))
            except WireError as error:
                self.stop()
                raise Died(_in_words(str(error), seconds)) from None
            if answer.get("n") != self._number or answer.get("token") != self._token:
                self.stop()
                raise Died("Something else than this course answered in your notebook.")
            if lend is None or "lent" not in answer:
                return answer
            question = lend(answer)
        self.stop()
        raise Died("Your code called a function that it was handed far too often.")

    def _start(self):
        if self._starts == MOST_STARTS:
            raise DiedForGood("Python ended too often.")
        if time.monotonic() > self._end:
            raise DiedForGood("The time for one notebook was used up.")
        self._starts += 1
        self._number, self._token = 0, secrets.token_hex(16)
        self._pipe = self._sandbox.fork()
        try:
            send(self._pipe, {"token": self._token}, time.monotonic() + START_SECONDS)
            receive(self._pipe, time.monotonic() + START_SECONDS)
        except WireError as error:
            self.stop()
            raise Died(_in_words(str(error), START_SECONDS)) from None
        if self._plan is None:
            self._plan = self._choose()

    def _choose(self):
        everything = list(range(len(self.cells)))
        if self._all_cells:
            return everything
        try:
            answer = self.ask(
                "plan", START_SECONDS, cells=self.cells, wanted=self._wanted
            )
        except Died:
            # A text that ends the parser; IPython will meet it cell by cell.
            self._plan = everything
            raise
        run = answer.get("run")
        if not isinstance(run, list):
            self.stop()
            self._plan = everything
            raise Died("Your notebook sent a message of a wrong form.")
        known = {place for place in run if type(place) is int}
        return [place for place in everything if place in known]

    def _run(self, cell):
        # What a cell did before it was stopped counts, but not at the same price again.
        seconds = self.limits.cell_seconds / (5 if cell in self.notes else 1)
        answer = self.ask("cell", seconds, place=cell, source=self.cells[cell])
        status = answer.get("status")
        if status == "too long":
            self.notes[cell] = (
                f"It was stopped after {self.limits.cell_seconds:g} seconds."
            )
        elif status != "ok":
            self.notes[cell] = (
                f"It stopped with {error_name(answer)}{self.line(answer)}."
            )

    def line(self, answer):
        """Say where an error came up, in the words of the submission itself.

        Parameters
        ----------
        answer : dict
            With ``cell`` and ``line``, perhaps.

        Returns
        -------
        str : `` in line 2 of its cell, `x = 1 / 0```, or nothing
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
        return f" in line {line} of its cell, `{text}`"


def error_name(answer):
    """Return the name of an error's class, if it looks like one."""
    name = answer.get("error")
    if isinstance(name, str) and name.isidentifier() and len(name) <= 60:
        return name
    return "an error"


def _busyness():
    """Return how many processes share a processor: 1 to 3, whoever makes them."""
    try:
        return min(max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)), 3.0)
    except (AttributeError, OSError):
        return 1.0


def _in_words(error, seconds):
    if error == "too late":
        return f"Your code did not come back: it may compute for {seconds:g} seconds."
    if error == "nobody there":
        return (
            "Your code ended Python itself: by `exit` or a signal, by taking more "
            "memory than a notebook may, or by computing on when it was to stop."
        )
    return f"Your notebook sent {error}."
