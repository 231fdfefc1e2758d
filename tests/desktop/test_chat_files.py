"""Files for a message: what is taken and what is refused."""

from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QUrl
from PySide6.QtGui import QImage

from desktop.chat.attachments import MAX_TEXT_BYTES, THUMBNAIL, from_image, local_files, read_file
from engine.api.content import ChatImage
from engine.errors import BadRequest


def picture(kind: str, width: int = 300, height: int = 200) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0x448844)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, kind)
    return buffer.data().data()


@pytest.mark.parametrize(
    ("kind", "sent_as"), [("PNG", "png"), ("JPG", "jpeg"), ("WEBP", "webp"), ("BMP", "png")]
)
def test_pictures_are_known_by_what_they_hold(qapp, tmp_path: Path, kind: str, sent_as: str) -> None:
    path = tmp_path / "holiday"
    path.write_bytes(picture(kind))
    file = read_file(path)
    assert (file.name, file.kind, file.format) == ("holiday", "image", sent_as)
    ChatImage(format=file.format, data=file.data, at=0)  # the engine takes it
    small = QImage.fromData(file.thumbnail)
    assert (small.width(), small.height()) == (THUMBNAIL, round(THUMBNAIL * 2 / 3))


def test_texts_are_kept_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes("\ufeffgrüße".encode())
    assert read_file(path).data == "grüße".encode()
    assert read_file(path).kind == "text"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(
            b"x" * (MAX_TEXT_BYTES + 1), "file is larger than 250 KB: attach a smaller one.", id="long"
        ),
        pytest.param(b"\xff\xfe\x00x", "neither a picture nor a text", id="binary"),
        pytest.param(b"a\0b", "neither a picture nor a text", id="null"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(40), "no whole picture", id="torn"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(qapp, tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(BadRequest, match=why):
        read_file(path)


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"gone\.txt cannot be read: No such file"):
        read_file(tmp_path / "gone.txt")


def test_a_pasted_picture_is_a_png(qapp) -> None:
    file = from_image(QImage.fromData(picture("PNG")), "Pasted.png")
    assert (file.format, file.data[:4]) == ("png", b"\x89PNG")


def test_only_files_of_this_computer_are_taken(tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat.png"), QUrl.fromLocalFile(str(tmp_path / "cat.png"))])
    assert local_files(mime) == [tmp_path / "cat.png"]
