"""Which model of the store a person means."""

import re
from collections.abc import Sequence

from engine.errors import BadRequest, UnknownModel
from engine.weights.manifest import Manifest

SHORT_DIGEST = 12  # characters: enough to tell models of one computer apart


def chosen(text: str, known: Sequence[Manifest]) -> Manifest:
    """By its name, its digest or the begin of that. Raises UnknownModel, or BadRequest if several fit."""
    fitting = [m for m in known if text in (m.name, m.digest)]
    if not fitting and re.fullmatch("[0-9a-f]{6,64}", text):
        fitting = [m for m in known if m.digest.startswith(text)]
    if not fitting:
        raise UnknownModel(text, [m.name for m in known])
    if len(fitting) > 1:
        digests = " or ".join(m.digest[:SHORT_DIGEST] for m in fitting)
        raise BadRequest(f"{len(fitting)} models are called “{text}”: name one by its digest, {digests}.")
    return fitting[0]
