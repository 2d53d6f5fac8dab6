"""``python -m benchmarks``: all of them, or those that are named."""

import argparse
import importlib
import sys

NAMES = ("grading",)


def main(arguments=None):
    """Run benchmarks; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; default: all"
    )
    chosen = parser.parse_args(arguments).names or NAMES
    if unknown := sorted(set(chosen) - set(NAMES)):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    for name in chosen:
        importlib.import_module(f"benchmarks.{name}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
