"""Text to nodes to typed values, with places; problems as values."""

from labkeeper.source.decode import Decoded, decode, salvage
from labkeeper.source.document import Document, Kind
from labkeeper.source.duration import duration, spelled
from labkeeper.source.edit import (
    Edit,
    Fix,
    edited,
    overlap,
    refusal,
    rewrite,
    without_lines,
)
from labkeeper.source.ini import parse_ini
from labkeeper.source.json import parse_json
from labkeeper.source.nearness import did_you_mean, misspelled, near_names, nearest
from labkeeper.source.problem import Finding, Problem, Related, Severity
from labkeeper.source.removal import removal
from labkeeper.source.scalar import UnreadableError
from labkeeper.source.text import Piece, Position, Slice, Span, line_at, position
from labkeeper.source.tree import Mapping, Node, Scalar, Sequence, walk
from labkeeper.source.write import Bare, Comments, Flow, Plain, Writable, comment_line, write_yaml
from labkeeper.source.yaml import parse_yaml

__all__ = [
    "Bare",
    "Comments",
    "Decoded",
    "Document",
    "Edit",
    "Finding",
    "Fix",
    "Flow",
    "Kind",
    "Mapping",
    "Node",
    "Piece",
    "Plain",
    "Position",
    "Problem",
    "Related",
    "Scalar",
    "Sequence",
    "Severity",
    "Slice",
    "Span",
    "UnreadableError",
    "Writable",
    "comment_line",
    "decode",
    "did_you_mean",
    "duration",
    "edited",
    "line_at",
    "misspelled",
    "near_names",
    "nearest",
    "overlap",
    "parse_ini",
    "parse_json",
    "parse_yaml",
    "position",
    "refusal",
    "removal",
    "rewrite",
    "salvage",
    "spelled",
    "walk",
    "without_lines",
    "write_yaml",
]
