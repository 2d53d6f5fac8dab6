"""What a kernel would execute of a cell."""

import ast

import pytest

from grading.inside.cells import statements


def shown(source):
    return [ast.unparse(one) for one in statements(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = 1\nb = 2", ["a = 1", "b = 2"]),
        ("# said first\n\n%%time\na = 1", ["a = 1"]),
        ("%%time\n%%prun -s cumulative\na = 1", ["a = 1"]),
        ("%%bash\nls | wc", []),
        ("%%html\n<b>", []),
        ("%%!\nls", []),
        ("%time a = f(1)", ["a = f(1)"]),
        ("a = %time f(1)", ["a = f(1)"]),
        ("%memit -r 1 f(1)", ["f(1)"]),
        ("a = !ls", ["a = get_ipython().getoutput('ls')"]),
        (
            "%%timeit -n 2 b = 1\na = b",
            ["def _timed():\n    b = 1\n    a = b", "_timed()"],
        ),
        ("%timeit -n1 -r 3 a = 1", ["def _timed():\n    a = 1", "_timed()"]),
        (
            "%%capture printed --no-stderr\na = 1",
            ["printed = get_ipython().nothing_captured()", "a = 1"],
        ),
        (
            "%%writefile -a mine.py\na =",
            ["get_ipython().run_cell_magic('writefile', '-a mine.py', 'a =')"],
        ),
        (
            "%%of_an_extension --fast\na = 1",
            ["get_ipython().run_cell_magic('of_an_extension', '--fast', '')", "a = 1"],
        ),
        ("", []),
    ],
)
def test_a_cell_is_read_as_a_kernel_would(source, expected):
    assert shown(source) == expected


@pytest.mark.parametrize(
    "source", ["%%time\n\na = 1\nb = 2", "#\n%%capture x\n%%time\n1\nb = 2"]
)
def test_every_statement_keeps_its_line(source):
    last = statements(source)[-1]
    assert last.lineno == len(source.splitlines())


def test_a_cell_that_is_no_python_says_so():
    with pytest.raises(SyntaxError):
        statements("def broken(:\n    pass")
