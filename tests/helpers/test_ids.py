"""Ids → indices and back, and nothing that is unknown."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.movielens.errors import UnknownIdError
from helpers.splits import IdEncoding


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1), st.data())
def test_decode_undoes_encode(ids, data):
    encoding = IdEncoding(ids)
    assert encoding.ids.tolist() == sorted(set(ids))
    values = data.draw(st.lists(st.sampled_from(ids)))
    indices = encoding.encode(values)
    assert indices.dtype == np.int32
    assert encoding.decode(indices).tolist() == values
    assert encoding.encode(encoding.ids).tolist() == list(range(len(encoding)))


@given(
    st.sets(st.integers(0, 50), min_size=1), st.lists(st.integers(0, 50), min_size=1)
)
def test_encode_refuses_exactly_the_unknown(ids, values):
    encoding = IdEncoding(list(ids))
    unknown = list(dict.fromkeys(value for value in values if value not in ids))
    if not unknown:
        assert encoding.decode(encoding.encode(values)).tolist() == values
        return
    with pytest.raises(UnknownIdError) as caught:
        encoding.encode(values)
    message = str(caught.value)
    assert message.startswith(
        f"{len(unknown)} unknown ids: " if len(unknown) > 1 else "1 unknown id: "
    )
    assert ", ".join(map(str, unknown[:5])) in message
    assert ("…" in message) == (len(unknown) > 5)
    assert f"knows {len(ids)} ids" in message
    assert "cold start" in message


def test_encoding_takes_a_single_id_a_series_and_text():
    encoding = IdEncoding(pd.Series([30, 10, 30]))
    assert encoding.encode(30) == 1
    assert encoding.decode(0) == 10
    assert encoding.encode(pd.Series([10, 30], index=[5, 6])).tolist() == [0, 1]
    assert IdEncoding(["b", "a"]).encode(["a", "b"]).tolist() == [0, 1]
    assert encoding.encode([]).tolist() == []
    assert encoding.decode([]).tolist() == []


@pytest.mark.parametrize("value", ["30", 30.5, None, float("nan")])
def test_encode_refuses_values_of_another_kind(value):
    with pytest.raises(UnknownIdError):
        IdEncoding([10, 30]).encode([value])


@pytest.mark.parametrize("index", [-1, 2, [0, 7]])
def test_decode_refuses_an_index_without_a_row(index):
    with pytest.raises(UnknownIdError, match="outside 0…1"):
        IdEncoding([10, 30]).decode(index)


def test_unknown_id_error_reads_well_and_is_a_key_error():
    error = UnknownIdError("no row\nfor 3")
    assert str(error) == "no row\nfor 3"
    assert isinstance(error, KeyError)


def test_missing_ids_are_refused():
    with pytest.raises(ValueError, match="1 of 3 ids are missing"):
        IdEncoding([1.0, np.nan, 2.0])
