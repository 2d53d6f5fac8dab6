"""Run the benchmarks: ``python -m benchmarks [NAME …]``."""

import argparse
import importlib
import os
import platform
import sys
from importlib import metadata

import psutil
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from benchmarks.results import PATH, Results, record

MEASURES = ("models", "speed", "growth")
NAMES = (*MEASURES, "report", "grading")
PACKAGES = ("tensorflow", "keras", "numpy", "scikit-surprise", "lenskit", "cornac")
PACKAGES += ("implicit", "myfm")


def main(arguments=None):
    """Run benchmarks; return the exit code."""
    options = _options(arguments)
    chosen = options.names or [*MEASURES, "report"]
    if unknown := sorted(set(chosen) - set(NAMES)):
        print(
            f"There is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}",
            file=sys.stderr,
        )
        return 2
    results = Results(options.results, fresh=options.fresh)
    measures = [name for name in MEASURES if name in chosen]
    if measures:
        results.put([record("computer", "computer", "", "", note=this_computer())])
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for name in measures:
            more = {"jobs": options.jobs} if name == "models" else {}
            importlib.import_module(f"benchmarks.{name}").run(
                results, progress, quick=options.quick, **more
            )
    if "report" in chosen:
        from benchmarks import report

        print(f"Written: {report.run(results)}")
    if "grading" in chosen:
        from benchmarks import grading

        grading.run()
    return 0


def this_computer():
    """Describe the computer in a sentence.

    Returns
    -------
    str
    """
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{package} not installed")
    memory = psutil.virtual_memory().total / 1e9
    return (
        f"Measured on {os.cpu_count()} cores with {memory:.0f} GB, "
        f"{platform.system()}, Python {platform.python_version()}; "
        f"{', '.join(versions)}."
    )


def _options(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the models of the course, of public notebooks and of "
        "peers. Results are kept, and not measured again.",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"of {', '.join(NAMES)}; by default all but grading",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="forget earlier results, and start over"
    )
    parser.add_argument(
        "--quick", action="store_true", help="one run each, and only the quick ones"
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count(),
        help="models at a time, each with one core (default: as many as cores)",
    )
    parser.add_argument(
        "--results", default=PATH, help="the file of records (default: %(default)s)"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
