"""Which walls stood between the submissions and the grader's machine, in words for people."""

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


def walls_line(walls: Sequence[str]) -> str:
    """``Walls: …``; where Terraform ran, it also says that nothing stood around it, if so."""
    named = ", ".join(_WORDS.get(wall, one_line(wall)) for wall in walls)
    bare = "plan" in walls and not any(wall in _AROUND for wall in walls)
    return f"Walls: {named or 'none'}{'; nothing around Terraform' if bare else ''}."
