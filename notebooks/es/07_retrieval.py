# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/es/07_retrieval.ipynb) [![Abrir en Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2Fes%2F07_retrieval.ipynb)

# %% [markdown]
# # 7 · Recuperación: cien candidatas entre un millón
#
# Los modelos de las lecciones 02 a 05 puntúan todas las películas para un usuario y muestran las diez mejores. Con un millón de películas eso tarda demasiado. Por eso los sistemas grandes trabajan en **dos etapas**. La primera, la **recuperación** (*retrieval* o *generación de candidatos*), encuentra unas cien candidatas con una puntuación barata. La segunda, el **ranking**, ordena las candidatas con un modelo mejor y más lento. En esta lección construyes las dos.
#
# **Al terminar, podrás**
#
# - estimar cuánta memoria necesitan un modelo y su optimizador, y decir qué falla primero;
# - entrenar un modelo de dos torres con negativos del propio lote, la corrección logQ y una máscara para los aciertos accidentales;
# - buscar en un catálogo con un índice aproximado de vecinos más cercanos, y medir lo que se le escapa;
# - medir el *recall* de una primera etapa, y reordenar sus candidatas con un segundo modelo;
# - nombrar las capas de KerasRS que hacen lo mismo, y comprobar si lo hacen.
#
# **Tiempo** 75 minutos de trabajo y alrededor de un minuto de ejecución. **Antes de empezar** lecciones 01 a 05.

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

import time

import keras
import keras_rs
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from keras import layers, ops
from matplotlib import ticker
from usearch.index import Index

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import Popularity, ease_weights
from helpers.data import load_movielens
from helpers.metrics import bootstrap_mean
from helpers.my_ratings import my_ratings
from helpers.ranking import (
    mask_pairs,
    ndcg_at_k,
    recall_at_k,
    recommend,
    relevance_matrix,
    score_all,
    top_n,
)
from helpers.scoreboard import add_to_scoreboard
from helpers.splits import pairs, ranking_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(7)

# %% [markdown]
# La partición es la de la lección 05: si la última línea de abajo dice `stand-in for u1`, tus valoraciones vienen de un paquete sin las particiones oficiales, como en nuestra ejecución. Con la propia u1, los números difieren un poco de los del texto. Aquí las dos partes que no son el conjunto de prueba tienen tareas distintas: las torres se entrenan con las valoraciones de entrenamiento, y el modelo de ranking de la segunda etapa, con las de validación. Ya verás por qué.

# %%
movielens = load_movielens()
split = ranking_split(movielens, fold=1, valid=0.1, filtered=True, seed=0)
train, valid, test = split.train, split.valid, split.test
n_users, n_movies = split.n_users, split.n_movies
known = pd.concat([train, valid])
most_stars = movielens.rating_scale[1]
relevance = relevance_matrix(test, n_users, n_movies)
split

# %% [markdown]
# ## Memoria
#
# Toma la factorización de matrices con sesgos, el modelo de la lección 03. ¿Qué necesita cuando hay muchos usuarios y muchas películas? Las valoraciones están en un disco y se leen una vez por época. Las tablas de vectores tienen que estar en memoria, todas y todo el tiempo. El optimizador tiene sus propias tablas: Adam guarda dos números por cada peso, una media móvil de sus gradientes y otra de sus cuadrados. Juntos forman el **estado del optimizador**; TensorFlow los llama *slots*.
#
# ### Ejercicio 7.1 — bytes para entrenar (4 minutos)
#
# Producto punto + sesgos tiene, por cada usuario y por cada película, un vector de `n_factors` números y un sesgo. Todos los números son float32, de cuatro bytes cada uno. ¿Cuántos bytes necesitan en total los pesos y los *slots* del optimizador?


# %%
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    """Bytes de producto punto + sesgos: sus pesos y los *slots* del optimizador juntos.

    Cada usuario y cada película tienen `n_factors` números y un sesgo, todos float32.

    Parameters
    ----------
    n_users, n_movies, n_factors : int
        De cualquier tamaño, también mucho mayores que la memoria de un ordenador: calcula,
        y no crees arrays.
    slots : int
        Cuántos números guarda el optimizador por cada peso: Adam 2, SGD simple 0.

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
    raise NotImplementedError("Ejercicio 7.1: bytes para entrenar")


# %%
print(bytes_to_train(n_users=3, n_movies=2, n_factors=4, slots=0))
print(bytes_to_train(n_users=3, n_movies=2, n_factors=4, slots=2))

# %%
check("7.1", bytes_to_train)

# %%
shop = {"n_users": 100_000_000, "n_movies": 1_000_000}
gigabytes = {
    n_factors: {
        "los pesos": bytes_to_train(**shop, n_factors=n_factors, slots=0) / 1e9,
        "con los slots de Adam": bytes_to_train(**shop, n_factors=n_factors) / 1e9,
        "solo las películas": bytes_to_train(0, 1_000_000, n_factors, slots=0) / 1e9,
    }
    for n_factors in (32, 128)
}
pd.DataFrame(gigabytes).rename_axis(columns="factors").round(1)

# %% [markdown]
# Cien millones de usuarios y un millón de películas son un servicio grande. Con 128 factores, el entrenamiento necesita unos 156 GB. Caben en un servidor con 256 GB de memoria. Entonces, ¿qué falla primero?

# %%
quiz("7.a")

# %% [markdown]
# Antes que la memoria del servidor fallan tres cosas:
#
# - **Usuarios nuevos.** Un usuario que se ha registrado hoy no tiene una fila entrenada, y la fila de un usuario activo se queda anticuada.
# - **Memoria de la GPU.** Una NVIDIA H100 tiene 80 GB, así que con 128 factores no puede guardar las tablas y los *slots* de Adam. La lección 09 muestra qué hacer entonces.
# - **Rendimiento (*throughput*).** En cada petición, el servidor lee los vectores de todas las películas, medio gigabyte. Con mil peticiones por segundo, calculadas una a una, son 500 GB por segundo, más o menos lo que puede dar la memoria de un servidor grande, y para uno solo de varios modelos.
#
# Nuestro modelo de dos torres resuelve el primer problema, pues no tiene tabla de usuarios. (No ayuda a una *película nueva*, que no tiene fila en la tabla de películas. Para eso, una torre de películas necesita su contenido, como los géneros o un texto). El índice de más abajo resuelve el tercero.
#
# ## El modelo de dos torres
#
# Un **modelo de dos torres** (*two-tower model* o *dual encoder*) consta de dos funciones. La **torre del usuario** convierte en un vector lo que se sabe de un usuario, la **torre de la película** hace lo mismo con una película, y la puntuación es el producto punto de los dos vectores. El usuario y la película solo se encuentran ahí. Por eso los vectores de todas las películas se pueden calcular de antemano y guardar en un índice, y el vector de un usuario se calcula cuando hace falta.

# %%
boxes = {  # x, y, text, color
    "h": (0.25, 0, "películas que vio el usuario u,\ncon estrellas", "#F2F2F2"),
    "i": (0.75, 0, "película i", "#F2F2F2"),
    "u": (0.25, 1, "torre del usuario:\nsuma ponderada de vectores", "#E8F2F9"),
    "m": (0.75, 1, "torre de la película:\nvector y sesgo de la película", "#FDF1D8"),
    "pu": (0.25, 2, "vector del usuario, calculado\nen cada petición", "#E8F2F9"),
    "qi": (0.75, 2, "vector de la película, calculado\nde antemano: índice", "#FDF1D8"),
    "s": (0.5, 3, "puntuación = producto punto", "#F2F2F2"),
}


def draw_boxes(axes, boxes, arrows, title):
    """Dibuja cuadros con texto, y entre ellos flechas como "u-s"."""
    for x, y, text, color in boxes.values():
        frame = {"boxstyle": "round,pad=0.5", "fc": color, "ec": plots.BLUE}
        axes.text(x, y, text, ha="center", va="center", fontsize=9, bbox=frame)
    for arrow in arrows:
        (x, y, *_), (to_x, to_y, *_) = (boxes[name] for name in arrow.split("-"))
        step = (0, 0.3) if x == to_x or to_y > y else (0.13, 0)
        look = {"arrowstyle": "->", "color": plots.GREY}
        start, end = np.add((x, y), step), np.subtract((to_x, to_y), step)
        axes.annotate("", end, start, arrowprops=look)
    axes.set(xlim=(0, 1))
    axes.axis("off")
    axes.set_title(title)


axes = plt.figure(figsize=(7, 4)).add_subplot()
arrows = ["h-u", "i-m", "u-pu", "m-qi", "pu-s", "qi-s"]
draw_boxes(axes, boxes, arrows, "Dos torres que se encuentran en un producto punto")
axes.set_ylim(-0.5, 3.4)
plt.show()

# %% [markdown]
# *Cómo leer la figura:* la torre del usuario no ve la película, y la torre de la película no ve al usuario. Un modelo que los mezcla desde el principio, como la red de la lección 04, no se puede usar con un índice.
#
# Nuestra torre del usuario es el historial de la lección 05, ponderado por las estrellas. Sea $x_{uj}$ el número de estrellas que el usuario $u$ dio a la película $j$ dividido entre 5, y 0 donde no hay valoración. Con un vector $y_j$ por película, el vector del usuario es
#
# $$p_u = \frac{1}{\sqrt{\max(1, \sum_j x_{uj})}} \sum_j x_{uj}\, y_j .$$
#
# ### Ejercicio 7.2 — la torre del usuario (4 minutos)
#
# Calcula $p_u$ para cada fila de `history`. El 1 para el sesgo lo añade después el modelo.


# %%
def user_tower(history, vectors):
    """Vectores de usuarios, a partir de lo que vieron.

    Parameters
    ----------
    history : tensor of float32, shape (n, n_movies)
        Una fila por usuario: estrellas / 5, y 0 en las películas sin valoración. `fit`
        compila el modelo una vez para lotes de cualquier tamaño, así que n puede ser
        desconocido.
    vectors : tensor of float32, shape (n_movies, n_factors)

    Returns
    -------
    tensor of float32, shape (n, n_factors)
        La suma de los vectores de las películas, cada uno por su entrada de `history`,
        dividida entre la raíz de la suma de las entradas del usuario. Una suma menor que 1
        cuenta como 1.

    Examples
    --------
    El usuario 0 dio cinco estrellas a las cuatro películas. El usuario 1 no ha
    valorado nada.

    >>> history = ops.array([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    >>> vectors = ops.array([[2.0], [4.0], [5.0], [9.0]])
    >>> ops.convert_to_numpy(user_tower(history, vectors)).tolist()
    [[10.0], [0.0]]
    """
    raise NotImplementedError("Ejercicio 7.2: la torre del usuario")


# %%
few_stars = ops.array([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
few = user_tower(few_stars, ops.array([[2.0], [4.0], [5.0], [9.0]]))
print(ops.convert_to_numpy(few).tolist())

# %%
check("7.2", user_tower)

# %% [markdown]
# ## Negativos del propio lote
#
# La lección 05 tomaba cinco negativos al azar por cada positivo. Aquí hay una fuente más barata: las otras películas del lote. Un lote de 512 pares tiene 512 vectores de usuario y 512 vectores de película. Un solo producto de matrices da las puntuaciones de las 512 × 512 combinaciones. En la fila $i$, la película del propio par es el positivo, y las otras 511 son **negativos del propio lote** (*in-batch negatives*). La pérdida es una entropía cruzada con softmax, que pregunta: ¿cuál de las películas de este lote era? Para la fila $i$, con puntuaciones $s_{ij}$, es
#
# $$\log \sum_j e^{s_{ij}} - s_{ii} .$$
#
# La celda siguiente dibuja un lote de ocho pares.

# %%
eight = ["Fargo", "Alien", "Star Wars", "Brazil", "Heat", "Star Wars", "Big", "Jaws"]
kinds = np.zeros((8, 8))
kinds[np.array(eight)[:, None] == np.array(eight)] = 2
np.fill_diagonal(kinds, 1)
axes = plt.figure(figsize=(5.6, 4.6)).add_subplot()
shades = plt.matplotlib.colors.ListedColormap(["#EDEDED", plots.BLUE, plots.ORANGE])
axes.pcolormesh(kinds, cmap=shades, edgecolors="white", linewidth=2)
for (row, column), kind in np.ndenumerate(kinds):
    color = "white" if kind == 1 else "black"
    text = "−+!"[int(kind)]
    axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=color)
axes.invert_yaxis()
axes.grid(visible=False)
axes.set_xticks(np.arange(8) + 0.5, eight, rotation=40, ha="right")
axes.set_yticks(np.arange(8) + 0.5, [f"usuario del par {n}" for n in range(1, 9)])
axes.set_title("Un lote: + positivo, − negativo, ! acierto accidental")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* cada fila es una pregunta con ocho opciones. Dos pares de este lote tienen la misma película, Star Wars. En sus filas es el positivo, pero aparece otra vez y ahí cuenta como negativo. Volveremos a estos **aciertos accidentales**.
#
# ## La corrección logQ
#
# Los negativos del propio lote tienen una pega. Una película popular está en muchos lotes, así que es un negativo con mucha más frecuencia que otras, y el modelo aprende a bajar la puntuación de todo lo popular. La **corrección logQ** viene de los modelos de lenguaje ([Bengio y Senécal, 2003](https://proceedings.mlr.press/r4/bengio03a.html)); [Yi et al. (2019)](https://doi.org/10.1145/3298689.3346996) la usan con los negativos del propio lote. Resta a cada puntuación el logaritmo de $\pi_j$, la proporción de las valoraciones de entrenamiento que tiene la película,
#
# $$s_{ij} = p_i \cdot q_j - \log \pi_j ,$$
#
# donde $p_i$ es el vector del usuario del par $i$, y $q_j$ el de la película del par $j$. Solo se usa en el entrenamiento. ¿Por qué este término? Una suma sobre una muestra estima la suma sobre todas las películas si cada término se divide entre la frecuencia con que se toma la película (*muestreo por importancia*), y $e^{s} / \pi = e^{s - \log \pi}$. Así, la pérdida corregida se aproxima a la de la **softmax completa**, sobre todas las películas. Una softmax sobre una muestra que se corrige de este modo se llama **softmax muestreada**.
#
# ### Ejercicio 7.3 — la pérdida del lote (8 minutos)
#
# Calcula la pérdida media de un lote, con las puntuaciones corregidas en los dos términos: en la suma y en el positivo.


# %%
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    """Entropía cruzada con softmax entre las películas del lote, con corrección logQ.

    Parameters
    ----------
    user_vectors, movie_vectors : tensor of float32, shape (n, n_factors)
        La fila i de ambos pertenece al par i del lote. `fit` compila la pérdida una vez
        para lotes de cualquier tamaño. En ese momento n es desconocido, y los tensores no
        tienen valores: usa `ops`, no NumPy, `len` ni `float`.
    movie_share : tensor of float32, shape (n,)
        Proporción de todas las valoraciones que tiene la película del par i.

    Returns
    -------
    tensor of float32, shape () : la pérdida media de los pares

    Examples
    --------
    Con vectores de ceros, ambas películas son igual de probables: la pérdida es log 2.

    >>> float(in_batch_loss(ops.zeros((2, 3)), ops.zeros((2, 3)), ops.full((2,), 0.5)))
    0.6931471824645996
    """
    raise NotImplementedError("Ejercicio 7.3: la pérdida del lote")


# %%
print(float(in_batch_loss(ops.zeros((2, 3)), ops.zeros((2, 3)), ops.full((2,), 0.5))))

# %%
check("7.3", in_batch_loss)

# %% [markdown]
# > **Nota.** El positivo de una fila no se tomó al azar: está en la suma con probabilidad 1. Así que, en rigor, el muestreo por importancia solo vale para los negativos. [Khrylchenko et al. (2025)](https://arxiv.org/abs/2507.09331) muestran que la corrección habitual lo pasa por alto. En su pérdida el positivo no forma parte de la suma muestreada, y cada par se pondera con la probabilidad de que el modelo no elija el positivo. Con sus datos esto es mejor en todos los casos. Nosotros usamos la forma habitual, la que encontrarás en la mayoría de las bibliotecas.
#
# > **Nota.** Yi et al. hacen dos cosas más. Dividen ambos vectores entre su longitud, y las puntuaciones entre un número, la **temperatura**, que según ellos ayuda al entrenamiento. Y estiman las proporciones a partir del flujo de datos, pues continuamente aparecen artículos nuevos. Los negativos del propio lote tienen otro punto débil: las películas que nadie valora nunca son negativos, así que nada mantiene bajas sus puntuaciones. [Yang et al. (2020)](https://doi.org/10.1145/3366424.3386195) añaden negativos tomados al azar de manera uniforme (**muestreo mixto de negativos**, *mixed negative sampling*).
#
# En KerasRS, la extensión de Keras para sistemas de recomendación, la corrección es una capa. Recibe las puntuaciones y las probabilidades de muestreo. ¿Es igual la pérdida?

# %%
rng = np.random.default_rng(7)
some_users, some_movies = rng.normal(size=(2, 6, 4)).astype("float32")
some_shares = rng.dirichlet(np.ones(6)).astype("float32")
scores = some_users @ some_movies.T

correct = keras_rs.layers.SamplingProbabilityCorrection()
corrected = correct(scores, some_shares)
by_keras = keras.losses.sparse_categorical_crossentropy(
    np.arange(6), corrected, from_logits=True
)
ours = in_batch_loss(*map(ops.array, (some_users, some_movies, some_shares)))
print("igual a la nuestra:", np.allclose(ops.mean(by_keras), ours, atol=1e-5))

# %% [markdown]
# Hay una diferencia: la capa sube hasta 10⁻⁶ las probabilidades menores que 10⁻⁶ (`epsilon`). Aquí ninguna proporción es tan pequeña. Entre un millón de películas lo son la mayoría, y todas ellas recibirían la misma corrección. En ese caso, fija un `epsilon` menor.
#
# ## Aciertos accidentales
#
# En la matriz de arriba, Star Wars es correcta e incorrecta a la vez en la fila del mismo usuario. Un lote de 512 pares tiene unos cientos de entradas así, y la mayoría son películas populares. El remedio es sacar esas entradas de la suma: una puntuación de alrededor de −10⁹ se convierte en 0 en la softmax.
#
# ### Ejercicio 7.4 — enmascara los aciertos accidentales (6 minutos)
#
# Un acierto accidental es una entrada fuera de la diagonal cuya columna tiene la misma película que su fila.


# %%
def mask_accidental_hits(scores, movie):
    """Puntuaciones de un lote sin los aciertos accidentales.

    Parameters
    ----------
    scores : tensor of float32, shape (n, n)
        La entrada (i, j) es la puntuación del usuario del par i para la película del par j.
        `fit` compila la función una vez para lotes de cualquier tamaño, así que n puede ser
        desconocido.
    movie : tensor of int32, shape (n,)
        Película de cada par; una película puede estar en varios pares.

    Returns
    -------
    tensor of float32, shape (n, n)
        Los aciertos accidentales son −1e9 (o menos). Las demás entradas quedan como estaban,
        también las de la diagonal.

    Examples
    --------
    >>> scores = ops.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    >>> masked = mask_accidental_hits(scores, ops.array([7, 5, 7]))
    >>> (ops.convert_to_numpy(masked) < -1e8).astype(int).tolist()
    [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    """
    raise NotImplementedError("Ejercicio 7.4: enmascara los aciertos accidentales")


# %%
few_scores = ops.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
masked = mask_accidental_hits(few_scores, ops.array([7, 5, 7]))
print((ops.convert_to_numpy(masked) < -1e8).astype(int).tolist())

# %%
check("7.4", mask_accidental_hits)

# %% [markdown]
# KerasRS tiene también una capa para esto, `RemoveAccidentalHits`. Recibe las puntuaciones, las etiquetas (un 1 para el positivo de cada fila, y si no, 0) y las películas de las columnas como `candidate_ids`. La celda siguiente le da el ejemplo de arriba.

# %%
labels = np.eye(3, dtype="float32")
theirs = keras_rs.layers.RemoveAccidentalHits()(few_scores, labels, np.array([7, 5, 7]))
print("KerasRS", keras_rs.__version__)
print("la capa devuelve", ops.convert_to_numpy(theirs).tolist())
softmax = keras.ops.softmax
print("softmax igual:", np.allclose(softmax(theirs), softmax(masked), atol=1e-6))

# %% [markdown]
# En la versión 0.4 la capa devuelve las puntuaciones sin cambios. Suma un número positivo diminuto, de unos 10⁻⁴⁰, donde se quería uno muy negativo. En el entrenamiento no lo notarías, porque la pérdida baja igualmente. Se ha propuesto un arreglo ([pull request 206](https://github.com/keras-team/keras-rs/pull/206)). Si la línea de arriba dice True, tu versión ya lo tiene. Prueba una capa con tres filas antes de fiarte de ella. Nosotros usamos tu función.
#
# Una tercera capa, `HardNegativeMining`, conserva solo los negativos con las puntuaciones más altas, los **negativos difíciles**, y el positivo. A mano, eso es ordenar.

# %%
labels = np.eye(6, dtype="float32")
hardest, _ = keras_rs.layers.HardNegativeMining(num_hard_negatives=2)(scores, labels)
negatives = scores[labels == 0].reshape(6, 5)
by_hand = np.column_stack([np.diag(scores), np.sort(negatives, axis=1)[:, -2:]])
print("igual a la nuestra:", np.allclose(np.sort(hardest), np.sort(by_hand)))

# %% [markdown]
# Los negativos difíciles enseñan más que los fáciles, cuyas puntuaciones ya son bajas. Pero entre los negativos con las puntuaciones más altas hay también muchas películas que el usuario verá, **falsos negativos**. No usamos la capa.
#
# ## El entrenamiento de las torres
#
# Ahora, el modelo entero. La torre de la película es un vector y un sesgo por película. Para que la puntuación sea *un solo* producto punto, el sesgo se añade al vector de la película, y un 1 al del usuario. Un índice que busca por producto punto busca así por producto punto más sesgo. En el entrenamiento, la película del propio par se deja fuera del historial, como en la lección 04.


# %%
def loss_without_hits(user_vectors, movie_vectors, movie_share, movie):
    """La misma pérdida, con tu máscara, la corrección de KerasRS y la softmax de Keras."""
    scores = correct(
        ops.matmul(user_vectors, ops.transpose(movie_vectors)), movie_share
    )
    scores = mask_accidental_hits(scores, movie)
    row = ops.arange(ops.shape(scores)[0])
    losses = keras.losses.sparse_categorical_crossentropy(row, scores, from_logits=True)
    return ops.mean(losses)


class TwoTowers(keras.Model):
    """Las puntuaciones son vectores de usuario · vectores de película."""

    def __init__(self, stars, movie_share, mask_hits=True, n_factors=32):
        super().__init__()
        self.stars = ops.convert_to_tensor(stars)
        self.movie_share = ops.convert_to_tensor(movie_share)
        self.mask_hits = mask_hits
        self.n_movies = stars.shape[1]
        start = keras.initializers.RandomNormal(stddev=0.05)
        self.when_watched = layers.Embedding(self.n_movies, n_factors, start)
        self.when_watched.build()
        self.movie_factors = layers.Embedding(self.n_movies, n_factors, start)
        self.movie_bias = layers.Embedding(self.n_movies, 1, "zeros")
        self.dropout = layers.Dropout(0.5)

    def user_vectors(self, history, training=False):
        """De estrellas / 5 de las películas (0: no vista); forma (n, n_factors + 1)."""
        vectors = user_tower(history, self.when_watched.embeddings)
        vectors = self.dropout(vectors, training=training)
        return ops.concatenate([vectors, ops.ones_like(vectors[:, :1])], axis=1)

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
        share = ops.take(self.movie_share, x["movie"])
        if self.mask_hits:
            return loss_without_hits(*y_pred, share, x["movie"])
        return in_batch_loss(*y_pred, share)


# %% [markdown]
# Lo entrenamos tres veces: como debe ser, sin quitar los aciertos accidentales, y sin la corrección logQ. (Proporciones iguales para todas las películas cambian todas las puntuaciones en el mismo número, lo que no afecta a una softmax).

# %%
quiz("7.b")

# %%
train_stars, known_stars = (
    relevance_matrix(part, n_users, n_movies, part["rating"] / most_stars)
    for part in (train, known)
)


def train_towers(part, stars, log_q=True, mask_hits=True):
    counts = np.bincount(part["movie"], minlength=n_movies) + 1.0  # no share is 0
    share = counts / counts.sum() if log_q else np.full(n_movies, 1 / n_movies)
    keras.utils.set_random_seed(5)
    towers = TwoTowers(stars, share.astype("float32"), mask_hits)
    towers.compile(keras.optimizers.Adam(0.01), steps_per_execution=10)
    # With all variables created here, TensorFlow traces the training step only once.
    towers({name: values[:1] for name, values in pairs(part).items()})
    towers.optimizer.build(towers.trainable_variables)
    target = np.zeros(len(part))  # the loss does not need one
    towers.fit(pairs(part), target, batch_size=512, epochs=8, verbose=0)
    return towers


def vectors_of(towers, stars):
    """Vectores de todos los usuarios con estos historiales, y de todas las películas."""
    users, movies = (
        towers.user_vectors(stars),
        towers.movie_vectors(np.arange(n_movies)),
    )
    return np.asarray(users), np.asarray(movies)


def ndcg_of(scores):
    """NDCG@10 de cada usuario de prueba; las películas que ha valorado están enmascaradas."""
    return ndcg_at_k(relevance, mask_pairs(scores, known), 10, per_user=True)


towers = train_towers(train, train_stars)
user_vectors, movie_vectors = vectors_of(towers, known_stars)
first_scores = user_vectors @ movie_vectors.T
ndcg = {"dos torres": ndcg_of(first_scores)}
for name, changed in {
    "sin quitar los aciertos accidentales": {"mask_hits": False},
    "sin la corrección logQ": {"log_q": False},
}.items():
    others = train_towers(train, train_stars, **changed)
    their_users, their_movies = vectors_of(others, known_stars)
    ndcg[name] = ndcg_of(their_users @ their_movies.T)
popular = score_all(Popularity().fit(known, n_movies), n_users, n_movies)
ndcg["popularidad"] = ndcg_of(popular)
means = {name: np.nanmean(values) for name, values in ndcg.items()}
means = dict(sorted(means.items(), key=lambda item: -item[1]))
plots.plot_bars(
    means, means.values(), "Dos torres", "NDCG@10", highlight=["dos torres"]
)
difference = ndcg["dos torres"] - ndcg["sin quitar los aciertos accidentales"]
mean, low, high = bootstrap_mean(difference)
print(f"dos torres − sin quitar los aciertos accidentales: {mean:+.3f} ({low:+.3f} a {high:+.3f})")
difference = ndcg["popularidad"] - ndcg["sin la corrección logQ"]
mean, low, high = bootstrap_mean(difference)
print(f"popularidad − sin logQ: {mean:+.3f} ({low:+.3f} a {high:+.3f})")
add_to_scoreboard(
    "dos torres",
    edition=movielens.name,
    split=split.name,
    lesson="07",
    **{"ndcg@10": means["dos torres"]},
)

# %% tags=["nbval-check-output"]
verdict("NDCG@10 de las dos torres", means["dos torres"], at_least=0.38)
verdict(
    "NDCG@10 sin la corrección logQ",
    means["sin la corrección logQ"],
    at_most=0.2,
)

# %% [markdown]
# *Cómo leer la figura:* sin la corrección logQ, las listas son mucho peores que la simple popularidad, y el intervalo impreso queda muy por encima de 0. La prueba también influye: sus valoraciones ocultas son sobre todo de películas populares, y la corrección permite que el modelo ponga arriba las películas populares. Un servicio que quiera mostrar más de la cola larga puede restar a las puntuaciones de sus listas una parte de $\log \pi_j$, como la mitad.
#
# En este conjunto de prueba no se ve ningún efecto de los aciertos accidentales. El intervalo del 95 %, que `bootstrap_mean` calcula como la lección 05, contiene el 0. En promedio, menos de uno de los 511 negativos de una fila es un acierto accidental.
#
# EASE, de la lección 05, llega a unos 0.45. Se calculó también con las valoraciones de validación, y estas torres no se entrenaron con ellas. Solo los historiales las contienen: una torre del usuario tiene en cuenta valoraciones nuevas sin ningún entrenamiento. Más abajo entrenamos las torres con ambas partes, y volvemos a comparar.
#
# ## Búsqueda aproximada de vecinos más cercanos
#
# ¿Cómo encuentras las mejores películas de un millón sin una puntuación para cada una? La búsqueda exacta calcula todas las puntuaciones y ordena las mejores. KerasRS la llama `BruteForceRetrieval`.


# %%
def exact_lists(movie_vectors, user_vectors, n):
    """Las n mejores de cada usuario, en orden: puntúa todas, ordena solo esas n."""
    scores = user_vectors @ movie_vectors.T
    best = np.argpartition(-scores, n, axis=1)[:, :n]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
    return np.take_along_axis(best, order, axis=1)


search_all = keras_rs.layers.BruteForceRetrieval(movie_vectors, k=10)
_, their_lists = search_all(user_vectors)
our_lists = exact_lists(movie_vectors, user_vectors, 10)
print(f"{np.mean(np.asarray(their_lists) == our_lists):.1%} de los puestos son iguales")

# %% [markdown]
# Un **índice aproximado de vecinos más cercanos** (ANN) prepara los vectores de modo que una búsqueda solo mira unos cientos. A veces se le escapa uno. El tipo más común es **HNSW** (*hierarchical navigable small world*, [Malkov y Yashunin, 2016](https://arxiv.org/abs/1603.09320)). Es un grafo en varias capas, en el que cada vector está conectado con algunos cercanos. Las capas superiores tienen pocos vectores y conexiones largas. Una búsqueda empieza arriba, pasa al vecino más cercano a la consulta hasta que no hay ninguno más cercano, y sigue en la capa de debajo.
#
# Tres números controlan el equilibrio entre *recall* y coste: los vecinos de cada vector (*M*), y las candidatas que se mantienen al construir el índice y al buscar en él (*efConstruction* y *ef*). HNSW necesita en memoria todos los vectores y el grafo. Otros tipos de índice ahorran memoria: un **archivo invertido** (IVF) busca solo en algunos grupos, y la **cuantización de producto** (PQ) guarda un vector en unos pocos bytes ([Jégou et al., 2011](https://doi.org/10.1109/TPAMI.2010.57)). ScaNN cuantiza para productos internos ([Guo et al., 2020](https://arxiv.org/abs/1908.10396)).

# %%
rng = np.random.default_rng(157)
points, query = rng.random((70, 2)), np.array([0.82, 0.22])
figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.9))
place = 0  # where the search starts
for axes, members, title in [
    (panels[0], np.arange(9), "Capa superior: pocos vectores, pasos largos"),
    (panels[1], np.arange(70), "Capa inferior: todos los vectores, pasos cortos"),
]:
    distance = np.linalg.norm(points[members][:, None] - points[members], axis=-1)
    neighbours = np.argsort(distance, axis=1)[:, 1:5]
    for one, near in enumerate(neighbours):
        for other in near:
            axes.plot(*points[[one, other]].T, color="#D0D0D0", lw=0.8, zorder=1)
    walk, to_query = [], np.linalg.norm(points - query, axis=1)
    while place not in walk:  # the last step is the one that stays
        walk.append(place)
        place = min([place, *neighbours[place]], key=to_query.__getitem__)
    axes.scatter(*points[members].T, s=22, color=plots.GREY, zorder=2)
    axes.plot(*points[walk].T, "o-", color=plots.BLUE, lw=2, label="recorrido", zorder=3)
    axes.plot(*query, "*", color=plots.RED, ms=15, label="consulta", zorder=4)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title(title, fontsize=11)
panels[0].legend(loc="upper left")
figure.suptitle("Un recorrido por un índice HNSW")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* el recorrido del panel de la derecha empieza donde terminó el de la izquierda. Un recorrido también puede terminar en un vector sin ningún vecino que esté más cerca de la consulta, aunque exista un vector más cercano. Por eso una búsqueda real mantiene varias candidatas a la vez. El dibujo conecta cada vector con sus cuatro más cercanos; un índice real conserva también algunas conexiones más largas, para que se pueda llegar a todas partes.
#
# Nuestras 1300 películas no necesitan índice, así que inventamos un catálogo de 20 000: cada película quince veces, con un ruido de media desviación típica en cada número. Sirve para medir tiempo y *recall*, y no dice nada de gustos.
#
# ### Ejercicio 7.5 — construye un índice y busca en él (8 minutos)
#
# Con `usearch`, `Index(ndim=…, metric="ip", dtype="f32")` crea un índice para productos internos. (Los valores por defecto son otra métrica, el coseno, que ignora la longitud de los vectores, y números de 16 bits). `index.add(keys, vectors)` añade cada vector con un número, aquí el de su fila. `index.search(vectors, n).keys` los busca, los mejores primero. Antes, fija `index.expansion_search`: es el **esfuerzo** (*ef*), el número de candidatas que mantiene una búsqueda. Busca a través del grafo: `exact=True` no está permitido. Para un solo usuario, usearch devuelve una sola fila; tú debes devolver igualmente una tabla.
#
# El *recall* de una búsqueda es la proporción de la lista exacta que encontró, en cualquier orden, promediada sobre los usuarios.


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
    raise NotImplementedError("Ejercicio 7.5: construye un índice y busca en él")


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
    raise NotImplementedError("Ejercicio 7.5: construye un índice y busca en él")


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
    raise NotImplementedError("Ejercicio 7.5: construye un índice y busca en él")


# %%
print(recall_of(np.array([[3, 1], [5, 6]]), np.array([[1, 3], [6, 9]])))
few_vectors = np.array([[0.0, 1.0], [3.0, 0.0], [0.0, 2.0]], dtype="float32")
print(search_index(build_index(few_vectors), few_vectors[:1], n=2, effort=8).tolist())

# %%
check("7.5", build_index, search_index, recall_of)

# %%
rng = np.random.default_rng(0)
shop_vectors = np.repeat(movie_vectors, 15, axis=0)[:20_000]
noise = 0.5 * movie_vectors.std(axis=0) * rng.normal(size=shop_vectors.shape)
shop_vectors = (shop_vectors + noise).astype("float32")


def best_seconds(function, *arguments, repeats=3):
    """Lo que devuelve, y el menor tiempo que tardó."""
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        answer = function(*arguments)
        seconds.append(time.perf_counter() - started)
    return answer, min(seconds)


exact, exact_seconds = best_seconds(exact_lists, shop_vectors, user_vectors, 10)


def measure_index(movie_vectors, user_vectors, exact, exact_seconds):
    """Recall@10 y cuántas veces más rápido que puntuarlo todo, según el esfuerzo; y el índice."""
    started = time.perf_counter()
    index = build_index(movie_vectors)
    print(f"índice de {len(index)} construido en {time.perf_counter() - started:.1f} s")
    measured = []
    for effort in (10, 20, 40, 80, 160):
        found, seconds = best_seconds(search_index, index, user_vectors, 10, effort)
        measured.append((effort, recall_of(found, exact), exact_seconds / seconds))
    table = pd.DataFrame(measured, columns=["effort", "recall", "veces más rápido"])
    return table, index


as_they_are, _ = measure_index(shop_vectors, user_vectors, exact, exact_seconds)
as_they_are.round(2)

# %% [markdown]
# La búsqueda es rápida, y se le escapa mucho. Encontrar los mayores productos internos se llama **búsqueda del máximo producto interno** (*maximum inner product search*, MIPS), y es más difícil que encontrar los vectores más cercanos. Un recorrido se apoya en distancias: si A está cerca de B y B cerca de C, A no está lejos de C. Los productos internos no tienen esa propiedad. No hemos comprobado si esa es la causa aquí.
#
# Un remedio es un número más ([Bachrach et al., 2014](https://doi.org/10.1145/2645710.2645741)). Sea $M$ la longitud del vector de película más largo. Añade a cada vector de película $m$ el número que lo hace igual de largo, $\sqrt{M^2 - \lVert m \rVert^2}$, y un 0 al vector de cada usuario. Los productos no cambian, pues el número nuevo se multiplica por 0. Pero ahora todas las películas están en una esfera, y la película con el mayor producto es también la más cercana.


# %%
def equally_long(vectors):
    """Añade a cada vector un número que lo hace tan largo como el más largo."""
    squares = np.sum(vectors**2, axis=1, keepdims=True)
    missing = np.sqrt(np.maximum(squares.max() - squares, 0))
    return np.concatenate([vectors, missing], axis=1)


def with_zero(vectors):
    return np.concatenate([vectors, np.zeros((len(vectors), 1), "float32")], axis=1)


on_a_sphere, index = measure_index(
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
axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
axes.yaxis.set_major_formatter("{x:g}")
axes.yaxis.set_minor_formatter("")
axes.margins(x=0.1)
axes.set_title("El recall cuesta tiempo (números: esfuerzo)")
axes.legend()
plt.show()
on_a_sphere.round(2)

# %% tags=["nbval-check-output"]
verdict("recall@10, igual de largos", on_a_sphere["recall"].iloc[-1], at_least=0.9)
gained = on_a_sphere["recall"].iloc[-1] - as_they_are["recall"].iloc[-1]
verdict("recall@10 ganado al igualar las longitudes", gained, at_least=0.05)

# %% [markdown]
# *Cómo leer la figura:* a lo largo de cada curva, de izquierda a derecha, hay más esfuerzo, más *recall* y menos velocidad. Dónde parar es una decisión. Un servicio que muestra diez de un millón de películas puede aceptar que falte una de cada veinte, pero tiene que medirlo. La ventaja crece con el catálogo: con un millón de vectores, puntuarlos todos tarda unas cincuenta veces más que aquí, mientras que el recorrido se alarga mucho más despacio. Los tiempos son aproximados: el índice busca con todos los núcleos, y ordenar las listas exactas usa uno.
#
# > **Nota.** Aquí el número añadido ayuda. No es así con todos los datos: [Morozov y Babenko (2018)](https://papers.nips.cc/paper/7722-non-metric-similarity-graphs-for-maximum-inner-product-search) vieron que, con los suyos, los grafos de productos internos daban mejor resultado. Así que mide las dos opciones con tus propios vectores. Muchos modelos de dos torres evitan la cuestión, pues dividen ambos vectores entre su longitud. Entonces el producto interno es el coseno.
#
# La figura tiene a todos los usuarios en una llamada. En un servicio, las peticiones llegan de una en una. ¿Cuánto tarda una, sola y entre muchas?

# %%
searches = {
    "puntuarlo todo": lambda users: exact_lists(shop_vectors, users, 10),
    "índice, esfuerzo 80": lambda users: search_index(index, with_zero(users), 10, 80),
}


def milliseconds_per_user(search, at_once, users=user_vectors[:200]):
    """Tiempo de búsqueda por usuario, con `at_once` usuarios en cada llamada."""
    starts = range(0, len(users), at_once)
    _, seconds = best_seconds(
        lambda: [search(users[start : start + at_once]) for start in starts]
    )
    return 1000 * seconds / len(users)


pd.DataFrame(
    {
        f"{at_once} por llamada": {
            name: milliseconds_per_user(search, at_once)
            for name, search in searches.items()
        }
        for at_once in (1, 200)
    }
).rename_axis("ms por usuario").round(3)

# %% [markdown]
# Una petición que llega sola gana menos con el índice que muchas en una llamada. Cada llamada tiene un coste fijo, y solo muchos usuarios en una misma llamada mantienen ocupados varios núcleos. Al crecer el catálogo, lo que crece es sobre todo el tiempo de puntuarlo todo.
#
# ## Ranking en dos etapas
#
# La primera etapa devuelve 100 candidatas. Ha cumplido si entre ellas están las películas que un usuario verá, en cualquier orden. Por eso la métrica de una primera etapa es el ***recall*@100** respecto a las películas *relevantes*. (En la sección anterior era el *recall* respecto a la lista exacta. Un índice puede encontrar la lista exacta de un modelo malo).
#
# ### Ejercicio 7.6 — el *recall* de la primera etapa (5 minutos)
#
# Escríbela tú, sin usar `recall_at_k`, de las funciones auxiliares.


# %%
def candidate_recall(candidates, relevance):
    """Proporción media de las películas relevantes de un usuario entre las candidatas.

    Parameters
    ----------
    candidates : numpy.ndarray of int, shape (n_users, n_candidates)
        Columnas de `relevance`; en cada fila, una película como mucho una vez.
    relevance : numpy.ndarray of float, shape (n_users, n_movies)
        Mayor que 0 donde una película es relevante para el usuario; todas cuentan igual.

    Returns
    -------
    float
        La media sobre los usuarios que tienen al menos una película relevante.

    Examples
    --------
    El usuario 0 tiene dos películas relevantes, una de ellas candidata. El 1, ninguna.

    >>> candidates = np.array([[0, 3], [1, 2]])
    >>> candidate_recall(candidates, np.array([[5.0, 0, 2, 0], [0, 0, 0, 0]]))
    0.5
    """
    raise NotImplementedError("Ejercicio 7.6: el *recall* de la primera etapa")


# %%
few_relevant = np.array([[5.0, 0, 2, 0], [0, 0, 0, 0]])
print(candidate_recall(np.array([[0, 3], [1, 2]]), few_relevant))

# %%
check("7.6", candidate_recall)

# %%
recalls = {
    name: [
        candidate_recall(top_n(mask_pairs(scores, known), k), relevance)
        for k in (10, 100, 300)
    ]
    for name, scores in [
        ("dos torres", first_scores),
        ("popularidad", popular),
        ("un orden perfecto", relevance),
    ]
}
columns = ["recall@10", "recall@100", "recall@300"]
n_relevant = (relevance > 0).sum(axis=1)
print(f"{n_relevant[n_relevant > 0].mean():.0f} películas de prueba por usuario")
pd.DataFrame.from_dict(recalls, orient="index", columns=columns).round(2)

# %% [markdown]
# Los usuarios tienen muchas películas de prueba, así que diez películas no pueden contenerlas todas: la última fila es el *recall* de un orden perfecto. Las 100 candidatas son el 7.5 % del catálogo, y en promedio contienen más del 60 % de las películas de prueba de un usuario. Un modelo de ranking solo puede subir estas.
#
# El **modelo de ranking** (*ranker*) puede mirar a la vez al usuario y a la película, porque puntúa 100 pares y no un millón. Toma dos cosas de la lección 04: características del par, y una red que las hace interactuar. Sus cinco entradas son la puntuación de las torres, la popularidad de la película (en logaritmo), su media de estrellas (con contracción, lección 01), cuánto encajan sus géneros con el historial del usuario, y cuánto dista su año del año medio de ese historial.

# %%
catalogue = movielens.movies.set_index("movie_id").loc[split.movies.ids]
genres = catalogue["genres"].str.get_dummies("|").to_numpy("float32")
year = catalogue["year"].astype("float32")
year = year.fillna(year.median()).fillna(0).to_numpy()
for what in ("genres", "year", "stars"):
    movielens.lacks(what)  # then this input is the same for all candidates


def ranker_inputs(part, scores, candidates):
    """Cinco números por candidata de cada usuario; forma (n_users, n_candidates, 5)."""
    stars = relevance_matrix(part, n_users, n_movies)
    watched = (stars > 0).astype("float32")
    n_of_movie = watched.sum(axis=0)
    n_of_user = np.maximum(watched.sum(axis=1, keepdims=True), 1)
    mean = part["rating"].mean()
    genre_shares = watched @ genres / n_of_user
    numbers = [
        scores,
        np.broadcast_to(np.log1p(n_of_movie), scores.shape),
        np.broadcast_to(
            (stars.sum(axis=0) + 5 * mean) / (n_of_movie + 5), scores.shape
        ),
        genre_shares @ genres.T / np.maximum(genres.sum(axis=1), 1),
        np.abs(year - watched @ year[:, None] / n_of_user),
    ]
    read = [np.take_along_axis(one, candidates, axis=1) for one in numbers]
    return np.stack(read, axis=-1).astype("float32")


# %% [markdown]
# ¿De qué etiquetas aprende el modelo de ranking? No de las valoraciones de entrenamiento: las torres las han visto, así que sus puntuaciones para esas películas son demasiado buenas. Las de validación son nuevas para las torres, como lo son las de prueba. Así que calculamos las candidatas de cada usuario a partir de las valoraciones de entrenamiento, y tomamos las etiquetas de las de validación.
#
# ### Ejercicio 7.7 — una capa de cruce (5 minutos)
#
# ¿Cómo puede una red multiplicar sus entradas? Una **capa de cruce** (*cross layer*) lo hace explícitamente. Con las entradas $x_0$ de la red y la salida $x$ de la capa anterior, calcula
#
# $$x_0 \odot (x W + b) + x ,$$
#
# donde $\odot$ es el producto elemento a elemento. La primera capa, con $x = x_0$, tiene todos los productos de dos entradas; la segunda, los de tres, y así sucesivamente. Las capas de cruce son el núcleo de **DCN-v2** ([Wang et al., 2020](https://arxiv.org/abs/2008.13535)), un modelo de ranking muy usado.


# %%
def cross(x0, x, kernel, bias):
    """Calcula una capa de cruce de DCN-v2.

    Parameters
    ----------
    x0, x : tensors of float32, shape (n, n_inputs) o (n, n_candidates, n_inputs)
        Las entradas de la red, y la salida de la capa anterior.
    kernel : tensor of float32, shape (n_inputs, n_inputs)
        Como el de una capa densa: x W.
    bias : tensor of float32, shape (n_inputs,)

    Returns
    -------
    tensor of float32, de la misma forma que x0

    Examples
    --------
    >>> x0, kernel = ops.array([[1.0, 2.0]]), ops.array([[0.0, 1.0], [0.0, 0.0]])
    >>> ops.convert_to_numpy(cross(x0, x0, kernel, ops.array([0.0, 3.0]))).tolist()
    [[1.0, 10.0]]
    """
    raise NotImplementedError("Ejercicio 7.7: una capa de cruce")


# %%
few_inputs, few_weights = ops.array([[1.0, 2.0]]), ops.array([[0.0, 1.0], [0.0, 0.0]])
crossed = cross(few_inputs, few_inputs, few_weights, ops.array([0.0, 3.0]))
print(ops.convert_to_numpy(crossed).tolist())

# %%
check("7.7", cross)

# %% [markdown]
# KerasRS llama a esta capa `FeatureCross`.

# %%
x0, x = ops.array(some_users), ops.array(some_movies)
feature_cross = keras_rs.layers.FeatureCross()
theirs = feature_cross(x0, x)
kernel, bias = feature_cross.get_weights()
print("igual a la nuestra:", np.allclose(theirs, cross(x0, x, kernel, bias), atol=1e-5))

# %% [markdown]
# El modelo de ranking es una capa de cruce y una salida lineal. Su pérdida es una entropía cruzada con softmax entre las 100 candidatas de un usuario. El objetivo de una candidata es el número de estrellas de su valoración de validación, 0 donde no la hay, dividido entre la suma del usuario (una variante de *ListNet*, [Cao et al., 2007](https://doi.org/10.1145/1273496.1273513)). Un segundo modelo no tiene capa de cruce, así que es lineal. La comparación muestra cuánto valen los productos. Más o menos la mitad de las películas de validación están entre las candidatas; de las demás, los modelos de ranking no pueden aprender.

# %%
towers_users, _ = vectors_of(towers, train_stars)
past_scores = towers_users @ movie_vectors.T
past_candidates = top_n(mask_pairs(past_scores, train), 100)
past_inputs = ranker_inputs(train, past_scores, past_candidates)
gain = np.take_along_axis(
    relevance_matrix(valid, n_users, n_movies), past_candidates, axis=1
)
learnable = gain.sum(axis=1) > 0  # users with a validation movie among the candidates
target = gain[learnable] / gain[learnable].sum(axis=1, keepdims=True)
normalize = layers.Normalization()
normalize.adapt(past_inputs)


def train_ranker(n_cross_layers):
    keras.utils.set_random_seed(7)
    inputs = keras.Input((None, past_inputs.shape[-1]))
    x0 = x = normalize(inputs)
    penalty = keras.regularizers.L2(0.01)
    for _ in range(n_cross_layers):
        x = keras_rs.layers.FeatureCross(kernel_regularizer=penalty)(x0, x)
    scores = layers.Dense(1, kernel_regularizer=penalty)(x)
    ranker = keras.Model(inputs, layers.Reshape((-1,))(scores))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    ranker.compile(keras.optimizers.Adam(0.02), loss, steps_per_execution=10)
    ranker.fit(past_inputs[learnable], target, batch_size=32, epochs=20, verbose=0)
    return ranker


rankers = {"capa de cruce": train_ranker(1), "lineal": train_ranker(0)}
print(f"{learnable.sum()} usuarios, {int((gain > 0).sum())} películas de validación encontradas")

# %% [markdown]
# ### Ejercicio 7.8 — reordena (4 minutos)
#
# La segunda etapa recibe las candidatas de cada usuario y las puntuaciones del modelo de ranking para justo esas, y devuelve la lista que se muestra.


# %%
def rerank(candidates, scores, n):
    """Las n mejores candidatas de cada usuario, la mejor primero.

    Parameters
    ----------
    candidates : numpy.ndarray of int, shape (n_users, n_candidates)
        Películas, en el orden de la primera etapa.
    scores : numpy.ndarray of float, de la misma forma
        De la segunda etapa: la entrada (u, c) puntúa la película `candidates[u, c]`.
    n : int, como mucho n_candidates

    Returns
    -------
    numpy.ndarray of int, shape (n_users, n)
        Películas, y no puestos entre las candidatas.

    Examples
    --------
    >>> rerank(np.array([[7, 5, 9]]), np.array([[0.1, 0.3, 0.2]]), n=2).tolist()
    [[5, 9]]
    """
    raise NotImplementedError("Ejercicio 7.8: reordena")


# %%
print(rerank(np.array([[7, 5, 9]]), np.array([[0.1, 0.3, 0.2]]), n=2).tolist())

# %%
check("7.8", rerank)

# %% [markdown]
# Las valoraciones de validación ya no hacen falta como etiquetas. Así que entrenamos las torres una vez más, con las valoraciones de entrenamiento y de validación, y a partir de aquí usamos estas torres. Si no, la segunda etapa habría aprendido de más valoraciones que la primera, y una ganancia podría venir de ahí. Los modelos de ranking aprendieron con las puntuaciones de las primeras torres, y ahora reciben las de otras, cuya escala puede ser un poco distinta. En un servicio esto ocurre después de cada nuevo entrenamiento, y hay que vigilarlo (desajuste entre entrenamiento y uso, *training-serving skew*).
#
# Cinco maneras de hacer listas con torres: las torres solas, las 100 candidatas reordenadas por cada modelo de ranking, el primer modelo de ranking sobre *todas* las películas, y las candidatas reordenadas por su media de estrellas, como haría un modelo de valoraciones rudimentario. El modelo base es EASE con las mismas valoraciones.

# %%
quiz("7.c")


# %%
def ndcg_of_lists(lists):
    """NDCG@10 de la lista de diez películas de cada usuario."""
    places = np.full(relevance.shape, -np.inf)
    np.put_along_axis(places, lists, np.arange(lists.shape[1], 0, -1.0)[None], axis=1)
    return ndcg_at_k(relevance, places, 10, per_user=True)


final_towers = train_towers(known, known_stars)
final_users, final_movies = vectors_of(final_towers, known_stars)
final_scores = final_users @ final_movies.T
candidates = top_n(mask_pairs(final_scores, known), 100)
inputs = ranker_inputs(known, final_scores, candidates)
lists = {"torres solas": candidates[:, :10]}
for name, ranker in rankers.items():
    second_scores = ranker.predict(inputs, verbose=0)
    lists[f"reordenadas: {name}"] = rerank(candidates, second_scores, 10)
everything = np.tile(np.arange(n_movies), (n_users, 1))
all_inputs = ranker_inputs(known, final_scores, everything)
all_scores = rankers["capa de cruce"].predict(all_inputs, verbose=0)
lists["ranking de todas las películas"] = rerank(everything, mask_pairs(all_scores, known), 10)
lists["reordenadas por media de estrellas"] = rerank(candidates, inputs[:, :, 2], 10)

two_stage = {name: ndcg_of_lists(one) for name, one in lists.items()}
two_stage["EASE"] = ndcg_of(known_stars @ ease_weights(known_stars, penalty=100))
rows = {
    name: [np.mean(values), *bootstrap_mean(values - two_stage["torres solas"])]
    for name, values in two_stage.items()
}
columns = ["NDCG@10", "menos torres solas", "desde", "hasta"]
table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
name = "dos torres, reordenadas"
ndcg_of_two_stages = table.loc["reordenadas: capa de cruce", "NDCG@10"]
add_to_scoreboard(
    name,
    edition=movielens.name,
    split=split.name,
    lesson="07",
    **{"ndcg@10": ndcg_of_two_stages},
)
pairwise = {
    "capa de cruce − lineal": ("reordenadas: capa de cruce", "reordenadas: lineal"),
    "todas las películas − candidatas": ("ranking de todas las películas", "reordenadas: capa de cruce"),
    "EASE − capa de cruce": ("EASE", "reordenadas: capa de cruce"),
}
for title, (one, other) in pairwise.items():
    mean, low, high = bootstrap_mean(two_stage[one] - two_stage[other])
    print(f"{title}: {mean:+.3f} ({low:+.3f} a {high:+.3f})")
same = recall_of(lists["ranking de todas las películas"], lists["reordenadas: capa de cruce"])
print(f"{same:.1%} de las películas de estas dos listas son las mismas")
table.round(3)

# %% tags=["nbval-check-output"]
gained = table["menos torres solas"]
verdict("ganancia al reordenar", gained["reordenadas: lineal"], inside=(0.003, 0.035))
verdict("ganancia por media de estrellas", gained["reordenadas por media de estrellas"], at_most=-0.1)

# %% [markdown]
# La segunda etapa mejora las listas entre 0.01 y 0.02, y ambos intervalos quedan por encima de 0. ¿De dónde viene la ganancia? La mayor parte no necesita los productos: el modelo lineal alcanza unas tres cuartas partes de ella. La capa de cruce añade 0.004, y el intervalo de esta diferencia contiene el 0. Así que puede no añadir nada, o añadir hasta la mitad de la ganancia. El modelo lineal debe su ganancia a las otras cuatro entradas, porque la puntuación de las torres por sí sola no podría cambiar el orden. Con cinco entradas y 1600 positivos hay poco que cruzar; DCN-v2 se hizo para entradas mucho más grandes.
#
# Con las mismas valoraciones, EASE tiene un NDCG@10 de 0.454, un poco más que las dos etapas, y el intervalo de esta diferencia contiene el 0. Así que, en este catálogo pequeño, dos etapas entrenadas no superan a una fórmula. Las dos etapas son para catálogos en los que una tabla de todos los pares de películas es demasiado grande.
#
# Ordenar todas las películas da las mismas listas que ordenar 100 candidatas, con un coste trece veces mayor. Aquí eso es fácil, porque 100 películas son el 7.5 % de nuestro catálogo. Con 100 de un millón, a la primera etapa se le escapan más, y su *recall* limita al modelo de ranking. Y el orden por media de estrellas empeora mucho las listas. Es la respuesta a otra pregunta: ¿cuánto gustaría una película al usuario, *suponiendo que* la vea? Esa fue la sorpresa de la lección 05. Lo que se le pide predecir a un modelo de ranking puede importar más que sus capas.
#
# > **Nota.** El *bootstrap* no tiene en cuenta la semilla. Con otras cinco semillas de las torres y de los modelos de ranking, una ejecución con cada una, el modelo lineal mejoró las listas entre 0.013 y 0.022, y el de una capa de cruce, entre 0.010 y 0.021: unas veces iba por delante uno, y otras, el otro. Reordenadas con la capa de cruce, las listas tuvieron un NDCG@10 de entre 0.429 y 0.448, así que EASE siempre quedó por delante de ellas.
#
# > **Nota.** Los sistemas grandes tienen más de dos partes. Varios generadores de candidatos trabajan en paralelo: torres, item-kNN, artículos nuevos y populares. El modelo de ranking predice varias cosas a la vez, como un clic y el tiempo de visionado. Un último paso se ocupa de la diversidad y de las reglas. Y la torre del usuario y el índice van juntos: después de cada entrenamiento cambian todos los vectores de películas, así que el índice se construye de nuevo, y los dos se sustituyen en el mismo momento.
#
# KerasRS también tiene las métricas. Su `NDCG` toma $2^r - 1$ como ganancia de una película, si no le dices otra cosa, y desempata al azar. `RecallAtK` cuenta toda relevancia de al menos 1.

# %%
shown = np.maximum(mask_pairs(final_scores, known), -1e9)
by_keras_rs = {
    "NDCG@10": keras_rs.metrics.NDCG(k=10, gain_fn=lambda stars: stars),
    "recall@100": keras_rs.metrics.RecallAtK(k=100),
}
ours = {
    "NDCG@10": ndcg_at_k(relevance, shown, 10),
    "recall@100": recall_at_k(relevance, shown, 100),
}
has_test = relevance.any(axis=1)
for name, metric in by_keras_rs.items():
    metric.update_state(relevance[has_test], shown[has_test])
    theirs = float(metric.result())
    print(
        f"{name}: igual a helpers.ranking:", np.allclose(theirs, ours[name], atol=1e-4)
    )

# %% [markdown]
# ## ¿Qué te diría que vieras?
#
# La torre del usuario convierte en un vector tus diez películas de la lección 01, y un índice encuentra las películas que encajan con él. Esto no necesita entrenamiento, ni una fila en ninguna tabla de usuarios.

# %%
mine = my_ratings(movielens)
print("un estudiante inventado" if mine.attrs["invented"] else "tus propias valoraciones")
mine = mine[mine["movie_id"].isin(split.movies.ids)]
my_rows = split.movies.encode(mine["movie_id"])
my_history = np.zeros((1, n_movies), dtype="float32")
my_history[0, my_rows] = mine["rating"] / most_stars
my_vector = np.asarray(final_towers.user_vectors(my_history))
index = build_index(equally_long(final_movies))
found = search_index(index, with_zero(my_vector), n=len(my_rows) + 5, effort=64)
my_scores = np.full(n_movies, -np.inf)
unseen = np.setdiff1d(found[0], my_rows)
my_scores[unseen] = final_movies[unseen] @ my_vector[0]
recommend(my_scores, split, movielens.movies, n=5).round(2)

# %% [markdown]
# > **Nota.** El índice no sabe lo que has visto. Por eso le pedimos más películas, y quitamos las que valoraste. `score` es un producto punto, no un número de estrellas.
#
# Mira la lista con ojo crítico. La torre suma lo que viste, cada película según sus estrellas, así que dos estrellas cuentan como un sí débil, y nunca como un no. ¿Hay en la lista una película parecida a una que no te gustó? ¿Cómo se lo dirías a la torre, y qué medirías para saber si sirvió?
#
# ## Lo que este curso no ha enseñado
#
# El campo es mayor que este curso. Una línea, un artículo y una biblioteca para cada tema:
#
# | tema | en una línea | artículo | biblioteca |
# | --- | --- | --- | --- |
# | iALS | factorización de matrices de retroalimentación implícita, con todas las películas no vistas como negativos débiles | [Hu et al., 2008](https://doi.org/10.1109/ICDM.2008.22); [Rendle et al., 2021](https://arxiv.org/abs/2110.14037) | `implicit.als.AlternatingLeastSquares` |
# | BPR | una pérdida de pares: una película vista debe puntuar más que una no vista | [Rendle et al., 2009](https://arxiv.org/abs/1205.2618) | `keras_rs.losses.PairwiseLogisticLoss`, `implicit.bpr` |
# | item-kNN | recomienda lo parecido a lo que viste, según quién valoró qué | [Sarwar et al., 2001](https://doi.org/10.1145/371920.372071) | `implicit.nearest_neighbours`, `lenskit.knn` |
# | FM, DeepFM | productos punto entre todas las características; con una red al lado | [Rendle, 2010](https://doi.org/10.1109/ICDM.2010.127); [Guo et al., 2017](https://arxiv.org/abs/1703.04247) | `myfm`; RecBole `DeepFM` |
# | DLRM | un modelo de ranking con los productos punto de los vectores de todas las características | [Naumov et al., 2019](https://arxiv.org/abs/1906.00091) | `keras_rs.layers.DotInteraction` |
# | LightGCN | vectores promediados a lo largo del grafo de usuarios y artículos | [He et al., 2020](https://arxiv.org/abs/2002.02126) | RecBole `LightGCN` |
# | HSTU | atención sin softmax, para historiales de acciones muy largos; entrenado para generar la siguiente | [Zhai et al., 2024](https://arxiv.org/abs/2402.17152) | `facebookresearch/generative-recommenders` |
# | ids semánticos, recuperación generativa | artículos como códigos cortos de su contenido; un modelo genera el código. OneRec usa un solo modelo así en lugar de las dos etapas | [Rajput et al., 2023](https://arxiv.org/abs/2305.05065); [Deng et al., 2025](https://arxiv.org/abs/2502.18965) | – |
# | recomendadores con LLM | modelos de lenguaje como características, como modelos de ranking o como recomendadores enteros | [Wu et al., 2023](https://arxiv.org/abs/2305.19860) (revisión) | – |
# | *bandits*, evaluación *off-policy* | aprender de tus propias recomendaciones; estimar una política nueva con registros antiguos | [Saito et al., 2020](https://arxiv.org/abs/2008.07146) | `obp` |
# | puesta en servicio | vectores y modelos al día mientras los usuarios hacen clic | [Liu et al., 2022](https://arxiv.org/abs/2209.07663) | TensorFlow Serving, NVIDIA Triton |
#
# Y lo que escribiste en este curso, con los nombres que usan las bibliotecas:
#
# | lo que escribiste | ejercicio | cómo lo llaman las bibliotecas |
# | --- | --- | --- |
# | ids como filas | 1.4 | `keras.layers.IntegerLookup`, `StringLookup` |
# | RMSE y MAE | 1.6 | `keras.metrics.RootMeanSquaredError`, `sklearn.metrics.mean_absolute_error` |
# | sesgo de usuario + película con contracción | 1.7 | `surprise.BaselineOnly` |
# | producto punto de dos *embeddings* | 2.1–2.6 | `keras.layers.Embedding`, `Dot`; factorización de matrices |
# | una época, detención temprana | 2.7, 2.8 | `keras.Model.fit`, `keras.callbacks.EarlyStopping` |
# | producto punto + sesgos | 3.2–3.4 | `surprise.SVD`, MF con sesgos |
# | red sobre dos vectores | 4.1 | filtrado colaborativo neuronal (NCF) |
# | historiales en el vector | 4.6, 4.7 | `surprise.SVDpp`, SVD++ |
# | *log loss*, AUC | 5.1, 5.3 | `keras.losses.BinaryCrossentropy`, `sklearn.metrics.roc_auc_score` |
# | calibración | 5.4 | `sklearn.calibration.calibration_curve` |
# | NDCG | 5.6 | `keras_rs.metrics.NDCG`, `sklearn.metrics.ndcg_score` |
# | muestreo de negativos | 5.7 | `implicit` y RecBole lo hacen por dentro |
# | un modelo sin vectores de usuario | 5.8 | FISM |
# | EASE | 5.9 | RecBole `EASE` |
# | coseno, películas más cercanas | 6.1–6.3 | `sklearn.neighbors.NearestNeighbors(metric="cosine")` |
# | *fold-in* | 6.5 | `implicit`: `recalculate_user` |
# | torre del usuario, pérdida del lote | 7.2, 7.3 | `keras_rs.layers.SamplingProbabilityCorrection`, softmax muestreada |
# | máscara de aciertos accidentales | 7.4 | `keras_rs.layers.RemoveAccidentalHits` (no en la versión 0.4, véase arriba) |
# | índice | 7.5 | HNSW: `usearch`, `faiss.IndexHNSWFlat`; exacto: `keras_rs.layers.BruteForceRetrieval` |
# | *recall* de las candidatas | 7.6 | `keras_rs.metrics.RecallAtK` |
# | capa de cruce, reordenar | 7.7, 7.8 | `keras_rs.layers.FeatureCross`, DCN-v2 |
# | actualizaciones perezosas, tablas fragmentadas | 9.2, 9.5 | optimizadores dispersos; `keras_rs.layers.DistributedEmbedding` |
#
# ## Para recordar
#
# - Calcula la memoria sobre el papel. Hoy los usuarios nuevos y el coste de puntuar todas las películas se convierten en un problema antes que la memoria de un servidor.
# - Dos torres solo se encuentran en un producto punto, así que los vectores de las películas se pueden indexar de antemano, y el vector de un usuario se calcula a partir de su historial.
# - Los negativos del propio lote no necesitan más vectores, pero sí la corrección logQ.
# - Un índice encuentra casi las mejores películas, y rápido. Mide lo que se le escapa.
# - Una primera etapa necesita *recall*; una segunda, orden. Entrena el modelo de ranking con valoraciones que la primera etapa no haya visto.
# - Prueba la capa de una biblioteca con tres filas antes de usarla.
#
# ## Para seguir leyendo
#
# - P. Covington, J. Adams y E. Sargin, [Deep Neural Networks for YouTube Recommendations](https://doi.org/10.1145/2959100.2959190), 2016: dos etapas en un servicio grande.
# - X. Yi et al., [Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations](https://doi.org/10.1145/3298689.3346996), 2019: dos torres y logQ.
# - K. Khrylchenko et al., [Correcting the LogQ Correction](https://arxiv.org/abs/2507.09331), 2025: el positivo no se muestrea.
# - Y. Bachrach et al., [Speeding Up the Xbox Recommender System Using a Euclidean Transformation for Inner-Product Spaces](https://doi.org/10.1145/2645710.2645741), 2014: vectores que se hacen igual de largos.
# - S. Morozov y A. Babenko, [Non-metric Similarity Graphs for Maximum Inner Product Search](https://papers.nips.cc/paper/7722-non-metric-similarity-graphs-for-maximum-inner-product-search), 2018: cuándo no hacerlos así.
# - Y. Malkov y D. Yashunin, [Efficient and Robust Approximate Nearest Neighbor Search Using Hierarchical Navigable Small World Graphs](https://arxiv.org/abs/1603.09320), 2016: el índice.
# - R. Wang et al., [DCN V2](https://arxiv.org/abs/2008.13535), 2020: capas de cruce en la práctica.
# - S. Rendle et al., [Neural Collaborative Filtering vs. Matrix Factorization Revisited](https://arxiv.org/abs/2005.09683), 2020: por qué la puntuación de una primera etapa es un producto punto.
#
# **Siguiente:** la lección 08 se pregunta si importa el orden de las películas de un usuario.
