"""Passwords that sentences, tables and lists tell: no name and no sign of assignment, in some fifteen languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise

from graders.rubric.credentials.names import Promise, decode, is_credential, looks_made, promise, words

_AFTER, _BEFORE = 70, 60
# A word without what people write around it; in languages without blanks the password's own signs are what tells it.
_TOKEN = re.compile(r"[!#-&(-_a-~]{6,200}")
_AROUND = "()[]{}<>*.,;:!?|"
_SPLIT = re.compile(r"[/:=](?=[^/:=]*\Z)")
_SIGN = re.compile(r"[!@#$%^&*?~+]")


@cache
def _cues() -> re.Pattern[str]:
    said, within = "|".join(words().said), "|".join(words().said_within)
    return re.compile(rf"(?i)(?<![^\W_])(?:{said})(?!\w)|(?:{within})")


@cache
def _says() -> re.Pattern[str]:
    verbs = "|".join(map(re.escape, words().says))
    return re.compile(
        rf"(?i)[^\n:=]{{0,40}}?(?:(?<![^\W_])(?:{verbs})(?![^\W_])[ :]*|->|→|=>|"
        rf"[:=：]|(?<=\s)[-–—](?=\s)|(?=[\"'`(]))[\s\"'`(*_=]*(?:[A-Za-z][\w.@-]{{0,30}} / )?(?P<value>[!#-&(-_a-~]{{4,200}})"
    )


# No sentence has as many words for a password.
_MOST_CUES = 300


def told(text: str, *, about_one: bool = False) -> Iterator[int]:
    """Where a sentence tells a password: behind a word for it and a verb or sign, or anything that looks made near such a word.

    :param about_one: all of the text is about a password, whether it says so or not (the description of such a variable).
    """
    start = 0
    for line in text.splitlines(keepends=True):
        if len(line) > 6:
            yield from (start + offset for offset in _told_in_line(line, about_one))
        start += len(line)


# An ARN or an address has parts that are called secret, token or login.
_ADDRESS = re.compile(r"\barn:[^\s\"'`]{1,2000}|\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'`]{1,2000}")


def _told_in_line(line: str, about_one: bool) -> Iterator[int]:
    line = _ADDRESS.sub(lambda match: " " * len(match[0]), line)
    cues = [match.span() for match in islice(_cues().finditer(line), _MOST_CUES)]
    for begin, end in cues:
        match = _says().match(line[end : end + _AFTER + 210].split("\n")[0])
        if (
            (match and _is_told(match["value"]) and not _is_about(match[0][: match.start("value") - match.start()]))
            or (
                (beside := _BESIDE.match(line, end))
                and promise(line[begin:end]) is Promise.SURE
                and is_credential(beside["value"])
            )
            or ((given := _WITH.match(line, end)) and _is_told(given["value"]))
        ):
            yield begin
    if not cues and not about_one:
        return
    place = 0
    for token in _TOKEN.finditer(line):
        while place + 1 < len(cues) and cues[place + 1][1] <= token.start():
            place += 1
        after = about_one or (bool(cues) and 0 <= token.start() - cues[place][1] <= _AFTER)
        following = next((begin for begin, _ in cues[place : place + 2] if begin >= token.end()), None)
        before = following is not None and following - token.end() <= _BEFORE
        value = password_in(token[0])
        if value is None:
            continue
        if after or (
            following is not None
            and before
            and (
                _SIGN.search(value)
                or _AS.match(line[token.end() : following])
                or _SAYS_SO.search(line, max(0, token.start() - 8), token.start())
            )
        ):
            yield token.start()


# "user admin, password Fjord7Lampe": right beside the word; both cases and a digit between letters.
_BESIDE = re.compile(
    r" [\"'`*(]{0,3}(?=[A-Za-z]{0,40}[A-Z])(?=[A-Za-z]{0,40}[a-z])(?P<value>[A-Za-z]{2,40}\d{1,6}[A-Za-z]{2,40}\d{0,6})(?![\w/:.-])"
)
# "log in as app with …"
_WITH = re.compile(
    r"(?i:\s{1,2}(?:to \S{1,40} )?(?:as|with|mit|als|avec|con|com)\s{1,2}(?:user )?)"
    r"(?i:[\"'`*]{0,3}[\w.@-]{1,40}[\"'`*]{0,3}\s{1,2}(?:with|and|mit|und|avec|et|con|y|/)\s)"
    r"[\"'`*(]{0,3}(?P<value>(?=\S{0,40}[A-Z])(?=\S{0,40}\d\S{0,40}[A-Za-z])[^\s\"'`*)]{7,64})"
)
# "use … as the password"
_AS = re.compile(r"[)\"'`*]{0,3}\s{1,3}(?:as|is|was|for|als|ist|comme|como|come|jako)\s{1,3}(?:\w{1,12}\s{1,3}){0,3}\Z")


# "was … until March, the password"
_SAYS_SO = re.compile(r"(?i)\b(?:was|is|used?|war|ist|era|es|est)\s{1,2}[\"'`(]?\Z")


def _is_about(between: str) -> bool:
    """Whether a sentence goes on with the password's length or the key's id instead of the password."""
    return not words().about.isdisjoint(re.findall(r"[a-z]+", between.lower())[:3])


_TECHNICAL = re.compile(
    r"(?i)base\d+|sha-?\d+|md5|utf-?\d+|x\.?509|oauth-?\d|hs\d{3}|[er]s\d{3}|argon2\w{0,2}|aes-?\d+\w{0,3}|rsa-?\d+|http/?\d|ipv\d|\bs3\b|\bec2\b|k8s|\bv\d+|pbkdf2|pkcs\d+|ed25519|tls1?|\b\d+-(?:bit|char|day|byte|hour|minute)\w{0,6}|kms|\d{4}-\d\d-\d\d|\d+(?:st|nd|rd|th)\b"
)


def _is_told(text: str) -> bool:
    """Whether a word right behind "the password is" may be one: no word of the language, no name of an algorithm, no amount."""
    value = text.rstrip(_AROUND.replace("!", "").replace("?", "").replace("*", "")).strip("*_`")
    if (
        len(value) < 6
        or _FILE.search(value)
        or not is_credential(value)
        or re.search(r"[\[\](){}<>|$\\]|://|:.*:|\A[-\d.,/%:+]+[a-z]{0,2}\Z|\A[#.@/-]", value)
    ):
        return False
    rest = _TECHNICAL.sub("", value)
    if promise(value) is Promise.SURE and not any(c.isdigit() for c in rest):
        return False
    return (
        any(c.isdigit() for c in rest)
        and any(c.isalpha() for c in rest)
        and (any(c.islower() for c in rest) or _SIGN.search(rest) is not None or len(rest) >= 12)
        and not re.fullmatch(r"[a-z_]+(?:[.-](?:[a-z_]+|v?\d))*\d?", value)
    )


def password_in(token: str) -> str | None:
    """The password that one word of a text may be, also behind a login (``app/…``) or in base64; None when it is no such word."""
    word = token.strip(_AROUND)
    for candidate in (token.strip("()*.,;:`"), word, _SPLIT.split(word)[-1]):
        if looks_strict(candidate):
            return candidate
    if len(word) >= 12 and (decoded := decode(word)) is not None and looks_strict(decoded.strip()):
        return decoded
    return None


_UNFIT = re.compile(r"[/\\{}<>\[\]()|:\"'`]|\$[{(]|\A[#.@-]|\A\w+\.\w+\.\w|\A[A-Za-z_]{1,12}=\d")
_FILE = re.compile(
    r"\.(?:tf|tfvars|md|json|ya?ml|txt|py|sh|go|js|ts|env|csv|hcl|pem|key|com|org|net|io|internal|local|de|html?|xml|zip|gz|log|conf|cfg|ini|sql|pdf|png)\Z"
)
_WORD = re.compile(r"(?=[A-Z]?[b-df-hj-np-tv-xz]{0,3}[aeiouyAEIOUY])[A-Z]?[a-z]{3,}")
_SIGNED = re.compile(r"[A-Za-z0-9][!@#$%^&*?~][A-Za-z0-9]")


def looks_strict(value: str) -> bool:
    """Whether a word that nothing introduces is a password: both cases and digits mixed, and not made of words."""
    if not 7 <= len(value) <= 64 or _UNFIT.search(value) or _FILE.search(value) or not looks_made(value):
        return False
    letters = sum(c.isalpha() for c in value)
    kinds = (any(c.islower() for c in value), any(c.isupper() for c in value), any(c.isdigit() for c in value))
    of_words = sum(map(len, _WORD.findall(value)))
    return all(kinds) and (of_words * 10 < letters * 7 or _SIGNED.search(value) is not None)


@cache
def _logins() -> re.Pattern[str]:
    users = "|".join(sorted(map(re.escape, words().users), key=len, reverse=True))
    return re.compile(
        rf"(?i)(?<![\w/.:@-])(?:{users}|[\w+-]{{1,30}}@[\w.-]{{1,60}}) ?[/:] ?(?P<value>[!#-&(-.0-9;-_a-~]{{7,64}})(?![/\w])"
    )


def logins(text: str) -> Iterator[int]:
    """Where a login stands as user and password: ``admin/…``, ``root:…``."""
    for match in _logins().finditer(text):
        value = match["value"].strip("()*.,;")
        if looks_strict(value) or (_is_mixed(value) and _is_told(value) and _is_beside_a_cue(text, *match.span())):
            yield match.start()


def _is_mixed(value: str) -> bool:
    return any(c.isdigit() for c in value) and any(c.islower() for c in value) and any(c.isupper() for c in value)


def _is_beside_a_cue(text: str, begin: int, end: int) -> bool:
    """Whether the line says, shortly before or behind a login, that there is a password in it."""
    before = text[max(0, begin - _BEFORE) : begin].rpartition("\n")[2]
    return _cues().search(before + "\n" + text[end : end + _AFTER].partition("\n")[0]) is not None


_HEADING = 1_000
_LONGEST_HEADING = 40
_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")


def in_tables(text: str, *, comma: bool = False) -> Iterator[int]:
    """Where a cell below a heading such as "password" holds one: Markdown's tables, and files of comma-separated values."""
    sign, columns, start = ("|" if not comma else "," if "," in text[:_HEADING] else ";"), None, 0
    for line in text.splitlines(keepends=True):
        cells = line.strip().strip("|").split(sign) if sign in line else []
        if len(cells) < 2 or len(cells) > 64:
            columns = None
        elif columns is None:
            columns = [i for i, cell in enumerate(cells) if _is_heading(cell)]
        elif not _RULE.fullmatch(line):
            for column in columns:
                cell = cells[column].strip(" `*\"'\r\n") if column < len(cells) else ""
                if _is_cell(cell):
                    yield start + line.find(cell)
            for name, held in pairwise(cell.strip(" `*\"'\r\n") for cell in cells):
                if len(name) < _LONGEST_HEADING and promise(name) is Promise.SURE and _is_cell(held):
                    yield start + line.find(held)
        start += len(line)


def _is_heading(cell: str) -> bool:
    text = cell.strip(" `*\"'\r\n")
    if len(text) > _LONGEST_HEADING:
        return False
    return promise(text) is not Promise.NONE or (len(text.split()) <= 3 and _cues().search(text) is not None)


def _is_cell(cell: str) -> bool:
    if not 4 <= len(cell) <= 200 or len(cell.split()) > 1:
        return False
    return looks_made(cell) or _is_told(cell)
