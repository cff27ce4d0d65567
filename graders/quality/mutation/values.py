"""Mutators of the secret's value: its lifecycle, its placeholder, and credentials in files."""

from __future__ import annotations

from functools import partial

from graders.quality.mutation.edits import changed, commented, dropped, replaced
from graders.quality.mutation.model import Kind, Mutator
from graders.quality.mutation.source import Mutation, ResourceBlock, Source, Splice
from lab_env.hcl import Attr, Attribute, Block, Literal, Object, Tuple, origins

# Made up here and used nowhere; random enough that nobody takes it for a placeholder.
_PASSWORD = "q7Rv-2mLx9Tz_4hWc"  # noqa: S105 - the point of these mutants is that it is found
_IGNORES = frozenset({"rotation.ignore_changes", "rotation.survives_apply"})
# What is seen only while the rotated password is still there.
_AFTER = frozenset({"rotation.state_clean", "runtime.launch", "runtime.audit"})


def _ignored(source: Source) -> tuple[ResourceBlock, Block, Attribute] | None:
    """The version's one ``ignore_changes``."""
    place = source.version
    blocks = place.block.body.blocks_of("lifecycle") if place else ()
    if place is None or len(blocks) != 1 or "ignore_changes" not in blocks[0].body.attributes:
        return None
    return place, blocks[0], blocks[0].body.attributes["ignore_changes"]


def _drop_lifecycle(source: Source) -> Mutation | None:
    found = _ignored(source)
    return changed(dropped(source, found[1].span)) if found else None


def _comment_out_lifecycle(source: Source) -> Mutation | None:
    found = _ignored(source)
    return changed(commented(source, found[1].span)) if found else None


def _drop_ignore_changes(source: Source) -> Mutation | None:
    found = _ignored(source)
    return changed(dropped(source, found[2].span)) if found else None


def _ignoring(value: str, source: Source) -> Mutation | None:
    found = _ignored(source)
    return changed(replaced(found[2].expression, value)) if found else None


def _narrow_ignore_changes(source: Source) -> Mutation | None:
    """The value is taken off a longer list."""
    found = _ignored(source)
    expression = found[2].expression if found else None
    if not isinstance(expression, Tuple) or len(expression.items) < 2:
        return None
    kept = [item for item in expression.items if "secret_string" not in source.text_of(item)]
    return changed(replaced(expression, f"[{', '.join(source.text_of(item) for item in kept)}]"))


def _move_ignore_changes(source: Source) -> Mutation | None:
    """From the version to the container of the secret, where there is no lifecycle yet."""
    found, secret = _ignored(source), source.secret
    if found is None or secret is None or secret.block.body.blocks_of("lifecycle"):
        return None
    if secret.block.span.line == secret.block.span.end_line:
        return None
    end = secret.block.span.end - 1
    added = replaced(found[2].expression, "[]")
    path = secret.block.span.path
    text = source.texts[path]
    close = text.rindex("}", secret.block.span.start, end + 1)
    return changed(added, Splice(path, close, close, "  lifecycle {\n    ignore_changes = [description]\n  }\n"))


def _password(source: Source) -> Literal | None:
    """The one quoted literal that becomes the first password."""
    place = source.version
    attribute = place.argument("secret_string") if place else None
    if place is None or attribute is None:
        return None
    found = origins(source.tree, place.node, attribute.expression, steps=(Attr("password"),))
    return found[0] if len(found) == 1 and source.quoted(found[0]) else None


def _hard_code_password(source: Source) -> Mutation | None:
    literal = _password(source)
    return changed(replaced(literal, f'"{_PASSWORD}"')) if literal is not None else None


def _added(name: str, text: str, source: Source) -> Mutation | None:
    return Mutation(added={f"{source.directory}{name}": text.replace("PASSWORD", _PASSWORD)})


def _comment(source: Source) -> Mutation | None:
    secret = source.secret
    if secret is None:
        return None
    start = secret.block.span.start
    return Mutation((Splice(secret.block.span.path, start, start, f'# password = "{_PASSWORD}"\n'),))


def _output(source: Source) -> Mutation | None:
    place = source.version
    if place is None or place.node != "" or place.repeated:
        return None
    text = f"""output "mutation" {{
  value     = aws_secretsmanager_secret_version.{place.block.labels[1]}.secret_string
  sensitive = true
}}
"""
    return Mutation(added={f"{source.directory}mutation_output.tf": text})


def _live_value(source: Source) -> Mutation | None:
    place = source.secret
    if place is None or place.node != "" or place.repeated or source.version is None or source.version.node != "":
        return None
    version = f"aws_secretsmanager_secret_version.{source.version.block.labels[1]}"
    text = f"""data "aws_secretsmanager_secret_version" "mutation" {{
  secret_id  = aws_secretsmanager_secret.{place.block.labels[1]}.id
  depends_on = [{version}]
}}
"""
    return Mutation(added={f"{source.directory}mutation_data.tf": text})


def _rename_password_key(source: Source) -> Mutation | None:
    """``username`` alone: the object loses its password."""
    literal = _password(source)
    if literal is None:
        return None
    for expression in source.expressions():
        if isinstance(expression, Object):
            for item in expression.items:
                if item.value is literal and getattr(item.key, "value", "") == "password":
                    return changed(replaced(item.key, '"pass_word"'))
    return None


_NO_PLAINTEXT = frozenset({"secret.no_plaintext"})
_AFTER_PLACEHOLDER = frozenset({"ecs.secret_reference", "runtime.launch", "runtime.audit", "secret.no_plaintext"})


def _plain(name: str, meaning: str, file: str, text: str) -> Mutator:
    return Mutator(name, Kind.ADD, meaning, partial(_added, file, text), _NO_PLAINTEXT)


MUTATORS: tuple[Mutator, ...] = (
    Mutator(
        "drop-lifecycle",
        Kind.DROP,
        "An edit of the placeholder replaces the version and overwrites the live password.",
        _drop_lifecycle,
        _IGNORES,
        _AFTER,
    ),
    Mutator(
        "drop-ignore-changes",
        Kind.DROP,
        "A lifecycle block that ignores nothing is none.",
        _drop_ignore_changes,
        _IGNORES,
        _AFTER,
    ),
    Mutator(
        "comment-out-lifecycle", Kind.COMMENT, "A comment ignores nothing.", _comment_out_lifecycle, _IGNORES, _AFTER
    ),
    Mutator(
        "narrow-ignore-changes-to-none",
        Kind.NARROW,
        "An empty list ignores nothing.",
        partial(_ignoring, "[]"),
        _IGNORES,
        _AFTER,
    ),
    Mutator(
        "narrow-ignore-changes",
        Kind.NARROW,
        "The value is no more among what is ignored.",
        _narrow_ignore_changes,
        _IGNORES,
        _AFTER,
    ),
    Mutator(
        "swap-ignore-changes-for-the-id",
        Kind.SWAP,
        "Another argument is ignored, not the value.",
        partial(_ignoring, "[secret_id]"),
        _IGNORES,
        _AFTER,
    ),
    Mutator(
        "swap-ignore-changes-for-the-stages",
        Kind.SWAP,
        "Another argument is ignored, not the value.",
        partial(_ignoring, "[version_stages]"),
        _IGNORES,
        _AFTER,
    ),
    Mutator(
        "move-ignore-changes-to-the-container",
        Kind.MOVE,
        "The container ignores something, and the version nothing.",
        _move_ignore_changes,
        _IGNORES,
        _AFTER,
    ),
    Mutator(
        "hard-code-password",
        Kind.HARD_CODE,
        "The first password is a real one, in the file for everybody to read.",
        _hard_code_password,
        frozenset({"secret.no_plaintext", "secret.placeholder"}),
        # The same literal may reach a container or an output, where it now is a credential.
        frozenset({"ecs.no_plaintext_env"}),
    ),
    Mutator(
        "rename-password-key",
        Kind.RENAME,
        "The first version's object has no password any more, so nothing shows where a rotation has to put it.",
        _rename_password_key,
        frozenset({"secret.placeholder"}),
        _AFTER_PLACEHOLDER | {"rotation.survives_apply"},
    ),
    _plain(
        "add-default-of-a-variable",
        "A variable's default is in Git like everything else.",
        "mutation_variable.tf",
        'variable "database_password" {\n  type    = string\n  default = "PASSWORD"\n}\n',
    ),
    _plain(
        "add-local-password",
        "A local holds a password.",
        "mutation_local.tf",
        'locals {\n  db_password = "PASSWORD"\n}\n',
    ),
    _plain(
        "add-encoded-password",
        "Base64 is no encryption.",
        "mutation_local.tf",
        'locals {\n  db_password = base64decode("cTdSdi0ybUx4OVR6XzRoV2M=")\n}\n',
    ),
    _plain(
        "add-split-password",
        "A password in two halves is a password.",
        "mutation_local.tf",
        'locals {\n  db_password = join("", ["q7Rv-2mLx", "9Tz_4hWc"])\n}\n',
    ),
    _plain(
        "add-password-in-a-map",
        "A key of an object names the credential as an argument would.",
        "mutation_local.tf",
        'locals {\n  database = {\n    user     = "app"\n    password = "PASSWORD"\n  }\n}\n',
    ),
    _plain("add-tfvars", "A tfvars file is handed in with the rest.", "live.auto.tfvars", 'db_password = "PASSWORD"\n'),
    _plain(
        "add-notes",
        "A note beside the files is handed in with the rest.",
        "NOTES.md",
        "The database password: PASSWORD\n",
    ),
    _plain(
        "add-access-key",
        "An access key of AWS gives whoever reads it an account.",
        "mutation_local.tf",
        'locals {\n  aws_secret_access_key = "kQ3vX8pZ1sN6tB0yR5wE9uJ2mD7fG4hC8aL1oV3x"\n}\n',
    ),
    Mutator(
        "comment-out-a-password", Kind.COMMENT, "A comment is in Git like everything else.", _comment, _NO_PLAINTEXT
    ),
    Mutator("add-output-of-the-value", Kind.ADD, "An output keeps the value in the state.", _output, _NO_PLAINTEXT),
    Mutator(
        "add-data-source-of-the-live-value",
        Kind.ADD,
        "A data source reads the live password into the state at every plan.",
        _live_value,
        frozenset({"rotation.state_clean"}),
    ),
)
