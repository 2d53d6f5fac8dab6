"""Copy the exercises into a student's own folder, and update them later.

``python -m helpers start my_work`` copies them. When it is run again after an update of
the course, it compares three versions of each lesson: the course's, the student's, and
the one that was last copied, whose hash is in `MANIFEST` in that folder.

=====================================  =========================================
in the folder                          what is done
=====================================  =========================================
nothing, and never copied              it is copied
nothing, but it was copied once        nothing: it was deleted or renamed on
                                       purpose; ``--again`` brings it back
what was copied                        an update replaces it
anything else: the student's work      it is never touched; an update is put
                                       beside it, once, as ``NAME.new.ipynb``
=====================================  =========================================

Without a manifest, or with a damaged one, any difference is taken for the student's
work.
"""

import errno
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from helpers.cli.terminal import lab_command, show_table, this_python
from helpers.files import (
    expand_path,
    read_json,
    shell_quote,
    writable_folder,
    write_bytes,
    write_json,
)
from helpers.i18n import gettext, gettext_noop, language

NOTEBOOKS = "notebooks"
MANIFEST = ".course_notebooks.json"
HELPERS = Path(__file__).resolve().parent.parent
# Former lessons, and what replaced them: their notebooks only have links.
MOVED = {"07_scaling": ("07_retrieval", "09_scaling")}

NEW = gettext_noop("new")
BACK = gettext_noop("brought back")
UPDATED = gettext_noop("updated")
SAME = gettext_noop("unchanged")
DELETED = gettext_noop("deleted by you, left out")
YOURS = gettext_noop("kept, yours")
BESIDE = gettext_noop("kept, yours; the new one is beside it")
WAITING = gettext_noop("kept, yours; the new one is still beside it")
BLOCKED = gettext_noop(
    "kept, yours; there is a newer one, but you changed this one too"
)


class StartError(Exception):
    """The exercises could not be copied; the message says why, and what to do."""


def run(folder, again=False, lab=False, lang=None):
    """Copy the exercises, and print what was done and what to do next.

    Parameters
    ----------
    folder : str
    again : bool
        Restore lessons that were deleted.
    lab : bool
        Open the folder in JupyterLab afterwards.
    lang : str, optional
        The language of the exercises; by default that of the folder, or else of
        `helpers.i18n`.

    Returns
    -------
    int : the exit code
    """
    try:
        lang = _one_language(folder, lang)
        outcomes = copy_lessons(folder, again, find_lessons(lang), lang)
    except StartError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:  # while a folder or its notebooks are looked at
        folder = expand_path(folder)
        print(_explain(error, folder, lang or language()), file=sys.stderr)
        return 2
    folder = expand_path(folder)
    rows = []
    for name, state in outcomes.items():
        if state in (BESIDE, WAITING, BLOCKED):
            rows.append((name, f"{gettext(state)}: {beside(Path(name))}"))
        else:
            rows.append((name, gettext(state)))
    show_table(rows, [gettext("lesson"), gettext("what was done")])
    print("\n".join(_what_next(folder, set(outcomes.values()), lang)), flush=True)
    return _open_lab(folder) if lab else 0


def _open_lab(folder):
    if importlib.util.find_spec("jupyterlab") is None:
        install = f"{this_python()} -m pip install jupyterlab"
        print(
            gettext("JupyterLab is not installed here: {install}", install=install),
            file=sys.stderr,
        )
        return 2
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder}"]
    if os.name == "nt":
        return subprocess.call(command)
    # Replace this process, so that Ctrl-C reaches JupyterLab, which asks for
    # confirmation.
    return os.execv(sys.executable, command)


def _one_language(folder, lang):
    """Return the language of the exercises; a folder has only one."""
    there = language_of(expand_path(folder)) if str(folder).strip() else None
    if lang and there and lang != there:
        raise StartError(
            gettext(
                "{folder} has the exercises in the language {there}. To bring them up "
                "to date: {command}. Those in the language {lang} need a folder of "
                "their own: {other}",
                folder=folder,
                there=there,
                command=_command(folder, there),
                lang=lang,
                other=_command(f"{folder}_{lang}", lang),
            )
        )
    return lang or there or language()


def language_of(folder):
    """Return the language of the exercises in a student's folder.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    str or None
        None if there are no exercises.
    """
    if not folder.is_dir():
        return None
    noted, _ = _read_manifest(folder)
    found = [
        match[1]
        for path in lessons_in(folder)
        if path.is_file()
        and (match := SETS_LANGUAGE.search(path.read_text("utf-8", "replace")))
    ]
    return noted or (Counter(found).most_common(1)[0][0] if found else None)


# In a notebook's JSON.
SETS_LANGUAGE = re.compile(r'setdefault\(\\"COURSE_LANG\\", \\"(\w+)\\"\)')


def _command(folder, lang):
    """Return the command that copies the exercises of a language."""
    option = "" if lang == "en" else f" --lang {lang}"
    return f"{this_python()} -m helpers start {shell_quote(folder)}{option}"


def _what_next(folder, states, lang):
    command = _command(folder, lang)
    if states & {BESIDE, WAITING}:
        yield (
            gettext(
                "Where you had changed a lesson, nothing was overwritten: take over "
                "from the .new.ipynb what you like, then delete it."
            )
        )
    if BLOCKED in states:
        yield gettext(
            "Rename the .new.ipynb that you changed, then: {command}", command=command
        )
    if DELETED in states:
        yield gettext(
            "What you deleted or renamed comes back with: {command} --again",
            command=command,
        )
    yield gettext("Open your exercises with: {command}", command=lab_command(folder))


def copy_lessons(folder, again=False, source=None, lang=None):
    """Copy the exercises into a folder, or update them.

    Parameters
    ----------
    folder : str or path
        It is created if it does not exist.
    again : bool
        Restore deleted lessons, and deleted new versions of changed ones.
    source : path, optional
        The folder of the lessons; by default that of `find_lessons`.
    lang : str, optional
        Their language; it is saved in the manifest.

    Returns
    -------
    dict
        Name of the notebook -> what was done, one of the constants of this module.

    Raises
    ------
    StartError
        If the folder cannot be used. Each file is written atomically.
    """
    source = Path(source) if source else find_lessons()
    folder = _usable(folder, source)
    outcomes = {}
    try:
        lessons = {path.name: path.read_bytes() for path in lessons_in(source)}
        folder.mkdir(parents=True, exist_ok=True)
        noted, known = _read_manifest(folder)
        lang = lang or noted
        for name, lesson in lessons.items():
            if not _is_notebook(lesson):
                raise StartError(
                    gettext(
                        "The course's own {file} is damaged, it is no notebook. "
                        "Restore it (in a clone: git checkout -- notebooks/{name}) "
                        "and run this again.",
                        file=source / name,
                        name=name,
                    )
                )
            before = known.get(name, {})
            entry = dict(before)
            outcomes[name] = _update(folder / name, lesson, entry, again)
            if entry != before or lang != noted:
                # Save it now: the next file may fail.
                known[name], noted = entry, lang
                remembered = {"language": lang} if lang else {}
                write_json(folder / MANIFEST, remembered | known)
    except OSError as error:
        raise StartError(_explain(error, folder, _language_in(source))) from error
    return outcomes


def find_lessons(lang="en"):
    """Find the course's exercises: in the installed package, else in the clone.

    Parameters
    ----------
    lang : str
        Their language. English ones are in ``notebooks``, others in a subfolder.

    Returns
    -------
    pathlib.Path
    """
    for course in (HELPERS, HELPERS.parent):
        folder = course / NOTEBOOKS
        if lessons_in(folder) and lang != "en":
            folder = folder / lang
            if not lessons_in(folder):
                raise StartError(
                    gettext(
                        "There are no exercises in the language {lang}. There are: "
                        "{known}.",
                        lang=lang,
                        known=", ".join(_languages(folder.parent)),
                    )
                )
        if lessons_in(folder):
            return folder
    raise StartError(
        gettext(
            "There are no exercises beside {folder} or in it: this copy of the "
            "course is incomplete. Clone or install it again.",
            folder=HELPERS,
        )
    )


def _languages(notebooks):
    others = sorted(one.name for one in notebooks.iterdir() if lessons_in(one))
    return ["en", *others]


def lessons_in(folder):
    """List the lessons in a folder; not copies of them, such as 01_data-Copy1.ipynb.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    list of pathlib.Path
    """
    paths = sorted(folder.glob("*.ipynb"))
    return [
        path
        for path in paths
        if re.fullmatch(r"\d\d_\w+", path.stem) and path.stem not in MOVED
    ]


def beside(path):
    """Return the path of a new version beside a changed notebook.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    pathlib.Path
    """
    return path.with_suffix(".new.ipynb")


def fingerprint(content):
    """Return a hash of what a student reads and writes in a notebook.

    JupyterLab and Colab rewrite the metadata and the JSON layout of a notebook when it
    is saved. That alone is not a change by the student.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str
        The SHA-256 of the cells' sources, outputs and attachments, or, if it is not a
        notebook, of the whole content.
    """
    try:
        cells = json.loads(content)["cells"]
        work = [
            [
                cell["cell_type"],
                "".join(cell["source"]),  # a string, or a list of lines
                cell.get("outputs"),
                cell.get("execution_count"),
                cell.get("attachments"),
            ]
            for cell in cells
        ]
        content = json.dumps(work, sort_keys=True).encode()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    return hashlib.sha256(content).hexdigest()


def _update(path, lesson, entry, again):
    """Copy or update one lesson, and its `entry`; return what was done."""
    course, own = fingerprint(lesson), _fingerprint_of(path)
    if own is None:
        if "copied" in entry and not again:
            return DELETED
        state = BACK if "copied" in entry else NEW
        write_bytes(path, lesson)
        entry["copied"] = course
        return state
    if own == course:
        entry["copied"] = course
        return SAME
    if own == entry.get("copied"):
        write_bytes(path, lesson)
        entry["copied"] = course
        return UPDATED

    if entry.get("copied") == course:
        return YOURS
    new = beside(path)
    there = _fingerprint_of(new)
    if entry.get("beside") == course and (there or not again):
        return WAITING if there else YOURS
    if there not in (None, course, entry.get("beside")):
        return BLOCKED
    if there != course:
        write_bytes(new, lesson)
    entry["beside"] = course
    return BESIDE


def _fingerprint_of(path):
    """Return the fingerprint of a file; None if it does not exist."""
    if path.is_symlink() or path.is_dir():
        return "no file of ours"
    return fingerprint(path.read_bytes()) if path.exists() else None


def _is_notebook(content):
    try:
        return isinstance(json.loads(content)["cells"], list)
    except (ValueError, TypeError, KeyError):
        return False


def _read_manifest(folder):
    """Read the language and the fingerprints; skip malformed entries."""
    manifest = read_json(folder / MANIFEST, {})
    lang = manifest.get("language")
    return lang if isinstance(lang, str) else None, {
        name: {kind: value for kind, value in entry.items() if isinstance(value, str)}
        for name, entry in manifest.items()
        if isinstance(entry, dict)
    }


def _language_in(source):
    return "en" if source.name == NOTEBOOKS else source.name


def _usable(folder, source):
    """Return the folder as a path; reject a file, and the course's own folders."""
    example = _command("my_work", _language_in(source))
    if not str(folder).strip():
        raise StartError(gettext("Name a folder: {example}", example=example))
    path = expand_path(folder)
    other = gettext("Name a folder of your own: {example}", example=example)
    in_the_way = next((p for p in (path, *path.parents) if os.path.lexists(p)), path)
    if os.path.lexists(in_the_way) and not in_the_way.is_dir():
        raise StartError(
            gettext(
                "{in_the_way} is a file, and the exercises need a folder. {other}",
                in_the_way=in_the_way,
                other=other,
            )
        )
    own = source if source.name == NOTEBOOKS else source.parent
    if _is_inside(path, own) or _is_inside(path, source):
        raise StartError(
            gettext(
                "{path} is the course's own folder: an update of the course would "
                "change what you write there. {other}",
                path=path,
                other=other,
            )
        )
    course = own.parent
    if _is_inside(path, course / "solutions"):
        raise StartError(
            gettext(
                "{path} belongs to the solutions, whose notebooks have the same names "
                "as the exercises. {other}",
                path=path,
                other=other,
            )
        )
    if _is_inside(path, HELPERS) or _same(path, course):
        raise StartError(
            gettext(
                "{path} belongs to the course itself: its files and yours would be "
                "mixed. {other}",
                path=path,
                other=other,
            )
        )
    return path


def _is_inside(path, folder):
    path = path.resolve()
    return any(_same(part, folder) for part in (path, *path.parents))


def _same(path, other):
    # samefile, as on some systems Notebooks and notebooks are one folder.
    return path.exists() and other.exists() and os.path.samefile(path, other)


def _explain(error, folder, lang):
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return gettext(
            "The disk is full: no room for the exercises in {folder}. Nothing is "
            "left half-written. Make room, and run this again: it goes on where it "
            "stopped.",
            folder=folder,
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return gettext(
            "{folder} is not writable for you ({error}). Name a folder of your own, "
            "for example: {example}",
            folder=folder,
            error=error,
            example=_command(writable_folder("recsys") or "~/recsys", lang),
        )
    return gettext(
        "The exercises could not be copied to {folder} ({error}). Nothing is "
        "left half-written.",
        folder=folder,
        error=error,
    )
