# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/09_scaling.ipynb) [![Abrir en Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=solutions%2Fes%2F09_scaling.ipynb)

# %% [markdown]
# # 9 · Escalar: archivos grandes, tablas grandes, varios *workers*
#
# Esta lección es opcional. Trata de la parte de sistemas del entrenamiento: valoraciones que no caben en la memoria, tablas de *embeddings* con tantas filas que un optimizador corriente gasta su tiempo en filas que el lote no usa, y varios *workers* que entrenan un mismo modelo. Mides cada cosa en tu propio equipo.
#
# **Al terminar, podrás**
#
# - entrenar con valoraciones que se quedan en el disco, y barajarlas;
# - explicar por qué Adam actualiza todas las filas de todas las tablas, y escribir una actualización que cambie solo las filas de un lote;
# - escribir un paso de entrenamiento, compilarlo y ejecutarlo en varios *workers* con resultados iguales;
# - reanudar un entrenamiento interrumpido y recuperarte del fallo de un *worker*;
# - fragmentar una tabla de *embeddings*, y decir cuándo hace falta.
#
# **Tiempo** 70 minutos de trabajo y alrededor de un minuto de ejecución. **Antes de empezar** lecciones 01 a 03. Esta lección necesita Keras con TensorFlow como *backend*: usa `tf.data`, `tf.GradientTape` y `tf.distribute`.

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

import math
import tempfile
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers, ops
from keras_rs.layers import DistributedEmbedding, FeatureConfig, TableConfig
from matplotlib import ticker

from helpers import check, hint, plots, quiz, reveal
from helpers.bands import verdict
from helpers.data import load_movielens
from helpers.metrics import rmse
from helpers.multi_worker import run_workers
from helpers.splits import pairs, random_split

if keras.backend.backend() != "tensorflow":
    raise RuntimeError(
        "Esta lección necesita Keras con TensorFlow como backend. Reinicia el kernel "
        "con KERAS_BACKEND=tensorflow."
    )

plots.use_course_style()
keras.utils.set_random_seed(7)
temporary_folder = tempfile.TemporaryDirectory(prefix="scaling-")
work = Path(temporary_folder.name)  # for what this lesson writes

# %%
movielens = load_movielens()
split = random_split(movielens, seed=0)
train, valid = split.train, split.valid
n_users, n_movies = split.n_users, split.n_movies
mean = float(train["rating"].mean())
split

# %% [markdown]
# El modelo es el de la lección 03: factorización de matrices con sesgos. Su capa de *embedding* es un argumento, porque la vamos a sustituir.


# %%
def build_model(n_users, n_movies, mean, n_factors=16, embedding=layers.Embedding):
    """Factorización de matrices con sesgos; `embedding` es la capa de sus tablas."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    match = layers.Dot(axes=-1)(
        [
            embedding(n_users, n_factors, name="user_factors")(user),
            embedding(n_movies, n_factors, name="movie_factors")(movie),
        ]
    )
    user_bias = embedding(n_users, 1, "zeros", name="user_bias")(user)
    movie_bias = embedding(n_movies, 1, "zeros", name="movie_bias")(movie)
    deviation = layers.Add()([match, user_bias, movie_bias])
    rating = layers.Rescaling(1.0, offset=mean)(deviation)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% [markdown] tags=["slide"]
# ## Valoraciones mapeadas en memoria, y cómo barajarlas
#
# Diez mil millones de valoraciones (10¹⁰), a 12 bytes cada una, son 120 GB. Pueden quedarse en un disco. NumPy puede abrir un archivo **mapeado en memoria** (`mmap_mode="r"`): el sistema operativo lee solo las partes que indexas. Así, un programa de entrenamiento lee un **bloque** de unos miles de filas, entrena con él y lee el siguiente.
#
# Pero el archivo tiene un orden. Los registros están ordenados por tiempo; las exportaciones, a menudo por usuario o por película. El descenso de gradiente estocástico supone que cada lote es una muestra al azar de las valoraciones, y un lote con las valoraciones de unas pocas películas no lo es. Leer las filas en orden aleatorio supondría un acceso al disco por cada una. La solución intermedia habitual es **barajar por bloques**: tomar los bloques en orden aleatorio y barajar en la memoria las valoraciones dentro de cada bloque.
#
# ### Ejercicio 9.1 — bloques en orden aleatorio (5 minutos)
#
# Planifica una época. Cada valoración está exactamente en un bloque. Todos los bloques tienen el mismo tamaño, salvo el último del archivo, que puede ser más corto. El orden de los bloques es aleatorio.


# %%
def plan_blocks(n_ratings, block_size, rng):
    """Corta un archivo en bloques y baraja los bloques.

    Parameters
    ----------
    n_ratings, block_size : int
        Al menos 1; un bloque puede ser más grande que el archivo.
    rng : numpy.random.Generator
        La única fuente de azar. Cada orden de los bloques es tan probable como
        cualquier otro.

    Returns
    -------
    list of tuple (int, int)
        La primera fila de cada bloque y la siguiente a su última, como en un slice.

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
# Solo el *orden* de los bloques es aleatorio, así que el disco sigue leyendo tramos largos. Dentro de un bloque, las valoraciones se barajan en la memoria, donde el acceso aleatorio es barato.

# %% [markdown]
# Escribimos las valoraciones de entrenamiento en un archivo, ordenadas por película. `tf.data` convierte un generador de bloques de Python en un flujo de lotes. El primer `prefetch` lee el bloque siguiente mientras el modelo todavía calcula, y el segundo prepara los lotes siguientes.

# %% tags=["slide", "sentence-2"]
in_file = train.sort_values(["movie", "user"])
np.save(work / "pairs.npy", in_file[["user", "movie"]].to_numpy(dtype="int32"))
np.save(work / "stars.npy", in_file["rating"].to_numpy(dtype="float32"))


def read_in_blocks(block_size, seed, shuffled=True):
    """Lee del disco una época, en lotes de 1024."""

    def blocks():
        rng = np.random.default_rng(seed)
        pairs_on_disk = np.load(work / "pairs.npy", mmap_mode="r")
        stars = np.load(work / "stars.npy", mmap_mode="r")
        plan = plan_blocks(len(stars), block_size, rng)
        for start, stop in plan if shuffled else sorted(plan):
            order = np.arange(stop - start)
            if shuffled:
                rng.shuffle(order)
            block = pairs_on_disk[start:stop][order]
            yield {"user": block[:, 0], "movie": block[:, 1]}, stars[start:stop][order]

    numbers = tf.TensorSpec((None,), "int32")
    signature = {"user": numbers, "movie": numbers}, tf.TensorSpec((None,), "float32")
    stream = tf.data.Dataset.from_generator(blocks, output_signature=signature)
    stream = stream.prefetch(1).rebatch(1024).prefetch(2)
    # A generator has no length, and `fit` needs one.
    n_batches = math.ceil(len(train) / 1024)
    return stream.apply(tf.data.experimental.assert_cardinality(n_batches))


curves = {}
for name, block_size, shuffled in [
    ("en el orden del archivo", 8_192, False),
    ("bloques de 8192, barajados", 8_192, True),
    ("todo barajado", len(train), True),
]:
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean)
    model.compile(keras.optimizers.Adam(0.01), loss="mse", steps_per_execution=10)
    # With its slots created here, TensorFlow traces the training step once only.
    model.optimizer.build(model.trainable_variables)
    curves[name] = []
    for epoch in range(3):
        stream = read_in_blocks(block_size, epoch, shuffled)
        model.fit(stream, shuffle=False, verbose=0)
        predicted = model.predict_on_batch(pairs(valid))
        curves[name].append(rmse(valid["rating"], predicted))
pd.DataFrame(curves, index=pd.RangeIndex(1, 4, name="epoch")).round(3)

# %% tags=["nbval-check-output"]
lost = min(curves["en el orden del archivo"]) - min(curves["todo barajado"])
verdict("RMSE de validación que se pierde por el orden del archivo", lost, inside=(0.005, 0.05))

# %% [markdown] tags=["slide"]
# Compara el RMSE de validación más bajo de cada columna, porque una columna puede volver a subir cuando el modelo se sobreajusta. En esta ejecución, entrenar en el orden del archivo cuesta una o dos centésimas de estrella. Los bloques barajados quedan en medio, pero una diferencia de alrededor de una centésima puede ser casualidad: entrenamos una sola vez con cada uno. Lo que no depende del azar es la memoria. En ella solo hay dos o tres bloques a la vez. Los bloques más grandes deberían acercarse más a la última columna, y necesitan más memoria.
#
# ## Actualizaciones densas y dispersas del optimizador
#
# Un lote de 1024 valoraciones lee como mucho 1024 filas de una tabla, así que solo esas filas tienen gradiente. TensorFlow lo representa sin las demás filas:

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

# %% [markdown] tags=["slide", "sentence-4-8-10"]
# `IndexedSlices` contiene números de fila (`indices`) y un gradiente para cada uno (`values`). Un usuario con tres valoraciones en el lote tiene tres entradas.
#
# ¿Qué hace Adam con eso? Guarda dos números por cada peso, el **estado del optimizador** o sus ***slots***: medias móviles del gradiente y del gradiente al cuadrado. En cada paso decaen *todos* los *slots*, también los de las filas sin gradiente, y, mientras los *slots* de una fila no sean cero, la fila se mueve. Así que cada paso lee y escribe todas las filas de todas las tablas. Esto es una **actualización densa**.
#
# Una **actualización dispersa** cambia solo las filas del lote. Adam con actualizaciones dispersas se llama Adam *perezoso* (*lazy*). Para las filas del lote, con gradiente $g$ en el paso $t$ (contado desde 1) y tasa de aprendizaje $\eta$:
#
# $$m \leftarrow 0.9\,m + 0.1\,g, \qquad v \leftarrow 0.999\,v + 0.001\,g^2,$$
# $$w \leftarrow w - \eta\,
# \frac{m / (1 - 0.9^t)}{\sqrt{v / (1 - 0.999^t)} + 10^{-7}}$$
#
# Las divisiones entre $1 - 0.9^t$ y $1 - 0.999^t$ corrigen que los *slots* hayan empezado en 0. El $10^{-7}$ evita dividir entre 0.

# %% [markdown]
# ### Ejercicio 9.2 — un paso de Adam perezoso (10 minutos)
#
# Escribe el paso en NumPy. Una fila que aparece varias veces en el lote tiene *un solo* gradiente, la suma de sus entradas, y se actualiza una sola vez.


# %%
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    """Un paso de Adam para las filas de un lote.

    Parameters
    ----------
    table, m, v : numpy.ndarray of float, shape (n_rows, n_factors)
        Los pesos y sus dos slots.
    rows : numpy.ndarray of int, shape (n,), n al menos 1
        En cualquier orden. Puede contener una fila varias veces.
    gradients : numpy.ndarray of float, shape (n, n_factors)
        Un gradiente por cada entrada de `rows`.
    t : int
        El número de este paso, desde 1.
    rate : float

    Returns
    -------
    table, m, v : numpy.ndarray of float, shape (n_rows, n_factors)
        Después del paso: arrays nuevos; los argumentos no cambian. Las filas que
        no están en `rows` siguen como antes.

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
# 2. `np.unique(rows, return_inverse=True)` da cada fila una vez y, por cada gradiente, el lugar de su fila entre ellas; `np.add.at(sums, place, gradients)` va sumando, incluidas las repetidas.
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
# `table[rows] -= …`, con una fila tres veces en `rows`, la cambia una sola vez, con la última de las tres entradas, y NumPy no avisa. Así que primero suma.

# %% [markdown]
# Ahora lo mismo en Keras. Un optimizador cambia una tabla en su método `update_step`. El nuestro se ocupa de `IndexedSlices` y deja todos los demás gradientes al Adam de Keras.
#
# Con el optimizador no basta, porque otras dos operaciones tocan la tabla entera:
#
# - La capa `Embedding` de Keras lee la variable como un tensor antes de sacar filas de él. Como la variable está a punto de cambiar, TensorFlow *copia* la tabla. `tf.gather` sobre la variable lee solo las filas.
# - Una penalización L2 de la tabla es una suma sobre todas las filas, así que todas tienen gradiente. `Lookup` puede penalizar, en su lugar, las filas que se han leído.


# %%
class LazyAdam(keras.optimizers.Adam):
    """Adam con actualizaciones dispersas: solo cambia las filas que tienen gradiente."""

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
    """Una capa de embedding que lee, y penaliza, solo las filas que busca."""

    l2 = 0.0  # times the mean squared length of the vectors looked up

    def call(self, rows):
        vectors = tf.gather(self.embeddings.value, rows)
        if self.l2:
            self.add_loss(self.l2 * ops.mean(ops.sum(ops.square(vectors), axis=-1)))
        return vectors


class RegularizedLookup(Lookup):
    l2 = 0.1


# %% [markdown]
# Probamos `LazyAdam` con tu función: los dos reciben los mismos gradientes, y una fila aparece dos veces.

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
# Es un error de redondeo de float32. Vamos ahora a medir el tiempo.

# %% [markdown] tags=["question", "slide"]
# Un lote tiene 1024 valoraciones. El número de usuarios y el de películas se multiplican por diez; el lote se queda como está. ¿Cuánto tarda un paso con Adam, una vez que las tablas son grandes?
#
# - [ ] Lo mismo que antes: lee 1024 filas, como antes
#   - *Lee* 1024 filas. Pero Adam también actualiza los *slots* de todas las demás. La celda siguiente lo mide.
# - [ ] El doble: hay dos tablas
#   - Las dos tablas tienen diez veces más filas. Cuenta las filas que Adam cambia en un paso.
# - [x] Entre cuatro y diez veces más
#   - Cada paso actualiza los *slots* de *todas* las filas y mueve todas las filas. La celda siguiente lo mide.
# - [ ] Más o menos cien veces más: usuarios × películas
#   - Las tablas tienen una fila por cada usuario y por cada película, no por cada par. Diez veces más de ambos son diez veces más filas.

# %%
quiz("9.a")


# %% tags=["slide", "sentence-1-2"]
def milliseconds_per_step(embedding, optimizer, n_rows):
    """Tiempo de un paso con 1024 filas de una tabla de `n_rows`: el mejor de diez."""
    layer = embedding(n_rows, 16)
    layer.build()
    optimizer.build(layer.trainable_variables)

    @tf.function
    def step(rows):
        with tf.GradientTape() as tape:
            loss = ops.mean(ops.square(layer(rows) - 1.0))
        gradients = tape.gradient(loss, layer.trainable_variables)
        optimizer.apply(gradients, layer.trainable_variables)
        return loss

    rng = np.random.default_rng(0)
    times = []
    for _ in range(11):
        rows = tf.constant(rng.integers(n_rows, size=1024), "int32")
        started = time.perf_counter()
        float(step(rows))
        times.append(1000 * (time.perf_counter() - started))
    return min(times[1:])  # the first call builds the graph


sizes = [1_000, 16_000, 256_000]
steps = {
    name: [milliseconds_per_step(embedding, make(0.01), n) for n in sizes]
    for name, embedding, make in [
        ("Adam, Embedding", layers.Embedding, keras.optimizers.Adam),
        ("LazyAdam, Embedding", layers.Embedding, LazyAdam),
        ("LazyAdam, Lookup", Lookup, LazyAdam),
    ]
}

axes = plt.figure().add_subplot()
for (name, values), marker in zip(steps.items(), "o^D", strict=True):
    axes.loglog(sizes, values, marker + "-", label=name)
axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
axes.yaxis.set_major_formatter("{x:g}")
axes.yaxis.set_minor_formatter("")
axes.set_xlabel("filas de la tabla")
axes.set_ylabel("un paso con 1024 filas (ms, CPU)")
axes.set_title("Tiempo de un paso, según el tamaño de la tabla")
axes.legend()
plt.show()
pd.DataFrame(steps, index=pd.Index(sizes, name="rows")).round(2)

# %% tags=["nbval-check-output"]
ratio = steps["Adam, Embedding"][-1] / steps["LazyAdam, Lookup"][-1]
verdict("cuántas veces más rápido es un paso disperso con 256 000 filas", ratio, at_least=5)

# %% [markdown]
# *Cómo leer la figura:* con tablas pequeñas domina el coste fijo de un paso. Con las más grandes, el tiempo de Adam crece con las filas: en nuestras ejecuciones, un paso tarda entre seis y siete veces más con 256 000 filas que con 16 000. `LazyAdam` con la capa `Embedding` de Keras también crece, por la copia. Con `Lookup` crece poco, porque las filas que lee y escribe dependen solo del lote.
#
# Las actualizaciones dispersas son otro algoritmo, ya que una fila que no está en el lote conserva sus *slots* antiguos. ¿El resultado es igual de bueno? Los dos modelos tienen una penalización, pero no la de la lección 03: una fila se penaliza cada vez que se lee.


# %% tags=["slide"]
def fit(make_optimizer):
    """Entrena con un optimizador; devuelve el RMSE de validación."""
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean, embedding=RegularizedLookup)
    model.compile(
        make_optimizer(0.01), loss="mse", steps_per_execution=20, jit_compile=False
    )
    model.optimizer.build(model.trainable_variables)
    model.fit(pairs(train), train["rating"], batch_size=1024, epochs=5, verbose=0)
    return rmse(valid["rating"], model.predict_on_batch(pairs(valid)))


scores = {"Adam": fit(keras.optimizers.Adam), "LazyAdam": fit(LazyAdam)}
for name, score in scores.items():
    print(f"{name:8} RMSE de validación {score:.3f}")

# %% tags=["nbval-check-output"]
verdict("RMSE de validación de LazyAdam", scores["LazyAdam"], inside=(0.90, 0.94))
lost = scores["LazyAdam"] - scores["Adam"]
verdict("RMSE de validación que cuestan las actualizaciones dispersas", lost, inside=(-0.01, 0.01))

# %% [markdown] tags=["slide", "sentence-1-2-3-4-5"]
# Los dos resultados se diferencian en unas milésimas como mucho (una semilla cada uno). Es una prueba débil: cada lote contiene más de la mitad de los usuarios, así que una fila espera solo unos pocos pasos. En una tabla de cien millones de filas, una fila puede aparecer en un solo lote de muchos miles. En ese caso, Adam la sigue moviendo durante algunos pasos después de cada uso, y `LazyAdam` no. Así que vuelve a probarlo con tus propios datos.
#
# ## Un paso de entrenamiento propio
#
# `fit` ejecuta el mismo paso para todos los modelos. Varios *workers* necesitan otro, así que esto es lo que hace un paso:
#
# - el modelo predice en modo de entrenamiento (en el que el *dropout* está activo), mientras una **cinta de gradientes** graba las operaciones;
# - la pérdida es el error *más* lo que le añaden las capas, como la penalización L2;
# - la cinta calcula los gradientes, y el optimizador los aplica.
#
# ### Ejercicio 9.3 — un paso de entrenamiento (8 minutos)
#
# Usa `tf.GradientTape` como en la celda que miraba un gradiente. Después de llamar al modelo, `model.losses` es la lista de lo que sus capas añaden a la pérdida. Mira las formas antes de restar: las predicciones tienen forma (n, 1).


# %%
def training_step(model, optimizer, batch, ratings):
    """Entrena un paso con un lote, con el error cuadrático medio.

    Parameters
    ----------
    model : keras.Model
        Da predicciones de forma (n, 1).
    optimizer : keras.optimizers.Optimizer
        Quizá aún sin construir: `optimizer.apply(gradients, weights)` lo construye la
        primera vez que se llama.
    batch : dict
        ``user`` y ``movie``, tensores de int32, de forma (n,).
    ratings : tensor of float32, shape (n,)

    Returns
    -------
    tensor, shape () : la pérdida *antes* del paso, con todo lo que añaden las capas.
        (Un tensor y no un número de Python, para que `tf.function` pueda compilarlo).
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
model = build_model(n_users, n_movies, mean, embedding=RegularizedLookup)
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
# Aquí puedes olvidar tres cosas sin que salte un error: `training=True`, las pérdidas de las propias capas y la columna `[:, 0]`.

# %% [markdown]
# La pérdida baja: son cuatro pasos con las mismas 1024 valoraciones.
#
# ### Compilación con XLA
#
# `tf.function` traza un paso una vez como un grafo, y las llamadas siguientes ejecutan el grafo sin Python. `fit` hace lo mismo. Con `jit_compile=True`, el compilador **XLA** de TensorFlow compila además el grafo: funde muchas operaciones pequeñas en unas pocas, que leen y escriben las tablas menos veces. La compilación tarda unos segundos, y se repite con cada forma nueva de un lote.
#
# En Keras es un argumento de `model.compile`, y su valor por defecto es `jit_compile="auto"`. Con TensorFlow, «auto» significa: *desactivado* si el equipo solo tiene CPU; *activado* en cuanto TensorFlow ve una GPU, salvo que el modelo se entrene con una estrategia de `tf.distribute`, contenga una capa que no admite XLA o esté activado `enable_op_determinism`. (Lo hemos leído en el código de Keras 3.15, `Trainer._resolve_auto_jit_compile`; los Mac con GPU son otra excepción). ¿Qué significa aquí, y da `LazyAdam` los mismos pesos con XLA?


# %%
def new_state():
    """Un modelo y su optimizador, siempre con los mismos pesos."""
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean, embedding=RegularizedLookup)
    optimizer = LazyAdam(0.01)
    optimizer.build(model.trainable_variables)
    return model, optimizer


def weights_of(model):
    return [ops.convert_to_numpy(one) for one in model.trainable_variables]


model.compile(optimizer, loss="mse")
print("jit_compile=\"auto\" en este equipo:", model.jit_compile)

after, times = {}, {}
for name, jit_compile in [("graph", False), ("XLA", True)]:
    model, optimizer = new_state()
    compiled_step = tf.function(training_step, jit_compile=jit_compile)
    seconds = []
    for _ in range(10):
        started = time.perf_counter()
        float(compiled_step(model, optimizer, few, few_ratings))
        seconds.append(time.perf_counter() - started)
    after[name] = weights_of(model)
    times[name] = {
        "primera llamada (s)": round(seconds[0], 2),
        "llamadas siguientes (ms)": round(1000 * min(seconds[1:]), 2),
    }
pd.DataFrame(times).T


# %% tags=["nbval-check-output"]
def largest_difference(these, those):
    """La mayor diferencia de un peso, en unidades de 10⁻⁶."""
    return 1e6 * max(np.abs(a - b).max() for a, b in zip(these, those, strict=True))


verdict(
    "mayor diferencia de un peso tras diez pasos, con XLA y sin él (millonésimas)",
    largest_difference(after["graph"], after["XLA"]),
    at_most=100,
)

# %% [markdown] tags=["slide"]
# Los pesos coinciden, salvo el redondeo. Mira las llamadas siguientes en las dos filas: si con XLA no tardan menos, como en nuestra ejecución, XLA no ahorra nada. El paso es pequeño, y la mayor parte consiste en buscar filas.
#
# > **Nota.** Hemos probado `LazyAdam` con XLA en una CPU, pero no en una GPU, donde XLA puede rechazar `tf.unique`, cuyo número de filas depende de los datos. Por eso el `fit` de arriba dice `jit_compile=False`: «auto» usaría XLA en una GPU.
#
# ## Puntos de control y fallos
#
# Es probable que un entrenamiento de varios días se interrumpa. Para seguir necesitas un **punto de control**: los pesos, los *slots* del optimizador y el número de épocas terminadas. Con `fit`, el *callback* `keras.callbacks.BackupAndRestore("backup")` de Keras los guarda y los restaura todos. Un paso de entrenamiento propio necesita sus propios puntos de control. Se escriben con un nombre provisional y se les cambia el nombre cuando están completos, de modo que un fallo del programa no deja un punto de control a medias. (Frente a un corte de luz, además hay que forzar la escritura del archivo en el disco, con `os.fsync`). Los puntos de control tienen un segundo uso: muchos servicios no entrenan desde el principio, sino que siguen cada día con las valoraciones nuevas.


# %%
class Checkpoints:
    """Guarda el estado de un entrenamiento después de cada época, y lo restaura."""

    def __init__(self, folder):
        self.file, self.unfinished = folder / "state.npz", folder / "unfinished.npz"

    def save(self, state, epochs):
        numbers = {
            f"variable_{i}": ops.convert_to_numpy(v) for i, v in enumerate(state)
        }
        np.savez(self.unfinished, epochs=epochs, **numbers)
        self.unfinished.replace(self.file)
        print(f"  en el disco: el estado después de la época {epochs}", flush=True)

    def restore(self, state):
        """Asigna las variables y devuelve el número de épocas terminadas."""
        if not self.file.exists():
            return 0
        with np.load(self.file) as kept:
            for i, variable in enumerate(state):
                variable.assign(kept[f"variable_{i}"])
            return int(kept["epochs"])


# %% [markdown]
# Una prueba: entrenamos unos pasos, guardamos y entrenamos un paso más. Después restauramos el punto de control en un modelo nuevo y entrenamos ese mismo paso. La primera vez restauramos también los *slots*; la segunda, solo los pesos.

# %% tags=["slide"]
checkpoints = Checkpoints(Path(tempfile.mkdtemp(dir=work)))
model, optimizer = new_state()
for _ in range(3):
    training_step(model, optimizer, few, few_ratings)
checkpoints.save(model.trainable_variables + optimizer.variables, epochs=1)
training_step(model, optimizer, few, few_ratings)
uninterrupted = weights_of(model)

differences = {}
for name, with_slots in [("los pesos y los slots", True), ("solo los pesos", False)]:
    model, optimizer = new_state()
    slots = optimizer.variables if with_slots else []
    checkpoints.restore(model.trainable_variables + slots)
    training_step(model, optimizer, few, few_ratings)
    differences[name] = largest_difference(uninterrupted, weights_of(model))
    print(f"restaurado {name}: mayor diferencia, {differences[name]:.0f} millonésimas")

# %% tags=["nbval-check-output"]
verdict(
    "mayor diferencia de un peso tras un reinicio (millonésimas)",
    differences["los pesos y los slots"],
    at_most=10,
)
verdict(
    "lo mismo, sin los slots del optimizador (millonésimas)",
    differences["solo los pesos"],
    at_least=100,
)

# %% [markdown] tags=["slide"]
# Sin sus *slots*, Adam vuelve a empezar: en su primer paso, cada peso que actualiza se mueve lo que dice la tasa de aprendizaje, 0.01, sea cual sea el tamaño del gradiente. El paso sin interrupción puede ir en sentido contrario, así que la diferencia puede ser mayor que 0.01.
#
# ## Paralelismo de datos
#
# La manera más simple de entrenar en varias máquinas: cada ***worker*** tiene una copia del modelo entero y toma una parte de cada lote. Calcula el gradiente de su parte y, antes de que cambie ningún peso, se suman los gradientes de todos los *workers* (***all-reduce***). Todas las copias empiezan con los mismos pesos y dan los mismos pasos, así que siguen siendo iguales.
#
# ### Ejercicio 9.4 — promedia los gradientes de los *workers* (5 minutos)
#
# Cada *worker* envía el gradiente *medio* de su parte. Un lote no siempre es divisible en partes iguales, así que las partes pueden tener tamaños distintos; una parte vacía tiene la media NaN. ¿Cuál es el gradiente medio del lote entero?


# %%
def average_gradients(gradients, sizes):
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
    >>> average_gradients(np.array([[1.0, 0.0], [4.0, 3.0]]), [2, 1]).tolist()
    [2.0, 1.0]
    """
    ### BEGIN SOLUTION
    sizes = np.asarray(sizes)
    counted = sizes > 0
    return sizes[counted] @ gradients[counted] / sizes.sum()
    ### END SOLUTION


# %%
print(average_gradients(np.array([[1.0, 0.0], [4.0, 3.0]]), [2, 1]).tolist())

# %%
check("9.4", average_gradients)

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
# Con partes iguales es la media sin más, así que el error solo se nota donde un lote no se divide por igual.

# %% [markdown]
# Con gradientes de verdad: un lote de 1000 valoraciones en partes de 700 y 300.

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
weighted = average_gradients(shares, [700, 300])
print(f"media ponderada: mayor diferencia {np.abs(weighted - of_all).max():.1e}")
print(
    f"media simple:    mayor diferencia {np.abs(shares.mean(axis=0) - of_all).max():.1e}"
)

# %% [markdown]
# Los optimizadores de Keras *suman* los gradientes de todos los *workers*. Así que, en el paso de abajo, cada *worker* divide la suma de sus errores al cuadrado entre el tamaño del lote *entero*. Es tu fórmula, con la división hecha antes.
#
# Los dos *workers* son dos procesos de Python en este equipo, conectados por `tf.distribute.MultiWorkerMirroredStrategy`. La función de abajo se ejecuta en cada uno de ellos:
#
# - las variables creadas dentro de `strategy.scope()` existen en cada *worker* y se mantienen iguales;
# - `strategy.run(f)` llama a `f` en cada *worker*, con la parte de ese *worker*;
# - `strategy.reduce("SUM", …)` suma lo que devolvieron los *workers*.
#
# Si un *worker* falla, los demás no pueden seguir: reciben un error del *all-reduce*, o se quedan esperando en él. Por eso un *worker* escribe puntos de control (todos tienen los mismos pesos, así que basta con uno), y un supervisor externo cierra todos los *workers* cuando uno ha fallado y los reinicia desde el último punto de control. Aquí el supervisor es `run_workers`, una de las funciones auxiliares del curso. Arranca los procesos, da a cada uno la misma parte de los núcleos y muestra lo que imprimen. Al principio de la segunda época matamos el *worker* 1 (con SIGKILL, el sistema operativo termina un proceso en el acto).
#
# > **Nota.** El propio `fit` de Keras 3 no admite esta estrategia ([incidencia 20585 de Keras](https://github.com/keras-team/keras/issues/20585), abierta en 2026), así que aquí el paso propio no es opcional. Keras 3 tiene también su propia manera: `keras.distribution.DataParallel` y `ModelParallel`, para el *backend* de JAX. Con ella, `fit` no necesita un paso propio, y un `LayoutMap` fragmenta una tabla.


# %%
def make_strategy(n_workers):
    """Conecta con los demás workers; una sola vez en cada proceso."""
    if n_workers == 1:
        return tf.distribute.get_strategy()  # the default: one worker
    return tf.distribute.MultiWorkerMirroredStrategy()


def simulate_failure(folder, worker, epoch, step):
    """Mata el worker 1 al principio de la segunda época, una vez, si `folder` tiene un archivo `kill`."""
    if worker == 1 and epoch == 1 and step == 3 and (folder / "kill").exists():
        (folder / "kill").unlink()
        os.kill(os.getpid(), 9)  # SIGKILL: no Python code runs after it


def train_on_worker(worker, strategy, build, data, epochs, batch_size, rate, folder):
    """Entrena como uno de los workers. Devuelve pérdidas, pesos y segundos por época."""
    user, movie, stars = data
    checkpoints = Checkpoints(folder)
    n_workers = strategy.num_replicas_in_sync
    keras.utils.set_random_seed(7)  # all workers start with equal weights
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
        # The all-reduce adds up whole tables, not lists of rows.
        gradients = [tf.convert_to_tensor(one) for one in gradients]
        # This includes the all-reduce.
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    @tf.function
    def step(batch, ratings):
        losses = strategy.run(step_on_a_share, args=(batch, ratings))
        return strategy.reduce("SUM", losses, axis=None)

    losses, seconds = [], []
    for epoch in range(checkpoints.restore(state), epochs):
        order = np.random.default_rng(epoch).permutation(len(stars))
        of_epoch, started = [], time.perf_counter()
        for number in range(len(stars) // batch_size):  # drops an incomplete batch
            simulate_failure(folder, worker, epoch, number)
            whole = order[number * batch_size : (number + 1) * batch_size]
            mine = whole[worker::n_workers]  # this worker's share
            batch = {"user": user[mine], "movie": movie[mine]}
            of_epoch.append(float(step(batch, stars[mine])))
        seconds.append(time.perf_counter() - started)
        losses.append(np.mean(of_epoch))
        if worker == 0:
            print(f"  época {epoch + 1}: pérdida {losses[-1]:.4f}", flush=True)
            checkpoints.save(state, epoch + 1)
    return losses, weights_of(model), min(seconds)


# %% [markdown] tags=["question", "slide"]
# Factorización de matrices con sesgos, en lotes de 1024: primero un proceso con todos los núcleos de este equipo, después dos *workers* con la mitad de los núcleos cada uno. ¿Cuánto tarda una época con dos?
#
# - [ ] La mitad: cada uno tiene la mitad del trabajo
#   - Y la mitad de los núcleos. Dos equipos reducirían a la mitad el tiempo de cálculo, en el mejor de los casos.
# - [ ] Más o menos lo mismo: el mismo trabajo con los mismos núcleos
#   - Para el cálculo es cierto. Pero ¿qué se envían los *workers* en cada paso?
# - [ ] Un poco más: algo se pierde en los envíos
#   - Haz cuentas: un paso calcula con 1024 filas, y envía el gradiente de todas las tablas.
# - [x] Mucho más
#   - Un paso de este modelo calcula muy poco, y después cada *worker* espera al otro. Las celdas de abajo lo miden.

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


def wide_model(width=1024):
    """Más pesos que enviar y muchísimo más que calcular: una red ancha."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    values = layers.Concatenate()(
        [layers.Embedding(n_users, 16)(user), layers.Embedding(n_movies, 16)(movie)]
    )
    for _ in range(2):
        values = layers.Dense(width, activation="relu")(values)
    rating = layers.Rescaling(1.0, offset=mean)(layers.Dense(1)(values))
    return keras.Model({"user": user, "movie": movie}, rating)


def train_both(worker, n_workers, folder):
    few = tuple(part[:4_096] for part in data)
    strategy = make_strategy(n_workers)
    return (
        train_on_worker(
            worker, strategy, small_model, data, 3, 1024, 0.01, folder / "small"
        ),
        train_on_worker(
            worker, strategy, wide_model, few, 2, 2048, 0.001, folder / "wide"
        ),
    )


folder = Path(tempfile.mkdtemp(dir=work))
for place in ("one/small", "one/wide", "two/small", "two/wide"):
    (folder / place).mkdir(parents=True)
(folder / "two" / "small" / "kill").touch()
print("1 worker")
one = train_both(0, 1, folder / "one")
print("2 workers")
two = run_workers(train_both, 2, folder / "two", n_workers=2, restarts=1)

alone, together, other = one[0], two[0][0], two[1][0]
print("pérdidas, 1 worker: ", np.round(alone[0], 6))
print("pérdidas, 2 workers:", np.round(together[0], 6), "tras el reinicio")

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
    largest_difference(alone[0][1:], together[0]),
    at_most=10,
)

# %% [markdown]
# A pesar del fallo, dos *workers* acaban con los mismos pesos que uno, salvo el redondeo de float32: solo se repitió el trabajo hecho desde el último punto de control. Esto vale para el entrenamiento *síncrono* sin *dropout* ni normalización por lotes, que en una parte sortearían o calcularían números distintos que en el lote entero. También se comparan las pérdidas, porque con Adam los pesos por sí solos apenas muestran si los gradientes se dividieron entre el número correcto: Adam divide de todos modos entre el tamaño de los gradientes.
#
# Aquí el lote entero sigue siendo de 1024, y cada *worker* recibe la mitad. Lo habitual es que cada *worker* conserve su tamaño de lote, para tener bastante que calcular. Entonces el lote entero crece con los *workers*, hay menos pasos y hay que elegir de nuevo la tasa de aprendizaje: Goyal et al. (más abajo) la multiplican por el número de *workers*, tras un comienzo lento. Ese es otro entrenamiento, que acaba con otros pesos.
#
# ¿Y el tiempo? Estos son los segundos de la época más rápida, sin el reinicio. Las dos ejecuciones usan los mismos núcleos, así que una ralentización es lo que cuesta la comunicación.

# %% tags=["slide"]
seconds = pd.DataFrame(
    {
        "factorización de matrices": {"1 worker": one[0][2], "2 workers": two[0][0][2]},
        "red ancha": {"1 worker": one[1][2], "2 workers": two[0][1][2]},
    }
)
seconds.loc["veces más lento con 2"] = seconds.iloc[1] / seconds.iloc[0]
seconds.round(2)

# %% [markdown]
# Con la factorización de matrices, dos *workers* necesitan varias veces el tiempo de un solo proceso. Los gradientes de sus tablas ocupan 0.2 MB, y enviarlos lleva mucho menos tiempo del que pierde un paso. Así que la mayor parte de la pérdida de tiempo es el coste fijo de un *all-reduce*, que hay que pagar en cada paso, por pequeño que sea. La red ancha envía 25 veces más, pero calcula decenas de miles de veces más por valoración. Así que debería perder mucho menos, y con dos equipos, con el doble de núcleos, puede ganar. En nuestra ejecución, dos *workers* tardan más o menos lo mismo que uno, o algo más. Son solo unos pocos pasos largos, por lo que el tiempo varía: repite la celda antes de comparar.
#
# Con modelos más grandes, también cuentan los bytes. Así que estima el **cálculo por byte enviado** y el número de mensajes antes de añadir *workers*. Las tablas de *embeddings* tienen muchísimos pesos y poco que calcular con cada uno, de modo que el simple paralelismo de datos no les conviene. Nuestro paso envía tablas enteras; una biblioteca puede enviar solo las filas del lote.
#
# ## Tablas de *embeddings* fragmentadas
#
# Un servicio en línea con 10⁹ usuarios, 10⁸ artículos y 128 factores: ¿qué necesitan sus tablas?

# %%
n_rows, n_factors, batch = 10**9 + 10**8, 128, 8_192
weights = 4 * n_rows * n_factors  # bytes, float32
pd.Series(
    {
        "pesos (GB)": weights / 1e9,
        "pesos y slots de Adam (GB)": 3 * weights / 1e9,
        "gradiente denso para el all-reduce, en cada paso (GB)": weights / 1e9,
        "filas de un lote (GB)": 2 * batch * n_factors * 4 / 1e9,
    }
).round(3)

# %% [markdown] tags=["slide", "sentence-25-26-27"]
# Dos tercios de esto son los *slots* de Adam. Los sistemas grandes usan a menudo un optimizador que necesita menos. **AdaGrad por filas** (*row-wise AdaGrad*) guarda un solo número por *fila*, la suma de las medias de sus gradientes al cuadrado, y divide el paso de toda la fila entre la raíz de ese número. Para estas tablas son 4.4 GB en lugar de 1126 GB, y la actualización es dispersa. TorchRec lo llama `RowWiseAdagrad`. (Tu Adam perezoso es `torch.optim.SparseAdam` en PyTorch).
#
# ¿Tiene que ser tan grande la tabla? Con el **truco del *hash***, la fila de un identificador es `hash(id) % n_rows`. Varios identificadores comparten una fila, nadie guarda una lista de identificadores, y uno nuevo tiene una fila al momento. Dos tablas pequeñas, una para el resto y otra para el cociente, dan a cada identificador una combinación propia ([Shi et al., 2020](https://arxiv.org/abs/1909.02107)). Con números de 16 u 8 bits, una tabla entrenada ocupa menos. Y un modelo con torre del usuario (lección 07) no necesita una tabla de usuarios. Cada una de estas cosas puede costar calidad: mídela en los identificadores poco frecuentes.
#
# En un servidor con 256 GB de memoria no caben estas tablas. Hay servidores con 2 TB en los que sí, y los modelos más pequeños caben en cualquier servidor. Así que estas son las razones para repartir una tabla:
#
# - **Memoria de los aceleradores.** Se entrena en GPU o TPU, y una GPU de centro de datos, como la NVIDIA H100, tiene 80 GB.
# - **Ancho de banda.** Buscar filas apenas requiere cálculo, así que va tan rápido como la memoria. La H100 lee su propia memoria a unos 3 TB por segundo; la de un servidor, a través del bus PCIe, a unos 60 GB por segundo.
# - **Rendimiento.** Muchos aceleradores entrenan con muchos lotes a la vez. Las dos últimas filas de la tabla muestran la diferencia entre enviar gradientes densos y enviar filas.
#
# Por eso los sistemas grandes **fragmentan** sus tablas (*sharding*): cada dispositivo guarda una parte de las filas. El dispositivo que necesita una fila se la pide al que la tiene, y le devuelve el gradiente de la fila. Eso es **paralelismo de modelo**. Se suele combinar con el paralelismo de datos para las capas densas:
#
# | propiedad | paralelismo de datos | tablas fragmentadas |
# | --- | --- | --- |
# | cada dispositivo guarda | todos los pesos | una parte de las filas |
# | se envía en cada paso | gradientes de todos los pesos (*all-reduce*) | las filas del lote y sus gradientes (*all-to-all*: cada dispositivo envía algo distinto a cada uno de los demás) |
# | adecuado para | capas densas | tablas de *embeddings* |
#
# El fragmento de una fila se deduce solo del número de la fila, ya que una lista de lugares sería tan larga como la tabla. Y cada fragmento numera sus propias filas desde 0 y sin huecos, porque los huecos desperdiciarían memoria.

# %% [markdown]
# ### Ejercicio 9.5 — fragmenta una tabla (6 minutos)
#
# Completa dos funciones. `shards_needed` cuenta los fragmentos que necesita una tabla. `locate_rows` dice en qué fragmento está una fila y qué número tiene allí.


# %%
def shards_needed(n_bytes, bytes_per_shard):
    """El mínimo de fragmentos para `n_bytes`, a `bytes_per_shard` como mucho cada uno.

    Parameters
    ----------
    n_bytes, bytes_per_shard : int
        Al menos 1.

    Returns
    -------
    int

    Examples
    --------
    >>> shards_needed(100, 50), shards_needed(101, 50)
    (2, 3)
    """
    ### BEGIN SOLUTION
    return (n_bytes + bytes_per_shard - 1) // bytes_per_shard
    ### END SOLUTION


def locate_rows(rows, n_shards):
    """Dónde está cada fila de una tabla.

    Parameters
    ----------
    rows : numpy.ndarray of int, shape (n,)
        Algunas filas de una tabla, en cualquier orden.
    n_shards : int

    Returns
    -------
    shard : numpy.ndarray of int, shape (n,), de 0 a n_shards - 1
    local_row : numpy.ndarray of int, shape (n,)
        El número de la fila dentro de su fragmento, desde 0. Ambas cosas dependen solo
        del número de la fila. Con las filas 0, 1, …, n - 1 de una tabla, sea cual sea
        su n, ningún fragmento tiene huecos en sus números, y los tamaños de dos
        fragmentos difieren en una fila como mucho.

    Examples
    --------
    >>> shard, local_row = locate_rows(np.arange(7), 3)
    >>> sorted(np.bincount(shard).tolist())
    [2, 2, 3]
    """
    ### BEGIN SOLUTION
    return rows % n_shards, rows // n_shards
    ### END SOLUTION


# %%
print(shards_needed(100, 50), shards_needed(101, 50))
shard, local_row = locate_rows(np.arange(7), 3)
print(shard.tolist(), local_row.tolist())

# %%
check("9.5", shards_needed, locate_rows)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Reparte cartas, numeradas desde 0, a los jugadores 0, 1 y 2 por turnos. ¿A quién le toca la carta 7, y cuántas cartas tenía antes?
# 2. El resto de una división es el jugador (`%`); la parte entera, el número de cartas que ya tenía (`//`). El número de fragmentos se redondea *hacia arriba*.
#
# ```python
# def locate_rows(rows, n_shards):
#     return rows % ..., ...
# ```
#
# **Fíjate**
#
# Las filas vecinas están en fragmentos distintos. Eso reparte la carga: los usuarios nuevos tienen filas vecinas, y muchos están activos a la vez.

# %%
print(
    "aceleradores de 80 GB, con la mitad para tablas:",
    shards_needed(3 * weights, 40 * 10**9),
)
shard, _ = locate_rows(np.random.default_rng(0).integers(n_rows, size=8_192), 43)
counts = np.bincount(shard.astype(int), minlength=43)
print(f"filas de un lote en cada uno de los 43 fragmentos: de {counts.min()} a {counts.max()}")

# %% [markdown]
# Las filas de este lote están sorteadas de manera uniforme, así que los fragmentos solo se diferencian por azar. Un paso espera al que más trabajo tiene. Los lotes reales siguen una cola larga: los artículos más populares están en todos los lotes, y los fragmentos que los guardan tendrían más trabajo. Algunos sistemas copian las filas más populares en todos los dispositivos.
#
# Esto no lo escribirías a mano. **KerasRS** tiene `keras_rs.layers.DistributedEmbedding`: describes las tablas y las características que las leen, y la capa coloca las tablas. En las TPU con SparseCore las fragmenta entre los chips, y cada tabla tiene su propio optimizador. En CPU y GPU ofrece la misma interfaz sin esa aceleración, y fragmenta solo si defines una `keras.distribution`; aquí funciona sin fragmentar. La capa es una versión preliminar, así que su interfaz puede cambiar. Para PyTorch, [TorchRec](https://docs.pytorch.org/torchrec/) fragmenta tablas en GPU.

# %%
features = {
    name: FeatureConfig(
        name=name,
        table=TableConfig(f"{name}_factors", vocabulary_size=size, embedding_dim=16),
        input_shape=(1024,),
        output_shape=(1024, 16),
    )
    for name, size in [("user", n_users), ("movie", n_movies)]
}
vectors = DistributedEmbedding(features)(few)
print({name: tuple(values.shape) for name, values in vectors.items()})

# %% [markdown]
# ## Para recordar
#
# - Las valoraciones se pueden quedar en un disco: léelas por bloques, baraja los bloques y baraja dentro de los bloques.
# - El tiempo de una actualización densa crece con la tabla; el de una dispersa, con el lote. Busca otras operaciones que toquen la tabla entera: las copias y la penalización L2.
# - Un paso de entrenamiento propio necesita el modo de entrenamiento, las pérdidas de las propias capas y formas que encajen.
# - El paralelismo de datos síncrono, sin *dropout* ni normalización por lotes, aprende lo mismo que un solo *worker*. Que sea más rápido depende del cálculo por byte enviado.
# - Guarda los pesos, los *slots* y la época; cambia el nombre de un punto de control cuando esté completo; deja que un supervisor reinicie los *workers*.
# - Fragmenta las tablas de *embeddings* grandes, y replica las capas densas.
#
# ## Para seguir leyendo
#
# - P. Goyal et al., [Accurate, Large Minibatch SGD](https://arxiv.org/abs/1706.02677), 2017: paralelismo de datos en 256 GPU, y qué hacer con la tasa de aprendizaje.
# - M. Naumov et al., [Deep Learning Recommendation Model for Personalization and Recommendation Systems](https://arxiv.org/abs/1906.00091), 2019: las tablas, fragmentadas; las redes, copiadas.
# - D. Mudigere et al., [Software-Hardware Co-design for Fast and Scalable Training of Deep Learning Recommendation Models](https://arxiv.org/abs/2104.05158), 2022: tablas fragmentadas por filas, por columnas y por tabla, para un modelo con 12 billones de pesos.
# - La [guía de KerasRS](https://keras.io/keras_rs/), con ejemplos de `DistributedEmbedding`.
#
# **Y ahora:** esta era la última lección. Construye algo: tus propias valoraciones, otro conjunto de datos, un modelo de las listas de lecturas, y un modelo base al lado.

# %% tags=["instructor"]
# Minutos: 70. Los ejercicios ocupan 34; el resto es lectura, dos preguntas y las mediciones. Si falta tiempo, deja fuera «Valoraciones mapeadas en memoria, y cómo barajarlas» y el 9.1.
#
# Los *workers* necesitan alrededor de 1 GB de memoria cada uno; si un equipo tiene menos, muestra las salidas de la solución. Los tiempos cambian de un equipo a otro: que los estudiantes argumenten con los suyos.
#
# Ideas equivocadas: «un optimizador solo actualiza lo que tiene gradiente»; «dos *workers* son el doble de rápidos»; «con más *workers* el modelo pasa a ser otro»; «solo se fragmentan las tablas que no caben en un servidor».
#
# Preguntas abiertas, cada una de 2 puntos:
#
# ¿Cómo podría ser diez veces más pequeña la tabla de usuarios, y cómo notarías lo que cuesta? 2: compartir filas entre usuarios (*hashing*), menos factores o números más pequeños, y una comparación con valoraciones de validación, mejor según cuántas valoraciones tiene cada usuario; 1: una de las dos cosas; 0: «comprar más memoria».
#
# ¿Cada cuánto debería escribir un punto de control un entrenamiento de varios días? 2: compara el tiempo que lleva escribir uno con el trabajo que se espera perder, que es medio intervalo por cada fallo; 1: solo uno de los dos lados; 0: «lo más a menudo posible».
#
# Preguntas por escrito, de cinco frases cada una, sin código:
#
# 1. Con dos *workers* y los mismos núcleos, una época de la factorización de matrices tardó varias veces más, pero una de la red ancha apenas más. Explica la diferencia, y di qué hacen los sistemas grandes con sus tablas en su lugar. Respuesta modelo: En cada paso los *workers* calculan los gradientes de sus partes y después intercambian los gradientes de todos los pesos. La factorización de matrices calcula muy poco con un lote, así que la mayor parte del tiempo se va en el intercambio. La red ancha calcula decenas de miles de veces más, de modo que el intercambio importa menos. Lo que cuenta es el cálculo por byte enviado, y las tablas de *embeddings* tienen muchos pesos y poco que calcular con cada uno. Por eso los sistemas grandes fragmentan las tablas y envían solo las filas de un lote y sus gradientes.
#
# Rúbrica: 2 por un intercambio en cada paso, el cálculo por byte, y los fragmentos o las actualizaciones dispersas; 1 por «enviar lleva tiempo» sin compararlo con el cálculo; 0 por «dos *workers* aprenden otra cosa».
#
# 2. Una compañera sustituye Adam por LazyAdam en un modelo con la capa Embedding de Keras y `embeddings_regularizer="l2"`, y ve que un paso tarda lo mismo que antes. ¿Cuál es la razón, y qué cambiarías? Respuesta modelo: LazyAdam solo ahorra tiempo con gradientes que son listas de filas. La penalización L2 es una suma sobre todas las filas de la tabla, así que el gradiente de cada fila es distinto de cero, y el gradiente es denso. Además, la capa Embedding copia la tabla entera en cada paso. Yo penalizaría solo los vectores que se han leído, y los leería de la variable con `tf.gather`. Después mediría un paso con dos tamaños de la tabla, y compararía el error de validación.
#
# Rúbrica: 2 por el gradiente denso de la penalización y por penalizar las filas leídas; 1 por una de las dos cosas, o solo por la copia; 0 por «LazyAdam es más lento en las CPU».
