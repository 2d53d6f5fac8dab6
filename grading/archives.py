"""List the files in folders, zips and tars, one by one.

A damaged or oversized archive is reported as a problem of that one file; the other
files are still read.
"""

import bz2
import contextlib
import gzip
import io
import lzma
import os
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from helpers.i18n import gettext, gettext_noop

MOST_BYTES = 20 * 2**20
MOST_UNPACKED = 5 * MOST_BYTES
"""The most bytes that all files of one student's archive may have together."""
MOST_FILES = 50_000
MOST_FILES_INSIDE = 2000
XZ_MEMORY = 256 * 2**20

HAND_IN = gettext_noop("Hand in the notebook itself (.ipynb).")
MAKE_SMALLER = gettext_noop("Clear its outputs and save it again.")
LINK = gettext_noop("In the archive it is a link, not a file. Hand in the file itself.")
PACKED = (
    ".zip",
    ".tar",
    ".tgz",
    ".tbz",
    ".tbz2",
    ".txz",
    ".gz",
    ".bz2",
    ".xz",
    ".lzma",
)
MAGIC = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gz",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
}
OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".pages", ".epub")
LEFT_OUT = {"__MACOSX", "__pycache__", "site-packages", "node_modules", "Icon\r"}
LEFT_OUT |= {"Thumbs.db", "desktop.ini", ".ipynb_checkpoints", ".virtual_documents"}


class Rejected(Exception):
    """A file cannot be graded; the message says why."""


def advising(problem):
    """Append what to hand in instead to a description of a problem."""
    return f"{problem} {gettext(HAND_IN)}"


def without_advice(problem):
    """Return a description of a problem without what it says about notebooks."""
    for advice in (HAND_IN, MAKE_SMALLER):
        problem = problem.replace(gettext(advice), "")
    return problem.strip()


@dataclass(frozen=True)
class File:
    """A file of a download, or a folder.

    Attributes
    ----------
    name : str
        The path in the download; an archive counts as a folder.
    content : bytes
    problem : str
        Why the file could not be read; empty if it could.
    is_folder, is_archive : bool
        An archive is a folder too.
    """

    name: str
    content: bytes = b""
    problem: str = ""
    is_folder: bool = False
    is_archive: bool = False


def is_packed(name):
    """Tell whether a file is an archive, by its name."""
    return name.lower().endswith(PACKED)


def walk(path, leave_out=None, wanted=None, is_download=lambda names: False):
    """List all files of a download, including those in archives.

    Parameters
    ----------
    path : pathlib.Path
        A folder, an archive or another file.
    leave_out : pathlib.Path, optional
        A folder in it to skip.
    wanted : set of str, optional
        The names of the only files to read; by default, all.
    is_download : callable
        Gets the names in an archive; returns whether it holds the submissions of
        several students. Only such an archive may hold other archives.

    Yields
    ------
    File : sorted by name
    """
    walker = _Walker(leave_out, wanted, is_download)
    if path.is_dir():
        yield from walker.folder(path, "")
    elif kind := _kind_of_whole(path):
        yield from walker.whole(path, kind)
    else:
        yield from walker.file(path.name, lambda: read_file(path))


def read_file(path):
    """Read a file of limited size, without following links or blocking on a pipe."""
    try:
        flags = (
            os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        )
        handle = os.open(path, flags)
    except OSError:
        raise Rejected(
            gettext("It is a link, or cannot be opened. Hand in the file itself.")
        ) from None
    try:
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(file.fileno())
            if path.is_symlink() or not stat.S_ISREG(found.st_mode):
                raise Rejected(advising(gettext("It is no regular file.")))
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Rejected(
            gettext("It cannot be read: {error}.", error=error.strerror)
        ) from None
    return _not_too_large(content, found.st_size)


class _Walker:
    def __init__(self, leave_out, wanted, is_download):
        self._leave_out = leave_out.resolve() if leave_out else None
        self._is_download = is_download
        self._wanted = None
        if wanted is not None:
            paths = [name.split("/") for name in wanted]
            self._wanted = {
                "/".join(parts[:end])
                for parts in paths
                for end in range(1, len(parts) + 1)
            }

    def folder(self, folder, name):
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            yield File(name or ".", problem=gettext("The folder cannot be opened."))
            return
        for entry in entries:
            inner = f"{name}/{entry.name}" if name else entry.name
            path = Path(entry.path)
            is_home = entry.name[0] == "." and any(path.glob("[!.]*.ipynb"))
            homes = {entry.name} if is_home else ()
            if self._is_hidden(entry.name, homes) or not self._may_hold(inner):
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield from self.file(inner, lambda path=path: read_file(path))
            elif path.resolve() != self._leave_out:
                yield File(inner, is_folder=True)
                yield from self.folder(path, inner)

    def file(self, name, read, is_inside=False):
        """Yield a file, or the files in it if it is an archive."""
        if not self._may_hold(name):
            return
        try:
            content = read()
        except Rejected as problem:
            yield File(name, problem=str(problem))
            return
        kind = _kind(name, content)
        if not kind:
            yield File(name, content)
        elif is_inside:
            problem = gettext("It is an archive ({kind}) in an archive.", kind=kind)
            yield File(name, problem=advising(problem))
        else:
            yield from self._unpacked(name, content, kind)

    def whole(self, path, kind):
        """Yield the files in the archive that was named on the command line."""
        try:
            with (_Zip if kind == "zip" else _Tar)(path) as archive:
                yield from self._members(archive, "", MOST_FILES, is_inside=False)
        except Rejected:
            raise
        except Exception as error:
            raise Rejected(
                f"{path} cannot be read as an archive ({kind}): {_words(error)}"
            ) from None

    def _unpacked(self, name, content, kind):
        yield File(name, is_folder=True, is_archive=True)
        try:
            if kind != "zip":
                content = _decompressed(content, kind)
                if not _is_tar(content):
                    yield File(f"{name}/{PurePosixPath(name).stem}", content)
                    return
            with (_Zip if kind == "zip" else _Tar)(io.BytesIO(content)) as archive:
                names = [archive.name(member) for member in archive.members()]
                is_inside = not self._is_download(names)
                yield from self._members(
                    archive, f"{name}/", MOST_FILES_INSIDE, is_inside
                )
        except Rejected as problem:
            yield File(name, problem=str(problem))
        except Exception:
            # On a damaged archive, Python's readers may raise any exception.
            problem = gettext("It cannot be read as an archive ({kind}).", kind=kind)
            yield File(name, problem=advising(problem))

    def _members(self, archive, prefix, most, is_inside):
        room = MOST_UNPACKED if prefix else None
        seen = Counter()
        members = [(harmless(archive.name(one)), one) for one in archive.members()]
        names = [name.split("/") for name, _ in members if name.endswith(".ipynb")]
        homes = {parts[-2] for parts in names if len(parts) > 1}
        members = [pair for pair in members if not self._is_hidden(pair[0], homes)]
        if len(members) > most:
            problem = gettext("The archive holds more than {most} files.", most=most)
            raise Rejected(advising(problem))
        for name, member in sorted(members, key=lambda pair: pair[0].split("/")):
            seen[name] += 1
            if seen[name] > 1:
                path = PurePosixPath(name)
                name = str(path.with_name(f"{path.stem} ({seen[name]}){path.suffix}"))
            name = prefix + name
            if archive.is_folder(member):
                yield File(name, is_folder=True)
                continue
            for file in self.file(
                name, lambda member=member: _read(archive, member), is_inside
            ):
                if room is not None:
                    room -= len(file.content)
                    if room < 0:
                        raise Rejected(advising(gettext("The archive holds too much.")))
                yield file

    def _is_hidden(self, name, homes):
        """Tell whether a path has a hidden part; `homes` are folders with notebooks."""
        # A student's name may begin with a dot.
        return any(
            part in LEFT_OUT
            or part.startswith(("._", "~$"))
            or not (part[0] != "." or part in homes or self._is_download([part]))
            for part in name.split("/")
        )

    def _may_hold(self, name):
        """Tell whether a file is wanted, or may contain one that is."""
        return self._wanted is None or name in self._wanted


# --- one interface for zips and tars ---


class _Zip:
    def __init__(self, source):
        self._zip = zipfile.ZipFile(source)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._zip.close()

    def members(self):
        return self._zip.infolist()

    def name(self, member):
        name = member.filename
        if not member.flag_bits & 0x800:
            # macOS writes UTF-8 names without setting the flag.
            with contextlib.suppress(UnicodeError):
                name = name.encode("cp437").decode("utf-8")
        return name.replace("\\", "/")

    def is_folder(self, member):
        # `member.is_dir()` fails on an empty name, which a damaged zip may have.
        return member.filename.endswith(("/", "\\"))

    def refusal(self, member):
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            return gettext(LINK)
        return advising(gettext("It is encrypted.")) if member.flag_bits & 1 else ""

    def open(self, member):
        return self._zip.open(member)

    def size(self, member):
        return member.file_size


class _Tar:
    def __init__(self, source):
        self._open = contextlib.ExitStack()
        if isinstance(source, Path):
            # Decompress once: seeking back in a compressed file starts over.
            copy = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            with _uncompressed(source) as file:
                shutil.copyfileobj(file, copy)
            copy.seek(0)
            source = copy
        self._tar = self._open.enter_context(tarfile.open(fileobj=source))  # noqa: SIM115

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._open.close()

    def members(self):
        return self._tar.getmembers()

    def name(self, member):
        return member.name.replace("\\", "/")

    def is_folder(self, member):
        return member.isdir()

    def refusal(self, member):
        return "" if member.isreg() else gettext(LINK)

    def open(self, member):
        return self._tar.extractfile(member)

    def size(self, member):
        return member.size


def _uncompressed(path):
    with path.open("rb") as file:
        head = file.read(6)
    for magic, opener in ((b"\x1f\x8b", gzip), (b"BZh", bz2), (b"\xfd7zXZ", lzma)):
        if head.startswith(magic):
            return opener.open(path)
    return path.open("rb")


def _read(archive, member):
    name = archive.name(member)
    if ".." in name.split("/") or name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise Rejected(gettext("Its name in the archive points out of the archive."))
    if refusal := archive.refusal(member):
        raise Rejected(refusal)
    try:
        # The stated size may be false, so limit what is read.
        with archive.open(member) as file:
            content = file.read(MOST_BYTES + 1)
    except NotImplementedError:
        raise Rejected(
            advising(gettext("It is compressed in a way that cannot be read here."))
        ) from None
    except Exception:
        raise Rejected(
            advising(gettext("It cannot be read from its archive: it is damaged."))
        ) from None
    return _not_too_large(content, max(archive.size(member), len(content)))


def _not_too_large(content, size):
    if len(content) > MOST_BYTES:
        problem = gettext(
            "The file is too large ({size} MB; at most {most}).",
            size=round(size / 2**20),
            most=MOST_BYTES // 2**20,
        )
        raise Rejected(f"{problem} {gettext(MAKE_SMALLER)}")
    return content


def archive_kind(name):
    """Return an archive's format by its name: ``"zip"``, ``"tar"``, ``"gz"``."""
    kind = name.lower().rpartition(".")[2]
    return {"tgz": "gz", "tbz": "bz2", "tbz2": "bz2", "txz": "xz"}.get(kind, kind)


def _kind(name, content):
    for magic, kind in MAGIC.items():
        if content.startswith(magic):
            is_office = name.lower().endswith(OFFICE) or content[30:38] == b"mimetype"
            return "" if kind == "zip" and is_office else kind
    is_other = content.startswith((b"Rar!", b"7z\xbc\xaf"))
    if not content or is_other or _looks_like_text(content):
        return ""
    if is_packed(name):
        return archive_kind(name)
    return "tar" if _is_tar(content) else ""


def _looks_like_text(content):
    return content.lstrip()[:1] in (b"{", b"#", b"<") and b"\0" not in content[:512]


def _decompressed(content, kind):
    if kind == "tar":
        return content
    source = io.BytesIO(content)
    if kind in ("xz", "lzma"):
        reader = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
        found = reader.decompress(content, MOST_UNPACKED + 1)
    else:
        with (gzip.open if kind == "gz" else bz2.open)(source) as file:
            found = file.read(MOST_UNPACKED + 1)
    if len(found) > MOST_UNPACKED:
        raise Rejected(advising(gettext("The archive holds too much.")))
    return found


def _is_tar(content):
    try:
        tarfile.TarInfo.frombuf(content[:512], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def _kind_of_whole(path):
    """Return ``"zip"`` or ``"tar"``, or an empty string for other files."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            head = file.read(4)
        if head.startswith(b"PK"):
            return "" if path.name.lower().endswith(OFFICE) else "zip"
        return "tar" if tarfile.is_tarfile(path) else ""
    except Exception:
        return ""


def harmless(name):
    """Return a member's name without parts that would lead out of its folder."""
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return "/".join(parts) or "nameless"


def _words(error):
    return str(error) or type(error).__name__
