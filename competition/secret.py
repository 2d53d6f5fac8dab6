"""Derive random numbers from the instructor's secret.

Students have this code, and can try secrets with it: so a secret must be long, and each
try must be slow. scrypt makes it so (Percival, 2009, "Stronger key derivation via
sequential memory-hard functions"; RFC 7914).
"""

import hashlib
import secrets

import numpy as np

LEAST_CHARACTERS, LEAST_DIFFERENT = 16, 8
SALT = "neural-recsys-course class competition"
# 64 MB and some 0.2 seconds for each try.
COST = {"n": 2**16, "r": 8, "p": 1, "maxmem": 2**27}


class SecretError(ValueError):
    """A secret that could be guessed; the message says what to do."""


def propose():
    """Return a new secret."""
    return secrets.token_urlsafe(18)


def check(secret):
    """Raise `SecretError` if a secret is missing or could be guessed."""
    if not secret:
        problem = "A competition needs a secret: the same one gives the same files"
    elif len(secret) < LEAST_CHARACTERS or len(set(secret)) < LEAST_DIFFERENT:
        problem = (
            f"This secret can be guessed: it needs {LEAST_CHARACTERS} characters or "
            f"more, {LEAST_DIFFERENT} of them different. Students have this code, and "
            "can try secrets until one gives their files"
        )
    else:
        return
    raise SecretError(f"{problem}. A new one: make competition SECRET={propose()}")


def seed(secret, label):
    """Return a 256-bit seed.

    Parameters
    ----------
    secret : str
    label : str
        What the seed is for: knowing one seed does not help to find another.

    Returns
    -------
    int
    """
    salt = f"{SALT}: {label}".encode()
    key = hashlib.scrypt(secret.encode(), salt=salt, dklen=32, **COST)
    return int.from_bytes(key)


def generator(secret, label):
    """Return a random number generator with the seed of `seed`."""
    return np.random.default_rng(seed(secret, label))
