"""What the lessons share: ratings, metrics, rankings, pictures, the scoreboard.

=========================  ====================================================
`helpers.data`             the MovieLens editions in one tidy form
`helpers.sources`          where their files come from: cache, GroupLens, mirror
`helpers.formats`          how each edition's files are read
`helpers.synthetic`        made-up ratings whose truth is known
`helpers.errors`           what can go wrong with a data set
`helpers.splits`           train / validation / test
`helpers.ids`              user and movie ids to indices and back
`helpers.metrics`          MAE and RMSE
`helpers.baselines`        mean, user + movie bias, popularity
`helpers.ranking`          score all pairs, mask, rank; NDCG and friends
`helpers.plots`            the figures that more than one lesson draws
`helpers.checks`           exercises that answer back: check, hint, reveal, quiz
`helpers.own_ratings`      your own ten ratings, kept from lesson to lesson
`helpers.new_user`         fold in a user whom a model has never seen
`helpers.scoreboard`       every model of the course, side by side
`helpers.workers`          several processes that train one model, and their end
`helpers.verdicts`         "inside 0.90–0.94 ✓": figures stated as bands
`helpers.course_home`      the folder of what outlives a lesson
`helpers.language`         what the course says, in the reader's language
`helpers.quiet_start`      TensorFlow, without its page of notes
`helpers.start`            ``python -m helpers start``: the exercises, for you
`helpers.doctor`           ``python -m helpers doctor``: what is in the way?
`helpers.findings`         what the doctor looks at
`helpers.terminal`         how these two write
=========================  ====================================================
"""

__all__ = ["check", "hint", "progress", "quiz", "reveal"]


def __getattr__(name):
    """Import `helpers.checks` only when a lesson asks for one of its commands.

    So ``python -m helpers doctor`` starts even where a package is missing.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import helpers.checks

    return getattr(helpers.checks, name)
