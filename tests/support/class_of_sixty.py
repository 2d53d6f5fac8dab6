"""Writes what a class of sixty teams hands in to a competition; checks the verdicts.

    make competition SECRET=…
    python -m tests.support.class_of_sixty write class_competition build/sixty.zip
    make leaderboard SUBMISSIONS=build/sixty.zip REVEAL=1
    python -m tests.support.class_of_sixty compare class_competition

35 teams are ordinary, 20 hand in what cannot be read as it is, 5 cheat. `compare`
prints a table of what was declared and found, and ends with code 1 where these differ.
"""

import argparse
import csv
import sys
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from competition import making
from helpers.competition import Encoded
from helpers.competition.submissions import LISTS, RATINGS

ORIGINAL = "Team 35"
MOODLE = "{team}_{number}_assignsubmission_file_/{file}"


@dataclass
class Case:
    """What a team hands in, and what is to be said about it.

    Attributes
    ----------
    team, kind : str
    files : dict of str to bytes
    scored : int
        How many of the files are scored.
    says : str
        Words of the notes in ``files.csv``.
    flag : str
        Words of the flags in ``leaderboard.csv``; without any, there is no flag.
    no_better_than : str
        A model of the course that the team does not beat.
    shown : str
        The team's name in the tables, if it is another one.
    """

    team: str
    kind: str
    files: dict
    scored: int = 1
    says: str = ""
    flag: str = ""
    no_better_than: str = ""
    shown: str = ""


def the_class(made, megabytes=200):
    """Return the sixty cases for a competition with its answers."""
    tables = _Tables(made)
    cases = [*_ordinary(tables), *_broken(tables, megabytes), *_cheating(tables)]
    assert len(cases) == 60
    return cases


class _Tables:
    """Predictions of all kinds, as tables."""

    def __init__(self, made):
        self.made, self.rng = made, np.random.default_rng(0)
        self.competition = made.competition
        self.best = made.rows[RATINGS, making.BEST].values
        self.biases = made.rows[RATINGS, "biases"].values
        self.original = self.stars(0.9)

    def stars(self, share=0.5, noise=0.1):
        """Return ratings that are between the biases and the best possible."""
        stars = share * self.best + (1 - share) * self.biases
        stars = stars + noise * self.rng.standard_normal(len(stars))
        return self.competition.rate.assign(rating=np.clip(stars, 1, 5).round(4))

    def lists(self, share=0.7):
        """Return lists with some movies of EASE, and popular ones."""
        ease, popular = (
            self.made.rows[LISTS, n].values for n in ("EASE", "popularity")
        )
        chosen = []
        for good, known in zip(ease, popular, strict=True):
            kept = good[self.rng.random(len(good)) < share]
            chosen.append(list(dict.fromkeys([*kept, *known, *good]))[: len(good)])
        return self.as_lists(chosen)

    def popular(self, pairs):
        """Return for each user the movies with most pairs that are not in train."""
        data = Encoded(self.competition)
        counts = pairs["movie_id"].value_counts().reindex(data.movies.ids, fill_value=0)
        scores = np.tile(counts.to_numpy(), (len(data.ranked), 1))
        return self.as_lists(data.lists(scores))

    def as_lists(self, chosen):
        users, length = self.competition.rank["user_id"], len(chosen[0])
        return pd.DataFrame(
            {
                "user_id": np.repeat(users.to_numpy(), length),
                "rank": np.tile(np.arange(1, length + 1), len(users)),
                "movie_id": np.ravel(chosen),
            }
        )


def text(table, **options):
    return table.to_csv(index=False, **options).encode()


def changed(table, row, **values):
    table = table.astype(dict.fromkeys(values, object))
    for name, value in values.items():
        table.loc[row, name] = value
    return table


def _ordinary(tables):
    for number in range(35):
        share = number / 50
        files = {"stars.csv": text(tables.stars(share))}
        if number % 2:
            files["lists.csv"] = text(tables.lists(share))
        if number % 5 == 0:  # more files than count
            files |= {f"stars{n}.csv": text(tables.stars(share)) for n in range(2, 8)}
        team, flag = f"Team {number + 1:02}", ""
        n_scored = min(5, len(files) - number % 2) + number % 2
        if team == ORIGINAL:
            files, flag = {"stars.csv": text(tables.original)}, "those of copy."
        yield Case(team, "ordinary", files, n_scored, flag=flag)


def _broken(tables, megabytes):
    stars, lists = tables.stars(), tables.lists()
    train = tables.competition.train
    user = lists["user_id"].iloc[0]
    seen = train.loc[train["user_id"] == user, "movie_id"].iloc[0]
    other = tables.stars()
    with_comma = other.assign(rating=other["rating"].astype(str).str.replace(".", ","))
    comma_rows = "\n".join(",".join(map(str, r)) for r in with_comma.to_numpy())
    own = {
        "missing pairs": (stars[3:], 0, "Missing pairs of rate.csv: 3 of "),
        "extra pairs": (
            pd.concat([stars, train.head(2)[list(stars)]]),
            0,
            "are in train.csv, and not asked for. (2 such lines.)",
        ),
        "duplicates": (pd.concat([stars, stars.head(1)]), 0, "repeats user"),
        "unknown ids": (
            changed(stars, 0, movie_id=987654),
            0,
            "Line 2: there is no movie 987654.",
        ),
        "NaN": (changed(stars, 4, rating="NaN"), 0, "Line 6: rating is “NaN”"),
        "text": (changed(stars, 4, rating="good"), 0, "Line 6: rating is “good”"),
        "Excel dates": (
            changed(stars, 1, rating="03. Mai"),
            0,
            "Line 3: rating is “03. Mai”, a date",
        ),
        "off the scale": (
            changed(stars, 2, rating=7.5),
            1,
            "Line 4: 7.5 is off the scale 1 to 5, and is clipped",
        ),
        "formulas": (
            changed(stars, 0, rating='=HYPERLINK("x")'),
            0,
            'Line 2: rating is “=HYPERLINK("x")”, a formula',
        ),
        "rated movies": (
            changed(lists, 0, movie_id=seen),
            0,
            f"Line 2: user {user} has rated movie {seen} in train.csv",
        ),
        "fewer than ten": (lists[1:], 0, f"User {user} has 9 movies, not 10."),
        "ties": (changed(lists, 1, rank=1), 0, f"user {user} has rank 1 twice"),
    }
    for name, (table, scored, says) in own.items():
        yield Case(name, "broken", {"mine.csv": text(table)}, scored, says)
    raw = {
        "decimal commas": (
            f"user_id,movie_id,rating\n{comma_rows}\n".encode(),
            0,
            "Line 2 has 4 cells, the header has 3",
        ),
        "semicolons": (text(with_comma, sep=";"), 1, "It has semicolons between"),
        "BOM": (b"\xef\xbb\xbf" + text(tables.stars()), 1, ""),
        "200 MB": (
            b"1,2,3.5\n" * (megabytes * 2**17),
            0,
            f"too large ({megabytes} MB; at most 20).",
        ),
        "binary": (bytes(range(256)) * 40, 0, "It is a binary file"),
        "header twice": (
            text(stars).replace(b"movie_id", b"user_id,movie_id", 1),
            0,
            "The header names user_id twice.",
        ),
        "spreadsheet": (b"PK\x03\x04" + bytes(60), 0, "It is a spreadsheet"),
        # A second team that a spreadsheet takes for the first.
        "team 01": (text(tables.stars(0.2)), 1, ""),
    }
    for name, (content, scored, says) in raw.items():
        file = "mine.xlsx" if name == "spreadsheet" else "mine.csv"
        shown = "team 01 (2)" if name == "team 01" else ""
        yield Case(name, "broken", {file: content}, scored, says, shown=shown)


def _cheating(tables):
    made, competition = tables.made, tables.competition
    answers = competition.rate.assign(rating=made.answers.ratings)
    is_public = answers["user_id"].isin(made.public)
    public = tables.stars(0.3)
    public["rating"] = np.where(is_public, answers["rating"], public["rating"])
    yield Case("public copied", "cheating", {"a.csv": text(public)}, flag="third, and")
    looked_up = {"a.csv": text(answers)}
    yield Case("looked up", "cheating", looked_up, flag="better than the best possible")
    # Both teams are flagged: a file does not say who copied.
    copied = tables.original.assign(
        rating=(tables.original["rating"] + 0.001).clip(1, 5)
    )
    yield Case(
        "copy", "cheating", {"b.csv": text(copied)}, flag=f"those of {ORIGINAL}."
    )
    train = competition.train[["user_id", "movie_id", "rating"]]
    says = "are in train.csv, and not asked for."
    yield Case("train", "cheating", {"a.csv": text(train)}, 0, says)
    yield Case(
        "popular in rate.csv",
        "cheating",
        {"a.csv": text(tables.popular(competition.rate))},
        no_better_than="most popular movies",
    )


def write(made, path, megabytes=200):
    """Write the class as Moodle's zip; return the cases."""
    cases = the_class(made, megabytes)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, case in enumerate(cases, start=1001):
            for file, content in case.files.items():
                name = MOODLE.format(team=case.team, number=number, file=file)
                archive.writestr(name, content)
    return cases


def rows_of(path, name):
    """Return the rows of a table of the leaderboard, by team."""
    rows = defaultdict(list)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            rows[row[name]].append(row)
    return rows


def verdicts(cases, out):
    """Yield each case, and what differs from the verdict declared for it, in words."""
    files = rows_of(out / "files.csv", "team")
    boards = rows_of(out / "leaderboard.csv", "name")
    for case in cases:
        team, wrong = case.shown or case.team, []
        scored = sum(row["state"] == "scored" for row in files[team])
        notes = " ".join(filter(None, (row["notes"] for row in files[team])))
        flags = " ".join(filter(None, (row["flags"] for row in boards[team])))
        if scored != case.scored:
            wrong.append(f"{scored} files scored, not {case.scored}: {notes}")
        if case.says not in notes or (notes and not case.says):
            wrong.append(f"it says “{notes}”")
        if case.flag not in flags or (flags and not case.flag):
            wrong.append(f"it is flagged “{flags}”")
        if scored and not all(row["rank"].isdigit() for row in boards[team]):
            wrong.append("it has no rank")
        if model := case.no_better_than:
            limit = float(boards[model][0]["high"])
            if float(boards[team][0]["score"]) > limit:
                wrong.append(f"it is better than {model}")
        yield case, "; ".join(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("do", choices=["write", "compare"])
    parser.add_argument("competition", type=Path)
    parser.add_argument("zip", type=Path, nargs="?", default=Path("build/sixty.zip"))
    options = parser.parse_args()
    made = making.read(options.competition)
    if options.do == "write":
        write(made, options.zip)
        return 0
    wrong = 0
    print("| team | kind | scored | says | flag | as declared |")
    print("| --- | --- | --- | --- | --- | --- |")
    for case, differs in verdicts(the_class(made), options.competition / "leaderboard"):
        wrong += bool(differs)
        cells = case.team, case.kind, case.scored, case.says, case.flag, differs or "✓"
        print(f"| {' | '.join(map(str, cells))} |")
    print(f"\n{60 - wrong} of 60 verdicts are as declared.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
