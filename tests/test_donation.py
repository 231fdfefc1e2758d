import pytest

from engine.api.schema import DonationOrder
from engine.donation import Donation, Wish, after_order, at_time, load_donation, save_donation


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        (DonationOrder(action="start"), Donation(wish=Wish.GIVE)),
        (DonationOrder(action="pause"), Donation(wish=Wish.PAUSE)),
        (DonationOrder(action="finish"), Donation(wish=Wish.PAUSE)),
        (DonationOrder(action="pause", for_seconds=60), Donation(wish=Wish.PAUSE, until=160.0)),
    ],
)
def test_orders(order, wanted):
    assert after_order(order, 100.0) == wanted


@pytest.mark.parametrize(("now", "wish"), [(159.0, Wish.PAUSE), (160.0, Wish.GIVE), (1e9, Wish.GIVE)])
def test_a_pause_ends_by_itself(now, wish):
    assert at_time(Donation(wish=Wish.PAUSE, until=160.0), now).wish is wish


@pytest.mark.parametrize("donation", [Donation(), Donation(wish=Wish.GIVE), Donation(wish=Wish.PAUSE)])
def test_nothing_else_changes_with_time(donation):
    assert at_time(donation, 1e12) == donation


def test_it_is_kept(tmp_path):
    path = tmp_path / "data" / "donation.json"
    assert load_donation(path) == Donation()
    save_donation(path, Donation(wish=Wish.PAUSE, until=5.0))
    assert load_donation(path) == Donation(wish=Wish.PAUSE, until=5.0)
    path.write_text("{")
    assert load_donation(path) == Donation()


def test_a_disk_that_refuses_is_no_failure(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    save_donation(tmp_path / "file" / "donation.json", Donation())
    assert "cannot be kept" in caplog.text
