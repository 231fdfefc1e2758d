"""How well layers are served as it feels at one place: those who are far away count less.

A step waits for the link to each next server, and chats look for near ones: so there should be enough of
every layer around each place. Places are strangers' words. Whatever a server says, it counts at most as much
as one next door, and never nothing; and half of a layer's level is what all servers give, wherever they are.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from engine.placement.levels import balanced
from engine.placement.spans import Floats, Spans
from engine.placement.view import Server, Spot

HALF_SECONDS = 0.03  # one way; so far away a server counts half, twice as far a fifth
FARTHEST_SECONDS = 0.25  # nobody counts as farther away than that
UNKNOWN: Spot = (np.nan,) * 4
UNKNOWN_SECONDS = 0.1  # from one home to another
NEAR = 0.5  # how much it counts how well layers are served around here


def parts(servers: Sequence[Server], here: Spot | None) -> Floats | None:
    """`[server]`: what counts of each around here, from 0 to 1; None: nothing is known of where."""
    if here is None:
        return None
    spots = chain.from_iterable(server.spot or UNKNOWN for server in servers)
    numbers = np.fromiter(spots, np.float64, 4 * len(servers))
    seconds = _link_seconds(numbers.reshape(-1, 4), np.array(here, dtype=np.float64))
    return np.asarray(1 / (1 + (seconds / HALF_SECONDS) ** 2))


def _link_seconds(spots: Floats, here: Floats) -> Floats:
    """`[server]`: one way, without this computer's own line, which is in the way to all of them."""
    across, limit = spots[:, :3] - here[:3], 2 * FARTHEST_SECONDS
    round_trips = np.sqrt((np.clip(across, -limit, limit) ** 2).sum(axis=1)) + np.clip(spots[:, 3], 0, limit)
    one_way = np.nan_to_num(round_trips / 2, nan=UNKNOWN_SECONDS)
    return np.asarray(np.minimum(one_way, FARTHEST_SECONDS))


def felt(spans: Spans, levels: Floats) -> Floats:
    """`[layer]`: tokens/s, in sum as many as the `levels` of all servers."""
    near = spans.near_rate
    if near is None or not near.any():
        return levels
    around = balanced(replace(spans, rate=near)) * (spans.rate.sum() / near.sum())
    return np.asarray((1 - NEAR) * levels + NEAR * around)
