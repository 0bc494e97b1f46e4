"""Whether clips can be copied: Frigate answers, and so does the broker that it publishes to."""

from collections.abc import Iterator

from labkeeper.host.frigate import Frigate
from labkeeper.host.http import Unanswered
from labkeeper.host.mqtt import Unheard, knock
from labkeeper.keep.apps import recorder_of
from labkeeper.keep.cameras import misplaced, topic_of
from labkeeper.keep.facts import Fact, State
from labkeeper.keep.rules import Kept
from labkeeper.plan import Clips, Plan


def of_cameras(plan: Plan, kept: Kept) -> Iterator[Fact]:
    """Of each rule that has clips copied."""
    for rule in kept.clips:
        yield from _of(rule, plan, kept)


def _of(rule: Clips, plan: Plan, kept: Kept) -> Iterator[Fact]:
    app = recorder_of(plan, kept.host, rule.service)
    refused = misplaced(rule, app)
    if refused is not None or app is None or app.url is None:
        why, help_ = (refused.message, refused.help) if refused else ("", "")
        yield Fact("recorder", rule.service, State.NOT_OK, why, help_)
        return
    try:
        frigate = Frigate(app.url)
        frigate.enter()
        found = topic_of(plan, kept.host, rule.service, frigate)
    except Unanswered as unanswered:
        yield Fact("recorder", rule.service, State.NOT_OK, unanswered.why, unanswered.help)
        return
    except Unheard as unheard:
        yield Fact("broker", rule.service, State.NOT_OK, unheard.why, unheard.help)
        return
    words = f"version {frigate.version} answers at {app.url}"
    yield Fact("recorder", rule.service, State.OK, words)
    if found is None:
        yield Fact(
            "broker", rule.service, State.UNKNOWN,
            "it publishes nothing, so it is asked each minute",
            "`mqtt: {enabled: true, host: ...}` in its settings",
        )  # fmt: skip
        return
    broker, topic = found
    try:
        knock(broker)
    except Unheard as unheard:
        why = f"its messages are not heard: {unheard.why}"
        yield Fact("broker", rule.service, State.NOT_OK, why, unheard.help)
        return
    yield Fact("broker", rule.service, State.OK, f"{broker.shown} lets labkeeper in, for {topic}")
