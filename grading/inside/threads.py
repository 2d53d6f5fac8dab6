"""Replace multiprocessing by threads.

A fork of a process with TensorFlow's threads may deadlock on a lock that one of them
held, and starting a new Python takes longer than a check waits.
"""

import concurrent.futures.process
import multiprocessing.context
import multiprocessing.dummy
import multiprocessing.pool
import sys
import types

from joblib.parallel import ThreadingBackend, register_parallel_backend

MOST = 8


class Process(multiprocessing.dummy.DummyProcess):
    """A thread with the interface of a `multiprocessing.Process`."""

    pid = None

    def terminate(self):
        """Do nothing, because a thread cannot be ended from outside."""

    kill = close = terminate


class ProcessPoolExecutor(concurrent.futures.ThreadPoolExecutor):
    """A pool of threads with the parameters of the standard ProcessPoolExecutor."""

    def __init__(
        self,
        max_workers=None,
        mp_context=None,
        initializer=None,
        initargs=(),
        *,
        max_tasks_per_child=None,
    ):
        workers = min(max_workers or 2, MOST)
        super().__init__(workers, initializer=initializer, initargs=initargs)


class Pool(multiprocessing.pool.ThreadPool):
    """A pool of threads with the parameters of a `multiprocessing.Pool`."""

    def __init__(
        self,
        processes=None,
        initializer=None,
        initargs=(),
        maxtasksperchild=None,
        context=None,
    ):
        super().__init__(min(processes or 2, MOST), initializer, initargs)


def replace_processes():
    """Make `multiprocessing`, `concurrent.futures` and joblib use threads."""
    # The original module looks up its own class `Pool`, so patch a copy of it.
    module = types.ModuleType("multiprocessing.pool")
    vars(module).update(vars(multiprocessing.pool) | {"Pool": Pool})
    sys.modules["multiprocessing.pool"] = multiprocessing.pool = module
    multiprocessing.Pool = Pool
    multiprocessing.Process = Process
    multiprocessing.Manager = multiprocessing.dummy.Manager
    context = multiprocessing.context
    context.BaseContext.Pool = Pool
    context.BaseContext.Manager = staticmethod(multiprocessing.dummy.Manager)
    for kind in (context.DefaultContext, *context.BaseContext.__subclasses__()):
        kind.Process = Process
    concurrent.futures.ProcessPoolExecutor = ProcessPoolExecutor
    concurrent.futures.process.ProcessPoolExecutor = ProcessPoolExecutor
    register_parallel_backend("threading", ThreadingBackend, make_default=True)
