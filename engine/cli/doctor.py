"""`potluck-engine doctor`: says in plain words how this computer is connected."""

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from engine.api.doctor_schema import Diagnosis, Grade
from engine.cli.arguments import listen_address, peer_address
from engine.cli.commands import add_command, with_client
from engine.errors import BadRequest, NotRunning, PotluckError, SwarmUnreachable
from engine.membership.swarm_file import load_membership
from engine.membership.taking_effect import as_member, key_of
from engine.settings import ALL_INTERFACES, Settings, SwarmSettings

if TYPE_CHECKING:
    from engine.network.node import Node

_SIGNS = {Grade.GOOD: "✓", Grade.HINT: "!", Grade.BAD: "✗"}


def add_doctor(commands: Any) -> None:
    text = "Say how this computer is connected, who reaches it, and what to do."
    doctor = add_command(commands, "doctor", _doctor, text)
    more: dict[str, Any] = {"metavar": "MULTIADDR", "action": "append", "default": []}
    doctor.add_argument(
        "--peer", type=peer_address, help="of a swarm to look at while no engine runs; repeatable", **more
    )
    doctor.add_argument(
        "--listen", type=listen_address, help="where peers would reach this computer; repeatable", **more
    )


def _doctor(args: argparse.Namespace) -> int:
    """1 where something is wrong. Raises BadRequest where the running engine says what to look at."""
    try:
        diagnosis: Diagnosis = with_client(lambda client: client.examine())
    except NotRunning:
        diagnosis = asyncio.run(_examine_without_engine(_swarm(args)))
    else:
        if args.peer or args.listen:
            raise BadRequest(
                "Potluck's engine runs, and is looked at as it is: leave out --peer and --listen, or end it "
                "first with `potluck-engine quit`."
            )
    print(diagnosis.model_dump_json(indent=2) if args.json else diagnosis_text(diagnosis))
    return 0 if diagnosis.is_good else 1


def _swarm(args: argparse.Namespace) -> SwarmSettings:
    """The one that an engine would join, as far as it can be reached. Raises MembershipUnreadable."""
    listen = tuple(args.listen) or (ALL_INTERFACES,)
    asked = Settings(swarm=SwarmSettings(tuple(args.peer), listen))
    return as_member(asked, load_membership(asked.paths.swarm_file)).swarm


def diagnosis_text(diagnosis: Diagnosis) -> str:
    lines = []
    for finding in diagnosis.findings:
        lines.append(f"{_SIGNS[finding.grade]} {finding.sentence}")
        lines.extend([f"  {finding.advice}"] if finding.advice else [])
    lines.extend(f"  Others are told: {address}" for address in diagnosis.addresses)
    lines.extend(f"  Others see: {address}" for address in diagnosis.seen_as)
    return "\n".join(lines)


async def _examine_without_engine(swarm: SwarmSettings) -> Diagnosis:
    """With a node that lives only as long as this takes."""
    from engine.doctor.collect import collect
    from engine.doctor.diagnose import diagnose

    store = Settings().paths.layer_store
    try:
        node = await _start(swarm)
    except PotluckError as error:
        return diagnose(await collect(None, str(error), swarm, store))
    try:
        return diagnose(await collect(node, None, swarm, store))
    finally:
        await node.stop()


async def _start(swarm: SwarmSettings) -> "Node":
    """Where nobody of the swarm answers, a node that can look at each of its addresses."""
    from engine.network.node import Node, NodeSettings

    try:
        return await Node.start(NodeSettings(swarm.initial_peers, swarm.listen, swarm_key=key_of(swarm)))
    except SwarmUnreachable:
        return await Node.start(NodeSettings((), swarm.listen, swarm_key=key_of(swarm)))
