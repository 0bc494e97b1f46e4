"""`labkeeper schema`."""

import json

import click

from labkeeper.lab.keys import keys_page
from labkeeper.lab.schema import schema


@click.command()
@click.option("--markdown", is_flag=True, help="Print a page of all keys for people instead.")
def command(*, markdown: bool) -> None:
    """Print the JSON Schema of lab.yaml, which editors complete and check by.

    With the YAML language server, put `# yaml-language-server: $schema=lab.schema.json` on the
    first line of lab.yaml, and this output into lab.schema.json beside it.
    """
    if markdown:
        click.echo(keys_page(), nl=False)
        return
    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
