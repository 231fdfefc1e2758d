"""What the soak's clients talk about: short and longer prompts, turns that follow, greedy and sampled."""

from engine.soak.references import Turn

_NOTICE = (
    "The town's library opens at nine in the morning on weekdays and at ten on Saturdays; on Sundays it is "
    "closed, apart from the reading room, which anyone with a card may use until noon. Books may be kept for "
    "four weeks, films for one, and tools from the workshop for three days. Whoever brings something back "
    "late pays nothing, but cannot borrow anything else until it is back on its shelf. "
)

CONVERSATIONS: tuple[tuple[Turn, ...], ...] = (
    (
        Turn("Why is the sky blue?", 32),
        Turn("And why is it red in the evening?", 24),
        Turn("Say that in one sentence.", 24),
    ),
    (
        Turn("Write a short poem about soup.", 32, temperature=0.8, seed=7),
        Turn("Now one about bread.", 24, temperature=0.8, seed=8),
    ),
    (
        Turn(4 * _NOTICE + "When can I read there on a Sunday?", 24),
        Turn("How long may I keep a hammer?", 24),
    ),
    (Turn("List five animals that live in the sea, and say one thing about each.", 48),),
    (Turn(2 * _NOTICE + "Invent a rule that is missing.", 32, temperature=1.0, seed=11, top_p=0.9),),
)
