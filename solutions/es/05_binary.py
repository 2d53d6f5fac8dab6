# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/05_binary.ipynb)

# %% [markdown]
# # 5 · Binario: de las estrellas a la lista
#
# Nadie abre una plataforma de streaming para enterarse de que una película será un 3.7. Lo que se quiere es una lista, y a una lista no le hacen falta estrellas: le basta un orden. En esta lección convertimos las valoraciones primero en un sí o un no, y después en un *ranking*. Ahí espera la mayor sorpresa del curso. Su causa está en los datos, a la vista, desde la lección 01.
#
# **Al terminar, podrás**
#
# - convertir valoraciones en sí y no, y decir qué decide el corte;
# - leer la exactitud junto a su tasa base, el ROC AUC y un gráfico de calibración;
# - construir la matriz completa de puntuaciones, tachar lo ya visto y calcular el NDCG a mano;
# - explicar por qué un buen RMSE y una buena lista son dos cosas distintas;
# - entrenar con negativos muestreados, y comparar la red con una fórmula;
# - ver qué le hace una lista a la cola larga.
#
# **Tiempo** 75 minutos de trabajo, más o menos un minuto de cómputo. **Antes de empezar** lecciones 01 a 04.

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
# Para los *rankings* usamos otra partición, la misma con la que un cuaderno público obtuvo sus cifras: el *fold* oficial u1, solo con los usuarios y las películas que aparecen en ambas partes. (Si tu copia de las valoraciones no trae *folds* oficiales, ocupa su lugar una partición parecida, de la misma forma; la línea de abajo te dice cuál es.) Ya sabes por la lección 01 qué tiene de malo ese filtro. Como da a todos los modelos la misma ventaja, podemos compararlos entre sí y con las cifras publicadas. Lo que no podemos es prometerle a nadie que en la tienda vayan a salir igual de bien.

# %%
movielens = load_movielens()
split = ranking_split(movielens, fold=1, valid=0.1, filtered=True, seed=0)
train, valid, test = split.train, split.valid, split.test
n_users, n_movies = split.n_users, split.n_movies
split

# %% [markdown]
# ## ¿Dónde va el corte?
#
# 4 y 5 estrellas son un sí; 1 y 2, un no. ¿Y 3? En este sitio un 3 significa «para pasar el rato», y la media es 3.5, así que un 3 queda *por debajo* de la media. Decimos que no. El cuaderno público dice lo mismo sin decirlo: lleva las estrellas a la escala 0…1 y pide *más* de 0.5, y 3 estrellas se quedan justo a las puertas.
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
for cut in (3, 4, 5):
    share = to_yes_no(train["rating"], cut).mean()
    print(f"sí desde {cut} estrellas: el {share:.0%} de las valoraciones son un sí")

# %%
check("5.1", to_yes_no)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué da NumPy para `np.array([3, 4, 5]) >= 4`?
# 2. Una lista no entiende `>=`: haz primero un arreglo con ella, con `np.asarray`. Después compara con `liked_from`, y convierte True y False en números con `.astype(…)`.
#
# ```python
# def to_yes_no(ratings, liked_from=4):
#     is_yes = np.asarray(...) >= ...
#     return is_yes.astype(...)
# ```
#
# **Fíjate**
#
# 3.5 estrellas son un no con el corte por defecto, y en una puntuación nadie lo notaría: di dónde cortas.

# %% [markdown]
# El corte decide de qué trata el modelo. Desde 3 estrellas casi todo es un sí, y el modelo aprende «no la odió»; desde 5, aprende «le encantó». Quien diga «exactitud del 82 %» tiene que decir dónde puso el corte.
#
# ## Una probabilidad y su pérdida
#
# A una pregunta de sí o no, un modelo debería responder con una probabilidad. Una *sigmoide* comprime cualquier puntuación $s$ hasta que cabe en 0…1, y la *entropía cruzada binaria* mide cuánto sorprende al modelo la verdad $y$:
#
# $$p = \frac{1}{1+e^{-s}} \qquad
# \text{BCE} = -\frac1n\sum_i \big[y_i \log p_i + (1-y_i)\log(1-p_i)\big]$$
#
# ### Ejercicio 5.2 — la sorpresa, a mano (6 minutos)
#
# Con NumPy. El logaritmo de 0 es infinito, así que mantén $p$ entre `tiny` y 1 − `tiny`.


# %%
def sigmoid(scores):
    """Comprime puntuaciones en 0…1.

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
    """Entropía cruzada binaria media.

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
# 1. ¿Cuánto es log 0? ¿Y en cuál de las dos mitades de la fórmula cuenta una valoración con y = 1, y en cuál una con y = 0?
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
# Una respuesta segura y equivocada cuesta aquí 16, y solo gracias a `tiny`. Sin él, una sola respuesta así haría infinita la pérdida de todas las demás.

# %% [markdown]
# «Ni idea» cuesta log 2 = 0.693 por valoración. Equivocarse con seguridad cuesta más de lo que ahorra acertar con seguridad: la pérdida quiere probabilidades honestas.
#
# ## Cuatro modelos frente a frente
#
# Ya has construido todas sus piezas; aquí están en una sola función, con red o sin ella, para estrellas o para sí y no.


# %%
def build_model(deep, binary, n_factors=32):
    """Producto + sesgos o un modelo profundo; estrellas o la probabilidad de un sí."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")

    def embedded(index, rows, columns, name):
        start = "zeros" if columns == 1 else "uniform"
        penalty = keras.regularizers.L2(1e-4 if columns == 1 else 3e-4)
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
    ("estrellas: producto + sesgos", False, False),
    ("estrellas: profunda", True, False),
    ("sí/no: producto + sesgos", False, True),
    ("sí/no: profunda", True, True),
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
# La exactitud es la proporción de respuestas correctas, contando como sí toda probabilidad de al menos 0.5. A su lado tiene que ir la *tasa base*: la exactitud de quien responde siempre lo más común.


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
# 1. Alguien responde siempre «no». ¿Cuántas veces acierta si un 30 % son un sí? ¿Y qué responderías tú, sin mirar, si lo son un 70 %?
# 2. `np.ravel` lleva ambos a la forma (n,). `probability >= 0.5` es la respuesta; compárala con `liked == 1` y toma la media. La respuesta más común es la mayor de dos proporciones.
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

# %%
liked_test = to_yes_no(test["rating"])
auc = {}
for name, model in models.items():
    answers = model.predict(pairs(test), batch_size=8192, verbose=0)
    auc[name] = roc_auc_score(liked_test, np.ravel(answers))
    if name.startswith("sí/no"):
        accuracy, base_rate = accuracy_and_base_rate(liked_test, answers)
        print(
            f"{name:28} exactitud {accuracy:.3f} (tasa base {base_rate:.3f}), AUC "
            f"{auc[name]:.3f}, BCE {surprise(liked_test, answers):.3f}"
        )
    else:
        print(f"{name:28} AUC {auc[name]:.3f}")

# %% tags=["nbval-check-output"]
verdict("AUC de sí/no, producto + sesgos", auc["sí/no: producto + sesgos"], inside=(0.74, 0.80))

# %% [markdown]
# Una exactitud de alrededor de 0.7 suena bien, hasta que te das cuenta de que diciendo «sí» a todo se acierta ya en más de la mitad. El **ROC AUC** no necesita umbral y tiene la misma escala sea cual sea la tasa base: es la probabilidad de que una película que gustó, tomada al azar, tenga mayor puntuación que una que no gustó. 0.5 es adivinar. También sirve para medir los modelos de estrellas, porque le basta un orden. Y no salen peor parados; hasta van un poco por delante: el corte tiró a la basura que un 5 es más que un 4.
#
# ## ¿Se puede creer en las probabilidades?
#
# Si un modelo dice 0.8 cien veces, unas ochenta deberían ser un sí. Eso es la *calibración*.
#
# ### Ejercicio 5.4 — lo dicho y lo cierto (7 minutos)
#
# Reparte las predicciones en diez tramos de igual anchura: de 0 hasta justo antes de 0.1, de 0.1 hasta justo antes de 0.2, …, de 0.9 a 1. De cada tramo que no esté vacío, da la probabilidad media que se dijo, la proporción de síes entre sus valoraciones y cuántas son.


# %%
def calibration(liked, probability, n_bins=10):
    """Lo que dice un modelo y lo que es cierto, tramo a tramo.

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
        con las columnas `said` (probabilidad media), `true` (proporción de síes) y
        `size` (número de valoraciones), en este orden; el índice puede ser cualquiera.

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
# 1. ¿En qué tramo cae 0.37, y qué tiene que ver eso con 0.37 · 10? ¿Y adónde lleva 1.0 · 10?
# 2. Numera los tramos con la parte entera de p · n_bins, y baja el último número con `np.minimum`. Después haz `groupby` con ese número: un tramo vacío ni siquiera aparece.
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
axes = plt.figure(figsize=(5.2, 4.2)).add_subplot()
axes.plot([0, 1], [0, 1], "--", color=plots.GREY, label="calibración perfecta")
axes.axhline(liked_test.mean(), color="black", ls=":", lw=1, label="tasa base")
for name, marker in [("sí/no: producto + sesgos", "o-"), ("sí/no: profunda", "s-")]:
    answers = models[name].predict(pairs(test), batch_size=8192, verbose=0)
    bins = calibration(liked_test, answers)
    axes.plot(bins["said"], bins["true"], marker, label=name)
axes.set_xlabel("probabilidad que dice el modelo")
axes.set_ylabel("proporción de síes entre esas valoraciones")
axes.set_title("Lo dicho y lo cierto")
axes.legend()
plt.show()

# %% [markdown]
# *Cómo leer la figura:* el modelo profundo dice más o menos lo que es cierto. Producto + sesgos peca de tímido: donde dice 0.35, es un sí la cuarta parte, y donde dice 0.65, siete de cada diez. Su L2 tira de todas las puntuaciones hacia la tasa base. Eso no toca el *orden*, y el AUC no se ha enterado; quien use el número como probabilidad sí se enteraría.
#
# ## De las puntuaciones a las listas
#
# Ahora, la lista. Puntúa *todas* las películas para cada usuario, tacha las que ya ha valorado, ordena y muestra las primeras.
#
# **Lo ya visto, fuera.** El cuaderno público lo hace poniendo a 0 esas puntuaciones en la matriz de predicciones. Con estrellas, el 0 está por debajo de todo; pero después hace lo mismo con otros modelos.

# %% [markdown] tags=["question"]
# Una lista no debería mostrar lo que el usuario ya vio. ¿Con cuáles de estas puntuaciones el 0 *no* está por debajo de todas, de modo que una película vista puesta a 0 puede acabar arriba?
#
# - [ ] Estrellas predichas, de 1 a 5
#   - Con estrellas, el 0 queda al fondo: la máscara publicada funciona ahí, y por eso nadie se dio cuenta.
# - [ ] Probabilidades, después de una sigmoide
#   - Una probabilidad nunca está por debajo de 0, así que aquí el 0 también queda al fondo. Mira la puntuación antes de su sigmoide.
# - [x] Puntuaciones antes de la sigmoide (logits)
#   - La mitad o más están por debajo de 0: siempre que el modelo dice que no. Una película vista con un 0 se pondría delante de todas esas.
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
# 2. Copia antes la matriz: `scores[...] = …` escribe en la que te dieron. Las filas y columnas de todos los pares se pueden dar de una vez, como dos listas que van a la par.
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
# Menos infinito está por debajo de cualquier número que pueda decir un modelo, así que nadie tiene que saber cómo puntúa el modelo.

# %% [markdown]
# De aquí en adelante usamos la `mask_pairs` del curso, que hace lo mismo, y `score_all`, que pasa todos los usuarios × películas por un modelo en unas pocas llamadas grandes. (El cuaderno público llama a `predict` una vez por usuario, y espera un minuto por modelo.)
#
# ## ¿Cuánto vale una lista? NDCG
#
# Una buena lista tiene arriba lo que le gustó al usuario. El **DCG** paga por cada película relevante, aquí según su valoración de prueba, y la paga mengua con el puesto $p$: se divide entre $\log_2(p+1)$, y queda en 1, 0.63, 0.5, 0.43, … El **NDCG** divide entre lo que cobraría la lista perfecta. 1 es perfecto.
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
# 1. ¿Qué película está en el puesto 1 de la lista, y cuál estaría ahí en la lista perfecta? ¿Cuánto se lleva por ella cada una de las dos?
# 2. `np.argsort(-scores)` da las películas de mejor a peor. El descuento del puesto p es 1 / log2(p + 1), con p desde 1. Corta las dos listas tras k puestos: la que se muestra y la perfecta. Si k pasa del final, simplemente hay menos puestos.
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
# Las puntuaciones en sí no cuentan nunca, solo el orden que forman: duplícalas todas, y no cambia nada. El RMSE ve justo lo contrario.

# %% [markdown]
# ## La sorpresa
#
# Seis maneras de hacer listas: los cuatro modelos, la popularidad (la misma lista para todo el mundo, menos lo que cada cual ya vio) y el azar. Qué es relevante lo dicen las valoraciones de prueba: una película que el usuario vio y valoró con 5 estrellas da 5 puntos; una con 1 estrella da 1, y una que no ha valorado no da nada.
#
# **Antes de ejecutarlo,** escribe en qué orden pondrías las seis. ¿Cuál es la mejor?

# %% [markdown] tags=["question"]
# Seis maneras de hacer listas: cuatro modelos (estrellas o sí/no, producto + sesgos o profundo), la popularidad y el azar. Pon las seis en orden: ¿cuál queda arriba, según NDCG@10?
#
# - [ ] Los modelos profundos: son los que tienen más capas
#   - Son tan buenos como los demás en lo del sí o no. Una lista es otra pregunta, y más capas no la hacen.
# - [ ] Los modelos de sí/no: lo que gusta es lo que necesita una lista
#   - Saben distinguir lo que gustó de lo que no, *si* se vio. ¿Se han topado alguna vez con una película que no se vio?
# - [ ] Los modelos de estrellas: su AUC era incluso algo mayor
#   - El AUC se midió entre películas valoradas. En la lista se encuentran también con todas las demás.
# - [x] La popularidad: la misma lista para todos
#   - Es la única de las seis que sabe qué ve la gente. Sigue ejecutando, y mira por cuánto.
# - [ ] Nada supera al azar: las valoraciones de prueba son pocas
#   - Pocas son, pero lo que elige la gente está lejos del azar: ve lo que ve todo el mundo.

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
ranking.round(3)

# %% tags=["nbval-check-output"]
verdict(
    "NDCG@10 de la popularidad", ranking.loc["popularidad", "NDCG@10"], inside=(0.24, 0.30)
)
best_model = ranking.drop("popularidad")["NDCG@10"].max()
verdict("NDCG@10 del mejor de los cuatro modelos", best_model, at_most=0.25)

# %% [markdown]
# Gana la popularidad, y no por poco. Unos modelos que distinguen lo que gustó de lo que no, con un AUC de más de 0.75, hacen peores listas que una hoja de papel con unas docenas de títulos. Y los profundos, tan buenos como los demás en lo del sí o no, hacen las peores listas de los cuatro. ¿Está rota la métrica? Es verdad que una película con 1 estrella le cuenta algo; pero cuenta solo las de 4 y 5 estrellas (la última columna), y la popularidad sigue ganando. Así que mira qué recomiendan los modelos.

# %%
n_ratings = np.bincount(known["movie"], minlength=n_movies)
for name, scores in lists.items():
    typical = np.median(n_ratings[top_n(scores, 10)])
    print(f"{name:28} una película de su top 10 suele tener {typical:4.0f} valoraciones")

# %%
shown = recommend(lists["estrellas: profunda"][0], split, movielens.movies, n=10)
shown.assign(ratings=n_ratings[top_n(lists["estrellas: profunda"][0], 10)[0]]).round(2)

# %% [markdown]
# Entre películas conocidas y elogiadas aparece de vez en cuando una que casi nadie ha visto. Un modelo entrenado con estrellas la pone en la lista en cuanto sus pocos espectadores salieron encantados; los profundos, más que ninguno: no tienen una L2 que encoja hacia la media un vector con dos valoraciones. Y hasta puede que tengan razón: *si* la vieras, te gustaría. Pero no la vas a ver, y por eso no está entre tus valoraciones de prueba. A los modelos se les preguntó «¿cómo valorará este usuario la película, **dado que la valora**?», y no se les entrenó en nada más. En la lección 01 vimos que las celdas vacías no son como las llenas. Ni una sola celda vacía estaba en los datos de entrenamiento: estos modelos no se han topado jamás con una película que *no* se vio.
#
# ## Enséñale lo que no se vio
#
# Así que tomamos como sí el *hecho* de que haya una valoración, y para el no tomamos al azar películas que el usuario no ha valorado: *negativos muestreados*. Alguna de ellas le encantaría, pero la mayoría no; y como en cada época se toman otras nuevas, los errores se compensan.
#
# ### Ejercicio 5.7 — saca negativos al azar (8 minutos)
#
# Para cada elemento de `users`, saca `k` películas al azar; descarta las que el usuario ya ha valorado. (Así, a un usuario con muchas valoraciones le tocan unas pocas menos. No importa.)


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
# 1. Quieres k películas por cada elemento de `users`. ¿Cuántas veces tiene que aparecer cada usuario para que usuarios y películas queden lado a lado?
# 2. `np.repeat(users, k)` y `rng.integers(0, n_movies, size=…)`: el extremo superior queda fuera. ¿Cuáles de estos pares son 0 en `rated`? Quédate con esos, en ambos lados.
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
# Nadie ha dicho que no a estas películas. Son un no solo *casi siempre*, y se sacan de nuevo en cada época, para que ninguna equivocada se quede.

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
# El modelo: un sesgo por película y el producto punto del vector de la película con el *historial* del usuario, como en la lección 04: la suma de los vectores de lo que el usuario ha visto, sin la película del propio par, dividida entre la raíz cuadrada de cuántos son. El usuario no tiene un vector propio: aquí un usuario *es* lo que ha visto. La puntuación pasa por una sigmoide dentro de la pérdida (`from_logits=True`). (Algunos negativos son películas del conjunto de prueba: no podemos saberlo, y no debemos mirar.)


# %%
class WatchModel(keras.Model):
    """Puntuación = sesgo de película + historial del usuario · vector de película."""

    def __init__(self, rated, n_factors=32):
        super().__init__(name="watch")
        self.rated = ops.convert_to_tensor(rated)
        penalty = keras.regularizers.L2(1e-5)
        start = keras.initializers.RandomNormal(stddev=0.05)
        n_movies = rated.shape[1]
        self.movie_bias = layers.Embedding(n_movies, 1, "zeros", penalty)
        self.movie_factors = layers.Embedding(n_movies, n_factors, start, penalty)
        self.when_watched = layers.Embedding(n_movies, n_factors, start, penalty)
        self.when_watched.build()

    def call(self, batch):
        user, movie = batch["user"], batch["movie"]
        sums = ops.matmul(self.rated, self.when_watched.embeddings)
        number = ops.take(ops.sum(self.rated, axis=1, keepdims=True), user, axis=0)
        place = user * self.rated.shape[1] + movie
        own = ops.take(ops.reshape(self.rated, (-1,)), place)[:, None]
        history = ops.take(sums, user, axis=0) - own * self.when_watched(movie)
        history = history / ops.sqrt(ops.maximum(number - own, 1.0))
        match = ops.sum(history * self.movie_factors(movie), axis=-1, keepdims=True)
        return self.movie_bias(movie) + match


# %% [markdown]
# Un detalle sobre las etiquetas. Que alguien haya visto una película y le haya puesto 1 estrella es un sí a «la vio», pero un sí muy flojo a «recomiéndala». Dejamos que una valoración de $r$ estrellas cuente como $r/5$ de un sí: la entropía cruzada también admite fracciones.


# %%
def train_watch_model(positives, rated, epochs):
    """Entrena con positivos y negativos nuevos; entrega el modelo tras cada época."""
    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    model = WatchModel(rated)
    model.compile(
        optimizer=keras.optimizers.Adam(0.005),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        steps_per_execution=20,
    )
    for _ in range(epochs):
        user, movie = sample_negatives(positives["user"].to_numpy(), rated, 5, rng)
        both = {
            "user": np.concatenate([positives["user"], user]).astype("int32"),
            "movie": np.concatenate([positives["movie"], movie]).astype("int32"),
        }
        label = np.concatenate([positives["rating"] / 5, np.zeros(len(user))])
        model.fit(both, label.astype("float32"), batch_size=4096, verbose=0)
        yield model


rated_in_training = np.zeros((n_users, n_movies), dtype="float32")
rated_in_training[train["user"], train["movie"]] = 1
relevant_in_validation = relevance_matrix(valid, n_users, n_movies)
curve = [
    ndcg_at_k(
        relevant_in_validation,
        mask_pairs(score_all(model, n_users, n_movies), train),
        k=10,
    )
    for model in train_watch_model(train, rated_in_training, epochs=20)
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
# *Cómo leer la figura:* empieza cerca de la popularidad (línea discontinua), porque lo primero que se aprende es el sesgo de cada película, y sube, cada vez más despacio, hasta una vez y media ese valor. Tiembla porque el conjunto de validación es pequeño. Los valores son bajos porque la mayor parte de lo que le gustaría a un usuario está en el conjunto de *prueba*, y aquí cuenta como fallo. Paramos a las veinte épocas para no abusar de tu tiempo, entrenamos una vez más con las valoraciones de entrenamiento y de validación juntas, y miramos el conjunto de prueba.

# %%
*_, watch_model = train_watch_model(known, rated, epochs=20)
watch_scores = score_all(watch_model, n_users, n_movies)
lists["negativos muestreados"] = mask_pairs(watch_scores, known)
by_name = {name: ndcg_at_k(relevance, s, 10) for name, s in lists.items()}
by_name = dict(sorted(by_name.items(), key=lambda item: -item[1]))
plots.plot_bars(
    by_name,
    by_name.values(),
    "¿De quién es ahora la mejor lista?",
    "NDCG@10",
    highlight=["popularidad"],
)
# %% tags=["nbval-check-output"]
verdict("NDCG@10 con negativos muestreados", by_name["negativos muestreados"], at_least=0.40)

# %% [markdown]
# De quedar por debajo de la popularidad a una vez y media la popularidad. El modelo ha cambiado un poco (un historial en vez de un vector de usuario), pero la diferencia la hizo otra *pregunta*. Es la cifra más importante de este curso.
#
# ## Un rival sin red
#
# Antes de presumir de red, pregúntate qué consigue una fórmula. Escribe las valoraciones de entrenamiento como una matriz $X$ de usuarios × películas: las estrellas divididas entre 5, y 0 donde no hay valoración. Busca luego una matriz $W$ de películas × películas tal que $XW$ se parezca a $X$: cada película se explica por las *otras* que valoró el usuario. (La diagonal de $W$ tiene que ser 0. Si no, cada película se explicaría a sí misma, a la perfección y sin provecho alguno.) Con una penalización L2 $\lambda$ sobre $W$ hay una solución exacta, que encontró Steck en 2019:
#
# $$P = (X^\top X + \lambda I)^{-1}, \qquad W_{ij} = -P_{ij} / P_{jj}
# \quad (i \neq j)$$
#
# Entran filas y salen las mismas filas: es un *autoencoder*, lineal y sin capa oculta. No hay épocas ni tasa de aprendizaje. Solo hay que elegir $\lambda$, y de eso se encargan las valoraciones de validación.


# %%
def star_matrix(ratings):
    """Estrellas / 5 de todos los usuarios y películas; 0 donde no hay valoración."""
    stars = np.zeros((n_users, n_movies))
    stars[ratings["user"], ratings["movie"]] = ratings["rating"] / 5
    return stars


def solve_linear_autoencoder(stars, penalty):
    """Los pesos de película a película que mejor explican `stars`, ninguno a sí misma."""
    inverse = np.linalg.inv(stars.T @ stars + penalty * np.eye(stars.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


train_stars, known_stars = star_matrix(train), star_matrix(known)
in_validation = {}
for penalty in [10, 30, 100, 300, 1000]:
    scores = train_stars @ solve_linear_autoencoder(train_stars, penalty)
    scores = mask_pairs(scores, train)
    in_validation[penalty] = ndcg_at_k(relevant_in_validation, scores, 10)
best_penalty = max(in_validation, key=in_validation.get)
scores = known_stars @ solve_linear_autoencoder(known_stars, best_penalty)
lists["autoencoder lineal"] = mask_pairs(scores, known)
by_name["autoencoder lineal"] = ndcg_at_k(relevance, lists["autoencoder lineal"], 10)
print("NDCG@10 de validación por penalización:", {k: round(v, 3) for k, v in in_validation.items()})
for name in ("popularidad", "negativos muestreados", "autoencoder lineal"):
    print(f"NDCG@10 de prueba de {name}: {by_name[name]:.3f}")
# %% tags=["nbval-check-output"]
verdict(
    "NDCG@10 del autoencoder lineal", by_name["autoencoder lineal"], at_least=0.42
)

# %% [markdown]
# Unos segundos, y queda a la par de la red o por delante. (El error de muestreo ronda 0.011, así que dos centésimas merecen una segunda mirada, y una no.) Acabas de dar con un punto doloroso del campo: muchas redes publicadas se compararon con modelos base flojos, y pierden frente a métodos sencillos que alguien se tomó la molestia de ajustar (Ferrari Dacrema y otros, más abajo).
#
# Entonces, ¿para qué sirve una red? $W$ tiene un número por cada dos películas: aquí no llegan a dos millones; en una tienda con un millón de artículos serían un millón de millones, y el tiempo de la inversa crece con la *tercera* potencia. Las tablas de una red crecen solo con el número de películas. Además, una red admite lo que en $X$ no tiene sitio: un género, un texto, la hora del día. Dos cosas para probar en una celda nueva: un 1 en lugar de las estrellas, `(known_stars > 0) * 1.0`, y una diagonal que nadie pone a 0.
#
# ## Lo que una lista le hace a la cola
#
# A una lista hay que preguntarle dos cosas más: ¿qué proporción del catálogo llega a mostrar (*cobertura*)? ¿Y qué tan populares son las películas que muestra?

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
axes = plt.figure().add_subplot()
axes.scatter(overview["coverage@10"], overview["NDCG@10"], s=60)
for name, row in overview.iterrows():
    axes.annotate(
        name,
        (row["coverage@10"], row["NDCG@10"]),
        fontsize=9,
        textcoords="offset points",
        xytext=(7, -11 if name.startswith("estrellas") else 3),
    )
axes.set_xlabel("coverage@10 (cobertura): proporción de películas en al menos una lista")
axes.set_ylabel("NDCG@10")
axes.set_title("Buenas listas, y listas que muestran el catálogo")
axes.set_xlim(-0.05, 1.2)  # room for the names on the right
axes.set_xticks(np.linspace(0, 1, 6))
axes.margins(y=0.12)
plt.show()

# %% [markdown]
# *Cómo leer la figura:* el azar muestra casi todo y no sirve para nada; la popularidad es decente y muestra a todo el mundo unos cincuenta taquillazos; los modelos profundos muestran todavía menos películas distintas. Los negativos muestreados son mejores *y* muestran unas seis veces lo que la popularidad, aunque todavía menos de la cuarta parte de todas las películas. Y sus películas no son más populares que las de sí/no: producto + sesgos, que no llega ni a la mitad de su NDCG: no son las populares, son las adecuadas para cada usuario. Una tienda que entrene con lo que la gente vio por culpa de sus propias listas verá crecer la cabeza y marchitarse la cola. El NDCG no ve eso; te toca mirarlo a ti.
#
# ## ¿Qué te diría que vieras?
#
# En las lecciones anteriores, un usuario nuevo necesitaba un vector, y había que ajustarlo. Aquí un usuario *es* lo que ha visto, así que no hay nada que ajustar: le pides prestado el asiento al primer usuario, y las diez películas de la lección 01 pasan a ser el historial de esa fila. (Las estrellas que les diste no cuentan. Solo cuenta que las has visto.)

# %%
mine = my_ratings(movielens)
mine = mine[mine["movie_id"].isin(split.movies.ids)]
my_rows = split.movies.encode(mine["movie_id"])
with_my_history = rated.copy()
with_my_history[0] = 0
with_my_history[0, my_rows] = 1

guest = WatchModel(with_my_history)
guest({name: rows[:1] for name, rows in pairs(train).items()})  # builds the tables
guest.set_weights(watch_model.get_weights())
my_scores = score_all(guest, n_users, n_movies, users=[0])[0]
my_scores[my_rows] = -np.inf
recommend(my_scores, split, movielens.movies, n=5).round(2)

# %% [markdown]
# (La puntuación es la de antes de la sigmoide: solo su orden significa algo.) No es aquello a lo que darías más estrellas, sino lo que también vio la gente que vio tus diez películas. ¿Ya has visto alguna? Es lo mejor que se puede decir de una lista así, y lo peor: no se equivoca, y no te descubre nada.
#
# ## Para recordar
#
# - Un corte convierte estrellas en sí y no; di dónde está, y qué significan 3 estrellas.
# - La exactitud no significa nada sin su tasa base; el AUC compara órdenes; la calibración dice si se puede creer en una probabilidad.
# - Enmascara con −∞. Puntúa todos los pares en unas pocas llamadas.
# - Un modelo que nunca se topó con películas sin ver no sabe ordenarlas. Buen RMSE, mala lista.
# - Los negativos muestreados hacen la pregunta correcta: ¿qué se va a ver?
# - Antes de alabar una red, pregúntate qué consigue una fórmula, y ajusta las dos.
# - Mira también la cobertura y la popularidad.
#
# ## Para seguir leyendo
#
# - Y. Hu, Y. Koren y C. Volinsky, [Collaborative Filtering for Implicit Feedback Datasets](https://doi.org/10.1109/ICDM.2008.22), 2008: todas las películas no vistas como negativos débiles, sin muestreo.
# - P. Cremonesi, Y. Koren y R. Turrin, [Performance of Recommender Algorithms on Top-N Tasks](https://doi.org/10.1145/1864708.1864721), 2010: el RMSE y las listas no se ponen de acuerdo.
# - X. He et al., [Neural Collaborative Filtering](https://arxiv.org/abs/1708.05031), 2017: negativos muestreados, con una red.
# - H. Steck, [Embarrassingly Shallow Autoencoders for Sparse Data](https://arxiv.org/abs/1905.03375), 2019: una sola fórmula, difícil de superar.
# - M. Ferrari Dacrema, P. Cremonesi y D. Jannach, [Are We Really Making Much Progress?](https://arxiv.org/abs/1907.06902), 2019: redes frente a modelos base bien ajustados.
#
# **Siguiente:** la lección 06 abre las tablas y mira qué han aprendido los vectores.

# %% tags=["instructor"]
# Minutos: 75. Lo esencial es la predicción antes de «La sorpresa»: recoge los órdenes que escriban los estudiantes. Si falta tiempo, sáltate la calibración. Ideas equivocadas: «un AUC mayor significa mejores listas»; «una película sin valoración es una que no gusta»; «los negativos tienen que ser rechazos de verdad». Preguntas abiertas: el 0 no está por debajo de todas las puntuaciones si el modelo da logits o las puntuaciones están centradas; la popularidad es la mejor de las seis, y los modelos profundos son peores que producto + sesgos.
