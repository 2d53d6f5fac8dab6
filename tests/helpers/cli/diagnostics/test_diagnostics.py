"""Every problem that the doctor knows is fixed by the command that it prints."""

import json
import os
import shlex
import subprocess
import sysconfig
import venv

import pytest

from helpers.cli.diagnostics import FIX, NOTE, OK

pytestmark = pytest.mark.usefixtures("own_folders")

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
    "COURSE_DATA, a file": ("ratings", variables(COURSE_DATA="nowhere.csv")),
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
def test_the_printed_command_fixes_it(fake_keras, tmp_path, state):
    what, break_it = BROKEN[state]
    fake_keras(more=KERAS_WITH_SETTINGS)
    environment = {"HOME": str(tmp_path / "me")} | break_it(tmp_path)
    (tmp_path / "me").mkdir(exist_ok=True)
    # The fix for a kernel is written into the environment that runs it.
    venv.create(tmp_path / "venv", symlinks=True)
    site = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    path = os.pathsep.join([os.environ["PYTHONPATH"], *site])
    code = (
        "from helpers.cli.diagnostics import CHECKS; found = "
        f"dict(CHECKS)[{what!r}](); print(found.state); print(found.fix)"
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

    state, fix = run(look)
    assert state in (FIX, NOTE)
    assert "make " not in fix and "pip " not in fix, "this is for another test"
    kept = sorted(path.read_bytes() for path in (tmp_path / "here").glob("*.py"))
    assert run(f"{fix}\n{look}")[0] == OK, fix
    assert sorted(one.read_bytes() for one in (tmp_path / "here").glob("*.py")) == kept
    assert "a file" not in fix, "no other folder below the one that cannot be written"
