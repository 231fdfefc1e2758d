"""How many operations one multiprocessor does in one clock, by what kind of device it is: pure.

A multiplication with its addition counts as 2, of dense matrices, with sums kept in float32. Precisions that
a device cannot do are absent.

Sources: NVIDIA's architecture white papers and the CUDA C++ Programming Guide ("Arithmetic Instructions"),
with the rate of consumer cards where a generation has two; AMD's CDNA and RDNA instruction set guides;
bitsandbytes 0.50's table of supported accelerators for what can be kept in int8 and nf4.
"""

from collections.abc import Mapping

from engine.machine.facts import Cpu, Gpu, Vendor
from engine.precision import Precision

Operations = Mapping[Precision, float]

# The first whose compute capability a card reaches. LLM.int8() needs Turing's tensor cores, NF4 needs 6.0.
_NVIDIA: tuple[tuple[tuple[int, int], Operations], ...] = (
    ((12, 0), {"float32": 256, "float16": 512, "bfloat16": 512, "int8": 2048, "nf4": 512}),
    # Of this generation's two, the later one gave up int8 for coarser formats.
    ((10, 0), {"float32": 256, "float16": 8192, "bfloat16": 8192, "int8": 512, "nf4": 8192}),
    ((9, 0), {"float32": 256, "float16": 4096, "bfloat16": 4096, "int8": 8192, "nf4": 4096}),
    ((8, 6), {"float32": 256, "float16": 512, "bfloat16": 512, "int8": 2048, "nf4": 512}),
    ((8, 0), {"float32": 128, "float16": 2048, "bfloat16": 2048, "int8": 4096, "nf4": 2048}),
    ((7, 5), {"float32": 128, "float16": 512, "int8": 2048, "nf4": 512}),
    ((7, 0), {"float32": 128, "float16": 1024, "nf4": 1024}),
    ((6, 1), {"float32": 256, "float16": 256, "nf4": 256}),
    ((6, 0), {"float32": 128, "float16": 256, "nf4": 256}),
    ((0, 0), {"float32": 128, "float16": 128}),
)
_TURING = (7, 5)
_TURING_WITHOUT_TENSOR_CORES = ("GTX 16", "MX450", "MX550", "T400", "T500", "T550", "T600", "T1000", "T1200")
_TURING_BARE: Operations = {"float32": 128, "float16": 256, "nf4": 256}

# By the start of the architecture's name, the longest that fits. bitsandbytes on ROCm: CDNA from gfx908 on
# and RDNA, in both int8 and nf4; Vega (gfx900, gfx906) in neither. bfloat16 in hardware: CDNA, RDNA 3 on.
_AMD: Mapping[str, Operations] = {
    "": {"float32": 128, "float16": 128},
    "gfx9": {"float32": 128, "float16": 256},
    "gfx908": {"float32": 128, "float16": 1024, "bfloat16": 512, "int8": 1024, "nf4": 1024},
    "gfx90a": {"float32": 128, "float16": 1024, "bfloat16": 1024, "int8": 1024, "nf4": 1024},
    "gfx942": {"float32": 256, "float16": 2048, "bfloat16": 2048, "int8": 4096, "nf4": 2048},
    "gfx950": {"float32": 256, "float16": 4096, "bfloat16": 4096, "int8": 8192, "nf4": 4096},
    "gfx10": {"float32": 128, "float16": 256, "int8": 256, "nf4": 256},
    "gfx11": {"float32": 128, "float16": 512, "bfloat16": 512, "int8": 512, "nf4": 512},
    "gfx12": {"float32": 128, "float16": 1024, "bfloat16": 1024, "int8": 1024, "nf4": 1024},
}

# A core of Apple's has 128 lanes. bitsandbytes on MPS does int8 and nf4 with plain torch operations, slowly.
_APPLE: Operations = {"float32": 256, "float16": 256, "bfloat16": 128, "int8": 128, "nf4": 128}

# A vector engine has 8 lanes; matrix engines are not counted, because integrated cards lack them.
# bitsandbytes on XPU does int8 and nf4.
_INTEL: Operations = {"float32": 16, "float16": 32, "bfloat16": 16, "int8": 32, "nf4": 32}

# Of one core, by the vector units that it has, the first that fits. Some cores do twice as much.
_FLOAT32_BY_UNIT = (("avx512f", 32.0), ("avx2", 16.0), ("asimd", 16.0))
_FLOAT32_PLAIN = 4.0
_BFLOAT16_BY_UNIT = (("amx_bf16", 256.0), ("avx512_bf16", 32.0))


def of_gpu(gpu: Gpu) -> Operations:
    """Of one multiprocessor in one clock."""
    if gpu.vendor is Vendor.NVIDIA:
        return _of_nvidia(gpu)
    if gpu.vendor is Vendor.AMD:
        return _of_amd(gpu.architecture or "")
    return _APPLE if gpu.vendor is Vendor.APPLE else _INTEL


def _of_nvidia(gpu: Gpu) -> Operations:
    capability = gpu.capability or (0, 0)
    name = gpu.name or ""
    if capability == _TURING and any(model in name for model in _TURING_WITHOUT_TENSOR_CORES):
        return _TURING_BARE
    return next(operations for least, operations in _NVIDIA if capability >= least)


def _of_amd(architecture: str) -> Operations:
    return _AMD[max((start for start in _AMD if architecture.startswith(start)), key=len)]


def of_cpu(cpu: Cpu) -> Operations:
    """Of one core in one clock."""
    float32 = next((rate for unit, rate in _FLOAT32_BY_UNIT if unit in cpu.vector_units), _FLOAT32_PLAIN)
    # Without instructions for it, torch converts on the way.
    bfloat16 = next((rate for unit, rate in _BFLOAT16_BY_UNIT if unit in cpu.vector_units), float32 / 4)
    return {"float32": float32, "bfloat16": bfloat16, "int8": float32, "nf4": float32}
