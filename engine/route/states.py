"""Hidden states as they travel: bytes that are kept, cut, joined and sent on without being unpacked."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from engine.wire.frames import Payload
from engine.wire.messages import TensorMeta, WireEncoding
from engine.wire.tensors import is_finite, pack, payload_digest, unpack_checked


@dataclass(frozen=True)
class States:
    """`[tokens, hidden]`, row-major."""

    meta: TensorMeta
    body: Payload

    @classmethod
    def of(cls, hidden: Tensor, encoding: WireEncoding) -> "States":
        return cls(*pack(hidden, encoding))

    def __len__(self) -> int:
        return self.meta.tokens

    def __getitem__(self, rows: slice) -> "States":
        """Some rows that follow each other; nothing is copied."""
        start, end, _ = rows.indices(len(self))
        width = self.meta.nbytes // len(self)
        meta = self.meta.model_copy(update={"tokens": end - start})
        return States(meta, memoryview(self.body)[start * width : end * width])

    @property
    def is_finite(self) -> bool:
        return is_finite(self.meta, self.body)

    @property
    def digest(self) -> str:
        return payload_digest(self.body)

    def unpacked(self) -> Tensor:
        """Of finite numbers: what others answer is checked where it comes in."""
        return unpack_checked(self.meta, self.body)


def join_states(parts: Sequence[States]) -> States:
    """Of one width and one kind of number."""
    meta = parts[0].meta.model_copy(update={"tokens": sum(len(part) for part in parts)})
    return States(meta, b"".join(part.body for part in parts))
