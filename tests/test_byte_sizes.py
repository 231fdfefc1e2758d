import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.byte_sizes import parse_size, size_in_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (999_600, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (9_949_999, "9.9 MB"),
        (9_960_000, "10 MB"),
        (12_500_000, "12 MB"),
        (999_400_000, "999 MB"),
        (50_000_000_000, "50 GB"),
        (1_500_000_000_000, "1.5 TB"),
    ],
)
def test_sizes_in_words(size, words):
    assert size_in_words(size) == words


@pytest.mark.parametrize(
    ("text", "size"),
    [("50GB", 50_000_000_000), (" 1.5 tb ", 1_500_000_000_000), ("800mb", 800_000_000), ("1kb", 1000)],
)
def test_sizes_that_people_write(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "50", "GB", "-1GB", "50GiB", "1e9GB", "5,0GB", "1.2345GB"])
def test_what_is_no_size(text):
    with pytest.raises(ValueError, match="is no size: write one such as 50GB"):
        parse_size(text)


@given(st.integers(1000, 10**15))
def test_what_is_said_is_near_what_is_meant(size):
    assert abs(parse_size(size_in_words(size)) - size) <= 0.051 * size
