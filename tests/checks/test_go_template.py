import random
import re
from pathlib import Path

import pytest

from labkeeper.checks.alerting.templates import NOTIFICATION, RULE
from labkeeper.checks.go_template import flaws
from tests.programs import program, said


def kinds(text: str) -> list[str]:
    return [flaw.kind for flaw in flaws(text, RULE)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no template at all", []),
        ('{"a": {"b": 1}} and {device}', []),
        ("{{ $labels.instance }} {{ $value | humanize }}", []),
        ("{{- if gt $value 1.0 -}}a{{- else if lt $value 0.5 }}b{{ else }}c{{ end -}}", []),
        ("{{ range $i, $x := query `up` }}{{ $i }}{{ $x.Value }}{{ else }}none{{ end }}", []),
        ('{{ with $x := "}}" }}{{ $x }}{{ end }}', []),
        ("{{ `a {{ b }} c` }}", []),
        ("{{/* {{ if }} */}}{{- /* a */ -}}", []),
        ('{{ define "x" }}{{ .Anything.at.all }}{{ end }}{{ template "x" . }}', []),
        ("{{ (index .Labels 0).Foo }} {{ .Labels.foo.Bar }}", []),
        ("{{ $x := 1 }}{{ $x = 2 }}{{ $x }}", []),
        ("{{ -1 }} {{ 0x1F }} {{ 'a' }} {{ 1e3 }} {{ true }} {{ nil | print }}", []),
        ("{{ $labels.a", ["unclosed"]),
        ('{{ "}}', ["unclosed"]),
        ("{{ if true }}", ["unended"]),
        ("{{ end }}", ["stray"]),
        ("{{ else }}", ["stray"]),
        ("{{ foo }}", ["function"]),
        ("{{ $value | toupper }}", ["function"]),
        ("{{ $label.a }}", ["variable"]),
        ("{{ .Label }}", ["field"]),
        ("{ $labels.a }", ["single"]),
        ("{ range .Alerts }{ .Status }{ end }", ["single", "single", "single"]),
    ],
)
def test_flaws(text: str, expected: list[str]) -> None:
    """Each flaw is found once, and nothing else is."""
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ range .Alerts }}{{ .Labels.a }}{{ end }}{{ .Labels }}", [".Labels"]),
        ("{{ range .Alerts.Firing }}{{ .Receiver }}{{ $.Receiver }}{{ end }}", [".Receiver"]),
        ("{{ range $a := .Alerts }}{{ $a.Labels }}{{ .Labels }}{{ end }}", []),
        ("{{ with .CommonLabels }}{{ .Whatever }}{{ end }}", []),
        ("{{ with .CommonLabels }}a{{ else }}{{ .Labels }}{{ end }}", [".Labels"]),
        ("{{ range .CommonLabels.SortedPairs }}{{ .Name }}{{ end }}", []),
        ("{{ range .Alerts }}{{ range .Labels.SortedPairs }}{{ .Name }}{{ end }}{{ end }}", []),
        ("{{ $.Labels }}", ["$.Labels"]),
        ("{{ len (.Alerts.Firing) }} {{ eq .Status `x` }}", []),
    ],
)
def test_fields(text: str, expected: list[str]) -> None:
    """What `.` is, is followed through ranges as far as it can be told."""
    assert [text[flaw.start : flaw.end] for flaw in flaws(text, NOTIFICATION)] == expected


SEEDS = (
    '{{ $labels.instance }} {{ if gt $value 1.0 }}{{ $value | printf "%.1f" }}{{ end }}',
    "{{ range query `up` }}{{ . | first | value }}{{ else }}-{{ end }}{{/* x */}}{{- $x := 1 -}}",
    '{{ with $y := .Labels.job }}{{ $y }}{{ end }} {{ define "a" }}{{ end }}{{ template "a" . }}',
)


@pytest.mark.testbed
def test_never_fatal_where_prometheus_accepts(tmp_path: Path) -> None:
    """Of a thousand damaged templates, each that is called unreadable is refused by promtool."""
    chance = random.Random(20)
    texts = [damaged(chance, chance.choice(SEEDS)) for _ in range(1000)]
    rules = "".join(
        f"- {{alert: A{n}, expr: up == {n}, annotations: {{s: {quoted(text)}}}}}\n"
        for n, text in enumerate(texts)
    )
    file = tmp_path / "rules.yml"
    file.write_text(f"groups:\n- name: g\n  rules:\n{indented(rules)}", "utf-8")

    _, words = said(program("promtool"), "check", "rules", str(file))
    refused = {int(n) for n in re.findall(r'rule \d+, "A(\d+)": annotation', words)}
    fatal = {n for n, text in enumerate(texts) if any(f.fatal for f in flaws(text, RULE))}

    assert len(refused) > 300
    assert {n: texts[n] for n in fatal - refused} == {}
    assert len(fatal) > 0.6 * len(refused)


def damaged(chance: random.Random, text: str) -> str:
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        match chance.randrange(3):
            case 0:
                text = text[:at] + text[at + chance.randint(1, 4) :]
            case 1:
                text = text[:at] + chance.choice('{}|.$"` ()-e') + text[at:]
            case _:
                other = chance.randrange(len(text))
                text = text[:at] + text[other : other + 6] + text[at:]
        text = text or "x"
    return text


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
