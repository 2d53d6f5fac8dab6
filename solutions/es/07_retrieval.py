# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/07_retrieval.ipynb)

# %% [markdown]
# # 7 · Retrieval: ten movies out of a million
#
# The models of the core lessons score every movie for a user and keep the best ten. With a million movies that takes too long, and the table of user vectors no longer fits on one machine. In this lesson you train a **two-tower** model, which needs no row for a user, and search its movie vectors with an approximate nearest-neighbour index.
#
# **Al terminar, podrás**
#
# - estimate how much memory a model and its optimizer need;
# - train two towers with in-batch negatives and the logQ correction;
# - search a catalogue without scoring every movie, and measure what the search misses.
#
# **Time** 75 minutes to work through, and about a minute of computing. **Before this** lessons 01 to 05.

# %% tags=["setup"]
# Run this cell first: it finds the course's helpers, or installs them where the
# notebook was opened on its own (Colab, Binder, a download).
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("COURSE_LANG", "es")
try:
    import helpers.storage  # noqa: F401
except ImportError:
    sys.modules.pop("helpers", None)  # another folder of that name
    here = [f for f in Path.cwd().parents if (f / "helpers/storage.py").is_file()]
    if here:
        sys.path.insert(0, str(here[0]))
    else:
        github = "https://github.com/neural-recsys-course/neural-recsys-course"
        package = f"neural-recsys-course @ git+{github}@v1.0.0"
        package = os.environ.get("COURSE_PACKAGE", package)
        print("Installing, once:", package, flush=True)
        command = [sys.executable, "-m", "pip", "install", package]
        pipe, join = subprocess.PIPE, subprocess.STDOUT
        with subprocess.Popen(command, stdout=pipe, stderr=join, text=True) as pip:
            for line in pip.stdout:
                print(line, end="", flush=True)
        if pip.returncode:
            raise RuntimeError(
                "The course's helpers could not be installed; pip's reason is above. "
                "Is the network there? Then run this cell again. Else download the "
                "whole course and open this notebook inside its folder."
            ) from None

# %%
import helpers.quiet_tensorflow  # TensorFlow starts without its page of notes

import tempfile
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers, ops
from matplotlib import ticker
from usearch.index import Index

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import Popularity
from helpers.data import load_movielens, synthetic
from helpers.metrics import rmse
from helpers.my_ratings import my_ratings
from helpers.ranking import (
    mask_pairs,
    ndcg_at_k,
    recommend,
    relevance_matrix,
    score_all,
)
from helpers.scoreboard import add_to_scoreboard
from helpers.splits import pairs, random_split, ranking_split
from helpers.bands import verdict
from helpers.multi_worker import run_workers

plots.use_course_style()
keras.utils.set_random_seed(7)
kept_until_the_end = tempfile.TemporaryDirectory(prefix="scaling-")
work = Path(kept_until_the_end.name)  # for what this lesson writes

# %%
movielens = load_movielens()
split = random_split(movielens, seed=0)
train, valid, test = split.train, split.valid, split.test
n_users, n_movies = split.n_users, split.n_movies
mean = float(train["rating"].mean())
split

# %% [markdown]
# ## ¿Qué es lo que crece?
#
# Hay tres cosas que pueden llegar a ser muchas: las valoraciones, los usuarios y las películas. Tomemos el modelo de la lección 03, producto + sesgos, y preguntemos qué cuesta cada una.
#
# - Las **valoraciones** son filas de un archivo: un usuario, una película, un número de estrellas. Doce bytes cada una. Se vuelven a leer en cada época, así que cuestan *tiempo*.
# - Los **usuarios y las películas** son filas de las tablas, y las tablas tienen que estar en la *memoria*, enteras y todo el tiempo.
#
# Y una tabla no está sola. Adam guarda dos números propios por cada peso: una media móvil de sus gradientes y otra de los cuadrados de estos. A esos acompañantes se los llama *slots*.
#
# ### Ejercicio 7.1 — la memoria, sobre el papel (4 minutos)
#
# Producto + sesgos tiene, por cada usuario y por cada película, un vector de `n_factors` números y un sesgo. Todos los números son float32, de cuatro bytes cada uno. ¿Cuántos bytes necesitan en total los pesos y los *slots* del optimizador?


# %%
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    """Bytes de producto + sesgos: los pesos y los slots del optimizador, juntos.

    Cada usuario y cada película tienen `n_factors` números y un sesgo, todos float32.

    Parameters
    ----------
    n_users, n_movies, n_factors : int
        Tan grandes como los de una tienda: las tablas mismas no cabrían en ninguna
        memoria.
    slots : int
        Cuántos números guarda el optimizador por cada peso: Adam 2, el SGD simple 0.

    Returns
    -------
    int

    Examples
    --------
    >>> bytes_to_train(n_users=3, n_movies=2, n_factors=4, slots=0)
    100
    >>> bytes_to_train(n_users=3, n_movies=2, n_factors=4, slots=2)
    300
    """
    ### BEGIN SOLUTION
    n_weights = (n_users + n_movies) * (n_factors + 1)
    return 4 * n_weights * (1 + slots)
    ### END SOLUTION


# %%
print(bytes_to_train(n_users=3, n_movies=2, n_factors=4, slots=0))
print(bytes_to_train(n_users=3, n_movies=2, n_factors=4, slots=2))

# %%
check("7.1", bytes_to_train)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Cuántos números hay en la fila de un usuario, contando el sesgo? ¿Y cuántas filas así hay, contando las películas?
# 2. Cada peso se guarda una vez, y otra más por cada slot: `1 + slots` números, de cuatro bytes.
#
# ```python
# n_weights = (... + ...) * (... + 1)
# return 4 * ... * (1 + ...)
# ```
#
# **Fíjate**
#
# El número de valoraciones no aparece. La memoria crece con quién hay y qué hay, no con lo que hicieron.

# %% [markdown] tags=["question"]
# La tienda necesita diez máquinas, solo para guardar sus tablas. ¿De qué parte de todo ello se podría *prescindir*?
#
# - [ ] De las valoraciones: bastaría una muestra
#   - Cuestan tiempo, y están en un disco. De la memoria de las máquinas no necesitan nada.
# - [x] De la tabla de usuarios: cien millones de filas
#   - Es el 99 % de la memoria. Y la lección 05 tenía un modelo sin ella: allí un usuario *es* lo que ha visto.
# - [ ] De la tabla de artículos: un millón de filas
#   - Es una centésima parte del total, y sin ella no hay nada que recomendar.
# - [ ] De los slots de Adam: SGD no necesita ninguno
#   - Dos tercios de la memoria, es verdad; pero lo que queda son todavía 26 GB, casi todos de una sola tabla.

# %%
quiz("7.a")

# %% [markdown]
# ## Dos torres
#
# La mayor parte son las filas de los usuarios, y la lección 05 ya mostró cómo librarse de ellas: un usuario *es* su historial. De ahí sale un modelo de dos funciones. La **torre de usuarios** convierte un historial en un vector, la **torre de películas** convierte una película en un vector, y la puntuación es su producto punto. Los vectores de las películas se pueden calcular una vez y guardar. Un usuario nuevo no cuesta nada.
#
# Para entrenar un modelo así como en la lección 05 hacen falta negativos muestreados, cinco por cada positivo. Aquí tienes una fuente de negativos más barata: *las otras películas del lote*. En un lote de 512 pares, cada usuario tiene una película que sí vio y unos cientos que vio otra persona. Sus vectores los tenemos de todas formas. Un solo producto de matrices da las 512 × 512 puntuaciones, y cada fila es una pregunta con 512 opciones: ¿cuál de estas películas era? Eso es una softmax, y su pérdida es la entropía cruzada: para la fila $i$
#
# $$\log \sum_j e^{s_{ij}} - s_{ii}.$$
#
# (Una película popular puede estar dos veces en un lote. Entonces una fila tiene dos respuestas correctas, y una de ellas cuenta como equivocada. Los sistemas grandes la dejan fuera de la suma; nosotros lo dejamos así.)
#
# Hay un inconveniente. Una película popular está en muchos lotes, así que hace de negativo mucho más a menudo que otras, y el modelo aprende a hundir lo popular. El remedio se llama *corrección logQ*: restar a cada puntuación el logaritmo de la proporción $q_j$ de todas las valoraciones que tiene la película $j$,
#
# $$s_{ij} = u_i \cdot m_j - \log q_j,$$
#
# solo en el entrenamiento. Es un lastre para las películas populares: para ganar en el entrenamiento, su propio $u \cdot m$ tiene que hacerse más grande, justo en la medida en que hacen de negativo demasiado a menudo. Cuando se usa sin el lastre, sigue siendo más grande. Lo que se entrena es entonces, aproximadamente, una softmax sobre *todas* las películas. (Es la pregunta de la lección 05 en otra forma: no si se vio una película, sino cuál.)
#
# ### Ejercicio 7.2 — los negativos del propio lote (8 minutos)


# %%
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    """Softmax sobre las películas del lote, con corrección logQ.

    Parameters
    ----------
    user_vectors, movie_vectors : tensor of float32, shape (n, n_factors)
        La fila i de ambos pertenece al par i del lote. `fit` compila la pérdida una
        sola vez para lotes de cualquier tamaño: ahí n es desconocido, `None`, y los
        tensores no tienen valores.
    movie_share : tensor of float32, shape (n,)
        Proporción de todas las valoraciones que tiene la película del par i.

    Returns
    -------
    tensor, shape () : la pérdida media de los pares

    Examples
    --------
    Unos vectores de ceros no saben nada: dos películas de igual proporción, un bit
    que adivinar.

    >>> float(in_batch_loss(ops.zeros((2, 3)), ops.zeros((2, 3)), ops.full((2,), 0.5)))
    0.6931471824645996
    """
    ### BEGIN SOLUTION
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))
    ### END SOLUTION


# %%
print(float(in_batch_loss(ops.zeros((2, 3)), ops.zeros((2, 3)), ops.full((2,), 0.5))))

# %%
check("7.2", in_batch_loss)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. En la tabla de puntuaciones, con el usuario i en la fila i y la película j en la columna j, ¿dónde están las respuestas correctas? ¿Y a lo largo de qué eje va la proporción de una película?
# 2. `ops.matmul(user_vectors, ops.transpose(movie_vectors))` es la tabla. Un arreglo de forma (n,) se resta de cada *fila* suya, columna por columna, como debe ser. `ops.logsumexp(scores, axis=1)` y `ops.diagonal(scores)` son las dos partes.
#
# ```python
# scores = ops.matmul(..., ops.transpose(...))
# scores = scores - ...
# return ops.mean(... - ops.diagonal(...))
# ```
#
# **Fíjate**
#
# Restar log q es un lastre para las películas populares en el entrenamiento: para ganar ahí, sus propios productos tienen que hacerse más grandes. Cuando se usan sin el lastre, siguen siendo más grandes.

# %% [markdown]
# Las torres. La del usuario es como en la lección 05: los vectores de lo que vio, ahora ponderados con sus estrellas, y sin la película del propio par. Una película tiene un vector y un sesgo. Para que todo sea *un solo* producto punto, el sesgo se añade al final del vector de la película, y un 1 al del usuario: así, quien sabe buscar por producto punto sabe también buscar por producto punto más sesgo.


# %%
class TwoTowers(keras.Model):
    """Las puntuaciones son vectores de usuario · vectores de película."""

    def __init__(self, stars, movie_share, n_factors=32):
        super().__init__()
        self.stars = ops.convert_to_tensor(stars)
        self.movie_share = ops.convert_to_tensor(movie_share)
        self.n_movies = stars.shape[1]
        start = keras.initializers.RandomNormal(stddev=0.05)
        self.when_watched = layers.Embedding(self.n_movies, n_factors, start)
        self.when_watched.build()
        self.movie_factors = layers.Embedding(self.n_movies, n_factors, start)
        self.movie_bias = layers.Embedding(self.n_movies, 1, "zeros")
        self.dropout = layers.Dropout(0.5)

    def user_vectors(self, history, training=False):
        """De estrellas / 5 de las películas (0: no vista); forma (n, n_factors + 1)."""
        amount = ops.sqrt(ops.maximum(ops.sum(history, axis=1, keepdims=True), 1.0))
        vectors = ops.matmul(history / amount, self.when_watched.embeddings)
        vectors = self.dropout(vectors, training=training)
        return ops.concatenate([vectors, ops.ones_like(amount)], axis=1)

    def movie_vectors(self, movie):
        """De índices de películas; forma (n, n_factors + 1)."""
        return ops.concatenate(
            [self.movie_factors(movie), self.movie_bias(movie)], axis=1
        )

    def call(self, batch, training=False):
        history = ops.take(self.stars, batch["user"], axis=0)
        history = history * (1 - ops.one_hot(batch["movie"], self.n_movies))
        return self.user_vectors(history, training), self.movie_vectors(batch["movie"])

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """Lo que `fit` minimiza en lugar de una pérdida de Keras."""
        return in_batch_loss(*y_pred, ops.take(self.movie_share, x["movie"]))


# %% [markdown]
# La partición es la de la lección 05, para que podamos comparar. El modelo se entrena dos veces: como debe ser, y con proporciones iguales para todas las películas, lo que anula la corrección. (Ocho épocas: elegidas con las valoraciones de validación.)

# %%
ranked = ranking_split(movielens, fold=1, valid=0.1, filtered=True, seed=0)
known = pd.concat([ranked.train, ranked.valid])
stars = np.zeros((ranked.n_users, ranked.n_movies), dtype="float32")
stars[known["user"], known["movie"]] = known["rating"] / 5
counts = np.bincount(known["movie"], minlength=ranked.n_movies) + 1.0
movie_share = (counts / counts.sum()).astype("float32")
relevance = relevance_matrix(ranked.test, ranked.n_users, ranked.n_movies)


def train_towers(share):
    keras.utils.set_random_seed(5)
    towers = TwoTowers(stars, share)
    towers.compile(keras.optimizers.Adam(0.01), steps_per_execution=10)
    towers.fit(pairs(known), np.zeros(len(known)), batch_size=512, epochs=8, verbose=0)
    return towers


def ndcg_of(scores):
    return ndcg_at_k(relevance, mask_pairs(scores, known), 10)


towers = train_towers(movie_share)
user_vectors = np.asarray(towers.user_vectors(stars))
movie_vectors = np.asarray(towers.movie_vectors(np.arange(ranked.n_movies)))
uncorrected = train_towers(np.full_like(movie_share, 1 / ranked.n_movies))
their_users = np.asarray(uncorrected.user_vectors(stars))
their_movies = np.asarray(uncorrected.movie_vectors(np.arange(ranked.n_movies)))
popular = score_all(
    Popularity().fit(known, ranked.n_movies), ranked.n_users, ranked.n_movies
)
by_name = {
    "dos torres": ndcg_of(user_vectors @ movie_vectors.T),
    "popularity": ndcg_of(popular),
    "dos torres, sin corregir": ndcg_of(their_users @ their_movies.T),
}
plots.plot_bars(
    by_name,
    by_name.values(),
    "Lo que hace un logaritmo",
    "NDCG@10",
    highlight=["dos torres"],
)
add_to_scoreboard(
    "dos torres",
    edition=movielens.name,
    split=ranked.name,
    lesson="07",
    **{"ndcg@10": by_name["dos torres"]},
)

# %% tags=["nbval-check-output"]
verdict("NDCG@10 de las dos torres", by_name["dos torres"], at_least=0.40)
verdict("NDCG@10 sin logQ", by_name["dos torres, sin corregir"], at_most=0.25)

# %% [markdown]
# Una línea de la pérdida, y de ella depende que las listas sean tan buenas como las de la red de la lección 05 (alrededor de 0.42) o mucho peores que la simple popularidad. Nada en el entrenamiento del segundo modelo te avisa. Responde a otra pregunta, «¿qué película es típica de ti *y no de otros*?», y la responde bien. Solo que nadie la hizo.
#
# ## Lo bastante cerca
#
# Ahora, la última línea del papel: ¿cómo encontrar las diez mejores de un millón sin una puntuación para cada una? Los vectores de las películas se conocen de antemano, así que es posible prepararse. Un *índice aproximado de vecinos más cercanos* conecta cada vector con algunos de los que tiene cerca, y una búsqueda camina por esas conexiones, siempre hacia productos mayores, hasta que no encuentra nada mejor. (El método se llama HNSW.) Mira unos cientos de vectores en vez de todos. A veces se le escapa alguno.
#
# Nuestras 1,300 películas no necesitan ningún índice, así que montamos una tienda de 50,000: cada película cuarenta veces, con un poco de ruido añadido. (Inventada, y lo decimos: lo que queremos medir es tiempo, y el tiempo no sabe nada de gustos.)
#
# ### Ejercicio 7.3 — construye un índice y averigua qué se le escapa (8 minutos)
#
# Con `usearch`: `Index(ndim=…, metric="ip", dtype="f32")`, donde `ip` es el producto interno. (Por defecto usa el coseno, que olvida las longitudes, y con ellas el sesgo; y números de 16 bits.) `index.add(keys, vectors)` añade vectores, cada uno con un número, aquí el de su fila. `index.search(vectors, n).keys` los busca, con el mejor primero, después de fijar `index.expansion_search`, el esfuerzo: cuántos candidatos mantiene a la vista una búsqueda. Para un único usuario, usearch devuelve una única fila; tú deberías devolver una tabla de todos modos.
#
# El *recall* de una búsqueda es la proporción de las n mejores de verdad que ha encontrado, en el orden que sea, promediada sobre los usuarios.


# %%
def build_index(movie_vectors):
    """Índice de vectores para buscar por producto interno; claves: números de fila.

    Parameters
    ----------
    movie_vectors : numpy.ndarray of float32, shape (n_movies, n_factors)
        El índice los guarda tal como son, en float32.

    Returns
    -------
    usearch.index.Index
    """
    ### BEGIN SOLUTION
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index
    ### END SOLUTION


def search_index(index, user_vectors, n, effort):
    """Las n mejores películas de cada usuario, hasta donde el índice las encuentra.

    Parameters
    ----------
    index : usearch.index.Index
    user_vectors : numpy.ndarray of float32, shape (n_users, n_factors)
        También de un único usuario.
    n : int
    effort : int
        El de esta búsqueda: `index.expansion_search`.

    Returns
    -------
    numpy.ndarray of int, shape (n_users, n), la mejor primero
    """
    ### BEGIN SOLUTION
    index.expansion_search = effort
    keys = index.search(user_vectors, n).keys
    return np.reshape(keys, (len(user_vectors), n)).astype(int)
    ### END SOLUTION


def recall_of(found, exact):
    """Proporción media de la lista exacta de cada usuario que está en la encontrada.

    Parameters
    ----------
    found, exact : numpy.ndarray of int, shape (n_users, n)
        En cada fila, una película aparece una vez como mucho.

    Returns
    -------
    float

    Examples
    --------
    >>> recall_of(np.array([[3, 1], [5, 6]]), np.array([[1, 3], [6, 9]]))
    0.75
    """
    ### BEGIN SOLUTION
    shares = [np.isin(e, f).mean() for f, e in zip(found, exact, strict=True)]
    return float(np.mean(shares))
    ### END SOLUTION


# %%
print(recall_of(np.array([[3, 1], [5, 6]]), np.array([[1, 3], [6, 9]])))
few_vectors = np.array([[0.0, 1.0], [3.0, 0.0], [0.0, 2.0]], dtype="float32")
print(search_index(build_index(few_vectors), few_vectors[:1], n=2, effort=8).tolist())

# %%
check("7.3", build_index, search_index, recall_of)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué necesita saber un índice de antemano, y qué solo cuando busca? ¿Y le importa al recall el orden dentro de una lista?
# 2. `Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")`, y después `add` con `np.arange(…)` como claves. `np.isin(exact[i], found[i])` dice cuáles de la lista exacta del usuario i se encontraron.
#
# ```python
# index = Index(ndim=..., metric="ip", dtype="f32")
# index.add(np.arange(...), ...)
# ...
# index.expansion_search = ...
# keys = index.search(..., ...).keys
# return np.reshape(keys, (..., ...)).astype(int)
# ```
#
# **Fíjate**
#
# El índice nunca dice que se le ha escapado algo. Solo la lista exacta lo sabe, así que guarda una para algunos usuarios.

# %%
rng = np.random.default_rng(0)
shop_vectors = np.repeat(movie_vectors, 40, axis=0)[:50_000]
noise = 0.5 * movie_vectors.std(axis=0) * rng.normal(size=shop_vectors.shape)
shop_vectors = (shop_vectors + noise).astype("float32")


def exact_lists(movie_vectors, user_vectors, n):
    """Las n mejores de cada usuario, en orden: puntúa todas, ordena solo esas n."""
    scores = user_vectors @ movie_vectors.T
    best = np.argpartition(-scores, n, axis=1)[:, :n]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
    return np.take_along_axis(best, order, axis=1)


def best_seconds(function, *arguments, repeats=3):
    """Lo que devuelve, y el menor tiempo que tardó."""
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        answer = function(*arguments)
        seconds.append(time.perf_counter() - started)
    return answer, min(seconds)


def plain_numbers(axis):
    """Rotula un eje logarítmico con 1, 2, 5, 10, 20, …"""
    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter("")


exact, exact_seconds = best_seconds(exact_lists, shop_vectors, user_vectors, 10)


def measure_index(movie_vectors, user_vectors, exact, exact_seconds):
    """Recall@10 y cuántas veces más rápido que puntuarlo todo, según el esfuerzo."""
    started = time.perf_counter()
    index = build_index(movie_vectors)
    print(f"índice de {len(index):,} construido en {time.perf_counter() - started:.1f} s")
    measured = []
    for effort in (10, 20, 40, 80, 160, 320):
        found, seconds = best_seconds(search_index, index, user_vectors, 10, effort)
        measured.append((effort, recall_of(found, exact), exact_seconds / seconds))
    return pd.DataFrame(measured, columns=["effort", "recall", "veces más rápido"])


as_they_are = measure_index(shop_vectors, user_vectors, exact, exact_seconds)
as_they_are.round(2)

# %% [markdown]
# Rápido, y se le escapan muchas: incluso con el mayor esfuerzo, unas cuatro de cada diez. Sin la lista exacta al lado, nadie se habría dado cuenta. ¿Qué ha fallado? El paseo necesita *vecinos*: si A está cerca de B y B cerca de C, A no debería estar lejos de C. Un producto punto no funciona así. Un vector largo tiene productos grandes con todo, así que muchos paseos acaban en los mismos pocos vectores largos.
#
# El remedio es un truco con un número más. Sea $M$ la longitud del vector más largo. Añade al final de cada vector el número que lo hace igual de largo, $\sqrt{M^2 - \lVert m \rVert^2}$, y al de cada usuario, un 0. Los productos son los que eran (el número nuevo se multiplica por 0), pero ahora todas las películas están sobre una misma esfera, y el mayor producto es el del punto más cercano en ella.


# %%
def equally_long(vectors):
    """Añade a cada vector un número que lo hace tan largo como el más largo."""
    squares = np.sum(vectors**2, axis=1, keepdims=True)
    missing = np.sqrt(np.maximum(squares.max() - squares, 0))
    return np.concatenate([vectors, missing], axis=1)


def with_zero(vectors):
    return np.concatenate([vectors, np.zeros((len(vectors), 1), "float32")], axis=1)


on_a_sphere = measure_index(
    equally_long(shop_vectors), with_zero(user_vectors), exact, exact_seconds
)

axes = plt.figure().add_subplot()
for label, marker, table in [
    ("tal como son", "s--", as_they_are),
    ("igual de largos", "o-", on_a_sphere),
]:
    axes.plot(table["recall"], table["veces más rápido"], marker, label=label)
for _, row in on_a_sphere.iterrows():
    axes.annotate(
        f"{row['effort']:.0f}",
        (row["recall"], row["veces más rápido"]),
        textcoords="offset points",
        xytext=(5, 4),
    )
axes.set_xlabel("recall@10 frente a la lista exacta")
axes.set_ylabel("veces más rápido que puntuarlo todo")
axes.set_yscale("log")
plain_numbers(axes.yaxis)
axes.margins(x=0.1)
axes.set_title("El esfuerzo compra recall (números: esfuerzo)")
axes.legend()
plt.show()
on_a_sphere.round(2)

# %% tags=["nbval-check-output"]
verdict("recall@10, igual de largos", on_a_sphere["recall"].iloc[-1], at_least=0.9)
verdict("recall@10, tal como son", as_they_are["recall"].iloc[-1], at_most=0.8)

# %% [markdown]
# *Cómo leer la figura:* en cada curva, de izquierda a derecha: más esfuerzo, más *recall*, menos velocidad. La discontinua nunca llega lejos. En la otra no hay un punto correcto, solo uno que alguien eligió: una tienda que muestra diez de un millón puede vivir con que le falte una de cada veinte, porque de todas formas no conoce el orden verdadero. Pero tiene que saber *que* es una de cada veinte y, por eso, calcular de vez en cuando la lista exacta de algunos usuarios, como hemos hecho. Con un millón de vectores, puntuarlo todo tarda veinte veces más; la búsqueda apenas lo nota.
#
# ## ¿Qué te diría que vieras?
#
# Tus diez películas de la lección 01, por la torre de usuarios y a un índice. Sin entrenar, y sin una fila en ninguna tabla.

# %%
mine = my_ratings(movielens)
print("un estudiante inventado" if mine.attrs["invented"] else "tus propias valoraciones")
mine = mine[mine["movie_id"].isin(ranked.movies.ids)]
my_rows = ranked.movies.encode(mine["movie_id"])
my_history = np.zeros((1, ranked.n_movies), dtype="float32")
my_history[0, my_rows] = mine["rating"] / 5
my_vector = np.asarray(towers.user_vectors(my_history))
index = build_index(equally_long(movie_vectors))
found = search_index(index, with_zero(my_vector), n=len(my_rows) + 5, effort=64)
my_scores = np.full(ranked.n_movies, -np.inf)
unseen = np.setdiff1d(found[0], my_rows)
my_scores[unseen] = movie_vectors[unseen] @ my_vector[0]
recommend(my_scores, ranked, movielens.movies, n=5).round(2)

# %% [markdown]
# (El índice no sabe qué has visto. Así que se le piden más películas y se quita lo ya visto: cinco, y tantas como hayas valorado. Y `score` es un producto punto, no un número de estrellas.)
#
# Lee la lista con ojo crítico. La torre suma lo que viste, cada película según sus estrellas, de modo que dos estrellas cuentan como un *sí* débil y nunca como un no. ¿Hay en ella alguna película que se parezca a una que no te gustó? ¿Cómo se lo dirías a la torre, y qué medirías para saber si ha servido?
#
# ## Para recordar
#
# - Las valoraciones cuestan tiempo y pueden quedarse en un disco; las tablas cuestan memoria, y encima van los *slots* del optimizador. Haz primero las cuentas sobre el papel.
# - Los flujos tienen un orden. Baraja los bloques, y baraja dentro de los bloques.
# - El paso de un optimizador denso crece con el catálogo; el de uno perezoso, con el lote.
# - Varios *workers* aprenden exactamente lo que aprende uno. Que lo hagan *más rápido* depende de cuánto se calcula por byte enviado, y las tablas son el caso malo.
# - Guarda pesos, *slots* y el punto en que estás; escribe en otro sitio y después renombra; deja que alguien vigile.
# - Los negativos del lote son gratis, una vez descontada la popularidad.
# - Un índice encuentra casi lo mejor, y rápido. Mide el *casi*.
#
# ## Para seguir leyendo
#
# - P. Covington, J. Adams y E. Sargin, [Deep Neural Networks for YouTube Recommendations](https://doi.org/10.1145/2959100.2959190), 2016: dos etapas, primero buscar y después ordenar.
# - X. Yi et al., [Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations](https://doi.org/10.1145/3298689.3346996), 2019: dos torres y logQ.
# - M. Naumov et al., [Deep Learning Recommendation Model for Personalization and Recommendation Systems](https://arxiv.org/abs/1906.00091), 2019: las tablas, troceadas; las redes, copiadas.
# - Y. Bachrach et al., [Speeding Up the Xbox Recommender System Using a Euclidean Transformation for Inner-Product Spaces](https://doi.org/10.1145/2645710.2645741), 2014: vectores que se hacen igual de largos.
# - Y. Malkov y D. Yashunin, [Efficient and Robust Approximate Nearest Neighbor Search Using Hierarchical Navigable Small World Graphs](https://arxiv.org/abs/1603.09320), 2016: el índice.
# - S. Rendle et al., [Neural Collaborative Filtering vs. Matrix Factorization Revisited](https://arxiv.org/abs/2005.09683), 2020: por qué la puntuación sigue siendo un producto punto.
#
# **Siguiente:** hasta aquí el curso. Construye algo: tus propias valoraciones, otro conjunto de datos, un modelo de las listas de arriba, y un modelo base a su lado.

# %% tags=["instructor"]
# Minutos: 120, o dos clases de una hora: la parte que empieza en «Dos torres» se sostiene sola. Si falta tiempo, deja fuera «Valoraciones que se quedan en el disco». Los *workers* necesitan alrededor de 1 GB de memoria cada uno; donde una máquina tenga menos, muestra las salidas de la solución. Los tiempos varían mucho de una máquina a otra: deja que los estudiantes discutan con sus propias cifras, no con las nuestras. Ideas equivocadas: «una época cuesta lo que cuestan sus valoraciones»; «dos *workers* van el doble de rápido»; «con más *workers* el modelo se vuelve otro»; «los negativos del propio lote son un detalle»; «una lista aproximada es una lista equivocada».
#
# **Pregunta abierta**
#
# - ¿Cómo le dirías a la torre que algo no gustó? Restar la media de las estrellas del usuario, o llevar un segundo historial con lo que no gustó; medir el NDCG con las valoraciones de validación, y cuántas veces aparecen en las listas películas de dos estrellas o menos. *Completa:* un cambio en el historial y una medición con valoraciones de validación; *a medias:* una de las dos cosas; *nula:* «entrenar más tiempo».
#
# **Preguntas por escrito** (unas cinco frases cada una, sin código)
#
# 1. Con producto punto + sesgos, una época tardó varias veces más con dos *workers* que con uno. Con la red ancha, dos *workers* perdieron mucho menos, o ganaron. Explica la diferencia. ¿Qué hacen los sistemas grandes con sus tablas?
#
#    *Respuesta modelo.* En cada paso los *workers* calculan gradientes con su parte del lote y después intercambian los gradientes de todos los pesos. Con producto punto + sesgos, un lote apenas da que calcular, así que casi todo el tiempo se va en el intercambio y dos *workers* son más lentos. La red ancha calcula miles de veces más, así que pierde menos, y puede ganar si cada *worker* tiene un núcleo para él solo. Lo que cuenta es el cálculo por byte enviado. Las tablas tienen muchos pesos y poco que calcular con cada uno, así que los sistemas grandes las parten (en fragmentos) y envían solo las filas que toca un lote.
#
#    *Completa:* un intercambio en cada paso, el cálculo por byte enviado, y fragmentos o actualizaciones dispersas; *a medias:* «enviar lleva tiempo», sin compararlo con el cálculo; *nula:* dos *workers* tardan la mitad, o aprenden otra cosa.
#
# 2. Dos torres entrenadas sin la corrección logQ dan listas mucho peores, aunque nada en el entrenamiento lo avisa. ¿Por qué son peores, y cómo te das cuenta?
#
#    *Respuesta modelo.* Los negativos de un par son las demás películas de su lote. Una película popular está en muchos lotes, así que es un negativo mucho más a menudo que otras, y el modelo aprende a empujarla hacia abajo. La corrección resta de la puntuación de una película el logaritmo de su proporción, solo en el entrenamiento, y así lo compensa. Sin ella, el modelo aprende qué película es típica de ti *y no de los demás*, y su pérdida baja igualmente. Solo lo muestra una medición de las listas con valoraciones que se dejaron aparte: el NDCG@10 queda por encima de 0.40 con la corrección y por debajo de 0.25 sin ella, mucho peor que la simple popularidad.
#
#    *Completa:* las películas populares son negativos demasiado a menudo, qué hace la corrección, y el NDCG con valoraciones que se dejaron aparte; *a medias:* la razón sin la medición, o al revés; *nula:* «hacen falta más negativos», o «la pérdida lo muestra».
