"""Take part in a class competition: read it, validate, hand in, score.

=============  ==============================================================
`folder`       the files that students get
`encoding`     indices for ids, and lists from scores
`splits`       hide ratings as the test does, to validate on your own
`writing`      write predictions to hand in
`submissions`  read them as the leaderboard does
`tables`       read a CSV file, and say what is wrong in which line
`scores`       RMSE and NDCG@10, in total and for each user
=============  ==============================================================
"""

from helpers.competition.encoding import Encoded
from helpers.competition.folder import Answers, Competition, load_competition
from helpers.competition.scores import score
from helpers.competition.splits import practice
from helpers.competition.submissions import (
    InvalidSubmissionError,
    read_submission,
)
from helpers.competition.writing import write_lists, write_ratings

__all__ = [
    "Answers",
    "Competition",
    "Encoded",
    "InvalidSubmissionError",
    "load_competition",
    "practice",
    "read_submission",
    "score",
    "write_lists",
    "write_ratings",
]
