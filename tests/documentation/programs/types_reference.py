from __future__ import annotations  # the definitions name each other before they exist

from dataclasses import dataclass, field

from mirastack_sdk.plugin import EngineClient, IntentPattern, Permission, PromptTemplate


@dataclass
class PluginInfo:
    name: str # Unique identifier, snake_case, e.g. "query_vlogs"
    version: str # Semantic version, e.g. "1.0.0"
    description: str # Plain-English description
    permission: Permission # Permission.READ | MODIFY | ADMIN
    devops_stages: list[str] # DevOps Infinity Loop stage tags
    intent_patterns: list[IntentPattern] = field(default_factory=list)
    prompt_templates: list[PromptTemplate] = field(default_factory=list)


@dataclass
class PluginSchema:
    actions: list[Action]


@dataclass
class Action:
    name: str # snake_case action name
    description: str # LLM-readable description — write for the LLM, not for humans
    input_params: dict[str, ParamSchema]
    output_params: dict[str, ParamSchema] = field(default_factory=dict)
    permission: Permission | None = None # Overrides plugin-level permission if set
    intents: list[str] = field(default_factory=list)


@dataclass
class ParamSchema:
    type: str # "string" | "integer" | "boolean" | "number" | "array" | "object"
    required: bool = True
    description: str = ""
    default: str = ""
    enum: list[str] = field(default_factory=list)


@dataclass
class ExecuteRequest:
    params: dict[str, str] # Action parameters
    time_range: TimeRange | None # Parsed time range (None for non-time queries)
    engine_client: EngineClient # Call back into the engine


@dataclass
class TimeRange:
    start_epoch_ms: int # UTC epoch in milliseconds
    end_epoch_ms: int # UTC epoch in milliseconds
    timezone: str # IANA timezone (display only)
    original_expression: str # What the user typed, e.g. "last 30 minutes"


@dataclass
class ExecuteResponse:
    output: dict[str, str] = field(default_factory=dict)
    # Put your main result in output["result"] as a JSON string
    logs: list[str] = field(default_factory=list)
    # Non-fatal messages, warnings, errors
