"""TensorFlow starts in silence, and what goes wrong afterwards is still heard."""

import subprocess
import sys

SCRIPT = """
import sys
import helpers.quiet_start
import keras
import numpy as np

for n in range(3, 11):  # TensorFlow would complain of retracing
    model = keras.Sequential([keras.layers.Dense(1)])
    model.predict(np.zeros((n, 2)), verbose=0)
print("before", file=sys.stderr)
raise ValueError("an error of the student's")
"""


def test_only_what_the_student_wrote_is_heard():
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    lines = run.stderr.splitlines()
    assert lines[0] == "before"
    assert lines[-1] == "ValueError: an error of the student's"
