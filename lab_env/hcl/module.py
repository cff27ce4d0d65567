"""Modules: one directory's files together, and the tree of local modules under the one that is graded."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lab_env.errors import SubmissionError
from lab_env.hcl.addresses import without_indexes
from lab_env.hcl.model import Attribute, Block, Body, Call, Comment, Expression, Literal, Span
from lab_env.hcl.parse import parse, parse_template
from lab_env.hcl.reading import literal_path, reading_calls, text_expression

MAX_MODULES = 50
MAX_CALL_DEPTH = 8


@dataclass(frozen=True, eq=False)
class Module:
    """One directory's parsed files.

    :param directory: relative to the submission; ``.`` is the submission itself.
    :param files: path and body of each file, in path order (Terraform reads them in that order too).
    """

    directory: str
    files: Mapping[str, Body]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All top-level blocks in file order."""
        return tuple(block for body in self.files.values() for block in body.blocks)

    def _of(self, type: str, labels: int) -> dict[str, Block]:
        return {b.address: b for b in self.blocks if b.type == type and len(b.labels) == labels}

    @cached_property
    def resources(self) -> Mapping[str, Block]:
        """By address, such as ``aws_kms_key.secrets``."""
        return self._of("resource", 2)

    @cached_property
    def data(self) -> Mapping[str, Block]:
        """By address, such as ``data.aws_region.here``."""
        return self._of("data", 2)

    @cached_property
    def checked_data(self) -> tuple[Block, ...]:
        """Data sources inside ``check`` blocks."""
        inner = (b for block in self.blocks if block.type == "check" for b in block.body.blocks)
        return tuple(b for b in inner if b.type == "data" and len(b.labels) == 2)

    @cached_property
    def ephemerals(self) -> Mapping[str, Block]:
        """By address, such as ``ephemeral.aws_secretsmanager_random_password.new``."""
        return self._of("ephemeral", 2)

    @cached_property
    def variables(self) -> Mapping[str, Block]:
        """By name."""
        return {b.labels[0]: b for b in self._of("variable", 1).values()}

    @cached_property
    def outputs(self) -> Mapping[str, Block]:
        """By name."""
        return {b.labels[0]: b for b in self._of("output", 1).values()}

    @cached_property
    def module_calls(self) -> Mapping[str, Block]:
        """By name."""
        return {b.labels[0]: b for b in self._of("module", 1).values()}

    @cached_property
    def locals(self) -> Mapping[str, Attribute]:
        """Every local value, by name."""
        return {n: a for b in self.blocks if b.type == "locals" for n, a in b.body.attributes.items()}

    @cached_property
    def comments(self) -> tuple[Comment, ...]:
        """Every comment, in file order."""
        return tuple(comment for body in self.files.values() for comment in body.comments)

    def resource(self, address: str) -> Block | None:
        """A resource, data source or ephemeral resource by its address in this module; indexes are passed over."""
        plain = without_indexes(address)
        return self.resources.get(plain) or self.data.get(plain) or self.ephemerals.get(plain)

    def enclosing(self, span: Span) -> tuple[Block, ...]:
        """The blocks around a place, outermost first."""
        body = self.files.get(span.path)
        found: list[Block] = []
        while body is not None:
            inner = next((b for b in body.blocks if b.span.contains(span)), None)
            if inner is not None:
                found.append(inner)
            body = inner.body if inner else None
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Node:
    """A module where it is called: the same directory called twice is two nodes.

    :param path: ``""`` for the module under test, else ``module.a`` or ``module.a.module.b``.
    :param call: the ``module`` block in the parent; None for the module under test.
    """

    path: str
    module: Module
    call: Block | None = None
    parent: str | None = None

    def address(self, inner: str) -> str:
        """An address in this module as seen from the module under test."""
        return f"{self.path}.{inner}" if self.path else inner

    @cached_property
    def children(self) -> Mapping[str, str]:
        """Name of each call and the path of its node."""
        return {name: self.address(f"module.{name}") for name in self.module.module_calls}


@dataclass(frozen=True, eq=False)
class ModuleTree:
    """The module under test with the local modules it calls.

    :param nodes: by path, the module under test (``""``) first.
    :param unresolved: calls whose source is no module of the submission: node path, block.
    :param unused: directories with ``.tf`` files that nothing calls.
    :param templates: by path, each file that ``templatefile`` reads with a path that is written out.
    :param texts: the same for ``file``; as literals, one a line.
    """

    nodes: Mapping[str, Node]
    unresolved: tuple[tuple[str, Block], ...] = ()
    unused: tuple[str, ...] = ()
    templates: Mapping[str, Expression] = field(default_factory=dict)
    texts: Mapping[str, Expression] = field(default_factory=dict)
    _cache: dict[object, object] = field(default_factory=dict, repr=False)

    @property
    def root(self) -> Module:
        """The module under test."""
        return self.nodes[""].module

    def module(self, path: str = "") -> Module:
        """The module at a path."""
        return self.nodes[path].module

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """Each directory once, in the order of the nodes."""
        return tuple({id(n.module): n.module for n in self.nodes.values()}.values())

    def content(self, node: Node, call: Call) -> Expression | None:
        """What a call of ``file`` or ``templatefile`` reads: the text, or the template whose names the call gives."""
        kept = {"file": self.texts, "templatefile": self.templates}.get(call.name, {})
        path = literal_path(node.module.directory, call) if kept else None
        return kept.get(path) if path is not None else None

    def resources(self, type: str | None = None) -> Iterator[tuple[str, Block]]:
        """Node path and block of every resource of a type (of every type when left out)."""
        for path, node in self.nodes.items():
            for block in node.module.resources.values():
                if type is None or block.labels[0] == type:
                    yield path, block

    def block(self, address: str) -> Block | None:
        """The block of an address as Terraform prints it; indexes and the leading ``module.secrets.`` may be there."""
        path, inner = self.split(address)
        node = self.nodes.get(path)
        return node.module.resource(inner) if node else None

    def split(self, address: str) -> tuple[str, str]:
        """Node path and the rest of an address, indexes dropped; the generated root's own call is taken off."""
        parts = without_indexes(address).split(".")
        steps: list[str] = []
        while len(parts) > 2 and parts[0] == "module":
            steps.append(f"module.{parts[1]}")
            parts = parts[2:]
        path = ".".join(steps)
        if path not in self.nodes and steps:
            path = ".".join(steps[1:])
        return path, ".".join(parts)


def load_module(directory: str, files: Iterable[tuple[str, str]]) -> Module:
    """Parse the files (path, text) of a directory.

    :raises HclSyntaxError: a file is no HCL.
    """
    return Module(directory, {path: parse(path, text) for path, text in sorted(files)})


def load_tree(
    files: Iterable[tuple[str, str]], module_dir: str, *, read: Callable[[str], str | None] = lambda _: None
) -> ModuleTree:
    """Parse the module under test and every local module it calls.

    :param files: path and text of every ``.tf`` file of the submission.
    :param read: gives the text of a file that an expression reads, a byte order mark included; None where there is none.
    :raises HclSyntaxError: a file of a module that is called is no HCL, or a template that it reads is none.
    :raises SubmissionError: modules call each other without end.
    """
    by_directory: dict[str, list[tuple[str, str]]] = {}
    for path, text in files:
        by_directory.setdefault(posixpath.dirname(path) or ".", []).append((path, text))
    modules: dict[str, Module] = {}
    nodes: dict[str, Node] = {}
    unresolved: list[tuple[str, Block]] = []
    queue: list[tuple[str, str, Block | None, str | None, int]] = []
    if module_dir in by_directory:
        queue.append(("", module_dir, None, None, 0))
    while queue:
        path, directory, call, parent, depth = queue.pop(0)
        if depth > MAX_CALL_DEPTH or len(nodes) >= MAX_MODULES:
            raise SubmissionError(
                "Modules call each other without end, or there are too many of them.",
                next_step="A module must not call itself.",
                path=call.span.path if call else directory,
                line=call.span.line if call else None,
            )
        if directory not in modules:
            modules[directory] = load_module(directory, by_directory[directory])
        node = Node(path, modules[directory], call, parent)
        nodes[path] = node
        for name, block in node.module.module_calls.items():
            target = local_source(directory, block.body.get("source"))
            if target is None or target not in by_directory:
                unresolved.append((path, block))
            else:
                queue.append((node.children[name], target, block, path, depth + 1))
    unused = tuple(sorted(d for d in by_directory if d not in modules))
    templates: dict[str, Expression] = {}
    texts: dict[str, Expression] = {}
    for module in modules.values():
        for reading in reading_calls(module.files.values()):
            place = literal_path(module.directory, reading)
            if place is None or reading.name not in ("file", "templatefile") or (found := read(place)) is None:
                continue
            if reading.name == "file":
                texts.setdefault(place, text_expression(place, found))
            elif not place.endswith(".tf"):
                templates[place] = parse_template(place, found)
    return ModuleTree(
        nodes or {"": Node("", Module(module_dir, {}))}, tuple(unresolved), unused, templates=templates, texts=texts
    )


def local_source(directory: str, source: Expression | None) -> str | None:
    """The directory a literal local source names, or None when it is none or leaves the submission."""
    if not isinstance(source, Literal) or not isinstance(source.value, str):
        return None
    if not source.value.startswith(("./", "../")) or "//" in source.value or "\\" in source.value:
        return None
    target = posixpath.normpath(posixpath.join(directory, source.value))
    return None if target == ".." or target.startswith("../") else target
