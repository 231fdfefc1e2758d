"""A long sentence on Home is parted where it may be."""

import pytest

from desktop.headline import LONGEST, Headline, headline_of

MODEL = "a-model-with-quite-a-long-name-for-cooks-70B-instruct"
STOPPED = "Stopped: Not even one layer of wide-chat fits into memory"
NEEDED = "3.4 GB needed, 2.0 GB may be used on NVIDIA RTX 4070; close other programs"


@pytest.mark.parametrize(
    ("sentence", "point", "rest"),
    [
        ("Giving: layers 9–16 of 30 of tiny-chat", "Giving: layers 9–16 of 30 of tiny-chat", ""),
        (f"{STOPPED}: {NEEDED}", STOPPED, NEEDED),
        (
            f"{'Soup ' * 9}is cooked; more of it comes {'again and ' * 3}again",
            f"{'Soup ' * 9}is cooked",
            f"More of it comes {'again and ' * 3}again",
        ),
        (
            "Potluck's engine crashed: no driver. It ended 5 times in 10 min. It is tried again.",
            "Potluck's engine crashed: no driver. It ended 5 times in 10 min.",
            "It is tried again.",
        ),
        (
            "Giving with 2 of 3 devices; NVIDIA RTX 2060 – stopped: The disk of /home is full: free 5 GB",
            "Giving with 2 of 3 devices",
            "NVIDIA RTX 2060 – stopped: The disk of /home is full: free 5 GB",
        ),
        (
            f"Arrêté\N{NO-BREAK SPACE}: {MODEL} ne tient pas en mémoire\N{NO-BREAK SPACE}; fermez-en",
            "Arrêté",
            f"{MODEL} ne tient pas en mémoire\N{NO-BREAK SPACE}; fermez-en",
        ),
    ],
)
def test_a_long_sentence_is_parted_where_it_may_be(sentence: str, point: str, rest: str) -> None:
    assert headline_of(sentence) == Headline(point, rest)
    assert headline_of(sentence).is_short


def test_a_long_sentence_without_a_place_to_part_it_stays_whole_and_is_said_smaller() -> None:
    whole = "soup " * LONGEST
    assert headline_of(whole) == Headline(whole)
    assert not headline_of(whole).is_short
