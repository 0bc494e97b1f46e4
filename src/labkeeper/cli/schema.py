"""`labkeeper schema`."""

import json

import click

from labkeeper.lab.schema import schema


@click.command()
def command() -> None:
    """Print the JSON Schema of lab.yaml, which editors complete and check by.

    With the YAML language server, put `# yaml-language-server: $schema=lab.schema.json` on the
    first line of lab.yaml, and this output into lab.schema.json beside it.
    """
    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
