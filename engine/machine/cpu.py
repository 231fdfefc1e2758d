"""The computer's own processor: its name, cores, and what it computes many numbers at once with."""

import re
from collections.abc import Iterator
from pathlib import Path

from engine.machine.apple import Sysctl
from engine.machine.facts import Cpu
from engine.machine.files import pairs, text

# The same letters mean other things elsewhere: an x86's “sme” encrypts memory.
_OF_X86 = re.compile(r"(ss?se|avx|amx|fma|f16c)\w*")
_OF_ARM = re.compile(r"(neon|asimd|sve|sme|bf16|i8mm)\w*")
_OF_APPLE = {  # as Linux calls them
    "hw.optional.neon": "asimd",
    "hw.optional.arm.FEAT_FP16": "asimdhp",
    "hw.optional.arm.FEAT_DotProd": "asimddp",
    "hw.optional.arm.FEAT_BF16": "bf16",
    "hw.optional.arm.FEAT_I8MM": "i8mm",
    "hw.optional.arm.FEAT_SME": "sme",
    "hw.optional.arm.FEAT_SME2": "sme2",
}


def read_cpu(root: Path, sysctl: Sysctl, physical_cores: int, logical_cores: int) -> Cpu:
    """`root` is of a file system with /proc; `sysctl` is of a macOS. Either may know nothing."""
    told = pairs(root / "proc/cpuinfo", ":")
    of_linux = _named(_OF_X86, told.get("flags")), _named(_OF_ARM, told.get("Features"))
    of_apple = (unit for name, unit in _OF_APPLE.items() if sysctl(name) == "1")
    return Cpu(
        name=told.get("model name") or sysctl("machdep.cpu.brand_string") or _board(root),
        physical_cores=physical_cores,
        logical_cores=logical_cores,
        vector_units=frozenset(of_apple).union(*of_linux),
    )


def _named(pattern: re.Pattern[str], flags: str | None) -> Iterator[str]:
    return (flag for flag in (flags or "").split() if pattern.fullmatch(flag))


def _board(root: Path) -> str | None:
    """That the processor sits on: those of Arm do not tell their own name."""
    name = text(root / "sys/firmware/devicetree/base/model")
    return name.rstrip("\0") if name else None
