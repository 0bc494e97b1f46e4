"""Whether an alert that fires reaches somebody: its route, the receiver, who listens there."""

from collections.abc import Iterator, Mapping
from typing import Literal

from labkeeper.checks.alerting import undefined_receiver
from labkeeper.checks.alerting.delay import group_interval, server_of, wait
from labkeeper.checks.alerting.empty_receiver import ON_PURPOSE
from labkeeper.checks.alerting.routing import GROUP_INTERVAL, GROUP_WAIT, Place
from labkeeper.checks.alerting.webhook_without_listener import sender_of, unheard
from labkeeper.checks.answer import Asker, address_parts
from labkeeper.checks.targets import prometheus_of
from labkeeper.checks.view import View
from labkeeper.plan import (
    Alertmanager,
    Inhibition,
    Matcher,
    Prometheus,
    Receiver,
    Route,
    Rule,
    accepts,
)
from labkeeper.values import dataclass

Answer3 = Literal["yes", "no", "not-proven"]
_DEAD = frozenset({"nobody", "closed-port", "own-localhost", "no-common-network"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where it goes, or why it does not."""

    arrives: Answer3
    reason: str = ""
    # The ways in which somebody is told: `webhook`, `email`.
    by: tuple[str, ...] = ()
    wait: float = GROUP_WAIT
    interval: float = GROUP_INTERVAL
    # Whether nobody is told because somebody wants it so: a receiver that is called `null`.
    meant: bool = False


# A label's value; none where it is only known once the alert fires.
AlertLabels = Mapping[str, str | None]


def labels_of_alert(view: View, rule: Rule, series: Mapping[str, str]) -> AlertLabels:
    """The labels with which an alert leaves Prometheus."""
    found: dict[str, str | None] = dict(series)
    for name, text in rule.labels:
        known = text.is_literal and "{{" not in text.text and "$" not in text.text
        found[name] = text.text if known else None
    server = server_of(view, rule)
    for name, value in server.external_labels if server else ():
        found.setdefault(name, value)
    found["alertname"] = rule.name.text
    return found


def arrival(view: View, rule: Rule, labels: AlertLabels, refused: Mapping[str, str]) -> Arrival:
    """Follows an alert from Prometheus to whoever is told."""
    server = server_of(view, rule)
    if server is None:
        return Arrival("not-proven", "no prometheus.yml that loads this rule was read")
    if why := _unsent(view, server):
        return Arrival("no", why)
    if not view.plan.knows("alertmanager"):
        return Arrival("not-proven", "no alertmanager.yml was read")
    if server.relabels_alerts:
        return Arrival("not-proven", "alert_relabel_configs change its labels on the way")
    broken = {**{f.at.file: f.message for f in undefined_receiver.check(view) if f.at}, **refused}
    found = [
        Arrival("no", broken[one.at.file]) if one.at.file in broken else _at(view, one, labels)
        for one in view.plan.alertmanagers
        if not one.embedded
    ]
    for wanted in ("yes", "not-proven", "no"):
        for each in found:
            if each.arrives == wanted:
                return each
    return Arrival("not-proven", "no alertmanager.yml was read whole")


def _unsent(view: View, server: Prometheus) -> str | None:
    """Why the Prometheus that evaluates it tells no Alertmanager."""
    if server.alertmanagers_discovered or server.relabels_alertmanagers:
        return None
    if not server.alertmanagers:
        return "this Prometheus has no Alertmanager under `alerting`"
    container = prometheus_of(view.reach, server.key)
    asker = Asker(view.reach, container, container.host if container else server.host)
    for address in server.alertmanagers:
        parts = address_parts(address.text, 9093) if address.is_literal else None
        cause = asker.ask(*parts).cause if parts and container else "unknown"
        if cause not in _DEAD or container is None or view.reach.may_meet_others(container):
            return None
    return f"no Alertmanager answers Prometheus at `{server.alertmanagers[0].text}`"


@dataclass(frozen=True, slots=True)
class _Stop:
    """A route that an alert surely, or perhaps, ends at."""

    place: Place
    sure: bool


def _at(view: View, one: Alertmanager, labels: AlertLabels) -> Arrival:
    stops = list(_stops(Place(one.route, (), ()), labels)) if one.route else []
    receivers = {each.name.text: each for each in one.receivers}
    found = [_told(view, stop.place, receivers) for stop in stops]
    sure = [each for each, stop in zip(found, stops, strict=True) if stop.sure]
    for each in sure:
        if each.arrives == "yes":
            return each
    if len(sure) < len(found):
        return Arrival("not-proven", "a route looks at a label that only the firing alert has")
    return sure[0] if sure else Arrival("not-proven", "its route was not understood")


def _stops(place: Place, labels: AlertLabels, *, sure: bool = True) -> Iterator[_Stop]:
    """The routes that take an alert, as Alertmanager walks them (dispatch/route.go)."""
    above = (*place.above, place.route)
    ended = False
    perhaps = False
    for child in place.route.routes:
        fit = fits(child, labels)
        if fit is False:
            continue
        yield from _stops(
            Place(child, above, ()), labels, sure=sure and fit is True and not perhaps
        )
        if fit is None:
            perhaps = True
            continue
        ended = True
        if not child.carry_on:
            return
    if not ended:
        yield _Stop(place, sure and not perhaps)


def fits(route: Route, labels: AlertLabels) -> bool | None:
    """Whether an alert fits a route; none where that is not known."""
    found = accepted(route.matchers, labels)
    return found if route.understood or found is False else None


def accepted(matchers: tuple[Matcher, ...], labels: AlertLabels) -> bool | None:
    """Whether labels fit all matchers; none where a label's value is not known."""
    unknown = False
    for matcher in matchers:
        value = labels.get(matcher.label, "")
        fit = None if value is None else accepts(matcher, value)
        if fit is False:
            return False
        unknown = unknown or fit is None
    return None if unknown else True


def _told(view: View, place: Place, receivers: Mapping[str, Receiver]) -> Arrival:
    """What the receiver of a route does."""
    name = place.receiver or ""
    receiver = receivers.get(name)
    if receiver is None:
        return Arrival("no", f"its route leads to the receiver `{name}`, which is not defined")
    if not receiver.integrations:
        meant = ON_PURPOSE.search(name) is not None
        why = f"its route leads to the receiver `{name}`, which tells nobody"
        return Arrival("no", why + (", on purpose" if meant else ""), meant=meant)
    sender = sender_of(view)
    reasons: list[str] = []
    for each in receiver.integrations:
        if each.kind == "labkeeper" and each.url is None:
            reasons.append(f"Alertmanager does not speak what `{each.channel}` is")
            continue
        known = each.kind == "webhook" and sender and each.url and each.url.is_literal
        dead = unheard(view, sender, each.url) if known and sender and each.url else None
        if dead is None:
            kinds = tuple(dict.fromkeys(i.kind for i in receiver.integrations))
            return Arrival("yes", "", kinds, wait(place), group_interval(place))
        reasons.append(dead.why)
    return Arrival("no", f"its route leads to `{name}`, and {reasons[0]}")


def inhibited(
    inhibitions: tuple[Inhibition, ...], labels: AlertLabels, source: AlertLabels
) -> bool:
    """Whether an alert that always fires keeps another one from being told of."""
    for each in inhibitions:
        if accepted(each.source, source) is not True or accepted(each.target, labels) is not True:
            continue
        if accepted(each.target, source) is True and accepted(each.source, labels) is True:
            # What is on both sides does not silence itself (inhibit/inhibit.go).
            continue
        values = [(labels.get(n, ""), source.get(n, "")) for n in each.equal]
        if all(mine is not None and mine == theirs for mine, theirs in values):
            return True
    return False
