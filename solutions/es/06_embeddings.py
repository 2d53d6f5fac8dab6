# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/06_embeddings.ipynb) [![Abrir en Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=solutions%2Fes%2F06_embeddings.ipynb)

# %% [markdown]
# # 6 · Embeddings: ¿qué aprendieron los vectores?
#
# Un sistema de recomendación entrenado son unas cuantas tablas de números que nadie escribió a mano. En esta lección las abres. ¿Quedan cerca las películas parecidas? ¿Hay una dirección para «antigua» o para «infantil»? ¿Cuánto de lo que ves aparecería también con otras valoraciones, y cuánto es azar? Al final conviertes tus diez valoraciones en un vector y preguntas a cuatro tipos de modelo qué deberías ver.
#
# **Al terminar, podrás**
#
# - leer por su nombre las tablas de *embeddings* de un modelo entrenado y decir qué es cada fila;
# - encontrar películas parecidas con el coseno, y reconocer cuándo la respuesta no vale nada;
# - explicar de qué depende que un vector sea largo o corto;
# - dibujar 32 dimensiones en dos con PCA y t-SNE (y con UMAP, si quieres), y decir qué conserva cada dibujo;
# - medir si el género y el año se pueden leer en los vectores (una *sonda lineal*);
# - calcular un vector para un usuario que el modelo nunca ha visto, sin volver a entrenar, y elegir su penalización.
#
# **Tiempo** 85 minutos de trabajo y menos de un minuto de ejecución. **Antes de empezar** lecciones 01 a 05.

# %% tags=["setup"]
# Run this cell first: it finds the course's helpers, or installs them where the
# notebook was opened on its own (Colab, a download). For rooms without a network,
# the packages and made-up ratings come with the course.
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("COURSE_LANG", "es")
above = [Path.cwd(), *Path.cwd().parents]
here = next((f for f in above if (f / "helpers/storage.py").is_file()), None)
missing = []
try:
    import helpers.storage  # noqa: F401
except ImportError:
    sys.modules.pop("helpers", None)  # another folder of that name
    if here:
        sys.path.insert(0, str(here))
    else:
        github = "https://github.com/neural-recsys-course/neural-recsys-course"
        package = f"neural-recsys-course @ git+{github}@v1.0.0"
        missing = [os.environ.get("COURSE_PACKAGE", package)]
if here and (wheels := here / "offline").is_dir():
    if "MOVIELENS_SOURCE" not in os.environ:
        os.environ.setdefault("COURSE_DATA", "synthetic")
    if importlib.util.find_spec("keras") is None:
        missing = ["--no-index", "--find-links", str(wheels)]
        missing += ["--requirement", str(wheels / "requirements.txt")]
if missing:
    print("Installing, once:", missing[-1], flush=True)
    command = [sys.executable, "-m", "pip", "install", *missing]
    pipe, join = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, stdout=pipe, stderr=join, text=True) as pip:
        for line in pip.stdout:
            print(line, end="", flush=True)
    if pip.returncode:
        raise RuntimeError(
            "The course's helpers could not be installed; pip's reason is above. Is "
            "the network there? Then run this cell again. Else download the whole "
            "course and open this notebook inside its folder. (What is in offline/ "
            "fits one system and Python: its requirements.txt begins with them.)"
        )

# %%
import helpers.quiet_tensorflow  # TensorFlow starts without its page of notes

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from keras import layers
from matplotlib.colors import BoundaryNorm, LogNorm
from matplotlib.patheffects import withStroke
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.manifold import TSNE, trustworthiness
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline, ease_weights
from helpers.cli.recommend import Recommender
from helpers.data import load_movielens
from helpers.my_ratings import my_ratings
from helpers.scoreboard import read_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.storage import course_home
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(6)

movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid = split.train, split.valid
n_users, n_movies = split.n_users, split.n_movies
most_stars = movielens.rating_scale[1]
examples, valid_examples = train, valid
if movielens.lacks("stars", quiet=True):
    print("No hay valoraciones: el modelo aprende 1 para cada par y −1 para uno al azar.")
    rng = np.random.default_rng(6)
    examples, valid_examples = (
        pd.concat([part, part.assign(rating=-1, movie=rng.permutation(part["movie"]))])
        for part in (train, valid)
    )
mean = float(examples["rating"].mean())

# %% [markdown]
# Esta tabla contiene las películas en el orden en que las numera el modelo: la fila $i$ de una tabla de películas del modelo corresponde a la fila $i$ de esta. La columna `ratings` cuenta solo las valoraciones de *entrenamiento*, porque los vectores se aprenden solo de ellas.

# %%
movies = movielens.movies.set_index("movie_id").loc[split.movies.ids]
movies = movies.assign(
    ratings=np.bincount(train["movie"], minlength=n_movies)
).reset_index()
# In ml-100k 20 ratings, and fewer in a table with few movies that have so many.
enough = min(20, movies["ratings"].nlargest(100).min())
movies.head(3)

# %% [markdown]
# ## Un modelo para mirar por dentro
#
# El modelo es el de producto punto + sesgos de la lección 03, con la mitad de factores, es decir, una **factorización de matrices** con un sesgo por usuario y otro por película. Lo único que recibe es quién dio cuántas estrellas a qué película, así que es **filtrado colaborativo**. Cada usuario y cada película tiene un vector de 32 **factores latentes**: números que se aprenden de las valoraciones y a los que nadie ha puesto nombre. Una tabla de vectores así, uno en cada fila, se llama **embedding**. Las penalizaciones L2 son las de la lección 03.


# %%
FACTORS_L2, BIAS_L2 = 1.5e-4, 5e-5


def trained_model(seed, ratings=examples):
    keras.utils.set_random_seed(seed)
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    parts = {}
    for name, of, rows in [("user", user, n_users), ("movie", movie, n_movies)]:
        for kind, columns, l2 in [("factors", 32, FACTORS_L2), ("bias", 1, BIAS_L2)]:
            parts[f"{name}_{kind}"] = layers.Embedding(
                rows,
                columns,
                "uniform" if columns > 1 else "zeros",
                embeddings_regularizer=keras.regularizers.L2(l2),
                name=f"{name}_{kind}",
            )(of)
    match = layers.Dot(axes=-1)([parts["user_factors"], parts["movie_factors"]])
    deviation = layers.Add()([match, parts["user_bias"], parts["movie_bias"]])
    rating = layers.Rescaling(1.0, offset=mean, name="rating")(deviation)
    model = keras.Model({"user": user, "movie": movie}, rating, name="dot_bias")
    model.compile(
        keras.optimizers.Adam(0.005), "mse", metrics=["mse"], steps_per_execution=36
    )
    model.optimizer.build(model.trainable_variables)
    model.fit(
        pairs(ratings),
        ratings["rating"].to_numpy(),
        validation_data=(pairs(valid_examples), valid_examples["rating"].to_numpy()),
        batch_size=1024,
        epochs=30,
        callbacks=[
            keras.callbacks.EarlyStopping(
                monitor="val_mse", mode="min", patience=3, restore_best_weights=True
            )
        ],
        verbose=0,
    )
    return model


model = trained_model(seed=6)
tables = {
    layer.name: layer.get_weights()[0].astype("float64")
    for layer in model.layers
    if isinstance(layer, layers.Embedding)
}
for name, table in tables.items():
    print(f"{name:14} {table.shape}")
movie_vectors = tables["movie_factors"]
print(movies.loc[0, "title"], "·", movie_vectors[0, :6].round(2), "…")

# %% [markdown] tags=["slide", "sentence-2-3"]
# El modelo tiene cuatro tablas: un vector y un sesgo para cada usuario y para cada película. Un número suelto de un vector no significa nada por sí solo: si se giran del mismo modo todos los vectores, los de usuarios y los de películas, ninguna predicción cambia. Lo que sí puede tener significado es la posición de unos vectores respecto a otros.
#
# > **Nota.** Una versión habitual de este código usa los identificadores de las películas como números de fila. Empiezan en 1, así que la fila 0 no es de ninguna película. Nunca se entrena, y aun así aparece en los mapas y en las listas de películas parecidas.
#
# ## Las películas parecidas apuntan en la misma dirección
#
# El modelo predice con el producto punto del vector de un usuario y el de una película. Por eso, si a los mismos usuarios les gustan dos películas más de lo que predicen los sesgos, los vectores de las dos apuntan en direcciones parecidas. La **similitud coseno** lo mide: el coseno del ángulo entre dos vectores es 1 si tienen la misma dirección, 0 si forman un ángulo recto y −1 si sus direcciones son opuestas,
#
# $$\cos(a, b) = \frac{a\cdot b}{\lVert a\rVert\,\lVert b\rVert} .$$
#
# ### Ejercicio 6.1 — el coseno de dos vectores (4 minutos)


# %%
def cosine(a, b):
    """Coseno del ángulo entre dos vectores.

    Parameters
    ----------
    a, b : numpy.ndarray of float, shape (n_factors,)
        Ninguno de los dos es todo 0, pero cualquiera puede ser muy corto.

    Returns
    -------
    float de -1 a 1

    Examples
    --------
    >>> round(float(cosine(np.array([1.0, 0.0]), np.array([2.0, 2.0]))), 4)
    0.7071
    """
    ### BEGIN SOLUTION
    return (a @ b) / (np.linalg.norm(a) * np.linalg.norm(b))
    ### END SOLUTION


# %%
print(cosine(np.array([1.0, 0.0]), np.array([2.0, 2.0])))

# %%
check("6.1", cosine)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué tienes que hacerle al producto punto de dos vectores para que no crezca cuando uno de ellos se alarga?
# 2. `a @ b` es el producto punto; `np.linalg.norm(a)`, la longitud de un vector. Cuidado con los paréntesis: las dos longitudes van en el denominador.
#
# ```python
# def cosine(a, b):
#     return (...) / (np.linalg.norm(...) * ...)
# ```
#
# **Fíjate**
#
# Haz uno de los vectores diez veces más largo y el coseno no cambia: no tiene en cuenta las longitudes. Una sección posterior muestra de qué dependen.


# %%
def find(text, place=1):
    """Devuelve la fila de la película más valorada cuyo título contiene un texto.

    Si no hay ninguna, como pasa con otros datos, devuelve la película que ocupa este
    lugar por número de valoraciones.
    """
    hits = movies[movies["title"].str.contains(text, case=False, regex=False)]
    if len(hits):
        return hits["ratings"].idxmax()
    return movies["ratings"].nlargest(place).index[-1]


for one, other in [("Star Wars", "Empire Strikes"), ("Star Wars", "Pretty Woman")]:
    a, b = find(one), find(other, place=2)
    print(
        f"{movies.title[a]} – {movies.title[b]}: "
        f"{cosine(movie_vectors[a], movie_vectors[b]):.2f}"
    )

# %% [markdown]
# ### Ejercicio 6.2 — una contra todas (5 minutos)
#
# Calcula ahora los cosenos de una película con todas las filas de la tabla. Basta un producto de matrices, sin bucle.


# %%
def cosines_with(row, table):
    """Coseno de una fila de una tabla con cada una de sus filas.

    Parameters
    ----------
    row : int
    table : numpy.ndarray of float, shape (n_movies, n_factors)
        Ninguna fila es todo 0, pero algunas pueden ser muy cortas.

    Returns
    -------
    numpy.ndarray of float, shape (n_movies,) : 1 en la propia fila `row`

    Examples
    --------
    >>> table = np.array([[1.0, 0.0], [2.0, 2.0], [-3.0, 0.0]])
    >>> cosines_with(1, table).round(4).tolist()
    [0.7071, 1.0, -0.7071]
    """
    ### BEGIN SOLUTION
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    return unit @ unit[row]
    ### END SOLUTION


# %%
print(cosines_with(1, np.array([[1.0, 0.0], [2.0, 2.0], [-3.0, 0.0]])).round(4))

# %%
check("6.2", cosines_with)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Si todas las filas de la tabla tuvieran longitud 1, ¿qué quedaría de la fórmula?
# 2. `np.linalg.norm(table, axis=…, keepdims=True)` da la longitud de cada fila, en una columna, de modo que la tabla se puede dividir entre ella. Un producto con la fila hace el resto.
#
# ```python
# unit = table / np.linalg.norm(..., axis=..., keepdims=True)
# return unit @ ...
# ```
#
# **Fíjate**
#
# En cuanto todas las filas tienen longitud 1, el coseno *es* el producto punto. Con una tabla guardada así, un solo producto de matrices compara una película con todas las demás.

# %% [markdown]
# Ahora compara Star Wars con todas las demás películas. La mayoría no tiene nada en común con ella. ¿Cuánto se acercaría la más cercana por puro azar?

# %% [markdown] tags=["question", "slide"]
# Toma 1700 direcciones al azar en 32 dimensiones, todas igual de probables. ¿Cuánto vale el mayor coseno que alguna de ellas tiene con Star Wars?
#
# - [ ] Casi 0: las direcciones al azar no tienen nada en común
#   - Esa es la media. Un coseno típico se aparta de ella 1/√32 = 0.18, y el mayor de 1700, mucho más.
# - [ ] Alrededor de 0.18
#   - Eso es lo que un coseno típico se aparta de 0: 1/√32. La pregunta es por el mayor de 1700.
# - [x] Alrededor de 0.55
#   - Un coseno típico se aparta 0.18 de 0, y el mayor de 1700, unas tres veces más. Así que un 0.5 en una lista de películas parecidas puede ser solo azar.
# - [ ] Alrededor de 0.95
#   - En dos o tres dimensiones, sí. En 32, casi todas las direcciones forman un ángulo casi recto con una dada, y ninguna de 1700 se acerca tanto.

# %%
quiz("6.a")

# %% tags=["slide", "sentence-1-2"]
favourite = find("Star Wars")
similarity = cosines_with(favourite, movie_vectors)
rng = np.random.default_rng(6)
direction = movie_vectors[favourite] / np.linalg.norm(movie_vectors[favourite])
covariance = movie_vectors.T @ movie_vectors / n_movies
axes = plt.figure().add_subplot()
axes.hist(np.delete(similarity, favourite), bins=60)
for kind, spread, color in [
    ("direcciones al azar", np.eye(32), plots.ORANGE),
    ("al azar, con la dispersión de nuestros vectores", covariance, plots.RED),
]:
    root = np.linalg.cholesky(spread)
    highest = []
    for _ in range(100):
        drawn = rng.normal(size=(n_movies - 1, 32)) @ root.T
        highest.append(np.max(drawn @ direction / np.linalg.norm(drawn, axis=1)))
    print(
        f"{kind}: el mayor coseno es {np.median(highest):.2f} (mediana de 100 "
        "sorteos), y en el 95 % de los sorteos queda por debajo de "
        f"{np.quantile(highest, 0.95):.2f}"
    )
    axes.axvline(np.median(highest), color=color, linestyle="--", label=kind)
axes.set_xlabel(f"coseno con {movies.title[favourite]}")
axes.set_ylabel("películas")
axes.set_title(f"Coseno de cada película con {movies.title[favourite]}")
axes.margins(y=0.5)
axes.legend(title="mayor coseno por azar", loc="upper left")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* la mayoría de los cosenos está entre −0.5 y 0.4. Lejos a la derecha hay una barra pequeña de dos películas; las líneas discontinuas marcan el mayor coseno que produce el azar.
#
# Si todas las direcciones son igual de probables, el mayor de tantos cosenos es de alrededor de 0.55. Pero los vectores de un modelo entrenado usan unas direcciones más que otras, y los vectores al azar con la misma covarianza llegan a alrededor de 0.7. Así que, por sí solo, un 0.6 en una lista de películas parecidas no es prueba de parecido, mientras que un 0.9 está muy por encima del azar. Esto vale para películas con muchas valoraciones. En las demás verás más abajo cuánto puede engañar un coseno alto.
#
# ### Ejercicio 6.3 — las más parecidas, con título (6 minutos)
#
# Devuelve las n películas con el coseno más alto, sin contar la propia película. Deja fuera las que tengan menos de `min_ratings` valoraciones.


# %%
def most_similar(row, table, movies, n=8, min_ratings=0):
    """Las películas más cercanas a una, según el coseno.

    Parameters
    ----------
    row : int
        Fila de `table` y de `movies`.
    table : numpy.ndarray of float, shape (n_movies, n_factors)
    movies : pandas.DataFrame, n_movies filas en el mismo orden, índice 0, 1, …
        Con las columnas `title` y `ratings` (un recuento).
    n : int
    min_ratings : int
        Las películas con menos valoraciones quedan fuera.

    Returns
    -------
    pandas.DataFrame
        Las filas de `movies`, con todas sus columnas y una columna `cosine`, primero
        las más parecidas. La propia película no está entre ellas; otra con la misma
        dirección o el mismo título puede estar. Son menos de n si no hay más.

    Examples
    --------
    >>> table = np.array([[1.0, 0.0], [2.0, 2.0], [5.0, 0.1], [0.0, 1.0]])
    >>> four = pd.DataFrame({"title": list("abcd"), "ratings": [9, 5, 1, 9]})
    >>> most_similar(0, table, four, n=2)["title"].tolist()
    ['c', 'b']
    >>> most_similar(0, table, four, n=2, min_ratings=5)["title"].tolist()
    ['b', 'd']
    >>> most_similar(2, table, four, n=2, min_ratings=5)["title"].tolist()
    ['a', 'b']
    """
    ### BEGIN SOLUTION
    found = movies.assign(cosine=cosines_with(row, table)).drop(index=row)
    found = found[found["ratings"] >= min_ratings]
    return found.sort_values("cosine", ascending=False).head(n)
    ### END SOLUTION


# %%
tiny = np.array([[1.0, 0.0], [2.0, 2.0], [5.0, 0.1], [0.0, 1.0]])
four = pd.DataFrame({"title": list("abcd"), "ratings": [9, 5, 1, 9]})
for row, least in [(0, 0), (0, 5), (2, 5)]:
    print(most_similar(row, tiny, four, n=2, min_ratings=least)["title"].tolist())

# %%
check("6.3", most_similar)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿En qué orden hay que filtrar, ordenar y cortar para que queden n películas siempre que haya bastantes?
# 2. `movies.assign(cosine=…)` hace una copia con una columna nueva. `.drop(index=row)` quita la propia película, por su fila y no por su puesto ni por su título. Después filtra, ordena y `.head(n)`.
#
# ```python
# found = movies.assign(cosine=cosines_with(..., ...)).drop(index=...)
# found = found[found["ratings"] ...]
# return found.sort_values(..., ascending=...).head(...)
# ```
#
# **Fíjate**
#
# `min_ratings` deja fuera las películas cuyos cosenos son menos fiables. La sección siguiente mide cuánto lo son los demás.

# %% tags=["slide"]
shown = ["title", "year", "genres", "ratings", "cosine"]
similar = most_similar(favourite, movie_vectors, movies, min_ratings=50)[shown].round(2)
similar.astype({"year": "string"}).fillna({"year": ""})  # "": not known

# %% [markdown]
# Las dos secuelas salen primero, con cosenos por encima de 0.9, aunque el modelo no ha visto ni título ni género ni reparto, solo quién dio cuántas estrellas. Del tercer puesto en adelante, esta prueba no puede distinguir los cosenos del azar. Es una prueba estricta, porque los compara con el *mayor* de todas las películas. Aun así, algunas de esas películas son vecinas plausibles; otras sorprenden.
#
# > **Nota.** Lo que significa un coseno depende de cómo se regularizaron los vectores. Steck, Ekanadham y Kallus ([2024](https://arxiv.org/abs/2403.05440)) lo demuestran para modelos lineales parecidos al nuestro. Con una penalización L2 separada para cada tabla, como aquí, los cosenos de la mejor solución son únicos. Nuestro entrenamiento se detiene antes de llegar a la mejor solución, así que el punto de partida aleatorio aún se nota. Con otras penalizaciones no tienen por qué ser únicos: hay soluciones igual de buenas con otros cosenos.
#
# ## Dónde falla, y por qué
#
# Ahora lo mismo para una película con tres valoraciones de entrenamiento.

# %% tags=["slide", "sentence-2-5"]
obscure = (movies["ratings"] - 3).abs().idxmin()
lengths = np.linalg.norm(movie_vectors, axis=1)
print(
    f"{movies.title[obscure]}: un vector de longitud {lengths[obscure]:.2f}; el de "
    f"{movies.title[favourite]} mide {lengths[favourite]:.2f}"
)
similar = most_similar(obscure, movie_vectors, movies)[shown].round(2)
similar.astype({"year": "string"}).fillna({"year": ""})

# %% [markdown]
# Estos cosenos son más altos que casi todos los de la lista anterior. Pero tres valoraciones cuentan poco frente a la penalización L2, así que el vector es corto. Iguala a cero la derivada respecto a $q_i$, como hizo la lección 03 con un sesgo: $\ell N q_i = \sum_u e_{ui}\, p_u$, donde $e_{ui}$ es el error de la valoración del usuario $u$. Así que el vector de una película es una suma ponderada de los vectores de sus usuarios, aquí de solo tres. **Un coseno no lleva consigo ninguna medida de incertidumbre.**
#
# ¿Cuánto te puedes fiar, entonces, de los vecinos de una película? Entrenamos otra vez el mismo modelo, de dos maneras:
#
# - *desde otro punto de partida aleatorio*, con las mismas valoraciones: así vemos cuánto dependen los vecinos de los pesos iniciales y del orden de los lotes;
# - *con dos mitades al azar de las valoraciones de entrenamiento*, que no tienen ninguna en común: así vemos cuánto dependen los vecinos también de los datos.
#
# Las tablas de dos entrenamientos no se pueden comparar número a número, porque los factores salen girados. Pero los *vecinos* sí: qué películas están cerca unas de otras no depende de los ejes.

# %% [markdown] tags=["question", "slide"]
# Entrenas por segunda vez, con las mismas valoraciones pero desde otro punto de partida aleatorio. De los diez vecinos más cercanos de una película con más de 150 valoraciones, ¿cuántos reaparecen?
#
# - [ ] Los diez: las valoraciones son las mismas
#   - Las valoraciones sí; el punto de partida, no. Y muchas maneras de colocar 1700 películas explican las valoraciones más o menos igual de bien.
# - [x] Unos cinco
#   - Algunos los fijan las valoraciones. Los demás dependen del punto de partida, aunque se hayan impreso con los mismos dos decimales.
# - [ ] Casi ninguno: los factores salen girados
#   - El giro no importa, porque deja todos los cosenos como están. El azar solo recuperaría una décima parte de un vecino.

# %%
quiz("6.b")


# %%
def retrained(seed, ratings=examples):
    layer = trained_model(seed, ratings).get_layer("movie_factors")
    return layer.get_weights()[0].astype("float64")


shuffled = examples.sample(frac=1, random_state=6)
half = len(examples) // 2
second_vectors = retrained(66)
half_vectors = retrained(67, shuffled[:half]), retrained(68, shuffled[half:])
well_known = np.flatnonzero(movies["ratings"] >= enough)


def neighbours(row, table):
    others = well_known[well_known != row]
    return set(others[np.argsort(-cosines_with(row, table)[others])[:10]])


# %% tags=["slide", "sentence-4-5"]
groups = pd.cut(
    movies["ratings"],
    [-1, 2, 9, 49, 149, np.inf],
    labels=["0–2", "3–9", "10–49", "50–149", "150+"],
)
agreement = {}
axes = plt.figure().add_subplot()
for name, (one, other) in {
    "otro punto de partida, mismas valoraciones": (movie_vectors, second_vectors),
    "dos mitades de las valoraciones": half_vectors,
}.items():
    means, errors, labels = [], [], []
    for group, rows in movies.groupby(groups, observed=True).groups.items():
        some = rng.choice(rows, min(150, len(rows)), replace=False)
        again = [len(neighbours(r, one) & neighbours(r, other)) for r in some]
        means.append(np.mean(again))
        errors.append(2 * np.std(again) / np.sqrt(len(again)))
        labels.append(f"{group} (n = {len(some)})")
    agreement[name] = means
    axes.errorbar(means, range(len(means)), xerr=errors, fmt="o", label=name)
    for place, value in enumerate(means):
        axes.annotate(
            f"{value:.1f}", (value, place), (0, 6), textcoords="offset points"
        )
axes.axvline(100 / len(well_known), color=plots.GREY, linestyle=":", label="azar")
axes.set_yticks(range(len(labels)), labels)
axes.invert_yaxis()
axes.margins(y=0.15)
axes.set_xlim(0, 10)
axes.set_xlabel("vecinos que reaparecen, de diez")
axes.set_ylabel("valoraciones de entrenamiento de la película")
axes.set_title("Vecinos que reaparecen")
axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22))
plt.show()
# %% tags=["nbval-check-output"]
same_ratings, other_ratings = agreement.values()
verdict("vecinos que reaparecen, pocas valoraciones", same_ratings[0], at_most=3.3)
verdict("vecinos que reaparecen, muchas valoraciones", same_ratings[-1], at_least=4.0)
verdict("vecinos que reaparecen, dos mitades", other_ratings[-1], at_most=1.5)

# %% [markdown]
# *Cómo leer la figura:* la media de las películas de un grupo, con dos errores estándar. Los vecinos se eligen entre las películas con 20 valoraciones o más. La línea de puntos es lo que tienen en común, de media, dos listas de diez al azar.
#
# Desde otro punto de partida reaparece alrededor de la mitad de los diez vecinos, y menos si la película tiene menos de diez valoraciones. Entre dos mitades de las valoraciones no reaparece casi ninguno: como mucho *medio* vecino, en las películas con 150 valoraciones o más. Dos puntos de partida coinciden en mucho que otras valoraciones no confirman, quizá porque los dos se entrenaron con el mismo ruido. Cada mitad tiene solo la mitad de los datos, de modo que los vecinos del modelo completo son probablemente más fiables que eso, pero estos datos no permiten saber cuánto.
#
# ¿No hay nada fiable, entonces? Estos son los vecinos más cercanos de Star Wars, con sus cosenos en los cuatro entrenamientos.

# %%
trainings = {
    "todas": movie_vectors,
    "otro punto de partida": second_vectors,
    "primera mitad": half_vectors[0],
    "segunda mitad": half_vectors[1],
}
nearest = most_similar(favourite, movie_vectors, movies, n=6, min_ratings=50)
pd.DataFrame(
    {
        name: cosines_with(favourite, table)[nearest.index]
        for name, table in trainings.items()
    },
    index=nearest["title"],
).round(2)

# %% [markdown]
# Las dos secuelas y *Raiders of the Lost Ark* siguen cerca de 0.7, o por encima, en ambas mitades. Las otras tres no, y el coseno de *The Frighteners* baja de 0.60 a 0.12 y −0.22. Con todas las valoraciones, su coseno era tan alto como el de *Raiders*, y un segundo punto de partida confirmó los dos. Solo un entrenamiento con otras valoraciones los distingue.
#
# ## Vectores largos, vectores cortos
#
# El coseno no tiene en cuenta la *longitud* de un vector. ¿De qué depende esa longitud?

# %% [markdown] tags=["question", "slide"]
# La penalización L2 tira de todos los vectores hacia 0. ¿Qué películas tienen, aun así, los vectores más largos?
#
# - [ ] Las de media más alta
#   - Una película que gusta a todo el mundo necesita un sesgo alto, no un vector largo.
# - [x] Las que tienen más valoraciones
#   - Cada valoración se suma al error cuadrático, y la penalización sigue siendo la misma. Con tres valoraciones gana la penalización.
# - [ ] Las que tienen menos valoraciones, porque se ajustan mejor
#   - Sin la penalización podría ser. Con ella, tres valoraciones son muy pocas para alargar un vector.

# %%
quiz("6.c")

# %% tags=["slide", "sentence-2"]
movies["length"] = lengths
movies["spread"] = train.groupby("movie")["rating"].std().reindex(movies.index)
if not movielens.lacks("stars"):
    about_100 = movies[movies["ratings"].between(80, 150)]
    print(
        f"{len(about_100)} películas tienen entre 80 y 150 valoraciones. Sus vectores "
        f"miden de {about_100['length'].min():.1f} a {about_100['length'].max():.1f}. "
        "Correlación de esta longitud con la desviación típica de las valoraciones: "
        f"{about_100['length'].corr(about_100['spread']):.2f}"
    )
axes = plt.figure().add_subplot()
axes.scatter(movies["ratings"].clip(lower=0.7), lengths, s=8, alpha=0.5)
axes.set_xscale("log")
axes.xaxis.set_major_formatter("{x:,.0f}")
axes.set_xlabel("valoraciones de la película en entrenamiento (escala logarítmica)")
axes.set_ylabel("longitud de su vector")
axes.set_title("Cuantas más valoraciones, más largo el vector")
plt.show()

# %% [markdown] tags=["slide"]
# *Cómo leer la figura:* cada punto es una película. Los vectores se alargan con el número de valoraciones, pero, con el mismo número, unos todavía miden el doble que otros, o más.
#
# Entre las películas con unas cien valoraciones, los vectores son más largos donde más difieren las opiniones. Así que la longitud refleja dos cosas: cuántos datos la respaldan, y cuánto discrepa la gente sobre la película. El producto punto usa la longitud, y una película con un vector largo puede subir o bajar más en tu lista. El coseno no la tiene en cuenta.
#
# ## Treinta y dos dimensiones en papel
#
# Nadie puede ver 32 dimensiones. Tres métodos las reducen a dos:
#
# - **PCA** proyecta los puntos sobre las dos direcciones en las que más varían. La proyección es lineal, así que nada se rompe, pero las distancias solo pueden acortarse: películas que están lejos unas de otras pueden coincidir.
# - **t-SNE** intenta mantener cerca a los vecinos cercanos y renuncia a buena parte de lo demás. Los puntos que están cerca en el mapa casi siempre lo estaban antes. Las distancias entre grupos, y sus tamaños, significan poco.
# - **UMAP** tiene el mismo objetivo con otra función de pérdida, y se usa mucho con conjuntos de datos grandes.
#
# Cuánto conservan t-SNE y UMAP de la estructura a gran escala depende sobre todo de dónde empiezan ([Kobak y Linderman, 2021](https://doi.org/10.1038/s41587-020-00809-z)). Aquí los dos parten del PCA, y solo dibujamos las películas con al menos 20 valoraciones.
#
# UMAP compila su código la primera vez que se usa, y eso tarda muchas veces más que el propio mapa. Pon `WITH_UMAP = True` más abajo para dibujar también su mapa.

# %%
chosen = movies[movies["ratings"] >= enough].reset_index()
vectors = movie_vectors[chosen["index"]]
pca = PCA(n_components=2).fit(vectors)
in_pca = f"PCA ({pca.explained_variance_ratio_.sum():.0%} de la varianza)"
tsne = TSNE(metric="cosine", init="pca", max_iter=500, random_state=6)
with threadpool_limits(1):  # more threads would take longer for tables this small
    maps = {in_pca: pca.transform(vectors), "t-SNE": tsne.fit_transform(vectors)}

# %%
WITH_UMAP = False
if WITH_UMAP:
    import umap

    reducer = umap.UMAP(metric="cosine", init="pca", random_state=6, n_jobs=1)
    maps["UMAP"] = reducer.fit_transform(vectors)

# %% tags=["slide", "sentence-2"]
if not movielens.lacks("year"):
    years = chosen["year"].astype(float)
    fifths = np.unique(years.quantile([0, 0.2, 0.4, 0.6, 0.8, 1]))
    figure, panels = plt.subplots(1, len(maps), figsize=(1 + 3.3 * len(maps), 3.8))
    for panel, (name, points) in zip(panels, maps.items(), strict=True):
        dots = panel.scatter(
            *points.T, c=years, norm=BoundaryNorm(fifths, 256), s=9, cmap="cividis"
        )
        panel.set_title(name)
        panel.axis("off")
    figure.colorbar(dots, ax=panels, format="%d", label="año de estreno")
    plt.show()
for name, points in maps.items():
    trust = trustworthiness(vectors, points, n_neighbors=10, metric="cosine")
    print(f"fiabilidad (trustworthiness) de {name}: {trust:.2f}")

# %% [markdown]
# *Cómo leer la figura:* las mismas películas en cada mapa, coloreadas por año. Las antiguas (oscuras) son más frecuentes hacia un lado y las nuevas (claras) hacia el otro, con mucho solapamiento.
#
# Así que los vectores guardan alguna relación con la antigüedad de una película, aunque el modelo nunca recibió una fecha. La sección siguiente mide cuánta. *No* saques más conclusiones de las formas: dependen del método y de sus ajustes. Más del 70 % de la varianza no está en el mapa del PCA. Ese mapa depende también de las longitudes de los vectores, y nuestro mapa de t-SNE, solo de sus direcciones.
#
# La **fiabilidad** (*trustworthiness*) de un mapa dice hasta qué punto te puedes fiar de sus vecinos. Es 1 si las diez películas más cercanas en el mapa son las diez más cercanas en 32 dimensiones, aquí por coseno, y alrededor de 0.5 con un mapa de puntos al azar. Un vecino que está lejos en 32 dimensiones cuesta más que uno que casi está entre los diez. Con t-SNE es 0.94 y con el PCA 0.77, así que los vecinos del mapa de t-SNE son más fiables. La comparación lo favorece un poco, porque solo t-SNE se ajustó con el coseno.
#
# Ahora explora tú el mapa de t-SNE. Pasa el puntero por encima de los puntos y busca un rincón que conozcas.

# %%
islands = maps["t-SNE"]
plots.embedding_map(islands, chosen, "Un mapa de películas (t-SNE)", color="ratings")

# %% [markdown]
# Para la versión en papel, y para las páginas web que no muestran el mapa interactivo, aquí está el mismo mapa como imagen, con los títulos de veinte películas conocidas.

# %% tags=["slide", "sentence-0"]
titles = chosen["title"].str.replace(r"^(.*), (The|A|An)$", r"\2 \1", regex=True)
axes = plt.figure(figsize=(10, 6.4)).add_subplot()
dots = axes.scatter(
    *islands.T, s=10, c=chosen["ratings"], norm=LogNorm(), cmap="cividis", alpha=0.7
)
labelled = []
label_size = np.ptp(islands, axis=0) * [0.25, 0.04]
for row in chosen["ratings"].sort_values(ascending=False).index:
    is_apart = np.abs(islands[labelled] - islands[row]) > label_size
    if len(labelled) < 20 and is_apart.any(axis=1).all():
        labelled.append(row)
        axes.annotate(
            titles[row],
            islands[row],
            fontsize=9,
            textcoords="offset points",
            xytext=(0, 5),
            ha="center",
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )
axes.scatter(*islands[labelled].T, s=22, color=plots.RED)
axes.axis("off")
axes.figure.colorbar(
    dots, ticks=[20, 50, 100, 200, 400], format="%d", label="valoraciones de entrenamiento"
).minorticks_off()
axes.set_title("Un mapa de películas (t-SNE)")
plt.show()

# %% [markdown]
# ## ¿Está ahí, o lo vemos porque lo buscamos?
#
# La gente ve patrones en cualquier nube de puntos. Una **sonda lineal** mide si hay un patrón: es un modelo lineal que predice una etiqueta, por ejemplo un género, a partir de los vectores. Se ajusta con unas películas y se prueba con *otras*. Para comparar, la misma sonda se ejecuta con etiquetas barajadas, donde no hay nada que encontrar.
#
# ### Ejercicio 6.4 — sondea una etiqueta (7 minutos)
#
# `cross_val_predict(model, x, y, cv=5, method="predict_proba")` predice cada película con un modelo que se ajustó sin ella, y devuelve una columna para False y otra para True. Usa el modelo `make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))`, para que el escalado tampoco se ajuste con las películas que se dejan fuera. Devuelve el ROC AUC de todas las predicciones juntas (`roc_auc_score(label, score)`).


# %%
def probe(vectors, label):
    """Qué tal lee un modelo lineal una etiqueta de sí o no en los vectores.

    Parameters
    ----------
    vectors : numpy.ndarray of float, shape (n, n_factors)
    label : numpy.ndarray of bool, shape (n,)
        Al menos cinco True y cinco False.

    Returns
    -------
    float
        ROC AUC en validación cruzada de cinco partes: 0.5 es el azar; 1, perfecto.
        Cada parte tiene su proporción de True; nada de lo que se ajusta o se elige, ni
        siquiera el escalado, ha visto la parte que se predice. Tal como salga: también
        por debajo de 0.5.

    Examples
    --------
    Una etiqueta que se puede leer en el primer número, y una que no.

    >>> one_to_forty = np.arange(40.0)[:, None]
    >>> probe(one_to_forty, np.arange(40) >= 20) > 0.9
    True
    >>> probe(one_to_forty, np.arange(40) % 2 == 0) < 0.6
    True
    """
    ### BEGIN SOLUTION
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    probability = cross_val_predict(model, vectors, label, cv=5, method="predict_proba")
    return float(roc_auc_score(label, probability[:, 1]))
    ### END SOLUTION


# %%
one_to_forty = np.arange(40.0)[:, None]
print(
    probe(one_to_forty, np.arange(40) >= 20),
    probe(one_to_forty, np.arange(40) % 2 == 0),
)

# %%
check("6.4", probe)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Con 32 números por película, un modelo lineal puede memorizar las etiquetas de unas pocas películas. ¿Con qué películas hay que probarlo?
# 2. `cross_val_predict(…)` da una matriz de dos columnas, para False y para True. `roc_auc_score` quiere la etiqueta y la puntuación de True.
#
# ```python
# model = make_pipeline(StandardScaler(), LogisticRegression(...))
# probability = cross_val_predict(..., ..., ..., cv=..., method=...)
# return roc_auc_score(..., probability[:, ...])
# ```
#
# **Fíjate**
#
# Con etiquetas barajadas tu sonda da más o menos 0.5 de media, por muchos factores que haya, pero si las barajas una sola vez puede salir un valor muy distinto. Así que compara con varios barajados antes de decir que una etiqueta está en los vectores.

# %% tags=["slide"]
genres = chosen["genres"].str.get_dummies(sep="|").astype(bool)
frequent = genres.columns[genres.sum() >= 30]
if len(frequent) and not movielens.lacks("genres"):
    found, by_chance, by_popularity = {}, {}, {}
    popularity = np.log(chosen[["ratings"]].to_numpy())
    with threadpool_limits(1):  # faster for tables this small, as above
        for genre in frequent:
            label = genres[genre].to_numpy()
            found[genre] = probe(vectors, label)
            by_popularity[genre] = probe(popularity, label)
            by_chance[genre] = [
                probe(vectors, rng.permutation(label)) for _ in range(5)
            ]
    found = dict(sorted(found.items(), key=lambda item: -item[1]))
    by_chance = {genre: by_chance[genre] for genre in found}
    axes = plt.figure(figsize=(7, 0.3 * len(found) + 1.4)).add_subplot()
    places = range(len(found))
    low = np.array([min(scores) for scores in by_chance.values()])
    high = np.array([max(scores) for scores in by_chance.values()])
    axes.hlines(
        places,
        low,
        high,
        color=plots.GREY,
        alpha=0.35,
        linewidth=9,
        label="barajadas, 5 veces",
    )
    axes.axvline(0.5, color=plots.GREY, linestyle=":")
    axes.scatter(found.values(), places, zorder=3, label="etiquetas verdaderas")
    axes.scatter(
        [by_popularity[genre] for genre in found],
        places,
        marker="|",
        color=plots.RED,
        label="solo la popularidad",
    )
    for place, score in zip(places, found.values(), strict=True):
        axes.annotate(
            f"{score:.2f}", (score, place), (7, -4), textcoords="offset points"
        )
    axes.set_yticks(places, [f"{genre} ({genres[genre].sum()})" for genre in found])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("AUC de una sonda lineal (0.5 = azar)")
    axes.set_ylabel("género (número de películas)")
    axes.set_title("¿Qué géneros se pueden leer en los vectores?")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
    plt.show()
    above = [genre for genre in found if found[genre] > max(by_chance[genre])]
    print(f"por encima de todas sus propias etiquetas barajadas: {len(above)} de {len(found)} géneros")
    print("no por encima:", ", ".join(genre for genre in found if genre not in above))

    weakest, label = list(found)[-1], genres[list(found)[-1]].to_numpy()
    draw = np.random.default_rng(6)
    with threadpool_limits(1):
        more = np.array([probe(vectors, draw.permutation(label)) for _ in range(40)])
    reached = np.sum(more >= found[weakest])
    print(f"{weakest}: {reached} de 40 barajados más alcanzan su {found[weakest]:.2f}")
# %%
if not movielens.lacks("year"):
    dated = chosen["year"].notna().to_numpy()
    year = chosen["year"][dated].astype(float).to_numpy()
    line = make_pipeline(StandardScaler(), RidgeCV(np.logspace(0, 4, 9)))
    of_chance = []
    with threadpool_limits(1):
        predicted = cross_val_predict(line, vectors[dated], year, cv=5)
        for _ in range(5):
            mixed = rng.permutation(year)
            by_mixed = cross_val_predict(line, vectors[dated], mixed, cv=5)
            of_chance.append(r2_score(mixed, by_mixed))
    print(f"años: R² = {r2_score(year, predicted):.2f}")
    print(f"barajados cinco veces: de {min(of_chance):.2f} a {max(of_chance):.2f}")
    along = chosen["title"][dated].to_numpy()[np.argsort(predicted)]
    print("estimadas como más antiguas:", " · ".join(along[:6]))
    print("estimadas como más nuevas:", " · ".join(along[-6:]))

# %% tags=["nbval-check-output"]
if len(frequent) and not movielens.lacks("genres"):
    of_shuffled = np.mean(list(by_chance.values()))
    verdict("mejor sonda de género", max(found.values()), at_least=0.75)
    verdict("sonda de etiquetas barajadas", of_shuffled, inside=(0.35, 0.65))

# %% [markdown] tags=["slide"]
# Casi todos los géneros se leen en los vectores mejor que cualquier etiqueta barajada, el mejor de ellos con un AUC de alrededor de 0.8. Con *Mystery*, la sonda no es mejor que con etiquetas barajadas: más de la mitad de otros 40 barajados alcanzan su AUC. Las marcas rojas son sondas de un solo número: el logaritmo del número de valoraciones de la película. Con la mayoría de los géneros dice poco. Pero con *War*, la popularidad sola da mejor resultado que los vectores, así que el AUC de estos puede ser un efecto de la popularidad y no demuestra nada sobre la guerra.
#
# También hay una dirección para la antigüedad de una película, pero débil: explica el 15 % de la varianza de los años, mientras que con los años barajados se explica alrededor de 0. Mira los títulos de los dos extremos: la mayoría encaja, pero Fargo, de 1996, no. Los vectores contienen lo que ayuda a predecir valoraciones, y el género y la antigüedad están en ellos solo en la medida en que ayudan.
#
# Tomados de uno en uno, los vecinos no eran fiables y, sin embargo, las sondas encuentran algo. Una sonda combina cientos de películas, de modo que el ruido de cada vector se compensa en gran parte.
#
# ## Tú, en forma de vector
#
# Para este modelo eres un usuario en **arranque en frío**: se entrenó sin tus valoraciones, y en sus tablas no hay ninguna fila para ti. Volver a entrenarlo por un solo usuario nuevo sería un derroche, y no hace falta. El ***fold-in*** deja todas las tablas como están y calcula solo lo nuevo: el vector $p$ y el sesgo $b$ que mejor explican tus diez valoraciones. Para un producto punto es un ajuste por mínimos cuadrados con una penalización L2, llamado *regresión ridge*, que tiene solución exacta:
#
# $$\begin{pmatrix} p \\ b \end{pmatrix} = (Q^\top Q + \Lambda)^{-1} Q^\top (r - \mu - b_i)$$
#
# Cada fila de $Q$ es el vector de una película que has valorado, con un 1 añadido al final. Ese 1 se multiplica por $b$ en todas las películas, y por eso $b$ es tu sesgo. $r$ son tus valoraciones, $\mu$ es la media y $b_i$ son los sesgos de esas películas. $\Lambda$ es una matriz diagonal con las penalizaciones: $\lambda_p$ para cada uno de los 32 números del vector y, al final, $\lambda_b$ para el sesgo. Cuanto mayores son, más cerca de cero se quedan $p$ y $b$.
#
# ### Ejercicio 6.5 — incorpora a un usuario nuevo (9 minutos)
#
# No inviertas la matriz. Escribe la ecuación como $(Q^\top Q + \Lambda)\,x = Q^\top (r - \mu - b_i)$, y deja que `np.linalg.solve` encuentre $x$. Su último número es el sesgo.


# %%
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    """Vector y sesgo de un usuario nuevo, sin tocar lo demás.

    Parameters
    ----------
    rows : numpy.ndarray of int, shape (n,), una o más
        Las películas que ha valorado el usuario.
    ratings : numpy.ndarray of float, shape (n,), en estrellas
    vectors : numpy.ndarray of float, shape (n_movies, n_factors)
    movie_bias : numpy.ndarray of float, shape (n_movies,)
    mean : float
    vector_penalty, bias_penalty : float, mayor que 0
        La penalización de cada número del vector y la del sesgo.

    Returns
    -------
    vector : numpy.ndarray of float, shape (n_factors,)
    bias : float

    Examples
    --------
    Una valoración, 0.6 estrellas por encima de media + sesgo de la película. El vector y
    el sesgo se reparten lo que dejan las penalizaciones, y a la menor le toca más.

    >>> vectors, movie_bias = np.array([[9.0, 9.0], [1.0, 0.0]]), np.array([0.0, 0.3])
    >>> vector, bias = fold_in(
    ...     np.array([1]), np.array([4.4]), vectors, movie_bias, 3.5, 1.0, 2.0
    ... )
    >>> vector.round(4).tolist(), round(float(bias), 4)
    ([0.24, 0.0], 0.12)
    """
    ### BEGIN SOLUTION
    known = np.column_stack([vectors[rows], np.ones(len(rows))])
    left_over = np.asarray(ratings) - mean - movie_bias[rows]
    penalties = np.diag([vector_penalty] * vectors.shape[1] + [bias_penalty])
    solution = np.linalg.solve(known.T @ known + penalties, known.T @ left_over)
    return solution[:-1], float(solution[-1])
    ### END SOLUTION


# %%
vector, bias = fold_in(
    np.array([1]),
    np.array([4.4]),
    np.array([[9.0, 9.0], [1.0, 0.0]]),
    np.array([0.0, 0.3]),
    mean=3.5,
    vector_penalty=1.0,
    bias_penalty=2.0,
)
print(vector.round(4).tolist(), round(float(bias), 4))

# %%
check("6.5", fold_in)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Resta de una valoración la media y el sesgo de la película. ¿Qué dos incógnitas tuyas tienen que explicar lo que queda?
# 2. `np.column_stack([vectors[rows], np.ones(len(rows))])` es Q. Con n factores, Q.T @ Q y las penalizaciones son matrices de (n + 1) × (n + 1). `np.diag(numbers)` tiene esos números en la diagonal. `np.linalg.solve(A, y)` encuentra x tal que A @ x = y; el último número de x es el sesgo.
#
# ```python
# q = np.column_stack([vectors[...], ...])
# left_over = ratings - ... - movie_bias[...]
# penalties = np.diag([...] * vectors.shape[1] + [...])
# solution = np.linalg.solve(q.T @ q + penalties, q.T @ ...)
# return solution[...], solution[...]
# ```
#
# **Fíjate**
#
# No ha cambiado el vector de ninguna película y, con 32 factores, solo hay 33 incógnitas. Por eso una web puede hacerlo para cada visitante.

# %% [markdown]
# ### Ejercicio 6.6 — ¿qué penalización? λ = ℓ · N (11 minutos)
#
# ¿Qué penalizaciones convienen a un usuario nuevo? La lección 03 tiene la respuesta. La pérdida con la que se entrenó nuestro modelo es un error cuadrático *medio* sobre las $N$ valoraciones de entrenamiento, más $\ell_p \sum_u \lVert p_u\rVert^2 + \ell_b \sum_u b_u^2$ y lo mismo para las películas. Multiplícala por $N$, que no mueve ningún mínimo, y quédate con los términos de un usuario:
#
# $$\sum_{i\ \text{rated by}\ u} (r_{ui} - \mu - b_i - b_u - p_u \cdot q_i)^2
# + \ell_p N \lVert p_u\rVert^2 + \ell_b N\, b_u^2 .$$
#
# Es la regresión ridge del ejercicio 6.5, con $\lambda_p = \ell_p N$ y $\lambda_b = \ell_b N$. $N$ cuenta las valoraciones de *todos* los usuarios. Con estas penalizaciones, un usuario nuevo recibe el mismo trato que el entrenamiento dio a los demás.
#
# Si son también las mejores para valoraciones que aún no se conocen, lo tienen que decir los datos. Calcula el RMSE en valoraciones reservadas con múltiplos de estas penalizaciones: 1 significa $\ell_p N$ y $\ell_b N$; 2, el doble de ambas. Es decir, para cada múltiplo: incorpora a cada usuario con las valoraciones conocidas, predice las reservadas y junta todos los errores en un solo RMSE.


# %%
def rmse_of_fold_in(
    multiples, users, vectors, movie_bias, mean, vector_l2, bias_l2, n_train
):
    """RMSE de usuarios nuevos en sus valoraciones reservadas, con varias penalizaciones.

    Parameters
    ----------
    multiples : list of float, mayores que 0
        Cada uno dice por cuánto se multiplican las penalizaciones que corresponden al
        entrenamiento.
    users : list of tuple (rows, ratings, held_out_rows, held_out_ratings)
        Para cada usuario, cuatro arrays: los dos primeros se conocen, y con ellos se
        ajusta su vector. Los otros dos son solo para la prueba. Una valoración o más en
        cada uno.
    vectors : numpy.ndarray of float, shape (n_movies, n_factors)
    movie_bias : numpy.ndarray of float, shape (n_movies,)
    mean : float
    vector_l2, bias_l2 : float, mayor que 0
        Los pesos ℓ de las penalizaciones L2 con los que se entrenó el modelo.
    n_train : int
        Número de valoraciones con las que se entrenó el modelo.

    Returns
    -------
    numpy.ndarray of float, shape (n_multiples,)
        Para cada múltiplo, el RMSE sobre las valoraciones reservadas de todos los
        usuarios juntos, sin redondear. Las predicciones son media + ambos sesgos +
        producto punto, sin recortar.

    Examples
    --------
    Un usuario. Las dos penalizaciones son 0.01 · 100 = 1, y después el doble.

    >>> user = np.array([0]), np.array([5.0]), np.array([1]), np.array([4.0])
    >>> vectors, no_bias = np.array([[1.0], [1.0]]), np.zeros(2)
    >>> rmse_of_fold_in(
    ...     [1, 2], [user], vectors, no_bias, 3.0, vector_l2=0.01, bias_l2=0.01, n_train=100
    ... ).round(4).tolist()
    [0.3333, 0.0]
    """
    ### BEGIN SOLUTION
    found = []
    for multiple in multiples:
        penalties = multiple * vector_l2 * n_train, multiple * bias_l2 * n_train
        errors = []
        for rows, ratings, others, held_out in users:
            vector, bias = fold_in(rows, ratings, vectors, movie_bias, mean, *penalties)
            predicted = mean + bias + movie_bias[others] + vectors[others] @ vector
            errors.append(held_out - predicted)
        found.append(np.sqrt(np.mean(np.concatenate(errors) ** 2)))
    return np.array(found)
    ### END SOLUTION


# %%
one_user = np.array([0]), np.array([5.0]), np.array([1]), np.array([4.0])
print(
    rmse_of_fold_in(
        [1, 2],
        [one_user],
        np.array([[1.0], [1.0]]),
        np.zeros(2),
        mean=3.0,
        vector_l2=0.01,
        bias_l2=0.01,
        n_train=100,
    ).round(4)
)

# %%
check("6.6", rmse_of_fold_in)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué valoraciones puede ver `fold_in` y cuáles necesita el RMSE? ¿Es la media de los RMSE de los usuarios el RMSE de todas las valoraciones reservadas?
# 2. Dos bucles: uno sobre los múltiplos y, dentro, otro sobre los usuarios. Reúne los errores de todos los usuarios en una lista. `np.concatenate(errors)` la convierte en un solo array, para un solo RMSE.
#
# ```python
# for multiple in ...:
#     errors = []
#     for rows, ratings, others, held_out in ...:
#         vector, bias = fold_in(..., multiple * ... * n_train, multiple * ... * n_train)
#         predicted = mean + ... + movie_bias[...] + vectors[...] @ ...
#         errors.append(...)
#     found.append(np.sqrt(...))
# return np.array(found)
# ```
#
# **Fíjate**
#
# Cuando se conoce ℓ, ℓN es una buena primera elección: con diez veces más valoraciones de entrenamiento, la misma ℓ equivale a una penalización diez veces mayor, tanto para los usuarios de antes como para los nuevos.

# %% [markdown]
# Ajusta ahora el vector de usuarios de este conjunto de datos como si fueran nuevos: solo con sus valoraciones de *validación*, seis para el usuario mediano, y con la evaluación en sus valoraciones de prueba. Ninguna tabla se ajustó a unas ni a otras; las de validación solo sirvieron para elegir la época.
#
# > **Nota.** Estos usuarios no son del todo nuevos para los vectores de las películas, porque sus valoraciones de *entrenamiento* ayudaron a formarlos. Por eso el RMSE puede salir algo más bajo de lo debido, con cualquier penalización.
#
# La celda también pone a prueba la deducción. Si el vector de cada usuario se ajusta con sus valoraciones de *entrenamiento* y con las penalizaciones correspondientes, el resultado debería ser el vector que encontró el entrenamiento.

# %% tags=["slide", "sentence-7"]
movie_bias = tables["movie_bias"][:, 0]


def ratings_of_users(frame):
    return {
        user: (rated["movie"].to_numpy(), rated["rating"].to_numpy(dtype="float64"))
        for user, rated in frame.groupby("user")
    }


if not movielens.lacks("stars"):
    known, held_out = ratings_of_users(valid), ratings_of_users(split.test)
    users = [(*known[user], *held_out[user]) for user in known if user in held_out]
    multiples = np.array([1 / 30, 1 / 10, 1 / 4, 1 / 2, 1, 2, 4, 10, 30])
    by_multiple = rmse_of_fold_in(
        multiples,
        users,
        movie_vectors,
        movie_bias,
        mean,
        FACTORS_L2,
        BIAS_L2,
        len(train),
    )
    for of, l2 in [("vector", FACTORS_L2), ("bias", BIAS_L2)]:
        print(f"penalización que corresponde al entrenamiento, {of}: {l2 * len(train):.1f}")
    print(
        f"{len(users)} usuarios; valoraciones conocidas (mediana): {np.median([len(u[0]) for u in users])}"
    )
    for multiple in (0.5, 1, 2):
        penalties = multiple * FACTORS_L2 * len(train), multiple * BIAS_L2 * len(train)
        distance = [
            np.linalg.norm(
                fold_in(*rated, movie_vectors, movie_bias, mean, *penalties)[0]
                - tables["user_factors"][user]
            )
            for user, rated in ratings_of_users(train).items()
        ]
        print(
            f"{multiple} × ℓN: distancia mediana al vector entrenado {np.median(distance):.2f}"
        )
    lengths_of_users = np.linalg.norm(tables["user_factors"], axis=1)
    print(f"longitud mediana de un vector entrenado: {np.median(lengths_of_users):.2f}")
    axes = plt.figure().add_subplot()
    axes.plot(multiples, by_multiple, marker="o")
    for multiple, value in zip(multiples, by_multiple, strict=True):
        axes.annotate(
            f"{value:.3f}",
            (multiple, value),
            (0, 7),
            textcoords="offset points",
            ha="center",
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )
    axes.axvline(1, color=plots.GREY, linestyle=":", label="ℓN, como en el entrenamiento")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.margins(y=0.15)
    axes.set_xlabel("penalización, como múltiplo de ℓN (escala logarítmica)")
    axes.set_ylabel("RMSE en valoraciones reservadas (estrellas)")
    axes.set_title("¿Qué penalización para un usuario nuevo?")
    axes.legend()
    plt.show()

# %% tags=["nbval-check-output"]
if not movielens.lacks("stars"):
    at_match = by_multiple[multiples == 1][0]
    verdict("RMSE del fold-in con λ = ℓN", at_match, inside=(0.94, 0.98))
    verdict("…por encima del RMSE más bajo", at_match - by_multiple.min(), at_most=0.004)
    verdict("…por encima de él, con la décima parte de λ", by_multiple[1] - at_match, at_least=0.01)

# %% [markdown]
# *Cómo leer la figura:* un punto por cada múltiplo de las dos penalizaciones. La línea de puntos marca las que corresponden al entrenamiento, 10.8 para el vector y 3.6 para el sesgo.
#
# La deducción se cumple. Con $\lambda = \ell N$, el *fold-in* devuelve casi los mismos vectores que encontró el entrenamiento: la distancia mediana es de alrededor de 0.1, y los vectores tienen una longitud de alrededor de 0.6. Con la mitad o el doble de la penalización, la distancia es de dos a cuatro veces mayor. Queda una pequeña distancia, probablemente porque el entrenamiento se detuvo pronto y sus pasos tienen ruido.
#
# Con valoraciones que aún no se conocen, $\ell N$ también da buen resultado, sin ninguna búsqueda. Las penalizaciones mucho menores son claramente peores, porque seis valoraciones no pueden determinar 33 números. Las mucho mayores dejan poco del usuario: la predicción se acerca a media + sesgo de la película. Entre unas y otras, la curva es plana: de la mitad al doble de $\ell N$, el RMSE cambia en pocas milésimas. Nada garantiza que $\ell N$ sea aquí lo mejor: la $\ell$ de la lección 03 es para el entrenamiento, donde el usuario mediano tiene unas 50 valoraciones.
#
# Ahora te toca a ti.

# %%
mine = my_ratings(movielens)
print("un estudiante inventado" if mine.attrs["invented"] else "tus propias valoraciones")
my_rows = split.movies.encode(mine["movie_id"])
my_vector, my_bias = fold_in(
    my_rows,
    mine["rating"].to_numpy(),
    movie_vectors,
    movie_bias,
    mean,
    vector_penalty=FACTORS_L2 * len(train),
    bias_penalty=BIAS_L2 * len(train),
)
user_lengths = np.linalg.norm(tables["user_factors"], axis=1)
print(f"tu sesgo es de {my_bias:+.2f} estrellas")
print(
    f"tu vector mide {np.linalg.norm(my_vector):.2f}; el del usuario mediano, "
    f"{np.median(user_lengths):.2f}"
)
mine.assign(
    explained=mean + my_bias + movie_bias[my_rows] + movie_vectors[my_rows] @ my_vector
).round(1)

# %% [markdown]
# La columna `explained` contiene lo que el modelo predice ahora para tus diez películas. No reproduce tus valoraciones con exactitud, ni debe: diez valoraciones son pocos datos para 33 incógnitas, y la penalización las mantiene pequeñas.
#
# ## ¿Qué deberías ver?
#
# Cuatro tipos de modelo te recomiendan cinco películas cada uno:
#
# - popularidad;
# - solo sesgos;
# - producto punto + sesgos, entrenado para predecir estrellas (retroalimentación explícita);
# - EASE (el autoencoder lineal de la lección 05), entrenado con *qué* películas valora la gente (retroalimentación implícita), ponderadas por las estrellas.
#
# EASE tiene un peso por cada par de películas. `ease_weights` lo resuelve con la fórmula de la lección 05, aquí a partir de estrellas / 5 y con una penalización de 100. Tus puntuaciones son tu propia fila de estrellas / 5 por la matriz de pesos. Así que EASE no necesita *fold-in*: un usuario nuevo no es más que una fila nueva de entrada.

# %% tags=["slide", "sentence-2"]
rows_of_stars = np.zeros((n_users, n_movies))
rows_of_stars[train["user"], train["movie"]] = train["rating"] / most_stars
movie_to_movie = ease_weights(rows_of_stars, penalty=100)
my_row = np.zeros(n_movies)
my_row[my_rows] = mine["rating"] / most_stars
bias_only = BiasBaseline().fit(examples, n_users, n_movies)
my_scores = {
    "popularidad": movies["ratings"].to_numpy(dtype="float64"),
    "solo sesgos": bias_only.movie_bias,
    "producto punto + sesgos, para estrellas": movie_bias + movie_vectors @ my_vector,
    "EASE": my_row @ movie_to_movie,
}
lists = {}
for name, scores in my_scores.items():
    scores = np.array(scores, dtype="float64")
    scores[my_rows] = -np.inf
    lists[name] = np.argsort(-scores, kind="stable")[:5]
for name in ["producto punto + sesgos, para estrellas", "EASE"]:
    same = [len(np.intersect1d(lists[name], lists[o])) for o in list(lists)[:2]]
    print(
        f"{name}: {same[0]} de 5 están en la lista de popularidad; {same[1]}, en la de solo sesgos"
    )
pd.DataFrame(
    {name: movies.title[rows].to_numpy() for name, rows in lists.items()},
    index=pd.RangeIndex(1, 6, name="place"),
)

# %% [markdown]
# Lee las columnas con ojo crítico:
#
# - **popularidad** y **solo sesgos** dan el mismo orden a todos: por número de valoraciones y por sesgo.
# - **producto punto + sesgos** es una lista personal. ¿Cuáles de sus películas las valora bien todo el mundo, y cuáles están ahí por tus valoraciones? Con diez valoraciones, los sesgos todavía deciden gran parte de la lista.
# - **EASE** también es personal. ¿Cuántas de sus películas son populares en general? Si la lista te encaja, pregúntate si alguna vez te mostrará otra cosa.
#
# Cambia tus valoraciones en la lección 01 y vuelve. ¿Qué lista cambia más? ¿Cuál preferirías recibir? ¿Cuál preferiría mostrarte una tienda? Son preguntas distintas, y ninguna métrica de este curso responde a todas.
#
# ## Un recomendador para quedárselo
#
# Hasta ahora, una parte de las valoraciones estaba oculta para poder medir los modelos. Un recomendador que te quedas se entrena con *todas* las valoraciones, y entonces no queda ninguna para medir sus listas. `Recommender` entrena EASE, el mejor modelo de listas de la lección 05. La celda siguiente muestra diez películas para el primer usuario y escribe las listas de todos los usuarios en un archivo de `course_home()`, la carpeta de la tabla de resultados.

# %%
recommender = Recommender(movielens)
everybody = recommender.lists(range(len(recommender.users)), n=10)
everybody.to_csv(course_home() / "lists.csv", index=False)
print(f"lists.csv: {len(everybody)} filas, {everybody['user'].nunique()} usuarios")
recommender.lists([0], n=10)

# %% [markdown]
# Lo mismo funciona con una tabla propia. `python -m helpers recommend my_ratings.csv --for USER --all lists.csv` hace las dos listas con ella en una terminal. En un cuaderno, lo hace `Recommender(load_ratings("my_ratings.csv"))`, con `load_ratings` de `helpers.data`.
#
# ## La tabla de resultados del curso
#
# La tabla de resultados contiene los modelos de las lecciones que se han ejecutado en este equipo. Si no aparece nada, ejecuta antes las lecciones 01 a 05. Recuerda de la lección 01 que, con otro conjunto de prueba, un RMSE cambia alrededor de ±0.005.

# %%
board = read_scoreboard(edition=movielens.name)
show_scoreboard(movielens.name, split.name)

# %% [markdown]
# Los modelos de ranking tienen una tabla por partición. Los resultados de particiones distintas no se pueden comparar entre sí, y los de un sustituto de u1 no se pueden comparar con los publicados.

# %%
rankings = board[board["ndcg@10"].notna()]
for name in rankings["split"].unique():
    display(show_scoreboard(movielens.name, name, sort_by="ndcg@10"))

# %% [markdown]
# ## Un cuestionario sobre las lecciones 01 a 06
#
# Contesta cada pregunta antes de abrir la respuesta.
#
# **1.** Alguien presenta un modelo con un RMSE de prueba de 0.94 en ml-100k. ¿Qué preguntas primero? <details><summary>Respuesta</summary>¿En qué partición, y qué RMSE tiene ahí el modelo base de sesgos? En la nuestra es 0.94, así que puede que el modelo no haya aprendido nada más que los sesgos. (Lección 01)</details>
#
# **2.** El error de validación de una red tiene su mínimo en la época 6 de 20. ¿Con qué pesos te quedas y qué error das? <details><summary>Respuesta</summary>Los de la época 6, y el error en el conjunto de *prueba*, medido una sola vez. El propio mínimo se eligió en el conjunto de validación, así que es un poco demasiado bueno. (Lección 02)</details>
#
# **3.** Una película tiene una media sin corregir de 5.0 estrellas. ¿Es la mejor? <details><summary>Respuesta</summary>Mira cuántas valoraciones tiene. Con una o dos, probablemente es suerte, y la contracción baja la media. (Lección 03)</details>
#
# **4.** Tres capas densas sin activación, sobre los vectores de usuario y película puestos uno junto al otro. ¿Qué pueden expresar? <details><summary>Respuesta</summary>Un sesgo de usuario más un sesgo de película, y por tanto el mismo orden de películas para todos los usuarios. (Lección 04)</details>
#
# **5.** Tu modelo tiene el mejor RMSE de todos y sus listas son peores que la popularidad. ¿Cómo pueden ser ciertas las dos cosas? <details><summary>Respuesta</summary>El RMSE se mide en películas que se valoraron, y una lista se hace con las que no. Un modelo entrenado solo con películas valoradas no ha aprendido a distinguir unas de otras. (Lección 05)</details>
#
# **6.** Dos películas con tres valoraciones cada una tienen un coseno de 0.97. ¿Se parecen? <details><summary>Respuesta</summary>No se puede saber. Tres valoraciones son muy pocas para fijar la dirección de un vector, y entrenar con otras valoraciones daría otra. (Esta lección)</details>
#
# ## Para recordar
#
# - Un número suelto de un vector no significa nada. Las direcciones y los vecinos pueden significar algo.
# - Un coseno no incluye ninguna medida de incertidumbre. Deja fuera las películas con pocas valoraciones, y comprueba las demás con dos mitades de las valoraciones. Otra semilla solo pone a prueba los pesos iniciales y el orden de los lotes.
# - Un vector se alarga con el número de valoraciones, y con lo que difieren las opiniones.
# - Un mapa muestra vecinos, no distancias. Lo que veas en él, compruébalo con una sonda; y la sonda, con etiquetas barajadas.
# - Un usuario nuevo no necesita otro entrenamiento, solo un *fold-in*. La penalización que corresponde al entrenamiento es ℓ·N.
#
# ## Para seguir leyendo
#
# - H. Steck, C. Ekanadham y N. Kallus, [Is Cosine-Similarity of Embeddings Really About Similarity?](https://arxiv.org/abs/2403.05440), 2024: lo que la regularización le hace a un coseno.
# - M. Wattenberg, F. Viégas e I. Johnson, [How to Use t-SNE Effectively](https://distill.pub/2016/misread-tsne/), 2016: dedica diez minutos a jugar con sus figuras.
# - D. Kobak y G. Linderman, [Initialization is critical for preserving global data structure in both t-SNE and UMAP](https://doi.org/10.1038/s41587-020-00809-z), 2021.
# - H.-J. Xue et al., [Deep Matrix Factorization Models](https://doi.org/10.24963/ijcai.2017/447), 2017: un usuario como su fila de la matriz, igual que nuestros historiales.
# - W.-C. Kang y J. McAuley, [Self-Attentive Sequential Recommendation](https://arxiv.org/abs/1808.09781), 2018: el orden de lo que has visto.
# - NVIDIA, [How to Build a Deep Learning Powered Recommender System, Part 2](https://developer.nvidia.com/blog/how-to-build-a-winning-recommendation-system-part-2-deep-learning-for-recommender-systems/), 2021: un panorama de las arquitecturas que usa la industria.
#
# **Siguiente:** la lección 07 trata de la recuperación: cómo encontrar candidatas entre un millón de películas sin puntuarlas todas.

# %% tags=["instructor"]
# Minutos: 85, de los que 42 son para los seis ejercicios. Si falta tiempo, omite el 6.4. El ejercicio 6.1 es la definición, para dos vectores, y el 6.2 la aplica a una tabla sin bucles.
#
# Ideas equivocadas: «los grupos de t-SNE son grupos de películas»; «una dimensión del embedding significa algo»; «un coseno de 0.97 es una prueba sólida»; «lo que otra semilla vuelve a encontrar está en los datos»; «la N de ℓN es el número de valoraciones del propio usuario».
#
# Pregunta abierta (¿qué lista preferirías recibir y cuál preferiría mostrar una tienda?): todos los puntos por dos criterios que apuntan en direcciones distintas (sesgo de popularidad, burbuja de filtros, exploración, beneficio) y un ejemplo de las listas; la mitad por un criterio; ninguno por una lista de la que se dice sin razones que es la mejor.
#
# Pregunta abierta (busca un rincón del mapa que conozcas): todos los puntos por un grupo de películas con nombre y una comprobación fuera del mapa (una sonda, los cosenos, las dos mitades); la mitad por el grupo solo; ninguno por distancias entre grupos.
#
# Pregunta escrita 1 (cinco frases, sin código): dos películas con tres valoraciones cada una tienen un coseno de 0.97. ¿Qué te dice eso y qué harías para saber más? Respuesta modelo: Muy poco. Tres valoraciones cuentan poco frente a la penalización L2, así que ambos vectores son cortos, y cada uno se acerca a una suma ponderada de los vectores de tres usuarios. Si las dos películas comparten un usuario, o sus usuarios se parecen, el coseno es alto sean cuales sean las películas. Un coseno no lleva consigo ninguna medida de incertidumbre, así que dejaría fuera las películas con pocas valoraciones. Con las demás entrenaría con dos mitades de las valoraciones y miraría qué vecinos aparecen en ambas.
#
# Pregunta escrita 2 (cinco frases, sin código): una tienda entrena el mismo modelo, con la misma ℓ, con diez veces más valoraciones. ¿Qué penalizaciones debería usar para el *fold-in* de un usuario nuevo, y qué pasa si mantiene las nuestras? Respuesta modelo: La pérdida es una media sobre N valoraciones, así que la penalización de la regresión ridge de un usuario es ℓ·N. Con diez veces más valoraciones es diez veces mayor, 108 para el vector y 36 para el sesgo. Con nuestros 10.8 y 3.6, el vector de un usuario nuevo sería mucho más largo que el de un usuario entrenado con las mismas valoraciones. El modelo se ajustaría a ese usuario más que a ningún otro. Si ℓ misma sigue siendo adecuada con tantos datos es otra pregunta, que se decide con valoraciones de validación.
