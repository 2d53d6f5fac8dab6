"""The command line of ``python -m helpers``."""

import argparse
import math
import sys

from helpers.i18n import gettext


def main(arguments=None):
    """Run one command.

    Parameters
    ----------
    arguments : list of str, optional
        Without it those of the command line.

    Returns
    -------
    int
        The exit code: 0 if all is well, 1 if the doctor found something to fix, 2
        if the command could not be carried out.
    """
    for stream in (sys.stdout, sys.stderr):
        # A Windows console may know no "✓".
        stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except ImportError as error:
        print(
            gettext(
                "This Python cannot load what the course needs ({error}). `python -m "
                "helpers doctor` says what to do.",
                error=error,
            ),
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print(gettext("Interrupted."), file=sys.stderr)
        return 130


def _parser():
    parser = argparse.ArgumentParser(prog="python -m helpers")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    start = commands.add_parser(
        "start",
        help=gettext(
            "copy the exercises into a folder of your own, and bring updates later"
        ),
        description=gettext(
            "Copies the exercises into a folder of your own. Run it again "
            "after an update of the course: it brings what is new, and leaves each "
            "notebook that you changed as it is."
        ),
    )
    start.add_argument(
        "folder", metavar=gettext("FOLDER"), help=gettext("for example my_work")
    )
    start.add_argument(
        "--again",
        action="store_true",
        help=gettext("bring back what you deleted, too"),
    )
    start.add_argument(
        "--lab",
        action="store_true",
        help=gettext("open the folder in JupyterLab afterwards"),
    )
    start.add_argument(
        "--lang", metavar="LANGUAGE", help=gettext("of the exercises, for example es")
    )
    start.set_defaults(run=_start)

    doctor = commands.add_parser(
        "doctor",
        help=gettext("examine this computer, and say how to fix what is in the way"),
    )
    doctor.set_defaults(run=_doctor)
    _add_recommend(commands)
    return parser


def _add_recommend(commands):
    recommend = commands.add_parser(
        "recommend", help=gettext("recommend items to users of your own ratings")
    )
    recommend.add_argument(
        "ratings",
        metavar=gettext("RATINGS"),
        help=gettext("a table: CSV, TSV or Parquet, also in gzip or zip"),
    )
    recommend.add_argument(
        "--columns",
        default="",
        metavar=gettext("COLUMNS"),
        help=gettext("their names: 'user=reader item=isbn rating=stars time=date'"),
    )
    recommend.add_argument(
        "--for", dest="user", metavar=gettext("USER"), help=gettext("print this list")
    )
    recommend.add_argument(
        "--all",
        dest="all_lists",
        metavar=gettext("FILE.csv"),
        help=gettext("write the lists of all users into this file"),
    )
    recommend.add_argument(
        "--penalty",
        type=_above_0,
        default=300.0,  # `helpers.baselines.EASE_PENALTY`, without loading NumPy
        help=gettext("of EASE (%(default)g)"),
    )
    recommend.set_defaults(run=_recommend)


def _above_0(text):
    """Convert an argument to a number; refuse one that is not above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(
            gettext("{text!r} is not a number above 0", text=text)
        )
    return number


def _start(options):
    from helpers.cli.start import run

    return run(options.folder, options.again, options.lab, options.lang)


def _recommend(options):
    from helpers.cli.recommend import run

    if options.user is None and not options.all_lists:
        print(gettext("Say for whom: --for USER, or --all lists.csv"), file=sys.stderr)
        return 2
    return run(
        options.ratings,
        options.columns,
        options.user,
        options.all_lists,
        penalty=options.penalty,
    )


def _doctor(options):
    from helpers.cli.doctor import run

    return run()
