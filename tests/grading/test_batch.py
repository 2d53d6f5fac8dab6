"""Many submissions: seeds, records and the order of grading."""

import os

import pytest

from grading.batch import GradingConfig, as_task, choose_seed, grade_all, note_seed
from grading.executors import ExecutorError
from grading.grade import hidden_seed
from grading.sandbox import Limits, SandboxError
from grading.submissions import Submission
from tests.support.submissions import COUNT, notebook

pytest.importorskip("fcntl", reason="sandboxes need Linux")


def test_an_interrupted_grading_keeps_its_seed(tmp_path):
    seed = choose_seed(tmp_path)
    assert choose_seed(tmp_path) == seed
    assert choose_seed(tmp_path, 9) == 9
    note_seed(tmp_path, 9, finished=True)
    assert len({choose_seed(tmp_path / str(n)) for n in range(5)}) > 1
    assert hidden_seed(1, "2.1") != hidden_seed(1, "2.2") != hidden_seed(2, "2.2")


def test_feedback_is_recorded_by_language(monkeypatch):
    submission = Submission("ada", "a.ipynb", notebook([COUNT]))
    config = GradingConfig(1, ("02",), Limits())
    key = as_task(submission, config, "checks").key
    assert key == as_task(submission, config, "checks").key
    monkeypatch.setenv("COURSE_LANG", "es")
    assert key != as_task(submission, config, "checks").key


class Recorder:
    """An executor that grades at once, and reports a given duration."""

    def __init__(self, seconds=0.0, dies_at=None):
        self.seen, self._seconds, self._dies_at = [], seconds, dies_at
        self.alone = []

    def grade(self, tasks):
        for task in tasks:
            name = task.cells[0].split("\n")[0]
            self.seen.append(name)
            self.alone.append(task.alone)
            if name == self._dies_at:
                # As where a process is killed: nothing after this is done.
                os._exit(9)
            mark = {"exercise": "2.5", "title": "", "points": 1, "most": 1}
            mark |= {"state": "correct", "reason": ""}
            marks = {"marks": [mark], "notes": {}, "seconds": self._seconds}
            yield task, {"marks": marks}


def handed_in(names):
    """Submissions called "student/file", each of its own kind."""
    for name in names:
        yield Submission(name.partition("/")[0], name, notebook([f"# {name}{COUNT}"]))


def graded(names, records, crew, **limits):
    order = GradingConfig(1, ("02",), Limits(**limits))
    return grade_all(handed_in(names), order, records, crew)


def test_the_first_file_of_every_student_comes_before_any_second(tmp_path):
    names = ["a/1", "a/2", "a/3", "b/1", "b/2", "c/1"]
    crew = Recorder()
    results = graded(names, tmp_path, crew)
    assert crew.seen == ["# a/1", "# b/1", "# c/1", "# a/2", "# b/2", "# a/3"]
    assert [one.submission.name for one in results] == names


def test_a_student_who_takes_all_the_time_gets_no_more(tmp_path):
    names = [*(f"greedy/{n:03}" for n in range(500)), "modest/1"]
    crew = Recorder(seconds=100)
    results = graded(names, tmp_path, crew, student_seconds=250)
    assert crew.seen == ["# greedy/000", "# modest/1", "# greedy/001", "# greedy/002"]
    problems = [one.problem for one in results if one.problem]
    assert len(problems) == 497
    assert "have taken all of the 250 seconds" in problems[0]
    # A rerun comes to the same, and grades nothing.
    again = Recorder()
    assert graded(names, tmp_path, again, student_seconds=250) == results
    assert again.seen == []


def dies(names, records, at):
    """Grade in a process that ends in the middle of it."""
    child = os.fork()
    if child == 0:
        graded(names, records, Recorder(dies_at=at))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_two_deaths_the_rest_is_graded(tmp_path):
    names = ["a/1", "b/1", "c/1"]
    dies(names, tmp_path, "# b/1")
    (tmp_path / "half written.tmp").touch()
    dies(names, tmp_path, "# b/1")
    assert not (tmp_path / "half written.tmp").exists()
    crew = Recorder()
    results = graded(names, tmp_path, crew)
    # The suspect came last, the second time, so c has its record by then.
    assert crew.seen == []
    assert [bool(one.problem) for one in results] == [False, True, False]
    assert "ended twice" in results[1].problem
    (trying,) = tmp_path.glob("*.trying")
    assert trying.name in results[1].problem
    trying.unlink()
    assert not any(one.problem for one in graded(names, tmp_path, Recorder()))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_one_death_the_suspect_is_tried_last_and_alone(tmp_path):
    names = ["a/1", "b/1", "c/1"]
    dies(names, tmp_path, "# a/1")
    crew = Recorder()
    assert not any(one.problem for one in graded(names, tmp_path, crew))
    assert crew.seen == ["# b/1", "# c/1", "# a/1"]
    assert crew.alone == [False, False, True]
    assert list(tmp_path.glob("*.trying")) == []


def test_what_fails_in_good_order_is_no_suspect(tmp_path):
    class Failing(Recorder):
        def grade(self, tasks):
            next(tasks)
            next(tasks)
            raise SandboxError("no more today")
            yield

    with pytest.raises(SandboxError):
        graded(["a/1", "b/1"], tmp_path, Failing())
    assert list(tmp_path.glob("*.trying")) == []


def test_two_gradings_of_one_folder_are_refused(tmp_path):
    class Twice(Recorder):
        def grade(self, tasks):
            with pytest.raises(ExecutorError, match="Another grading is at work"):
                graded(["a/1"], tmp_path, Recorder())
            yield from super().grade(tasks)

    assert len(graded(["a/1"], tmp_path, Twice())) == 1
