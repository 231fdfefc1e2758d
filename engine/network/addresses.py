"""Addresses of peers, in the words that people read and in the bytes that p2pd reads."""

import logging
import re

import base58

from engine.network._hivemind import Multiaddr

logger = logging.getLogger("potluck.network")

_P2P_CODE = b"\xa5\x03"  # 421 as a varint
_PEER = re.compile(r"/p2p/([^/]+)")


def packed(address: Multiaddr) -> bytes:
    """`address` as p2pd reads it. Raises ValueError where it names no peer id.

    hivemind packs a peer id within an address in a way that p2pd refuses, so that no relayed address would
    lead anywhere.
    """
    others, *rest = _PEER.split(str(address))
    result = _packed_plainly(others)
    for peer, following in zip(rest[::2], rest[1::2], strict=True):
        key = base58.b58decode(peer)
        result += _P2P_CODE + bytes([len(key)]) + key + _packed_plainly(following)
    return result


def _packed_plainly(text: str) -> bytes:
    return bytes(Multiaddr(text).to_bytes()) if text else b""


def in_words(address: Multiaddr) -> str:
    """ "" where it cannot be read: p2pd knows kinds of addresses that hivemind does not."""
    try:
        return str(address)
    except Exception as error:  # the parser raises many kinds
        logger.debug("An address cannot be read: %r", error)
        return ""
