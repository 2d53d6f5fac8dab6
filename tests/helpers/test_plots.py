"""The figures show what they claim to show."""

import base64
import io
import json

import matplotlib

matplotlib.use("Agg")

import helpers.quiet_tensorflow  # isort: skip
import keras
import matplotlib.pyplot as plt
import nbconvert
import nbformat
import numpy as np
import pandas as pd
import plotly.io
import pytest

from helpers import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def drawn(plot, *arguments, **options):
    """Call a plot function and return the axes that it drew on."""
    assert plot(*arguments, **options) is None, "a notebook would print it"
    return plt.gca()


def history_of(**curves):
    history = keras.callbacks.History()
    history.history = curves
    return history


def texts_of(axes):
    return [text.get_text() for text in axes.texts]


def test_history_marks_the_best_validation_epoch():
    history = history_of(loss=[3, 2, 1], val_loss=[3, 1.5, 2])
    axes = drawn(plots.plot_history, history, "Some title", unit="stars")
    assert (
        axes.get_title(loc="left") == "Some title" or axes.get_title() == "Some title"
    )
    assert axes.get_ylabel() == "loss (stars)"
    assert texts_of(axes) == ["lowest: epoch 2"]
    solid, dashed = axes.get_lines()[:2]
    assert (solid.get_linestyle(), dashed.get_linestyle()) == ("-", "--")


def test_history_writes_the_names_of_metrics_in_capitals():
    axes = drawn(plots.plot_history, history_of(rmse=[3, 2]), "Title", metric="rmse")
    assert axes.get_ylabel() == "RMSE"


def test_history_without_validation_and_with_a_wrong_name():
    history = history_of(loss=[3, 2, 1])
    assert len(drawn(plots.plot_history, history, "No validation").get_lines()) == 1
    with pytest.raises(KeyError, match="it has loss"):
        plots.plot_history(history, "Wrong", metric="rmse")


def test_bars_start_at_zero():
    axes = drawn(
        plots.plot_bars, ["a", "b"], [0.95, 0.93], "Title", "unit", highlight=["b"]
    )
    assert [bar.get_width() for bar in axes.patches] == [0.95, 0.93]
    assert axes.get_xlim()[0] == 0
    assert axes.patches[0].get_facecolor() != axes.patches[1].get_facecolor()
    assert texts_of(axes) == ["0.950", "0.930"]


def two_towers():
    user = keras.Input((), dtype="int32", name="user")
    movie = keras.Input((), dtype="int32", name="movie")
    one = keras.layers.Embedding(3, 4, name="user_factors")(user)
    other = keras.layers.Embedding(5, 4, name="movie_factors")(movie)
    score = keras.layers.Dot(axes=-1, name="score")([one, other])
    return keras.Model({"user": user, "movie": movie}, score, name="towers")


def test_the_drawing_of_a_model_has_every_layer_and_every_arrow():
    model = two_towers()
    axes = drawn(plots.draw_model, model)
    boxes = [text for text in texts_of(axes) if text]
    arrows = [text for text in texts_of(axes) if not text]
    assert {box.split("\n")[0] for box in boxes} == {x.name for x in model.layers}
    assert "score\nDot → (n, 1)" in boxes
    assert len(arrows) == 4
    assert "32 weights" in axes.get_title(loc="left") + axes.get_title()


def test_operations_are_drawn_like_layers():
    user = keras.Input((), dtype="int32", name="user")
    movie = keras.Input((), dtype="int32", name="movie")
    one = keras.layers.Embedding(3, 4, name="user_factors")(user)
    other = keras.layers.Embedding(5, 4, name="movie_factors")(movie)
    both = keras.ops.concatenate([one, other], axis=-1)
    x = keras.layers.Dense(1, name="output")(both)
    model = keras.Model({"user": user, "movie": movie}, x + 3.5)
    axes = drawn(plots.draw_model, model)
    boxes = [text for text in texts_of(axes) if text]
    arrows = [text for text in texts_of(axes) if not text]
    assert len(boxes) == 7
    assert len(arrows) == 6
    assert any("\nConcatenate → (n, 8)" in box for box in boxes)
    assert any("\nAdd → (n, 1)" in box for box in boxes)


def test_a_subclass_with_sizes_of_its_own_is_listed(capsys):
    class Sized(keras.Model):
        def __init__(self, n_units):
            super().__init__()
            self.dense = keras.layers.Dense(n_units, name="the_dense_layer")

        def call(self, x):
            return self.dense(x)

    model = Sized(2)
    model(np.zeros((1, 2)))
    assert plots.draw_model(model) is None
    said = capsys.readouterr().out
    assert "cannot be drawn" in said
    assert "the_dense_layer" in said
    assert not plt.get_fignums(), "an empty figure is left"


def test_a_subclassed_model_is_listed(capsys):
    class Doubler(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1, name="the_dense_layer")

        def call(self, x):
            return self.dense(x)

    model = Doubler()
    model(np.zeros((1, 2)))
    assert plots.draw_model(model) is None
    assert "the_dense_layer" in capsys.readouterr().out


def test_the_map_names_each_point_and_carries_no_javascript(monkeypatch):
    monkeypatch.setattr(plotly.io.renderers, "default", "plotly_mimetype+notebook")
    table = pd.DataFrame(
        {
            "title": ["Alien", "Brazil"],
            "year": pd.array([1979, None], dtype="Int64"),
            "genres": ["Horror|Sci-Fi", ""],
            "ratings": [10, 1000],
        }
    )
    figure = plots.embedding_map(np.array([[0, 1], [2, 3.0]]), table, "A map")
    (points,) = figure.data
    assert points.text[0] == "Alien (1979)<br>Horror|Sci-Fi<br>ratings: 10"
    assert points.text[1].startswith("Brazil")
    assert list(points.x) == [0, 2]
    assert list(points.marker.color) == [1, 3], "counts are coloured on a log scale"
    assert plotly.io.renderers.default == "plotly_mimetype"


@pytest.fixture
def some_map():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "title": [f"Movie {n}" for n in range(200)],
            "year": pd.array([1990] * 200, dtype="Int64"),
            "genres": "Drama",
            "ratings": rng.integers(1, 500, 200),
        }
    )
    points = rng.normal(size=(200, 2))
    return plots.embedding_map(points, table, "A map <of> movies")


def shown_by(figure, monkeypatch, renderer="plotly_mimetype"):
    monkeypatch.setattr(plotly.io.renderers, "default", renderer)
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, raw: shown.append(data))
    figure._ipython_display_()
    return shown[0]


def test_a_map_leaves_a_picture_where_it_cannot_run(some_map, monkeypatch):
    data = shown_by(some_map, monkeypatch)
    assert "application/vnd.plotly.v1+json" in data
    assert "image/png" not in data, "JupyterLab would show it in place of the map"
    assert data["text/plain"] == "A map <of> movies: a map of 200 movies"
    content = base64.b64decode(data["image/jpeg"])
    assert plt.imread(io.BytesIO(content), "jpeg").std() > 25, "something is drawn"
    assert len(content) < 100_000
    assert shown_by(some_map, monkeypatch) == data, "twice the same, byte for byte"
    assert not plt.get_fignums(), "and nothing is left to be shown by itself"
    json.dumps(data)
    assert "text/html" in shown_by(some_map, monkeypatch, "colab")


@pytest.mark.parametrize("exporter", ["html", "markdown", "latex", "slides"])
def test_an_exported_map_is_the_picture(some_map, monkeypatch, exporter):
    data = shown_by(some_map, monkeypatch)
    output = nbformat.v4.new_output("display_data", data=data)
    cell = nbformat.v4.new_code_cell("show the map", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    text, resources = nbconvert.get_exporter(exporter)().from_notebook_node(notebook)
    picture = base64.b64decode(data["image/jpeg"])
    is_inside = "data:image/jpeg;base64," in text
    assert is_inside or picture in resources["outputs"].values()


def test_what_is_not_known_is_not_named_beside_a_point():
    table = pd.DataFrame(
        {
            "title": ["All", "No year", "No genres", "Nothing", None],
            "year": pd.array([1979, None, 1980, None, 1981], dtype="Int64"),
            "genres": ["Drama", "War", "", None, np.nan],
            "ratings": [10, 5, 7, np.nan, 3],
        }
    )
    figure = plots.embedding_map(np.zeros((5, 2)), table, "A map")
    assert list(figure.data[0].text) == [
        "All (1979)<br>Drama<br>ratings: 10",
        "No year<br>War<br>ratings: 5",
        "No genres (1980)<br>ratings: 7",
        "Nothing",
        "(1981)<br>ratings: 3",
    ]
    assert plots.picture_of(figure)
    floats = table.assign(year=table["year"].astype("float64"))
    texts = plots.embedding_map(np.zeros((5, 2)), floats, "A map").data[0].text
    assert list(texts) == list(figure.data[0].text)
