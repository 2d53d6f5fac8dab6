"""What the executed lessons show in JupyterLab: the map, and that nothing is cut."""

import io
import re
import shutil
from contextlib import suppress

import matplotlib.pyplot as plt
import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat.sign import NotebookNotary, SQLiteSignatureStore
from playwright.sync_api import TimeoutError, expect

from tests.browser.lab_page import SCREENSHOTS
from tests.browser.server import ROOT

SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))

# Where the points are in the window, and what each says.
POINTS = """plot => {
    const { xaxis, yaxis } = plot._fullLayout, trace = plot._fullData[0];
    const place = plot.getBoundingClientRect();
    return trace.text.map((text, n) => [
        place.left + xaxis._offset + xaxis.d2p(trace.x[n]),
        place.top + yaxis._offset + yaxis.d2p(trace.y[n]),
        text,
    ]);
}"""


@pytest.fixture(scope="module")
def solved(lab):
    """The executed lessons, in two folders: `trusted`, signed as a student's own are,
    and `downloaded`, unsigned.
    """
    notary = NotebookNotary(
        data_dir=str(lab.folder / "data"),
        store_factory=lambda: SQLiteSignatureStore(
            db_file=str(lab.folder / "data" / "nbsignatures.db")
        ),
    )
    for folder in ("trusted", "downloaded"):
        (lab.work / folder).mkdir()
        for path in SOLUTIONS:
            shutil.copy(path, lab.work / folder)
    for path in SOLUTIONS:
        notary.sign(nbformat.read(lab.work / "trusted" / path.name, as_version=4))
    # All cells at once, not those in sight alone.
    lab.set("notebook-extension/tracker", windowingMode="none", kernelShutdown=True)
    return lab.work


def colours_of(png):
    """Return the RGB colours in a picture, from 0 to 1: shape (rows, columns, 3)."""
    return plt.imread(io.BytesIO(png))[:, :, :3]


def hover_over_a_film(notebook, plot, of_kind=""):
    """Point at a film, the one that lies most apart; return what it says.

    Several times, if need be: a plot that is being fitted to its area moves its points.
    """
    for seconds in (2, 4, 8, 16):
        x, y, says = film_most_apart(plot, of_kind)
        notebook.page.mouse.move(x + 40, y + 40)
        notebook.page.mouse.move(x, y)
        title = plot.locator(
            ".hoverlayer .hovertext", has_text=says.partition("<br>")[0]
        )
        with suppress(TimeoutError):
            title.wait_for(timeout=seconds * 1000)
            return says
    raise AssertionError(f"pointed at, the map does not say {says!r}")


def film_most_apart(plot, of_kind):
    """Return the place in the window, and what it should say, of one film."""
    plot.evaluate("node => node.scrollIntoView({ block: 'center' })")
    points = plot.evaluate(POINTS)
    assert len(points) > 10

    def room(point):
        return min(
            abs(point[0] - other[0]) + abs(point[1] - other[1])
            for other in points
            if other is not point
        )

    return max((p for p in points if re.search(of_kind, p[2])), key=room)


def test_the_map_draws_and_tells_titles(notebook):
    notebook.open("06_embeddings.ipynb")
    for text, seconds in (
        ("finds the course's helpers", 60),
        ("import helpers.quiet_tensorflow", 120),
        ("movies = movielens.movies", 60),
        ("def trained_model", 120),
    ):
        notebook.run(notebook.find(text), seconds)
    notebook.run(notebook.find("chosen = movies["), 120)
    output = notebook.run(notebook.find("plots.embedding_map"))
    plot = output.locator(".js-plotly-plot")
    expect(plot).to_be_visible()
    says = hover_over_a_film(notebook, plot)
    assert re.match(r"Synthetic movie \d+ \(\d{4}\)<br>", says)
    for theme in ("dark", "light"):
        notebook.use_theme(theme)
        hover_over_a_film(notebook, plot)
        notebook.page.screenshot(path=SCREENSHOTS / f"06_map_{theme}.png")
    notebook.page.mouse.move(0, 0)
    x, y, _ = plot.evaluate(POINTS)[0]
    clip = {"x": x - 2, "y": y - 2, "width": 4, "height": 4}
    point = colours_of(notebook.page.screenshot(clip=clip))
    assert point.min() < 0.9, "where the point should be, all is white"
    expect(notebook.page.get_by_text("Unable to display output")).to_have_count(0)
    assert notebook.foreign_requests() == []


@pytest.mark.parametrize(
    ("folder", "lessons"),
    [("trusted", SOLUTIONS), ("downloaded", SOLUTIONS[1:2])],
    ids=["trusted", "downloaded"],
)
def test_no_output_is_cut_or_fails_to_show(folder, lessons, solved, notebook):
    for path in lessons:
        notebook.open(f"{folder}/{path.name}", only_to_read=True)
        notebook.wait_for_all_cells()
        for width in (1280, 700):
            notebook.page.set_viewport_size({"width": width, "height": 900})
            assert notebook.cut_outputs() == [], (path.name, width)
        for failure in ("Unable to display output", "Error displaying widget"):
            expect(notebook.page.get_by_text(failure)).to_have_count(0)
    assert notebook.foreign_requests() == []


def test_the_map_of_the_executed_lesson(solved, notebook):
    notebook.open("downloaded/06_embeddings.ipynb", only_to_read=True)
    place = notebook.find("plots.embedding_map")
    plot = notebook.show(place).locator(".js-plotly-plot")
    says = hover_over_a_film(notebook, plot)
    assert "<br>ratings: " in says
    notebook.use_theme("light")
    hover_over_a_film(notebook, plot, of_kind=r"ratings: [2-9]\d\d")  # known to many
    plot.screenshot(path=SCREENSHOTS / "map.png")


# The map itself is left out there, as nbconvert says: a picture of it follows.
@pytest.mark.filterwarnings("ignore:Your element with mimetype")
def test_an_exported_page_has_the_map_as_a_picture():
    (path,) = [one for one in SOLUTIONS if one.stem == "06_embeddings"]
    notebook = nbformat.read(path, as_version=4)
    html, _ = HTMLExporter(embed_images=True).from_notebook_node(notebook)
    place = next(
        n for n, c in enumerate(notebook.cells) if "plots.embedding_map" in c.source
    )
    picture = next(c for c in notebook.cells[place + 1 :] if c.cell_type == "code")
    assert "image/png" in picture.outputs[0].data
    assert picture.outputs[0].data["image/png"].strip()[:200] in html
