from pathlib import Path

import pytest

from engine.machine.cpu import read_cpu


def nothing(name: str) -> None:
    return None


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "proc").mkdir()
    return tmp_path


def test_an_x86_processor(root):
    (root / "proc/cpuinfo").write_text(
        "processor\t: 0\nmodel name\t: Some Xeon\nflags\t\t: fpu sme sse4_2 avx2 avx512_bf16 amx_int8 aes\n"
    )
    cpu = read_cpu(root, nothing, 4, 8)
    assert (cpu.name, cpu.physical_cores, cpu.logical_cores) == ("Some Xeon", 4, 8)
    assert cpu.vector_units == {"sse4_2", "avx2", "avx512_bf16", "amx_int8"}  # its “sme” encrypts memory


def test_a_processor_of_arm_is_called_by_its_board(root):
    (root / "proc/cpuinfo").write_text("processor\t: 0\nFeatures\t: fp asimd asimddp sve aes\n")
    board = root / "sys/firmware/devicetree/base/model"
    board.parent.mkdir(parents=True)
    board.write_bytes(b"Some Board Rev 1\0")
    cpu = read_cpu(root, nothing, 4, 4)
    assert (cpu.name, cpu.vector_units) == ("Some Board Rev 1", {"asimd", "asimddp", "sve"})


def test_macos_is_asked_where_there_is_no_proc(tmp_path):
    told = {"machdep.cpu.brand_string": "Apple M4", "hw.optional.neon": "1", "hw.optional.arm.FEAT_SME": "1"}
    cpu = read_cpu(tmp_path, told.get, 10, 10)
    assert (cpu.name, cpu.vector_units) == ("Apple M4", {"asimd", "sme"})


def test_a_processor_that_tells_nothing(root):
    (root / "proc/cpuinfo").write_bytes(b"\xff\xfe\0 no colon here\n:\n")
    cpu = read_cpu(root, nothing, 1, 1)
    assert (cpu.name, cpu.vector_units) == (None, frozenset())
