import pytest

from engine.machine.files import listing, number, pairs, text, to_number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("42", 42),
        ("0x1002", 0x1002),
        (str((1 << 64) - 1), (1 << 64) - 1),
        (str(1 << 64), None),
        ("9" * 400, None),  # more than a float holds
        ("9" * 9000, None),  # more than Python takes for a number
        ("-1", None),
        ("1.5", None),
        ("", None),
        (None, None),
    ],
)
def test_numbers(value, expected):
    assert to_number(value) == expected


def test_what_is_not_there_or_no_file(tmp_path):
    assert text(tmp_path / "missing") is None
    assert number(tmp_path) is None  # a folder
    assert text(tmp_path / "with\0zero") is None
    assert listing(tmp_path / "missing") == ()
    assert pairs(tmp_path / "missing") == {}


def test_pairs_leave_out_lines_without_a_value(tmp_path):
    (tmp_path / "file").write_bytes(b"simd_count 192\nalone\n\nname of card \xff\n")
    assert pairs(tmp_path / "file") == {"simd_count": "192", "name": "of card \ufffd"}
    (tmp_path / "event").write_text("DRIVER=amdgpu\nPCI_SLOT_NAME = 0000:03:00.0\n")
    assert pairs(tmp_path / "event", "=") == {"DRIVER": "amdgpu", "PCI_SLOT_NAME": "0000:03:00.0"}
