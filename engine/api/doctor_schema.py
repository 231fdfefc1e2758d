"""Words about how this computer is connected: GET /potluck/v1/doctor -> Diagnosis."""

from enum import StrEnum

from engine.api.base import Schema
from engine.api.sentences import Said


class Grade(StrEnum):
    GOOD = "good"
    HINT = "hint"  # works, and could be better
    BAD = "bad"


class Reach(StrEnum):
    """How other computers reach this one."""

    DIRECT = "direct"
    RELAYED = "relayed"  # others pass on what comes for it
    NOT_AT_ALL = "not_at_all"
    PRIVATE = "private"  # nobody is meant to
    UNKNOWN = "unknown"  # nobody could be asked


class Topic(StrEnum):
    NETWORK_PROCESS = "network_process"
    WAY_OUT = "way_out"
    INITIAL_PEERS = "initial_peers"
    REACH = "reach"
    IPV6 = "ipv6"
    CLOCK = "clock"
    DISK = "disk"


class Finding(Schema):
    topic: Topic
    grade: Grade
    sentence: Said
    advice: Said = ""  # what to do about it


class Diagnosis(Schema):
    reach: Reach
    listens: tuple[str, ...] = ()  # where the engine was told to, multiaddrs
    addresses: tuple[str, ...] = ()  # under which others are told to reach it
    seen_as: tuple[str, ...] = ()  # from which other computers see it come
    findings: tuple[Finding, ...] = ()

    @property
    def is_good(self) -> bool:
        return all(finding.grade is not Grade.BAD for finding in self.findings)
