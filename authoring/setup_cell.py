"""Write the badges (Colab, Binder) and the set-up cell of every lesson.

Both are tagged cells in `solutions/NN_name.py`, which `make notebooks` rewrites in
place. Do not edit them by hand.
"""

import re

from authoring.links import binder_link, colab_link

# The badges' alternative texts.
BADGE = "Open in Colab"
BINDER = "Open in Binder"
COLAB_IMAGE = "https://colab.research.google.com/assets/colab-badge.svg"
BINDER_IMAGE = "https://mybinder.org/badge_logo.svg"

SETUP = """\
# Run this cell first: it finds the course's helpers, or installs them where the
# notebook was opened on its own (Colab, a download). For rooms without a network,
# the packages and made-up ratings come with the course.
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("COURSE_LANG", "{language}")
above = [Path.cwd(), *Path.cwd().parents]
here = next((f for f in above if (f / "helpers/storage.py").is_file()), None)
missing = []
try:
    import helpers.storage  # noqa: F401
except ImportError:
    sys.modules.pop("helpers", None)  # another folder of that name
    if here:
        sys.path.insert(0, str(here))
    else:
        github = "https://github.com/{repository}"
        package = f"neural-recsys-course @ git+{github}@{release}"
        missing = [os.environ.get("COURSE_PACKAGE", package)]
if here and (wheels := here / "offline").is_dir():
    if "MOVIELENS_SOURCE" not in os.environ:
        os.environ.setdefault("COURSE_DATA", "synthetic")
    if importlib.util.find_spec("keras") is None:
        missing = ["--no-index", "--find-links", str(wheels)]
        missing += ["--requirement", str(wheels / "requirements.txt")]
if missing:
    print("Installing, once:", missing[-1], flush=True)
    command = [sys.executable, "-m", "pip", "install", *missing]
    pipe, join = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, stdout=pipe, stderr=join, text=True) as pip:
        for line in pip.stdout:
            print(line, end="", flush=True)
    if pip.returncode:
        raise RuntimeError(
            "The course's helpers could not be installed; pip's reason is above. Is "
            "the network there? Then run this cell again. Else download the whole "
            "course and open this notebook inside its folder. (What is in offline/ "
            "fits one system and Python: its requirements.txt begins with them.)"
        )"""


def badge(project, folder, name, translation=str):
    """Return the source of the badge cell: a line with both badges.

    Parameters
    ----------
    project : authoring.project.Project
    folder : str
        The folder of the notebook to open: ``"notebooks"``, ``"notebooks/es"``.
    name : str
        ``02_dot_model``.
    translation : function of str to str
        Translates the badges' alternative texts.

    Returns
    -------
    str : markdown
    """
    notebook = f"{folder}/{name}.ipynb"
    badges = (
        (BADGE, COLAB_IMAGE, colab_link(project, notebook)),
        (BINDER, BINDER_IMAGE, binder_link(project, notebook)),
    )
    return " ".join(
        f"[![{translation(text)}]({image})]({link})" for text, image, link in badges
    )


def setup(project, language="en"):
    """Return the source of the set-up cell, in plain Python.

    Parameters
    ----------
    project : authoring.project.Project
    language : str
        The language of the notebook, and of the messages of `helpers` in it.

    Returns
    -------
    str
    """
    values = {
        "{repository}": project.repository,
        "{release}": project.release,
        "{language}": language,
    }
    source = SETUP
    for name, value in values.items():
        source = source.replace(name, value)
    return source


def update_generated_cells(project, path):
    """Return a lesson's text with an up-to-date badge and set-up cell.

    A cell tagged ``badge`` or ``setup`` is rewritten in its place. If there is none,
    the badge becomes the first cell, and the set-up the first code cell. A header that
    JupyterLab may have written is removed, because the folder's ``jupytext.toml`` has
    the same settings. All other text stays unchanged.

    Parameters
    ----------
    project : authoring.project.Project
    path : pathlib.Path

    Returns
    -------
    str
    """
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\A# ---\n(#.*\n)*?# ---\n\s*", "", text)
    blocks = re.split(r"(?m)^(?=# %%(?: |$))", text)
    markdown = f"# {badge(project, 'solutions', path.stem)}\n\n"
    _put(blocks, "badge", "# %% [markdown]", markdown, at=1)
    first_code = next(
        (
            number
            for number, block in enumerate(blocks)
            if number and not block.startswith("# %% [")
        ),
        len(blocks),
    )
    _put(blocks, "setup", "# %%", setup(project) + "\n\n", at=first_code)
    return "".join(blocks).rstrip("\n") + "\n"


def _put(blocks, tag, marker, body, at):
    new = f'{marker} tags=["{tag}"]\n{body}'
    for number, block in enumerate(blocks):
        if re.match(rf'# %%.*tags=\["{tag}"\]', block):
            blocks[number] = new
            return
    if blocks[at - 1].strip() and not blocks[at - 1].endswith("\n\n"):
        blocks[at - 1] = blocks[at - 1].rstrip("\n") + "\n\n"
    blocks.insert(at, new)
