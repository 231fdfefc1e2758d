"""What a session has seen of its drafts: how often they come true, what they cost and may cost."""

from collections import defaultdict, deque
from math import log
from statistics import median, median_low

from engine.generate.speculation.draft_length import best_draft_length, is_worth_sending_behind
from engine.generate.speculation.guesses import LEAST_CHANCE

LONGEST = 64  # tokens
FIRST = 4  # tokens of the first draft; later ones may be twice as long as one that was tried
REMEMBERED = 16  # trips of each kind
LEAST_ROW_COST = 0.002  # what is measured of less is chance
UNKNOWN_ROW_COST = 0.1
LEAST_DRAFT_COST = 0.05  # that counts for a draft, so that trips of one row go on being measured

LOSS = 0.01  # of the time, that drafts which do not come true may cost
FIRST_LOSS = 1.0  # trips that they may cost before
MOST_CREDIT = 4.0  # trips
AT_ONCE = 8  # pieces under way
WORTH = 2.0  # rows are sent whose chance to save a trip is so many times what they cost
PIECES = 8  # in which what is drafted during a trip is sent
BRANCHES = 12  # of them, at most, where it is drafted in branches

REPLAYS = 2  # that going back may cause: then these servers cannot


class Acceptance:
    """How often drafted tokens of one kind come true. What is long ago counts little."""

    PRIOR = 0.5
    PRIOR_WEIGHT = 2.0
    KEPT = 0.98  # of what was seen, after each trip: what does not come true is tried again some day

    def __init__(self) -> None:
        self._true = 0.0
        self._tried = 0.0

    @property
    def rate(self) -> float:
        return (self._true + self.PRIOR * self.PRIOR_WEIGHT) / (self._tried + self.PRIOR_WEIGHT)

    def note(self, came_true: bool) -> None:
        self._true += came_true
        self._tried += 1

    def fade(self) -> None:
        self._true *= self.KEPT
        self._tried *= self.KEPT


class Experience:
    """Of one session. Times are in seconds, costs and credit in trips of one row."""

    def __init__(self) -> None:
        self._one_row: deque[float] = deque(maxlen=REMEMBERED)
        self._more_rows: deque[tuple[int, float]] = deque(maxlen=REMEMBERED)  # how many more, seconds
        self._longest_tried = 0
        self._replays = 0
        self._has_given_up = False
        self._credit = FIRST_LOSS
        self._acceptance: defaultdict[int, Acceptance] = defaultdict(Acceptance)

    def draft_length(self, kind: int, longest: int) -> int:
        """How many tokens of a draft of this kind to send along, at most `longest`."""
        if self._has_given_up or not self._one_row:
            return 0
        cost = self.row_cost
        tried = max(FIRST, 2 * self._longest_tried)
        best = best_draft_length(self._acceptance[kind].rate, cost, min(longest, tried))
        return max(0, min(best, int(self._credit / cost))) if self._credit >= LEAST_DRAFT_COST else 0

    def may_follow(self, kind: int, before: int, rows: int) -> bool:
        """Whether to send so many drafted tokens while `before` others of this kind are under way."""
        if self._has_given_up or rows * self.row_cost > self._credit:
            return False
        return is_worth_sending_behind(self._acceptance[kind].rate, before, rows, self.row_cost)

    def rate(self, kind: int) -> float:
        """How often drafted tokens of this kind come true."""
        return self._acceptance[kind].rate

    def speed(self, kind: int, seconds: float) -> float:
        """Tokens a second with drafts of this kind alone, if a drafted token takes so long to make."""
        tokens = min(1 / (1 - min(self.rate(kind), 0.999)), LONGEST)
        return tokens / (self.trip_seconds + tokens * seconds) if self._one_row else 0.0

    def reach(self, kind: int, seconds: float) -> int:
        """How many tokens a drafter that takes so long for each is to have ready; 0: it is to be left alone.

        So many that the last of them is worth its row, if the drafter is faster than trips are.
        """
        if self._has_given_up or not self._one_row:
            return 0
        if self._credit < max(LEAST_DRAFT_COST, self.row_cost):
            return 0
        if seconds > self.rate(kind) * self.trip_seconds:
            return 0
        return min(LONGEST, int(log(self.row_cost) / log(min(self.rate(kind), 0.999))))

    def piece(self, seconds: float) -> int:
        """How many tokens of such a drafter to wait for before they are sent."""
        return max(1, round(self.trip_seconds / PIECES / seconds)) if seconds > 0 else 1

    @property
    def pause(self) -> float:
        """Seconds between pieces with branches."""
        return self.trip_seconds / BRANCHES

    @property
    def least_chance(self) -> float:
        """Of a guess to come true that is worth its row."""
        return max(LEAST_CHANCE, WORTH * self.row_cost) if self._one_row else 1.0

    @property
    def rows_left(self) -> int:
        """That drafts may have now."""
        if self._has_given_up or not self._one_row or self._credit < LEAST_DRAFT_COST:
            return 0
        return int(self._credit / self.row_cost)

    @property
    def trip_seconds(self) -> float:
        """Of a trip of one row; 0: nobody knows yet."""
        return median(self._one_row) if self._one_row else 0.0

    @property
    def row_cost(self) -> float:
        """What one more row adds to a trip, of the time of a trip with one row."""
        one = median(self._one_row)
        seen = [(seconds - one) / more / one for more, seconds in self._more_rows]
        return max(median_low([*seen, UNKNOWN_ROW_COST]), LEAST_ROW_COST)

    def note_trip(self, rows: int, seconds: float) -> None:
        """A trip with so many rows came back after that long. The first one has one row."""
        for acceptance in self._acceptance.values():
            acceptance.fade()
        self._credit = min(self._credit + LOSS, MOST_CREDIT)
        if rows == 1:
            self._one_row.append(seconds)
            return
        self._more_rows.append((rows - 1, seconds))
        self._longest_tried = max(self._longest_tried, rows - 1)
        self._credit -= max((rows - 1) * self.row_cost, LEAST_DRAFT_COST)

    def note_following(self, rows: int) -> None:
        """So many were sent behind others."""
        self._credit -= rows * self.row_cost

    def note_late(self, seconds: float) -> None:
        """An answer was noticed so much later than it came, as a draft was being made."""
        self._credit -= seconds / self.trip_seconds

    def note_token(self, kind: int, came_true: bool) -> None:
        """A drafted token was the one that was chosen, which saved a trip; or another one was."""
        self._acceptance[kind].note(came_true)
        self._credit = min(self._credit + came_true, MOST_CREDIT)

    def note_branch(self) -> None:
        """A guess came true that was not the likeliest, which saved a trip."""
        self._credit = min(self._credit + 1, MOST_CREDIT)

    def note_replay(self) -> None:
        """Going back to before a draft made a span be rebuilt; or a server failed just then."""
        self._replays += 1
        self._has_given_up |= self._replays >= REPLAYS

    def give_up(self) -> None:
        """No more drafts."""
        self._has_given_up = True
