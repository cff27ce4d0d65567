"""Passwords on command lines, in headers and addresses: by where they stand, whatever they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graders.rubric.credentials.names import (
    decode,
    holds_credential,
    is_credential,
    is_form,
    looks_made,
    looks_typed,
    promise,
)

_WORD = r"(?:'[^'\n]{1,200}'|\"[^\"\n]{1,200}\"|[^\s\"'`;|&()]{1,200})"
_CALL = re.compile(r"(?i)\b(?:curl|wget|https?|mysql|mysqldump|mysqladmin|mariadb)\b")
_USER = re.compile(
    r"(?:^|(?<=\s)|(?<=[\"']))(?:-[A-Za-z]{0,6}u|--user|--proxy-user|-U|--auth|-a)[ =]?[\"']?"
    r"(?P<user>[^\s:\"'=]{0,80}):(?P<value>[^\s\"',`]{3,200})"
)
# Of a command as a list of words, the words.
_LISTED = re.compile(r"[\"'],\s{0,20}[\"']")
_NUMBER = re.compile(r"[\d.]+")
# The password stands right behind -p; a port is -P.
_DATABASE = re.compile(
    r"\b(?:mysql\w{0,12}|mariadb(?:-\w{1,12})?|mongo\w{0,10}|mycli|percona-\w{1,20}|xtrabackup)\b[^\n#]{0,300}"
)
_JOINED_P = re.compile(rf"(?:^|(?<=[\s\"']))-p(?P<value>{_WORD})")
_APART_P = re.compile(rf"(?:^|(?<=[\s\"']))(?:-p|--password)[ =](?P<value>{_WORD})")
_COMMANDS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\bsshpass\s{{1,4}}-p\s{{0,4}}(?P<value>{_WORD})",
        rf"\b(?:docker|podman|helm(?: registry)?|nerdctl|buildah|skopeo|az|oc|crane)\s{{1,4}}"
        rf"(?:registry\s{{1,4}})?login\b[^\n]{{0,200}}?\s(?:-p|--password)[ =](?P<value>{_WORD})",
        rf"\bredis-cli\b[^\n]{{0,200}}?\s(?:-a|--pass)\s{{1,4}}(?P<value>{_WORD})",
        rf"\bhtpasswd\s{{1,4}}-[A-Za-z]{{0,6}}b[A-Za-z]{{0,6}}\s{{1,4}}\S{{1,200}}\s{{1,4}}\S{{1,80}}\s{{1,4}}(?P<value>{_WORD})",
        r"\bisql\s{1,4}\S{1,80}\s{1,4}\S{1,80}\s{1,4}(?P<value>[^\s-]\S{1,200})",
        rf"\bpass(?:in|out|word)?[ =]?\s{{0,2}}pass:(?P<value>{_WORD})",
        rf"\becho\s{{1,4}}(?:-n\s)?(?P<value>{_WORD})\s{{0,4}}\|[^\n|]{{0,120}}"
        rf"(?:--password-stdin|\bsudo\s{{1,4}}-S|\bpasswd\b[^\n]{{0,40}}--stdin)",
        r"\becho\s{1,4}(?:-n\s)?[\"']?[\w.-]{1,60}:(?P<value>[^\s\"']{3,200})[\"']?\s{0,4}\|\s{0,4}(?:sudo\s)?chpasswd",
        rf"\baws(?:\s{{1,4}}\S{{1,60}}){{0,4}}\s{{1,4}}configure\s{{1,4}}set\s{{1,4}}(?:[\w.-]{{1,60}}\.)?aws_"
        rf"(?:secret_access_key|session_token)\s{{1,4}}(?P<value>{_WORD})",
        rf"(?:\b(?:add-authtoken|authtoken|set-token|auth-token)|_authToken|:_password)[ =]\s{{0,3}}(?P<value>{_WORD})",
        rf"\b(?:smbclient|net use|winexe|rdesktop|xfreerdp|rpcclient|mount)\b[^\n]{{0,200}}?"
        rf"(?:-U\s{{0,3}}[\w.\\-]{{1,60}}%|/p:|-p\s|password=|pass=)(?P<value>{_WORD})",
        rf"\b(?:ldap\w{{3,10}})\b[^\n]{{0,200}}?\s-w\s{{1,4}}(?P<value>{_WORD})",
        rf"\b(?:sqlcmd|bcp|osql|cqlsh|clickhouse-client|snowsql|influx|impala-shell)\b[^\n]{{0,200}}?\s"
        rf"(?:-P|-p|--password)[ =]?(?P<value>{_WORD})",
        r"\bauth\s{0,2}=\s{0,2}\(\s{0,2}[\"'][^\"'\n]{1,80}[\"']\s{0,2},\s{0,2}[\"'](?P<value>[^\"'\n]{1,200})[\"']\s{0,2}\)",
        r"\bgetConnection\([^)\n]{0,200}?,\s{0,4}\"[^\"\n]{1,80}\",\s{0,4}\"(?P<value>[^\"\n]{1,200})\"\)",
        rf"\bopenssl\s{{1,4}}enc\b[^\n]{{0,200}}?\s-k\s{{1,4}}(?P<value>{_WORD})",
        rf"\bput-parameter\b[^\n]{{0,200}}?SecureString[^\n]{{0,100}}?--value[= ](?P<value>{_WORD})",
        # expect answers a prompt: "assword:" and what is sent then
        r"assword:?[\"'*}\]]{0,4}\s{0,20}(?:\{\s{0,20})?send\s{1,4}(?:--\s{1,4})?\"(?P<value>[^\"\\\n$]{3,100})\\[rn]\"",
        rf"\bmc\s{{1,4}}(?:alias set|config host add)(?:\s{{1,4}}\S{{1,100}}){{3}}\s{{1,4}}(?P<value>{_WORD})",
        rf"\bnet\s{{1,4}}user\s{{1,4}}\S{{1,60}}\s{{1,4}}(?P<value>(?![/*]){_WORD})\s{{1,4}}/add",
        rf"\bssh-keygen\b[^\n]{{0,200}}?\s-[NP]\s{{1,4}}(?P<value>{_WORD})",
        rf"\brabbitmqctl\s{{1,4}}(?:add_user|change_password)\s{{1,4}}\S{{1,80}}\s{{1,4}}(?P<value>{_WORD})",
        rf"\b(?:useradd|usermod)\b[^\n]{{0,200}}?\s-p\s{{1,4}}(?P<value>{_WORD})",
        rf"\s-(?:src|dest)?(?:storepass|keypass)\s{{1,4}}(?P<value>{_WORD})",
        r"\bConvertTo-SecureString\s{1,4}(?:-String\s{1,4})?[\"'](?P<value>[^\"'\n]{1,200})[\"']",
        rf"\b(?:zip|7z|unzip|unrar|rar)\b[^\n]{{0,120}}?\s(?:-P\s{{0,3}}|-p)(?P<value>{_WORD})",
        r"\b(?i:identified(?: with \w{1,40})?(?: by)?|password|encrypted password|secret)\s{1,4}\\?'"
        r"(?P<value>[^'\\\n]{1,200})\\?'",
        r"\b(?i:sqlplus|rman|expdp|impdp|exp|imp|sqlldr)\s{1,4}(?:-\S{1,3}\s{1,4})?[\w$#]{1,40}/(?P<value>[^\s/@\"']{3,100})@",
        r"\b(?:thin|oci8?):[\w$#]{1,40}/(?P<value>[^\s/@\"']{3,100})@",
        r"(?<![\w/.:-])[A-Za-z]\w{0,40}/(?P<value>[^\s/@\"':]{3,100})@//?[\w.-]{1,200}[:/]",
        r"(?<![\w/.:-])[A-Za-z][\w.-]{0,40}:(?P<value>[^\s/@\"':]{3,100})@(?:tcp|unix|udp)?\(",
    )
)
_FLAG = re.compile(
    rf"(?:^|(?<=[\s\"'\[(,]))--?(?P<name>[A-Za-z][\w-]{{1,60}})(?P<sep>=|[ \t]{{1,4}}|[\"'],\s{{0,4}}(?=[\"']))(?P<value>{_WORD})"
)
_SETS = re.compile(rf"(?<=\s)[-/](?P<name>[Pp]assword|[Pp]wd|[Tt]oken|[Ss]ecret)[:](?P<value>{_WORD})")
_ARGUMENT = r"(?:\"[^\"\n]{0,100}\"|'[^'\n]{0,100}'|[\w.$>-]{1,80})"
# The third argument of what opens a connection, the second of what makes a login.
_CALLED = re.compile(
    rf"(?i)(?:connect|mysqli|\bpdo)\(\s{{0,8}}(?:{_ARGUMENT}\s{{0,4}},\s{{0,4}}){{2}}(?P<third>\"[^\"\n]{{6,100}}\"|'[^'\n]{{6,100}}')|"
    rf"(?:credentials?|login|authenticate|basicauth|basic_auth|setBasicAuth)\(\s{{0,8}}{_ARGUMENT}\s{{0,4}},\s{{0,4}}"
    r"(?P<second>\"[^\"\n]{6,100}\"|'[^'\n]{6,100}')"
)
_PLAIN = re.compile(r"[A-Za-z]+(?:[-_][A-Za-z]+)*|\d{1,3}")


def on_command_lines(text: str) -> Iterator[tuple[int, str]]:
    """Where a command is given a password."""
    for match in _USER.finditer(text):
        value, user = match["value"].rstrip(".)"), match["user"]
        line = text[max(0, text.rfind("\n", 0, match.start()) + 1, match.start() - 200) : match.start()]
        called = _CALL.search(line) is not None
        if is_form(value) or (user and not is_credential(user)) or _NUMBER.fullmatch(value) or value.startswith("//"):
            continue
        if called or (
            any(c.isdigit() for c in value) and any(c.isalpha() for c in value) and len(value) > 5 and ":" not in value
        ):
            yield match.start(), "a password on a command line"
    for command in _DATABASE.finditer(text):
        pattern = _APART_P if command[0].startswith("mongo") else _JOINED_P
        for match in pattern.finditer(command[0]):
            value = match["value"].strip("\"'")
            if (
                not is_form(value)
                and not value.startswith(("-", "$", "="))
                and not re.match(r"(?:assword|ort|rotocol|lugin)\b", value)
            ):
                yield command.start() + match.start(), "a password on a command line"
    for pattern in _COMMANDS:
        for match in pattern.finditer(text):
            if is_given(match["value"]):
                yield match.start(), "a password on a command line"
    for match in _CALLED.finditer(text):
        if looks_typed((match["third"] or match["second"])[1:-1]):
            yield match.start(), "a password as an argument"
    for match in (*_FLAG.finditer(text), *_SETS.finditer(text)):
        value = match["value"].strip("\"'")
        if not promise(match["name"]) or not is_given(match["value"]) or value.startswith("-"):
            continue
        if holds_credential(match["name"], value) and (
            match.groupdict().get("sep") in ("=", None) or not _PLAIN.fullmatch(value)
        ):
            yield match.start(), f"a value for {match['name']}"


def is_given(word: str) -> bool:
    """Whether a word of a command is a password, and neither a form nor a reference."""
    value = word.strip("\"'")
    return len(value) >= 3 and not is_form(value) and not value.startswith(("-", "$", "@", "<", "file:"))


_BASIC = re.compile(r"\b(?i:basic)\s{1,4}(?P<value>[A-Za-z0-9+/_-]{6,400}={0,2})")
_BEARER = re.compile(r"\b(?i:bearer)\s{1,4}(?P<value>[A-Za-z0-9._~+/=-]{12,4000}+)")
# Any other scheme with one value; what is a list of fields (Digest, AWS's signatures) is no token.
_SCHEME = re.compile(
    r"(?i)\bauthorization[\"']?\]?\s{0,4}[:=,]\s{0,4}[\"']?(?!basic|bearer|aws4|digest)[a-z][\w-]{1,20}\s{1,4}"
    r"(?P<value>[a-z0-9._~+/-]{12,4000}+={0,2}+(?![\w=,]))"
)
_BARE = re.compile(
    r"(?i)\b(?:proxy-)?authorization[\"']?\]?\s{0,4}[:=,]\s{0,4}[\"']?(?P<value>[A-Za-z0-9._~+/=-]{16,4000}+)"
)


def in_headers(text: str) -> Iterator[tuple[int, str]]:
    """Where a header logs in: ``Basic`` with a login in base64, ``Bearer`` with a token."""
    for match in _BASIC.finditer(text):
        login = decode(match["value"])
        if (
            login is not None
            and ":" in login
            and not is_form(login.partition(":")[2])
            and is_credential(login.partition(":")[2])
        ):
            yield match.start(), "a login in a header"
    for pattern in (_BEARER, _SCHEME, _BARE):
        for match in pattern.finditer(text):
            if looks_made(match["value"], shortest=12) or (
                len(match["value"]) > 32 and looks_made(match["value"][:64], shortest=12)
            ):
                yield match.start(), "a token in a header"


# The scheme may begin anywhere in "a.a.a.a://": a whole run is read once, and the beginning looked for in it.
_ADDRESS = re.compile(
    r"(?<![a-z0-9+.-])(?P<scheme>[a-z0-9+.-]++)://(?P<user>[^\s/:@\"'`]*+):(?P<value>[^\s/@\"'`]++)@",
)
_SCHEME_START = re.compile(r"\b[a-z]")
_REFERS = re.compile(r"\$|%\{|%[sdv]|<|\{|\[|\*|\.\.\.")


def in_addresses(text: str) -> Iterator[tuple[int, str]]:
    """Where an address carries a login whose password is neither a form nor a reference."""
    for match in _ADDRESS.finditer(text):
        scheme = _SCHEME_START.search(text, *match.span("scheme"))
        value, user = match["value"], match["user"]
        if scheme and not is_form(value) and not _REFERS.match(value) and not (user[:1] == "<" or user[:1] == "["):
            yield scheme.start(), "a password in an address"


# app:…@db.example.org, without a scheme; image:tag@sha256 is none
_BARE_LOGIN = re.compile(
    r"(?<![\w/:@.-])(?!mailto:)[A-Za-z][\w.-]{0,40}:(?P<value>[^\s/@:\"'`]{6,100})@(?!sha\d)(?=[A-Za-z0-9])"
)


def before_hosts(text: str) -> Iterator[tuple[int, str]]:
    """Where a login stands before a host without a scheme: ``app:…@db.example.org``."""
    for match in _BARE_LOGIN.finditer(text):
        if looks_made(match["value"]) and not _REFERS.match(match["value"]):
            yield match.start(), "a password in an address"
