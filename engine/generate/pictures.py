"""The pictures of a chat, from the bytes of a file that somebody sent to pixels."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps

from engine.api.content import ChatImage
from engine.api.sentences import said
from engine.errors import BadRequest

MAX_PIXELS = 40_000_000  # of one picture: about 160 MB while it is read
MAX_PIXELS_IN_ALL = 160_000_000  # of a chat, whose pictures are in memory together


def check_sizes(images: Iterable[ChatImage]) -> None:
    """Raises BadRequest if a picture, or all of them together, would take too much memory."""
    pixels = 0
    for image in images:
        with _file_of(image) as file:
            pixels += file.width * file.height
    if pixels > MAX_PIXELS_IN_ALL:
        raise BadRequest(
            said(
                "The pictures of this chat have {together} million pixels together: send smaller or fewer "
                "ones, of at most {most} million.",
                together=_millions(pixels),
                most=_millions(MAX_PIXELS_IN_ALL),
            )
        )


def opened(image: ChatImage) -> Image.Image:
    """The picture the right way up, in RGB. Raises BadRequest if it is too large or none."""
    with _file_of(image) as file:
        return ImageOps.exif_transpose(file).convert("RGB")


@contextmanager
def _file_of(image: ChatImage) -> Iterator[Image.Image]:
    """Only its head is read, until its pixels are asked for. Raises BadRequest."""
    try:
        with Image.open(io.BytesIO(image.data), formats=[image.format]) as file:
            if file.width * file.height > MAX_PIXELS:
                raise BadRequest(
                    said(
                        "A picture has {width} × {height} pixels: send one of at most {most} million.",
                        width=file.width,
                        height=file.height,
                        most=_millions(MAX_PIXELS),
                    )
                )
            yield file
    except BadRequest:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # Pillow's own bounds
        raise BadRequest(
            said(
                "A picture has far too many pixels: send one of at most {most} million.",
                most=_millions(MAX_PIXELS),
            )
        ) from error
    except Exception as error:  # Pillow's readers fail in many ways
        raise BadRequest(said("A picture cannot be read: it may be damaged; send it again.")) from error


def _millions(pixels: int) -> int:
    return pixels // 1_000_000


def fingerprint(images: Iterable[ChatImage]) -> int:
    """A number that says which pictures these are, and in which order."""
    digests = b"".join(hashlib.sha256(image.data).digest() for image in images)
    return int.from_bytes(hashlib.sha256(digests).digest()[:8], "big")
