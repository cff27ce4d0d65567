"""The labelled lines are what their README says: otherwise a figure that rests on them says nothing."""

from collections import Counter

from tests.graders.rubric.credentials.labelled.labelled import develop, held_out


def test_every_line_stands_once() -> None:
    lines = [*develop(), *held_out()]
    assert len(lines) >= 660
    assert len({line.id for line in lines}) == len(lines)
    assert len({(line.file, line.text) for line in lines}) == len(lines)


def test_half_of_each_file_is_innocent() -> None:
    for lines in (develop(), held_out()):
        labels = Counter(line.label for line in lines)
        assert labels["credential"] == labels["innocent"] == len(lines) / 2


def test_every_kind_is_held_out_too() -> None:
    kept, in_sight = held_out(), develop()
    assert len(kept) >= 290
    kinds = {(line.label, line.kind) for line in kept}
    assert kinds == {(line.label, line.kind) for line in in_sight}
    assert len({kind for _, kind in kinds}) == len(kinds), "a kind has one label"


def test_nothing_is_held_out_that_is_in_sight() -> None:
    in_sight = {line.text.strip() for line in develop()}
    assert [line.id for line in held_out() if line.text.strip() in in_sight] == []


def test_half_comes_from_what_others_know() -> None:
    lines = [*develop(), *held_out()]
    assert sum(line.source != "own" for line in lines) >= len(lines) / 2


def test_every_field_is_filled() -> None:
    for line in (*develop(), *held_out()):
        assert line.label in ("credential", "innocent")
        assert all((line.id.startswith(line.kind), line.file, line.text.strip(), line.source, line.why)), line.id
