# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/09_scaling.ipynb)

# %% [markdown]
# # 9 · Scaling: more ratings than memory, more work than one machine
#
# This lesson is optional. It is about training: ratings that do not fit into memory, tables with so many rows that an ordinary optimizer spends its time on rows that a batch does not use, and several workers that train one model. You estimate first and measure then, on your own computer.
#
# **Al terminar, podrás**
#
# - entrenar con valoraciones que se quedan en el disco, y decir qué efecto tiene su orden;
# - explicar por qué Adam toca todas las filas de todas las tablas, y escribir la actualización que no lo hace;
# - escribir un paso de entrenamiento propio, y ejecutarlo en varios *workers* con resultados iguales;
# - resume a training that was interrupted, and survive the loss of a worker.
#
# **Time** 70 minutes to work through, and about two minutes of computing. **Before this** lessons 01 to 05, and exercise 7.1.

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
# ## What a step costs
#
# Lesson 07 counted the bytes of dot + bias and of its optimizer. Here is the function
# again.


# %%
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    """Bytes of dot + bias, its weights and the optimizer's slots (exercise 7.1)."""
    n_weights = (n_users + n_movies) * (n_factors + 1)
    return 4 * n_weights * (1 + slots)


# %% [markdown]
# Ahora un modelo, para ver si el papel tiene razón, y tres tamaños sobre el papel. ml-32m es el MovieLens más grande; la última línea es una tienda.


# %%
def build_model(n_users, n_movies, mean, n_factors=16, table=layers.Embedding):
    """Producto + sesgos; `table` es el tipo de capa de embedding que usa."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    match = layers.Dot(axes=-1)(
        [
            table(n_users, n_factors, name="user_factors")(user),
            table(n_movies, n_factors, name="movie_factors")(movie),
        ]
    )
    user_bias = table(n_users, 1, "zeros", name="user_bias")(user)
    movie_bias = table(n_movies, 1, "zeros", name="movie_bias")(movie)
    deviation = layers.Add()([match, user_bias, movie_bias])
    rating = layers.Rescaling(1.0, offset=mean)(deviation)
    return keras.Model({"user": user, "movie": movie}, rating)


model = build_model(n_users, n_movies, mean)
optimizer = keras.optimizers.Adam(0.01)
optimizer.build(model.trainable_variables)
held = sum(
    np.asarray(v).nbytes for v in model.variables + optimizer.variables if len(v.shape)
)
print(f"en la memoria:  {held:,} bytes")
print(f"sobre el papel: {bytes_to_train(n_users, n_movies, 16):,} bytes")
pd.DataFrame(
    {
        name: {
            "valoraciones (GB)": 12 * ratings / 1e9,
            "modelo y Adam (GB)": bytes_to_train(users, movies, 64) / 1e9,
        }
        for name, users, movies, ratings in [
            ("ml-100k", 943, 1_682, 100_000),
            ("ml-32m", 200_948, 84_432, 32_000_204),
            ("una tienda", 100_000_000, 1_000_000, 10_000_000_000),
        ]
    }
).T.round(3)

# %% [markdown]
# El papel acierta hasta el último byte. Y mira la tienda: sus *valoraciones*, que son diez mil millones, ocupan 120 gigabytes que pueden quedarse en un disco. Sus *tablas* ocupan ochenta gigabytes que no pueden, y casi todos son de los usuarios. Recuérdalo cuando lleguemos al final.
#
# Ahora le toca al **tiempo**. Un paso de entrenamiento lee las filas de un lote, calcula y cambia esas filas.

# %% [markdown] tags=["question"]
# Un lote tiene 1,024 valoraciones. Los usuarios y las películas pasan a ser diez veces más; el lote se queda como está. ¿Cuánto tarda un paso con Adam, una vez que las tablas son grandes?
#
# - [ ] Lo mismo que antes: lee 1,024 filas, como antes
#   - *Leer*, lee 1,024 filas. Pero ¿qué hace Adam con sus dos medias móviles de todas las demás? Lo dice una figura de más abajo, en «Lo que toca un paso».
# - [ ] Más o menos el triple: la raíz cuadrada de diez
#   - Aquí no hay nada que crezca con una raíz cuadrada. Cuenta lo que Adam tiene que tocar en un paso.
# - [x] Más o menos diez veces más
#   - Cada paso encoge las medias móviles de *todas* las filas, y mueve con ellas todas las filas. La figura de «Lo que toca un paso» muestra la recta.
# - [ ] Más o menos cien veces más: usuarios × películas
#   - Las tablas tienen una fila por cada usuario y por cada película, no por cada par. Diez veces más de ambos son diez veces más filas.

# %%
quiz("9.a")

# %% [markdown]
# Ahora lo medimos, con valoraciones inventadas de tres tamaños. (`synthetic` las saca de factores que conoce, con la cola larga de MovieLens.) De una línea a la siguiente crece todo: valoraciones, usuarios y películas. Los lotes son de 1,024 valoraciones.

# %%
rows = []
for users, movies, ratings in [
    (500, 800, 20_000),
    (1_500, 2_500, 80_000),
    (4_000, 6_500, 320_000),
]:
    made_up = synthetic(users, movies, ratings, seed=1).ratings
    x = {
        "user": made_up["user_id"].to_numpy(dtype="int32") - 1,
        "movie": made_up["movie_id"].to_numpy(dtype="int32") - 1,
    }
    y = made_up["rating"].to_numpy(dtype="float32")
    model = build_model(users, movies, 3.5)
    model.compile(keras.optimizers.Adam(0.01), loss="mse", steps_per_execution=20)
    epochs = []
    for _ in range(3):  # the first one builds the graph, too
        started = time.perf_counter()
        model.fit(x, y, batch_size=1024, verbose=0)
        epochs.append(time.perf_counter() - started)
    seconds = min(epochs)
    rows.append(
        {
            "users": users,
            "movies": movies,
            "ratings": ratings,
            "valoraciones (MB)": 12 * ratings / 1e6,
            "modelo y Adam (MB)": bytes_to_train(users, movies, 16) / 1e6,
            "época (s)": round(seconds, 2),
            "por valoración (µs)": round(1e6 * seconds / ratings, 1),
        }
    )
pd.DataFrame(rows)

# %% [markdown]
# Una época tarda más cuantas más valoraciones hay, como debe ser. Mira ahora la última columna: una sola valoración cuesta unas millonésimas de segundo, y el conjunto *más pequeño* no es el más barato, porque en él son pocas las valoraciones que se reparten lo que cuesta arrancar. Si las tablas cuestan tiempo, aquí es difícil saberlo: todavía son pequeñas. Enseguida las haremos grandes, en «Lo que toca un paso».
#
# ## Valoraciones que se quedan en el disco
#
# Primero, las valoraciones. NumPy puede abrir un archivo *sin leerlo* (`mmap_mode="r"`): se lee el *slice* que tomas, y lo demás se queda donde está. Así que se lee un **bloque**, unos miles de filas de una vez, se entrena con él y se olvida.
#
# Pero el archivo tiene un orden. Los registros van por fecha; las exportaciones, muchas veces por usuario o por película; y un modelo que ve las películas una tras otra no aprende lo mismo que uno que las ve mezcladas. Para mezclar el archivo entero habría que leerlo saltando de fila en fila, cosa que un disco odia. El compromiso habitual: tomar los *bloques* en orden aleatorio y mezclar las valoraciones dentro de cada bloque.
#
# ### Ejercicio 9.1 — bloques en orden aleatorio (5 minutos)
#
# Planifica una época. Cada valoración tiene que estar exactamente en un bloque, el último bloque del archivo es lo que sobra, y el orden de los bloques es nuevo en cada época.


# %%
def plan_blocks(n_ratings, block_size, rng):
    """Corta un archivo en bloques y baraja los bloques.

    Parameters
    ----------
    n_ratings, block_size : int
        Al menos 1; un bloque puede ser más grande que el archivo.
    rng : numpy.random.Generator
        De donde sale todo el azar. Cada orden de los bloques es tan probable como
        cualquier otro.

    Returns
    -------
    list of tuple (int, int)
        Primera fila de un bloque y fila siguiente a la última, como en un slice.

    Examples
    --------
    >>> sorted(plan_blocks(10, 4, np.random.default_rng(0)))
    [(0, 4), (4, 8), (8, 10)]
    """
    ### BEGIN SOLUTION
    starts = rng.permutation(np.arange(0, n_ratings, block_size))
    return [(int(s), min(int(s) + block_size, n_ratings)) for s in starts]
    ### END SOLUTION


# %%
print(sorted(plan_blocks(10, 4, np.random.default_rng(0))))
print(plan_blocks(10, 4, np.random.default_rng(0)), "según el plan")

# %%
check("9.1", plan_blocks)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Dónde empieza cada bloque, para 10 valoraciones en bloques de 4? ¿Qué tienen en común esos números?
# 2. `np.arange(0, n_ratings, block_size)` da los comienzos. Barájalos con `rng.permutation`. Un bloque acaba `block_size` después, pero nunca más allá del final del archivo.
#
# ```python
# starts = rng.permutation(np.arange(0, ..., ...))
# return [(int(s), min(..., ...)) for s in starts]
# ```
#
# **Fíjate**
#
# Solo el *orden* de los bloques es aleatorio, así que el disco sigue leyendo tramos largos. Dentro de un bloque, las valoraciones se mezclan en la memoria, donde saltar no cuesta nada.

# %% [markdown]
# El archivo: las valoraciones de entrenamiento ordenadas por película, tal como podría entregarlas un almacén de datos. `tf.data` convierte un generador de bloques de Python en un flujo de lotes, y lee el bloque siguiente mientras el modelo todavía calcula (`prefetch`).

# %%
in_file = train.sort_values(["movie", "user"])
np.save(work / "pairs.npy", in_file[["user", "movie"]].to_numpy(dtype="int32"))
np.save(work / "stars.npy", in_file["rating"].to_numpy(dtype="float32"))


def read_in_blocks(block_size, seed, shuffled=True):
    """Lotes de 1,024 desde el disco, los de una época; en memoria hay pocos bloques."""

    def blocks():
        rng = np.random.default_rng(seed)
        the_pairs = np.load(work / "pairs.npy", mmap_mode="r")
        stars = np.load(work / "stars.npy", mmap_mode="r")
        plan = plan_blocks(len(stars), block_size, rng)
        for start, stop in plan if shuffled else sorted(plan):
            order = np.arange(stop - start)
            if shuffled:
                rng.shuffle(order)
            block = the_pairs[start:stop][order]
            yield {"user": block[:, 0], "movie": block[:, 1]}, stars[start:stop][order]

    numbers = tf.TensorSpec((None,), "int32")
    signature = {"user": numbers, "movie": numbers}, tf.TensorSpec((None,), "float32")
    stream = tf.data.Dataset.from_generator(blocks, output_signature=signature)
    stream = stream.rebatch(1024).prefetch(2)
    # A generator cannot tell how much is to come, and `fit` likes to know.
    n_batches = -(-len(train) // 1024)
    return stream.apply(tf.data.experimental.assert_cardinality(n_batches))


curves = {}
for name, block_size, shuffled in [
    ("en el orden del archivo", 8_192, False),
    ("bloques de 8,192, barajados", 8_192, True),
    ("todo barajado", len(train), True),
]:
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean)
    model.compile(keras.optimizers.Adam(0.01), loss="mse", steps_per_execution=10)
    curves[name] = []
    for epoch in range(3):
        stream = read_in_blocks(block_size, epoch, shuffled)
        model.fit(stream, shuffle=False, verbose=0)
        predicted = model.predict(pairs(valid), batch_size=8192, verbose=0)
        curves[name].append(rmse(valid["rating"], predicted))
pd.DataFrame(curves, index=pd.RangeIndex(1, 4, name="epoch")).round(3)

# %% tags=["nbval-check-output"]
lost = min(curves["en el orden del archivo"]) - min(curves["todo barajado"])
verdict("RMSE de validación que se pierde por el orden del archivo", lost, inside=(0.005, 0.05))

# %% [markdown]
# Compara la mejor época de cada columna. El orden del archivo cuesta de una a dos centésimas de estrella, y ya sabes por la lección 03 qué son dos centésimas: tanto como aportaron todos los vectores de gusto juntos. Los bloques barajados recuperan una parte, y en la memoria nunca hubo más de dos o tres. Con bloques más grandes te acercas más a la última columna, y gastas más memoria. (Prueba con 32,768.) Nada falló, nada avisó: quien lee en flujo un archivo ordenado obtiene un modelo algo peor, y nunca se entera.
#
# ## Lo que toca un paso
#
# Vamos ahora con las tablas. Un lote de 1,024 valoraciones lee como mucho 1,024 filas de una tabla, así que solo esas tienen gradiente. TensorFlow lo sabe, y entrega justo esas filas:

# %%
model = build_model(n_users, n_movies, mean)
with tf.GradientTape() as tape:
    few = {name: values[:1024] for name, values in pairs(train).items()}
    loss = ops.mean(ops.square(model(few)[:, 0] - train["rating"].to_numpy()[:1024]))
gradient = tape.gradient(loss, model.trainable_variables)[0]
print(
    f"{type(gradient).__name__}: {gradient.values.shape[0]} entradas, para "
    f"{len(np.unique(gradient.indices))} filas distintas de una tabla de {n_users}"
)

# %% [markdown]
# `IndexedSlices`: una lista de números de fila y, por cada uno, una fila de gradientes. Un usuario que está tres veces en el lote está tres veces en la lista; así que puede haber más entradas que filas en la tabla.
#
# ¿Qué hace Adam con eso? Sus dos *slots* son medias *móviles*, así que en cada paso ambos se encogen un poco, también los de las filas sin gradiente, y mientras un *slot* no haya llegado a cero, su fila se sigue moviendo. Así que en cada paso se leen y se escriben todas las filas de todas las tablas. Una actualización así se llama *densa*. Es lo que dice la fórmula, y Keras hace lo que dice la fórmula.
#
# Un Adam *perezoso* (o *disperso*) deja en paz las filas que el lote no toca. A las que sí toca, con su gradiente $g$ en el paso $t$ (contado desde 1) y la tasa de aprendizaje $\eta$, les hace esto:
#
# $$m \leftarrow 0.9\,m + 0.1\,g, \qquad v \leftarrow 0.999\,v + 0.001\,g^2,$$
# $$w \leftarrow w - \eta\,
# \frac{m / (1 - 0.9^t)}{\sqrt{v / (1 - 0.999^t)} + 10^{-7}}$$
#
# (Las divisiones entre $1 - 0.9^t$ y $1 - 0.999^t$ compensan que los *slots* hayan empezado en 0; el $10^{-7}$ evita que una fila sin ningún gradiente divida entre 0.)
#
# ### Ejercicio 9.2 — un paso perezoso (10 minutos)
#
# En NumPy. Tiene una trampa, y acabas de leer cuál: una fila que aparece varias veces tiene *un solo* gradiente, la suma, y se actualiza una sola vez.


# %%
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    """Un paso de Adam para las filas que un lote ha tocado.

    Parameters
    ----------
    table, m, v : numpy.ndarray of float, shape (n_rows, n_factors)
        Los pesos y sus dos slots.
    rows : numpy.ndarray of int, shape (n,), n al menos 1
        En cualquier orden. Puede contener una fila varias veces.
    gradients : numpy.ndarray of float, shape (n, n_factors)
        Los que corresponden a `rows`.
    t : int
        El número de este paso, desde 1.
    rate : float

    Returns
    -------
    table, m, v : numpy.ndarray of float, shape (n_rows, n_factors)
        Después del paso: arreglos nuevos; los recibidos quedan como están. Las filas
        que no están en `rows` siguen como antes.

    Examples
    --------
    >>> zeros = np.zeros((3, 1))
    >>> rows, gradients = np.array([2, 0, 2]), np.array([[1.0], [-3.0], [1.0]])
    >>> table, m, v = lazy_adam_step(zeros, zeros, zeros, rows, gradients, t=1)
    >>> table.round(4).ravel().tolist(), m.round(4).ravel().tolist()
    ([0.01, 0.0, -0.01], [-0.3, 0.0, 0.2])
    """
    ### BEGIN SOLUTION
    touched, place = np.unique(rows, return_inverse=True)
    gradient = np.zeros((len(touched), table.shape[1]))
    np.add.at(gradient, place, gradients)
    table, m, v = table.copy(), m.copy(), v.copy()
    m[touched] = 0.9 * m[touched] + 0.1 * gradient
    v[touched] = 0.999 * v[touched] + 0.001 * gradient**2
    step = (m[touched] / (1 - 0.9**t)) / (np.sqrt(v[touched] / (1 - 0.999**t)) + 1e-7)
    table[touched] -= rate * step
    return table, m, v
    ### END SOLUTION


# %%
zeros = np.zeros((3, 1))
rows, gradients = np.array([2, 0, 2]), np.array([[1.0], [-3.0], [1.0]])
table, m, v = lazy_adam_step(zeros, zeros, zeros, rows, gradients, t=1)
print(table.round(4).ravel().tolist(), m.round(4).ravel().tolist())

# %%
check("9.2", lazy_adam_step)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué hace NumPy en `m[rows] = …` si un número está dos veces en `rows`?
# 2. `np.unique(rows, return_inverse=True)` da cada fila una vez y, por cada gradiente, en qué lugar está su fila entre ellas; `np.add.at(sums, place, gradients)` va sumando, incluidas las repetidas.
#
# ```python
# table, m, v = ..., ..., ...   # copias
# touched, place = np.unique(..., return_inverse=...)
# gradient = np.zeros((len(touched), ...))
# np.add.at(gradient, ..., ...)
# m[touched] = 0.9 * m[touched] + 0.1 * ...
# v[touched] = ...
# table[touched] -= rate * ...
# ```
#
# **Fíjate**
#
# Sumar primero no es un detalle: `table[rows] -= …`, con una fila tres veces en `rows`, la cambia una sola vez, sin avisar, con el último de los tres.

# %% [markdown]
# Lo mismo para Keras. Un optimizador de Keras tiene un método que cambia una tabla, `update_step`; el nuestro hace lo que acabas de escribir, en palabras de TensorFlow, y le deja a Keras todo lo que no sea una lista de filas.
#
# Hay un segundo gasto, escondido. El `Embedding` de Keras pide primero la tabla entera y después toma filas de ella; como la tabla está a punto de cambiar, TensorFlow tiene que *copiarla*. `tf.gather` sobre la propia variable lee solo las filas. Y hay un tercero: una L2 sobre la tabla es una suma sobre todas las filas, así que su gradiente las toca todas. `Lookup`, en cambio, cobra el impuesto a las filas que se han leído.


# %%
class LazyAdam(keras.optimizers.Adam):
    """Un Adam que solo cambia las filas que tienen gradiente."""

    def update_step(self, gradient, variable, learning_rate):
        if not isinstance(gradient, tf.IndexedSlices):
            return super().update_step(gradient, variable, learning_rate)
        rows, place = tf.unique(gradient.indices)
        g = tf.math.unsorted_segment_sum(gradient.values, place, tf.size(rows))
        number = self._get_variable_index(variable)
        slot_m, slot_v = self._momentums[number].value, self._velocities[number].value
        m = 0.9 * tf.gather(slot_m, rows) + 0.1 * g
        v = 0.999 * tf.gather(slot_v, rows) + 0.001 * g**2
        slot_m.scatter_update(tf.IndexedSlices(m, rows))
        slot_v.scatter_update(tf.IndexedSlices(v, rows))
        t = tf.cast(self.iterations + 1, "float32")
        step = (m / (1 - 0.9**t)) / (tf.sqrt(v / (1 - 0.999**t)) + 1e-7)
        variable.scatter_sub(tf.IndexedSlices(learning_rate * step, rows))
        return None


class Lookup(layers.Embedding):
    """Un embedding que lee, y grava con el impuesto, solo las filas que busca."""

    tax = 0.0  # times the mean square of the vectors looked up

    def call(self, rows):
        vectors = tf.gather(self.embeddings.value, rows)
        if self.tax:
            self.add_loss(self.tax * ops.mean(ops.sum(ops.square(vectors), axis=-1)))
        return vectors


# %% [markdown]
# Lo que escribimos hay que probarlo. Y tienes con qué: tu propio paso. Ambos reciben los mismos gradientes, con una fila que aparece dos veces.

# %%
rng = np.random.default_rng(0)
start, gradients = rng.normal(size=(5, 3)), rng.normal(size=(3, 3))
rows, zeros = np.array([4, 1, 4]), np.zeros((5, 3))
variable = keras.Variable(start.astype("float32"))
optimizer = LazyAdam(0.01)
optimizer.build([variable])
slices = tf.IndexedSlices(tf.constant(gradients, "float32"), tf.constant(rows), (5, 3))
optimizer.apply([slices], [variable])
yours, _, _ = lazy_adam_step(start, zeros, zeros, rows, gradients, t=1)
difference = np.abs(ops.convert_to_numpy(variable) - yours).max()
print(f"mayor diferencia: {difference:.1e}")

# %% [markdown]
# Un error de redondeo de float32. Ahora, el tiempo: un paso para un lote de 1,024, con tablas que van de mil a un cuarto de millón de filas cada una. Para comparar está el SGD simple, que no tiene ningún *slot*.

# %%
def milliseconds_a_step(table, optimizer, n_rows):
    """Tiempo de un paso, el mejor de varios; lote de 1,024, dos tablas de `n_rows`."""
    model = build_model(n_rows, n_rows, 3.5, table=table)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(pairs, stars):
        with tf.GradientTape() as tape:
            loss = ops.mean(ops.square(model(pairs)[:, 0] - stars))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)

    rng = np.random.default_rng(0)
    times = []
    for _ in range(11):
        user, movie = rng.integers(n_rows, size=(2, 1024)).astype("int32")
        batch = {"user": tf.constant(user), "movie": tf.constant(movie)}
        started = time.perf_counter()
        step(batch, tf.ones(1024))
        times.append(1000 * (time.perf_counter() - started))
    return min(times[1:])  # the first builds the graph


sizes = [1_000, 8_000, 64_000, 256_000]
steps = {
    name: [milliseconds_a_step(table, make(0.01), n) for n in sizes]
    for name, table, make in [
        ("Adam, Embedding", layers.Embedding, keras.optimizers.Adam),
        ("SGD, Embedding", layers.Embedding, keras.optimizers.SGD),
        ("LazyAdam, Embedding", layers.Embedding, LazyAdam),
        ("LazyAdam, Lookup", Lookup, LazyAdam),
    ]
}


def plain_numbers(axis):
    """Rotula un eje logarítmico con 1, 2, 5, 10, 20, …"""
    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter("")


axes = plt.figure().add_subplot()
for (name, values), marker in zip(steps.items(), "os^D", strict=True):
    axes.loglog(sizes, values, marker + "-", label=name)
plain_numbers(axes.yaxis)
axes.set_xlabel("filas de cada tabla")
axes.set_ylabel("un paso de 1,024 valoraciones (ms)")
axes.set_title("El lote es siempre el mismo. Las tablas, no.")
axes.legend()
plt.show()
pd.DataFrame(steps, index=pd.Index(sizes, name="rows")).round(2)

# %% tags=["nbval-check-output"]
ratio = steps["Adam, Embedding"][-1] / steps["LazyAdam, Lookup"][-1]
verdict("cuántas veces más rápido es un paso perezoso con 256,000 filas", ratio, at_least=5)

# %% [markdown]
# *Cómo leer la figura:* a la izquierda las curvas están muy juntas: con tablas pequeñas, un paso cuesta lo que cuesta ponerlo en marcha. Después la curva de Adam gira hacia arriba y se convierte en una recta, proporcional a las filas: ahí está la respuesta a la pregunta de antes. El SGD simple no tiene *slots*, y aun así sube: es la copia. Solo la última curva es (casi) plana: ahí un paso cuesta lo que cuesta el *lote*, por grande que sea el catálogo.
#
# Una palanca no está en la figura, y es una sola palabra: con `model.compile(..., jit_compile=True)`, el compilador de TensorFlow, XLA, funde las muchas operaciones pequeñas de un paso en unas pocas, que recorren las tablas menos veces. Compilar tarda un segundo o así, y otra vez con cada tamaño nuevo del lote. Por eso el ajuste de la lección 03 tardó así 3.1 segundos en lugar de 2.2 cuando lo probamos, pero una época de 7 millones de valoraciones 2.4 segundos en lugar de 4.9. Con pocos datos, déjala; con muchos, pruébala.
#
# ¿Es igual de bueno el perezoso? No es el mismo algoritmo: una fila que descansa conserva el impulso que tenía hasta que la vuelven a tocar. Cada uno, con el impuesto y sin él:

# %%
class TaxedLookup(Lookup):
    tax = 0.1


results = {}
for name, table, make in [
    ("Adam", Lookup, keras.optimizers.Adam),
    ("Adam gravado", TaxedLookup, keras.optimizers.Adam),
    ("LazyAdam", Lookup, LazyAdam),
    ("LazyAdam gravado", TaxedLookup, LazyAdam),
]:
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean, table=table)
    model.compile(
        make(0.01),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    history = model.fit(
        pairs(train),
        train["rating"],
        validation_data=(pairs(valid), valid["rating"]),
        batch_size=1024,
        epochs=5,
        verbose=0,
    )
    results[name] = min(history.history["val_rmse"])
    print(f"{name:16} mejor RMSE de validación {results[name]:.3f}")

# %% tags=["nbval-check-output"]
verdict("RMSE de validación de LazyAdam gravado", results["LazyAdam gravado"], inside=(0.90, 0.94))
lost = results["LazyAdam gravado"] - results["Adam gravado"]
verdict("RMSE que se pierde por ser perezoso", lost, inside=(-0.01, 0.01))

# %% [markdown]
# Sin impuesto, el perezoso es un poco peor; con él, ambos son mejores, y quedan empatados. Un modelo de este tipo necesita un impuesto de todos modos, como enseñó la lección 02.
#
# ## Un paso de entrenamiento propio
#
# `fit` es cómodo mientras un paso sea lo que Keras cree que es un paso. En varias máquinas no lo es. Así que esto es lo que hay dentro, en este orden:
#
# - el modelo predice en modo de entrenamiento (en el que el *dropout* sí apaga valores), mientras una *cinta* graba;
# - la pérdida es el error, *más* lo que le añaden las capas (L2, nuestro impuesto);
# - la cinta calcula los gradientes, y el optimizador los aplica.
#
# ### Ejercicio 9.3 — un paso de entrenamiento (8 minutos)
#
# `tf.GradientTape`, como en la celda de arriba que miraba un gradiente. Lo que las capas añaden a la pérdida está en `model.losses`, una lista, después de llamar al modelo. Y mira las formas antes de restar: las predicciones son una columna.


# %%
def training_step(model, optimizer, batch, ratings):
    """Entrena un paso con un lote, con el error cuadrático medio.

    Parameters
    ----------
    model : keras.Model
        Da predicciones de forma (n, 1).
    optimizer : keras.optimizers.Optimizer
        Cualquiera; puede que aún no haya visto los pesos del modelo.
    batch : dict
        ``user`` y ``movie``, tensores de int32, de forma (n,).
    ratings : tensor of float32, shape (n,)

    Returns
    -------
    tensor, shape () : la pérdida *antes* del paso, con todo lo que añaden las capas. (Un
        tensor y no un número de Python, para que `tf.function` compile el paso.)
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss
    ### END SOLUTION


# %%
model = build_model(n_users, n_movies, mean, table=TaxedLookup)
optimizer = LazyAdam(0.01)
few = {name: tf.constant(values[:1024]) for name, values in pairs(train).items()}
few_ratings = tf.constant(train["rating"].to_numpy(dtype="float32")[:1024])
for step in range(1, 5):
    loss = training_step(model, optimizer, few, few_ratings)
    print(f"paso {step}: pérdida {float(loss):.4f}")

# %%
check("9.3", training_step)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué tiene que pasar *dentro* del `with tf.GradientTape()`, y qué después?
# 2. Dentro: `model(batch, training=True)`, su única columna (`[:, 0]`), la media de los cuadrados, más `sum(model.losses)`. Después: `tape.gradient(loss, model.trainable_variables)` y `optimizer.apply(gradients, …)`.
#
# ```python
# with tf.GradientTape() as ...:
#     predicted = model(..., training=...)[:, 0]
#     loss = ops.mean(...) + sum(...)
# gradients = tape.gradient(..., model.trainable_variables)
# optimizer.apply(..., model.trainable_variables)
# return ...
# ```
#
# **Fíjate**
#
# Tres líneas que `fit` esconde, y cada una se puede olvidar sin que salte un error: `training=True`, las pérdidas de las propias capas y una dimensión.

# %% [markdown]
# La pérdida baja: cuatro pasos sobre las mismas 1,024 valoraciones. Eso es todo lo que hay en `fit`, salvo los lotes, el historial y la comodidad. Y envuelto en `tf.function` es igual de rápido: entonces TensorFlow traza el paso una vez y ya no vuelve a Python por cada línea.
#
# ## Varios *workers*
#
# La manera más simple de usar más máquinas: cada *worker* tiene una copia del modelo entero, toma una parte de cada lote y calcula su gradiente, y todos suman los suyos antes de que ninguno se mueva. (A esa suma se la llama *all-reduce*.) Como todos empiezan con los mismos pesos y dan los mismos pasos, las copias siguen siendo iguales. Eso es el *paralelismo de datos*.
#
# ### Ejercicio 9.4 — un gradiente a partir de muchos (5 minutos)
#
# Cada *worker* entrega el gradiente *medio* de su parte. Un lote no siempre se puede dividir en partes iguales, así que las partes difieren; puede incluso que a un *worker* no le haya tocado nada, y la media de nada es NaN. ¿Cuál es el gradiente medio del lote entero?


# %%
def combine(gradients, sizes):
    """El gradiente de un lote entero, a partir de los de sus partes.

    Parameters
    ----------
    gradients : numpy.ndarray of float, shape (n_workers, n_weights)
        Gradiente medio de cada parte; NaN donde la parte está vacía.
    sizes : array_like of int, shape (n_workers,)
        Valoraciones de cada parte, no todas 0.

    Returns
    -------
    numpy.ndarray of float, shape (n_weights,)

    Examples
    --------
    >>> combine(np.array([[1.0, 0.0], [4.0, 3.0]]), [2, 1]).tolist()
    [2.0, 1.0]
    """
    ### BEGIN SOLUTION
    sizes = np.asarray(sizes)
    counted = sizes > 0
    return sizes[counted] @ gradients[counted] / sizes.sum()
    ### END SOLUTION


# %%
print(combine(np.array([[1.0, 0.0], [4.0, 3.0]]), [2, 1]).tolist())

# %%
check("9.4", combine)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. El worker A tiene la media de 2 valoraciones; el worker B, la de 1. ¿Cuánto debería contar la de A?
# 2. Multiplicada por su tamaño, cada media vuelve a ser una suma. Junta las sumas y divide entre el número de todas las valoraciones. Y 0 · NaN es NaN: deja fuera antes las partes vacías.
#
# ```python
# sizes = np.asarray(...)
# counted = sizes > 0
# return ...[counted] @ gradients[...] / ...
# ```
#
# **Fíjate**
#
# Con partes iguales es la media sin más, así que el error solo asoma donde un lote no se divide por igual. Los errores así viven mucho tiempo.

# %% [markdown]
# Con gradientes de verdad: un lote de 1,000 valoraciones, cortado en partes de 700 y 300.

# %%
model = build_model(n_users, n_movies, mean)


def movie_bias_gradient(first, last):
    """Gradiente medio de los sesgos de película en parte del entrenamiento."""
    with tf.GradientTape() as tape:
        some = {name: values[first:last] for name, values in pairs(train).items()}
        stars = train["rating"].to_numpy(dtype="float32")[first:last]
        loss = ops.mean(ops.square(model(some)[:, 0] - stars))
    gradient = tape.gradient(loss, model.get_layer("movie_bias").trainable_weights)[0]
    return tf.convert_to_tensor(gradient).numpy()[:, 0]


of_all = movie_bias_gradient(0, 1000)
shares = np.stack([movie_bias_gradient(0, 700), movie_bias_gradient(700, 1000)])
print("combinado:    mayor diferencia", f"{np.abs(combine(shares, [700, 300]) - of_all).max():.1e}")
print("media simple: mayor diferencia", f"{np.abs(shares.mean(axis=0) - of_all).max():.1e}")

# %% [markdown]
# Los optimizadores de Keras *suman* los gradientes de todos los *workers*. Así que, en el paso de abajo, cada *worker* divide la suma de sus errores entre el tamaño del lote *entero*, y la suma de lo que sale es la media: tu fórmula, con la división en otro sitio.
#
# Y ahora, de verdad: dos *workers*, dos procesos de Python que no saben nada uno del otro, salvo una dirección. `tf.distribute.MultiWorkerMirroredStrategy` los conecta. (Desde Keras 3, el `fit` de Keras no funciona con esta estrategia: una razón más para tener un paso propio.) Tres de sus palabras aparecen en la función de abajo:
#
# - lo que se construye dentro de `strategy.scope()` existe en cada *worker*, y se mantiene igual en todos;
# - `strategy.run(f)` llama a `f` en cada *worker*, con la parte de ese *worker*;
# - `strategy.reduce("SUM", …)` suma lo que devolvieron los *workers*.
#
# La función se ejecuta en *cada uno* de los procesos. `run_workers`, que viene con el curso, los arranca, muestra lo que imprimen y los cierra todos, pase lo que pase. También puede limitar cada uno a un núcleo, para que la comparación sea justa. `Besides` es el sitio para lo que deba pasar además del entrenamiento: por ahora, nada. Lo necesitaremos cuando se vaya la luz.


# %%
class Besides:
    """Lo que pasa además del entrenamiento: por ahora, nada."""

    def first_epoch(self, state):
        return 0

    def before_step(self, worker, epoch, step):
        pass

    def after_epoch(self, worker, epoch, state):
        pass


def meet_the_others(n_workers):
    """Conecta este proceso con los demás workers; una vez en su vida."""
    if n_workers == 1:
        return tf.distribute.get_strategy()  # the one without any others
    return tf.distribute.MultiWorkerMirroredStrategy()


def train_on_worker(
    worker, strategy, build, data, epochs, batch_size, rate=0.01, besides=None
):
    """Lo que hace cada worker. Devuelve pérdidas, pesos y segundos por época."""
    user, movie, stars = data
    besides = besides or Besides()
    n_workers = strategy.num_replicas_in_sync
    keras.utils.set_random_seed(7)  # all start with equal weights
    with strategy.scope():
        model = build()
        optimizer = keras.optimizers.Adam(rate)
        optimizer.build(model.trainable_variables)
    state = model.trainable_variables + optimizer.variables

    def step_on_a_share(batch, ratings):
        with tf.GradientTape() as tape:
            predicted = model(batch, training=True)[:, 0]
            loss = ops.sum(ops.square(predicted - ratings)) / batch_size
        gradients = tape.gradient(loss, model.trainable_variables)
        # Whole tables are added up between the processes, not lists of rows.
        gradients = [tf.convert_to_tensor(one) for one in gradients]
        optimizer.apply(gradients, model.trainable_variables)  # adds up all workers'
        return loss

    @tf.function
    def step(batch, ratings):
        losses = strategy.run(step_on_a_share, args=(batch, ratings))
        return strategy.reduce("SUM", losses, axis=None)

    losses, seconds = [], []
    for epoch in range(besides.first_epoch(state), epochs):
        order = np.random.default_rng(epoch).permutation(len(stars))
        of_epoch, started = [], time.perf_counter()
        for number in range(len(stars) // batch_size):  # what is left over is left out
            besides.before_step(worker, epoch, number)
            whole = order[number * batch_size : (number + 1) * batch_size]
            mine = whole[worker::n_workers]  # this worker's share
            batch = {"user": user[mine], "movie": movie[mine]}
            of_epoch.append(float(step(batch, stars[mine])))
        seconds.append(time.perf_counter() - started)
        losses.append(np.mean(of_epoch))
        if worker == 0:
            print(f"  época {epoch + 1}: pérdida {losses[-1]:.4f}", flush=True)
        besides.after_epoch(worker, epoch, state)
    weights = [ops.convert_to_numpy(one) for one in model.trainable_variables]
    return losses, weights, min(seconds)


# %% [markdown] tags=["question"]
# Producto + sesgos en lotes de 1,024, primero con un worker y después con dos, con un núcleo para cada uno. ¿Cuánto tarda una época con dos?
#
# - [ ] La mitad: cada uno tiene la mitad del trabajo
#   - La mitad del *cálculo*, sí. ¿Y qué tienen que enviarse en cada paso?
# - [ ] Algo más de la mitad: un poco se pierde en los envíos
#   - ¿Un poco? Haz cuentas: un paso calcula con 1,024 filas, y envía el gradiente de todas las tablas.
# - [ ] Más o menos lo mismo
#   - Sería una casualidad: lo que se ahorra y lo que se envía no tienen nada que ver entre sí.
# - [x] Más tiempo
#   - Un paso de este modelo no calcula casi nada, y después los dos se esperan el uno al otro. Mira cuánto.

# %%
quiz("9.b")

# %%
data = (
    train["user"].to_numpy(dtype="int32"),
    train["movie"].to_numpy(dtype="int32"),
    train["rating"].to_numpy(dtype="float32"),
)


def small_model():
    return build_model(n_users, n_movies, mean)


def heavy_model(width=1024):
    """Hay más que enviar, pero muchísimo más que calcular: red ancha, dos vectores."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    values = layers.Concatenate()(
        [layers.Embedding(n_users, 16)(user), layers.Embedding(n_movies, 16)(movie)]
    )
    for _ in range(2):
        values = layers.Dense(width, activation="relu")(values)
    rating = layers.Rescaling(1.0, offset=mean)(layers.Dense(1)(values))
    return keras.Model({"user": user, "movie": movie}, rating)


def train_both(worker, n_workers):
    few = tuple(part[:16_384] for part in data)
    strategy = meet_the_others(n_workers)
    return (
        train_on_worker(worker, strategy, small_model, data, 3, 1024),
        train_on_worker(worker, strategy, heavy_model, few, 2, 4096, rate=0.001),
    )


answers = {}
for n_workers in (1, 2):
    print(f"{n_workers} worker{'s' if n_workers > 1 else ''}")
    answers[n_workers] = run_workers(train_both, n_workers, n_workers=n_workers, cores=1)


# %%
def largest_difference(these, those):
    """De todos los pesos, en millonésimas."""
    return 1e6 * max(np.abs(a - b).max() for a, b in zip(these, those, strict=True))


alone, together, other = answers[1][0][0], answers[2][0][0], answers[2][1][0]
print("pérdidas, 1 worker: ", np.round(alone[0], 6))
print("pérdidas, 2 workers:", np.round(together[0], 6))

# %% tags=["nbval-check-output"]
verdict(
    "mayor diferencia de un peso, 2 workers frente a 1 (millonésimas)",
    largest_difference(alone[1], together[1]),
    at_most=10,
)
verdict(
    "mayor diferencia entre los dos workers (millonésimas)",
    largest_difference(together[1], other[1]),
    at_most=10,
)
verdict(
    "mayor diferencia de una pérdida (millonésimas)",
    largest_difference(alone[0], together[0]),
    at_most=10,
)

# %% [markdown]
# Iguales, salvo por el redondeo: dos *workers* no aprenden *algo parecido* a lo que aprende uno, aprenden lo mismo. (Si se suma en otro orden, un float32 redondea de otra manera. Eso es todo.) La tercera línea está ahí por algo: con Adam, los pesos solos no delatarían que alguien olvidó dividir entre el tamaño del lote *entero*, porque Adam divide de todos modos entre el tamaño de los gradientes. La pérdida sí lo delataría. ¿Y el tiempo?

# %%
seconds = pd.DataFrame(
    {
        kind: {f"{n} worker(s)": answers[n][0][place][2] for n in (1, 2)}
        for place, kind in enumerate(["producto punto + sesgos", "red ancha"])
    }
)
seconds.loc["veces más rápido con 2"] = seconds.iloc[0] / seconds.iloc[1]
seconds.round(2)

# %% [markdown]
# Segundos por época, con un núcleo para cada *worker*. Con producto + sesgos, dos *workers* son *más lentos* que uno: un paso no calcula casi nada, y después se esperan el uno al otro, porque un intercambio tiene su precio por poco que se envíe. Con la red ancha hay más que enviar, pero miles de veces más que calcular, y, si hay dos núcleos libres, ganan los dos *workers*. (En un equipo ocupado no gana nadie. Mira la tercera línea, y créela más que a nosotros.)
#
# Así que haz cuentas antes de comprar: **cálculo por byte enviado**. Las tablas de un sistema de recomendación tienen muchísimos pesos, y por cada uno hay muy poco que calcular; son el peor caso para tener copias de todo. Por eso nadie copia tablas de cien millones de filas. En vez de eso, se trocean; ya llegaremos.
#
# ## Cuando se va la luz
#
# Un entrenamiento de tres minutos puede fallar. Uno de tres semanas *va a* fallar: una máquina se reinicia, o alguien la necesita más. ¿Qué hay que guardar para poder seguir como si no hubiera pasado nada? Los pesos, los *slots* del optimizador (sin ellos, Adam empieza de cero) y el punto en que estábamos. Keras tiene un *callback* para eso, `BackupAndRestore`. Desenchufamos al comienzo de la cuarta época:


# %%
class PowerCutError(Exception):
    """Alguien desenchufó la máquina."""


class PullThePlug(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3:
            raise PowerCutError


def fit(*callbacks):
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean)
    model.compile(
        keras.optimizers.Adam(0.01),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    return model.fit(
        pairs(train),
        train["rating"],
        validation_data=(pairs(valid), valid["rating"]),
        batch_size=1024,
        epochs=5,
        verbose=0,
        callbacks=list(callbacks),
    )


whole = fit()
try:
    fit(keras.callbacks.BackupAndRestore(work / "backup"), PullThePlug())
except PowerCutError:
    kept = sorted(one.name for one in (work / "backup").iterdir())
    print("Se ha ido la luz. En el disco:", ", ".join(kept))
rest = fit(keras.callbacks.BackupAndRestore(work / "backup"))

axes = plt.figure().add_subplot()
epochs = np.arange(1, 6)
axes.plot(epochs, whole.history["val_rmse"], "o-", label="sin interrupción")
axes.plot(
    np.array(rest.epoch) + 1, rest.history["val_rmse"], "s--", label="después del corte de luz"
)
axes.set_xlabel("época")
axes.set_ylabel("RMSE de validación (estrellas)")
axes.set_title("Sigue donde se quedó")
axes.set_xticks(epochs)
axes.legend()
plt.show()

# %% tags=["nbval-check-output"]
gap = abs(whole.history["val_rmse"][-1] - rest.history["val_rmse"][-1])
verdict("lo que costó la interrupción, en RMSE", gap, at_most=0.01)

# %% [markdown]
# *Cómo leer la figura:* el segundo entrenamiento empieza en la época 4, y va encima del primero. (Hacia arriba: este modelo no paga impuesto, y se sobreajusta. Su copia, también.) Fíjate en que el modelo se construyó *antes* de restaurarlo: una copia de seguridad guarda números, no capas.
#
# Con varios *workers* es peor: si uno muere, los demás no pueden seguir. En el mejor de los casos el *all-reduce* les da un error; en el peor, se quedan esperando en él para siempre. Así que se hacen tres cosas. Un *worker* escribe un punto de control después de cada época (todos tienen los mismos pesos, así que basta con uno). Lo escribe primero con otro nombre y después lo renombra, para que nunca haya medio punto de control. Y alguien vigila desde fuera, cierra los que quedan y lo arranca todo otra vez: es el `restarts=1` de abajo. Para lo que pasa además del entrenamiento, nuestro *worker* ha dejado un hueco. Poco después de que empiece la segunda época, el *worker* 1 acabará consigo mismo sin decir palabra, como si se hubiera ido la luz.


# %%
class Checkpoints(Besides):
    """Guarda el estado después de cada época; deja morir una vez al worker 1."""

    def __init__(self, folder):
        self.file, self.unfinished = folder / "state.npz", folder / "unfinished.npz"

    def first_epoch(self, state):
        if not self.file.exists():
            return 0
        with np.load(self.file) as kept:
            for number, variable in enumerate(state):
                variable.assign(kept[f"variable_{number}"])
            return int(kept["epochs"])

    def before_step(self, worker, epoch, step):
        alive = self.file.with_name("worker_1_is_alive")
        if worker == 1 and epoch == 1 and step == 3 and alive.exists():
            alive.unlink()
            os.kill(os.getpid(), 9)  # SIGKILL: no farewell, nothing is tidied up

    def after_epoch(self, worker, epoch, state):
        if worker == 0:
            numbers = {
                f"variable_{i}": ops.convert_to_numpy(one) for i, one in enumerate(state)
            }
            np.savez(self.unfinished, epochs=epoch + 1, **numbers)
            self.unfinished.replace(self.file)
            print(f"  en el disco: el estado después de la época {epoch + 1}", flush=True)


def train_with_checkpoints(worker, checkpoints):
    strategy = meet_the_others(2)
    return train_on_worker(
        worker, strategy, small_model, data, 3, 1024, besides=checkpoints
    )


folder = Path(tempfile.mkdtemp(dir=work))
(folder / "worker_1_is_alive").touch()
survived = run_workers(
    train_with_checkpoints, Checkpoints(folder), n_workers=2, cores=1, restarts=1
)

# %% tags=["nbval-check-output"]
verdict(
    "mayor diferencia de un peso, con una muerte y sin ella (millonésimas)",
    largest_difference(together[1], survived[0][1]),
    at_most=10,
)

# %% [markdown]
# Los mismos pesos que arriba, donde no murió nadie. Lo que se perdió es el trozo de época posterior al último punto de control, y ahí está la elección: puntos de control frecuentes, y tiempo para escribirlos, o espaciados, y trabajo que repetir.
#
# ## Cien millones de usuarios, sobre el papel
#
# De vuelta a la tienda: cien millones de usuarios, un millón de artículos, 64 factores. Con Adam, las tablas necesitan 79 GB, y ninguna máquina nuestra los tiene. Así que las tablas se trocean en *fragmentos*: cada máquina guarda algunas filas, y quien necesita una fila se la pide a la máquina que la tiene. Cuál la tiene debe seguirse solo del número de la fila, sin consultarlo en ninguna parte (la lista de quién tiene qué sería tan larga como la tabla). Y cada máquina numera sus propias filas desde 0, sin huecos; si no, desperdiciaría memoria.
#
# ### Ejercicio 9.5 — trocea una tabla (6 minutos)


# %%
def machines_for(n_bytes, bytes_a_machine):
    """El mínimo de máquinas para `n_bytes`, a `bytes_a_machine` como mucho cada una.

    Parameters
    ----------
    n_bytes, bytes_a_machine : int
        Al menos 1.

    Returns
    -------
    int

    Examples
    --------
    >>> machines_for(100, 50), machines_for(101, 50)
    (2, 3)
    """
    ### BEGIN SOLUTION
    return int(np.ceil(n_bytes / bytes_a_machine))
    ### END SOLUTION


def place_of(rows, n_machines):
    """Dónde está cada fila de una tabla.

    Parameters
    ----------
    rows : numpy.ndarray of int, shape (n,)
        Algunas filas de una tabla, en cualquier orden.
    n_machines : int

    Returns
    -------
    machine : numpy.ndarray of int, shape (n,), de 0 a n_machines - 1
    local_row : numpy.ndarray of int, shape (n,)
        Cuál de sus propias filas es, desde 0. Ambas cosas dependen solo del número de
        la fila. Con las filas 0, 1, …, n - 1 de una tabla, sea cual sea su n, ninguna
        máquina tiene huecos en sus números, y ninguna tiene más de una fila más que
        otra.
    """
    ### BEGIN SOLUTION
    return rows % n_machines, rows // n_machines
    ### END SOLUTION


# %%
print(machines_for(100, 50), machines_for(101, 50))
machine, local_row = place_of(np.arange(7), 3)
print(machine.tolist(), local_row.tolist())

# %%
check("9.5", machines_for, place_of)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Reparte cartas, numeradas desde 0, a los jugadores 0, 1 y 2, uno tras otro: ¿a quién le toca la carta 7, y cuál de sus cartas es?
# 2. El resto de una división dice el jugador (`%`); la parte entera, cuántas cartas tenía ya (`//`). El número de máquinas se redondea *hacia arriba*.
#
# ```python
# def place_of(rows, n_machines):
#     return rows % ..., ...
# ```
#
# **Fíjate**
#
# Las filas vecinas están en máquinas distintas, y eso es bueno: los usuarios nuevos, que llegan seguidos y están todos activos a la vez, no llaman todos a la misma puerta.

# %%
rows_of_a_batch = np.random.default_rng(0).integers(100_000_000, size=8_192)
machine, _ = place_of(rows_of_a_batch, 10)
print("un lote pide a cada una de las diez máquinas", np.bincount(machine.astype(int), minlength=10), "filas")

# %% [markdown]
# Repartido por igual: a ninguna máquina se le pide mucho más que a otra. El resto del papel:

# %%
shop = {"n_users": 100_000_000, "n_movies": 1_000_000, "n_factors": 64}
needed = bytes_to_train(**shop)
batch = 8_192
paper = {
    "tablas con Adam (GB)": needed / 1e9,
    "máquinas de 16 GB, con la mitad para tablas": machines_for(needed, 8 * 10**9),
    "un gradiente denso de todas las tablas, en cada paso (GB)": bytes_to_train(**shop, slots=0) / 1e9,
    "filas que toca un lote (MB)": 2 * batch * 65 * 4 / 1e6,
    "puntuaciones para comparar un lote con todos los artículos": batch * 1_000_000,
    "… con los artículos del propio lote": batch * batch,
    "segundos para puntuar todo para todos, a 10 mil millones por segundo": 1e14 / 1e10,
}
for what, amount in paper.items():
    print(f"{what:70} {amount:>14,.0f}")

# %% [markdown]
# Léelo línea por línea; cada una es una decisión que han tomado sistemas reales.
#
# - Diez máquinas para las tablas, solo para guardarlas: **fragmentos**.
# - 26 GB de *all-reduce* en cada paso, o 4 MB de filas que el lote ha tocado: **actualizaciones dispersas**, y nada de copias.
# - Una softmax sobre todos los artículos por cada valoración de un lote, o una sobre los que casualmente están en el lote: **softmax muestreada**.
# - Tres horas para puntuarlo todo para todo el mundo, una sola vez: nadie lo hace. Se **busca**.

# %% [markdown]
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
