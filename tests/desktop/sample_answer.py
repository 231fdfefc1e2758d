"""An answer with all that markdown has, as a model would write it."""

ANSWER = """A **stock** is the base of a soup. Three things make a good one:

1. Cold water, so that the bones give slowly
2. A low flame: it should *never* boil
3. Time, and a bit of `salt` at the end

## How much of each

| for | bones | water |
|---|---|---|
| two | 500 g | 1 l |
| a crowd | 3 kg | 6 l |

> The lid stays ajar.

This works it out for any pot:

```python
def litres(bones_kg: float, strength: float = 1.0) -> float:
    # two litres of water for each kilogram
    return 2 * bones_kg / strength

print(f"{litres(1.5):.1f} l")
```

More in [a cook book](https://example.org/stock).
"""
