"""Threads in the place of processes, for code that asks for several of these.

A fork of a process in which TensorFlow has threads may wait forever for a lock that
one of them held, and starting Python anew takes longer than a check waits.
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
    """A thread that answers to what one asks of a `multiprocessing.Process`."""

    pid = None

    def terminate(self):
        """Do nothing: a thread ends by itself."""

    kill = close = terminate


class ProcessPoolExecutor(concurrent.futures.ThreadPoolExecutor):
    """Threads, started with what one hands to the executor of processes."""

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
    """Threads, started with what one hands to a `multiprocessing.Pool`."""

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
    """Let `multiprocessing`, `concurrent.futures` and joblib use threads."""
    # The module itself has to find its own class under the name of `Pool`.
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
