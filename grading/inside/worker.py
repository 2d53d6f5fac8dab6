"""Runs a student's statements, and calls their functions when the judge asks.

This shares its process with the submitted code: the judge believes nothing that
it says. It never sees what an answer should be.
"""

import contextlib
import functools
import os
import signal

from grading.inside import slicing
from grading.inside.kernel import Kernel, place_of
from grading.inside.protocol import Handle, WireError, decode, encode, receive, send
from helpers.checks import proxies
from helpers.checks.asserts import NotAttempted, NotYet


class TooLong(BaseException):
    """The alarm went; students' `except Exception` is not to catch it."""


def serve(pipe):
    """Answer the judge's requests until it hangs up.

    Parameters
    ----------
    pipe : socket.socket
    """
    token = receive(pipe)["token"]
    student = Student(pipe, token)
    send(pipe, {"n": 0, "token": token})
    while True:
        try:
            request = receive(pipe)
        except WireError:
            return
        answer = student.answer(request)
        about = {"n": request["n"], "token": token}
        try:
            send(pipe, {**answer, **about})
        except WireError:
            send(pipe, {"problem": "too large", **about})


class Student:
    """One notebook's names, and handles for what the judge works with.

    Parameters
    ----------
    pipe : socket.socket
        To the judge, whose functions the notebook's may call.
    token : str
    """

    def __init__(self, pipe, token):
        self._pipe, self._token, self._number = pipe, token, 0
        self._kernel = None
        self._sources = {}
        self._handles = []

    def answer(self, request):
        """Do what one request says; return the answer as a dict."""
        self._number = request["n"]
        do = getattr(self, f"_{request['do']}")
        return do(request)

    # --- cells ---

    def _begin(self, request):
        """Prepare for the cells: modules beside them, answers of the course's."""
        self._kernel = Kernel(request["wanted"])
        with _alarm(request["seconds"]) as went_off:
            self._kernel.write_modules(request["modules"])
            for one in request["given"]:
                self._kernel.give(one["number"], one["sources"], one["names"])
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
        """Hand out what the exercise takes, by name."""
        _seed(request["seed"])
        self._handles.clear()
        found = self._kernel.answers(request["names"])
        return {"objects": [self._describe(one, request["forbidden"]) for one in found]}

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
        """Call a method of one of `boundary`'s handles."""
        target = self._handles[request["handle"]]
        try:
            arguments = [self._inside(one) for one in decode(request["arguments"])]
            keywords = self._inside(decode(request["keywords"]))
            with _alarm(request["seconds"]) as went_off:
                value = getattr(target, request["method"])(*arguments, **keywords)
            if went_off:
                return {"problem": "too_long"}
            return {"value": encode(self._outside(value))}
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

    def _outside(self, value):
        """Put handles in the place of what cannot travel."""
        if isinstance(value, proxies.FunctionProxy):
            return Handle("function", self._keep(value))
        if isinstance(value, proxies.ModelProxy):
            return Handle("model", self._keep(value))
        if isinstance(value, proxies.Opaque):
            return Handle("other", value.type_name[:60])
        if isinstance(value, proxies.ConvertedArray):
            return Handle("plain", [value.type_name[:60], value])
        if isinstance(value, (list, tuple)):
            items = [self._outside(one) for one in value]
            return tuple(items) if isinstance(value, tuple) else items
        if isinstance(value, dict):
            return {key: self._outside(one) for key, one in value.items()}
        return value

    def _inside(self, value):
        if isinstance(value, Handle) and value.kind == "plain":
            name, *fields = value.value
            return getattr(proxies, name)(*map(self._inside, fields))
        if isinstance(value, Handle) and value.kind == "lent":
            return proxies.Callback(functools.partial(self._borrow, value.value))
        if isinstance(value, Handle):
            return self._handles[value.value]
        if isinstance(value, (list, tuple)):
            items = [self._inside(one) for one in value]
            return tuple(items) if isinstance(value, tuple) else items
        if isinstance(value, dict):
            return {key: self._inside(one) for key, one in value.items()}
        return value

    def _borrow(self, number, *arguments):
        """Have the judge call one of its functions, while it waits for an answer."""
        about = {"n": self._number, "token": self._token}
        send(self._pipe, {"lent": number, "arguments": encode(arguments), **about})
        answer = receive(self._pipe)
        if "error" in answer:
            raise ValueError(answer["error"])
        return self._inside(decode(answer["value"]))


def _problem(failed):
    """Send why a call failed as a code, with what the judge may know about it.

    The text of an error may repeat a hidden input: only its kind and place go out.
    """
    if failed.code in ("raised", "stopped"):
        return {"problem": "stopped", **place_of(failed.error)}
    about = {key: str(one)[:60] for key, one in failed.values.items()}
    return {"problem": failed.code, "about": about}


@contextlib.contextmanager
def _alarm(seconds):
    """Raise `TooLong` after some seconds of computing; yield what is filled then.

    Seconds of the processor: on a busy computer nobody is to lose points. Whoever
    sleeps instead is ended by the judge, and whoever goes on computing, here.
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
    """Let two gradings with one seed start from the same weights."""
    import keras

    # One of these may have been overwritten: `np.random.seed = 42`.
    with contextlib.suppress(Exception):
        keras.utils.set_random_seed(seed)
