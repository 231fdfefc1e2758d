"""Three minutes in which real servers are killed, stopped, slowed down and cut off while clients chat."""

import pytest

from engine.soak.settings import SoakSettings
from engine.soak.soak import soak

pytestmark = pytest.mark.starter


@pytest.mark.timeout(600)
async def test_three_minutes_of_faults_leave_no_wrong_token_no_lost_reply_and_nothing_else(starter_store):
    report = await soak(SoakSettings(minutes=3.0, seed=3), *starter_store)
    print(report.as_text())
    assert report.is_clean, report.as_text()
    assert report.tally.events["kill"] > 0
    assert report.tally.replaced_spans > 0
