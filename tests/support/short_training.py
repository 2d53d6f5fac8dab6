"""Train for a few steps only, where a test runs a lesson on made-up ratings.

What counts there is that every cell runs. The file is also read as text and run in a
kernel that has no `tests`, so it imports nothing of the project.
"""

import inspect

import keras

MOST_STEPS = 2


class ShortFit:
    """Takes the place of `keras.Model.fit`: one epoch of a few steps.

    Only the first model since `compiled` was None is compiled: it takes seconds, and
    once is enough to notice what cannot be compiled. If `compiled` is False, none is.
    """

    def __init__(self):
        self.compiled = None
        self.fit = keras.Model.fit

    def of(self, model, *arguments, **keywords):
        """Train a model, as `keras.Model.fit` does; in a check, in full."""
        if _is_called_by_a_check():
            return self.fit(model, *arguments, **keywords)
        keywords["epochs"] = 1
        keywords["steps_per_epoch"] = MOST_STEPS
        if keywords.get("validation_data") is not None:
            keywords["validation_steps"] = 1
        if self.compiled is None:
            self.compiled = model
        model.run_eagerly = model is not self.compiled
        if model.run_eagerly:
            # Else Keras would run that many steps at once, each of them eagerly.
            model.steps_per_execution = 1
        return self.fit(model, *arguments, **keywords)


def _is_called_by_a_check():
    frame = inspect.currentframe()
    while frame is not None:
        if str(frame.f_globals.get("__name__")).startswith("helpers.checks"):
            return True
        frame = frame.f_back
    return False


def shorten_training(is_compiled=True):
    """Shorten the training of all cells of this notebook that follow.

    In each of them, the first model is compiled if `is_compiled`.
    """
    from IPython import get_ipython

    short = ShortFit()
    keras.Model.fit = lambda *a, **k: short.of(*a, **k)

    def compile_the_next(*_):
        short.compiled = None

    if is_compiled:
        get_ipython().events.register("pre_run_cell", compile_the_next)
    else:
        short.compiled = False
