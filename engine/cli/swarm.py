"""`potluck-engine swarm …`: the private swarm that this computer belongs to."""

import argparse
import json
import sys
from typing import Any

from engine.api.schema import Snapshot
from engine.cli.arguments import swarm_name
from engine.cli.asking import ask_unseen, is_sure
from engine.cli.commands import add_command, add_group, with_client
from engine.errors import MembershipUnreadable, NotInSwarm, NotReady, NotRunning, Stopped
from engine.membership.invite import MAX_LINK_LENGTH, Invite, parse_invite
from engine.membership.key import SwarmKey
from engine.membership.meeting_points import meeting_points
from engine.membership.swarm_file import Membership, forget_membership, load_membership, save_membership
from engine.settings import Paths, Settings, is_loopback

DEFAULT_NAME = "Private swarm"
NO_SWARM = (
    "This computer belongs to no private swarm: `potluck-engine swarm create` makes one, "
    "`potluck-engine swarm join` takes an invite link."
)


def add_swarm(commands: Any) -> None:
    swarm = add_group(commands, "swarm", _show, "The private swarm that this computer belongs to.")
    create = add_command(swarm, "create", _create, "Make a private swarm and join it.")
    create.add_argument("name", nargs="?", type=swarm_name, default=DEFAULT_NAME, metavar="NAME")
    add_command(swarm, "invite", _invite, "Print the link that lets others in: it holds the swarm's key.")
    join = add_command(swarm, "join", _join, "Join a private swarm.")
    hint = "left out, it is asked for: the other users of this computer then do not see it"
    join.add_argument("link", nargs="?", metavar="LINK", help=hint)
    leave = add_command(swarm, "leave", _leave, "Leave the private swarm and forget its key.")
    for command in (create, join, leave):
        command.add_argument("--yes", action="store_true", help="do not ask whether to forget a swarm's key")


# --- what this computer belongs to


def _show(args: argparse.Namespace) -> int:
    membership = load_membership(_paths().swarm_file)
    snapshot = _snapshot()
    if args.json:
        print(json.dumps(_shown(membership, snapshot), indent=2))
    else:
        print(_text(membership, snapshot))
    return 0


def _shown(membership: Membership | None, snapshot: Snapshot | None) -> dict[str, object]:
    """Without the key."""
    belongs = {"name": membership.name, "tag": membership.key.tag} if membership else {"name": None}
    return {**belongs, "engine_runs": snapshot is not None, "peers": _others(snapshot) if snapshot else None}


def _text(membership: Membership | None, snapshot: Snapshot | None) -> str:
    if membership is None:
        return NO_SWARM
    return f"This computer belongs to the private swarm “{membership.name}”. {_company(snapshot)}"


def _company(snapshot: Snapshot | None) -> str:
    if snapshot is None:
        return "Potluck's engine is not running."
    count = _others(snapshot)
    if count == 0:
        return "No other computer of it is connected now."
    return f"It is connected to {count} {'peer' if count == 1 else 'peers'}."


def _others(snapshot: Snapshot) -> int:
    """Connected nodes but for this computer's own block servers."""
    return max(0, snapshot.swarm.peers - len(snapshot.servers))


# --- in and out


def _create(args: argparse.Namespace) -> int:
    _ask_before_forgetting(args)
    membership = Membership(name=args.name, key=SwarmKey.generate())
    save_membership(_paths().swarm_file, membership)
    done = f"Created the private swarm “{membership.name}”."
    return _say(args, done, "`potluck-engine swarm invite` prints the link that lets others in.")


def _join(args: argparse.Namespace) -> int:
    invite = parse_invite(_link(args))
    before = _membership_if_readable()
    if before is None or before.key != invite.key:
        _ask_before_forgetting(args)
    joined = Membership(name=invite.name, key=invite.key, peers=invite.peers)
    save_membership(_paths().swarm_file, joined)
    done = f"Joined the private swarm “{joined.name}”."
    return _say(args, done, "`potluck-engine swarm` tells how many others are there.")


def _link(args: argparse.Namespace) -> str:
    if args.link not in (None, "-"):
        return str(args.link)
    if sys.stdin.isatty():
        return ask_unseen("Invite link (it is not shown): ")
    return sys.stdin.readline(MAX_LINK_LENGTH + 1)


def _leave(args: argparse.Namespace) -> int:
    if not _paths().swarm_file.exists():
        raise NotInSwarm(NO_SWARM)
    if not args.yes and sys.stdin.isatty():
        _make_sure("Leave the private swarm and forget its key? Only an invite link leads back.")
    _forget()
    return _say(args, "Left the private swarm: this computer has forgotten its key.")


def _forget() -> None:
    """The key, and all that was kept for this swarm alone: identities, ports, peers."""
    paths, membership = _paths(), _membership_if_readable()
    forget_membership(paths.swarm_file)
    for file in paths.data.glob(f"*-{membership.key.tag}.*") if membership else ():
        file.unlink(missing_ok=True)


def _ask_before_forgetting(args: argparse.Namespace) -> None:
    """Raises NotInSwarm where a swarm's key would be lost and nobody can be asked, Stopped after a no."""
    if args.yes or not _paths().swarm_file.exists():
        return
    if not sys.stdin.isatty():
        raise NotInSwarm(
            "This computer belongs to a private swarm already, whose key would be forgotten: "
            "leave it first with `potluck-engine swarm leave`, or add --yes."
        )
    _make_sure("This computer belongs to a private swarm already. Forget its key?")


def _make_sure(question: str) -> None:
    if not is_sure(question):
        raise Stopped("Nothing was changed.")


def _say(args: argparse.Namespace, done: str, next_step: str = "") -> int:
    """What was done, after the running engine, if there is one, was told."""
    membership, snapshot = load_membership(_paths().swarm_file), _tell_engine()
    if args.json:
        print(json.dumps(_shown(membership, snapshot), indent=2))
    else:
        print(" ".join(sentence for sentence in (done, _effect(membership, snapshot), next_step) if sentence))
    return 0


def _effect(membership: Membership | None, snapshot: Snapshot | None) -> str:
    if snapshot is not None:
        return "Potluck's engine, which is running, moves now."
    return "It takes effect when Potluck's engine starts." if membership else ""


# --- inviting


def _invite(args: argparse.Namespace) -> int:
    membership = load_membership(_paths().swarm_file)
    if membership is None:
        raise NotInSwarm(NO_SWARM)
    peers = _meeting_points(membership, _snapshot())
    link = Invite(name=membership.name, key=membership.key, peers=peers).to_link()
    if args.json:
        print(json.dumps({"name": membership.name, "link": link, "peers": peers}, indent=2))
    else:
        print(link)
        print(_warning(peers), file=sys.stderr)
    return 0


def _warning(peers: tuple[str, ...]) -> str:
    warning = "Whoever has this link is in: send it to nobody else, and over a way that others cannot read."
    if all(map(is_loopback, peers)):
        warning += " It leads to addresses of this computer alone: no other computer can use it."
    return warning


def _meeting_points(membership: Membership, snapshot: Snapshot | None) -> tuple[str, ...]:
    """Raises NotReady where nobody can be found with the link."""
    own: tuple[str, ...] = ()
    server: tuple[str, ...] = ()
    if snapshot is not None and snapshot.swarm.name == membership.name:
        own = snapshot.swarm.addresses
        server = tuple(address for one in snapshot.servers for address in one.addresses)
    if peers := meeting_points(own, server, membership.peers):
        return peers
    raise NotReady(
        "The link could not say yet where this computer is found: start Potluck's engine with "
        "`potluck-engine run` or by opening Potluck, and ask for the link again."
    )


# --- files and the engine


def _paths() -> Paths:
    return Settings().paths


def _membership_if_readable() -> Membership | None:
    try:
        return load_membership(_paths().swarm_file)
    except MembershipUnreadable:
        return None


def _snapshot() -> Snapshot | None:
    """None where no engine runs."""
    try:
        found: Snapshot = with_client(lambda client: client.status())
    except NotRunning:
        return None
    return found


def _tell_engine() -> Snapshot | None:
    """Have the running engine move; what it is then. None where none runs."""
    try:
        moved: Snapshot = with_client(lambda client: client.take_up_membership())
    except NotRunning:
        return None
    return moved
