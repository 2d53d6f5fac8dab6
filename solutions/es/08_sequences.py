# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/08_sequences.ipynb) [![Abrir en Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=solutions%2Fes%2F08_sequences.ipynb)

# %% [markdown]
# # 8 · Secuencias: ¿importa el orden?
#
# Quien acaba de ver *Star Wars* quizá quiera ver a continuación *Return of the Jedi*, viera lo que viera el año pasado. En esta lección, un modelo lee las películas en el orden en que las valoró un usuario y predice la siguiente. Construyes las piezas de dos redes muy conocidas para esta tarea, GRU4Rec y SASRec, y las comparas con modelos simples. Después compruebas cuánto vale el orden y te preguntas de dónde viene.
#
# **Al terminar, podrás**
#
# - partir secuencias dejando uno fuera (*leave-one-out*) y calcular el NDCG@10 del artículo siguiente;
# - comparar con una cadena de Markov y con EASE sobre las últimas películas;
# - rellenar secuencias, enmascararlas y calcular la pérdida sobre lo que queda;
# - explicar una GRU y escribir a mano la autoatención con máscara;
# - mostrar, barajando, cuánto debe un modelo al orden;
# - decir de quién es ese orden y probar modelos que no se entrenaron con el futuro.
#
# **Tiempo** 70 minutos de trabajo y unos dos minutos de ejecución. **Antes de empezar** lecciones 01 a 05.

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
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from keras import layers, ops

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import ease_weights
from helpers.data import load_movielens
from helpers.ids import IdEncoding
from helpers.metrics import bootstrap_mean
from helpers.scoreboard import add_to_scoreboard
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(8)

# %% [markdown] tags=["slide"]
# ## ¿Por qué secuencias?
#
# Hasta ahora, todos los modelos toman lo que un usuario ha valorado como un *conjunto*: las mismas películas en otro orden dan la misma lista. Un **recomendador secuencial** las toma en orden y predice la siguiente (**predicción del artículo siguiente**). A menudo, una tienda no sabe de un visitante más que los clics de la visita actual, y recomienda solo a partir de ellos (**recomendación basada en sesiones**). Para esta tarea, Hidasi et al. propusieron en 2016 una red recurrente, [GRU4Rec](https://arxiv.org/abs/1511.06939). Kang y McAuley tomaron en su lugar la autoatención del Transformer, en [SASRec](https://arxiv.org/abs/1808.09781) (2018). Ambas siguen siendo los modelos con los que se comparan los nuevos, y aquí construyes una versión pequeña de cada una.
#
# Ordenamos las valoraciones de cada usuario por tiempo. Todas cuentan igual: en esta lección no importan las estrellas, solo qué película se valoró y cuándo. Aquí las películas se numeran desde 1, porque necesitamos el número 0 para otra cosa.

# %%
movielens = load_movielens()
ratings = movielens.ratings.sort_index(kind="stable")
ratings = ratings.sort_values(["user_id", "timestamp"], kind="stable")
n_of_user = ratings.groupby("user_id")["movie_id"].transform("size")
ratings = ratings[n_of_user > 2]  # one to train on, one to validate, one to test
users, movies = IdEncoding(ratings["user_id"]), IdEncoding(ratings["movie_id"])
ratings = ratings.assign(
    user=users.encode(ratings["user_id"]),
    movie=movies.encode(ratings["movie_id"]) + 1,
    hours=ratings["timestamp"] / 3600,
)
n_rows = len(movies) + 1  # movies 1, 2, …, and row 0
sequences = [one.to_numpy() for _, one in ratings.groupby("user")["movie"]]
lengths = np.array([len(one) for one in sequences])
same_second = ratings.groupby("user")["timestamp"].diff() == 0
print(
    f"{len(sequences)} secuencias; la longitud mediana es de {np.median(lengths):.0f} películas"
)
print(f"{same_second.mean():.0%} de las valoraciones: en el mismo segundo que la anterior")

# %% [markdown] tags=["slide"]
# La mitad de las valoraciones tienen la misma marca de tiempo que la anterior. Su orden no se conoce: tomamos el del archivo, que GroupLens ha barajado. Así que aquí una prueba del orden no puede ser precisa.
#
# ## Dejar uno fuera
#
# Para la prueba ocultamos la última película de cada usuario. A esto se le llama **dejar uno fuera por tiempo** (*leave-one-out*). Los modelos ven todas las películas anteriores, el **historial**, y ordenan todas las que no están en él. Para decisiones como una penalización o el número de épocas ocultamos, de la misma manera, la penúltima película y entrenamos con lo anterior.
#
# > **Nota.** Esta partición corta a cada usuario en un momento distinto, así que los modelos aprenden de valoraciones posteriores a muchas de las de prueba (Ji et al., lección 05). Aun así, es la partición más habitual en los artículos sobre secuencias ([Gusak et al., 2025](https://arxiv.org/abs/2507.16289)). Al final de la lección cortamos a todos los usuarios en el mismo momento.

# %%
histories = [one[:-1] for one in sequences]
held_out = np.array([one[-1] for one in sequences])
earlier = [one[:-2] for one in sequences]
next_to_last = np.array([one[-2] for one in sequences])

# %% [markdown]
# Con una sola película oculta, el NDCG es sencillo. La mejor lista posible la pone en el primer puesto, así que el DCG ideal es 1. Un usuario cuya película oculta está en el puesto $p$ de su lista tiene
#
# $$\text{NDCG@}k = \frac{1}{\log_2(p + 1)} \quad \text{if } p \le k, \text{ else } 0 .$$
#
# ### Ejercicio 8.1 — el NDCG de la película siguiente (6 minutos)
#
# Ordena la película oculta de cada usuario entre todas las que no están en su historial. Como en el ejercicio 5.10, otra película con la misma puntuación cuenta la mitad. Escríbelo tú, sin usar `ndcg_at_k`, de las funciones auxiliares.


# %%
def ndcg_of_next(scores, histories, held_out, k=10):
    """NDCG@k de una película oculta por usuario.

    Parameters
    ----------
    scores : numpy.ndarray of float, shape (n_users, n_rows)
        La columna m es la de la película m. La columna 0 no es una película y no entra
        en el orden.
    histories : lista de numpy.ndarray of int
        Las películas que ha visto cada usuario, que tampoco entran en el orden.
    held_out : numpy.ndarray of int, shape (n_users,)
        La película oculta de cada usuario; no está en el historial.
    k : int
        Puestos que cuentan. El puesto de una película oculta es 1, más el número de
        películas ordenadas con más puntuación, más la mitad del número de otras con la
        misma.

    Returns
    -------
    numpy.ndarray of float, shape (n_users,)

    Examples
    --------
    El usuario ha visto la película 1. De las otras cuatro, solo la 4 puntúa más que la
    oculta, la 2, que está en el puesto 2: 1 / log2(3).

    >>> scores = np.array([[9.0, 8.0, 5.0, 4.0, 7.0, 3.0]])
    >>> ndcg_of_next(scores, [np.array([1])], np.array([2])).round(3).tolist()
    [0.631]
    """
    ### BEGIN SOLUTION
    scores = np.array(scores, dtype="float64")
    scores[:, 0] = -np.inf
    for row, history in zip(scores, histories, strict=True):
        row[history] = -np.inf
    own = scores[np.arange(len(scores)), held_out][:, None]
    ties = (scores == own).sum(axis=1) - 1
    place = 1 + (scores > own).sum(axis=1) + ties / 2
    return np.where(place <= k, 1 / np.log2(place + 1), 0.0)
    ### END SOLUTION


# %%
scores = np.array([[9.0, 8.0, 5.0, 4.0, 7.0, 3.0]])
print(ndcg_of_next(scores, [np.array([1])], np.array([2])).round(3).tolist())

# %%
check("8.1", ndcg_of_next)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué columnas no pueden estar nunca por delante de la película oculta, por alta que sea su puntuación?
# 2. Copia las puntuaciones y pon a −∞ la columna 0 y el historial de cada fila. Después compara cada fila con la puntuación de su película oculta, como columna, y cuenta. ¿Qué película tiene en cada fila la misma puntuación que la oculta?
#
# ```python
# scores = np.array(scores, dtype=...)
# scores[:, 0] = ...
# for row, history in zip(..., ...):
#     row[...] = -np.inf
# own = scores[np.arange(...), ...][:, None]
# place = 1 + ... + ... / 2
# return np.where(place <= ..., ..., 0.0)
# ```
#
# **Fíjate**
#
# Se oculta una película por usuario, así que el valor de cada usuario es 0 o como mínimo 0.289 (el del décimo puesto). Por eso la media tiene un error estándar grande.

# %% [markdown] tags=["slide"]
# ## Modelos base sin red
#
# Cuatro modelos no necesitan entrenamiento por descenso de gradiente.
#
# - **Popularidad**: el número de valoraciones.
# - **EASE** (lección 05): una fila con un 1 por cada película del historial, multiplicada por los pesos. No tiene en cuenta el orden.
# - **Cadena de Markov de primer orden**: qué película viene después depende solo de la última. Contamos cuántas veces vino cada película justo después de cada otra.
# - **EASE sobre las últimas n películas**: la misma fórmula, pero la fila tiene un 1 solo en las n películas más recientes. Es un modelo con memoria corta. Sabe qué películas son recientes, pero no en qué orden.
#
# En la cadena de Markov, sea $c_{ij}$ el número de veces que la película $j$ vino justo después de la película $i$, en el historial de cualquier usuario. Una película con pocas valoraciones tiene pocas sucesoras, así que volvemos a usar contracción (lección 01), hacia la popularidad de $j$ como sucesora de cualquier película:
#
# $$p_{ij} = \frac{c_{ij} + \lambda\, q_j}{\sum_{j'} c_{ij'} + \lambda}
# \qquad q_j = \frac{\sum_i c_{ij}}{\sum_{i, j'} c_{ij'}}$$
#
# ### Ejercicio 8.2 — una cadena de Markov (6 minutos)
#
# Calcula la tabla de todos los $p_{ij}$. Cuenta los pares solo dentro de cada historial, tantas veces como aparezcan.


# %%
def transition_probabilities(histories, n_rows, shrinkage=1.0):
    """Probabilidad de cada película siguiente, dada la última: cadena de Markov.

    Parameters
    ----------
    histories : lista de numpy.ndarray of int
        Las películas de cada usuario en orden de tiempo, cada una una vez.
    n_rows : int
        Los números de las películas son menores que `n_rows`.
    shrinkage : float
        λ, mayor que 0.

    Returns
    -------
    numpy.ndarray of float, shape (n_rows, n_rows)
        La fila i contiene las probabilidades de todas las películas tras la película i.

    Examples
    --------
    A la película 1 le sigue dos veces la 2; a la 2, una vez la 3. Filas 1 y 2:

    >>> histories = [np.array([1, 2]), np.array([1, 2, 3])]
    >>> transition_probabilities(histories, n_rows=4, shrinkage=1.0)[1:3].round(3).tolist()
    [[0.0, 0.0, 0.889, 0.111], [0.0, 0.0, 0.333, 0.667]]
    """
    ### BEGIN SOLUTION
    counts = np.zeros((n_rows, n_rows))
    for history in histories:
        np.add.at(counts, (history[:-1], history[1:]), 1)
    share = counts.sum(axis=0) / counts.sum()
    total = counts.sum(axis=1, keepdims=True)
    return (counts + shrinkage * share) / (total + shrinkage)
    ### END SOLUTION


# %%
few = [np.array([1, 2]), np.array([1, 2, 3])]
print(transition_probabilities(few, n_rows=4, shrinkage=1.0)[1:3].round(3).tolist())

# %%
check("8.2", transition_probabilities)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. En el historial [5, 2, 7], ¿qué pares (película, siguiente) hay? ¿Cómo obtienes con dos *slices* todas las primeras y todas las segundas películas de los pares?
# 2. `np.add.at(counts, (first, second), 1)` suma 1 por cada par, también si un par aparece dos veces. q es la suma de las filas de `counts`, dividida entre la suma de todo.
#
# ```python
# counts = np.zeros((..., ...))
# for history in ...:
#     np.add.at(counts, (history[...], history[...]), 1)
# share = counts.sum(axis=...) / ...
# return (counts + shrinkage * ...) / (counts.sum(axis=..., keepdims=True) + ...)
# ```
#
# **Fíjate**
#
# Una película sin sucesora, como la fila 0, recibe las proporciones q: sin datos, la cadena recurre a la popularidad.

# %% [markdown]
# EASE necesita una fila por cada historial.


# %%
def rows_of_ones(histories, last=None):
    """1 por cada película de un historial, o solo por las últimas."""
    rows = np.zeros((len(histories), n_rows))
    for row, history in zip(rows, histories, strict=True):
        row[history[-last:] if last else history] = 1
    return rows


# %% [markdown] tags=["question", "slide"]
# EASE se calcula una sola vez, con todos los historiales. Después hace listas a partir del historial *entero* de un usuario, o solo de las *últimas diez* películas. ¿Qué lista acierta mejor la película siguiente?
#
# - [ ] La del historial entero: más películas dicen más del usuario.
#   - Dicen más de su gusto en general. La película siguiente depende más de lo que se valoró justo antes.
# - [ ] Las dos igual: los pesos son los mismos.
#   - Los pesos sí, pero las filas por las que se multiplican no. La mitad de los usuarios tienen más de 60 películas.
# - [x] La de las últimas diez.
#   - Las películas recientes están más cerca de la siguiente. La sección «¿De quién es el orden?» busca el motivo.

# %%
quiz("8.a")

# %% [markdown]
# También los modelos base tienen ajustes: la λ de la cadena de Markov, y la penalización y el número de películas de EASE. Como en las redes, deciden las penúltimas películas.

# %%
for shrinkage in (1, 30, 200, 1000):
    chain = transition_probabilities(earlier, n_rows, shrinkage)
    scores = chain[[one[-1] for one in earlier]]
    mean = ndcg_of_next(scores, earlier, next_to_last).mean()
    print(f"Cadena de Markov, λ = {shrinkage:4}: NDCG@10 de validación {mean:.3f}")
by_penalty = {}
for penalty in (30, 100, 300, 1000, 3000):
    weights = ease_weights(rows_of_ones(earlier), penalty)
    by_penalty[penalty] = {
        f"últimas {last}" if last else "todas las películas": ndcg_of_next(
            rows_of_ones(earlier, last) @ weights, earlier, next_to_last
        ).mean()
        for last in (3, 10, 30, None)
    }
pd.DataFrame(by_penalty).T.rename_axis("EASE, penalización").round(3)

# %% [markdown]
# Los valores pequeños de λ dan todos las mismas listas: los recuentos son números enteros y λq no llega a 1, así que solo ordena las películas con el mismo recuento. Una λ grande se impone a los recuentos, y su NDCG es algo menor. Tomamos λ = 1. Para EASE sobre todas las películas tomamos una penalización de 100, y para la memoria corta, 10 películas y una penalización de 1000. Los vecinos de este valor en la tabla quedan como mucho 0.015 por debajo, así que otros números cercanos a 10 deberían servir más o menos igual.
#
# Cada modelo base pasa a ser una función que va de historiales a puntuaciones.


# %%
def fit_baselines(training):
    """Devuelve funciones que puntúan todas las películas, dados unos historiales."""
    counts = np.bincount(np.concatenate(training), minlength=n_rows)
    counts = counts.astype("float32")
    chain = transition_probabilities(training, n_rows, shrinkage=1.0)
    rows = rows_of_ones(training)
    of_all, of_last = (ease_weights(rows, penalty) for penalty in (100, 1000))
    return {
        "popularidad": lambda given: np.tile(counts, (len(given), 1)),
        "EASE": lambda given: rows_of_ones(given) @ of_all,
        "cadena de Markov": lambda given: chain[[one[-1] for one in given]],
        "EASE, últimas 10": lambda given: rows_of_ones(given, last=10) @ of_last,
    }


# %% tags=["slide", "sentence-2"]
baselines = fit_baselines(histories)
ndcg = {
    name: ndcg_of_next(score(histories), histories, held_out)
    for name, score in baselines.items()
}
for name, values in ndcg.items():
    error = values.std() / np.sqrt(len(values))
    print(f"{name:14} NDCG@10 {values.mean():.3f} (error estándar {error:.3f})")

# %% tags=["nbval-check-output"]
verdict("NDCG@10 de la popularidad", ndcg["popularidad"].mean(), inside=(0.04, 0.05))
verdict("NDCG@10 de EASE, últimas 10", ndcg["EASE, últimas 10"].mean(), inside=(0.09, 0.105))

# %% [markdown] tags=["slide", "sentence-1-2-3-4"]
# La cadena de Markov mira una sola película y tiene más o menos el NDCG de EASE, que las mira todas. EASE con memoria corta tiene el más alto. El error estándar de cada valor es de entre 0.005 y 0.008, así que aquí las diferencias pequeñas no significan nada. Más adelante comparamos los modelos usuario por usuario.
#
# ## Un lote de secuencias: el relleno
#
# Una red toma lotes rectangulares, pero los historiales tienen longitudes distintas. Así que los cortamos en trozos (también llamados *ventanas*) de `length` = 25 películas y completamos los más cortos con ceros. Esto es el **relleno** (*padding*), y 0 no es el número de ninguna película. Ponemos los ceros a la *izquierda*, como SASRec, para que la película más reciente esté siempre en la última columna. Es una convención. Con los ceros a la derecha hay que buscar, para cada usuario, la columna de la última película.
#
# Por eso, las dos redes de esta lección ven como mucho las últimas 25 películas, en el entrenamiento y en la prueba. La mayoría de los historiales son más largos, así que también las redes tienen memoria corta. Y en el entrenamiento, cada trozo empieza de cero: sus primeros objetivos se predicen a partir de una o dos películas.
#
# Un trozo da una predicción por cada una de sus entradas. En cada posición, la entrada es una película y el objetivo es la siguiente, de modo que los objetivos son las entradas desplazadas un lugar:
#
# | posición | 1 | 2 | 3 | 4 | 5 |
# | --- | --- | --- | --- | --- | --- |
# | entrada | 0 | 0 | 12 | 7 | 31 |
# | objetivo | 0 | 0 | 7 | 31 | 5 |
#
# ### Ejercicio 8.3 — entradas y objetivos (5 minutos)
#
# Construye las dos filas con las películas más recientes de un historial.


# %%
def inputs_and_targets(history, length):
    """Las películas más recientes, con relleno, y la siguiente de cada una como objetivo.

    Parameters
    ----------
    history : numpy.ndarray of int, shape (n,)
        Dos películas o más, en orden de tiempo, con números desde 1.
    length : int
        Cuentan las últimas `length` + 1 películas, o todas si hay menos.

    Returns
    -------
    inputs, targets : numpy.ndarray of int, shape (length,)
        Con ceros a la izquierda si el historial es demasiado corto.

    Examples
    --------
    >>> inputs, targets = inputs_and_targets(np.array([12, 7, 31, 5]), length=5)
    >>> inputs.tolist(), targets.tolist()
    ([0, 0, 12, 7, 31], [0, 0, 7, 31, 5])
    """
    ### BEGIN SOLUTION
    recent = history[-length - 1 :]
    inputs, targets = np.zeros((2, length), dtype="int32")
    inputs[length + 1 - len(recent) :] = recent[:-1]
    targets[length + 1 - len(recent) :] = recent[1:]
    return inputs, targets
    ### END SOLUTION


# %%
inputs, targets = inputs_and_targets(np.array([12, 7, 31, 5]), length=5)
print(inputs.tolist(), targets.tolist())

# %%
check("8.3", inputs_and_targets)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Para 3 entradas y 3 objetivos, ¿cuántas películas del historial necesitas?
# 2. Toma las últimas `length + 1` películas. Sin la última son las entradas; sin la primera, los objetivos. Parte de ceros de longitud `length` y escribe al final de ambos.
#
# ```python
# recent = history[...]
# inputs, targets = np.zeros((2, ...), dtype="int32")
# inputs[... - len(recent) :] = recent[...]
# targets[... - len(recent) :] = recent[...]
# return inputs, targets
# ```
#
# **Fíjate**
#
# El último objetivo es la película más reciente, y no está entre sus propias entradas. Un objetivo que la red puede leer en sus entradas es una fuga.

# %%
LENGTH = 25


def training_pieces(histories, length=LENGTH):
    """Corta cada historial en trozos; devuelve las entradas y los objetivos de todos."""
    pairs = []
    for history in histories:
        for end in range(len(history), 1, -length):
            pairs.append(inputs_and_targets(history[:end], length))
    inputs, targets = (
        np.stack(one).astype("int32") for one in zip(*pairs, strict=True)
    )
    return inputs, targets


def last_movies(histories, length=LENGTH):
    """La entrada con relleno que acaba en la última película de cada historial."""
    rows = np.zeros((len(histories), length), dtype="int32")
    for row, history in zip(rows, histories, strict=True):
        recent = history[-length:]
        row[length - len(recent) :] = recent
    return rows


train_inputs, train_targets = training_pieces(histories)
print(f"{len(train_inputs)} trozos; {(train_targets == 0).mean():.0%} es relleno")

figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.2), sharey=True)
for axes, rows, title in [
    (panels[0], train_inputs, "inputs"),
    (panels[1], train_targets, "objetivos: lo mismo, un lugar a la izquierda"),
]:
    shown = np.where(rows[:16] == 0, np.nan, rows[:16])
    axes.imshow(shown, aspect="auto", cmap="viridis", interpolation="none")
    axes.set_title(title)
    axes.set_xlabel("posición (la película más reciente, a la derecha)")
    axes.grid(visible=False)
panels[0].set_ylabel("trozo de un historial")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* cada fila es un trozo de un historial, cada color un número de película, y el blanco es relleno. Desplaza una fila de entradas un lugar a la izquierda, añade a la derecha la película siguiente, y tendrás sus objetivos.
#
# ## La pérdida sobre secuencias con relleno
#
# En cada posición, la red devuelve una puntuación (un *logit*) por cada fila de la tabla de películas. La softmax las convierte en probabilidades, y la pérdida es menos el logaritmo de la del objetivo: entropía cruzada con 1683 clases. Las posiciones de relleno no tienen objetivo y no deben contar, ni en la suma ni en el número entre el que se divide.
#
# ### Ejercicio 8.4 — entropía cruzada con máscara (6 minutos)
#
# Promedia la entropía cruzada sobre todas las posiciones del lote cuyo objetivo es una película.


# %%
def sequence_loss(targets, logits):
    """Entropía cruzada media sobre las posiciones de un lote que no son relleno.

    Parameters
    ----------
    targets : tensor of int32, shape (n, length)
        La película siguiente, o 0 donde no la hay (relleno). Al menos una es película.
    logits : tensor of float32, shape (n, length, n_rows)
        Puntuaciones antes de la softmax.

    Returns
    -------
    tensor of float32, shape ()

    Examples
    --------
    Dos clases con puntuaciones iguales: cada posición que cuenta cuesta log 2.

    >>> targets = ops.convert_to_tensor([[0, 1, 1]])
    >>> logits = ops.convert_to_tensor([[[9.0, 0.0], [0.0, 0.0], [0.0, 0.0]]])
    >>> round(float(sequence_loss(targets, logits)), 3)
    0.693
    """
    ### BEGIN SOLUTION
    losses = ops.sparse_categorical_crossentropy(targets, logits, from_logits=True)
    counts = ops.cast(ops.not_equal(targets, 0), losses.dtype)
    return ops.sum(losses * counts) / ops.sum(counts)
    ### END SOLUTION


# %%
targets = ops.convert_to_tensor([[0, 1, 1]])
logits = ops.convert_to_tensor([[[9.0, 0.0], [0.0, 0.0], [0.0, 0.0]]])
print(round(float(sequence_loss(targets, logits)), 3))

# %%
check("8.4", sequence_loss)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Si haces la media sin más, ¿entre qué número divides? ¿Y qué posiciones pueden estar en la suma?
# 2. `ops.sparse_categorical_crossentropy(targets, logits, from_logits=True)` da una pérdida por posición. Multiplica por 1 donde el objetivo es una película y por 0 donde no.
#
# ```python
# losses = ops.sparse_categorical_crossentropy(..., ..., from_logits=...)
# counts = ops.cast(ops.not_equal(..., 0), losses.dtype)
# return ops.sum(...) / ...
# ```
#
# **Fíjate**
#
# Keras puede hacer lo mismo por ti: con `mask_zero=True`, un `Embedding` pasa una máscara a las capas y a la pérdida. A mano ves lo que hace.

# %% [markdown] tags=["slide", "sentence-1-3-7"]
# ## GRU4Rec: una red recurrente
#
# Una **red recurrente** lee las películas una tras otra y guarda un vector $h$, el **estado**, de lo que ha leído. La **GRU** (*gated recurrent unit*, [Cho et al., 2014](https://arxiv.org/abs/1406.1078)) calcula dos números entre 0 y 1 para cada componente del estado. La **compuerta de actualización** $z$ dice cuánto del estado anterior se conserva, y la **compuerta de reinicio** $r$, cuánto de él entra en la propuesta $\tilde h$:
#
# $$\begin{aligned}
# z_t &= \sigma(W_z x_t + U_z h_{t-1}) &
# r_t &= \sigma(W_r x_t + U_r h_{t-1}) \\
# \tilde h_t &= \tanh\big(W x_t + U (r_t \odot h_{t-1})\big) &
# h_t &= z_t \odot h_{t-1} + (1 - z_t) \odot \tilde h_t
# \end{aligned}$$
#
# Aquí $x_t$ es el vector de la película en la posición $t$, $\sigma$ es la sigmoide, y $\odot$ multiplica componente a componente. Las matrices $W$ y $U$, con índice y sin él, se aprenden (se omiten los sesgos). El estado $h_t$ depende solo de las películas hasta $t$, así que puede predecir la siguiente. Las puntuaciones de todas las películas son los productos punto del estado con los vectores de las películas, más un sesgo por película:
#
# $$s_{tj} = h_t \cdot e_j + b_j$$
#
# La tabla de los $e_j$ es también la tabla de las entradas. Son **pesos compartidos** (*tied weights*), y con ellos hay más o menos la mitad de parámetros. Los sesgos empiezan en el logaritmo de la proporción de cada película, así que la red empieza en la popularidad y aprende el resto.
#
# > **Nota.** La GRU4Rec del artículo es distinta: puntúa solo las películas de las otras sesiones del lote (negativos del propio lote, lección 07), con una pérdida de *ranking*. Nosotros tenemos 1682 películas y podemos puntuarlas todas. Además, la GRU de Keras multiplica por $r_t$ después de la matriz $U$, no antes. Así que no tomes nuestros resultados por los de la original: [Hidasi y Czapp (2023)](https://arxiv.org/abs/2307.14956) compararon con ella seis reimplementaciones de GRU4Rec y encontraron diferencias grandes. Con sesiones, compara también con los vecinos más cercanos ([Ludewig y Jannach, 2018](https://arxiv.org/abs/1803.09587)).

# %%
N_FACTORS = 64


class NextMovie(keras.Model):
    """Lo que comparten ambas redes: entran vectores, salen puntuaciones de todas."""

    def __init__(self, training):
        super().__init__()
        small = keras.initializers.RandomNormal(stddev=0.05)
        self.movies = layers.Embedding(n_rows, N_FACTORS, small)
        self.movies.build()
        counts = np.bincount(np.concatenate(training), minlength=n_rows) + 1
        self.biases = layers.Embedding(n_rows, 1, "zeros")
        self.biases.build()
        self.biases.set_weights([np.log(counts / counts.sum())[:, None]])

    def vectors(self, movies):
        return self.movies(movies) * N_FACTORS**0.5

    def scores(self, states):
        """Puntúa todas las filas de la tabla; estados (…, n_factors), salida (…, n_rows)."""
        table = ops.transpose(self.movies.embeddings)
        return ops.matmul(states, table) + self.biases.embeddings[:, 0]

    def call(self, movies, training=False):
        return self.scores(self.states(movies, training))

    def score_next(self, histories):
        """Puntúa todas las películas tras la última de cada historial."""
        states = self.states(last_movies(histories), training=False)[:, -1]
        return ops.convert_to_numpy(self.scores(states))


class GRU4Rec(NextMovie):
    """Una GRU sobre las películas hasta el momento."""

    learning_rate, epochs = 0.004, 4

    def __init__(self, training):
        super().__init__(training)
        # The fast kernel of NVIDIA GPUs (cuDNN) needs the padding on the right.
        self.gru = layers.GRU(N_FACTORS, return_sequences=True, use_cudnn=False)
        self.dropout = layers.Dropout(0.2)

    def states(self, movies, training):
        vectors = self.dropout(self.vectors(movies), training=training)
        return self.gru(vectors, mask=ops.not_equal(movies, 0))


def train(kind, histories, seed=8):
    """Entrena una red con estos historiales; muestra su pérdida y sus segundos."""
    keras.utils.set_random_seed(seed)
    start = time.time()
    model = kind(histories)
    model.compile(keras.optimizers.Adam(kind.learning_rate), sequence_loss)
    inputs, targets = training_pieces(histories)
    # With all variables created here, TensorFlow traces the training step once only.
    model(inputs[:1])
    model.optimizer.build(model.trainable_variables)
    log = model.fit(inputs, targets, batch_size=64, epochs=kind.epochs, verbose=0)
    seconds = time.time() - start
    loss = log.history["loss"]
    print(f"{kind.__name__}: pérdida {loss[0]:.2f} → {loss[-1]:.2f}, {seconds:.0f} s")
    return model


gru = train(GRU4Rec, histories)
ndcg["GRU4Rec"] = ndcg_of_next(gru.score_next(histories), histories, held_out)
print(f"NDCG@10 de GRU4Rec: {ndcg['GRU4Rec'].mean():.3f}")

# %% [markdown] tags=["slide", "sentence-2-3-9"]
# La red tiene un NDCG mayor que la popularidad y que EASE, y parecido al de EASE sobre las últimas diez películas. Más abajo comparamos la segunda red con todas ellas, con intervalos.
#
# > **Nota.** La tasa de aprendizaje y el número de épocas se eligieron con las penúltimas películas. Casi todo el tiempo se va en dos cosas: la GRU tiene 25 pasos, uno detrás de otro, y cada una de las 109 000 posiciones recibe 1683 puntuaciones.
#
# ## Autoatención: mirar todas las películas anteriores
#
# Una GRU tiene que llevarlo todo en un solo estado, de paso en paso. La **autoatención** deja que cada posición mire directamente todas las películas. Cada posición hace tres vectores a partir del vector de su película, multiplicándolo por tres matrices: una **consulta** (qué busca), una **clave** (por qué se la encuentra) y un **valor** (qué transmite). El producto punto de la consulta en $t$ con la clave en $s$ dice lo bien que encajan. Una softmax sobre $s$ convierte estos encajes en **pesos de atención**, que suman 1, y la salida es la media de los valores con estos pesos ([Vaswani et al., 2017](https://arxiv.org/abs/1706.03762)):
#
# $$a_{ts} = \operatorname{softmax}_s\!\left(\frac{q_t \cdot k_s}{\sqrt d}\right)
# \qquad \text{out}_t = \sum_s a_{ts}\, v_s$$
#
# donde $d$ es la longitud de los vectores. Hay que impedir una cosa: la posición $t$ predice la película de $t + 1$, que también es una entrada, un lugar a la derecha. Si puede mirar ahí, copia la respuesta. Una **máscara causal** permite solo $s \le t$.
#
# Supón que olvidas la máscara causal en el entrenamiento.

# %% [markdown] tags=["question", "slide"]
# Se entrena una SASRec sin máscara causal con las mismas entradas y los mismos objetivos. ¿Qué pasa con la pérdida de entrenamiento y con el NDCG@10 de las películas ocultas?
#
# - [ ] La pérdida es mayor, porque la red tiene que mirar más películas.
#   - Más películas son más información. Una de ellas es incluso la respuesta.
# - [ ] La pérdida y el NDCG son mejores, porque la red sabe más.
#   - En el entrenamiento conoce la película siguiente. En la prueba no la conoce nadie.
# - [x] La pérdida cae mucho más y el NDCG es menor.
#   - Aprende a copiar la película que está un lugar a la derecha. En la prueba, la última posición no tiene nada a su derecha. Una celda de más abajo entrena una red así.

# %%
quiz("8.b")

# %% [markdown]
# ### Ejercicio 8.5 — quién puede mirar dónde (4 minutos)
#
# Combina la máscara causal con el relleno: nadie mira una posición de relleno.


# %%
def attention_mask(movies):
    """Qué posiciones puede mirar cada posición de una secuencia.

    Parameters
    ----------
    movies : tensor of int32, shape (n, length)
        Secuencias, rellenadas con ceros por la izquierda.

    Returns
    -------
    tensor of bool, shape (n, length, length)
        El elemento [b, t, s] es True si s ≤ t y la posición s de la secuencia b no es
        relleno. Entonces la posición t puede mirar la posición s.

    Examples
    --------
    >>> mask = attention_mask(ops.convert_to_tensor([[0, 12, 7]]))
    >>> ops.convert_to_numpy(mask).astype(int).tolist()
    [[[0, 0, 0], [0, 1, 0], [0, 1, 1]]]
    """
    ### BEGIN SOLUTION
    position = ops.arange(ops.shape(movies)[1])
    is_past = position[:, None] >= position[None, :]
    is_movie = ops.not_equal(movies, 0)
    return ops.logical_and(is_past[None, :, :], is_movie[:, None, :])
    ### END SOLUTION


# %%
mask = attention_mask(ops.convert_to_tensor([[0, 12, 7]]))
print(ops.convert_to_numpy(mask).astype(int).tolist())

# %%
check("8.5", attention_mask)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. En el ejemplo, ¿qué posiciones puede mirar la última, y cuáles la primera? ¿Qué índice de la máscara mira, y cuál es mirado?
# 2. `position[:, None] >= position[None, :]` compara cada t con cada s. El relleno depende solo de s: dale la forma (n, 1, length), para que haga *broadcasting*.
#
# ```python
# position = ops.arange(...)
# is_past = position[..., ...] >= position[..., ...]
# is_movie = ops.not_equal(movies, ...)
# return ops.logical_and(is_past[None, :, :], is_movie[:, ..., :])
# ```
#
# **Fíjate**
#
# Una posición de relleno tiene una fila vacía: no puede mirar nada. Su salida no se usa nunca, porque no tiene objetivo, pero no debe convertirse en NaN.

# %% [markdown]
# ### Ejercicio 8.6 — atención con máscara (6 minutos)
#
# Escribe la fórmula de arriba, con una máscara. Los elementos prohibidos deben recibir un peso de 0, y los demás de una fila deben sumar 1. Así que la máscara tiene que actuar *antes* de la softmax.


# %%
def attention(queries, keys, values, allowed):
    """Atención de producto punto escalado, con máscara.

    Parameters
    ----------
    queries, keys, values : tensor of float32, shape (n, length, d)
    allowed : tensor of bool, shape (n, length, length)
        Elemento [b, t, s]: si la posición t puede mirar la posición s.

    Returns
    -------
    outputs : tensor of float32, shape (n, length, d)
    weights : tensor of float32, shape (n, length, length)
        0 donde no está permitido; cada fila suma 1. Una fila en la que no se permite
        nada puede contener números finitos cualesquiera.

    Examples
    --------
    Todos los encajes son 0, así que cada posición hace la media de lo que puede mirar.

    >>> zeros = ops.zeros((1, 2, 1))
    >>> values = ops.convert_to_tensor([[[4.0], [8.0]]])
    >>> allowed = ops.convert_to_tensor([[[True, False], [True, True]]])
    >>> outputs, weights = attention(zeros, zeros, values, allowed)
    >>> ops.convert_to_numpy(outputs).tolist()
    [[[4.0], [6.0]]]
    """
    ### BEGIN SOLUTION
    d = queries.shape[-1]
    match = ops.matmul(queries, ops.transpose(keys, (0, 2, 1))) / d**0.5
    weights = ops.softmax(ops.where(allowed, match, -1e9), axis=-1)
    return ops.matmul(weights, values), weights
    ### END SOLUTION


# %%
zeros = ops.zeros((1, 2, 1))
values = ops.convert_to_tensor([[[4.0], [8.0]]])
allowed = ops.convert_to_tensor([[[True, False], [True, True]]])
outputs, weights = attention(zeros, zeros, values, allowed)
print(ops.convert_to_numpy(outputs).tolist())

# %%
check("8.6", attention)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué número convierte una softmax en un peso de 0? ¿Y qué hace con una fila que es toda −∞?
# 2. `ops.transpose(keys, (0, 2, 1))` intercambia los dos últimos ejes, de modo que `ops.matmul` da un encaje por cada t y cada s. `ops.where(allowed, match, -1e9)` conserva los permitidos.
#
# ```python
# match = ops.matmul(queries, ops.transpose(..., (0, 2, 1))) / ...
# weights = ops.softmax(ops.where(allowed, ..., ...), axis=...)
# return ops.matmul(weights, ...), weights
# ```
#
# **Fíjate**
#
# Con −∞ en lugar de −1e9, una fila sin ningún elemento permitido sería NaN, y un solo NaN convierte en NaN el gradiente de todos los pesos.

# %% [markdown] tags=["slide"]
# ## SASRec
#
# La atención por sí misma no sabe dónde está una película: calcula una media ponderada, y una media no tiene orden. Por eso a cada vector de película se le suma un **vector de posición**. Después, SASRec apila bloques de dos partes: la atención, y una red pequeña que se aplica a cada posición por separado. Cada parte se suma a su entrada (una **conexión residual**), con normalización de capa y *dropout*. Usamos un bloque.
#
# > **Nota.** La SASRec del artículo tiene dos bloques, historiales más largos y una pérdida binaria con un negativo al azar por cada posición. La pérdida importa más de lo que parece. BERT4Rec ([Sun et al., 2019](https://arxiv.org/abs/1904.06690)) completa huecos de una secuencia y mira a ambos lados. Durante años se publicó que era mejor que SASRec. [Klenitskiy y Vasilev (2023)](https://arxiv.org/abs/2309.07602) entrenaron las dos con la misma softmax sobre todos los artículos, y SASRec quedó por delante. [Petrov y Macdonald (2023)](https://arxiv.org/abs/2308.07192) atribuyen la diferencia al muestreo de negativos. Con un millón de artículos, la softmax sobre todos es demasiado cara. Entonces se toman muchos negativos al azar y se corrige según cómo se han tomado (lección 07).


# %%
class SASRec(NextMovie):
    """Un bloque de autoatención sobre las películas hasta el momento."""

    learning_rate, epochs = 0.003, 3

    def __init__(self, training):
        super().__init__(training)
        small = keras.initializers.RandomNormal(stddev=0.05)
        self.positions = layers.Embedding(LENGTH, N_FACTORS, small)
        self.positions.build()
        self.query, self.key, self.value = (
            layers.Dense(N_FACTORS, use_bias=False) for _ in range(3)
        )
        self.hidden = layers.Dense(N_FACTORS, activation="relu")
        self.output_layer = layers.Dense(N_FACTORS)
        self.norms = [layers.LayerNormalization() for _ in range(3)]
        self.dropout = layers.Dropout(0.2)

    def allowed(self, movies):
        return attention_mask(movies)

    def attend(self, movies, vectors):
        normed = self.norms[0](vectors)
        return attention(
            self.query(normed),
            self.key(normed),
            self.value(normed),
            self.allowed(movies),
        )

    def states(self, movies, training):
        vectors = self.vectors(movies) + self.positions.embeddings
        vectors = self.dropout(vectors, training=training)
        attended, _ = self.attend(movies, vectors)
        vectors = vectors + self.dropout(attended, training=training)
        changed = self.output_layer(self.hidden(self.norms[1](vectors)))
        vectors = vectors + self.dropout(changed, training=training)
        return self.norms[2](vectors)


sasrec = train(SASRec, histories)
ndcg["SASRec"] = ndcg_of_next(sasrec.score_next(histories), histories, held_out)
print(f"NDCG@10 de SASRec: {ndcg['SASRec'].mean():.3f}")

# %% [markdown]
# ¿Y sin la máscara causal? Todo lo demás se queda como está, pero entrenamos unas cuantas épocas más.


# %%
class NoCausalMask(SASRec):
    """Cada posición mira todas las películas de su trozo, también la siguiente."""

    epochs = 5

    def allowed(self, movies):
        is_movie = ops.not_equal(movies, 0)[:, None, :]
        return ops.repeat(is_movie, movies.shape[1], axis=1)


unmasked = train(NoCausalMask, histories)
value = ndcg_of_next(unmasked.score_next(histories), histories, held_out).mean()
print(f"NDCG@10 de SASRec sin la máscara causal: {value:.3f}")

# %% [markdown]
# La pérdida cae muy por debajo de la de SASRec, y el NDCG es claramente menor. Una pérdida de entrenamiento baja no es señal de un buen modelo si las entradas contienen la respuesta.
#
# ¿Qué películas mira SASRec? Tomamos el historial más corto, para que la imagen se lea bien.

# %% tags=["slide"]
shortest = last_movies([min(histories, key=len)])
mask = ops.convert_to_numpy(attention_mask(shortest))[0]
vectors = sasrec.vectors(shortest) + sasrec.positions.embeddings
weights = ops.convert_to_numpy(sasrec.attend(shortest, vectors)[1])[0]
figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.6), sharey=True)
for axes, shown, title in [
    (panels[0], mask, "máscara: causal y sin relleno"),
    (panels[1], np.where(mask, weights, 0), "pesos de atención"),
]:
    picture = axes.imshow(shown, cmap="Blues", extent=(0, 25, 25, 0))
    axes.set_title(title)
    axes.set_xlabel("mirada: posición s")
    axes.grid(visible=False)
    figure.colorbar(picture, ax=axes, shrink=0.75)
panels[0].set_ylabel("mira: posición t")
plt.show()

full = train_inputs[(train_inputs != 0).all(axis=1)][:200]
if len(full):
    vectors = sasrec.vectors(full) + sasrec.positions.embeddings
    weights = ops.convert_to_numpy(sasrec.attend(full, vectors)[1])[:, -1].mean(axis=0)
    print(f"peso de las últimas cinco de 25 películas: {weights[-5:].sum():.0%} (a partes iguales: 20%)")

# %% [markdown]
# *Cómo leer la figura:* cada fila es una posición, y lo que mira está a su izquierda. Las columnas blancas de la máscara son relleno. Los pesos de una fila suman 1. Más o menos desde la posición 15, las filas de este usuario miran sobre todo las películas que hay a partir de ahí; quizá cambió el tipo de película. Eso es un solo usuario. La línea impresa dice, para 200 trozos completos, qué parte de su peso da la última posición a las cinco películas más recientes: apenas más que con un reparto uniforme. Así que, en promedio, la atención de esta red pequeña depende poco de lo reciente que sea una película. La más reciente entra por otro camino: por la conexión residual, que suma su propio vector.
#
# ## ¿Cuál es el mejor?
#
# Con la película oculta de 943 usuarios, un NDCG@10 medio de 0.1 tiene un error estándar de unos 0.008. Un *bootstrap* pareado sobre usuarios (lección 05) compara dos modelos con los mismos usuarios. No tiene en cuenta el azar del entrenamiento. `bootstrap_mean` devuelve una media sobre usuarios y los extremos de su intervalo del 95 %.


# %% tags=["slide"]
def with_interval(values):
    """Devuelve la media sobre usuarios con su intervalo del 95 %, como texto."""
    return "{:+.3f} (de {:+.3f} a {:+.3f})".format(*bootstrap_mean(values, seed=8))


order = sorted(ndcg, key=lambda name: ndcg[name].mean())
axes = plt.figure(figsize=(7, 3)).add_subplot()
for place, name in enumerate(order):
    color = plots.ORANGE if name in ("GRU4Rec", "SASRec") else plots.BLUE
    mean, low, high = bootstrap_mean(ndcg[name], seed=8)
    axes.hlines(place, low, high, color=color)
    axes.plot(mean, place, "o", color=color)
axes.set_yticks(range(len(order)), order)
axes.set_xlim(0, None)
axes.set_xlabel("NDCG@10 de la película siguiente, con su intervalo del 95 %")
axes.set_title("Redes (naranja) y modelos simples (azul)")
plt.show()
compared = [
    ("EASE, últimas 10", "EASE"),
    ("EASE, últimas 10", "cadena de Markov"),
    ("cadena de Markov", "EASE"),
    ("SASRec", "EASE"),
    ("SASRec", "cadena de Markov"),
    ("SASRec", "EASE, últimas 10"),
    ("SASRec", "GRU4Rec"),
]
for one, other in compared:
    print(f"{one} − {other}: {with_interval(ndcg[one] - ndcg[other])}")
for name, values in ndcg.items():
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split="leave-one-out by time",
        lesson="08",
        **{"ndcg@10": values.mean()},
    )

# %% tags=["nbval-check-output"]
best_network = max(ndcg["GRU4Rec"].mean(), ndcg["SASRec"].mean())
verdict("NDCG@10 de la mejor red", best_network, at_least=0.085)

# %% [markdown]
# *Cómo leer la figura:* las dos redes y EASE sobre las últimas diez películas están más o menos al mismo nivel. Que los intervalos se solapen o no, no sirve de prueba; las diferencias pareadas, con los mismos usuarios, sí. La memoria corta va por delante de EASE sobre todas las películas y de la cadena de Markov. SASRec va por delante de EASE sobre todas las películas y, por menos, de la cadena de Markov. Entre SASRec y EASE sobre las últimas diez películas, el intervalo contiene el 0.
#
# Estos intervalos no tienen en cuenta el azar del entrenamiento, y has entrenado una red de cada clase. Nosotros entrenamos más, una sola vez, con el código de esta lección y ml-100k (cinco semillas para cada una):
#
# | red | NDCG@10 medio | desviación típica entre semillas | el menor y el mayor |
# | --- | --- | --- | --- |
# | GRU4Rec | 0.103 | 0.006 | 0.095, 0.110 |
# | SASRec | 0.091 | 0.005 | 0.085, 0.096 |
#
# Para cada usuario calculamos la media de las semillas, y luego aplicamos el *bootstrap* pareado sobre usuarios:
#
# | diferencia | media | intervalo del 95 % |
# | --- | --- | --- |
# | GRU4Rec − SASRec | +0.012 | +0.004 a +0.020 |
# | GRU4Rec − EASE, últimas 10 | +0.004 | −0.009 a +0.017 |
# | SASRec − EASE, últimas 10 | −0.008 | −0.022 a +0.004 |
# | GRU4Rec − cadena de Markov | +0.024 | +0.011 a +0.036 |
# | SASRec − cadena de Markov | +0.012 | −0.001 a +0.024 |
# | GRU4Rec − EASE | +0.031 | +0.016 a +0.045 |
# | SASRec − EASE | +0.018 | +0.005 a +0.032 |
#
# Así que, con estos ajustes, GRU4Rec va por delante de SASRec, por más de lo que explica la elección de los usuarios. Ninguna de las dos redes va por delante de EASE sobre las últimas diez películas, hasta donde puede mostrar esta prueba. GRU4Rec va por delante de la cadena de Markov. Con SASRec, el intervalo de esa diferencia contiene el 0: la red que has entrenado tú viene de una de las mejores semillas. Esto no muestra qué arquitectura es mejor. Con trozos de 50 películas y cinco épocas, alrededor del doble de tiempo, SASRec tuvo una media de 0.097 (cuatro semillas). [Betello et al. (2024)](https://arxiv.org/abs/2408.03873) también encuentran que SASRec no siempre va por delante de GRU4Rec, pero sí cuando las dos tienen muchos parámetros.
#
# ## ¿Importa el orden?
#
# Ahora, la pregunta del título. La responde un experimento de control: pon cada historial en un orden al azar, entrena otra vez y prueba otra vez. La película oculta es la misma. Si el orden no aporta nada, el NDCG se queda como estaba. Klenitskiy et al. (2024, más abajo) hacen algo parecido con 15 conjuntos de datos: conservan la red entrenada y barajan solo los historiales de la prueba. Eso lo hacemos más adelante.

# %% [markdown] tags=["question", "slide"]
# SASRec tenía un NDCG@10 de alrededor de 0.1, y la popularidad, de 0.044. ¿A cuánto llega SASRec si se barajan todos los historiales, en el entrenamiento y en la prueba?
#
# - [ ] A unos 0.1
#   - Entonces el orden no aportaría nada. Pero EASE sobre las últimas diez películas era mejor que sobre todas.
# - [ ] A unos 0.07, como EASE sobre todas las películas
#   - Una red entrenada con historiales barajados podría aprender, en principio, lo que sabe EASE. Con tan pocos datos, y con ajustes elegidos para historiales en orden, no lo hace.
# - [x] A unos 0.045, como la popularidad
#   - Sin el orden, en tres épocas esta red apenas ha aprendido algo más que la popularidad.

# %%
quiz("8.c")

# %% tags=["slide"]
rng = np.random.default_rng(8)
shuffled = [rng.permutation(one) for one in histories]
chain = transition_probabilities(shuffled, n_rows)
of_shuffled = {
    "cadena de Markov": chain[[one[-1] for one in shuffled]],
    "EASE, últimas 10": baselines["EASE, últimas 10"](shuffled),
    "SASRec": train(SASRec, shuffled).score_next(shuffled),
}
without_order = {
    name: ndcg_of_next(scores, histories, held_out)
    for name, scores in of_shuffled.items()
}
for name, values in without_order.items():
    print(f"{name}: en orden − barajado {with_interval(ndcg[name] - values)}")
pd.DataFrame(
    {
        "en orden": {name: ndcg[name].mean() for name in without_order},
        "barajado": {name: one.mean() for name, one in without_order.items()},
    }
).round(3)

# %% tags=["nbval-check-output"]
verdict(
    "NDCG@10 de SASRec con historiales barajados",
    without_order["SASRec"].mean(),
    at_most=0.065,
)

# %% [markdown]
# Sin el orden, la red pierde alrededor de la mitad de su NDCG y es más o menos tan buena como la popularidad. Una parte puede deberse al entrenamiento: la tasa de aprendizaje y el número de épocas se eligieron para historiales en orden. La cadena de Markov pierde también alrededor de la mitad, y EASE sobre «las últimas diez» toma ahora diez películas al azar. Pero EASE sobre todas las películas nunca usó el orden, y tiene 0.072. SASRec y EASE sobre las últimas diez películas llevan a esta lista, que no usa ningún orden, una ventaja de solo 0.02 a 0.03 (los intervalos de más arriba van de 0.008 a 0.040).
#
# Barajar destruye varias cosas a la vez: cuál fue la última película, cuáles son recientes y el orden de estas. Para distinguirlas, dejamos las redes como están y cambiamos solo los historiales de la prueba: la última película se queda y se barajan las nueve anteriores; o se barajan las últimas diez; o todas.

# %% tags=["slide", "sentence-1-2"]
changed = {
    "en orden": histories,
    "barajadas las nueve anteriores a la última": [
        np.concatenate([one[:-10], rng.permutation(one[-10:-1]), one[-1:]])
        for one in histories
    ],
    "barajadas las últimas diez": [
        np.concatenate([one[:-10], rng.permutation(one[-10:])]) for one in histories
    ],
    "todo barajado": shuffled,
}
rows = {
    name: {
        how: ndcg_of_next(model.score_next(given), histories, held_out)
        for how, given in changed.items()
    }
    for name, model in {"GRU4Rec": gru, "SASRec": sasrec}.items()
}
kinds = list(changed)
for name, row in rows.items():
    for before, after in [(0, 1), (0, 2), (2, 3)]:
        difference = row[kinds[before]] - row[kinds[after]]
        print(f"{name}: {kinds[before]} − {kinds[after]} {with_interval(difference)}")
pd.DataFrame.from_dict(rows, orient="index").map(np.mean).round(3)

# %% [markdown]
# Con la última película en su sitio, barajar las nueve anteriores cambia poco: SASRec pierde unas milésimas como mucho, y con GRU4Rec el intervalo contiene el 0, aunque también admitiría una pérdida de una décima parte. En cuanto la última película es otra, las dos redes pierden alrededor de una cuarta parte o más. Con todas las películas barajadas, GRU4Rec pierde todavía más; con SASRec el intervalo de este paso contiene el 0. Así que estas redes usan *cuál fue la última película* y cuáles son recientes. Que apenas usen el orden de las recientes dice algo también de estas redes: nuestra SASRec empieza con vectores de posición pequeños al lado de los vectores de las películas, y se entrena durante tres épocas. Además, la mitad de las valoraciones no tienen, de entrada, un orden conocido. EASE sobre las últimas diez películas no sabe cuál fue la última, y ninguna red va por delante.
#
# Klenitskiy et al. (2024) encontraron un efecto en la misma dirección en MovieLens con 20 millones de valoraciones: con todos los historiales de la prueba barajados, el NDCG@10 de las dos redes bajó alrededor de dos tercios. En siete de sus 15 conjuntos de datos no encontraron ningún cambio significativo.
#
# > **Nota.** Las dos últimas columnas preguntan a las redes por historiales de otra clase que aquellos con los que se entrenaron. Una red entrenada con historiales así quizá lo haría algo mejor.
#
# ## ¿De quién es el orden?
#
# Así que las películas recientes dicen mucho de la siguiente. Pero ¿qué orden es este? Una valoración se da cuando alguien visita el sitio web, no cuando ve la película. Mira cuánto tiempo pasó entre la primera y la última valoración de cada usuario.

# %% tags=["slide", "sentence-2"]
by_user = ratings.groupby("user")["hours"]
span = (by_user.max() - by_user.min()).to_numpy()
within_an_hour = span < 1
axes = plt.figure(figsize=(7, 3)).add_subplot()
axes.hist(np.log10(np.maximum(span, 0.01)), bins=40, color=plots.BLUE)
axes.axvline(0, color=plots.RED)
marks = [1 / 60, 1, 24, 24 * 30]
axes.set_xticks(np.log10(marks), ["un minuto", "una hora", "un día", "un mes"])
axes.set_xlabel("tiempo entre la primera y la última valoración de un usuario (escala log.)")
axes.set_ylabel("usuarios")
axes.set_title("Cuánto duraron las valoraciones de un usuario")
plt.show()
gap = by_user.apply(lambda hours: hours.iloc[-1] - hours.iloc[-2]).to_numpy()
groups = {
    "todas las valoraciones en una hora": within_an_hour,
    "valoraciones en más tiempo": ~within_an_hour,
    "película oculta: en el mismo segundo que la anterior": gap == 0,
    "película oculta: después": gap > 0,
}
groups = {group: chosen for group, chosen in groups.items() if chosen.any()}
print(f"{within_an_hour.mean():.0%} de los usuarios: todas las valoraciones en una hora")
pd.DataFrame(
    {
        group: {"users": chosen.sum()}
        | {name: values[chosen].mean() for name, values in ndcg.items()}
        for group, chosen in groups.items()
    }
).T.round(3)

# %%
for name in ("EASE, últimas 10", "SASRec"):
    difference = ndcg[name] - ndcg["EASE"]
    for group, chosen in groups.items():
        print(f"{name} − EASE, {group}: {with_interval(difference[chosen])}")

# %% [markdown]
# *Cómo leer la figura:* hay dos clases de usuarios. Más de la mitad dieron todas sus valoraciones en menos de una hora (la línea roja). La mayoría de los demás volvieron, al cabo de horas, días o meses.
#
# La tabla compara grupos de usuarios. Entre quienes valoraron en menos de una hora, EASE sobre las últimas diez películas va por delante de EASE sobre todas en alrededor de 0.03. Entre los demás son unos 0.02, y el extremo inferior del intervalo queda justo por encima de 0. Las películas ocultas que se valoraron en el mismo segundo que la anterior tienen un NDCG medio más alto con *todos* los modelos, también con EASE sobre todas las películas, y la memoria corta ayuda en los dos grupos. Así que las marcas de tiempo iguales no explican por sí solas lo que valen las últimas películas, y las visitas únicas tampoco. SASRec va por delante de EASE donde la película oculta llegó después, y donde las valoraciones duraron más; en los otros dos grupos, sus intervalos contienen el 0. Esto no muestra que los grupos sean distintos: para eso haría falta un intervalo de la diferencia entre dos grupos. Y de ocho intervalos del 95 %, es fácil que alguno no contenga el valor verdadero.
#
# Aun así, más de la mitad de los usuarios dieron todas sus valoraciones en menos de una hora, y nadie vio esas películas una tras otra en esa hora. MovieLens muestra a sus usuarios páginas de títulos para valorar ([Harper y Konstan, 2015](https://doi.org/10.1145/2827872)), y las valoraciones que se envían juntas vienen de una misma página. Así que una parte de «lo que viene después» es probablemente *lo que el sitio mostró después*.
#
# Esto ya se había observado. Woolridge et al. (2021, más abajo) contaron marcas de tiempo iguales en varios conjuntos de datos, MovieLens entre ellos, y llaman pseudosecuencias a esos historiales. También encontraron que barajar apenas cambiaba los resultados de un modelo destacado. Eso es distinto de lo que vemos aquí y de lo que vieron Klenitskiy et al.; los protocolos son otros. Fan et al. (2024, más abajo) muestran cómo las recomendaciones del propio sitio influyen en lo que se valora. Un modelo que predice bien este orden ha aprendido algo sobre el sitio. Si ayudaría a alguien a elegir la película de esta noche es otra pregunta.
#
# > **Nota.** Los grupos se formaron a posteriori, y se diferencian también en otras cosas, como el número de valoraciones. Así que estas diferencias son un indicio del motivo, no una prueba.
#
# ## Un mismo corte en el tiempo para todos
#
# Dejar uno fuera tiene además un defecto propio: los modelos se entrenan con valoraciones del futuro. En un sistema en marcha, un modelo se entrena con todo lo anterior a un momento y después se encuentra con usuarios cuyos historiales continúan. Cortamos todas las valoraciones en un mismo momento (lección 05), con el 80 % antes de él. Los modelos se entrenan con lo anterior al corte. Después predicen hasta diez de las valoraciones posteriores de cada usuario, tomadas al azar, cada una a partir de *todo* lo que el usuario valoró antes de ella. Los historiales siguen creciendo después del corte, y los modelos se quedan como están. Un usuario nuevo tiene un historial en cuanto hay una valoración.

# %%
cut = np.sort(ratings["timestamp"])[int(0.8 * len(ratings))]
n_before = ratings["timestamp"].lt(cut).groupby(ratings["user"]).sum().to_numpy()
past = [one[:n] for one, n in zip(sequences, n_before, strict=True) if n > 1]
rng = np.random.default_rng(8)
events = [
    (user, place)
    for user, one in enumerate(sequences)
    for place in rng.permutation(np.arange(max(1, n_before[user]), len(one)))[:10]
]
who = np.array([user for user, _ in events])
given = [sequences[user][:place] for user, place in events]
hidden = np.array([sequences[user][place] for user, place in events])
is_known = n_before[np.unique(who)] > 0
print(f"{len(past)} usuarios para entrenar; {len(hidden)} valoraciones por predecir")
print(
    f"{len(is_known)} usuarios de prueba, {is_known.sum()} de ellos con valoraciones antes del corte"
)

scorers = fit_baselines(past) | {"SASRec": train(SASRec, past).score_next}
after_cut = {}
for name, score in scorers.items():
    values = pd.Series(ndcg_of_next(score(given), given, hidden))
    after_cut[name] = values.groupby(who).mean().to_numpy()
for one, other in compared[:-1]:
    print(f"{one} − {other}: {with_interval(after_cut[one] - after_cut[other])}")
table = {name: bootstrap_mean(values, seed=8) for name, values in after_cut.items()}
pd.DataFrame.from_dict(table, orient="index", columns=["NDCG@10", "desde", "hasta"]).round(
    3
)

# %% [markdown]
# El orden de los modelos es parecido: la popularidad va la última, después vienen la cadena de Markov y EASE (ahora EASE es el mejor de los dos), después SASRec, y EASE sobre las últimas diez películas es el primero. EASE sobre las últimas diez va por delante de EASE sobre todas las películas, y el intervalo de la diferencia está por encima de 0. Así que su ventaja no viene de modelos que se entrenaron con el futuro. SASRec va por delante de la cadena de Markov. Sus intervalos frente a las dos versiones de EASE contienen el 0. Pero no compares estos valores con los de arriba: en esta prueba hay otros usuarios, la mayoría nuevos, y cada uno tiene hasta diez películas ocultas. (Dejamos fuera GRU4Rec para ahorrar tiempo).
#
# > **Nota.** Queda una fuga. Elegimos los ajustes, las diez películas entre ellos, con la penúltima película de cada usuario, y unas tres de cada diez de ellas son posteriores al corte. Una prueba estricta también elige los ajustes antes del corte. [Gusak et al. (2025)](https://arxiv.org/abs/2507.16289) comparan maneras de partir las secuencias por tiempo.
#
# Esta prueba tampoco dice de quién es el orden. También después del corte, los usuarios valoran películas en las páginas del mismo sitio.
#
# ## Para recordar
#
# - Un recomendador secuencial predice el artículo siguiente a partir de los anteriores. Dejar uno fuera por tiempo es la prueba habitual, pero tiene fugas del futuro.
# - Compara una red con una cadena de Markov y con EASE sobre los últimos artículos.
# - Usa relleno y una máscara, y divide la pérdida entre el número de objetivos de verdad.
# - Una GRU lleva un estado de película en película. La autoatención las mira todas, y necesita una máscara causal y vectores de posición.
# - Baraja los historiales para ver cuánto vale el orden. Después baraja solo una parte, para ver qué importa: para las redes de esta lección, sobre todo cuál fue la última película.
# - Pregunta de dónde viene el orden. En MovieLens, más de la mitad de los usuarios dieron todas sus valoraciones en menos de una hora, así que difícilmente es el orden en que vieron las películas.
#
# ## Para seguir leyendo
#
# - B. Hidasi et al., [Session-based Recommendations with Recurrent Neural Networks](https://arxiv.org/abs/1511.06939), 2016: GRU4Rec.
# - W. Kang y J. McAuley, [Self-Attentive Sequential Recommendation](https://arxiv.org/abs/1808.09781), 2018: SASRec.
# - KerasRS, [ejemplos](https://keras.io/keras_rs/examples): GRU4Rec y SASRec con MovieLens, con capas ya hechas.
# - D. Woolridge, S. Wilner y M. Glick, [Sequence or Pseudo-Sequence?](https://ceur-ws.org/Vol-2955/paper8.pdf), 2021: en los conjuntos de datos, muchas marcas de tiempo son iguales, así que no se conoce el orden.
# - Y. Fan et al., [Our Model Achieves Excellent Performance on MovieLens: What Does it Mean?](https://arxiv.org/abs/2307.09985), 2024: cómo las recomendaciones del propio sitio dieron lugar a las valoraciones.
# - A. Klenitskiy y A. Vasilev, [Turning Dross Into Gold Loss](https://arxiv.org/abs/2309.07602), 2023: SASRec y BERT4Rec con la misma pérdida.
# - A. Klenitskiy et al., [Does It Look Sequential?](https://arxiv.org/abs/2408.12008), 2024: barajar, en 15 conjuntos de datos.
#
# **Siguiente:** la lección 09 trata de la escala: qué crece con los datos, y cómo varios *workers* entrenan un mismo modelo.

# %% tags=["instructor"]
# Minutos: 70, de los que los seis ejercicios se llevan 33. Si falta tiempo, deja fuera 8.2 (da la función) y el corte global. Lo central es la pregunta «¿de quién es el orden?».
#
# Ideas equivocadas: «un NDCG mejor en secuencias significa que los gustos cambian deprisa»; «la última valoración es la última película vista»; «la atención conoce el orden por sí misma»; «el relleno no hace daño, solo son ceros»; «barajar demuestra que el orden importa» (también destruye cuál fue la última película).
#
# NDCG@10 de cada semilla: GRU4Rec 0.110, 0.101, 0.106, 0.095, 0.102; SASRec 0.096, 0.087, 0.092, 0.085, 0.094.
#
# Dos preguntas por escrito, para responder en cinco frases y sin código.
#
# 1. «Un artículo afirma que su red supera a SASRec en 0.004 de NDCG@10 en ml-100k, dejando uno fuera. ¿Qué preguntarías?» Respuesta modelo: Con 943 usuarios y una película oculta cada uno, el error estándar de un NDCG@10 de 0.1 es de unos 0.008. La diferencia es menor, así que pediría un intervalo pareado sobre usuarios. Otra semilla también mueve el valor, así que pediría varias semillas. Pediría modelos base simples: una cadena de Markov y EASE sobre las últimas películas, que aquí está a la altura de SASRec. Y preguntaría qué pasa con historiales barajados y con un solo corte en el tiempo.
#
# Puntuación completa: el error estándar sobre usuarios, y un modelo base sencillo pero bueno, o las semillas. La mitad: una de las dos cosas. Nada: acepta la diferencia porque es positiva.
#
# 2. «Barajar todos los historiales reduce a la mitad el NDCG de una red. ¿Demuestra esto que los gustos de los usuarios cambian con el tiempo?» Respuesta modelo: No. Muestra que las posiciones informan sobre la valoración siguiente. En MovieLens, más de la mitad de los usuarios dieron todas sus valoraciones en menos de una hora, así que sus gustos no pueden haber cambiado mucho. Muchas valoraciones tienen el mismo segundo, porque se enviaron desde una misma página del sitio. Así que el orden es en parte el de las páginas. Para saber algo de los gustos harían falta los momentos en que se vieron las películas, y usuarios a los que no guiara una lista.
#
# Puntuación completa: informar sobre la valoración siguiente no es gusto, con la prueba de las marcas de tiempo. La mitad: una de las dos cosas. Nada: sí.
