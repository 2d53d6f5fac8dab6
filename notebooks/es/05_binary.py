# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/es/05_binary.ipynb) [![Abrir en Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2Fes%2F05_binary.ipynb)

# %% [markdown]
# # 5 · Binario: de las estrellas a la lista
#
# Nadie abre una plataforma de *streaming* para enterarse de que una película será un 3.7. Lo que se quiere es una lista, y a una lista no le hacen falta estrellas: le basta un orden. En esta lección convertimos las valoraciones primero en un sí o un no, y después en un *ranking*, y ahí espera la mayor sorpresa del curso. La lección 01 ya mostró su causa.
#
# **Al terminar, podrás**
#
# - convertir valoraciones en sí y no, y decir qué decide el umbral;
# - calcular la *log loss*, la exactitud junto a su tasa base y el AUC por usuario, y leer un gráfico de calibración;
# - construir la matriz completa de puntuaciones, enmascarar lo ya visto y calcular el NDCG a mano;
# - explicar por qué un buen RMSE no da una buena lista;
# - entrenar con retroalimentación implícita y muestreo de negativos, y comparar el resultado con EASE, una fórmula;
# - poner a prueba un orden de modelos: con *bootstrap*, sin métricas con muestreo y con el futuro;
# - ver a qué usuarios sirve peor un modelo y cuánto del catálogo muestran sus listas.
#
# **Tiempo** 120 minutos de trabajo, cerca de un minuto de ejecución. Se pueden saltar tres secciones: «¿Podemos fiarnos de las probabilidades?», «¿Hasta qué punto puedes fiarte de este número?» y «¿A quién se sirve peor?». **Antes de empezar** las lecciones 01 a 04.

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
from itertools import pairwise

import helpers.quiet_tensorflow  # TensorFlow starts without its page of notes

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from keras import layers, ops
from sklearn.metrics import roc_auc_score

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import Popularity
from helpers.data import load_movielens
from helpers.histories import history_vectors
from helpers.my_ratings import my_ratings
from helpers.ranking import (
    coverage_at_k,
    mask_pairs,
    ndcg_at_k,
    recommend,
    relevance_matrix,
    score_all,
    top_n,
)
from helpers.scoreboard import add_to_scoreboard
from helpers.splits import global_time_split, pairs, ranking_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(5)

# %% [markdown]
# Para los *rankings* usamos otra partición: la oficial u1, reducida a los usuarios y las películas que aparecen en sus dos partes. Los cuadernos públicos lo hacen a menudo, y la lección 01 mostró qué tiene de malo: el conjunto de entrenamiento depende entonces del de prueba. Podemos comparar nuestros modelos entre sí, porque el filtro es el mismo para todos, pero sus resultados dicen poco de un sistema en marcha.
#
# > **Nota.** Solo el zip de ml-100k del propio GroupLens contiene las particiones oficiales. Sin él, `ranking_split` genera un sustituto con el mismo número de valoraciones de prueba y más o menos el mismo de usuarios. La línea de abajo dice cuál de las dos particiones tienes. Si empieza por `u1`, tus resultados son comparables con otros que se midieron en u1 con el mismo filtro, como los de los [*benchmarks*](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md) del curso. Si empieza por `stand-in for u1`, compáralos solo entre sí.

# %%
movielens = load_movielens()
split = ranking_split(movielens, fold=1, valid=0.1, filtered=True, seed=0)
train, valid, test = split.train, split.valid, split.test
n_users, n_movies = split.n_users, split.n_movies
# 5 and 4 stars in MovieLens; on a scale of your own, a rating above the mean is a yes.
most_stars, liked_stars = movielens.rating_scale[1], 4
if movielens.own_ids is not None:
    liked_stars = train["rating"].mean()
split

# %% [markdown]
# ## ¿Dónde ponemos el umbral?
#
# 4 y 5 estrellas son un sí; 1 y 2, un no. ¿Y 3? La valoración media es de unas 3.5, así que 3 estrellas quedan *por debajo* de la media, y decimos que no. El código que lleva las estrellas a la escala 0…1 y pide *más* de 0.5 elige lo mismo, porque 3 estrellas pasan a ser exactamente 0.5.


# %%
def to_yes_no(ratings, liked_from=liked_stars):
    """1.0 por cada valoración de al menos `liked_from` estrellas; si no, 0.0.

    Parameters
    ----------
    ratings : array_like of float, shape (n,), en estrellas
    liked_from : float

    Returns
    -------
    numpy.ndarray of float32, shape (n,)

    Examples
    --------
    >>> to_yes_no([1, 3, 3.5, 4, 5]).tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0]
    """
    return (np.asarray(ratings) >= liked_from).astype("float32")


# %% [markdown]
# El umbral es una elección. ¿Cuánto depende de él?

# %%
quiz("5.a")

# %%
print(f"media de las valoraciones de entrenamiento: {train['rating'].mean():.2f} estrellas")
for cut in (3, 4, 5):
    if movielens.lacks("stars"):
        break
    share = to_yes_no(train["rating"], cut).mean()
    print(f"sí desde {cut} estrellas: el {share:.0%} de las valoraciones son un sí")

# %% [markdown]
# El umbral decide de qué trata el modelo. Desde 3 estrellas, más de cuatro de cada cinco valoraciones son un sí, y el modelo aprende «no la odió». Desde 5, lo es más o menos una de cada cinco, y aprende «le encantó». Una exactitud del 82 % puede ser excelente con un umbral y no valer nada con otro, así que con cada exactitud hay que decir el umbral.
#
# ## Probabilidades y *log loss*
#
# A una pregunta de sí o no, un modelo debería responder con una probabilidad. Una **sigmoide** lleva cualquier puntuación $s$ a un número $p$ entre 0 y 1. Sea $y$ igual a 1 para un sí y a 0 para un no. La ***log loss***, también llamada *entropía cruzada binaria* (BCE), es el logaritmo, con signo menos, de la probabilidad que el modelo dio a lo que ocurrió, $p$ para un sí y $1 - p$ para un no, promediado sobre las valoraciones:
#
# $$p = \frac{1}{1+e^{-s}} \qquad
# \text{BCE} = -\frac1n\sum_i \big[y_i \log p_i + (1-y_i)\log(1-p_i)\big]$$
#
# ### Ejercicio 5.1 — la *log loss*, a mano (6 minutos)
#
# Escribe ambas con NumPy. El logaritmo de 0 es menos infinito, así que mantén $p$ entre `tiny` y 1 − `tiny`.


# %%
def sigmoid(scores):
    """Lleva puntuaciones a números entre 0 y 1.

    Parameters
    ----------
    scores : numpy.ndarray of float, de cualquier forma
        También grandes, como 800 y -800.

    Returns
    -------
    numpy.ndarray of float, de la misma forma

    Examples
    --------
    >>> sigmoid(np.array([0.0, 2.0])).round(3).tolist()
    [0.5, 0.881]
    """
    raise NotImplementedError("Ejercicio 5.1: la *log loss*, a mano")


def log_loss(liked, probability, tiny=1e-7):
    """Entropía cruzada binaria media (*log loss*).

    Parameters
    ----------
    liked : array_like de 0 o 1, shape (n,)
    probability : array_like de float de 0 a 1, shape (n,) o (n, 1)
    tiny : float
        Una probabilidad menor cuenta como `tiny`; una mayor que 1 − `tiny`, como
        1 − `tiny`.

    Returns
    -------
    float

    Examples
    --------
    >>> round(log_loss([1, 0], [[0.9], [0.2]]), 4)
    0.1643
    """
    raise NotImplementedError("Ejercicio 5.1: la *log loss*, a mano")


# %%
print(log_loss([1, 0], [[0.9], [0.2]]), "seguro y acertado")
print(log_loss([1, 0], [0.5, 0.5]), "ni idea")
print(log_loss([1, 0], [0.1, 0.8]), "seguro y equivocado")

# %%
check("5.1", sigmoid, log_loss)

# %% [markdown]
# «Ni idea» cuesta log 2 = 0.693 por valoración, y una respuesta equivocada y segura cuesta mucho más. La *log loss* es una **regla de puntuación propia** (*proper scoring rule*): su valor esperado es mínimo si $p$ es la probabilidad verdadera de un sí. Un modelo no gana nada exagerando, ni tampoco quedándose corto.
#
# ## Cuatro modelos frente a frente
#
# Ya has construido todas las piezas de estos cuatro modelos en las lecciones 02 a 04. Aquí están en una sola función: factorización de matrices con sesgos (producto punto + sesgos) o una red profunda, entrenadas con estrellas o con sí y no.


# %%
def build_model(deep, binary, n_factors=32, bias_l2=1e-4, factor_l2=3e-4):
    """Producto punto + sesgos o un modelo profundo; estrellas o la probabilidad de un sí."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")

    def embedded(index, rows, columns, name):
        start = "zeros" if columns == 1 else "uniform"
        penalty = keras.regularizers.L2(bias_l2 if columns == 1 else factor_l2)
        if deep:
            penalty = None  # dropout takes its place
        return layers.Embedding(rows, columns, start, penalty, name=name)(index)

    user_vector = embedded(user, n_users, n_factors, "user_factors")
    movie_vector = embedded(movie, n_movies, n_factors, "movie_factors")
    if deep:
        values = layers.Concatenate()([user_vector, movie_vector])
        values = layers.Dropout(0.3)(values)
        values = layers.Dense(50, activation="relu")(values)
        score = layers.Dense(1)(layers.Dropout(0.3)(values))
    else:
        score = layers.Add()(
            [
                layers.Dot(axes=-1)([user_vector, movie_vector]),
                embedded(user, n_users, 1, "user_bias"),
                embedded(movie, n_movies, 1, "movie_bias"),
            ]
        )
    if binary:
        base_rate = to_yes_no(train["rating"]).mean()
        if movielens.lacks("stars", quiet=True):
            base_rate = 0.5  # all are a yes
        start_score = float(np.log(base_rate / (1 - base_rate)))
        score = layers.Rescaling(1.0, offset=start_score)(score)
        answer = layers.Activation("sigmoid", name="probability")(score)
    else:
        answer = layers.Rescaling(1.0, offset=float(train["rating"].mean()))(score)
    return keras.Model({"user": user, "movie": movie}, answer)


models = {}
for name, deep, binary, learning_rate in [
    ("estrellas: producto punto + sesgos", False, False, 0.02),
    ("estrellas: red profunda", True, False, 0.005),
    ("sí/no: producto punto + sesgos", False, True, 0.06),
    ("sí/no: red profunda", True, True, 0.005),
]:
    if movielens.lacks("stars"):
        break
    keras.utils.set_random_seed(5)
    model = build_model(deep, binary)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="binary_crossentropy" if binary else "mse",
        metrics=[
            keras.metrics.BinaryCrossentropy(name="bce")
            if binary
            else keras.metrics.MeanSquaredError(name="mse")
        ],
        steps_per_execution=20,
    )
    model.optimizer.build(model.trainable_variables)
    measured = "val_bce" if binary else "val_mse"
    target, valid_target = (
        (to_yes_no if binary else np.asarray)(part["rating"])[:, None]
        for part in (train, valid)
    )
    history = model.fit(
        pairs(train),
        target,
        validation_data=(pairs(valid), valid_target),
        batch_size=1024,
        epochs=50,
        callbacks=[
            keras.callbacks.EarlyStopping(
                monitor=measured, mode="min", patience=2, restore_best_weights=True
            )
        ],
        verbose=0,
    )
    models[name] = model
    print(
        f"{name:28} {len(history.epoch):2} épocas, {measured} "
        f"{min(history.history[measured]):.3f}"
    )

# %% [markdown]
# ## ¿Cuánto vale un sí?
#
# ### Ejercicio 5.2 — la exactitud y lo que de verdad dice (5 minutos)
#
# La exactitud es la proporción de respuestas correctas, donde cuenta como sí toda probabilidad de al menos 0.5. Dice poco sin la **tasa base**, que aquí es la exactitud de responder siempre lo más común (también llamada *modelo base de la clase mayoritaria*).


# %%
def accuracy_and_base_rate(liked, probability):
    """Proporción de respuestas correctas, y la de responder siempre lo más común.

    Parameters
    ----------
    liked : array_like de 0 o 1, shape (n,)
    probability : array_like de float de 0 a 1, shape (n,) o (n, 1)
        A partir de 0.5 es un sí.

    Returns
    -------
    accuracy, base_rate : float, float

    Examples
    --------
    >>> accuracy_and_base_rate([0, 0, 1, 0], [[0.1], [0.6], [0.4], [0.2]])
    (0.5, 0.75)
    """
    raise NotImplementedError("Ejercicio 5.2: la exactitud y lo que de verdad dice")


# %%
print(accuracy_and_base_rate([0, 0, 1, 0], [[0.1], [0.6], [0.4], [0.2]]))

# %%
check("5.2", accuracy_and_base_rate)

# %% [markdown]
# El **ROC AUC** (área bajo la curva característica operativa del receptor) es la probabilidad de que una película que gustó, tomada al azar, tenga una puntuación más alta que una que no gustó, donde un empate cuenta la mitad. No necesita umbral, y responder al azar da 0.5 con cualquier tasa base. Como solo cuenta el orden de las puntuaciones, también sirve para medir los modelos de estrellas.
#
# El AUC sobre todas las valoraciones compara también valoraciones de usuarios distintos. Pero una lista se hace para un solo usuario. El **AUC por usuario** (*group AUC*, GAUC) compara solo las de un mismo usuario, y se promedia sobre los usuarios. Para un usuario $u$ con $n_+$ síes y $n_-$ noes,
#
# $$\text{AUC}_u = \frac{1}{n_+\, n_-} \sum_{i\,:\,y_i=1}\ \sum_{j\,:\,y_j=0}
# \Big([s_i > s_j] + \tfrac12\,[s_i = s_j]\Big)$$
#
# donde $[\,\cdot\,]$ vale 1 si la condición se cumple y 0 si no. Un usuario cuyas valoraciones son todas un sí, o todas un no, no tiene esas parejas y no tiene AUC.
#
# > **Nota.** En publicidad, el GAUC se suele ponderar por el número de impresiones o de clics de cada usuario. Aquí todos los usuarios cuentan lo mismo.

# %% [markdown]
# ### Ejercicio 5.3 — AUC por usuario (9 minutos)
#
# Calcula el AUC de cada usuario con esta fórmula, o de otra manera que dé lo mismo.


# %%
def auc_of_each_user(liked, scores, users):
    """AUC entre las valoraciones de cada usuario.

    Parameters
    ----------
    liked : array_like de 0 o 1, shape (n,)
    scores : array_like de float, shape (n,) o (n, 1)
        Una pareja con puntuaciones iguales cuenta la mitad.
    users : array_like de int, shape (n,)
        Quién dio cada valoración, en cualquier orden; puede haber números que no aparezcan.

    Returns
    -------
    numpy.ndarray of float, shape (n_users,)
        Un AUC por cada usuario que aparece en `users`, en orden ascendente de usuarios. NaN
        si todas las valoraciones del usuario son un sí, o todas son un no.

    Examples
    --------
    >>> liked, users = [1, 0, 1, 0, 1, 1], [7, 7, 7, 2, 2, 5]
    >>> scores = [[0.9], [0.4], [0.4], [0.5], [0.3], [0.8]]
    >>> auc_of_each_user(liked, scores, users).tolist()
    [0.0, nan, 0.75]
    """
    raise NotImplementedError("Ejercicio 5.3: AUC por usuario")


# %%
liked, users = [1, 0, 1, 0, 1, 1], [7, 7, 7, 2, 2, 5]
scores = [[0.9], [0.4], [0.4], [0.5], [0.3], [0.8]]
print(auc_of_each_user(liked, scores, users).tolist())

# %%
check("5.3", auc_of_each_user)

# %%
liked_test = to_yes_no(test["rating"])
answers, auc, auc_within = {}, {}, {}
for name, model in models.items():
    answers[name] = np.ravel(model(pairs(test)))
    auc[name] = roc_auc_score(liked_test, answers[name])
    auc_within[name] = auc_of_each_user(liked_test, answers[name], test["user"])
    print(
        f"{name:20} AUC {auc[name]:.3f}, por usuario "
        f"{np.nanmean(auc_within[name]):.3f}"
    )
    if name.startswith("sí/no"):
        accuracy, base_rate = accuracy_and_base_rate(liked_test, answers[name])
        print(
            f"{'':20} exactitud {accuracy:.3f} (tasa base {base_rate:.3f}), log loss "
            f"{log_loss(liked_test, answers[name]):.3f}"
        )

# %% tags=["nbval-check-output"]
if not movielens.lacks("stars"):
    auc_of_dot = auc["sí/no: producto punto + sesgos"]
    verdict("AUC de sí/no, producto punto + sesgos", auc_of_dot, inside=(0.74, 0.80))

# %% [markdown]
# Una exactitud de más o menos 0.7 suena bien hasta que ves que responder siempre «sí» acierta más de la mitad de las valoraciones. Los modelos de estrellas tienen un AUC algo mayor que los de sí y no. Una razón puede ser que el umbral desechó la información de que un 5 es más que un 4. Otra, en el caso de producto punto + sesgos, es la penalización L2: la *log loss* cambia menos con la puntuación que un error cuadrático, así que la misma L2 pesa más frente a ella. La próxima figura muestra el efecto.
#
# Por usuario, todos los AUC son más bajos. Una parte del AUC sobre todas las valoraciones consiste en saber quién valora con generosidad, y para eso basta un sesgo de usuario. Pero, como viste en la lección 03, un sesgo de usuario no puede cambiar el orden de ninguna lista. Una parte de la bajada puede venir también de la media, en la que ahora cada usuario cuenta lo mismo.
#
# ¿Hasta qué punto son seguras estas diferencias? Dos modelos que se llevan 0.01 con estos usuarios pueden ser iguales con otros. El *bootstrap* pareado de la lección 04 dice cuánto de una diferencia puede ser azar. Aquí se aplica a una media sobre usuarios: toma la diferencia *usuario a usuario*, toma al azar tantos usuarios como hay, con reemplazo, y promedia las diferencias de esos usuarios. Lo repetimos 5000 veces. Si el intervalo que contiene el 95 % central de esos promedios no incluye el 0, es difícil que la diferencia se deba solo a la elección de los usuarios. El intervalo no abarca el azar del entrenamiento, donde otra semilla aleatoria da otro modelo. En tu máquina pueden variar las últimas cifras, así que un extremo cercano a 0 puede caer al otro lado.


# %%
def paired_bootstrap(first, second, n_draws=5000):
    """Diferencia media sobre los usuarios, y los extremos de su intervalo del 95 %."""
    difference = np.asarray(first) - np.asarray(second)
    difference = difference[~np.isnan(difference)]
    rng, n = np.random.default_rng(5), len(difference)
    means = difference[rng.integers(n, size=(n_draws, n))].mean(axis=1)
    return difference.mean(), *np.quantile(means, [0.025, 0.975])


for first, second in [
    ("estrellas: producto punto + sesgos", "sí/no: producto punto + sesgos"),
    ("sí/no: red profunda", "sí/no: producto punto + sesgos"),
]:
    if movielens.lacks("stars"):
        break
    mean, low, high = paired_bootstrap(auc_within[first], auc_within[second])
    print(f"{first} − {second}: {mean:+.3f}, intervalo del 95 %: de {low:+.3f} a {high:+.3f}")

# %% [markdown]
# El primer intervalo está por encima de 0, y con otras cuatro semillas aleatorias (ejecuciones nuestras, que no se muestran) el modelo de estrellas también llevaba una ventaja de entre 0.015 y 0.02, aproximadamente. Para producto punto + sesgos con estas penalizaciones, la diferencia es clara. La ventaja de la red profunda sobre producto punto + sesgos es menor: menos de 0.01, con un intervalo que empieza más o menos en 0. También iba por delante con las otras semillas, así que la diferencia es probablemente real, pero demasiado pequeña para importar.
#
# ## ¿Podemos fiarnos de las probabilidades?
#
# Si un modelo da a cien valoraciones una probabilidad de 0.8, unas ochenta deberían ser un sí. La **calibración** es hasta qué punto las probabilidades predichas coinciden con las proporciones observadas.
#
# ### Ejercicio 5.4 — lo predicho y lo observado (9 minutos)
#
# Reparte las predicciones en diez tramos de igual anchura: de 0 hasta justo antes de 0.1, de 0.1 hasta justo antes de 0.2, …, de 0.9 a 1. De cada tramo que no esté vacío, devuelve la probabilidad media predicha (`predicted`), la proporción de síes observada (`observed`) y el número de valoraciones (`n_ratings`).


# %%
def calibration(liked, probability, n_bins=10):
    """Probabilidades predichas y proporciones de síes observadas, tramo a tramo.

    Parameters
    ----------
    liked : array_like de 0 o 1, shape (n,)
    probability : array_like de float de 0 a 1, shape (n,) o (n, 1)
    n_bins : int
        Tramos de igual anchura; una probabilidad de exactamente 1 va al último.

    Returns
    -------
    pandas.DataFrame
        Una fila por cada tramo que no está vacío, primero las probabilidades más bajas,
        con las columnas `predicted` (probabilidad media predicha), `observed` (proporción
        de síes) y `n_ratings` (número de valoraciones), en este orden; el índice puede ser
        cualquiera.

    Examples
    --------
    >>> calibration([0, 1, 1, 1], [0.11, 0.13, 0.95, 1.0]).round(3).values.tolist()
    [[0.12, 0.5, 2.0], [0.975, 1.0, 2.0]]
    """
    raise NotImplementedError("Ejercicio 5.4: lo predicho y lo observado")


# %%
print(calibration([0, 1, 1, 1], [0.11, 0.13, 0.95, 1.0]).round(3).values.tolist())

# %%
check("5.4", calibration)

# %%
if not movielens.lacks("stars"):
    axes = plt.figure(figsize=(5.6, 4.4)).add_subplot()
    axes.plot([0, 1], [0, 1], "--", color=plots.GREY, label="calibración perfecta")
    axes.axhline(liked_test.mean(), color="black", ls=":", lw=1, label="tasa base")
    for name, color in [
        ("sí/no: producto punto + sesgos", plots.BLUE),
        ("sí/no: red profunda", plots.RED),
    ]:
        bins = calibration(liked_test, answers[name])
        axes.plot(bins["predicted"], bins["observed"], color=color, label=name)
        axes.scatter(
            bins["predicted"],
            bins["observed"],
            s=bins["n_ratings"] / 20,
            color=color,
            alpha=0.6,
        )
    axes.scatter([], [], s=1000 / 20, color=plots.GREY, label="1000 valoraciones")
    axes.set_xlabel("probabilidad predicha de un sí")
    axes.set_ylabel("proporción de síes observada")
    axes.set_title("Lo predicho y lo observado")
    axes.legend(fontsize=9)
    plt.show()

# %% [markdown]
# *Cómo leer la figura:* las probabilidades del modelo profundo se apartan de las proporciones observadas en 0.05 o menos, aproximadamente, y por encima de la tasa base son algo demasiado altas. Producto punto + sesgos se queda demasiado cerca de la tasa base: de las valoraciones a las que da 0.35, solo alrededor de una cuarta parte son un sí, y de las de 0.65, casi siete de cada diez.
#
# Una razón es su penalización L2, que acerca todas las puntuaciones a la tasa base. El AUC no lo muestra, porque solo depende del orden. Importa si usas los números como probabilidades.
#
# ## De las puntuaciones a las listas
#
# Ahora, la lista. Puntúa *todas* las películas para cada usuario, quita las que ya ha valorado, ordena y quédate con las $k$ primeras. Esto se llama **recomendación *top-k***.
#
# **Quita lo que el usuario ya ha visto.** Una versión muy común de este código pone a 0 las puntuaciones de las películas vistas. En las estrellas predichas, que empiezan en 1, el 0 queda por debajo de todas. Después se usa la misma línea con otros modelos.

# %%
quiz("5.b")

# %% [markdown]
# ### Ejercicio 5.5 — una máscara que aguanta (6 minutos)
#
# Escribe una máscara que funcione con cualquier puntuación, por baja que sea, y que deje tal como estaba la matriz que recibe.


# %%
def strike_out(scores, seen):
    """Una copia de las puntuaciones, con todo lo visto por detrás de todo lo demás.

    Parameters
    ----------
    scores : numpy.ndarray of float, shape (n_users, n_movies)
        Valores finitos cualesquiera.
    seen : pandas.DataFrame
        Con las columnas `user` y `movie`: fila y columna en `scores`.

    Returns
    -------
    numpy.ndarray of float, de la misma forma
        Uno nuevo, sin NaN.

    Examples
    --------
    >>> scores = np.array([[-2000.0, -1.0]])
    >>> seen = pd.DataFrame({"user": [0], "movie": [1]})
    >>> int(strike_out(scores, seen).argmax()), scores.tolist()
    (0, [[-2000.0, -1.0]])
    """
    raise NotImplementedError("Ejercicio 5.5: una máscara que aguanta")


# %%
scores = np.array([[-2000.0, -1.0]])
seen = pd.DataFrame({"user": [0], "movie": [1]})
print(int(strike_out(scores, seen).argmax()), scores.tolist())

# %%
check("5.5", strike_out)

# %% [markdown]
# De aquí en adelante usamos la `mask_pairs` del curso, que hace lo mismo, y `score_all`, que pasa todos los usuarios × películas por un modelo en unas pocas llamadas grandes. Con una llamada a `predict` por usuario se obtienen las mismas puntuaciones en alrededor de medio minuto, en vez de en la vigésima parte de un segundo ([*benchmarks*](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md#speed)).
#
# ## ¿Cómo de buena es una lista?
#
# Las películas que un usuario valoró en el conjunto de prueba son las **relevantes**. Cuatro métricas miran los $k$ primeros puestos de una lista:
#
# - **precisión@k** es la proporción de esas $k$ películas que son relevantes;
# - **recall@k** es la proporción de las películas relevantes del usuario que están entre ellas;
# - **hit rate@k** es la proporción de usuarios con al menos una película relevante entre ellas;
# - **NDCG@k** (*normalized discounted cumulative gain*) cuenta además *en qué puesto* están.
#
# En el **DCG**, cada película relevante tiene una ganancia, aquí su valoración de prueba $g$. La ganancia se descuenta según su puesto $p$ en la lista, de modo que los puestos 1, 2, 3 y 4 cuentan 1, 0.63, 0.5 y 0.43. El **NDCG** divide la suma entre la de la mejor lista posible, así que 1 es perfecto:
#
# $$\text{DCG@}k = \sum_{p=1}^{k} \frac{g_p}{\log_2(p+1)} \qquad
# \text{NDCG@}k = \frac{\text{DCG@}k}{\text{DCG@}k \text{ of the best list}}$$
#
# > **Nota.** Nuestra ganancia es lineal en las estrellas, como en scikit-learn. Gran parte de la bibliografía toma en su lugar $2^g - 1$, siguiendo a [Burges et al. (2005)](https://doi.org/10.1145/1102351.1102363), o cuenta como 1 toda película relevante. Compara dos NDCG solo si sus ganancias son las mismas.

# %%
movies = list("ABCDEFGH")
scores = np.array([[2.1, 4.8, 3.9, 4.4, 1.5, 3.2, 4.1, 1.2]])
stars = np.array([[4, 0, 5, 0, 0, 3, 0, 2]])  # in the test set; 0 where not rated
masked = mask_pairs(scores, {"user": [0, 0], "movie": [1, 6]})  # B and G were seen
order = top_n(masked, 6)[0]
steps = {
    "1. puntuar todas las películas": (range(8), scores, "{:.1f}"),
    "2. enmascarar lo visto": (range(8), masked, "{:.1f}"),
    "3. ordenar": (order, masked, "{:.1f}"),
    "4. mirar las valoraciones de prueba": (order, stars, "{} ★"),
}
axes = plt.figure(figsize=(8.2, 3.2)).add_subplot()
for row, (step, (columns, values, form)) in enumerate(steps.items()):
    axes.text(-0.7, -row, step, ha="right", va="center")
    for place, movie in enumerate(columns):
        value = values[0, movie]
        text = form.format(value).replace("-inf", "−∞") if value else "–"
        relevant, out = stars[0, movie] > 0, np.isneginf(value)
        color = "#DDDDDD" if out else "#BFE3D6" if relevant else "white"
        axes.text(
            place,
            -row,
            f"{movies[movie]}\n{text}",
            ha="center",
            va="center",
            fontsize=9,
            bbox={"boxstyle": "round", "fc": color, "ec": plots.GREY},
        )
axes.plot([2.5, 2.5], [-1.6, -3.4], "--", color=plots.RED)
axes.text(2.6, -1.5, "k = 3", color=plots.RED)
axes.set(xlim=(-4, 7.6), ylim=(-3.6, 0.5))
axes.axis("off")
axes.set_title("De las puntuaciones al NDCG@3")
plt.show()
n_hits = np.count_nonzero(stars[0, order[:3]])
print(
    f"precisión@3 {n_hits / 3:.2f}, recall@3 {n_hits / np.count_nonzero(stars):.2f}, "
    f"hit {n_hits > 0:.0f}, NDCG@3 {ndcg_at_k(stars, masked, 3):.2f}"
)

# %% [markdown]
# *Cómo leer la figura:* las películas relevantes van en verde. B y G ya se vieron, así que no pueden estar en la lista. D no se valoró en el conjunto de prueba y en el puesto 1 no gana nada. C gana 5 · 0.63 y F 3 · 0.5, frente a 5 + 4 · 0.63 + 3 · 0.5 de la mejor lista, que sería C, A, F.
#
# ### Ejercicio 5.6 — el NDCG de una lista (10 minutos)


# %%
def ndcg_of_one(relevance, scores, k):
    """NDCG@k de un usuario.

    Parameters
    ----------
    relevance : array_like of float, shape (n_movies,)
        La valoración de prueba de cada película, 0 donde no la hay; no todas 0.
    scores : array_like of float, shape (n_movies,)
        Todas distintas.
    k : int
        Puestos que cuentan; si hay menos películas, todos.

    Returns
    -------
    float de 0 a 1

    Examples
    --------
    La lista empieza con una película irrelevante y una de 3 estrellas; la mejor
    lista de dos habría tenido la de 5 y la de 4.

    >>> round(ndcg_of_one([3, 5, 0, 4], [3.0, 2.0, 4.0, 1.0], k=2), 4)
    0.2516
    """
    raise NotImplementedError("Ejercicio 5.6: el NDCG de una lista")


# %%
print(ndcg_of_one([3, 5, 0, 4], [3.0, 2.0, 4.0, 1.0], k=2))
print(ndcg_at_k([[3, 5, 0, 4]], [[3.0, 2.0, 4.0, 1.0]], k=2), "con la función del curso")

# %%
check("5.6", ndcg_of_one)

# %% [markdown]
# ## La sorpresa
#
# Comparamos seis maneras de hacer listas: los cuatro modelos, la popularidad (la misma lista para todo el mundo, sin lo que cada usuario ya vio) y el azar. Una película a la que el usuario dio 5 estrellas en el conjunto de prueba gana 5, una con 1 estrella gana 1, y una que no ha valorado no gana nada.
#
# **Antes de ejecutar la celda,** escribe en qué orden pondrías las seis. ¿Cuál es la mejor?

# %%
quiz("5.c")

# %%
relevance = relevance_matrix(test, n_users, n_movies)
relevance_of_liked = relevance_matrix(test, n_users, n_movies, values=liked_test)
known = pd.concat([train, valid])
popularity = Popularity().fit(known, n_movies)


dice = np.random.default_rng(5)


def chance(batch):
    return dice.random(len(batch["user"]))


lists = {}
for name, model in {**models, "popularidad": popularity, "azar": chance}.items():
    lists[name] = mask_pairs(score_all(model, n_users, n_movies), known)

ranking = pd.DataFrame(
    {
        f"NDCG@{k}": {name: ndcg_at_k(relevance, s, k) for name, s in lists.items()}
        for k in (10, 20, 30, 100)
    }
    | {
        "NDCG@10, solo las que gustaron": {
            name: ndcg_at_k(relevance_of_liked, s, 10) for name, s in lists.items()
        }
    }
).sort_values("NDCG@10", ascending=False)
plots.plot_bars(
    ranking.index,
    ranking["NDCG@10"],
    "¿De quién es la mejor lista?",
    "NDCG@10",
    highlight=["popularidad"],
)
n_test_users = test["user"].nunique()
print(
    f"{len(test) / n_test_users:.0f} valoraciones de prueba por usuario, el "
    f"{len(test) / (len(test) + len(known)):.0%} de todo lo que valoraron"
)
ndcg = {name: ndcg_at_k(relevance, s, 10, per_user=True) for name, s in lists.items()}
rival = "sí/no: producto punto + sesgos" if models else "azar"
mean, low, high = paired_bootstrap(ndcg["popularidad"], ndcg[rival])
print(f"popularidad − {rival}: {mean:+.3f} (de {low:+.3f} a {high:+.3f})")
ranking.round(3)

# %% tags=["nbval-check-output"]
verdict(
    "NDCG@10 de la popularidad", ranking.loc["popularidad", "NDCG@10"], inside=(0.24, 0.30)
)
best_model = ranking.drop("popularidad")["NDCG@10"].max()
verdict("NDCG@10 del mejor de los cuatro modelos", best_model, at_most=0.25)

# %% [markdown]
# Gana la popularidad, y no por azar: el intervalo del 95 % de la diferencia queda por encima de 0. La popularidad cuenta también las valoraciones de validación, con las que los modelos no se entrenaron, pero más abajo verás que esa no es la razón. Unos modelos que distinguen lo que gustó de lo que no, con un AUC de más de 0.75, hacen listas en las que hay menos de las otras películas valoradas por el usuario que en una lista fija. Y los profundos, más o menos tan buenos como los demás a la hora de decir sí o no, hacen las peores listas de los cuatro. ¿Está la razón en la métrica? Es verdad que para ella hasta una película con 1 estrella cuenta algo. Pero en la última columna cuentan solo las de 4 y 5 estrellas, y la popularidad sigue ganando. Una razón está en el conjunto de prueba: tampoco en él faltan las valoraciones al azar. Una película que el usuario nunca valoró cuenta como un fallo, aunque le fuera a encantar, y las películas populares se valoran más a menudo. Así que el NDCG con valoraciones que los usuarios dieron por iniciativa propia favorece a la popularidad; solo un experimento con usuarios, o con artículos mostrados al azar, puede decir cuánto.
#
# > **Nota.** El NDCG depende de cuántas películas relevantes tiene cada usuario. En este conjunto de prueba son más de cuarenta, bastante más de un tercio de todo lo que valoró. En el de validación son unas siete, y ahí verás resultados mucho más bajos.
#
# Así que mira qué recomiendan los modelos.

# %%
n_ratings = np.bincount(known["movie"], minlength=n_movies)
for name, scores in lists.items():
    typical = np.median(n_ratings[top_n(scores, 10)])
    print(f"{name:28} una película de su top 10 suele tener {typical:4.0f} valoraciones")

# %%
scores = lists["estrellas: red profunda" if models else "azar"][0]
shown = recommend(scores, split, movielens.movies, n=10)
best = top_n(scores, 10)[0]
shown.assign(ratings=n_ratings[best[best >= 0]]).round(2)

# %% [markdown]
# Entre películas conocidas y elogiadas encuentras algunas que ha visto poca gente. Un modelo entrenado con estrellas puede poner una así en la lista si sus pocos espectadores salieron encantados. Los profundos son los que más lo hacen. Una razón posible es que no tienen una penalización L2 que contraiga los vectores de las películas con pocas valoraciones. Y hasta puede que tengan razón: *si* el usuario la viera, le gustaría. Pero lo más probable es que ni la vea ni la valore, y entonces no está entre sus valoraciones de prueba.
#
# A los cuatro modelos se les preguntó «¿cómo valorará este usuario la película, **dado que la valora**?», y no se les entrenó para nada más. En la lección 01 vimos que las valoraciones no faltan *al azar*: las celdas vacías no son como las llenas. En los datos de entrenamiento no había ninguna celda vacía, así que estos modelos nunca vieron un ejemplo de película que *no* se valoró.
#
# ## Retroalimentación implícita y muestreo de negativos
#
# Las estrellas son **retroalimentación explícita**: los usuarios dicen qué les parece una película. *Que* la hayan visto es **retroalimentación implícita**, como lo son los clics y las compras. Una lista debería contener lo que el usuario va a elegir, así que ahora tomamos como positivo el *hecho* de que haya una valoración.
#
# En la retroalimentación implícita no hay negativos. El **muestreo de negativos** (*negative sampling*) toma al azar películas que el usuario no ha valorado y las cuenta como negativos. Alguna le encantaría. Pero en cada época sacamos otras nuevas, así que un negativo equivocado aparece solo en algunas épocas, y una película valorada es un positivo en todas. Una valoración no es una visualización: en MovieLens estos modelos predicen qué *valorará* la gente; en una plataforma de streaming predecirían qué verá.
#
# ### Ejercicio 5.7 — saca negativos al azar (8 minutos)
#
# Para cada elemento de `users`, saca `k` películas al azar y descarta las que el usuario ya ha valorado. A un usuario con muchas valoraciones le tocan algunos negativos menos, lo cual está bien.


# %%
def sample_negatives(users, rated, k, rng):
    """Películas al azar que estos usuarios no han valorado.

    Parameters
    ----------
    users : numpy.ndarray of int, shape (n,)
        Un usuario por cada par positivo; los usuarios se repiten.
    rated : numpy.ndarray, shape (n_users, n_movies)
        1 donde hay una valoración de entrenamiento; si no, 0.
    k : int
        Cuántas se sacan por cada elemento de `users`, de entre todas las películas o
        de las que el usuario no ha valorado: una puede salir dos veces.
    rng : numpy.random.Generator
        La única fuente de azar.

    Returns
    -------
    user, movie : numpy.ndarray of int, de igual forma (como mucho n * k,)
        Pares que son 0 en `rated`.

    Examples
    --------
    >>> rated = np.array([[1, 0, 1, 0]])
    >>> user, movie = sample_negatives(np.array([0]), rated, 50, np.random.default_rng(0))
    >>> set(user.tolist()), set(movie.tolist())
    ({0}, {1, 3})
    """
    raise NotImplementedError("Ejercicio 5.7: saca negativos al azar")


# %%
user, movie = sample_negatives(
    np.array([0]), np.array([[1, 0, 1, 0]]), 50, np.random.default_rng(0)
)
print(set(user.tolist()), set(movie.tolist()))

# %%
check("5.7", sample_negatives)

# %%
rated = np.zeros((n_users, n_movies), dtype="float32")
rated[known["user"], known["movie"]] = 1
user, movie = sample_negatives(
    known["user"].to_numpy(), rated, 5, np.random.default_rng(0)
)
print(
    f"{len(known)} positivos, {len(user)} negativos, de ellos valorados: "
    f"{rated[user, movie].sum():.0f}"
)

# %% [markdown]
# Primero, un modelo que ya conoces. Esta vez, «sí/no: producto punto + sesgos» se entrena con las valoraciones de entrenamiento y de validación, y con cinco negativos por cada una. Toda película valorada es un positivo. Las estrellas dicen todavía hasta qué punto lo es: una valoración de $r$ estrellas lleva la etiqueta $r/5$, y un negativo la etiqueta 0. La entropía cruzada admite fracciones así.
#
# > **Nota.** Algunos negativos son películas del conjunto de prueba. No se puede evitar: cuando se entrena un modelo, nadie sabe qué valorará después el usuario.


# %%
def train_with_negatives(model, loss, positives, rated, epochs, with_negatives=True):
    """Entrena con positivos y negativos nuevos; entrega el modelo tras cada época."""
    rng = np.random.default_rng(5)
    model.compile(keras.optimizers.Adam(0.01), loss, steps_per_execution=20)
    for _ in range(epochs):
        user, movie = sample_negatives(positives["user"].to_numpy(), rated, 5, rng)
        if not with_negatives:
            user, movie = user[:0], movie[:0]
        both = {
            "user": np.concatenate([positives["user"], user]).astype("int32"),
            "movie": np.concatenate([positives["movie"], movie]).astype("int32"),
        }
        label = np.concatenate([positives["rating"] / most_stars, np.zeros(len(user))])
        model.fit(both, label[:, None].astype("float32"), batch_size=8192, verbose=0)
        yield model


def lists_of_dot_bias(penalties, with_negatives):
    """Entrena producto punto + sesgos con `known` y con penalizaciones propias; devuelve sus puntuaciones."""
    keras.utils.set_random_seed(5)
    model = build_model(deep=False, binary=True, **penalties)
    *_, model = train_with_negatives(
        model, keras.losses.BinaryCrossentropy(), known, rated, 12, with_negatives
    )
    vectors = model.get_layer("movie_factors").get_weights()[0]
    print(
        f"longitud media de un vector de película: {np.linalg.norm(vectors, axis=1).mean():.2f}"
    )
    return mask_pairs(score_all(model, n_users, n_movies), known)


small = {"bias_l2": 1e-5, "factor_l2": 1e-5}
lists["muestreo de negativos: producto punto + sesgos"] = lists_of_dot_bias(small, with_negatives=True)
for name in (rival, "popularidad", "muestreo de negativos: producto punto + sesgos"):
    ndcg[name] = ndcg_at_k(relevance, lists[name], 10, per_user=True)
    print(f"NDCG@10 de prueba de {name}: {np.nanmean(ndcg[name]):.3f}")

# %% [markdown]
# El NDCG es más del doble que antes, y las listas son ahora mucho mejores que las de la popularidad. La arquitectura es la misma, con los mismos vectores y sesgos. Lo que ha cambiado son los datos de entrenamiento (los negativos, $r/5$ como etiqueta y también las valoraciones de validación), la penalización L2, que es menor, y la tasa de aprendizaje, el tamaño del lote y el número de épocas. ¿La razón son los negativos o la penalización? La celda siguiente cambia una cosa cada vez y deja lo demás como está aquí.

# %%
variants = {
    ("sin negativos", "L2 de antes"): ({}, False),
    ("sin negativos", "L2 menor"): (small, False),
    ("cinco negativos", "L2 de antes"): ({}, True),
}
ablation = {
    name: ndcg_at_k(relevance, lists_of_dot_bias(*variant), 10)
    for name, variant in variants.items()
}
both = ("cinco negativos", "L2 menor")
ablation[both] = np.nanmean(ndcg["muestreo de negativos: producto punto + sesgos"])
pd.Series(ablation).unstack().round(3)

# %% [markdown]
# Sin negativos, las listas son peores que la popularidad (0.273) con cualquiera de las dos penalizaciones. Con negativos y la L2 de antes son tan buenas como la popularidad: los vectores se han contraído hasta 0, y lo que queda son los sesgos de las películas. Hacen falta los negativos *y* la penalización menor. (Los cuatro modelos se entrenan con `known`, así que más valoraciones por sí solas no ayudan).
#
# > **Nota.** La penalización L2, la tasa de aprendizaje y el número de épocas del modelo con negativos se eligieron con las valoraciones de validación; los de los otros tres, no. ¿Por qué una penalización menor? La pérdida es ahora una media sobre unas seis veces más pares, así que la misma penalización pesa seis veces más. Esa es una razón; lo demás se encontró probando.
#
# ### Ejercicio 5.8 — un modelo sin vectores de usuario (10 minutos)
#
# Ahora, un segundo modelo, que no tiene un vector por usuario. Toma las películas que el usuario ha valorado, $N(u)$, sin la película $i$ del propio par, lo que se escribe $N(u) \setminus \{i\}$. Suma sus vectores y divide la suma entre la raíz cuadrada de su número, o entre 1 si no hay ninguna. Este es el **historial** del usuario. La puntuación es el sesgo de la película más el producto punto del historial y el vector de la película. El modelo se conoce como FISM ([Kabbur, Ning y Karypis, 2013](https://doi.org/10.1145/2487575.2487589)). Ninguna de sus tablas tiene una fila por usuario, así que puede hacer una lista para alguien que no estaba en los datos de entrenamiento. Al final de la lección ese alguien serás tú.
#
# $$s_{ui} = b_i + q_i \cdot \frac{1}{\sqrt{\max(1, |N(u) \setminus \{i\}|)}}
# \sum_{j \in N(u) \setminus \{i\}} y_j$$
#
# Las tres tablas ya están: `movie_bias` contiene $b_i$; `movie_factors`, $q_i$; y `when_rated`, $y_j$. Escribe `call`. El historial es tu ejercicio 4.6, y la versión del curso es `history_vectors(rated, vectors, who, what)`; los números de `when_rated` están en `self.when_rated.embeddings`. La sigmoide está dentro de la pérdida (`from_logits=True`).


# %%
class HistoryModel(keras.Model):
    """Puntuación = sesgo de la película + historial del usuario · vector de la película.

    Parameters
    ----------
    rated : numpy.ndarray of float32, shape (n_users, n_movies)
        1 donde hay una valoración de entrenamiento; si no, 0.
    n_factors : int

    Examples
    --------
    Todos los vectores de las películas son 1. El usuario 0 valoró las películas 0 y 1: para
    la película 1 el historial es solo la película 0, y la puntuación, 20 + 2. El usuario 1
    valoró las películas 0 a 3: para la película 4 la puntuación es 50 + (2 + 4 + 6 + 8) / 2.

    >>> rated = np.array([[1, 1, 0, 0, 0], [1, 1, 1, 1, 0]], dtype="float32")
    >>> model = HistoryModel(rated, n_factors=1)
    >>> model.movie_bias.set_weights([np.array([[10], [20], [30], [40], [50]])])
    >>> model.movie_factors.set_weights([np.ones((5, 1))])
    >>> model.when_rated.set_weights([np.array([[2], [4], [6], [8], [9]])])
    >>> scores = model({"user": np.array([0, 1]), "movie": np.array([1, 4])})
    >>> ops.convert_to_numpy(scores).tolist()
    [[22.0], [60.0]]
    """

    def __init__(self, rated, n_factors=32):
        super().__init__(name="history")
        self.rated = ops.convert_to_tensor(rated)
        n_movies, l2 = rated.shape[1], keras.regularizers.L2(1e-5)
        small = keras.initializers.RandomNormal(stddev=0.05)

        def table(columns, start, name):
            made = layers.Embedding(n_movies, columns, start, l2, name=name)
            made.build()
            return made

        self.movie_bias = table(1, "zeros", "movie_bias")
        self.movie_factors = table(n_factors, small, "movie_factors")
        self.when_rated = table(n_factors, small, "when_rated")

    def call(self, batch):
        """Puntúa un lote de pares.

        Parameters
        ----------
        batch : dict of str to tensor of int32, shape (n,)
            Las filas de `user` y `movie`.

        Returns
        -------
        tensor of float32, shape (n, 1)
            Números cualesquiera: la pérdida aplica la sigmoide.
        """
        raise NotImplementedError("Ejercicio 5.8: un modelo sin vectores de usuario")


# %%
few_rated = np.array([[1, 1, 0, 0, 0], [1, 1, 1, 1, 0]], dtype="float32")
tiny = HistoryModel(few_rated, n_factors=1)
tiny.movie_bias.set_weights([np.array([[10], [20], [30], [40], [50]])])
tiny.movie_factors.set_weights([np.ones((5, 1))])
tiny.when_rated.set_weights([np.array([[2], [4], [6], [8], [9]])])
scores = tiny({"user": np.array([0, 1]), "movie": np.array([1, 4])})
print(ops.convert_to_numpy(scores).tolist())

# %%
check("5.8", HistoryModel)


# %%
def train_history_model(positives, rated, epochs):
    """Entrena el modelo de historial; lo entrega tras cada época."""
    keras.utils.set_random_seed(5)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    yield from train_with_negatives(HistoryModel(rated), loss, positives, rated, epochs)


*_, history_model = train_history_model(known, rated, epochs=15)
name = "muestreo de negativos"
lists[name] = mask_pairs(score_all(history_model, n_users, n_movies), known)
ndcg[name] = ndcg_at_k(relevance, lists[name], 10, per_user=True)
by_name = {name: np.nanmean(each) for name, each in ndcg.items()}
by_name = dict(sorted(by_name.items(), key=lambda item: -item[1]))
plots.plot_bars(
    by_name,
    by_name.values(),
    "¿De quién es ahora la mejor lista?",
    "NDCG@10",
    highlight=["popularidad"],
)
first, second = "muestreo de negativos", "muestreo de negativos: producto punto + sesgos"
mean, low, high = paired_bootstrap(ndcg[first], ndcg[second])
print(f"{first} − {second}: {mean:+.3f} (de {low:+.3f} a {high:+.3f})")
# %% tags=["nbval-check-output"]
verdict("NDCG@10 con muestreo de negativos", by_name["muestreo de negativos"], at_least=0.40)

# %% [markdown]
# Los dos modelos con negativos están igualados: el intervalo de su diferencia contiene el 0. Así que no es el historial lo que hace buenas estas listas. Tampoco es una red más profunda, porque ninguno de los dos la tiene. A ambos se les hizo otra *pregunta*: no «¿cómo valorará esto el usuario?», sino «¿lo verá, y le gustará?». Es el resultado más importante de este curso. El historial sirve para otra cosa: los usuarios nuevos.
#
# ## Un rival en una fórmula: EASE
#
# Antes de alabar un modelo entrenado, pregúntate qué consigue una fórmula. Escribe las valoraciones de entrenamiento como una matriz $X$ de usuarios × películas: las estrellas divididas entre 5, y 0 donde no hay valoración. Busca luego una matriz $W$ de películas × películas tal que $XW$ se acerque a $X$. La columna $j$ de $W$ dice cómo se predice la película $j$ a partir de las películas que valoró un usuario, y las puntuaciones de un usuario son su fila de $X$ por $W$. Sin ninguna restricción, $W = I$ sería perfecta e inútil, así que la diagonal tiene que ser 0. Con una penalización L2 $\lambda$ sobre $W$ hay una solución exacta, que encontró Steck en 2019:
#
# $$P = (X^\top X + \lambda I)^{-1}, \qquad W_{ij} = -P_{ij} / P_{jj}
# \quad (i \neq j), \qquad W_{jj} = 0$$
#
# Un modelo que se entrena para reproducir su entrada es un *autoencoder*. **EASE** (*embarrassingly shallow autoencoder*) es uno lineal y sin capa oculta, pariente de SLIM ([Ning y Karypis, 2011](https://doi.org/10.1109/ICDM.2011.134)). No necesita épocas ni tasa de aprendizaje. Solo hay que elegir $\lambda$, y la elegimos con las valoraciones de validación.
#
# ### Ejercicio 5.9 — EASE en cuatro líneas (6 minutos)
#
# Calcula $P$ con la fórmula y después $W$. (Esta $P$ no es la tabla de usuarios de la lección 02).


# %%
def solve_ease(stars, penalty):
    """Resuelve EASE: los pesos de película a película que mejor explican `stars`.

    Parameters
    ----------
    stars : numpy.ndarray of float, shape (n_users, n_movies)
        La matriz X; 0 donde no hay valoración.
    penalty : float
        λ, mayor que 0.

    Returns
    -------
    numpy.ndarray of float, shape (n_movies, n_movies)
        La matriz W, con ceros en la diagonal.

    Examples
    --------
    >>> solve_ease(np.array([[1.0, 0.5], [0.0, 1.0]]), penalty=1.0).round(3).tolist()
    [[0.0, 0.25], [0.222, 0.0]]
    """
    raise NotImplementedError("Ejercicio 5.9: EASE en cuatro líneas")


# %%
print(solve_ease(np.array([[1.0, 0.5], [0.0, 1.0]]), penalty=1.0).round(3).tolist())

# %%
check("5.9", solve_ease)

# %%
relevant_in_validation = relevance_matrix(valid, n_users, n_movies)
train_stars, known_stars = (
    relevance_matrix(part, n_users, n_movies, part["rating"] / most_stars)
    for part in (train, known)
)
in_validation = {}
for penalty in [30, 100, 300, 1000]:
    scores = mask_pairs(train_stars @ solve_ease(train_stars, penalty), train)
    in_validation[penalty] = ndcg_at_k(relevant_in_validation, scores, 10)
print(
    "NDCG@10 de validación por penalización:", {k: round(v, 3) for k, v in in_validation.items()}
)
best_penalty = max(in_validation, key=in_validation.get)
scores = known_stars @ solve_ease(known_stars, best_penalty)
lists["EASE"] = mask_pairs(scores, known)
ndcg_of_ease = ndcg_at_k(relevance, lists["EASE"], 10, per_user=True)
ndcg["EASE"] = ndcg_of_ease
by_name["EASE"] = np.nanmean(ndcg["EASE"])
for name in ("popularidad", "muestreo de negativos", "EASE"):
    print(f"NDCG@10 de prueba de {name}: {by_name[name]:.3f}")
mean, low, high = paired_bootstrap(ndcg["EASE"], ndcg["muestreo de negativos"])
print(f"EASE − muestreo de negativos: {mean:+.3f} (de {low:+.3f} a {high:+.3f})")
# %% tags=["nbval-check-output"]
verdict("NDCG@10 de EASE", by_name["EASE"], at_least=0.42)

# %% [markdown]
# EASE tarda unos segundos, y sus listas son mejores que las del modelo con muestreo de negativos. El intervalo de la diferencia queda por encima de 0, y otra semilla mueve el NDCG de ese modelo solo en torno a 0.005 ([*benchmarks*](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md)). Resultados así son frecuentes. Ferrari Dacrema y otros (2019, más abajo) solo pudieron reproducir 7 de 18 recomendadores neuronales publicados, y a 6 de ellos los superaban a menudo métodos simples, como los vecinos más cercanos.
#
# ¿Para qué entrenar entonces un modelo paso a paso? $W$ tiene un número por cada par de películas: aquí, alrededor de 1.8 millones; en una tienda con un millón de artículos, 10¹². El tiempo de la inversa crece incluso con la *tercera* potencia de su número, mientras que las tablas de vectores crecen solo con el número. A $X$ se le puede añadir cada *tag* como una fila, como si fuera un usuario más que valoró las películas que lo llevan ([Jeunen et al., 2020](https://doi.org/10.1145/3383313.3418480)), pero un texto, una imagen o la hora del día no se pueden añadir así. Una red puede usar esas entradas.
#
# Dos cosas para probar en una celda nueva: un 1 en lugar de las estrellas, `(known_stars > 0) * 1.0`, y una diagonal que no se pone a 0.

# %% [markdown]
# ## ¿Hasta qué punto puedes fiarte de este número?
#
# Un valor como NDCG@10 = 0.45 no depende solo del modelo, sino también de los usuarios de prueba, de la partición y de cómo medimos. Ya has visto un ejemplo: con las mismas puntuaciones, el AUC por usuario es menor que el de todas las valoraciones. Aquí tienes tres pruebas del orden de nuestros modelos.
#
# **Prueba 1: métricas con muestreo.** Ordenar todas las películas lleva mucho tiempo si hay millones. Por eso muchos artículos ordenaron cada película de prueba solo entre unas pocas tomadas al azar. He et al. (2017, más abajo) tomaron 100 que el usuario no había valorado y contaron cuántas veces estaba la película de prueba entre las diez primeras (*hit rate@10*). Tenían una sola película de prueba por usuario. Nosotros tenemos muchas, así que ordenamos cada una por separado y promediamos dentro de cada usuario; esto no es el *hit rate* definido antes. Krichene y Rendle (2020, más abajo) mostraron que estas **métricas con muestreo** pueden dar otro orden de los modelos que las exactas, incluso en promedio sobre muchas muestras.
#
# ### Ejercicio 5.10 — una película entre cien (9 minutos)
#
# Para cada par de prueba, toma la película de prueba y las películas que se sacaron al azar para ella, y ordénalas por sus puntuaciones. ¿En qué puesto está la película de prueba? La popularidad da la misma puntuación a muchas películas. Si los empates se ordenan al azar, una película de la muestra con la misma puntuación queda delante la mitad de las veces, así que cuenta la mitad.


# %%
def places_among_sampled(scores, user, movie, sampled):
    """El puesto de cada película de prueba en una lista con películas de una muestra.

    Parameters
    ----------
    scores : numpy.ndarray of float, shape (n_users, n_movies)
    user, movie : numpy.ndarray of int, shape (n,)
        Los pares de prueba: fila y columna en `scores`; los usuarios se repiten.
    sampled : numpy.ndarray of int, shape (n, n_sampled)
        Para cada par, columnas de otras películas.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        1, más el número de películas de la muestra con una puntuación mayor, más la mitad
        de las que tienen la misma; todas las puntuaciones son las del propio usuario.

    Examples
    --------
    La película 0 tiene para el usuario 1 una puntuación de 5. De las películas 1, 2 y 3 de
    la muestra, una tiene una puntuación mayor y otra la misma.

    >>> scores = np.array([[0.0, 0, 0, 0], [5, 7, 5, 2]])
    >>> pair = np.array([1]), np.array([0])
    >>> places_among_sampled(scores, *pair, np.array([[1, 2, 3]])).tolist()
    [2.5]
    """
    raise NotImplementedError("Ejercicio 5.10: una película entre cien")


# %%
scores = np.array([[0.0, 0, 0, 0], [5, 7, 5, 2]])
pair = np.array([1]), np.array([0])
print(places_among_sampled(scores, *pair, np.array([[1, 2, 3]])).tolist())

# %%
check("5.10", places_among_sampled)

# %%
quiz("5.d")


# %%
compared = ["EASE", "muestreo de negativos", "muestreo de negativos: producto punto + sesgos", "popularidad"]
rng = np.random.default_rng(5)
unrated = (rated == 0) & (relevance == 0)
# For a user who has rated all movies, none can be sampled.
tested = test[unrated.any(axis=1)[test["user"]]]
test_user, test_movie = tested["user"].to_numpy(), tested["movie"].to_numpy()
rows_of = tested.groupby("user").indices
sampled = np.empty((len(tested), 100), dtype=int)
for one, rows in rows_of.items():
    sampled[rows] = rng.choice(np.flatnonzero(unrated[one]), size=(len(rows), 100))


def exact_places(scores):
    """El puesto de cada película de prueba entre todas las que su usuario no ha valorado."""
    places = np.empty(len(tested))
    for one, rows in rows_of.items():
        everything = np.tile(np.flatnonzero(unrated[one]), (len(rows), 1))
        pair = test_user[rows], test_movie[rows]
        places[rows] = places_among_sampled(scores, *pair, everything)
    return places


def hit_rates(places, k=10):
    """La proporción de las películas de prueba en los k primeros puestos, por usuario."""
    return pd.Series(places <= k).groupby(test_user).mean().to_numpy()


hits = {"entre todas": {}, "entre 100 al azar": {}}
for name in compared:
    places = places_among_sampled(lists[name], test_user, test_movie, sampled)
    hits["entre 100 al azar"][name] = hit_rates(places)
    hits["entre todas"][name] = hit_rates(exact_places(lists[name]))
for how, rates in hits.items():
    if tested.empty:
        break
    mean, low, high = paired_bootstrap(rates["EASE"], rates["muestreo de negativos"])
    ends = f"(de {low:+.3f} a {high:+.3f})"
    print(f"hit rate@10 {how}: EASE − muestreo de negativos {mean:+.3f} {ends}")
pd.DataFrame(hits).map(np.mean).round(3)

# %% [markdown]
# El orden de los dos mejores modelos se invierte. Entre todas las películas va delante EASE, aunque no por mucho. Entre 100 tomadas al azar va delante el modelo de historial («muestreo de negativos»), y su intervalo no contiene el 0. Así que la muestra no solo ha añadido ruido: mide otra cosa. El puesto 10 de 101 es más o menos como el puesto 110 de la lista completa. EASE es mejor en lo más alto, y el modelo de historial más abajo. Su entrenamiento con negativos tomados al azar puede ser una razón, pero no lo explica todo: producto punto + sesgos tuvo los mismos negativos, y aquí no va por delante de EASE. Usa métricas exactas donde puedas; aquí tardan unos segundos. Si un artículo da un *hit rate@10* de 0.7, mira cuántas películas se ordenaron.
#
# **Prueba 2: el futuro.** Nuestra partición elige las valoraciones de prueba sin mirar la fecha, así que los modelos aprenden de valoraciones posteriores a algunas de las de prueba. Un sistema en uso solo conoce el pasado. `global_time_split` corta *todas* las valoraciones en un mismo momento (Ji et al., 2023, más abajo). Entrenamos tres modelos con las valoraciones anteriores y probamos sus listas con las posteriores. También la penalización de EASE debe elegirse con el pasado: resolvemos EASE con las nueve primeras décimas partes del pasado y nos quedamos con la penalización que da el NDCG@10 más alto en la última. Para ahorrar tiempo, el modelo de historial se entrena simplemente cinco épocas.

# %%
future = global_time_split(movielens, test=0.2, valid=0)
past, later, sizes = future.train, future.test, (future.n_users, future.n_movies)
rated_before = (relevance_matrix(past, *sizes) > 0).astype("float32")
stars_before = relevance_matrix(past, *sizes, past["rating"] / most_stars)
cut_off = global_time_split(movielens, test=0.2, valid=0.1)  # the end of the past
earlier = cut_off.train
stars_earlier = relevance_matrix(earlier, *sizes, earlier["rating"] / most_stars)
watched_next = relevance_matrix(cut_off.valid, *sizes)
watched_next[~stars_earlier.any(axis=1)] = 0  # EASE has no list for new users
at_end_of_past = {}
for penalty in [100, 300, 1000]:
    scores = stars_earlier @ solve_ease(stars_earlier, penalty)
    scores = mask_pairs(scores, earlier)
    if watched_next.any():
        at_end_of_past[penalty] = ndcg_at_k(watched_next, scores, 10)
past_penalty = max(at_end_of_past, key=at_end_of_past.get, default=300)
print(f"la penalización de EASE, elegida con el pasado: {past_penalty}")

*_, past_model = train_history_model(past, rated_before, epochs=5)
of_past = {
    "EASE": stars_before @ solve_ease(stars_before, past_penalty),
    "muestreo de negativos": score_all(past_model, *sizes),
    "popularidad": score_all(Popularity().fit(past, sizes[1]), *sizes),
}
watched_later = relevance_matrix(later, *sizes)
has_test, is_new = watched_later.any(axis=1), ~rated_before.any(axis=1)
groups = {"usuarios conocidos": has_test & ~is_new, "usuarios nuevos": has_test & is_new}
groups = {group: chosen for group, chosen in groups.items() if chosen.any()}
in_future = {
    name: ndcg_at_k(watched_later, mask_pairs(scores, past), 10, per_user=True)
    for name, scores in of_past.items()
}
print({group: int(chosen.sum()) for group, chosen in groups.items()}, "en el conjunto de prueba")
for group, chosen in groups.items():
    of_popularity = in_future["popularidad"][chosen]
    for name in ("EASE", "muestreo de negativos"):
        mean, low, high = paired_bootstrap(in_future[name][chosen], of_popularity)
        print(f"{group}: {name} − popularidad {mean:+.3f} (de {low:+.3f} a {high:+.3f})")
pd.DataFrame(
    {
        group: {name: values[chosen].mean() for name, values in in_future.items()}
        for group, chosen in groups.items()
    }
).round(3)

# %% [markdown]
# Casi dos tercios de los usuarios de prueba son nuevos: llegaron después del corte. EASE no puede decir nada de ellos, pues una fila de ceros por $W$ da cero para todas las películas, así que el orden de su lista no significa nada. El modelo de historial tiene un historial vacío y recurre a sus sesgos de película, así que es más o menos tan bueno como la popularidad.
#
# Con los usuarios conocidos, EASE va por delante de la popularidad, con un intervalo que se aparta del 0 por muy poco, y el del modelo de historial contiene el 0. Las ventajas parecen menores que antes, pero los conjuntos de prueba son distintos, así que esto solo no prueba nada: todas las valoraciones de un usuario nuevo están en el conjunto de prueba, de modo que tiene más películas relevantes que uno conocido, y el NDCG depende de eso. Por la misma razón, no compares las dos columnas. Unas ventajas menores no sorprenderían. La gente valora muchas películas de una sentada: una partición al azar pone una parte de cada sesión en el conjunto de entrenamiento, y un corte en el tiempo, no.
#
# **Prueba 3: otros usuarios de prueba.** ¿Qué diferencias entre los modelos de la lección son demasiado grandes para deberse solo a la elección de los usuarios? Cada fila compara un modelo con el siguiente.

# %%
order = sorted(by_name, key=by_name.get, reverse=True)
leads = {
    first: [by_name[first], second, *paired_bootstrap(ndcg[first], ndcg[second])]
    for first, second in pairwise(order)
}
columns = ["NDCG@10", "modelo siguiente", "lead", "from", "to"]
pd.DataFrame.from_dict(leads, orient="index", columns=columns).round(3)

# %% [markdown]
# Los intervalos de las ventajas de las que trata la lección no contienen el 0: ni el de los modelos con negativos frente a la popularidad, ni el de la popularidad frente al mejor de los demás modelos. La prueba no permite distinguir entre sí los dos modelos con negativos, ni tampoco algunos vecinos más abajo, donde el intervalo contiene el 0 o acaba a menos de una centésima de él.
#
# Los intervalos cubren una sola fuente de azar: en la prueba podría haber habido otros usuarios. No cubren otra semilla aleatoria en el entrenamiento, otra partición ni otra métrica, y las dos primeras pruebas mostraron cuánto pueden cambiar estas. Con ocho comparaciones, un intervalo que deja fuera el 0 por muy poco también puede ser azar.
#
# ## ¿A quién se sirve peor?
#
# Una media sobre los usuarios oculta quién recibe las buenas listas. Comparamos grupos de usuarios de prueba: mujeres y hombres, según lo que indicaron en ml-100k, y tres grupos del mismo tamaño según el número de valoraciones suyas que los modelos conocen. Para producto punto + sesgos, entrenado con estrellas, promediamos el RMSE de cada usuario.

# %%
n_known = rated.sum(axis=1)
a_third, two_thirds = np.quantile(n_known, [1 / 3, 2 / 3])
groups = {
    "pocas valoraciones": n_known <= a_third,
    "algunas valoraciones": (n_known > a_third) & (n_known <= two_thirds),
    "muchas valoraciones": n_known > two_thirds,
}
if movielens.users is None:
    print("Esta edición no dice nada de sus usuarios: no hay grupos por género.")
else:
    gender = movielens.users.set_index("user_id")["gender"]
    gender = gender.reindex(split.users.ids).to_numpy()
    groups = {"usuarias": gender == "F", "usuarios varones": gender == "M"} | groups
groups = {group: chosen for group, chosen in groups.items() if chosen.any()}

measures = {
    "NDCG@10 de EASE": ndcg_of_ease,
    "NDCG@10 de la popularidad": ndcg["popularidad"],
    "NDCG@10 del azar": ndcg["azar"],
}
if not movielens.lacks("stars"):
    error = answers["estrellas: producto punto + sesgos"] - test["rating"].to_numpy()
    squares = pd.Series(error**2).groupby(test["user"].to_numpy()).mean()
    errors = np.sqrt(squares.reindex(range(n_users)).to_numpy())
    measures["RMSE de estrellas: producto punto + sesgos"] = errors


def bootstrap_means(values, rng, n_draws=5000):
    """Medias de tantos usuarios como hay, tomados con reemplazo."""
    return rng.choice(values, size=(n_draws, len(values))).mean(axis=1)


rng = np.random.default_rng(5)
means = {
    (measure, group): bootstrap_means(values[chosen & ~np.isnan(values)], rng)
    for measure, values in measures.items()
    for group, chosen in groups.items()
}
figure, panels = plt.subplots(1, 2, figsize=(8.4, 4), sharey=True)
names = []
n_relevant = (relevance > 0).sum(axis=1)
for group, chosen in groups.items():
    n, typical = chosen.sum(), np.median(n_relevant[chosen])
    names.append(f"{group} (n = {n}),\nlo típico: {typical:.0f} de prueba")
colors = [plots.BLUE, plots.ORANGE, plots.GREY, plots.RED]
for measure, color in zip(measures, colors, strict=False):
    ends = np.array(
        [np.quantile(means[measure, group], [0.025, 0.5, 0.975]) for group in groups]
    )
    axes = panels[int("RMSE" in measure)]
    axes.hlines(range(len(groups)), ends[:, 0], ends[:, 2], color=color)
    axes.plot(ends[:, 1], range(len(groups)), "o", color=color, label=measure)
panels[0].set_yticks(range(len(groups)), names, fontsize=9)
panels[0].invert_yaxis()
panels[0].set_xlabel("NDCG@10 (más alto es mejor)")
panels[1].set_xlabel("RMSE en estrellas (más bajo es mejor)")
figure.legend(loc="outside lower center", ncols=2, fontsize=9)
figure.suptitle("Media de cada grupo, con su intervalo del 95 %")
plt.show()
for group, other in [("usuarias", "usuarios varones"), ("muchas valoraciones", "pocas valoraciones")]:
    if group in groups and other in groups:
        for measure in measures:
            drawn = means[measure, group] - means[measure, other]
            low, high = np.quantile(drawn, [0.025, 0.975])
            ends = f"(de {low:+.3f} a {high:+.3f})"
            print(f"{group} − {other}, {measure}: {drawn.mean():+.3f} {ends}")

# %% [markdown]
# *Cómo leer la figura:* las listas de los usuarios con muchas valoraciones tienen un NDCG mucho más alto. Pero el NDCG del azar también es más alto para ellos, porque tienen unas seis veces más valoraciones de prueba, y cada una puede ser un acierto. El NDCG depende de cuántas películas relevantes tiene un usuario, así que apenas sirve para comparar grupos que difieren en eso. El RMSE depende mucho menos de ello. Es menor para los usuarios con muchas valoraciones, y el intervalo no contiene el 0. Una razón probable es que tienen más valoraciones de entrenamiento, o bien que esos usuarios valoran de forma más predecible.
#
# Las mujeres tienen menos valoraciones de prueba que los hombres, y el NDCG del azar también es menor para ellas. Así que los NDCG más bajos de la popularidad y de EASE no pueden demostrar que sus listas sean peores. El RMSE es mayor para las mujeres, en unas 0.08 estrellas, y el intervalo no contiene el 0. Esto no dice por qué. Menos de un tercio de los usuarios son mujeres, y valoraron menos películas, así que los modelos saben menos de ellas. Ekstrand et al. (2018, más abajo) también encontraron que los recomendadores no sirven igual de bien a todos los grupos de usuarios, en otros dos conjuntos de datos.
#
# ## Qué le hace una lista a la cola larga
#
# Dos preguntas más sobre las listas de un modelo: ¿qué proporción del catálogo está en al menos una de ellas (**cobertura**)? ¿Y cómo de populares son las películas que contienen?

# %%
overview = pd.DataFrame(
    {
        name: {
            "NDCG@10": by_name[name],
            "coverage@10": coverage_at_k(scores, 10),
            "popularidad mediana": np.median(n_ratings[top_n(scores, 10)]),
        }
        for name, scores in lists.items()
    }
).T.sort_values("NDCG@10", ascending=False)
for name, scores in lists.items():
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split=split.name,
        lesson="05",
        **{"ndcg@10": by_name[name], "coverage@10": coverage_at_k(scores, 10)},
        **({"auc": auc[name]} if name in auc else {}),
    )
overview.round(3)

# %%
below = ["estrellas: red profunda", "estrellas: producto punto + sesgos", "muestreo de negativos: producto punto + sesgos"]
axes = plt.figure(figsize=(7.6, 4)).add_subplot()
axes.scatter(overview["coverage@10"], overview["NDCG@10"], s=60)
for name, row in overview.iterrows():
    axes.annotate(
        name,
        (row["coverage@10"], row["NDCG@10"]),
        fontsize=9,
        textcoords="offset points",
        xytext=(7, -14 if name in below else 3),
    )
axes.set_xscale("log")
axes.set_xticks([0.01, 0.03, 0.1, 0.3, 1], ["0.01", "0.03", "0.1", "0.3", "1"])
axes.minorticks_off()
axes.set_xlim(0.01, 2)  # room for the names on the right
axes.set_xlabel("coverage@10: proporción de las películas que están en al menos una lista (escala logarítmica)")
axes.set_ylabel("NDCG@10")
axes.set_title("Buenas listas, y listas que muestran el catálogo")
axes.margins(y=0.12)
plt.show()

# %% [markdown]
# *Cómo leer la figura:* el azar lo muestra casi todo y no sirve de nada. La popularidad enseña a todo el mundo unas cincuenta películas populares, y los modelos profundos, aún menos películas distintas. El modelo de historial da listas mucho mejores *y* muestra unas seis veces más películas que la popularidad, pero aun así solo alrededor de la cuarta parte del catálogo.
#
# Mira también la popularidad de sus películas. No son más populares que las de «sí/no: producto punto + sesgos», que tiene menos de la mitad de su NDCG. Así que las películas populares no explican por sí solas sus listas. El otro modelo con negativos, que tiene vectores de usuario, alcanza un NDCG parecido con películas más populares y menos cobertura.
#
# Un recomendador en marcha se entrena con lo que la gente vio, y parte de ello lo vio solo porque sus propias listas se lo mostraron. En simulaciones, un bucle así hace más parecido lo que elige la gente sin servirle mejor ([Chaney, Stewart y Engelhardt, 2018](https://arxiv.org/abs/1710.11214)). El NDCG no lo ve, así que tienes que mirarlo tú.
#
# ## ¿Qué te diría que vieras?
#
# En las lecciones anteriores, un usuario nuevo necesitaba un vector, y había que ajustarlo. En el modelo de historial no hay nada que ajustar: tus diez películas de la lección 01 pasan a ser el historial de la fila del primer usuario. Las estrellas que les diste no cuentan, solo que las has visto.

# %%
mine = my_ratings(movielens)
mine = mine[mine["movie_id"].isin(split.movies.ids)]
my_rows = split.movies.encode(mine["movie_id"])
with_my_history = rated.copy()
with_my_history[0] = 0
with_my_history[0, my_rows] = 1

guest = HistoryModel(with_my_history)
guest.set_weights(history_model.get_weights())
my_scores = score_all(guest, n_users, n_movies, users=[0])[0]
my_scores[my_rows] = -np.inf
recommend(my_scores, split, movielens.movies, n=5).round(2)

# %% [markdown]
# La puntuación es la de antes de la sigmoide. El modelo se entrenó con cinco negativos tomados al azar por cada positivo, así que ni siquiera su probabilidad sería la de una valoración: usa solo el orden. No son las películas a las que darías más estrellas, sino lo que también valoró la gente con tu historial. Si ya has visto alguna, la lista acierta contigo, y no te sirve.
#
# ## Para recordar
#
# - Un umbral convierte estrellas en sí y no. Di dónde está, y qué significan 3 estrellas.
# - La exactitud no significa nada sin su tasa base. El AUC mide el orden, y sobre todos los usuarios premia además saber quién valora con generosidad. La calibración dice si puedes fiarte de una probabilidad.
# - Enmascara con −∞ lo ya visto, y puntúa todos los pares en unas pocas llamadas.
# - Un modelo entrenado solo con películas valoradas no sabe ordenar las demás: buen RMSE, mala lista.
# - El muestreo de negativos hace la pregunta correcta: ¿qué elegirá el usuario, y qué le gustará?
# - Compara cada modelo con uno simple, como EASE, y ajusta los dos.
# - Di hasta qué punto es segura una diferencia. Los modelos se prueban con los mismos usuarios, así que compáralos usuario a usuario.
# - Una métrica con muestreo de negativos puede invertir el orden de los modelos. Ordena todas las películas, y prueba con el futuro si tu sistema tiene que funcionar en él.
# - Mira también los grupos de usuarios, la cobertura y la popularidad.
#
# ## Para seguir leyendo
#
# - Y. Hu, Y. Koren y C. Volinsky, [Collaborative Filtering for Implicit Feedback Datasets](https://doi.org/10.1109/ICDM.2008.22), 2008: todas las películas no vistas como negativos débiles, sin muestreo.
# - P. Cremonesi, Y. Koren y R. Turrin, [Performance of Recommender Algorithms on Top-N Recommendation Tasks](https://doi.org/10.1145/1864708.1864721), 2010: los modelos con un buen RMSE no tienen por qué dar buenas listas. (Cada lista ordena allí una película que gustó entre 1000 tomadas al azar).
# - X. He et al., [Neural Collaborative Filtering](https://arxiv.org/abs/1708.05031), 2017: muestreo de negativos con una red.
# - W. Krichene y S. Rendle, [On Sampled Metrics for Item Recommendation](https://doi.org/10.1145/3535335), KDD 2020 y CACM 2022: por qué las métricas con muestreo no coinciden con las exactas.
# - Y. Ji et al., [A Critical Study on Data Leakage in Recommender System Offline Evaluation](https://arxiv.org/abs/2010.11060), 2023: por qué conviene partir los datos en un único instante.
# - M. Ekstrand et al., [All The Cool Kids, How Do They Fit In?](https://proceedings.mlr.press/v81/ekstrand18b.html), 2018: cómo de bien sirven los recomendadores a usuarios de distintas edades y géneros.
# - H. Steck, [Embarrassingly Shallow Autoencoders for Sparse Data](https://arxiv.org/abs/1905.03375), 2019: EASE.
# - M. Ferrari Dacrema, P. Cremonesi y D. Jannach, [Are We Really Making Much Progress?](https://arxiv.org/abs/1907.06902), 2019: recomendadores neuronales comparados con modelos base bien ajustados.
#
# **Siguiente:** la lección 06 abre las tablas y mira qué han aprendido los vectores.
