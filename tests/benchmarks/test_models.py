"""The benchmark of all models, and how it is continued."""

import json

import pytest
from rich.progress import Progress

from benchmarks import entries, models
from benchmarks.results import Results, record


def test_a_second_call_continues_where_the_first_was_interrupted(tmp_path, monkeypatch):
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
