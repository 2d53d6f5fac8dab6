"""Change the solutions in one place each, and list what the checks let through.

    python -m tests.support.mutants              all exercises (half an hour)
    python -m tests.support.mutants 6.4 7.1      some of them

A changed solution ("mutant") that a check accepts is either as right as the solution,
which `equivalent_mutants.txt` says once with the reason, or a hole in the check. The
exit code is 1 where a mutant survives that the file does not explain.
"""

import argparse
import ast
import copy
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

import helpers.quiet_tensorflow  # noqa: F401
from helpers.checks import answer_key
from helpers.checks.execution import in_a_notebook
from helpers.checks.runner import (
    CORRECT,
    LESSONS,
    find_exercise,
    lesson_exercises,
    run_check,
)
from tests.support.student_answers import names_before

EXPLAINED = Path(__file__).parent / "equivalent_mutants.txt"
SECONDS = 5
SEEDS = (0, 1)

OTHER_OPERATOR = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True)
class Mutant:
    """A solution that differs from ours in one place.

    Attributes
    ----------
    number : str
        Of the exercise.
    change : str
        ``"a + b → a - b"``; with ``" (2)"`` where it is the second such place.
    code : str
    """

    number: str
    change: str
    code: str

    def __str__(self):
        return f"{self.number} · {self.change}"


def changes_of(node):
    """Yield what can stand in the place of a node."""
    if isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in OTHER_OPERATOR:
        yield _with(node, op=OTHER_OPERATOR[type(node.op)]())
        if isinstance(node, ast.BinOp):
            yield node.left
            yield node.right
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER_OPERATOR:
        yield _with(node, ops=[OTHER_OPERATOR[type(node.ops[0])](), *node.ops[1:]])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from map(ast.Constant, _other_constants(node.value))
    elif isinstance(node, ast.Call):
        for place in range(len(node.keywords)):
            rest = node.keywords[:place] + node.keywords[place + 1 :]
            yield _with(node, keywords=rest)
        if len(node.args) > 1:
            yield _with(node, args=[node.args[1], node.args[0], *node.args[2:]])
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        swapped = _with(node.value, elts=node.value.elts[::-1])
        yield _with(node, value=swapped)


def _other_constants(value):
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [value * 2, value / 2]
    return []


def _with(node, **fields):
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def mutants(number):
    """Yield the mutants of one exercise's solution."""
    tree = ast.parse(answer_key.read(number)["code"])
    seen = {}
    for node, owner, field, place in list(_places(tree)):
        for changed in changes_of(node):
            text = f"{ast.unparse(node)} → {ast.unparse(changed)}"
            yield _mutant(number, tree, (owner, field, place), changed, text, seen)
    for owner in ast.walk(tree):
        body = getattr(owner, "body", None)
        if owner is tree or not isinstance(body, list) or len(body) < 2:
            continue
        for place, statement in enumerate(body):
            if not _is_docstring(statement):
                text = f"{ast.unparse(statement)} → pass"
                where = (owner, "body", place)
                yield _mutant(number, tree, where, ast.Pass(), text, seen)


def _places(tree):
    """Yield each node with where it stands: its owner's field, and the place in it."""
    for owner in ast.walk(tree):
        for field, value in ast.iter_fields(owner):
            for place, node in enumerate(value if isinstance(value, list) else [value]):
                is_text = isinstance(node, ast.Expr) and _is_docstring(node)
                if isinstance(node, ast.AST) and not is_text:
                    at = place if isinstance(value, list) else None
                    yield node, owner, field, at


def _is_docstring(statement):
    value = getattr(statement, "value", None)
    return isinstance(statement, ast.Expr) and isinstance(value, ast.Constant)


def _mutant(number, tree, where, changed, text, seen):
    owner, field, place = where
    before = getattr(owner, field)
    after = changed
    if place is not None:
        after = [*before[:place], changed, *before[place + 1 :]]
    setattr(owner, field, after)
    code = ast.unparse(ast.fix_missing_locations(copy.deepcopy(tree)))
    setattr(owner, field, before)
    text = " ".join(text.split())
    seen[text] = seen.get(text, 0) + 1
    return Mutant(number, text + (f" ({seen[text]})" * (seen[text] > 1)), code)


def survives(mutant):
    """Tell whether the exercise's check accepts a mutant with every seed."""
    exercise = find_exercise(mutant.number)
    try:
        names = names_before(mutant.number)
        exec(compile(mutant.code, "<mutant>", "exec"), names)
        objects = [names[name] for name in exercise.takes]
    except Exception:
        return False
    with in_a_notebook(SECONDS):
        return all(
            run_check(exercise, objects, np.random.default_rng(seed)).state == CORRECT
            for seed in SEEDS
        )


def explained():
    """Return the survivors that `equivalent_mutants.txt` explains."""
    lines = EXPLAINED.read_text("utf-8").splitlines()
    return {line for line in lines if line and not line.startswith(("#", " "))}


def main(arguments=None):
    """Print the survivors that nobody has explained; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exercises", nargs="*", metavar="N.M", help="default: all")
    options = parser.parse_args(arguments)
    numbers = options.exercises or [
        number for lesson in LESSONS for number in lesson_exercises(lesson)
    ]
    made = [mutant for number in numbers for mutant in mutants(number)]
    found = [str(one) for one in track(made, "trying mutants") if survives(one)]
    new = sorted(set(found) - explained())
    print(f"{len(made)} mutants, {len(found)} survive, {len(new)} without a reason")
    print(*new, sep="\n")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
