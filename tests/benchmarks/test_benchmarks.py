"""The bench: every model runs end to end on a few made-up ratings; records keep."""

import json
import os
import statistics
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from rich.progress import Progress

from benchmarks import __main__ as command
from benchmarks import (
    course,
    entries,
    grading,
    growth,
    measure,
    models,
    peers,
    public_notebooks,
    report,
    settings,
    splits,
    targets,
    tune,
)
from benchmarks import results as kept
from benchmarks.metrics import measured
from benchmarks.processes import TaskFailedError, run_apart
from benchmarks.results import KEYS, Results, record
from benchmarks.tables import as_table
from grading.submissions import read_cells, recognise
from helpers.data import synthetic
from helpers.splits import random_split


@pytest.fixture(scope="module")
def tiny():
    movielens = synthetic(n_users=6, n_movies=15, n_ratings=70)
    split = random_split(movielens, test=0.2, valid=0)
    return splits.part_of("u1-filtered", split, movielens)


@pytest.fixture
def briefly(monkeypatch):
    """One epoch, step by step: a graph takes longer to make than these few steps."""
    fit = keras.Model.fit

    def one_epoch(*args, **more):
        return fit(*args, **more | {"epochs": 1})

    monkeypatch.setattr(keras.Model, "fit", one_epoch)
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def on_tiny(monkeypatch, tiny):
    """Every split is the tiny one, and nothing gets a process of its own."""
    monkeypatch.setattr(measure, "load_split", lambda name: tiny)

    def in_this_process(function, *arguments):
        return getattr(measure, function.rpartition(".")[2])(*arguments)

    monkeypatch.setattr(measure, "run_apart", in_this_process)


def some_results(path, **values):
    """Return results with one record a value: kind__split__metric=value."""
    results = Results(path)
    results.put([record("computer", "computer", "", "", note="Measured on paper.")])
    for name, value in values.items():
        kind, split, metric = name.split("__")
        results.put(
            [
                record(
                    *(kind, f"model of {kind}", split.replace("_", "-")),
                    *(one, value + place / 100),
                    spread=0.001,
                    runs=5,
                    fit_s=1.0,
                    cpu_s=1.0,
                    score_s=0.1,
                    peak_mb=500,
                )
                for place, one in enumerate(metrics_beside(metric))
            ]
        )
    return results


def metrics_beside(metric):
    if metric == "ndcg":
        return [f"ndcg@{k}" for k in (10, 20, 30, 100)]
    return ["rmse", "mae", "mae_rounded"] if metric == "rmse" else [metric]


def test_an_unknown_benchmark_is_named(capsys):
    assert command.main(["gradign"]) == 2
    assert "no benchmark gradign; there are models, speed" in capsys.readouterr().err


def test_a_class_hands_in_one_lesson_and_no_two_the_same():
    handed_in = list(grading.submissions_of("03", 3))
    assert {recognise(read_cells(one)) for one in handed_in} == {"03"}
    assert len({one.content for one in handed_in}) == 3


def test_a_table_has_columns_of_one_width():
    lines = as_table([("a", "1"), ("long", "22")], ["name", "n"]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[0].split() == ["|", "name", "|", "n", "|"]


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        *(
            ("notebook", name)
            for group in public_notebooks.MODELS.values()
            for name in group
        ),
        *(("course", name) for name in (*course.RATERS, *course.RANKERS)),
    ],
)
def test_each_model_trains_and_answers(on_tiny, briefly, kind, model):
    one = next(c for c in entries.all_entries([kind]) if c.model == model)
    records = measure.records_of(one, runs=1)
    assert {tuple(row) for row in records} == {KEYS}
    for row in records:
        assert row["note"] is None, row["note"]
        assert 0 < row["value"] < 6 and row["runs"] == 1
        assert row["fit_s"] >= 0 and row["peak_mb"] > 50


def test_a_public_notebook_ranks_one_by_one_as_at_once(tiny):
    model = public_notebooks.build_nadam_model(tiny.n_users, tiny.n_movies, "bias")
    slow = public_notebooks.one_user_at_a_time(model, tiny.n_users, tiny.n_movies)
    fast = public_notebooks.all_users_at_once(model, tiny.n_users, tiny.n_movies)
    np.testing.assert_allclose(slow, fast, atol=1e-6)


def test_a_peer_that_is_not_installed_is_left_out_with_its_reason(on_tiny, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "surprise", None)
    one = next(c for c in entries.all_entries(["peer"]) if "SVD" in c.model)
    (row,) = measure.records_of(one)
    assert row["value"] is None and row["runs"] == 0
    assert "not installed" in row["note"] and "surprise" in row["note"]


def test_ease_is_the_constrained_least_squares_that_it_says(tiny):
    scores = peers.ease(tiny, 0, l2=10.0, power=1.0)()
    watched = peers._matrix(tiny, tiny.train["rating"]).toarray()
    # Column by column: ridge regression of a movie on all others.
    for movie in (0, 7):
        others = np.delete(np.arange(tiny.n_movies), movie)
        x, y = watched[:, others], watched[:, movie]
        weights = np.linalg.solve(x.T @ x + 10 * np.eye(len(others)), x.T @ y)
        np.testing.assert_allclose(scores[:, movie], x @ weights, atol=1e-3)


def test_each_peer_has_settings_and_a_grid_to_find_them(tiny):
    for peer in (*peers.RATERS.values(), *peers.RANKERS.values()):
        name = peer.__name__
        assert set(settings.setting_of(name, tiny)) <= set(tune.GRIDS[name])


def test_tuning_never_sees_a_test_rating(tiny):
    cut = splits.without_test(tiny, 0.2)
    seen = set(cut.train.index) | set(cut.test.index)
    assert seen == set(tiny.train.index) and not seen & set(tiny.test.index)


def test_random80_is_drawn_from_the_merged_frame():
    movielens = synthetic(n_users=30, n_movies=25, n_ratings=300)
    split = splits._random80("random80", movielens)
    merged = movielens.movies.merge(movielens.ratings, on="movie_id")
    from sklearn.model_selection import train_test_split

    _, test = train_test_split(merged, test_size=0.2, random_state=0)
    assert split.test[["user_id", "movie_id"]].to_numpy().tolist() == (
        test[["user_id", "movie_id"]].to_numpy().tolist()
    )


def test_a_split_whose_ratings_are_not_here_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("MOVIELENS_SOURCE", str(tmp_path))
    with pytest.raises(splits.SplitLeftOutError, match="ml-latest-small"):
        splits.load_split("latest2018-80-20")


def test_rounded_errors_stand_apart(tiny):
    stars = np.full(len(tiny.test), 3.4)
    figures = measured(tiny, {"stars": stars})
    rounded = measured(tiny, {"stars": np.full(len(tiny.test), 3.0)})
    assert figures["mae_rounded"] == rounded["mae"] != figures["mae"]


def test_a_second_call_goes_on_where_the_first_was_interrupted(tmp_path, monkeypatch):
    path = tmp_path / "results.json"
    everyone = [entries.Entry("course", name, "random80", 2, None) for name in "abc"]
    monkeypatch.setattr(models, "all_entries", lambda kinds: everyone)
    ran = []

    def fails_at(broken):
        def records_of(one, runs=None):
            if one.model == broken:
                raise KeyboardInterrupt
            ran.append(one.model)
            return [record(*one.key, "rmse", 0.9, runs=2, fit_s=1.0)]

        return records_of

    monkeypatch.setattr(models, "records_of", fails_at("c"))
    with Progress(disable=True) as progress, pytest.raises(KeyboardInterrupt):
        models.run(Results(path), progress, jobs=1)
    assert [one["model"] for one in json.loads(path.read_text("utf-8"))] == ["a", "b"]

    monkeypatch.setattr(models, "records_of", fails_at(None))
    with Progress(disable=True) as progress:
        models.run(Results(path), progress, jobs=1)
    assert ran == ["a", "b", "c"]
    assert not list(tmp_path.glob("*.part"))
    assert Results(path, fresh=True).records == []


def test_who_was_left_out_or_ran_too_seldom_is_tried_again(tmp_path):
    results = Results(tmp_path / "results.json")
    key = ("peer", "SVD", "random80")
    results.put([record(*key, None, runs=0, note="not installed")])
    assert not results.has(*key, runs=1)
    results.put([record(*key, "rmse", 0.93, runs=1)])
    assert results.has(*key, runs=1) and not results.has(*key, runs=5)
    assert len(results.records) == 1


def test_a_process_apart_returns_or_tells_its_error():
    assert run_apart("operator.add", 2, 3) == 5
    with pytest.raises(TaskFailedError, match="ZeroDivisionError"):
        run_apart("operator.truediv", 1, 0)


@pytest.mark.skipif(os.name == "nt", reason="Windows lacks `resource`: no peak memory")
def test_growth_measures_all_stages_once(tmp_path):
    results = Results(tmp_path / "results.json")
    with Progress(disable=True) as progress:
        growth.run(results, progress, quick=True)
        measured_once = list(results.records)
        growth.run(results, progress, quick=True)
    assert results.records == measured_once
    found = {one["metric"]: one["value"] for one in measured_once}
    for stage in growth.STAGES:
        assert found[f"{stage}: µs"] > 0
    assert found["peak_mb"] > 100


def test_a_task_that_fails_is_left_out_with_its_reason(tmp_path):
    results = Results(tmp_path / "results.json")
    with Progress(disable=True) as progress:
        measure.measure_missing(
            "growth", {"any": "synthetic"}, "operator.truediv", results, progress
        )
    (only,) = results.records
    assert only["value"] is None and "unsupported operand" in only["note"]


@pytest.mark.parametrize(("value", "is_reached"), [(0.879, True), (0.881, False)])
def test_a_target_flips_when_the_value_is_worse(tmp_path, value, is_reached):
    results = some_results(tmp_path / "r.json", course__random80__rmse=value)
    (line, *_) = targets.ACCURACY
    assert line.verdict(results)[2].startswith("reached") == is_reached
    assert targets.ACCURACY[-1].verdict(results)[2] == "not measured"


def test_a_speed_target_is_read_from_its_ratio(tmp_path):
    results = Results(tmp_path / "r.json")
    key = ("speed", "NDCG for all users", "u1-filtered")
    results.put([record(*key, "ratio", 4.0, spread=0.1, runs=3)])
    assert targets.SPEED[-1].verdict(results)[2] == "**not reached**, 1.0 short"


def test_the_page_is_written_from_the_records_alone(tmp_path):
    results = some_results(
        tmp_path / "r.json",
        course__random80__rmse=0.878,
        notebook__random80__rmse=0.955,
        peer__random80__rmse=0.874,
        course__u1_filtered__ndcg=0.452,
        peer__u1_filtered__ndcg=0.470,
    )
    results.put(
        [record("peer", "absent", "random80", None, runs=0, note="not installed: x")]
    )
    page = report.run(results, tmp_path / "docs")
    text = page.read_text("utf-8")
    assert "Measured on paper." in text
    assert "is level with the best peer" in text  # 0.004 apart
    assert "is behind the best peer" in text  # 0.018 apart, by NDCG
    assert "Left out: absent. not installed: x" in text
    for target in ("](benchmarks_stars.svg)", "](benchmarks_lists.svg)"):
        assert target in text
    assert "best of the course 0.878, public notebooks 0.955, peers 0.874" in text
    figure = (page.parent / "benchmarks_stars.svg").read_text("utf-8")
    report.run(Results(tmp_path / "r.json"), tmp_path / "again")
    assert page.read_text("utf-8") == (tmp_path / "again" / page.name).read_text(
        "utf-8"
    )
    assert figure == (tmp_path / "again" / "benchmarks_stars.svg").read_text("utf-8")


def test_a_committed_page_is_that_of_the_committed_records(tmp_path):
    if not kept.PATH.exists():
        pytest.skip("benchmarks/results.json is not there yet: make bench")
    page = report.run(Results(kept.PATH), tmp_path)
    committed = Path(report.DOCS, page.name)
    assert page.read_text("utf-8") == committed.read_text("utf-8")


def test_means_and_spreads_are_those_of_the_runs(on_tiny, briefly):
    one = next(c for c in entries.all_entries(["course"]) if c.model == "dot")
    rows = measure.records_of(one, runs=2)
    found = measure.measure(*one.key, 2)["figures"]
    for row in rows:
        values = [run[row["metric"]] for run in found]
        assert row["value"] == pytest.approx(statistics.fmean(values), abs=1e-4)
        assert row["runs"] == 2
