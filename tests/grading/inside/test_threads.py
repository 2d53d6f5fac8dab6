"""Threads in the place of processes."""

import subprocess
import sys

CODE = """
from grading.inside import threads
threads.replace_processes()
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Process, Queue, get_context
from multiprocessing.pool import Pool, ThreadPool
import joblib

def wait_for(*processes):
    for one in processes:
        one.start()
    for one in processes:
        one.join()

class Mine(Process):
    def run(self):
        found.put(2)

square = lambda x: x * x
for make in (multiprocessing.Pool, Pool, ThreadPool, get_context("spawn").Pool):
    with make(processes=2) as pool:
        assert pool.map(square, [1, 2, 3]) == [1, 4, 9]
with ProcessPoolExecutor(max_workers=2) as pool:
    assert list(pool.map(square, [1, 2])) == [1, 4]
found = Queue()
wait_for(Process(target=found.put, args=(1,)), Mine(), get_context("fork").Process())
assert sorted([found.get(), found.get()]) == [1, 2]
assert joblib.Parallel(n_jobs=2)(joblib.delayed(square)(x) for x in (1, 2)) == [1, 4]
assert multiprocessing.Manager().dict() == {}
"""


def test_what_starts_processes_starts_threads():
    # In a process of its own: what it replaces stays replaced.
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
