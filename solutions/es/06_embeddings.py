# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/06_embeddings.ipynb)

# %% [markdown]
# # 6 · Embeddings: ¿qué aprendieron los vectores?
#
# Un sistema de recomendación entrenado son unas cuantas tablas de números que nadie escribió. En esta lección las abrimos. ¿Quedan cerca las películas parecidas? ¿Hay una dirección para «antigua» o para «infantil»? ¿Cuándo puedes fiarte de lo que ves, y cuándo es una nube con forma de perro? Al final tú, con tus diez valoraciones, te conviertes en un vector y preguntas a cuatro tipos de modelo qué deberías ver.
#
# **Al terminar, podrás**
#
# - leer por su nombre las tablas de un modelo entrenado y decir qué es cada fila;
# - encontrar películas parecidas con el coseno, y reconocer cuándo la respuesta no vale nada;
# - explicar qué cuenta la longitud de un vector y qué cuenta su dirección;
# - dibujar 32 dimensiones en dos, con tres métodos, sin dejarte engañar por ellos;
# - preguntar con un número si el género y el año están en los vectores (una *sonda lineal*);
# - calcular un vector para un usuario que el modelo nunca ha visto, sin volver a entrenar.
#
# **Tiempo** 75 minutos de trabajo y más o menos uno de cálculo. **Antes de empezar** lecciones 01 a 05.

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
from IPython.display import display
from keras import layers
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.manifold import TSNE
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline
from helpers.data import load_movielens
from helpers.my_ratings import my_ratings
from helpers.scoreboard import read_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(6)

movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid = split.train, split.valid
n_users, n_movies = split.n_users, split.n_movies
mean = float(train["rating"].mean())

# %% [markdown]
# Cada fila de las tablas pertenece a una película; esta es la lista, en el orden de las filas. La popularidad se cuenta en las valoraciones de *entrenamiento*, las únicas que los vectores conocen.

# %%
movies = movielens.movies.set_index("movie_id").loc[split.movies.ids]
movies = movies.assign(
    ratings=np.bincount(train["movie"], minlength=n_movies)
).reset_index()
movies.head(3)

# %% [markdown]
# ## Un modelo para mirar por dentro
#
# El modelo de producto punto + sesgos de la lección 03, con 32 factores, entrenado para predecir estrellas.


# %%
def trained_model(seed):
    keras.utils.set_random_seed(seed)
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    parts = {}
    for name, of, rows in [("user", user, n_users), ("movie", movie, n_movies)]:
        for kind, columns, l2 in [("factors", 32, 1.5e-4), ("bias", 1, 5e-5)]:
            parts[f"{name}_{kind}"] = layers.Embedding(
                rows,
                columns,
                "uniform" if columns > 1 else "zeros",
                embeddings_regularizer=keras.regularizers.L2(l2),
                name=f"{name}_{kind}",
            )(of)
    match = layers.Dot(axes=-1)([parts["user_factors"], parts["movie_factors"]])
    deviation = layers.Add()([match, parts["user_bias"], parts["movie_bias"]])
    rating = layers.Rescaling(1.0, offset=mean, name="rating")(deviation)
    model = keras.Model({"user": user, "movie": movie}, rating, name="dot_bias")
    model.compile(
        keras.optimizers.Adam(0.005), "mse", metrics=["mse"], steps_per_execution=20
    )
    model.optimizer.build(model.trainable_variables)
    model.fit(
        pairs(train),
        train["rating"].to_numpy(),
        validation_data=(pairs(valid), valid["rating"].to_numpy()),
        batch_size=1024,
        epochs=30,
        callbacks=[
            keras.callbacks.EarlyStopping(
                monitor="val_mse", mode="min", patience=3, restore_best_weights=True
            )
        ],
        verbose=0,
    )
    return model


model = trained_model(seed=6)
tables = {
    layer.name: layer.get_weights()[0]
    for layer in model.layers
    if isinstance(layer, layers.Embedding)
}
for name, table in tables.items():
    print(f"{name:14} {table.shape}")
movie_vectors = tables["movie_factors"]
print(movies.loc[0, "title"], "·", movie_vectors[0, :6].round(2), "…")

# %% [markdown]
# Cuatro tablas. (La fila 0 es la primera película. En un cuaderno público cuyos identificadores empiezan en 1, la fila 0 no es de ninguna película: nunca se entrenó, y aun así aparece en su mapa y en sus listas de películas parecidas.) Los números de una fila no dicen nada por sí solos; lo que dice algo es cómo se relacionan las filas.
#
# ## Parecido = misma dirección
#
# Si a dos películas las aprecia la misma gente, sus vectores acaban apuntando hacia el mismo lado. El *coseno* del ángulo que forman vale 1 si la dirección es la misma, 0 si el ángulo es recto y −1 si son opuestas:
#
# $$\cos(a, b) = \frac{a\cdot b}{\lVert a\rVert\,\lVert b\rVert}$$
#
# ### Ejercicio 6.1 — el coseno de dos vectores (4 minutos)


# %%
def cosine(a, b):
    """Coseno del ángulo entre dos vectores.

    Parameters
    ----------
    a, b : numpy.ndarray of float, shape (n_factors,)
        Ninguno de los dos es todo 0, pero cualquiera puede ser muy corto.

    Returns
    -------
    float de -1 a 1

    Examples
    --------
    >>> round(float(cosine(np.array([1.0, 0.0]), np.array([2.0, 2.0]))), 4)
    0.7071
    """
    ### BEGIN SOLUTION
    return (a @ b) / (np.linalg.norm(a) * np.linalg.norm(b))
    ### END SOLUTION


# %%
print(cosine(np.array([1.0, 0.0]), np.array([2.0, 2.0])))

# %%
check("6.1", cosine)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué hay que hacerle al producto punto de dos vectores para que no crezca cuando uno de ellos se alarga?
# 2. `a @ b` es el producto punto; `np.linalg.norm(a)`, la longitud de un vector. Cuidado con los paréntesis: se divide por las dos longitudes.
#
# ```python
# def cosine(a, b):
#     return (...) / (np.linalg.norm(...) * ...)
# ```
#
# **Fíjate**
#
# Haz uno de los vectores diez veces más largo: el coseno no cambia. Ha tirado las longitudes, y más abajo verás qué hay en ellas.


# %%
def find(text, place=1):
    """Fila de la película más valorada cuyo título contiene un texto.

    Si no hay ninguna, como pasa con otros datos: la película que ocupa este lugar por
    número de valoraciones.
    """
    hits = movies[movies["title"].str.contains(text, case=False, regex=False)]
    if len(hits):
        return hits["ratings"].idxmax()
    return movies["ratings"].nlargest(place).index[-1]


for one, other in [("Star Wars", "Empire Strikes"), ("Star Wars", "Pretty Woman")]:
    a, b = find(one), find(other, place=2)
    print(
        f"{movies.title[a]} – {movies.title[b]}: "
        f"{cosine(movie_vectors[a], movie_vectors[b]):.2f}"
    )

# %% [markdown]
# ### Ejercicio 6.2 — una contra todas (5 minutos)
#
# Lo mismo para una película contra cada fila de la tabla, sin bucles. Basta un producto de matrices.


# %%
def cosines_with(row, table):
    """Coseno de una fila de una tabla con cada una de sus filas.

    Parameters
    ----------
    row : int
    table : numpy.ndarray of float, shape (n_movies, n_factors)
        Ninguna fila es todo 0, pero algunas pueden ser muy cortas.

    Returns
    -------
    numpy.ndarray of float, shape (n_movies,) : 1 en la propia fila `row`

    Examples
    --------
    >>> table = np.array([[1.0, 0.0], [2.0, 2.0], [-3.0, 0.0]])
    >>> cosines_with(1, table).round(4).tolist()
    [0.7071, 1.0, -0.7071]
    """
    ### BEGIN SOLUTION
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    return unit @ unit[row]
    ### END SOLUTION


# %%
print(cosines_with(1, np.array([[1.0, 0.0], [2.0, 2.0], [-3.0, 0.0]])).round(4))

# %%
check("6.2", cosines_with)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Si todas las filas de la tabla tuvieran longitud 1, ¿qué quedaría de la fórmula?
# 2. `np.linalg.norm(table, axis=…, keepdims=True)` da la longitud de cada fila, en una columna, de modo que la tabla se puede dividir por ella. Un producto con la fila hace el resto.
#
# ```python
# unit = table / np.linalg.norm(..., axis=..., keepdims=True)
# return unit @ ...
# ```
#
# **Fíjate**
#
# En cuanto todas las filas tienen longitud 1, el coseno *es* el producto punto. Quien guarda la tabla así puede pedir vecinos con un solo producto.

# %% [markdown]
# Ahora Star Wars contra las 1,700. La mayoría de las películas no tiene nada que ver con ella; aun así, ¿cuánto se le acercan?

# %% [markdown] tags=["question"]
# Toma 1,700 direcciones al azar en 32 dimensiones. ¿Cuánto vale el mayor coseno que alguna de ellas tiene con Star Wars, por puro azar?
#
# - [ ] Casi 0: las direcciones al azar no tienen nada en común
#   - De media es 0. Pero se dispersan 1/√32 = 0.18, y la mejor de 1,700 cae muy lejos.
# - [ ] Alrededor de 0.18
#   - Eso es lo que una típica se aparta de 0: 1/√32. Aquí miras la mejor de 1,700.
# - [x] Alrededor de 0.6
#   - Una típica se aparta 0.18 de 0, y la mejor de 1,700 unas tres veces y media más. Así que un 0.5 en una lista de películas parecidas puede no ser nada.
# - [ ] Alrededor de 0.95
#   - En dos o tres dimensiones, sí. En 32 hay tanto sitio que nadie llega tan cerca por azar.

# %%
quiz("6.a")

# %%
favourite = find("Star Wars")
similarity = cosines_with(favourite, movie_vectors)
axes = plt.figure().add_subplot()
axes.hist(similarity, bins=60)
axes.set_xlabel(f"coseno con {movies.title[favourite]}")
axes.set_ylabel("películas")
axes.set_title("La mayoría tiene poco que ver con ella")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* una colina alrededor de 0 y, lejos a la derecha, dos barras pequeñas; la del 1 es la propia película. En 32 dimensiones, dos direcciones al azar tienen cosenos de alrededor de ±0.18, y la mejor entre 1,700 llega a 0.6. Hasta ahí, pues, un coseno puede ser suerte; un 0.9 no lo es.
#
# ### Ejercicio 6.3 — las más parecidas, con título (6 minutos)
#
# Devuelve las n películas con el coseno más alto, sin contar la propia película, y deja fuera las que tengan menos de `min_ratings` valoraciones.


# %%
def most_similar(row, table, movies, n=8, min_ratings=0):
    """Las películas más cercanas a una, según el coseno.

    Parameters
    ----------
    row : int
        Fila de `table` y de `movies`.
    table : numpy.ndarray of float, shape (n_movies, n_factors)
    movies : pandas.DataFrame, n_movies filas en el mismo orden, índice 0, 1, …
        Con las columnas `title` y `ratings` (un recuento).
    n : int
    min_ratings : int
        Las películas con menos valoraciones quedan fuera.

    Returns
    -------
    pandas.DataFrame
        Las filas de `movies`, con todas sus columnas y una columna `cosine`, primero
        las más parecidas. La propia película no está entre ellas; otra con la misma
        dirección o el mismo título puede estar. Son menos de n si no hay más.

    Examples
    --------
    >>> table = np.array([[1.0, 0.0], [2.0, 2.0], [5.0, 0.1], [0.0, 1.0]])
    >>> four = pd.DataFrame({"title": list("abcd"), "ratings": [9, 5, 1, 9]})
    >>> most_similar(0, table, four, n=2)["title"].tolist()
    ['c', 'b']
    >>> most_similar(0, table, four, n=2, min_ratings=5)["title"].tolist()
    ['b', 'd']
    >>> most_similar(2, table, four, n=2, min_ratings=5)["title"].tolist()
    ['a', 'b']
    """
    ### BEGIN SOLUTION
    found = movies.assign(cosine=cosines_with(row, table)).drop(index=row)
    found = found[found["ratings"] >= min_ratings]
    return found.sort_values("cosine", ascending=False).head(n)
    ### END SOLUTION


# %%
tiny = np.array([[1.0, 0.0], [2.0, 2.0], [5.0, 0.1], [0.0, 1.0]])
four = pd.DataFrame({"title": list("abcd"), "ratings": [9, 5, 1, 9]})
for row, least in [(0, 0), (0, 5), (2, 5)]:
    print(most_similar(row, tiny, four, n=2, min_ratings=least)["title"].tolist())

# %%
check("6.3", most_similar)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿En qué orden hay que filtrar, ordenar y cortar para que queden n películas siempre que haya bastantes?
# 2. `movies.assign(cosine=…)` hace una copia con una columna nueva. `.drop(index=row)` quita la propia película, por su fila y no por su puesto ni por su título. Después filtra, ordena y `.head(n)`.
#
# ```python
# found = movies.assign(cosine=cosines_with(..., ...)).drop(index=...)
# found = found[found["ratings"] ...]
# return found.sort_values(..., ascending=...).head(...)
# ```
#
# **Fíjate**
#
# `min_ratings` esconde los rumores, no los arregla: la sección siguiente muestra lo poco que vale el coseno de una película rara.

# %%
shown = ["title", "year", "genres", "ratings", "cosine"]
similar = most_similar(favourite, movie_vectors, movies, min_ratings=50)[shown].round(2)
similar.astype({"year": "string"}).fillna({"year": ""})  # "": not known

# %% [markdown]
# Las dos secuelas salen primero, con 0.9, aunque el modelo no ha visto ni título ni género ni reparto: solo quién dio cuántas estrellas. Del tercer puesto en adelante los cosenos rozan lo que puede dar el azar: algunas de esas películas encajan de todos modos, otras son aventuradas.
#
# ## Dónde falla, y por qué
#
# Ahora lo mismo para una película que han valorado tres personas.

# %%
obscure = movies.index[movies["ratings"] == 3][0]
print(movies.title[obscure])
similar = most_similar(obscure, movie_vectors, movies)[shown].round(2)
similar.astype({"year": "string"}).fillna({"year": ""})

# %% [markdown]
# Los números no parecen menos seguros. Pero L2 ha encogido hasta casi nada un vector con tres valoraciones, y la dirección que queda la decidieron tres personas y el punto de partida aleatorio. **Un coseno no sabe lo seguro que está.** Preguntemos entonces a los datos: entrena el modelo por segunda vez desde otro punto de partida aleatorio. Lo que es real se encuentra dos veces.
#
# Las dos tablas no se pueden comparar número a número, porque los factores salen en otro orden y girados. Pero los *vecinos* sí: qué películas están cerca unas de otras no depende de los ejes.

# %% [markdown] tags=["question"]
# Entrenas por segunda vez, desde otro punto de partida aleatorio. De los diez vecinos más cercanos de una película con más de 150 valoraciones, ¿cuántos reaparecen?
#
# - [ ] Los diez: las valoraciones son las mismas
#   - Las valoraciones sí; el punto de partida, no. Y muchas maneras de colocar 1,700 películas explican las valoraciones más o menos igual de bien.
# - [x] Unos cinco
#   - A algunos los sujetan las valoraciones. Los demás dependen del punto de partida, aunque se imprimieran con los mismos dos decimales.
# - [ ] Una de cada diez películas reencuentra a uno solo: los factores salen girados
#   - Eso daría el azar. Que giren no importa: los cosenos quedan como están.

# %%
quiz("6.b")

# %%
second_vectors = trained_model(seed=66).get_layer("movie_factors").get_weights()[0]
well_known = np.flatnonzero(movies["ratings"] >= 20)


def neighbours(row, table):
    others = well_known[well_known != row]
    return set(others[np.argsort(-cosines_with(row, table)[others])[:10]])


groups = pd.cut(
    movies["ratings"],
    [-1, 2, 9, 49, 149, np.inf],
    labels=["0–2", "3–9", "10–49", "50–149", "150+"],
)
agreement = {}
rng = np.random.default_rng(6)
for group, rows in movies.groupby(groups, observed=True).groups.items():
    some = rng.choice(rows, min(60, len(rows)), replace=False)
    agreement[group] = np.mean(
        [
            len(neighbours(r, movie_vectors) & neighbours(r, second_vectors))
            for r in some
        ]
    )
plots.plot_bars(
    agreement,
    agreement.values(),
    "Vecinos que reaparecen al entrenar por segunda vez",
    "de los diez más cercanos, según el número de valoraciones",
)
# %% tags=["nbval-check-output"]
first, *_, last = agreement.values()
verdict("vecinos que reaparecen, pocas valoraciones", first, at_most=3.3)
verdict("vecinos que reaparecen, muchas valoraciones", last, at_least=4.0)

# %% [markdown]
# *Cómo leer la figura:* por azar reaparecería la décima parte de *un* vecino. A partir de diez valoraciones vuelve más o menos la mitad de los diez más cercanos; con entre tres y nueve, cuatro; con menos, dos. Ni siquiera la mitad es mucho. Así que toma cualquier lista de vecinos como un boceto, y la de una película con una o dos valoraciones, como un rumor: se imprime con los mismos dos decimales.
#
# ## Vectores largos, vectores cortos
#
# El coseno tira la *longitud*. ¿Qué hay en ella?

# %% [markdown] tags=["question"]
# L2 tira de todos los vectores hacia 0. ¿Qué películas tienen, aun así, los vectores más largos?
#
# - [ ] Las de media más alta
#   - Para gustar a todos está el sesgo de la película. No hace falta ningún vector.
# - [x] Las que tienen más valoraciones
#   - Cada valoración tira del vector, y L2 tira en contra. Con tres valoraciones gana L2.
# - [ ] Las que tienen menos valoraciones, porque se ajustan mejor
#   - Sin L2 podría ser. Con él, tres valoraciones son muy pocas para llevar lejos un vector.

# %%
quiz("6.c")

# %%
length = np.linalg.norm(movie_vectors, axis=1)
axes = plt.figure().add_subplot()
axes.scatter(movies["ratings"].clip(lower=0.7), length, s=8, alpha=0.5)
axes.set_xscale("log")
axes.set_xlabel("valoraciones de la película en entrenamiento (escala logarítmica)")
axes.set_ylabel("longitud de su vector")
axes.set_title("Cuantas más valoraciones, más largo el vector")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* L2 mantiene corto un vector hasta que bastantes valoraciones tiran de él. La longitud es, más o menos, cuánto hay que decir de una película. Por eso un producto punto (que incluye la longitud) ordena por gusto *y* por evidencia; un coseno, solo por gusto, por poca evidencia que haya.
#
# ## Treinta y dos dimensiones en papel
#
# Nadie puede ver 32 dimensiones. Hay tres maneras de apretarlas en dos:
#
# - **PCA** mira desde el lado por el que la nube es más ancha. Es una proyección recta: las distancias se acortan, nada se rompe.
# - **t-SNE** mantiene cerca a los vecinos cercanos y se despreocupa del resto. Los vecinos suelen ser reales; los grupos pueden serlo; las distancias entre grupos, y sus tamaños, no lo son.
# - **UMAP** busca lo mismo, es más rápido con conjuntos grandes y conserva algo más de la imagen general.
#
# Dibujamos las películas con al menos 20 valoraciones, por la razón que acabas de ver.

# %%
import umap

chosen = movies[movies["ratings"] >= 20].reset_index()
vectors = movie_vectors[chosen["index"]]
pca = PCA(n_components=2).fit(vectors)
maps = {
    f"PCA ({pca.explained_variance_ratio_.sum():.0%} de la varianza)": pca.transform(
        vectors
    ),
    "t-SNE": TSNE(metric="cosine", init="random", random_state=6).fit_transform(
        vectors
    ),
    "UMAP": umap.UMAP(metric="cosine", random_state=6, n_jobs=1).fit_transform(vectors),
}

# %%
figure, panels = plt.subplots(1, 3, figsize=(11, 3.8))
for panel, (name, points) in zip(panels, maps.items(), strict=True):
    dots = panel.scatter(
        *points.T, c=chosen["year"].astype(float).clip(lower=1960), s=9, cmap="cividis"
    )
    panel.set_title(name)
    panel.axis("off")
figure.colorbar(dots, ax=panels, label="año de estreno (1960 y anteriores: el más oscuro)")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* las mismas películas tres veces, coloreadas por año. En las tres, lo oscuro y lo claro no están mezclados por igual: el modelo ha descubierto algo sobre la edad, y nadie le dijo nunca una fecha. *No* leas más en las formas: cambian con cada semilla.
#
# Ahora date una vuelta por el mapa. Pasa el puntero por encima de los puntos; busca un rincón que conozcas.

# %%
islands = maps["t-SNE"]
plots.embedding_map(
    islands, chosen, "Un mapa de películas, según el gusto (t-SNE)", color="ratings"
)

# %% [markdown]
# Donde el mapa interactivo no funciona (en papel, o en algunas páginas web), aquí está lo mismo como imagen, con los nombres de las películas más valoradas.

# %%
axes = plt.figure(figsize=(10, 6.4)).add_subplot()
axes.scatter(*islands.T, s=10, c=np.log10(chosen["ratings"]), cmap="cividis", alpha=0.7)
labelled = []
label_size = np.ptp(islands, axis=0) * [0.18, 0.03]
for row in chosen["ratings"].sort_values(ascending=False).index:
    is_apart = np.abs(islands[labelled] - islands[row]) > label_size
    if len(labelled) < 40 and is_apart.any(axis=1).all():
        labelled.append(row)
        axes.annotate(
            chosen.title[row][:22],
            islands[row],
            fontsize=7.5,
            textcoords="offset points",
            xytext=(4, 2),
        )
axes.axis("off")
axes.set_title("Un mapa de películas, según el gusto (t-SNE; claro = muchas valoraciones)")
plt.show()

# %% [markdown]
# ## ¿Está ahí, o lo vemos porque lo buscamos?
#
# La gente ve patrones en cualquier nube. Una *sonda lineal* contesta con un número: ¿qué tal adivina el género o el año de *otras* películas una línea recta ajustada a los vectores de unas cuantas? Y, por honradez, ¿qué tal si se barajan las etiquetas?
#
# ### Ejercicio 6.4 — sondea una etiqueta (7 minutos)
#
# `cross_val_predict(model, x, y, cv=5, method="predict_proba")` predice cada película con un modelo que se ajustó sin ella, y devuelve una columna para False y otra para True. Como modelo usa `make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))`, para que ni siquiera el escalado vea las películas que se dejan fuera. Devuelve el ROC AUC de todas las predicciones juntas (`roc_auc_score(label, score)`).


# %%
def probe(vectors, label):
    """Qué tal lee un modelo lineal una etiqueta de sí o no en los vectores.

    Parameters
    ----------
    vectors : numpy.ndarray of float, shape (n, n_factors)
    label : numpy.ndarray of bool, shape (n,)
        Al menos cinco True y cinco False.

    Returns
    -------
    float
        ROC AUC en validación cruzada de cinco partes: 0.5 es el azar; 1, perfecto.
        Cada parte tiene su proporción de True; nada de lo que se ajusta o se elige, ni
        siquiera el escalado, ha visto la parte que se predice. Tal como salga: también
        por debajo de 0.5.

    Examples
    --------
    Una etiqueta que se puede leer en el primer número, y una que no.

    >>> one_to_forty = np.arange(40.0)[:, None]
    >>> probe(one_to_forty, np.arange(40) >= 20) > 0.9
    True
    >>> probe(one_to_forty, np.arange(40) % 2 == 0) < 0.6
    True
    """
    ### BEGIN SOLUTION
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    probability = cross_val_predict(model, vectors, label, cv=5, method="predict_proba")
    return float(roc_auc_score(label, probability[:, 1]))
    ### END SOLUTION


# %%
one_to_forty = np.arange(40.0)[:, None]
print(
    probe(one_to_forty, np.arange(40) >= 20),
    probe(one_to_forty, np.arange(40) % 2 == 0),
)

# %%
check("6.4", probe)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. En 32 dimensiones una recta puede separar de memoria cualquier puñado de películas. ¿Con qué películas tiene que demostrar lo que vale?
# 2. `cross_val_predict(…)` da una matriz de dos columnas, para False y para True. `roc_auc_score` quiere la etiqueta y la puntuación de True.
#
# ```python
# model = make_pipeline(StandardScaler(), LogisticRegression(...))
# probability = cross_val_predict(..., ..., ..., cv=..., method=...)
# return roc_auc_score(..., probability[:, ...])
# ```
#
# **Fíjate**
#
# Con etiquetas barajadas tu sonda dice alrededor de 0.5, por muchos factores que haya. Eso es lo que da valor a sus otras respuestas.

# %%
genres = chosen["genres"].str.get_dummies(sep="|")
frequent = genres.columns[genres.sum() >= 30]
found = {genre: probe(vectors, genres[genre].to_numpy() == 1) for genre in frequent}
found = dict(sorted(found.items(), key=lambda item: -item[1]))
rarest = genres[frequent].sum().idxmin()
by_chance = [probe(vectors, rng.permutation(genres[rarest] == 1)) for _ in range(10)]
found["(etiquetas barajadas)"] = float(np.mean(by_chance))
print(f"{rarest}, barajado diez veces: de {min(by_chance):.2f} a {max(by_chance):.2f}")
plots.plot_bars(
    found,
    found.values(),
    "¿Qué géneros se pueden leer en los vectores?",
    "AUC de una sonda lineal (0.5 = azar)",
    highlight=["(etiquetas barajadas)"],
)
# %%
dated = chosen["year"].notna().to_numpy()
year = chosen["year"][dated].astype(float).to_numpy()
line = make_pipeline(StandardScaler(), RidgeCV(np.logspace(0, 4, 9)))
guessed = cross_val_predict(line, vectors[dated], year, cv=5)
explained = 1 - np.sum((year - guessed) ** 2) / np.sum((year - year.mean()) ** 2)
print(f"años: en los vectores se puede leer el {explained:.0%} de la varianza")
along = chosen["title"][dated].to_numpy()[np.argsort(guessed)]
print("estimadas como más antiguas:", " · ".join(along[:6]))
print("estimadas como más nuevas:", " · ".join(along[-6:]))

# %% tags=["nbval-check-output"]
genre_scores = [score for name, score in found.items() if name != "(etiquetas barajadas)"]
verdict("mejor sonda de género", max(genre_scores), at_least=0.75)
verdict("sonda de etiquetas barajadas", found["(etiquetas barajadas)"], inside=(0.35, 0.65))

# %% [markdown]
# La mayoría de los géneros están ahí, claramente por encima de lo que dan las etiquetas barajadas; otros no se distinguen del azar. También hay una dirección para la edad, aunque tenue: mira los títulos de sus dos extremos. Los vectores guardan lo que *predice valoraciones*; el género y la edad están en ellos en la medida en que ayudan a eso, y no más.
#
# ## Tú, hecho vector
#
# Los modelos nunca te han visto. Volver a entrenar por un solo usuario nuevo sería absurdo, y no hace falta: deja las películas como están y busca el vector $p$ y el sesgo $b$ que mejor explican tus diez valoraciones. Esto se llama *fold-in* y, para un producto punto, es una regresión ridge con solución exacta:
#
# $$\begin{pmatrix} p \\ b \end{pmatrix} = (Q^\top Q + \lambda I)^{-1} Q^\top (r - \mu - b_i)$$
#
# Cada fila de $Q$ es el vector de una película que has valorado, con un 1 añadido al final: lo que lo multiplica es igual para todas las películas, y por eso es tu sesgo. $r$ son tus valoraciones, $\mu$ es la media, $b_i$ los sesgos de esas películas, y $\lambda$ dice lo poco que nos fiamos de diez valoraciones.
#
# ### Ejercicio 6.5 — incorpora a un usuario nuevo (10 minutos)
#
# Resuelve la ecuación con `np.linalg.solve` (no hace falta ninguna inversa).


# %%
def fold_in(rows, ratings, vectors, movie_bias, mean, shrinkage=5.0):
    """Vector y sesgo de un usuario nuevo, sin tocar lo demás.

    Parameters
    ----------
    rows : numpy.ndarray of int, shape (n,), una o más
        Las películas que ha valorado el usuario.
    ratings : numpy.ndarray of float, shape (n,), en estrellas
    vectors : numpy.ndarray of float, shape (n_movies, n_factors)
    movie_bias : numpy.ndarray of float, shape (n_movies,)
    mean : float
    shrinkage : float, mayor que 0
        La λ de la regresión ridge, tanto para el vector como para el sesgo.

    Returns
    -------
    vector : numpy.ndarray of float, shape (n_factors,)
    bias : float

    Examples
    --------
    Una valoración, 0.6 estrellas por encima de media + sesgo de la película. El vector y
    el sesgo se reparten el mérito, y la contracción se queda con un tercio.

    >>> vectors, movie_bias = np.array([[9.0, 9.0], [1.0, 0.0]]), np.array([0.0, 0.3])
    >>> vector, bias = fold_in(
    ...     np.array([1]), np.array([4.4]), vectors, movie_bias, mean=3.5, shrinkage=1.0
    ... )
    >>> vector.round(4).tolist(), round(bias, 4)
    ([0.2, 0.0], 0.2)
    """
    ### BEGIN SOLUTION
    known = np.column_stack([vectors[rows], np.ones(len(rows))])
    left_over = np.asarray(ratings) - mean - movie_bias[rows]
    penalty = shrinkage * np.eye(known.shape[1])
    solution = np.linalg.solve(known.T @ known + penalty, known.T @ left_over)
    return solution[:-1], float(solution[-1])
    ### END SOLUTION


# %%
vector, bias = fold_in(
    np.array([1]),
    np.array([4.4]),
    np.array([[9.0, 9.0], [1.0, 0.0]]),
    np.array([0.0, 0.3]),
    mean=3.5,
    shrinkage=1.0,
)
print(vector.round(4).tolist(), round(bias, 4))

# %%
check("6.5", fold_in)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué queda de una valoración cuando se quitan la media y el sesgo de la película, y qué dos cosas tuyas tienen que explicarlo?
# 2. `np.column_stack([vectors[rows], np.ones(len(rows))])` es Q. Con n factores, Q.T @ Q + λI es de (n + 1) × (n + 1). `np.linalg.solve(A, y)` encuentra x tal que A @ x = y; el último número de x es el sesgo.
#
# ```python
# q = np.column_stack([vectors[...], ...])
# left_over = ratings - ... - movie_bias[...]
# solution = np.linalg.solve(q.T @ q + ... * np.eye(...), q.T @ ...)
# return solution[...], solution[...]
# ```
#
# **Fíjate**
#
# Ninguna película se ha movido. Por eso tarda un milisegundo, y por eso se puede hacer para cada visitante de una web.

# %%
mine = my_ratings(movielens)
print("un estudiante inventado" if mine.attrs["invented"] else "tus propias valoraciones")
my_rows = split.movies.encode(mine["movie_id"])
movie_bias = tables["movie_bias"][:, 0]
my_vector, my_bias = fold_in(
    my_rows, mine["rating"].to_numpy(), movie_vectors, movie_bias, mean
)
lengths = np.linalg.norm(tables["user_factors"], axis=1)
print(f"tu sesgo es de {my_bias:+.2f} estrellas")
print(
    f"tu vector mide {np.linalg.norm(my_vector):.2f}; el del usuario mediano, "
    f"{np.median(lengths):.2f}"
)
mine.assign(
    explained=mean + my_bias + movie_bias[my_rows] + movie_vectors[my_rows] @ my_vector
).round(1)

# %% [markdown]
# Tus diez valoraciones frente a lo que el modelo opina ahora de ellas. No las reproduce con exactitud, ni debe: diez números son poca evidencia para 33, y la contracción lo mantiene modesto.
#
# ## ¿Qué deberías ver?
#
# Cuatro tipos de modelo te dan cinco películas cada uno: popularidad, sesgos, producto punto + sesgos entrenado para predecir estrellas, y uno que se entrena con *lo que se ve*, como la red de la lección 05. Para este último usamos un modelo más sencillo con la misma pregunta, EASE: un peso por cada par de películas, «a quien le gustó esta también le gustó aquella», ajustado con una fórmula a todos los usuarios a la vez (lo dice su nombre: *embarrassingly shallow autoencoder*, autocodificador vergonzosamente poco profundo), con una contracción de 200 y sin permitir que ninguna película se explique a sí misma. (Está entre las lecturas de la lección 05.)

# %%
liked = train[train["rating"] >= 4]
watched = np.zeros((n_users, n_movies), dtype="float32")
watched[liked["user"], liked["movie"]] = 1
enough = np.flatnonzero(movies["ratings"] >= 5)
overlap = watched[:, enough].T @ watched[:, enough]
precision = np.linalg.inv(overlap + 200 * np.eye(len(enough), dtype="float32"))
movie_to_movie = -precision / np.diag(precision)
np.fill_diagonal(movie_to_movie, 0)

# %% [markdown]
# Unas pocas líneas, sin épocas ni tasa de aprendizaje: en la partición oficial de la lección 05, las cifras publicadas ponen a este modelo (0.436) a la altura de los mejores. Un final justo para un curso de redes neuronales: prueba primero lo simple.

# %%
my_likes = np.zeros(n_movies, dtype="float32")
my_likes[my_rows[mine["rating"].to_numpy() >= 4]] = 1
ease_scores = np.full(n_movies, -np.inf)
ease_scores[enough] = my_likes[enough] @ movie_to_movie
bias_only = BiasBaseline().fit(train, n_users, n_movies)
my_scores = {
    "popularidad": movies["ratings"].to_numpy(dtype="float64"),
    "solo sesgos": bias_only.movie_bias,
    "producto + sesgos, para estrellas": movie_bias + movie_vectors @ my_vector,
    "gusta o no (EASE)": ease_scores,
}
lists = {}
for name, scores in my_scores.items():
    scores = np.array(scores, dtype="float64")
    scores[my_rows] = -np.inf
    lists[name] = np.argsort(-scores)[:5]
for name in ["producto + sesgos, para estrellas", "gusta o no (EASE)"]:
    same = [len(np.intersect1d(lists[name], lists[o])) for o in list(lists)[:2]]
    print(
        f"{name}: {same[0]} de 5 están en la lista popular; {same[1]}, en la elogiada"
    )
pd.DataFrame(
    {name: movies.title[rows].to_numpy() for name, rows in lists.items()},
    index=pd.RangeIndex(1, 6, name="place"),
)

# %% [markdown]
# Lee las columnas como un crítico:
#
# - **popularidad** y **solo sesgos** dan la misma lista a todo el mundo. Una muestra lo que se ve; la otra, lo que se elogia.
# - **producto + sesgos** es tuya: mira cuáles de sus películas las elogia todo el mundo y cuáles están ahí por ti. Con diez valoraciones, los sesgos todavía llevan la voz cantante.
# - **gusta o no** solo sabe a qué películas diste 4 estrellas o más. Fíjate en cuánta popularidad queda en ella; y, si te queda bien, pregúntate si alguna vez te enseñará otra cosa.
#
# Cambia tus valoraciones en la lección 01 y vuelve: ¿qué lista cambia más? ¿Cuál preferirías recibir? ¿Cuál preferiría mostrarte una tienda? No son la misma pregunta, y ninguna métrica de este curso la decide.
#
# ## La tabla de resultados del curso
#
# Todo lo que has entrenado, de la media al híbrido. (Faltan las lecciones que no se han ejecutado en este equipo. Si no aparece nada, ejecuta antes las lecciones 01 a 05.)

# %%
board = read_scoreboard(edition=movielens.name)
stars = board[board["rmse"].notna() & (board["split"] == split.name)]
if len(stars):
    stars = stars.sort_values("rmse", ascending=False)
    plots.plot_bars(
        stars["lesson"] + " · " + stars["model"],
        stars["rmse"],
        "De la media al híbrido",
        "RMSE de prueba (estrellas), mejor cuanto más bajo",
        from_zero=False,
    )
show_scoreboard(movielens.name, split.name)

# %%
rankings = board[board["ndcg@10"].notna()]
for name in rankings["split"].unique():
    display(show_scoreboard(movielens.name, name, sort_by="ndcg@10"))

# %% [markdown]
# ## Un cuestionario sobre todo el curso
#
# Contesta cada pregunta antes de abrir la respuesta.
#
# **1.** Un modelo dice tener un RMSE de prueba de 0.94 en ml-100k. ¿Cuál es tu primera pregunta? <details><summary>Respuesta</summary>¿En qué partición, y cuánto da ahí el modelo base de sesgos? En la nuestra da 0.94: puede que el modelo no haya aprendido nada sobre el gusto. (Lección 01)</details>
#
# **2.** El error de validación de una red tiene su mínimo en la época 6 de 20. ¿Con qué pesos te quedas y qué número das? <details><summary>Respuesta</summary>Los de la época 6, y el error en el conjunto de *prueba*, medido una sola vez: el propio mínimo se eligió en el conjunto de validación y es un poco demasiado bueno. (Lección 02)</details>
#
# **3.** Una película tiene una media sin corregir de 5.0 estrellas. ¿Es la mejor? <details><summary>Respuesta</summary>Cuenta sus valoraciones. Con una o dos, es la más afortunada. Contrae. (Lección 03)</details>
#
# **4.** Tres capas densas sin activación, sobre los vectores de usuario y película puestos uno junto al otro. ¿Qué pueden expresar? <details><summary>Respuesta</summary>Un sesgo de usuario más un sesgo de película; el mismo orden de películas para todos los usuarios. (Lección 04)</details>
#
# **5.** Tu modelo tiene el mejor RMSE de todos y sus listas son peores que la popularidad. ¿Cómo pueden ser ciertas las dos cosas? <details><summary>Respuesta</summary>El RMSE pregunta por películas que se valoraron; una lista se hace con las que no. Un modelo que nunca vio una película sin ver no sabe ordenarlas. (Lección 05)</details>
#
# **6.** Dos películas con tres valoraciones cada una tienen un coseno de 0.97. ¿Se parecen? <details><summary>Respuesta</summary>Nadie lo sabe. Entrena otra vez con otra semilla y mira si siguen pareciéndose. (Esta lección)</details>
#
# ## Para recordar
#
# - Las filas de una tabla no dicen nada por sí solas; las direcciones y los vecinos, sí.
# - Un coseno no sabe cuánta evidencia lo respalda. Filtra por número de valoraciones, o entrena dos veces.
# - La longitud es evidencia; la dirección, gusto.
# - Un mapa muestra vecinos, no distancias. Lo que veas en él, compruébalo con una sonda; y la sonda, con etiquetas barajadas.
# - Un usuario nuevo no necesita otro entrenamiento: *fold-in*.
#
# ## Para seguir leyendo
#
# - La serie de NVIDIA sobre aprendizaje profundo para sistemas de recomendación, y el curso de Google sobre [sistemas de recomendación](https://developers.google.com/machine-learning/recommendation): lo que viene después del modelo, en producción.
# - H.-J. Xue et al., [Deep Matrix Factorization Models](https://doi.org/10.24963/ijcai.2017/447), 2017: un usuario como su fila de la matriz, igual que nuestros historiales.
# - M. Wattenberg, F. Viégas e I. Johnson, [How to Use t-SNE Effectively](https://distill.pub/2016/misread-tsne/), 2016: juega con ella diez minutos.
# - W. Kang y J. McAuley, [Self-Attentive Sequential Recommendation](https://arxiv.org/abs/1808.09781), 2018: el orden en que viste las cosas.
# - X. Yi et al., [Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations](https://doi.org/10.1145/3298689.3346996), 2019: dos torres, a la escala de YouTube.
#
# **Siguiente:** la lección 07 pregunta qué pasa cuando hay más de lo que cabe en una máquina: qué crece, cómo aprenden varios *workers* un solo modelo, y cómo encontrar las mejores de un millón de películas sin puntuarlas todas.

# %% tags=["instructor"]
# Minutos: 75. Si falta tiempo, muestra solo uno de los tres mapas. Ideas equivocadas: «los grupos de t-SNE son grupos de películas»; «una dimensión del embedding significa algo»; «un coseno de 0.97 es una prueba sólida». Pregunta abierta (¿cuál preferirías recibir?): no hay respuesta correcta; busca las palabras sesgo de popularidad, burbuja de filtros, exploración.
