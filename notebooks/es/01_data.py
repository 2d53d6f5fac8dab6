# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/es/01_data.ipynb) [![Abrir en Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2Fes%2F01_data.ipynb)

# %% [markdown]
# # 1 · Datos: ¿qué nos dice una valoración?
#
# Un **sistema de recomendación** responde a una sola pregunta: *de todas las películas que esta persona no ha visto, ¿cuáles le mostramos?* En este curso la respuesta viene del **filtrado colaborativo**. La predicción para un usuario se aprende de las valoraciones de todos los usuarios, y aquello de lo que trata una película no interviene para nada. Los métodos **basados en contenido** usan géneros, actores o el argumento, y la lección 04 combina los dos.
#
# Así que solo contamos con una tabla de valoraciones. Antes de entrenar nada con ella, vamos a mirarla: en este campo, muchos errores se cometen al manejar los datos, y a menudo no producen ningún mensaje de error.
#
# **Al terminar, podrás**
#
# - cargar MovieLens, decir qué parte de la matriz de valoraciones falta y por qué importa;
# - reconocer una cola larga y decir qué efecto tiene en los promedios;
# - unir dos tablas por la clave correcta y poner a prueba la unión;
# - convertir identificadores en números de fila;
# - partir las valoraciones de tres maneras y decir qué se filtra en cada una;
# - calcular a mano el MAE y el RMSE, estimar el error de muestreo de un RMSE y fijar el modelo base que todos los modelos de este curso tienen que superar.
#
# **Tiempo** 65 minutos de trabajo, unos 15 segundos de ejecución. **Antes de empezar** algo de Python y de pandas; de recomendadores no hace falta saber nada.

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
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display

from helpers import check, hint, plots, progress, quiz, reveal
from helpers.baselines import BiasBaseline, MeanBaseline
from helpers.data import load_movielens
from helpers.metrics import mae, rmse
from helpers.my_ratings import my_ratings, rate_movies
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import (
    IdEncoding,
    global_time_split,
    pairs,
    random_split,
    time_split,
)
from helpers.bands import verdict

plots.use_course_style()

# %% [markdown]
# ## Personas reales, valoraciones reales
#
# MovieLens es un sitio web donde la gente valora películas y recibe recomendaciones. Lo gestiona el grupo de investigación GroupLens de la Universidad de Minnesota, que publica valoraciones para investigar. Usamos ml-100k, la más pequeña de las ediciones clásicas, recogida en 1997 y 1998. MovieLens es uno de los conjuntos de datos más usados del campo, así que podrás comparar tus resultados con otros publicados. Con datos de tiendas, música o noticias los resultados pueden ser distintos: más abajo verás qué tiene de especial MovieLens.
#
# La primera vez, la celda siguiente descarga 5 MB del sitio de GroupLens. Si el sitio no responde, toma las mismas valoraciones de un paquete de Python que las incluye. Después lee una copia guardada en tu propio disco.
#
# Varios ejercicios te piden que encuentres un error. Esos errores vienen de cuadernos (*notebooks*) publicados sobre estos mismos datos, y ninguno produce un mensaje de error.

# %%
movielens = load_movielens()
movielens

# %%
ratings, movies = movielens.ratings.copy(), movielens.movies.copy()
ratings.head()

# %% [markdown]
# Cada fila es una **interacción usuario–artículo**: este usuario dio a esta película tantas estrellas, en ese segundo. La marca de tiempo cuenta los segundos desde 1970. Las estrellas son **retroalimentación explícita**, porque el usuario ha dicho lo que piensa de la película. Lo que la gente simplemente *hace* (ver, hacer clic, comprar) es **retroalimentación implícita**, el tema de la lección 05.
#
# Las películas tienen su propia tabla.

# %%
movies.head()

# %% [markdown]
# ## Una matriz casi vacía
#
# Imagina las valoraciones como una matriz con una fila por usuario, una columna por película y un número de estrellas en cada celda. Un recomendador predice las celdas vacías. ¿Cuántas hay?
#
# Todos los ejercicios del curso funcionan igual. Sustituye la línea `raise NotImplementedError` por tu propio código, ejecuta la celda y luego ejecuta el `check` que viene debajo. Esa comprobación llama a tu función con números nuevos y te dice qué está bien, o qué no lo está todavía. Ejecútala cuantas veces quieras. Una función nunca debe cambiar lo que recibe: trabaja sobre una copia o crea algo nuevo.
#
# Si te atascas, `hint("1.1")` te ayuda en tres pasos. Después de un intento tuyo, `density = reveal("1.1")` te muestra una respuesta y te deja continuar con ella. De vez en cuando, un `quiz` te pide que adivines un resultado antes de verlo. Al final de la lección, `progress()` te enseña lo que has hecho. Todo eso se queda en tu equipo.
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
    raise NotImplementedError("Ejercicio 1.1: ¿qué parte de la matriz está llena?")


# %% [markdown]
# Pruébala primero con el ejemplo del docstring, donde puedes contar las celdas a mano y la respuesta es 0.5, y después con MovieLens.

# %%
print(density(pd.DataFrame({"user_id": [1, 1, 2], "movie_id": [7, 8, 9]})))
print(f"la matriz está llena al {density(ratings):.1%}")

# %%
check("1.1", density)

# %% tags=["nbval-check-output"]
verdict("proporción de celdas llenas", density(ratings), inside=(0.06, 0.07))

# %% [markdown]
# Está llena más o menos una celda de cada dieciséis, y esta es una edición *densa*. GroupLens dejó fuera a quien tenía menos de 20 valoraciones, aquí igual que en las ediciones mayores, pero esas tienen muchas más películas y por eso están más vacías. En ml-20m está lleno el [0.54 % de las celdas](https://codex.lenskit.org/movielens/ML20M/description.html), una de cada 185.
#
# Aquí tienes la matriz. Cada punto es una valoración. Usuarios y películas están ordenados por su número de valoraciones.

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
axes.set_title("Todas las valoraciones: una esquina abarrotada y poco más")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* la esquina superior izquierda parece casi maciza, aunque incluso allí la mitad de las celdas, más o menos, está vacía: los puntos se solapan. La parte inferior derecha, donde se cruzan usuarios y películas con pocas valoraciones, está casi en blanco.
#
# Tenemos que recomendar películas de toda la matriz, pero muchas de las valoraciones de las que podemos aprender están en esa esquina.

# %% [markdown]
# ## ¿Cuántas valoraciones da un usuario?
#
# Adivina antes de dibujar la figura siguiente.

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
axes.set_title("La mayoría valora pocas películas; algunos, cientos")
axes.legend()
plt.show()
busiest = ratings_a_user.head(len(ratings_a_user) // 10)
print(f"el 10% más activo dio el {busiest.sum() / len(ratings):.0%} de las valoraciones")
ratings_a_user.describe().round(1)

# %% [markdown]
# El usuario mediano dio 65 valoraciones, y la media es 106: unos pocos usuarios con cientos de valoraciones tiran de ella hacia arriba. Esto importa en cualquier métrica que se promedie sobre las *valoraciones*. En una métrica así, la décima parte más activa de los usuarios supone cerca de un tercio.

# %% [markdown]
# ## La popularidad y su cola larga
#
# La **popularidad** de una película es su número de valoraciones. Aquí contamos todas las valoraciones, para mirar los datos. Un modelo solo puede contar las de entrenamiento: una popularidad que incluya las valoraciones de prueba sería una fuga.

# %%
counts = ratings["movie_id"].value_counts()  # in descending order
print(f"la más popular: {counts.iloc[0]} valoraciones; la mediana: {counts.median():.0f}")
print(f"el {(counts < 5).mean():.0%} de las {len(counts)} películas tiene menos de cinco")

# %% [markdown]
# Unas pocas películas tienen muchas valoraciones, y muchas tienen pocas. ¿Cuántas películas bastan para reunir la mitad de las valoraciones?
#
# ### Ejercicio 1.2 — ¿cuánto mide la cabeza? (6 minutos)
#
# Ordena las películas por popularidad y tómalas desde la primera hasta que reúnan una proporción dada de todas las valoraciones. ¿Cuántas películas hacen falta?


# %%
def head_size(ratings, share):
    """El menor número de películas que juntas tienen al menos esta proporción de las valoraciones.

    Parameters
    ----------
    ratings : pandas.DataFrame
        Con la columna `movie_id`, una fila por valoración. Pueden faltar las demás columnas.
    share : float
        Mayor que 0 y como mucho 1.

    Returns
    -------
    int

    Examples
    --------
    La película 9 tiene dos de las cuatro valoraciones, y las otras tienen una cada una.

    >>> four = pd.DataFrame({"movie_id": [5, 9, 7, 9]})
    >>> head_size(four, 0.5), head_size(four, 0.6), head_size(four, 1)
    (1, 2, 3)
    """
    raise NotImplementedError("Ejercicio 1.2: ¿cuánto mide la cabeza?")


# %%
four = pd.DataFrame({"movie_id": [5, 9, 7, 9]})
print(head_size(four, 0.5), head_size(four, 0.6), head_size(four, 1))
for share in (0.5, 0.8, 0.99):
    print(f"el {share:.0%} de las valoraciones: las {head_size(ratings, share)} primeras películas")

# %%
check("1.2", head_size)

# %%
axes = plt.figure().add_subplot()
axes.fill_between(np.arange(1, len(counts) + 1), counts.to_numpy(), color=plots.SKY)
for share, height in ((0.5, 0.9), (0.8, 0.7)):
    place = head_size(ratings, share)
    axes.axvline(place, color=plots.RED, ls="--")
    axes.text(place + len(counts) / 60, counts.max() * height, f"← {share:.0%}")
axes.set_xlabel("película, por popularidad (1 = la más popular)")
axes.set_ylabel("valoraciones")
axes.set_title("La cola larga")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* una cabeza empinada y una **cola larga**. Las películas a la izquierda de las líneas discontinuas tienen el 50 % y el 80 % de las valoraciones. Alrededor de una de cada ocho películas basta para la mitad. Una de cada cinco películas tiene menos de cinco valoraciones, así que cualquier promedio de *sus* valoraciones es incierto.

# %% [markdown]
# ## ¿Qué películas son? Una unión por la clave equivocada
#
# Para leer la lista necesitamos los títulos. Una versión habitual de este código une la tabla de películas con las valoraciones (un *join*) por el identificador de la película. La celda se ejecuta sin una sola advertencia.

# %%
wrong = ratings.join(movies[["title"]], on="movie_id")
wrong.head(3)

# %% [markdown]
# ¿Te parecen correctos estos títulos? Todos son de películas reales, así que mirarlos no sirve de nada. Comprueba la unión con algo que conozcas: ¿qué título tiene en `movies` la película con el identificador más bajo, y cuál le ha dado la unión?

# %%
lowest = movies["movie_id"].min()
print("en movies:   ", movies.loc[movies["movie_id"] == lowest, "title"].item())
print("en la unión: ", wrong.loc[wrong["movie_id"] == lowest, "title"].iloc[0])

# %% [markdown]
# ### Ejercicio 1.3 — encuentra el error y une bien las tablas (8 minutos)
#
# ¿Con qué comparó `join` los valores de `movie_id`? Mira `movies.index`, y lee en la documentación de pandas con qué compara `DataFrame.join(…, on=…)` *en la otra tabla*. Después escribe una unión que compruebe sus claves: tiene que conservar todas las valoraciones, en su orden, y dar un error si la tabla de títulos trae una película dos veces.


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
    raise NotImplementedError("Ejercicio 1.3: encuentra el error y une bien las tablas")


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

# %% [markdown]
# La primera línea debería ser `['Brazil', nan, 'Alien']`, con un título ausente para la película desconocida. La segunda debería ser un rechazo. Ahora, las tablas de verdad.

# %%
titled = with_titles(ratings, movies)
print(titled.loc[titled["movie_id"] == lowest, "title"].iloc[0])
mismatched = (titled["title"].to_numpy() != wrong["title"].to_numpy()).mean()
print(f"la unión equivocada dio un título falso al {mismatched:.0%} de las valoraciones")

# %% [markdown]
# `join` compara con el *índice* de la otra tabla. Aquí el índice es el número de fila, contado desde 0, así que a la película 1 le tocó el título de la fila 1, que es la segunda. Todos los títulos están desplazados una fila, y nada falla. En una edición cuyos identificadores tienen huecos, se desplazan aún más. Con `validate="many_to_one"`, pandas comprueba lo que supones sobre las claves.
#
# > **Nota.** Abajo contamos identificadores, y buscamos los títulos después. Dos de las películas se llaman Cape Fear, y si contáramos títulos serían una sola.

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

# %%
quiz("1.b")

# %%
if not movielens.lacks("stars"):
    axes = plt.figure().add_subplot()
    share = ratings["rating"].value_counts(normalize=True).sort_index()
    axes.bar(share.index, 100 * share, width=0.8 * np.diff(share.index).min())
    mean_rating = ratings["rating"].mean()
    axes.axvline(mean_rating, color=plots.RED, ls="--", label=f"media {mean_rating:.2f}")
    axes.set_xlabel("valoración (estrellas)")
    axes.set_ylabel("proporción de valoraciones (%)")
    axes.set_title("Cuatro estrellas es la valoración más común")
    axes.legend()
    plt.show()

# %% [markdown]
# La media es 3.53, muy por encima del centro de la escala. Una media de las celdas llenas no puede mostrar qué habría en las vacías, pero dos elecciones deciden qué celdas están llenas, y ninguna se hace al azar:
#
# - **El usuario elige.** Vemos lo que esperamos que nos guste, y después valoramos lo que hemos visto.
# - **El sitio elige.** MovieLens muestra listas de películas para valorar, muchas de ellas elegidas por su propio recomendador. Una película que no se muestra nunca no recibe valoraciones. Esto se llama *exposición* y, según [Fan et al. (2024)](https://arxiv.org/abs/2307.09985), influye mucho en las valoraciones de MovieLens. Ellos estudiaron años recientes; el sitio de 1997 era otro, así que para nuestras valoraciones es una suposición.
#
# En términos estadísticos, las valoraciones **no faltan al azar** (*missing not at random*, MNAR): que una valoración falte depende de cuál sería. Por eso, un modelo que predice bien las celdas llenas no tiene por qué acertar en las vacías. [Marlin et al. (2007)](https://arxiv.org/abs/1206.5267) pidieron a los usuarios de un servicio de música que valoraran también canciones elegidas al azar: recibieron valoraciones mucho más bajas que las canciones que los usuarios habían elegido. La lección 05 vuelve sobre esto.
#
# ## ¿Cuándo se estrenaron las películas?
#
# El año se tomó del final de cada título. ¿Qué debería decir la tabla cuando el título no lo trae?

# %%
if not movielens.lacks("year"):
    years = movies["year"]
    print(f"películas sin año: {years.isna().sum()} de {len(movies)}")
    axes = plt.figure().add_subplot()
    axes.hist(
        years.dropna().astype(int),
        bins=range(min(1920, int(years.min())), int(years.max()) + 2),
    )
    axes.set_xlabel("año de estreno")
    axes.set_ylabel("películas")
    axes.set_title(f"Estrenos por año (sin año y sin dibujar: {years.isna().sum()})")
    plt.show()

# %% [markdown]
# *Cómo leer la figura:* la mayoría de las películas se estrenó en los pocos años anteriores a la recogida de las valoraciones. La película sin año se cuenta en el título de la figura y no aparece en el histograma.
#
# El laboratorio de [m2dsupsdlclass](https://github.com/m2dsupsdlclass/lectures-labs/blob/master/labs/03_neural_recsys/Explicit_Feedback_Neural_Recommender_System.ipynb), por ejemplo, pone 1920 cuando falta el año. Su histograma muestra entonces una película muda que no existe, y un modelo que usara el año aprendería de ella. Si un valor falta, déjalo como ausente.

# %% [markdown]
# ## De identificadores a números de fila
#
# Un modelo guarda una tabla con una fila de números por cada usuario, y otra para las películas. Para encontrar una fila necesita un **número de fila** (un índice), de 0 a n−1. Los identificadores no sirven como tales: pueden empezar en 1, y tienen huecos. En la edición de 2016 de ml-latest-small hay 9066 películas valoradas, y el identificador más alto es 163 949. Una tabla tan larga como ese identificador desperdiciaría el 94 % de sus filas. Y en una tabla de 9066 filas, ese identificador queda fuera de rango: con TensorFlow, buscarlo produce un error en una CPU y devuelve ceros sin avisar en una GPU ([*issue* 9264 de Keras](https://github.com/keras-team/keras/issues/9264)).
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
        Un array, una lista o una columna de una tabla.

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
    raise NotImplementedError("Ejercicio 1.4: renumera los identificadores")


# %%
rows, known_ids = ids_to_rows([50, 7, 50, 1000])
print(rows, known_ids, known_ids[rows])

# %%
check("1.4", ids_to_rows)

# %% [markdown]
# A partir de aquí el curso usa `IdEncoding`, que hace lo mismo y además avisa de los identificadores que nunca ha visto. El modelo no tiene ninguna fila para ellos. Es el problema del **arranque en frío**: de un usuario o de una película sin valoraciones de entrenamiento, el filtrado colaborativo no ha aprendido nada.

# %%
movie_encoding = IdEncoding(ratings["movie_id"])
print(movie_encoding.encode([lowest]), "de", len(movie_encoding))
try:
    movie_encoding.encode([lowest, 999_999])  # a movie that came out later
except KeyError as error:
    print(type(error).__name__, "·", error)

# %% [markdown]
# ## La partición: ¿de qué puede aprender el modelo?
#
# Para medir lo bueno que es un modelo, ocultamos una parte de las valoraciones, lo entrenamos con las demás y comparamos sus predicciones con lo que ocultamos. Necesitamos tres partes:
#
# | parte | para qué | ¿con qué frecuencia puedo mirarla? |
# | --- | --- | --- |
# | entrenamiento | ajustar los pesos | siempre |
# | validación | elegir: cuántas épocas, cuántos factores, qué modelo | a menudo |
# | prueba | el resultado que publicas | una sola vez, al final |
#
# Si eliges un modelo por su resultado de prueba, ese resultado es demasiado bueno: incluye la suerte del modelo que elegiste. Por eso las elecciones se hacen con el conjunto de validación.
#
# `random_split` hace las tres partes. Además le añade a cada una dos columnas, `user` y `movie`, con los números de fila de la sección anterior.

# %%
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
for name, part in [
    ("entrenamiento", split.train),
    ("validación", split.valid),
    ("prueba", split.test),
]:
    print(f"{name:>13}: {len(part):6,} valoraciones, media {part['rating'].mean():.3f}")

# %% [markdown]
# ### Qué valoraciones ocultar
#
# Una partición al azar pregunta si un modelo sabe rellenar los huecos de la matriz. Un sistema en funcionamiento tiene otra tarea: cuando recomienda una película hoy, no dispone de las valoraciones de mañana. Una partición al azar entrena con valoraciones que se dieron *después* de aquellas con las que se prueba.
#
# Hay dos maneras habituales de respetar el tiempo, y es fácil confundirlas. `time_split` oculta las últimas valoraciones de *cada usuario*. `global_time_split` tiene una sola fecha de corte para todos: entrena con las valoraciones anteriores y oculta las posteriores. Cada panel de la figura siguiente muestra cuándo se dieron las valoraciones de las tres partes. Adivina primero: en el calendario, ¿la partición por usuario se parece más a la partición al azar o a la global?

# %%
splits = {
    "partición al azar": split,
    "partición por usuario": time_split(movielens, test=0.2, valid=0.1),
    "partición global": global_time_split(movielens, test=0.2, valid=0.1),
}

if not movielens.lacks("time"):
    figure, panels = plt.subplots(3, 1, figsize=(7, 5.2), sharex=True, sharey=True)
    for axes, (name, one) in zip(panels, splits.items(), strict=True):
        dates = [
            pd.to_datetime(part["timestamp"], unit="s")
            for part in (one.train, one.valid, one.test)
        ]
        axes.hist(
            dates,
            bins=30,
            stacked=True,
            color=[plots.SKY, plots.ORANGE, plots.RED],
            label=["entrenamiento", "validación", "prueba"],
        )
        axes.set_title(name, fontsize="medium")
        axes.set_ylabel("valoraciones")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=3)
    panels[-1].set_xlabel("fecha de la valoración")
    figure.suptitle("Tres particiones en el tiempo", x=0.01, ha="left")
    plt.show()

# %% [markdown]
# *Cómo leer la figura:* en el calendario, la partición por usuario se parece a la que se hace al azar. Solo la global separa el pasado del futuro.

# %%
rows = {}
for name, one in splits.items():
    moments = np.sort(one.train["timestamp"])
    not_later = np.searchsorted(moments, one.valid["timestamp"], side="right")
    known = one.valid["user_id"].isin(one.train["user_id"])
    guess = MeanBaseline().fit(one.train).predict(pairs(one.valid))
    rows[name] = {
        "valoraciones de entrenamiento posteriores": f"{1 - not_later.mean() / len(moments):.0%}",
        "valoraciones ocultas de usuarios nuevos": f"{1 - known.mean():.0%}",
        "media de las valoraciones ocultas": f"{one.valid['rating'].mean():.2f}",
        "RMSE de la media de entrenamiento": f"{rmse(one.valid['rating'], guess):.3f}",
    }
pd.DataFrame(rows).T

# %% [markdown]
# Las valoraciones ocultas de esta tabla son las de validación, porque el conjunto de prueba se reserva para el final. En la partición al azar, la mitad de las valoraciones de entrenamiento es, en promedio, posterior a una valoración oculta. En la partición por usuario es todavía el 46 %, porque cada usuario tiene una fecha de corte distinta y el modelo se entrena con lo que *otros* valoran más tarde. Solo la partición global entrena únicamente con el pasado, como un sistema en funcionamiento.
#
# ¿Qué revelan las valoraciones posteriores? Qué películas se harán populares, qué pensará la gente de una película que hoy es nueva y, en una partición al azar, qué valoró el mismo usuario un minuto después. [Ji et al. (2023)](https://arxiv.org/abs/2010.11060) llaman a esto **fuga de datos**. Con cuatro conjuntos de datos, y ocultando la última interacción de cada usuario, encontraron que los modelos recomiendan artículos del futuro, y que el orden entre los modelos depende de cuánto futuro usan para entrenarse.
#
# La partición global tiene su precio. Tres cuartas partes de sus valoraciones ocultas son de usuarios sin ninguna valoración de entrenamiento, así que mide el arranque en frío más que el gusto. Las lecciones 01 a 04 usan la partición al azar, para que puedas comparar tus resultados con los publicados. Esos resultados dicen lo bien que un modelo rellena los huecos de la matriz. No predicen lo bien que recomendaría un sitio web.
#
# ### ¿Son más bajas las últimas valoraciones?
#
# La media de las valoraciones ocultas es 3.41 en la partición por usuario, frente a 3.53 en la partición al azar. ¿Se vuelven más críticos los usuarios, o valoran otras películas? Ordena cronológicamente las valoraciones de cada usuario, divídelas en quintos y compáralas con lo que piensan *todos* los usuarios de esas mismas películas.

# %%
if not movielens.lacks("time"):
    ordered = ratings.sort_values(["user_id", "timestamp"], kind="stable")
    by_one_user = ordered.groupby("user_id")["timestamp"]
    place = by_one_user.cumcount() / by_one_user.transform("size")
    of_movie = ratings.groupby("movie_id")["rating"]
    fifths = pd.DataFrame(
        {
            "quinto de las valoraciones del usuario": 1 + (5 * place).astype(int),
            "valoración media": ordered["rating"],
            "media de estas películas": ordered["movie_id"].map(of_movie.mean()),
            "popularidad de estas películas": ordered["movie_id"].map(of_movie.size()),
        }
    )
    span = by_one_user.max() - by_one_user.min()
    print(
        f"el {(span <= 3600).mean():.0%} de los usuarios dio todas sus valoraciones en una hora"
    )
    print(f"el {(span <= 24 * 3600).mean():.0%} de los usuarios las dio en un día")
    display(fifths.groupby("quinto de las valoraciones del usuario").mean().round(2))

# %% [markdown]
# Del primer quinto al último, la media baja de 3.62 a 3.33. Lo que piensan todos los usuarios de esas mismas películas baja casi lo mismo. Así que lo que cambia son sobre todo las *películas*: más tarde, los usuarios valoran películas menos populares, que además gustan menos.
#
# Más de la mitad de los usuarios dio todas sus valoraciones en una hora, así que «después» rara vez significa semanas después. Bien puede significar más abajo en las listas que mostraba el sitio, como Fan et al. (2024) encontraron para años posteriores. Tenlo en cuenta cuando leas lo bien que un modelo predice la «próxima» película de un usuario de MovieLens.
#
# Las tres particiones hacen tres preguntas distintas. Indica la partición junto a cada resultado, y compara solo resultados de una misma partición.
#
# ### Ejercicio 1.5 — encuentra la fuga (7 minutos)
#
# A veces el conjunto de prueba contiene una película que no está en el de entrenamiento, y de ella el modelo no ha aprendido nada. Una versión habitual de este código lo resuelve así:
#
# ```python
# users = set(train["user_id"]) & set(test["user_id"])
# movies = set(train["movie_id"]) & set(test["movie_id"])
# train = train[train["user_id"].isin(users) & train["movie_id"].isin(movies)]
# test = test[test["user_id"].isin(users) & test["movie_id"].isin(movies)]
# ```
#
# Estas líneas miran el conjunto de prueba para decidir qué valoraciones de entrenamiento se quitan: el modelo nunca ve una película que no tiene ninguna valoración de prueba. ¿En cuál de las cuatro líneas está la fuga?

# %%
quiz("1.c")

# %% [markdown]
# Ahora escribe una versión sin fugas: filtra el conjunto de prueba con el de entrenamiento, nunca al revés.


# %%
def keep_answerable(train, test):
    """Quita las valoraciones de prueba cuyo usuario o cuya película no está en `train`.

    Parameters
    ----------
    train, test : pandas.DataFrame
        Con las columnas `user_id` y `movie_id`.

    Returns
    -------
    train : pandas.DataFrame
        Todas las valoraciones de entrenamiento, en su orden; puede ser la propia tabla.
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
    raise NotImplementedError("Ejercicio 1.5: encuentra la fuga")


# %%
kept_train, kept_test = keep_answerable(split.train, split.test)
print(f"entrenamiento: {len(split.train)} → {len(kept_train)} valoraciones")
print(f"prueba:        {len(split.test)} → {len(kept_test)} valoraciones")
common = split.train["user_id"].isin(split.test["user_id"])
common &= split.train["movie_id"].isin(split.test["movie_id"])
print(f"entrenamiento, si lo filtra la línea 3: {len(split.train)} → {common.sum()}")

# %%
check("1.5", keep_answerable)

# %% [markdown]
# La fuga está en la línea 3: filtra `train` con conjuntos hechos a partir de `test`. En tu versión se quedan todas las valoraciones de entrenamiento y salen 58 de las de prueba. Si publicas un resultado con ese conjunto de prueba más pequeño, dilo: se han quitado los casos más difíciles.
#
# En nuestra partición, la línea 3 quitaría más o menos una de cada cien valoraciones de entrenamiento. En u1, una de las cinco particiones que GroupLens publica con los datos, el conjunto de prueba solo tiene la mitad de los usuarios, y la línea 3 quita el 60 %: de 80 000 valoraciones quedan 32 086 (las pruebas del curso comprueban ese número).
#
# > **Nota.** Este curso no quita nada. Nuestras tablas tienen una fila por cada película de la edición. Una fila que nunca se entrenó da una predicción mala, y esa predicción cuenta.

# %% [markdown]
# ## ¿Cuánto se equivoca una predicción? MAE y RMSE
#
# Las dos medidas están en estrellas. El **error absoluto medio** (MAE, por sus siglas en inglés) es el tamaño medio de un error. La **raíz del error cuadrático medio** (RMSE) eleva los errores al cuadrado, toma la media y después la raíz. En la media de los cuadrados, un error de dos estrellas cuenta cuatro veces lo que un error de una.
#
# $$\text{MAE} = \frac1n\sum_{k=1}^{n} |r_k-\hat r_k| \qquad
# \text{RMSE} = \sqrt{\frac1n\sum_{k=1}^{n} (r_k-\hat r_k)^2}$$
#
# donde $r_k$ es la valoración real del par $k$, y $\hat r_k$ la que predice el modelo.
#
# ### Ejercicio 1.6 — los errores, a mano (6 minutos)
#
# Usa NumPy, y ninguna de las funciones ya hechas de scikit-learn (la comprobación las bloquea). Las predicciones de un modelo de Keras vienen en una *columna*, de forma (n, 1), mientras que las valoraciones reales tienen forma (n,). Tus funciones tienen que devolver el valor correcto en los dos casos.


# %%
def mae_by_hand(true, predicted):
    """Error absoluto medio.

    Parameters
    ----------
    true : array_like, shape (n,)
        Un array, una lista o una columna de una tabla.
    predicted : array_like, shape (n,) o (n, 1)

    Returns
    -------
    float, en estrellas, sin redondear

    Examples
    --------
    >>> mae_by_hand([4, 2, 5], [[3], [2], [1]])
    1.6666666666666667
    """
    raise NotImplementedError("Ejercicio 1.6: los errores, a mano")


def rmse_by_hand(true, predicted):
    """Raíz del error cuadrático medio.

    Parameters
    ----------
    true : array_like, shape (n,)
        Un array, una lista o una columna de una tabla.
    predicted : array_like, shape (n,) o (n, 1)

    Returns
    -------
    float, en estrellas, sin redondear

    Examples
    --------
    >>> round(rmse_by_hand([4, 2, 5], [[3], [2], [1]]), 4)
    2.3805
    """
    raise NotImplementedError("Ejercicio 1.6: los errores, a mano")


# %%
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

true, predicted = np.array([4, 2, 5]), np.array([[3], [2], [1]])
print(mae_by_hand(true, predicted), mean_absolute_error(true, predicted))
print(rmse_by_hand(true, predicted), root_mean_squared_error(true, predicted))
print(mae_by_hand(true, predicted.ravel()), rmse_by_hand(true, predicted.ravel()))
print("sin cuidado:", np.mean(np.abs(true - predicted)))

# %%
check("1.6", mae_by_hand, rmse_by_hand)

# %% [markdown]
# La última línea muestra qué pasa sin `np.ravel`. Con las formas (3,) y (3, 1), `true - predicted` es una tabla de 3 × 3 con *todas* las diferencias, porque NumPy hace ***broadcasting***. Su media parece un MAE, pero no lo es. Con 20 000 valoraciones de prueba, esa tabla tiene 400 millones de celdas: son 3 GB, y puede que lo único que notes sea que va lento.
#
# A partir de aquí usamos las funciones `mae` y `rmse` del curso, que llaman a scikit-learn y aceptan las dos formas.

# %% [markdown]
# ## El modelo base que todo modelo tiene que superar
#
# El **modelo base** más simple predice para todos los pares la media de las valoraciones de entrenamiento. Otro mejor tiene en cuenta que hay personas que valoran con generosidad y películas que son buenas. Para el usuario $u$ y la película $i$ predice
#
# $$\hat r_{ui} = \mu + b_u + b_i$$
#
# donde $\mu$ es la media, $b_u$ es el **sesgo del usuario** (cuánto valora este usuario por encima de la media) y $b_i$ es el **sesgo de la película**. Imagina que una película tiene una sola valoración, de 5 estrellas. ¿Su sesgo es +1.5? Buena parte de eso puede ser azar. Por eso usamos la **contracción** (*shrinkage*): dividimos la suma de las desviaciones entre $n + \lambda$, y no entre el número de valoraciones $n$. Con pocas valoraciones, eso acerca el sesgo a 0.
#
# ### Ejercicio 1.7 — contrae un sesgo (8 minutos)
#
# Cada valoración tiene una desviación (cuánto se aparta de lo que se esperaba) y un grupo (el usuario o la película a la que pertenece). Devuelve un sesgo contraído para cada uno de los grupos, y 0 para un grupo sin valoraciones. `np.bincount` con `weights` suma por grupos en una sola llamada.


# %%
def shrunk_bias(deviation, group, n_groups, shrinkage):
    """Suma de las desviaciones de cada grupo dividida entre (su tamaño + shrinkage).

    Parameters
    ----------
    deviation : array_like of float, shape (n,), en estrellas
        Un array, una lista o una columna de una tabla; lo mismo vale para `group`.
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
    raise NotImplementedError("Ejercicio 1.7: contrae un sesgo")


# %%
shrunk_bias([1.0, 2.0, 1.5], [0, 0, 2], n_groups=4, shrinkage=1)

# %%
check("1.7", shrunk_bias)

# %% [markdown]
# ¿Cuánta contracción conviene? Eso es una elección, así que la hacemos con el conjunto de validación. Calculamos los sesgos de las películas con las valoraciones de entrenamiento, y los errores con las de validación, para varios valores de λ.

# %%
train, valid, test = split.train, split.valid, split.test
mean = train["rating"].mean()
guesses_by_shrinkage = {}
for shrinkage in [0.001, 1, 3, 10, 30, 100]:
    movie_bias = shrunk_bias(
        train["rating"] - mean, train["movie"], split.n_movies, shrinkage
    )
    guess = mean + movie_bias[valid["movie"]]
    guesses_by_shrinkage[shrinkage] = guess
    print(f"λ = {shrinkage:<6} RMSE de validación {rmse(valid['rating'], guess):.4f}")

# %% [markdown]
# Un poco de contracción (λ = 3) baja el RMSE en 0.003 estrellas. Mucha lo sube. La ganancia es pequeña porque viene de las películas con pocas valoraciones. Para una película con 300 valoraciones, dividir entre 303 cambia poco. Si esas 0.003 estrellas son algo más que azar es una pregunta para la sección siguiente.
#
# `BiasBaseline` contrae los dos tipos de sesgo, con λ = 3 para las películas y λ = 5 para los usuarios. Como cada uno de los dos depende del otro, los calcula por turnos, diez veces. Estos son los resultados que hay que superar.

# %%
baselines = {
    "media": MeanBaseline().fit(train),
    "sesgos de usuario y película": BiasBaseline().fit(train, split.n_users, split.n_movies),
}
if not movielens.lacks("stars"):
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
# Los promedios de usuarios y películas bajan el RMSE de 1.13 a 0.94 estrellas.
#
# ## ¿Qué precisión tiene un resultado de prueba?
#
# El resultado es 0.942 con *estas* 20 000 valoraciones de prueba. Con otras sería algo distinto, y antes de comparar modelos tienes que saber cuánto. El **error estándar** de un resultado es su desviación típica en muchos conjuntos de prueba del mismo tamaño. Para un RMSE, una fórmula lo da a partir de los errores de $n$ valoraciones,
#
# $$\text{SE} = \frac{s}{2\,\text{RMSE}\,\sqrt n},$$
#
# donde $s$ es la desviación típica de los errores al cuadrado. Un ***bootstrap*** no necesita fórmula: toma al azar 20 000 valoraciones de prueba, *con reemplazo*, calcula el resultado, repite la operación y mira cuánto varía. El segundo *bootstrap* toma usuarios enteros.

# %%
squared = (test["rating"].to_numpy() - bias_guesses) ** 2
score = np.sqrt(squared.mean())
formula = squared.std() / (2 * score * np.sqrt(len(squared)))

draws = np.random.default_rng(0).integers(0, len(squared), size=(500, len(squared)))
of_ratings = np.sqrt(squared[draws].mean(axis=1))


def draw_users(user, *squared_errors):
    """Calcula el RMSE de cada modelo en 500 conjuntos de usuarios tomados con reemplazo."""
    users, place = np.unique(user, return_inverse=True)
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(users), size=(500, len(users)))
    sizes = np.bincount(place)[draws].sum(axis=1)
    return [
        np.sqrt(np.bincount(place, weights=squared)[draws].sum(axis=1) / sizes)
        for squared in squared_errors
    ]


(of_users,) = draw_users(test["user"], squared)

print(f"con la fórmula:                {score:.3f} ± {formula:.3f}")
print(f"otras valoraciones, bootstrap: {score:.3f} ± {of_ratings.std():.3f}")
print(f"otros usuarios, bootstrap:     {score:.3f} ± {of_users.std():.3f}")

# %% [markdown]
# **Con otro conjunto de prueba de este tamaño, un RMSE cambia en torno a ±0.005** (un error estándar) si los usuarios son los mismos. Con otros usuarios cambia en torno a ±0.01, porque los errores en las valoraciones de un mismo usuario se parecen entre sí. Recuerda 0.005: si los RMSE de dos modelos difieren en menos, esos dos resultados por sí solos no permiten distinguirlos.
#
# Es mejor una comparación **pareada**, porque los dos modelos se prueban con las mismas valoraciones. Donde una valoración es difícil de predecir, ambos tienen un error grande, y en la diferencia de los dos esto se cancela. Compara así λ = 3 con una contracción casi nula, en el conjunto de validación, con los mismos usuarios tomados para los dos.

# %%
true = valid["rating"].to_numpy()
without, shrunk = (
    (true - guesses_by_shrinkage[shrinkage]) ** 2 for shrinkage in (0.001, 3)
)
rmse_without, rmse_shrunk = draw_users(valid["user"], without, shrunk)
gains = rmse_without - rmse_shrunk
gain = np.sqrt(without.mean()) - np.sqrt(shrunk.mean())
print(f"ganancia de la contracción: {gain:.4f} ± {gains.std():.4f}")
print(
    f"el 95 % de las extracciones: {np.quantile(gains, 0.025):.4f}…{np.quantile(gains, 0.975):.4f}"
)

# %% [markdown]
# El error estándar de la diferencia es una fracción del de cada resultado. Aun así, el intervalo que contiene el 95 % de las extracciones incluye el 0: con otros usuarios podría no haber mejora. Además, la estimación es algo optimista, porque λ = 3 se eligió con estas mismas valoraciones; una prueba justa necesita otras valoraciones. En la lección 03 usarás la misma contracción para ordenar películas, y allí la diferencia es grande.
#
# ¿Cuánto importa la partición? Aquí está el mismo modelo base en las tres particiones, con las valoraciones de validación de cada una.

# %%
for name, one in splits.items():
    baseline = BiasBaseline().fit(one.train, one.n_users, one.n_movies)
    squared = (one.valid["rating"] - baseline.predict(pairs(one.valid))) ** 2
    score = np.sqrt(squared.mean())
    (drawn,) = draw_users(one.valid["user"], squared)
    print(
        f"{name}: RMSE {score:.3f} ± {drawn.std():.3f}, {one.valid['user'].nunique()} usuarios"
    )

# %% [markdown]
# El modelo base es el mismo, y su RMSE sube 0.03 en la partición por usuario y 0.09 en la partición global, donde tres cuartas partes de las valoraciones son de usuarios nuevos, que todavía no tienen sesgo. El número tras el ± es el error estándar con otros usuarios. Para la diferencia de dos resultados independientes, el error estándar es la raíz de la suma de los dos cuadrados. Según esta regla (aproximada, porque las particiones comparten usuarios), la primera diferencia es menor que dos errores estándar. La segunda es el triple de grande, pero apenas supera dos errores estándar, porque la partición global oculta las valoraciones de pocos usuarios. Un resultado dice poco sin su partición, y el número de valoraciones por sí solo no dice lo preciso que es.
#
# En la partición al azar, el resultado que hay que superar es 0.94. Una red neuronal no lo supera por el mero hecho de serlo. Los [*benchmarks*](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md) del curso incluyen dos modelos de un cuaderno publicado, con 64 números por usuario y por película. Los dos obtienen 0.947 en este conjunto de prueba. Entrenados con las mismas 80 000 valoraciones (incluidas las de validación), los sesgos de usuario y de película obtienen 0.938.

# %% [markdown]
# ## Te toca a ti
#
# Valora estas diez películas y pulsa el botón. Para los modelos eres entonces un *usuario en frío*: ninguno te ha visto en el entrenamiento. En las próximas lecciones te recomendarán películas de todos modos. A partir de tus diez valoraciones se calcula una fila para ti, y todo lo demás queda como se entrenó. A esto se le llama ***fold-in***.
#
# Si no valoras nada, se usan las valoraciones de un estudiante inventado, de gustos simples. Lo que respondas se queda en tu equipo.

# %%
rate_movies(movielens)

# %%
mine = my_ratings(movielens)
print("las valoraciones de un estudiante inventado" if mine.attrs["invented"] else "tus valoraciones")
mine

# %% [markdown]
# Por último, esto es lo que llevas hecho. Se conserva de una lección a otra.

# %%
progress()

# %% [markdown]
# ## Para recordar
#
# - El filtrado colaborativo aprende de interacciones usuario–artículo. La matriz está casi vacía, y las valoraciones no faltan al azar: eligen los usuarios y elige el sitio.
# - La popularidad tiene una cola larga. La mitad de las películas tiene menos de 30 valoraciones, así que sus promedios son inciertos. La contracción los acerca a la media.
# - `join` compara con el índice; `merge` compara columnas. Deja que pandas compruebe las claves.
# - Los modelos necesitan números de fila. Aprende la numeración una sola vez y guárdala con el modelo.
# - Una partición al azar y una por usuario entrenan con el futuro; una global mide sobre todo el arranque en frío. Indica la partición junto a cada resultado.
# - Filtra el conjunto de prueba con el de entrenamiento, nunca al revés.
# - Compara cada resultado con el modelo base, un RMSE de 0.94, y con el error de muestreo, ±0.005.
#
# ## Para seguir leyendo
#
# - F. M. Harper y J. A. Konstan, [The MovieLens Datasets: History and Context](https://doi.org/10.1145/2827872), 2015: cómo se recogieron las valoraciones.
# - Y. Koren, R. Bell y C. Volinsky, [Matrix Factorization Techniques for Recommender Systems](https://doi.org/10.1109/MC.2009.263), 2009: sesgos y factores, por miembros del equipo que ganó el Premio Netflix.
# - B. Marlin y R. Zemel, [Collaborative Prediction and Ranking with Non-Random Missing Data](https://doi.org/10.1145/1639714.1639717), 2009: qué cambia si se tiene en cuenta que la gente elige lo que valora.
# - Y. Ji, A. Sun, J. Zhang y C. Li, [A Critical Study on Data Leakage in Recommender System Offline Evaluation](https://arxiv.org/abs/2010.11060), 2023: por qué las particiones deberían seguir el calendario.
# - Y. Fan, Y. Ji, J. Zhang y A. Sun, [Our Model Achieves Excellent Performance on MovieLens: What Does it Mean?](https://arxiv.org/abs/2307.09985), 2024: cómo el sitio da forma a sus valoraciones.
#
# **Siguiente:** la lección 02 aprende un vector de números para cada usuario y cada película, por factorización de matrices.
