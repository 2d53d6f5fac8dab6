# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/04_dl_model.ipynb)

# %% [markdown]
# # 4 · Modelos profundos: ¿ayuda una red neuronal?
#
# Hasta ahora, usuario y película se encontraban en un producto punto: una fórmula que alguien eligió. ¿Por qué no dejar que una red neuronal descubra por sí sola cómo se pasa de dos vectores a una valoración? La respuesta de esta lección tiene dos mitades. Si la red solo recibe los dos vectores, apenas supera al producto punto. Si recibe lo que no se le puede dar a un producto punto (géneros, edades, la lista de todo lo demás que alguien ha valorado), entonces sí que lo supera.
#
# **Al terminar, podrás**
#
# - construir una red sobre dos *embeddings* y elegir su tamaño;
# - demostrar que un modelo «profundo» que alguien publicó no es profundo, y que no puede recomendar;
# - decir, con cifras, qué añade un modelo profundo a un producto punto;
# - convertir en entradas los géneros, los años, las edades y las ocupaciones, aunque falten valores;
# - darle a un modelo el historial de cada usuario sin dejar que espíe la respuesta;
# - construir el mejor modelo de este curso para predecir valoraciones.
#
# **Tiempo** 75 minutos de trabajo y cerca de un minuto y medio de cálculo. **Antes de empezar** lecciones 01 a 03.

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
# Coloca el vector del usuario y el de la película uno a continuación del otro (*concaténalos*) y haz pasar el resultado por una pila de capas `Dense`. Cada una multiplica su entrada por una matriz, suma una constante y aplica una *activación*: una función que dobla la recta, como ReLU, max(0, x). La última tiene una sola salida y no lleva activación.
#
# ### Ejercicio 4.1 — construye un modelo profundo (8 minutos)
#
# Dos *embeddings*, esta vez sin L2; luego `layers.Concatenate()`, con el vector del usuario primero, y *dropout*; por cada elemento de `hidden`, una capa `Dense` de ese ancho, con su activación, seguida de *dropout*; al final, `Dense(1)` y la media, como en la lección 03.


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
    ### BEGIN SOLUTION
    both = layers.Concatenate(name="both")(
        [
            layers.Embedding(n_users, n_factors, name="user_factors")(user),
            layers.Embedding(n_movies, n_factors, name="movie_factors")(movie),
        ]
    )
    values = layers.Dropout(dropout)(both)
    for number, width in enumerate(hidden, start=1):
        values = layers.Dense(width, activation, name=f"hidden_{number}")(values)
        values = layers.Dropout(dropout)(values)
    deviation = layers.Dense(1, name="output")(values)
    rating = layers.Rescaling(1.0, offset=mean, name="rating")(deviation)
    return keras.Model({"user": user, "movie": movie}, rating, name="deep")
    ### END SOLUTION


# %%
deep = build_deep_model(n_users, n_movies, mean)
plots.draw_model(deep)

# %%
check("4.1", build_deep_model)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Hay dos vectores de n_factors números, uno a continuación del otro. ¿Qué largo tiene el resultado y qué hace con él cada `Dense`?
# 2. `layers.Concatenate()` recibe una lista. Guarda el tensor en una sola variable (`values`) y deja que un bucle sobre `hidden` lo vaya sustituyendo: densa, *dropout*, densa, *dropout*. La última `Dense` no lleva activación.
#
# ```python
# values = layers.Dropout(...)(layers.Concatenate()([..., ...]))
# for number, width in enumerate(..., start=...):
#     values = layers.Dense(..., ..., name=f"hidden_{number}")(...)
#     values = layers.Dropout(...)(...)
# deviation = layers.Dense(..., name=...)(values)
# ```
#
# **Fíjate**
#
# Nada en él dice que usuario y película haya que *multiplicarlos*. Todo lo que la red sepa de encajar lo tiene que descubrir en las valoraciones.


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
        epochs=epochs,
        callbacks=[stop_early],
        verbose=0,
    )


history = train_model(deep)
plots.plot_history(history, "Un modelo profundo sobre dos vectores", metric="rmse", unit="estrellas")
# %% [markdown]
# *Cómo leer la figura:* al principio, el error de entrenamiento queda *por encima* del de validación, por dos razones. Es la media de una época en la que el modelo aún estaba mejorando; y además le estorba el *dropout*, que está activo al entrenar y apagado al validar.
#
# ## El modelo profundo que no es profundo
#
# Esta es la red de un cuaderno público: *embeddings* y después `Dense(50)`, `Dense(50)`, `Dense(50)`, `Dense(1)`. Se entrena, su pérdida baja y se llama «modelo de aprendizaje profundo». Algo le falta.

# %%
as_published = build_deep_model(
    n_users, n_movies, mean, hidden=(50, 50, 50), activation=None, dropout=0.0
)
history = train_model(as_published, epochs=6)

# %% [markdown]
# ### Ejercicio 4.2 — demuestra que no es profundo (8 minutos)
#
# Sin activación, una capa densa es $x W + c$, y dos seguidas son $(x W_1 + c_1) W_2 + c_2$. Escríbelo como *una sola* capa $x W + c$ y luego hazlo para cualquier número de capas.


# %%
def collapse(layers_weights):
    """Una sola capa lineal que hace lo mismo que una pila de capas lineales.

    Parameters
    ----------
    layers_weights : list de (kernel, bias), uno o más
        De la primera capa a la última; un kernel es un arreglo de forma (n_in, n_out),
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
    ### BEGIN SOLUTION
    kernel, bias = layers_weights[0]
    for next_kernel, next_bias in layers_weights[1:]:
        kernel, bias = kernel @ next_kernel, bias @ next_kernel + next_bias
    return kernel, bias
    ### END SOLUTION


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

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Desarrolla (x W₁ + c₁) W₂ + c₂. ¿Qué multiplica a x, y qué queda sin ninguna x?
# 2. De dos capas sale una; de esa y la tercera vuelve a salir una. Empieza por la primera capa y deja que un bucle vaya incorporando las demás. El sesgo que llevas hasta ahí también pasa por el kernel siguiente.
#
# ```python
# kernel, bias = layers_weights[...]
# for next_kernel, next_bias in layers_weights[...]:
#     kernel, bias = ..., bias @ ... + ...
# return kernel, bias
# ```
#
# **Fíjate**
#
# Sean cuales sean los anchos intermedios, el kernel resultante tiene tantas filas como entradas hay y tantas columnas como salidas. De la profundidad no queda ni rastro.

# %% [markdown]
# Ocho mil pesos, y sesenta y cinco hacen lo mismo. Varias capas lineales seguidas son una sola capa lineal, por anchas que sean. Y es peor que un desperdicio. Una función lineal de dos vectores puestos uno a continuación del otro es una función del usuario *más* una función de la película:
#
# $$[p_u, q_i]\,W + c = p_u W_{\text{user}} + q_i W_{\text{movie}} + c$$
#
# Un sesgo de usuario más un sesgo de película. ¿Y qué se sigue de eso?

# %% [markdown] tags=["question"]
# Un modelo «profundo» sin activaciones es un sesgo de usuario más un sesgo de película. ¿Qué recomienda?
#
# - [ ] A cada usuario lo que va con su gusto, solo que con menos precisión
#   - Para convenirle a un usuario más que a otro, una película debe puntuar más alto con el uno que con el otro, *más allá* de lo que ya hacen ahí todas las películas. En una suma, ninguna lo hace.
# - [x] A todo el mundo las mismas películas, en el mismo orden
#   - La parte del usuario es la misma para todas las películas, así que no puede cambiar su orden. Para ordenar solo queda la parte de la película, que es la misma para todos los usuarios.
# - [ ] Películas al azar, pues no ha aprendido nada
#   - Algo ha aprendido: qué películas son buenas. Su error está cerca del que tiene el modelo base de sesgos.
# - [ ] A los usuarios generosos, otras películas que a los estrictos
#   - Las puntuaciones de un usuario generoso son más altas, todas en la misma medida. El orden no cambia.

# %%
quiz("4.a")

# %% [markdown]
# ### Ejercicio 4.3 — la prueba del gusto (7 minutos)
#
# Si a Ann le gusta *Alien* media estrella más que *Brazil*, y a Bo le gusta más *Brazil*, entonces usuario y película *interactúan*. En una suma no pueden: todo el mundo prefiere *Alien* a *Brazil* exactamente en la misma medida. Así que toma dos usuarios y dos películas, y mira si la preferencia es la misma.


# %%
def interaction(model, one_user, other_user, one_movie, other_movie):
    """Cuánto difieren dos usuarios en preferir una película a otra, según un modelo.

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
    ### BEGIN SOLUTION
    scores = model(
        {
            "user": np.array([one_user, one_user, other_user, other_user], "int32"),
            "movie": np.array([one_movie, other_movie] * 2, "int32"),
        }
    )
    one, other, one_again, other_again = np.ravel(scores)
    return float((one - other) - (one_again - other_again))
    ### END SOLUTION


# %%
for name, model in [("el publicado", as_published), ("con ReLU", deep)]:
    values = [
        interaction(model, u, u + 1, m, m + 7) for u in range(6) for m in range(6)
    ]
    print(f"{name:13} tamaño medio de la interacción: {np.mean(np.abs(values)):.5f} estrellas")

# %%
check("4.3", interaction)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿De cuántos pares necesitas la puntuación? Escríbelos: ¿qué usuario con qué película?
# 2. Haz dos arreglos de cuatro números de fila cada uno, con dtype int32, y llama al modelo una sola vez. Con `np.ravel`, (4, 1) y (4,) se vuelven iguales.
#
# ```python
# scores = np.ravel(model({
#     "user": np.array([one_user, one_user, ...], "int32"),
#     "movie": np.array([one_movie, other_movie, ...], "int32"),
# }))
# return float((... - ...) - (... - ...))
# ```
#
# **Fíjate**
#
# Como la prueba del ejercicio 2.3, esta nunca mira dentro: le bastan cuatro puntuaciones, vengan del modelo que vengan.

# %%
for name, model in [("el publicado", as_published), ("con ReLU", deep)]:
    best_first = np.argsort(-score_all(model, n_users, n_movies), axis=1)
    different = len(np.unique(best_first[:, :10], axis=0))
    print(f"{name:13} {n_users} usuarios, {different} listas distintas de diez películas")

# %% [markdown]
# El modelo publicado da a todos los usuarios del mundo la misma lista, en el mismo orden. Queda una centésima *por detrás* del modelo base de sesgos, porque *es* un modelo de sesgos, solo que sin la contracción. (Su autor ordenó listas con él y obtuvo un resultado cercano a cero; la lección 05 muestra qué hacen con las listas los modelos que predicen estrellas.) Lo que permite a una red ver que este usuario *y* esta película van bien juntos es una activación entre las capas. Pero no con mucha fuerza: la red con ReLU tiene unos cientos de listas distintas para 943 personas. Hay películas que gustan a casi todo el mundo; también de eso habla la lección 05.
#
# ## ¿Qué tamaño? ¿Cuánto *dropout*?
#
# Tres redes sobre los mismos dos vectores. Primero, haz tu apuesta.

# %% [markdown] tags=["question"]
# Una red con 8 unidades ocultas, otra con 256 y otra con 256 y mucho *dropout*, cada una entrenada durante ocho épocas: ¿en cuánto se diferenciarán sus mejores errores de validación?
#
# - [ ] La mayor es varias centésimas mejor: puede expresar más
#   - Puede, pero no tiene con qué: la entrada son los mismos dos vectores.
# - [ ] La mayor sin *dropout* es mucho peor, porque se sobreajusta
#   - Se sobreajusta, sí, tarde o temprano. Pero la *mejor* época llega antes, y es más o menos igual de buena que la de las otras.
# - [x] En menos de una centésima
#   - Lo que limita a estas redes no es su tamaño, sino lo que les contamos.

# %%
quiz("4.b")

# %%
curves = {}
for name, hidden, dropout in [
    ("8 unidades, dropout 0", (8,), 0.0),
    ("256 unidades, dropout 0", (256,), 0.0),
    ("256 unidades, dropout 0.5", (256,), 0.5),
]:
    keras.utils.set_random_seed(4)
    candidate = build_deep_model(n_users, n_movies, mean, hidden, dropout=dropout)
    curves[name] = train_model(candidate, epochs=8, patience=8).history["val_rmse"]

axes = plt.figure().add_subplot()
for (name, curve), style in zip(curves.items(), ["-", "--", "-."], strict=True):
    axes.plot(np.arange(1, len(curve) + 1), curve, style, label=name)
axes.set_xlabel("época")
axes.set_ylabel("RMSE de validación (estrellas)")
axes.set_title("Ni el tamaño ni el dropout importan mucho")
axes.legend()
plt.show()

# %% [markdown]
# *Cómo leer la figura:* fíjate en la escala del eje y. Las tres redes quedan a menos de media centésima unas de otras; cuál va por delante, o cuál empieza antes a subir, cambia con la semilla. Treinta veces más unidades ocultas no han aportado nada en estas ocho épocas. (Con mucho *dropout* se sigue mejorando, despacio: después de treinta épocas el error es una centésima menor, y aún queda por detrás de producto + sesgos.) Lo que limita a la red no es su tamaño, sino lo que le contamos: dos vectores.
#
# ## ¿Gana la red al producto punto?

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
# Apenas. La red va por delante del producto punto a secas de la lección 02 (alrededor de 0.94), que no tiene sitio para los sesgos. Queda una o dos centésimas por detrás de producto + sesgos (0.915), que sí lo tiene, y eso que, en principio, una red sobre dos vectores podría aprender las dos cosas. Pero un producto punto trae de fábrica la idea de *encajar*; una red tiene que descubrirla, factor por factor, a partir de 72,000 valoraciones. (Podríamos afinar más la nuestra: se acercaría, pero no lo adelantaría. Los artículos que afirmaban lo contrario habían afinado la red y no el producto punto.)
#
# Entonces, ¿para qué sirven las redes? Para recibir lo que no cabe en un producto punto.
#
# ## Todo lo demás que sabemos
#
# Una película tiene géneros y un año; un usuario, una edad y una ocupación. Una red acepta cualquier lista de números, así que el trabajo está en hacer buenas listas. **Géneros**: una columna para cada uno, con un 1 donde corresponde (*multi-hot*).
#
# ### Ejercicio 4.4 — los géneros como columnas (5 minutos)


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
    ### BEGIN SOLUTION
    return labels.str.get_dummies(sep=separator).astype("float32")
    ### END SOLUTION


# %%
movies = movielens.movies.set_index("movie_id").loc[split.movies.ids]
genres = multi_hot(movies["genres"])
genres.head(3)

# %%
check("4.4", multi_hot)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué etiquetas aparecen en total? ¿Cuáles de ellas tiene cada fila?
# 2. pandas lo hace de una vez: busca un método de `labels.str` que haga *dummies*. A mano: divide cada texto, reúne todas las etiquetas, ordénalas y pregunta en cada fila si la etiqueta está en su *lista* (en su texto, Drama también está dentro de Melodrama).
#
# ```python
# return labels.str.get_dummies(...).astype(...)
# ```
#
# **Fíjate**
#
# Una fila sin etiquetas es todo ceros, y no necesita columna propia.

# %% [markdown]
# Los **números** entran *estandarizados*: se les resta la media y se dividen entre la desviación estándar, para que un año, que anda cerca de 2000, no ahogue a un género, que es 0 o 1. Y donde falta un valor decimos dos cosas: 0, «nada especial», y una segunda columna que dice «falta».
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
        Columna 0: (valor - media) / desviación estándar de los valores que hay
        (dividida entre n, como hace NumPy), y 0 para los que faltan.
        Columna 1: 1 donde falta el valor; si no, 0.

    Examples
    --------
    >>> standardise([1.0, np.nan, 3.0]).tolist()
    [[-1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    """
    ### BEGIN SOLUTION
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    z = (values - np.nanmean(values)) / np.nanstd(values)
    return np.column_stack([np.where(missing, 0, z), missing]).astype("float32")
    ### END SOLUTION


# %%
years = standardise(movies["year"].astype("float64"))
movie_features = np.hstack([genres, years]).astype("float32")
users = movielens.users
if users is None:  # some editions know nothing about their users
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

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué responde `np.mean` si uno de los valores es NaN?
# 2. `np.isnan` encuentra los que faltan; `np.nanmean` y `np.nanstd` no los tienen en cuenta. `np.where(…, 0, …)` rellena y `np.column_stack` pone dos columnas una al lado de la otra.
#
# ```python
# missing = np.isnan(...)
# z = (... - np.nanmean(...)) / np.nanstd(...)
# return np.column_stack([np.where(missing, ..., ...), ...]).astype(...)
# ```
#
# **Fíjate**
#
# Un 0 en la primera columna puede querer decir dos cosas, «en la media» o «no se sabe»; la segunda columna dice cuál.

# %% [markdown]
# ## ¿Qué más ha valorado?
#
# Lo que mejor describe a un usuario no es su edad. Es la *lista de lo que ha valorado*, con las estrellas que sean: quien ha valorado seis películas de Hitchcock ya nos dice mucho solo con eso. En SVD++, un modelo del Netflix Prize, cada película tiene un segundo vector, que se usa cuando aparece en el historial de alguien; el historial de un usuario es la suma de esos vectores, dividida entre la raíz cuadrada de cuántos son. Al revés funciona igual: a una película la describen quienes la han valorado.
#
# Hay una trampa. El historial de un par de entrenamiento contiene *esa misma película*, y entonces la hoja de respuestas está al lado de la pregunta: que alguien la valoró se ve en el entrenamiento, y nunca en la prueba. Con ceros y unos el daño es pequeño (medimos 0.002 estrellas). Pero si pones las *estrellas* en el historial, la propia respuesta está en la entrada: 0.015 estrellas peor, con un error de entrenamiento que parece una maravilla. Y en la lección 05, donde la pregunta es «¿la vio?», el historial *sería* la respuesta. Por eso, desde el principio, la película de cada par se queda fuera de su historial.
#
# ### Ejercicio 4.6 — un historial que no espía la respuesta (10 minutos)
#
# `rated` es la matriz de ceros y unos de las valoraciones de *entrenamiento*. Para cada par, suma los vectores de todas las películas que el usuario ha valorado, menos la del propio par, y divide entre la raíz cuadrada de cuántos has sumado (como mínimo, 1). Te servirán dos operaciones de Keras: `ops.matmul(rated, vectors)` tiene la suma completa de cada usuario, y `ops.take(table, rows, axis=0)` lee filas. La línea que lee en la matriz la entrada del propio par ya está escrita.
#
# El modelo llama a tu función dentro de `fit`, que la compila una sola vez para lotes de cualquier tamaño. Entonces no se conoce el número de filas (`who.shape[0]` es `None`) y los tensores todavía no tienen valores: usa operaciones de Keras sobre tensores enteros, sin bucles sobre los pares y sin NumPy.


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
    ### BEGIN SOLUTION
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0)
    rest = total - own * ops.take(vectors, what, axis=0)
    return rest / ops.sqrt(ops.maximum(number - own, 1.0))
    ### END SOLUTION


# %%
tiny = ops.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), ops.array([[2.0], [4.0], [9.0]])
history_vectors(*tiny, ops.array([0, 0, 1]), ops.array([1, 2, 2]))

# %%
check("4.6", history_vectors)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. La suma completa del historial de un usuario es fácil. ¿Cuánto sobra en ella para un par cuya película está en el historial? ¿Y para uno cuya película no está?
# 2. `ops.take(ops.matmul(rated, vectors), who, axis=0)` es la suma completa para cada par. Réstale `own` por el vector de la película; `own` es 0 o 1. El número de sumandos también baja en `own`, y no debe quedar por debajo de 1 (`ops.maximum`).
#
# ```python
# total = ops.take(ops.matmul(...), who, axis=0)
# number = ops.take(ops.sum(rated, axis=1, keepdims=True), ..., axis=0)
# rest = total - ... * ops.take(vectors, ..., axis=0)
# return rest / ops.sqrt(ops.maximum(..., 1.0))
# ```
#
# **Fíjate**
#
# Todo el historial es un solo producto de matrices, que se hace una vez para todos los usuarios; luego cada par quita su propia película. Sin bucles, y nadie espía la respuesta.

# %% [markdown]
# ## El híbrido
#
# Ahora, todo junto, en una subclase: los sesgos y un producto punto para lo que saben hacer, y una red para lo demás. Cada vector es el propio del id *más* su historial. Lo que se sabe de usuarios y películas se guarda dentro del modelo, en tablas constantes que se leen por número de fila; así, el modelo sigue recibiendo los mismos pares que todos los demás.
#
# Lee la clase en tres partes. `__init__` hace las tablas (`table` es una forma breve de hacer un *embedding* con nuestros valores iniciales y L2; lleva `build` porque leemos sus pesos directamente). La primera mitad de `call` compone los dos vectores. La segunda suma lo que ya tenía la lección 03 (media, sesgos, producto punto) y la salida de una red pequeña, que ve los vectores, su producto elemento a elemento y los metadatos.


# %%
class HybridModel(keras.Model):
    """Sesgos + producto punto + red, con ids, historiales y metadatos.

    Parameters
    ----------
    mean : float
    rated : arreglo de float32, shape (n_users, n_movies), o None
        Valoraciones de entrenamiento como 0/1; None para un modelo sin historiales.
    user_features, movie_features : arreglos de float32, una fila por índice
    n_factors, hidden : int
    """

    def __init__(
        self, mean, rated, user_features, movie_features, n_factors=32, hidden=64
    ):
        super().__init__(name="hybrid")
        n_users, n_movies = len(user_features), len(movie_features)

        def table(n_rows, n_columns, name):
            start = keras.initializers.RandomNormal(stddev=0.05 if n_columns > 1 else 0)
            weights = layers.Embedding(
                n_rows, n_columns, start, keras.regularizers.L2(2e-4), name=name
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
        self.dropout = layers.Dropout(0.3)
        self.hidden = layers.Dense(hidden, activation="relu", name="hidden")
        self.output_layer = layers.Dense(1, name="output")

    def call(self, pairs, training=False):
        user, movie = pairs["user"], pairs["movie"]
        user_vector, movie_vector = self.user_factors(user), self.movie_factors(movie)
        if self.rated is not None:
            user_vector += history_vectors(
                self.rated, self.when_rated.embeddings, user, movie
            )
            movie_vector += history_vectors(
                self.rated_by, self.when_rating.embeddings, movie, user
            )
        match = user_vector * movie_vector
        everything = [
            user_vector,
            movie_vector,
            match,
            ops.take(self.user_features, user, axis=0),
            ops.take(self.movie_features, movie, axis=0),
        ]
        values = self.dropout(ops.concatenate(everything, axis=-1), training=training)
        values = self.dropout(self.hidden(values), training=training)
        return (
            self.mean
            + self.user_bias(user)
            + self.movie_bias(movie)
            + ops.sum(match, axis=-1, keepdims=True)
            + self.output_layer(values)
        )


# %% [markdown]
# Una cosa más, sobre el entrenamiento. En las últimas épocas, los pesos van dando saltos alrededor del mínimo con cada lote. Llevar una media móvil de los pesos, y predecir con *ella*, no cuesta nada y es más estable: de eso se encarga el optimizador con `use_ema`, y un *callback* pone la media en su sitio al final de cada época. («EMA» es *exponential moving average*, media móvil exponencial.)
#
# La celda siguiente entrena cuatro variantes: con metadatos o sin ellos, con historiales o sin ellos. Primero, haz tu apuesta.

# %% [markdown] tags=["question"]
# El híbrido recibe metadatos (género, año, edad, ocupación) e historiales (quién ha valorado qué, sin estrellas). ¿Cuál de los dos baja más el error?
#
# - [ ] Los metadatos: el género y la edad dicen qué le gusta a la gente
#   - Algo dicen. Pero lo que un género dice de una película ya lo han dicho, y con más precisión, las personas que la han visto.
# - [x] Los historiales, con mucha diferencia
#   - La lista de lo que alguien ha elegido ver es la mejor descripción de esa persona, aun sin una sola estrella.
# - [ ] Los dos por igual, y juntos el doble
#   - Se solapan: cuando ya se conocen los historiales, los metadatos no añaden casi nada.
# - [ ] Ninguno: los vectores de los ids ya lo han aprendido todo
#   - Los vectores se aprenden solo de las estrellas, y de una película con pocas valoraciones no se puede sacar gran cosa.

# %%
quiz("4.c")


# %%
def train_hybrid(model, epochs=30):
    """Ajusta con pesos promediados y para en la mejor época de validación."""
    model.compile(
        optimizer=keras.optimizers.Adam(0.006, use_ema=True, ema_momentum=0.96),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    model({name: rows[:1] for name, rows in train_pairs.items()})  # builds its layers
    model.optimizer.build(model.trainable_variables)
    return model.fit(
        train_pairs,
        train["rating"].to_numpy(),
        validation_data=(valid_pairs, valid["rating"].to_numpy()),
        batch_size=4096,
        validation_batch_size=8192,
        epochs=epochs,
        callbacks=[
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            keras.callbacks.EarlyStopping(
                monitor="val_rmse", mode="min", patience=2, restore_best_weights=True
            ),
        ],
        verbose=0,
    )


rated = np.zeros((n_users, n_movies), dtype="float32")
rated[train["user"], train["movie"]] = 1

variants = {
    "solo ids": (None, user_features[:, :0], movie_features[:, :0]),
    "ids + metadatos": (None, user_features, movie_features),
    "ids + historiales": (rated, user_features[:, :0], movie_features[:, :0]),
    "híbrido: ids, metadatos, historiales": (rated, user_features, movie_features),
}
hybrid_guesses, sizes = {}, {}
for name, (known, of_users, of_movies) in variants.items():
    keras.utils.set_random_seed(4)
    hybrid = HybridModel(mean, known, of_users, of_movies)
    history = train_hybrid(hybrid)
    guesses = hybrid.predict(test_pairs, batch_size=8192, verbose=0)
    hybrid_guesses[name] = np.clip(guesses, *movielens.rating_scale[:2])
    sizes[name] = hybrid.count_params()
    print(
        f"{name}: {len(history.epoch)} épocas, RMSE de validación "
        f"{min(history.history['val_rmse']):.3f}"
    )

# %% [markdown]
# (`[:, :0]` es una tabla sin columnas: no se sabe nada. Y `np.clip` mantiene las predicciones dentro de la escala, porque nadie puede dar 5.3 estrellas; con eso se gana menos de una milésima.)

# %%
for name, guesses in hybrid_guesses.items():
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
best = hybrid_guesses["híbrido: ids, metadatos, historiales"]
verdict("RMSE de prueba del híbrido", rmse(test["rating"], best), inside=(0.88, 0.90))
verdict("MAE de prueba del híbrido", mae(test["rating"], best), inside=(0.685, 0.715))

# %% [markdown]
# Ahí está. El híbrido le saca a producto + sesgos la misma ventaja que producto + sesgos le sacaba al producto punto. Compara las cuatro filas; las cuatro llevan dentro sesgos y producto punto. *Solo ids* no es mejor que el modelo profundo: la red que acompaña al producto punto no hace más que sobreajustarse antes. Los metadatos ayudan mientras no hay nada mejor; cuando entran los *historiales*, ya no añaden casi nada. Lo que un género dice de una película, unas cuantas docenas de personas ya lo han dicho al verla. Todo eso cabe en los unos de la matriz, sin una sola estrella.
#
# ## ¿Dónde ha mejorado?
#
# Una sola media esconde mucho. Separa las valoraciones de prueba según cuántas valoraciones de entrenamiento tiene la película.

# %%
n_ratings = np.bincount(train["movie"], minlength=n_movies)[test["movie"]]
groups = pd.cut(
    n_ratings,
    [-1, 9, 49, 199, np.inf],
    labels=["0–9", "10–49", "50–199", "200 o más"],
)
squared = pd.DataFrame(
    {"sesgos de usuario y película": (baseline.predict(test_pairs) - test["rating"]) ** 2}
    | {
        name: (np.ravel(guesses) - test["rating"]) ** 2
        for name, guesses in hybrid_guesses.items()
    }
)
by_group = np.sqrt(squared.groupby(groups, observed=True).mean())
axes = plt.figure(figsize=(7, 4)).add_subplot()
place = np.arange(len(by_group))
for offset, (name, column) in zip(
    np.linspace(-0.4, 0.4, 5), by_group.items(), strict=True
):
    axes.plot(place + offset / 3, column, "o", ms=9, label=name)
axes.set_xticks(place, by_group.index)
axes.set_xlabel("valoraciones de entrenamiento de la película")
axes.set_ylabel("RMSE de prueba (estrellas)")
axes.set_title("Mejor en todas partes, y más donde hay pocas valoraciones")
axes.legend()
plt.show()

# %% [markdown]
# *Cómo leer la figura:* todos los modelos fallan más donde menos se sabe, a la izquierda. Ahí es también donde el híbrido saca más ventaja a los sesgos: la media de una película se apoya en un puñado de personas, y *quiénes* son dice bastante más. (A la derecha también gana: donde se sabe mucho, hay más gusto que aprender.) De una película que aún no ha valorado nadie no se conoce más que los metadatos; solo 58 valoraciones de prueba son de ese tipo, demasiado pocas para medir cuánto ayudan.
#
# ## ¿Qué te diría que vieras?
#
# El híbrido quiere de un usuario algo más que un vector: un historial y unos cuantos datos. Así que te sientas en el sitio del primer usuario: tus diez películas pasan a ser el historial de esa fila y, como no sabemos nada más de ti, te toca la media de las características de todos los usuarios. Después, el vector y el sesgo se ajustan a tus valoraciones, como antes.

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
# Compara la lista con la de la lección 03. Lo nuevo está ahí por *cuáles* son las películas que has valorado, y no solo por tus estrellas.
#
# ## Para recordar
#
# - Entre capas densas tiene que haber una activación. Sin ella, un modelo profundo es un sesgo de usuario más un sesgo de película, y da a todo el mundo la misma lista.
# - Para saber si hay interacción: dos usuarios, dos películas, una diferencia de diferencias.
# - Con dos vectores y nada más, una red no gana a un producto punto con sesgos.
# - Lo bueno de una red es que admite más cosas: los metadatos aportan un poco; los historiales, mucho.
# - Un historial no debe contener el par que ayuda a predecir.
#
# ## Para seguir leyendo
#
# - H.-T. Cheng et al., [Wide & Deep Learning for Recommender Systems](https://arxiv.org/abs/1606.07792), 2016: memoria y generalización en un solo modelo.
# - J. Lian et al., [xDeepFM](https://arxiv.org/abs/1803.05170), 2018: las interacciones, hechas explícitas.
# - Y. Koren, [Factorization Meets the Neighborhood](https://doi.org/10.1145/1401890.1401944), 2008: SVD++.
# - M. Ferrari Dacrema, P. Cremonesi y D. Jannach, [Are We Really Making Much Progress?](https://arxiv.org/abs/1907.06902), 2019: una respuesta incómoda.
#
# **Siguiente:** la lección 05 deja de predecir estrellas y pregunta lo que queríamos saber desde el principio: ¿qué películas van en la lista?

# %% tags=["instructor"]
# Minutos: 75. 4.2 y 4.3 van juntos; deja que el grupo discuta por qué la lista es la misma para todos antes de ejecutar la celda. Ideas equivocadas: «con más capas se puede expresar más» (si son lineales, no); «por el dropout es mayor el error de entrenamiento, así que el dropout es malo»; «los metadatos tienen que ayudar mucho». Preguntas abiertas: el modelo lineal recomienda las mismas películas a todos; los tres tamaños difieren en menos de 0.005.
