"""Caddyfiles: which site leads to which program."""

import json
from pathlib import Path

import pytest

from labkeeper.audit.caddy import open_caddyfile
from labkeeper.plan import Proxied
from labkeeper.source import Slice
from tests.programs import program, said

GOOD = Path(__file__).parents[1] / "good" / "caddy-in-front" / "Caddyfile"


def proxied(text: str) -> list[Proxied]:
    opened = open_caddyfile(Slice.whole("Caddyfile", text), False)
    assert not opened.skipped
    return list(opened.plan.proxied)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.lan {\n reverse_proxy b:80 c:81\n}", [("a.lan", "b", 80), ("a.lan", "c", 81)]),
        ("a.lan\nreverse_proxy b:80", [("a.lan", "b", 80)]),
        ("a.lan {\n handle /x {\n  reverse_proxy /y https://b\n }\n}", [("a.lan", "b", 443)]),
        ("a, b.lan {\n reverse_proxy :8080 # why\n}", [("a", "localhost", 8080)]),
        ("a,\nb {\n reverse_proxy {\n  to http://c:1 d\n }\n}", [("a", "c", 1), ("a", "d", 80)]),
        ("a {\n reverse_proxy {$B}:80 {http.x}:1 unix//run/b srv+x.y\n}", []),
        ("{\n email a@b.c\n}\na {\n forward_auth auth:9091 {\n }\n}", [("a", "auth", 9091)]),
        ('a {\n respond "}" 200\n reverse_proxy "b:80"\n}', [("a", "b", 80)]),
        ("a {\n respond <<X\n  {\n X 200\n reverse_proxy b:80\n}", [("a", "b", 80)]),
        ("(x) {\n forward_auth z:1\n import x\n}\na {\n handle {\n  import x\n  import x\n }\n}",
         [("a", "z", 1)]),
        ("(x) {\n reverse_proxy z:1\n}", []),
        ("a {\n php_fastcgi p:9000\n reverse_proxy {$B:books}:7000 {$C:d:1}\n}",
         [("a", "p", 9000), ("a", "books", 7000), ("a", "d", 1)]),
        ("", []),
    ],
)  # fmt: skip
def test_upstreams_are_found(text: str, found: list[tuple[str, str, int]]) -> None:
    """Wherever in a site they stand; what Caddy fills in itself stays unknown."""
    assert [(each.site, each.name, each.port) for each in proxied(text)] == found


def test_places_are_those_of_the_words() -> None:
    """A finding points at the upstream."""
    text = "a {\n reverse_proxy b:80\n}"
    (found,) = proxied(text)

    assert text[found.at.start : found.at.end] == "b:80"


def test_caddys_word_is_the_last() -> None:
    """What it does not do goes, what it does besides comes, at the place where it is written."""
    text = "a.lan {\n reverse_proxy b:80 c:81\n import d.conf\n handle @x {\n  odd d:82\n }\n}"
    handler = {"handler": "reverse_proxy", "upstreams": [
        {"dial": "b:80"}, {"dial": "d:82"}, {"dial": "far:1"}, {"dial": "unix//run/x"},
        {"dial": "{http.x}:1"}, {"dial": ":99999"}, {}, {"dial": []}]}  # fmt: skip
    site = {"match": [{"host": ["a.lan", "b.lan"]}], "handle": [
        {"handler": "subroute", "routes": [{"handle": [handler]}]}]}  # fmt: skip
    answer = json.dumps({"apps": {"http": {"servers": {"srv0": {"routes": [site]}}}}})

    found = open_caddyfile(Slice.whole("Caddyfile", text), False, answer).plan.proxied

    assert [(each.site, each.name, each.port) for each in found] == [
        ("a.lan", "b", 80), ("a.lan", "d", 82), ("a.lan", "far", 1),
    ]  # fmt: skip
    assert [text[each.at.start : each.at.end] for each in found] == ["b:80", "d:82", ""]


@pytest.mark.parametrize("answer", ["", "[", "[]", "null", '{"match": 1}', '{"handler": []}'])
def test_any_answer_of_caddy_is_survived(answer: str) -> None:
    """One that is no configuration changes nothing; an empty one passes nothing on."""
    found = open_caddyfile(Slice.whole("Caddyfile", "a {\n reverse_proxy b:80\n}"), False, answer)

    assert len(found.plan.proxied) == (0 if answer.startswith("{") else 1)


def test_a_name_that_is_not_filled_in_is_not_this_machine() -> None:
    """Caddy makes `:80` of it where the variable is not set."""
    text = "a {\n reverse_proxy {$HOST}:80\n}"
    handler = {"handler": "reverse_proxy", "upstreams": [{"dial": ":80"}]}

    def found(text: str) -> int:
        answer = json.dumps({"routes": [{"handle": [handler]}]})
        return len(open_caddyfile(Slice.whole("C", text), False, answer).plan.proxied)

    assert (found(text), found(text.replace("{$HOST}", ""))) == (0, 1)


@pytest.mark.parametrize("text", ["a {\n", "a {\n}\n}", "a {\n b {\n}", "a {\n" * 3000])
def test_braces_that_do_not_fit_are_said(text: str) -> None:
    """Nothing is guessed of a text that Caddy would refuse, too."""
    (skipped,) = open_caddyfile(Slice.whole("Caddyfile", text), False).skipped

    assert skipped.meant and skipped.at


@pytest.mark.testbed
def test_caddy_takes_the_good_one() -> None:
    """The file that the tests call good is one that Caddy adapts."""
    status, words = said(program("caddy"), "adapt", "--config", str(GOOD), "--adapter", "caddyfile")

    assert status == 0, words
    assert words.count('"dial":"seerr:5055"') == 2
