"""Cards that Linux shows under /sys: AMD's and Intel's."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.machine.amd import read_amd
from engine.machine.facts import GpuProcess
from engine.machine.intel import read_intel

from .recorded_machines import answers, sources

CARD = "sys/class/drm/card0"
NODE = "sys/class/kfd/kfd/topology/nodes/1"
GIB = 1 << 30
AMD = answers("amd-rx-7900-xtx")["files"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Of a computer with an AMD card."""
    return sources(answers("amd-rx-7900-xtx"), tmp_path).root


@pytest.fixture
def intel(tmp_path: Path) -> Path:
    return sources(answers("intel-arc-a770"), tmp_path).root


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def using(root: Path, pid: int, *descriptors: str) -> None:
    write(root / f"proc/{pid}/comm", "game\n")
    for number, content in enumerate(descriptors):
        write(root / f"proc/{pid}/fdinfo/{number}", content)


def test_no_card_where_linux_shows_none(tmp_path):
    assert read_amd(tmp_path) == read_intel(tmp_path) == ()


def test_an_amd_card_that_tells_all(root):
    (gpu,) = read_amd(root)
    assert (gpu.name, gpu.architecture, gpu.uid) == ("AMD Radeon RX 7900 XTX", "gfx1100", "4d61f3a09b7c2e58")
    assert (gpu.temperature, gpu.power_watts, gpu.utilisation, gpu.driver) == (41, 17.0, 1, "6.12.48")
    assert (gpu.clock_hz, gpu.shares_memory, gpu.drives_display) == (2482e6, False, True)
    assert gpu.total_bytes - gpu.free_bytes == 913473536


@pytest.mark.parametrize(
    ("version", "architecture"),
    [(90010, "gfx90a"), (90402, "gfx942"), (100302, "gfx1032"), (120001, "gfx1201")],
)
def test_an_architecture_is_named_as_rocm_does(root, version, architecture):
    write(root / NODE / "properties", f"gfx_target_version {version}\nlocation_id 768\n")
    assert read_amd(root)[0].architecture == architecture


def test_cards_are_counted_as_the_compute_driver_does(root):
    for slot, device in (("0000:01:00.0", "0x1111"), ("0000:43:00.0", "0x2222")):
        other = root / f"sys/class/drm/card{device[-1]}/device"
        write(other / "vendor", "0x1002\n")
        write(other / "uevent", f"PCI_SLOT_NAME={slot}\n")
    write(
        root / "sys/class/kfd/kfd/topology/nodes/2/properties",
        f"gfx_target_version 90010\nlocation_id {0x4300}\n",
    )
    gpus = read_amd(root)
    assert [(gpu.index, gpu.architecture) for gpu in gpus] == [(0, "gfx1100"), (1, "gfx90a"), (2, None)]
    assert gpus[2].key == "pci-0000:01:00.0"


def test_an_integrated_card_shares_main_memory(root):
    write(root / CARD / "device/gpu_metrics", "x\0\2\1")
    write(root / CARD / "device/mem_info_vram_total", str(GIB // 2))
    (gpu,) = read_amd(root)
    assert gpu.shares_memory
    assert gpu.total_bytes == 16 * GIB
    assert gpu.memory_bytes_per_s is None  # main memory's, which the card does not tell


def test_memory_set_aside_for_an_integrated_card_counts_where_it_is_more(root):
    write(root / NODE / "properties", "cpu_cores_count 16\ngfx_target_version 110501\nlocation_id 768\n")
    write(root / CARD / "device/mem_info_vram_total", str(96 * GIB))
    assert read_amd(root)[0].total_bytes == 96 * GIB


def test_a_name_comes_from_the_list_of_pci_devices_else(root):
    (root / "usr/share/libdrm/amdgpu.ids").unlink()
    write(root / "usr/share/hwdata/pci.ids", "1002  AMD\n\t744c  Navi 31 [Radeon RX 7900 XTX]\n")
    assert read_amd(root)[0].name == "Radeon RX 7900 XTX"


def test_programs_on_a_card_count_once_for_each_client(root):
    told = "drm-driver:\tamdgpu\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t{}\ndrm-total-vram:\t{} KiB\n"
    using(root, 42, told.format(5, 1024), told.format(5, 1024), told.format(6, 512), "pos:\t0\n")
    using(root, 43, told.format(7, 0))
    assert read_amd(root)[0].processes == (GpuProcess(42, "game", 1536 << 10),)


def test_cards_of_intel_come_before_the_processors_own(intel):
    card, own = read_intel(intel)
    assert (card.device, card.name, card.total_bytes) == ("xpu:0", "Intel Arc A770", 16 * GIB)
    assert (card.drives_display, card.clock_hz, card.shares_memory) == (False, 2.4e9, False)
    assert (own.device, own.shares_memory, own.drives_display) == ("xpu:1", True, True)


def test_what_programs_hold_of_intels_card_is_not_free(intel):
    using(intel, 42, "drm-pdev:\t0000:03:00.0\ndrm-client-id:\t5\ndrm-total-vram0:\t2 GiB\n")
    assert read_intel(intel)[0].free_bytes == 14 * GIB


def test_the_driver_xe_tells_memory_by_tiles(intel):
    for tile in range(2):
        write(intel / f"sys/class/drm/card1/device/tile{tile}/physical_vram_size_bytes", f"{8 * GIB:#x}\n")
    write(intel / "sys/class/drm/card1/device/tile0/gt0/freq0/rp0_freq", "2000\n")
    card, _ = read_intel(intel)
    assert (card.total_bytes, card.clock_hz) == (16 * GIB, 2e9)


def test_what_must_not_be_read_stays_open(root):
    (root / CARD / "device/mem_info_vram_used").unlink()
    (root / CARD / "device/mem_info_vram_used").mkdir()  # raises OSError for everybody, root included
    (gpu,) = read_amd(root)
    assert (gpu.total_bytes, gpu.free_bytes) == (25753026560, None)


@pytest.mark.parametrize("path", sorted(AMD))
def test_each_of_amds_files_may_be_missing(root, path):
    (root / path).unlink()
    assert len(read_amd(root)) == (0 if path == f"{CARD}/device/vendor" else 1)


GARBAGE = st.one_of(
    st.binary(max_size=40), st.text(max_size=40).map(str.encode), st.integers().map(lambda n: b"%d" % n)
)


@pytest.mark.parametrize("name", ["amd-rx-7900-xtx", "intel-arc-a770"])
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_garbage_in_files_raises_nothing(name, data):
    told = answers(name)
    vendors = {path for path in told["files"] if path.endswith("/vendor")}  # else there is no card
    spoilt = data.draw(
        st.dictionaries(st.sampled_from(sorted(set(told["files"]) - vendors)), GARBAGE, min_size=1)
    )
    with TemporaryDirectory() as folder:
        root = sources(told, Path(folder)).root
        for path, garbage in spoilt.items():
            (root / path).write_bytes(garbage)
        gpus = read_amd(root) + read_intel(root)
    assert len(gpus) == len(vendors)
    for gpu in gpus:
        assert gpu.total_bytes is None or gpu.free_bytes is None or 0 <= gpu.free_bytes <= gpu.total_bytes
