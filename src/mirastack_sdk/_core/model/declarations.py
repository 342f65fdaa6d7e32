"""What an agent declares about itself."""

import enum
from dataclasses import dataclass, field

__all__ = [
    "Action",
    "ConfigParam",
    "IntentPattern",
    "ParamSchema",
    "Permission",
    "PluginInfo",
    "PluginSchema",
    "PromptTemplate",
    "RoutingSemantics",
]


class Permission(enum.Enum):
    """What a caller must be allowed to do before an action runs."""

    READ = "read"
    """Queries only, no side effects."""
    MODIFY = "modify"
    """Changes state; always requires human approval."""
    ADMIN = "admin"
    """Critical operations (delete, destroy); always requires human approval."""


@dataclass
class IntentPattern:
    """A natural-language phrase that routes a user's question to an action.

    `pattern` is the phrase, `*` standing for anything; `action` is the name of the action.
    Where several patterns match, the higher `priority` wins.
    """

    pattern: str
    action: str
    priority: int = field(default=0, kw_only=True)
    description: str = field(default="", kw_only=True)


@dataclass
class PromptTemplate:
    """A prompt for language model steps that involve the agent's output."""

    name: str
    content: str
    description: str = field(default="", kw_only=True)


@dataclass
class ConfigParam:
    """A configuration parameter that operators may set.

    `type` is one of the six parameter types. A `secret` value is never shown or logged.
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
    """What an action is for, so that the engine can route to it by meaning.

    Domains are lower-case and dotted (`metrics.query`), at most 64 a list and 128 characters each;
    a use case has at most 256 characters.
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
    """One parameter of an action.

    `type` is "string", "integer", "boolean", "number", "array" or "object".
    """

    type: str
    required: bool = True
    description: str = ""
    default: str = ""
    enum: list[str] = field(default_factory=list)


@dataclass
class Action:
    """One thing an agent can do.

    `name` is snake_case and unique in the agent; `description` is read by a language model.
    `permission` overrides the plugin's. `stages` overrides the plugin's DevOps stages where given.
    """

    name: str
    description: str
    input_params: dict[str, ParamSchema]
    output_params: dict[str, ParamSchema] = field(default_factory=dict)
    permission: Permission | None = None
    intents: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list, kw_only=True)
    routing_semantics: RoutingSemantics | None = field(default=None, kw_only=True)


@dataclass
class PluginSchema:
    """The actions of an agent."""

    actions: list[Action]


@dataclass
class PluginInfo:
    """Who an agent is.

    `name` is unique and snake_case, `version` semantic. `devops_stages` holds at least one of
    "observe", "operate", "deploy", "release", "plan", "build", "test" and "code".
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
