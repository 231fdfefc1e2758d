"""What the Contribution page says. Pure."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop.contribution.kinds import Kind, amount_of, estimated_of, given_in_words, name_of
from desktop.contribution.series import Bar, sum_of
from desktop.contribution.share import Share
from desktop.figures import decimal
from desktop.sharing.wording import bytes_in_words, count_in_words
from engine.api.history_schema import By

translate = QCoreApplication.translate


def span_of(by: By) -> str:
    return {
        By.HOUR: translate("Contribution", "Last 48 hours"),
        By.DAY: translate("Contribution", "Last 30 days"),
        By.MONTH: translate("Contribution", "Last 12 months"),
    }[by]


def summary_of(bars: Sequence[Bar], kind: Kind, by: By) -> str:
    """The chart in a sentence."""
    total = sum_of(tuple(bars))
    if not amount_of(total, kind):
        return translate("Contribution", "{span}: nothing.").format(span=span_of(by))
    best = max(bars, key=lambda bar: amount_of(bar.given, kind))
    told = translate("Contribution", "{span}: {amount}, most of it {best}: {most}.").format(
        span=span_of(by),
        amount=given_in_words(total, kind),
        best=best.name,
        most=given_in_words(best.given, kind),
    )
    if not estimated_of(total, kind):
        return told
    return translate("Contribution", "{told} What is striped is an estimate.").format(told=told)


def bar_in_words(bar: Bar, kind: Kind) -> str:
    amount = translate("Contribution", "{when}: {amount}").format(
        when=bar.name, amount=given_in_words(bar.given, kind)
    )
    return f"{amount} · {details_of(bar, kind)}" if details_of(bar, kind) else amount


def details_of(bar: Bar, kind: Kind) -> str:
    """What the amount is made of."""
    given = bar.given
    if kind is Kind.WORK and given.tokens:
        return translate("Contribution", "{count} tokens").format(count=count_in_words(given.tokens))
    if kind is Kind.TRAFFIC and (given.sent_bytes or given.received_bytes):
        return traffic_of(bar)
    if estimated_of(given, kind):
        return translate("Contribution", "estimated")
    return ""


def traffic_of(bar: Bar) -> str:
    return translate("Contribution", "{sent} up, {received} down").format(
        sent=bytes_in_words(bar.given.sent_bytes), received=bytes_in_words(bar.given.received_bytes)
    )


def chart_name(kind: Kind, by: By) -> str:
    return f"{name_of(kind)}, {span_of(by)}"


def share_of(share: Share) -> str:
    """The swarm at this moment, and this computer's part in it."""
    if not share.servers:
        return translate("Contribution", "Nobody serves anything right now.")
    if share.swarm < 0.5:
        return translate("Contribution", "Nobody asks the swarm for anything right now.")
    swarm = translate("Contribution", "The swarm works at {rate} tokens × layers per second").format(
        rate=count_in_words(round(share.swarm))
    )
    if share.own < 0.5:
        return translate("Contribution", "{swarm}; nothing of that is done here at this moment.").format(
            swarm=swarm
        )
    return translate("Contribution", "{swarm}; this computer does {rate} of them, {percent} %.").format(
        swarm=swarm, rate=count_in_words(round(share.own)), percent=percent_of(share)
    )


def percent_of(share: Share) -> str:
    percent = 100 * share.own / share.swarm
    return decimal(percent, 0 if percent >= 10 else 1)
