# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/05_binary.ipynb)

# %% [markdown]
# # 5 · Binario: de las estrellas a la lista
#
# Nadie abre una plataforma de *streaming* para enterarse de que una película será un 3.7. Lo que se quiere es una lista, y a una lista no le hacen falta estrellas: le basta un orden. En esta lección convertimos las valoraciones primero en un sí o un no, y después en un *ranking*, y ahí espera la mayor sorpresa del curso. La lección 01 ya mostró su causa.
#
# **Al terminar, podrás**
#
# - convertir valoraciones en sí y no, y decir qué decide el umbral;
# - leer la exactitud junto a su tasa base, el ROC AUC sobre todos los usuarios y dentro de cada uno, y un gráfico de calibración;
# - construir la matriz completa de puntuaciones, tachar lo ya visto y calcular el NDCG a mano;
# - explicar por qué un buen RMSE no da una buena lista;
# - entrenar con retroalimentación implícita y muestreo de negativos, y comparar el resultado con EASE, una fórmula;
# - decir cuánta seguridad tiene una comparación entre dos modelos;
# - ver cuánto del catálogo muestran las listas de un modelo.
#
# **Tiempo** 75 minutos de trabajo y alrededor de un minuto y medio de ejecución. **Antes de empezar** lecciones 01 a 04.

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

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from keras import layers, ops
from sklearn.metrics import roc_auc_score

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import Popularity
from helpers.data import load_movielens
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
from helpers.splits import pairs, ranking_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(5)

# %% [markdown]
# Para los *rankings* usamos otra partición: la oficial u1, reducida a los usuarios y las películas que aparecen en sus dos partes. Los cuadernos públicos lo hacen a menudo, y la lección 01 mostró qué tiene de malo: el conjunto de entrenamiento depende entonces del de prueba. Podemos comparar nuestros modelos entre sí, porque el filtro es el mismo para todos, pero sus puntuaciones dicen poco de un sistema en marcha.
#
# > **Nota.** Solo el zip de ml-100k de GroupLens contiene las particiones oficiales. Sin él, `ranking_split` genera un sustituto con otras tantas valoraciones de prueba, de más o menos otros tantos usuarios. La línea de abajo dice cuál de las dos tienes. Si empieza por `u1`, tus puntuaciones son comparables con otras que se midieron en u1 con el mismo filtro, como las de las [mediciones](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md) del curso. Si empieza por `stand-in for u1`, compáralas solo entre sí.

# %%
movielens = load_movielens()
split = ranking_split(movielens, fold=1, valid=0.1, filtered=True, seed=0)
train, valid, test = split.train, split.valid, split.test
n_users, n_movies = split.n_users, split.n_movies
split

# %% [markdown]
# ## ¿Dónde ponemos el umbral?
#
# 4 y 5 estrellas son un sí; 1 y 2, un no. ¿Y 3? La valoración media es de unas 3.5, así que 3 estrellas quedan *por debajo* de la media, y decimos que no. El código que lleva las estrellas a la escala 0…1 y pide *más* de 0.5 elige lo mismo, porque 3 estrellas pasan a ser exactamente 0.5.
#
# ### Ejercicio 5.1 — sí o no (4 minutos)


# %%
def to_yes_no(ratings, liked_from=4):
    """1.0 por cada valoración de al menos `liked_from` estrellas; si no, 0.0.

    Parameters
    ----------
    ratings : array_like of float, shape (n,), en estrellas
        Un arreglo, una lista o una columna de una tabla.
    liked_from : float

    Returns
    -------
    numpy.ndarray of float32, shape (n,)

    Examples
    --------
    >>> to_yes_no([1, 3, 3.5, 4, 5]).tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0]
    """
    ### BEGIN SOLUTION
    return (np.asarray(ratings) >= liked_from).astype("float32")
    ### END SOLUTION


# %%
print(f"media de las valoraciones de entrenamiento: {train['rating'].mean():.2f} estrellas")
for cut in (3, 4, 5):
    share = to_yes_no(train["rating"], cut).mean()
    print(f"sí desde {cut} estrellas: el {share:.0%} de las valoraciones son un sí")

# %%
check("5.1", to_yes_no)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué da NumPy para `np.array([3, 4, 5]) >= 4`?
# 2. Una lista no se puede comparar con un número: haz primero un arreglo con ella, con `np.asarray`. Después compara con `liked_from`, y convierte True y False en números con `.astype(…)`.
#
# ```python
# def to_yes_no(ratings, liked_from=4):
#     is_yes = np.asarray(...) >= ...
#     return is_yes.astype(...)
# ```
#
# **Fíjate**
#
# 3.5 estrellas son un no con el umbral por defecto, y ninguna puntuación lo delata. Di siempre qué umbral has usado.

# %% [markdown]
# El umbral decide de qué trata el modelo. Desde 3 estrellas, más de cuatro de cada cinco valoraciones son un sí, y el modelo aprende «no la odió». Desde 5, lo es más o menos una de cada cinco, y aprende «le encantó». Una exactitud del 82 % puede ser excelente con un umbral y no valer nada con otro, así que con cada exactitud hay que decir el umbral.
#
# ## Probabilidades y *log loss*
#
# A una pregunta de sí o no, un modelo debería responder con una probabilidad. Una **sigmoide** lleva cualquier puntuación $s$ a un número $p$ del intervalo (0, 1). La ***log loss***, también llamada *entropía cruzada binaria* (BCE), es el logaritmo, con signo menos, de la probabilidad que el modelo dio a la respuesta $y$ que resultó ser cierta, promediado sobre las valoraciones:
#
# $$p = \frac{1}{1+e^{-s}} \qquad
# \text{BCE} = -\frac1n\sum_i \big[y_i \log p_i + (1-y_i)\log(1-p_i)\big]$$
#
# ### Ejercicio 5.2 — la *log loss*, a mano (6 minutos)
#
# Escribe ambas con NumPy. La función de la *log loss* se llama `surprise` (sorpresa), porque el logaritmo de una probabilidad, con signo menos, mide cuánto sorprende un suceso. El logaritmo de 0 es menos infinito, así que mantén $p$ entre `tiny` y 1 − `tiny`.


# %%
def sigmoid(scores):
    """Lleva puntuaciones a números entre 0 y 1.

    Parameters
    ----------
    scores : numpy.ndarray of float, de cualquier forma

    Returns
    -------
    numpy.ndarray of float, de la misma forma

    Examples
    --------
    >>> sigmoid(np.array([0.0, 2.0])).round(3).tolist()
    [0.5, 0.881]
    """
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(-scores))
    ### END SOLUTION


def surprise(liked, probability, tiny=1e-7):
    """Entropía cruzada binaria media (*log loss*).

    Parameters
    ----------
    liked : array_like of 0 or 1, shape (n,)
    probability : array_like of float de 0 a 1, shape (n,) or (n, 1)
    tiny : float
        Una probabilidad menor cuenta como `tiny`; una mayor que 1 − `tiny`, como
        1 − `tiny`.

    Returns
    -------
    float

    Examples
    --------
    >>> round(surprise([1, 0], [[0.9], [0.2]]), 4)
    0.1643
    """
    ### BEGIN SOLUTION
    liked, p = np.ravel(liked), np.clip(np.ravel(probability), tiny, 1 - tiny)
    return float(-np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p)))
    ### END SOLUTION


# %%
print(surprise([1, 0], [[0.9], [0.2]]), "seguro y acertado")
print(surprise([1, 0], [0.5, 0.5]), "ni idea")
print(surprise([1, 0], [0.1, 0.8]), "seguro y equivocado")

# %%
check("5.2", sigmoid, surprise)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Cuánto es log 0? ¿Y cuál de las dos mitades de la fórmula cuenta para una valoración con y = 1, y cuál para una con y = 0?
# 2. Lleva ambos a la forma (n,) con `np.ravel`. Mantén p dentro con `np.clip`. `np.log` es el logaritmo natural, el de la fórmula.
#
# ```python
# liked, p = np.ravel(...), np.clip(np.ravel(...), ..., ...)
# halves = liked * ... + (1 - liked) * ...
# return -np.mean(...)
# ```
#
# **Fíjate**
#
# Una respuesta segura y equivocada cuesta aquí 16, y solo gracias a `tiny`. Sin él, una sola respuesta así haría infinita la media de todas.

# %% [markdown]
# «Ni idea» cuesta log 2 = 0.693 por valoración, y una respuesta equivocada y segura cuesta mucho más. La *log loss* es una **regla de puntuación propia** (*proper scoring rule*): su valor esperado es mínimo si $p$ es la probabilidad verdadera de un sí. Un modelo no gana nada exagerando, ni tampoco quedándose corto.
#
# ## Cuatro modelos frente a frente
#
# Ya has construido todas las piezas de estos cuatro modelos en las lecciones 02 a 04. Aquí están en una sola función: factorización de matrices con sesgos (producto punto + sesgos) o una red profunda, entrenadas con estrellas o con sí y no.


# %%
def build_model(deep, binary, n_factors=32, bias_l2=1e-4, factor_l2=3e-4):
    """Producto + sesgos o un modelo profundo; estrellas o la probabilidad de un sí."""
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
        start_score = float(np.log(base_rate / (1 - base_rate)))
        score = layers.Rescaling(1.0, offset=start_score)(score)
        answer = layers.Activation("sigmoid", name="probability")(score)
    else:
        answer = layers.Rescaling(1.0, offset=float(train["rating"].mean()))(score)
    return keras.Model({"user": user, "movie": movie}, answer)


models = {}
for name, deep, binary in [
    ("estrellas: producto punto + sesgos", False, False),
    ("estrellas: red profunda", True, False),
    ("sí/no: producto punto + sesgos", False, True),
    ("sí/no: red profunda", True, True),
]:
    keras.utils.set_random_seed(5)
    model = build_model(deep, binary)
    model.compile(
        optimizer=keras.optimizers.Adam(0.003 if deep else 0.015),
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
# ### Ejercicio 5.3 — la exactitud y lo que de verdad dice (5 minutos)
#
# La exactitud es la proporción de respuestas correctas, donde cuenta como sí toda probabilidad de al menos 0.5. Dice poco sin la **tasa base**, que es la exactitud de responder siempre lo más común.


# %%
def accuracy_and_base_rate(liked, probability):
    """Proporción de respuestas correctas, y la de responder siempre lo más común.

    Parameters
    ----------
    liked : array_like of 0 or 1, shape (n,)
    probability : array_like of float de 0 a 1, shape (n,) or (n, 1)
        A partir de 0.5 es un sí.

    Returns
    -------
    accuracy, base_rate : float, float

    Examples
    --------
    >>> accuracy_and_base_rate([0, 0, 1, 0], [[0.1], [0.6], [0.4], [0.2]])
    (0.5, 0.75)
    """
    ### BEGIN SOLUTION
    liked = np.ravel(liked)
    says_yes = np.ravel(probability) >= 0.5
    share_of_yes = float(np.mean(liked))
    return float(np.mean(says_yes == (liked == 1))), max(share_of_yes, 1 - share_of_yes)
    ### END SOLUTION


# %%
print(accuracy_and_base_rate([0, 0, 1, 0], [[0.1], [0.6], [0.4], [0.2]]))

# %%
check("5.3", accuracy_and_base_rate)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Si respondes siempre «no», ¿cuántas veces aciertas cuando un 30 % son un sí? ¿Y qué responderías, sin mirar, cuando lo son un 70 %?
# 2. `np.ravel` lleva ambos a la forma (n,). `probability >= 0.5` es la respuesta del modelo. Compárala con `liked == 1` y toma la media. La proporción de la respuesta más común es la mayor de dos proporciones.
#
# ```python
# says_yes = np.ravel(...) >= ...
# share_of_yes = ...
# return np.mean(says_yes == ...), max(share_of_yes, ...)
# ```
#
# **Fíjate**
#
# Para la tasa base no hace falta ningún modelo. Sin ella, una exactitud no dice nada: 0.9 es poco donde nueve de cada diez son un sí.

# %% [markdown]
# El **ROC AUC** no necesita umbral, y responder al azar da 0.5 con cualquier tasa base. Es la probabilidad de que una película que gustó, tomada al azar, puntúe más alto que una que no gustó. Como solo cuenta el orden de las puntuaciones, también sirve para los modelos de estrellas.
#
# El AUC sobre todas las valoraciones compara también valoraciones de usuarios distintos. El **AUC dentro de cada usuario** (*group AUC*, GAUC) compara solo las de un mismo usuario, y se promedia sobre los usuarios.


# %%
def auc_of_each_user(liked, scores, users):
    """AUC entre las valoraciones de cada usuario; NaN si todas son un sí, o un no."""
    table = pd.DataFrame({"user": users, "liked": liked, "score": np.ravel(scores)})
    table["rank"] = table.groupby("user")["score"].rank()
    n_yes = table.groupby("user")["liked"].sum()
    n_no = table.groupby("user").size() - n_yes
    rank_sum = table[table["liked"] == 1].groupby("user")["rank"].sum()
    in_order = rank_sum.reindex(n_yes.index, fill_value=0) - n_yes * (n_yes + 1) / 2
    return (in_order / (n_yes * n_no)).to_numpy()


liked_test = to_yes_no(test["rating"])
auc, auc_within = {}, {}
for name, model in models.items():
    answers = model.predict(pairs(test), batch_size=8192, verbose=0)
    auc[name] = roc_auc_score(liked_test, np.ravel(answers))
    auc_within[name] = auc_of_each_user(liked_test, answers, test["user"])
    print(
        f"{name:20} AUC {auc[name]:.3f}, dentro de cada usuario "
        f"{np.nanmean(auc_within[name]):.3f}"
    )
    if name.startswith("sí/no"):
        accuracy, base_rate = accuracy_and_base_rate(liked_test, answers)
        print(
            f"{'':20} exactitud {accuracy:.3f} (tasa base {base_rate:.3f}), log loss "
            f"{surprise(liked_test, answers):.3f}"
        )

# %% tags=["nbval-check-output"]
verdict("AUC de sí/no, producto punto + sesgos", auc["sí/no: producto punto + sesgos"], inside=(0.74, 0.80))

# %% [markdown]
# Una exactitud de más o menos 0.7 suena bien hasta que ves que responder siempre «sí» acierta más de la mitad de las valoraciones. Los modelos de estrellas tienen un AUC algo mayor que los de sí y no. Una razón probable es que el umbral desechó que un 5 es más que un 4.
#
# Dentro de cada usuario, todos los AUC son más bajos. Una parte del AUC sobre todas las valoraciones consiste en saber quién valora con generosidad, y para eso basta un sesgo por usuario. Pero, como viste en la lección 03, un sesgo por usuario no puede cambiar el orden de ninguna lista.
#
# ¿Cuánta seguridad tienen estas diferencias? Dos modelos que se llevan 0.01 con estos usuarios pueden ser iguales con otros. Un ***bootstrap* pareado** dice cuánto de una diferencia puede ser azar. Toma la diferencia *usuario a usuario*, saca al azar tantos usuarios como hay, con reemplazo, y promedia las diferencias de esos usuarios. Lo repetimos 5000 veces. Si el intervalo que contiene el 95 % central de esos promedios no incluye el 0, difícilmente se debe la diferencia solo a qué usuarios tocaron. El intervalo no abarca el azar del entrenamiento, donde otra semilla da otro modelo.


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
    mean, low, high = paired_bootstrap(auc_within[first], auc_within[second])
    print(f"{first} − {second}: {mean:+.3f}, intervalo del 95 %: de {low:+.3f} a {high:+.3f}")

# %% [markdown]
# El primer intervalo queda claramente por encima de 0, así que la ventaja de las estrellas es clara. La de la red profunda sobre producto punto + sesgos es menor que 0.01, y su intervalo contiene el 0 o se le acerca mucho. Dalas por igualadas.
#
# ## ¿Podemos fiarnos de las probabilidades?
#
# Si un modelo da a cien valoraciones una probabilidad de 0.8, unas ochenta deberían ser un sí. La **calibración** es hasta qué punto las probabilidades predichas coinciden con las proporciones observadas.
#
# ### Ejercicio 5.4 — lo predicho y lo observado (7 minutos)
#
# Reparte las predicciones en diez tramos de igual anchura: de 0 hasta justo antes de 0.1, de 0.1 hasta justo antes de 0.2, …, de 0.9 a 1. De cada tramo que no esté vacío, devuelve la probabilidad media predicha (`said`), la proporción de síes observada (`true`) y el número de valoraciones (`size`).


# %%
def calibration(liked, probability, n_bins=10):
    """Probabilidades predichas y proporciones de síes observadas, tramo a tramo.

    Parameters
    ----------
    liked : array_like of 0 or 1, shape (n,)
    probability : array_like of float de 0 a 1, shape (n,) or (n, 1)
    n_bins : int
        Tramos de igual anchura; una probabilidad de exactamente 1 va al último.

    Returns
    -------
    pandas.DataFrame
        Una fila por cada tramo que no está vacío, primero las probabilidades más bajas,
        con las columnas `said` (probabilidad media predicha), `true` (proporción de síes
        observada) y `size` (número de valoraciones), en este orden; el índice puede ser
        cualquiera.

    Examples
    --------
    >>> calibration([0, 1, 1, 1], [0.11, 0.13, 0.95, 1.0]).round(3).values.tolist()
    [[0.12, 0.5, 2.0], [0.975, 1.0, 2.0]]
    """
    ### BEGIN SOLUTION
    frame = pd.DataFrame({"said": np.ravel(probability), "true": np.ravel(liked)})
    bins = np.minimum((frame["said"] * n_bins).astype(int), n_bins - 1)
    table = frame.groupby(bins).mean()
    table["size"] = frame.groupby(bins).size()
    return table.reset_index(drop=True)
    ### END SOLUTION


# %%
print(calibration([0, 1, 1, 1], [0.11, 0.13, 0.95, 1.0]).round(3).values.tolist())

# %%
check("5.4", calibration)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿A qué tramo pertenece 0.37, y cómo te lo dice 0.37 · 10? ¿Y qué tramo señala 1.0 · 10?
# 2. Numera los tramos con la parte entera de p · n_bins, y con `np.minimum` baja el número que se pasa por uno. Después haz `groupby` con ese número: un tramo vacío no aparece.
#
# ```python
# frame = pd.DataFrame({"said": ..., "true": ...})
# bins = np.minimum((... * n_bins).astype(int), ...)
# table = frame.groupby(...).mean()
# table["size"] = ...
# ```
#
# **Fíjate**
#
# Mira `size` antes de fiarte de una fila: una proporción de síes entre cinco valoraciones dice poco del modelo.

# %%
axes = plt.figure(figsize=(5.6, 4.4)).add_subplot()
axes.plot([0, 1], [0, 1], "--", color=plots.GREY, label="calibración perfecta")
axes.axhline(liked_test.mean(), color="black", ls=":", lw=1, label="tasa base")
for name, color in [("sí/no: producto punto + sesgos", plots.BLUE), ("sí/no: red profunda", plots.RED)]:
    answers = models[name].predict(pairs(test), batch_size=8192, verbose=0)
    bins = calibration(liked_test, answers)
    axes.plot(bins["said"], bins["true"], color=color, label=name)
    axes.scatter(
        bins["said"], bins["true"], s=bins["size"] / 20, color=color, alpha=0.6
    )
axes.scatter([], [], s=1000 / 20, color=plots.GREY, label="1000 valoraciones")
axes.set_xlabel("probabilidad predicha de un sí")
axes.set_ylabel("proporción de síes observada")
axes.set_title("Lo predicho y lo observado")
axes.legend(fontsize=9)
plt.show()

# %% [markdown]
# *Cómo leer la figura:* las probabilidades del modelo profundo se acercan a las proporciones observadas. Producto punto + sesgos se queda demasiado cerca de la tasa base: de las valoraciones a las que da 0.35, solo alrededor de una cuarta parte son un sí, y de las de 0.65, casi siete de cada diez.
#
# Una razón es su penalización L2, que tira de todas las puntuaciones hacia la tasa base. El AUC no lo ha notado, porque solo mira el orden. Si usas los números como probabilidades, tú sí lo notarás.
#
# ## De las puntuaciones a las listas
#
# Ahora, la lista. Puntúa *todas* las películas para cada usuario, quita las que ya ha valorado, ordena y quédate con las $k$ primeras. Esto se llama **recomendación *top-k***.
#
# **Quita lo que el usuario ya ha visto.** Una versión muy común de este código pone a 0 las puntuaciones de las películas vistas. En las estrellas predichas, que empiezan en 1, el 0 queda por debajo de todas. Después se usa la misma línea con otros modelos.

# %% [markdown] tags=["question"]
# Una lista no debería mostrar lo que el usuario ya vio. ¿Con cuáles de estas puntuaciones el 0 *no* está por debajo de todas, de modo que una película vista puesta a 0 puede acabar arriba?
#
# - [ ] Estrellas predichas, de 1 a 5
#   - Las estrellas empiezan en 1, así que el 0 queda por debajo de todas. Ahí una máscara de 0 funciona.
# - [ ] Probabilidades, después de una sigmoide
#   - Una probabilidad nunca está por debajo de 0, así que aquí el 0 también queda al fondo. ¿Y la puntuación antes de la sigmoide?
# - [x] Puntuaciones antes de la sigmoide (logits)
#   - Toda puntuación con una probabilidad menor que 0.5 es negativa. Una película vista con un 0 quedaría por delante de todas esas.
# - [ ] Números de valoraciones (popularidad)
#   - Un recuento nunca está por debajo de 0. En el peor caso, una película vista empata con una que nadie ha valorado.

# %%
quiz("5.a")

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
    ### BEGIN SOLUTION
    struck = np.array(scores, dtype="float64")
    struck[seen["user"], seen["movie"]] = -np.inf
    return struck
    ### END SOLUTION


# %%
scores = np.array([[-2000.0, -1.0]])
seen = pd.DataFrame({"user": [0], "movie": [1]})
print(int(strike_out(scores, seen).argmax()), scores.tolist())

# %%
check("5.5", strike_out)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué número es menor que cualquier puntuación que pueda dar cualquier modelo?
# 2. Copia antes la matriz: `scores[...] = …` escribe en la que te dieron. Puedes indexar con las filas y las columnas de todos los pares a la vez, como dos listas.
#
# ```python
# def strike_out(scores, seen):
#     struck = ...  # una copia
#     struck[..., ...] = ...
#     return ...
# ```
#
# **Fíjate**
#
# Menos infinito está por debajo de cualquier puntuación de cualquier modelo, así que la máscara no depende de la escala del modelo.

# %% [markdown]
# De aquí en adelante usamos la `mask_pairs` del curso, que hace lo mismo, y `score_all`, que pasa todos los usuarios × películas por un modelo en unas pocas llamadas grandes. Con una llamada a `predict` por usuario, las listas de un solo modelo tardan alrededor de medio minuto en vez de una vigésima de segundo ([mediciones](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md#speed)).
#
# ## ¿Es buena una lista?
#
# Las películas que un usuario valoró en el conjunto de prueba son las **relevantes**. Cuatro métricas miran los $k$ primeros puestos de una lista:
#
# - **precision@k** es la proporción de esas $k$ películas que son relevantes;
# - **recall@k** es la proporción de las películas relevantes del usuario que están entre ellas;
# - **hit rate@k** es la proporción de usuarios con al menos una película relevante entre ellas;
# - **NDCG@k** (*normalised discounted cumulative gain*) cuenta además *en qué puesto* están.
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
    f"precision@3 {n_hits / 3:.2f}, recall@3 {n_hits / np.count_nonzero(stars):.2f}, "
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
    ### BEGIN SOLUTION
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    discount = 1 / np.log2(np.arange(2, len(relevance) + 2))[:k]
    gained = relevance[np.argsort(-scores)][:k] @ discount
    possible = np.sort(relevance)[::-1][:k] @ discount
    return float(gained / possible)
    ### END SOLUTION


# %%
print(ndcg_of_one([3, 5, 0, 4], [3.0, 2.0, 4.0, 1.0], k=2))
print(ndcg_at_k([[3, 5, 0, 4]], [[3.0, 2.0, 4.0, 1.0]], k=2), "con la función del curso")

# %%
check("5.6", ndcg_of_one)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué película está en el puesto 1 de la lista, y cuál lo está en la lista perfecta? ¿Cuánto gana cada una de las dos?
# 2. `np.argsort(-scores)` da las películas de mejor a peor. El descuento del puesto p es 1 / log2(p + 1), con p desde 1. Corta las dos listas tras k puestos: la que se muestra y la perfecta. Si k es mayor que el número de películas, usa todos los puestos.
#
# ```python
# places = np.arange(1, len(relevance) + 1)
# discount = (1 / np.log2(...))[:k]
# gained = np.sum(relevance[np.argsort(...)][:k] * ...)
# possible = np.sum(np.sort(relevance)[...][:k] * ...)
# return ... / ...
# ```
#
# **Fíjate**
#
# El NDCG depende solo del orden de las puntuaciones: duplícalas todas y nada cambia. El RMSE depende de los valores.

# %% [markdown]
# ## La sorpresa
#
# Comparamos seis maneras de hacer listas: los cuatro modelos, la popularidad (la misma lista para todo el mundo, sin lo que cada usuario ya vio) y el azar. Una película a la que el usuario dio 5 estrellas en el conjunto de prueba gana 5, una con 1 estrella gana 1, y una que no ha valorado no gana nada.
#
# **Antes de ejecutarlo,** escribe en qué orden pondrías las seis. ¿Cuál es la mejor?

# %% [markdown] tags=["question"]
# Seis maneras de hacer listas: cuatro modelos (estrellas o sí/no, producto punto + sesgos o red profunda), la popularidad y el azar. Pon las seis en orden: ¿cuál queda arriba, según NDCG@10?
#
# - [ ] Los modelos profundos: son los que tienen más capas
#   - Son tan buenos como los demás en lo del sí o no. Una lista es otra pregunta, y más capas no cambian la pregunta.
# - [ ] Los modelos de sí/no: lo que gusta es lo que necesita una lista
#   - Saben distinguir lo que gustó de lo que no, *si* se vio. ¿Había en sus datos de entrenamiento alguna película que no se vio?
# - [ ] Los modelos de estrellas: su AUC era incluso algo mayor
#   - El AUC se midió entre películas valoradas. Una lista ordena también todas las demás.
# - [x] La popularidad: la misma lista para todos
#   - Es la única de las seis que se hace con lo que ve la gente. Sigue ejecutando, y mira por cuánto.
# - [ ] Nada supera al azar: las valoraciones de prueba son pocas
#   - Son pocas, pero lo que elige la gente está lejos del azar: ve lo que ve todo el mundo.

# %%
quiz("5.b")

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
mean, low, high = paired_bootstrap(ndcg["popularidad"], ndcg["sí/no: producto punto + sesgos"])
print(f"popularidad − sí/no: producto punto + sesgos: {mean:+.3f} (de {low:+.3f} a {high:+.3f})")
ranking.round(3)

# %% tags=["nbval-check-output"]
verdict(
    "NDCG@10 de la popularidad", ranking.loc["popularidad", "NDCG@10"], inside=(0.24, 0.30)
)
best_model = ranking.drop("popularidad")["NDCG@10"].max()
verdict("NDCG@10 del mejor de los cuatro modelos", best_model, at_most=0.25)

# %% [markdown]
# Gana la popularidad, y no por azar: todo el intervalo del 95 % de la diferencia queda por encima de 0. Unos modelos que distinguen lo que gustó de lo que no, con un AUC de más de 0.75, hacen peores listas que una lista fija de unos cincuenta títulos. Y los profundos, más o menos tan buenos como los demás en lo del sí o no, hacen las peores listas de los cuatro. ¿Es culpa de la métrica? Es verdad que una película con 1 estrella le cuenta algo. Pero en la última columna cuentan solo las de 4 y 5 estrellas, y la popularidad sigue ganando.
#
# > **Nota.** El NDCG depende de cuántas películas relevantes tiene cada usuario. En este conjunto de prueba son más de cuarenta, bastante más de un tercio de todo lo que valoró. En el de validación son unas siete, y ahí verás puntuaciones mucho más bajas.
#
# Así que mira qué recomiendan los modelos.

# %%
n_ratings = np.bincount(known["movie"], minlength=n_movies)
for name, scores in lists.items():
    typical = np.median(n_ratings[top_n(scores, 10)])
    print(f"{name:28} una película de su top 10 suele tener {typical:4.0f} valoraciones")

# %%
shown = recommend(lists["estrellas: red profunda"][0], split, movielens.movies, n=10)
shown.assign(ratings=n_ratings[top_n(lists["estrellas: red profunda"][0], 10)[0]]).round(2)

# %% [markdown]
# Entre películas conocidas y elogiadas encuentras algunas que ha visto poca gente. Un modelo entrenado con estrellas pone una así en la lista en cuanto sus pocos espectadores salieron encantados. Los profundos son los que más lo hacen, porque no tienen una penalización L2 que encoja hacia la media un vector con dos valoraciones. Y hasta puede que tengan razón: *si* el usuario la viera, le gustaría. Pero lo más probable es que no la vea, y entonces no está entre sus valoraciones de prueba.
#
# A los cuatro modelos se les preguntó «¿cómo valorará este usuario la película, **dado que la valora**?», y no se les entrenó en nada más. En la lección 01 vimos que las valoraciones no faltan *al azar*: las celdas vacías no son como las llenas. En los datos de entrenamiento no había ninguna celda vacía, así que estos modelos nunca vieron un ejemplo de película que *no* se vio.
#
# ## Retroalimentación implícita y muestreo de negativos
#
# Las estrellas son **retroalimentación explícita**: los usuarios dicen qué les parece una película. *Que* la hayan visto es **retroalimentación implícita**, como lo son los clics y las compras. Una lista debería contener lo que el usuario va a ver, así que ahora tomamos como sí el *hecho* de que haya una valoración.
#
# En la retroalimentación implícita no hay ningún «no». El **muestreo de negativos** (*negative sampling*) toma al azar películas que el usuario no ha valorado y las cuenta como un no. Alguna le encantaría. Pero en cada época sacamos otras nuevas, así que un mismo error rara vez se repite.
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
        Cuántas se sacan por cada elemento de `users`, siempre de entre todas las
        películas: una puede salir dos veces.
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
    ### BEGIN SOLUTION
    user = np.repeat(users, k)
    movie = rng.integers(0, rated.shape[1], size=len(user))
    unrated = rated[user, movie] == 0
    return user[unrated], movie[unrated]
    ### END SOLUTION


# %%
user, movie = sample_negatives(
    np.array([0]), np.array([[1, 0, 1, 0]]), 50, np.random.default_rng(0)
)
print(set(user.tolist()), set(movie.tolist()))

# %%
check("5.7", sample_negatives)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Quieres k películas por cada elemento de `users`. ¿Cuántas veces tienes que repetir cada usuario para que usuarios y películas formen pares?
# 2. `np.repeat(users, k)` y `rng.integers(0, n_movies, size=…)`, que deja fuera el extremo superior. ¿Cuáles de estos pares son 0 en `rated`? Quédate con esos, tanto los usuarios como las películas.
#
# ```python
# user = np.repeat(...)
# movie = rng.integers(0, ..., size=...)
# unrated = rated[..., ...] == 0
# return user[...], ...
# ```
#
# **Fíjate**
#
# Nadie ha dicho que no a estas películas. Son un no solo *casi siempre*, así que en cada época sacamos otras, y ninguna equivocada se queda.

# %%
rated = np.zeros((n_users, n_movies), dtype="float32")
rated[known["user"], known["movie"]] = 1
user, movie = sample_negatives(
    known["user"].to_numpy(), rated, 5, np.random.default_rng(0)
)
print(
    f"{len(known):,} positivos, {len(user):,} negativos, de ellos valorados: "
    f"{rated[user, movie].sum():.0f}"
)

# %% [markdown]
# Primero, un modelo que ya conoces. Esta vez, «sí/no: producto punto + sesgos» se entrena con las valoraciones de entrenamiento y de validación, y con cinco negativos por cada una. Toda película valorada es un sí a «la vio». Las estrellas dicen todavía hasta qué punto: una valoración de $r$ estrellas lleva la etiqueta $r/5$, y un negativo la etiqueta 0. La entropía cruzada admite fracciones así.
#
# > **Nota.** Algunos negativos son películas del conjunto de prueba. No se puede evitar: cuando se entrena un modelo, nadie sabe qué verá después el usuario.


# %%
def train_with_negatives(model, loss, positives, rated, epochs):
    """Entrena con positivos y negativos nuevos; entrega el modelo tras cada época."""
    rng = np.random.default_rng(5)
    model.compile(
        optimizer=keras.optimizers.Adam(0.005), loss=loss, steps_per_execution=20
    )
    for _ in range(epochs):
        user, movie = sample_negatives(positives["user"].to_numpy(), rated, 5, rng)
        both = {
            "user": np.concatenate([positives["user"], user]).astype("int32"),
            "movie": np.concatenate([positives["movie"], movie]).astype("int32"),
        }
        label = np.concatenate([positives["rating"] / 5, np.zeros(len(user))])
        model.fit(both, label[:, None].astype("float32"), batch_size=4096, verbose=0)
        yield model


keras.utils.set_random_seed(5)
same_model = build_model(deep=False, binary=True, bias_l2=1e-5, factor_l2=1e-5)
*_, same_model = train_with_negatives(
    same_model, keras.losses.BinaryCrossentropy(), known, rated, epochs=20
)
scores = mask_pairs(score_all(same_model, n_users, n_movies), known)
lists["muestreo de negativos: producto punto + sesgos"] = scores
for name in ("sí/no: producto punto + sesgos", "popularidad", "muestreo de negativos: producto punto + sesgos"):
    ndcg[name] = ndcg_at_k(relevance, lists[name], 10, per_user=True)
    print(f"NDCG@10 de prueba de {name}: {np.nanmean(ndcg[name]):.3f}")

# %% [markdown]
# El NDCG es más del doble, y las listas son ahora mucho mejores que las de la popularidad. El modelo es el mismo, con los mismos vectores y sesgos. Sus datos de entrenamiento no lo son: ahora contienen películas que *no* se vieron, y las etiquetas dicen hasta qué punto es un sí cada valoración.
#
# > **Nota.** La penalización L2 y la tasa de aprendizaje son menores que antes. ¿Qué pasa con los vectores, y con las listas, si dejas la penalización de antes? Para verlo, quita `bias_l2` y `factor_l2`.
#
# Ahora, un segundo modelo, que no tiene un vector por usuario. Su puntuación es un sesgo por película más el producto punto del vector de la película con el **historial** del usuario. Como en la lección 04, este es la suma de los vectores de lo que el usuario ha visto, sin la película del propio par, dividida entre la raíz cuadrada de cuántos son. Así puede hacer una lista para alguien que no estaba en los datos de entrenamiento, y al final de la lección ese alguien serás tú. La sigmoide está aquí dentro de la pérdida (`from_logits=True`).


# %%
class HistoryModel(keras.Model):
    """Puntuación = sesgo de película + historial del usuario · vector de película."""

    def __init__(self, rated, n_factors=32):
        super().__init__(name="history")
        self.rated = ops.convert_to_tensor(rated)
        penalty = keras.regularizers.L2(1e-5)
        start = keras.initializers.RandomNormal(stddev=0.05)
        n_movies = rated.shape[1]
        self.movie_bias = layers.Embedding(n_movies, 1, "zeros", penalty)
        self.movie_factors = layers.Embedding(n_movies, n_factors, start, penalty)
        self.when_rated = layers.Embedding(n_movies, n_factors, start, penalty)
        self.when_rated.build()

    def call(self, batch):
        user, movie = batch["user"], batch["movie"]
        sums = ops.matmul(self.rated, self.when_rated.embeddings)
        number = ops.take(ops.sum(self.rated, axis=1, keepdims=True), user, axis=0)
        place = user * self.rated.shape[1] + movie
        own = ops.take(ops.reshape(self.rated, (-1,)), place)[:, None]
        history = ops.take(sums, user, axis=0) - own * self.when_rated(movie)
        history = history / ops.sqrt(ops.maximum(number - own, 1.0))
        match = ops.sum(history * self.movie_factors(movie), axis=-1, keepdims=True)
        return self.movie_bias(movie) + match


def train_history_model(positives, rated, epochs):
    """Entrena el modelo de historial; lo entrega tras cada época."""
    keras.utils.set_random_seed(5)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    yield from train_with_negatives(HistoryModel(rated), loss, positives, rated, epochs)


rated_in_training = np.zeros((n_users, n_movies), dtype="float32")
rated_in_training[train["user"], train["movie"]] = 1
relevant_in_validation = relevance_matrix(valid, n_users, n_movies)
curve = [
    ndcg_at_k(
        relevant_in_validation,
        mask_pairs(score_all(model, n_users, n_movies), train),
        k=10,
    )
    for model in train_history_model(train, rated_in_training, epochs=20)
]

axes = plt.figure().add_subplot()
axes.plot(np.arange(1, 21), curve, "o-")
axes.xaxis.get_major_locator().set_params(integer=True)
axes.set_xlabel("época")
axes.set_ylabel("NDCG@10 de validación")
start = score_all(Popularity().fit(train, n_movies), n_users, n_movies)
start = ndcg_at_k(relevant_in_validation, mask_pairs(start, train), k=10)
axes.axhline(start, color=plots.ORANGE, ls="--", label="popularidad")
axes.legend()
axes.set_title("Las listas mejoran durante muchas épocas")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* la curva empieza por debajo de la popularidad (línea discontinua), la supera en las tres primeras épocas y acaba en una vez y media su valor o más. Sus altibajos son sobre todo azar, porque el conjunto de validación es pequeño.
#
# Todos los valores son bajos, porque la mayor parte de lo que le gustaría a un usuario está en el conjunto de *prueba*, y aquí cuenta como fallo. Paramos a las veinte épocas para ahorrar tiempo, entrenamos una vez más con las valoraciones de entrenamiento y de validación juntas, y miramos el conjunto de prueba.

# %%
*_, history_model = train_history_model(known, rated, epochs=20)
history_scores = score_all(history_model, n_users, n_movies)
lists["muestreo de negativos"] = mask_pairs(history_scores, known)
name = "muestreo de negativos"
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
for first, second in [
    ("muestreo de negativos", "popularidad"),
    ("muestreo de negativos: producto punto + sesgos", "sí/no: producto punto + sesgos"),
    ("muestreo de negativos", "muestreo de negativos: producto punto + sesgos"),
]:
    mean, low, high = paired_bootstrap(ndcg[first], ndcg[second])
    print(f"{first} − {second}: {mean:+.3f} (de {low:+.3f} a {high:+.3f})")
# %% tags=["nbval-check-output"]
verdict("NDCG@10 con muestreo de negativos", by_name["muestreo de negativos"], at_least=0.40)

# %% [markdown]
# Los dos modelos con negativos están igualados: el intervalo de su diferencia contiene el 0. Así que no es el historial lo que hace buenas estas listas. Tampoco es una red más profunda, porque ninguno de los dos la tiene. A ambos se les hizo otra *pregunta*: no «¿cómo valorará esto el usuario?», sino «¿lo verá?». Es el resultado más importante de este curso. El historial sirve para otra cosa: los usuarios nuevos.
#
# ## Un rival en una fórmula: EASE
#
# Antes de alabar un modelo que necesitó veinte épocas, pregúntate qué consigue una fórmula. Escribe las valoraciones de entrenamiento como una matriz $X$ de usuarios × películas: las estrellas divididas entre 5, y 0 donde no hay valoración. Busca luego una matriz $W$ de películas × películas tal que $XW$ se parezca a $X$. Cada película se explica así por las *otras* que valoró el usuario, pues la diagonal de $W$ tiene que ser 0: si no, cada película se explicaría a sí misma, a la perfección y sin provecho alguno. Con una penalización L2 $\lambda$ sobre $W$ hay una solución exacta, que encontró Steck en 2019:
#
# $$P = (X^\top X + \lambda I)^{-1}, \qquad W_{ij} = -P_{ij} / P_{jj}
# \quad (i \neq j)$$
#
# Un modelo que devuelve las filas que recibió es un *autoencoder*. **EASE** (*embarrassingly shallow autoencoder*) es uno lineal y sin capa oculta. No necesita épocas ni tasa de aprendizaje. Solo hay que elegir $\lambda$, y lo hacemos con las valoraciones de validación.


# %%
def star_matrix(ratings):
    """Estrellas / 5 de todos los usuarios y películas; 0 donde no hay valoración."""
    stars = np.zeros((n_users, n_movies))
    stars[ratings["user"], ratings["movie"]] = ratings["rating"] / 5
    return stars


def solve_ease(stars, penalty):
    """Los pesos de película a película que mejor explican `stars`, ninguno a sí misma."""
    inverse = np.linalg.inv(stars.T @ stars + penalty * np.eye(stars.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


train_stars, known_stars = star_matrix(train), star_matrix(known)
in_validation = {}
for penalty in [10, 30, 100, 300, 1000]:
    scores = train_stars @ solve_ease(train_stars, penalty)
    scores = mask_pairs(scores, train)
    in_validation[penalty] = ndcg_at_k(relevant_in_validation, scores, 10)
best_penalty = max(in_validation, key=in_validation.get)
scores = known_stars @ solve_ease(known_stars, best_penalty)
lists["EASE"] = mask_pairs(scores, known)
ndcg["EASE"] = ndcg_at_k(relevance, lists["EASE"], 10, per_user=True)
by_name["EASE"] = np.nanmean(ndcg["EASE"])
print(
    "NDCG@10 de validación por penalización:", {k: round(v, 3) for k, v in in_validation.items()}
)
for name in ("popularidad", "muestreo de negativos", "EASE"):
    print(f"NDCG@10 de prueba de {name}: {by_name[name]:.3f}")
mean, low, high = paired_bootstrap(ndcg["EASE"], ndcg["muestreo de negativos"])
print(f"EASE − muestreo de negativos: {mean:+.3f} (de {low:+.3f} a {high:+.3f})")
# %% tags=["nbval-check-output"]
verdict("NDCG@10 de EASE", by_name["EASE"], at_least=0.42)

# %% [markdown]
# EASE tarda unos segundos, y sus listas son mejores que las del modelo con muestreo de negativos. El intervalo de la diferencia queda por encima de 0, y otra semilla mueve las listas de ese modelo solo en torno a 0.005 ([mediciones](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md)). Es un punto delicado del campo. Ferrari Dacrema y otros (2019, más abajo) solo pudieron reproducir 7 de 18 recomendadores neuronales publicados, y a 6 de ellos los superaban a menudo métodos simples, como los vecinos más cercanos.
#
# ¿Para qué entrenar entonces un modelo paso a paso? $W$ tiene un número por cada par de películas: aquí casi dos millones; en una tienda con un millón de artículos, 10¹². El tiempo de la inversa crece incluso con la *tercera* potencia de su número, mientras que las tablas de vectores crecen solo con el número. Y en $X$ no hay sitio para un género, un texto o la hora del día. Entradas como esas son lo que justifica una red.
#
# Dos cosas para probar en una celda nueva: un 1 en lugar de las estrellas, `(known_stars > 0) * 1.0`, y una diagonal que no se pone a 0.
#
# ## Qué le hace una lista a la cola larga
#
# Dos preguntas más sobre las listas de un modelo: ¿qué proporción del catálogo está en al menos una de ellas (**cobertura**)? ¿Y son muy populares las películas que muestran?

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
        xytext=(7, -11 if name in below else 3),
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
# *Cómo leer la figura:* el azar lo muestra casi todo y no sirve de nada. La popularidad enseña a todo el mundo unos cincuenta taquillazos, y los modelos profundos, aún menos películas distintas. El modelo de historial da listas mucho mejores *y* muestra unas seis veces más películas que la popularidad, pero aún menos de la cuarta parte del catálogo.
#
# Mira también la popularidad de sus películas. No son más populares que las de «sí/no: producto punto + sesgos», que tiene menos de la mitad de su NDCG. Así que no gana por mostrar éxitos, sino por mostrar a cada usuario las películas adecuadas.
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
guest({name: rows[:1] for name, rows in pairs(train).items()})  # builds the tables
guest.set_weights(history_model.get_weights())
my_scores = score_all(guest, n_users, n_movies, users=[0])[0]
my_scores[my_rows] = -np.inf
recommend(my_scores, split, movielens.movies, n=5).round(2)

# %% [markdown]
# La puntuación es la de antes de la sigmoide, así que solo su orden significa algo. No son las películas a las que darías más estrellas, sino lo que también vio la gente con tu historial. Si ya has visto alguna, la lista acierta contigo, y no te sirve.
#
# ## Para recordar
#
# - Un umbral convierte estrellas en sí y no. Di dónde está, y qué significan 3 estrellas.
# - La exactitud no significa nada sin su tasa base. El AUC compara órdenes, y sobre todos los usuarios premia además saber quién valora con generosidad. La calibración dice si puedes fiarte de una probabilidad.
# - Enmascara con −∞ lo ya visto, y puntúa todos los pares en unas pocas llamadas.
# - Un modelo entrenado sin películas no vistas no sabe ordenarlas: buen RMSE, mala lista.
# - El muestreo de negativos hace la pregunta correcta: ¿qué verá el usuario?
# - Compara cada modelo con uno simple, como EASE, y ajusta los dos.
# - Di cuánta seguridad tiene una diferencia. Los modelos se prueban con los mismos usuarios, así que compáralos usuario a usuario.
# - Mira también la cobertura y la popularidad.
#
# ## Para seguir leyendo
#
# - Y. Hu, Y. Koren y C. Volinsky, [Collaborative Filtering for Implicit Feedback Datasets](https://doi.org/10.1109/ICDM.2008.22), 2008: todas las películas no vistas como negativos débiles, sin muestreo.
# - P. Cremonesi, Y. Koren y R. Turrin, [Performance of Recommender Algorithms on Top-N Recommendation Tasks](https://doi.org/10.1145/1864708.1864721), 2010: los modelos con un buen RMSE no tienen por qué dar buenas listas. (Cada lista ordena allí una película que gustó entre 1000 tomadas al azar.)
# - X. He et al., [Neural Collaborative Filtering](https://arxiv.org/abs/1708.05031), 2017: muestreo de negativos con una red.
# - H. Steck, [Embarrassingly Shallow Autoencoders for Sparse Data](https://arxiv.org/abs/1905.03375), 2019: EASE.
# - M. Ferrari Dacrema, P. Cremonesi y D. Jannach, [Are We Really Making Much Progress?](https://arxiv.org/abs/1907.06902), 2019: recomendadores neuronales comparados con modelos base bien ajustados.
#
# **Siguiente:** la lección 06 abre las tablas y mira qué han aprendido los vectores.

# %% tags=["instructor"]
# Minutos: 75. Lo esencial es la predicción antes de «La sorpresa»: recoge los órdenes que escriban los estudiantes. Si falta tiempo, sáltate la calibración. Ideas equivocadas: «un AUC mayor significa mejores listas»; «una película sin valoración es una que no gusta»; «los negativos tienen que ser rechazos de verdad». Preguntas abiertas: el 0 no está por debajo de todas las puntuaciones si el modelo da logits o las puntuaciones están centradas; la popularidad es la mejor de las seis, y los modelos profundos son peores que producto punto + sesgos.
