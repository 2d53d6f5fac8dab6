"""Small made-up files in MovieLens' formats, and where the real ones may be."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

RATINGS = [
    (3, 20, 4, 100),
    (1, 10, 5, 105),
    (1, 20, 3, 101),
    (2, 10, 1, 102),
    (2, 30, 2, 103),
    (3, 30, 4, 104),
]
TEST_ROWS = [1, 4]  # of u1

GENRE_FLAGS = {10: (1, 5), 20: (4,), 30: (0,)}
ITEMS = [(10, "Café, The (1995)"), (20, "Two Friends (1986) "), (30, "unknown")]


def write_ml_100k(folder, ratings=RATINGS, folds=True):
    """Write a tiny ml-100k: 3 users, 3 movies, 6 ratings and u1."""
    folder.mkdir(parents=True)

    def lines(rows):
        return "".join("\t".join(map(str, row)) + "\n" for row in rows)

    (folder / "u.data").write_text(lines(ratings))
    items = [
        f"{movie}|{title}|01-Jan-1995|||"
        + "|".join(str(int(genre in GENRE_FLAGS[movie])) for genre in range(19))
        for movie, title in ITEMS
    ]
    (folder / "u.item").write_text("\n".join(items) + "\n", encoding="latin-1")
    (folder / "u.user").write_text(
        "1|24|M|technician|85711\n2|53|F|other|94043\n3|23|M|writer|T8H1N\n"
    )
    if folds:
        train = [row for i, row in enumerate(ratings) if i not in TEST_ROWS]
        (folder / "u1.base").write_text(lines(train))
        (folder / "u1.test").write_text(lines(ratings[i] for i in TEST_ROWS))
    return folder


def write_csv_edition(folder):
    """Write a tiny edition in the form of ml-latest-small, ml-25m and ml-32m."""
    folder.mkdir(parents=True)
    (folder / "ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n7,1029,5.0,1260759179\n"
        "7,31,0.5,1260759180\n"
    )
    (folder / "movies.csv").write_text(
        "movieId,title,genres\n"
        "31,Dangerous Minds (1995),Drama\n"
        '1029,"Amélie, or ""Poulain"" (Fabuleux destin) (2001)",Comedy|Romance\n'
        "4000,Babylon 5,(no genres listed)\n"
        "4001,Death Note (2006–2007),Sci-Fi\n",
        encoding="utf-8",
    )
    return folder


def write_ml_1m(folder):
    """Write a tiny ml-1m."""
    folder.mkdir(parents=True)
    (folder / "ratings.dat").write_text("1::1193::5::978300760\n2::661::3::978302109\n")
    (folder / "users.dat").write_text("1::F::1::10::48067\n2::M::56::16::70072-1234\n")
    (folder / "movies.dat").write_text(
        "661::James: Giant Peach (1996)::Animation|Children's\n"
        "1193::Misérables, Les (1975)::Drama\n",
        encoding="latin-1",
    )
    return folder


def zip_folder(folder, path):
    """Zip a folder with its own name as the top folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{folder.name}/{file.name}")
    return path


def sha256(path):
    """Hash a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def real_data(name):
    """Find real MovieLens files, or skip the test that asks for them."""
    folder = os.environ.get("MOVIELENS_TEST_DATA")
    if not folder:
        pytest.skip(f"needs {name}: name its folder in MOVIELENS_TEST_DATA")
    path = Path(folder, name)
    if not path.exists():
        pytest.skip(f"there is no {name} in MOVIELENS_TEST_DATA ({folder})")
    return path
