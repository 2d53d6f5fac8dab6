"""Run a class competition on ratings that cannot be looked up.

===============  ============================================================
`__main__`       ``python -m competition make`` and ``leaderboard``
`secret`         random numbers that nobody can guess without the secret
`data`           the ratings, and the best predictions where they are known
`making`         hide ratings, and write both folders
`models`         the course's own models, as rows of the leaderboard
`notebook`       the notebook that students get
`entries`        read what the teams handed in
`boards`         score and rank the teams
`significance`   bootstrap intervals, and equal ranks
`flags`          what an instructor should look at
`reports`        the tables and pages
===============  ============================================================

What students use is in `helpers.competition`.
"""
