"""Run a student's statements, and call their functions, on request of the runner.

This code shares its process with the submitted code, so the runner trusts nothing that
it sends. It never receives correct answers.
"""

import contextlib
import functools
import os
import signal
import sys

from grading.inside import slicing
from grading.inside.kernel import Kernel, place_of
from grading.inside.protocol import Handle, ProtocolError, decode, encode, receive, send
from helpers.checks import proxies
from helpers.checks.asserts import NotAttempted, NotYet


class TooLong(BaseException):
    """The time is up; not an Exception, so that students' handlers do not catch it."""


def serve(pipe):
    """Answer the runner's requests until it closes the pipe.

    Parameters
    ----------
    pipe : socket.socket
    """
    token = receive(pipe)["token"]
    worker = Worker(pipe, token)
    send(pipe, {"n": 0, "token": token})
    while True:
        try:
            request = receive(pipe)
        except ProtocolError:
            return
        answer = worker.answer(request)
        about = {"n": request["n"], "token": token}
        try:
            send(pipe, {**answer, **about})
        except ProtocolError:
            send(pipe, {"problem": "too large", **about})


class Worker:
    """Hold one notebook's names, and the objects that the runner has handles of.

    Parameters
    ----------
    pipe : socket.socket
        Connected to the runner.
    token : str
    """

    def __init__(self, pipe, token):
        self._pipe, self._token, self._number = pipe, token, 0
        self._kernel = None
        self._sources = {}
        self._handles = []

    def answer(self, request):
        """Carry out one request, and return the answer."""
        self._number = request["n"]
        do = getattr(self, f"_{request['do']}")
        return do(request)

    # --- cells ---

    def _begin(self, request):
        """Prepare the kernel: the student's modules, and answers of the course."""
        self._kernel = Kernel(request["wanted"])
        with _alarm(request["seconds"]) as went_off:
            self._kernel.write_modules(request["modules"])
            for answer in request["given"]:
                self._kernel.give(answer["number"], answer["sources"], answer["names"])
        return {"status": "too_long" if went_off else "ok"}

    def _plan(self, request):
        return slicing.choose(
            request["cells"], request["wanted"], request["everything"]
        )

    def _statement(self, request):
        """Run one statement of a cell, or all of them."""
        place, number = request["place"], request["statement"]
        source = self._sources.setdefault(place, request.get("source", ""))
        answer = {"status": "ok"}
        with _alarm(request["seconds"]) as went_off:
            try:
                self._kernel.run(place, source, number)
            except TooLong:
                raise
            except BaseException as error:
                answer = {"status": "error", "cell": place, **place_of(error)}
        if went_off:
            answer = {"status": "too_long"}
        if answer["status"] != "ok":
            answer["binds"] = self._kernel.bound_by(place, source, number)
        return answer

    # --- calls ---

    def _objects(self, request):
        """Return descriptions of the objects that the exercise takes."""
        _seed(request["seed"])
        self._handles.clear()
        found = self._kernel.answers(request["names"])
        forbidden = request["forbidden"]
        return {"objects": [self._describe(value, forbidden) for value in found]}

    def _describe(self, value, forbidden):
        if proxies.is_empty(value):
            return {"is": "nothing"}
        if proxies.is_function(value):
            return {
                "is": "function",
                "handle": self._keep(proxies.FunctionProxy(value, "", forbidden)),
            }
        return {"is": "other", "type": type(value).__name__}

    def _call(self, request):
        """Call a method of a `FunctionProxy` or `ModelProxy`."""
        target = self._handles[request["handle"]]
        try:
            arguments = self._from_runner(decode(request["arguments"]))
            keywords = self._from_runner(decode(request["keywords"]))
            with _alarm(request["seconds"]) as went_off:
                value = getattr(target, request["method"])(*arguments, **keywords)
            if went_off:
                return {"problem": "too_long"}
            return {"value": encode(self._to_runner(value))}
        except NotAttempted as stub:
            return {"problem": "stub", "of": str(stub)}
        except proxies.CallFailed as failed:
            return _problem(failed)
        except NotYet:
            return {"problem": "unusable"}
        except TooLong:
            return {"problem": "too_long"}
        except BaseException as error:
            return {"problem": "stopped", **place_of(error)}

    def _keep(self, thing):
        self._handles.append(thing)
        return len(self._handles) - 1

    def _to_runner(self, value):
        """Replace what cannot be sent by handles."""
        if isinstance(value, proxies.FunctionProxy):
            return Handle("function", self._keep(value))
        if isinstance(value, proxies.ModelProxy):
            return Handle("model", self._keep(value))
        if isinstance(value, proxies.Opaque):
            return Handle("other", value.type_name[:60])
        if isinstance(value, proxies.ConvertedArray):
            return Handle("plain", [value.type_name[:60], value])
        return proxies.map_values(self._to_runner, value)

    def _from_runner(self, value):
        if isinstance(value, Handle) and value.kind == "plain":
            name, *fields = value.value
            return getattr(proxies, name)(*map(self._from_runner, fields))
        if isinstance(value, Handle) and value.kind == "callback":
            return proxies.Callback(functools.partial(self._call_back, value.value))
        if isinstance(value, Handle):
            return self._handles[value.value]
        return proxies.map_values(self._from_runner, value)

    def _call_back(self, number, *arguments):
        """Call a check's function, which runs in the runner."""
        about = {"n": self._number, "token": self._token}
        send(self._pipe, {"callback": number, "arguments": encode(arguments), **about})
        answer = receive(self._pipe)
        if "error" in answer:
            raise ValueError(answer["error"])
        return self._from_runner(decode(answer["value"]))


def _problem(failed):
    """Describe why a call failed, as a code with its values.

    The message of an error may repeat a hidden input, so only its class and place are
    sent.
    """
    if failed.code in ("raised", "stopped"):
        return {"problem": "stopped", **place_of(failed.error)}
    about = {key: str(value)[:60] for key, value in failed.values.items()}
    return {"problem": failed.code, "about": about}


@contextlib.contextmanager
def _alarm(seconds):
    """Raise `TooLong` after some seconds of CPU time.

    CPU time does not depend on the computer's load. A sleeping call is ended by the
    runner; a call that goes on computing, here.

    Yields
    ------
    list : empty until the time is up
    """
    went_off = []

    def ring(*_):
        if went_off:
            os._exit(1)
        went_off.append(True)
        raise TooLong

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, 2)
    try:
        yield went_off
    except TooLong:
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _seed(seed):
    """Make the models' initial weights reproducible."""
    # Without Keras there are no models. The student may have overwritten a function:
    # `np.random.seed = 42`.
    with contextlib.suppress(Exception):
        sys.modules["keras"].utils.set_random_seed(seed)
