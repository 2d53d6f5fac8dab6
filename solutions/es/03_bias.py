# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/03_bias.ipynb)

# %% [markdown]
# # 3 · Los sesgos: lo que no tiene nada que ver con el gusto
#
# El modelo de producto punto de la lección 02 tenía que decirlo todo en un solo idioma: factores que se multiplican. Pero la mayor parte de una valoración no necesita eso. Hay gente que da cinco estrellas a todo, hay películas que son buenas sin más, y ni lo uno ni lo otro trata de *encajar*. En esta lección sacamos esa parte de los vectores y le damos pesos propios. Es la mejora más barata de todo el curso, y además esos pesos se pueden leer.
#
# **Al terminar, podrás**
#
# - descomponer una valoración en media, sesgo del usuario, sesgo de la película y resto;
# - construir un modelo con sesgos y mostrar que su L2 *es* la contracción de la lección 01;
# - explicar por qué las películas con la media más alta no son las mejores películas;
# - distinguir a un usuario generoso de uno que elige buenas películas;
# - cortar en partes un modelo entrenado, por los nombres de sus capas.
#
# **Tiempo** 60 minutos de trabajo y cerca de un minuto de cómputo. **Antes de empezar** las lecciones 01 y 02.

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
from keras import layers

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline
from helpers.data import load_movielens
from helpers.metrics import mae, rmse
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
print(f"{len(titles):,} títulos, en el orden de las filas de la tabla: {titles[0]}, …")

# %% [markdown]
# ## Descomponer una valoración
#
# En la lección 01, un modelo base ajustado nos dio $\mu$, $b_u$ y $b_i$. Todo lo que una valoración tenga además de su suma es lo que tendrán que explicar los factores:
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
        Con `user` y `movie` (números de fila de los arreglos de sesgos) y `rating`.
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
# 2. `user_bias[ratings["user"]]` lee el arreglo con una columna de números de fila. Empieza con `pd.DataFrame(index=ratings.index)`, para que las columnas nuevas queden en las mismas filas. El resto es lo que falta para llegar a la valoración.
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
# Las cuatro partes siempre suman la valoración, sean cuales sean los sesgos: el resto se queda con lo que ellos dejan. Los buenos sesgos son los que dejan poco.

# %% [markdown]
# Lee una línea en voz alta: «la media es 3.53; este usuario se aparta de ella tanto, hacia arriba o hacia abajo; esta película, tanto; y el resto es gusto y azar a la vez». ¿Qué tamaño tiene cada parte, en el conjunto de las valoraciones? La medimos como varianza, la media de las desviaciones al cuadrado, porque las varianzas de partes que tienen poco que ver entre sí se suman, o casi: aquí dan 1.22 de 1.27.

# %%
variance = parts[["movie_bias", "user_bias", "rest"]].var()
plots.plot_bars(
    ["sesgo de película", "sesgo de usuario", "resto"],
    100 * variance / variance.sum(),
    "De dónde viene la variación de las valoraciones",
    "proporción (%)",
    highlight=["rest"],
)

# %% [markdown]
# *Cómo leer la figura:* cerca de un tercio de toda la variación se explica sin decir una palabra sobre el gusto. Para esa parte no hace falta ningún vector, y a un modelo que gasta en ella sus factores le quedan menos para lo demás. (Cuánto del resto es gusto que se puede aprender, y cuánto es azar, lo verás más abajo.)
#
# ## Los sesgos como *embeddings*
#
# Un sesgo es un *embedding* de una sola columna. Empieza por lo simple: un modelo con sesgos y nada más. El entrenamiento debería encontrar más o menos los números que encontró la fórmula de la lección 01 (`BiasBaseline`, que no necesita entrenamiento: es una *forma cerrada*).
#
# ### Ejercicio 3.2 — un modelo solo de sesgos en Keras (8 minutos)
#
# La media es una constante que se le da al modelo: `layers.Rescaling(1.0, offset=mean)` la suma. Llama a las tablas `user_bias` y `movie_bias`, haz que empiecen en `"zeros"` y dales a las dos el regularizador L2. `layers.Add()` recibe una lista. Crea el modelo con `keras.Model({"user": user, "movie": movie}, rating)`: más abajo le pediremos sus entradas por el nombre.


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
print(f"forma cerrada          {closed_form:.3f}")

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
# Con todos los pesos a 0 predice la media: este modelo empieza donde está el modelo base más simple, y solo puede mejorar.

# %% tags=["nbval-check-output"]
trained = rmse(valid["rating"], bias_guesses)
verdict(
    "sesgos entrenados frente a la forma cerrada",
    trained - closed_form,
    inside=(-0.01, 0.01),
)

# %% [markdown]
# Antes de entrenar ya está en 1.12, cuando el modelo de producto punto empezaba en 3.7: la media ya no es algo que haya que aprender. Después de entrenar, el descenso de gradiente ha encontrado lo mismo que la fórmula, hasta donde el error deja verlo. (Merece la pena comprobarlo siempre que exista una fórmula: pone a prueba toda la maquinaria.)
#
# ## La L2 es contracción
#
# La lección 01 dividía entre $n + \lambda$. Aquí la pérdida lleva una penalización. Parecen no tener relación y son lo mismo: con $N$ valoraciones de entrenamiento, la pérdida es
#
# $$\frac1N \sum_{u,i} (r_{ui} - \mu - b_u - b_i)^2
# + \ell\sum_u b_u^2 + \ell\sum_i b_i^2.$$
#
# Toma una película con $n$ valoraciones, deja fijo todo lo demás e iguala a cero la derivada respecto a su $b_i$. Lo que queda es $b_i = (\text{sum of its deviations}) / (n + \ell N)$: la suma de sus desviaciones, dividida.
#
# ### Ejercicio 3.3 — ¿cuánta duda hay en una L2? (5 minutos)
#
# Lee $n + \ell N$ como en la lección 01: además de sus $n$ valoraciones reales, la película tiene $\ell N$ imaginarias que dan exactamente la media. Una penalización de 5e-5 parece nada. ¿Cuántas valoraciones imaginarias son, y qué dejan del sesgo de una película con n valoraciones?


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
    Con 100,000 valoraciones, una L2 de 1e-4 son diez valoraciones imaginarias.

    >>> round(share_that_stays(1e-4, n_ratings=30, n_train=100_000), 4)
    0.75
    """
    ### BEGIN SOLUTION
    imaginary = l2 * n_train
    return n_ratings / (n_ratings + imaginary)
    ### END SOLUTION


# %%
user_bias = bias_only.get_layer("user_bias").get_weights()[0][:, 0]
movie_bias = bias_only.get_layer("movie_bias").get_weights()[0][:, 0]
deviation = train["rating"] - mean - user_bias[train["user"]]
raw = deviation.groupby(train["movie"]).agg(["mean", "size"])
share = movie_bias[raw.index] / raw["mean"]
for n in (1, 3, 10, 30, 100):
    by_formula = share_that_stays(5e-5, n, len(train))
    in_the_model = share[(raw["size"] == n) & (raw["mean"].abs() > 0.3)].median()
    print(f"{n:4} valoraciones: {by_formula:.0%} según la fórmula, {in_the_model:.0%} entrenado")

# %%
check("3.3", share_that_stays)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. En $b_i = \text{sum} / (n + \ell N)$ (arriba, la suma de las desviaciones), ¿qué quedaría ahí sin ninguna penalización? ¿Por qué factor se diferencian los dos resultados?
# 2. Valoraciones imaginarias: ℓ·N. Sin ellas, el sesgo sería suma / n. La proporción que queda es un sesgo dividido entre el otro, y la suma se cancela.
#
# ```python
# imaginary = ... * ...
# return ... / (... + imaginary)
# ```
#
# **Fíjate**
#
# Un sesgo conserva la mitad de su valor cuando n = ℓ·N, y casi todo cuando n es mucho mayor. La misma ℓ, con diez veces más datos, duda diez veces más.

# %% [markdown]
# El modelo entrenado contrae como dice la fórmula. (La última línea se apoya en una sola película.) En nuestro conjunto de entrenamiento, 5e-5 equivale a entre tres y cuatro valoraciones imaginarias, más o menos lo que la lección 01 eligió con su conjunto de validación: por eso coinciden los dos errores. De paso dice por qué una L2 no se puede copiar de un conjunto de datos a otro: en uno diez veces mayor, el mismo número duda diez veces más.
#
# ## Producto + sesgos
#
# ### Ejercicio 3.4 — júntalo todo (8 minutos)
#
# Valoración = media + sesgo de usuario + sesgo de película + vector de usuario · vector de película. Cuatro tablas, con los nombres de antes. Los vectores tienen una L2 propia.


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
    user_vector = layers.Embedding(
        n_users, n_factors, embeddings_regularizer=of_factors, name="user_factors"
    )(user)
    movie_vector = layers.Embedding(
        n_movies, n_factors, embeddings_regularizer=of_factors, name="movie_factors"
    )(movie)
    user_bias = layers.Embedding(
        n_users, 1, "zeros", embeddings_regularizer=of_biases, name="user_bias"
    )(user)
    movie_bias = layers.Embedding(
        n_movies, 1, "zeros", embeddings_regularizer=of_biases, name="movie_bias"
    )(movie)
    match = layers.Dot(axes=-1, name="match")([user_vector, movie_vector])
    deviation = layers.Add(name="deviation")([match, user_bias, movie_bias])
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
# 1. Ya has construido las dos mitades: el producto punto en la lección 02 y los sesgos más arriba. ¿Dónde se encuentran?
# 2. Crea dos regularizadores, `keras.regularizers.L2(l2)` y el de los sesgos. Cuatro *embeddings*, de dos en dos. `layers.Dot(axes=-1)` da forma (n, 1), la misma que tienen los sesgos: `layers.Add()` acepta los tres.
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
# Cada tipo de peso tiene su propia penalización. Los factores necesitan la más fuerte: hay 64 por cada sesgo.

# %% [markdown]
# Unos pocos pesos más que los del modelo de producto punto. ¿Para qué? Primero, adivina.

# %% [markdown] tags=["question"]
# Los sesgos añaden 2,625 pesos a los 168,000 del modelo de producto punto, cuyo error de prueba ronda 0.94. ¿Cuántas centésimas de estrella valdrán?
#
# - [ ] Menos de media centésima: son el 2 % de los pesos
#   - No cuenta cuántos pesos son, sino para qué sirven. Un tercio de toda la variación es suyo, y un producto de vectores solo puede imitar una suma.
# - [x] Dos o tres centésimas
#   - De cerca de 0.938 a cerca de 0.915. Aquí eso es mucho: lo que hay en toda valoración tiene ahora un sitio propio, y la L2 ya no tiene que pelear contra la media.
# - [ ] Diez o más
#   - El modelo solo de sesgos también estaba en alrededor de 0.94. Las dos partes explican casi lo mismo, así que no se suman; una décima de estrella valía un millón en Netflix.
# - [ ] Ninguna: el producto punto ya ha aprendido los sesgos
#   - Los ha aprendido, a su manera: con un factor que es casi igual para todos los usuarios. Pero eso cuesta factores, y entonces cada sesgo se penaliza como el gusto.

# %%
quiz("3.a")

# %%
history = train_model(model)
plots.plot_history(
    history,
    "Producto + sesgos: la curva de validación se asienta, no da la vuelta",
    metric="rmse",
    unit="estrellas",
)
# %% [markdown]
# *Cómo leer la figura:* empieza cerca de 1.1 y no en 3.7. El error de entrenamiento sigue adelantándose, pero el de validación se asienta en vez de volver a subir: ahora que la penalización no tiene que pelear contra la media, puede hacer su trabajo. Hacen falta las dos cosas: con los sesgos, pero sin la L2 en los vectores, la curva da la vuelta, y peor que en la lección 02 (medimos 1.10 tras doce épocas).

# %%
guesses = model.predict(test_pairs, batch_size=8192, verbose=0)
for name, lesson, predicted, weights in [
    (
        "solo sesgos (Keras)",
        "03",
        bias_only.predict(test_pairs, batch_size=8192, verbose=0),
        bias_only.count_params(),
    ),
    ("producto + sesgos", "03", guesses, model.count_params()),
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
verdict("RMSE de prueba de producto + sesgos", rmse(test["rating"], guesses), inside=(0.905, 0.93))
verdict("MAE de prueba de producto + sesgos", mae(test["rating"], guesses), inside=(0.71, 0.735))

# %% [markdown]
# Alrededor de 0.915: más de dos centésimas por debajo del modelo base de la lección 01 (0.942) y del modelo de producto punto de la lección 02 (alrededor de 0.94), del que solo lo separa un 2 % de los pesos. En este campo eso es mucho. El Premio Netflix pagó un millón de dólares por una décima de estrella, y costó tres años.
#
# ## Las mejores películas, de la manera equivocada
#
# ¿Qué películas tienen el sesgo más alto, y cuáles el más bajo? Lo primero que se le ocurre a uno es ordenarlas por su valoración media.

# %% [markdown] tags=["question"]
# Ordena todas las películas por su valoración media. ¿Cuáles quedarán arriba?
#
# - [ ] Clásicos como Casablanca, con muchas valoraciones
#   - Entre 187 personas siempre hay alguien que da un 3. La media de muchas valoraciones no puede acercarse a 5.
# - [ ] Las películas que más gente ha visto
#   - Mucha gente significa muchas opiniones: la media de un éxito de taquilla se va hacia el centro. La popularidad y la media son dos cosas distintas.
# - [x] Películas con una o dos valoraciones
#   - Basta una persona a quien le encantó, y la media es 5.0. Las mismas películas podrían estar igualmente al final: pocas valoraciones dan medias extremas, en los dos sentidos.

# %%
quiz("3.b")

# %%
of_movie = train.groupby("movie")["rating"].agg(["mean", "size"])
of_movie["title"] = titles[of_movie.index]
by_mean = of_movie.sort_values("mean", ascending=False)
pd.concat([by_mean.head(5), by_mean.tail(5)])

# %% [markdown]
# ¿Te suena alguna? Mira la columna `size`. Una película con una sola valoración tiene media 5.0 en cuanto a una persona le encantó; Casablanca, con 187, no tiene nada que hacer contra eso. Entre muchas muestras pequeñas, las extremas son extremas *porque* son pequeñas.

# %%
axes = plt.figure().add_subplot()
axes.scatter(of_movie["size"], of_movie["mean"] - mean, s=8, alpha=0.5)
axes.axhline(0, color="black", lw=0.8)
axes.set_xscale("log")
axes.set_xlabel("valoraciones de la película en entrenamiento (escala logarítmica)")
axes.set_ylabel("sesgo en bruto (estrellas)")
axes.set_title("Un embudo: cuantas menos valoraciones, más disparatada la media")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* a la derecha, donde hay cientos de valoraciones, las medias se diferencian en una estrella, poco más o menos, y esas diferencias son reales. A la izquierda se reparten por toda la escala, y buena parte de eso es ruido. (Una película con una sola valoración solo puede estar en 1, 2, … 5 estrellas; de ahí las franjas. La nube también sube hacia la derecha: las buenas películas se ven más.)
#
# ### Ejercicio 3.5 — las mejores películas, de la manera correcta (6 minutos)
#
# Lee en el modelo (producto + sesgos, `model`) los sesgos de película entrenados, por el nombre de la capa, y haz la lista de los más altos y la de los más bajos. (`layer.get_weights()` devuelve una lista de arreglos.)


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


# %%
best, worst = extreme_movies(model, titles)
shown = pd.concat([best, worst[::-1]])
plots.plot_bars(
    shown.index,
    shown,
    "Sesgos de película más altos y más bajos",
    "sesgo (estrellas)",
    highlight=list(worst.index),
)

# %%
check("3.5", extreme_movies)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué devuelve `get_weights()` de un *embedding*, y qué forma tiene el arreglo que contiene?
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
# Nada en tu función cuenta valoraciones. La duda sobre las películas que tienen pocas ya está en los pesos: la puso ahí la L2.

# %% [markdown]
# *Cómo leer la figura:* las buenas son películas que conoce todo el mundo, o que encantaron a quienes las vieron; las malas las han padecido al menos quince personas. La penalización devolvió las maravillas de una sola valoración desde +1.5 hasta cerca de +0.25 y dejó Casablanca casi donde estaba. En la lección 01 la contracción valía tres milésimas de RMSE; en lo alto de una *lista* lo vale todo, porque una lista está hecha de extremos.
#
# ## Usuarios generosos y usuarios que eligen buenas películas
#
# La valoración media de un usuario dice poco: quien solo ve obras maestras tiene una media alta y puede ser el más exigente de todos. El sesgo del usuario descuenta la calidad de las películas.
#
# ### Ejercicio 3.6 — ¿media o sesgo? (7 minutos)
#
# Para cada usuario, calcula cuánto se apartan sus valoraciones, en promedio, de la media general, y resta su sesgo. Devuelve el usuario con la mayor diferencia: aquel a quien más favorece su media. (Usamos el modelo solo de sesgos, donde ninguna otra cosa puede explicar una valoración.)


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
print(f"  mérito de las películas  {merit:+.2f}")
print(f"  sesgo propio             {user_bias[someone]:+.2f}")
print(f"  quitado por contracción  {their_deviation - merit - user_bias[someone]:+.2f}")

# %%
check("3.6", flattered_user)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Necesitas un número por usuario. ¿De qué tabla sale, y cómo pasas de las muchas valoraciones de un usuario a un solo número?
# 2. `train.groupby("user")["rating"].mean()` tiene a los usuarios como índice. Resta `mean`, resta el sesgo de cada uno y pide el *índice* del mayor: `idxmax`.
#
# ```python
# deviation = train.groupby(...)["rating"].mean() - ...
# return int((deviation - user_bias[...]).idxmax())
# ```
#
# **Fíjate**
#
# La media general no influye en *quién* es: se les resta a todos por igual. Solo importa para ver lo grande que es la diferencia.

# %%
axes = plt.figure().add_subplot()
axes.hist(user_bias, bins=40)
axes.axvline(user_bias[someone], color=plots.RED, label="el sesgo de este usuario")
axes.axvline(their_deviation, color=plots.RED, ls="--", label="la media de este usuario")
axes.set_xlabel("estrellas por encima de la media de todas las valoraciones")
axes.set_ylabel("usuarios")
axes.set_title("Los sesgos de todos los usuarios, y uno a quien su media favorece")
axes.legend()
plt.show()

# %% [markdown]
# *Cómo leer la figura:* la mayoría de los usuarios está a menos de media estrella de la media. El nuestro parece un entusiasta (línea discontinua), y es casi todo mérito de las películas que eligió: lo que queda (línea continua) es casi nada. En el otro extremo, un sesgo de −1 es un usuario cuyo 3 significa lo que un 4 para todos los demás. Fíjate en lo que un sesgo no puede hacer: mueve *todas* las puntuaciones de un usuario en la misma cantidad, así que nunca cambia el orden de su lista. Para los errores de valoración, los sesgos de usuario importan; para los *rankings*, se cancelan.
#
# ## Desmontar el modelo
#
# Un modelo entrenado está hecho de capas con nombre, y cualquier tensor de su interior puede ser la salida de otro modelo que comparte los pesos. Así es como se mira dentro.

# %%
for layer in model.layers:
    print(f"{layer.name:15} {type(layer).__name__:12} {layer.output.shape}")

# %% [markdown]
# ### Ejercicio 3.7 — un modelo dentro del modelo (6 minutos)
#
# Crea un modelo que reciba el número de fila de una película y devuelva lo que dice de ella el *embedding* que se le nombra. `model.input["movie"]` es la entrada; `model.get_layer(name).output`, el tensor.


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
# 1. Un modelo funcional es un camino desde unas entradas hasta una salida. ¿Dónde empieza el tuyo, y dónde termina?
# 2. `keras.Model(inputs, outputs)` necesita un tensor para cada cosa; `model.input` es un diccionario, y toda capa tiene un `output`.
#
# ```python
# return keras.Model(model.input[...], model.get_layer(...).output)
# ```
#
# **Fíjate**
#
# La parte no tiene pesos propios: entrena el todo, y la parte lo sigue.

# %% [markdown]
# Nombres, no números. Un cuaderno público lee `model.layers[8]`, que es correcto hasta que alguien añade una capa de *dropout*; entonces el índice 8 es otra capa, quizá con una forma que encaja, y la figura que viene después trata de otra cosa.
#
# ## ¿Qué te diría que vieras?
#
# Otra vez la pregunta de la lección 02, ahora a un modelo mejor. Tus diez valoraciones tienen que encontrar dos cosas: un vector y un sesgo propios. Todo lo demás se queda como está.

# %%
what_to_watch(model, movielens, split)

# %% [markdown]
# ¿Cuáles de las cinco aparecen en la figura de los sesgos más altos? Esas las alaba todo el mundo, y el modelo se las recomendaría a cualquiera. Desde ahí, tu vector solo puede subir o bajar una película, y diez valoraciones no la mueven mucho.
#
# ## Para recordar
#
# - Un tercio de la variación de las valoraciones es sesgo de usuario y de película; le bastan dos columnas de pesos, no sesenta y cuatro.
# - Primero, saca la media: el modelo empieza donde está el modelo base.
# - La L2, en una pérdida que es una media, *es* contracción: ℓ·N valoraciones imaginarias.
# - Nunca ordenes por una media en bruto: arriba quedará lo que peor se ha medido.
# - El sesgo de un usuario cambia los errores, nunca el orden de su lista.
# - Llama a las capas por su nombre.
#
# ## Para seguir leyendo
#
# - Y. Koren, [Factor in the Neighbors](https://doi.org/10.1145/1644873.1644874), 2010: los modelos base, y cuánto de Netflix había en ellos.
# - S. Rendle, L. Zhang y Y. Koren, [On the Difficulty of Evaluating Baselines](https://arxiv.org/abs/1905.01395), 2019: unos modelos simples bien ajustados ganan a años de progreso publicado.
# - H. Wainer, [The Most Dangerous Equation](https://www.americanscientist.org/article/the-most-dangerous-equation), 2007: embudos, escuelas pequeñas y cánceres raros.
#
# **Siguiente:** la lección 04 cambia el producto punto por una red. ¿Ayuda?

# %% tags=["instructor"]
# Minutos: 60. El ejercicio 3.3 es el corazón; deduce la fórmula en la pizarra. Ideas equivocadas: «la regularización castiga la complejidad» (aquí es una suposición previa sobre las personas); «un sesgo de usuario alto significa que al usuario le gustan las buenas películas». Pregunta abierta (¿cuántas centésimas?): dos, de cerca de 0.938 a cerca de 0.915.
