"""The paths and settings of a course."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

LESSON_NAME = re.compile(r"(\d\d)_[a-z0-9_]+")


class AuthoringError(Exception):
    """An error that an author can fix; the message says how."""


@dataclass(frozen=True)
class Project:
    """A course's folder, and its settings from ``[tool.course]``.

    Attributes
    ----------
    root : pathlib.Path
        The folder of ``pyproject.toml``.
    repository : str
        ``owner/name`` on GitHub.
    release : str
        The git tag in the badges' links and in the set-up cell.
    shown : dict of str to list of str
        For each lesson, ``"05"``, single words in its code to translate.
    """

    root: Path
    repository: str
    release: str
    shown: dict = field(default_factory=dict)

    @classmethod
    def open(cls, root=None):
        """Read the settings of the project in `root` (default: this one)."""
        root = Path(root or Path(__file__).parent.parent).resolve()
        settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
        course = settings["tool"]["course"]
        shown = course.get("shown", {})
        return cls(root, course["repository"], course["release"], shown)

    @property
    def solutions(self):
        """pathlib.Path : the folder with the lessons' sources."""
        return self.root / "solutions"

    @property
    def notebooks(self):
        """pathlib.Path : the folder with the derived exercise notebooks."""
        return self.root / "notebooks"

    @property
    def locale(self):
        """pathlib.Path : the folder with the translations, by language."""
        return self.root / "locale"

    @property
    def languages(self):
        """list of str : the languages that the course is translated into."""
        return sorted(one.parent.name for one in self.locale.glob("*/LC_MESSAGES"))

    def shown_words(self, name):
        """Return the single words in a lesson's code to translate, as a tuple."""
        return tuple(self.shown.get(name[:2], ()))

    @property
    def answers(self):
        """pathlib.Path : the folder with the derived answers, for `reveal`."""
        return self.root / "helpers" / "checks" / "solved"

    @property
    def checks(self):
        """pathlib.Path : the folder with the lessons' checks, and their texts."""
        return self.root / "helpers" / "checks" / "lessons"

    def sources(self, numbers=None):
        """List the lessons' sources, in the order of the course.

        Parameters
        ----------
        numbers : list of str, optional
            List only these lessons: ``["02", "3"]``.

        Returns
        -------
        list of pathlib.Path

        Raises
        ------
        AuthoringError
            If there is no lesson at all, or none with one of the numbers.
        """
        found = {
            match[1]: path
            for path in sorted(self.solutions.glob("*.py"))
            if (match := LESSON_NAME.fullmatch(path.stem))
        }
        if not found:
            raise AuthoringError(f"No lesson (NN_name.py) in {self.solutions}.")
        if not numbers:
            return list(found.values())
        wanted = {number.zfill(2) for number in numbers}
        if unknown := sorted(wanted - set(found)):
            known = ", ".join(path.stem for path in found.values())
            raise AuthoringError(
                f"No lesson {', '.join(unknown)}. There are: {known}. "
                'Name them by number, for example LESSONS="02 03".'
            )
        return [path for number, path in found.items() if number in wanted]

    def show(self, path):
        """Return `path` relative to the project's folder, to show it."""
        path = Path(path)
        if path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return str(path)
