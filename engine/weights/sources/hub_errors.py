"""What goes wrong with a model hub, in one sentence for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from engine.errors import HubAccessDenied, HubEntryMissing, HubError, HubUnreachable

_TOKEN = "set a token with `hf auth login` or HF_TOKEN"


@contextmanager
def in_words(repo_id: str, revision: str | None, endpoint: str) -> Iterator[None]:
    """Turn what huggingface_hub and its HTTP library raise into HubError."""
    try:
        yield
    except (HfHubHTTPError, httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled) as error:
        raise named(error, repo_id, revision or constants.DEFAULT_REVISION, endpoint) from error


def named(error: Exception, repo_id: str, revision: str, endpoint: str) -> HubError:
    """The error of our own that says what happened and what to do."""
    host = urlsplit(endpoint).netloc or endpoint
    match error:
        case OfflineModeIsEnabled():
            return HubUnreachable("HF_HUB_OFFLINE keeps model hubs shut: unset it, or import a folder.")
        case GatedRepoError():
            page = f"{endpoint}/{repo_id}"
            return HubAccessDenied(f"{repo_id} is gated: accept its terms on {page}, then {_TOKEN}.")
        case RepositoryNotFoundError():
            return HubEntryMissing(
                f"{host} has no model {repo_id}: check the name, or if it is private {_TOKEN}."
            )
        case RevisionNotFoundError():
            return HubEntryMissing(f"{repo_id} has no revision {revision}: choose another, or none.")
        case DisabledRepoError():
            return HubAccessDenied(f"{host} has disabled {repo_id}: choose another model.")
        case HfHubHTTPError():
            return _named_by_status(error.response.status_code, repo_id, host)
    return HubUnreachable(
        f"{host} cannot be reached, or the connection keeps breaking: check the connection, then try again."
    )


def _named_by_status(status: int, repo_id: str, host: str) -> HubError:
    match status:
        case 401:
            return HubAccessDenied(f"{host} does not accept the token that is set: {_TOKEN} that is valid.")
        case 403:
            return HubAccessDenied(f"{host} does not let this token read {repo_id}: {_TOKEN} that may.")
        case 404 | 416:
            return HubEntryMissing(f"{host} lacks a part of {repo_id} that it lists: try again later.")
        case 429:
            return HubUnreachable(f"{host} has had too many requests from here: try again in some minutes.")
    return HubUnreachable(f"{host} answered {status} for {repo_id}: try again later.")
