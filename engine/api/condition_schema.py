"""What the engine is doing, and why: reasons with the sentences that people read."""

from enum import StrEnum

from pydantic import Field

from engine.api.base import Schema
from engine.api.sentences import Said, Sentence, filled


class Activity(StrEnum):
    """What the tray icon shows."""

    DONATING = "donating"
    IDLE = "idle"  # ready, no work
    WAITING = "waiting"
    PAUSED = "paused"
    PROBLEM = "problem"


class Reason(StrEnum):
    """Why the engine does what it does. One enum feeds tray, window, command line and logs."""

    SERVING = "serving"
    READY = "ready"
    SERVING_SEVERAL = "serving_several"  # devices
    READY_SEVERAL = "ready_several"
    GIVING_PARTLY = "giving_partly"  # with some of the devices, the others are on their way
    FAILING_PARTLY = "failing_partly"  # one of them needs its owner
    STARTING = "starting"
    PREPARING_MODEL = "preparing_model"
    FETCHING_LAYERS = "fetching_layers"
    LAYERS_UNAVAILABLE = "layers_unavailable"
    CHOOSING = "choosing"
    LOADING = "loading"
    MOVING = "moving"
    MISSING_LAYERS = "missing_layers"
    FINISHING = "finishing"
    RESTARTING = "restarting"
    PAUSED_BY_OWNER = "paused_by_owner"
    PAUSED_UNTIL = "paused_until"
    PAUSED_IN_USE = "paused_in_use"
    PAUSED_APP_RUNNING = "paused_app_running"
    PAUSED_FULL_SCREEN = "paused_full_screen"
    PAUSED_GPU_BUSY = "paused_gpu_busy"
    PAUSED_TOO_HOT = "paused_too_hot"
    PAUSED_ON_BATTERY = "paused_on_battery"
    PAUSED_METERED = "paused_metered"
    PAUSED_TRAFFIC_USED_UP = "paused_traffic_used_up"
    PAUSED_DISK_LOW = "paused_disk_low"
    PAUSED_OUT_OF_SCHEDULE = "paused_out_of_schedule"
    PAUSED_UNCERTAIN = "paused_uncertain"
    NEVER_STARTED = "never_started"
    CRASHED_TOO_OFTEN = "crashed_too_often"
    DISK_FULL = "disk_full"
    MODEL_BROKEN = "model_broken"
    NOT_ENOUGH_MEMORY = "not_enough_memory"
    SWARM_UNREACHABLE = "swarm_unreachable"
    ENGINE_UNREACHABLE = "engine_unreachable"  # said by a client about an engine that does not answer


ACTIVITY_OF: dict[Reason, Activity] = {
    Reason.SERVING: Activity.DONATING,
    Reason.READY: Activity.IDLE,
    Reason.SERVING_SEVERAL: Activity.DONATING,
    Reason.READY_SEVERAL: Activity.IDLE,
    Reason.GIVING_PARTLY: Activity.DONATING,
    Reason.FAILING_PARTLY: Activity.WAITING,  # and not a problem: the rest gives, and may be paused
    Reason.STARTING: Activity.WAITING,
    Reason.PREPARING_MODEL: Activity.WAITING,
    Reason.FETCHING_LAYERS: Activity.WAITING,
    Reason.LAYERS_UNAVAILABLE: Activity.WAITING,
    Reason.CHOOSING: Activity.WAITING,
    Reason.LOADING: Activity.WAITING,
    Reason.MOVING: Activity.DONATING,
    Reason.MISSING_LAYERS: Activity.WAITING,
    Reason.FINISHING: Activity.DONATING,
    Reason.RESTARTING: Activity.WAITING,
    Reason.PAUSED_BY_OWNER: Activity.PAUSED,
    Reason.PAUSED_UNTIL: Activity.PAUSED,
    Reason.PAUSED_IN_USE: Activity.PAUSED,
    Reason.PAUSED_APP_RUNNING: Activity.PAUSED,
    Reason.PAUSED_FULL_SCREEN: Activity.PAUSED,
    Reason.PAUSED_GPU_BUSY: Activity.PAUSED,
    Reason.PAUSED_TOO_HOT: Activity.PAUSED,
    Reason.PAUSED_ON_BATTERY: Activity.PAUSED,
    Reason.PAUSED_METERED: Activity.PAUSED,
    Reason.PAUSED_TRAFFIC_USED_UP: Activity.PAUSED,
    Reason.PAUSED_DISK_LOW: Activity.PAUSED,
    Reason.PAUSED_OUT_OF_SCHEDULE: Activity.PAUSED,
    Reason.PAUSED_UNCERTAIN: Activity.PAUSED,
    Reason.NEVER_STARTED: Activity.PAUSED,
    Reason.CRASHED_TOO_OFTEN: Activity.PROBLEM,
    Reason.DISK_FULL: Activity.PROBLEM,
    Reason.MODEL_BROKEN: Activity.PROBLEM,
    Reason.NOT_ENOUGH_MEMORY: Activity.PROBLEM,
    Reason.SWARM_UNREACHABLE: Activity.WAITING,
    Reason.ENGINE_UNREACHABLE: Activity.PROBLEM,
}

SENTENCE_OF: dict[Reason, str] = {
    Reason.SERVING: "Giving: layers {first}–{last} of {n_layers} of {model}, {sessions} in use now",
    Reason.READY: "Ready: layers {first}–{last} of {n_layers} of {model}, nobody needs them right now",
    Reason.SERVING_SEVERAL: "Giving: {layers} layers with {devices} devices, {sessions} in use now",
    Reason.READY_SEVERAL: "Ready: {layers} layers with {devices} devices, nobody needs them right now",
    Reason.GIVING_PARTLY: "Giving with {giving} of {devices} devices; {device} – {what:continued}",
    Reason.FAILING_PARTLY: "Giving with {giving} of {devices} devices; {device} – {what:continued}",
    Reason.STARTING: "Starting",
    Reason.PREPARING_MODEL: "Preparing {model}: {percent} %",
    Reason.FETCHING_LAYERS: "Getting layers {first}–{last} of {n_layers} of {model}: {percent} %",
    Reason.LAYERS_UNAVAILABLE: "Waiting: {detail:clause}",
    Reason.CHOOSING: "Seeing what others take before it takes layers {first}–{last} of {n_layers} of {model}",
    Reason.LOADING: "Loading layers {first}–{last} of {n_layers} of {model}",
    Reason.MOVING: "Moving to layers {first}–{last} of {n_layers} of {model}: {why:continued}",
    Reason.MISSING_LAYERS: "Waiting: {model} still needs {missing} of its {n_layers} layers ({ranges})",
    Reason.FINISHING: "Finishing: {sessions} in use, then pausing",
    Reason.RESTARTING: "Restarting in {seconds} s: the block server stopped unexpectedly",
    Reason.PAUSED_BY_OWNER: "Paused until you resume",
    Reason.PAUSED_UNTIL: "Paused until {until}",
    Reason.PAUSED_IN_USE: "Paused: this computer is in use",
    Reason.PAUSED_APP_RUNNING: "Paused: {app} is running",
    Reason.PAUSED_FULL_SCREEN: "Paused: an application fills the screen",
    Reason.PAUSED_GPU_BUSY: "Paused: other programs use {card}",
    Reason.PAUSED_TOO_HOT: "Paused: {card} is too hot ({celsius} °C)",
    Reason.PAUSED_ON_BATTERY: "Paused: on battery",
    Reason.PAUSED_METERED: "Paused: on a metered connection",
    Reason.PAUSED_TRAFFIC_USED_UP: "Paused: this month's {limit:bytes} of traffic are used up",
    Reason.PAUSED_DISK_LOW: "Paused: less than {limit:bytes} of the disk are free",
    Reason.PAUSED_OUT_OF_SCHEDULE: "Paused until {until:clock}, as scheduled",
    Reason.PAUSED_UNCERTAIN: "Paused: {detail:clause}",
    Reason.NEVER_STARTED: "Not giving yet: press Start",
    Reason.CRASHED_TOO_OFTEN: "Stopped: the block server crashed {crashes} times in a row ({detail:clause})",
    Reason.DISK_FULL: "Stopped: {detail:clause}",
    Reason.MODEL_BROKEN: "Stopped: {detail:clause}",
    Reason.NOT_ENOUGH_MEMORY: "Stopped: {detail:clause}",
    Reason.SWARM_UNREACHABLE: "Waiting: {detail:clause}",
    Reason.ENGINE_UNREACHABLE: "Potluck's engine does not answer: {detail:clause}",
}


BY_RULES = frozenset(
    {
        Reason.PAUSED_IN_USE,
        Reason.PAUSED_APP_RUNNING,
        Reason.PAUSED_FULL_SCREEN,
        Reason.PAUSED_GPU_BUSY,
        Reason.PAUSED_TOO_HOT,
        Reason.PAUSED_ON_BATTERY,
        Reason.PAUSED_METERED,
        Reason.PAUSED_TRAFFIC_USED_UP,
        Reason.PAUSED_DISK_LOW,
        Reason.PAUSED_OUT_OF_SCHEDULE,
        Reason.PAUSED_UNCERTAIN,
    }
)  # the owner wants to give, and goes on giving when the owner's rules allow it again


class Condition(Schema):
    """A reason with the values that its sentence names. Clients may translate; `sentence` is English."""

    reason: Reason
    values: dict[str, Said | int] = Field(default_factory=dict)

    @property
    def activity(self) -> Activity:
        return ACTIVITY_OF[self.reason]

    @property
    def by_rules(self) -> bool:
        """Paused, though the owner wants to give: it goes on by itself."""
        return self.reason in BY_RULES

    @property
    def sentence(self) -> Sentence:
        return filled(SENTENCE_OF[self.reason], self.values)
