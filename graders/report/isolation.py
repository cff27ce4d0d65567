"""What stood between the submissions and the grader's machine, in words for people."""

from __future__ import annotations

from collections.abc import Sequence

from lab_env.text import one_line

_WORDS = {
    "gate": "the gate",
    "plan": "the plan's check",
    "user": "a user without rights",
    "bubblewrap": "bubblewrap",
    "network": "a network of its own",
}
_AROUND = ("user", "bubblewrap", "network")


def isolation_line(isolation: Sequence[str]) -> str:
    """``Isolation: …``; where Terraform ran, it also says that nothing stood around it, if so."""
    named = ", ".join(_WORDS.get(layer, one_line(layer)) for layer in isolation)
    bare = "plan" in isolation and not any(layer in _AROUND for layer in isolation)
    return f"Isolation: {named or 'none'}{'; nothing around Terraform' if bare else ''}."
