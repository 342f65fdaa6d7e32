"""The rules of the advice, each with cases next to its limit."""

import ast
from pathlib import Path

import pytest

from mirastack_sdk import Agent
from mirastack_sdk._cli.advice.advised_agent import AdvisedAgent
from mirastack_sdk._cli.advice.author_sources import AuthorModule, author_modules
from mirastack_sdk._cli.advice.finding import Finding
from mirastack_sdk._cli.advice.fixed_value_advice import fixed_value_advice, names_secret
from mirastack_sdk._cli.advice.operation_advice import operation_advice
from mirastack_sdk._cli.advice.own_words import repeats_name
from mirastack_sdk._cli.advice.parameter_advice import parameter_advice
from mirastack_sdk._cli.advice.permission_advice import permission_advice
from mirastack_sdk._cli.targets import load_target
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk.agent import TypedActions, action
from mirastack_sdk.plugin import (
    Action,
    ExecuteRequest,
    ExecuteResponse,
    MirastackPlugin,
    ParamSchema,
    Permission,
    PluginInfo,
    PluginSchema,
)
from tests.cli.programs import PUBLISHED

INFO = PluginInfo("agent", "1.0.0", "Does it", Permission.READ, ["observe"])


class Silent(MirastackPlugin):
    """An agent without actions, which are given to the view."""

    def info(self) -> PluginInfo:
        return INFO

    def schema(self) -> PluginSchema:
        return PluginSchema([])

    async def execute(self, req: ExecuteRequest) -> ExecuteResponse:
        return ExecuteResponse()


class Checking(Silent):
    """An agent with a health check that calls something."""

    async def health_check(self) -> None:
        self.info()


class Inheriting(Checking):
    """An agent whose base class checks the health."""


def view(*actions: Action, source: str = "", plugin: MirastackPlugin | None = None) -> AdvisedAgent:
    """An agent with these actions, whose module contains this source."""
    module = AuthorModule(path="agent.py", tree=ast.parse(source))
    given = plugin or Silent()
    return AdvisedAgent(
        plugin=given, info=INFO, schema=PluginSchema(list(actions)), sources=[module]
    )


@pytest.mark.parametrize(
    ("name", "description", "permission", "code"),
    [
        ("restart_service", "Do it.", Permission.READ, "MA301"),
        ("service", "Restarts a service.", Permission.READ, "MA301"),
        ("service", "Applies a patch.", Permission.READ, "MA301"),
        ("scale", "Change the size.", Permission.READ, "MA301"),
        ("delete_pod", "Do it.", Permission.READ, "MA301"),
        ("delete_pod", "Do it.", Permission.MODIFY, "MA303"),
        ("purge", "Do it.", Permission.MODIFY, "MA303"),
        ("remove_silence", "Do it.", Permission.MODIFY, None),
        ("delete_pod", "Do it.", Permission.ADMIN, None),
        ("list_pods", "Do it.", Permission.MODIFY, "MA302"),
        ("pods", "Lists pods.", Permission.ADMIN, "MA302"),
        ("get_or_create", "Do it.", Permission.MODIFY, None),
        ("get_deleted_pods", "Do it.", Permission.READ, None),
        ("list_restarts", "Do it.", Permission.READ, None),
        ("plan_restart", "Say what a restart would do.", Permission.READ, None),
        ("restarts", "Count restarts.", Permission.READ, None),
        ("settings", "Show them.", Permission.READ, None),
        ("run_query", "Run a query.", Permission.READ, None),
        ("add", "Add two numbers.", Permission.READ, None),
        ("run_query", "Run a query.", Permission.MODIFY, None),
    ],
)
def test_permissions_fit_the_verb(
    name: str, description: str, permission: Permission, code: str | None
) -> None:
    """The verb is the first word of the name, or of the description."""
    agent = view(Action(name, description, {}, permission=permission))
    assert [each.code for each in permission_advice(agent)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("name", "kind", "description", "lacks"),
    [
        ("timeout", "integer", "When to give up.", True),
        ("timeout", "number", "When to give up, in seconds.", False),
        ("timeout_seconds", "integer", "When to give up.", False),
        ("timeout_ms", "integer", "When to give up.", False),
        ("max_age", "integer", "How old it may be.", True),
        ("memory", "integer", "How much to use.", True),
        ("memory_mib", "integer", "How much to use.", False),
        ("limit", "integer", "How many at most.", False),
        ("window", "string", "The length of each window.", True),
        ("window", "string", "The length, such as 5m.", False),
        ("window", "string", "The length. Format: duration such as 5m.", False),
        ("window", "array", "The windows to use.", False),
        ("start", "string", "The first moment.", True),
        ("start", "string", "The first moment, in RFC3339.", False),
        ("restart", "string", "What to restart.", False),
        ("timezone", "string", "Of the results.", False),
        ("step", "boolean", "Whether to stop at each.", False),
    ],
)
def test_times_and_sizes_have_units(name: str, kind: str, description: str, lacks: bool) -> None:
    """A number or text that is a time or a size says its unit in its name or description."""
    param = ParamSchema(kind, description=description)
    agent = view(Action("act", "Act.", {name: param}, {"result": ParamSchema("string")}))
    assert [each.code for each in parameter_advice(agent)] == (["MA204"] if lacks else [])


@pytest.mark.parametrize(
    ("name", "description", "repeats"),
    [
        ("get_status", "Get the status.", True),
        ("get_status", "Gets status", True),
        ("service", "The service", True),
        ("service", "The name of the service", False),
        ("service", "", False),
        ("service", "Such as cart.", False),
        ("list_processes", "List processes", True),
        ("apply", "Applies it.", True),
    ],
)
def test_a_description_says_more_than_the_name(name: str, description: str, repeats: bool) -> None:
    """The same words in another form say nothing new."""
    assert repeats_name(name, description) is repeats


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("password", True),
        ("backend_token", True),
        ("apiKey", True),
        ("API_KEY", True),
        ("secret_access_key", True),
        ("client_secret", True),
        ("key", False),
        ("cache_key", False),
        ("max_tokens", False),
        ("token_url", False),
        ("password_file", False),
        ("tokenizer", False),
        ("", False),
    ],
)
def test_names_of_secrets(name: str, is_secret: bool) -> None:
    """The last word decides: what belongs to a secret is none."""
    assert names_secret(name) is is_secret


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ('URL = "http://prometheus:9090"', ["MA601"]),
        ('url = get("X", "postgres://db.corp/metrics")', ["MA601"]),
        ('url = f"https://api.corp/{path}"', ["MA601"]),
        ('url = f"http://{host}:9090/"', []),
        ('"""Run it with http://prometheus:9090"""\nx = 1', []),
        ('"""http://prometheus:9090"""\nx = 1', []),
        ('help = "The URL, such as http://prometheus:9090."', []),
        ('url = "http://localhost:9090"', []),
        ('url = "http://127.0.0.1"', []),
        ('url = "http://[::1]:80/"', []),
        ('url = "https://example.com/x"', []),
        ('ns = "http://www.w3.org/2001/XMLSchema"', []),
        ('scheme = "http://"', []),
        ('url = "http://user:pw1@db.corp/x"', ["MA602"]),
        ('url = f"http://{user}:{password}@db.corp/x"', []),
        ('token = "s3cr3t"', ["MA602"]),
        ('self.api_key = "s3cr3t"', ["MA602"]),
        ('token: str = "s3cr3t"', ["MA602"]),
        ('call(password="s3cr3t")', ["MA602"]),
        ('x = {"password": "s3cr3t"}', ["MA602"]),
        ('token = Secret("s3cr3t")', ["MA602"]),
        ('token = Secret("")', []),
        ('token = ""', []),
        ('token = os.environ["METRICS_TOKEN"]', []),
        ('token = "METRICS_TOKEN"', []),
        ('token = "{token}"', []),
        ('x = "ghp_abcdefghijklmnopqrstuvwxyz012345"', ["MA602"]),
        ('x = "AKIAIOSFODNN7EXAMPLE"', ["MA602"]),
    ],
)
def test_addresses_and_credentials_in_the_source(source: str, codes: list[str]) -> None:
    """Addresses of particular systems and credentials are found, and named by their line."""
    found = list(fixed_value_advice(view(source=source)))
    assert [each.code for each in found] == codes
    assert all(each.place.startswith("agent.py:") for each in found)
    assert not any("s3cr3t" in each.what + each.fix for each in found)


def test_a_default_is_reported_where_it_is_declared() -> None:
    """The same text in the source is not a second finding."""
    param = ParamSchema("string", default="http://prometheus:9090")
    source = 'ParamSchema("string", default="http://prometheus:9090")'
    found = list(fixed_value_advice(view(Action("act", "Act.", {"url": param}), source=source)))
    assert [(each.code, each.place) for each in found] == [("MA601", "action act, input url")]


def health(plugin: MirastackPlugin) -> list[str]:
    """What is said about the health check of a plugin."""
    found: list[Finding] = list(operation_advice(view(plugin=plugin)))
    return [each.what for each in found if each.code == "MA701"]


NONE = ["it has no health check of its own"]
EMPTY = ["its health check checks nothing"]


def agent_without_actions() -> Agent:
    """Return a new agent."""
    return Agent(
        name="a", version="1", description="d", permission=Permission.READ, devops_stages=["test"]
    )


def test_health_checks_of_classes() -> None:
    """A method counts wherever it is defined, unless it does nothing."""

    class Empty(Silent):
        async def health_check(self) -> None:
            """Add a ping here."""

    class Typed(Silent, TypedActions):
        @action
        async def act(self) -> str:
            """Act."""
            return ""

    class TypedChecking(Checking, TypedActions):
        """Typed actions beside a plugin with a health check."""

    assert health(Silent()) == NONE
    assert health(Empty()) == EMPTY
    assert health(Typed()) == NONE
    assert health(Checking()) == health(Inheriting()) == health(TypedChecking()) == []


def test_health_checks_of_typed_agents() -> None:
    """The function of `@agent.health` counts."""
    agent, empty = agent_without_actions(), agent_without_actions()
    assert health(agent) == NONE

    @agent.health
    async def check() -> None:
        agent.info()

    @empty.health
    async def nothing() -> None:
        pass

    assert health(agent) == []
    assert health(empty) == EMPTY


def test_health_checks_of_published_agents(folder: Path) -> None:
    """The method of the published class counts, not that of the adapter."""
    method = "    async def health_check(self) -> None:\n        print(self)\n\n"
    (folder / "without.py").write_text(PUBLISHED, encoding="utf-8")
    (folder / "with_check.py").write_text(
        PUBLISHED.replace("    async def execute", f"{method}    async def execute"),
        encoding="utf-8",
    )
    assert health(load_target("without.py").plugin) == NONE
    assert health(load_target("with_check.py").plugin) == []


def test_sources_are_the_authors_modules(folder: Path) -> None:
    """What an agent imports from its own package is read, and nothing that is installed in it."""
    package = folder / "my_agent"
    installed = package / ".venv" / "site-packages"
    (package / "clients").mkdir(parents=True)
    installed.mkdir(parents=True)
    for name in ("__init__.py", "clients/__init__.py", "unused.py"):
        (package / name).write_text("", encoding="utf-8")
    (package / "clients" / "http.py").write_text('URL = "http://db.corp"', encoding="utf-8")
    (installed / "vendored.py").write_text("", encoding="utf-8")
    (package / "agent.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(installed)!r})\n"
        "import vendored\n"
        "from my_agent.clients.http import URL\n" + PUBLISHED,
        encoding="utf-8",
    )
    target = load_target("my_agent/agent.py")
    checked_plugin(target.plugin)
    paths = [module.path for module in author_modules(target.file)]
    assert paths == [
        "my_agent/agent.py",
        "my_agent/__init__.py",
        "my_agent/clients/__init__.py",
        "my_agent/clients/http.py",
    ]
