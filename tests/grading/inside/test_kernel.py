"""How a submission's statements run, in a process of its own."""

import json
import subprocess
import sys

import pytest

RUN = """
import json, sys
from grading.inside.cells import statements
from grading.inside.kernel import Kernel, place_of

kernel = Kernel({"9.1": ["one"], "9.2": ["two", "three"]})
request = json.loads(sys.argv[1])
kernel.write_modules(request.get("modules", {}))
for number, (sources, names) in request.get("given", {}).items():
    kernel.give(number, sources, names)
errors = []
for place, source in enumerate(request["cells"]):
    try:
        numbers = range(len(statements(source)))
    except SyntaxError:
        numbers = [0]
    for number in numbers:
        try:
            kernel.run(place, source, number)
        except BaseException as error:
            place_and_names = place_of(error), kernel.bound_by(place, source, number)
            errors.append([number, *place_and_names])
values = [
    one() if callable(one) else one
    for names in (["one"], ["two", "three"])
    for one in kernel.answers(names)
]
print(json.dumps({"errors": errors, "values": values}), file=sys.__stdout__)
"""


def run(folder, *cells, **more):
    """Run cells; what they raised, and what the answers to 9.1 and 9.2 return."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps({"cells": cells, **more})],
        capture_output=True,
        text=True,
        cwd=folder,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return found["errors"], found["values"]


ONE = "from helpers import check\ndef one():\n    return 1"


FORGIVEN = [
    *("!ls", "!!ls", "x = !ls", "%pip install x", "%conda install x", "%sx ls"),
    *("x = %sx ls", "%system ls", "%cd nowhere", "%matplotlib inline", "%pylab"),
    *("%matplotlib widget", "%gui qt", "%load_ext nothing", "%autoreload 2"),
    *("%config A.b = 1", "%ls", "%mkdir x", "!nvidia-smi", "exit()", "quit()"),
]

FAILING = {
    "import nothing_of_that_name as nothing": "ModuleNotFoundError",
    "from google.colab import drive": "ModuleNotFoundError",
    "name = input()": "EOFError",
    "open('/content/drive/mine.csv')": "FileNotFoundError",
    "get_ipython().kernel.do_shutdown(True)": "AttributeError",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "raise SystemExit": "SystemExit",
    "%nothing_of_that_name": "UsageError",
}


def test_what_a_kernel_forgives_is_forgiven(tmp_path):
    errors, values = run(tmp_path, "\n".join(["# why", *FORGIVEN, ONE]))
    assert (errors, values[0]) == ([], 1)


def test_a_statement_that_fails_costs_itself(tmp_path):
    errors, values = run(tmp_path, "\n".join(["", *FAILING, ONE]))
    found = [(place["error"], place["cell"], place["line"]) for _, place, _ in errors]
    expected = [(error, 0, n) for n, error in enumerate(FAILING.values(), start=2)]
    assert (found, values[0]) == (expected, 1)


def test_a_cell_that_cannot_be_parsed_still_lists_its_names(tmp_path):
    broken = "@lru_cache\ndef one():\n    a = f(1\n    return a\nclass K:\nx = 1"
    errors, _ = run(tmp_path, broken, ONE)
    error = {"error": "SyntaxError", "line": 3}
    assert errors == [[0, error, ["K", "one", "x"]]]
    broken = (
        "import a.b, numpy as np\nfrom c import (\n    d,\n    e as f,\n)\nnote to me"
    )
    errors, _ = run(tmp_path, broken, ONE)
    assert errors[0][2] == ["a", "d", "f", "np"]


def test_missing_names_and_bound_names_are_reported(tmp_path):
    errors, _ = run(tmp_path, ONE, "table = load(missing)\ntable[0] = 1")
    assert [(place["missing"], bound) for _, place, bound in errors] == [
        ("load", ["table"]),
        ("table", []),
    ]


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ([ONE, "check('9.1', one)", "one = one()"], 1),
        ([ONE, "one = one()"], 1),
        ([ONE, "for one in (1, 2):\n    pass", "del one"], 1),
        ([ONE, "check('9.1', one)", "def one():\n    return 2"], 2),
        ([ONE, "def one():\n    return 2", "check('9.1', one)", "one = 3"], 2),
        ([ONE, "def other():\n    return 4", "check('9.1', other)"], 4),
        ([ONE, "k = 1\ndef one():\n    return k", "check('9.1', one)\nk = 2"], 1),
        ([ONE, "k = 1\ndef one():\n    return k", "k = 2"], 2),
        (["k = 1\n" + ONE, "check('9.1', one)", "def f():\n    return k\none = f"], 1),
        ([ONE, "check('9.1', None)", "check('9.1', one, one)"], 1),
        (["check('9.1', one)", ONE], 1),
    ],
)
def test_what_counts_is_what_the_check_was_handed(cells, value, tmp_path):
    _, values = run(tmp_path, *cells)
    assert values[0] == value


def test_each_exercise_gets_its_own_values_of_a_name(tmp_path):
    _, values = run(
        tmp_path,
        ONE,
        "k = 1\ndef one():\n    return k\ncheck('9.1', one)",
        "k = 2\ndef two():\n    return k\ndef three():\n    return one() + k",
        "check('9.2', two, three)\nk = 3\none = two = None",
    )
    assert values == [1, 2, 4]


def test_the_courses_answer_is_used_despite_names_in_the_notebook(tmp_path):
    given = {"9.1": [["k = 7", "def one():\n    return k"], ["one"]]}
    modules = {"mine.py": "def one():\n    return 0\ndef three():\n    return one()"}
    errors, values = run(
        tmp_path,
        "import mine\none = mine.one\nsame = one",
        "def one():\n    return 1",
        "def two():\n    return same() + one()\ndef three():\n    return mine.three()",
        given=given,
        modules=modules,
    )
    assert (errors, values) == ([], [7, 14, 7])


def test_modules_beside_the_notebook_can_be_imported(tmp_path):
    modules = {"mine.py": "k = 1", "tools/__init__.py": "", "tools/of.py": "k = 2"}
    errors, values = run(
        tmp_path,
        "import os, sys\nos.chdir('/')\nsys.stdout = None\nprint(1)",
        "import mine\nfrom tools.of import k\ndef one():\n    return mine.k + k",
        modules=modules,
    )
    assert (errors, values[0]) == ([], 3)


def test_a_module_that_the_notebook_writes_can_be_imported(tmp_path):
    errors, values = run(
        tmp_path,
        "import os",
        "%%writefile mine.py\nk = 5",
        "import mine\ndef one():\n    return mine.k",
    )
    assert (errors, values[0]) == ([], 5)


def test_futures_and_await_reach_beyond_their_statement(tmp_path):
    errors, values = run(
        tmp_path,
        "from __future__ import annotations",
        "import asyncio\nvalue = await asyncio.sleep(0, 6)",
        "def one() -> Nothing:\n    return value",
        "import inspect\nassert 'return value' in inspect.getsource(one)",
    )
    assert (errors, values[0]) == ([], 6)
