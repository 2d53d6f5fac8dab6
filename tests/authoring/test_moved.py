"""The notebooks at the former addresses of lessons."""

import re
from unittest.mock import patch

import nbformat

from authoring.__main__ import main
from authoring.moved import moved_files
from authoring.project import Project
from authoring.validate import check_moved, check_strays
from helpers.cli.start import MOVED, lessons_in

COURSE = Project.open()


def test_a_former_address_leads_to_the_lessons_in_each_language():
    for language, folder in (("en", "notebooks"), ("es", "notebooks/es")):
        for old, names in MOVED.items():
            path = COURSE.root / folder / f"{old}.ipynb"
            [cell] = nbformat.read(path, as_version=4).cells
            assert cell.cell_type == "markdown"
            home = f"{COURSE.repository}/blob/{COURSE.release}/{folder}"
            colab = re.findall(
                r"\(https://colab\.[\w./-]+?/github/(.+?)\)", cell.source
            )
            assert colab == [f"{home}/{name}.ipynb" for name in names]
            for name in names:
                assert f"]({name}.ipynb)" in cell.source
            assert ("This lesson has moved" in cell.source) == (language == "en")


def test_students_do_not_get_them():
    names = {path.stem for path in lessons_in(COURSE.notebooks)}
    assert names.isdisjoint(MOVED)


def test_they_are_derived_and_checked(derived):
    course, path = derived
    with patch.dict(MOVED, {"03_old": (path.stem,)}):
        file = course.notebooks / "03_old.ipynb"
        assert [one.file for one in check_moved(course)] == ["notebooks/03_old.ipynb"]
        assert main(["--root", str(course.root), "notebooks", "--execute", "none"]) == 0
        assert check_moved(course) == check_strays(course) == []
        file.write_text(file.read_text("utf-8") + "\n", "utf-8")
        assert [one.file for one in check_moved(course)] == ["notebooks/03_old.ipynb"]
    assert [one.file for one in check_strays(course)] == ["notebooks/03_old.ipynb"]
    assert not set(moved_files(course))
