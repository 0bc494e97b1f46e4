"""A sample of one of labkeeper's own families."""

from labkeeper.metrics.exposition import Sample
from labkeeper.metrics.families import PREFIX


def sample(name: str, value: float, **labels: str) -> Sample:
    """With its labels in their order."""
    return Sample(PREFIX + name, float(value), tuple(sorted(labels.items())))
