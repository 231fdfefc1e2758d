"""What the Models page says of a model. Pure."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop.chat.wording import layers_in_words
from desktop.figures import decimal
from desktop.models.known import BYTES_PER_PARAMETER, KnownModel
from desktop.sharing.wording import bytes_in_words, count_in_words
from engine.api.catalogue_schema import CataloguedModel

translate = QCoreApplication.translate

CARDS = (8, 12, 16, 24, 48, 80)  # GB of memory that graphics cards have
MOST_CARDS = 4  # of one size: more would rather be said in larger ones
MOST_SPANS = 4  # that are named
USABLE = 0.75  # of a card's memory, beside its cache and the owner's programs


def health_in_words(model: KnownModel) -> str:
    if model.complete:
        return _depth(model)
    if model.missing == model.n_layers:
        text = translate("Models", "nobody serves it now: it needs {count} layers{cards}")
    elif model.missing == 1:
        text = translate("Models", "needs 1 more layer{cards}")
    else:
        text = translate("Models", "needs {count} more layers{cards}")
    return text.format(count=model.missing, cards=_with_colon(model))


def _depth(model: KnownModel) -> str:
    thinnest = model.served.thinnest if model.served else 0
    if thinnest > 1:
        return translate("Models", "complete, every layer has {count} servers or more").format(count=thinnest)
    if thinnest == 1 and model.served and model.served.servers > 1:
        thin = [(start, end) for start, end, servers in model.served.depth if servers == 1]
        return translate("Models", "complete, but layers {ranges} have one server only").format(
            ranges=_few(thin)
        )
    return translate("Models", "complete")


def _few(spans: Sequence[tuple[int, int]]) -> str:
    """The first ones, as people count layers."""
    more = " …" if len(spans) > MOST_SPANS else ""
    return layers_in_words(spans[:MOST_SPANS]) + more


def tone_of(model: KnownModel) -> str:
    if model.complete:
        return "giving"
    return "muted" if model.missing == model.n_layers else "waiting"


def _with_colon(model: KnownModel) -> str:
    size = model.missing_size
    if not size:
        return ""
    joint = ", " if model.missing == model.n_layers else ": "
    return joint + cards_in_words(size)


def cards_in_words(size: int) -> str:
    """How many graphics cards would hold so many bytes of layers."""
    memory = next((gb for gb in CARDS if size <= MOST_CARDS * _room(gb)), CARDS[-1])
    count = max(1, math.ceil(size / _room(memory)))
    if count == 1:
        return translate("Models", "about one card of {memory} GB").format(memory=memory)
    return translate("Models", "about {count} cards of {memory} GB").format(count=count, memory=memory)


def _room(gigabytes: int) -> float:
    return gigabytes * 1e9 * USABLE


def facts_in_words(model: KnownModel) -> str:
    """Layers, size, how much it reads, what it does."""
    facts = [translate("Models", "{count} layers").format(count=model.n_layers)]
    if model.stored is not None:
        facts.append(bytes_in_words(model.stored.size))
    elif model.size is not None:
        facts.append(translate("Models", "about {size}").format(size=bytes_in_words(model.size)))
    if model.context:
        facts.append(translate("Models", "reads {count} tokens").format(count=count_in_words(model.context)))
    if does := _does(model):
        facts.append(does)
    if model.catalogued is not None and model.catalogued.licence:
        facts.append(model.catalogued.licence)
    return " · ".join(facts)


def _does(model: KnownModel) -> str:
    if model.stored is None or model.stored.kind == "causal":
        return ""
    if model.stored.kind == "encoder":
        return translate("Models", "makes embeddings")
    return translate("Models", "reads pictures")


def servers_in_words(model: KnownModel) -> str:
    servers = model.served.servers if model.served else 0
    if servers == 1:
        return translate("Models", "1 server")
    return translate("Models", "{count} servers").format(count=servers) if servers else ""


def disk_in_words(model: KnownModel) -> str:
    """What of it is on this computer."""
    stored = model.stored
    if stored is None or not stored.present_size:
        return translate("Models", "Nothing of it is on this disk")
    present = sum(layer.present for layer in stored.layers)
    size = bytes_in_words(stored.present_size)
    if stored.complete:
        said = translate("Models", "All of it is on this disk: {size}").format(size=size)
    elif not present:
        said = translate("Models", "On this disk: what a chat needs, {size}").format(size=size)
    else:
        said = translate("Models", "On this disk: {present} of {count} layers, {size}").format(
            present=present, count=len(stored.layers), size=size
        )
    return said + (translate("Models", " · kept") if stored.kept else "")


def catalogued_in_words(entry: CataloguedModel) -> str:
    """Size and licence of a model that is not here yet."""
    facts = []
    if entry.parameters:
        facts.append(parameters_in_words(entry.parameters))
        size = entry.parameters * BYTES_PER_PARAMETER
        facts.append(translate("Models", "about {size}").format(size=bytes_in_words(size)))
        facts.append(cards_in_words(size))
    if entry.licence:
        facts.append(entry.licence)
    return " · ".join(facts)


def parameters_in_words(count: int) -> str:
    if count >= 10**9:
        number = count / 10**9
        return translate("Models", "{count} billion parameters").format(
            count=decimal(number, 0 if number >= 10 else 1)
        )
    return translate("Models", "{count} million parameters").format(count=round(count / 10**6))


def name_of(entry: CataloguedModel) -> str:
    """The repository as people name it; what an entry leaves open is said."""
    return entry.source.rstrip("*").rstrip("-_.") if entry.source.endswith("*") else entry.source
