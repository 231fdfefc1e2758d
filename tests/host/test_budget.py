"""Cache blocks: nobody's block is anybody else's, and none is ever lost."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.host.budget import BLOCK_TOKENS, BlockBudget, BlockSize, BlockTable, NoRoom, blocks_for


@pytest.mark.parametrize(("tokens", "blocks"), [(0, 0), (1, 1), (64, 1), (65, 2), (128, 2), (129, 3)])
def test_blocks_for_tokens(tokens: int, blocks: int) -> None:
    assert BLOCK_TOKENS == 64
    assert blocks_for(tokens) == blocks


def test_a_budget_without_blocks_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="at least one block"):
        BlockBudget(0)


class Sessions(RuleBasedStateMachine):
    """Sessions that come, go on, go back, fork and leave, in any order; and what stands in each block."""

    @initialize(total=st.integers(1, 12))
    def start(self, total: int) -> None:
        self.budget = BlockBudget(total)
        self.tables = [BlockTable() for _ in range(4)]
        self.written: dict[tuple[int, int], int] = {}  # (block, offset) -> what was written there
        self.expected: list[list[int]] = [[] for _ in range(4)]
        self.clock = 0

    @rule(who=st.integers(0, 3), back=st.integers(0, 200), tokens=st.integers(1, 5 * BLOCK_TOKENS))
    def step(self, who: int, back: int, tokens: int) -> None:
        table, before = self.tables[who], list(self.tables[who].blocks)
        position = max(0, len(self.expected[who]) - back)
        lacking = self.budget.lacking(table, position + tokens, position)
        if lacking:
            free = self.budget.free
            with pytest.raises(NoRoom):
                self.budget.grow(table, position + tokens, position)
            assert (table.blocks, self.budget.free) == (before, free)
            return
        self.budget.grow(table, position + tokens, position)
        self.budget.shrink(table, position + tokens)
        assert len(table.blocks) == blocks_for(position + tokens)
        self.run(who, position, tokens)

    def run(self, who: int, position: int, tokens: int) -> None:
        """A forward."""
        table = self.tables[who]
        if (copy := table.copy) is not None and not copy.is_done:
            for offset in range(copy.tokens):
                self.written[copy.target, offset] = self.written[copy.source, offset]
            copy.is_done = True
        self.expected[who][position:] = range(self.clock, self.clock + tokens)
        for at in range(position, position + tokens):
            self.written[table.blocks[at // BLOCK_TOKENS], at % BLOCK_TOKENS] = self.expected[who][at]
        self.clock += tokens

    @rule(parent=st.integers(0, 3), child=st.integers(0, 3), share=st.floats(0, 1))
    def fork(self, parent: int, child: int, share: float) -> None:
        if parent != child:
            used = self.budget.used
            self.leave(child)
            position = int(share * len(self.expected[parent]))
            self.tables[child] = self.budget.fork(self.tables[parent], position)
            self.expected[child] = self.expected[parent][:position]
            assert self.budget.used <= used

    @rule(who=st.integers(0, 3))
    def leave(self, who: int) -> None:
        self.budget.shrink(self.tables[who], 0)
        self.expected[who] = []

    @invariant()
    def no_block_is_lost(self) -> None:
        held = {block for table in self.tables for block in table.blocks}
        held |= {table.copy.source for table in self.tables if table.copy is not None}
        assert len(held) == self.budget.used
        assert self.budget.used + self.budget.free == self.budget.total
        assert held <= set(range(self.budget.total))

    @invariant()
    def who_holds_a_block_is_known(self) -> None:
        holders = Counter(block for table in self.tables for block in table.blocks)
        holders.update(table.copy.source for table in self.tables if table.copy is not None)
        for table in self.tables:
            several = {block: holders[block] for block in table.blocks if holders[block] > 1}
            assert self.budget.shared(table) == several

    @invariant()
    def each_session_reads_what_it_wrote(self) -> None:
        for table, expected in zip(self.tables, self.expected, strict=True):
            places = [(table.blocks[at // BLOCK_TOKENS], at % BLOCK_TOKENS) for at in range(len(expected))]
            assert [self.written[place] for place in places] == expected

    @invariant()
    def consecutive_means_what_it_says(self) -> None:
        for table in self.tables:
            follow = all(b == a + 1 for a, b in pairwise(table.blocks))
            assert table.consecutive == follow


TestSessions = Sessions.TestCase


@given(st.integers(1, 20), st.data())
def test_a_session_alone_is_always_consecutive(total: int, data: st.DataObject) -> None:
    budget, table = BlockBudget(total), BlockTable()
    for tokens in sorted(data.draw(st.lists(st.integers(0, total * BLOCK_TOKENS), max_size=5))):
        budget.grow(table, tokens)
        assert table.consecutive
        assert table.blocks == list(range(len(table.blocks)))


def test_sessions_start_where_each_can_grow() -> None:
    budget, tables = BlockBudget(16), [BlockTable() for _ in range(4)]
    for table in tables:
        budget.grow(table, 1)
    for table in tables:
        budget.grow(table, 3 * BLOCK_TOKENS)
    assert [table.consecutive for table in tables] == [True] * 4


def test_where_the_next_block_is_taken_any_other_will_do() -> None:
    budget, first, second = BlockBudget(3), BlockTable(), BlockTable()
    budget.grow(first, 1)
    budget.grow(second, 2 * BLOCK_TOKENS)
    taken = set(second.blocks)
    budget.grow(first, 1)
    budget.shrink(second, BLOCK_TOKENS)
    budget.grow(first, 2 * BLOCK_TOKENS)
    assert len(first.blocks) == 2
    assert not set(first.blocks) & set(second.blocks)
    assert taken <= {0, 1, 2}


def test_blocks_out_of_order_are_not_consecutive_though_their_ends_fit() -> None:
    assert not BlockTable([3, 0, 5]).consecutive
    assert BlockTable([3, 4, 5]).consecutive


def test_a_full_budget_serves_again_when_somebody_leaves() -> None:
    budget, first, second = BlockBudget(2), BlockTable(), BlockTable()
    budget.grow(first, 2 * BLOCK_TOKENS)
    with pytest.raises(NoRoom):
        budget.grow(second, 1)
    budget.shrink(first, BLOCK_TOKENS + 1)  # still needs both
    with pytest.raises(NoRoom):
        budget.grow(second, 1)
    budget.shrink(first, BLOCK_TOKENS)
    budget.grow(second, BLOCK_TOKENS)
    assert (budget.free, budget.used) == (0, 2)


# --- sessions that take more than blocks for their positions


@pytest.mark.parametrize(
    ("size", "tokens", "blocks"),
    [
        (BlockSize(session_blocks=3), 0, 0),
        (BlockSize(session_blocks=3), 1, 4),
        (BlockSize(session_blocks=3), 65, 5),
        (BlockSize(tokens=1 << 20), 1, 1),
        (BlockSize(tokens=1 << 20), 100_000, 1),
    ],
)
def test_a_session_takes_blocks_of_its_own_too(size: BlockSize, tokens: int, blocks: int) -> None:
    budget, table = BlockBudget(10, size), BlockTable()
    assert size.blocks(tokens) == blocks
    assert budget.lacking(table, tokens) == 0
    budget.grow(table, tokens)
    assert budget.used == len(table.blocks) == blocks
    budget.shrink(table, 0)
    assert budget.used == 0


@given(st.integers(0, 3), st.integers(1, 200), st.integers(1, 50))
def test_what_has_room_fits(session_blocks: int, tokens: int, total: int) -> None:
    size = BlockSize(100, session_blocks=session_blocks)
    budget, room = BlockBudget(total, size), size.room(total)
    assert budget.lacking(BlockTable(), room) == 0
    assert budget.lacking(BlockTable(), room + 1) > 0
    assert size.room(size.blocks(tokens)) >= tokens


@given(st.integers(0, 3), st.integers(1, 10_000))
def test_a_budget_always_has_room_for_one_session(session_blocks: int, budget_bytes: int) -> None:
    size = BlockSize(1000, session_blocks=session_blocks)
    assert size.room(size.total(budget_bytes)) >= BLOCK_TOKENS
    assert size.total(budget_bytes) == max(session_blocks + 1, budget_bytes // 1000)
