"""What the lessons share: ratings, metrics, rankings, pictures, the scoreboard.

=========================  ====================================================
`helpers.data`             the MovieLens editions in one tidy form
`helpers.splits`           train / validation / test, and ids to indices
`helpers.metrics`          MAE and RMSE
`helpers.baselines`        mean, user + movie bias, popularity
`helpers.ranking`          score all pairs, mask, rank; NDCG and friends
`helpers.plots`            the figures that more than one lesson draws
`helpers.own_ratings`      your own ten ratings, kept from lesson to lesson
`helpers.scoreboard`       every model of the course, side by side
`helpers.verdicts`         "inside 0.90–0.94 ✓": figures stated as bands
`helpers.quiet_start`      TensorFlow, without its page of notes
=========================  ====================================================
"""

from helpers.checks import check, hint, progress, quiz, reveal

__all__ = ["check", "hint", "progress", "quiz", "reveal"]
