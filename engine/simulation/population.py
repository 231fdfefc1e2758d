"""Made-up computers: what they have, where they are, and when they are on.

Sources: Valve's hardware survey (`engine.simulation.cards`). Times that volunteers' computers stay on
follow Weibull distributions of a shape below 1: many short, a few very long ones (Nurmi, Brevik and Wolski
2005, "Modeling machine availability in enterprise and wide-area distributed computing environments"; Javadi
et al. 2011, "Discovering Statistical Models of Availability in Large Distributed Systems: An Empirical
Study of SETI@home"). Home lines are drawn from log-normal distributions around 100 Mbit/s down, of which a
fifth up: a judgement, as are means and the daily rhythm.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, gamma, pi, sin, tau
from random import Random

from engine.byte_sizes import GB, MB
from engine.simulation.cards import Card, drawn
from engine.wire.records import Coordinates

HOUR = 3600.0
DAY = 24 * HOUR

OFTEN_ON_HOURS = 8.0  # the middle one of the computers' mean times on ...
SELDOM_OFF_HOURS = 5.0  # ... and off
WEIBULL_SHAPE = 0.6
DOWNLOAD_BYTES_PER_S = 12.5 * MB
UPLOAD_SHARE = 0.2
DISK_BYTES_PER_S = 1 * GB
GLOBE_SECONDS = 0.12  # radius: places opposite each other are 0.24 s apart, there and back
LINE_SECONDS = 0.012  # that a home line adds to a round trip, in the middle
PLACE_ERROR = 0.006  # seconds, each way: network coordinates then miss a round trip by a tenth ...
LINE_ERROR = 0.3  # ... together with this of the line's logarithm
EVENING = 20.0  # o'clock, when most are on
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

# Where people are: latitude and longitude in degrees, spread, share.
REGIONS = (
    (40.0, -90.0, 12.0, 0.30),  # North America
    (50.0, 10.0, 8.0, 0.32),  # Europe
    (35.0, 115.0, 10.0, 0.20),  # East Asia
    (20.0, 78.0, 8.0, 0.08),  # South Asia
    (-20.0, -50.0, 8.0, 0.07),  # South America
    (-32.0, 148.0, 6.0, 0.03),  # Oceania
)


@dataclass(frozen=True)
class Computer:
    peer: str
    card: Card
    place: Coordinates
    announced: Coordinates  # what it has found out of its place
    longitude: float  # degrees
    download_bytes_per_s: float
    upload_bytes_per_s: float
    disk_bytes_per_s: float
    on_seconds: float  # that it stays on without a break, on average
    off_seconds: float

    @property
    def availability(self) -> float:
        return self.on_seconds / (self.on_seconds + self.off_seconds)


def computers(online: int, random: Random) -> tuple[Computer, ...]:
    """As many as it takes for `online` of them to be on, on average."""
    found: list[Computer] = []
    expected = 0.0
    for computer in _endless(random):
        found.append(computer)
        expected += computer.availability
        if expected >= online:
            break
    return tuple(found)


def _endless(random: Random) -> Iterator[Computer]:
    while True:
        place, longitude = place_on_globe(random)
        download = DOWNLOAD_BYTES_PER_S * random.lognormvariate(0, 0.9)
        yield Computer(
            peer="12D3KooW" + "".join(random.choices(_ALPHABET, k=36)),
            card=drawn(random),
            place=place,
            announced=found_out(place, Random(f"{place.at} found out")),
            longitude=longitude,
            download_bytes_per_s=download,
            upload_bytes_per_s=download * min(UPLOAD_SHARE * random.lognormvariate(0, 0.7), 1.0),
            disk_bytes_per_s=DISK_BYTES_PER_S * random.lognormvariate(0, 0.6),
            on_seconds=OFTEN_ON_HOURS * HOUR * random.lognormvariate(0, 0.7),
            off_seconds=SELDOM_OFF_HOURS * HOUR * random.lognormvariate(0, 0.5),
        )


def place_on_globe(random: Random) -> tuple[Coordinates, float]:
    """Network coordinates, and degrees of longitude. Round trips go straight through the globe."""
    latitude, longitude, spread, _ = random.choices(REGIONS, [region[3] for region in REGIONS])[0]
    latitude, longitude = random.gauss(latitude, spread), random.gauss(longitude, spread)
    north, east = latitude * pi / 180, longitude * pi / 180
    x, y, z = cos(north) * cos(east), cos(north) * sin(east), sin(north)
    at = (GLOBE_SECONDS * x, GLOBE_SECONDS * y, GLOBE_SECONDS * z)
    line = LINE_SECONDS * random.lognormvariate(0, 0.6)
    return Coordinates(at=at, height=line, error=0.2), longitude


def found_out(place: Coordinates, random: Random) -> Coordinates:
    """What a computer at this place makes of its measurements."""
    x, y, z = (random.gauss(at, PLACE_ERROR) for at in place.at)
    return Coordinates(
        at=(x, y, z), height=place.height * random.lognormvariate(0, LINE_ERROR), error=place.error
    )


# --- time


def rhythm(now: float, longitude: float) -> float:
    """Of people's activity at a place: 1 on average, between 0.4 and 1.6, highest in the evening there."""
    hour = now / HOUR + longitude / 15
    return 1 + 0.6 * cos((hour - EVENING) / 24 * tau)


def seconds_on(computer: Computer, random: Random) -> float:
    scale = computer.on_seconds / gamma(1 + 1 / WEIBULL_SHAPE)
    return max(random.weibullvariate(scale, WEIBULL_SHAPE), 60.0)


def seconds_off(computer: Computer, now: float, random: Random) -> float:
    """More come back in their evening: a Poisson process of changing rate, by thinning.

    Source: Lewis and Shedler 1979, "Simulation of nonhomogeneous Poisson processes by thinning".
    """
    highest, at = 1.6, now
    while True:
        at += random.expovariate(highest / computer.off_seconds)
        if random.random() * highest < rhythm(at, computer.longitude):
            return at - now
