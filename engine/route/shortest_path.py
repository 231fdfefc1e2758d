"""The cheapest way through layers that many servers serve: exact, and quick for thousands of servers.

A node is a server that runs one layer. From there the way goes to the next layer on the same server, or over
a link to any other server that has it. Links are dense, so nodes are ruled out before links are looked at:
a lower bound for the ways through each node against the cost of a way that was found among few of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

TIE_SECONDS = 1e-9  # what costs less than this is not worth another way
FEW = 40  # nodes of each layer among which a way is looked for, before all that are not ruled out


@dataclass(frozen=True)
class Swarm:
    """`s` servers, nearest to the client first, and `n` layers. Costs are the seconds of one step."""

    serves: Flags  # [n, s]
    layer: Floats  # [s]: to run one layer
    from_client: Floats  # [s]
    to_client: Floats  # [s]
    sending: Floats  # [s]: the part of a link to another server that is the sender's
    receiving: Floats  # [s]: the part that is the receiver's
    place: Floats  # [s, 3], the client at the origin: the rest of a link is the distance
    carried: Indices  # [k, 2]: senders and receivers that reach each other by way of the client only

    def handed(self, costs: Floats, senders: Indices, receivers: Indices) -> Floats:
        """`[receiver, sender]`: costs `[sender]` and a link's, without the receiver's part of it."""
        handed = _distances(self.place[receivers], self.place[senders])
        handed += costs + self.sending[senders]
        if len(self.carried):
            self._carry(handed, costs, senders, receivers)
        return handed

    def _carry(self, handed: Floats, costs: Floats, senders: Indices, receivers: Indices) -> None:
        """Carried links cost no less than the way by the client."""
        sender, receiver = self.carried.T
        rows, columns = self._find(receiver, receivers), self._find(sender, senders)
        here = (rows >= 0) & (columns >= 0)
        rows, columns, sender, receiver = rows[here], columns[here], sender[here], receiver[here]
        link = self.to_client[sender] + self.from_client[receiver] - self.receiving[receiver]
        handed[rows, columns] = np.maximum(handed[rows, columns], costs[columns] + link)

    def _find(self, servers: Indices, among: Indices) -> Indices:
        """Where each of the servers is among others, or -1."""
        at = np.full(len(self.layer), -1)
        at[among] = np.arange(len(among))
        return at[servers]


def _distances(places: Floats, others: Floats) -> Floats:
    """`[place, other]`"""
    squares = np.zeros((len(places), len(others)))
    for here, there in zip(places.T, others.T, strict=True):
        difference = here[:, None] - there
        difference *= difference
        squares += difference
    return np.sqrt(squares, out=squares)


def cheapest_path(swarm: Swarm) -> list[int] | None:
    """For each layer the server that runs it, or None if a layer is served by nobody.

    No other path is cheaper by more than `TIE_SECONDS`. Of equal paths it is one with nearer servers.
    """
    until, after = lower_bounds(swarm)
    bounds = until + after
    cost, path = np.inf, None
    for few in (FEW, bounds.shape[1]):
        nodes = lowest(bounds, few) & (bounds < cost - TIE_SECONDS)
        if nodes.any(axis=1).all():
            found, other = _search(swarm, nodes, after, cost - TIE_SECONDS)
            if found < cost - TIE_SECONDS:
                cost, path = found, other
    return path


def lowest(bounds: Floats, few: int) -> Flags:
    """The nodes `[n, s]` with the lowest bounds of their layer."""
    if bounds.shape[1] <= few:
        return np.full(bounds.shape, True)
    in_order = bounds + 1e-3 * TIE_SECONDS * np.arange(bounds.shape[1])  # equal ones: alike at each layer
    return in_order <= np.partition(in_order, few - 1, axis=1)[:, few - 1 : few]


# --- bounds


def lower_bounds(swarm: Swarm) -> tuple[Floats, Floats]:
    """`[n, s]` each: what no way costs less than until the node has run its layer, and from there on.

    Infinite where there is no way. The distance of two servers is at least the difference of their distances
    from the client; with that alone in its place, the cheapest sender for each receiver comes out of two
    running minima.
    """
    radius = np.sqrt((swarm.place**2).sum(axis=1))
    n = len(swarm.serves)
    until, after = np.empty(swarm.serves.shape), np.empty(swarm.serves.shape)
    until[0] = swarm.from_client
    for layer in range(n):
        if layer:
            handed = _nearest(until[layer - 1] + swarm.sending, radius) + swarm.receiving
            until[layer] = np.minimum(until[layer - 1], handed)
        until[layer] += np.where(swarm.serves[layer], swarm.layer, np.inf)
    after[n - 1] = swarm.to_client
    for layer in range(n - 1, 0, -1):
        onwards = after[layer] + np.where(swarm.serves[layer], swarm.layer, np.inf)
        handed = _nearest(onwards + swarm.receiving, radius) + swarm.sending
        after[layer - 1] = np.minimum(onwards, handed)
    return until, after


def _nearest(costs: Floats, radius: Floats) -> Floats:
    """The minimum over `i` of `costs[i] + abs(radius[i] - radius[j])`, for each `j`; radii rise."""
    from_within = np.minimum.accumulate(costs - radius) + radius
    from_beyond = np.minimum.accumulate((costs + radius)[::-1])[::-1] - radius
    return np.minimum(from_within, from_beyond)


# --- search


def _search(swarm: Swarm, nodes: Flags, after: Floats, limit: float) -> tuple[float, list[int]]:
    """The cheapest path over these nodes `[n, s]`, and its cost: infinite if none is below the limit."""
    came_from = np.empty(nodes.shape, dtype=np.intp)
    costs = np.where(nodes[0], swarm.from_client + swarm.layer, np.inf)
    for layer in range(1, len(nodes)):
        costs[costs + after[layer - 1] >= limit] = np.inf
        costs, came_from[layer] = _advance(swarm, costs, np.flatnonzero(nodes[layer]))
        costs += swarm.layer
    costs = costs + swarm.to_client
    last = int(costs.argmin())
    return float(costs[last]), _followed_back(came_from, last)


def _advance(swarm: Swarm, costs: Floats, receivers: Indices) -> tuple[Floats, Indices]:
    """The cost `[s]` of being with each receiver for the next layer, and with whom the way was before."""
    senders = np.flatnonzero(np.isfinite(costs))
    arrived, came_from = np.full(len(costs), np.inf), np.arange(len(costs))
    if not len(senders):
        return arrived, came_from
    handed = swarm.handed(costs[senders], senders, receivers)
    best = handed.argmin(axis=1)
    cheapest = handed[np.arange(len(receivers)), best] + swarm.receiving[receivers]
    moves = cheapest < costs[receivers] - TIE_SECONDS
    arrived[receivers] = np.where(moves, cheapest, costs[receivers])
    came_from[receivers] = np.where(moves, senders[best], receivers)
    return arrived, came_from


def _followed_back(came_from: Indices, last: int) -> list[int]:
    path = [last]
    for origins in came_from[:0:-1]:
        path.append(int(origins[path[-1]]))
    return path[::-1]
