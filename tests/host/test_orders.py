"""The line that tells a block server all it needs, a private swarm's key included."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from engine.host.orders import HostConfig
from engine.membership.key import SwarmKey

KEY = SwarmKey.generate()
CONFIG = HostConfig(store=Path("/store"), manifest="ab" * 32, start=0, end=2, swarm_key=KEY)


def test_the_key_travels_in_the_line_and_shows_nowhere_else() -> None:
    assert HostConfig.model_validate_json(CONFIG.to_line()) == CONFIG
    assert KEY.to_text() in CONFIG.to_line().decode()
    assert KEY.to_text() not in repr(CONFIG)
    assert repr(KEY.secret) not in repr(CONFIG)


def test_without_a_key_it_is_the_public_swarm() -> None:
    public = CONFIG.model_copy(update={"swarm_key": None})
    assert HostConfig.model_validate_json(public.to_line()).swarm_key is None


@pytest.mark.parametrize("change", [{"start": "none"}, {"more": 1}, {"swarm_key": KEY.to_text()[:-4]}])
def test_a_line_that_is_not_understood_is_not_repeated(change: dict[str, object]) -> None:
    line = json.dumps(json.loads(CONFIG.to_line()) | change)
    with pytest.raises(ValidationError) as caught:
        HostConfig.model_validate_json(line)
    assert KEY.to_text()[:20] not in str(caught.value)
