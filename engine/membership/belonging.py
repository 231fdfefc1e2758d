"""Which private swarm this computer belongs to, as its file says: into one, out of it, and others in."""

from pydantic import TypeAdapter, ValidationError

from engine.api.sentences import said
from engine.errors import BadRequest, MembershipUnreadable, NotInSwarm, NotReady
from engine.membership.invite import MAX_NAME_LENGTH, Invite, SwarmName, parse_invite
from engine.membership.key import SwarmKey
from engine.membership.meeting_points import meeting_points
from engine.membership.swarm_file import Membership, forget_membership, load_membership, save_membership
from engine.settings import Paths

NO_SWARM = said(
    "This computer belongs to no private swarm: `potluck-engine swarm create` makes one, "
    "`potluck-engine swarm join` takes an invite link."
)
NO_NAME = said(
    "This is no name for a swarm: write up to {most} letters, digits or signs.", most=MAX_NAME_LENGTH
)
STILL_IN_ONE = said(
    "This computer belongs to a private swarm already, whose key would be forgotten: leave that one first."
)


class Belonging:
    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    @property
    def membership(self) -> Membership:
        """Raises NotInSwarm and MembershipUnreadable."""
        found = load_membership(self._paths.swarm_file)
        if found is None:
            raise NotInSwarm(NO_SWARM)
        return found

    @property
    def exists(self) -> bool:
        """Whether there is a key that could be lost, readable or not."""
        return self._paths.swarm_file.exists()

    def create(self, name: str, forget: bool = False) -> Membership:
        """Raises BadRequest, MembershipUnwritable, and NotInSwarm where another swarm's key would be lost."""
        try:
            swarm_name = TypeAdapter(SwarmName).validate_python(name.strip())
        except ValidationError:
            raise BadRequest(NO_NAME) from None
        if self.exists and not forget:
            raise NotInSwarm(STILL_IN_ONE)
        return self._become(Membership(name=swarm_name, key=SwarmKey.generate()))

    def join(self, link: str, forget: bool = False) -> Membership:
        """Raises BadInvite, MembershipUnwritable, and NotInSwarm where another swarm's key would be lost."""
        invite = parse_invite(link)
        if self.exists and not forget and not self._has(invite.key):
            raise NotInSwarm(STILL_IN_ONE)
        return self._become(Membership(name=invite.name, key=invite.key, peers=invite.peers))

    def leave(self) -> None:
        """Forget the key, and all that was kept for this swarm alone: identities, ports, peers.

        Raises NotInSwarm, MembershipUnwritable.
        """
        if not self.exists:
            raise NotInSwarm(NO_SWARM)
        tag = self._tag()
        forget_membership(self._paths.swarm_file)
        for file in self._paths.data.glob(f"*-{tag}.*") if tag else ():
            file.unlink(missing_ok=True)

    def _become(self, membership: Membership) -> Membership:
        save_membership(self._paths.swarm_file, membership)
        return membership

    def _has(self, key: SwarmKey) -> bool:
        try:
            return self.membership.key == key
        except MembershipUnreadable:
            return False

    def _tag(self) -> str:
        try:
            return self.membership.key.tag
        except MembershipUnreadable:
            return ""


def invitation(membership: Membership, own: tuple[str, ...], servers: tuple[str, ...]) -> Invite:
    """`own` and `servers`: where this computer's nodes are reached in that swarm.

    Raises NotReady where nobody can be found with the link.
    """
    if peers := meeting_points(own, servers, membership.peers):
        return Invite(name=membership.name, key=membership.key, peers=peers)
    raise NotReady(
        said(
            "The link could not say yet where this computer is found: start Potluck's engine with "
            "`potluck-engine run` or by opening Potluck, and ask for the link again."
        )
    )
