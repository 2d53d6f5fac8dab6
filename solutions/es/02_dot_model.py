# %% [markdown] tags=["badge"]
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/es/02_dot_model.ipynb)

# %% [markdown]
# # 2 · El modelo de producto punto: un vector para cada cual
#
# En la lección 01 un usuario era un solo número, el sesgo: generoso o exigente. Pero dos personas igual de exigentes pueden estar en desacuerdo en todas y cada una de las películas. En esta lección un usuario pasa a ser un *vector*, una lista corta de números, y una película también; la valoración se predice según lo bien que encajan las dos listas. Nadie dice qué significan esos números: se aprenden.
#
# **Al terminar, podrás**
#
# - decir qué es un *embedding* y calcularlo solo con NumPy;
# - construir dos veces el modelo de producto punto, con la API funcional de Keras y como subclase, y predecir cuántos pesos tiene antes de que Keras te lo diga;
# - reconocer el error más copiado en el código de sistemas de recomendación y escribir la prueba que lo delata;
# - leer una curva de entrenamiento y otra de validación, y parar un modelo antes de que memorice;
# - buscar una tasa de aprendizaje en vez de adivinarla.
#
# **Tiempo** 70 minutos de trabajo y cerca de un minuto de cómputo. **Antes de empezar** la lección 01 y un primer modelo en Keras (qué es una capa, una pérdida y una época).

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
from keras import layers, ops

from helpers import check, hint, plots, quiz, reveal
from helpers.data import load_movielens
from helpers.metrics import mae, rmse
from helpers.fold_in import what_to_watch
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(2)

# %% [markdown]
# Las mismas valoraciones y la misma partición que en la lección 01, para que las cifras se puedan comparar. `pairs` convierte una tabla en lo que reciben nuestros modelos: un diccionario con los números de fila de los usuarios y de las películas.

# %%
movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid, test = split.train, split.valid, split.test
train_pairs, valid_pairs, test_pairs = pairs(train), pairs(valid), pairs(test)
{name: rows[:4] for name, rows in train_pairs.items()}

# %% [markdown]
# ## Un *embedding* es una tabla
#
# La palabra suena profunda. Es una tabla con una fila por usuario (o por película), y todo lo que se hace con ella es leer filas. Sus números empiezan siendo aleatorios y el entrenamiento los mueve, como a cualquier otro peso.
#
# ### Ejercicio 2.1 — lee filas de dos maneras (5 minutos)
#
# Los libros de texto dibujan un *embedding* como un producto de matrices: el número de fila se escribe como un vector *one-hot* (todo ceros menos un 1 en ese lugar) y se multiplica por la tabla. Escribe las dos maneras y comprueba que coinciden.


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
    ### BEGIN SOLUTION
    return table[rows]
    ### END SOLUTION


def multiply_one_hot(table, rows):
    """Devuelve las mismas filas, como producto de vectores one-hot por la tabla.

    Recibe y devuelve lo mismo que `look_up`, pero no lee la tabla por índices.
    (`np.eye(n)` es una matriz de n × n cuya fila i es el vector one-hot de i.)
    """
    ### BEGIN SOLUTION
    one_hot = np.eye(len(table))[rows]
    return one_hot @ table
    ### END SOLUTION


# %%
table = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
print(look_up(table, np.array([2, 0])))
print(multiply_one_hot(table, np.array([2, 0])))

# %%
check("2.1", look_up, multiply_one_hot)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué devuelve NumPy para `table[2]`? ¿Y para `table[[2, 0]]`?
# 2. `np.eye(n)[rows]` tiene una fila por cada elemento de `rows`, con todo ceros menos un solo 1. Su segundo eje debe ser tan largo como filas tiene la tabla. ¿Qué producto convierte (n, n_rows) y (n_rows, n_factors) en (n, n_factors)?
#
# ```python
# def multiply_one_hot(table, rows):
#     one_hot = np.eye(...)[...]   # forma (n, n_rows)
#     return ... @ ...
# ```
#
# **Fíjate**
#
# Las dos dan las mismas filas, y `multiply_one_hot` ha trabajado n_rows veces más para lograrlo: por eso una capa de *embedding* lee filas y no multiplica.

# %% [markdown]
# Las dos dan las mismas filas. El producto dice qué *es* un *embedding*: una capa sin activación sobre una entrada *one-hot*. La lectura por índice es como se calcula en la práctica, porque multiplicar por mil ceros para leer una fila es un derroche.
#
# ## Una valoración a partir de dos vectores
#
# Imagina que supiéramos dos cosas de cada película, cuánta *acción* y cuánto *romance* contiene, y de cada usuario, cuánto le importa cada una.

# %%
cares_for = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])  # Ann, Bo, Cleo
contains = np.array([[2.0, 0.1], [0.2, 2.0], [1.3, 1.2], [0.1, 0.1]])
scores = cares_for @ contains.T

axes = plt.figure(figsize=(7, 3)).add_subplot()
axes.imshow(scores, cmap="cividis")
for (row, column), score in np.ndenumerate(scores):
    axes.text(
        column,
        row,
        f"{score:.1f}",
        ha="center",
        va="center",
        color="white",
        fontweight="bold",
        bbox={"facecolor": "black", "alpha": 0.45, "lw": 0},
    )
axes.set_yticks(range(3), ["Ann (acción)", "Bo (romance)", "Cleo (ambas cosas)"])
axes.set_xticks(range(4), ["Die Hard", "Notting Hill", "Titanic", "una conferencia"])
axes.set_title("Puntuación = interés × contenido en acción, más lo mismo en romance")
axes.grid(False)
plt.show()

# %% [markdown]
# *Cómo leer la figura:* fila por fila. Multiplica las dos listas elemento a elemento y suma: ese es el *producto punto*. Es grande cuando el usuario y la película son grandes en el mismo lugar. A Ann le toca Die Hard, a Bo Notting Hill, y a Cleo, que disfruta de ambas cosas, Titanic. Eso es el modelo entero. Lo que falta es dejar que el entrenamiento encuentre los números, con 64 de estos *factores* en lugar de dos, y sin ponerles nombre.
#
# ## Un lote de pares
#
# Una red ve las valoraciones en *lotes*. Un lote de 512 pares da 512 vectores de usuario y 512 vectores de película.
#
# **Antes de ejecutar nada,** responde a esto.

# %% [markdown] tags=["question"]
# Un lote contiene 512 pares, y un vector, 64 números. ¿Cuántas puntuaciones debería devolver el modelo para el lote?
#
# - [ ] 1
#   - Eso es lo que devuelve, por error, un ejemplo famoso. Entonces los 512 usuarios del lote reciben la misma puntuación.
# - [ ] 64
#   - 64 es la longitud de un vector. El producto punto suma los 64 productos.
# - [x] 512
#   - Una por par, y ningún par tiene nada que ver con los demás.
# - [ ] 512 × 512
#   - Eso puntuaría a cada usuario del lote con cada película del lote. Sirve para un *ranking*, pero aquí cada usuario viene con una sola película.

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
        bucles sobre los pares ni NumPy.)

    Examples
    --------
    >>> one, other = ops.array([[1.0, 2.0], [3.0, 4.0]]), ops.array([[1.0, 1.0], [0.0, 2.0]])
    >>> ops.convert_to_numpy(score_pairs(one, other)).tolist()
    [[3.0], [8.0]]
    """
    ### BEGIN SOLUTION
    return ops.sum(user_vectors * movie_vectors, axis=-1, keepdims=True)
    ### END SOLUTION


# %%
one, other = ops.array([[1.0, 2.0], [3.0, 4.0]]), ops.array([[1.0, 1.0], [0.0, 2.0]])
score_pairs(one, other)

# %%
check("2.2", score_pairs)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Multiplica elemento a elemento dos arreglos de forma (512, 64). ¿Qué eje del resultado contiene los pares, y cuál los factores?
# 2. `ops.sum(x, axis=…)` suma a lo largo de un eje y lo elimina; `keepdims=True` lo conserva, con longitud 1.
#
# ```python
# def score_pairs(user_vectors, movie_vectors):
#     return ops.sum(... * ..., axis=..., keepdims=...)
# ```
#
# **Fíjate**
#
# La fila i de la respuesta depende de la fila i de las entradas y de nada más. Quédate con esa frase: el próximo ejercicio la convierte en una prueba.

# %% [markdown]
# Una puntuación para cada uno de los 512 pares, y los pares no tienen nada que ver entre sí. Parece demasiado sencillo para equivocarse. Mira cómo lo calcula un ejemplo que se ha copiado en cientos de repositorios:


# %%
def score_pairs_as_published(user_vectors, movie_vectors):
    return ops.tensordot(user_vectors, movie_vectors, 2)


print(ops.convert_to_numpy(score_pairs_as_published(one, other)))

# %% [markdown]
# ### Ejercicio 2.3 — escribe la prueba que lo delata (8 minutos)
#
# Entraron dos pares y salió un solo número. En un modelo se le suma después un sesgo: por *broadcasting*, ese único número se reparte por todo el lote, las formas encajan, la pérdida baja y nadie se da cuenta. Así que escribe la prueba. La puntuación de cada par tiene que ser la misma tanto si se calcula a solas como dentro de un lote.


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
        puntuaciones después de aplanarlas: `ravel()`.)
    """
    ### BEGIN SOLUTION
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = [
        ops.convert_to_numpy(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]))
        for i in range(len(user_vectors))
    ]
    alone = np.concatenate([one_score.ravel() for one_score in alone])
    return len(together) == len(alone) and np.allclose(together, alone, atol=1e-4)
    ### END SOLUTION


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

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Si la puntuación del par 3 es asunto suyo y de nadie más, ¿qué debe pasarle cuando se quitan los otros pares?
# 2. Puntúa todos los pares juntos. Después puntúa cada uno a solas, en un lote de uno (`user_vectors[i : i + 1]`), y compáralos *todos*, con una tolerancia (`np.allclose(…, atol=1e-4)`). Compara también cuántas hay: una sola puntuación para ocho pares está mal.
#
# ```python
# together = ops.convert_to_numpy(score(..., ...)).ravel()
# alone = [... for i in range(...)]
# return len(together) == ... and ...
# ```
#
# **Fíjate**
#
# La prueba nunca ha mirado dentro: sirve para cualquier modelo que puntúe pares, incluido el que escribas el año que viene.

# %% [markdown]
# Debería decir True, False, False. (Si dice True en la última línea, tu prueba solo mira la forma, como hizo todo el mundo.) `tensordot(…, 2)` multiplica y suma a lo largo de *dos* ejes: el de los factores, como debe ser, y el del lote. Todos los usuarios del lote reciben la misma puntuación. Guarda tu pequeña prueba. Sirve para cualquier modelo, no sabe nada de lo que hay dentro y tarda un segundo; para la mayoría de los errores de este campo no hace falta nada más ingenioso.

# %% [markdown]
# ## El modelo, en Keras
#
# Dos entradas, dos tablas, un producto punto. En el estilo *funcional* escribimos cómo pasan los tensores de una capa a la siguiente, y Keras toma nota del grafo.
#
# ### Ejercicio 2.4 — constrúyelo (8 minutos)
#
# Llama a las capas `user_factors` y `movie_factors`: desde la lección 03 las buscaremos por su nombre. `layers.Embedding(n, k, name=…)` es una tabla de n filas y k columnas, `layers.Dot(axes=-1)` es tu `score_pairs`, y `keras.Model({"user": user, "movie": movie}, output)` hace de todo ello un modelo.


# %%
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    """Construye el modelo: valoración = vector de usuario · vector de película.

    Parameters
    ----------
    n_users, n_movies : int
        Filas de las dos tablas: los índices van de 0 a n - 1.
    n_factors : int
        Columnas de ambas.
    l2 : float
        Las dos tablas llevan `embeddings_regularizer=keras.regularizers.L2(l2)`,
        que usaremos más adelante; 0 es no penalizar nada.

    Returns
    -------
    keras.Model
        Funcional. Recibe ``{"user": int32 (n,), "movie": int32 (n,)}`` y devuelve
        float32 de forma (n, 1). Sus embeddings se llaman `user_factors` y
        `movie_factors`.
    """
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    ### BEGIN SOLUTION
    penalty = keras.regularizers.L2(l2)
    user_vector = layers.Embedding(
        n_users, n_factors, embeddings_regularizer=penalty, name="user_factors"
    )(user)
    movie_vector = layers.Embedding(
        n_movies, n_factors, embeddings_regularizer=penalty, name="movie_factors"
    )(movie)
    rating = layers.Dot(axes=-1, name="rating")([user_vector, movie_vector])
    return keras.Model({"user": user, "movie": movie}, rating, name="dot")
    ### END SOLUTION


# %%
model = build_dot_model(split.n_users, split.n_movies)
plots.draw_model(model, count_weights=False)

# %%
check("2.4", build_dot_model)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Sigue mentalmente un número de usuario por el dibujo: entra un número, de la tabla salen 64, ¿y dónde se encuentran con los de la película?
# 2. `layers.Embedding(n_users, n_factors, embeddings_regularizer=…, name=…)(user)` da el vector del usuario. Haz lo mismo con la película y entrega los dos, en una lista, a `layers.Dot(axes=-1)`.
#
# ```python
# user_vector = layers.Embedding(..., ..., name="user_factors")(user)
# movie_vector = layers.Embedding(..., ..., name="movie_factors")(movie)
# rating = layers.Dot(axes=-1)([..., ...])
# return keras.Model({"user": user, "movie": movie}, ...)
# ```
#
# **Fíjate**
#
# En este modelo nada se suma: ni un sesgo ni la media. Recuérdalo cuando mires sus primeras predicciones.

# %% [markdown]
# *Cómo leer el dibujo,* de arriba abajo: un número de fila para el usuario y otro para la película, cada uno se busca en su tabla (64 números por cabeza), y sale un solo número.
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
    ### BEGIN SOLUTION
    return (n_users + n_movies) * n_factors
    ### END SOLUTION


# %%
print(f"según la fórmula {count_weights(split.n_users, split.n_movies, 64):,}")
print(f"según Keras      {model.count_params():,}")

# %%
check("2.5", count_weights)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Cuántos números guarda la tabla de los usuarios? ¿Y la de las películas?
# 2. Una tabla de n filas y k columnas guarda n · k números. El producto punto en sí no tiene ninguno.
#
# ```python
# return (... + ...) * ...
# ```
#
# **Fíjate**
#
# Cada usuario y cada película cuestan lo mismo, n_factors pesos, tengan las valoraciones que tengan. Una película con una sola valoración tiene tantos pesos como Star Wars.

# %% [markdown]
# 168,000 pesos para 72,000 valoraciones de entrenamiento: más de dos por cada una. Un modelo así *puede* aprenderse de memoria su conjunto de entrenamiento. Vamos a ver cómo lo hace.
#
# ## El mismo modelo como subclase
#
# El estilo funcional dibuja un grafo. Cuando un modelo hace algo que un grafo no expresa con facilidad (bucles, consultas en otras tablas, como en la lección 04), se escribe una clase: las capas se crean en `__init__` y `call` las usa.
#
# ### Ejercicio 2.6 — lo mismo, como clase (6 minutos)
#
# Crea las dos tablas en `__init__`, primero la de los usuarios, con los nombres del ejercicio 2.4, y usa tu `score_pairs` en `call`, que recibe el mismo diccionario de pares. (Aquí no hace falta L2.)


# %%
class DotModel(keras.Model):
    """El modelo de producto punto como subclase, sin L2.

    Parámetros, entradas, salidas y nombres de las dos capas, `user_factors` y
    `movie_factors`, como en `build_dot_model`.
    """

    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")
        ### END SOLUTION

    def call(self, pairs):
        ### BEGIN SOLUTION
        return score_pairs(
            self.user_factors(pairs["user"]), self.movie_factors(pairs["movie"])
        )
        ### END SOLUTION


# %%
subclassed = DotModel(split.n_users, split.n_movies)
few_pairs = {name: rows[:5] for name, rows in train_pairs.items()}
subclassed(few_pairs)  # the first call builds the tables
subclassed.set_weights(model.get_weights())
difference = np.abs(model(few_pairs) - subclassed(few_pairs)).max()
print(f"mayor diferencia entre los dos: {difference:.1e}")

# %%
check("2.6", DotModel)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué capas tiene el modelo, y qué le pasa a un lote? Lo primero va en `__init__`; lo segundo, en `call`.
# 2. Guarda los dos *embeddings* como atributos (`self.user_factors = …`), primero el de los usuarios, y ponle a cada uno también su `name=`. En `call`, `pairs["user"]` tiene los números de fila; llama a la capa con ellos.
#
# ```python
# def __init__(...):
#     self.user_factors = layers.Embedding(..., name=...)
#     self.movie_factors = ...
# def call(self, pairs):
#     return score_pairs(self.user_factors(...), ...)
# ```
#
# **Fíjate**
#
# Las tablas se crean una sola vez, en `__init__`; `call` solo las usa. Unas capas creadas en `call` serían nuevas, y sin entrenar, en cada lote.

# %% [markdown]
# Con los mismos pesos dan las mismas puntuaciones, así que son el mismo modelo. Usa el estilo que se lea mejor; Keras entrena los dos por igual.
#
# ## Antes de entrenar
#
# Las tablas empiezan con números aleatorios diminutos. Primero, adivina.

# %% [markdown] tags=["question"]
# Las tablas empiezan con números entre −0.05 y 0.05. ¿Qué responde el modelo sin entrenar, y cuánto vale su RMSE en valoraciones de 1 a 5 estrellas?
#
# - [ ] Cerca de 3.5 a todo, RMSE de alrededor de 1.1
#   - Nadie le ha dicho la media: en el modelo no hay sitio para ella. La tiene que aprender.
# - [x] Cerca de 0 a todo, RMSE de alrededor de 3.7
#   - Los productos de números pequeños son diminutos. Entonces el error es la propia valoración, y los cincos son los que más cuentan.
# - [ ] Estrellas al azar de 1 a 5, RMSE de alrededor de 2
#   - El modelo no sabe nada de una escala de estrellas. Multiplica números pequeños.

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
# Responde 0 a todo, así que su MAE es la valoración media, unas 3.5 estrellas. El RMSE es algo mayor, porque al elevar al cuadrado los cincos pesan más que los unos. Mira siempre este número antes de entrenar: te dice que los datos y la métrica están bien conectados, y dónde va a empezar la curva.
#
# ## Entrenar, y mirar
#
# `compile` dice qué hay que minimizar (el error cuadrático medio) y cómo (con Adam). La métrica es lo que queremos leer: el error en estrellas. (`steps_per_execution=20` entrega a TensorFlow 20 lotes de una vez. Calcula lo mismo y reduce la espera a la mitad: con modelos tan pequeños como los nuestros, volver a Python después de cada lote es la mitad del trabajo. `optimizer.build` crea de antemano las tablas propias de Adam. Keras lo haría por su cuenta, pero a mitad de preparar un paso, y luego tendría que prepararlo otra vez.)


# %%
def train_model(model, learning_rate=0.005, epochs=15, loss="mse", callbacks=()):
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
        epochs=epochs,
        callbacks=list(callbacks),
        verbose=0,
    )


model = build_dot_model(split.n_users, split.n_movies)
history = train_model(model)
plots.plot_history(
    history,
    "El modelo de producto punto aprende; después, memoriza",
    metric="rmse",
    unit="estrellas",
    ylim=(0.4, 1.6),
)
# %% [markdown]
# *Cómo leer la figura:* en las primeras épocas (en parte por encima del marco) las dos curvas caen con fuerza, mientras los vectores crecen de casi nada hasta el tamaño con el que sale un 3.5. Después se separan. El error de entrenamiento (línea continua) sigue bajando; el de validación (discontinua) da la vuelta y sube. Desde ahí el modelo aprende *estas valoraciones*, no a estas personas. Eso es el *sobreajuste*, y la última época no es buen lugar para parar.
#
# (En las primeras épocas el error de validación es el menor de los dos. No es magia: Keras promedia el error de entrenamiento a lo largo de una época en la que el modelo todavía estaba mejorando, y mide el de validación al final.)

# %%
last = rmse(valid["rating"], model.predict(valid_pairs, batch_size=8192, verbose=0))
best = min(history.history["val_rmse"])
print(f"RMSE de validación: mejor época {best:.3f}, última época {last:.3f}")

# %% [markdown]
# ## Tres maneras de contenerlo
#
# **Parar a tiempo.** Quédate con los pesos de la mejor época de validación. Un *callback* se encarga de ello y nos ahorra las épocas inútiles.

# %%
stopped = build_dot_model(split.n_users, split.n_movies)
stop_early = keras.callbacks.EarlyStopping(
    monitor="val_rmse", mode="min", patience=2, restore_best_weights=True
)
history = train_model(stopped, epochs=30, callbacks=[stop_early])
print(
    f"parado tras {len(history.epoch)} épocas, la mejor {min(history.history['val_rmse']):.3f}"
)

# %% [markdown]
# **Menos factores.** En una tabla más pequeña hay menos sitio para memorizar. **L2.** Si a la pérdida se le añade la suma de los cuadrados de los pesos, multiplicada por un número pequeño, los pesos grandes salen caros.
#
# ¿Y qué le hace eso a *este* modelo?

# %% [markdown] tags=["question"]
# L2 tira de todos los pesos hacia 0. El modelo de producto punto hace su 3.5 solo con pesos. ¿Qué les hace una L2 fuerte a sus predicciones?
#
# - [ ] Las acerca a la media, 3.5
#   - Para eso la media necesitaría un sitio propio. En este modelo, con pesos de 0 se predicen 0 estrellas.
# - [x] Las deja demasiado bajas
#   - Penaliza el 3.5 como todo lo demás, porque está hecho de los mismos pesos.
# - [ ] Nada: L2 solo actúa al entrenar
#   - Está en la pérdida, así que decide con qué pesos acaba el entrenamiento, y de esos pesos salen las predicciones.

# %%
quiz("2.c")


# %%
def best_validation_rmse(n_factors=64, l2=0.0):
    keras.utils.set_random_seed(2)
    model = build_dot_model(split.n_users, split.n_movies, n_factors, l2)
    history = train_model(model, epochs=20, callbacks=[stop_early])
    return min(history.history["val_rmse"])


results = {
    "64 factores": min(history.history["val_rmse"]),
    "8 factores": best_validation_rmse(8),
}
for l2 in (1e-5, 1e-4):
    results[f"64 factores, L2 {l2:.0e}"] = best_validation_rmse(l2=l2)
plots.plot_bars(
    results,
    results.values(),
    "Contener el modelo de producto punto",
    "mejor RMSE de validación (estrellas), mejor cuanto más bajo",
    from_zero=False,
)

# %% [markdown]
# *Cómo leer la figura:* la primera barra y la tercera empatan (con otra semilla, cualquiera de las dos se mueve 0.003). Ocho factores son pocos, y una L2 fuerte lo *empeora*: arrastra todas las predicciones por debajo de donde deberían estar. No sabe distinguir «a este usuario le encantan las películas del Oeste» de «las valoraciones rondan el 3.5»: las dos cosas están hechas de los mismos pesos, y les cobra impuestos a ambas. Hay cuadernos públicos que usan aquí 1e-4 sin pensárselo dos veces. La lección 03 saca el 3.5 de los vectores, y entonces la L2 hace lo que debe.
#
# ## La tasa de aprendizaje se busca, no se adivina
#
# La tasa de aprendizaje dice cuánto avanza cada paso del entrenamiento. Si es demasiado pequeña, el modelo se arrastra; si es demasiado grande, va dando saltos. La forma más barata de encontrar una buena: desde el mismo punto de partida, entrena una época con cada una de varias tasas y mira dónde baja más rápido la pérdida.
#
# ### Ejercicio 2.7 — busca una tasa de aprendizaje (8 minutos)
#
# Hasta ahora `train_model` entrenaba por ti. Esta vez hazlo tú: compila el modelo con Adam, la tasa que te dan y el error cuadrático medio; ajústalo durante una época en lotes de 1,024, y devuelve la pérdida de entrenamiento de esa época. (`fit` devuelve un historial; su `history["loss"]` es una lista con un elemento por época.)


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
    ### BEGIN SOLUTION
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="mse",
        steps_per_execution=20,
    )
    history = model.fit(pairs, ratings, batch_size=1024, epochs=1, verbose=0)
    return history.history["loss"][0]
    ### END SOLUTION


# %%
check("2.7", loss_after_one_epoch)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. ¿Qué necesita un modelo antes de `fit`, y qué te devuelve `fit`?
# 2. `model.compile(optimizer=keras.optimizers.Adam(…), loss=…)`, y después `history = model.fit(…, batch_size=…, epochs=…)`. `history.history` es un diccionario de listas, con un elemento por época.
#
# ```python
# model.compile(optimizer=keras.optimizers.Adam(...), loss=...)
# history = model.fit(..., ..., batch_size=..., epochs=..., verbose=0)
# return history.history[...][...]
# ```
#
# **Fíjate**
#
# Una época con cada tasa, y siempre desde el mismo punto de partida: así las pérdidas se pueden comparar y la búsqueda sale barata.

# %%
learning_rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2]
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
axes.set_xlabel("tasa de aprendizaje")
axes.set_ylabel("pérdida de entrenamiento tras una época (MSE)")
axes.set_title("A la izquierda, demasiado lento; a la derecha, sin control")
plt.show()

# %% [markdown]
# *Cómo leer la figura:* un valle. (Las pérdidas son medias de toda la primera época, comienzo incluido, y por eso son altas.) A la izquierda los pasos son demasiado cortos para llegar a algún sitio en una época; a la derecha se pasan de largo. El fondo es la tasa más rápida para *una* época, pero después no se está quieta, así que se empieza bastante a su izquierda, en la parte alta de la pendiente: entre 0.003 y 0.01. De ahí sale el 0.005 de esta lección.
#
# ## Primero rápido, después con cuidado
#
# Pasos largos al principio y cortos para asentarse: una *planificación* de la tasa. Un cuaderno público entrena una época a 0.001 para calentar, tres a 0.01 y seis a 0.001, cambiando `model.optimizer.lr` entre una fase y otra. En Keras 3 ese atributo no significa nada: Python lo crea, el optimizador nunca lo lee y la tasa se queda como estaba. El nombre correcto es `model.optimizer.learning_rate`; mejor aún, entrégale al optimizador la planificación entera.
#
# ### Ejercicio 2.8 — una planificación por tramos (6 minutos)
#
# `keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)` cuenta en *pasos*, uno por lote, y nosotros pensamos en épocas. Hasta el paso `boundaries[0]`, incluido, da `values[0]`, y así sucesivamente; hay un valor más que límites.


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
    ### BEGIN SOLUTION
    boundaries = np.cumsum(epochs)[:-1] * steps_an_epoch
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        [int(boundary) - 1 for boundary in boundaries], list(rates)
    )
    ### END SOLUTION


# %% tags=["instructor"]
# «Hasta el paso …, incluido»: la primera época tiene los pasos 0 … n-1, así que su límite es n - 1. Cambiar un paso más tarde (límite n) no hace daño al entrenar, pero no es lo que muestra el ejemplo del docstring, y la comprobación lo dice; los errores de verdad son dar los límites en épocas o dar uno de más. Las tasas también valen como arreglo de NumPy de float64.

# %%
schedule = stepwise((1, 2, 1), (0.001, 0.01, 0.002), steps_an_epoch=100)
print([round(float(schedule(step)), 4) for step in (0, 99, 100, 299, 300)])

# %%
check("2.8", stepwise)

# %% [markdown] tags=["hints"]
# **Pistas**
#
# 1. Con 100 pasos por época y las épocas (1, 2, 1): ¿en qué paso empieza la segunda tasa, y en cuál la tercera? ¿Por qué solo hay dos límites?
# 2. `np.cumsum(epochs)` dice después de cuántas épocas termina cada tasa. La última no necesita límite. Después, cuenta en pasos y no en épocas.
#
# ```python
# boundaries = np.cumsum(...)[:-1] * ...
# return keras.optimizers.schedules.PiecewiseConstantDecay(
#     [int(boundary) - 1 for boundary in boundaries], list(...)
# )
# ```
#
# **Fíjate**
#
# El optimizador consulta la planificación en cada paso, así que nadie tiene que asignar nada entre dos llamadas a `fit`.

# %%
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
# %% [markdown]
# *Cómo leer la figura:* la primera época, por encima del marco, apenas mueve nada; las tres rápidas hacen el trabajo, y cuando la tasa baja, la curva de validación se aplana en vez de volver a subir. Ahora importa menos dónde paremos. El mínimo no es más bajo que antes: una planificación no cura el sobreajuste.
#
# ## ¿Qué pérdida, la cuadrática o la absoluta?
#
# Hemos entrenado con errores al cuadrado. Entrenar con el error *absoluto* es pedir otra cosa: el error cuadrático es mínimo en la media de lo que un usuario podría dar; el absoluto, en la mediana.

# %%
keras.utils.set_random_seed(2)
absolute = build_dot_model(split.n_users, split.n_movies)
train_model(absolute, epochs=20, loss="mae", callbacks=[stop_early])
for loss, candidate in [("mse", stopped), ("mae", absolute)]:
    guesses = candidate.predict(valid_pairs, batch_size=8192, verbose=0)
    print(
        f"entrenado con {loss}: MAE de validación {mae(valid['rating'], guesses):.3f}, "
        f"RMSE {rmse(valid['rating'], guesses):.3f}"
    )

# %% [markdown]
# Sobre el papel, cada pérdida debería ganar en su propia medida. En la práctica, el error cuadrático gana en RMSE y empata en MAE. Una razón probable: su gradiente se encoge con el error, así que los últimos pasos son suaves, mientras que el error absoluto tira con la misma fuerza hasta el final. La teoría dice dónde está un óptimo, no si el entrenamiento llega hasta él. Mide los dos errores y di con cuál entrenaste.
#
# ## Lo real frente a lo predicho
#
# Un solo número oculta dónde están los errores. Toma el modelo que paró a tiempo y mira qué predice para cada valoración real.

# %%
guesses = stopped.predict(valid_pairs, batch_size=8192, verbose=0)
plots.plot_true_against_predicted(
    valid["rating"], guesses, "Todo se acerca al centro"
)
# %% [markdown]
# *Cómo leer la figura:* las cajas suben con la valoración real, así que algo sabe el modelo. Pero suben mucho más despacio que la línea discontinua: para las películas que recibieron 1 estrella, la predicción mediana ronda 2.5; para las que recibieron 5, ronda 4. No es un fallo: en caso de duda, el error cuadrático premia el centro. Y nada obliga a las predicciones a quedarse en la escala de 1 a 5; en la lección 04 recortaremos lo que se salga de ella.
#
# ## En la tabla de resultados
#
# Ahora, y una sola vez, el conjunto de prueba.

# %%
guesses = stopped.predict(test_pairs, batch_size=8192, verbose=0)
add_to_scoreboard(
    "producto",
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
    "RMSE de prueba del modelo de producto punto", rmse(test["rating"], guesses), inside=(0.92, 0.96)
)
verdict("MAE de prueba del modelo de producto punto", mae(test["rating"], guesses), inside=(0.72, 0.76))

# %% [markdown]
# Si has ejecutado la lección 01, a su lado aparecen los modelos base: los sesgos de usuario y película tienen 0.94. Hemos entrenado 168,000 pesos para empatar, centésima más o menos, con dos columnas de medias. Los vectores gastan sus fuerzas en decir una y otra vez, en 64 factores, «más o menos 3.5, y algo más si la película es buena». La próxima lección lo dice una sola vez, y en su sitio.
#
# ## ¿Qué te diría que vieras?
#
# En la lección 01 valoraste diez películas, o dejaste que un estudiante inventado lo hiciera por ti. Este modelo no te ha visto nunca: en su tabla no hay ninguna fila para ti. Pero sí hay una para cada una de tus diez películas. Así que deja las películas como están y busca el *único* vector de usuario que mejor explica tus valoraciones, partiendo del vector del usuario medio. A eso se le llama *fold-in*; tarda un momento, y en la lección 06 lo escribirás tú.

# %%
what_to_watch(stopped, movielens, split)

# %% [markdown]
# Frente a 64 factores, diez valoraciones dicen poco, así que la búsqueda tiene orden de no alejarse del usuario medio, salvo que tus valoraciones insistan. Recuerda esta lista: cada una de las próximas lecciones trae un modelo mejor y le hace la misma pregunta.
#
# ## Para recordar
#
# - Un *embedding* es una tabla; usarlo es leer una fila.
# - El modelo de producto punto puntúa cada par con sus dos vectores y nada más. Ponlo a prueba: a solas o en un lote, la puntuación debe ser la misma.
# - Antes de entrenar, averigua cuántos pesos hay y qué error da el modelo sin entrenar.
# - La curva de validación te dice cuándo parar; la última época no es la mejor.
# - Busca la tasa de aprendizaje; si ha de cambiar, entrega la planificación entera.
# - L2 cobra impuestos por todo lo que dicen los pesos, la valoración media incluida.
#
# ## Para seguir leyendo
#
# - El curso de Google sobre [sistemas de recomendación](https://developers.google.com/machine-learning/recommendation): la factorización de matrices, con buenos dibujos.
# - S. Funk, [Netflix Update: Try This at Home](https://sifter.org/simon/journal/20061211.html), 2006: la página que hizo famoso este modelo.
# - S. Rendle et al., [Neural Collaborative Filtering vs. Matrix Factorization Revisited](https://arxiv.org/abs/2005.09683), 2020: no subestimes un producto punto bien ajustado.
#
# **Siguiente:** la lección 03 da un sitio propio a la media, al sesgo del usuario y al de la película.

# %% tags=["instructor"]
# Minutos: 70. Si falta tiempo, deja fuera las pérdidas (cuadrática o absoluta). Ideas equivocadas: «una capa de *embedding* multiplica matrices al ejecutarse»; «más factores siempre es mejor»; «val_loss es el error de validación» (con L2 incluye la penalización, y por eso la lección lee `val_rmse`). Preguntas abiertas: 512 puntuaciones para 512 pares; el RMSE sin entrenar es la raíz de la media de los cuadrados de las valoraciones, cerca de 3.7; una L2 fuerte baja todas las predicciones por debajo de 3.5.
