"""Files that go along with a message: read, checked and made ready to be kept."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QMimeData, QSize, Qt, QUrl
from PySide6.QtGui import QImage, QImageReader

from desktop.chat.records import NewAttachment
from desktop.sharing.wording import bytes_in_words
from engine.api.content import MAX_IMAGE_BYTES, MAX_IMAGES
from engine.byte_sizes import MB
from engine.errors import BadRequest, reason_of

translate = QCoreApplication.translate

MAX_TEXT_BYTES = MB // 4  # about what a context of 64 thousand tokens holds
THUMBNAIL = 128  # pixels of the longer side
MAX_FILES = MAX_IMAGES  # with one message
_SENT_AS_THEY_ARE = {"png": "png", "jpeg": "jpeg", "jpg": "jpeg", "webp": "webp"}


def read_files(paths: Iterable[Path]) -> list[NewAttachment]:
    """All of them, or BadRequest with a sentence about the first that cannot be taken."""
    return [read_file(path) for path in paths]


def read_file(path: Path) -> NewAttachment:
    """A picture or a text. Raises BadRequest."""
    try:
        if path.stat().st_size > MAX_IMAGE_BYTES:
            raise _too_large(path.name, MAX_IMAGE_BYTES)
        data = path.read_bytes()
    except OSError as error:
        raise _refusal(
            translate("Attachments", "{name} cannot be read: {why}."), path.name, why=reason_of(error)
        ) from None
    kind = _picture_format(data)
    return _picture(path.name, data, kind) if kind else _text(path.name, data)


def from_image(image: QImage, name: str) -> NewAttachment:
    """A picture from the clipboard. Raises BadRequest."""
    return _kept(name, "png", _png(image), image)


def local_files(mime: QMimeData) -> list[Path]:
    """What was dropped or pasted and lies on this computer; nothing is fetched from elsewhere."""
    return [Path(url.toLocalFile()) for url in mime.urls() if QUrl(url).isLocalFile()]


def _text(name: str, data: bytes) -> NewAttachment:
    if len(data) > MAX_TEXT_BYTES:
        raise _too_large(name, MAX_TEXT_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise _refusal(
            translate("Attachments", "{name} is neither a picture nor a text, so no model can read it."), name
        )
    return NewAttachment(name, "text", "txt", text.encode())


def _picture(name: str, data: bytes, kind: str) -> NewAttachment:
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, kind.encode())
    reader.setAutoTransform(True)
    image = reader.read()
    if image.isNull():
        raise _refusal(translate("Attachments", "{name} is no whole picture."), name)
    sent_as = _SENT_AS_THEY_ARE.get(kind)
    return _kept(name, sent_as or "png", data if sent_as else _png(image), image)


def _kept(name: str, sent_as: str, data: bytes, image: QImage) -> NewAttachment:
    if len(data) > MAX_IMAGE_BYTES:
        raise _too_large(name, MAX_IMAGE_BYTES)
    small = image.scaled(
        QSize(THUMBNAIL, THUMBNAIL),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    return NewAttachment(name, "image", sent_as, data, _png(small))


def _picture_format(data: bytes) -> str:
    """As Qt names it; empty: none that it reads, or a drawing, which a model reads as text."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data[:4096]))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    kind = QImageReader.imageFormat(buffer).data().decode()
    return "" if kind in ("svg", "svgz", "pdf") else kind


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return buffer.data().data()


def _too_large(name: str, limit: int) -> BadRequest:
    return _refusal(
        translate("Attachments", "{name} is larger than {limit}: attach a smaller one."),
        name,
        limit=bytes_in_words(limit),
    )


def _refusal(sentence: str, name: str, **values: object) -> BadRequest:
    return BadRequest(sentence.format(name=name, **values))
