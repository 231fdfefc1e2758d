"""What the Home page says, from a snapshot. Pure."""

from PySide6.QtCore import QCoreApplication

from desktop.figures import bytes_in_words, decimal, shortest
from desktop.sentences import in_words
from engine.api.schema import DeviceReading, Given, ModelInfo, ServerPhase, ServerStatus
from engine.api.store_schema import Transfer, TransferKind

translate = QCoreApplication.translate


def span_of(server: ServerStatus) -> str:
    """Layers as people count them: from 1, both ends included."""
    if server.end - server.start == server.n_layers:
        return translate("Home", "All {count} layers of {model}").format(
            count=server.n_layers, model=server.model
        )
    if server.end - server.start == 1:
        return translate("Home", "Layer {first} of {count} of {model}").format(
            first=server.end, count=server.n_layers, model=server.model
        )
    return translate("Home", "Layers {first}–{last} of {count} of {model}").format(
        first=server.start + 1, last=server.end, count=server.n_layers, model=server.model
    )


def shown_of(server: ServerStatus) -> str:
    """Its layers, and what keeps them from being served."""
    if server.serves:
        return span_of(server)
    if server.phase is ServerPhase.CHOOSING:
        return translate("Home", "{span}, unless others take them").format(span=span_of(server))
    return translate("Home", "{span}, soon").format(span=span_of(server))


def means_of(server: ServerStatus) -> str:
    """On what, how exactly the weights are kept, and how much room they take."""
    kept = in_words(server.layer_precisions) or server.precision
    return translate("Home", "{device} · {precision} · {size} of weights").format(
        device=in_words(server.device), precision=kept, size=bytes_in_words(server.weights_bytes)
    )


def cache_of(server: ServerStatus) -> str:
    if not server.cache_budget_bytes:
        return translate("Home", "none")
    share = 100 * server.cache_used_bytes / server.cache_budget_bytes
    return translate("Home", "{share} % of {budget}").format(
        share=f"{share:.0f}", budget=bytes_in_words(server.cache_budget_bytes)
    )


def memory_of(reading: DeviceReading) -> str:
    return translate("Home", "{used} of {all}").format(
        used=bytes_in_words(reading.memory_used_bytes or 0), all=bytes_in_words(reading.memory_bytes or 0)
    )


def given_of(given: Given) -> tuple[str, str, str]:
    """Layer-tokens, tokens and time online."""
    return (
        count_in_words(given.layer_tokens),
        count_in_words(given.tokens),
        time_in_words(given.seconds_online),
    )


def servers_of(model: ModelInfo) -> str:
    if model.servers == 1:
        return translate("Home", "1 server")
    return translate("Home", "{count} servers").format(count=model.servers)


def transfer_in_words(transfer: Transfer) -> str:
    """What is on its way, how much of it has come, from whom, and for how long still."""
    return " · ".join(part for part in (_what(transfer), *_how_far(transfer)) if part)


def _what(transfer: Transfer) -> str:
    if transfer.kind is TransferKind.VERIFY:
        what = transfer.model or translate("Home", "all layers")
        return translate("Home", "Checking {what}").format(what=what)
    if transfer.kind is TransferKind.MOVE:
        return translate("Home", "Copying all layers to their new place, and checking them")
    if transfer.kind is TransferKind.EXPORT:
        return translate("Home", "Writing {model} into a folder").format(model=transfer.model)
    imported, name = transfer.kind is TransferKind.IMPORT, name_of(transfer)
    if transfer.layers is None:
        doing = translate("Home", "Importing {model}") if imported else translate("Home", "Fetching {model}")
        return doing.format(model=name)
    first, last = transfer.layers[0] + 1, transfer.layers[1]
    if first == last:
        one = translate("Home", "Fetching layer {first} of {model}")
        return (translate("Home", "Importing layer {first} of {model}") if imported else one).format(
            model=name, first=first
        )
    some = translate("Home", "Fetching layers {first}–{last} of {model}")
    return (translate("Home", "Importing layers {first}–{last} of {model}") if imported else some).format(
        model=name, first=first, last=last
    )


def name_of(transfer: Transfer) -> str:
    """The model as people name it: where a hub's is asked for, its repository."""
    return transfer.model.removeprefix("hub:")


def _how_far(transfer: Transfer) -> tuple[str, ...]:
    if not transfer.total_bytes:
        return (translate("Home", "looking at it"),)
    done = translate("Home", "{done} of {total}").format(
        done=bytes_in_words(transfer.done_bytes), total=bytes_in_words(transfer.total_bytes)
    )
    return (done, _speed(transfer), _left(transfer))


def _speed(transfer: Transfer) -> str:
    if not transfer.bytes_per_s:
        return ""
    speed = translate("Home", "{size}/s").format(size=bytes_in_words(round(transfer.bytes_per_s)))
    if not transfer.peers:
        return speed
    if transfer.peers == 1:
        return translate("Home", "{speed} from 1 computer").format(speed=speed)
    return translate("Home", "{speed} from {count} computers").format(speed=speed, count=transfer.peers)


def _left(transfer: Transfer) -> str:
    seconds = transfer.seconds_left
    if seconds is None:
        return ""
    if seconds < 60:
        return translate("Home", "{count} s left").format(count=max(1, round(seconds)))
    return translate("Home", "{time} left").format(time=time_in_words(seconds))


def count_in_words(count: int) -> str:
    if count < 10_000:
        return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    for size, unit in ((10**9, translate("Home", "billion")), (10**6, translate("Home", "million"))):
        if count >= 0.9995 * size:  # what would be rounded to 1000 of the next smaller unit
            number = count / size
            is_round = count % (size // 10) == 0
            return f"{shortest(number) if is_round else decimal(number, 1 if number < 99.95 else 0)} {unit}"
    return translate("Home", "{count} thousand").format(count=count // 1000)


def time_in_words(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 60:
        return translate("Home", "{count} min").format(count=minutes)
    return translate("Home", "{hours} h {minutes} min").format(
        hours=minutes // 60, minutes=f"{minutes % 60:02}"
    )
