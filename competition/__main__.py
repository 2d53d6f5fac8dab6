"""``python -m competition make``; ``python -m competition leaderboard SUBMISSIONS``."""

import argparse
import os
import sys
import time
from pathlib import Path

from competition import entries, making, notebook, reports, secret
from competition.boards import boards
from competition.flags import flags
from grading.archives import Rejected
from grading.layouts import LAYOUTS
from helpers.data import NAMES
from helpers.files import expand_path
from helpers.movielens.errors import DataError

SECRET = "COMPETITION_SECRET"
FOLDER = "class_competition"


def main(arguments=None):
    """Run one command; return the exit code."""
    options = _parser().parse_args(arguments)
    if options.lang:
        os.environ["COURSE_LANG"] = options.lang
    try:
        return options.run(options)
    except (secret.SecretError, Rejected, DataError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser():
    parser = _Parser(
        prog="python -m competition", description="Run a class competition."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    make = commands.add_parser(
        "make", help=f"write both folders; the secret is in the environment, {SECRET}"
    )
    make.add_argument(
        "--data",
        type=_edition_or_path,
        default="synthetic",
        help="synthetic, an edition of MovieLens, or a table of your own (%(default)s)",
    )
    make.add_argument(
        "--without-hybrid",
        action="store_true",
        help="do not train the hybrid network, which takes a minute",
    )
    make.set_defaults(run=_make)
    board = commands.add_parser("leaderboard", help="score what was handed in")
    board.add_argument("submissions", type=expand_path, help="a folder or a zip")
    board.add_argument("--out", type=expand_path, help="default: FOLDER/leaderboard")
    board.add_argument("--layout", choices=LAYOUTS, default="")
    board.add_argument(
        "--tries",
        type=_positive,
        default=5,
        help="how many files of each kind count for a team: its last (%(default)s)",
    )
    board.add_argument(
        "--reveal", action="store_true", help="show the final, hidden scores"
    )
    board.set_defaults(run=_leaderboard)
    for command in (make, board):
        command.add_argument("--folder", type=expand_path, default=Path(FOLDER))
        command.add_argument("--lang", default="", help="en or es")
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """Say what is wrong in one line, without the usage before it."""
        self.exit(2, f"{message}\n")


def _positive(text):
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of files, 1 or more"
        )
    return int(text)


def _edition_or_path(text):
    return text if text in NAMES else str(expand_path(text))


def _make(options):
    key = os.environ.get(SECRET, "")
    made = making.make(key, options.data, with_hybrid=not options.without_hybrid)
    making.write(made, options.folder)
    is_public = made.competition.rules.is_public
    notebook.write(options.folder / making.STUDENTS, is_public)
    print(
        f"{made.competition!r}\n"
        f"Hand out {options.folder / making.STUDENTS}, and keep "
        f"{options.folder / making.INSTRUCTOR} and the secret to yourself."
    )
    if is_public:
        print("These ratings can be looked up: see “A class competition” in the guide.")
    return 0


def _leaderboard(options):
    started = time.monotonic()
    made = making.read(options.folder)
    files, notes = entries.read_entries(
        options.submissions, made.competition, options.tries, options.layout
    )
    found = boards(made, files, options.reveal)
    flagged = {board.kind: flags(board, made) for board in found}
    out = options.out or options.folder / "leaderboard"
    rules = made.competition.rules
    reports.write(out, found, flagged, files, notes, rules, options.reveal)
    scored = sum(file.counts for file in files)
    rejected = sum(file.submission is None for file in files)
    teams = {name for its in flagged.values() for name in its}
    print(
        *notes,
        f"{scored} files scored, {rejected} rejected, {len(teams)} teams to look at, "
        f"in {time.monotonic() - started:.0f} s. See {out / 'instructor.html'}; "
        f"{out / 'leaderboard.html'} is for the class.",
        sep="\n",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
