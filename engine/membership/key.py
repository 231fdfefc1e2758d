"""The secret that makes a swarm private, and what is derived from it for each use."""

import base64
import secrets
from enum import StrEnum
from typing import Annotated

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import PlainSerializer, PlainValidator

KEY_BYTES = 32
_TAG_BYTES = 8


class Purpose(StrEnum):
    """One derived key for each: what one of them gives away says nothing about the others."""

    CALLS = "potluck.calls.1"  # encrypts what DHT nodes say to each other
    STREAMS = "potluck.streams.1"  # proofs at the start of streams
    TAG = "potluck.tag.1"


class SwarmKey:
    """32 secret bytes. Its text form for people and logs hides them."""

    def __init__(self, secret: bytes) -> None:
        """Raises ValueError unless `secret` is as long as a key."""
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a swarm's key is {KEY_BYTES} bytes long")
        self.secret = secret

    @classmethod
    def generate(cls) -> "SwarmKey":
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def from_text(cls, text: object) -> "SwarmKey":
        """Raises ValueError, which does not repeat the text."""
        if not isinstance(text, str):
            raise ValueError("a swarm's key is text")
        try:
            secret = base64.b64decode(text, validate=True)
        except ValueError:
            raise ValueError("a swarm's key is written in base64") from None
        return cls(secret)

    def to_text(self) -> str:
        return base64.b64encode(self.secret).decode()

    def derived(self, purpose: Purpose) -> bytes:
        """32 bytes, from which nobody finds the key. Source: RFC 5869 (HKDF)."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(self.secret)

    @property
    def tag(self) -> str:
        """The swarm's public name, 16 hexadecimal digits: tells swarms apart and opens nothing."""
        return self.derived(Purpose.TAG)[:_TAG_BYTES].hex()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SwarmKey) and secrets.compare_digest(self.secret, other.secret)

    def __hash__(self) -> int:
        return hash(self.secret)

    def __repr__(self) -> str:
        return "SwarmKey(hidden)"


def _read(value: object) -> SwarmKey:
    return value if isinstance(value, SwarmKey) else SwarmKey.from_text(value)


KeyField = Annotated[SwarmKey, PlainValidator(_read), PlainSerializer(SwarmKey.to_text, return_type=str)]
