"""What is under way and what ended lately, for whoever shows it."""

import secrets
import time
from collections.abc import Callable

from engine.api.sentences import said
from engine.api.store_schema import Transfer, TransferKind, TransferState
from engine.errors import PotluckError, UnknownTransfer
from engine.transfers.rate import Rate

ENDED_SHOWN = 8  # transfers that have ended, the oldest go first


class TransferBoard:
    """Every piece of long work has one entry; `on_change` hears of each change."""

    def __init__(self, on_change: Callable[[], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._on_change = on_change
        self._clock = clock
        self._entries: dict[str, Entry] = {}  # in the order in which they began

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        return tuple(entry.transfer for entry in self._entries.values())

    def begin(
        self,
        kind: TransferKind,
        model: str,
        layers: tuple[int, int] | None = None,
        cancel: Callable[[], object] | None = None,
        waiting: bool = False,
    ) -> "Entry":
        """A new entry. `cancel` is called when the owner wants it ended; without it the owner cannot."""
        state = TransferState.WAITING if waiting else TransferState.RUNNING
        transfer = Transfer(
            id=secrets.token_hex(8),
            kind=kind,
            model=model,
            layers=layers,
            state=state,
            cancellable=cancel is not None,
        )
        entry = self._entries[transfer.id] = Entry(transfer, cancel, self._changed, self._clock)
        self._changed()
        return entry

    def cancel(self, transfer_id: str) -> Transfer:
        """Ask for its end; what has ended already stays as it is. Raises UnknownTransfer."""
        entry = self._entries.get(transfer_id)
        if entry is None or entry.cancel is None:
            raise UnknownTransfer(said("This transfer is not under way here, or cannot be cancelled."))
        if not entry.transfer.ended:
            entry.cancel()
        return entry.transfer

    def _changed(self) -> None:
        ended = [key for key, entry in self._entries.items() if entry.transfer.ended]
        for key in ended[: max(0, len(ended) - ENDED_SHOWN)]:
            del self._entries[key]
        self._on_change()


class Entry:
    """One transfer while it is under way. After its end nothing changes it any more."""

    def __init__(
        self,
        transfer: Transfer,
        cancel: Callable[[], object] | None,
        changed: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self.transfer = transfer
        self.cancel = cancel
        self._changed = changed
        self._clock = clock
        self._rate = Rate()

    def run(self) -> None:
        """Its turn has come."""
        self._change(state=TransferState.RUNNING)

    def progress(
        self, done_bytes: int, total_bytes: int, peers: int = 0, layers: tuple[int, int] | None = None
    ) -> None:
        self._change(
            done_bytes=done_bytes,
            total_bytes=total_bytes,
            bytes_per_s=self._rate.add(self._clock(), done_bytes),
            peers=peers,
            layers=layers or self.transfer.layers,
        )

    def name(self, model: str) -> None:
        """The model's name, once it is known."""
        self._change(model=model)

    def done(self, outcome: str = "") -> None:
        self._end(TransferState.DONE, outcome=outcome)

    def fail(self, error: PotluckError) -> None:
        self._end(TransferState.FAILED, failure=str(error))

    def cancelled(self) -> None:
        self._end(TransferState.CANCELLED)

    def _end(self, state: TransferState, **fields: object) -> None:
        self._change(state=state, bytes_per_s=0.0, peers=0, **fields)

    def _change(self, **fields: object) -> None:
        if not self.transfer.ended:
            self.transfer = self.transfer.model_copy(update=fields)
            self._changed()
