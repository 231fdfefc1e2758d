"""The private swarm that this computer belongs to, kept in a file that its owner alone can read."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.api.sentences import said
from engine.atomic_file import write_whole
from engine.errors import MembershipUnreadable, MembershipUnwritable, reason_of
from engine.membership.addresses import PeerAddress
from engine.membership.invite import MAX_PEERS, SwarmName
from engine.membership.key import KeyField

MAX_FILE_BYTES = 1 << 16


class Membership(BaseModel):
    """A swarm's name and key, and the peers through which this computer joined."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    version: Literal[1] = 1
    name: SwarmName
    key: KeyField
    peers: tuple[PeerAddress, ...] = Field(default=(), max_length=MAX_PEERS)


def load_membership(path: Path) -> Membership | None:
    """None where this computer belongs to no private swarm. Raises MembershipUnreadable."""
    try:
        with path.open("rb") as file:
            return Membership.model_validate_json(file.read(MAX_FILE_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error.strerror or "it cannot be opened") from None
    except ValidationError:
        raise _unreadable(path, said("it is damaged")) from None


def save_membership(path: Path, membership: Membership) -> None:
    """Whole or not at all, readable by the owner alone. Raises MembershipUnwritable."""
    try:
        write_whole(path, membership.model_dump_json(), sync=True)
    except OSError as error:
        raise _unwritable(path, error) from None


def forget_membership(path: Path) -> None:
    """Raises MembershipUnwritable."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unreadable(path: Path, why: str) -> MembershipUnreadable:
    return MembershipUnreadable(
        said(
            "The key of this computer's private swarm cannot be read from {path} ({why}): leave "
            "with `potluck-engine swarm leave`, then join with a new invite link.",
            path=path,
            why=why,
        )
    )


def _unwritable(path: Path, error: OSError) -> MembershipUnwritable:
    return MembershipUnwritable(
        said(
            "{path} cannot be written ({reason}) and nothing has changed: see that Potluck may, "
            "and that the disk has room.",
            path=path,
            reason=reason_of(error),
        )
    )
