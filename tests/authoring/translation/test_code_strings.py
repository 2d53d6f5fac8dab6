"""The texts in a lesson's code."""

import ast

import pytest

from authoring.project import AuthoringError
from authoring.translation.code_strings import placeholders, replace, template_of, texts


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ('print("of", n)', ["of"]),
        ('axes.set_title("Means")', ["Means"]),
        ('axes.plot(x, label="training")', ["training"]),
        ('verdict(f"RMSE of {name}", 1, at_most=2)', ["RMSE of {name}"]),
        ('results = {"64 factors": best["64 factors"]}', ["64 factors"] * 2),
        ('def f():\n    """Say why."""\n    x["movie_id"]', ["Say why."]),
        ('axes.annotate("no", xy, textcoords="offset points")', ["no"]),
        ('frame["rating"].rename("ratings")', []),
        ('f"hidden_{number}"', []),
        ('titles.str.contains("Star Wars")', []),
        ('{"popularity": 1}["popularity"]', ["popularity"] * 2),
        ('movielens.lacks("popularity")', []),
    ],
)
def test_what_a_reader_sees_of_code_is_found(source, seen):
    words = {"popularity"}
    assert [text.message for text in texts(source, words)] == seen


def test_a_template_keeps_its_placeholders_and_its_lines():
    source = 'print(\n    f"of {n:,} ratings "\n    f"{share:.0%} are \\"new\\""\n)\n'
    [text] = texts(source)
    assert text.message == 'of {n:,} ratings {share:.0%} are "new"'
    assert placeholders(text.message) == ["{n}", "{share:.0%}"]
    # A comma between thousands may be left out: in Spanish it is a decimal sign.
    assert placeholders("{n:,} {x:,.1f}") == placeholders("{n} {x:.1f}")
    assert placeholders("{n:,} {x[:, 0]}") != placeholders("{n:.1f} {x[: 0]}")
    new = replace(
        source, lambda _: "{share:.0%} de las {n:,} valoraciones son «nuevas»"
    )
    node = ast.parse(new).body[0].value.args[0]
    assert template_of(node) == "{share:.0%} de las {n:,} valoraciones son «nuevas»"
    with pytest.raises(AuthoringError, match="placeholders"):
        replace(source, lambda _: "{share:.0%} de {m:,}")
