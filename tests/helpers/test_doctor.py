"""`python -m helpers doctor`: it finds what is in the way, and never falls itself."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections import namedtuple
from pathlib import Path

import psutil
import pytest
from packaging.requirements import Requirement

from authoring.project import Project
from helpers import files
from helpers.cli import doctor
from helpers.cli.diagnostics import (
    EXAMINATIONS,
    FIX,
    NOTE,
    OK,
    Finding,
    computer,
    course,
    finding,
    jupyter,
    python,
)
from helpers.movielens import sources

ROOT = Project.open().root
LABELS = [what for what, _ in EXAMINATIONS]

# Reads its settings as Keras does; only TensorFlow is installed.
KERAS_WITH_SETTINGS = """
import json, os
home = os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")
file = os.path.expanduser(os.path.join(home, "keras.json"))
settings = {}
if os.path.exists(file):
    try:
        with open(file) as stream:
            settings = json.load(stream)
    except ValueError:
        settings = {}
floatx = settings.get("floatx", "float32")
if floatx not in ("float16", "float32", "float64"):
    raise ValueError("Invalid `floatx` configuration.")
name = os.environ.get("KERAS_BACKEND") or settings.get("backend", "tensorflow")
if name == "torch":
    raise ModuleNotFoundError("No module named 'torch'")
int(os.environ.get("KERAS_MAX_EPOCHS", 1))
backend = types.SimpleNamespace(backend=lambda: name, floatx=lambda: floatx)
"""

# Stands in for Keras where a test needs it to start at once, or not at all.
FAKE_KERAS = """
import types
__version__ = "3.99"
backend = types.SimpleNamespace(
    backend=lambda: {backend!r}, floatx=lambda: "float32"
)
{more}
"""


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Let no finding depend on who runs the tests."""
    for name in list(os.environ):
        if name.startswith(("MOVIELENS_", "COURSE_", "KERAS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MOVIELENS_HOME", str(tmp_path / "movielens"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def fake_keras(tmp_path, monkeypatch):
    """Return a function that puts a fake Keras before the real one."""

    def put(backend="tensorflow", more=""):
        package = tmp_path / "fakes" / "keras"
        package.mkdir(parents=True)
        text = FAKE_KERAS.format(backend=backend, more=more)
        (package / "__init__.py").write_text(text)
        path = os.pathsep.join([str(package.parent), str(ROOT)])
        monkeypatch.setenv("PYTHONPATH", path)

    return put


def run_doctor(*options, **environment):
    path = os.environ.get("PYTHONPATH", "")
    known = {"PYTHONPATH": path if str(ROOT) in path else str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, *options, "-m", "helpers", "doctor"],
        env=os.environ | known | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def states(output):
    """Read the table's plain lines: what was examined -> its sign."""
    labels = "|".join(LABELS)
    lines = re.findall(rf"(?m)^. (ok|note|fix) +({labels})  ", output)
    return {what: state for state, what in lines}


# The command.


def test_the_real_keras_starts_with_tensorflow():
    found = python.keras()
    assert found.state == OK, found
    assert "starts with tensorflow" in found.found


def test_every_examination_is_in_the_table_and_none_fails(fake_keras):
    fake_keras()
    done = run_doctor()
    found = states(done.stdout)
    assert list(found) == LABELS
    assert done.stderr == ""
    assert "could not be examined" not in done.stdout
    # The computer that runs the tests may be short of memory.
    assert done.returncode == (1 if FIX in found.values() else 0)
    for what in set(LABELS) - {"memory", "disk", "environment", "bytecode", "kernel"}:
        assert found[what] == OK, done.stdout


def test_what_is_in_the_way_is_named_with_what_mends_it(fake_keras, tmp_path):
    fake_keras("jax")
    Path("random.py").write_text("raise ValueError('not the random you expect')")
    (tmp_path / "movielens").mkdir()
    (tmp_path / "movielens" / "ml-100k.zip").write_bytes(b"half of it")
    done = run_doctor(KERAS_BACKEND="jax")
    assert done.returncode == 1
    found = states(done.stdout)
    for what in ("Keras", "ratings", "file names"):
        assert found[what] == FIX, done.stdout
    assert f"{tmp_path / 'movielens' / 'ml-100k.zip'}" in done.stdout
    if os.name != "nt":
        assert "\n    unset KERAS_BACKEND" in done.stdout
    assert "\n    mv random.py my_random.py" in done.stdout
    assert "In the way of the lessons: " in done.stdout


def test_without_any_package_it_still_runs(fake_keras):
    fake_keras(more="raise ImportError('no keras')")
    done = run_doctor("-S")  # leaves site-packages out
    assert done.returncode == 1
    assert done.stderr == ""
    found = states(done.stdout)
    assert list(found) == LABELS
    assert found["packages"] == found["Keras"] == found["kernel"] == FIX
    assert found["ratings"] == NOTE
    assert "could not be examined (ModuleNotFoundError" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pty")
def test_on_a_terminal_it_draws_a_table(fake_keras):
    fake_keras()
    code = f"import pty; pty.spawn([{sys.executable!r}, '-m', 'helpers', 'doctor'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TERM": "xterm", "COLUMNS": "70", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    text = done.stdout.decode()
    assert "Traceback" not in text
    assert "\x1b[32m✓ ok" in text
    assert "───" in text


def test_an_examination_that_fails_is_a_finding():
    def falls():
        raise RuntimeError("first line\nsecond line")

    broken, fine = doctor.examine([("a", falls), ("b", lambda: Finding(OK, "well"))])
    assert broken.state == NOTE
    assert broken.what == "a"
    assert "RuntimeError: first line second line" in broken.found
    assert (fine.state, fine.what) == (OK, "b")


@pytest.mark.parametrize(("state", "code"), [(OK, 0), (NOTE, 0), (FIX, 1)])
def test_the_exit_code_says_whether_something_is_in_the_way(
    monkeypatch, capsys, state, code
):
    found = [
        Finding(state, "so [and] so", "do this", "a"),
        Finding(OK, "well", "", "b"),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: found)
    assert doctor.run() == code
    assert "To fix a:\n    do this\n" in capsys.readouterr().out


# Python and its packages.


@pytest.mark.parametrize("version", [(3, 10, 1), (3, 14, 0), (4, 0, 0)])
def test_another_python_is_in_the_way(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    found = python.python()
    assert found.state == FIX
    assert "needs 3.11 to 3.13" in found.found
    assert found.fix


def test_versions_outside_their_ranges_and_missing_packages(monkeypatch):
    wanted = ["numpy>=99", "pandas>=2", "no-such-package>=1,<2"]
    monkeypatch.setattr(python, "requirements", lambda: list(map(Requirement, wanted)))
    found = python.packages()
    assert found.state == FIX
    assert re.search(r"numpy \d\S+ \(needs >=99\)", found.found)
    assert "no-such-package is missing" in found.found
    assert "pandas" not in found.found + found.fix
    assert "-m pip install 'numpy>=99' 'no-such-package<2,>=1'" in found.fix


def test_the_declared_requirements_are_read():
    names = {entry.name for entry in python.requirements()}
    assert {"tensorflow", "keras", "numpy", "pandas", "psutil"} <= names
    assert "pytest" not in names


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("raise ImportError('numpy is too old')", "ImportError: numpy is too old"),
        ("import os, signal; os.kill(os.getpid(), 4)", r"\(AVX\)"),
        ("import os, signal; os.kill(os.getpid(), 9)", "want of memory"),
        ("import os, signal; os.kill(os.getpid(), 11)", "signal 11"),
        ("raise SystemExit(3)", "code 3"),
        ("import time; time.sleep(60)", "did not start within"),
    ],
)
def test_a_keras_that_does_not_start(fake_keras, monkeypatch, more, says):
    if "kill" in more and os.name == "nt":
        pytest.skip("Windows has no such signals")
    fake_keras(more=more)
    if "sleep" in more:
        monkeypatch.setattr(python, "KERAS_SECONDS", 2)
    found = python.keras()
    assert found.state == FIX
    assert re.search(says, found.found)
    assert found.fix


def test_another_backend_is_in_the_way_wherever_it_was_set(fake_keras, monkeypatch):
    fake_keras("torch", more="print('noise')")
    found = python.keras()
    assert found.state == FIX
    assert "starts with torch" in found.found
    assert found.fix == finding.set_up(), "no setting is to blame"
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert "unset KERAS_BACKEND" in python.keras().fix or os.name == "nt"


def test_bytecode_that_is_neither_there_nor_kept_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    assert python.bytecode().state == OK
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    found = python.bytecode()
    assert found.state == NOTE
    assert "PYTHONDONTWRITEBYTECODE" in found.found
    assert "-m compileall -q" in found.fix


# Jupyter.


def test_a_kernel_of_another_python_is_in_the_way(monkeypatch, tmp_path):
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    spec = {"display_name": "Python 3", "language": "python"}
    other = str(tmp_path / "elsewhere" / "bin" / "python")
    for program, state in [("python", OK), (sys.executable, OK), (other, FIX)]:
        spec["argv"] = [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        (kernel / "kernel.json").write_text(json.dumps(spec))
        found = jupyter.kernel()
        assert found.state == state, found
    assert other in found.found
    assert str(kernel) in found.found
    assert "remove -f python3" in found.fix


def test_a_missing_jupyterlab_is_in_the_way_but_not_on_colab(monkeypatch):
    monkeypatch.setattr(jupyter, "installed", lambda name: None)
    monkeypatch.delenv("TERM_PROGRAM", raising=False)
    assert jupyter.jupyterlab().state == FIX
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    assert jupyter.jupyterlab().state == NOTE


# The course.


def test_ratings_none_whole_and_damaged(monkeypatch, tmp_path):
    found = course.ratings()
    assert found.state == OK
    assert "none yet" in found.found

    folder = tmp_path / "movielens"
    folder.mkdir()
    whole = folder / "ml-1m.zip"
    whole.write_bytes(b"whole")
    sha256 = sources.pooch.file_hash(whole, alg="sha256")
    monkeypatch.setitem(sources.ZIP_SHA256, "ml-1m", sha256)
    found = course.ratings()
    assert found.state == OK
    assert "ml-1m, whole" in found.found

    damaged = folder / sources.MIRROR_WHEEL
    damaged.write_bytes(b"half")
    found = course.ratings()
    assert found.state == FIX
    assert str(damaged) in found.found
    assert str(whole) not in found.found
    assert found.fix.startswith(("rm ", "del "))
    assert finding.quoted(damaged) in found.fix
    assert damaged.read_bytes() == b"half"


@pytest.mark.parametrize("variable", ["MOVIELENS_SOURCE", "COURSE_DATA"])
def test_a_variable_that_names_nothing_is_in_the_way(monkeypatch, tmp_path, variable):
    monkeypatch.setenv(variable, str(tmp_path / "nowhere"))
    found = course.ratings()
    assert found.state == FIX
    assert variable in found.found
    assert variable in found.fix


def test_a_course_home_that_cannot_be_one(monkeypatch, tmp_path):
    assert course.course_home().state == OK
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "file"))
    found = course.course_home()
    assert found.state == FIX
    assert "COURSE_HOME" in found.fix


@pytest.mark.parametrize("content", ['{"exercises": {', "[1]", "\udcff"])
def test_damaged_progress_is_told_and_left_alone(tmp_path, content):
    assert course.progress().state == OK
    path = tmp_path / "home" / "progress.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    found = course.progress()
    assert found.state == NOTE
    assert str(path) in found.fix
    assert path.exists()
    path.write_text('{"exercises": {"2.1": {}, "2.2": {}}}')
    assert "2 exercises" in course.progress().found


def test_closed_answers_are_told(monkeypatch):
    assert course.answers().state == OK
    monkeypatch.setenv("COURSE_REVEAL_FROM", "2999-01-31")
    found = course.answers()
    assert found.state == NOTE
    assert "2999-01-31" in found.found


def test_the_helpers_of_another_folder_are_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert course.helpers().state == OK
    other = tmp_path / "other"
    (other / "helpers").mkdir(parents=True)
    (other / "helpers" / "__init__.py").touch()
    (other / "helpers" / "storage.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(other))
    found = course.helpers()
    assert found.state == NOTE
    assert str(other) in found.found


# The computer.


def test_too_little_memory_is_in_the_way(monkeypatch):
    memory = namedtuple("memory", "available")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(1.4e9))
    found = computer.memory()
    assert found.state == FIX
    assert "1.4 GB free" in found.found
    monkeypatch.setattr(computer.Path, "read_text", lambda path: "max\n")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(1.6e9))
    assert computer.memory().state == OK
    # A container is allowed less than the computer has.
    monkeypatch.setattr(computer.Path, "read_text", lambda path: "1000000000\n")
    assert computer.memory().state == FIX


@pytest.mark.parametrize(
    ("free", "set_up", "state"),
    [(2.9e9, False, FIX), (3.1e9, False, OK), (1e9, True, OK), (1e8, True, FIX)],
)
def test_room_is_needed_for_the_set_up_and_little_afterwards(
    monkeypatch, free, set_up, state
):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(free))
    if not set_up:
        monkeypatch.setattr(computer.importlib.util, "find_spec", lambda name: None)
    assert computer.disk().state == state


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_a_folder_that_cannot_be_written_to_is_in_the_way():
    assert computer.working_folder().state == OK
    here = Path.cwd()
    here.chmod(0o555)
    if os.access(here, os.W_OK):
        pytest.skip("root may write everywhere")
    found = computer.working_folder()
    assert found.state == FIX
    assert "helpers start" in found.fix


# What it says to type, typed.


def in_a_file(folder):
    """A folder that nobody can make, not even root."""
    (folder / "a file").write_text("")
    return str(folder / "a file" / "folder")


def keras_json(content):
    def write(folder):
        home = folder / "me" / ".keras"
        home.mkdir(parents=True)
        if content is None:
            (home / "keras.json").mkdir()
        else:
            (home / "keras.json").write_text(content)
        return {}

    return write


def variables(**environment):
    return lambda folder: environment


def both(one, other):
    return lambda folder: one(folder) | other(folder)


def unwritable(variable):
    return lambda folder: {variable: in_a_file(folder)}


def damaged(*parts, content=b"half of it", below=()):
    def write(folder):
        path = folder.joinpath(*parts)
        path.parent.mkdir(parents=True)
        if below:
            path.joinpath(*below).mkdir(parents=True)
        else:
            path.write_bytes(content)
        return {}

    return write


def kernel_of(argv):
    def write(folder):
        kernel = folder / "jupyter" / "kernels" / "python3"
        kernel.mkdir(parents=True)
        spec = {"display_name": "Python 3", "language": "python", "argv": argv}
        text = json.dumps(spec).replace("{folder}", str(folder))
        text = "{" if argv is None else text
        (kernel / "kernel.json").write_text(text)
        return {"JUPYTER_PATH": str(folder / "jupyter")}

    return write


def files_here(*names):
    def write(folder):
        for name in names:
            path = folder / "here" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("")
        return {}

    return write


BROKEN = {
    "no such backend": ("Keras", keras_json('{"backend": "torch"}')),
    "another backend": ("Keras", keras_json('{"backend": "numpy"}')),
    "wrong floatx": ("Keras", keras_json('{"floatx": "int8"}')),
    "half floatx": ("Keras", keras_json('{"floatx": "float16"}')),
    "keras.json is a list": ("Keras", keras_json("[]")),
    "keras.json is a folder": ("Keras", keras_json(None)),
    "KERAS_BACKEND": ("Keras", variables(KERAS_BACKEND="jax")),
    "KERAS_BACKEND that fails": ("Keras", variables(KERAS_BACKEND="torch")),
    "another KERAS_": ("Keras", variables(KERAS_MAX_EPOCHS="many")),
    "file and variable": (
        "Keras",
        both(keras_json('{"floatx": "float64"}'), variables(KERAS_BACKEND="torch")),
    ),
    "COURSE_HOME": ("course home", unwritable("COURSE_HOME")),
    "MOVIELENS_HOME": ("ratings", unwritable("MOVIELENS_HOME")),
    "MOVIELENS_SOURCE": ("ratings", variables(MOVIELENS_SOURCE="nowhere")),
    "COURSE_DATA": ("ratings", variables(COURSE_DATA="ml-5")),
    "damaged cache": ("ratings", damaged("movielens", "ml-100k.zip")),
    "a folder in the cache": (
        "ratings",
        damaged("movielens", "ml-1m.zip", below=["a folder"]),
    ),
    "damaged progress": ("progress", damaged("home", "progress.json")),
    "progress is a folder": (
        "progress",
        damaged("home", "progress.json", below=["a"]),
    ),
    "another kernel": ("kernel", kernel_of(["/gone/bin/python", "-m", "ipykernel"])),
    "a kernel that is gone": (
        "kernel",
        kernel_of(["{folder}/venv/bin/python0", "-m", "ipykernel"]),
    ),
    "damaged kernel": ("kernel", kernel_of(None)),
    "kernel without program": ("kernel", kernel_of([])),
    "a module's name": ("file names", files_here("random.py")),
    "two of them, names taken": (
        "file names",
        files_here("random.py", "keras.py", "my_random.py", "numpy/__init__.py"),
    ),
}


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
@pytest.mark.parametrize("state", BROKEN)
def test_what_it_says_to_type_mends_it(fake_keras, tmp_path, state):
    what, break_it = BROKEN[state]
    fake_keras(more=KERAS_WITH_SETTINGS)
    environment = {"HOME": str(tmp_path / "me")} | break_it(tmp_path)
    (tmp_path / "me").mkdir(exist_ok=True)
    # The cure of a kernel is written into the environment that runs it.
    venv.create(tmp_path / "venv", symlinks=True)
    site = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    path = os.pathsep.join([os.environ["PYTHONPATH"], *site])
    code = (
        "from helpers.cli.diagnostics import EXAMINATIONS; found = "
        f"dict(EXAMINATIONS)[{what!r}](); print(found.state); print(found.fix)"
    )
    look = f"{tmp_path / 'venv' / 'bin' / 'python'} -P -c {shlex.quote(code)}"

    def run(command):
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path / "here",
            env=os.environ | {"PYTHONPATH": path} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout.splitlines()[-2:]

    state, cure = run(look)
    assert state in (FIX, NOTE)
    assert "make " not in cure and "pip " not in cure, "this is for another test"
    kept = sorted(path.read_bytes() for path in (tmp_path / "here").glob("*.py"))
    assert run(f"{cure}\n{look}")[0] == OK, cure
    assert sorted(one.read_bytes() for one in (tmp_path / "here").glob("*.py")) == kept
    assert "a file" not in cure, "no other folder below the one that cannot be written"


STAND_IN = """\
Metadata-Version: 2.1
Name: stand-in
Version: 1.0
"""


@pytest.fixture
def stand_in(tmp_path):
    """A package to install without a network, and the settings for it."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "stand_in-1.0-py3-none-any.whl", "w") as wheel:
        info = "stand_in-1.0.dist-info"
        wheel.writestr("stand_in.py", "")
        wheel.writestr(f"{info}/METADATA", STAND_IN)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(wheels),
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
@pytest.mark.parametrize("made", ["with pip", "without pip", "without pip, with uv"])
def test_packages_are_installed_also_where_pip_is_missing(tmp_path, stand_in, made):
    if "uv" in made and not shutil.which("uv"):
        pytest.skip("uv is not installed")
    venv.create(tmp_path / "venv", symlinks=True, with_pip=made == "with pip")
    own = tmp_path / "venv" / "bin" / "python"
    path = "/usr/bin:/bin"
    if "uv" in made:
        path += os.pathsep + str(Path(shutil.which("uv")).parent)
    settings = os.environ | stand_in | {"PATH": path}

    def run(command):
        return subprocess.run(
            ["sh", "-ec", command],
            cwd=tmp_path,
            env=settings,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    ask = (
        "from helpers.cli.diagnostics.finding import *; "
        "print(with_pip('install stand-in'))"
    )
    command = run(f'{own} -c "{ask}"')
    assert ("uv pip" in command) == ("uv" in made)
    run(command)
    run(f"{own} -c 'import stand_in'")


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
def test_an_environment_is_made_for_the_installed_course(
    tmp_path, stand_in, monkeypatch
):
    monkeypatch.setattr(finding, "DISTRIBUTION", "stand-in")
    make, _, doctor = finding.own_environment(sys.executable).rpartition("; ")
    environment = os.environ | stand_in
    subprocess.run(["sh", "-ec", make], env=environment, check=True)
    assert doctor == ".venv/bin/python -m helpers doctor"
    subprocess.run([".venv/bin/python", "-c", "import stand_in"], check=True)


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
@pytest.mark.parametrize("reason", ["read-only", "PYTHONDONTWRITEBYTECODE"])
def test_keras_is_compiled_by_what_it_says(fake_keras, tmp_path, reason, monkeypatch):
    fake_keras()
    package = tmp_path / "fakes" / "keras"
    if reason == "read-only":
        (package / "__pycache__").write_text("no folder")
    else:
        monkeypatch.setenv(reason, "1")
    # TensorFlow, which would take minutes, is not there.
    code = (
        "import importlib.util as u; from helpers.cli.diagnostics import python; "
        "known = "
        "u.find_spec; u.find_spec = lambda name: known(name) if name != 'tensorflow' "
        "else None; found = python.bytecode(); print(found.state); print(found.fix)"
    )
    look = f"{sys.executable} -c {shlex.quote(code)}"

    def run(command):
        done = subprocess.run(
            ["sh", "-ec", command], capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()

    state, cure = run(look)
    assert state == NOTE
    assert run(f"{cure}\n{look}")[-2:] == [OK, ""]


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
def test_room_is_made_by_what_it_says(tmp_path, monkeypatch):
    cache = tmp_path / "pip"
    (cache / "http-v2").mkdir(parents=True)
    (cache / "http-v2" / "large").write_bytes(bytes(1000))
    monkeypatch.setenv("PIP_CACHE_DIR", str(cache))
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(
        shutil,
        "disk_usage",
        lambda _: usage(
            1e9 - 1e6 * sum(p.stat().st_size for p in cache.rglob("*large"))
        ),
    )
    found = computer.disk()
    assert found.state == FIX
    subprocess.run(["sh", "-ec", found.fix], check=True)
    assert computer.disk().state == OK


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
def test_a_folder_of_your_own_can_be_written(tmp_path, monkeypatch):
    """The folder that you are in was deleted: nobody can write there, not even root."""
    here = Path.cwd()
    (tmp_path / "me").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(
        "helpers.files.try_to_write", refuse_below(here, files.try_to_write)
    )
    found = computer.working_folder()
    assert found.state == FIX
    subprocess.run(["sh", "-ec", f"{found.fix}\nls 01_data.ipynb"], check=True)
    monkeypatch.chdir(tmp_path / "me" / "recsys")
    assert computer.working_folder().state == OK


def refuse_below(folder, write):
    def try_to_write(path):
        if Path(path) == folder:
            raise PermissionError(f"{path} is read-only")
        write(path)

    return try_to_write


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
def test_the_real_keras_starts_again_after_its_cure(tmp_path, monkeypatch):
    (tmp_path / "keras.json").write_text('{"backend": "no_such_backend"}')
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    found = python.keras()
    assert found.state == FIX
    cure = found.fix.partition("  #")[0]
    assert cure.startswith("mv ")
    subprocess.run(["sh", "-ec", cure], check=True)
    assert python.keras().state == OK
    assert json.loads((tmp_path / "keras.json.old").read_text())
