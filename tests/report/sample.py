"""A small stack with a fault of every severity, an allowed one, and a file that cannot be read."""

from labkeeper.audit import Folder, Skipped, Verdict, judge
from labkeeper.checks import CHECKS

WRAPPED = (
    '{"dashboard": {"uid": "a", "title": "Größe \U0001f4be", "schemaVersion": 41, "panels": []}}\n'
)
PANELS = """{"uid": "b", "title": "B", "schemaVersion": 41, "panels": [
  {"id": 1, "type": "stat", "title": "CPU"}, {"id": 1, "type": "stat", "title": "50%, or: so"}
]}
"""
SOURCES = """apiVersion: 1
datasources:
  - {name: A, uid: same, type: prometheus}
  - {name: B, uid: same, type: prometheus} # labkeeper: allow duplicate-datasource-uid -- a test
"""
STACK = {
    "a b/wrapped.json": WRAPPED,
    "panels.json": PANELS,
    "sources.yaml": SOURCES,
    "untitled.json": '{"uid": "c", "schemaVersion": 41, "panels": []}\n',
    "bad.yaml": "a: [\n",
}
FOLDER = Folder(STACK, skipped=(Skipped("pipe.yml", "is not a regular file", meant=True),))


def sample() -> Verdict:
    return judge(FOLDER, CHECKS)
