"""Ranges of bytes of files on a web server: exactly what is wanted, several requests at once, despite breaks.

Requests go through huggingface_hub's session, so that proxies and HF_HUB_OFFLINE count. It follows redirects,
and takes the token off a request that goes to another host.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self, TypeVar

import httpx2
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import get_session, hf_raise_for_status, parse_ratelimit_headers

from engine.api.sentences import said
from engine.errors import HubUnreachable, Stopped

T = TypeVar("T")

PARALLEL = 4  # requests at once
PIECE_BYTES = 16 << 20  # of one request
MAX_SKIP = 64 << 20  # bytes read in vain, for one piece, from a server that sends whole files only

_TRANSIENT = (408, 429, 500, 502, 503, 504)
_SECONDS = re.compile(r"[0-9]{1,9}")
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/(?:[0-9]{1,18}|\*)")


@dataclass(frozen=True)
class Patience:
    """How long a server may be silent, and how often it is asked again. Times in seconds."""

    timeout: float = 20.0  # without a byte
    attempts: int = 6  # in a row that bring nothing
    pause: float = 0.5  # before the second attempt; doubles from there
    longest_pause: float = 300.0  # also where a server asks for more


@dataclass(frozen=True)
class Wanted:
    """Bytes [start, start + len(into)) of what lies at `url`, and the memory that they go to."""

    url: str
    start: int
    into: memoryview

    def pieces(self, size: int) -> list["Wanted"]:
        """The same in parts of at most `size` bytes."""
        return [self.rest(at, at + size) for at in range(0, len(self.into), size)]

    def rest(self, begin: int, end: int | None = None) -> "Wanted":
        """What of it lies in [begin, end), counted from its start."""
        return Wanted(self.url, self.start + begin, self.into[begin:end])


class RangeReader:
    """Fills memory from a web server. Failures that patience does not mend leave as the library raised them.

    Raises HfHubHTTPError for what a server refuses, httpx2.HTTPError for broken connections,
    OfflineModeIsEnabled, HubUnreachable for answers to another question, and Stopped after `close`.
    """

    def __init__(self, headers: Mapping[str, str], patience: Patience | None = None) -> None:
        self._headers = dict(headers) | {"Accept-Encoding": "identity"}  # ranges count the file's own bytes
        self._patience = patience or Patience()
        self._closed = threading.Event()
        self._pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix="hub")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End what is under way and wait until it has ended."""
        self._closed.set()
        self._pool.shutdown(cancel_futures=True)

    def get(self, url: str, most: int) -> bytes:
        """The whole answer, of at most `most` bytes and of a size that nobody knows before."""
        return self._patiently(lambda: self._get(url, most))

    def read(self, url: str, start: int, stop: int) -> bytes:
        """Bytes [start, stop)."""
        buffer = bytearray(stop - start)
        self.fill([Wanted(url, start, memoryview(buffer))])
        return bytes(buffer)

    def fill(self, wanted: Sequence[Wanted]) -> None:
        """Fill all of these, several at once; after a failure none of them is complete."""
        pieces = [piece for one in wanted for piece in one.pieces(PIECE_BYTES)]
        futures = [self._pool.submit(self._fill_piece, piece) for piece in pieces]
        try:
            for future in futures:
                future.result()
        finally:
            for future in futures:
                future.cancel()

    def _fill_piece(self, piece: Wanted) -> None:
        done = 0
        while done < len(piece.into):
            done += self._patiently(lambda: self._receive(piece.rest(done)))  # noqa: B023 (called at once)

    def _receive(self, piece: Wanted) -> int:
        """How many bytes one request brought: a connection that breaks in the middle has brought some."""
        done = 0
        try:
            for chunk in self._chunks(piece):
                piece.into[done : done + len(chunk)] = chunk
                done += len(chunk)
        except httpx2.TransportError:
            if not done:
                raise
        return done

    def _chunks(self, piece: Wanted) -> Iterator[bytes]:
        """The piece's bytes as they come: at least one, and not always all of them."""
        last = piece.start + len(piece.into) - 1
        with self._stream(piece.url, {"Range": f"bytes={piece.start}-{last}"}) as response:
            skip, left = _bytes_before(piece, response), len(piece.into)
            for chunk in response.iter_bytes():
                self._check_open()
                useful = chunk[skip : skip + left]
                skip -= min(skip, len(chunk))
                left -= len(useful)
                yield useful
                if not left:
                    return
        if left == len(piece.into):
            raise httpx2.ReadError("the answer was empty")

    def _get(self, url: str, most: int) -> bytes:
        answer = bytearray()
        with self._stream(url, {}) as response:
            for chunk in response.iter_bytes():
                self._check_open()
                answer += chunk
                if len(answer) > most:
                    raise HubUnreachable(
                        said("The hub's answer is larger than {most} bytes, so it was not read.", most=most)
                    )
        return bytes(answer)

    @contextmanager
    def _stream(self, url: str, headers: Mapping[str, str]) -> Iterator[httpx2.Response]:
        self._check_open()
        request = {"headers": {**self._headers, **headers}, "timeout": self._patience.timeout}
        with get_session().stream("GET", url, **request) as response:
            _check_status(response)
            yield response

    def _patiently(self, action: Callable[[], T]) -> T:
        failures = 0
        while True:
            try:
                return action()
            except (httpx2.TransportError, HfHubHTTPError) as error:
                failures += 1
                if failures >= self._patience.attempts or not _is_transient(error):
                    raise
                self._closed.wait(pause_after(failures, self._patience, _headers_of(error)))

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise Stopped(said("The download was stopped."))


def pause_after(failures: int, patience: Patience, headers: Mapping[str, str]) -> float:
    """Seconds to wait after so many failures in a row; a server may ask for more, within reason."""
    own = patience.pause * 2.0 ** (failures - 1)
    limit = parse_ratelimit_headers(headers)
    stated = limit.reset_in_seconds if limit and not limit.remaining else _retry_after(headers)
    return min(max(own, stated), patience.longest_pause)


def _retry_after(headers: Mapping[str, str]) -> int:
    text = headers.get("Retry-After", "")
    return int(text) if _SECONDS.fullmatch(text) else 0


def _is_transient(error: httpx2.TransportError | HfHubHTTPError) -> bool:
    return isinstance(error, httpx2.TransportError) or error.response.status_code in _TRANSIENT


def _headers_of(error: httpx2.TransportError | HfHubHTTPError) -> Mapping[str, str]:
    return error.response.headers if isinstance(error, HfHubHTTPError) else {}


def _check_status(response: httpx2.Response) -> None:
    """What huggingface_hub raises for a refusal, without reading the refusal's body, however long it is."""
    if not response.is_success:
        hf_raise_for_status(
            httpx2.Response(response.status_code, headers=response.headers, request=response.request)
        )
        raise HubUnreachable(
            said(
                "The hub answered {status_code}, which Potluck does not understand.",
                status_code=response.status_code,
            )
        )


def _bytes_before(piece: Wanted, response: httpx2.Response) -> int:
    """How many bytes come before the wanted ones. Raises HubUnreachable for an answer to another question."""
    if response.status_code == 200 and piece.start <= MAX_SKIP:
        return piece.start
    if response.status_code == 200:
        raise HubUnreachable(
            said(
                "{host} sends whole files only: download the model's folder and import that.",
                host=response.url.host,
            )
        )
    found = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    encoded = response.headers.get("Content-Encoding", "identity") != "identity"
    if response.status_code != 206 or encoded or not found or int(found[1]) != piece.start:
        raise HubUnreachable(
            said("{host} sent other bytes than it was asked for: try again later.", host=response.url.host)
        )
    return 0
