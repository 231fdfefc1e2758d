"""How many tokens to draft: a pure rule."""


def is_worth_sending_behind(acceptance: float, before: int, rows: int, row_cost: float) -> bool:
    """Whether to send so many further drafted tokens before the answers to `before` others have come.

    If all of those come true, a trip is saved; the rows have to be computed in any case.
    """
    return acceptance**before > rows * row_cost


def best_draft_length(acceptance: float, row_cost: float, longest: int) -> int:
    """The number of drafted tokens, at most `longest`, that gives the most tokens/s.

    `acceptance`: how often a drafted token comes true if those before it did (Leviathan et al. 2023, section
    3.1). `row_cost`: what one more row adds to a trip, of the time that a trip of one row takes.
    """
    tokens, gained = 1.0, acceptance
    for drafted in range(longest):
        # One more is worth it while it brings more tokens for its time than the trip so far.
        if gained * (1 + drafted * row_cost) <= tokens * row_cost:
            return drafted
        tokens, gained = tokens + gained, gained * acceptance
    return longest
