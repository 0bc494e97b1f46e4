"""An environment variable in a file in which Alertmanager expands none."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Each value that looks like a variable."""
    for one in view.plan.alertmanagers:
        # Nix and guides fill in what they show, and NixOS's module runs envsubst over the rest:
        # nixos/modules/services/monitoring/prometheus/alertmanager.nix
        if one.embedded or one.at.file.endswith(".nix"):
            continue
        for text in one.variables:
            yield Fault(
                f"Alertmanager expands no environment variables, so `{text.text}` is taken "
                "literally",
                text.span,
                "put a secret into a file and name it by the key that ends in `_file`, or fill "
                "the variable in before Alertmanager starts (`envsubst`)",
                subject=text.text,
            )


CHECK = Check("environment-in-alertmanager", "error", plan=check)
