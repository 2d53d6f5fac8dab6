"""One submission's process, as the judge's side sees it; no sandbox is needed here."""

import contextlib
import os
import socket
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grading import grade, sandbox, session
from grading.grade import Mark
from grading.proxies import Channel, RemoteFunction, RemoteModel
from grading.sandbox import Limits
from grading.session import Died, Session, is_module
from helpers.checks.asserts import NotAttempted, NotYet
from helpers.checks.proxies import Callback
from helpers.checks.runner import lesson_exercises


def submission(cells=("a = f(1)", "b = a", "c = 3"), **more):
    sandbox = SimpleNamespace(limits=Limits(), end=lambda: None)
    wanted = {number: one.takes for number, one in lesson_exercises("06").items()}
    return Session(sandbox, list(cells), wanted, **more)


@pytest.mark.parametrize("path", ["utils.py", "tools/__init__.py", "a/b_2/c.py"])
def test_a_module_that_can_be_imported(path):
    assert is_module(path)


@pytest.mark.parametrize(
    "path",
    [
        *("/etc/a.py", "../a.py", "a/../b.py", "a/./b.py", "a//b.py", ".py", "a.txt"),
        *("2a.py", "a b.py", "a.b.py", "a\n.py", "a.py\n", "a\\b.py", "", None, 7),
    ],
)
def test_no_module(path):
    assert not is_module(path)
    assert submission(modules={path: "k = 1"}).modules == {}


def test_the_true_cause_is_the_first_of_a_chain():
    asked = submission()
    first = {"error": "ValueError", "cell": 0, "line": 1, "binds": ["a"]}
    then = {"error": "NameError", "cell": 1, "line": 1, "binds": ["b"], "missing": "a"}
    asked.record_failure((0, 0), "It stopped with ValueError.", first)
    asked.record_failure((1, 0), "It stopped with NameError.", then)
    why = asked.why_missing("b")
    assert why.startswith("What should define `a` did not run through.")
    assert why.endswith("ValueError.")
    assert asked.why_missing("c") == ""
    assert asked.notes == {
        0: "It stopped with ValueError.",
        1: "It stopped with NameError.",
    }


def test_a_chain_that_leads_to_itself_ends():
    asked = submission()
    asked.record_failure((0, 0), "One.", {"binds": ["a"], "missing": "b"})
    asked.record_failure((1, 0), "Two.", {"binds": ["b"], "missing": "a"})
    assert "`b`" in asked.why_missing("a")


def test_lies_about_failures_are_no_names():
    asked = submission()
    asked.record_failure(
        (0, 0), "One.", {"binds": [7, "a b", "<b>", "x" * 100], "missing": []}
    )
    for name in (7, "a b", "<b>", "x" * 100):
        assert asked.why_missing(name) == ""
    asked.record_failure((0, 1), "Two.", {"binds": {"a": 1}})
    assert asked.why_missing("a") == ""


def test_a_cell_has_a_few_notes():
    asked = submission()
    for statement in range(9):
        asked.record_failure((0, statement), f"Note {statement}.")
    assert asked.notes == {0: "Note 0. Note 1. Note 2."}


@pytest.mark.parametrize(
    ("spent", "shown"), [(0, "10"), (0.0338, "10"), (2.51, "7.5"), (99, "2")]
)
def test_a_stopped_cell_is_reported_in_readable_seconds(monkeypatch, spent, shown):
    monkeypatch.setattr(session, "load_factor", lambda: 1.0)
    asked = submission()
    asked._spent[0] = spent
    asked.ask = lambda *_, **__: {"status": "too_long"}
    asked._run((0, 0))
    assert asked.notes == {0: f"It was stopped after {shown} seconds."}


@pytest.mark.parametrize(
    "run", [7, [[0]], [["0", 0]], [[9, 0]], [[0, -1]], [[0, True]], {"a": 1}]
)
def test_a_plan_of_a_wrong_form_is_refused(run):
    with pytest.raises((ValueError, TypeError)):
        session.places(run, 3)


@pytest.fixture
def clock(monkeypatch):
    """A clock and a load of one's own; waiting takes as long as it may."""
    now = SimpleNamespace(seconds=0.0, load=[1.0])

    def wait(*_):
        now.seconds += session.PULSE
        if len(now.load) > 1:
            del now.load[0]
        return [], [], []

    monkeypatch.setattr(session.time, "monotonic", lambda: now.seconds)
    monkeypatch.setattr(session, "load_factor", lambda: now.load[0])
    monkeypatch.setattr(session.select, "select", wait)
    monkeypatch.setattr(session, "send", lambda *_: None)
    return now


@pytest.mark.parametrize(
    ("load", "seconds"),
    [
        ([1.0], 40),
        ([3.0], 120),
        # It gets busy only after the question was asked.
        ([1.0] * 10 + [3.0], 110),
    ],
)
def test_a_call_costs_itself_however_busy_the_computer_becomes(clock, load, seconds):
    clock.load = load
    asked = submission()
    asked._pipe, asked._number = SimpleNamespace(close=lambda: None), 0
    with pytest.raises(session.Died, match="did not come back"):
        asked.ask("call", 10)
    assert clock.seconds == pytest.approx(seconds, abs=2)
    # There is time left for all others.
    assert asked._time.left() > 100


def test_a_submission_does_not_last_longer_than_it_may(clock):
    asked = submission()
    for _ in range(4):
        asked._pipe, asked._number = SimpleNamespace(close=lambda: None), 0
        with pytest.raises(session.Died):
            asked.ask("call", 10)
    assert clock.seconds == pytest.approx(150, abs=2)
    with pytest.raises(session.DiedForGood, match="used up"):
        asked._start()


def marks(**states):
    return [
        Mark(f"6.{number[1:]}", "", 0, 1, state, "") for number, state in states.items()
    ]


@pytest.mark.parametrize(
    ("uses", "states", "given"),
    [
        (["6.1", "6.2"], {"e1": "correct", "e2": "not yet"}, ["6.2"]),
        (["6.1", "6.2"], {"e1": "not attempted", "e2": "correct"}, ["6.1"]),
        (["6.1"], {"e1": "correct", "e2": "not yet"}, []),
        # Its own answer, or one that is still to be judged, is never given.
        (["6.3", "6.4", "6.5"], {"e1": "not yet", "e2": "not yet"}, []),
    ],
)
def test_answers_are_given_to_what_was_judged_for_good(uses, states, given):
    asked = SimpleNamespace(uses=lambda number: uses)
    exercise = lesson_exercises("06")["6.3"]
    found = grade.stand_ins(asked, marks(**states), exercise)
    assert list(found) == given
    for number, (sources, names) in found.items():
        assert names == list(lesson_exercises("06")[number].takes)
        # Of later exercises, no answer stands in it.
        text = "\n".join(sources)
        assert "def most_similar" not in text
        assert ("def cosines_with" in text) == (number == "6.2")


def test_without_answers_nothing_is_given(monkeypatch, tmp_path):
    monkeypatch.setattr(grade.answer_key, "FOLDER", tmp_path)
    asked = SimpleNamespace(uses=lambda number: ["6.1"])
    exercise = lesson_exercises("06")["6.3"]
    assert grade.stand_ins(asked, marks(e1="not yet"), exercise) == {}


def test_what_students_read_is_in_the_language_of_the_class(monkeypatch):
    said = []
    monkeypatch.setattr(
        session, "gettext", lambda text, /, **_: said.append(text) or text
    )
    monkeypatch.setattr(grade, "gettext", session.gettext)
    asked = submission()
    asked.line({"cell": 0, "line": 1})
    for error in ("too late", "nobody there", "a message of a wrong form"):
        session.in_words(error, 10)
    asked.record_failure((0, 0), "One.", {"binds": ["a"]})
    asked.why_missing("a")
    assert len(said) == 5


def test_the_judge_has_more_patience_on_a_busy_computer(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for load, factor in ((0.1, 1), (4.0, 2), (100.0, 3)):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 0, 0))
        assert session.load_factor() == factor


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["function", "other", "stub", "stopped", "list", "int", "2.1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["is", "handle", "type", "list", "array", "model", "2.1"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


KNOWN = {
    "objects": [{"is": "function", "handle": 1}],
    "value": {"list": [1, {"float": "1.5"}]},
    "problem": "stopped",
    "of": "2.1",
    "error": "ValueError",
    "cell": 0,
    "line": 1,
    "callback": 0,
    "arguments": {"tuple": [1]},
    "run": [[0, 0], [1, 0]],
    "needs": {"2.1": [[0, 0]]},
    "uses": {"2.1": ["2.2"]},
    "status": "error",
    "binds": ["f"],
    "missing": "g",
    "about": {"layer": "user", "argument": "x"},
}


ANSWERS = st.fixed_dictionaries(
    {}, optional={name: st.just(known) | ODD for name, known in KNOWN.items()}
)


def answering(answer, monkeypatch):
    """A session at work whose process gives one answer to everything."""

    def receive(*_):
        return {**answer, "n": at_work._number, "token": at_work._token}

    def fork():
        ours, theirs = socket.socketpair()
        theirs.close()
        return ours

    box = SimpleNamespace(limits=sandbox.Limits(), fork=fork)
    box.end = lambda: None
    at_work = session.Session(box, ["def f(x):", "f = 1"], {"2.1": ["f"]})
    monkeypatch.setattr(session, "send", lambda *_: None)
    monkeypatch.setattr(session, "receive", receive)
    monkeypatch.setattr(session, "MOST_CALLBACKS", 3)
    return at_work


def test_an_answer_to_the_exercise_before_costs_no_other(monkeypatch):
    at_work = answering(
        {"run": [], "needs": {"6.1": []}, "uses": {"6.1": []}}, monkeypatch
    )
    at_work._wanted = {"6.1": ["f"]}
    exercise = lesson_exercises("06")["6.1"]
    known, late = session.receive, [1]

    def receive(*_):
        objects = {"objects": [None] * len(exercise.takes), **known()}
        return objects | {"n": 0} if at_work._number == 3 and late.pop() else objects

    at_work.prepare()
    monkeypatch.setattr(session, "receive", receive)
    found = grade._check_exercise(exercise, at_work, 1, [])
    assert (found.state, late, at_work._starts) == ("not attempted", [], 2)


@settings(max_examples=300)
@given(ANSWERS)
@example({"problem": "stopped", "says": ["f() takes 1"]})
@example({"objects": [{"is": "other", "type": []}]})
@example({"objects": [{"is": {}, "handle": []}]})
@example({"run": 7})
@example({"run": [[], "0", 0.0, True, 10**30]})
@example({"run": [[0, 0], [0, True], [10**30, 0]], "needs": 7, "uses": []})
@example({"run": [[0, 0]], "needs": {"2.1": [[0, -1]]}, "uses": {"2.1": 7}})
@example({"status": [], "binds": [[], {}, 7], "missing": {}})
@example({"problem": "changed", "about": {"argument": []}})
@example({"value": {"frame": [[], [], {"array": ["float16", [0], ""]}, None]}})
@example({"value": 1})
@example({"value": 1, "callback": [], "arguments": {}})
@example({"problem": [], "of": {}, "cell": "0", "line": {}, "error": []})
def test_any_answer_is_the_students_problem(answer):
    with pytest.MonkeyPatch.context() as patch:
        at_work = answering(answer, patch)
        line = Channel(at_work)
        with contextlib.suppress(Died):
            at_work.prepare()
        with contextlib.suppress(Died):
            at_work.prepare()
            line.objects(["f"], 1)
        for kind, methods in (
            (RemoteFunction, ("__call__", "error_of", "type_names")),
            (RemoteModel, ("__call__", "inputs", "weights", "training", "penalty")),
        ):
            for method in methods:
                with contextlib.suppress(Died, NotYet, NotAttempted):
                    at_work.prepare()
                    arguments = [Callback(lambda values: values)]
                    getattr(kind(line, 0, "f"), method)(*arguments)
        for said in (*at_work.notes.values(), at_work.why_missing("f")):
            assert isinstance(said, str)
