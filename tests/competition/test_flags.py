"""What an instructor is told to look at, and what not."""

import dataclasses

import numpy as np
import pytest

from competition.boards import boards
from competition.entries import File
from competition.flags import flags
from competition.making import BEST
from helpers.competition.submissions import LISTS, RATINGS, Submission
from tests.support.competitions import small

RNG = np.random.default_rng(0)


def flagged(predictions, kind=RATINGS, made=None):
    made = made or small()
    files = [
        File(team, "x.csv", Submission(kind, values), (), True)
        for team, values in predictions.items()
    ]
    (board,) = boards(made, files, True)
    return flags(board, made)


def noisy(share=0.6, noise=0.1):
    best, base = (small().rows[RATINGS, name].values for name in (BEST, "biases"))
    mixed = share * best + (1 - share) * base
    return mixed + noise * RNG.standard_normal(len(best))


def test_ordinary_teams_and_the_course_s_own_models_are_not_flagged():
    teams = {f"team {n}": noisy(n / 10, 0.05) for n in range(8)}
    biases = small().rows[RATINGS, "biases"].values
    # Half a class will hand in the notebook's model, or one with another penalty.
    baselines = {f"base {n}": biases for n in range(3)}
    baselines["other penalty"] = 0.98 * biases + 0.07
    best = {"as good as can be": small().rows[RATINGS, BEST].values}
    assert flagged(teams | baselines | best) == {}
    popular = small().rows[LISTS, "popularity"].values
    assert flagged({"ada": popular, "bob": popular}, LISTS) == {}


def test_scores_better_than_the_best_possible_are_flagged():
    answers = small().answers.ratings
    half = np.where(RNG.random(len(answers)) < 0.5, answers, noisy())
    found = flagged({"all": answers, "half": half})
    assert "better than the best possible" in found["all"][0]
    assert "Exactly as in the answers are 100%" in found["all"][1]
    assert "better than the best possible" in found["half"][0]
    assert len(found["half"]) == 1


def test_lists_of_the_hidden_movies_are_flagged():
    made = small()
    lists = made.rows[LISTS, BEST].values.copy()
    relevant = made.answers.relevant.groupby("user_id")["movie_id"].agg(list)
    for row, user in enumerate(made.competition.rank["user_id"]):
        own = relevant.get(user, [])[:10]
        rest = [movie for movie in lists[row] if movie not in own]
        lists[row] = [*own, *rest][:10]
    assert "better than the best possible" in flagged({"ada": lists}, LISTS)["ada"][0]


def test_answers_of_the_public_part_only_are_flagged():
    made = small()
    is_public = made.competition.rate["user_id"].isin(made.public).to_numpy()
    copied = np.where(is_public, made.answers.ratings, noisy(0.2))
    blurred = copied + 0.1 * RNG.standard_normal(len(copied))
    found = flagged({"copied": copied, "blurred": blurred})
    assert any("100% of the predictions in the public" in f for f in found["copied"])
    for team in found:
        assert any(
            "by more than chance, compared with a model" in text for text in found[team]
        ), team


def test_files_of_another_team_are_flagged_on_both_sides():
    own, other = noisy(0.5), noisy(0.5)
    scaled = 0.98 * own + 0.05 + 0.003 * RNG.standard_normal(len(own))
    found = flagged({"ada": own, "bob": scaled, "eve": other, "dan": own.copy()})
    assert "those of bob, dan. " in found["ada"][0]
    assert "those of ada, dan. " in found["bob"][0]
    assert "eve" not in found


def test_equal_lists_are_flagged():
    made = small()
    ease = made.rows[LISTS, "EASE"].values
    mine, other = (RNG.permuted(ease, axis=1) for _ in "ab")
    copied = mine.copy()
    copied[:5] = other[:5]
    found = flagged({"ada": mine, "bob": copied, "eve": other}, LISTS)
    assert set(found) == {"ada", "bob"}


@pytest.mark.parametrize("kind", [RATINGS, LISTS])
def test_scores_on_public_ratings_that_no_model_can_reach_are_flagged(kind):
    made = small()
    rows = {key: row for key, row in made.rows.items() if key[1] != BEST}
    real = dataclasses.replace(made, rows=rows)
    fair = {"fair": noisy() if kind == RATINGS else rows[LISTS, "EASE"].values}
    assert flagged(fair, kind, real) == {}
    if kind == RATINGS:
        looked_up = {"ada": made.answers.ratings + 0.3}
        found = flagged(looked_up, kind, real)
        assert "Public ratings can be looked up." in found["ada"][0]
