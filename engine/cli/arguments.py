"""What an argument may say; each reader raises ArgumentTypeError with what to write instead."""

import argparse
import re

from pydantic import TypeAdapter, ValidationError

from engine.byte_sizes import parse_size
from engine.membership.addresses import ip_of, is_peer_address
from engine.membership.invite import MAX_NAME_LENGTH, SwarmName

MAX_THREADS = 4096


def between(text: str, least: int, most: int, what: str) -> int:
    """A whole number of something. Raises ArgumentTypeError."""
    if not text.isdecimal() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of {what}: write {least} to {most}")
    return int(text)


def seconds(text: str) -> float:
    """A duration such as 1h, 30m, 90s or 1h30m. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text.strip().lower())
    total = (
        sum(int(n or 0) * unit for n, unit in zip(match.groups(), (3600, 60, 1), strict=True)) if match else 0
    )
    if not 0 < total <= 31 * 24 * 3600:
        raise argparse.ArgumentTypeError(f"“{text}” is no duration up to 31 days: write 1h, 30m or 90s")
    return float(total)


def port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is no port: write a number from 0 to 65535")
    return int(text)


def model_name(text: str) -> str:
    """Raises ArgumentTypeError."""
    if not text.strip():
        raise argparse.ArgumentTypeError(
            "“” names no model: write a name as `potluck-engine models` shows it"
        )
    return text.strip()


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of tokens: write 1 or more")
    return int(text)


def threads(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_THREADS:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of threads: write 1 or more")
    return int(text)


def size(text: str) -> int:
    """A size such as 8GB, in bytes. Raises ArgumentTypeError."""
    try:
        found = parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if found == 0:
        raise argparse.ArgumentTypeError("nothing fits into no memory: write a size such as 8GB")
    return found


def device(text: str) -> str:
    """By the key that `potluck-engine plan` shows. Raises ArgumentTypeError."""
    if not re.fullmatch(r"[A-Za-z0-9_.:\-]{1,100}", text):
        raise argparse.ArgumentTypeError(
            f"“{text}” names no device: write cpu, or a card's name as `potluck-engine plan` shows it"
        )
    return text


def share(text: str) -> float:
    """A percentage as a share of 1. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,3})?)\s*%|0", text.strip())
    percent = float(match[1] or 0) if match else 101
    if percent > 100:
        raise argparse.ArgumentTypeError(f"“{text}” is no share: write one from 0% to 100%, such as 3%")
    return percent / 100


def listen_address(text: str) -> str:
    match = re.fullmatch(r"/ip[46]/[^/]+/tcp/(\d{1,5})", text)
    if not match or ip_of(text) is None or int(match[1]) > 65535:
        raise argparse.ArgumentTypeError(
            f"“{text}” is no address to listen on: write one like /ip4/0.0.0.0/tcp/31337"
        )
    return text


def peer_address(text: str) -> str:
    """As `status` prints it on the other computer."""
    if not is_peer_address(text):
        raise argparse.ArgumentTypeError(
            f"“{text}” is no peer's address: write one as `potluck-engine status` prints it there, "
            "/ip4/…/tcp/…/p2p/…"
        )
    return text


def swarm_name(text: str) -> str:
    """Raises ArgumentTypeError."""
    try:
        return TypeAdapter(SwarmName).validate_python(text)
    except ValidationError:
        raise argparse.ArgumentTypeError(
            f"this is no name for a swarm: write up to {MAX_NAME_LENGTH} letters, digits or signs"
        ) from None


def rate(text: str) -> int:
    """Bytes per second. Raises ArgumentTypeError."""
    try:
        return max(1, parse_size(text.strip().removesuffix("/s")))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; it is how much goes in a second") from None


def layers(text: str) -> tuple[int, int]:
    """Layers A-B, counted from 1, as the half-open range from 0. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d{1,6})[-–](\d{1,6})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(
            f"“{text}” is no range of layers: write the first and the last, as in 1-15"
        )
    return int(match[1]) - 1, int(match[2])


def size_or_none(text: str) -> int | None:
    """A size such as 50GB in bytes, or `none`. Raises ArgumentTypeError."""
    if text.strip().lower() == "none":
        return None
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}, or none") from None
