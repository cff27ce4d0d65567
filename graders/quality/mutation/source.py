"""A right solution as mutators see it: its texts, its syntax, and which block is "the secret", "its key", "the task".

Found by relation in the syntax alone; where the syntax does not decide, there is none, and the mutator leaves the solution alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from graders.evidence.facts import Facts
from graders.gate import check
from graders.model import Depth
from lab_env.errors import RubricError
from lab_env.hcl import Attribute, Block, Body, Expression, Literal, Module, Traversal, origins, walk
from lab_env.hcl.addresses import in_module
from lab_env.lesson import STANDARD, Lesson
from lab_env.submission import Submission
from lab_env.workspace import files_read


@dataclass(frozen=True)
class Splice:
    """``text`` takes the place of the characters from ``start`` to ``end`` (exclusive) of a file."""

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Mutation:
    """What a mutator does to one solution.

    :param splices: they may not overlap.
    :param added: new files by path.
    :param removed: paths of files that are taken away.
    """

    splices: tuple[Splice, ...] = ()
    added: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResourceBlock:
    """A resource block with the path of the module it stands in; ``address`` is its config address."""

    address: str
    node: str
    block: Block

    def argument(self, name: str) -> Attribute | None:
        return self.block.body.attributes.get(name)

    @property
    def repeated(self) -> bool:
        """Whether ``count`` or ``for_each`` makes more or less than one of it."""
        return not {"count", "for_each"}.isdisjoint(self.block.body.attributes)


class Source:
    """One solution of the corpus; ``texts`` are its ``.tf`` files and those that they read, by path."""

    def __init__(self, submission: Submission, lesson: Lesson = STANDARD) -> None:
        """:raises RubricError: the gate refuses it, so it is no right solution."""
        gate = check(submission)
        if not gate.accepted:
            raise RubricError(f"The solution {submission.id} is refused by the gate, so it cannot be mutated.")
        self.name = submission.id
        self.submission = submission
        self.lesson = lesson
        self.facts = Facts(submission=submission, depth=Depth.STATIC, gate=gate, lesson=lesson)
        self.tree = self.facts.tree
        self.texts = {file.path: file.text for file in (*submission.files, *files_read(submission))}

    def result_of(self, change: Mutation) -> dict[str, bytes]:
        """All files after a change.

        :raises RubricError: splices overlap.
        """
        files = {f.path: f.data for f in (*self.submission.files, *self.submission.ignored)}
        for path in {splice.path for splice in change.splices}:
            text, behind = self.texts[path], len(self.texts[path])
            for splice in sorted((s for s in change.splices if s.path == path), key=lambda s: s.start, reverse=True):
                if not splice.start <= splice.end <= behind:
                    raise RubricError(f"A mutator changes {self.name}'s {path} twice in the same place.")
                text = text[: splice.start] + splice.text + text[splice.end :]
                behind = splice.start
            files[path] = text.encode()
        for path in change.removed:
            del files[path]
        return dict(sorted({**files, **{path: text.encode() for path, text in change.added.items()}}.items()))

    def result_of_nothing(self) -> dict[str, bytes]:
        """All files as they are."""
        return self.result_of(Mutation())

    @property
    def root(self) -> Module:
        return self.tree.root

    @property
    def directory(self) -> str:
        """Of the module under test, with a slash behind it; empty at the top."""
        return "" if self.root.directory == "." else f"{self.root.directory}/"

    def places(self, type: str) -> list[ResourceBlock]:
        """The blocks of a type; one that is called twice is there twice."""
        return [
            ResourceBlock(address, self.tree.split(in_module(address))[0], block)
            for address, block in self.facts.resources(type).items()
        ]

    def only(self, places: list[ResourceBlock]) -> ResourceBlock | None:
        """The one place there is, when there is one only."""
        return places[0] if len(places) == 1 else None

    def in_root(self, place: ResourceBlock) -> bool:
        """Whether ``var.environment`` in this block is the module's own variable."""
        return place.node == "" and "environment" in self.root.variables

    @cached_property
    def secret(self) -> ResourceBlock | None:
        """The secret whose name ends as the lesson's does."""
        return self.only([p for p in self.places("aws_secretsmanager_secret") if self._named(p, self.lesson.secret)])

    @cached_property
    def key(self) -> ResourceBlock | None:
        """The one key to which the secret's ``kms_key_id`` leads, through an alias too."""
        if self.secret is None:
            return None
        wanted, pending, seen = set(), [(self.secret.address, "kms_key_id")], set()
        while pending:
            here = pending.pop()
            if here in seen:
                continue
            seen.add(here)
            for reference in self.facts.references(*here):
                if reference.type == "aws_kms_key":
                    wanted.add((reference.mode, reference.resource))
                elif reference.type == "aws_kms_alias":
                    pending.append((reference.resource, "target_key_id"))
        if {mode for mode, _ in wanted} != {"managed"}:
            return None
        return self.only([p for p in self.places("aws_kms_key") if ("managed", p.address) in wanted])

    @cached_property
    def alias(self) -> ResourceBlock | None:
        """The alias with the lesson's name, when it points at the key."""
        named = self.only([p for p in self.places("aws_kms_alias") if self._named(p, self.lesson.alias)])
        if named is None or self.key is None:
            return None
        targets = {r.resource for r in self.facts.references(named.address, "target_key_id")}
        return named if self.key.address in targets else None

    @cached_property
    def version(self) -> ResourceBlock | None:
        """The secret's only version that sets ``secret_string``."""
        found = []
        for place in self.places("aws_secretsmanager_secret_version"):
            targets = {r.resource for r in self.facts.references(place.address, "secret_id")}
            if self.secret is not None and self.secret.address in targets:
                found.append(place)
        one = self.only(found)
        return one if one is not None and one.argument("secret_string") is not None else None

    @cached_property
    def task(self) -> ResourceBlock | None:
        """The only task definition."""
        return self.only(self.places("aws_ecs_task_definition"))

    @cached_property
    def role(self) -> ResourceBlock | None:
        """The role that the task names as its execution role."""
        if self.task is None:
            return None
        named = {r.resource for r in self.facts.references(self.task.address, "execution_role_arn")}
        return self.only([p for p in self.places("aws_iam_role") if p.address in named])

    def literals_in(self, place: ResourceBlock, argument: str) -> tuple[Literal, ...]:
        """The literals that flow into an argument, wherever they are written."""
        attribute = place.argument(argument)
        return origins(self.tree, place.node, attribute.expression) if attribute is not None else ()

    def bodies(self) -> Iterator[tuple[Module, str, Body]]:
        """Every file of the module under test and of those it calls: module, path, body."""
        for module in self.tree.modules:
            for path, body in module.files.items():
                yield module, path, body

    def expressions(self) -> Iterator[Expression]:
        """Every expression and all that is in it."""
        for _, _, body in self.bodies():
            for expression in body.expressions():
                yield from walk(expression)

    def text_of(self, expression: Expression) -> str:
        """An expression as it is written."""
        return self.texts[expression.span.path][expression.span.start : expression.span.end]

    def literals(self, value: str) -> list[Literal]:
        """The plain, quoted string literals that are this text."""
        return [e for e in self.expressions() if isinstance(e, Literal) and e.value == value and self.quoted(e)]

    def quoted(self, literal: Literal) -> bool:
        """Whether a literal is a whole string with its quotes, not a piece of a template or an object's bare key."""
        text = self.text_of(literal)
        return len(text) > 1 and text[0] == text[-1] == '"'

    def traversals(self, module: Module) -> Iterator[Traversal]:
        for body in module.files.values():
            for expression in body.expressions():
                for inner in walk(expression):
                    if isinstance(inner, Traversal):
                        yield inner

    def _named(self, place: ResourceBlock, text: str) -> bool:
        return text in "".join(str(literal.value) for literal in self.literals_in(place, "name"))
