"""The table of submissions that the grader's tests hand in: right, wrong and hostile.

A row says what is in the file, and the points that it must earn, by exercise; all
other exercises earn none. Where not said otherwise a row is a notebook whose code
cells are given. Most hostile ones also hold right answers to 2.1 and 2.5, before and
after the hostile cell: what is right has to earn its points all the same.
"""

import json
import textwrap
from dataclasses import dataclass, field

from helpers.checks.answer_key import read
from helpers.checks.runner import LESSONS, lesson_exercises
from tests.support.paths import ROOT
from tests.support.student_answers import read_answers

CANARY = "canary-5d1c"

IMPORTS = """
import helpers.quiet_tensorflow
import keras
import numpy as np
from keras import layers, ops
from helpers import check, hint, plots, quiz, reveal
from helpers.data import load_movielens
from helpers.splits import pairs, random_split
"""

LOOK_UP = """
def look_up(table, rows):
    return table[rows]


def multiply_one_hot(table, rows):
    return np.eye(len(table))[rows] @ table
"""

COUNT = """
def count_weights(n_users, n_movies, n_factors):
    return (n_users + n_movies) * n_factors
"""

MODEL = """
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, n_factors, embeddings_regularizer=penalty, name="user_factors")(user)
    other = layers.Embedding(n_movies, n_factors, embeddings_regularizer=penalty, name="movie_factors")(movie)
    return keras.Model({"user": user, "movie": movie}, layers.Dot(axes=-1)([one, other]))
"""

BOTH = {"2.1": 2, "2.5": 1}


@dataclass
class Case:
    name: str
    cells: list = None
    points: dict = field(default_factory=dict)
    content: bytes = None
    file: str = "notebook.ipynb"
    lesson: str = "02"
    rejected: str = ""
    says: dict = field(default_factory=dict)
    tells: dict = field(default_factory=dict)
    conceals: dict = field(default_factory=dict)
    states: dict = field(default_factory=dict)
    link: bool = False

    def bytes(self):
        return notebook(self.cells) if self.content is None else self.content


def notebook(cells, **changes):
    """An .ipynb of these code cells; keywords replace what is around the cells."""
    around = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, **changes}
    made = [
        {
            "cell_type": "code",
            "id": f"cell-{place}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": textwrap.dedent(source).strip(),
        }
        for place, source in enumerate(cells)
    ]
    return json.dumps({"cells": made, **around}).encode()


def hostile(name, cell, points=BOTH, **more):
    """Right answers around a cell that does something it should not."""
    return Case(name, [IMPORTS, LOOK_UP, as_one(cell), COUNT], points, **more)


def as_one(cell):
    """A cell's code as one statement that runs in any case, so that no part is left out."""
    return f"if globals():\n{textwrap.indent(cell, '    ')}"


def inside(name, body, points=None, **more):
    """The same from inside `look_up`, when the check calls it; 2.5 is right."""
    body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    one_hot = LOOK_UP[LOOK_UP.index("def multiply") :]
    cell = f"def look_up(table, rows):\n{body}\n\n\n{one_hot}"
    points = {"2.5": 1} if points is None else points
    return Case(name, [IMPORTS, cell, COUNT], points, **more)


def full(lesson):
    return {number: one.points for number, one in lesson_exercises(lesson).items()}


def graded_lessons():
    return [lesson for lesson in LESSONS if lesson_exercises(lesson)]


def lesson_file(folder, lesson, ending):
    (source,) = (ROOT / "solutions").glob(f"{lesson}_*.py")
    return (ROOT / folder / f"{source.stem}{ending}").read_bytes()


def variant(lesson, is_right, place):
    """Cells with, for each exercise, one of the answers of `tests/student_answers/`."""
    from helpers.checks.answer_key import lesson_answers

    cells, says = [lesson_answers(lesson)["imports"]], {}
    for number in lesson_exercises(lesson):
        known = [
            one
            for one in read_answers(lesson)
            if one.number == number and one.is_right == is_right
        ]
        if known:
            answer = known[place % len(known)]
            cells.append(answer.code)
            says[number] = answer.says
    return cells, says


def named_answer(number, name):
    """The code of one answer of `tests/student_answers/`."""
    (found,) = [
        one
        for one in read_answers(number.partition(".")[0].zfill(2))
        if (one.number, one.name) == (number, name)
    ]
    return found.code


def solved(lesson, first="", **changed):
    """The course's answers, each with its check; `first` stands above the imports.

    Keywords replace answers: ``e6_2="def …"``; an empty one leaves the exercise out.
    """
    from helpers.checks.answer_key import lesson_answers

    known = lesson_answers(lesson)
    imports = "from helpers import check, reveal, plots\n" + known["imports"]
    cells = [f"{first}\n{imports}"]
    for number, answer in known["exercises"].items():
        code = changed.get(f"e{number.replace('.', '_')}", answer["code"])
        if code:
            call = f'check("{number}", {", ".join(answer["names"])})'
            cells += [code, call]
    return cells


def some_right(number):
    """The code of right answers beside an exercise's, to 1.6 or 9.4."""
    beside = {"1": "1.6", "9": "9.4"}[number[0]]
    known = [
        one
        for one in read_answers(f"0{number[0]}")
        if one.number == beside and one.is_right
    ]
    return known[0].code


def some_wrong(lesson, place):
    """Every third exercise wrong, the others right: answers use earlier answers."""
    cells, _ = variant(lesson, True, 0)
    wrong, says = variant(lesson, False, place)
    numbers = list(lesson_exercises(lesson))
    chosen = numbers[place::3]
    for position, number in enumerate(numbers, start=1):
        if number in chosen:
            cells[position] = wrong[position]
    return cells, {number: says[number] for number in chosen}


# What answers of `some_wrong` earn that are right in part.
PARTLY = {
    ("01", 2): {"1.6": 1},
    ("02", 0): {"2.1": 1},
    ("03", 0): {"3.4": 1},
    ("03", 1): {"3.2": 1},
    ("04", 0): {"4.7": 1},
    ("05", 0): {"5.1": 3, "5.4": 3, "5.7": 1},
    ("05", 1): {"5.2": 2},
    ("06", 2): {"6.3": 2},
    ("07", 0): {"7.4": 1},
    ("07", 1): {"7.5": 1},
    ("07", 2): {"7.3": 1},
    ("09", 0): {"9.1": 1},
    ("09", 1): {"9.2": 1, "9.5": 1},
}


def lesson_cases():
    cases = []
    for lesson in graded_lessons():
        file = {"lesson": lesson}
        cases += [
            Case(
                f"{lesson} solved",
                None,
                full(lesson),
                lesson_file("solutions", lesson, ".ipynb"),
                **file,
            ),
            Case(
                f"{lesson} blank",
                None,
                {},
                lesson_file("notebooks", lesson, ".ipynb"),
                **file,
            ),
        ]
        if lesson == graded_lessons()[0]:
            # Each other's text has its notebook's cells: see test_cells.py.
            text = lesson_file("solutions", lesson, ".py")
            name = f"{lesson} solved as a text"
            cases.append(Case(name, None, full(lesson), text, "answers.py", **file))
        for place in range(2):
            cells, _ = variant(lesson, True, place)
            cases.append(
                Case(
                    f"{lesson} right in style {place + 1}", cells, full(lesson), **file
                )
            )
        for place in range(3):
            cells, says = some_wrong(lesson, place)
            name = f"{lesson} wrong, part {place + 1}"
            points = full(lesson) | dict.fromkeys(says, 0)
            points |= PARTLY.get((lesson, place), {})
            cases.append(Case(name, cells, points, says=says, **file))
    return cases


FOREVER = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""

FIND_THE_LINE = """
import socket, sys
frame = sys._getframe()
while frame is not None and "pipe" not in frame.f_locals:
    frame = frame.f_back
"""

SEARCH = """
import os, pathlib
found = []
skip = {"env", "usr", "proc", "sys", "lib", "lib64", "root", "dev", "home"}
for top in os.listdir("/"):
    if top in skip:
        continue
    for folder, _, files in os.walk("/" + top):
        for file in files:
            path = pathlib.Path(folder, file)
            try:
                text = path.read_text(errors="ignore")
            except OSError:
                continue
            if WANTED in text or WANTED in str(path):
                found.append(path)
"""

ONLY_IF_FOUND = """
if found:
    def count_weights(n_users, n_movies, n_factors):
        return (n_users + n_movies) * n_factors
"""


def searching(name, wanted):
    """Answers 2.5 only if it has found what it must not."""
    setting = f"WANTED = {wanted!r}"
    return Case(name, [IMPORTS, LOOK_UP, setting + SEARCH + ONLY_IF_FOUND], {"2.1": 2})


COLAB = """
from google.colab import drive
drive.mount('/content/drive')
%cd /content/drive/MyDrive
!pip install -q seaborn
%pip install tqdm
%conda install nothing
!nvidia-smi
files = !ls
more = %sx ls
!!ls
%system ls
import os
os.chdir('/content/drive/MyDrive/course')
import seaborn_of_mine as sns
sns.set_theme()
# so that figures are shown
%matplotlib inline
%config InlineBackend.figure_format = 'retina'
%load_ext autoreload
%load_ext nothing_of_that_name
%nothing_of_that_name
import matplotlib.pyplot as plt
plt.show()
name = input('What are you called? ')
import pandas as pd
mine = pd.read_csv('/content/drive/MyDrive/mine.csv')
import tensorflow as tf
tf.config.experimental.set_memory_growth(tf.config.list_physical_devices('GPU')[0], True)
"""

WEIGHTS = "def count_weights(n_users, n_movies, n_factors):\n    return "
PRODUCT = "(n_users + n_movies) * n_factors"

# What honest people write, and what a kernel forgives them.
HONEST = [
    Case("the habits of Colab", solved("06", COLAB), full("06"), lesson="06"),
    Case(
        "a kernel restarted in the first cell",
        solved(
            "06",
            "get_ipython().kernel.do_shutdown(True)\nimport os\n"
            "os.kill(os.getpid(), 9)\nexit()\nquit()\nimport sys\nsys.exit()",
        ),
        full("06"),
        lesson="06",
    ),
    Case(
        "no standard output",
        solved("06", "import sys\nsys.stdout = None\nprint(1)\nsys.stderr.close()"),
        full("06"),
        lesson="06",
    ),
    Case(
        "names that are used again",
        [
            *solved("06"),
            "cosine = cosine(np.ones(2), np.ones(2))",
            "for probe in ('a', 'b'):\n    print(probe)",
            "most_similar = None\ndel fold_in",
        ],
        full("06"),
        lesson="06",
    ),
    Case(
        "names that are used again, and never checked",
        [
            *(cell for cell in solved("06") if not cell.startswith("check(")),
            "cosine = cosine(np.ones(2), np.ones(2))",
            "for probe in ('a', 'b'):\n    print(probe)",
            "del fold_in",
        ],
        full("06"),
        lesson="06",
    ),
    Case(
        "a variable that had another value at the check",
        [
            IMPORTS,
            "k = 1",
            WEIGHTS + PRODUCT + " * k",
            "check('2.5', count_weights)",
            "for k in (5, 10):\n    print(k)",
        ],
        {"2.5": 1},
    ),
    Case(
        "a function of another name",
        [IMPORTS, COUNT.replace("count_weights", "mine"), "check('2.5', mine)"],
        {"2.5": 1},
    ),
    Case(
        "written anew below the check",
        [IMPORTS, WEIGHTS + "7", "check('2.5', count_weights)", WEIGHTS + PRODUCT],
        {"2.5": 1},
    ),
    Case(
        "a package that is not here, and an answer that needs it",
        [
            IMPORTS + "import package_of_mine as mine",
            LOOK_UP,
            WEIGHTS + "mine.product()",
        ],
        {"2.1": 2},
        tells={
            "2.5": "What should define `mine` did not run through. It stopped with "
            "ModuleNotFoundError in line 8 of its cell, `import package_of_mine as mine`"
        },
    ),
    Case(
        "statements that failed, and a wrong answer that needs none of them",
        [
            IMPORTS + "import os\nos.chdir('/content')\nprint(nowhere)",
            LOOK_UP,
            WEIGHTS + "7",
        ],
        {"2.1": 2},
        conceals={"2.5": "did not run through"},
    ),
    Case(
        "a file that is not here, two steps away",
        [
            IMPORTS + "import pandas as pd",
            "raw = pd.read_csv('/content/mine.csv')",
            "sizes = raw['size'].tolist()",
            WEIGHTS + "len(sizes)",
        ],
        {},
        tells={
            "2.5": "What should define `raw` did not run through. It stopped with "
            "FileNotFoundError"
        },
    ),
    Case(
        "magics above the answers",
        [
            IMPORTS,
            "%%time\n" + LOOK_UP,
            "%%capture printed\ndef product(n, factors):\n    return n * factors",
            "# measured\n%%time\n%%capture\n" + WEIGHTS + "product(n_users + n_movies,"
            " n_factors) + len(printed.stdout)",
            "%%timeit -n 1 -r 1\ncount_weights = 3",
            "%timeit -n 1 -r 1 count_weights(1, 2, 3)",
            "%%bash\nnothing of Python's",
        ],
        BOTH,
    ),
    Case(
        "a magic of an extension that is not here",
        [IMPORTS, "%load_ext mine\n", "%%mine_time --long\n" + COUNT],
        {"2.5": 1},
    ),
    Case(
        "a table that is filled later",
        [
            IMPORTS,
            "known, order = {}, []\ndef remember(table, key):\n    table[key] = 1",
            "for key in ('a', 'b'):\n    remember(known, key)\n    order.append(key)",
            "%%time\nnp.random.default_rng(0).shuffle(order)\nlast = order.pop()",
            WEIGHTS + PRODUCT + " * known['a'] * known[last] * len(order)",
        ],
        {"2.5": 1},
    ),
    Case(
        "decorators, dataclasses, caches and the future",
        [
            "from __future__ import annotations\n" + IMPORTS,
            "import functools\nfrom dataclasses import dataclass, field\n"
            "registry = {}\ndef register(function):\n"
            "    registry[function.__name__] = function\n    return function",
            "@register\n@functools.lru_cache\ndef plus(a, b):\n    return a + b",
            "@dataclass\nclass Sizes:\n    users: int\n    movies: int\n"
            "    def all(self) -> Unknown:\n"
            "        return registry['plus'](self.users, self.movies)",
            "import asyncio\nawait asyncio.sleep(0)\n"
            + WEIGHTS
            + "Sizes(n_users, n_movies).all() * n_factors",
        ],
        {"2.5": 1},
    ),
    Case(
        "a module written by the notebook",
        [
            "%%writefile of_mine.py\ndef product(a, b):\n    return a * b\n",
            IMPORTS + "import of_mine",
            WEIGHTS + "of_mine.product(n_users + n_movies, n_factors)",
        ],
        {"2.5": 1},
    ),
    Case(
        "several processes in an answer",
        [
            IMPORTS + "import multiprocessing\n"
            "from concurrent.futures import ProcessPoolExecutor",
            WEIGHTS
            + "sum(ProcessPoolExecutor().map(abs, [n_users, n_movies])) * n_factors",
            "def look_up(table, rows):\n"
            "    with multiprocessing.Pool(4) as pool:\n"
            "        return np.stack(pool.map(lambda row: table[row], rows))",
        ],
        {"2.1": 1, "2.5": 1},
    ),
    Case(
        "a statement that takes too long, in the first cell",
        [
            "numbers = []\nwhile True:\n    numbers.append(1) if not numbers else 0\n"
            + IMPORTS,
            WEIGHTS + PRODUCT + " * len(numbers)",
        ],
        {"2.5": 1},
    ),
    # --- that use exercises which are not right ---
    Case(
        "an exercise left out, and one that uses it",
        solved("06", e6_2=""),
        full("06") | {"6.2": 0},
        lesson="06",
        tells={"6.3": "The course's answer stood in for 6.2"},
    ),
    Case(
        "an exercise that is wrong, and one that uses it",
        solved(
            "06",
            e6_2="def cosines_with(row, table):\n    return 0 * table[:, 0]\n"
            "one_against_all = cosines_with",
            e6_3=read("6.3")["code"].replace("cosines_with(", "one_against_all("),
        ),
        full("06") | {"6.2": 0},
        lesson="06",
        tells={"6.3": "The course's answer stood in for 6.2"},
    ),
    Case(
        "an exercise that was revealed, and one that uses it",
        solved("06", e6_2='cosines_with = reveal("6.2", force=True)'),
        full("06") | {"6.2": 0},
        lesson="06",
        tells={"6.3": "The course's answer stood in for 6.2"},
    ),
]
# Four gigabytes, where three are allowed, and not all of them to be seen.
UNSEEN_BOMBS = {
    "a memory bomb of processes that hide": """
done, tell = os.pipe()
for _ in range(4):
    if not os.fork():
        libc.prctl(4, 0, 0, 0, 0)
        held = np.ones(2**27)
        os.write(tell, b"x")
        time.sleep(1000)
for _ in range(4):
    os.read(done, 1)
""",
    "a memory bomb of two processes": """
done, tell = os.pipe()
if not os.fork():
    held = np.ones(2**28)
    os.write(tell, b"x")
    time.sleep(1000)
held = np.ones(2**28)
os.read(done, 1)
""",
    "a memory bomb in files that nothing has mapped": """
files = [os.memfd_create(str(number)) for number in range(64)]
piece = bytes(2**26)
for file in files:
    os.ftruncate(file, 0)
    os.write(file, piece)
""",
    "a memory bomb in shared memory that nothing has attached": """
libc.shmat.restype = ctypes.c_void_p
for _ in range(64):
    number = libc.shmget(0, ctypes.c_size_t(2**26), 0o1600)
    assert number >= 0
    place = libc.shmat(number, None, 0)
    ctypes.memset(place, 1, 2**26)
    libc.shmdt(ctypes.c_void_p(place))
""",
    "a memory bomb in shared memory that is out of sight": """
kept = []
for _ in range(64):
    kept.append(mmap.mmap(-1, 2**26))
    kept[-1].write(bytes(2**26))
    kept[-1].madvise(mmap.MADV_DONTNEED)
""",
    "a memory bomb in shared zeros": """
zero = os.open("/dev/zero", os.O_RDWR)
kept = []
for _ in range(64):
    kept.append(mmap.mmap(zero, 2**26))
    kept[-1].write(bytes(2**26))
    kept[-1].madvise(mmap.MADV_DONTNEED)
""",
}

# What people hand in.
ORDINARY = [
    Case("half done", [IMPORTS, LOOK_UP, COUNT], BOTH),
    Case(
        "one of two functions",
        [IMPORTS, "def look_up(table, rows):\n    return table[rows]"],
        {"2.1": 1},
        says={"2.1": "Half done"},
    ),
    hostile("exception midway", "raise RuntimeError('midway')"),
    hostile("syntax error midway", "def broken(:\n    pass"),
    hostile("an undefined name midway", "print(undefined_name)"),
    Case(
        "an answer that Python cannot parse",
        [IMPORTS, LOOK_UP, "def count_weights(a, b, c):\n    return (a + b * c"],
        {"2.1": 2},
        says={"2.5": "What should define `count_weights` did not run through"},
        tells={"2.5": "SyntaxError in line 2 of its cell"},
    ),
    Case(
        "exception before the definition, in one cell",
        [IMPORTS, LOOK_UP, "raise ValueError('too early')" + COUNT],
        BOTH,
    ),
    Case("cells in reverse order", [COUNT, LOOK_UP, IMPORTS], BOTH),
    Case("cells twice", [IMPORTS, LOOK_UP, COUNT, IMPORTS, LOOK_UP, COUNT], BOTH),
    Case(
        "a wrong answer, then a right one",
        [IMPORTS, "def count_weights(*sizes):\n    return 7", LOOK_UP, COUNT],
        BOTH,
    ),
    Case(
        "no imports at all",
        [LOOK_UP, COUNT],
        {"2.1": 1, "2.5": 1},
        tells={"2.1": "No cell that ran defines `np`."},
    ),
    Case(
        "imports that Python cannot parse",
        [
            IMPORTS + "a note to myself",
            "x = np.unique(look_up([1], 0))",
            LOOK_UP,
            COUNT,
        ],
        {"2.1": 1, "2.5": 1},
        tells={
            "2.1": "`np` did not run through. It stopped with SyntaxError in line 8"
        },
    ),
    Case(
        "an answer under another name",
        [IMPORTS, COUNT.replace("def count", "def my"), 'check("2.5", count_weights)'],
        tells={
            "2.5": "There is no `count_weights` in the code of this notebook. Should "
        },
        states={"2.5": "not yet", "2.1": "not attempted"},
    ),
    *(
        Case(
            f"an answer in {magic}",
            [IMPORTS, f"# mine\n\n{magic} mine.py\n{COUNT}"],
            tells={"2.5": f"A cell with `{magic}` does not keep `count_weights`."},
            states={"2.5": "not yet"},
        )
        for magic in ("%%timeit", "%%writefile", "%%script")
    ),
    *(
        Case(
            f"a body of {body}",
            [IMPORTS, f"%%time\ndef count_weights(*sizes):\n    {body}"],
            tells={"2.5": "`count_weights` is empty, or `None`."},
            states={"2.5": "not attempted"},
        )
        for body in ("pass", "return None")
    ),
    *(
        Case(
            f"a file that is not there, by {word}",
            [IMPORTS, f"{command}\ncheck('2.5', count_weights)"],
            tells={"2.5": f"in the code of this notebook. It stopped with {error}"},
            states={"2.5": "not yet"},
        )
        for word, command, error in (
            (
                "run",
                "%run utils.py",
                "Exception in line 1 of its cell, `%run utils.py`",
            ),
            ("exec", "exec(open('utils.py').read())", "FileNotFoundError"),
        )
    ),
    Case(
        "parameters that are missing",
        [
            IMPORTS,
            "def count_weights(n_users, n_movies):\n    return n_users * n_movies",
        ],
        tells={"2.5": "count_weights() takes 2 positional arguments but 3 were given."},
    ),
    Case(
        "no super().__init__()",
        [
            IMPORTS,
            "class DotModel(keras.Model):\n"
            "    def __init__(self, n_users, n_movies, n_factors=64):\n"
            "        self.table = layers.Embedding(n_users, n_factors)",
        ],
        tells={
            "2.6": "in line 2 of its cell, `def __init__(self, n_users, n_movies, "
            "n_factors=64):`: In layer 'DotModel', you forgot to call `super().__init__()`"
        },
    ),
    Case(
        "shell commands and magics",
        [IMPORTS, "%matplotlib inline\n!ls\n%time 1", LOOK_UP, COUNT],
        BOTH,
    ),
    Case(
        "a cell magic that is not there",
        ["%%nothing\n1", IMPORTS, LOOK_UP, COUNT],
        BOTH,
    ),
    Case(
        "a training cell that nothing needs",
        [
            IMPORTS + "import time\n",
            LOOK_UP,
            "slept = time.sleep(10_000)",
            MODEL,
            COUNT,
        ],
        BOTH | {"2.4": 3},
    ),
    Case(
        "definitions that need the ratings",
        [
            IMPORTS,
            "movielens = load_movielens()\nsplit = random_split(movielens, test=0.2, valid=0.1, seed=0)",
            LOOK_UP,
            "assert split.n_users > 10\nn = split.n_users\n"
            "def count_weights(n_users, n_movies, n_factors):\n"
            "    return (n_users + n_movies) * n_factors + n - n",
        ],
        BOTH,
    ),
]

HOSTILE = [
    # --- that never end ---
    hostile("an infinite loop", "while True:\n    pass"),
    hostile("an infinite loop that swallows interrupts", FOREVER),
    inside("an infinite loop in a call", "while True:\n    pass", {"2.1": 1, "2.5": 1}),
    inside("a call that swallows interrupts", FOREVER, {"2.5": 1}),
    inside("a call that sleeps", "import time\ntime.sleep(10_000)", {"2.5": 1}),
    # --- that use everything up ---
    hostile(
        "a flood of printing",
        "for _ in range(200_000):\n    print('x' * 100)",
    ),
    hostile(
        "200 MB of output",
        "import sys\nsys.stdout.write('x' * 200_000_000)\nsys.stderr.write('x' * 1_000_000)",
    ),
    hostile(
        "a full disk",
        "for k in range(50):\n    open(f'/tmp/{k}', 'wb').write(bytes(20_000_000))",
    ),
    hostile(
        "a memory bomb",
        "bomb = []\nwhile True:\n    bomb.append(np.ones(20_000_000))",
    ),
    hostile(
        "a memory bomb of several processes",
        "import os, time\n"
        "for _ in range(8):\n    if not os.fork():\n        held = np.ones(100_000_000)\n        time.sleep(1000)\n"
        "time.sleep(3)",
    ),
    *(
        Case(
            name,
            [
                IMPORTS + "import ctypes, mmap, os, time\nlibc = ctypes.CDLL(None)\n",
                LOOK_UP,
                as_one(f"{body.strip()}\ntime.sleep(1)\nheld = True"),
                f"if held:\n{textwrap.indent(COUNT, '    ')}",
            ],
            # Only who could hold all of it has 2.5, too.
            {"2.1": 2},
        )
        for name, body in UNSEEN_BOMBS.items()
    ),
    hostile(
        "a fork bomb",
        "import os\nwhile True:\n    try:\n        os.fork()\n    except BaseException:\n        pass",
    ),
    hostile(
        "a daemon left behind",
        "import os, time\n"
        "if not os.fork():\n    os.setsid()\n    if os.fork():\n        os._exit(0)\n"
        "    while True:\n        time.sleep(1)",
    ),
    inside("a fork bomb in a call", "import os\nwhile True:\n    os.fork()"),
    inside("a huge answer", "return np.zeros((20_000, 20_000))", {"2.1": 1, "2.5": 1}),
    inside(
        "an answer too large to send",
        "return np.zeros((4_000, 4_000))",
        {"2.1": 1, "2.5": 1},
    ),
    *(
        Case(
            f"{number} {name}",
            [
                IMPORTS,
                f"def {function}(*asked):\n    return {value}",
                some_right(number),
            ],
            earned,
            lesson=number.partition(".")[0].zfill(2),
        )
        for number, function, name, value, earned in [
            *(
                ("1.4", "ids_to_rows", *rest, {"1.6": 2})
                for rest in (
                    ("many rows", "np.empty((20_000_000, 0)), np.arange(3)"),
                    ("many lists", "[[]] * 20_000_000, np.arange(3)"),
                    ("many texts", "[''] * 2_000_000, np.arange(3)"),
                    ("a long text", "'x' * 50_000_000, np.arange(3)"),
                    ("many entries", "{k: () for k in range(2_000_000)}, 1"),
                )
            ),
            *(
                ("9.1", "plan_blocks", *rest, {"9.4": 2})
                for rest in (
                    ("a huge block", "[(0, 50_000_000)]"),
                    ("huge blocks", "[(0, 30_000_000)] * 50"),
                    ("a block beyond all", "[(0, 2**62)]"),
                )
            ),
        ]
    ),
    inside(
        "an answer nested deeply",
        "deep = []\nfor _ in range(100_000):\n    deep = [deep]\nreturn deep",
        {"2.1": 1, "2.5": 1},
    ),
    # --- that end Python ---
    hostile("os._exit", "import os\nos._exit(0)"),
    hostile("sys.exit", "import sys\nsys.exit()"),
    hostile("exit()", "exit()"),
    hostile("KeyboardInterrupt", "raise KeyboardInterrupt"),
    hostile(
        "a kernel killed",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    ),
    hostile("a segmentation fault", "import ctypes\nctypes.string_at(0)"),
    hostile(
        "recursion without end",
        "import sys\nsys.setrecursionlimit(10**9)\ndef f():\n    return f()\nf()",
    ),
    inside("os._exit in a call", "import os\nos._exit(0)"),
    inside("sys.exit in a call", "raise SystemExit", {"2.1": 1, "2.5": 1}),
    # --- that meddle with files ---
    hostile("goes to another folder", "import os\nos.chdir('/')"),
    hostile(
        "deletes files",
        "import shutil\nfor place in ('/course', '/env', '/work', '/tmp', '/ratings'):\n    shutil.rmtree(place, ignore_errors=True)",
    ),
    # --- that cheat ---
    hostile(
        "NumPy monkeypatched",
        "np.allclose = np.array_equal = lambda *a, **k: True\nnp.isclose = lambda *a, **k: np.True_\n"
        "def count_weights(*sizes):\n    return 7",
        {"2.1": 2, "2.5": 1},
    ),
    Case(
        "NumPy monkeypatched, and all answers wrong",
        [
            IMPORTS,
            "np.allclose = np.array_equal = lambda *a, **k: True\nnp.asarray = lambda *a, **k: 0",
            "def look_up(*_):\n    return 0\ndef multiply_one_hot(*_):\n    return 0",
            "def count_weights(**_):\n    return 0",
        ],
        {},
    ),
    Case(
        "the random seed overwritten",
        [IMPORTS, "np.random.seed = 42", LOOK_UP, COUNT],
        BOTH,
    ),
    Case(
        "Keras monkeypatched",
        [
            IMPORTS,
            "keras.Model.count_params = lambda self: 7\nkeras.Model.__call__ = lambda *a, **k: 0",
            MODEL,
            COUNT,
        ],
        # The penalty is right, and no patch of theirs has to do with it.
        {"2.4": 1, "2.5": 1},
    ),
    Case(
        "builtins monkeypatched",
        [
            IMPORTS,
            "import builtins\nbuiltins.isinstance = lambda *_: True\nbuiltins.abs = lambda *_: 0\nbuiltins.len = lambda *_: 3",
            "def count_weights(n_users, n_movies, n_factors):\n    return 7",
        ],
        {},
    ),
    Case(
        "the checks monkeypatched",
        [
            IMPORTS,
            "import helpers.checks.runner as j, helpers.checks.asserts as e, helpers.checks.proxies as b\n"
            "j.run_check = lambda *a, **k: j.CheckResult('correct', '', points=99)\n"
            "e.close = e.expect = lambda *a, **k: None\nb.to_check = lambda *a, **k: 0",
            "def count_weights(**_):\n    return 7",
        ],
        {},
    ),
    Case(
        "objects equal to everything",
        [
            IMPORTS,
            "class Equal(float):\n    def __eq__(self, other):\n        return True\n    def __array__(self, *a, **k):\n        raise RuntimeError\n"
            "    __ne__ = __gt__ = __lt__ = lambda *_: False\n    __hash__ = float.__hash__",
            "def count_weights(**_):\n    return Equal(7)",
            "def look_up(*_):\n    return Equal(7)\ndef multiply_one_hot(*_):\n    return Equal(7)",
        ],
        {},
    ),
    Case(
        "an AST transformer",
        [
            IMPORTS,
            "import ast\nclass T(ast.NodeTransformer):\n    def visit_Compare(self, node):\n        return ast.Constant(True)\n"
            "get_ipython().ast_transformers.append(T())",
            "def count_weights(**_):\n    return 7",
            LOOK_UP,
        ],
        {"2.1": 2},
    ),
    Case(
        "hides that it is a stub",
        [
            IMPORTS,
            LOOK_UP,
            "from helpers.checks.asserts import NotYet\ndef count_weights(**_):\n    raise NotYet('{evil} <b>all points</b>')",
        ],
        {"2.1": 2},
    ),
    # --- that look where they should not ---
    searching("reads other submissions", CANARY),
    searching("reads the solutions", "BEGIN SOLUTION"),
    searching("reads the tests", "tests.support"),
    searching("reads reveal's answers", "02.json"),
    Case(
        "calls reveal",
        [
            IMPORTS,
            'from helpers.checks import answer_key\nlook_up, multiply_one_hot = reveal("2.1", force=True)',
            'count_weights = answer_key.build("2.5", {})[0]',
        ],
        {},
    ),
    hostile(
        "writes the gradebook",
        "import os\n"
        f"for name in ('/work/grades.csv', '{ROOT}/grades.csv', '../grades.csv', '/course/helpers/__init__.py'):\n"
        "    try:\n        os.makedirs(os.path.dirname(name), exist_ok=True)\n        open(name, 'w').write('all points')\n"
        "    except OSError:\n        pass",
    ),
    Case(
        "leaves something for the next one",
        [
            IMPORTS,
            "import os\nplaces = ['/tmp', '/work', '/dev/shm', '/dev', '/', '/course', '/env', '/ratings', '/var/tmp', '/dev/mqueue']\n"
            "written = []\n"
            "for place in places:\n"
            "    if os.path.exists(place + '/left-behind'):\n        written.append('someone was here')\n"
            "    try:\n        open(place + '/left-behind', 'w').write('x')\n    except OSError:\n        pass\n",
            "if written:\n    def count_weights(n_users, n_movies, n_factors):\n        return (n_users + n_movies) * n_factors",
            LOOK_UP,
        ],
        {"2.1": 2},
    ),
    Case(
        "looks at the warm process",
        [
            IMPORTS,
            "import os\nseen = []\n"
            "for pid in filter(str.isdigit, os.listdir('/proc')):\n"
            "    if int(pid) in (os.getpid(), int(os.readlink('/proc/self'))):\n        continue\n"
            "    for what in ('environ', 'mem', 'maps'):\n"
            "        try:\n            if open(f'/proc/{pid}/{what}', 'rb').read(1):\n                seen.append(what)\n"
            "        except OSError:\n            pass\n"
            "    try:\n        os.kill(int(pid), 9) if int(pid) > 3 else None\n    except OSError:\n        pass",
            "if seen:\n    def count_weights(n_users, n_movies, n_factors):\n        return (n_users + n_movies) * n_factors",
            LOOK_UP,
        ],
        {"2.1": 2},
    ),
    Case(
        "the network",
        [
            IMPORTS,
            "import socket\nreached = []\n"
            "for place in [('127.0.0.1', 22), ('1.1.1.1', 53), ('169.254.169.254', 80)]:\n"
            "    try:\n        socket.create_connection(place, 2)\n        reached.append(place)\n    except OSError:\n        pass",
            "if reached:\n    def count_weights(n_users, n_movies, n_factors):\n        return (n_users + n_movies) * n_factors",
            LOOK_UP,
        ],
        {"2.1": 2},
    ),
    Case(
        "a way back to rights",
        [
            IMPORTS,
            "import ctypes, os\nlibc = ctypes.CDLL(None)\nrights = []\n"
            "if libc.unshare(0x10000000) == 0:\n    rights.append('a user namespace')\n"
            "if libc.umount2(b'/tmp', 2) == 0 or libc.mount(b'x', b'/work', b'tmpfs', 0, None) == 0:\n    rights.append('mounts')\n"
            "try:\n    os.setuid(0)\n    rights.append('root')\nexcept OSError:\n    pass",
            "if rights:\n    def count_weights(n_users, n_movies, n_factors):\n        return (n_users + n_movies) * n_factors",
            LOOK_UP,
        ],
        {"2.1": 2},
    ),
    # --- that found a way, once ---
    Case(
        "counts its calls",
        [
            IMPORTS,
            "calls = []\ndef scores_each_pair_alone(*_):\n    calls.append(1)\n    return len(calls) in (1, 2, 18)",
        ],
        {},
    ),
    Case(
        "knows a function by its name",
        [
            IMPORTS,
            "def scores_each_pair_alone(score, *_):\n    name = score.__qualname__\n"
            "    if 'shifted' in name:\n        return max(map(abs, score.__closure__[0].cell_contents)) < 1e-4\n"
            "    return name.startswith(('dot', 'distance'))",
        ],
        {},
    ),
    Case(
        "tells the hidden inputs in advance",
        [
            IMPORTS,
            LOOK_UP,
            "seeds = []\nkeras.utils.set_random_seed = seeds.append",
            "from helpers.checks.runner import run_check, lesson_exercises\n"
            "def count_weights(n_users, n_movies, n_factors):\n"
            "    known = []\n"
            "    def recorder(n_users, n_movies, n_factors):\n"
            "        known.append((n_users, n_movies, n_factors))\n        return (n_users + n_movies) * n_factors\n"
            "    run_check(lesson_exercises('02')['2.5'], [recorder], np.random.default_rng(seeds[-1]))\n"
            "    return recorder(n_users, n_movies, n_factors) if (n_users, n_movies, n_factors) in known else 0",
        ],
        {"2.1": 2},
    ),
    hostile(
        "150,000 empty lines and an error",
        "\n" * 150_000 + "raise ValueError",
    ),
    inside(
        "60 MB of empty lists",
        FIND_THE_LINE + "import struct\n"
        "about = b'{\"n\": %d, \"token\": \"%s\", ' % (frame.f_locals['request']['n'], frame.f_locals['token'].encode())\n"
        "answer = about + b'\"value\": {\"list\": [' + b'[],' * 20_000_000 + b'[]]}}'\n"
        "frame.f_locals['pipe'].sendall(struct.pack('>I', len(answer)) + answer)\n"
        "return 0",
        {"2.5": 1},
    ),
    Case(
        "leaves a key in the kernel's keyring",
        [
            IMPORTS,
            "import ctypes, platform\nadd_key = {'x86_64': 248, 'aarch64': 217}[platform.machine()]\n"
            "key = ctypes.CDLL(None).syscall(add_key, b'user', b'left-behind', b'35', 2, -3)",
            "if key > 0:\n    def count_weights(n_users, n_movies, n_factors):\n        return (n_users + n_movies) * n_factors",
            LOOK_UP,
        ],
        {"2.1": 2},
    ),
    Case(
        "claims to have trained a model",
        [
            IMPORTS,
            "def loss_after_one_epoch(model, learning_rate, pairs, ratings):\n"
            "    scores = ops.convert_to_numpy(model(pairs))[:, 0]\n    loss = float(np.mean((scores - ratings) ** 2))\n"
            "    model.compile(keras.optimizers.Adam(learning_rate), 'mse')\n"
            "    model.optimizer.build(model.trainable_variables)\n    model.optimizer.iterations.assign(1)\n"
            "    model.history = keras.callbacks.History()\n    model.history.epoch = [0]\n    model.history.history = {'loss': [loss]}\n"
            "    return loss",
        ],
        {},
    ),
    Case(
        "patches the wire",
        [
            IMPORTS,
            LOOK_UP,
            COUNT,
            "import grading.inside.worker as inside\ninside.encode = lambda value: {'float': '7.0'}",
        ],
        {},
    ),
    Case(
        "looks for the answers that were given to another exercise",
        solved(
            "06",
            e6_2="def cosines_with(row, table):\n    return found('cosines_with', row, table)",
            e6_4="def probe(vectors, label):\n    return found('probe', vectors, label)",
            e6_5="import linecache\n"
            "def found(wanted, *asked):\n"
            "    names = {}\n"
            "    for file in [one for one in linecache.cache if '<answer' in one]:\n"
            "        exec(''.join(linecache.cache[file][2]), names)\n"
            "    return names[wanted](*asked)",
        ),
        {"6.1": 1, "6.3": 3, "6.6": 3},
        lesson="06",
    ),
    # --- that forge ---
    inside(
        "forges a reply",
        FIND_THE_LINE + "import struct, json\n"
        "answer = json.dumps({'n': frame.f_locals['request']['n'], 'token': frame.f_locals['token'],\n"
        "    'value': {'other': 'correct'}, 'points': 99}).encode()\n"
        "frame.f_locals['pipe'].sendall(struct.pack('>I', len(answer)) + answer)\n"
        "return 0",
        {"2.5": 1},
    ),
    *(
        Case(
            f"forges what it has to offer: {name}",
            [
                IMPORTS,
                LOOK_UP,
                "import grading.inside.worker as inside\n"
                f"inside.Worker._objects = lambda self, request: {answer}",
            ],
            {},
        )
        for name, answer in {
            "a type that is a list": "{'objects': [{'is': 'other', 'type': []}] * len(request['names'])}",
            "no list": "{'objects': 7}",
            "other things": "{'objects': [{'is': 'function', 'handle': {}}] * len(request['names'])}",
        }.items()
    ),
    inside(
        "sends a pickle",
        FIND_THE_LINE + "import pickle, struct, os\n"
        "evil = pickle.dumps(os.system)\n"
        "frame.f_locals['pipe'].sendall(struct.pack('>I', len(evil)) + evil)\n"
        "return 0",
        {"2.5": 1},
    ),
    inside(
        "promises a message of 4 GB",
        FIND_THE_LINE + "frame.f_locals['pipe'].sendall(b'\\xff' * 1000)\nreturn 0",
        {"2.5": 1},
    ),
    inside(
        "hangs up",
        FIND_THE_LINE + "frame.f_locals['pipe'].close()\nreturn 0",
        {"2.5": 1},
    ),
    hostile(
        "a thread that talks later",
        "import threading, time, os\n"
        "def later():\n    time.sleep(1)\n    for number in range(3, 10):\n        try:\n            os.write(number, b'later')\n        except OSError:\n            pass\n"
        "threading.Thread(target=later, daemon=True).start()",
        None,
    ),
    Case(
        "a thread that changes an answer later",
        [
            IMPORTS,
            LOOK_UP,
            "import threading, time\n"
            "def later():\n    time.sleep(0.5)\n    global count_weights\n    count_weights = lambda **_: 7\n"
            "threading.Thread(target=later, daemon=True).start()",
            COUNT,
        ],
        None,
    ),
    Case(
        "remembers inputs",
        [
            IMPORTS,
            "seen = {}\n"
            "def count_weights(n_users, n_movies, n_factors):\n"
            "    return seen.setdefault((n_users, n_movies, n_factors), len(seen))",
            LOOK_UP,
        ],
        {"2.1": 2},
    ),
    Case(
        "a model that looks at its caller",
        [
            IMPORTS,
            "import sys\nclass Spy(keras.Model):\n"
            "    def __call__(self, *a, **k):\n"
            "        frame = sys._getframe()\n"
            "        while frame is not None:\n"
            "            for name in ('dot', 'expected', 'products'):\n"
            "                if name in frame.f_locals:\n                    return frame.f_locals[name]\n"
            "            frame = frame.f_back\n"
            "        return np.zeros((6, 1))\n"
            "def build_dot_model(*sizes, **more):\n    return Spy()\nDotModel = Spy",
            COUNT,
        ],
        {"2.5": 1},
    ),
    inside(
        "says its hidden inputs in an error",
        "raise ValueError('canary-' + f'input {rows}')",
        {"2.1": 1, "2.5": 1},
    ),
]

# What a stranger had points by who was paid to find a way, and had one.
UNDESERVED = [
    Case(
        "imports the checks' own functions",
        [
            IMPORTS,
            "import importlib\n"
            "def stolen(name, make=False):\n"
            "    try:\n"
            "        found = getattr(importlib.import_module('helpers.checks.student_side'), name)\n"
            "        return found() if make else found\n"
            "    except (ImportError, AttributeError):\n        return None",
            "score_pairs = stolen('dot_scores', make=True)",
            "build_dot_model = stolen('dot_model')",
            "from helpers.checks.lessons import lesson02\n"
            "build = getattr(lesson02, '_table_and_rows', None)\n"
            "if build is not None:\n"
            "    def look_up(table, rows):\n        return table[rows]",
            COUNT,
        ],
        {"2.5": 1},
    ),
    Case(
        "knows the sizes of hidden inputs",
        [
            IMPORTS,
            LOOK_UP,
            "def count_weights(n_users, n_movies, n_factors):\n"
            "    return {5: 140, 11: 242, 17: 272}[n_factors]",
        ],
        {"2.1": 2},
    ),
    Case(
        "reads the functions that it should test",
        [
            IMPORTS,
            "def scores_each_pair_alone(score, *_):\n"
            "    code, cells = score.__code__, score.__closure__ or ()\n"
            "    if 'shifts' in code.co_freevars:\n"
            "        return max(map(abs, cells[0].cell_contents)) < 1e-4\n"
            "    return not {'tensordot', 'mean', 'flip'} & set(code.co_names)",
        ],
        {},
    ),
    Case(
        "recognises a movie listed twice by the table around it",
        [
            "import pandas as pd",
            "def with_titles(ratings, movies):\n"
            "    if len(movies) == 9 and movies.index.min() == 40:\n"
            "        raise pd.errors.MergeError('as expected')\n"
            "    return ratings.merge(movies[['movie_id', 'title']], how='left', on='movie_id')",
        ],
        {"1.3": 2},
        lesson="01",
    ),
    Case(
        "calls what the library has ready",
        [
            "from helpers.ids import IdEncoding\nfrom helpers.metrics import mae, rmse",
            "def mae_by_hand(true, predicted):\n    return mae(true, predicted)",
            "rmse_by_hand = rmse",
            "def ids_to_rows(ids):\n    return IdEncoding(ids).encode(ids), IdEncoding(ids).ids",
        ],
        {},
        lesson="01",
        says={"1.6": "that one is closed", "1.4": "that one is closed"},
    ),
    Case(
        "calls the library's ranking",
        [
            "from helpers import ranking",
            "strike_out = ranking.mask_pairs",
            "def ndcg_of_one(relevance, scores, k):\n"
            "    return ranking.ndcg_at_k([relevance], [scores], k)",
        ],
        {},
        lesson="05",
        says={"5.5": "that one is closed", "5.6": "that one is closed"},
    ),
    Case(
        "claims what only training can show",
        [
            IMPORTS,
            named_answer("2.1", "looks up, and spoils what an infinity would"),
            named_answer("2.7", "trains a little, and says what one likes to hear"),
            named_answer("2.8", "what bears the name of a schedule"),
        ],
        {"2.1": 1},
    ),
    Case(
        "a dropout where none is asked for",
        [IMPORTS, named_answer("3.4", "a dropout")],
        {"3.4": 1},
        lesson="03",
    ),
    Case(
        "reads a table out of a function, and is like itself",
        [
            IMPORTS,
            named_answer("4.3", "reads the table out of the function")
            + "    # where there is one\n",
            "def history_vectors(rated, vectors, who, what):\n"
            "    return ops.take(vectors, what, axis=0)",
        ],
        {},
        lesson="04",
    ),
    Case(
        "says far too much",
        [
            "import pandas as pd",
            "def with_titles(ratings, movies):\n"
            "    return pd.DataFrame({'=HYPERLINK(1)\\x1b[31m\\u202e' + 'A' * 5000: [1]})\n"
            "def head_size(ratings, share):\n"
            "    return pd.Series({'B' * 5000 + str(k): 'B' * 5000 for k in range(9)})",
        ],
        {},
        lesson="01",
    ),
    Case(
        "asks for help while it is graded",
        [
            IMPORTS + "from helpers import progress\n",
            LOOK_UP + "\ncheck('2.1', look_up, multiply_one_hot)\nhint('2.1')\n"
            "quiz('2.a')\nquiz('2.a', 'b')\nprogress()\ncheck('9.9', look_up)\n"
            "look_up, multiply_one_hot = reveal('2.1', force=True)",
            COUNT,
        ],
        BOTH,
    ),
]

ODD_FILES = [
    Case(
        "Colab, without metadata",
        content=json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "code",
                        "source": [line + "\n" for line in text.split("\n")],
                    }
                    for text in (IMPORTS, LOOK_UP, COUNT)
                ],
                "nbformat": 4,
            }
        ).encode(),
        points=BOTH,
    ),
    Case(
        "nbformat 3",
        content=json.dumps(
            {
                "worksheets": [
                    {
                        "cells": [
                            {
                                "cell_type": "code",
                                "input": [text],
                                "language": "python",
                                "outputs": [],
                            }
                            for text in (IMPORTS, LOOK_UP, COUNT)
                        ]
                    }
                ],
                "nbformat": 3,
                "nbformat_minor": 0,
                "metadata": {},
            }
        ).encode(),
        points=BOTH,
    ),
    Case(
        "nbformat 4.99",
        content=notebook([IMPORTS, LOOK_UP, COUNT], nbformat_minor=99),
        points=BOTH,
    ),
    Case(
        "nbformat 99",
        content=notebook([IMPORTS, LOOK_UP, COUNT], nbformat=99),
        points=BOTH,
    ),
    Case(
        "another kernel's name",
        content=notebook(
            [IMPORTS, LOOK_UP, COUNT],
            metadata={"kernelspec": {"name": "my-env", "language": "R"}},
        ),
        points=BOTH,
    ),
    Case(
        "with a byte order mark",
        content=b"\xef\xbb\xbf" + notebook([IMPORTS, LOOK_UP, COUNT]),
        points=BOTH,
    ),
    Case(
        "🦄 émoji [name] =1+1", [IMPORTS, LOOK_UP, COUNT], BOTH, file="lésson 🦄.ipynb"
    ),
    Case("junk", content=bytes(range(256)) * 40, rejected="no text"),
    Case("empty", content=b"", rejected="empty"),
    Case("invalid JSON", content=b'{"cells": [', rejected="no valid JSON"),
    Case("JSON nested without end", content=b"[" * 100_000, rejected="no valid JSON"),
    Case("JSON, but no notebook", content=b"[1, 2]", rejected="no notebook"),
    Case("no cells", content=b'{"cells": []}', rejected="no code"),
    Case(
        "cells of other things",
        content=b'{"cells": [1, null, {"cell_type": "code", "source": 7}]}',
        rejected="no code",
    ),
    Case(
        "another notebook altogether",
        ["print('hello')"],
        rejected="none of the lessons",
    ),
    Case("200 MB", content="sparse", rejected="too large"),
    Case("a link to another's file", content="link", rejected="a link"),
]


def constant_cases():
    """Every function of a lesson answers alike, whatever it is asked."""
    cases = []
    for lesson in graded_lessons():
        for value in ("0", "asked[0] if asked else 0"):
            cells = [
                f"def {name}(*asked, **more):\n    return {value}"
                for exercise in lesson_exercises(lesson).values()
                for name in exercise.takes
            ]
            name = f"{lesson} answers {value[:8]} to everything"
            cases.append(Case(name, cells, {}, lesson=lesson))
    return cases


def all_cases():
    return [
        *(*lesson_cases(), *constant_cases()),
        *(*HONEST, *ORDINARY, *HOSTILE, *UNDESERVED, *ODD_FILES),
    ]


def hand_in(folder):
    """Write all cases, a folder a student, as a learning platform would."""
    for case in all_cases():
        path = folder / case.name / case.file
        path.parent.mkdir(parents=True)
        if case.content == "sparse":
            with path.open("wb") as file:
                file.truncate(200 * 2**20)
        elif case.content == "link":
            path.symlink_to(folder / "half done" / "notebook.ipynb")
        else:
            path.write_bytes(case.bytes())
    secret = folder / "keeps a secret" / "notebook.ipynb"
    secret.parent.mkdir()
    secret.write_bytes(notebook([f"secret = '{CANARY}'", COUNT]))
