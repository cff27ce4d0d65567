"""Which values are plainly placeholders: the closed vocabulary of the contract, and nothing that merely looks harmless.

A password that is not in the vocabulary is a credential whatever its strength: ``password123`` is one, ``CHANGE_ME`` is not.
"""

from __future__ import annotations

import re

_MARKERS = (
    r"change[-_. ]?(?:me|it|this)",
    r"(?:to|must|should|will)[-_. ]?be[-_. ]?(?:changed|replaced|set|rotated|overridden|overwritten|defined|filled)",
    r"please[-_. ]?(?:change|set|rotate|update)",
    r"replace(?:[-_. ]?(?:me|this|it|in|with|by|after|via|out))?",
    r"place[-_. ]?holder",
    r"todo",
    r"tbd",
    r"fix[-_. ]?me",
    r"example",
    r"dummy",
    r"sample",
    r"not[-_. ]?(?:a|the)[-_. ]?(?:real|secret|password)(?:[-_. ]?(?:one|secret|password|value))?",
    r"not[-_. ]?(?:set|real|used)",
    r"fake",
    r"(?:set|fill|update|rotate|override|overwrite|edit|insert|enter|put)[-_. ]"
    r"(?:me|this|it|in|by|via|with|after|later|out|manually)",
    r"(?:set|fill|update|rotate)(?:me|this|it|in|later|manually)",
    r"your[-_. ]?(?:password|secret|value|token|key)(?:[-_. ]?here)?",
    r"(?:insert|enter|put|add)[-_. ](?:(?:the|your|a|real|new|actual|db|database)[-_. ])*"
    r"(?:password|secret|value|token|key)(?:[-_. ]here)?",
    r"populate[-_. ]?(?:me|it|this|in|via|by|manually)",
    r"<(?:[a-z]+[-_ ])*(?:password|secret|value|token)>",
    r"unset",
    r"redacted",
    r"(?:managed|set|rotated|changed|overwritten|populated|defined)[-_. ]?(?:outside|elsewhere|out|later)",
    r"(?:managed|rotated|changed|populated|defined|replaced)[-_. ](?:in|via|by)",
)
# Words that may stand beside a marker: what a person writes to say where the real value comes from.
_COMPANIONS = frozenset(
    [
        "a",
        "aws",
        "be",
        "before",
        "by",
        "cli",
        "console",
        "db",
        "database",
        "first",
        "in",
        "initial",
        "is",
        "it",
        "later",
        "manager",
        "me",
        "now",
        "of",
        "once",
        "on",
        "only",
        "or",
        "out",
        "outside",
        "overridden",
        "band",
        "password",
        "passwd",
        "placeholder",
        "please",
        "production",
        "real",
        "runtime",
        "secret",
        "secrets",
        "secretsmanager",
        "securely",
        "set",
        "sm",
        "terraform",
        "the",
        "this",
        "to",
        "used",
        "using",
        "value",
        "via",
        "will",
        "with",
        "deploy",
        "deployment",
        "apply",
        "manually",
        "temp",
        "temporary",
        "hand",
        "user",
        "username",
        "use",
        "your",
        "here",
        "default",
        "key",
        "token",
        "credential",
        "credentials",
        "change",
        "must",
        "should",
        "never",
        "after",
        "launch",
        "ops",
        "admin",
        "team",
        "populated",
        "by",
        "rotated",
        "rotate",
        "not",
        "an",
        "and",
        "do",
        "for",
        "environment",
        "env",
        "from",
        "dev",
        "prod",
        "real",
        "actual",
        "again",
        "asap",
        "bootstrap",
        "immediately",
        "login",
        "new",
        "operator",
        "rotation",
        "staging",
        "test",
        "vault",
    ]
)
_MARKER = re.compile("|".join(f"(?:{m})" for m in _MARKERS), re.IGNORECASE)
# Stands where a marker was; and the letters that run into one, which are part of its word.
_HERE = "\0"
_GLUED = re.compile(rf"([A-Za-z]+)(?={_HERE})|(?<={_HERE})([A-Za-z]+)")
_RUN_TOGETHER = frozenset(
    ["password", "passwd", "secret", "value", "token", "key", "user", "username", "here", "please", "now"]
)
_WORD = re.compile(r"[A-Za-z]+|\d+")
_LONGEST = 200
_DECORATION = re.compile(r"^[\s<>\[\]{}()*_\-.!?:#$%/\\\"'|,;]*$")


def is_placeholder(value: str) -> bool:
    """Whether the value says of itself that it is no credential.

    True only when a marker of the vocabulary is there as words of its own and nothing but plain companion words, two digits at
    most and punctuation stands beside it: ``CHANGE_ME_IN_AWS_CONSOLE`` yes, ``changeme-8fJ2kQ0x`` no.
    """
    stripped = value.strip()
    if len(stripped) > _LONGEST:  # before anything is looked for in it
        return False
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", stripped)
    if len(text) > _LONGEST or _HERE in text or _MARKER.search(text) is None:
        return False
    rest = _MARKER.sub(_HERE, text)
    words = [word.lower() for word in re.findall(r"[A-Za-z]+", rest)]
    glued = [a or b for a, b in _GLUED.findall(rest)]
    return (
        all(word in _COMPANIONS for word in words)
        and all(word.lower() in _RUN_TOGETHER for word in glued)
        and len(re.findall(r"\d", rest)) <= 2
        and _DECORATION.match(_WORD.sub("", rest).replace(_HERE, "")) is not None
    )


def is_filler(value: str) -> bool:
    """A value of one repeated sign (``****``, ``xxxx``): not a credential, but not plainly a placeholder either."""
    stripped = value.strip()
    lowered = stripped.lower()
    return bool(stripped) and lowered.count(lowered[0]) == len(lowered) and not stripped[0].isdigit()
