"""Tables that people write: is what is wrong in one told with its place, and what to write there?"""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from lab_env.errors import RubricError
from lab_env.tables import ClosedTable, Text, fault, toml_table


class Wheel(ClosedTable):
    size: Annotated[int, Field(ge=1, le=40)]
    kind: Literal["front", "rear"] = "front"


class Cart(ClosedTable):
    name: Text
    wheels: tuple[Wheel, ...] = Field((), alias="wheel")
    spare: Wheel | None = None
    notes: dict[str, Annotated[str, Field(min_length=5)]] = Field(default_factory=dict)


def test_a_right_one() -> None:
    """Is a table that is right a typed value, with what was left out as it is by default?"""
    cart = toml_table('name = "c"\n[[wheel]]\nsize = 28\n', Cart, "cart.toml")
    assert cart == Cart(name="c", wheel=(Wheel(size=28),))


@pytest.mark.parametrize(
    ("text", "said", "next_step"),
    [
        ("", "cart.toml: name: it is missing.", "Correct it in cart.toml."),
        ('name = ""', "cart.toml: name: it is empty.", None),
        ("name = 7", "cart.toml: name: write plain text.", None),
        ('name = "c"\nwheel = 4', "cart.toml: wheel: write a list.", None),
        ('name = "c"\nwheel = [4]', "cart.toml: wheel[1]: write a table of keys and values.", None),
        ('name = "c"\nwheel = [{ size = 0 }]', "cart.toml: wheel[1].size: the number is too small.", None),
        ('name = "c"\nwheel = [{ size = 99 }]', "cart.toml: wheel[1].size: the number is too large.", None),
        ('name = "c"\nwheel = [{ size = "big" }]', "cart.toml: wheel[1].size: write a whole number.", None),
        (
            'name = "c"\nspare = { size = 9, kind = "odd" }',
            "cart.toml: spare.kind: write 'front' or 'rear'.",
            None,
        ),
        ('name = "c"\nnotes = { a = "b" }', "cart.toml: notes.a: write at least 5 characters.", None),
        # The mistyped key, and not that the right one is missing.
        ('nam = "c"', "cart.toml: nam: this key is not known.", "Did you mean name?"),
        (
            'name = "c"\nspare = { sizes = 9 }',
            "cart.toml: spare.sizes: this key is not known.",
            "Did you mean size?",
        ),
        (
            'name = "c"\nspare = { size = 9, colour = 1 }',
            "cart.toml: spare.colour: this key is not known.",
            "Known here: size, kind.",
        ),
        (
            'name = "c"\nwheel = [{ size = 9, colour = 1 }]',
            "cart.toml: wheel[1].colour: this key is not known.",
            "Known here: size, kind.",
        ),
        ('name = "c"\nwheels = []', "cart.toml: wheels: this key is not known.", "Did you mean wheel?"),
        ("name = ", "cart.toml: this is not TOML: Invalid value", "Correct the line."),
    ],
)
def test_what_is_wrong(text: str, said: str, next_step: str | None) -> None:
    """Is the first thing that is wrong named by file and key, with the next step?"""
    with pytest.raises(RubricError) as caught:
        toml_table(text, Cart, "cart.toml")
    assert caught.value.message.startswith(said)
    assert caught.value.next_step == next_step or (next_step is None and caught.value.next_step)


def test_words_of_another_format() -> None:
    """Can a reader of YAML say how a list is written there?"""
    with pytest.raises(ValidationError) as caught:
        Cart.model_validate({"name": "c", "wheel": "one"})
    assert fault(caught.value, Cart, {"tuple_type": "begin lines with a dash"}).what == "begin lines with a dash"
