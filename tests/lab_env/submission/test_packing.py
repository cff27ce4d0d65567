"""Submissions as bytes: whatever was handed in arrives as it was, and nothing else is read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab_env.submission import CellSpan, SourceFile, Submission, load_submission
from lab_env.submission.packing import pack, unpack
from solutions.corpus import load_corpus

_TEXTS = st.text(st.characters(), max_size=20)  # lone surrogates too: names on a disk need not be Unicode
_NUMBERS = st.integers(0, 10**6)
_FILES = st.lists(
    st.builds(
        SourceFile,
        path=_TEXTS,
        data=st.binary(max_size=200),
        cells=st.lists(st.builds(CellSpan, _NUMBERS, _NUMBERS, _NUMBERS, _TEXTS), max_size=2).map(tuple),
    ),
    max_size=4,
).map(tuple)
_SUBMISSIONS = st.builds(
    Submission,
    id=_TEXTS,
    digest=_TEXTS,
    files=_FILES,
    module_dir=_TEXTS,
    ignored=_FILES,
    links=st.lists(_TEXTS, max_size=2).map(tuple),
    notes=st.lists(_TEXTS, max_size=2).map(tuple),
)


@given(_SUBMISSIONS)
@settings(deadline=None)
def test_there_and_back(submission: Submission) -> None:
    """Is a submission the same after the journey, whatever names, bytes and cells it has?"""
    assert unpack(pack(submission)) == submission


def test_corpus() -> None:
    """Do the corpus's own files and digests arrive, and give the same bytes each time?"""
    case = load_corpus()["reference"]
    submission = load_submission(case.directory, id="reference")
    assert unpack(pack(submission)) == submission
    assert pack(submission) == pack(load_submission(case.directory, id="reference"))


@given(_SUBMISSIONS, st.data())
@settings(deadline=None)
def test_damage(submission: Submission, data: st.DataObject) -> None:
    """Are bytes that were cut off, or are too many, refused and never read as a smaller submission?"""
    packed = pack(submission)
    cut = data.draw(st.integers(0, len(packed) - 1))
    for damaged in (packed[:cut], packed + b"\n"):
        with pytest.raises(ValueError, match=r"."):
            unpack(damaged)


@pytest.mark.parametrize(
    "header",
    [
        b"{}",
        b"[]",
        b'{"files":[{"path":"a","size":-1,"cells":[]},{"path":"b","size":1,"cells":[]}],"ignored":[]}',
        b'{"files":[{"path":"a","size":"0","cells":[]}],"ignored":[]}',
        b'{"files":[],"ignored":[],"id":"a"}',
    ],
)
def test_strange_header(header: bytes) -> None:
    """Is a header that is not ours refused as such, and not by chance somewhere else?"""
    with pytest.raises(ValueError, match="packed submission"):
        unpack(b"secrets-lab submission\n" + len(header).to_bytes(8, "big") + header)
