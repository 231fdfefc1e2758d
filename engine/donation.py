"""What the owner wants: to give or not, and from when on again. Kept over restarts."""

import logging
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.api.schema import DonationOrder
from engine.atomic_file import write_whole

log = logging.getLogger("potluck.donation")


class Wish(StrEnum):
    NEVER_ASKED = "never_asked"
    GIVE = "give"
    PAUSE = "pause"


class Donation(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    wish: Wish = Wish.NEVER_ASKED
    until: float | None = None  # Unix time; of a pause that ends by itself

    @property
    def wanted(self) -> bool:
        return self.wish is Wish.GIVE


def after_order(order: DonationOrder, now: float) -> Donation:
    """What the owner wants from this order on. `now` is Unix time."""
    if order.action == "start":
        return Donation(wish=Wish.GIVE)
    until = now + order.for_seconds if order.for_seconds is not None else None
    return Donation(wish=Wish.PAUSE, until=until)


def at_time(donation: Donation, now: float) -> Donation:
    """The same, or giving again once the pause is over."""
    over = donation.wish is Wish.PAUSE and donation.until is not None and donation.until <= now
    return Donation(wish=Wish.GIVE) if over else donation


def load_donation(path: Path) -> Donation:
    """What was saved; a file that cannot be read counts as none."""
    try:
        return Donation.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Donation()
    except (OSError, ValidationError):
        log.warning("%s cannot be read: giving starts when the owner says so", path)
        return Donation()


def save_donation(path: Path, donation: Donation) -> None:
    """A disk that refuses is logged: the order holds for this run all the same."""
    try:
        write_whole(path, donation.model_dump_json())
    except OSError as error:
        log.warning("The order cannot be kept for the next start in %s: %s", path, error.strerror)
