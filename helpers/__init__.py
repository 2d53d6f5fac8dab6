"""What the lessons share: ratings, metrics, rankings, plots, the scoreboard.

==========================  ====================================================
`helpers.data`              load MovieLens, or a table of your own, in one form
`helpers.movielens`         where its files come from, and how they are read
`helpers.splits`            train / validation / test
`helpers.ids`               user and movie ids to indices and back
`helpers.metrics`           MAE and RMSE, and their intervals by the bootstrap
`helpers.baselines`         mean, user and movie bias, popularity
`helpers.ranking`           score all pairs, mask, rank; NDCG@k, recall@k
`helpers.histories`         what a user has rated, as the input of a model
`helpers.plots`             the figures that several lessons draw
`helpers.my_ratings`        your own ten ratings, kept between lessons
`helpers.fold_in`           a vector for a user who was not in the training data
`helpers.scoreboard`        every model of the course, side by side
`helpers.bands`             compare a score with the band that the text states
`helpers.multi_worker`      train one model in several processes
`helpers.competition`       take part in a class competition
`helpers.checks`            check, hint, reveal, quiz, progress
`helpers.display`           the cards that a check shows
`helpers.storage`           the folder with your progress and scores
`helpers.files`             paths, and files that are written atomically
`helpers.i18n`              texts in the reader's language
`helpers.quiet_tensorflow`  import TensorFlow without its log messages
`helpers.cli`               ``python -m helpers start``, ``doctor``, ``recommend``
==========================  ====================================================
"""

__all__ = ["check", "hint", "progress", "quiz", "reveal"]


def __getattr__(name):
    """Import `helpers.checks` on demand: ``doctor`` starts without its packages."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import helpers.checks

    return getattr(helpers.checks, name)
