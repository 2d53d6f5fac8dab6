"""Say how sure a score is, and which scores differ.

All teams are scored on the same resamples of users, so that differences between them
are paired (Efron and Tibshirani, 1993, "An Introduction to the Bootstrap"; Koehn, 2004,
"Statistical significance tests for machine translation evaluation").
"""

import copy

import numpy as np
from scipy import stats

from helpers.competition.scores import total_score

N_SAMPLES = 2000
LEVEL = 0.05


class Bootstrap:
    """Scores on resamples of the users.

    Parameters
    ----------
    kind : str
        The kind of score, see `helpers.competition.scores.total_score`.
    gain, weight : numpy.ndarray of float, shape (n_teams, n_users)

    Attributes
    ----------
    scores : numpy.ndarray of float, shape (n_teams,)
    samples : numpy.ndarray of float, shape (n_teams, N_SAMPLES)
    """

    def __init__(self, kind, gain, weight):
        n_users = gain.shape[1]
        rng = np.random.default_rng(0)
        counts = rng.multinomial(n_users, np.full(n_users, 1 / n_users), N_SAMPLES)
        self.scores = total_score(kind, gain.sum(axis=1), weight.sum(axis=1))
        self.samples = total_score(kind, gain @ counts.T, weight @ counts.T)

    def of(self, teams):
        """Return a copy with some of the teams only."""
        chosen = copy.copy(self)
        chosen.scores, chosen.samples = self.scores[teams], self.samples[teams]
        return chosen

    def intervals(self):
        """Return the 95 % percentile intervals, shape (n_teams, 2)."""
        shares = [LEVEL / 2, 1 - LEVEL / 2]
        return np.quantile(self.samples, shares, axis=1).T

    def z(self, first, second):
        """Return the difference of two teams' scores, in its standard errors."""
        difference = self.scores[first] - self.scores[second]
        error = (self.samples[first] - self.samples[second]).std()
        return difference / error if error > 1e-12 else 0.0


def ranks(bootstrap, lower_is_better):
    """Rank the teams; equal ranks where the difference could be chance.

    The rank is one more than the number of teams that are better. Of all pairs that are
    told apart, 5 % are expected to be told apart wrongly, as the p-values are corrected
    for their number (Benjamini and Hochberg, 1995, "Controlling the false discovery
    rate").

    Parameters
    ----------
    bootstrap : Bootstrap
    lower_is_better : bool

    Returns
    -------
    numpy.ndarray of int, shape (n_teams,)
    """
    n_teams = len(bootstrap.scores)
    if n_teams < 2:
        return np.ones(n_teams, dtype=int)
    first, second = np.triu_indices(n_teams, 1)
    z = np.array([bootstrap.z(a, b) for a, b in zip(first, second, strict=True)])
    p = stats.false_discovery_control(2 * stats.norm.sf(np.abs(z)))
    is_first_better = (z < 0) == lower_is_better
    worse = np.where(is_first_better, second, first)[p < LEVEL]
    return 1 + np.bincount(worse, minlength=n_teams)
