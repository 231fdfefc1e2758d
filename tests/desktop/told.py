"""Sentences as the engine composes them, for the fake one."""

from engine.api.sentences import Sentence, both, counted, said

GB = 10**9
MODEL = "wide-chat"
CARD = "NVIDIA RTX 4070"
FEWEST = counted(
    "a single computer serves layer {ranges} of {model}",
    "a single computer serves layers {ranges} of {model}",
    8,
    ranges="9–16",
    model="tiny-chat",
)
FITS = counted(
    "{n} layer is what fits with {cache:bytes} of cache into the {room:bytes} that may be used on {device}",
    "{n} layers are what fits with {cache:bytes} of cache into the {room:bytes} that may be used on {device}",
    8,
    cache=2 * GB,
    room=10.5 * GB,
    device=CARD,
)


def _layers(n_layers: int, model: str, precision: str) -> Sentence:
    return counted(
        "Layer {range} of {n_layers} of {model} in {precisions}",
        "Layers {range} of {n_layers} of {model} in {precisions}",
        8,
        range="9–16",
        n_layers=n_layers,
        model=model,
        precisions=precision,
    )


WHY = said(
    "{what}: {reason}, and {limit}.", what=_layers(30, "tiny-chat", "bfloat16"), reason=FEWEST, limit=FITS
)
PLANNED = said(
    "{what}: {reason}, and {limit}.",
    what=_layers(32, MODEL, "int8"),
    reason=said("nobody serves {model} yet", model=MODEL),
    limit=FITS,
)
CPU = counted("CPU, {n} thread", "CPU, {n} threads", 8)
LEFT_ALONE = said(
    "The CPU is left alone, because {device} serves: it would be slower, and chats need it.", device=CARD
)
NO_FIT = said(
    "{what}: {needed:bytes} needed, {room:bytes} may be used on {device}; {advice}.",
    what=said("Not even one layer of {model} fits into memory", model=MODEL),
    needed=3.4 * GB,
    room=2 * GB,
    device=CARD,
    advice=said("close other programs"),
)
UNDAMAGED = counted(
    "Nothing is damaged: {n} part, {size:bytes}.",
    "Nothing is damaged: {n} parts, {size:bytes}.",
    54,
    size=47 * GB,
)
GATED = said(
    "{repo_id} is gated: accept its terms on {page}, then {token}.",
    repo_id="someone/private",
    page="https://huggingface.co/someone/private",
    token=said("set a token with `hf auth login` or HF_TOKEN"),
)
FULL_DISK = said(
    "The disk of {root} is full: free at least {needed:bytes} there, or move the layer store.",
    root="/home",
    needed=5 * GB,
)
UNSETTABLE = said(
    "{path} cannot be written ({reason}) and nothing was set: see that Potluck may.",
    path="/home/cook/.local/share/potluck/settings.toml",
    reason="Permission denied",
)
WAY_OUT = said("This computer has a way to the internet by {kinds}.", kinds=both(["IPv4", "IPv6"]))
RELAYED = said("Other computers reach this one only by way of relays, which is slower.")
WAY_IN = said(
    "Switch on automatic port mapping (UPnP) in your router, or have it pass {ports} on to {local}; they "
    "stay the same.",
    ports=said("TCP ports {ports}", ports=both(["31337", "31338"])),
    local="192.168.1.20",
)
BEHIND = said(
    "This computer's clock is {seconds} s behind {whose}: announcements look expired.",
    seconds=40,
    whose=said("those of others"),
)
SET_CLOCK = said("Have the system set its clock by the network.")
EVERYTHING = (
    WHY, PLANNED, CPU, LEFT_ALONE, NO_FIT, UNDAMAGED, GATED, FULL_DISK, UNSETTABLE, WAY_OUT, RELAYED, WAY_IN,
    BEHIND, SET_CLOCK,
)  # fmt: skip
