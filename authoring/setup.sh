#!/bin/sh
# Makes a virtual environment with exactly the packages of a lock file. Needs a
# Python with venv, nothing else; what is already right is left alone.
#
#   sh authoring/setup.sh [FOLDER [LOCK]]        default: .venv requirements.lock
#
# PYTHON=... names the Python to use; otherwise the first that is fit. PYTHON=uv lets
# uv install one of its own, in the user's folder.
set -eu

folder=${1:-.venv}
lock=${2:-requirements.lock}
stamp=$folder/.complete

# A version manager's python3.12 may be on PATH and still not run: try, don't trust.
is_fit() {
    "$1" -c '
import sys, venv, ensurepip
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_fit "$PYTHON" && echo "$PYTHON" && return
        echo "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13 with venv." >&2
        return 1
    fi
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        is_fit "$candidate" && echo "$candidate" && return
    done
    echo "No Python 3.11, 3.12 or 3.13 with venv was found:" \
        "make setup PYTHON=uv installs uv's own, PYTHON=/path/to/python3.12 names yours." >&2
    return 1
}

# Prints the path of uv's own Python. The administrator's rights are not needed.
uv_python() {
    if ! command -v uv >/dev/null; then
        echo "PYTHON=uv needs uv, and there is none on PATH: install it with pipx install uv," \
            "or as https://docs.astral.sh/uv says, and run the same command again." >&2
        return 1
    fi
    uv python install --quiet 3.12 && uv python find --managed-python 3.12 || {
        echo "uv could not install Python 3.12: its reason is above. Is the network there?" >&2
        return 1
    }
}

# Where another Python was asked for than the environment has, make it anew.
is_other_python() {
    [ -n "${PYTHON:-}" ] &&
        [ "$("$PYTHON" -c "$version")" != "$("$folder/bin/python" -c "$version")" ]
}
version='import sys; print(sys.version_info[:3])'

rm -f "$stamp"
if [ "${PYTHON:-}" = uv ]; then
    PYTHON=$(uv_python)
fi
if ! is_fit "$folder/bin/python" || is_other_python; then
    python=$(find_python)
    echo "Making $folder with $("$python" --version)"
    "$python" -m venv --clear "$folder"
fi
python=$folder/bin/python
"$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null

# uv and its hashes stand in the lock like any other package.
wanted=$(sed -n 's/^uv==\([^ ;]*\).*/\1/p' requirements.lock)
if [ "$("$python" -m uv --version 2>/dev/null | cut -d ' ' -f 2)" != "$wanted" ]; then
    echo "Installing uv $wanted"
    awk '/^uv==/ {on = 1; print; next} /^[^ ]/ {on = 0} on' requirements.lock \
        >"$folder/uv.txt"
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps \
        --require-hashes --requirement "$folder/uv.txt"
fi

# Bytecode now: importing TensorFlow without it takes minutes where Python may not
# write any, and every kernel would pay.
"$python" -m uv pip sync --python "$python" --require-hashes --compile-bytecode "$lock"

# `import helpers` from any folder: a path is all that an editable install adds.
site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd >"$site/neural-recsys-course.pth"

touch "$stamp"
