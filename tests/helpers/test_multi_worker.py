"""Real processes, some of which die."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import psutil
import pytest

from helpers.multi_worker import WorkerError, run_workers
from tests.support.paths import ROOT
from tests.support.signals import ended, interruptible

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="this system has no SIGKILL and no SIGINT to send"
)


def workers():
    """Those that run now, started by this process."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "helpers.multi_worker" in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture(autouse=True)
def _no_tensorflow(monkeypatch):
    """Workers import TensorFlow first if this process has, which takes seconds."""
    monkeypatch.delitem(sys.modules, "helpers.quiet_tensorflow", raising=False)


@pytest.fixture(autouse=True)
def _none_is_left():
    yield
    assert workers() == []


def sleep_unless_first(worker, how_it_ends):
    """Worker 0 waits for ever, as in an all-reduce; worker 1 ends the run."""
    if worker == 0:
        time.sleep(600)
    return how_it_ends()


def kill_yourself():
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_are_in_order_and_workers_have_all_addresses():
    import json

    shift = 10

    def answer(worker, word):
        place = json.loads(os.environ["TF_CONFIG"])
        return worker + shift, word, place, os.environ["TF_NUM_INTRAOP_THREADS"]

    found = run_workers(answer, "hello", n_workers=3)
    assert [one[0] for one in found] == [10, 11, 12]
    assert {one[1] for one in found} == {"hello"}
    assert [one[2]["task"]["index"] for one in found] == [0, 1, 2]
    addresses = found[0][2]["cluster"]["worker"]
    assert len(set(addresses)) == 3
    assert all(one.startswith("127.0.0.1:") for one in addresses)
    assert all(one[2]["cluster"]["worker"] == addresses for one in found)
    assert {one[3] for one in found} == {str(max(1, os.cpu_count() // 3))}


@pytest.fixture
def web_proxy(monkeypatch):
    """A proxy under every name that there is, at an address where nobody listens."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_tensorflow_connects_them_past_a_web_proxy(web_proxy):
    def meet(worker):
        import tensorflow as tf

        strategy = tf.distribute.MultiWorkerMirroredStrategy()
        context = tf.distribute.get_replica_context
        one = tf.constant(worker + 1.0)
        return float(strategy.run(lambda: context().all_reduce("SUM", one)))

    assert run_workers(meet, n_workers=2, timeout=240) == [3, 3]


@pytest.mark.parametrize(
    ("exceptions", "passed_on"),
    [
        ({}, "127.0.0.1"),
        ({"no_proxy": "a.org,b.org"}, "a.org,b.org,127.0.0.1"),
        ({"no_proxy": "a.org", "no_grpc_proxy": "b.org"}, "b.org,127.0.0.1"),
    ],
)
def test_hosts_without_a_proxy_are_kept(web_proxy, monkeypatch, exceptions, passed_on):
    for name, hosts in exceptions.items():
        monkeypatch.setenv(name, hosts)
    found = run_workers(lambda worker: dict(os.environ)["no_grpc_proxy"], n_workers=1)
    assert found == [passed_on]


def test_a_single_worker_needs_no_addresses():
    assert run_workers(lambda worker: os.environ.get("TF_CONFIG"), n_workers=1) == [
        None
    ]


def test_what_they_print_is_shown(capfd):
    run_workers(lambda worker: print(f"número {worker}", flush=True), n_workers=2)
    assert sorted(capfd.readouterr().out.split("\n")) == ["", "número 0", "número 1"]


def test_an_error_names_the_worker_and_ends_the_others():
    started = time.monotonic()
    with pytest.raises(WorkerError, match="Worker 1 stopped") as raised:
        run_workers(sleep_unless_first, lambda: {}["nothing here"], restarts=3)
    assert "KeyError: 'nothing here'" in str(raised.value)
    assert raised.value.worker == 1
    assert time.monotonic() - started < 300


def test_a_death_names_the_worker_and_the_signal():
    with pytest.raises(WorkerError, match=r"Worker 1 was killed \(SIGKILL\)"):
        run_workers(sleep_unless_first, kill_yourself)


def test_after_a_death_all_start_again(tmp_path, capfd):
    def dies_once(worker):
        (tmp_path / f"{worker}-{os.getpid()}").touch()
        while not list(tmp_path.glob("0-*")):
            time.sleep(0.01)
        if worker == 1 and len(list(tmp_path.glob("1-*"))) == 1:
            kill_yourself()
        if worker == 0 and len(list(tmp_path.glob("0-*"))) == 1:
            time.sleep(600)
        return worker

    assert run_workers(dies_once, restarts=1) == [0, 1]
    assert len(list(tmp_path.iterdir())) == 4
    assert (
        "Worker 1 was killed (SIGKILL). Starting all again." in capfd.readouterr().out
    )


def test_a_worker_that_lost_its_peer_is_not_blamed(tmp_path):
    """Worker 0 notices the death before we do, and fails: that is still a death."""

    def fail_before_a_death(worker):
        if worker == 0:
            while not (tmp_path / "dying").exists():
                time.sleep(0.01)
            raise ConnectionResetError("connection reset by peer")
        (tmp_path / "dying").touch()
        time.sleep(0.3)  # its connections are closed, and it cannot be waited for yet
        kill_yourself()

    with pytest.raises(WorkerError, match="Worker 1 was killed"):
        run_workers(fail_before_a_death)


def test_a_failure_at_the_last_moment_is_not_called_late():
    def fail_late(worker):
        if worker == 1:
            time.sleep(600)
        time.sleep(max(0, ends - 1.5 - time.time()))
        raise KeyError("unknown movie")

    seconds = 12
    ends = time.time() + seconds
    with pytest.raises(WorkerError, match="(?s)Worker 0 stopped.*unknown movie"):
        run_workers(fail_late, timeout=seconds)


def test_not_more_often_than_allowed(tmp_path):
    def always_dies(worker):
        (tmp_path / f"{worker}-{os.getpid()}").touch()
        if worker == 1:
            kill_yourself()
        time.sleep(600)

    with pytest.raises(WorkerError, match="SIGKILL"):
        run_workers(always_dies, restarts=1)
    assert len(list(tmp_path.glob("1-*"))) == 2


def test_a_worker_that_exits_without_a_result_has_died():
    def leave():
        print("the last words", file=sys.stderr, flush=True)
        os._exit(3)

    with pytest.raises(WorkerError, match="ended with code 3.*\n.*the last words"):
        run_workers(sleep_unless_first, leave)


def test_a_worker_that_hangs_is_stopped_in_time():
    with pytest.raises(WorkerError, match="Worker 0 did not come to an end in time"):
        run_workers(sleep_unless_first, int, timeout=6)


def test_what_cannot_be_sent_back_is_an_error_of_the_function():
    with pytest.raises(WorkerError, match="pickle"):
        run_workers(lambda worker: threading.Lock(), n_workers=1)


def test_an_interrupt_stops_all_workers(tmp_path):
    def wait(worker):
        (tmp_path / str(worker)).touch()
        time.sleep(600)

    def press_when_they_run():
        while len(list(tmp_path.iterdir())) < 2:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    with interruptible(), pytest.raises(KeyboardInterrupt):
        threading.Thread(target=press_when_they_run, daemon=True).start()
        run_workers(wait, timeout=120)
        time.sleep(5)  # the signal arrives between two lines


def test_they_leave_with_a_notebook_that_is_killed(tmp_path):
    code = f"""
        import os, time
        from pathlib import Path
        from helpers.multi_worker import run_workers

        def wait(worker):
            Path({str(tmp_path)!r}, str(os.getpid())).touch()
            time.sleep(600)

        run_workers(wait)
    """
    notebook = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    with ended(notebook):
        while len(pids := [int(one.name) for one in tmp_path.iterdir()]) < 2:
            assert notebook.poll() is None
            time.sleep(0.05)
        notebook.kill()
        notebook.wait()
    deadline = time.monotonic() + 60
    while any(map(_is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(_is_running, pids))


def _is_running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("n", [0, -1])
def test_fewer_than_one_is_refused(n):
    with pytest.raises(ValueError, match="n_workers should be 1 or more"):
        run_workers(print, n_workers=n)
