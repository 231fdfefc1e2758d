"""`potluck-engine swarm …`: the private swarm that this computer belongs to."""

import argparse
import json
import sys
from typing import Any

from engine.api.schema import Snapshot
from engine.cli.arguments import swarm_name
from engine.cli.asking import ask_unseen, is_sure
from engine.cli.commands import add_command, add_group, with_client
from engine.errors import MembershipUnreadable, NotInSwarm, NotRunning, Stopped
from engine.membership.belonging import NO_SWARM, Belonging, invitation
from engine.membership.invite import MAX_LINK_LENGTH, Invite, parse_invite
from engine.membership.swarm_file import Membership, load_membership
from engine.settings import Paths, Settings, is_loopback

DEFAULT_NAME = "Private swarm"


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
    membership = Belonging(_paths()).create(args.name, forget=True)
    done = f"Created the private swarm “{membership.name}”."
    return _say(args, done, "`potluck-engine swarm invite` prints the link that lets others in.")


def _join(args: argparse.Namespace) -> int:
    link = _link(args)
    invite = parse_invite(link)
    before = _membership_if_readable()
    if before is None or before.key != invite.key:
        _ask_before_forgetting(args)
    joined = Belonging(_paths()).join(link, forget=True)
    done = f"Joined the private swarm “{joined.name}”."
    return _say(args, done, "`potluck-engine swarm` tells how many others are there.")


def _link(args: argparse.Namespace) -> str:
    if args.link not in (None, "-"):
        return str(args.link)
    if sys.stdin.isatty():
        return ask_unseen("Invite link (it is not shown): ")
    return sys.stdin.readline(MAX_LINK_LENGTH + 1)


def _leave(args: argparse.Namespace) -> int:
    belonging = Belonging(_paths())
    if not belonging.exists:
        raise NotInSwarm(NO_SWARM)
    if not args.yes and sys.stdin.isatty():
        _make_sure("Leave the private swarm and forget its key? Only an invite link leads back.")
    belonging.leave()
    return _say(args, "Left the private swarm: this computer has forgotten its key.")


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
    membership = Belonging(_paths()).membership
    invite = _invitation(membership, _snapshot())
    peers, link = invite.peers, invite.to_link()
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


def _invitation(membership: Membership, snapshot: Snapshot | None) -> Invite:
    """Raises NotReady where nobody can be found with the link."""
    own: tuple[str, ...] = ()
    server: tuple[str, ...] = ()
    if snapshot is not None and snapshot.swarm.name == membership.name:
        own = snapshot.swarm.addresses
        server = tuple(address for one in snapshot.servers for address in one.addresses)
    return invitation(membership, own, server)


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
