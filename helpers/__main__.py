"""``python -m helpers start FOLDER``, ``… doctor``, ``… recommend RATINGS``."""

import os
import sys

if __name__ == "__main__":
    # Python searches the current folder first: a random.py there would break these
    # imports before the doctor can report it.
    sys.path[:] = [folder for folder in sys.path if folder not in ("", os.getcwd())]

    from helpers.cli.commands import main

    sys.exit(main())
