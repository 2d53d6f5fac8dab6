"""Seeds that follow from the secret, and from nothing else."""

import time

import pytest

from competition import secret


def test_equal_secrets_give_equal_seeds_and_labels_differ():
    first = secret.seed("long enough, and secret", "split")
    assert first == secret.seed("long enough, and secret", "split")
    assert first != secret.seed("long enough, and secret", "ids")
    assert first != secret.seed("long enough, and Secret", "split")
    assert first.bit_length() > 200


def test_a_try_is_slow():
    start = time.process_time()
    secret.seed("long enough, and secret", "split")
    assert time.process_time() - start > 0.03


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "needs a secret"),
        ("short", "16 characters or more"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "8 of them different"),
    ],
)
def test_a_secret_that_could_be_guessed_is_refused_and_a_new_one_proposed(text, says):
    with pytest.raises(secret.SecretError, match=says) as caught:
        secret.check(text)
    proposed = str(caught.value).rpartition("SECRET=")[2]
    secret.check(proposed)
    assert proposed != secret.propose()
