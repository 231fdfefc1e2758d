"""How DHT nodes of a private swarm talk: every question and every answer is encrypted with the swarm's key.

The transport has made sure who asks whom. Each pair of peers, direction and kind of call has an encryption
key of its own, so that nothing can be shown to another peer or thrown back; an answer opens only together
with the question that it answers. Without the swarm's key a node can neither look anything up, nor store
anything, nor become anybody's neighbour.
"""

import secrets
from collections.abc import Callable

import msgpack
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from engine.errors import ProtocolViolation

NONCE_BYTES = 12
MEMBERS_ONLY = "Only members of this private swarm can ask here."

Turn = Callable[[bytes], bytes]


class CallSeal:
    """Of one node, known as `own` in its swarm."""

    def __init__(self, key: bytes, own: str) -> None:
        self._key = key
        self._own = own

    def ask(self, peer: str, call: str, question: bytes) -> tuple[bytes, Turn]:
        """The question to `peer`, encrypted, and what opens its answer or raises ProtocolViolation."""
        sealed = _seal(self._cipher("question", call, self._own, peer), question, b"")
        answers = self._cipher("answer", call, self._own, peer)
        return sealed, lambda answer: _open(answers, answer, sealed[:NONCE_BYTES])

    def hear(self, peer: str, call: str, sealed: bytes) -> tuple[bytes, Turn]:
        """What `peer` asks, and what encrypts the answer. Raises ProtocolViolation if it is no member."""
        question = _open(self._cipher("question", call, peer, self._own), sealed, b"")
        answers = self._cipher("answer", call, peer, self._own)
        return question, lambda answer: _seal(answers, answer, sealed[:NONCE_BYTES])

    def _cipher(self, turn: str, call: str, asking: str, asked: str) -> ChaCha20Poly1305:
        info = msgpack.packb([turn, call, asking, asked])
        return ChaCha20Poly1305(HKDFExpand(SHA256(), 32, info).derive(self._key))


def _seal(cipher: ChaCha20Poly1305, data: bytes, belongs_to: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, data, belongs_to)


def _open(cipher: ChaCha20Poly1305, sealed: bytes, belongs_to: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], belongs_to)
    except (InvalidTag, ValueError):
        raise ProtocolViolation(MEMBERS_ONLY) from None
