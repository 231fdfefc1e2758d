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

from engine.api.sentences import said
from engine.errors import HubAccessDenied, HubEntryMissing, HubError, HubUnreachable

_TOKEN = said("set a token with `hf auth login` or HF_TOKEN")


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
            return HubUnreachable(said("HF_HUB_OFFLINE keeps model hubs shut: unset it, or import a folder."))
        case GatedRepoError():
            page = f"{endpoint}/{repo_id}"
            return HubAccessDenied(
                said(
                    "{repo_id} is gated: accept its terms on {page}, then {token}.",
                    repo_id=repo_id,
                    page=page,
                    token=_TOKEN,
                )
            )
        case RepositoryNotFoundError():
            return HubEntryMissing(
                said(
                    "{host} has no model {repo_id}: check the name, or if it is private {token}.",
                    host=host,
                    repo_id=repo_id,
                    token=_TOKEN,
                )
            )
        case RevisionNotFoundError():
            return HubEntryMissing(
                said(
                    "{repo_id} has no revision {revision}: choose another, or none.",
                    repo_id=repo_id,
                    revision=revision,
                )
            )
        case DisabledRepoError():
            return HubAccessDenied(
                said("{host} has disabled {repo_id}: choose another model.", host=host, repo_id=repo_id)
            )
        case HfHubHTTPError():
            return _named_by_status(error.response.status_code, repo_id, host)
    return HubUnreachable(
        said(
            "{host} cannot be reached, or the connection keeps breaking: check the connection, "
            "then try again.",
            host=host,
        )
    )


def _named_by_status(status: int, repo_id: str, host: str) -> HubError:
    match status:
        case 401:
            return HubAccessDenied(
                said(
                    "{host} does not accept the token that is set: {token} that is valid.",
                    host=host,
                    token=_TOKEN,
                )
            )
        case 403:
            return HubAccessDenied(
                said(
                    "{host} does not let this token read {repo_id}: {token} that may.",
                    host=host,
                    repo_id=repo_id,
                    token=_TOKEN,
                )
            )
        case 404 | 416:
            return HubEntryMissing(
                said(
                    "{host} lacks a part of {repo_id} that it lists: try again later.",
                    host=host,
                    repo_id=repo_id,
                )
            )
        case 429:
            return HubUnreachable(
                said("{host} has had too many requests from here: try again in some minutes.", host=host)
            )
    return HubUnreachable(
        said(
            "{host} answered {status} for {repo_id}: try again later.",
            host=host,
            status=status,
            repo_id=repo_id,
        )
    )
