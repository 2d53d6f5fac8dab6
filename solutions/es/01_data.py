# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/01_data.ipynb)

# %% [markdown]
# # 1 · Datos: ¿qué nos dice una valoración?
#
# Un sistema de recomendación responde a una sola pregunta: *de todas las películas que esta persona no ha visto, ¿cuáles le mostramos?* Para responder solo cuenta con una tabla que dice quién valoró qué. Antes de entrenar nada con esa tabla, vamos a mirarla. En este campo, casi todos los errores se cometen aquí, en los datos, y ni uno solo produce un mensaje de error.
#
# **Al terminar, podrás**
#
# - cargar MovieLens y decir cuánto falta en esos datos, y por qué importa;
# - leer una cola larga y saber qué les hace a los promedios;
# - unir bien dos tablas con las que un cuaderno público se equivoca en todos los títulos;
# - convertir identificadores en números de fila y partir las valoraciones sin que se filtre nada del conjunto de prueba;
# - calcular a mano el MAE y el RMSE, y fijar el modelo base que todas las redes de este curso tienen que superar.
#
# **Tiempo** 60 minutos de trabajo, unos 15 segundos de cómputo. **Antes de empezar** algo de Python y de pandas; de recomendadores no hace falta saber nada.

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
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import check, hint, plots, progress, quiz, reveal
from helpers.baselines import BiasBaseline, MeanBaseline
from helpers.data import load_movielens
from helpers.metrics import mae, rmse
from helpers.my_ratings import my_ratings, rate_movies
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import IdEncoding, pairs, random_split, time_split
from helpers.bands import verdict

plots.use_course_style()

# %% [markdown]
# ## Personas reales, valoraciones reales
#
# MovieLens es un sitio web donde la gente valora películas y recibe recomendaciones. Sus creadores, de la Universidad de Minnesota, publican esas valoraciones para que se investigue con ellas. Usamos la edición clásica más pequeña, recogida en 1997 y 1998. Casi todas las cifras que leerás en un artículo se han medido con alguno de los archivos de MovieLens.
#
# La primera vez, la celda siguiente descarga 5 MB del sitio que los publica (o, si el sitio no responde, toma las mismas valoraciones de un paquete de Python que las incluye). Después lee una copia guardada en tu propio disco.
#
# Este curso nació de cinco cuadernos públicos (*notebooks*) sobre estos datos. Te encontrarás con sus errores, convertidos en bugs que hay que cazar: son muy instructivos, y ninguno produce un mensaje de error.

# %%
movielens = load_movielens()
movielens

# %%
ratings, movies = movielens.ratings.copy(), movielens.movies.copy()
ratings.head()

# %% [markdown]
# Cada fila es una *interacción*: este usuario dio a esta película tantas estrellas, en este segundo. (La marca de tiempo cuenta los segundos desde 1970.) Las películas tienen su propia tabla.

# %%
movies.head()

# %% [markdown]
# ## Una matriz llena de huecos
#
# Imagina las valoraciones como una matriz: una fila por usuario, una columna por película y, en cada celda, un número de estrellas. Un recomendador rellena las celdas vacías. ¿Cuántas hay?
#
# Todos los ejercicios del curso funcionan igual: sustituye la línea `raise NotImplementedError` por tu propio código, ejecuta la celda y luego ejecuta el `check` que viene debajo. Esa comprobación llama a tu función con números nuevos y te dice qué está bien, o qué no lo está todavía; ejecútala cuantas veces quieras. Hay una regla que vale para todos los ejercicios: una función deja lo que recibe tal como estaba; trabaja sobre una copia o crea algo nuevo. Si te atascas, `hint("1.1")` te ayuda en tres pasos. Después de un intento tuyo, `density = reveal("1.1")` te muestra una respuesta y te deja seguir adelante con ella. De vez en cuando, un `quiz` te pide que adivines un resultado antes de verlo. Y al final de la lección, `progress()` te enseña lo que has hecho. Todo eso se queda en tu equipo.
#
# ### Ejercicio 1.1 — ¿qué parte de la matriz está llena? (4 minutos)
#
# Escribe una función que devuelva qué proporción de todos los pares (usuario, película) tiene una valoración. Cada par se valora una vez como máximo.


# %%
def density(ratings):
    """Proporción de todos los pares usuario-película que tienen una valoración.

    Parameters
    ----------
    ratings : pandas.DataFrame
        Con las columnas `user_id` y `movie_id`; cada fila es una valoración. Las demás
        columnas pueden faltar.

    Returns
    -------
    float de 0 a 1, sin redondear

    Examples
    --------
    Dos usuarios, tres películas, tres valoraciones: la mitad de las seis celdas
    está llena.

    >>> density(pd.DataFrame({"user_id": [1, 1, 2], "movie_id": [7, 8, 9]}))
    0.5
    """
    ### BEGIN SOLUTION
    n_users = ratings["user_id"].nunique()
    n_movies = ratings["movie_id"].nunique()
    return len(ratings) / (n_users * n_movies)
    ### END SOLUTION


# %% [markdown]
# Pruébala primero con el ejemplo del docstring, donde puedes contar las celdas a mano: tiene que dar 0.5. Después, con los datos de verdad.

# %%
print(density(pd.DataFrame({"user_id": [1, 1, 2], "movie_id": [7, 8, 9]})))
print(f"la matriz está llena al {density(ratings):.1%}")

# %%
check("1.1", density)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Dibuja la matriz del ejemplo del docstring. ¿Cuántas celdas tiene, y en cuántas hay una valoración?
# 2. La matriz tiene una fila por usuario y una columna por película. `ratings["user_id"].nunique()` cuenta los usuarios distintos, por grandes que sean sus identificadores.
#
# ```python
# n_users = ratings[...].nunique()
# n_movies = ...
# return len(...) / (... * ...)
# ```
#
# **Fíjate**
#
# La función cuenta los usuarios y las películas que *aparecen*. Una película que nadie valoró no tiene columna aquí: en un catálogo con películas así, la matriz estaría todavía más vacía.

# %% tags=["nbval-check-output"]
verdict("proporción de celdas llenas", density(ratings), inside=(0.06, 0.07))

# %% [markdown]
# Más o menos una celda de cada dieciséis, y eso que esta edición es *densa*: cada uno de sus usuarios valoró al menos 20 películas, porque a todos los demás los quitaron antes de publicarla. En una tienda real es una celda entre miles.
#
# Aquí tienes la propia matriz. Cada punto es una valoración; usuarios y películas están ordenados de más a menos valoraciones.

# %%
user_rank = ratings["user_id"].map(
    ratings["user_id"].value_counts().rank(ascending=False, method="first")
)
movie_rank = ratings["movie_id"].map(
    ratings["movie_id"].value_counts().rank(ascending=False, method="first")
)
axes = plt.figure(figsize=(7, 4.2)).add_subplot()
axes.scatter(movie_rank, user_rank, s=0.15, color=plots.BLUE, alpha=0.5)
axes.invert_yaxis()
axes.set_xlabel("película, por número de valoraciones (1 = la que más tiene)")
axes.set_ylabel("usuario, por número de valoraciones")
axes.set_title("Todas las valoraciones: una esquina abarrotada y el resto vacío")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* la esquina superior izquierda es casi una mancha. La parte inferior derecha, donde los usuarios que valoran poco se cruzarían con las películas desconocidas, está casi en blanco. Tenemos que recomendar películas de toda la matriz, pero aprendemos sobre todo de esa esquina.

# %% [markdown]
# ## ¿Cuántas valoraciones da un usuario?
#
# Adivina antes de ejecutar la figura siguiente.

# %% [markdown] tags=["question"]
# En promedio, cada usuario dio aquí unas 106 valoraciones. ¿Cuántas dio el usuario *típico*, el que queda en el medio si los ordenamos a todos?
#
# - [x] Unas 65
#   - Unos pocos entusiastas con cientos de valoraciones tiran de la media hacia arriba y dejan la mediana donde está. Con una cola larga, la media no describe a nadie.
# - [ ] Unas 106
#   - La media y la mediana solo coinciden si los datos se extienden igual hacia los dos lados. ¿Puede un usuario estar 300 valoraciones por debajo de la media? ¿Y 300 por encima?
# - [ ] Unas 150
#   - Para eso, muchos usuarios tendrían que quedar muy *por debajo* de la media. Pero aquí nadie baja de 20 valoraciones, y por arriba hay mucho sitio.

# %%
quiz("1.a")

# %%
ratings_a_user = ratings["user_id"].value_counts()
axes = plt.figure().add_subplot()
axes.hist(ratings_a_user, bins=60)
axes.axvline(ratings_a_user.mean(), color=plots.RED, ls="--", label="media")
axes.axvline(ratings_a_user.median(), color="black", label="mediana")
axes.set_xlabel("valoraciones que dio el usuario")
axes.set_ylabel("usuarios")
axes.set_title("La mayoría valora poco; unos pocos, cientos de películas")
axes.legend()
plt.show()
ratings_a_user.describe().round(1)

# %% [markdown]
# El usuario típico queda muy por debajo de la media. El usuario mediano dio unas 65 valoraciones; unos pocos entusiastas tiran de la media hacia arriba. Acuérdate de esto cada vez que una métrica sea un «promedio sobre las valoraciones»: ahí, la décima parte más activa de los usuarios cuenta por un tercio, más o menos.

# %% [markdown]
# ## La popularidad y su cola larga
#
# ### Ejercicio 1.2 — cuenta la popularidad (4 minutos)
#
# Llamamos *popularidad* de una película a su número de valoraciones. Cuéntalas, y pon primero la más popular.


# %%
def popularity(ratings):
    """Número de valoraciones de cada película, la más popular primero.

    Parameters
    ----------
    ratings : pandas.DataFrame
        Con la columna `movie_id`; cada fila es una valoración. Las demás columnas
        pueden faltar.

    Returns
    -------
    pandas.Series of int
        Con los identificadores de las películas (int) como índice y las cuentas en
        orden descendente. Solo las películas que aparecen; las que tienen la misma
        cuenta, en cualquier orden.

    Examples
    --------
    >>> list(popularity(pd.DataFrame({"movie_id": [5, 9, 9]})).items())
    [(9, 2), (5, 1)]
    """
    ### BEGIN SOLUTION
    return ratings["movie_id"].value_counts()
    ### END SOLUTION


# %%
print(list(popularity(pd.DataFrame({"movie_id": [5, 9, 9]})).items()))
counts = popularity(ratings)
popular_tenth = counts.iloc[: len(counts) // 10]
print(f"la más popular: {counts.iloc[0]} valoraciones; la mediana: {counts.median():.0f}")
print(f"el 10% más popular se lleva el {popular_tenth.sum() / counts.sum():.0%} de las valoraciones")
print(f"el {(counts < 5).mean():.0%} de las películas tiene menos de cinco")

# %%
check("1.2", popularity)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. En la columna `movie_id`, ¿cuántas veces aparece el identificador de una película?
# 2. pandas tiene un método que cuenta cuántas veces aparece cada valor de una columna, y ordena las cuentas de mayor a menor. Su nombre, en inglés, dice justo eso.
#
# ```python
# return ratings[...].value_...()   # basta con un método de la columna
# ```
#
# **Fíjate**
#
# Cuenta lo que recibe, y nada más. En la lección 05 le darás solo las valoraciones de entrenamiento: una popularidad que ha visto el conjunto de prueba conoce el futuro.

# %%
axes = plt.figure().add_subplot()
axes.fill_between(np.arange(1, len(counts) + 1), counts.to_numpy(), color=plots.SKY)
axes.axvline(len(popular_tenth), color=plots.RED, ls="--")
axes.text(len(popular_tenth) * 1.1, counts.max() * 0.9, "← el 10% más popular")
axes.set_xlabel("película, por popularidad (1 = la más popular)")
axes.set_ylabel("valoraciones")
axes.set_title("La cola larga")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* una cabeza empinada y una cola larga y delgada. Cuatro de cada diez valoraciones se las lleva una de cada diez películas. En cambio, una de cada cinco películas tiene menos de cinco valoraciones: todo lo que digamos de *esas* lo decimos a partir de casi nada. En las próximas lecciones volveremos a esta imagen una y otra vez.

# %% [markdown]
# ## ¿Qué películas son? Una unión que sale mal
#
# Para leer la lista necesitamos los títulos. Uno de los cuadernos públicos une así la tabla de películas con las valoraciones (un *join*), por el identificador de la película. La celda se ejecuta sin una sola advertencia.

# %%
wrong = ratings.join(movies[["title"]], on="movie_id")
wrong.head(3)

# %% [markdown]
# ¿Te parecen correctos estos títulos? No hay manera de saberlo: todos son de películas reales. Así que comprueba la unión con algo que conozcas. ¿Qué título tiene en `movies` la película con el identificador más bajo? ¿Y cuál le ha dado la unión?

# %%
lowest = movies["movie_id"].min()
print("en movies:   ", movies.loc[movies["movie_id"] == lowest, "title"].item())
print("en la unión: ", wrong.loc[wrong["movie_id"] == lowest, "title"].iloc[0])

# %% [markdown]
# ### Ejercicio 1.3 — encuentra el error y une bien las tablas (8 minutos)
#
# ¿Con qué comparó `join` los valores de `movie_id`? Mira `movies.index`, y lee en la documentación de pandas con qué columna compara `DataFrame.join(…, on=…)` *al otro lado*. Después escribe una unión que no pueda salir mal: tiene que conservar todas las valoraciones, en su orden, y protestar si la tabla de títulos trae una película dos veces.


# %%
def with_titles(ratings, movies):
    """Las valoraciones, con el título de cada película en una columna nueva.

    Parameters
    ----------
    ratings : pandas.DataFrame
        Con la columna `movie_id`; cualquier índice, cualquier orden.
    movies : pandas.DataFrame
        Con las columnas `movie_id` y `title`; cualquier índice, cualquier orden.

    Returns
    -------
    pandas.DataFrame
        Una tabla nueva: todas las filas de `ratings`, en su orden (el índice puede
        ser otro), con la columna `title`. A una película que no está en `movies` le
        falta el título. Las tablas `ratings` y `movies` se quedan como están.

    Raises
    ------
    pandas.errors.MergeError
        Si una película aparece dos veces en `movies`.

    Examples
    --------
    >>> with_titles(
    ...     pd.DataFrame({"movie_id": [20, 10]}),
    ...     pd.DataFrame({"movie_id": [10, 20], "title": ["Alien", "Brazil"]}),
    ... )["title"].tolist()
    ['Brazil', 'Alien']
    """
    ### BEGIN SOLUTION
    return ratings.merge(
        movies[["movie_id", "title"]],
        on="movie_id",
        how="left",
        validate="many_to_one",
    )
    ### END SOLUTION


# %% tags=["instructor"]
# Respuestas erróneas frecuentes: set_index en la tabla equivocada; un merge de tipo inner (pierde las valoraciones de películas desconocidas); `movies.title[ratings.movie_id - 1]`, que funciona por suerte en ml-100k, donde los identificadores van desde 1 sin huecos, y en ninguna otra edición.

# %%
two = pd.DataFrame({"movie_id": [10, 20], "title": ["Alien", "Brazil"]})
print(with_titles(pd.DataFrame({"movie_id": [20, 99, 10]}), two)["title"].tolist())
try:
    with_titles(pd.DataFrame({"movie_id": [20]}), pd.concat([two, two]))
    print("se aceptó un título que aparece dos veces")
except pd.errors.MergeError as error:
    print("rechazado:", error)

# %%
check("1.3", with_titles)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Cómo es `movies.index`, y cómo es `ratings["movie_id"]`? ¿Cuál de los dos comparó `join`, y con qué?
# 2. `ratings.merge(movies, on=…)` compara columnas de las dos tablas. `how=` decide qué filas se quedan, y `validate=` rechaza las claves que no son como tú afirmas: aquí, muchas valoraciones corresponden a una sola película.
#
# ```python
# return ratings.merge(
#     movies[[...]],  # la clave y el título
#     on=...,
#     how=...,        # conserva todas las valoraciones
#     validate=...,   # cada película, una vez en `movies`
# )
# ```
#
# **Fíjate**
#
# Ya no importan ni el orden de `movies`, ni su índice, ni los huecos en sus identificadores: la unión compara identificadores con identificadores. Y si esa promesa se rompe, lo dice, en lugar de adivinar.

# %% [markdown]
# La primera línea debería ser `['Brazil', nan, 'Alien']`: entran tres valoraciones y salen tres, y la película desconocida se queda sin título. La segunda debería ser un rechazo. Ahora, las tablas de verdad.

# %%
titled = with_titles(ratings, movies)
print(titled.loc[titled["movie_id"] == lowest, "title"].iloc[0])
mismatched = (titled["title"].to_numpy() != wrong["title"].to_numpy()).mean()
print(f"la unión equivocada dio un título falso al {mismatched:.0%} de las valoraciones")

# %% [markdown]
# `join` compara con el **índice** de la otra tabla, que aquí es el número de fila: a la película 1 le tocó el título de la fila 1, que es la segunda. Nada falla, pero todos los títulos están corridos una fila (y en una edición cuyos identificadores tienen huecos, miles de filas). Una unión es una afirmación sobre las claves: con `validate="many_to_one"`, pandas la comprueba.
#
# Ahora sí podemos fiarnos de la lista. (Contamos identificadores, y buscamos los títulos después: hay dos películas que se llaman Cape Fear, y si contáramos títulos serían una sola.)

# %%
ten = counts.head(10).rename_axis("movie_id").reset_index(name="ratings")
plots.plot_bars(
    with_titles(ten, movies)["title"],
    ten["ratings"],
    "Las diez películas más populares",
    "valoraciones",
)
# %% [markdown]
# ## ¿Cómo se reparten las estrellas?
#
# Otra vez, adivina primero.

# %% [markdown] tags=["question"]
# La escala va de 1 a 5 estrellas. ¿Cuál es la media de todas las valoraciones?
#
# - [ ] Unas 2.5
#   - Eso es la mitad de 5. Pero la escala empieza en 1, así que ni siquiera su centro es 2.5.
# - [ ] Unas 3
#   - Ese sería el centro de la escala, y la media si la gente valorara películas elegidas por sorteo. ¿Cómo llega la gente a ver una película?
# - [x] Unas 3.5
#   - La gente elige lo que espera que le guste, y valora lo que ha visto: las valoraciones que serían bajas son, en su mayoría, las que faltan.
# - [ ] Unas 4.5
#   - ¿Casi todo cincos? Hay muchos, pero los cuatros son más comunes, y los treses abundan.

# %%
quiz("1.b")

# %%
axes = plt.figure().add_subplot()
share = ratings["rating"].value_counts(normalize=True).sort_index()
axes.bar(share.index, 100 * share, width=0.8 * np.diff(share.index).min())
mean_rating = ratings["rating"].mean()
axes.axvline(mean_rating, color=plots.RED, ls="--", label=f"media {mean_rating:.2f}")
axes.set_xlabel("valoración (estrellas)")
axes.set_ylabel("proporción de valoraciones (%)")
axes.set_title("Cuatro estrellas es la opinión más común")
axes.legend()
plt.show()

# %% [markdown]
# La media es de unas 3.5 estrellas, muy por encima del centro de la escala. Una de las razones es que nadie elige películas al azar: vemos lo que esperamos que nos guste, y después valoramos lo que hemos visto. En estadística se dice que estos datos *no faltan al azar* (en inglés, *missing not at random*). Eso tiene una consecuencia con la que chocaremos en la lección 05: las celdas vacías de la matriz no son como las llenas.
#
# ## ¿Cuándo se estrenaron las películas?
#
# El año se tomó del final de cada título. Cuando el título no lo trae, la tabla tiene que poner algo en su lugar.

# %%
years = movies["year"]
print(f"películas sin año: {years.isna().sum()} de {len(movies):,}")
axes = plt.figure().add_subplot()
axes.hist(years.dropna().astype(int), bins=range(1920, int(years.max()) + 2))
axes.set_xlabel("año de estreno")
axes.set_ylabel("películas")
axes.set_title(f"Estrenos por año (sin año y sin dibujar: {years.isna().sum()})")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* la mayor parte del catálogo se estrenó en los pocos años anteriores a la recogida de los datos. Una película sin año se cuenta en el título de la figura y no se dibuja en ninguna parte. Uno de los cuadernos públicos, en cambio, rellena con 1920 y muestra películas mudas que nunca existieron. Aquí se trata de una sola película; en otras ediciones, de decenas. Un valor ausente que parece un valor es peor que un hueco.

# %% [markdown]
# ## De identificadores a números de fila
#
# Una red guarda en una tabla una fila de números por cada usuario y por cada película. Para encontrar una fila necesita un *número de fila*, de 0 a n−1; un identificador no sirve. Los identificadores empiezan en 1, o tienen huecos: la edición de 2016 tiene 9,066 películas valoradas, y el identificador más alto es 163,949. Una tabla tan larga como el identificador más alto desperdicia el 94 % de sus filas. Y en una tabla con una fila por película, leer la de ese identificador es salirse de rango: en algunas máquinas da un error; en otras devuelve, en silencio, una fila de ceros.
#
# ### Ejercicio 1.4 — renumera los identificadores (5 minutos)
#
# Devuelve el número de fila de cada identificador, y también los identificadores en el orden de sus filas, de modo que `known_ids[rows]` reproduzca lo que entró.


# %%
def ids_to_rows(ids):
    """Numera desde 0 los identificadores distintos, en orden ascendente.

    Parameters
    ----------
    ids : array_like of int, shape (n,)
        Un arreglo, una lista o una columna de una tabla.

    Returns
    -------
    rows : numpy.ndarray of int, shape (n,)
    known_ids : numpy.ndarray of int, shape (n_distinct,)
        En orden ascendente; ``known_ids[rows]`` es igual a `ids`.

    Examples
    --------
    >>> rows, known_ids = ids_to_rows([50, 7, 50, 1000])
    >>> rows.tolist(), known_ids.tolist()
    ([1, 0, 1, 2], [7, 50, 1000])
    """
    ### BEGIN SOLUTION
    known_ids, rows = np.unique(np.asarray(ids), return_inverse=True)
    return rows, known_ids
    ### END SOLUTION


# %%
rows, known_ids = ids_to_rows([50, 7, 50, 1000])
print(rows, known_ids, known_ids[rows])

# %%
check("1.4", ids_to_rows)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. En el ejemplo del docstring, ¿qué identificadores hay, en orden ascendente? ¿En qué lugar de esa lista está el 50?
# 2. `np.unique` devuelve los valores distintos, en orden ascendente. Una de sus opciones devuelve además, para cada valor que entró, su lugar en esa lista.
#
# ```python
# known_ids, rows = np.unique(..., return_...=True)
# return ..., ...
# ```
#
# **Fíjate**
#
# A partir de ahora, `known_ids` forma parte del modelo: sin él, nadie puede decir de quién es la fila número 3, y los mismos identificadores, numerados otro día, podrían acabar en otras filas.

# %% [markdown]
# A partir de aquí el curso usa `IdEncoding`, que hace lo mismo y además cumple una promesa que un simple arreglo no puede cumplir: si le preguntas por un identificador que nunca ha visto, te lo dice. Un modelo no tiene ninguna fila para un usuario así. Eso se llama *arranque en frío*, y el momento de darse cuenta es ahora.

# %%
movie_encoding = IdEncoding(ratings["movie_id"])
print(movie_encoding.encode([lowest]), "de", len(movie_encoding))
try:
    movie_encoding.encode([lowest, 999_999])  # a movie that came out later
except KeyError as error:
    print(type(error).__name__, "·", error)

# %% [markdown]
# ## La partición: ¿qué se le permite saber a un modelo?
#
# Para averiguar lo bueno que es un modelo, escondemos algunas valoraciones, lo entrenamos con las demás y comparamos sus predicciones con lo que escondimos. Tres partes, tres propósitos:
#
# | parte | para qué | ¿con qué frecuencia puedo mirarla? |
# | --- | --- | --- |
# | entrenamiento | ajustar los pesos | siempre |
# | validación | elegir: cuántas épocas, cuántos factores, qué modelo | a menudo |
# | prueba | una cifra honesta, al final | una sola vez |
#
# Una elección que se hace mirando el conjunto de prueba es una elección que *se ajusta* al conjunto de prueba. La mayoría de los cinco cuadernos públicos tiene solo dos partes, y elige con la segunda.
#
# `random_split` hace las tres partes. Además le añade a cada una dos columnas, `user` y `movie`: los números de fila de la sección anterior.

# %%
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
for name, part in [
    ("entrenamiento", split.train),
    ("validación", split.valid),
    ("prueba", split.test),
]:
    print(f"{name:>13}: {len(part):6,} valoraciones, media {part['rating'].mean():.3f}")

# %% [markdown]
# Partir al azar responde a la pregunta «¿sabe rellenar los huecos de la matriz?». Pero también deja que el modelo espíe el futuro: aprende de lo que valoraste *después* de la película por la que se le pregunta. `time_split` esconde, en cambio, las últimas valoraciones de cada usuario. A eso se enfrenta un sistema en funcionamiento.

# %%
by_time = time_split(movielens, test=0.2, valid=0.1)
for name, one in [("al azar", split), ("temporal", by_time)]:
    baseline = MeanBaseline().fit(one.train)
    error = rmse(one.valid["rating"], baseline.predict(pairs(one.valid)))
    print(
        f"{name:>8}: media de las valoraciones de validación "
        f"{one.valid['rating'].mean():.2f}, RMSE de responder siempre la media de "
        f"entrenamiento {error:.3f}"
    )

# %% [markdown]
# Las últimas valoraciones de un usuario son más bajas que las primeras, así que responder con la media de entrenamiento se aleja más de la verdad. Ninguna de las dos particiones es la buena: hacen preguntas distintas. Una cifra sin su partición no significa nada, y comparar cifras de particiones distintas significa aún menos.
#
# ### Ejercicio 1.5 — encuentra la fuga (7 minutos)
#
# A veces el conjunto de prueba contiene una película que no está en el de entrenamiento, y de ella un modelo no puede decir nada. Así lo resuelve un cuaderno público:
#
# ```python
# users = set(train["user_id"]) & set(test["user_id"])
# movies = set(train["movie_id"]) & set(test["movie_id"])
# train = train[train["user_id"].isin(users) & train["movie_id"].isin(movies)]
# test = test[test["user_id"].isin(users) & test["movie_id"].isin(movies)]
# ```
#
# Con su propia partición, este código tira el 60 % de las valoraciones de entrenamiento (con la nuestra, solo una de cada cien). Y lo peor: decide *cuáles* tira mirando el conjunto de prueba. El modelo nunca llega a ver una película que nadie valorará después. ¿En cuál de las cuatro líneas está la fuga?

# %% [markdown] tags=["question"]
# ¿En cuál de las cuatro líneas está la fuga: cuál hace que el *entrenamiento* dependa del conjunto de prueba?
#
# - [ ] La línea 1, `users = …`
#   - Mira el conjunto de prueba, pero solo crea un conjunto de usuarios. ¿Quién usa ese conjunto, y para qué?
# - [ ] La línea 2, `movies = …`
#   - Un conjunto, por sí solo, no cambia nada, ni siquiera si se hizo con las valoraciones de prueba. Busca la línea en la que decide sobre valoraciones de entrenamiento.
# - [x] La línea 3, `train = …`
#   - Quita valoraciones de entrenamiento por lo que hay en el conjunto de prueba. Las otras tres no cambian nada de lo que aprende un modelo.
# - [ ] La línea 4, `test = …`
#   - Filtra el conjunto de prueba por lo que ambos tienen en común. Eso hace más fáciles las preguntas, y hay que decirlo, pero el modelo no las ha visto.

# %%
quiz("1.c")

# %% [markdown]
# Ahora escribe una versión sin fugas: el conjunto de prueba tiene que adaptarse al de entrenamiento, nunca al revés.


# %%
def keep_answerable(train, test):
    """Quita de la prueba lo que ningún modelo entrenado con `train` puede responder.

    Parameters
    ----------
    train, test : pandas.DataFrame
        Con las columnas `user_id` y `movie_id`.

    Returns
    -------
    train : pandas.DataFrame
        Todas las valoraciones de entrenamiento, en el orden en que llegaron.
    test : pandas.DataFrame
        Una tabla nueva: las valoraciones de prueba cuyo usuario *y* cuya película
        aparecen en `train`, con todas sus columnas. La tabla recibida se queda
        como está.

    Examples
    --------
    >>> train = pd.DataFrame({"user_id": [1, 2], "movie_id": [10, 11]})
    >>> test = pd.DataFrame({"user_id": [1, 1, 3], "movie_id": [11, 12, 10]})
    >>> train, test = keep_answerable(train, test)
    >>> len(train), test.to_numpy().tolist()
    (2, [[1, 11]])
    """
    ### BEGIN SOLUTION
    known_user = test["user_id"].isin(train["user_id"])
    known_movie = test["movie_id"].isin(train["movie_id"])
    return train, test[known_user & known_movie]
    ### END SOLUTION


# %%
kept_train, kept_test = keep_answerable(split.train, split.test)
print(f"entrenamiento: {len(split.train):,} → {len(kept_train):,} valoraciones")
print(f"prueba:        {len(split.test):,} → {len(kept_test):,} valoraciones")

# %%
check("1.5", keep_answerable)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Imagina que las valoraciones de prueba no se recogen hasta el año que viene. ¿Cuáles de las cuatro líneas podrías ejecutar hoy?
# 2. Pregunta, para cada valoración de prueba, si su usuario aparece en `train["user_id"]` y su película en `train["movie_id"]`: `.isin` responde con una columna de True y False. La tabla `train` no se filtra en absoluto.
#
# ```python
# known_user = test["user_id"].isin(...)
# known_movie = ...
# return ..., test[... & ...]
# ```
#
# **Fíjate**
#
# Las valoraciones de entrenamiento pasaron intactas: sea como sea el conjunto de prueba, el modelo es el mismo. Esa frase es la prueba para detectar una fuga.

# %% [markdown]
# La fuga está en la línea 3: filtra `train` con conjuntos hechos a partir de `test`. En tu versión se quedan todas las valoraciones de entrenamiento y se van unas decenas de las de prueba. Y quien publica una cifra con ese conjunto de prueba más pequeño lo dice, porque lo que se ha quitado eran las preguntas más difíciles. (Nosotros no quitamos nada: nuestras tablas tienen una fila por cada película de la edición, y una fila sin entrenar, simplemente, predice mal.)

# %% [markdown]
# ## ¿Cuánto se equivoca una predicción? MAE y RMSE
#
# Dos medidas, ambas en estrellas. El **error absoluto medio** (MAE, por sus siglas en inglés) es el tamaño medio de un error. La **raíz del error cuadrático medio** (RMSE) primero eleva los errores al cuadrado, luego los promedia y al final toma la raíz: equivocarse por dos estrellas cuenta cuatro veces lo que equivocarse por una.
#
# $$\text{MAE} = \frac1n\sum_{k=1}^{n} |r_k-\hat r_k| \qquad
# \text{RMSE} = \sqrt{\frac1n\sum_{k=1}^{n} (r_k-\hat r_k)^2}$$
#
# donde $r_k$ es la valoración real del par $k$, y $\hat r_k$ la que predice el modelo.
#
# ### Ejercicio 1.6 — los errores, a mano (6 minutos)
#
# Con NumPy, sin las funciones ya hechas de scikit-learn (la comprobación las bloquea). Y con una trampa: un modelo de Keras responde con una *columna*, de forma (n, 1), mientras que las valoraciones reales tienen forma (n,). Tus funciones tienen que dar el número correcto en los dos casos.


# %%
def mae_by_hand(true, predicted):
    """Error absoluto medio.

    Parameters
    ----------
    true : array_like, shape (n,)
        Un arreglo, una lista o una columna de una tabla.
    predicted : array_like, shape (n,) o (n, 1)

    Returns
    -------
    float, en estrellas, sin redondear

    Examples
    --------
    >>> mae_by_hand([4, 2, 5], [[3], [2], [1]])
    1.6666666666666667
    """
    ### BEGIN SOLUTION
    return float(np.mean(np.abs(np.ravel(true) - np.ravel(predicted))))
    ### END SOLUTION


def rmse_by_hand(true, predicted):
    """Raíz del error cuadrático medio.

    Parameters
    ----------
    true : array_like, shape (n,)
        Un arreglo, una lista o una columna de una tabla.
    predicted : array_like, shape (n,) o (n, 1)

    Returns
    -------
    float, en estrellas, sin redondear

    Examples
    --------
    >>> round(rmse_by_hand([4, 2, 5], [[3], [2], [1]]), 4)
    2.3805
    """
    ### BEGIN SOLUTION
    return float(np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2)))
    ### END SOLUTION


# %%
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

true, predicted = np.array([4, 2, 5]), np.array([[3], [2], [1]])
print(mae_by_hand(true, predicted), mean_absolute_error(true, predicted))
print(rmse_by_hand(true, predicted), root_mean_squared_error(true, predicted))
print(mae_by_hand(true, predicted.ravel()), rmse_by_hand(true, predicted.ravel()))
print("sin cuidado:", np.mean(np.abs(true - predicted)))

# %%
check("1.6", mae_by_hand, rmse_by_hand)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué vale `(true - predicted).shape` cuando uno de los dos tiene forma (3,) y el otro (3, 1)? ¿Qué debería valer?
# 2. `np.ravel` deja cualquier cosa en una sola dimensión: una columna, una lista, una columna de una tabla. Aplícalo a los dos, y después resta. ¿Cuál de las dos medidas toma una raíz, y de qué?
#
# ```python
# difference = np.ravel(...) - np.ravel(...)
# # MAE:  media de las diferencias en valor absoluto
# return float(np.mean(...))
# # RMSE: raíz de la media de los cuadrados
# return float(np.sqrt(...))
# ```
#
# **Fíjate**
#
# El RMSE nunca es menor que el MAE. Cuanto más se separan, mayor es la parte del error que viene de unas pocas predicciones muy alejadas.

# %% [markdown]
# La última línea impresa es lo que pasa cuando no se tiene cuidado. Con formas (3,) y (3, 1), `true - predicted` no son tres diferencias, sino una tabla de 3 × 3 con todas las posibles: NumPy hace *broadcasting*. La media de esa tabla parece un error, y no lo es. Con 20,000 valoraciones de prueba la tabla tiene 400 millones de celdas. Al menos entonces el fallo se oye: tu máquina se queda sin memoria y empieza a usar el disco.
#
# Las funciones `mae` y `rmse` de este curso usan por dentro las de scikit-learn, y se ocupan de ese detalle.

# %% [markdown]
# ## El listón que todo modelo tiene que superar
#
# La predicción más simple es la media de todas las valoraciones de entrenamiento. Una mejor se da cuenta de que hay personas generosas y películas buenas. Para el usuario $u$ y la película $i$ predice
#
# $$\hat r_{ui} = \mu + b_u + b_i$$
#
# donde $\mu$ es la media, $b_u$ el *sesgo del usuario* (cuánto valora este usuario por encima de la media) y $b_i$ el *sesgo de la película*. Si una película tiene una sola valoración, de 5 estrellas, ¿su sesgo es +1.5? La mayor parte de eso es suerte. Por eso lo *contraemos*: dividimos la suma de las desviaciones no entre el número de valoraciones $n$, sino entre $n + \lambda$.
#
# ### Ejercicio 1.7 — un sesgo que duda de sí mismo (8 minutos)
#
# Recibes cuánto se desvía cada valoración de lo que se esperaba, y a quién pertenece. Devuelve un sesgo contraído para cada uno de los n grupos. (`np.bincount` con `weights` suma por grupos en una sola llamada.) Quien no tiene valoraciones recibe un 0.


# %%
def shrunk_bias(deviation, group, n_groups, shrinkage):
    """Suma de las desviaciones de cada grupo entre (su tamaño + shrinkage).

    Parameters
    ----------
    deviation : array_like of float, shape (n,), en estrellas
        Un arreglo, una lista o una columna de una tabla; lo mismo vale para `group`.
    group : array_like of int, shape (n,)
        Número de fila (desde 0) del usuario, o de la película, de cada valoración.
    n_groups : int
    shrinkage : float, mayor que 0
        La contracción, en valoraciones: con cuántas, situadas justo en la media,
        empieza cada grupo.

    Returns
    -------
    numpy.ndarray of float, shape (n_groups,)

    Examples
    --------
    El grupo 0 tiene dos desviaciones; el 2, una; el 1 y el 3, ninguna.

    >>> shrunk_bias([1.0, 2.0, 1.5], [0, 0, 2], n_groups=4, shrinkage=1).tolist()
    [1.0, 0.0, 0.75, 0.0]
    """
    ### BEGIN SOLUTION
    total = np.bincount(group, weights=deviation, minlength=n_groups)
    size = np.bincount(group, minlength=n_groups)
    return total / (size + shrinkage)
    ### END SOLUTION


# %%
shrunk_bias([1.0, 2.0, 1.5], [0, 0, 2], n_groups=4, shrinkage=1)

# %%
check("1.7", shrunk_bias)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Una película tiene dos valoraciones, 1 y 2 estrellas por encima de la media. Con una contracción de 1, es como si hubiera una tercera, justo en la media. ¿Cuál es la media de las tres?
# 2. `np.bincount(group, weights=deviation, minlength=n_groups)` suma por grupos. Y sin `weights`, ¿qué cuenta? `minlength` hace sitio a los grupos que no aparecen.
#
# ```python
# total = np.bincount(..., weights=..., minlength=...)
# size = np.bincount(..., minlength=...)
# return ... / (... + ...)
# ```
#
# **Fíjate**
#
# La contracción se ocupa también de quienes no tienen valoraciones: 0 entre λ es 0, y ningún grupo necesita un caso aparte. Por eso tiene que ser mayor que 0.

# %% [markdown]
# ¿Cuánto conviene dudar? Eso es una elección, así que responde el conjunto de validación: calculamos los sesgos de las películas con las valoraciones de entrenamiento y los errores con las de validación, para unas cuantas contracciones.

# %%
train, valid, test = split.train, split.valid, split.test
mean = train["rating"].mean()
for shrinkage in [0.001, 1, 3, 10, 30, 100]:
    movie_bias = shrunk_bias(
        train["rating"] - mean, train["movie"], split.n_movies, shrinkage
    )
    guess = mean + movie_bias[valid["movie"]]
    print(f"λ = {shrinkage:<6} RMSE de validación {rmse(valid['rating'], guess):.4f}")

# %% [markdown]
# Dudar un poco (λ = 3) ayuda: 0.003 estrellas. Dudar mucho perjudica. La ganancia es pequeña porque solo afecta a la cola: para una película con 300 valoraciones, da lo mismo tener 300 o 303 en el denominador. En la lección 03 verás cómo esta misma contracción salva un *ranking*, donde importa muchísimo.
#
# `BiasBaseline` hace esto por turnos, con las películas y con los usuarios, porque cada uno depende del otro. Lo repite diez veces, y al final ya no se mueve nada. Estas son las cifras que hay que superar:

# %%
baselines = {
    "media": MeanBaseline().fit(train),
    "sesgos de usuario y película": BiasBaseline().fit(train, split.n_users, split.n_movies),
}
for name, baseline in baselines.items():
    guesses = baseline.predict(pairs(test))
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split=split.name,
        lesson="01",
        rmse=rmse(test["rating"], guesses),
        mae=mae(test["rating"], guesses),
    )
show_scoreboard(movielens.name, split.name)

# %% tags=["nbval-check-output"]
bias_guesses = baselines["sesgos de usuario y película"].predict(pairs(test))
mean_guesses = baselines["media"].predict(pairs(test))
verdict("RMSE de prueba de la media", rmse(test["rating"], mean_guesses), inside=(1.1, 1.15))
verdict(
    "RMSE de prueba de los sesgos", rmse(test["rating"], bias_guesses), inside=(0.93, 0.95)
)

# %% [markdown]
# Dos columnas de promedios bajan el error de 1.13 a unas 0.94 estrellas, en unos milisegundos. Recuerda ese número. Los cuadernos públicos entrenan redes con cien mil pesos; si se vuelven a ejecutar con esta misma partición, algunas acaban *por encima* de él. Sus autores no podían notarlo: ninguno tenía un modelo base.

# %% [markdown]
# ## Te toca a ti
#
# Diez películas, diez opiniones. Da las tuyas y pulsa el botón. Desde ese momento eres un usuario que ningún modelo ha visto, y en las próximas lecciones cada modelo tendrá que decirte qué ver. Si no valoras nada, ocupará tu lugar un estudiante inventado, de gustos muy simples. Lo que respondas se queda en tu equipo.

# %%
rate_movies(movielens)

# %%
mine = my_ratings(movielens)
print("las valoraciones de un estudiante inventado" if mine.attrs["invented"] else "tus valoraciones")
mine

# %% [markdown]
# Por último, un vistazo a lo que llevas hecho: se conserva de una lección a otra.

# %%
progress()

# %% [markdown]
# ## Para recordar
#
# - Una matriz de valoraciones está casi vacía, y *lo que* falta no falta por casualidad.
# - La popularidad tiene una cola larga: la mayoría de las películas tiene pocas valoraciones, y cualquier cifra sobre ellas es sobre todo suerte mientras no se contraiga.
# - `join` compara con el índice; `merge` compara columnas. Deja que pandas compruebe las claves.
# - Los modelos necesitan números de fila, que se aprenden una sola vez y se guardan con el modelo.
# - El conjunto de prueba se adapta al de entrenamiento, nunca al revés.
# - Ninguna cifra significa nada sin un modelo base. El nuestro: 0.94 estrellas.
#
# ## Para seguir leyendo
#
# - F. M. Harper y J. A. Konstan, [The MovieLens Datasets: History and Context](https://doi.org/10.1145/2827872), 2015: quiénes eran estos usuarios.
# - Y. Koren, R. Bell y C. Volinsky, [Matrix Factorization Techniques for Recommender Systems](https://doi.org/10.1109/MC.2009.263), 2009: sesgos y factores, explicados por los ganadores del Premio Netflix.
# - B. Marlin y R. Zemel, [Collaborative Prediction and Ranking with Non-Random Missing Data](https://doi.org/10.1145/1639714.1639717), 2009: qué consecuencias tiene que la gente valore lo que le gusta.
#
# **Siguiente:** la lección 02 le da a cada usuario y a cada película un vector de números, y aprende esos números.

# %% tags=["instructor"]
# Minutos: 60. Las dos cacerías de bugs (1.3, 1.5) son lo esencial de la lección; que se hagan en parejas. Ideas equivocadas: «una densidad del 6 % significa que los datos son malos»; «el conjunto de prueba solo debería contener películas que el modelo conoce, así que hay que filtrar los dos»; «el RMSE es siempre la mejor métrica». Pregunta abierta (¿en qué línea está la fuga?): en la tercera; la segunda crea el conjunto que la tercera usa.
