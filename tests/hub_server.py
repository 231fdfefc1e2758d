"""A model hub on this computer: what reading models needs of the Hugging Face protocol, with faults to order.

Small files answer through a redirect on the same address, weights through one to a second address that stands
for the content delivery network, as on the real hub. Every revision that was ever pushed stays.
"""

import hashlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import close_session

LFS_SUFFIXES = (".safetensors", ".bin", ".gguf")


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request for the content of a file."""

    status: int = 0  # answer this instead
    headers: Mapping[str, str] = field(default_factory=dict)  # of that answer
    break_after: int | None = None  # bytes of the body; then the connection ends
    wait: float = 0.0  # seconds before the answer


@dataclass(frozen=True)
class Request:
    """What one request asked for. `path` is the file's in its repository, or the address of an API call."""

    host: str  # "hub" or "cdn"
    method: str
    path: str
    headers: Mapping[str, str]


class File:
    """A file's content, and the name that git or the storage for large files gives it."""

    def __init__(self, name: str, data: bytes) -> None:
        self.data = data
        self.is_large = name.endswith(LFS_SUFFIXES)
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.etag = (
            self.sha256 if self.is_large else hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        )


Files = dict[str, File]


@dataclass
class Repository:
    """`commits` maps a 40-digit commit to its files; `refs` maps branches and tags to commits."""

    access: str = "public"  # "gated" and "private" need the hub's token
    commits: dict[str, Files] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    def files(self, revision: str) -> tuple[str, Files] | None:
        commit = self.refs.get(revision, revision)
        return (commit, self.commits[commit]) if commit in self.commits else None


class HubServer:
    """Use as a context manager: `url` is what HF_ENDPOINT takes."""

    token = "hf_of_the_test"

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.requests: list[Request] = []
        self.served: Counter[str] = Counter()  # bytes of body, by the file's path in its repository
        self.faults: dict[str, list[Fault]] = defaultdict(list)  # by path; each is used up by one request
        self.ignores_ranges = False
        self.states_sizes = True
        self._counting = Lock()
        self._hub, self._cdn = _listen(_HubHandler, self), _listen(_CdnHandler, self)
        self._threads = [
            Thread(target=server.serve_forever, args=(0.02,)) for server in (self._hub, self._cdn)
        ]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._hub.server_address[1]}"

    @property
    def cdn_url(self) -> str:
        return f"http://127.0.0.1:{self._cdn.server_address[1]}"

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        for server in (self._hub, self._cdn):
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    def push(self, repo_id: str, files: Path | Mapping[str, bytes], access: str = "public") -> str:
        """Make the files the repository's newest commit on `main`, and name that commit."""
        read = _files_in(files) if isinstance(files, Path) else files
        content = {name: File(name, data) for name, data in sorted(read.items())}
        named = [f"{name} {file.sha256}" for name, file in content.items()]
        commit = hashlib.sha1("\n".join([repo_id, *named]).encode()).hexdigest()
        repository = self.repositories.setdefault(repo_id, Repository())
        repository.access = access
        repository.commits[commit] = content
        repository.refs["main"] = commit
        return commit

    def count(self, path: str, size: int) -> None:
        """Before the bytes go out, so that a client that has them finds them counted."""
        with self._counting:
            self.served[path] += size

    def asked_for(self, path: str, host: str | None = None) -> list[Request]:
        return [seen for seen in self.requests if seen.path == path and host in (None, seen.host)]

    def forget(self) -> None:
        """Count requests and bytes from nought."""
        self.requests.clear()
        self.served.clear()


@contextmanager
def only_hub(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub, and a huggingface_hub that knows of no other, has no token, and keeps its cache in `folder`."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HF_HOME", "HF_HUB_CACHE", "HF_TOKEN_PATH", "HF_STORED_TOKENS_PATH"):
        monkeypatch.setattr(constants, name, str(folder / name))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    close_session()
    with HubServer() as server:
        address = server.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address)
        yield server
        close_session()


def _files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


class _Listener(ThreadingHTTPServer):
    """Threads are joined when it closes, so that no test leaves one behind."""

    daemon_threads = False
    state: HubServer


def _listen(handler: type[BaseHTTPRequestHandler], state: HubServer) -> _Listener:
    server = _Listener(("127.0.0.1", 0), handler)
    server.state = state
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 0.5  # seconds that an idle connection is kept: closing waits for its thread
    host = ""
    server: _Listener

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `requests` instead."""

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        raise NotImplementedError

    def note(self, path: str) -> None:
        self.server.state.requests.append(Request(self.host, self.command, path, dict(self.headers)))

    def send(self, status: int, body: bytes = b"", break_after: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        part = b"" if self.command == "HEAD" else body[:break_after]
        self._write(part)
        self.close_connection = self.close_connection or len(part) < len(body)

    def _write(self, part: bytes) -> None:
        try:
            self.wfile.write(part)
            self.wfile.flush()
        except OSError:  # the client has heard enough
            self.close_connection = True

    def refuse(self, status: int, code: str, message: str) -> None:
        body = json.dumps({"error": message}).encode()
        self.send(status, body, X_Error_Code=code, X_Error_Message=message, Content_Type="application/json")

    def send_file(self, path: str, file: File, **headers: str) -> None:
        """The whole file or the asked range of it, or the fault that is due."""
        state, data = self.server.state, file.data
        headers["ETag"] = f'"{file.etag}"'
        fault = state.faults[path].pop(0) if state.faults[path] and self.command == "GET" else Fault()
        time.sleep(fault.wait)
        if fault.status:
            self.send(fault.status, **{name.replace("-", "_"): text for name, text in fault.headers.items()})
            return
        wanted = None if state.ignores_ranges else self._range(len(data))
        if wanted is not None and wanted[0] >= len(data):
            self.send(416, Content_Range=f"bytes */{len(data)}")
            return
        if wanted is not None:
            headers["Content_Range"] = f"bytes {wanted[0]}-{wanted[1] - 1}/{len(data)}"
        body = data[slice(*wanted)] if wanted else data
        accepted = "none" if state.ignores_ranges else "bytes"
        status = 206 if wanted else 200
        state.count(path, len(body[: fault.break_after]) if self.command == "GET" else 0)
        self.send(status, body, fault.break_after, Accept_Ranges=accepted, **headers)

    def _range(self, size: int) -> tuple[int, int] | None:
        header = self.headers.get("Range", "")
        if not header.startswith("bytes="):
            return None
        first, last = header.removeprefix("bytes=").split("-")
        return int(first), (min(int(last) + 1, size) if last else size)


class _HubHandler(_Handler):
    """`/api/models/ID[/revision/REV]`, `/ID/resolve/REV/PATH` and `/api/resolve-cache/models/ID/REV/PATH`."""

    host = "hub"

    def answer(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/api/resolve-cache/models/"):
            self._resolve(path.removeprefix("/api/resolve-cache/models/"), "/", redirected=True)
        elif path.startswith("/api/models/"):
            self._describe(path.removeprefix("/api/models/"))
        else:
            self._resolve(path.removeprefix("/"), "/resolve/")

    def _describe(self, path: str) -> None:
        self.note(f"/api/models/{path}")
        repo_id, _, revision = path.partition("/revision/")
        found = self._find(repo_id, unquote(revision or "main"))
        if found:
            self.send(
                200, json.dumps(self._description(repo_id, *found)).encode(), Content_Type="application/json"
            )

    def _description(self, repo_id: str, commit: str, files: Files) -> dict[str, Any]:
        access, sizes = self.server.state.repositories[repo_id].access, self.server.state.states_sizes
        return {
            "_id": commit[:24],
            "id": repo_id,
            "modelId": repo_id,
            "sha": commit,
            "private": access == "private",
            "gated": "auto" if access == "gated" else False,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "tags": ["safetensors"],
            "siblings": [_sibling(name, file, sizes) for name, file in files.items()],
        }

    def _resolve(self, path: str, separator: str, redirected: bool = False) -> None:
        if separator == "/resolve/":
            repo_id, _, rest = path.partition(separator)
        else:
            owner, name, rest = path.split("/", 2)
            repo_id = f"{owner}/{name}"
        revision, _, file = rest.partition("/")
        self.note(unquote(file))
        found = self._find(repo_id, unquote(revision), content=True)
        if found:
            self._content(repo_id, found[0], unquote(file), found[1].get(unquote(file)), redirected)

    def _content(self, repo_id: str, commit: str, path: str, file: File | None, redirected: bool) -> None:
        if file is None:
            self.refuse(404, "EntryNotFound", "Entry not found")
        elif file.is_large:
            location = f"{self.server.state.cdn_url}/{repo_id}/{commit}/{path}?signature={file.etag[:8]}"
            linked = {"X_Linked_Size": str(len(file.data)), "X_Linked_Etag": f'"{file.etag}"'}
            self.send(302, Location=location, X_Repo_Commit=commit, **linked)
        elif not redirected:
            location = f"/api/resolve-cache/models/{repo_id}/{commit}/{path}"
            self.send(307, Location=location, X_Repo_Commit=commit)
        else:
            self.send_file(path, file, X_Repo_Commit=commit)

    def _find(self, repo_id: str, revision: str, content: bool = False) -> tuple[str, Files] | None:
        """The commit and its files, or a refusal."""
        sent = self.headers.get("Authorization")
        repository = self.server.state.repositories.get(repo_id)
        known = sent == f"Bearer {self.server.state.token}"
        if sent and not known:
            self.refuse(401, "", "Invalid credentials in Authorization header")
        elif repository is None or (repository.access == "private" and not known):
            self.refuse(404 if known else 401, "RepoNotFound", "Repository not found")
        elif content and repository.access == "gated" and not known:
            self.refuse(403, "GatedRepo", f"Access to model {repo_id} is restricted.")
        elif (found := repository.files(revision)) is None:
            self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        else:
            return found
        return None


def _sibling(name: str, file: File, with_size: bool) -> dict[str, Any]:
    size = {"size": len(file.data), "blobId": file.etag[:40]} if with_size else {}
    large = {"lfs": {"sha256": file.sha256, "size": len(file.data), "pointerSize": 134}}
    return {"rfilename": name} | size | (large if with_size and file.is_large else {})


class _CdnHandler(_Handler):
    """`/OWNER/NAME/COMMIT/PATH`. A key that is not its own is refused, as storage services do."""

    host = "cdn"

    def answer(self) -> None:
        owner, name, commit, path = unquote(urlsplit(self.path).path).removeprefix("/").split("/", 3)
        self.note(path)
        if "Authorization" in self.headers:
            self.send(400)
        else:
            self.send_file(path, self.server.state.repositories[f"{owner}/{name}"].commits[commit][path])
