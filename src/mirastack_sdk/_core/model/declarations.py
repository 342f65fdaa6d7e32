"""The types in which an agent declares what it is and what it can do."""

import enum
import os
from collections.abc import Iterator
from dataclasses import field
from typing import Literal, Protocol, Self

from mirastack_sdk._core.model.template_files import TemplateFolder, read_template_files
from mirastack_sdk._deferred.dataclasses import dataclass

DEFAULT_PRIORITY = 5

type Stage = Literal["observe", "operate", "deploy", "release", "plan", "build", "test", "code"]
"""A stage of the DevOps loop in which an agent or an action is used."""


class Permission(enum.Enum):
    """The right that a caller needs before an action runs."""

    READ = "read"
    """Queries without side effects."""
    MODIFY = "modify"
    """Changes state. Always requires human approval."""
    ADMIN = "admin"
    """Critical operations such as deletion. Always requires human approval."""


@dataclass
class IntentPattern:
    """A phrase that routes a user's question to an action.

    In `pattern`, `*` matches any text. `action` is the name of one of the agent's actions; leave it
    out in the `intents` of an action. If several patterns match, the one with the highest
    `priority` wins: 5 is that of a phrase without one, and published agents use 5 to 10.
    """

    pattern: str
    action: str = ""
    priority: int = field(default=DEFAULT_PRIORITY, kw_only=True)
    description: str = field(default="", kw_only=True)


class Intents(Protocol):
    """A list of phrases, patterns or both; type checkers refuse a single text."""

    def __iter__(self) -> Iterator[str | IntentPattern]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> str | IntentPattern: ...

    # A text contains only texts, by which checkers tell it from a list of texts.
    def __contains__(self, value: object, /) -> bool: ...


@dataclass
class PromptTemplate:
    """A prompt for workflow steps in which a language model works with the agent's output.

    `content` has the syntax of Go's text/template, such as `{{ .Service }}`. Engines skip a
    template whose name they know already, so a changed template needs a new name.
    """

    name: str
    content: str
    description: str = field(default="", kw_only=True)

    @classmethod
    def load(cls, folder: TemplateFolder | os.PathLike[str] | str) -> list[Self]:
        """The templates in the files `*.tmpl` of a folder, by name.

        The name of a file without `.tmpl` is that of its template. A comment `{{/* … */}}` on the
        first lines, with nothing else on them, is the description and no part of the content.

        `folder` is an absolute path, such as `Path(__file__).resolve().parent / "templates"`, or a
        folder of an installed package, `importlib.resources.files("my_agent") / "templates"`.
        Raises `InvalidPluginError` with every problem: a relative path, which would depend on the
        directory in which the agent is started, a folder that is missing or has no templates, and
        files that are empty or not UTF-8.
        """
        return [
            cls(name, content, description=description)
            for name, content, description in read_template_files(folder)
        ]


@dataclass
class ConfigParam:
    """One key of the agent's config, which operators can set in the engine.

    `type` is "string", "integer", "boolean", "number", "array" or "object", or one of the engine's
    own: "int", "bool", "duration", "json". A duration is text such as "5s" or "1h30m". The value of
    a `secret` is never displayed or logged.
    """

    key: str
    description: str
    type: str = "string"
    required: bool = False
    default: str = ""
    secret: bool = False

    def __repr__(self) -> str:
        """The fields, without the default of a secret."""
        default = "[secret]" if self.secret and self.default else self.default
        return (
            f"ConfigParam(key={self.key!r}, description={self.description!r}, type={self.type!r}, "
            f"required={self.required!r}, default={default!r}, secret={self.secret!r})"
        )


@dataclass
class RoutingSemantics:
    """What an action is for, so that the engine can route questions to it by meaning.

    Domains are dotted (`core.observe.metrics.query`), with at most 128 characters each. Use cases
    have at most 256 characters each. A list has at most 64 entries, and no duplicates. They are
    sent trimmed, sorted and without blank items, the domains in lower case. An action without
    routing semantics has derived ones.
    """

    accepted_intent_domains: list[str]
    capability_domain: str
    positive_use_cases: list[str]
    negative_use_cases: list[str] = field(default_factory=list)
    signal_domains: list[str] = field(default_factory=list)
    backend_domains: list[str] = field(default_factory=list)
    entity_types: list[str] = field(default_factory=list)
    schema_version: str = "mirastack.routing_semantics/v1"


@dataclass
class ParamSchema:
    """One input or output parameter of an action.

    `type` is "string", "integer", "boolean", "number", "array", "object" or "json". `default` is
    text, as parameters are sent. If `enum` is not empty, it lists the allowed values.
    """

    type: str
    required: bool = True
    description: str = ""
    default: str = ""
    enum: list[str] = field(default_factory=list)


@dataclass
class Action:
    """One operation that an agent offers.

    `name` is snake_case and unique within the agent. Write `description` for the language model
    that decides when to use the action. No input parameter can be named "action". `permission` and
    `stages`, if given, replace those of the agent's `PluginInfo`. `intents` are phrases that lead
    to the action, or `IntentPattern` objects with a priority. Without `routing_semantics`, derived
    ones are sent.
    """

    name: str
    description: str
    input_params: dict[str, ParamSchema]
    output_params: dict[str, ParamSchema] = field(default_factory=dict)
    permission: Permission | None = None
    intents: Intents = field(default_factory=list)
    stages: list[str] = field(default_factory=list, kw_only=True)
    routing_semantics: RoutingSemantics | None = field(default=None, kw_only=True)


@dataclass
class PluginSchema:
    """The actions of an agent; at least one."""

    actions: list[Action]


@dataclass
class PluginInfo:
    """The identity of an agent.

    `name` is unique in the engine, such as `query_vlogs`; `version` is a semantic version.
    `permission` and `devops_stages` apply to every action that does not declare its own.
    `devops_stages` is at least one of "observe", "operate", "deploy", "release", "plan", "build",
    "test" and "code".
    """

    name: str
    version: str
    description: str
    permission: Permission
    devops_stages: list[str]
    intent_patterns: list[IntentPattern] = field(default_factory=list)
    prompt_templates: list[PromptTemplate] = field(default_factory=list)
    config_params: list[ConfigParam] = field(default_factory=list, kw_only=True)
    metadata: dict[str, str] = field(default_factory=dict, kw_only=True)
