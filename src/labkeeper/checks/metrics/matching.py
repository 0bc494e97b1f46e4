"""Which values a matcher can find among those that there are."""

from collections.abc import Iterable

from labkeeper.plan import UNKNOWN
from labkeeper.plan.go_regex import go_regex
from labkeeper.promql import LabelMatcher


def finds(matcher: LabelMatcher, values: Iterable[str]) -> bool:
    """Whether a matcher that asks for something finds one of the values, or cannot be judged."""
    if matcher.operator in {"!=", "!~"} or UNKNOWN in matcher.value or "$" in matcher.value:
        return True
    if matcher.operator == "=":
        # No value is what a label has that is not there.
        return not matcher.value or matcher.value in set(values)
    regex = go_regex(matcher.value)
    return regex is None or any(regex.fullmatch(value) for value in (*values, ""))
