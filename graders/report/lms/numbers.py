"""Points as the platforms write them: with a comma or a point before the decimals, and never with thousands apart.

Canvas rounds to two digits for people and takes what was typed (``gradebook_importer.rb``); Moodle reads a number in the language
of whoever uploads it, where ``87,5`` is no number in English (``unformat_float``). So marks are written as the file's own are.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from graders.model import Points

_NUMBER = re.compile(r"-?\d[\d.,]*")
_CENT = Decimal("0.01")


def number(text: str) -> Decimal | None:
    """What a cell says; the last comma or point stands before the decimals, as Canvas reads it."""
    text = text.strip()
    if _NUMBER.fullmatch(text) is None:
        return None
    *whole, last = re.split("[.,]", text)
    return Decimal(f"{''.join(whole)}.{last or 0}" if whole else last)


def with_comma(text: str) -> bool:
    """Whether a number is written with a comma before its decimals."""
    return text.rfind(",") > text.rfind(".")


def scaled(score: Points, maximum: Points, possible: Decimal | None) -> Decimal:
    """A mark out of ``maximum`` as one out of ``possible``, to two decimals, halves up; as it is where they are the same.

    :param possible: None or 0: not known, so nothing is converted.
    """
    exact = Decimal(str(score))
    if possible and maximum and possible != Decimal(str(maximum)):
        exact = exact * possible / Decimal(str(maximum))
    return exact.quantize(_CENT, ROUND_HALF_UP)


def shown(value: Decimal, *, comma: bool = False) -> str:
    """``87.5``: no more decimals than there are."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if comma else text
