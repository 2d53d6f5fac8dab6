# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/es/02_dot_model.ipynb) [![Abrir en Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2Fes%2F02_dot_model.ipynb)

# %% [markdown]
# # 2 · Factorización de matrices: un vector para cada usuario y cada película
#
# En la lección 01 un usuario era un solo número, el sesgo, que dice si es generoso o exigente. Pero dos personas igual de exigentes pueden estar en desacuerdo en todas las películas. En esta lección cada usuario pasa a ser un *vector*, una lista corta de números, y cada película también. La valoración se predice según lo bien que encajan las dos listas. Este modelo se llama factorización de matrices, y de él parten casi todos los modelos del curso.
#
# **Al terminar, podrás**
#
# - escribir el modelo y la función objetivo de la factorización de matrices, y decir qué son sus factores latentes;
# - decir qué es un *embedding* y calcularlo solo con NumPy;
# - construir dos veces el modelo, con la API funcional de Keras y como subclase, y predecir cuántos pesos tiene antes de que Keras los cuente;
# - comprobar que un modelo puntúa por separado cada par de un lote;
# - leer una curva de entrenamiento y otra de validación, y parar un modelo antes de que se sobreajuste;
# - encontrar una tasa de aprendizaje mediante una búsqueda, y cambiarla durante el entrenamiento con una planificación.
#
# **Tiempo** 70 minutos de trabajo, cerca de un minuto de ejecución. **Antes de empezar** la lección 01, el producto de matrices y un primer modelo en Keras (qué son una capa, una pérdida y una época).

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
from keras import layers, ops

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline
from helpers.data import load_movielens
from helpers.metrics import bootstrap_rmse, mae, rmse
from helpers.fold_in import what_to_watch
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(2)

# %% [markdown]
# Las valoraciones y la partición son las de la lección 01, para que los resultados se puedan comparar. `pairs` convierte una tabla en la entrada de nuestros modelos, un diccionario con los números de fila de los usuarios y de las películas.

# %%
movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid, test = split.train, split.valid, split.test
train_pairs, valid_pairs, test_pairs = pairs(train), pairs(valid), pairs(test)
print({name: rows[:4] for name, rows in train_pairs.items()})
empty = 1 - len(train) / (split.n_users * split.n_movies)
print(f"{split.n_users} usuarios × {split.n_movies} películas, {len(train)} valoraciones")
print(f"el {100 * empty:.0f} % de la tabla está vacío")

# %% [markdown]
# ## Una tabla como producto
#
# Escribe las valoraciones de entrenamiento como una matriz $R$, con una fila por usuario y una columna por película. Casi toda está vacía. La **factorización de matrices** aproxima $R$ por el producto de dos matrices estrechas,
#
# $$R \approx P\,Q^\top, \qquad
# \hat r_{ui} = p_u \cdot q_i = \sum_{f=1}^{k} p_{uf}\, q_{if}.$$
#
# $P$ tiene una fila $p_u$ de $k$ números para cada usuario $u$, y $Q$ una fila $q_i$ de $k$ números para cada película $i$. La valoración predicha $\hat r_{ui}$ es el **producto punto** de las dos filas, que las multiplica elemento a elemento y suma los productos. $P$ y $Q$ no tienen celdas vacías, así que su producto da una predicción para cada celda vacía de $R$.

# %%
rng = np.random.default_rng(311)
P = rng.uniform(0.4, 2.0, size=(8, 2)).round(1)
Q = rng.uniform(0.4, 2.0, size=(10, 2)).round(1)
R = np.where(rng.random((8, 10)) < 0.4, (P @ Q.T).clip(1, 5).round(), np.nan)
user, movie = 2, 6
R[user, movie] = np.nan

panels = plt.figure(figsize=(8.2, 3.4)).subplots(1, 3, width_ratios=[10, 2, 10])
for axes, table, row, column in [
    (panels[0], R, user, movie),
    (panels[1], P, user, slice(None)),
    (panels[2], Q.T, slice(None), movie),
]:
    shade = np.where(np.isnan(table), 0.0, 0.15)
    shade[row, column] = 0.55
    axes.pcolormesh(shade, cmap="Blues", vmin=0, vmax=1, edgecolors="lightgrey")
    for (y, x), value in np.ndenumerate(table):
        text = "" if np.isnan(value) else f"{value:g}"
        axes.text(x + 0.5, y + 0.5, text, ha="center", va="center")
    axes.set(aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.invert_yaxis()
panels[0].text(movie + 0.5, user + 0.5, "?", ha="center", va="center")
panels[0].set_title("R, valoraciones conocidas")
panels[0].set_xlabel("10 películas")
panels[0].set_ylabel("8 usuarios")
panels[1].set_title("≈ P")
panels[1].set_xlabel("2 factores")
panels[2].set_title("× Qᵀ")
panels[2].set_xlabel("10 películas")
plt.show()
print(f"{P[user]} · {Q[movie]} = {P[user] @ Q[movie]:.1f}")

# %% [markdown]
# *Cómo leer la figura:* la fila oscura de $P$ es de un usuario; la columna oscura de $Q^\top$, de una película. Su producto punto, que está impreso debajo de la figura, llena la celda oscura de $R$. Nuestra tabla tiene 943 × 1682 celdas, y $k$ será 64 en lugar de 2.
#
# Los $k$ números de una fila se llaman **factores latentes**. Latentes, u ocultos, porque nadie les pone nombre ni los mide: se aprenden de las valoraciones. De un usuario o de una película no se usa nada más, así que esto es filtrado colaborativo, como los sesgos de la lección 01. $P$ y $Q$ se eligen de modo que el error cuadrático en las valoraciones conocidas sea pequeño,
#
# $$\min_{P,\,Q} \sum_{(u,i) \in K} (r_{ui} - p_u \cdot q_i)^2
# + \lambda \left(\lVert P \rVert^2 + \lVert Q \rVert^2\right),$$
#
# donde $K$ contiene los pares cuya valoración se conoce. El segundo término es una penalización a los números grandes, y $\lambda \ge 0$ fija su fuerza. Empezamos sin ella, y más adelante en esta lección veremos qué hace.
#
# El modelo se hizo famoso con el Premio Netflix. En octubre de 2006 Netflix publicó 100 millones de valoraciones y ofreció un millón de dólares por un RMSE un 10 % menor que el de su propio sistema. En diciembre de ese año Simon Funk, que compartía el tercer puesto, [explicó en su web](https://sifter.org/simon/journal/20061211.html) cómo había ajustado un modelo así por descenso de gradiente. En 2009 Koren, Bell y Volinsky, del equipo que ganó el premio, describieron el modelo y sus extensiones en [un artículo](https://doi.org/10.1109/MC.2009.263) que sigue siendo la introducción de referencia.
#
# ## Una valoración a partir de dos factores
#
# Para ver cómo un producto de factores puede predecir el gusto, imagina que los dos factores tuvieran nombre, *acción* y *romance*. Sabemos cuánto contiene de cada uno una película, y cuánto le importa a cada usuario.

# %%
cares_for = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])  # Ann, Bo, Cleo
contains = np.array([[2.0, 0.1], [0.2, 2.0], [1.3, 1.2], [0.1, 0.1]])
scores = cares_for @ contains.T

axes = plt.figure(figsize=(6, 2.8)).add_subplot()
axes.imshow(scores, cmap="cividis", aspect="auto")
for (row, column), score in np.ndenumerate(scores):
    color = "black" if score > 2 else "white"
    axes.text(column, row, f"{score:.1f}", ha="center", va="center", color=color)
axes.set_yticks(range(3), ["Ann (acción)", "Bo (romance)", "Cleo (ambas cosas)"])
axes.set_xticks(range(4), ["Die Hard", "Notting Hill", "Titanic", "una conferencia"])
axes.set_title("Puntuaciones por producto punto")
axes.grid(False)
plt.show()

# %% [markdown]
# *Cómo leer la figura:* fila a fila. Una puntuación es alta cuando el usuario y la película son altos en el mismo factor. La mejor película de Ann es Die Hard y la de Bo, Notting Hill. A Cleo le gustan las dos cosas, y le toca Titanic.
#
# Ese es el modelo completo. El entrenamiento tiene que encontrar esos números por sí solo, y los factores que encuentra no tienen nombre.
#
# ## Un *embedding* es una tabla
#
# En Keras, $P$ y $Q$ son *embeddings*. Un ***embedding*** es una tabla con una fila de números por usuario (o por película), y usarlo es leer la fila de un usuario. Los números empiezan siendo aleatorios y el entrenamiento los cambia, como a cualquier otro peso.
#
# ### Ejercicio 2.1 — lee filas de dos maneras (5 minutos)
#
# Los libros de texto suelen dibujar un *embedding* como un producto de matrices. El número de fila se escribe como un **vector *one-hot***, que es todo ceros menos un 1 en ese lugar, y se multiplica por la tabla. Escribe las dos maneras y comprueba que coinciden.


# %%
def look_up(table, rows):
    """Devuelve filas de una tabla, leídas por su índice.

    Parameters
    ----------
    table : numpy.ndarray of float, shape (n_rows, n_factors)
    rows : numpy.ndarray of int, shape (n,)
        De 0 a n_rows - 1, en cualquier orden; una fila puede estar más de una vez.

    Returns
    -------
    numpy.ndarray, shape (n, n_factors)

    Examples
    --------
    >>> look_up(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 1, 0])).tolist()
    [[3.0, 4.0], [3.0, 4.0], [1.0, 2.0]]
    """
    raise NotImplementedError("Ejercicio 2.1: lee filas de dos maneras")


def multiply_one_hot(table, rows):
    """Devuelve las mismas filas, como producto de vectores one-hot por la tabla.

    Recibe y devuelve lo mismo que `look_up`, pero no lee la tabla por índices.
    (`np.eye(n)` es una matriz de n × n cuya fila i es el vector one-hot de i).
    """
    raise NotImplementedError("Ejercicio 2.1: lee filas de dos maneras")


# %%
table = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
print(look_up(table, np.array([2, 0])))
print(multiply_one_hot(table, np.array([2, 0])))

# %%
check("2.1", look_up, multiply_one_hot)

# %% [markdown]
# Las dos maneras dan las mismas filas. El producto dice qué *es* un *embedding*, una capa densa sin sesgo ni activación sobre una entrada *one-hot*. La lectura por índice es como se calcula, porque multiplicar por mil ceros para leer una fila es un derroche.
#
# ## Un lote de pares
#
# Una red ve las valoraciones en **lotes**, de unos cientos o un millar cada vez. Un lote de 512 pares da 512 vectores de usuario y 512 vectores de película.
#
# **Antes de ejecutar nada,** responde a esto.

# %%
quiz("2.a")

# %% [markdown]
# ### Ejercicio 2.2 — puntúa un lote de pares (5 minutos)
#
# Escribe el producto punto para un lote completo, con operaciones de Keras: `ops.sum` acepta `axis` y `keepdims`, igual que la suma de NumPy.


# %%
def score_pairs(user_vectors, movie_vectors):
    """Puntúa cada par (usuario, película) de un lote.

    Parameters
    ----------
    user_vectors, movie_vectors : tensor, shape (n_pairs, n_factors), float32
        La fila i de uno va con la fila i del otro.

    Returns
    -------
    tensor, shape (n_pairs, 1), float32
        Una puntuación por par, para cualquier número de pares. (En el ejercicio 2.6, un
        modelo usa esta función. Dentro de `fit` no se conoce el número de pares: ni
        bucles sobre los pares ni NumPy).

    Examples
    --------
    >>> one, other = ops.array([[1.0, 2.0], [3.0, 4.0]]), ops.array([[1.0, 1.0], [0.0, 2.0]])
    >>> ops.convert_to_numpy(score_pairs(one, other)).tolist()
    [[3.0], [8.0]]
    """
    raise NotImplementedError("Ejercicio 2.2: puntúa un lote de pares")


# %%
one, other = ops.array([[1.0, 2.0], [3.0, 4.0]]), ops.array([[1.0, 1.0], [0.0, 2.0]])
score_pairs(one, other)

# %%
check("2.2", score_pairs)

# %% [markdown]
# Cada uno de los 512 pares tiene su propia puntuación. La operación es sencilla, y aun así es fácil equivocarse. El ejemplo de filtrado colaborativo de la documentación de Keras la calculaba así ([fuente](https://github.com/keras-team/keras-io/blob/ff6a507b2737777a8845ff9a2f1caf7f53ce3e78/examples/structured_data/collaborative_filtering_movielens.py)):


# %%
def score_pairs_as_published(user_vectors, movie_vectors):
    return ops.tensordot(user_vectors, movie_vectors, 2)


print(ops.convert_to_numpy(score_pairs_as_published(one, other)))

# %% [markdown]
# Entraron dos pares y salió un solo número. Con un 2 como último argumento, `tensordot` suma sobre *dos* ejes, el de los factores, como debe, y también el del lote. En el ejemplo se suma después un sesgo, y el ***broadcasting*** repite ese único número para todo el lote. Así encajan todas las formas, y la pérdida baja, porque los sesgos sí aprenden. Un lector avisó en marzo de 2021 ([keras-io issue 397](https://github.com/keras-team/keras-io/issues/397)). La respuesta, en 2023, fue que la implementación era correcta («holds good»), porque su salida tiene la forma correcta. También hay que poner a prueba los valores.
#
# ### Ejercicio 2.3 — escribe la prueba que lo delata (8 minutos)
#
# Escribe esa prueba. La puntuación de cada par debe ser la misma, tanto si el par se puntúa solo como en un lote.


# %%
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    """Dice si una función de puntuación trata por separado los pares de un lote.

    Parameters
    ----------
    score : callable
        Recibe dos tensores de forma (n, n_factors), con n al menos 1, y devuelve un
        tensor con las puntuaciones. Una función correcta devuelve forma (n, 1); una
        incorrecta, cualquier forma, incluida (n, 1).
    user_vectors, movie_vectors : tensor, shape (n_pairs, n_factors), n_pairs > 1

    Returns
    -------
    bool
        True si hay n_pairs puntuaciones *y* cada una se aparta como mucho 1e-4 de la
        de ese par a solas. (`user_vectors[i : i + 1]` es un lote de uno. Cuenta las
        puntuaciones después de aplanarlas:
        `ops.convert_to_numpy(scores).ravel()`).
    """
    raise NotImplementedError("Ejercicio 2.3: escribe la prueba que lo delata")


# %%
def score_pairs_in_a_model(user_vectors, movie_vectors):
    """La versión publicada, tal como queda al sumarle un sesgo de forma (n, 1)."""
    return score_pairs_as_published(user_vectors, movie_vectors) + ops.zeros(
        (ops.shape(user_vectors)[0], 1)
    )


some_users = keras.random.normal((8, 64), seed=0)
some_movies = keras.random.normal((8, 64), seed=1)
for function in (score_pairs, score_pairs_as_published, score_pairs_in_a_model):
    answer = scores_each_pair_alone(function, some_users, some_movies)
    print(f"{function.__name__:26} {answer}")

# %%
check("2.3", scores_each_pair_alone)

# %% [markdown]
# Tu prueba debería imprimir True, False, False. Si en la última línea imprime True, solo compara cuántas puntuaciones hay, no sus valores.

# %% [markdown]
# ## El modelo en Keras
#
# El modelo tiene dos entradas, dos tablas y un producto punto. En el estilo *funcional* de Keras escribimos cómo pasan los tensores de una capa a la siguiente, y Keras construye un grafo con las capas.
#
# ### Ejercicio 2.4 — constrúyelo (8 minutos)
#
# Llama a las capas `user_factors` y `movie_factors`: desde la lección 03 las buscaremos por su nombre. `layers.Embedding(n, k, name=…)` es una tabla de n filas y k columnas, `layers.Dot(axes=-1)` es tu `score_pairs`, y `keras.Model({"user": user, "movie": movie}, output)` hace de todo ello un modelo.


# %%
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    """Construye el modelo de producto punto: valoración = vector de usuario · vector de película.

    Parameters
    ----------
    n_users, n_movies : int
        Filas de las dos tablas: los índices van de 0 a n - 1.
    n_factors : int
        Columnas de ambas.
    l2 : float
        Las dos tablas llevan `embeddings_regularizer=keras.regularizers.L2(l2)`; 0 es
        no penalizar. La pérdida de Keras es una media sobre las valoraciones y la
        función objetivo de arriba es una suma, así que l2 es λ dividido entre el número de
        valoraciones de entrenamiento.

    Returns
    -------
    keras.Model
        Funcional. Recibe ``{"user": int32 (n,), "movie": int32 (n,)}`` y devuelve
        float32 de forma (n, 1). Sus embeddings se llaman `user_factors` y
        `movie_factors`.
    """
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    raise NotImplementedError("Ejercicio 2.4: constrúyelo")


# %%
model = build_dot_model(split.n_users, split.n_movies)
plots.draw_model(model, count_weights=False)

# %%
check("2.4", build_dot_model)

# %% [markdown]
# *Cómo leer el dibujo:* de arriba abajo. Entran los números de fila del usuario y de la película, cada uno se busca en su tabla (64 números cada uno), y sale un solo número.
#
# ### Ejercicio 2.5 — predice el tamaño (3 minutos)
#
# ¿Cuántos pesos tiene el modelo? Escribe la fórmula y, *después*, deja que Keras cuente.


# %%
def count_weights(n_users, n_movies, n_factors):
    """Devuelve el número de pesos entrenables del modelo de producto punto.

    Parameters
    ----------
    n_users, n_movies, n_factors : int

    Returns
    -------
    int

    Examples
    --------
    >>> count_weights(n_users=3, n_movies=4, n_factors=2)
    14
    """
    raise NotImplementedError("Ejercicio 2.5: predice el tamaño")


# %%
print(f"según la fórmula {count_weights(split.n_users, split.n_movies, 64)}")
print(f"según Keras      {model.count_params()}")

# %%
check("2.5", count_weights)

# %% [markdown]
# El modelo tiene 168 000 pesos para 72 000 valoraciones de entrenamiento, más de dos por cada una. Con tantos pesos puede memorizar su conjunto de entrenamiento.
#
# ## El mismo modelo como subclase
#
# El estilo funcional dibuja un grafo de capas. Algunos modelos necesitan más que un grafo, por ejemplo un bucle, o una consulta en otra tabla como en la lección 04. Se escriben como una clase: las capas se crean en `__init__` y se usan en `call`.
#
# ### Ejercicio 2.6 — lo mismo, como clase (6 minutos)
#
# Crea las dos tablas en `__init__`, primero la de los usuarios, con los nombres del ejercicio 2.4, y usa tu `score_pairs` en `call`, que recibe el mismo diccionario de pares. Aquí no hace falta L2.


# %%
class DotModel(keras.Model):
    """El modelo de producto punto como subclase, sin L2.

    Parámetros, entradas, salidas y nombres de las dos capas, `user_factors` y
    `movie_factors`, como en `build_dot_model`.
    """

    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        raise NotImplementedError("Ejercicio 2.6: lo mismo, como clase")

    def call(self, pairs):
        raise NotImplementedError("Ejercicio 2.6: lo mismo, como clase")


# %%
subclassed = DotModel(split.n_users, split.n_movies)
few_pairs = {name: rows[:5] for name, rows in train_pairs.items()}
subclassed(few_pairs)  # the first call builds the tables
subclassed.set_weights(model.get_weights())
difference = np.abs(model(few_pairs) - subclassed(few_pairs)).max()
print(f"mayor diferencia entre los dos: {difference:.1e}")

# %%
check("2.6", DotModel)

# %% [markdown]
# Con los mismos pesos los dos dan las mismas puntuaciones, así que son el mismo modelo. Usa el estilo que se lea mejor; Keras entrena los dos por igual.
#
# ## Antes de entrenar
#
# Las tablas empiezan con números aleatorios pequeños. Primero, adivina.

# %%
quiz("2.b")

# %%
untrained = model.predict(valid_pairs, batch_size=8192, verbose=0)
print(f"predicciones entre {untrained.min():.4f} y {untrained.max():.4f}")
print(
    f"MAE {mae(valid['rating'], untrained):.2f}, RMSE {rmse(valid['rating'], untrained):.2f}"
)

# %% tags=["nbval-check-output"]
verdict("RMSE antes de entrenar", rmse(valid["rating"], untrained), inside=(3.5, 3.9))

# %% [markdown]
# Todas las predicciones están cerca de 0, así que el MAE es la valoración media, unas 3.5 estrellas. El RMSE es algo mayor, porque al elevar al cuadrado los cincos pesan más que los unos. Mira este número antes de entrenar cualquier modelo: muestra que los datos y la métrica encajan, y dónde va a empezar la curva de entrenamiento.
#
# ## Entrenamiento
#
# `compile` dice qué hay que minimizar (el error cuadrático medio, MSE) y cómo (con Adam). La métrica es lo que queremos leer, el RMSE en estrellas.
#
# > **Nota.** `steps_per_execution=20` entrega a TensorFlow 20 lotes de una vez. El resultado es el mismo y una época dura menos, porque con un modelo tan pequeño como el nuestro volver a Python después de cada lote ocupa una buena parte de ella. `optimizer.build` crea de antemano las tablas propias de Adam. Si no, Keras las crea durante el primer paso, y tiene que compilarlo dos veces.


# %%
def train_model(model, learning_rate=0.005, epochs=10, loss="mse", callbacks=()):
    """Compila un modelo, lo ajusta a los pares de entrenamiento y da su historial."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=loss,
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    model.optimizer.build(model.trainable_variables)
    return model.fit(
        train_pairs,
        train["rating"].to_numpy(),
        validation_data=(valid_pairs, valid["rating"].to_numpy()),
        batch_size=1024,
        validation_batch_size=8192,
        epochs=epochs,
        callbacks=list(callbacks),
        verbose=0,
    )


model = build_dot_model(split.n_users, split.n_movies)
history = train_model(model)
plots.plot_history(
    history,
    "La factorización de matrices se sobreajusta",
    metric="rmse",
    unit="estrellas",
    ylim=(0.4, 1.6),
)
# %% [markdown]
# *Cómo leer la figura:* en las primeras épocas, en parte por encima del marco, las dos curvas caen con fuerza, mientras los vectores crecen hasta que sus productos llegan a cerca de 3.5. Después las curvas se separan. El error de entrenamiento (línea continua) sigue bajando, y el de validación (discontinua) da la vuelta y sube. Desde ahí el modelo se ajusta mejor a las valoraciones de entrenamiento y peor a las de validación. Eso es el **sobreajuste**.
#
# > **Nota.** En las primeras épocas el error de validación es el menor de los dos. Keras promedia el error de entrenamiento a lo largo de una época en la que el modelo todavía está mejorando, y mide el de validación al final.

# %%
last = rmse(valid["rating"], model.predict(valid_pairs, batch_size=8192, verbose=0))
best = min(history.history["val_rmse"])
print(f"RMSE de validación: mejor época {best:.3f}, última época {last:.3f}")

# %% [markdown]
# La última época es peor que la mejor en unas tres centésimas de estrella.
#
# ## Tres maneras de reducir el sobreajuste
#
# La **detención temprana** termina el entrenamiento cuando el error de validación deja de mejorar, aquí durante dos épocas (`patience=2`), y se queda con los pesos de la mejor época. De eso se encarga un *callback*. La función que sigue fija la semilla aleatoria, porque queremos comparar varios entrenamientos.


# %%
stop_early = keras.callbacks.EarlyStopping(
    monitor="val_rmse", mode="min", patience=2, restore_best_weights=True
)


def train_and_stop(seed=2, n_factors=64, l2=0.0, loss="mse"):
    """Entrena un modelo hasta que su RMSE de validación deja de mejorar; lo devuelve."""
    keras.utils.set_random_seed(seed)
    model = build_dot_model(split.n_users, split.n_movies, n_factors, l2)
    train_model(model, epochs=40, loss=loss, callbacks=[stop_early])
    return model


def best_rmse(model):
    """Devuelve el RMSE de validación de la época cuyos pesos se conservan."""
    return min(model.history.history["val_rmse"])


stopped = train_and_stop()
n_epochs = len(stopped.history.epoch)
print(f"tras {n_epochs} épocas: RMSE de validación {best_rmse(stopped):.3f}")

# %% [markdown]
# **Menos factores** dejan menos espacio para memorizar.
#
# La **regularización** encarece los pesos grandes: activa la penalización de la función objetivo, $\lambda\,(\lVert P \rVert^2 + \lVert Q \rVert^2)$, que se llama **penalización L2**. De un modelo entrenado con ella se dice que está *regularizado*. La penalización tira de todos los pesos hacia 0. Es la **contracción** (*shrinkage*), como la de los sesgos en la lección 01. ¿Qué le hace a *este* modelo?

# %%
quiz("2.c")

# %% [markdown]
# Entrenamos otra vez el modelo de 64 factores, con otra semilla aleatoria. Una diferencia entre dos versiones significa poco si no es mayor que la diferencia entre dos semillas de una misma versión.

# %%
scores = {
    "64 factores": [best_rmse(stopped), best_rmse(train_and_stop(seed=3))],
    "16 factores": [best_rmse(train_and_stop(n_factors=16))],
    "64 factores, L2 1e-4": [best_rmse(train_and_stop(l2=1e-4))],
}

axes = plt.figure(figsize=(7, 2.2)).add_subplot()
for row, values in enumerate(scores.values()):
    axes.plot(values, [row] * len(values), "o", color=plots.BLUE, alpha=0.6)
    said = ", ".join(f"{value:.3f}" for value in sorted(values))
    axes.annotate(said, (np.mean(values), row - 0.35), ha="center")
axes.set_yticks(range(len(scores)), list(scores))
axes.set_ylim(len(scores) - 0.5, -0.8)
axes.set_xlabel("RMSE de validación (estrellas), cuanto más bajo, mejor")
axes.set_title("Detención temprana, menos factores y L2")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* cada punto es un entrenamiento. Aquí la penalización de 1e-4 es fuerte: multiplicada por las 72 000 valoraciones, es λ = 7.2. Aumenta el RMSE mucho más de lo que difieren entre sí las dos semillas de la primera fila. Dieciséis factores dan más o menos el mismo resultado que 64, con una cuarta parte de los pesos. Con tan pocas ejecuciones no se puede saber cuál de los dos es mejor.
#
# La penalización no distingue «a este usuario le encantan los wésterns» de «las valoraciones rondan el 3.5». Las dos cosas están hechas de los mismos pesos, y penaliza las dos. [El primer curso de fast.ai](https://github.com/fastai/courses/blob/master/deeplearning1/nbs/lesson4.ipynb) entrenó este modelo con una penalización de 1e-4, observó que no funcionaba bien y añadió sesgos. La lección 03 hace lo mismo, y ahí la penalización ya no contrae la media.
#
# ## Encontrar una tasa de aprendizaje
#
# La **tasa de aprendizaje** dice cuánto mueve los pesos cada paso del entrenamiento. Si es demasiado baja, el entrenamiento es lento. Si es demasiado alta, los pasos rebasan el mínimo. Una manera barata de encontrar una buena es partir de los mismos pesos, entrenar una época con cada una de varias tasas y ver dónde baja más deprisa la pérdida. Es una versión simplificada del *learning-rate range test* ([Smith 2017](https://arxiv.org/abs/1506.01186)).
#
# ### Ejercicio 2.7 — entrena una época (8 minutos)
#
# Hasta ahora `train_model` entrenaba por ti. Esta vez hazlo tú. Compila el modelo con Adam, a la tasa dada, y el error cuadrático medio, ajústalo durante una época, en lotes de 1024, y devuelve la pérdida de entrenamiento de esa época. `fit` devuelve un objeto cuyo `history["loss"]` es una lista con un elemento por época.


# %%
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    """Entrena el modelo una época y da la pérdida de entrenamiento (MSE) que anota `fit`.

    Es la media sobre los lotes de la época, cada uno antes de su propio paso.

    Parameters
    ----------
    model : keras.Model
        Todavía sin entrenar; se entrena aquí.
    learning_rate : float
        Para `keras.optimizers.Adam`.
    pairs : dict of numpy.ndarray
        ``{"user": int32 (n,), "movie": int32 (n,)}``
    ratings : numpy.ndarray of float, shape (n,), en estrellas

    Returns
    -------
    float : tal cual, sin redondear
    """
    raise NotImplementedError("Ejercicio 2.7: entrena una época")


# %%
check("2.7", loss_after_one_epoch)

# %%
learning_rates = [0.001, 0.003, 0.01, 0.03, 0.1]
losses = []
for rate in learning_rates:
    keras.utils.set_random_seed(2)
    fresh = build_dot_model(split.n_users, split.n_movies)
    losses.append(
        loss_after_one_epoch(fresh, rate, train_pairs, train["rating"].to_numpy())
    )
print([f"{loss:.2f}" for loss in losses])
axes = plt.figure().add_subplot()
axes.plot(learning_rates, losses, "o-")
axes.set_xscale("log")
axes.set_yscale("log")
axes.set_xticks(learning_rates, learning_rates)
axes.set_yticks([5, 10, 20, 40], [5, 10, 20, 40])
axes.minorticks_off()
axes.set_xlabel("tasa de aprendizaje")
axes.set_ylabel("pérdida tras una época (MSE)")
axes.set_title("A la izquierda va lento; a la derecha rebasa el mínimo")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* la curva es un valle. A la izquierda los pasos son demasiado cortos para llegar lejos en una época, y a la derecha rebasan el mínimo. El punto más bajo, 0.03, es la tasa más rápida para *una* época, y está cerca de las que lo rebasan. Elige una tasa bastante a su izquierda, donde la curva ya ha empezado a bajar, entre 0.003 y 0.01. Así se encontró el 0.005 de esta lección.
#
# > **Nota.** Las pérdidas son altas porque cada una es una media de toda la primera época, comienzo incluido.
#
# ## Una planificación de la tasa de aprendizaje
#
# Los pasos grandes avanzan deprisa al principio, y los pequeños afinan después. Un plan de tasas de aprendizaje se llama **planificación** (*schedule*). El cuaderno de fast.ai que hemos citado entrena una época a 0.001 como calentamiento, tres a 0.01 y seis a 0.001. Entre medias asigna `model.optimizer.lr`, el nombre que usaba Keras en 2016. Prueba esa asignación en Keras 3.

# %%
optimizer = keras.optimizers.Adam(0.001)
optimizer.lr = 0.01
print(f"tasa de aprendizaje: {float(optimizer.learning_rate):.3f}")

# %% [markdown]
# La tasa no ha cambiado, y no ha saltado ningún error. Python ha creado un atributo nuevo, `lr`, que el optimizador no lee nunca. En Keras 3 el nombre es `learning_rate`. Lo mejor es pasarle al optimizador la planificación entera al crearlo.
#
# ### Ejercicio 2.8 — convierte épocas en una planificación (6 minutos)
#
# `keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)` cuenta en *pasos*, uno por lote, desde 0, y nosotros pensamos en épocas. Hasta el paso `boundaries[0]`, incluido, da `values[0]`, y así sucesivamente, de modo que necesita un valor más que límites.


# %%
def stepwise(epochs, rates, steps_an_epoch):
    """Crea una planificación: una tasa de aprendizaje durante unas épocas, luego otra.

    Parameters
    ----------
    epochs : sequence of int
        Cuántas épocas dura cada tasa, por ejemplo ``(1, 3, 6)``.
    rates : sequence of float, tan larga como `epochs`
    steps_an_epoch : int

    Returns
    -------
    keras.optimizers.schedules.PiecewiseConstantDecay
        Se puede llamar con un número de paso.

    Examples
    --------
    >>> schedule = stepwise((1, 2, 1), (0.001, 0.01, 0.002), steps_an_epoch=100)
    >>> [round(float(schedule(step)), 4) for step in (0, 99, 100, 299, 300)]
    [0.001, 0.001, 0.01, 0.01, 0.002]
    """
    raise NotImplementedError("Ejercicio 2.8: convierte épocas en una planificación")


# %%
schedule = stepwise((1, 2, 1), (0.001, 0.01, 0.002), steps_an_epoch=100)
print([round(float(schedule(step)), 4) for step in (0, 99, 100, 299, 300)])

# %%
check("2.8", stepwise)

# %%
keras.utils.set_random_seed(2)
steps_an_epoch = int(np.ceil(len(train) / 1024))
schedule = stepwise((1, 3, 6), (0.001, 0.01, 0.001), steps_an_epoch)
scheduled = build_dot_model(split.n_users, split.n_movies)
history = train_model(
    scheduled, learning_rate=schedule, epochs=10, callbacks=[stop_early]
)
plots.plot_history(
    history,
    "Una época a 0.001, tres a 0.01, el resto a 0.001",
    metric="rmse",
    unit="estrellas",
    ylim=(0.4, 1.6),
)
print(f"mejor RMSE de validación {min(history.history['val_rmse']):.3f}")
# %% [markdown]
# *Cómo leer la figura:* la primera época queda por encima del marco, y las épocas rápidas logran casi todo el avance. Cuando la tasa baja, el error de validación cae una vez más, y luego se queda plano en vez de volver a subir, así que importa menos cuándo paremos. El error más bajo es más o menos el de la tasa constante. El error de entrenamiento sigue bajando: los pasos pequeños frenan el sobreajuste, pero no lo evitan.
#
# > **Nota.** Hemos entrenado con errores al cuadrado. Algunos de los cuadernos públicos entrenan con errores *absolutos*; `train_and_stop(loss="mae")` hace lo mismo. El error cuadrático esperado es mínimo en la media de las valoraciones que un usuario podría dar; el error absoluto esperado, en su mediana. Así que cada pérdida debería ganar en su propia métrica. ¿Es así? Pruébalo en una celda nueva, y di siempre con qué pérdida has entrenado.
#
# ## Lo real frente a lo predicho
#
# Un RMSE no dice dónde están los errores. Toma el modelo que paró a tiempo y mira qué predice para cada valoración real.

# %%
guesses = stopped.predict(valid_pairs, batch_size=8192, verbose=0).ravel()
true = valid["rating"].to_numpy()
stars = np.unique(true)
axes = plt.figure().add_subplot()
axes.boxplot(
    [guesses[true == star] for star in stars],
    positions=stars,
    widths=0.6 * np.diff(stars).min(),
    whis=(5, 95),
    showfliers=False,
    manage_ticks=False,
)
axes.plot(stars[[0, -1]], stars[[0, -1]], "--", color=plots.RED, label="predicción perfecta")
axes.set_xticks(stars)
axes.set_xlabel("valoración real (estrellas)")
axes.set_ylabel("valoración predicha (estrellas)")
axes.set_title("Predicciones para cada valoración real")
axes.legend(loc="upper left")
plt.show()
print(f"el {np.mean((guesses < 1) | (guesses > 5)):.1%} queda fuera de 1 a 5")
# %% [markdown]
# *Cómo leer la figura:* una caja contiene la mitad central de las predicciones, y los bigotes, el 90 %. Las cajas suben con la valoración real, pero mucho más despacio que la línea discontinua. Para las películas que recibieron 1 estrella, el modelo predice alrededor de 2.5; para las que recibieron 5, alrededor de 4.
#
# Parece como si el modelo fuera demasiado prudente. Pero la figura ordena por la valoración *real*. Parte de cada valoración es azar, y donde hay un 5, el azar la ha subido más a menudo de lo que la ha bajado. Incluso la mejor predicción posible, la media de las valoraciones que este usuario podría dar a esta película, subiría aquí demasiado despacio. La pregunta útil es la inversa. Cuando el modelo predice 2, ¿cuál es la valoración media?

# %%
nearest = (2 * guesses.clip(1, 5)).round() / 2  # half stars
groups = valid["rating"].groupby(nearest).agg(["mean", "sem", "size"])
axes = plt.figure(figsize=(5, 4)).add_subplot()
axes.errorbar(groups.index, groups["mean"], 2 * groups["sem"], fmt="o")
axes.plot([1, 5], [1, 5], "--", color=plots.RED, label="predicción perfecta")
axes.set_xlabel("valoración predicha (estrellas)")
axes.set_ylabel("valoración real media (estrellas)")
axes.set_title("Valoración real para cada predicción")
axes.legend()
plt.show()

# %% [markdown]
# *Cómo leer la figura:* las barras son dos errores estándar. En 3.5 y 4 las predicciones son más o menos correctas. Hacia ambos lados son demasiado *extremas*: donde el modelo predice 2, la valoración media es más alta, y donde predice 5, más baja. El modelo no es demasiado prudente, sino demasiado atrevido, señal de que sus vectores se han ajustado al azar además de al gusto. La contracción puede corregirlo, una vez que la media tiene su propio término (lección 03).
#
# Nada mantiene las predicciones en la escala de 1 a 5, y unas pocas se salen. En la lección 04 las recortamos.
#
# ## En la tabla de resultados
#
# Ahora, y una sola vez, el conjunto de prueba.

# %%
guesses = stopped.predict(test_pairs, batch_size=8192, verbose=0).ravel()
add_to_scoreboard(
    "producto punto",
    edition=movielens.name,
    split=split.name,
    lesson="02",
    rmse=rmse(test["rating"], guesses),
    mae=mae(test["rating"], guesses),
    parameters=stopped.count_params(),
)
show_scoreboard(movielens.name, split.name)

# %% tags=["nbval-check-output"]
verdict(
    "RMSE de prueba de la factorización de matrices",
    rmse(test["rating"], guesses),
    inside=(0.92, 0.96),
)
verdict(
    "MAE de prueba de la factorización de matrices",
    mae(test["rating"], guesses),
    inside=(0.72, 0.76),
)

# %% [markdown]
# ¿Es esto mejor que los sesgos de usuario y película de la lección 01? Con otro conjunto de prueba cualquiera de los dos RMSE se movería alrededor de ±0.005. Los resultados que difieren en menos no se pueden distinguir, salvo con una comparación *pareada*. Como en la lección 01, toma al azar usuarios con reemplazo, los mismos para los dos modelos, y mira cuánto varía la diferencia. `bootstrap_rmse` hace lo que allí hacía `draw_users`.

# %%
baseline = BiasBaseline().fit(train, split.n_users, split.n_movies)
true, of_biases = test["rating"], baseline.predict(test_pairs)
gain = rmse(true, of_biases) - rmse(true, guesses)
drawn_biases, drawn_factors = bootstrap_rmse(test["user"], true, of_biases, guesses)
gains = drawn_biases - drawn_factors
print(f"RMSE de los sesgos {rmse(true, of_biases):.3f}")
print(f"ganancia de la factorización de matrices {gain:.4f} ± {gains.std():.4f}")

# %% [markdown]
# La ganancia es de alrededor de un error estándar, y en la figura de más arriba otra semilla movía el RMSE de validación más o menos lo mismo. Así que, según el RMSE, este conjunto de prueba no permite distinguir entre el modelo con 168 000 pesos y los sesgos de usuario y película. Buena parte de lo que han aprendido los vectores es «cerca de 3.5, y algo más si la película es buena», expresado con 64 factores. La próxima lección da a la media y a los sesgos sus propios términos.
#
# ## ¿Qué te diría que vieras?
#
# En la lección 01 valoraste diez películas, o dejaste que lo hiciera un estudiante inventado. Eres un usuario en frío: el modelo no ha visto nunca tus valoraciones, y $P$ no tiene ninguna fila para ti. Pero $Q$ tiene filas para tus diez películas. El *fold-in* deja $Q$ como está y busca el vector de usuario que mejor explica tus valoraciones, partiendo del vector del usuario medio. En la lección 06 lo escribirás tú.

# %%
what_to_watch(stopped, movielens, split)

# %% [markdown]
# Para 64 factores, diez valoraciones son poca información, así que una penalización mantiene tu vector cerca del vector del usuario medio. Recuerda esta lista: las próximas lecciones les hacen la misma pregunta a modelos mejores.
#
# ## Para recordar
#
# - La factorización de matrices predice una valoración con el producto punto de dos vectores aprendidos de factores latentes: $\hat r_{ui} = p_u \cdot q_i$.
# - Un *embedding* es una tabla, y usarlo es leer una fila.
# - Comprueba que un modelo da a un par la misma puntuación a solas que dentro de un lote.
# - Antes de entrenar, averigua cuántos pesos hay y qué error da el modelo sin entrenar.
# - Para en la mejor época de validación. La última suele estar sobreajustada.
# - Busca la tasa de aprendizaje, y pásale una planificación al optimizador.
# - Una penalización L2 contrae todo lo que expresan los pesos, aquí hasta la valoración media.
# - Compara un modelo nuevo con un modelo base, con una comparación pareada, antes de decir que es mejor.
#
# ## Para seguir leyendo
#
# - Y. Koren, R. Bell y C. Volinsky, [Matrix Factorization Techniques for Recommender Systems](https://doi.org/10.1109/MC.2009.263), 2009: la introducción de referencia.
# - S. Funk, [Netflix Update: Try This at Home](https://sifter.org/simon/journal/20061211.html), 2006: la página que hizo famoso este modelo.
# - El curso de Google sobre [sistemas de recomendación](https://developers.google.com/machine-learning/recommendation): la factorización de matrices, con buenos dibujos.
# - S. Rendle et al., [Neural Collaborative Filtering vs. Matrix Factorization Revisited](https://arxiv.org/abs/2005.09683), 2020: un producto punto bien ajustado es difícil de superar.
#
# **Siguiente:** la lección 03 da un término propio a la media, al sesgo del usuario y al de la película.
