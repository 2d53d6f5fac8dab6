"""Find the MovieLens files: your own, the cache, GroupLens, a mirror.

Nothing is unpacked: the zip is cached as it was downloaded, and its members are read
directly from it.
"""

import atexit
import contextlib
import html
import importlib.util
import lzma
import os
import re
import shutil
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

import pooch
import requests

from helpers.files import check_writable, expand_path, writable_folder
from helpers.i18n import gettext, gettext_noop
from helpers.movielens.errors import (
    CorruptDataError,
    DataError,
    SourceNotFoundError,
    SourcesUnreachableError,
    UnsafeArchiveError,
)
from helpers.storage import set_variable_command, user_folder

GROUPLENS_URL = "https://files.grouplens.org/datasets/movielens/"
"""Where the zips are; the environment variable ``MOVIELENS_URL`` overrides it."""

CONNECT_SECONDS, READ_SECONDS, PIP_SECONDS = 5, 30, 120

ZIP_SHA256 = {
    "ml-100k": "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
    "ml-latest-small": (
        "696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436"
    ),
    "ml-1m": "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20",
    "ml-25m": "8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa",
    "ml-32m": "e4a68655d7386b8f95f2f2424b2ff975dfdd15ffd59e0d864a14dca43e99d6ee",
}

# A damaged archive surfaces in many ways: a bad checksum or length, an "encrypted" or
# "unknown compression" flag, and, while it is opened, bytes that are no text.
DAMAGED_MEMBER = (
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
)
DAMAGED_ARCHIVE = (*DAMAGED_MEMBER, tarfile.TarError, ValueError)

# The package RecBole carries ml-100k (without u1…u5) inside its wheel.
MIRROR_PACKAGE = "recbole==1.2.1"
MIRROR_WHEEL = "recbole-1.2.1-py3-none-any.whl"
MIRROR_SHA256 = "9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"
MIRROR_FOLDER = "recbole/dataset_example/ml-100k"

LICENCE = gettext_noop("""\
MovieLens is GroupLens' data, free for research and teaching: do not redistribute it.
Cite F. M. Harper and J. A. Konstan (2015), The MovieLens Datasets, ACM TiiS 5(4):19.\
""")


def cache_folder(cache=None):
    """Return the folder for downloads.

    Parameters
    ----------
    cache : path, optional
        Without it ``$MOVIELENS_HOME``, and without that the user's own cache folder.

    Returns
    -------
    pathlib.Path : it need not exist yet

    Raises
    ------
    OSError
        If neither is set, and your user account has no home folder.
    """
    return expand_path(cache) if cache else user_folder("MOVIELENS_HOME", "movielens")


def find_source(name, source=None, cache=None, progress=True):
    """Find the files of a data set; download them if necessary.

    Parameters
    ----------
    name : str
        A key of `ZIP_SHA256`.
    source : path, optional
        A folder or a zip of the user's own; without it ``$MOVIELENS_SOURCE``. If
        there is one, nothing else is tried.
    cache : path, optional
        See `cache_folder`.
    progress : bool
        Draw a bar while downloading.

    Returns
    -------
    path : pathlib.Path
        A folder or a zip.
    description : str
        Where it came from, in words.

    Raises
    ------
    SourceNotFoundError, CorruptDataError, SourcesUnreachableError
    """
    source = source or os.environ.get("MOVIELENS_SOURCE")
    if source:
        return _own_source(name, expand_path(source))

    for folder in _cache_folders(cache):
        for file_name, sha256, origin in _cacheable(name):
            path = folder / file_name
            if os.path.exists(path):  # False where the folder may not be looked into
                check_hash(
                    path,
                    sha256,
                    gettext(
                        "Nothing was changed. Delete {path} and call again to download "
                        "it.",
                        path=path,
                    ),
                )
                return path, _cached(origin, folder)

    failures = []
    folder = _download_folder(cache)
    print(gettext(LICENCE))
    for file_name, sha256, origin in _cacheable(name):
        try:
            _fetch(folder / file_name, sha256, progress)
            return folder / file_name, _cached(origin, folder)
        except DataError as error:
            print(
                gettext("Could not get {name} from {origin}.", name=name, origin=origin)
            )
            failures.append((origin, error))
    if len(failures) == 1 and isinstance(failures[0][1], CorruptDataError):
        raise failures[0][1]
    raise SourcesUnreachableError(_unreachable(name, folder, failures))


_session_folders = []
"""The temporary download folder if no cache can be written; at most one."""


def _cache_folders(cache):
    """List the folders in which a download may be."""
    with contextlib.suppress(OSError):
        return [cache_folder(cache), *_session_folders]
    return _session_folders


def _download_folder(cache):
    """Return the cache, or a temporary folder if the cache cannot be written."""
    try:
        folder = cache_folder(cache)
        folder.mkdir(parents=True, exist_ok=True)
        check_writable(folder)
        return folder
    except OSError as error:
        problem = error
    if not _session_folders:
        try:
            _session_folders.append(Path(tempfile.mkdtemp(prefix="movielens-")))
        except OSError:
            raise DataError(
                gettext(
                    "The ratings cannot be kept anywhere ({error}). Name a folder for "
                    "them in the environment variable MOVIELENS_HOME.",
                    error=problem,
                )
            ) from problem
        atexit.register(shutil.rmtree, _session_folders[0], ignore_errors=True)
        print(_not_kept(problem))
    return _session_folders[0]


def _not_kept(problem):
    folder = writable_folder("movielens")
    if folder is None:
        return gettext(
            "→ The ratings are not kept after this session ({error}).", error=problem
        )
    return gettext(
        "→ The ratings are not kept after this session ({error}). To keep them, run "
        "this first, each time: {command}",
        error=problem,
        command=set_variable_command("MOVIELENS_HOME", folder),
    )


def cached_files(cache=None):
    """List the downloads in the cache, complete or not.

    Parameters
    ----------
    cache : path, optional
        See `cache_folder`.

    Returns
    -------
    list of (str, pathlib.Path, str)
        An edition's name, its file, and the SHA-256 that the file should have.
    """
    folder = cache_folder(cache)
    return [
        (name, folder / file_name, sha256)
        for name in ZIP_SHA256
        for file_name, sha256, _ in _cacheable(name)
        if (folder / file_name).exists()
    ]


def _cacheable(name):
    """Yield file name, SHA-256 and origin of each download, the best one first."""
    yield f"{name}.zip", ZIP_SHA256[name], gettext("GroupLens' zip")
    if name == "ml-100k":
        yield (
            MIRROR_WHEEL,
            MIRROR_SHA256,
            gettext("the mirror in {package}", package=MIRROR_PACKAGE),
        )


def _cached(origin, folder):
    return gettext(
        "{origin}, cached in {folder}", origin=origin, folder=_from_home(folder)
    )


def _from_home(folder):
    """Abbreviate the home folder to ~, so that saved outputs contain no user name."""
    try:
        return Path("~", folder.resolve().relative_to(Path.home()))
    except (ValueError, RuntimeError):  # elsewhere; or an account without a home
        return folder


def _own_source(name, path):
    if not path.exists():
        raise SourceNotFoundError(
            gettext(
                "There is no folder or zip {path} (from source= or MOVIELENS_SOURCE). "
                "Name one that holds {name}, or leave it out to download {name}.",
                path=path,
                name=name,
            )
        )
    zipped = path / f"{name}.zip"
    if path.is_dir() and not (path / name).is_dir() and zipped.is_file():
        path = zipped
    return path, str(path)


def check_hash(path, sha256, advice):
    """Raise `CorruptDataError` unless a file has this SHA-256.

    Parameters
    ----------
    path : path
    sha256 : str
        64 hexadecimal digits.
    advice : str
        What the user can do about it; the error ends with it.
    """
    found = pooch.file_hash(path, alg="sha256")
    if found != sha256:
        raise CorruptDataError(
            gettext(
                "{name} ({size:,} bytes) is not the file that was expected: it is "
                "{what}.\n  expected SHA-256 {sha256}\n  found SHA-256    {other}\n"
                "{advice}",
                name=Path(path).name,
                size=Path(path).stat().st_size,
                what=what_it_is(path),
                sha256=sha256,
                other=found,
                advice=advice,
            )
        )


def _fetch(path, sha256, progress):
    """Download to a temporary folder beside `path`, check, then move into place."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".download-") as draft:
            if path.name == MIRROR_WHEEL:
                pip_download(Path(draft))
                advice = gettext(
                    "It came from the package index, and was not kept. A file that you "
                    "download yourself can be named by source=."
                )
            else:
                origin = os.environ.get("MOVIELENS_URL") or GROUPLENS_URL
                _http_download(origin, Path(draft, path.name), progress)
                advice = gettext(
                    "It came from {origin}, and was not kept. Open {origin} in a "
                    "browser to see what is there. A file that you download yourself "
                    "can be named by source=.",
                    origin=origin,
                )
            check_hash(Path(draft, path.name), sha256, advice)
            Path(draft, path.name).replace(path)
    except OSError as error:
        raise DataError(
            gettext(
                "cannot write to the cache folder {folder} ({error}); name another one "
                "in MOVIELENS_HOME",
                folder=path.parent,
                error=error,
            )
        ) from error


def _http_download(base_url, path, progress):
    url = base_url.rstrip("/") + "/" + path.name
    download = pooch.HTTPDownloader(
        progressbar=progress,
        chunk_size=2**16,
        timeout=(CONNECT_SECONDS, READ_SECONDS),
    )
    try:
        download(url, str(path), pooch=None)
    except requests.RequestException as error:
        reason = f"{url}: {_innermost(error)}"
        if isinstance(error, requests.exceptions.SSLError):
            reason += ". " + gettext(
                "If your network has a certificate of its own, name its file in the "
                "environment variable REQUESTS_CA_BUNDLE"
            )
        raise SourcesUnreachableError(reason) from error


def _innermost(error):
    """Return the root cause: requests and urllib3 wrap exceptions several times."""
    while isinstance(error, Exception) and error.args:
        inner = getattr(error.args[0], "reason", error.args[0])
        if not isinstance(inner, Exception):
            break
        error = inner
    return f"{type(error).__name__}: {error}"


def pip_download(folder):
    """Download the mirror's wheel with pip, from the index that is configured."""
    reasons = []
    for find_pip in (_own_pip, _base_pip, _fresh_pip):
        try:
            command = find_pip(folder)
            if command is None:
                continue
            subprocess.run(
                [
                    *command,
                    "download",
                    "--no-deps",
                    "--only-binary=:all:",
                    "--quiet",
                    "--no-input",
                    "--disable-pip-version-check",
                    "--retries=1",
                    f"--timeout={READ_SECONDS}",
                    f"--dest={folder}",
                    MIRROR_PACKAGE,
                ],
                check=True,
                capture_output=True,
                text=True,
                timeout=PIP_SECONDS,
            )
            if (folder / MIRROR_WHEEL).exists():
                return
            reasons.append(gettext("pip brought no {file}", file=MIRROR_WHEEL))
        except subprocess.CalledProcessError as error:
            lines = (error.stderr or error.stdout or str(error)).strip().splitlines()
            reasons.append(lines[-1] if lines else str(error))
            # Another pip would ask the same index: only a missing one is worth it.
            if not any("No module named" in line for line in lines):
                break
        except (subprocess.TimeoutExpired, OSError) as error:
            reasons.append(str(error))
    raise SourcesUnreachableError(
        gettext(
            "pip download {package}: {reasons}. If pip itself is missing, "
            "install it (`uv pip install pip`, `conda install pip`).",
            package=MIRROR_PACKAGE,
            reasons="; ".join(reasons) or gettext("no pip found"),
        )
    )


def _own_pip(folder):
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    return None


def _base_pip(folder):
    """Find pip in the base Python: environments made by uv have none."""
    base = getattr(sys, "_base_executable", sys.executable)
    return None if base == sys.executable else [base, "-m", "pip"]


def _fresh_pip(folder):
    """Install the standard library's pip in a temporary environment."""
    venv.create(folder / "venv", with_pip=True)
    python = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return [str(folder / "venv" / python), "-m", "pip"]


def _unreachable(name, folder, failures):
    reasons = "\n".join(f"  - {origin}: {error}" for origin, error in failures)
    return gettext(
        "Could not get {name} from any source:\n  - the cache: nothing in "
        "{folder}\n{reasons}\nWhat to do: check the connection (behind a proxy, "
        "set HTTPS_PROXY); or download {name}.zip in a browser from "
        '{url} and name it, load_movielens("{name}", '
        'source="path/to/{name}.zip") or in the environment variable '
        "MOVIELENS_SOURCE; or go on with made-up ratings, "
        'load_movielens("synthetic").',
        name=name,
        folder=folder,
        reasons=reasons,
        url=GROUPLENS_URL,
    )


@contextlib.contextmanager
def opened(path):
    """Open a folder or a zip for reading.

    Parameters
    ----------
    path : path
        A folder, or a zip (a wheel is one), or a tar.

    Yields
    ------
    pathlib.Path or zipfile.Path : the root; both know ``/``, ``iterdir`` and ``open``

    Raises
    ------
    CorruptDataError
        If the zip cannot be opened. While a member is read, one of `DAMAGED_MEMBER` may
        still be raised.
    UnsafeArchiveError
        If a member's name climbs out of the zip, or a member is a link.
    """
    path = Path(path)
    with contextlib.ExitStack() as kept_open:
        yield path if path.is_dir() else _root_of_archive(path, kept_open)


def _root_of_archive(path, kept_open):
    try:
        if not zipfile.is_zipfile(path) and tarfile.is_tarfile(path):
            folder = kept_open.enter_context(tempfile.TemporaryDirectory())
            with tarfile.open(path) as archive:
                archive.extractall(folder, filter="data")
            return Path(folder)
        archive = kept_open.enter_context(zipfile.ZipFile(path))
        for member in archive.infolist():
            _refuse_unsafe(path, member)
        return zipfile.Path(archive)
    except DataError:
        raise
    except tarfile.FilterError as error:
        raise UnsafeArchiveError(
            gettext(
                "{path} holds a member that points outside of it ({error}): do not use "
                "this file.",
                path=path,
                error=error,
            )
        ) from error
    except DAMAGED_ARCHIVE as error:
        raise CorruptDataError(
            gettext(
                "{path} cannot be read as a zip ({error_type}: {error}): it is {what}. "
                "Name the folder that holds the files, or the zip, and get it again "
                "if it is damaged.",
                path=path,
                error_type=type(error).__name__,
                error=error,
                what=what_it_is(path),
            )
        ) from error


BEGINNINGS = {
    b"\x1f\x8b": gettext_noop("a file compressed with gzip"),
    b"BZh": gettext_noop("a file compressed with bzip2"),
    b"\xfd7zXZ": gettext_noop("a file compressed with xz"),
    b"7z\xbc\xaf": gettext_noop("a 7z archive"),
    b"Rar!": gettext_noop("a RAR archive"),
    b"%PDF": gettext_noop("a PDF"),
    b"version https://git-lfs": gettext_noop(
        "a pointer of Git LFS, not the file itself"
    ),
}


def what_it_is(path):
    """Describe a file by its content, in a few words.

    Parameters
    ----------
    path : path
        Of a file on the disk or in a zip.

    Returns
    -------
    str
    """
    path = path if hasattr(path, "open") else Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(2**16)
    except OSError:
        return gettext("a file that you may not read")
    if not head:
        return gettext("an empty file")
    if head.startswith(b"PK\3\4"):
        if b"[Content_Types].xml" in head[:2000]:
            return gettext("an Excel workbook")
        if isinstance(path, Path) and not zipfile.is_zipfile(path):
            return gettext("the beginning of a zip whose end is missing")
        return gettext("a zip, damaged or with other content")
    for beginning, kind in BEGINNINGS.items():
        if head.startswith(beginning):
            return gettext(kind)
    text = head.decode("utf-8-sig", "replace").strip()
    if re.match(r"(?i)(<!--.*?-->\s*)*<(!doctype html|html|head|body)\b", text):
        title = re.search(r"(?is)<title[^>]*>(.*?)</title>", text)
        if title and title[1].strip():
            title = " ".join(html.unescape(title[1]).split())
            return gettext("a web page, “{title}”", title=title[:80])
        return gettext("a web page")
    line = text.partition("\n")[0].strip()[:80]
    if text[:1] in "{[":
        return gettext("a text in JSON, {line}", line=" ".join(text.split())[:200])
    if "\0" not in text and "\ufffd" not in text[:200] and line:
        return gettext("a text that begins with “{line}”", line=line)
    return gettext("a damaged file, or one of another kind")


def _refuse_unsafe(path, member):
    name = member.filename.replace("\\", "/")
    climbs = ".." in PurePosixPath(name).parts
    absolute = name.startswith("/") or PureWindowsPath(name).drive
    link = stat.S_ISLNK(member.external_attr >> 16)
    if climbs or absolute or link:
        problem = gettext("is a link") if link else gettext("points outside the zip")
        raise UnsafeArchiveError(
            gettext(
                "{path} holds a member {member!r} that {problem}. No zip of GroupLens' "
                "does: do not use this file, get it again from grouplens.org.",
                path=path,
                member=member.filename,
                problem=problem,
            )
        )
