"""What the chat says about models, answers and privacy. Pure."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication

from desktop.chat.store import Message, MessageState
from desktop.figures import decimal
from desktop.sentences import in_words
from engine.api.schema import AnswerReport, HopReport, ModelInfo

translate = QCoreApplication.translate


def layers_in_words(spans: Iterable[tuple[int, int]]) -> str:
    """Half-open ranges as people count: `(8, 16), (19, 20)` is "9–16, 20"."""
    return ", ".join(f"{start + 1}–{end}" if end - start > 1 else f"{start + 1}" for start, end in spans)


def health_of(model: ModelInfo) -> str:
    if model.complete:
        return translate("Chat", "complete")
    missing = sum(end - start for start, end in model.gaps)
    if missing == 1:
        return translate("Chat", "layer {range} is missing").format(range=layers_in_words(model.gaps))
    if missing == model.n_layers:
        return translate("Chat", "nobody serves it now")
    return translate("Chat", "layers {ranges} are missing").format(ranges=layers_in_words(model.gaps))


def privacy_of(private: bool | None, elsewhere: str = "") -> str:
    """`elsewhere`: the address of the computer whose engine answers, where it is not this one."""
    if private is None:
        return translate("Chat", "Waiting for the engine")
    if private and elsewhere:
        return translate("Chat", "What you write goes to {name}, and no further").format(name=elsewhere)
    if private:
        return translate("Chat", "This computer only: what you write stays here")
    return translate("Chat", "Public swarm: peers that serve layers can learn about what you send")


def figures_of(message: Message) -> str:
    """Speed and size of an answer and the model it is by, as far as they are known."""
    parts = []
    if message.report:
        if message.report.tokens_per_s:  # a single token has none
            parts.append(
                translate("Chat", "{rate} tokens/s").format(rate=decimal(message.report.tokens_per_s, 1))
            )
        parts.append(
            translate("Chat", "first token after {seconds} s").format(
                seconds=decimal(message.report.seconds_to_first_token, 1)
            )
        )
    if message.tokens is not None:
        parts.append(_tokens(message.tokens))
    if parts and message.model:
        parts.append(message.model)
    return " · ".join(parts)


def _tokens(count: int) -> str:
    if count == 1:
        return translate("Chat", "1 token")
    return translate("Chat", "{count} tokens").format(count=count)


def servers_of(report: AnswerReport, own_peer: str) -> str:
    """Who served it, in a few words."""
    peers = {hop.peer for hop in report.hops}
    if peers == {own_peer}:
        return translate("Chat", "Served by this computer")
    if len(peers) == 1:
        return translate("Chat", "Served by {peer}").format(peer=_short(next(iter(peers)), own_peer))
    return translate("Chat", "Served by {count} peers").format(count=len(peers))


def route_of(report: AnswerReport, own_peer: str) -> str:
    """One line per server: its layers, and where the time went."""
    lines = [_hop_line(hop, own_peer) for hop in report.hops]
    lines += _replays(report)
    return "\n".join(lines)


def _hop_line(hop: HopReport, own_peer: str) -> str:
    return f"{hop_title(hop, own_peer)}: {hop_details(hop)}"


def hop_title(hop: HopReport, own_peer: str) -> str:
    """Which layers, and who served them."""
    return translate("Chat", "Layers {layers} · {peer}").format(
        layers=layers_in_words([(hop.start, hop.end)]), peer=_short(hop.peer, own_peer)
    )


def hop_details(hop: HopReport) -> str:
    """In which precision, and where the time went."""
    details = translate("Chat", "{compute} s computing, {link} s on the way, {steps}").format(
        compute=decimal(hop.compute_seconds, 2),
        link=decimal(max(0.0, hop.seconds - hop.compute_seconds), 2),
        steps=_steps(hop.steps),
    )
    return f"{in_words(hop.precision_words)} · {details}" if hop.precisions else details


def _steps(count: int) -> str:
    if count == 1:
        return translate("Chat", "1 step")
    return translate("Chat", "{count} steps").format(count=count)


def route_summary(report: AnswerReport) -> str:
    """What concerns the whole way."""
    computing = sum(hop.compute_seconds for hop in report.hops)
    way = sum(max(0.0, hop.seconds - hop.compute_seconds) for hop in report.hops)
    lines = [
        translate("Chat", "All together: {compute} s computing (green), {link} s on the way (amber)").format(
            compute=decimal(computing, 2), link=decimal(way, 2)
        )
    ]
    if report.reused_prompt_tokens:
        lines.append(
            translate("Chat", "Tokens that servers still knew from before: {count}").format(
                count=report.reused_prompt_tokens
            )
        )
    return "\n".join([*lines, *_replays(report)])


def _replays(report: AnswerReport) -> list[str]:
    if not report.replayed_spans:
        return []
    text = translate("Chat", "Spans rebuilt on another server after a failure: {count}")
    return [text.format(count=report.replayed_spans)]


def repairing_in_words(layers: Iterable[tuple[int, int]]) -> str:
    return translate(
        "Chat", "A server left. Others take over layers {layers}; the answer goes on in a moment."
    ).format(layers=layers_in_words(layers))


def _short(peer: str, own_peer: str) -> str:
    if peer and peer == own_peer:
        return translate("Chat", "this computer")
    return f"…{peer[-8:]}" if len(peer) > 10 else peer


def excerpt_of(text: str, longest: int = 8_000) -> str:
    """What is shown of a question: of one with a whole file in it, the beginning."""
    if len(text) <= longest:
        return text
    more = translate("Chat", "… and {count} more characters").format(count=len(text) - longest)
    return f"{text[:longest]}\n{more}"


def notice_of(message: Message) -> str:
    """Why the answer is not whole; empty if it is."""
    if message.state is MessageState.BROKEN:
        return message.reason
    if message.state is MessageState.STOPPED:
        return translate("Chat", "You stopped this answer.")
    if message.state is MessageState.CLOSED:
        return translate("Chat", "Potluck was closed before this answer was complete.")
    if message.state is MessageState.CUT:
        return translate("Chat", "The answer reached its length limit.")
    return ""


def position_of(message_id: int, siblings: Sequence[int]) -> str:
    return translate("Chat", "{at} of {count}").format(at=siblings.index(message_id) + 1, count=len(siblings))
