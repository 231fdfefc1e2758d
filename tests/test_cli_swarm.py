"""`potluck-engine swarm`, as a person uses it: in an empty home, without an engine and beside one."""

import asyncio
import dataclasses
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import cli
from engine.api.client import EngineClient
from engine.api.schema import DonationOrder, ServerPhase, Snapshot
from engine.daemon import Engine
from engine.errors import MembershipUnreadable
from engine.membership.invite import Invite, parse_invite
from engine.membership.key import SwarmKey
from engine.membership.swarm_file import Membership, load_membership, save_membership
from engine.settings import Paths, Settings
from tests.membership.peers import ADDRESS, OTHER_ADDRESS
from tests.stand_in_engine import StandInNode, stand_in_parts
from tests.stand_in_engine import join as join_stand_in

KEY = SwarmKey.generate()
LINK = Invite(name="Sunday soup", key=KEY, peers=(ADDRESS,)).to_link()


@pytest.fixture(autouse=True)
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("POTLUCK_HOME", str(tmp_path))
    return Paths.from_environment()


@pytest.fixture
def potluck(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Exit status, what was printed, and what was complained about."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["swarm", *arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


# --- without an engine


def test_from_nothing_to_a_swarm_and_back(potluck, paths: Paths) -> None:
    assert potluck()[1].startswith("This computer belongs to no private swarm: `potluck-engine swarm create`")
    status, said, _ = potluck("create", "Sunday soup")
    assert (status, said.split(".")[0]) == (0, "Created the private swarm “Sunday soup”")
    assert "takes effect when Potluck's engine starts" in said
    assert "“Sunday soup”. Potluck's engine is not running." in potluck()[1]
    membership = load_membership(paths.swarm_file)
    assert membership is not None
    paths.donor_identity(membership.key.tag).write_text("of this swarm")
    paths.donor_identity().write_text("of the public one")
    assert potluck("leave")[0] == 0
    assert load_membership(paths.swarm_file) is None
    assert list(paths.data.iterdir()) == [paths.donor_identity()]
    status, _, complaint = potluck("leave")
    assert (status, "belongs to no private swarm" in complaint) == (1, True)


def test_joining_keeps_what_the_link_says(potluck, paths: Paths) -> None:
    assert potluck("join", LINK)[1].startswith("Joined the private swarm “Sunday soup”.")
    joined = load_membership(paths.swarm_file)
    assert joined is not None
    assert (joined.name, joined.key, joined.peers) == ("Sunday soup", KEY, (ADDRESS,))
    renewed = Invite(name="Sunday soup", key=KEY, peers=(OTHER_ADDRESS,)).to_link()
    assert potluck("join", renewed)[0] == 0  # nothing is forgotten: no question
    again = load_membership(paths.swarm_file)
    assert again == joined.model_copy(update={"peers": (OTHER_ADDRESS,)})


def test_a_key_is_not_forgotten_by_the_way(potluck, paths: Paths) -> None:
    potluck("create")
    first = load_membership(paths.swarm_file)
    for arguments in (("create",), ("join", LINK)):
        status, _, complaint = potluck(*arguments)
        assert (status, "whose key would be forgotten" in complaint) == (1, True)
        assert load_membership(paths.swarm_file) == first
    assert potluck("join", LINK, "--yes")[0] == 0
    joined = load_membership(paths.swarm_file)
    assert joined is not None
    assert joined.key == KEY


@pytest.mark.parametrize(
    ("answer", "status", "key_stays"),
    [(b"n\n", 130, True), (b"\n", 130, True), (b"\x04", 130, True), (b"y\n", 0, False)],
)
def test_at_a_terminal_it_asks_first(paths: Paths, answer: bytes, status: int, key_stays: bool) -> None:
    save_membership(paths.swarm_file, Membership(name="soup", key=KEY))
    done, said = at_terminal(("create", "Another"), answer)
    assert (done, "Forget its key? [y/N]" in said) == (status, True)
    now = load_membership(paths.swarm_file)
    assert now is not None
    assert (now.key == KEY) is key_stays


def test_a_link_can_be_pasted_unseen(potluck, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    status, said = at_terminal(("join",), f"{LINK}\n".encode())
    assert (status, LINK in said, "Joined the private swarm" in said) == (0, False, True)
    cli.main(["swarm", "leave"])
    with open(os.devnull) as nothing, monkeypatch.context() as patched:
        patched.setattr("sys.stdin", nothing)
        assert "This is no invite link" in potluck("join")[2]
    assert load_membership(paths.swarm_file) is None


def test_leaving_with_ctrl_d_instead_of_pasting_a_link_changes_nothing(paths: Paths) -> None:
    status, said = at_terminal(("join",), b"\x04")
    assert (status, said.splitlines()[-1]) == (130, "potluck-engine: Nothing was changed.")
    assert not paths.swarm_file.exists()


def at_terminal(arguments: tuple[str, ...], typed: bytes) -> tuple[int, str]:
    """Exit status, and all that the terminal shows."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        (sys.executable, "-m", "engine.cli", "swarm", *arguments),
        stdin=there,
        stdout=there,
        stderr=there,
        start_new_session=True,
    )
    os.close(there)
    shown = b""
    while b"[y/N] " not in shown and b"shown): " not in shown:
        shown += os.read(here, 1000)
    os.write(here, typed)
    try:
        while data := os.read(here, 1000):
            shown += data
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(here)
    return process.wait(timeout=30), shown.decode()


@pytest.mark.parametrize("name", ["", "x" * 61, "a\nb", "a\u202eb"])
def test_a_name_is_a_line_of_text(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["swarm", "create", name])
    assert "no name for a swarm: write up to 60" in capsys.readouterr().err


def test_a_mistyped_link_changes_nothing(potluck, paths: Paths) -> None:
    status, _, complaint = potluck("join", LINK[:-1])
    assert (status, "copy the whole link once more" in complaint) == (1, True)
    assert LINK[:-1] not in complaint
    assert not paths.swarm_file.exists()


def test_a_link_that_leads_nowhere_is_not_given_out(potluck) -> None:
    potluck("create")
    status, said, complaint = potluck("invite")
    assert (status, said) == (1, "")
    assert "start Potluck's engine" in complaint


def test_a_member_can_invite_others_without_its_engine(potluck) -> None:
    potluck("join", LINK)
    status, said, warning = potluck("invite")
    assert (status, parse_invite(said).peers, said.count("\n")) == (0, (ADDRESS,), 1)
    assert "Whoever has this link is in" in warning
    assert json.loads(potluck("invite", "--json")[1])["link"] == said.strip()


def test_nothing_but_the_invite_shows_the_key(potluck, paths: Paths) -> None:
    said = "".join(potluck(*arguments)[1] for arguments in (("join", LINK, "--json"), (), ("--json",)))
    assert json.loads(potluck("--json")[1]) == {
        "name": "Sunday soup",
        "tag": KEY.tag,
        "engine_runs": False,
        "peers": None,
    }
    assert KEY.to_text() not in said
    assert KEY.secret.hex() not in said


def test_a_damaged_file_is_said_and_can_be_left_behind(potluck, paths: Paths) -> None:
    potluck("create")
    paths.swarm_file.write_text("{}")
    for arguments in ((), ("invite",)):
        status, _, complaint = potluck(*arguments)
        assert (status, "swarm leave" in complaint) == (1, True)
    with pytest.raises(MembershipUnreadable):
        Engine(Settings(), stand_in_parts())
    assert potluck("leave")[0] == 0
    assert potluck("join", LINK)[0] == 0


# --- beside an engine


class Joins:
    """Settings with which the engine joined, one after the other."""

    def __init__(self) -> None:
        self.settings: list[Settings] = []

    async def join(self, settings: Settings, *others: object):
        self.settings.append(settings)
        return await join_stand_in(settings, *others)


@pytest.fixture
def joins() -> Joins:
    return Joins()


@pytest.fixture
async def engine(paths: Paths, joins: Joins):
    """Gives, around stand-ins for what is heavy."""
    parts = dataclasses.replace(stand_in_parts(), join=joins.join)
    engine = Engine(Settings(start_donating=True), parts)
    running = asyncio.create_task(engine.run())
    while not paths.run_file.exists():  # noqa: ASYNC110 (a file)
        await asyncio.sleep(0.01)
    async with EngineClient.from_run_file(paths.run_file) as client:
        await online(client)
        yield client
    engine.request_quit()
    await running


async def until(client: EngineClient, wanted: Callable[[Snapshot], bool]) -> Snapshot:
    async with asyncio.timeout(30):
        async for snapshot in client.snapshots():
            if wanted(snapshot):
                return snapshot
    raise AssertionError("the stream ended")


async def online(client: EngineClient, not_pid: int = 0) -> int:
    """Until a block server serves; its process id."""

    def serves(snapshot: Snapshot) -> bool:
        server = next(iter(snapshot.servers), None)
        return server is not None and server.phase is ServerPhase.ONLINE and server.pid != not_pid

    serving = (await until(client, serves)).servers[0]
    assert serving is not None
    return serving.pid


async def test_a_running_engine_moves_with_its_block_server(engine: EngineClient, joins: Joins) -> None:
    before = await online(engine)
    assert await asyncio.to_thread(cli.main, ["swarm", "join", LINK]) == 0
    moved = await online(engine, not_pid=before)
    assert [settings.swarm.member and settings.swarm.member.key for settings in joins.settings] == [
        None,
        KEY.secret,
    ]
    status = await engine.status()
    assert (status.swarm.name, status.swarm.private) == ("Sunday soup", False)
    assert KEY.to_text() not in status.model_dump_json()
    assert await asyncio.to_thread(cli.main, ["swarm", "leave", "--yes"]) == 0
    await online(engine, not_pid=moved)
    assert joins.settings[-1].swarm.member is None
    assert (await engine.status()).swarm.name == ""


async def test_an_owner_who_pauses_still_pauses_after_a_move(engine: EngineClient, joins: Joins) -> None:
    await engine.donate(DonationOrder(action="pause"))
    await until(engine, lambda snapshot: not snapshot.servers)
    await asyncio.to_thread(cli.main, ["swarm", "join", LINK])
    moved = await until(engine, lambda snapshot: bool(snapshot.swarm.name and snapshot.swarm.addresses))
    assert (len(joins.settings), moved.servers) == (2, ())


async def test_the_link_names_where_the_running_engine_is_found(
    engine: EngineClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(StandInNode, "addresses", (OTHER_ADDRESS,))
    before = await online(engine)
    await asyncio.to_thread(cli.main, ["swarm", "join", LINK])
    await online(engine, not_pid=before)
    await until(engine, lambda snapshot: bool(snapshot.swarm.name and snapshot.swarm.addresses))
    capsys.readouterr()
    await asyncio.to_thread(cli.main, ["swarm", "invite"])
    assert parse_invite(capsys.readouterr().out).peers == (OTHER_ADDRESS, ADDRESS)
    await asyncio.to_thread(cli.main, ["swarm"])
    assert "“Sunday soup”. No other computer of it is connected now." in capsys.readouterr().out
    await asyncio.to_thread(cli.main, ["status"])
    assert "Others join “Sunday soup” with the link" in capsys.readouterr().out
