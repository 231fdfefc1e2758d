"""Cutting answers into prose and code while they are written."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.chat.blocks import Block, Code, Prose, blocks_of, finished_blocks, open_code

TEXT = """# Hi

para *x*

- a
- b

```python
print(1)

x
```
tail [r]

~~~
plain
~~~

last

[r]: http://x
"""


def prose_of(blocks: tuple[Block, ...]) -> str:
    return "".join("".join(block.source.split()) for block in blocks if isinstance(block, Prose))


def code_of(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Code)]


def test_code_is_cut_out_of_prose() -> None:
    blocks = blocks_of(TEXT)
    assert code_of(blocks) == ["print(1)\n\nx", "plain"]
    assert [block.language for block in blocks if isinstance(block, Code)] == ["python", ""]
    assert prose_of(blocks) == "#Hipara*x*-a-btail[r]last[r]:http://x"


@given(
    st.lists(st.integers(1, 20)),
    st.sampled_from([TEXT, "\n\n".join(["a", "b c", "> d"]), "```\nnever closed\n"]),
)
def test_streaming_gives_the_same_blocks_in_the_end(steps: list[int], text: str) -> None:
    at, seen, gathered = 0, 0, ()
    for step in steps:
        seen += step
        cut = finished_blocks(text[:seen], at)
        gathered, at = gathered + cut.finished, cut.rest_at
    gathered += blocks_of(text[at:])
    assert code_of(gathered) == code_of(blocks_of(text))
    assert prose_of(gathered) == prose_of(blocks_of(text))


def test_the_last_paragraph_is_not_finished_while_more_may_come() -> None:
    assert finished_blocks("one\n\ntwo").finished == (Prose("one\n"),)


def test_a_closed_fence_is_finished_at_once() -> None:
    assert finished_blocks("```\nx\n```\n").finished == (Code("x", "", True),)
    assert finished_blocks("```\nx\n``").finished == ()


def test_an_open_fence_is_code_that_is_being_written() -> None:
    assert open_code("```py\na = 1\nb") == Code("a = 1\nb", "py", False)
    assert open_code("just words") is None
    assert open_code("\n```pyth") is None  # the language may go on
    assert open_code("") is None
