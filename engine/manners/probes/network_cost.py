"""What Windows' Network List Manager says of the cost of the way to the Internet, through COM by ctypes.

Source: Microsoft's reference of INetworkCostManager (netlistmgr.h; Windows 8 and later).
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

NETWORK_LIST_MANAGER = UUID("DCB00C01-570F-4A9B-8D69-199FDBA5723B")
NETWORK_COST_MANAGER = UUID("DCB00008-570F-4A9B-8D69-199FDBA5723B")
RELEASE, GET_COST = 2, 3  # places in the interface's table
_ANYWHERE = 23  # CLSCTX_ALL
_MULTITHREADED = 0  # COINIT_MULTITHREADED
_OK, _ALREADY_BEGUN = 0, 1  # S_OK, S_FALSE

_call: Any = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)  # the same where pointers have 64 bits
GetCost = _call(ctypes.c_int32, ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint32), ctypes.c_void_p)
Release = _call(ctypes.c_uint32, ctypes.c_void_p)


def network_cost(ole32: Any) -> int | None:
    """Bits of NLM_CONNECTION_COST. AttributeError or OSError where `ole32` lacks what is needed."""
    with _begun(ole32):
        manager = ctypes.c_void_p()
        asked = (_guid(NETWORK_LIST_MANAGER), None, _ANYWHERE, _guid(NETWORK_COST_MANAGER))
        if ole32.CoCreateInstance(*asked, ctypes.byref(manager)) != _OK or not manager.value:
            return None
        try:
            return _cost(manager.value)
        finally:
            Release(_table(manager.value)[RELEASE])(manager.value)


def _cost(manager: int) -> int | None:
    cost = ctypes.c_uint32(0)
    refused = GetCost(_table(manager)[GET_COST])(manager, ctypes.byref(cost), None)
    return None if refused else cost.value


def _table(manager: int) -> Any:
    """Addresses of its methods."""
    return ctypes.cast(manager, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))).contents


@contextmanager
def _begun(ole32: Any) -> Iterator[None]:
    """COM in this thread. One in which it runs otherwise can ask all the same, and is left as it is."""
    begun = ole32.CoInitializeEx(None, _MULTITHREADED) in (_OK, _ALREADY_BEGUN)
    try:
        yield
    finally:
        if begun:
            ole32.CoUninitialize()


def _guid(uuid: UUID) -> Any:
    """A GUID's 16 bytes, as Windows keeps them."""
    return (ctypes.c_ubyte * 16).from_buffer_copy(uuid.bytes_le)
