"""Invite links: a swarm's name, its key and a few of its peers, as text that can be sent and typed.

`potluck://join/` is followed by base64url of: one byte for the version, the contents as MessagePack, and four
bytes of SHA-256 over both, so that a link with a mistake in it is told from one that leads nowhere. Whoever
has the link is in: it carries the key itself.
"""

import base64
import binascii
import hashlib
import re
from typing import Annotated

import msgpack
from pydantic import BaseModel, ConfigDict, Field

from engine.api.sentences import said
from engine.errors import BadInvite
from engine.membership.addresses import PeerAddress
from engine.membership.key import KEY_BYTES, SwarmKey
from engine.wire.records import DisplayName

PREFIX = "potluck://join/"
VERSION = 1
MAX_PEERS = 8
MAX_LINK_LENGTH = 4096
MAX_NAME_LENGTH = 60

_CHECKSUM_BYTES = 4

SwarmName = Annotated[DisplayName, Field(max_length=MAX_NAME_LENGTH)]


class Invite(BaseModel):
    """What a link says."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    name: SwarmName
    key: SwarmKey
    peers: tuple[PeerAddress, ...] = Field(max_length=MAX_PEERS)

    def to_link(self) -> str:
        contents = msgpack.packb([self.name, self.key.secret, list(self.peers)])
        checked = bytes([VERSION]) + contents
        return PREFIX + base64.urlsafe_b64encode(checked + _checksum(checked)).decode().rstrip("=")


def parse_invite(text: str) -> Invite:
    """Raises BadInvite, whose sentence says what is wrong and never repeats the link."""
    data = _decode(_coded(text))
    checked, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if not checked or _checksum(checked) != checksum:
        raise BadInvite(said("The invite link has a mistake in it: copy the whole link once more."))
    if checked[0] != VERSION:
        raise BadInvite(said("The invite link is of another version of Potluck: bring Potluck up to date."))
    return _contents(checked[1:])


def _coded(text: str) -> str:
    """What follows the prefix. Spaces and line ends, as mail programs add them, do not count."""
    if len(text) > MAX_LINK_LENGTH:
        raise BadInvite(
            said(
                "The invite link is too long: one has at most {most} characters.",
                most=MAX_LINK_LENGTH,
            )
        )
    link = "".join(text.split())
    if not link.startswith(PREFIX):
        raise BadInvite(said("This is no invite link: one begins with {prefix}.", prefix=PREFIX))
    return link.removeprefix(PREFIX)


def _decode(coded: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", coded):
        raise BadInvite(said("The invite link has characters that none has: copy the whole link once more."))
    try:
        data = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
    except binascii.Error:
        raise BadInvite(said("The invite link is cut off: copy the whole link once more.")) from None
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != coded:
        raise BadInvite(said("The invite link has a mistake in it: copy the whole link once more."))
    return data


def _contents(packed: bytes) -> Invite:
    try:
        name, secret, peers = msgpack.unpackb(packed, use_list=True)
        if not isinstance(secret, bytes) or len(secret) != KEY_BYTES or not isinstance(peers, list):
            raise ValueError
        return Invite(name=name, key=SwarmKey(secret), peers=tuple(peers))
    except Exception:  # msgpack raises many kinds on foreign bytes
        raise BadInvite(
            said("The invite link says nothing that Potluck understands: ask for a new one.")
        ) from None


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:_CHECKSUM_BYTES]
