"""The pictures of a chat, from the bytes of a file that somebody sent to pixels."""

import hashlib
import io
from collections.abc import Iterable

from PIL import Image, ImageOps

from engine.api.content import ChatImage
from engine.errors import BadRequest

MAX_PIXELS = 40_000_000  # of one picture: about 160 MB while it is read


def opened(image: ChatImage) -> Image.Image:
    """The picture the right way up, in RGB. Raises BadRequest if it is too large or none."""
    try:
        with Image.open(io.BytesIO(image.data), formats=[image.format]) as file:
            if file.width * file.height > MAX_PIXELS:
                raise BadRequest(
                    f"A picture has {file.width} × {file.height} pixels: "
                    f"send one of at most {MAX_PIXELS // 1_000_000} million."
                )
            return ImageOps.exif_transpose(file).convert("RGB")
    except BadRequest:
        raise
    except Exception as error:  # Pillow's readers fail in many ways
        raise BadRequest("A picture cannot be read: it may be damaged; send it again.") from error


def fingerprint(images: Iterable[ChatImage]) -> int:
    """A number that says which pictures these are, and in which order."""
    digests = b"".join(hashlib.sha256(image.data).digest() for image in images)
    return int.from_bytes(hashlib.sha256(digests).digest()[:8], "big")
