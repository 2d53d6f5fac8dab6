"""Which statements of a notebook the grader runs."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.inside import slicing
from grading.inside.cells import statements
from grading.submissions import Submission, read_cells
from helpers.checks.runner import lesson_exercises
from tests.support.submissions import graded_lessons, lesson_file

IMPORTS = "import random\nimport numpy as np\nfrom contextlib import suppress"
ANSWER = "def answer(x):\n    return x + len(TABLE)"

# Cells that give `TABLE` its value: all of them have to run, statement by statement.
CHANGES = {
    "a loop": ["TABLE = []", "for i in range(3):\n    TABLE.append(i)"],
    "an if": ["TABLE = []", "if True:\n    TABLE.append(1)"],
    "a with": ["TABLE = []", "with suppress(ValueError):\n    TABLE.append(1)"],
    "a while": ["TABLE = []", "while len(TABLE) < 3:\n    TABLE.append(1)"],
    "a try": ["TABLE = []", "try:\n    TABLE.append(1)\nexcept ValueError:\n    pass"],
    "a comprehension": ["TABLE = []", "[TABLE.append(i) for i in range(3)]"],
    "an aliased row": ["TABLE = [[], []]", "for row in TABLE:\n    row.append(1)"],
    "a function that is handed it": [
        "TABLE = []",
        "def fill(table):\n    for i in range(3):\n        table.append(i)",
        "fill(TABLE)",
    ],
    "a function that is handed it by keyword": [
        "TABLE = []",
        "def fill(n, into):\n    into.append(n)",
        "fill(1, into=TABLE)",
    ],
    "a function that is handed it in a list": [
        "TABLE = []",
        "def fill(a, b):\n    b.append(1)",
        "fill(*[1, TABLE])",
    ],
    "a function that is handed all": [
        "TABLE = []",
        "def fill(*tables):\n    for one in tables:\n        one.append(1)",
        "fill(TABLE)",
    ],
    "an alias in a function": [
        "TABLE = []",
        "def fill(table):\n    same = table\n    same[0:0] = [1]",
        "fill(TABLE)",
    ],
    "global": [
        "TABLE = None",
        "def init():\n    global TABLE\n    TABLE = [1]",
        "init()",
    ],
    "a function's default": [
        "TABLE = []",
        "def add(x, table=TABLE):\n    table.append(x)",
        "add(1)",
    ],
    "what a function returns": [
        "TABLE = []",
        "def table():\n    return TABLE",
        "table().append(1)",
    ],
    "a closure": [
        "TABLE = []",
        "def make(table):\n    def add(x):\n        table.append(x)\n    return add",
        "add = make(TABLE)",
        "add(1)",
    ],
    "a function in a function": [
        "TABLE = []",
        "def outer():\n    def inner():\n        TABLE.append(1)\n    inner()",
        "outer()",
    ],
    "a chain of functions": [
        "TABLE = []",
        "def a():\n    TABLE.append(1)",
        "def b():\n    a()",
        "b()",
    ],
    "a generator": [
        "TABLE = []",
        "def a():\n    TABLE.append(1)\n    yield 1",
        "for _ in a():\n    pass",
    ],
    "a coroutine": ["TABLE = []", "async def a():\n    TABLE.append(1)", "await a()"],
    "a lambda": ["TABLE = []", "add = lambda x: TABLE.append(x)", "add(1)"],
    "a bound method": ["TABLE = []", "add = TABLE.append", "add(1)"],
    "map": ["TABLE = []", "list(map(TABLE.append, [1, 2]))"],
    "map of a function": [
        "TABLE = []",
        "def add(x):\n    TABLE.append(x)",
        "list(map(add, [1, 2]))",
    ],
    "partial": [
        "TABLE = []",
        "from functools import partial",
        "def add(x):\n    TABLE.append(x)",
        "add_one = partial(add, 1)",
        "add_one()",
    ],
    "a thread": [
        "TABLE = []",
        "import threading",
        "def add():\n    TABLE.append(1)",
        "thread = threading.Thread(target=add)",
        "thread.start()",
        "thread.join()",
    ],
    "a registry": [
        "TABLE = []",
        "def register(f):\n    TABLE.append(f)\n    return f",
        "@register\ndef one():\n    return 1",
    ],
    "a registry of subclasses": [
        "class TABLE:\n    known = []\n    def __init_subclass__(cls):\n"
        "        TABLE.known.append(cls)",
        "class Other(TABLE):\n    pass",
    ],
    "a method": [
        "TABLE = []",
        "class A:\n    def add(self, x):\n        TABLE.append(x)",
        "a = A()",
        "a.add(1)",
    ],
    "a constructor": [
        "TABLE = []",
        "class A:\n    def __init__(self):\n        TABLE.append(1)",
        "A()",
    ],
    "an operator": [
        "TABLE = []",
        "class A:\n    def __add__(self, other):\n        TABLE.append(1)",
        "a = A()",
        "a + 1",
    ],
    "a property": [
        "TABLE = []",
        "class A:\n    @property\n    def p(self):\n        TABLE.append(1)",
        "a = A()",
        "a.p",
    ],
    "an object that holds it": [
        "TABLE = []",
        "class A:\n    def __init__(self, table):\n        self.table = table\n"
        "    def go(self):\n        self.table.append(1)",
        "a = A(TABLE)",
        "a.go()",
    ],
    "a class's own table": [
        "class A:\n    table = []\n    def fill(self):\n        self.table.append(1)",
        "TABLE = A.table",
        "A().fill()",
    ],
    "a dataclass": [
        "from dataclasses import dataclass, field",
        "@dataclass\nclass A:\n    table: list = field(default_factory=list)\n"
        "    def fill(self):\n        self.table.append(1)",
        "TABLE = A()",
        "TABLE.fill()",
    ],
    "NumPy in place": ["TABLE = np.ones((3, 3))", "np.fill_diagonal(TABLE, 0)"],
    "a ufunc's at": ["TABLE = np.ones(3)", "np.add.at(TABLE, [0], 1)"],
    "out=": ["TABLE = np.ones(3)", "np.multiply(TABLE, 2, out=TABLE)"],
    "a view": ["TABLE = np.zeros(3)", "view = TABLE[1:]", "view[:] = 1"],
    "a view by asarray": ["TABLE = np.zeros(3)", "v = np.asarray(TABLE)", "v[:] = 1"],
    "a generator that shuffles": [
        "TABLE = [1, 2]",
        "rng = np.random.default_rng(0)",
        "rng.shuffle(TABLE)",
    ],
    "random.shuffle": ["TABLE = [1, 2]", "random.shuffle(TABLE)"],
    "heapq": ["import heapq", "TABLE = []", "heapq.heappush(TABLE, 1)"],
    "operator.setitem": [
        "import operator",
        "TABLE = [1]",
        "operator.setitem(TABLE, 0, 2)",
    ],
    "a column": ["import pandas as pd", "TABLE = pd.DataFrame()", "TABLE['b'] = 2"],
    "inplace": [
        "import pandas as pd",
        "TABLE = pd.DataFrame({'a': [1]})",
        "TABLE.drop('a', axis=1, inplace=True)",
    ],
    "fit, kept": ["TABLE = make()", "history = TABLE.fit([1])"],
    "fit in a function": [
        "def train(model):\n    return model.fit(1)",
        "TABLE = make()",
        "history = train(TABLE)",
    ],
    "pop, kept": ["TABLE = [1, 2]", "last = TABLE.pop()"],
    "next": ["TABLE = iter([1, 2])", "first = next(TABLE)"],
    "|=": ["TABLE = {1}", "TABLE |= {2}"],
    "+= of a number": ["TABLE = 0", "TABLE += 1"],
    "del of an item": ["TABLE = [1, 2]", "del TABLE[0]"],
    "one of two targets": ["TABLE = [1, 2]", "x, TABLE[0] = 1, 2"],
    "two that are swapped": [
        "TABLE = [1]",
        "OTHER = [2]",
        "TABLE, OTHER = OTHER, TABLE",
    ],
    "a starred target": ["a, *TABLE = [1, 2, 3]"],
    "an annotation": ["TABLE: list = []", "TABLE.append(1)"],
    "a walrus": ["print(TABLE := [1])"],
    "a match": ["match [1, 2]:\n    case [a, *TABLE]:\n        pass"],
    "an attribute": ["class A:\n    pass", "TABLE = A()", "TABLE.x = 1"],
    "setattr": ["class A:\n    pass", "TABLE = A()", "setattr(TABLE, 'x', 1)"],
    "setdefault": ["TABLE = {}", "TABLE.setdefault('a', []).append(1)"],
    "an alias": ["TABLE = []", "other = TABLE", "other.append(1)"],
    "an alias of a part": ["TABLE = {'a': []}", "part = TABLE['a']", "part.append(1)"],
    "a container": ["TABLE = []", "box = {'t': TABLE}", "box['t'].append(1)"],
    "a container that is filled": [
        "TABLE = []",
        "box = []",
        "box.append(TABLE)",
        "box[0].append(1)",
    ],
    "%%capture": ["TABLE = []", "%%capture out\nTABLE.append(1)"],
    "%%time": ["TABLE = []", "%%time\nfor i in range(3):\n    TABLE.append(i)"],
    "%time": ["TABLE = []", "%time TABLE.append(1)"],
    "%timeit": ["TABLE = []", "%timeit -n 1 -r 1 TABLE.append(1)"],
    "exec": ["TABLE = []", "exec('TABLE.append(1)')"],
    "globals": ["TABLE = []", "globals()['TABLE'].append(1)"],
    "import *": ["from math import *", "TABLE = [pi]"],
    "a file": [
        "import json",
        "json.dump([1], open('table.json', 'w'))",
        "TABLE = json.load(open('table.json'))",
    ],
}

NOTHING = [
    "print('nothing')",
    "import time\nslept = time.sleep(10_000)",
    "model = train(np.ones(3))\nhistory = model.fit(np.ones(3))",
    "def unused():\n    return model",
    "axes.plot(history)",
]


def run_cells(cells, wanted=("answer",)):
    """The cells of which something runs."""
    chosen = slicing.choose(cells, {"9.9": list(wanted)})["run"]
    return sorted({cell for cell, _ in chosen})


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_may_change_a_needed_name_runs(change):
    cells = [IMPORTS, *CHANGES[change], *NOTHING, ANSWER]
    chosen = slicing.choose(cells, {"9.9": ["answer"]})["run"]
    known = range(1, 1 + len(CHANGES[change]))
    everything = [
        [cell, n] for cell in known for n in range(len(statements(cells[cell])))
    ]
    assert [one for one in everything if one not in chosen] == []
    # `import time`, which costs nothing, is the most that may run of the others.
    rest = [one for one in chosen if one[0] > known[-1] and one[0] < len(cells) - 1]
    assert rest in ([], [[known[-1] + 2, 0]])


def test_only_needed_statements_run():
    cells = [
        "import numpy as np",
        "table = [1]",
        "model = train(table)",
        "def helper(x):\n    return x + len(table)",
        "table.append(2)",
        "def wanted(model, history):\n    return helper(model)",
        "history = model.fit()\nnp.show(history)",
        "print(wanted(1))",
    ]
    chosen = slicing.choose(cells, {"9.9": ["wanted"]})
    assert chosen["run"] == chosen["needs"]["9.9"]
    assert {1, 3, 4, 5} <= set(run_cells(cells, ["wanted"]))
    assert not {0, 7} & set(run_cells(cells, ["wanted"]))
    unclear = ["exec('f = 1')", "np.seed = 3", "%magic", "a =", "from x import *"]
    unclear.append("import np")
    assert run_cells(unclear, ["f"])[:5] == [0, 1, 2, 3, 4]
    assert run_cells(["if True:\n    def f():\n        return 1"], ["f"]) == [0]


def test_a_statement_needs_what_stands_before_and_a_function_what_comes_later():
    cells = [
        "name = 'a'\nlimit = len(name)",
        "for name in range(3):\n    slow_training(name)",
        "def f(x):\n    return g(x) + limit",
        "def g(x):\n    return later * x",
        "later = sum(name for name in (1, 2))",
        "print(f(1), later)",
        "lambda: name",
    ]
    assert run_cells(cells, ["f"]) == [0, 2, 3, 4]
    # With a method, a model may be changed.
    changed = ["m = build()", "m.get_layer('x').set(1)", "def f():\n    return m"]
    assert run_cells(changed, ["f"]) == [0, 1, 2]


def test_settings_run_and_drawings_do_not():
    cells = [
        "import os, sys, keras, tensorflow as tf\nimport matplotlib.pyplot as plt",
        "os.chdir('/tmp')\nsys.path.append('mine')",
        "tf.config.run_functions_eagerly(True)",
        "from __future__ import annotations",
        "plt.figure()\nplt.show()",
        "def f():\n    return 1",
    ]
    assert run_cells(cells, ["f"]) == [0, 1, 2, 3, 5]
    # What is run in any case explains nothing about an answer.
    assert slicing.choose(cells, {"9.9": ["f"]})["needs"] == {"9.9": [[5, 0]]}


def test_the_plan_knows_which_exercises_an_answer_uses():
    cells = [
        "def one():\n    return 1",
        "check('9.1', one)",
        "same = one",
        "def two():\n    return same()",
        "check('9.2', two)",
        "def three():\n    raise NotImplementedError",
        "from helpers import check",
    ]
    wanted = {"9.1": ["one"], "9.2": ["two"], "9.3": ["three"]}
    chosen = slicing.choose(cells, wanted)
    assert chosen["uses"] == {"9.1": [], "9.2": ["9.1"], "9.3": []}
    assert chosen["needs"]["9.2"] == [[0, 0], [2, 0], [3, 0]]
    everything = slicing.choose(cells, {}, everything=True)
    assert everything["run"] == [[cell, 0] for cell in range(7)]


@pytest.mark.parametrize("first", [[], ["import numpy as np\na note"]])
def test_a_name_without_a_value_connects_no_exercises(first):
    cells = [
        *first,
        "def one(x):\n    return np.mean(x)",
        "axes = np.show(one(1))\naxes.fill(np.arange(3))",
        "def two(x):\n    return np.sum(x)",
    ]
    chosen = slicing.choose(cells, {"9.1": ["one"], "9.2": ["two"]})
    assert chosen["uses"] == {"9.1": [], "9.2": []}
    assert chosen["needs"]["9.2"] == [[len(cells) - 1, 0]]


@pytest.mark.parametrize("lesson", graded_lessons())
def test_no_lesson_trains_while_it_is_graded(lesson):
    content = lesson_file("solutions", lesson, ".ipynb")
    cells = read_cells(Submission("someone", "a.ipynb", content))
    wanted = {
        number: list(one.takes) for number, one in lesson_exercises(lesson).items()
    }
    chosen = slicing.choose(cells, wanted)["run"]
    kinds = [type(statements(cells[cell])[n]).__name__ for cell, n in chosen]
    functions = [one for one in kinds if one in ("FunctionDef", "ClassDef")]
    names = sum(map(len, wanted.values()))
    assert len(wanted) <= len(functions) <= names + 1
    # A check for each, and what seeds or sets something up.
    others = len(kinds) - len(functions) - kinds.count("Import")
    assert others - kinds.count("ImportFrom") <= len(wanted) + 4
    assert not re.search(r"For|With|Assign|If|Try", " ".join(kinds))


@settings(max_examples=100)
@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_can_be_planned(cells):
    assert set(run_cells(cells, ["f"])) <= set(range(len(cells)))
