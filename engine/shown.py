"""What the engine shows of itself: one snapshot of all its services."""

import time
from dataclasses import replace

from engine import __version__
from engine.api.schema import DeviceReading, Snapshot
from engine.condition import Facts, PostFacts, condition
from engine.giving.giving import Giving
from engine.ledger.given import GivenLedger
from engine.machine.facts import Machine
from engine.machine.readings import readings_of
from engine.manners.manners import Manners
from engine.preparing import Preparing
from engine.presence import Presence
from engine.transfers.board import TransferBoard


class Shown:
    """Reads its services, and changes nothing."""

    def __init__(
        self,
        giving: Giving,
        manners: Manners,
        preparing: Preparing,
        presence: Presence,
        ledger: GivenLedger,
        transfers: TransferBoard,
    ) -> None:
        self._giving = giving
        self._manners = manners
        self._preparing = preparing
        self._presence = presence
        self._ledger = ledger
        self._transfers = transfers
        self.machine: Machine | None = None  # as it was read while something was served

    def snapshot(self) -> Snapshot:
        return Snapshot(
            version=__version__,
            condition=condition(self._facts()),
            paused_until=self._giving.donation.until,
            servers=self._giving.servers,
            readings=self._readings(),
            swarm=self._presence.status,
            models=self._presence.models,
            given_today=self._ledger.today,
            given_total=self._ledger.total,
            transfers=self._transfers.transfers,
        )

    def _readings(self) -> tuple[DeviceReading, ...]:
        places = {server.place for server in self._giving.servers}
        return readings_of(self.machine, places) if self.machine is not None else ()

    def _facts(self) -> Facts:
        return Facts(
            donation=self._giving.donation,
            preparation=self._preparing.state,
            now=time.monotonic(),
            in_swarm=self._presence.client is not None,
            swarm_failure=self._presence.failure,
            plan_failure=self._giving.plan_failure,
            posts=tuple(self._with_model(post) for post in self._giving.posts),
            kept=self._manners.verdict.condition if self._manners.verdict else None,
        )

    def _with_model(self, post: PostFacts) -> PostFacts:
        digest = post.span.digest if post.span else None
        model = next((model for model in self._presence.models if model.digest == digest), None)
        return replace(post, model=model)
