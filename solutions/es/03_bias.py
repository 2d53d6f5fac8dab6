# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/03_bias.ipynb) [![Abrir en Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=solutions%2Fes%2F03_bias.ipynb)

# %% [markdown]
# # 3 · Sesgos: usuarios generosos y buenas películas
#
# La factorización de matrices de la lección 02 describe cada valoración con un producto punto de factores latentes. Pero buena parte de una valoración tiene poco que ver con lo bien que encajan un usuario y una película. Hay personas que dan cinco estrellas a casi todo, y películas que gustan a casi todo el mundo. En esta lección esos efectos reciben pesos propios: un **sesgo del usuario** y un **sesgo de la película**. Cada uno es un solo número, así que puedes leerlo en estrellas. Con ellos, el modelo es la factorización de matrices *con sesgos* de [Koren, Bell y Volinsky (2009)](https://doi.org/10.1109/MC.2009.263), que sigue siendo un modelo base de referencia.
#
# **Al terminar, podrás**
#
# - descomponer una valoración en media, sesgo del usuario, sesgo de la película y resto;
# - construir un modelo con sesgos y mostrar que su penalización L2 *es* la contracción de la lección 01;
# - explicar por qué las películas con la valoración media más alta no son las mejores;
# - distinguir a un usuario generoso de uno que elige buenas películas;
# - extraer una parte de un modelo entrenado por los nombres de sus capas.
#
# **Tiempo** 60 minutos de trabajo y cerca de un minuto de ejecución. **Antes de empezar** las lecciones 01 y 02.

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
from keras import layers

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline
from helpers.data import load_movielens
from helpers.metrics import bootstrap_rmse, mae, rmse
from helpers.fold_in import what_to_watch
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(3)

movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid, test = split.train, split.valid, split.test
train_pairs, valid_pairs, test_pairs = pairs(train), pairs(valid), pairs(test)

titles = (
    movielens.movies.set_index("movie_id").loc[split.movies.ids, "title"].to_numpy()
)
print(f"{len(titles)} títulos, en el orden de las filas de la tabla: {titles[0]}, …")

# %% [markdown] tags=["slide", "sentence-1-2-3"]
# ## Descomponer una valoración
#
# En la lección 01 ajustamos una media $\mu$, un sesgo $b_u$ para cada usuario y un sesgo $b_i$ para cada película. Lo que dejan sin explicar de una valoración es su **residuo**, que aquí llamamos el resto. Explicarlo es tarea de los factores latentes:
#
# $$r_{ui} = \mu + b_u + b_i + \text{rest}_{ui}$$
#
# ### Ejercicio 3.1 — descompón valoraciones (5 minutos)


# %%
def take_apart(ratings, mean, user_bias, movie_bias):
    """Separa cada valoración en media, sesgo de usuario, sesgo de película y resto.

    Parameters
    ----------
    ratings : pandas.DataFrame
        Con `user` y `movie` (números de fila de los arrays de sesgos) y `rating`.
    mean : float
    user_bias, movie_bias : numpy.ndarray of float, shapes (n_users,), (n_movies,)

    Returns
    -------
    pandas.DataFrame
        Columnas `mean`, `user_bias`, `movie_bias`, `rest`, en este orden, de float,
        con el índice de `ratings`; las cuatro suman la valoración.

    Examples
    --------
    >>> one = pd.DataFrame({"user": [0], "movie": [1], "rating": [5.0]})
    >>> take_apart(one, 3.5, np.array([-0.5]), np.array([0.0, 1.0])).values.tolist()
    [[3.5, -0.5, 1.0, 1.0]]
    """
    ### BEGIN SOLUTION
    parts = pd.DataFrame(index=ratings.index)
    parts["mean"] = mean
    parts["user_bias"] = user_bias[ratings["user"]]
    parts["movie_bias"] = movie_bias[ratings["movie"]]
    parts["rest"] = ratings["rating"] - parts.sum(axis=1)
    return parts
    ### END SOLUTION


# %%
baseline = BiasBaseline().fit(train, split.n_users, split.n_movies)
parts = take_apart(train, baseline.mean, baseline.user_bias, baseline.movie_bias)
parts.assign(rating=train["rating"], title=titles[train["movie"]]).head(5).round(2)

# %%
check("3.1", take_apart)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué número de `user_bias` corresponde a la valoración de la primera fila? ¿Y cómo se lee uno para todas las filas a la vez?
# 2. `user_bias[ratings["user"]]` lee el array con una columna de números de fila. Empieza con `pd.DataFrame(index=ratings.index)`, para que las columnas nuevas tengan las mismas filas. El resto es la valoración menos las otras tres partes.
#
# ```python
# parts = pd.DataFrame(index=...)
# parts["mean"] = ...
# parts["user_bias"] = user_bias[...]
# parts["movie_bias"] = ...
# parts["rest"] = ratings["rating"] - ...
# ```
#
# **Fíjate**
#
# Las cuatro partes suman la valoración, sean cuales sean los sesgos, porque el resto es lo que ellos dejan. Los buenos sesgos dejan poco.

# %% [markdown]
# Lee la primera fila en voz alta: la media es 3.53, el sesgo del usuario quita 0.54, el sesgo de la película quita otros 0.59, y el resto, −1.40, es gusto y azar a la vez. ¿Qué tamaño tiene cada parte, en el conjunto de las valoraciones? La medimos por su varianza, la media de las desviaciones al cuadrado. Si las partes apenas están correlacionadas, sus varianzas suman casi la varianza del total.

# %% tags=["slide"]
variance = parts[["movie_bias", "user_bias", "rest"]].var()
plots.plot_bars(
    ["sesgo de película", "sesgo de usuario", "resto"],
    100 * variance / variance.sum(),
    "De dónde viene la variación de las valoraciones",
    "proporción (%)",
    highlight=["rest"],
)
print(f"suma de las varianzas de las partes: {variance.sum():.2f}")
print(f"varianza de las valoraciones:        {train['rating'].var():.2f}")
for name, ratings, inputs in [
    ("conjunto de entrenamiento", train, train_pairs),
    ("conjunto de prueba", test, test_pairs),
]:
    left = np.mean((ratings["rating"] - baseline.predict(inputs)) ** 2)
    explained = 1 - left / ratings["rating"].var()
    print(f"explicado por los sesgos, {name}: {explained:.0%}")

# %% [markdown] tags=["slide", "sentence-1-2-3"]
# *Cómo leer la figura:* los dos sesgos representan casi un tercio de la suma de las tres varianzas. Las dos últimas líneas comparan el error que dejan con la varianza de las valoraciones: explican alrededor de un tercio en el conjunto de entrenamiento, al que se ajustaron, y el 30 % en el de prueba.
#
# Para esa parte no hace falta ningún vector, y a un modelo que gasta en ella sus factores le quedan menos para el resto. Cuánto del resto pueden explicar los factores lo mediremos más abajo.
#
# ## Los sesgos como *embeddings*
#
# Un sesgo es un *embedding* de una sola columna. Empezamos con un modelo que tiene sesgos y nada más. El entrenamiento debería encontrar casi los mismos números que el `BiasBaseline` de la lección 01, que los calcula con una fórmula.
#
# ### Ejercicio 3.2 — un modelo solo de sesgos en Keras (8 minutos)
#
# La media es una constante que se le da al modelo: `layers.Rescaling(1.0, offset=mean)` la suma. Llama a las tablas `user_bias` y `movie_bias`, haz que empiecen en `"zeros"` y ponles a las dos un regularizador L2. `layers.Add()` recibe una lista. Crea el modelo con `keras.Model({"user": user, "movie": movie}, rating)`, porque una celda posterior necesita las entradas por su nombre.


# %%
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    """Construye el modelo: valoración = media + sesgo de usuario + sesgo de película.

    Parameters
    ----------
    n_users, n_movies : int
    mean : float, en estrellas
        Media de las valoraciones de entrenamiento: una constante, que no se aprende.
    l2 : float
        Peso de los sesgos al cuadrado en la pérdida.

    Returns
    -------
    keras.Model
        Recibe ``{"user": int32 (n,), "movie": int32 (n,)}`` y devuelve float32 de
        forma (n, 1). Sus embeddings, `user_bias` y `movie_bias`, tienen una columna,
        empiezan en cero y los dos llevan `keras.regularizers.L2(l2)`.
    """
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    ### BEGIN SOLUTION
    regularizer = keras.regularizers.L2(l2)
    user_bias = layers.Embedding(
        n_users, 1, "zeros", embeddings_regularizer=regularizer, name="user_bias"
    )(user)
    movie_bias = layers.Embedding(
        n_movies, 1, "zeros", embeddings_regularizer=regularizer, name="movie_bias"
    )(movie)
    deviation = layers.Add(name="deviation")([user_bias, movie_bias])
    rating = layers.Rescaling(1.0, offset=mean, name="rating")(deviation)
    return keras.Model({"user": user, "movie": movie}, rating, name="bias_only")
    ### END SOLUTION


# %%
def train_model(model, learning_rate=0.005, epochs=40):
    """Ajusta con los pares de entrenamiento y para en la mejor época de validación."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    model.optimizer.build(model.trainable_variables)
    stop_early = keras.callbacks.EarlyStopping(
        monitor="val_rmse", mode="min", patience=3, restore_best_weights=True
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


mean = float(train["rating"].mean())
bias_only = build_bias_model(split.n_users, split.n_movies, mean)
before = bias_only.predict(valid_pairs, batch_size=8192, verbose=0)
print(f"RMSE antes de entrenar {rmse(valid['rating'], before):.3f}")
history = train_model(bias_only, learning_rate=0.02)
bias_guesses = bias_only.predict(valid_pairs, batch_size=8192, verbose=0)
print(f"RMSE después           {rmse(valid['rating'], bias_guesses):.3f}")
closed_form = rmse(valid["rating"], baseline.predict(valid_pairs))
print(f"BiasBaseline           {closed_form:.3f}")

# %%
check("3.2", build_bias_model)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. El sesgo de un usuario es un número que se consulta por su fila. ¿Qué capa consulta filas, y cuántas columnas tiene aquí su tabla?
# 2. `layers.Embedding(n_users, 1, "zeros", embeddings_regularizer=…, name=…)(user)` tiene forma (n, 1), y lo mismo el de la película. Suma los dos y deja que `layers.Rescaling` sume la constante.
#
# ```python
# user_bias = layers.Embedding(..., 1, ..., name=...)(user)
# movie_bias = layers.Embedding(...)(movie)
# deviation = layers.Add()([..., ...])
# rating = layers.Rescaling(1.0, offset=...)(...)
# return keras.Model({"user": user, "movie": movie}, ...)
# ```
#
# **Fíjate**
#
# Con todos los pesos a 0 el modelo predice la media, así que empieza con el error del modelo base más simple.

# %% tags=["nbval-check-output"]
trained = rmse(valid["rating"], bias_guesses)
verdict(
    "sesgos entrenados frente a la fórmula",
    trained - closed_form,
    inside=(-0.01, 0.01),
)

# %% [markdown] tags=["slide", "sentence-1-4-5-7"]
# Antes de entrenar, el RMSE ya es 1.12, frente a 3.7 en el modelo de la lección 02, que primero tenía que aprender la media. Después de entrenar, empata con la fórmula. Siempre que haya una fórmula, merece la pena hacer esta comparación: pone a prueba todo el código de entrenamiento.
#
# ## La L2 es contracción
#
# La lección 01 contrae un sesgo dividiendo entre $n + \lambda$ en lugar de $n$. Aquí la pérdida lleva una penalización L2 con peso $\ell$. Las dos cosas son lo mismo. Con $N$ valoraciones de entrenamiento, la pérdida es
#
# $$\frac1N \sum_{u,i} (r_{ui} - \mu - b_u - b_i)^2
# + \ell\sum_u b_u^2 + \ell\sum_i b_i^2.$$
#
# Toma una película con $n$ valoraciones, deja fijo todo lo demás e iguala a cero la derivada respecto a su $b_i$:
#
# $$-\frac2N \sum_u (r_{ui} - \mu - b_u - b_i) + 2\ell\, b_i = 0.$$
#
# La suma tiene $n$ términos, uno por cada valoración de la película. Multiplica por $N/2$ y despeja el sesgo: $b_i = \sum_u (r_{ui} - \mu - b_u) / (n + \ell N)$.
#
# ### Ejercicio 3.3 — ¿cuántas valoraciones imaginarias vale una penalización L2? (5 minutos)
#
# Lee $n + \ell N$ como en la lección 01: además de sus $n$ valoraciones reales, la película tiene $\ell N$ imaginarias, que son exactamente lo que predicen la media y el sesgo del usuario. Una penalización de 5e-5 parece minúscula. ¿A cuántas valoraciones imaginarias equivale aquí, y qué parte del sesgo le deja a una película con $n$ valoraciones?


# %%
def share_that_stays(l2, n_ratings, n_train):
    """Devuelve lo que la contracción deja de un sesgo: 1 es todo, 0 es nada.

    Parameters
    ----------
    l2 : float, mayor que 0
        Peso del sesgo al cuadrado en una pérdida que es media de valoraciones.
    n_ratings : int, 1 o más
        Valoraciones de este usuario o de esta película.
    n_train : int
        Todas las valoraciones del conjunto de entrenamiento.

    Returns
    -------
    float de 0 a 1, sin redondear

    Examples
    --------
    Con 100 000 valoraciones, una L2 de 1e-4 son diez valoraciones imaginarias.

    >>> round(share_that_stays(1e-4, n_ratings=30, n_train=100_000), 4)
    0.75
    """
    ### BEGIN SOLUTION
    imaginary = l2 * n_train
    return n_ratings / (n_ratings + imaginary)
    ### END SOLUTION


# %% tags=["slide"]
user_bias = bias_only.get_layer("user_bias").get_weights()[0][:, 0]
movie_bias = bias_only.get_layer("movie_bias").get_weights()[0][:, 0]
deviation = train["rating"] - mean - user_bias[train["user"]]
raw = deviation.groupby(train["movie"]).agg(["mean", "size"])
share = movie_bias[raw.index] / raw["mean"]
for n in (1, 3, 10, 30, 100):
    by_formula = share_that_stays(5e-5, n, len(train))
    such = share[(raw["size"] == n) & (raw["mean"].abs() > 0.3)]
    print(
        f"{n:4} valoraciones: {by_formula:.0%} según la fórmula, {such.median():.0%} "
        f"entrenado (películas: {len(such)})"
    )

# %%
check("3.3", share_that_stays)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. En la fórmula de bᵢ de más arriba, el denominador es n + ℓ·N. ¿Cuál sería sin ninguna penalización? ¿En qué factor se diferencian los dos resultados?
# 2. Valoraciones imaginarias: ℓ·N. Sin ellas, el sesgo sería suma / n. La proporción que queda es un sesgo dividido entre el otro, y la suma se cancela.
#
# ```python
# imaginary = ... * ...
# return ... / (... + imaginary)
# ```
#
# **Fíjate**
#
# Un sesgo conserva la mitad de su valor cuando n = ℓ·N, y casi todo cuando n es mucho mayor. Con diez veces más valoraciones en el conjunto de entrenamiento, la misma ℓ equivale a diez veces más valoraciones imaginarias.

# %% [markdown]
# El modelo entrenado contrae casi como dice la fórmula. Cada valor entrenado es una mediana de películas con ese número de valoraciones (quedan fuera aquellas cuyo sesgo, antes de contraerlo, está a menos de 0.3 estrellas de 0), y la última fila es una sola película. En nuestro conjunto de entrenamiento, una ℓ de 5e-5 equivale a 3.6 valoraciones imaginarias. Eso se acerca a la λ de `BiasBaseline`, 3 para las películas y 5 para los usuarios, y por eso coinciden los dos errores. También muestra por qué el peso de una L2 no se puede copiar de un conjunto de datos a otro: con diez veces más valoraciones, la misma ℓ equivale a diez veces más valoraciones imaginarias.
#
# ## Producto punto + sesgos
#
# ### Ejercicio 3.4 — júntalo todo (8 minutos)
#
# Ahora vuelve a añadir el producto punto:
#
# $$\hat r_{ui} = \mu + b_u + b_i + p_u \cdot q_i$$
#
# El modelo tiene cuatro tablas, con los nombres de antes. Los vectores llevan su propio peso de L2.


# %%
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    """Construye el modelo: media + sesgo de usuario + sesgo de película + producto punto.

    Parameters
    ----------
    n_users, n_movies, n_factors : int
    mean : float, en estrellas
        Una constante, que no se aprende.
    l2, bias_l2 : float
        Pesos de los factores al cuadrado y de los sesgos al cuadrado en la pérdida.

    Returns
    -------
    keras.Model
        Funcional, entradas de forma (). Recibe ``{"user": int32 (n,), "movie": int32
        (n,)}`` y devuelve float32 de forma (n, 1). Embeddings: `user_factors`,
        `movie_factors` (n_factors columnas), `user_bias`, `movie_bias` (una columna,
        que empieza en cero).
    """
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    ### BEGIN SOLUTION
    of_factors, of_biases = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    user_bias = layers.Embedding(
        n_users, 1, "zeros", embeddings_regularizer=of_biases, name="user_bias"
    )(user)
    user_vector = layers.Embedding(
        n_users, n_factors, embeddings_regularizer=of_factors, name="user_factors"
    )(user)
    movie_vector = layers.Embedding(
        n_movies, n_factors, embeddings_regularizer=of_factors, name="movie_factors"
    )(movie)
    movie_bias = layers.Embedding(
        n_movies, 1, "zeros", embeddings_regularizer=of_biases, name="movie_bias"
    )(movie)
    match = layers.Dot(axes=-1, name="match")([user_vector, movie_vector])
    deviation = layers.Add(name="deviation")([user_bias, match, movie_bias])
    rating = layers.Rescaling(1.0, offset=mean, name="rating")(deviation)
    return keras.Model({"user": user, "movie": movie}, rating, name="dot_bias")
    ### END SOLUTION


# %%
model = build_dot_bias_model(split.n_users, split.n_movies, mean)
plots.draw_model(model)

# %%
check("3.4", build_dot_bias_model)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Ya has construido las dos mitades: el producto punto en la lección 02 y los sesgos más arriba. ¿Qué capa las une?
# 2. Crea dos regularizadores, uno con `l2` para los factores y otro con `bias_l2`, y cuatro *embeddings*. `layers.Dot(axes=-1)` devuelve la forma (n, 1), la misma que tienen los sesgos, así que `layers.Add()` puede recibir los tres.
#
# ```python
# of_factors, of_biases = keras.regularizers.L2(...), keras.regularizers.L2(...)
# user_vector = layers.Embedding(..., n_factors, ...)(user)
# ...
# deviation = layers.Add()([..., ..., ...])
# rating = layers.Rescaling(...)(deviation)
# ```
#
# **Fíjate**
#
# Cada tipo de peso tiene su propia penalización. Los factores llevan la más fuerte: hay 64 por cada sesgo.

# %% [markdown]
# El modelo tiene solo unos pocos pesos más que el que no lleva sesgos. ¿Cuánto menor es su error? Haz primero tu predicción.

# %% [markdown] tags=["question", "slide"]
# Los sesgos añaden 2625 pesos a los 168 000 de los factores, que por sí solos tienen un RMSE de prueba de alrededor de 0.94. ¿En cuántas centésimas de estrella lo bajan, juntos, los sesgos, una media constante y una penalización L2 sobre los factores?
#
# - [ ] Menos de media centésima: son el 2 % de los pesos
#   - Lo que cuenta no es cuántos pesos hay, sino lo que pueden expresar. Los sesgos explican casi un tercio de la varianza, y un producto punto solo puede expresar una suma gastando factores en ella.
# - [x] Dos o tres centésimas
#   - De alrededor de 0.94 a alrededor de 0.915. Los sesgos tienen ahora pesos propios, y la penalización sobre los factores ya no contrae la media. Cuál de los tres lo consigue, esta comparación no lo dice: la lección 04 desmonta un modelo paso a paso.
# - [ ] Diez o más
#   - El modelo solo de sesgos también tiene alrededor de 0.94. Las dos partes explican en buena medida lo mismo, así que sus ganancias no se suman.
# - [ ] Ninguna: el producto punto ya ha aprendido los sesgos
#   - Los ha aprendido, con factores que son casi iguales para todos los usuarios. Pero esos factores se penalizan como todos los demás, y no quedan libres para otra cosa.

# %%
quiz("3.a")

# %% tags=["slide", "sentence-3"]
history = train_model(model)
plots.plot_history(
    history,
    "Producto punto + sesgos: la curva de validación se estabiliza",
    metric="rmse",
    unit="estrellas",
)
# %% [markdown]
# *Cómo leer la figura:* las curvas empiezan por debajo de 1.1, no en 3.7. El error de entrenamiento no deja de bajar. El de validación se estabiliza, y la detención temprana pone fin al entrenamiento. En la lección 02 volvía a subir sin penalización, y una penalización fuerte aumentaba su valor mínimo, porque contraía también los factores que tenían que expresar la media. Aquí la penalización actúa solo sobre las desviaciones respecto a la media.

# %% tags=["slide"]
guesses = model.predict(test_pairs, batch_size=8192, verbose=0)
for name, lesson, predicted, weights in [
    (
        "solo sesgos (Keras)",
        "03",
        bias_only.predict(test_pairs, batch_size=8192, verbose=0),
        bias_only.count_params(),
    ),
    ("producto punto + sesgos", "03", guesses, model.count_params()),
]:
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split=split.name,
        lesson=lesson,
        rmse=rmse(test["rating"], predicted),
        mae=mae(test["rating"], predicted),
        parameters=weights,
    )
show_scoreboard(movielens.name, split.name)

# %% tags=["nbval-check-output"]
verdict("RMSE de prueba de producto punto + sesgos", rmse(test["rating"], guesses), inside=(0.905, 0.93))
verdict("MAE de prueba de producto punto + sesgos", mae(test["rating"], guesses), inside=(0.71, 0.735))

# %% [markdown]
# El error estándar de un RMSE es aquí de alrededor de 0.005 (lección 01). Para la diferencia de dos modelos sobre las mismas valoraciones es más preciso un *bootstrap* pareado. Toma usuarios enteros, como en la lección 01.

# %%
true, of_biases = test["rating"], baseline.predict(test_pairs)
gain = rmse(true, of_biases) - rmse(true, guesses)
drawn_biases, drawn_model = bootstrap_rmse(test["user"], true, of_biases, guesses)
gains = drawn_biases - drawn_model
share = 1 - (rmse(true, guesses) / rmse(true, of_biases)) ** 2
print(f"ganancia respecto a los sesgos solos: {gain:.3f} ± {gains.std():.3f}")
print(f"del error cuadrático que ellos dejan: {share:.0%}")

# %% [markdown]
# El RMSE de prueba es de alrededor de 0.915. Los sesgos solos tienen 0.942 (lección 01), y los factores solos, alrededor de 0.94 (lección 02). La ganancia es pequeña en estrellas, pero muchas veces mayor que su error estándar. Los factores latentes explican alrededor del 6 % del error cuadrático que dejan los sesgos. Lo demás es azar, y gusto que este modelo no capta a partir de 72 000 valoraciones.
#
# Para comparar: el [Premio Netflix](https://en.wikipedia.org/wiki/Netflix_Prize) pagó un millón de dólares por bajar un RMSE de 0.9525 a 0.8567, y hicieron falta tres años.
#
# ## Las mejores películas, de la manera equivocada
#
# ¿Cuáles son las mejores películas, y cuáles las peores? La primera idea es ordenarlas por su valoración media.

# %% [markdown] tags=["question", "slide"]
# Ordena todas las películas por su valoración media. ¿Cuáles quedarán arriba?
#
# - [ ] Clásicos como Casablanca, con muchas valoraciones
#   - Entre muchas valoraciones siempre hay algunas de 3 o menos, así que su media no se acerca a 5.
# - [ ] Las películas que más gente ha visto
#   - Muchos usuarios tienen muchas opiniones, así que la media de una película popular no es extrema. La popularidad y la valoración media son dos cosas distintas.
# - [x] Películas con una o dos valoraciones
#   - Si el único usuario da 5 estrellas, la media es 5.0. Las películas con pocas valoraciones están también al final: pocas valoraciones dan medias extremas en los dos sentidos.

# %%
quiz("3.b")

# %% tags=["slide"]
of_movie = train.groupby("movie")["rating"].agg(["mean", "size"])
of_movie["title"] = titles[of_movie.index]
by_mean = of_movie.sort_values("mean", ascending=False, kind="stable")
pd.concat([by_mean.head(5), by_mean.tail(5)])

# %% [markdown]
# Mira la columna `size`: la mayoría de estas películas tiene una sola valoración. Si es un 5, la media es 5.0, y ninguna película con cien valoraciones se acerca a eso. Una media de pocas valoraciones varía mucho, así que las medias extremas son sobre todo medias de pocas valoraciones.

# %% tags=["slide"]
axes = plt.figure().add_subplot()
axes.scatter(of_movie["size"], of_movie["mean"] - mean, s=8, alpha=0.5)
axes.axhline(0, color="black", lw=0.8)
axes.set_xscale("log")
axes.set_xlabel("valoraciones de la película en entrenamiento (escala logarítmica)")
axes.set_ylabel("sesgo en bruto (estrellas)")
axes.set_title("Las medias de pocas valoraciones se dispersan mucho")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* a la derecha, con cientos de valoraciones, las medias quedan a una estrella, más o menos, de la media general. A la izquierda se reparten por toda la escala, y buena parte de eso es azar. Una figura así se llama **gráfico de embudo** (*funnel plot*).
#
# > **Nota.** Una película con una sola valoración solo puede tener una media de 1, 2, … o 5 estrellas; de ahí las franjas. La nube también sube hacia la derecha: las películas con muchas valoraciones gustan más, en promedio.
#
# ### Ejercicio 3.5 — las mejores películas, de la manera correcta (6 minutos)
#
# Obtén del modelo de producto punto + sesgos los sesgos de película entrenados, por el nombre de su capa, y haz la lista de los más altos y la de los más bajos. `layer.get_weights()` devuelve una lista de arrays.


# %%
def extreme_movies(model, titles, n=8):
    """Devuelve las películas con el sesgo entrenado más alto y con el más bajo.

    Parameters
    ----------
    model : keras.Model
        Con un embedding llamado `movie_bias`, de una columna.
    titles : numpy.ndarray of str, shape (n_movies,)
        En el orden de las filas del embedding. Dos películas pueden tener el mismo
        título.
    n : int

    Returns
    -------
    best, worst : pandas.Series of float, en estrellas, longitud n
        Con los títulos como índice; `best` desde el sesgo más alto hacia abajo,
        `worst` desde el más bajo hacia arriba.
    """
    ### BEGIN SOLUTION
    (bias,) = model.get_layer("movie_bias").get_weights()
    by_bias = pd.Series(bias[:, 0], index=titles).sort_values()
    return by_bias.tail(n)[::-1], by_bias.head(n)
    ### END SOLUTION


# %% tags=["slide", "sentence-3"]
n_ratings = np.bincount(train["movie"], minlength=split.n_movies)
labels = np.array([f"{t} ({n})" for t, n in zip(titles, n_ratings, strict=True)])
best, worst = extreme_movies(model, labels)
shown = pd.concat([best, worst[::-1]])
plots.plot_bars(
    shown.index,
    shown,
    "Sesgos de película más altos y más bajos (número de valoraciones)",
    "sesgo (estrellas)",
    highlight=list(worst.index),
)
of_movie["sesgo entrenado"] = model.get_layer("movie_bias").get_weights()[0][
    of_movie.index
]
of_movie["sesgo en bruto"] = of_movie["mean"] - mean
examples = of_movie[of_movie["title"].isin(["Aiqing wansui", "Casablanca"])]
examples[["title", "size", "sesgo en bruto", "sesgo entrenado"]].round(2)

# %%
check("3.5", extreme_movies)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué devuelve `get_weights()` de un *embedding*, y qué forma tiene el array que contiene?
# 2. `model.get_layer("movie_bias")` encuentra la capa; `[:, 0]` deja plana su columna. Una Series con los títulos como índice ordena las dos cosas a la vez.
#
# ```python
# (bias,) = model.get_layer(...).get_weights()
# by_bias = pd.Series(bias[:, 0], index=...).sort_values()
# return by_bias.tail(...)[...], by_bias.head(...)
# ```
#
# **Fíjate**
#
# Tu función no cuenta valoraciones. La penalización L2 ya ha contraído los sesgos de las películas que tienen pocas.

# %% [markdown] tags=["slide"]
# *Cómo leer la figura:* las películas de arriba tienen entre 77 y 216 valoraciones. Las peores tienen de 15 a 59 valoraciones: bastan para conservar la mayor parte de un sesgo con una penalización que equivale a 3.6 valoraciones imaginarias. Entre los extremos no hay ninguna película con solo un puñado de valoraciones, aunque muchas películas así tienen una media de 5.0 o de 1.0.
#
# La tabla muestra por qué. La penalización contrae el sesgo de la película con una sola valoración hasta una pequeña parte de su valor en bruto, y deja el de Casablanca casi como estaba. El sesgo en bruto de esta tabla es la media de la película menos la media general. Todavía contiene los sesgos de los usuarios, así que la proporción no es exactamente la del ejercicio 3.3. En la lección 01 la contracción bajó el RMSE solo 0.003 estrellas. En la cabeza de una *lista* su efecto es mucho mayor, porque una lista elige los extremos.
#
# ## Usuarios generosos y usuarios que eligen buenas películas
#
# La media de un usuario orienta bastante bien sobre lo exigente que es, pero puede engañar: quien solo valora obras maestras tiene una media alta. El sesgo de usuario descuenta la calidad de las películas.
#
# ### Ejercicio 3.6 — ¿media o sesgo? (7 minutos)
#
# Para cada usuario, toma la desviación media de sus valoraciones respecto a la media general y réstale su sesgo. Devuelve el usuario con la mayor diferencia: el que parece más generoso de lo que es. Usamos el modelo solo de sesgos, en el que una valoración se explica únicamente con sesgos.


# %%
def flattered_user(train, mean, user_bias):
    """Devuelve el usuario a quien más favorece su valoración media.

    Parameters
    ----------
    train : pandas.DataFrame
        Con `user` y `rating`, en cualquier orden; todo usuario tiene alguna valoración.
    mean : float
        Media de todas las valoraciones.
    user_bias : numpy.ndarray of float, shape (n_users,)

    Returns
    -------
    int
        El `user`, un número de fila de `user_bias`, con la mayor diferencia
        (media de sus valoraciones - mean) - sesgo del usuario.

    Examples
    --------
    El usuario 0 es tan generoso como dice su media y el 2, tan exigente; al 1 la
    media lo favorece.

    >>> stars = [5.0, 5.0, 5.0, 4.0, 4.0, 3.0, 2.0]
    >>> train = pd.DataFrame({"user": [0, 0, 1, 1, 1, 2, 2], "rating": stars})
    >>> flattered_user(train, 3.5, np.array([1.4, -0.1, -1.1]))
    1
    """
    ### BEGIN SOLUTION
    deviation = train.groupby("user")["rating"].mean() - mean
    return int((deviation - user_bias[deviation.index]).idxmax())
    ### END SOLUTION


# %%
someone = flattered_user(train, mean, user_bias)
theirs = train[train["user"] == someone]
their_deviation = theirs["rating"].mean() - mean
merit = movie_bias[theirs["movie"]].mean()
print(
    f"fila de usuario {someone}, {len(theirs)} valoraciones, de media {theirs['rating'].mean():.2f} estrellas"
)
print(f"por encima de la media en  {their_deviation:+.2f}")
print(f"  sesgo de sus películas   {merit:+.2f}")
print(f"  sesgo propio             {user_bias[someone]:+.2f}")
print(f"  quitado por contracción  {their_deviation - merit - user_bias[someone]:+.2f}")

# %%
check("3.6", flattered_user)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Necesitas un número por usuario. ¿Cómo lo obtienes de las muchas valoraciones de un usuario?
# 2. `train.groupby("user")["rating"].mean()` tiene a los usuarios como índice. Resta `mean`, resta el sesgo de cada usuario y toma el *índice* del mayor: `idxmax`.
#
# ```python
# deviation = train.groupby(...)["rating"].mean() - ...
# return int((deviation - user_bias[...]).idxmax())
# ```
#
# **Fíjate**
#
# La media general no decide *quién* es, porque se resta por igual a todos los usuarios. Solo cambia el tamaño de la diferencia.

# %% tags=["slide", "sentence-2-3"]
axes = plt.figure().add_subplot()
axes.hist(user_bias, bins=40)
axes.axvline(user_bias[someone], color=plots.RED, label="el sesgo de este usuario")
axes.axvline(
    their_deviation, color=plots.RED, ls="--", label="la desviación media de este usuario"
)
axes.set_xlabel("desviación respecto a la media (estrellas)")
axes.set_ylabel("usuarios")
axes.set_title("Sesgos de usuario, y un usuario a quien su media favorece")
axes.legend()
plt.show()

# %% [markdown] tags=["slide"]
# *Cómo leer la figura:* la mayoría de los usuarios está a menos de media estrella de la media. El nuestro parece un entusiasta (línea discontinua), pero casi todo eso se debe a la elección de las películas. Su propio sesgo (línea continua) está cerca de 0.
#
# A la izquierda, un usuario con un sesgo de −1 da 3 estrellas donde otros dan 4. Un sesgo de usuario desplaza por igual *todas* las puntuaciones de un usuario, así que nunca cambia el orden de su lista. Los sesgos de usuario importan para predecir valoraciones. El orden de una lista no depende de ellos directamente, pero durante el entrenamiento evitan que la exigencia de los usuarios se cuele en los sesgos de las películas, de los que ese orden sí depende.
#
# ## Desmontar el modelo
#
# Las capas de un modelo entrenado tienen nombre, y cualquier tensor de su interior puede ser la salida de otro modelo que comparte los pesos. Así se mira dentro de un modelo.

# %%
for layer in model.layers:
    print(f"{layer.name:15} {type(layer).__name__:12} {layer.output.shape}")

# %% [markdown]
# ### Ejercicio 3.7 — un modelo dentro del modelo (6 minutos)
#
# Crea un modelo que reciba el número de fila de una película y devuelva la fila del *embedding* que se le nombra. `model.input["movie"]` es la entrada, y `model.get_layer(name).output`, la salida.


# %%
def movie_part(model, layer_name):
    """Devuelve la parte de un modelo que va de la película a una de sus capas.

    Parameters
    ----------
    model : keras.Model
        Funcional, con las entradas `user` y `movie`.
    layer_name : str
        Un embedding de películas.

    Returns
    -------
    keras.Model
        Recibe int32 de forma (n,) y devuelve las filas del embedding, (n, columnas).
        Tiene las capas de `model`, no copias de ellas.
    """
    ### BEGIN SOLUTION
    return keras.Model(model.input["movie"], model.get_layer(layer_name).output)
    ### END SOLUTION


# %%
some_rows = np.array([0, 1, 2], dtype="int32")
for name in ("movie_bias", "movie_factors"):
    by_model = movie_part(model, name).predict(some_rows, verbose=0)
    (table,) = model.get_layer(name).get_weights()
    print(
        f"{name}: forma {by_model.shape}, igual a los pesos: "
        f"{np.array_equal(by_model, table[some_rows])}"
    )

# %%
check("3.7", movie_part)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Un modelo funcional lleva de unas entradas a una salida. ¿Qué entrada y qué salida tiene el tuyo?
# 2. `keras.Model(inputs, outputs)` necesita un tensor para cada cosa; `model.input` es un diccionario, y toda capa tiene un `output`.
#
# ```python
# return keras.Model(model.input[...], model.get_layer(...).output)
# ```
#
# **Fíjate**
#
# La parte no tiene pesos propios. Si entrenas el modelo entero, la parte cambia con él.

# %% [markdown]
# Una versión habitual de este código usa `model.layers[8]`. Funciona hasta que alguien añade una capa. Entonces el índice 8 es otra capa, quizá con una forma que encaja, y la figura que viene después muestra otra cosa. Un nombre conserva su significado.
#
# ## ¿Qué te diría que vieras?
#
# Como en la lección 02, el modelo te recomienda ahora películas a ti. En este ***fold-in*** se ajustan un vector y un sesgo a tus diez valoraciones, y todo lo demás queda como está.

# %%
what_to_watch(model, movielens, split)

# %% [markdown]
# ¿Cuáles de las cinco están también en la figura de los sesgos más altos? Esas quedarían arriba también para un usuario medio. Las otras están aquí por tu vector. Una penalización lo mantiene cerca del vector de un usuario medio, así que mueve poco cada película, pero eso puede bastar para cambiar la cabeza de la lista.
#
# ## Para recordar
#
# - Los sesgos de usuario y de película explican el 30 % de la varianza de las valoraciones. Necesitan una columna de pesos, no sesenta y cuatro.
# - Dale a la media su propio término, y el modelo empieza con el error del modelo base.
# - En una pérdida que es una media sobre N valoraciones, un peso ℓ de la L2 es una contracción de ℓ·N valoraciones imaginarias.
# - No ordenes por una media en bruto: arriba queda lo que tiene la media más incierta.
# - El sesgo de un usuario cambia los errores, nunca el orden de su lista.
# - Refiérete a las capas por su nombre.
#
# ## Para seguir leyendo
#
# - Y. Koren, [Factor in the Neighbors](https://doi.org/10.1145/1644873.1644874), 2010: la sección 2.1 estima los sesgos con contracción, como la lección 01.
# - S. Rendle, L. Zhang y Y. Koren, [On the Difficulty of Evaluating Baselines](https://arxiv.org/abs/1905.01395), 2019: unos modelos simples bien ajustados superan a muchos posteriores.
# - H. Wainer, [The Most Dangerous Equation](https://www.americanscientist.org/article/the-most-dangerous-equation), 2007: qué sale mal cuando se comparan medias de grupos pequeños.
#
# **Siguiente:** la lección 04 sustituye el producto punto por una red neuronal. ¿Ayuda?

# %% tags=["instructor"]
# Minutos: 60. El ejercicio 3.3 es lo esencial de la lección; deduce la fórmula en la pizarra. Ideas equivocadas: «la regularización castiga la complejidad» (aquí es una suposición previa sobre usuarios y películas); «un sesgo de usuario alto significa que al usuario le gustan las buenas películas».
#
# **Preguntas por escrito** (unas cinco frases cada una, sin código)
#
# 1. Un peso L2 de 5e-5 en los sesgos funciona con nuestras 72 000 valoraciones de entrenamiento. Alguien lo copia a un conjunto de datos con diez veces más valoraciones. ¿Qué hace allí, y qué aconsejarías?
#
#    *Respuesta modelo.* En una pérdida que es una media sobre N valoraciones, un peso L2 ℓ equivale a ℓ·N valoraciones imaginarias que no dejan ningún sesgo. Aquí son 3.6, así que el sesgo de una película conserva el 22 % de su valor con una valoración y el 89 % con 30. Con diez veces más valoraciones, la misma ℓ equivale a 36, y una película con 30 valoraciones conserva menos de la mitad de su sesgo. Lo que prueban esas 30 valoraciones es lo mismo que antes. Yo dividiría ℓ entre diez, o la elegiría de nuevo con el conjunto de validación.
#
#    *Completa:* ℓ·N valoraciones imaginarias, diez veces más, y un remedio; *a medias:* «contrae más» sin la razón; *nula:* el mismo peso tiene el mismo efecto en todas partes.
#
# 2. Un sesgo de usuario reduce el error, pero nunca cambia el orden de la lista de ese usuario. Explica por qué. ¿Pasa lo mismo con un sesgo de película?
#
#    *Respuesta modelo.* Una puntuación es la media más un sesgo de usuario, un sesgo de película y un producto punto. En la lista de un usuario, su sesgo es el mismo número para todas las películas, así que mueve por igual todas las puntuaciones y el orden no cambia. El error sí cambia: un usuario con un sesgo de −1 da 3 estrellas donde otros dan 4, y una predicción tiene que acertar las estrellas. El sesgo de película es distinto en cada una, así que sí cambia el orden, y de la misma manera para todos los usuarios. Por eso las películas con un sesgo alto están en las listas de muchos usuarios.
#
#    *Completa:* constante dentro de la lista de un usuario, el efecto en el error y el contraste con el sesgo de película; *a medias:* explica uno de los dos sesgos; *nula:* «a los usuarios generosos les gustan mejores películas».
