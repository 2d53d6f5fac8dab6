"""The table of downloads that the grader's tests look through: whose is which file.

A row is what lies in a download, by path, and the students that are to be found, each
with the names of the files that count. Contents are tiny: `A`, `B` … are notebooks of
lesson 02, each another one; `FIVE` is one of lesson 05.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from dataclasses import dataclass, field

from tests.support.submissions import COUNT, IMPORTS, LOOK_UP, lesson_file, notebook


def answer(name):
    """A notebook of lesson 02 that differs from every other one."""
    return notebook([IMPORTS, LOOK_UP, COUNT, f"mine = {name!r}"])


A, B, C, D = map(answer, "abcd")
FIVE = notebook(["def ndcg_of_one(relevance, scores, k):\n    return 0"])
RECEIPT = b"Name: Ada Lovelace (ada_l)\nAssignment: Homework\n"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
HTML = b"<!DOCTYPE html><html><body>def look_up()</body></html>"

FOLDER = None
"""The content of a folder in which there is nothing."""


@dataclass
class Download:
    name: str
    files: dict
    layout: str
    students: dict
    says: list = field(default_factory=list)
    chosen: str = ""


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, text in files.items():
            if text is FOLDER:
                archive.mkdir(name)
            else:
                archive.writestr(name, text)
    return content.getvalue()


def tarred(files, mode="w"):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return content.getvalue()


ACCENT, COMPOSED = "Zoe\u0301", "Zo\u00e9"

DOWNLOADS = [
    # --- a folder, an archive or a file per student ---
    Download(
        "a file's name says nothing inside a student's folder",
        {
            "ada/homework_27_11_2026.ipynb": A,
            "bob/homework_27_11_2026.ipynb": B,
            "mallory/victim_1_2_06.ipynb": C,
            "eve/ada_7_assignsubmission_file_/x.ipynb": D,
        },
        "folders",
        {
            "ada": ["homework_27_11_2026.ipynb"],
            "bob": ["homework_27_11_2026.ipynb"],
            "mallory": ["victim_1_2_06.ipynb"],
            "eve": ["x.ipynb"],
        },
        ["a folder per student: 4 students"],
    ),
    Download(
        "a student who writes a whole download of her own",
        {
            "ada/02.ipynb": A,
            "bob/02.ipynb": B,
            **{
                f"eve/victim{n}_{n}_{90 + n}_x.ipynb": answer(str(n))
                for n in range(1, 9)
            },
            **{f"mallory/v{n}_{n}_assignsubmission_file_/x.ipynb": C for n in range(9)},
        },
        "folders",
        {
            "ada": ["02.ipynb"],
            "bob": ["02.ipynb"],
            "eve": ["victim8_8_98_x.ipynb"],
            "mallory": ["x.ipynb"],
        },
    ),
    Download(
        "numbers of students",
        {"1204417/02.ipynb": A, "1204418/02.ipynb": B},
        "folders",
        {"1204417": ["02.ipynb"], "1204418": ["02.ipynb"]},
    ),
    Download(
        "seats",
        {"01/hw.ipynb": A, "02/hw.ipynb": B, "03/hw.pdf": PDF},
        "folders",
        {"01": ["hw.ipynb"], "02": ["hw.ipynb"], "03": ["hw.pdf"]},
    ),
    Download(
        "one folder around all",
        {"submissions/ada/x.ipynb": A, "submissions/bob/y.ipynb": B},
        "folders",
        {"ada": ["x.ipynb"], "bob": ["y.ipynb"]},
    ),
    Download(
        "one flat folder",
        {
            "ada.ipynb": A,
            "bob_27_11_2026.ipynb": B,
            "Copy of cyd.ipynb": C,
            "dan.pdf": PDF,
            "README.txt": b"Graded until Monday.",
        },
        "flat",
        {
            "ada": ["ada.ipynb"],
            "bob_27_11_2026": ["bob_27_11_2026.ipynb"],
            "cyd": ["Copy of cyd.ipynb"],
            "dan": ["dan.pdf"],
        },
        ["nobody's: README.txt"],
    ),
    Download(
        "one zip per student",
        {
            "ada.zip": zipped({"02.ipynb": A, "05.ipynb": FIVE}),
            "bob.tar.gz": tarred({"bob_1_2_02.ipynb": B}, "w:gz"),
        },
        "folders",
        {"ada": ["02.ipynb", "05.ipynb"], "bob": ["bob_1_2_02.ipynb"]},
        ["an archive per student: 2 students"],
    ),
    Download(
        "one student's files",
        {"02.ipynb": A, "05_binary.ipynb": FIVE},
        "project",
        {"download": ["02.ipynb", "05_binary.ipynb"]},
        ["all files of one student: 1 student. If that is wrong, --layout flat"],
    ),
    Download(
        "one student's notebook and module",
        {"02.ipynb": A, "utils.py": b"x = 1\n"},
        "flat",
        {"02": ["02.ipynb"], "utils": ["utils.py"]},
        ["a file per student: 2 students. If that is wrong, --layout project"],
    ),
    Download(
        "a file per student, if so chosen",
        {"02.ipynb": A, "05_binary.ipynb": FIVE},
        "flat",
        {"02": ["02.ipynb"], "05_binary": ["05_binary.ipynb"]},
        chosen="flat",
    ),
    Download(
        "files that bear no name",
        {"02.ipynb": A, "02 (1).ipynb": B},
        "flat",
        {"02": ["02.ipynb"], "02 (1)": ["02 (1).ipynb"]},
    ),
    Download(
        "a course folder",
        {
            "neural-recsys-course/START.txt": b"Unpack this folder.",
            "neural-recsys-course/helpers/__init__.py": b"",
            "neural-recsys-course/helpers/ids.py": b"x = 1",
            "neural-recsys-course/helpers/checks/__init__.py": b"y = 2",
            "neural-recsys-course/helpers/checks/runner.py": b"y = 2",
            "neural-recsys-course/notebooks/02_dot_model.ipynb": A,
            "neural-recsys-course/notebooks/05_binary.ipynb": lesson_file(
                "notebooks", "05", ".ipynb"
            ),
            "neural-recsys-course/solutions/02_dot_model.ipynb": lesson_file(
                "solutions", "02", ".ipynb"
            ),
        },
        "project",
        {"download": ["02_dot_model.ipynb"]},
    ),
    # --- a folder per lesson ---
    Download(
        "a folder per lesson, in it folders",
        {"02/ada/x.ipynb": A, "02/bob/x.ipynb": B, "05/ada/x.ipynb": FIVE},
        "lessons",
        {"ada": ["x.ipynb", "x.ipynb"], "bob": ["x.ipynb"]},
        ["a folder per lesson, in it the students: 2 students", "--layout folders"],
    ),
    Download(
        "a folder per lesson, in it files",
        {
            "Lesson 2/ada.ipynb": A,
            "Lesson 2/bob.ipynb": B,
            "Lesson 5/ada.ipynb": FIVE,
            "Lesson 5/cyd.pdf": PDF,
        },
        "lessons",
        {"ada": ["ada.ipynb", "ada.ipynb"], "bob": ["bob.ipynb"], "cyd": ["cyd.pdf"]},
    ),
    # --- Moodle ---
    Download(
        "Moodle, folders",
        {
            "Ada Lovelace_12_assignsubmission_file_/hw_1_2_3.ipynb": A,
            "Ada Lovelace_12_assignsubmission_onlinetext_/onlinetext.html": HTML,
            "Bo Ek_13_assignsubmission_file/x.ipynb": B,
            "Cy Do_14_assignsubmission_onlinetext_/onlinetext.html": HTML,
        },
        "moodle",
        {
            "Ada Lovelace": ["hw_1_2_3.ipynb"],
            "Bo Ek": ["x.ipynb"],
            "Cy Do": ["onlinetext.html"],
        },
        ["Moodle, folders per student: 3 students"],
    ),
    Download(
        "Moodle, files",
        {
            "Ada Lovelace_12_assignsubmission_file_hw.ipynb": A,
            "Ada Lovelace_13_assignsubmission_file_hw.ipynb": B,
            "Cy Do_14_assignsubmission_onlinetext_onlinetext.html": HTML,
            "Di Fo_15_assignsubmission_file_all.zip": zipped({"a/b.ipynb": C}),
        },
        "moodle",
        {
            "Ada Lovelace (12)": ["hw.ipynb"],
            "Ada Lovelace (13)": ["hw.ipynb"],
            "Cy Do": ["onlinetext.html"],
            "Di Fo": ["b.ipynb"],
        },
        ["Moodle, files: 4 students"],
    ),
    Download(
        "Moodle, teams",
        {
            "Team Rocket_17_assignsubmission_file_/x.ipynb": A,
            "Default group_assignsubmission_file_/y.ipynb": B,
        },
        "moodle",
        {"Team Rocket": ["x.ipynb"], "Default group": ["y.ipynb"]},
    ),
    Download(
        "two downloads of Moodle, as they came",
        {
            "CS-Lesson 2-41.zip": zipped(
                {
                    "Ada Byron_1_assignsubmission_file_/x.zip": zipped({"x.ipynb": A}),
                    "Bo Ek_2_assignsubmission_file_/02.ipynb": B,
                }
            ),
            "CS-Lesson 5-42.zip": zipped(
                {
                    "Ada Byron_7_assignsubmission_file_/05.ipynb": FIVE,
                    "Bo Ek_8_assignsubmission_file_/05.rar": b"Rar!\x1a\x07",
                }
            ),
        },
        "moodle",
        {"Ada Byron": ["x.ipynb", "05.ipynb"], "Bo Ek": ["02.ipynb", "05.rar"]},
    ),
    # --- Canvas ---
    Download(
        "Canvas",
        {
            "lovelaceada_1234_567890_06_embeddings-1.ipynb": A,
            "lovelaceada_1234_567891_06_embeddings-2.ipynb": B,
            "ekbo_LATE_1235_567892_27_11_2026.ipynb": C,
            "docy_1236_text.html": HTML,
            "fodi_1237_567893_mine.zip": zipped({"a_1_2_b.ipynb": D}),
        },
        "canvas",
        {
            "lovelaceada": ["06_embeddings-2.ipynb"],
            "ekbo": ["27_11_2026.ipynb"],
            "docy": ["text.html"],
            "fodi": ["a_1_2_b.ipynb"],
        },
        ["Canvas: 4 students", "Fewer students (4) than folders or files (5)"],
    ),
    Download(
        "Canvas, groups and people without names",
        {
            "team_rocket_1234_567890_x.ipynb": A,
            "team_2_1235_567891_x.ipynb": B,
            "anon_x1Y2z_567892_x.ipynb": C,
            "LATE_anon_q1Q2q_567893_x.ipynb": D,
        },
        "canvas",
        {
            "team_rocket": ["x.ipynb"],
            "team_2": ["x.ipynb"],
            "anon_x1Y2z": ["x.ipynb"],
            "anon_q1Q2q": ["x.ipynb"],
        },
    ),
    # --- Classroom, Blackboard ---
    Download(
        "Classroom",
        {
            "Ada Lovelace - 02_dot_model.ipynb": A,
            "Copy of 02_dot_model - Bo Ek.ipynb": B,
            "Cy Do - 02.pdf": PDF,
        },
        "classroom",
        {
            "Ada Lovelace": ["02_dot_model.ipynb"],
            "Bo Ek": ["Bo Ek.ipynb"],
            "Cy Do": ["02.pdf"],
        },
    ),
    Download(
        "Classroom, a folder per lesson",
        {
            "Lesson 2/Ada Lovelace - 02.ipynb": A,
            "Lesson 2/Bo Ek - 02.ipynb": B,
            "Lesson 5/Ada Lovelace - 05.ipynb": FIVE,
        },
        "classroom",
        {"Ada Lovelace": ["02.ipynb", "05.ipynb"], "Bo Ek": ["02.ipynb"]},
    ),
    Download(
        "Blackboard",
        {
            "Homework_6_ada_l_attempt_2026-11-27-10-11-12_hw.ipynb": A,
            "Homework_6_ada_l_attempt_2026-11-27-10-11-12.txt": RECEIPT,
            "Homework_6_ada_l_attempt_2026-11-28-10-11-12_a_hw.ipynb": B,
            "Homework_6_bo_attempt_2026-11-27-10-11-13_hw_1.ipynb": C,
            "Homework_6_cy_attempt_2026-11-27-10-11-14.txt": b"Name: Cy Do (cy)\n",
        },
        "blackboard",
        {"ada_l": ["a_hw.ipynb"], "bo": ["hw_1.ipynb"], "cy": ["-14.txt"]},
        ["Blackboard: 3 students"],
    ),
    # --- names ---
    Download(
        "accents in two encodings",
        {f"02/{ACCENT}.ipynb": A, f"05/{COMPOSED}.ipynb": FIVE, "02/Bo.ipynb": B},
        "lessons",
        {COMPOSED: [".ipynb", ".ipynb"], "Bo": ["Bo.ipynb"]},
    ),
    Download(
        "names that are alike",
        {"Ada/x.ipynb": A, "ada /x.ipynb": B, "Ada (2)/x.ipynb": C, "bo/x.ipynb": D},
        "folders",
        {
            "Ada": ["x.ipynb"],
            "ada (3)": ["x.ipynb"],
            "Ada (2)": ["x.ipynb"],
            "bo": ["x.ipynb"],
        },
        ["Names that are alike: Ada, Ada (2), ada (3)"],
    ),
]

TEXT = b"# hello\n\nI did not manage it.\n"
SCRIPT = f"{LOOK_UP}\n\n{COUNT}".encode()


def markdown(opening, begin=""):
    """A notebook as a text: prose, and each of its cells between two fences."""
    cells = [f"{opening}\n{code}\n```\n" for code in (IMPORTS, LOOK_UP, COUNT)]
    shown = "```bash\npip install it's not Python\n```\n"
    return "\n".join([begin, "# It's here\n", shown, *cells, "That was it.\n"]).encode()


REPORT = b"# Report\n\n```python\ndef look_up(table, rows):\n    return 1\n```\n"
"""A text that shows some code."""
CONFLICT = b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> main\n]}'
HEADER = "---\njupyter:\n  kernelspec:\n    name: python3\n---\n"

# Of each kind, what one student hands in, and what the row says; nothing: it is graded.
KINDS = {
    "PDF": ({"02.pdf": PDF}, "a PDF"),
    "RAR": ({"02.rar": b"Rar!\x1a\x07\x01\x00"}, "RAR"),
    "7z": ({"02.7z": b"7z\xbc\xaf\x27\x1c"}, "7-Zip"),
    "docx": (
        {"02.docx": zipped({"[Content_Types].xml": b"<x/>", "word/d.xml": b"<x/>"})},
        "office program",
    ),
    "odt": ({"02.odt": zipped({"mimetype": b"application"})}, "office program"),
    "HTML": ({"02_dot_model.html": HTML}, "web page"),
    "typed": ({"onlinetext.html": HTML}, "typed into the learning platform"),
    "a link": ({"02_link.html": HTML}, "a link"),
    "a picture": ({"02.png": b"\x89PNG\r\n\x1a\n"}, "a picture"),
    "a text": ({"02.txt": TEXT}, "a text, and no notebook"),
    "R Markdown": ({"02.Rmd": markdown("```{python echo=TRUE}", HEADER)}, ""),
    "Quarto": ({"02.qmd": markdown("```{python}\n#| label: x", HEADER)}, ""),
    "MyST": ({"02.md": markdown("```{code-cell} ipython3\n:tags: [x]", HEADER)}, ""),
    "Jupytext's Markdown": ({"02.md": markdown('```python tags=["x"]', HEADER)}, ""),
    "nbconvert's Markdown": ({"02.md": markdown("```python", "[![Open](x)](y)")}, ""),
    "Pandoc's Markdown": ({"02.txt": markdown("``` {.python .numberLines}")}, ""),
    "a text with code in it": (
        {"02.txt": b"It's my answer:\n" + SCRIPT},
        "a text, and no notebook",
    ),
    "a script as a text": ({"02.txt": SCRIPT}, ""),
    "reStructuredText": (
        {"02.rst": b"Answer\n======\n\n.. code:: python\n\n    def look_up(): pass\n"},
        "a text, and no notebook",
    ),
    "Git LFS": ({"02.ipynb": b"version https://git-lfs.github.com/spec/v1\n"}, "LFS"),
    "merge conflict": ({"02.ipynb": CONFLICT}, "a merge conflict"),
    "half a download": ({"02.ipynb.crdownload": A[:200]}, "its end is missing"),
    "half a download, between": ({"02.ipynb": b'{"cells": ['}, "its end is missing"),
    "trailing comma": ({"02.ipynb": b'{"cells": [\n1,\n]}'}, "no valid JSON (line 3)"),
    "a shortcut": ({"02.ipynb": b'{"url": "x"}'}, "no notebook. Hand in the notebook"),
    "RAR called zip": ({"02.zip": b"Rar!\x1a\x07\x01\x00"}, "RAR"),
    "hidden": ({".02.ipynb.icloud": b"x", ".02.ipynb": A}, "or only hidden files"),
    "typed, in one folder": ({"x_onlinetext_.html": HTML}, "typed into the learning"),
    ".dotted": ({"02.ipynb": A}, ""),
    "HTML for a notebook": ({"02.ipynb": HTML}, "web page"),
    "ipynb.txt": ({"02.ipynb.txt": A}, ""),
    "json": ({"02.json": A}, ""),
    "no ending": ({"notebook": A}, ""),
    "ipynb.pdf": ({"02.pdf": A}, ""),
    "py.txt": ({"02.py.txt": SCRIPT}, ""),
    "utf-16": ({"02.py": b"\xff\xfe" + SCRIPT.decode().encode("utf-16-le")}, ""),
    "a folder called so": ({"02.ipynb": FOLDER}, "nothing in this folder"),
    "a folder called so, with one": ({"02.ipynb/02.ipynb": A}, ""),
    "empty file": ({"02.ipynb": b""}, "empty"),
    "an empty zip": ({"02.zip": zipped({})}, "nothing in this archive"),
    "a zip of nothing": ({"02.zip": zipped({".DS_Store": b"x"})}, "nothing in this"),
    "checkpoints": ({".ipynb_checkpoints/02.ipynb": A}, "nothing in this folder"),
    "damaged": (
        {"02.zip": zipped({"02.ipynb": A})[:-40]},
        "cannot be read as an archive (zip)",
    ),
    "zip": ({"02.zip": zipped({"w/02.ipynb": A})}, ""),
    "zip of a zip": (
        {"02.zip": zipped({"2.zip": zipped({"02.ipynb": A})})},
        "an archive (zip) in an archive",
    ),
    "tar": ({"02.tar": tarred({"02.ipynb": A})}, ""),
    "tar.gz": ({"02.tar.gz": tarred({"02.ipynb": A}, "w:gz")}, ""),
    "tgz": ({"02.tgz": tarred({"02.ipynb": A}, "w:gz")}, ""),
    "tar.bz2": ({"02.tar.bz2": tarred({"02.ipynb": A}, "w:bz2")}, ""),
    "tar.xz": ({"02.tar.xz": tarred({"02.ipynb": A}, "w:xz")}, ""),
    "gz": ({"02.ipynb.gz": gzip.compress(A)}, ""),
    "bz2": ({"02.ipynb.bz2": bz2.compress(A)}, ""),
    "xz": ({"02.ipynb.xz": lzma.compress(A)}, ""),
    "a damaged gz": (
        {"02.ipynb.gz": gzip.compress(A)[:-20]},
        "cannot be read as an archive (gz)",
    ),
    "a bomb": ({"02.ipynb.gz": gzip.compress(bytes(101 * 2**20), 1)}, "too much"),
    "a zip called ipynb": ({"02.ipynb": zipped({"x.ipynb": A})}, ""),
    "another course": ({"x.ipynb": notebook(["x = 1"])}, "none of the lessons"),
    "only a module": ({"utils.py": b"x = 1\n"}, "none of the lessons"),
    "only our files": (
        {"helpers/__init__.py": b"", "helpers/ids.py": b"x = 1"},
        "file of the course itself",
    ),
    "a table": ({"results.csv": b"a,b\n1,2\n"}, "a text"),
    "nothing": ({}, "nothing in this folder"),
}
