"""Small stacks to prove alerts of."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

from labkeeper.audit.folder import Folder
from labkeeper.audit.stack import read_stack
from labkeeper.catalog import shipped_catalog
from labkeeper.host import promtool
from labkeeper.host.folder import read_folder
from labkeeper.prove.proof import Proof
from labkeeper.prove.proving import Proofs, prove
from labkeeper.prove.trying import Judge
from tests.programs import program

NODE = "{job_name: node, static_configs: [{targets: ['nas:9100', 'pi:9100']}]}"


def prometheus(*jobs: str, scrape: str = "15s", evaluation: str = "15s") -> str:
    """A prometheus.yml with jobs, each in flow style."""
    listed = "".join(f"  - {job}\n" for job in jobs)
    return (
        f"global: {{scrape_interval: {scrape}, evaluation_interval: {evaluation}}}\n"
        f"rule_files: [rules.yml]\nscrape_configs:\n{listed}"
    )


def rules(*written: str, interval: str = "") -> str:
    """A rule file; each rule is in flow style, or an expression that becomes the alert `A`."""
    every = f"    interval: {interval}\n" if interval else ""
    lines = [rule if rule.startswith("{") else alert(rule) for rule in written]
    listed = "".join(f"      - {line}\n" for line in lines)
    return f"groups:\n  - name: a\n{every}    rules:\n{listed}"


def alert(expr: str, hold: str = "", name: str = "A") -> str:
    """An alert in flow style."""
    quoted = " ".join(textwrap.dedent(expr).split()).replace("'", "''")
    after = f", for: {hold}" if hold else ""
    return f"{{alert: {name}, expr: '{quoted}'{after}}}"


def proofs(files: Mapping[str, str], *, judged: bool = True, judge: Judge | None = None) -> Proofs:
    """The proofs of a stack of files."""
    if judged and judge is None:
        program("promtool")
    stack = read_stack(Folder(dict(files)), ())
    return prove(stack.plan, shipped_catalog(), (judge or promtool.judge) if judged else None)


def proved(
    *written: str,
    jobs: tuple[str, ...] = (NODE,),
    scrape: str = "15s",
    interval: str = "",
    judged: bool = True,
    **files: str,
) -> Proof:
    """The proof of the only alert of some rules."""
    texts = {
        "prometheus.yml": prometheus(*jobs, scrape=scrape),
        "rules.yml": rules(*written, interval=interval),
        **{name.replace("__", "."): text for name, text in files.items()},
    }
    [proof] = proofs(texts, judged=judged).proofs
    return proof


def of_folder(folder: Path) -> Proofs:
    """The proofs of a folder."""
    stack = read_stack(read_folder(folder), ())
    program("promtool")
    return prove(stack.plan, shipped_catalog(), promtool.judge)
