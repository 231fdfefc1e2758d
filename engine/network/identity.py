"""The key pair that a node is known by, in libp2p's own forms.

The peer id of an Ed25519 key holds the public key itself, so whoever knows a peer id can check that peer's
signatures with nothing else. https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
"""

import os
import tempfile
from pathlib import Path

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.api.sentences import said
from engine.errors import EngineError

_KEY_FILE_PREFIX = bytes.fromhex("08011240")  # protobuf PrivateKey{Ed25519, 64 bytes: seed, public key}
_PEER_ID_PREFIX = bytes.fromhex("002408011220")  # identity multihash of protobuf PublicKey{Ed25519, 32 bytes}
_KEY_FILE_BYTES = len(_KEY_FILE_PREFIX) + 64
_PEER_ID_BYTES = len(_PEER_ID_PREFIX) + 32


class Identity:
    """A private key and the peer id that it speaks for."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self._public_key = private_key.public_key().public_bytes_raw()
        self.peer = base58.b58encode(_PEER_ID_PREFIX + self._public_key).decode()

    @classmethod
    def generate(cls) -> "Identity":
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Identity":
        """Raises ValueError where `data` is not an Ed25519 key file."""
        if len(data) != _KEY_FILE_BYTES or not data.startswith(_KEY_FILE_PREFIX):
            raise ValueError("not a libp2p key file of an Ed25519 key")
        seed = data[len(_KEY_FILE_PREFIX) :][:32]
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def to_bytes(self) -> bytes:
        return _KEY_FILE_PREFIX + self._private_key.private_bytes_raw() + self._public_key

    def sign(self, message: bytes) -> bytes:
        return self._private_key.sign(message)


def load_or_create(path: Path) -> Identity:
    """The identity kept at `path`; a new one is written there, readable by the owner alone, if there is none.

    Raises EngineError where the file cannot be read or written.
    """
    try:
        return Identity.from_bytes(path.read_bytes())
    except FileNotFoundError:
        return _create(path)
    except (OSError, ValueError) as error:
        raise EngineError(
            said(
                "The key file {path} cannot be read ({error}): mend it, or delete it to get a new identity.",
                path=path,
                error=error,
            )
        ) from error


def _create(path: Path) -> Identity:
    identity = Identity.generate()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_key(identity, path)
    except OSError as error:
        raise EngineError(
            said(
                "The key file {path} cannot be written ({error}): make its folder writable.",
                path=path,
                error=error,
            )
        ) from error
    return identity


def write_key(identity: Identity, path: Path) -> None:
    """Write the key file whole or not at all, readable by the owner alone. Raises OSError."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(identity.to_bytes())
    os.replace(file.name, path)


def verify(peer: str, signature: bytes, message: bytes) -> bool:
    """Whether the owner of the peer id `peer` signed `message`. False for peer ids of other key types."""
    public_key = _public_key(peer)
    if public_key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _public_key(peer: str) -> bytes | None:
    try:
        decoded = base58.b58decode(peer)
    except ValueError:
        return None
    canonical = base58.b58encode(decoded).decode() == peer
    if not canonical or len(decoded) != _PEER_ID_BYTES or not decoded.startswith(_PEER_ID_PREFIX):
        return None
    return decoded[len(_PEER_ID_PREFIX) :]
