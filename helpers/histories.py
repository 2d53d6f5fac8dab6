"""What a user has rated, as the input of a model (implicit feedback)."""

from keras import ops


def history_vectors(rated, vectors, who, what):
    """Sum the vectors of what each one rated, without the pair's own; exercise 4.6.

    Divided by the square root of their number, as in SVD++ (Koren, KDD 2008).

    Parameters
    ----------
    rated : tensor of float32, shape (n_who, n_what)
        1 where there is a training rating, else 0.
    vectors : tensor of float32, shape (n_what, n_factors)
    who, what : tensor of int32, shape (n,)
        The pairs: row and column of `rated`.

    Returns
    -------
    tensor of float32, shape (n, n_factors)
    """
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0)
    rest = total - own * ops.take(vectors, what, axis=0)
    return rest / ops.sqrt(ops.maximum(number - own, 1.0))
