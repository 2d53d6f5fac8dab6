"""Fixtures of several test files."""

import os

import pytest
from hypothesis import settings

from tests.support.paths import ROOT
from tests.support.small_courses import make_course

# What takes longest comes first, in this order: so no worker begins with it when all
# others have ended. The lessons (by nbval) come before all of these.
SLOW = (
    "tests/browser/",
    "tests/lessons/",
    "tests/grading/test_grade.py",
    "tests/checks/lessons/",
    "tests/grading/test_cluster.py",
    "tests/grading/test_runner.py",
    "tests/grading/inside/test_isolation.py",
    "tests/helpers/cli/diagnostics/",
    "tests/helpers/cli/test_doctor.py",
    "tests/helpers/test_multi_worker.py",
    "tests/competition/",
    "tests/authoring/test_course.py",
    "tests/authoring/test_validate.py",
    "tests/authoring/test_nbval.py",
    "tests/authoring/test_derive.py",
    "tests/authoring/test_main.py",
    "tests/authoring/test_setup_cell.py",
    "tests/authoring/test_setup.py",
    "tests/authoring/test_slides.py",
    "tests/benchmarks/",
    "tests/grading/inside/test_kernel.py",
    "tests/helpers/cli/test_start.py",
    "tests/helpers/test_sources.py",
    "tests/helpers/test_quiet_tensorflow.py",
    "tests/grading/test_instructor_checks.py",
)

# The same examples each time: what fails was broken by the change that is tested. New
# ones are drawn by `HYPOTHESIS=random make test`, which the weekly run does. A busy
# computer is slow, so no example has a deadline.
settings.register_profile("same examples", derandomize=True, deadline=None)
settings.register_profile("random", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS", "same examples"))

# Tests compare English words, whatever their author reads.
os.environ.pop("COURSE_LANG", None)

# Workers side by side keep all cores busy: with one thread each, they need less CPU
# time to train. Kernels and other processes that they start inherit it.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ |= {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}

# Their own servers are on this computer, where a web proxy does not find them.
for name in ("no_proxy", "NO_PROXY"):
    known = os.environ.get(name)
    os.environ[name] = f"{known},127.0.0.1" if known else "127.0.0.1"


@pytest.fixture
def small_course(tmp_path):
    """A course of one lesson that has all that a lesson has."""
    return make_course(tmp_path / "course", "01_small.py")


def pytest_ignore_collect(collection_path, config):
    """Do not import the slow files where they are left out: it takes longest."""
    is_slow = place(collection_path) in range(len(SLOW))
    return (is_slow and config.option.markexpr == "not slow") or None


def pytest_collection_modifyitems(items):
    """Put the slow files first, and mark their tests."""
    for item in items:
        if place(item.path) in range(len(SLOW)):
            item.add_marker("slow")
    items.sort(key=lambda item: place(item.path))


def place(path):
    """Return a file's place in `SLOW`, with the lessons before and all others after."""
    path = f"{path.relative_to(ROOT).as_posix()}/"  # also of a folder
    if path.startswith("solutions/"):
        return -1
    starts = [path.startswith(slow) for slow in SLOW]
    return starts.index(True) if any(starts) else len(SLOW)


@pytest.fixture(autouse=True)
def _environment_stays():
    """Fail a test that changes the environment for the tests after it."""
    before = dict(os.environ)
    yield
    after = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    before.pop("PYTEST_CURRENT_TEST", None)
    assert after == before
