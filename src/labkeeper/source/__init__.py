"""Text to nodes to typed values, with places; problems as values."""

from labkeeper.source.decode import Decoded, decode, salvage
from labkeeper.source.document import Document, Kind
from labkeeper.source.duration import duration, spelled
from labkeeper.source.ini import parse_ini
from labkeeper.source.json import parse_json
from labkeeper.source.nearness import did_you_mean, near_names, nearest
from labkeeper.source.problem import Finding, Problem, Related, Severity
from labkeeper.source.scalar import UnreadableError
from labkeeper.source.text import Piece, Position, Slice, Span, line_at, position
from labkeeper.source.tree import Mapping, Node, Scalar, Sequence, walk
from labkeeper.source.write import Bare, Comments, Writable, comment_line, write_yaml
from labkeeper.source.yaml import parse_yaml

__all__ = [
    "Bare",
    "Comments",
    "Decoded",
    "Document",
    "Finding",
    "Kind",
    "Mapping",
    "Node",
    "Piece",
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
    "line_at",
    "near_names",
    "nearest",
    "parse_ini",
    "parse_json",
    "parse_yaml",
    "position",
    "salvage",
    "spelled",
    "walk",
    "write_yaml",
]
