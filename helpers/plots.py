"""Figures that several lessons draw."""

import base64
import functools
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.figure import Figure

from helpers.i18n import gettext

# Okabe & Ito's palette: eight colours that people with any of the common kinds
# of colour blindness can tell apart (https://jfly.uni-koeln.de/color/).
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, GREY = "#CC79A7", "#56B4E9", "#F0E442", "#6B6B6B"
PALETTE = [BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY]


def use_course_style():
    """Set colours, sizes and grid of all figures that follow."""
    plt.rcParams.update(
        {
            "figure.figsize": (7.0, 3.6),
            "figure.dpi": 90,
            "figure.constrained_layout.use": True,
            "axes.prop_cycle": plt.cycler(color=PALETTE),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.titlelocation": "left",
            "axes.titlesize": "large",
            "grid.color": "#E5E5E5",
            "legend.frameon": False,
            "font.size": 10.5,
        }
    )


def plot_history(history, title, metric="loss", unit=None, ylim=None):
    """Draw a training curve (solid) and its validation curve (dashed).

    Parameters
    ----------
    history : keras.callbacks.History
        What `model.fit` returned.
    title : str
    metric : str
        A key of ``history.history``; ``"val_" + metric`` is drawn beside it
        where it is there, with its lowest point marked.
    unit : str, optional
        Shown on the y axis, for example ``"stars"``.
    ylim : (float, float), optional
        Ends of the y axis, where the first epochs would flatten all the rest.

    Raises
    ------
    KeyError
        If the metric was not recorded; the message lists what was.
    """
    curves = history.history
    if metric not in curves:
        raise KeyError(
            gettext(
                "No {metric!r} in this history; it has {curves}.",
                metric=metric,
                curves=", ".join(curves),
            )
        )
    epochs = np.arange(1, len(curves[metric]) + 1)
    axes = plt.figure().add_subplot()
    axes.plot(epochs, curves[metric], color=BLUE, label=gettext("training"))
    validation = curves.get(f"val_{metric}")
    if validation is not None:
        axes.plot(epochs, validation, "--", color=RED, label=gettext("validation"))
        best = int(np.argmin(validation))
        axes.plot(epochs[best], validation[best], "o", color=RED)
        axes.annotate(
            gettext("lowest: epoch {epoch}", epoch=epochs[best]),
            (epochs[best], validation[best]),
            textcoords="offset points",
            xytext=(0, 9),
            ha=("left", "center", "right")[3 * best // len(validation)],
        )
    axes.set_xlabel(gettext("epoch"))
    name = metric.upper() if metric in ("rmse", "mae") else metric
    axes.set_ylabel(f"{name} ({unit})" if unit else name)
    axes.set_ylim(ylim)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_title(title)
    axes.legend()
    plt.show()


def draw_model(model, count_weights=True):
    """Draw the layers of a model and how they are connected, inputs on top.

    Parameters
    ----------
    model : keras.Model
        Functional; operations such as ``x + y`` or ``ops.concatenate`` are drawn
        like layers. A subclassed model has no graph to draw: its layers are
        listed as a table instead.
    count_weights : bool
        Show the number of weights in the title.
    """
    parents = _parents_of(model)
    if not parents:
        print(
            gettext(
                "{name} is a class of its own. What its `call` does cannot be drawn, "
                "so here is a list of its layers.",
                name=model.name,
            )
        )
        model.summary()
        return
    nodes = {node.name: node for node in model.operations}
    row = {}
    for name, above in parents.items():
        row[name] = 1 + max((row.get(parent, -1) for parent in above), default=-1)
    reach = {p: row[name] for name in sorted(row, key=row.get) for p in parents[name]}
    n_rows = max(row.values()) + 1
    widest = max(list(row.values()).count(r) for r in range(n_rows))
    axes = plt.figure(figsize=(max(4.0, 2.1 * widest), 0.75 * n_rows)).add_subplot()
    place = {}
    for r in range(n_rows):
        names = [name for name in parents if row[name] == r]
        # Under their parents; those with long connections are on the outside.
        xs = {n: [place[p][0] for p in parents[n] if p in place] for n in names}
        side = {name: np.mean(x or [0.5]) for name, x in xs.items()}
        names.sort(key=lambda n: (side[n], (side[n] - 0.5) * reach.get(n, 0)))
        for column, name in enumerate(names):
            place[name] = ((column + 0.5) / len(names), -r)
    for name, (x, y) in place.items():
        axes.annotate(
            f"{name}\n{type(nodes[name]).__name__}{_shape_of(nodes[name])}",
            (x, y),
            ha="center",
            va="center",
            fontsize=8.5,
            zorder=3,
            bbox={"boxstyle": "round,pad=0.4", "fc": "#E8F2F9", "ec": BLUE},
        )
        for parent in parents[name]:
            axes.annotate(
                "",
                (x, y + 0.27),
                (place[parent][0], place[parent][1] - 0.27),
                arrowprops={"arrowstyle": "->", "color": GREY},
                zorder=2,
            )
    axes.set_xlim(0, 1)
    axes.set_ylim(0.5 - n_rows, 0.5)
    axes.axis("off")
    weights = (
        gettext(": {n:,} weights", n=model.count_params()) if count_weights else ""
    )
    axes.set_title(f"{model.name}{weights}")
    plt.show()


def _parents_of(model):
    """Return the layers that each layer takes its inputs from.

    Empty if the model has no graph.
    """
    if not hasattr(model, "operations"):
        return {}
    try:
        layers = model.get_config().get("layers", [])
    except (NotImplementedError, TypeError, ValueError):
        return {}
    names = {node.name for node in model.operations}
    return {
        layer["name"]: [
            parent
            for parent in _named_tensors(layer["inbound_nodes"])
            if parent in names
        ]
        for layer in layers
        if layer["name"] in names
    }


def _shape_of(node):
    """Name the shape of what a layer gives, if it gives one thing in one place."""
    try:
        shape = node.output.shape
    except (AttributeError, ValueError):
        return ""
    return f" → ({', '.join('n' if size is None else str(size) for size in shape)})"


def _named_tensors(config):
    """Find the names of the layers that a layer's saved inputs come from."""
    if isinstance(config, dict):
        if "keras_history" in config:
            yield config["keras_history"][0]
        else:
            yield from _named_tensors(list(config.values()))
    elif isinstance(config, (list, tuple)):
        for part in config:
            yield from _named_tensors(part)


def plot_bars(labels, values, title, xlabel, highlight=()):
    """Draw named horizontal bars, the first one on top, each with its number.

    Parameters
    ----------
    labels : sequence of str
    values : sequence of float
    title, xlabel : str
    highlight : collection of str
        Labels whose bars are drawn in the second colour.
    """
    labels, values = list(labels), list(values)
    axes = plt.figure(figsize=(7.0, 0.32 * len(labels) + 1.1)).add_subplot()
    colors = [ORANGE if label in highlight else BLUE for label in labels]
    bars = axes.barh(range(len(labels)), values, color=colors)
    fmt = "{:,.3f}" if max(map(abs, values)) < 1.5 else "{:,.3g}"
    axes.bar_label(bars, fmt=fmt, padding=3)
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.margins(x=0.2 if min(values) < 0 else 0.12)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(xlabel)
    axes.set_title(title)
    plt.show()


def embedding_map(points, table, title, color="ratings"):
    """Draw an interactive map of movies: hover over a point to read its title.

    Parameters
    ----------
    points : array, shape (n_movies, 2)
        Coordinates from PCA, t-SNE or UMAP.
    table : pandas.DataFrame, n_movies rows in the same order
        With title, year, genres, and the column that colours the points.
    title : str
    color : str
        A numeric column of `table`; counts are coloured on a log scale.

    Returns
    -------
    plotly.graph_objects.Figure
        The last line of a cell shows it; where nothing interactive can run (on paper,
        on GitHub), a picture of it.
    """
    import plotly.graph_objects as go
    import plotly.io

    if plotly.io.renderers.default == "plotly_mimetype+notebook":
        # JupyterLab draws the first of the two; the second would put 4 MB of
        # JavaScript into the notebook, for each map.
        plotly.io.renderers.default = "plotly_mimetype"
    values = table[color].astype("float64")
    logarithmic = values.min() > 0 and values.max() > 50 * values.min()
    shown = np.log10(values) if logarithmic else values
    bar = {"title": {"text": color}}
    if logarithmic:
        ticks = np.arange(np.floor(shown.min()), np.ceil(shown.max()) + 1)
        bar |= {"tickvals": ticks, "ticktext": [f"{10**tick:,.0f}" for tick in ticks]}
    hover = [
        _lines(row.title, row.year, row.genres, color, value)
        for row, value in zip(table.itertuples(), values, strict=True)
    ]
    figure = _with_picture(go.Figure)(
        go.Scatter(  # Scattergl needs WebGL, which not every browser has
            x=np.round(points[:, 0], 3),
            y=np.round(points[:, 1], 3),
            mode="markers",
            marker={
                "color": np.round(shown, 3),
                "colorscale": "Cividis",
                "size": 6,
                "colorbar": bar,
            },
            text=hover,
            hoverinfo="text",
        )
    )
    figure.update_layout(
        title=title,
        height=560,  # and as wide as there is room
        template="plotly_white",
        margin={"l": 10, "r": 10, "t": 50, "b": 10},
        xaxis={"showticklabels": False, "zeroline": False},
        yaxis={"showticklabels": False, "zeroline": False},
    )
    return figure


def _lines(title, year, genres, color, value):
    """Return the hover text of a movie; leave out what is not known."""
    name = ["" if pd.isna(title) else title, "" if pd.isna(year) else f"({year:.0f})"]
    lines = [
        " ".join(filter(None, name)),
        "" if pd.isna(genres) else genres,
        "" if pd.isna(value) else f"{color}: {value:,.4g}",
    ]
    return "<br>".join(filter(None, lines))


@functools.cache
def _with_picture(figure_class):
    """Return a subclass of a plotly figure that includes a static picture."""

    class Map(figure_class):
        def _ipython_display_(self):
            shown = self._repr_mimebundle_()
            if not shown:  # a terminal: plotly opens a browser
                super()._ipython_display_()
                return
            title = self.layout.title.text
            n = len(self.data[0].x)
            picture = {
                # JupyterLab would show a PNG in place of the map, until it is
                # pointed at.
                "image/jpeg": base64.b64encode(picture_of(self)).decode(),
                "text/plain": gettext(
                    "{title}: a map of {n:,} movies", title=title, n=n
                ),
            }
            display(picture | shown, raw=True)

    return Map


def picture_of(figure):
    """Draw the points of a map, as a JPEG."""
    (points,), bar = figure.data, figure.data[0].marker.colorbar
    drawn = Figure(figsize=(8.6, 5.4), layout="constrained")
    axes = drawn.add_subplot()
    colored = axes.scatter(
        points.x,
        points.y,
        s=14,
        c=np.array(points.marker.color, dtype="float64"),
        cmap="cividis",
        plotnonfinite=True,
    )
    legend = drawn.colorbar(colored, label=bar.title.text)
    if bar.tickvals is not None:
        low, high = colored.get_clim()
        ticks = zip(bar.tickvals, bar.ticktext, strict=True)
        ticks = [(place, text) for place, text in ticks if low <= place <= high]
        legend.set_ticks([place for place, _ in ticks], labels=[t for _, t in ticks])
    axes.tick_params(bottom=False, left=False, labelbottom=False, labelleft=False)
    axes.set_title(figure.layout.title.text)
    jpeg = io.BytesIO()
    drawn.savefig(jpeg, format="jpeg", dpi=80, pil_kwargs={"quality": 90})
    return jpeg.getvalue()
