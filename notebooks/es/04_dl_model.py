# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/es/04_dl_model.ipynb) [![Abrir en Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2Fes%2F04_dl_model.ipynb)

# %% [markdown]
# # 4 · Modelos profundos: ¿ayuda una red neuronal?
#
# En la factorización de matrices, usuario y película se encuentran en un producto punto, una fórmula que alguien eligió. Una red neuronal podría aprender de las valoraciones cómo se pasa de dos vectores a una valoración. Los modelos que lo hacen se llaman **filtrado colaborativo neuronal** (*neural collaborative filtering*; [He et al., 2017](https://arxiv.org/abs/1708.05031)). En esta lección construyes uno y lo comparas con el producto punto. Después das a un modelo mayor algo más que dos vectores: géneros y edades, y la lista de todo lo demás que ha valorado cada usuario.
#
# Un modelo así tiene muchas piezas, y un resultado mejor no dice a cuál de ellas se debe. Por eso quitas piezas y vuelves a entrenar: es lo que se llama un **estudio de ablación**. Con él responderás a la pregunta del título.
#
# **Al terminar, podrás**
#
# - construir una red sobre dos *embeddings* y elegir su tamaño;
# - demostrar que un modelo «profundo» sin activaciones no es profundo, y que no puede personalizar;
# - convertir en entradas los géneros, los años, las edades y las ocupaciones, aunque falten valores;
# - usar el historial de cada usuario como retroalimentación implícita, sin que se filtre la respuesta;
# - escribir la propagación hacia delante de un modelo híbrido con partes que se pueden quitar;
# - hacer un estudio de ablación y decir hasta qué punto es segura cada diferencia;
# - decir qué añade una red a un producto punto con estas valoraciones, y qué no.
#
# **Tiempo** 95 minutos de trabajo y alrededor de un minuto de ejecución. **Antes de empezar** las lecciones 01 a 03.

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
from keras import layers, ops

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline
from helpers.data import load_movielens
from helpers.metrics import mae, rmse
from helpers.fold_in import what_to_watch
from helpers.my_ratings import my_ratings
from helpers.ranking import score_all
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(4)

movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid, test = split.train, split.valid, split.test
train_pairs, valid_pairs, test_pairs = pairs(train), pairs(valid), pairs(test)
n_users, n_movies = split.n_users, split.n_movies
mean = float(train["rating"].mean())
titles = (
    movielens.movies.set_index("movie_id").loc[split.movies.ids, "title"].to_numpy()
)

# %% [markdown]
# ## Dos vectores entran en una red
#
# *Concatena* el vector del usuario y el de la película, es decir, coloca uno a continuación del otro, y haz pasar el resultado por una pila de capas `Dense`. Cada capa multiplica su entrada por una matriz, suma un vector de constantes y aplica una **activación**, una función no lineal como ReLU, max(0, x). Una pila de este tipo es un **perceptrón multicapa** (MLP). La última capa tiene una sola salida y no lleva activación.
#
# ### Ejercicio 4.1 — construye un modelo profundo (8 minutos)
#
# Empieza con dos *embeddings* y concaténalos con `layers.Concatenate()`, primero el vector del usuario. Esta vez no llevan L2, porque su lugar lo ocupa el ***dropout***: en el entrenamiento pone a 0 una parte de los valores, elegida al azar, para que la red no pueda depender de ninguno en concreto; al predecir no hace nada. Después de la concatenación viene un *dropout*. Sigue una capa `Dense` por cada elemento de `hidden`, de ese ancho y con la activación, cada una seguida de *dropout*. El modelo termina con `Dense(1)` y suma la media, como en la lección 03.


# %%
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    """Valoración = media + red(vector del usuario, vector de la película).

    Parameters
    ----------
    n_users, n_movies, n_factors : int
    mean : float, en estrellas
    hidden : secuencia de int
        Anchos de las capas ocultas, de la primera a la última; los anchos pueden
        repetirse.
    activation : str o None
        La de las capas ocultas.
    dropout : float, al menos 0 y menor que 1
        Proporción de valores que se anulan después de la concatenación y después
        de la activación de cada capa oculta, solo al entrenar.

    Returns
    -------
    keras.Model
        Recibe ``{"user": int32 (n,), "movie": int32 (n,)}`` y devuelve float32 de
        forma (n, 1). Embeddings: `user_factors`, `movie_factors`; capas densas:
        `hidden_1`, `hidden_2`, …, `output`. Ninguna capa lleva regularizador (L2).
    """
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    raise NotImplementedError("Ejercicio 4.1: construye un modelo profundo")


# %%
deep = build_deep_model(n_users, n_movies, mean)
plots.draw_model(deep)

# %%
check("4.1", build_deep_model)


# %%
def train_model(model, learning_rate=0.002, epochs=30, patience=2):
    """Ajusta con los pares de entrenamiento y para en la mejor época de validación."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    model({name: rows[:1] for name, rows in train_pairs.items()})  # builds its layers
    model.optimizer.build(model.trainable_variables)
    stop_early = keras.callbacks.EarlyStopping(
        monitor="val_rmse", mode="min", patience=patience, restore_best_weights=True
    )
    return model.fit(
        train_pairs,
        train["rating"].to_numpy(),
        validation_data=(valid_pairs, valid["rating"].to_numpy()),
        batch_size=1024,
        validation_batch_size=8192,
        epochs=epochs,
        callbacks=[stop_early],
        verbose=0,
    )


deep_history = train_model(deep, epochs=15)
plots.plot_history(
    deep_history, "Un modelo profundo sobre dos vectores", metric="rmse", unit="estrellas"
)
# %% [markdown]
# *Cómo leer la figura:* el error de entrenamiento empieza *por encima* del de validación. Es la media de una época en la que el modelo aún estaba mejorando, y se mide con *dropout*, que durante la validación está apagado.
#
# ## El modelo profundo que no es profundo
#
# Uno de los cuadernos públicos del [*benchmark*](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md) del curso construye su modelo «profundo» con dos *embeddings*, `Dense(50)`, `Dense(50)`, `Dense(50)` y `Dense(1)`. La celda siguiente entrena la misma pila. Su pérdida baja, y nada te avisa de que falta algo.

# %%
as_published = build_deep_model(
    n_users, n_movies, mean, hidden=(50, 50, 50), activation=None, dropout=0.0
)
history = train_model(as_published, epochs=3)
print("pérdida por época:", np.round(history.history["loss"], 3))

# %% [markdown]
# ### Ejercicio 4.2 — demuestra que no es profundo (8 minutos)
#
# Sin activación, una capa densa calcula $x W + c$, y dos seguidas calculan $(x W_1 + c_1) W_2 + c_2$. Escríbelo como *una sola* capa $x W + c$. Después haz lo mismo para cualquier número de capas. Keras llama *kernel* a la $W$ de una capa y *bias* a su $c$, que no es lo mismo que los sesgos de la lección 03.


# %%
def collapse(layers_weights):
    """Una sola capa lineal que hace lo mismo que una pila de capas lineales.

    Parameters
    ----------
    layers_weights : list de (kernel, bias), uno o más
        De la primera capa a la última; un kernel es un array de forma (n_in, n_out),
        y un bias, uno de forma (n_out,).

    Returns
    -------
    kernel : numpy.ndarray, shape (n_in de la primera, n_out de la última)
    bias : numpy.ndarray, shape (n_out de la última,)

    Examples
    --------
    Multiplicar por 2 y sumar 1, y después multiplicar por 3 y sumar 5, es
    multiplicar por 6 y sumar 8.

    >>> kernel, bias = collapse([(np.array([[2.0]]), np.array([1.0])),
    ...                          (np.array([[3.0]]), np.array([5.0]))])
    >>> kernel.tolist(), bias.tolist()
    ([[6.0]], [8.0])
    """
    raise NotImplementedError("Ejercicio 4.2: demuestra que no es profundo")


# %%
names = ("hidden_1", "hidden_2", "hidden_3", "output")
stack = [tuple(as_published.get_layer(name).get_weights()) for name in names]
kernel, bias = collapse(stack)
(user_table,) = as_published.get_layer("user_factors").get_weights()
(movie_table,) = as_published.get_layer("movie_factors").get_weights()
both = np.hstack([user_table[valid["user"]], movie_table[valid["movie"]]])
by_one_layer = mean + both @ kernel + bias
by_four_layers = as_published.predict(valid_pairs, batch_size=8192, verbose=0)
print("pesos en cuatro capas:", sum(k.size + b.size for k, b in stack))
print("pesos en una sola:    ", kernel.size + bias.size)
print("mayor diferencia:     ", np.abs(by_one_layer - by_four_layers).max())

# %%
check("4.2", collapse)

# %% [markdown]
# Las cuatro capas tienen 8401 pesos, y una sola capa con 65 pesos da las mismas predicciones. Una pila de capas lineales es una sola capa lineal, por anchas que sean. Y algo peor: una función lineal de dos vectores puestos uno a continuación del otro es una función del usuario *más* una función de la película,
#
# $$[p_u, q_i]\,W + c = p_u W_{\text{user}} + q_i W_{\text{movie}} + c ,$$
#
# es decir, un sesgo de usuario más un sesgo de película. ¿Qué consecuencias tiene eso para sus recomendaciones?

# %%
quiz("4.a")

# %% [markdown]
# ### Ejercicio 4.3 — la prueba del gusto (7 minutos)
#
# Si a Ann le gusta *Alien* media estrella más que *Brazil*, y a Bo le gusta más *Brazil*, entonces usuario y película **interactúan**: el efecto de uno depende del otro. En una suma de sesgos no pueden, porque todo el mundo prefiere *Alien* a *Brazil* en la misma medida. Así que toma dos usuarios y dos películas, y compara las dos preferencias.


# %%
def interaction(model, one_user, other_user, one_movie, other_movie):
    """Cuánto difiere entre dos usuarios la preferencia por una película frente a otra.

    Parameters
    ----------
    model : callable
        Recibe ``{"user": int32 (n,), "movie": int32 (n,)}`` y devuelve puntuaciones
        de forma (n, 1) o (n,).
    one_user, other_user, one_movie, other_movie : int

    Returns
    -------
    float
        (puntuación de one_user para one_movie - para other_movie) menos lo mismo
        de other_user. Es 0 en cualquier suma de sesgos de usuario y de película.

    Examples
    --------
    >>> product = lambda pairs: pairs["user"] * pairs["movie"]
    >>> interaction(product, one_user=3, other_user=1, one_movie=5, other_movie=4)
    2.0
    """
    raise NotImplementedError("Ejercicio 4.3: la prueba del gusto")


# %%
for name, model in [("el publicado", as_published), ("con ReLU", deep)]:
    values = [
        interaction(model, u, u + 1, m, m + 7) for u in range(6) for m in range(6)
    ]
    print(f"{name:13} tamaño medio de la interacción: {np.mean(np.abs(values)):.5f} estrellas")

# %%
check("4.3", interaction)

# %%
n_lists = min(n_users, 200)
for name, model in [("el publicado", as_published), ("con ReLU", deep)]:
    best_first = np.argsort(-score_all(model, n_lists, n_movies), axis=1)
    different = len(np.unique(best_first[:, :10], axis=0))
    print(f"{name:13} {n_lists} usuarios, {different} listas distintas de diez películas")

# %% [markdown]
# La pila lineal da a los primeros 200 usuarios, como a todos los demás, la misma lista en el mismo orden. Es un modelo de sesgos, así que no puede personalizar. Con una activación entre las capas, la red puede representar interacciones, y hay muchas listas distintas. Aun así, algunos usuarios comparten la suya con alguien. De lo buenas que son las listas trata la lección 05.
#
# ## ¿De qué tamaño?
#
# La red anterior tiene 64 unidades ocultas. La celda siguiente entrena una con 8, con los mismos dos vectores. Primero, haz tu apuesta.

# %%
quiz("4.b")

# %%
keras.utils.set_random_seed(4)
small = build_deep_model(n_users, n_movies, mean, hidden=(8,))
curves = {
    "8 unidades": train_model(small, epochs=15).history["val_rmse"],
    "64 unidades": deep_history.history["val_rmse"],
}

axes = plt.figure().add_subplot()
for (name, curve), style in zip(curves.items(), ["-", "--"], strict=True):
    axes.plot(np.arange(1, len(curve) + 1), curve, style, label=name)
axes.set_xlabel("época")
axes.set_ylabel("RMSE de validación (estrellas)")
axes.set_title("RMSE de validación de dos redes")
axes.legend()
plt.show()

# %% [markdown]
# *Cómo leer la figura:* fíjate en la escala del eje y. Las mejores épocas distan entre sí menos de una centésima. Cada red se entrenó una sola vez, así que esta ejecución no muestra cuánto vale el tamaño.
#
# ## ¿Gana la red al producto punto?
#
# Las valoraciones de prueba son las de las lecciones 01 a 03, así que los resultados se pueden comparar. Recuerda, de la lección 01, que otro conjunto de prueba de este tamaño movería un RMSE alrededor de ±0.005.

# %%
baseline = BiasBaseline().fit(train, n_users, n_movies)
deep_guesses = deep.predict(test_pairs, batch_size=8192, verbose=0)
linear_guesses = as_published.predict(test_pairs, batch_size=8192, verbose=0)
for lesson, name, guesses, parameters in [
    ("01", "sesgos de usuario y película", baseline.predict(test_pairs), n_users + n_movies + 1),
    ("04", "profunda, lineal por error", linear_guesses, as_published.count_params()),
    ("04", "profunda sobre dos vectores", deep_guesses, deep.count_params()),
]:
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split=split.name,
        lesson=lesson,
        rmse=rmse(test["rating"], guesses),
        mae=mae(test["rating"], guesses),
        parameters=parameters,
    )
show_scoreboard(movielens.name, split.name)

# %% tags=["nbval-check-output"]
verdict(
    "RMSE de prueba de la lineal por error",
    rmse(test["rating"], linear_guesses),
    inside=(0.93, 0.96),
)
verdict("RMSE de prueba de la profunda", rmse(test["rating"], deep_guesses), inside=(0.91, 0.95))

# %% [markdown]
# No. En esta ejecución la red queda por delante del producto punto simple de la lección 02 (cerca de 0.94), que no tiene sesgos, pero no del producto punto + sesgos de la lección 03 (cerca de 0.915). Una sola ejecución no basta para decir cuánta distancia hay entre los modelos. En el [*benchmark*](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md) del curso, que entrena cada modelo con cinco semillas aleatorias sobre su propia partición 80/20, la red tiene 0.928 ± 0.005 (media y desviación típica). Ahí queda a la par del producto punto simple, que tiene 0.928 ± 0.001, y por detrás del producto punto + sesgos, que tiene 0.909 ± 0.001. La pila lineal queda incluso por detrás del modelo base de sesgos (0.942). También ella es una suma de sesgos, pero sin contracción, y se entrenó solo unas pocas épocas.
#
# Una red sobre dos vectores podría, en principio, aprender los sesgos y el producto. Pero un producto punto trae de serie el *encaje*, y una red tiene que descubrirlo, factor a factor, a partir de 72 000 valoraciones. [Rendle et al. (2020)](https://arxiv.org/abs/2005.09683) repitieron los experimentos del artículo que hizo popular el filtrado colaborativo neuronal, en los que se predice si alguien llega a valorar una película. También allí un producto punto con los ajustes bien elegidos fue claramente mejor que la red.
#
# Esta red solo contaba con dos vectores. ¿Y si le damos algo más?
#
# ## Todo lo demás que sabemos
#
# Una película tiene géneros y un año; un usuario, una edad y una ocupación. Son los **metadatos**, o información adicional: lo que se sabe además de las valoraciones. Una red acepta cualquier lista de números, así que el trabajo está en hacer buenas listas. Cada género tiene su columna, con un 1 donde corresponde. Esta codificación se llama **multi-hot**.
#
# ### Ejercicio 4.4 — los géneros como columnas (3 minutos)
#
# Escribe la codificación multi-hot. Un texto vacío no tiene ninguna etiqueta.


# %%
def multi_hot(labels, separator="|"):
    """Una columna por etiqueta, con 1.0 donde la fila la tiene y 0.0 donde no.

    Parameters
    ----------
    labels : pandas.Series de str
        Etiquetas unidas por `separator`; un texto vacío no tiene ninguna. Su índice
        puede contener dos veces el mismo valor.
    separator : str
        Un solo carácter.

    Returns
    -------
    pandas.DataFrame de float32, una fila por cada fila de `labels`, con su índice
        Las columnas son las etiquetas que aparecen, en el orden de `sorted`. Las que
        difieren en mayúsculas y minúsculas son distintas; van antes las mayúsculas.

    Examples
    --------
    >>> multi_hot(pd.Series(["Drama|War", "", "Comedy"])).to_numpy().tolist()
    [[0.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    raise NotImplementedError("Ejercicio 4.4: los géneros como columnas")


# %%
movies = movielens.movies.set_index("movie_id").loc[split.movies.ids]
movielens.lacks("genres")  # then there are no columns
genres = multi_hot(movies["genres"])
genres.head(3)

# %%
check("4.4", multi_hot)

# %% [markdown]
# Los números se **estandarizan**: se les resta la media y se dividen entre la desviación típica. Si no, un año cercano a 2000 dominaría sobre un género, que es 0 o 1. Un valor que falta se convierte en 0, que es la media, y una segunda columna indica que falta.
#
# ### Ejercicio 4.5 — números, también los que faltan (6 minutos)


# %%
def standardise(values):
    """Un número como dos entradas: su puntuación z y si falta o no.

    Parameters
    ----------
    values : array_like de float, shape (n,)
        solo NaN señala un valor que falta; hay al menos dos valores distintos.

    Returns
    -------
    numpy.ndarray de float32, shape (n, 2)
        Columna 0: (valor - media) / desviación típica de los valores que hay
        (dividida entre n, como hace NumPy), y 0 para los que faltan.
        Columna 1: 1 donde falta el valor; si no, 0.

    Examples
    --------
    >>> standardise([1.0, np.nan, 3.0]).tolist()
    [[-1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    """
    raise NotImplementedError("Ejercicio 4.5: números, también los que faltan")


# %%
if movielens.lacks("year"):
    years = np.zeros((n_movies, 1))  # the same for all
else:
    years = standardise(movies["year"].astype("float64"))
movie_features = np.hstack([genres, years]).astype("float32")
users = movielens.users
if users is None:  # some editions have no data about their users
    user_features = np.zeros((n_users, 1), "float32")
else:
    users = users.set_index("user_id").loc[split.users.ids]
    user_features = np.hstack(
        [
            standardise(users["age"].astype("float64")),
            (users["gender"] == "F").to_numpy()[:, None],
            multi_hot(users["occupation"]),
        ]
    ).astype("float32")
print("una película son", movie_features.shape[1], "números; un usuario,", user_features.shape[1])

# %%
check("4.5", standardise)

# %% [markdown]
# ## ¿Qué más ha valorado?
#
# Las estrellas son **retroalimentación explícita**: los usuarios dicen cuánto les gustó una película. *Qué* películas valoraron, con las estrellas que sean, es **retroalimentación implícita**. Por sí sola ya nos dice algo: a un usuario que ha valorado seis películas de Hitchcock probablemente le gusta el suspense. SVD++ ([Koren, 2008](https://doi.org/10.1145/1401890.1401944)), una factorización de matrices del Premio Netflix, lo aprovecha. Cada película recibe un segundo vector $y_j$, que se usa cuando la película está en el historial de alguien. Si $N(u)$ es el conjunto de las películas que ha valorado el usuario $u$, el vector del usuario pasa a ser
#
# $$p_u + \frac{1}{\sqrt{|N(u)|}} \sum_{j \in N(u)} y_j .$$
#
# Cambiamos dos cosas. La primera: usamos la misma idea también en la otra dirección, y describimos una película por quién la ha valorado. La segunda: quitamos del historial del usuario la película del propio par, por esta razón: en el entrenamiento, el historial de un par contiene *justo esa película*; en la prueba, nunca. Así, las entradas del entrenamiento no serían como las de la prueba. Si el historial contuviera estrellas, sería incluso una fuga de datos, porque esa entrada es el propio objetivo. En la lección 05, que pregunta si se vio una película, un 1 en el historial ya sería la respuesta.
#
# ### Ejercicio 4.6 — un historial que no espía la respuesta (12 minutos)
#
# `rated` es la matriz de ceros y unos de las valoraciones de *entrenamiento*. Para cada par, suma los vectores de todas las películas que el usuario ha valorado, menos la del propio par, y divide la suma entre la raíz cuadrada del número de vectores sumados, o entre 1 si no había ninguno. Te servirán dos operaciones de Keras: `ops.matmul(rated, vectors)` da la suma completa de cada usuario, y `ops.take(table, rows, axis=0)` lee filas. La línea que lee en la matriz la entrada del propio par ya está escrita.
#
# > **Nota.** El modelo llama a tu función dentro de `fit`, que la compila una sola vez para lotes de cualquier tamaño. En ese momento no se conoce el número de filas (`who.shape[0]` es `None`) y los tensores todavía no tienen valores. Usa operaciones de Keras sobre tensores enteros, sin NumPy y sin bucles sobre los pares.


# %%
def history_vectors(rated, vectors, who, what):
    """Suma de los vectores de lo que cada cual ha valorado, sin lo del propio par.

    Parameters
    ----------
    rated : tensor de float32, shape (n_who, n_what)
        1 donde hay una valoración de entrenamiento; si no, 0.
    vectors : tensor de float32, shape (n_what, n_factors)
    who, what : tensor de int32, shape (n,)
        Los pares: fila y columna de `rated`.

    Returns
    -------
    tensor de float32, shape (n, n_factors)
        La suma, dividida entre la raíz cuadrada del número de sumandos; 0 donde la
        película del propio par era la única.

    Examples
    --------
    El usuario 0 ha valorado las películas 0 y 1. Si se pregunta por la 1, solo
    cuenta la 0; si se pregunta por la 2, que no ha valorado, cuentan las dos. El
    usuario 1 solo ha valorado la película 2: si se pregunta por ella, no queda
    nada.

    >>> rated = ops.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> vectors = ops.array([[2.0], [4.0], [9.0]])
    >>> who, what = ops.array([0, 0, 1]), ops.array([1, 2, 2])
    >>> ops.convert_to_numpy(history_vectors(rated, vectors, who, what)).round(4).tolist()
    [[2.0], [4.2426], [0.0]]
    """
    # 1 where the pair itself is in the history, else 0, shape (n, 1): entry
    # (row, column) of a matrix is entry row * columns + column of its flat form.
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    raise NotImplementedError("Ejercicio 4.6: un historial que no espía la respuesta")


# %%
tiny = ops.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), ops.array([[2.0], [4.0], [9.0]])
history_vectors(*tiny, ops.array([0, 0, 1]), ops.array([1, 2, 2]))

# %%
check("4.6", history_vectors)

# %% [markdown]
# ## El híbrido
#
# Ahora lo reúnes todo en un **modelo híbrido**, que combina ids, retroalimentación implícita y metadatos. La celda siguiente lo dibuja.

# %%
boxes = {  # x, y, text, color
    "u": (0.25, 2, "usuario u: sesgo, vector,\nhistorial (qué ha valorado)", "#E8F2F9"),
    "i": (0.69, 2, "película i: sesgo, vector,\nhistorial (quién la valoró)", "#E8F2F9"),
    "b": (0.10, 1, "sesgo de u\n+ sesgo de i", "#E8F2F9"),
    "pq": (0.36, 1, "producto punto\nde los dos vectores", "#E8F2F9"),
    "net": (0.65, 1, "red neuronal,\n64 unidades ocultas", "#FDF1D8"),
    "x": (0.92, 1, "metadatos\nde u e i", "#F2F2F2"),
    "r": (0.36, 0, "valoración = media + sesgos + producto punto + red", "#E8F2F9"),
}
arrows = ["u-b", "i-b", "u-pq", "i-pq", "u-net", "i-net", "b-r", "pq-r", "net-r"]
axes = plt.figure(figsize=(7.5, 3.4)).add_subplot()
for x, y, text, color in boxes.values():
    frame = {"boxstyle": "round,pad=0.5", "fc": color, "ec": plots.BLUE}
    axes.text(x, y, text, ha="center", va="center", fontsize=9, bbox=frame, zorder=3)
for arrow in [*arrows, "x-net"]:
    (x, y, *_), (to_x, to_y, *_) = (boxes[name] for name in arrow.split("-"))
    aside = (0.1, 0) if y == to_y else (0, 0.24)  # from the side, or from above
    start, end = np.subtract((x, y), aside), np.add((to_x, to_y), aside)
    look = {"arrowstyle": "->", "color": plots.GREY, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=look)
axes.set(xlim=(0, 1), ylim=(-0.3, 2.3))
axes.axis("off")
axes.set_title("Las piezas del híbrido")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* en azul, una factorización de matrices con historiales. En amarillo, la red, que se puede quitar. Los metadatos (en gris) solo entran por ella.
#
# ### Ejercicio 4.7 — la propagación hacia delante del híbrido (15 minutos)
#
# El modelo es una subclase de `keras.Model`. Su `__init__` te lo damos. Crea las tablas, donde `table` abrevia un *embedding* con nuestros valores iniciales y su L2, y guarda lo que se sabe de usuarios y películas como tensores constantes. Tú escribes `call`, la **propagación hacia delante** (*forward pass*), que calcula las valoraciones de los pares:
#
# 1. Busca los dos vectores. Si el modelo tiene historiales (`self.rated` no es `None`), suma a cada vector el suyo, con tu `history_vectors`, como dice la tabla de abajo. `.embeddings` es la tabla completa de un *embedding*, como tensor.
# 2. Suma la media, los dos sesgos y el producto punto de los dos vectores.
# 3. Si el modelo tiene una red (`self.has_network`), suma su salida. Recibe cinco cosas, una junto a otra y en este orden: el vector del usuario y el de la película (con sus historiales, si los hay), su producto elemento a elemento, las características del usuario y las de la película (`ops.take` lee filas, como en 4.6). Después vienen el *dropout*, la capa oculta, otra vez el *dropout* y la capa de salida.
#
# | historial | `rated` | `vectors` | `who` | `what` |
# | --- | --- | --- | --- | --- |
# | de un usuario | `self.rated` | `self.when_rated.embeddings`: los segundos vectores de las películas | el usuario | la película |
# | de una película | `self.rated_by` | `self.when_rating.embeddings`: los segundos vectores de los usuarios | la película | el usuario |
#
# Con historiales y sin red (`hidden=0`), esto es SVD++ en los dos sentidos.


# %%
class HybridModel(keras.Model):
    """Suma sesgos, un producto punto y una red, con ids, historiales y metadatos.

    Parameters
    ----------
    mean : float
    rated : array de float32, shape (n_users, n_movies), o None
        Valoraciones de entrenamiento como 0/1; None para un modelo sin historiales.
    user_features, movie_features : arrays de float32, una fila por índice
        Entradas de la red; pueden no tener columnas.
    n_factors : int
    hidden : int
        Unidades ocultas de la red; 0 para un modelo sin red.
    l2 : float
        De todas las tablas de vectores y sesgos.

    Examples
    --------
    Antes de entrenarlo, un modelo sin red predice más o menos la media.

    >>> features = np.zeros((2, 1), "float32")
    >>> model = HybridModel(3.5, None, features, features, hidden=0)
    >>> ratings = model({"user": np.array([0, 1]), "movie": np.array([1, 1])})
    >>> ops.convert_to_numpy(ratings).round(1).tolist()
    [[3.5], [3.5]]
    """

    def __init__(
        self,
        mean,
        rated,
        user_features,
        movie_features,
        n_factors=32,
        hidden=64,
        l2=2e-4,
    ):
        super().__init__(name="hybrid")
        n_users, n_movies = len(user_features), len(movie_features)

        def table(n_rows, n_columns, name):
            start = keras.initializers.RandomNormal(stddev=0.05 if n_columns > 1 else 0)
            weights = layers.Embedding(
                n_rows, n_columns, start, keras.regularizers.L2(l2), name=name
            )
            weights.build()
            return weights

        self.mean = mean
        self.user_bias = table(n_users, 1, "user_bias")
        self.movie_bias = table(n_movies, 1, "movie_bias")
        self.user_factors = table(n_users, n_factors, "user_factors")
        self.movie_factors = table(n_movies, n_factors, "movie_factors")
        self.user_features = ops.convert_to_tensor(user_features)
        self.movie_features = ops.convert_to_tensor(movie_features)
        self.rated = None if rated is None else ops.convert_to_tensor(rated)
        if rated is not None:
            self.rated_by = ops.transpose(self.rated)
            self.when_rated = table(n_movies, n_factors, "movie_when_rated")
            self.when_rating = table(n_users, n_factors, "user_when_rating")
        self.has_network = hidden > 0
        if self.has_network:
            self.dropout = layers.Dropout(0.3)
            self.hidden = layers.Dense(hidden, activation="relu", name="hidden")
            self.output_layer = layers.Dense(1, name="output")

    def call(self, pairs, training=False):
        """Valora pares.

        Parameters
        ----------
        pairs : dict de str a tensor
            ``{"user": int32 (n,), "movie": int32 (n,)}``
        training : bool o None
            Hay dropout si es True, y solo entonces.

        Returns
        -------
        tensor de float32, shape (n, 1)
        """
        raise NotImplementedError("Ejercicio 4.7: la propagación hacia delante del híbrido")


# %%
rated = np.zeros((n_users, n_movies), dtype="float32")
rated[train["user"], train["movie"]] = 1

untrained = HybridModel(mean, rated, user_features, movie_features)
untrained({name: rows[:4] for name, rows in train_pairs.items()})

# %%
check("4.7", HybridModel)

# %% [markdown]
# > **Nota.** En las últimas épocas, los pesos van y vienen de un lote a otro. Una *media móvil exponencial* (EMA, por sus siglas en inglés) de los pesos es más estable. En la función de entrenamiento de abajo, el optimizador mantiene una con `use_ema`, y un *callback* la pone en lugar de los pesos al final de cada época. No tienes que cambiar nada ahí.
#
# ## El estudio de ablación
#
# Un estudio de ablación desmonta un modelo: a cada variante le faltan algunas de sus partes. La celda siguiente entrena cinco. Todas tienen sesgos y un producto punto de ids. A esto se añaden una red, historiales (lo que da SVD++), ambas cosas, o ambas y los metadatos, que entran por la red (lo que da el híbrido). Todas tienen una tasa de aprendizaje de 0.01 y como mucho 15 épocas. Probamos para cada una penalizaciones L2 de 2e-4 y 4e-4, y nos quedamos con la mejor según las valoraciones de validación: 2e-4 para los ids solos, 4e-4 para las demás. Primero, adivina.

# %%
quiz("4.c")


# %%
def train_hybrid(model, learning_rate=0.006, epochs=30, patience=2):
    """Ajusta con pesos promediados y para en la mejor época de validación."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, use_ema=True, ema_momentum=0.96),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
    )
    model({name: rows[:1] for name, rows in train_pairs.items()})  # builds its layers
    model.optimizer.build(model.trainable_variables)
    return model.fit(
        train_pairs,
        train["rating"].to_numpy(),
        validation_data=(valid_pairs, valid["rating"].to_numpy()),
        batch_size=4096,
        validation_batch_size=16384,
        epochs=epochs,
        callbacks=[
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            keras.callbacks.EarlyStopping(
                monitor="val_rmse",
                mode="min",
                patience=patience,
                restore_best_weights=True,
            ),
        ],
        verbose=0,
    )


no_users, no_movies = user_features[:, :0], movie_features[:, :0]  # no columns
variants = {  # L2, histories, metadata of users and of movies, hidden units
    "ids, sin red": (2e-4, None, no_users, no_movies, 0),
    "ids + red": (4e-4, None, no_users, no_movies, 64),
    "ids + historiales, sin red (SVD++)": (4e-4, rated, no_users, no_movies, 0),
    "ids + historiales + red": (4e-4, rated, no_users, no_movies, 64),
    "híbrido: ids, metadatos, historiales": (
        4e-4,
        rated,
        user_features,
        movie_features,
        64,
    ),
}
ids, ids_network, svd_pp, histories_network, full = variants


def train_variant(l2, known, of_users, of_movies, hidden):
    """Entrena una variante; devuelve el modelo y sus predicciones de prueba."""
    keras.utils.set_random_seed(4)
    model = HybridModel(mean, known, of_users, of_movies, hidden=hidden, l2=l2)
    history = train_hybrid(model, learning_rate=0.01, epochs=15, patience=1)
    guesses = np.ravel(model(test_pairs))
    print(
        f"L2 {l2}, {model.count_params()} pesos: {len(history.epoch)} épocas, RMSE de "
        f"validación {min(history.history['val_rmse']):.3f}"
    )
    return model, np.clip(guesses, *movielens.rating_scale[:2])


guesses_of, sizes = {}, {}
for name, options in variants.items():
    hybrid, guesses_of[name] = train_variant(*options)
    sizes[name] = hybrid.count_params()

# %% [markdown]
# > **Nota.** `[:, :0]` es una tabla sin columnas. `np.clip` mantiene las predicciones dentro de la escala, porque nadie puede dar 5.3 estrellas.

# %%
for name, guesses in guesses_of.items():
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split=split.name,
        lesson="04",
        rmse=rmse(test["rating"], guesses),
        mae=mae(test["rating"], guesses),
        parameters=sizes[name],
    )
show_scoreboard(movielens.name, split.name)

# %% tags=["nbval-check-output"]
best = guesses_of[full]
verdict("RMSE de prueba del híbrido", rmse(test["rating"], best), inside=(0.88, 0.90))
verdict("MAE de prueba del híbrido", mae(test["rating"], best), inside=(0.685, 0.715))

# %% [markdown]
# ¿Cuáles de estas diferencias son reales? Otro conjunto de prueba movería todos los resultados alrededor de ±0.005, pero los movería *juntos*, porque los modelos se equivocan en las mismas valoraciones. Por eso se comparan dos modelos par a par, con las mismas valoraciones. Eso es lo que hace un ***bootstrap* pareado**. Toma al azar, con reemplazo, tantos usuarios como hay, calcula la diferencia de los dos RMSE en las valoraciones de esos usuarios y lo repite dos mil veces. El 95 % central de las diferencias es un intervalo para la diferencia con otros usuarios. Se toman usuarios y no valoraciones, porque las valoraciones de un mismo usuario no son independientes. Con `by="movie"` la función toma películas, lo que hará falta al final.


# %%
def compare(before, after, rows=slice(None), by="user", n_resamples=2000):
    """Compara dos modelos con un bootstrap pareado sobre los usuarios o las películas de prueba.

    Parameters
    ----------
    before, after : array de float, shape (n_test,)
        Predicciones para el conjunto de prueba.
    rows : índice de una parte de las valoraciones de prueba
    by : str, "user" o "movie"
        Lo que se toma al azar.
    n_resamples : int

    Returns
    -------
    dict
        La diferencia entre los RMSE de prueba, after menos before, y los extremos de su
        intervalo del 95 %; todo en estrellas.
    """
    of_ratings = pd.DataFrame(
        {
            by: test[by],
            "before": (before - test["rating"]) ** 2,
            "after": (after - test["rating"]) ** 2,
            "n": 1,
        }
    )
    sums_of = of_ratings[rows].groupby(by).sum().to_numpy()

    def difference(sums):
        sum_before, sum_after, n = sums.T
        return np.sqrt(sum_after / n) - np.sqrt(sum_before / n)

    n = len(sums_of)
    # How often each one is drawn: who is drawn twice counts twice.
    drawn = np.random.default_rng(4).multinomial(n, np.full(n, 1 / n), size=n_resamples)
    low, high = np.quantile(difference(drawn @ sums_of), [0.025, 0.975])
    change = difference(sums_of.sum(axis=0))
    return {"el RMSE cambia": change, "95 % desde": low, "95 % hasta": high}


def compare_all(steps):
    """Devuelve una tabla con una comparación por cada par de modelos."""
    names = ["de este modelo", "a este modelo"]
    return pd.DataFrame(
        [compare(guesses_of[before], guesses_of[after]) for before, after in steps],
        index=pd.MultiIndex.from_tuples(steps, names=names),
    ).round(4)


steps = [
    (ids, ids_network),
    (ids, svd_pp),
    (svd_pp, histories_network),
    (histories_network, full),
    (svd_pp, full),
]
compare_all(steps)

# %% [markdown]
# Un número negativo es una mejora. Si un intervalo contiene el 0, este conjunto de prueba no puede distinguir los dos modelos. De arriba abajo:
#
# - **Una red sobre los ids** no supone ninguna diferencia que podamos demostrar. (Dale una L2 de 2e-4, el valor del modelo sin red: aumenta el error alrededor de 0.007).
# - **Los historiales reducen el error alrededor de tres centésimas, sin red alguna.** Es el mayor paso, y el modelo es SVD++, una factorización de matrices de 2008, en las dos direcciones.
# - **Una red junto a los historiales** aumenta aquí un poco el error, en 0.004. Estos intervalos no incluyen otra semilla aleatoria, que mueve un modelo alrededor de 0.001, y la diferencia entre dos, más (mira la nota de más abajo).
# - **Los metadatos**, que entran por esa red, lo compensan con creces: alrededor de 0.007.
# - **La red y los metadatos juntos** reducen el error de SVD++ en menos de 0.003. El intervalo contiene el 0, aunque por poco: el híbrido puede ser mejor que SVD++ hasta en 0.006, o no serlo en absoluto. SVD++ se entrenó las 15 épocas completas, mientras que el híbrido se detuvo antes. Con más épocas para SVD++, la diferencia puede ser menor.
#
# *ids, sin red* es producto punto + sesgos, con la mitad de factores que en la lección 03, una sola L2 para todas las tablas y 15 épocas como máximo. Termina en 0.922, y el de la lección 03, en 0.915. Así que los historiales valen de 0.027 a 0.034, según de cuál de los dos partas.
#
# ## Ajusta también el modelo base
#
# Todos los modelos tenían la mejor de dos penalizaciones L2. Es fácil tener menos cuidado con un modelo base. La celda siguiente entrena SVD++ con la mitad de su L2, el valor de los ids solos.

# %%
untuned = "SVD++, con la mitad de L2"
model, guesses_of[untuned] = train_variant(2e-4, *variants[svd_pp][1:])
add_to_scoreboard(
    untuned,
    edition=movielens.name,
    split=split.name,
    lesson="04",
    rmse=rmse(test["rating"], guesses_of[untuned]),
    mae=mae(test["rating"], guesses_of[untuned]),
    parameters=model.count_params(),
)
compare_all([(untuned, svd_pp), (untuned, full), (svd_pp, full)])

# %% [markdown]
# Comparado con un SVD++ que nadie ajustó, el híbrido gana entre 0.007 y 0.008, y el intervalo no contiene el 0. Unos dos tercios de esa ventaja desaparecen cuando SVD++ recibe la L2 que le conviene. Esa proporción es incierta: la mejora por la L2 adecuada puede ir de 0.002 a 0.009 (primera fila). [Rendle et al. (2019)](https://arxiv.org/abs/1905.01395) encontraron lo mismo en resultados publicados: con un ajuste cuidadoso, modelos base sencillos iban por delante de muchos modelos posteriores.
#
# ## ¿Dónde ha mejorado?
#
# Una sola media esconde mucho. Separa las valoraciones de prueba según cuántas valoraciones de entrenamiento tiene la película.

# %%
baseline_guesses = baseline.predict(test_pairs)
shown = [ids, untuned, svd_pp, full]
squared = pd.DataFrame(
    {"sesgos de usuario y película": (baseline_guesses - test["rating"]) ** 2}
    | {name: (guesses_of[name] - test["rating"]) ** 2 for name in shown}
)
n_ratings = np.bincount(train["movie"], minlength=n_movies)[test["movie"]]
groups = pd.cut(
    n_ratings,
    [-1, 9, 49, 199, np.inf],
    labels=["0–9", "10–49", "50–199", "200 o más"],
)
by_group = squared.groupby(groups, observed=True)
error = np.sqrt(by_group.mean())
noise = 1.96 * by_group.sem() / (2 * error)  # the derivative of a root: 1 / (2 root)

axes = plt.figure(figsize=(7.5, 5)).add_subplot()
place = np.arange(len(error))
for offset, name in zip(np.linspace(-0.24, 0.24, 5), error, strict=True):
    axes.errorbar(
        place + offset, error[name], noise[name], fmt="o", ms=7, capsize=3, label=name
    )
counts = by_group.size()
axes.set_xticks(place, [f"{group}\nn = {n:,}" for group, n in counts.items()])
axes.set_xlim(-0.5, len(error) - 0.5)
axes.set_xlabel("valoraciones de entrenamiento de la película; n es el número de valoraciones de prueba")
axes.set_ylabel("RMSE de prueba (estrellas)")
axes.set_title("Las películas con pocas valoraciones tienen los mayores errores")
axes.legend()
plt.show()

print("valoraciones de prueba de películas sin ninguna de entrenamiento:", np.sum(n_ratings == 0))
changes = {
    group: {"valoraciones de prueba": n, "movies": test["movie"][groups == group].nunique()}
    | compare(guesses_of[svd_pp], guesses_of[full], groups == group, by="movie")
    for group, n in counts.items()
}
pd.DataFrame(changes).T.astype({"valoraciones de prueba": int, "movies": int}).round(3)

# %% [markdown]
# *Cómo leer la figura:* los puntos son RMSE de prueba. Las barras son intervalos aproximados del 95 %, como si todas las valoraciones fueran independientes. Los modelos de un grupo comparten las valoraciones, así que las barras exageran el ruido de una diferencia. Con las películas que tienen menos de diez valoraciones, los ids solos van por detrás de los simples sesgos, y SVD++ no va claramente por delante de ellos.
#
# La tabla aísla el paso de SVD++ al híbrido. Esta vez el *bootstrap* toma películas, porque los metadatos desplazan a la vez todas las valoraciones de una película. Con las películas que tienen menos de diez valoraciones de entrenamiento, el RMSE del híbrido es menor, en alrededor de 0.08, y el intervalo queda lejos del 0, aunque el grupo solo tiene 717 valoraciones de prueba, de 372 películas. En los demás grupos las diferencias son de pocas milésimas, y sus intervalos contienen el 0.
#
# Una película sin ninguna valoración de entrenamiento es un **arranque en frío** de película. Solo 58 valoraciones de prueba son de ese tipo, demasiado pocas para medir cuánto ayudan los metadatos.
#
# ## Entonces, ¿ayuda una red?
#
# En promedio sobre todas las valoraciones de prueba, no podemos demostrarlo. Sobre los ids solos no cambia casi nada, junto a los historiales aumenta un poco el error, y solo con los metadatos, que entran por ella, lo compensa: este conjunto de prueba no distingue el híbrido de SVD++. Los historiales sí ayudan, y un producto punto puede usarlos.
#
# Puede que una red ayude donde una película tiene pocas valoraciones. Ahí el híbrido, con su red y sus metadatos, va por delante en este conjunto de prueba. Es un grupo de cuatro y una sola semilla aleatoria: tómalo como un indicio. Cuánto aportaría una red con textos o imágenes como entradas no se puede saber con estas valoraciones.
#
# > **En otras partes de este curso.** Los metadatos no necesitan una red: una *máquina de factorización* ([Rendle, 2010](https://doi.org/10.1109/ICDM.2010.127)) los suma a los vectores del producto punto. En el [*benchmark*](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md) del curso, con una partición del mismo tamaño, una de estas máquinas, con historiales, tiene un RMSE de 0.874, y el híbrido, 0.885. Esa máquina promedia muchas muestras de sus parámetros, y además se entrena también con las valoraciones de validación. Por eso los dos números no aíslan la red, pero se puede obtener un buen resultado sin ella. El mejor modelo de valoraciones del *benchmark* es una *regresión ordinal*, que predice una probabilidad para cada número de estrellas. Entrenada de nuevo con las valoraciones de entrenamiento y de validación, tiene un RMSE de 0.876, y de 0.872 como promedio de cuatro. Sin su red, en [una sola ejecución con nuestra partición](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/benchmarks/TRIED.md), el error subió de 0.882 a 0.893. Pero nadie ajustó ese modelo sin la red.
#
# > **Nota.** Los intervalos muestran cuánto depende de *qué usuarios* hay en el conjunto de prueba. No incluyen el azar del entrenamiento. Otra semilla aleatoria mueve el RMSE del híbrido alrededor de 0.001, que es la desviación típica del *benchmark* con cinco semillas, y la diferencia entre dos modelos, más.
#
# ## ¿Qué te diría que vieras?
#
# Para un usuario nuevo, el híbrido no solo necesita un vector y un sesgo, sino también un historial y metadatos. Tomas la fila del primer usuario. Tus diez películas pasan a ser el historial de esa fila. El modelo no conoce tu edad ni tu ocupación, así que recibes la media de las características de todos los usuarios. Después, el vector y el sesgo se ajustan a tus valoraciones por *fold-in*, como en las lecciones 02 y 03.

# %%
mine = my_ratings(movielens)
my_rows = split.movies.encode(mine["movie_id"])
with_my_history = rated.copy()
with_my_history[0] = 0
with_my_history[0, my_rows] = 1
with_my_features = user_features.copy()
with_my_features[0] = user_features.mean(axis=0)

guest = HybridModel(mean, with_my_history, with_my_features, movie_features)
guest({name: rows[:1] for name, rows in train_pairs.items()})  # builds the tables
guest.set_weights(hybrid.get_weights())
what_to_watch(guest, movielens, split)

# %% [markdown]
# Compara la lista con la de la lección 03. Además de tus estrellas, este modelo ha usado *qué* películas has valorado.
#
# ## Para recordar
#
# - Entre capas densas tiene que haber una activación. Sin ella, un modelo profundo es un sesgo de usuario más un sesgo de película y da a todos los usuarios la misma lista.
# - Para comprobar si un modelo tiene interacciones, toma dos usuarios y dos películas y compara sus preferencias.
# - Con dos vectores y nada más, nuestra red no supera a un producto punto con sesgos.
# - Lo que más reduce el error es la retroalimentación implícita: quién ha valorado qué. Un producto punto puede usarla (SVD++). Con el mismo cuidado para los dos, el conjunto de prueba no distingue SVD++ del híbrido.
# - La red y los metadatos pueden ayudar donde una película tiene pocas valoraciones.
# - Un historial no debe contener el par que ayuda a predecir.
# - Un resultado mejor no dice a qué pieza se debe. Quita las piezas de una en una, ajusta también el modelo base y compara con las mismas valoraciones de prueba, mediante un *bootstrap* pareado.
#
# ## Para seguir leyendo
#
# - H.-T. Cheng et al., [Wide & Deep Learning for Recommender Systems](https://arxiv.org/abs/1606.07792), 2016: un modelo lineal y una red, entrenados a la vez.
# - J. Lian et al., [xDeepFM](https://arxiv.org/abs/1803.05170), 2018: una red con productos explícitos de sus entradas.
# - S. Rendle, [Factorization Machines](https://doi.org/10.1109/ICDM.2010.127), 2010: historiales y metadatos en un producto punto, sin red.
# - M. Ferrari Dacrema, P. Cremonesi y D. Jannach, [Are We Really Making Much Progress?](https://arxiv.org/abs/1907.06902), 2019: recomendadores neuronales frente a modelos base bien ajustados.
#
# **Siguiente:** la lección 05 deja de predecir estrellas y pregunta qué películas deben ir en la lista.
