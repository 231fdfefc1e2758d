import pytest

from engine.transfers.jobs import verified
from engine.weights.store.verification import Loss, VerifyResult


def loss(layers: tuple[int, ...] = (), shell: bool = False, files: tuple[str, ...] = ()) -> Loss:
    return Loss("0" * 64, "tiny", layers, shell, files)


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ((), "1 of 9 parts was damaged and is removed."),
        ((loss((0,)),), "tiny lacks layer 1 now"),
        ((loss((0, 1, 4)),), "tiny lacks layers 1–2, 5 now"),
        ((loss(shell=True, files=("tokenizer.json",)),), "tiny lacks its shell and tokenizer.json now"),
        (
            (loss((2,), shell=True), loss((3,))),
            "tiny lacks layer 3 and its shell now; tiny lacks layer 4 now",
        ),
    ],
)
def test_what_was_lost(losses, words):
    assert words in verified(VerifyResult(9, 100, ("1" * 64,), losses))
