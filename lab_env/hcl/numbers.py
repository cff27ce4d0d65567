"""Numbers as Terraform has them: binary, with 512 bits, where Python's have 53 (cty's ``big.Float``).

A whole number is an ``int``, any other a ``Fraction`` that 512 bits hold.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

BITS: Final = 512
MAX_EXPONENT: Final = 400
MAX_DIGITS: Final = 60
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,4}))?", re.ASCII)

Number = int | Fraction


def parse_number(text: str) -> Number:
    """A number as it is written.

    :raises ValueError: it is none.
    :raises OverflowError: it is too large to be looked at.
    """
    match = _DECIMAL.fullmatch(text[:MAX_EXPONENT])
    if match is None:
        raise ValueError("no number")
    if len(text) > MAX_EXPONENT or abs(int(match[1] or 0)) > MAX_EXPONENT:
        raise OverflowError("a number that is too long to be looked at")
    return rounded(Fraction(text.removesuffix(".").replace(".e", "e").replace(".E", "E")))


def rounded(value: Number) -> Number:
    """To 512 bits, half to even."""
    if value.denominator == 1 and abs(value.numerator).bit_length() <= BITS:
        return value.numerator
    numerator, denominator = abs(value.numerator), value.denominator
    shift = numerator.bit_length() - denominator.bit_length() - BITS
    while True:
        scaled = Fraction(numerator, denominator) / Fraction(2) ** shift
        if scaled >= 1 << BITS:
            shift += 1
        elif scaled < 1 << (BITS - 1):
            shift -= 1
        else:
            break
    result = round(scaled) * Fraction(2) ** shift
    result = -result if value < 0 else result
    return result.numerator if result.denominator == 1 else result


def number_text(value: Number) -> str:
    """The shortest decimal that means this number and no other of 512 bits, without an exponent.

    :raises OverflowError: it has too many digits to be looked at.
    """
    if isinstance(value, int):
        return str(value)
    magnitude = abs(value)
    for digits in range(1, MAX_DIGITS):
        # The decimal point stands so that this many digits are left.
        places = digits - 1 - _exponent(magnitude)
        scaled = magnitude * Fraction(10) ** places
        near = round(scaled)
        if rounded(Fraction(near) / Fraction(10) ** places) == magnitude:
            text = str(near)
            if places > 0:
                text = text.rjust(places + 1, "0")
                text = f"{text[:-places]}.{text[-places:]}"
                text = text.rstrip("0").removesuffix(".")
            else:
                text += "0" * -places
            return "-" * (value < 0) + text
    raise OverflowError("more digits than are looked at")


def _exponent(magnitude: Fraction) -> int:
    """The place of the first digit: 0 for 1.5, -1 for 0.2."""
    guess = len(str(magnitude.numerator)) - len(str(magnitude.denominator))
    return guess if magnitude >= Fraction(10) ** guess else guess - 1
