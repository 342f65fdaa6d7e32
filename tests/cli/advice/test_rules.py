"""The rules of the advice, each with cases next to its limit."""

import pytest

from mirastack_sdk._cli.advice.fixed_value_advice import fixed_value_advice, names_secret
from mirastack_sdk._cli.advice.own_words import repeats_name
from mirastack_sdk._cli.advice.parameter_advice import parameter_advice
from mirastack_sdk._cli.advice.permission_advice import permission_advice
from mirastack_sdk._cli.advice.template_advice import template_advice
from mirastack_sdk.plugin import Action, ParamSchema, Permission, PromptTemplate
from tests.cli.advice.advised import advised


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
    agent = advised(Action(name, description, {}, permission=permission))
    assert [each.code for each in permission_advice(agent)] == ([code] if code else [])


CONTENT = "Explain {{ .X }}"


@pytest.mark.parametrize(
    ("source", "is_fixed"),
    [
        (f'PromptTemplate("agent_guide", "{CONTENT}")', True),
        (
            'TEXT = """\\\n    Explain\n  {{ .X }}\n"""\nPromptTemplate("x", TEXT.strip())',
            True,
        ),
        ('TEXT = "Explain " + "{{ " + ".X }}"', True),
        ('TEXT = ("Explain "\n"{{ .X }}")', True),
        ('plugin.PromptTemplate(name="agent_guide", content=f"Explain {x}")', True),
        ('PromptTemplate("agent_guide", f"Explain {x}", description="d")', True),
        ('PromptTemplate("other", f"Explain {x}")', False),
        ('PromptTemplate("agent_guide", read("guide.tmpl"))', False),
        ('PromptTemplate("agent_guide", content)', False),
        ('PromptTemplate.load(HERE / "templates")', False),
        ("", False),
    ],
)
def test_templates_in_the_source(source: str, is_fixed: bool) -> None:
    """A text is found however it is written, joined or indented, and f-strings by their names."""
    agent = advised(source=source, templates=[PromptTemplate("agent_guide", CONTENT)])
    assert [each.code for each in template_advice(agent)] == (["MA403"] if is_fixed else [])


@pytest.mark.parametrize(
    ("agent_name", "name", "is_own"),
    [
        ("query_metrics", "query_metrics_guide", True),
        ("query-metrics", "Query.Metrics", True),
        ("mirastack-plugin-metrics", "metrics_guide", True),
        ("mirastack-plugin-", "guide", False),
        ("agent", "guide", False),
        ("agent", "find_spikes_guide", True),
        ("metrics", "metric_guide", False),
    ],
)
def test_templates_are_named_after_agent_or_action(
    agent_name: str, name: str, is_own: bool
) -> None:
    """The name of the agent or of one of its actions is part of the template's name."""
    agent = advised(Action("find_spikes", "Find.", {}), templates=[PromptTemplate(name, "Explain")])
    agent.info.name = agent_name
    assert [each.code for each in template_advice(agent)] == ([] if is_own else ["MA405"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("You are an expert.", "You are an"),
        ("you're  the SRE", "you're the"),
        ("Act as a reviewer", "Act as"),
        ("Your role is to help", "Your role"),
        ("As an experienced SRE, explain", "As an experienced SRE"),
        ("Pretend that", "Pretend"),
        ("You are given the data. Explain it.", None),
        ("Say if you are not sure.", None),
        ("The service acts as a proxy.", None),
        ("You are analyzing metrics data.", None),
    ],
)
def test_templates_that_say_who_the_model_is(content: str, said: str | None) -> None:
    """Only sentences that give the model an identity are found."""
    agent = advised(templates=[PromptTemplate("agent_guide", content)])
    found = list(template_advice(agent))
    assert [each.what for each in found] == (
        [f'"{said}" tells the model who it is'] if said else []
    )


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
    agent = advised(Action("act", "Act.", {name: param}, {"result": ParamSchema("string")}))
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
        ("process", "Processes it.", True),
        ("watch", "Watches it.", True),
        ("publish", "Publishes it.", True),
        ("fix", "Fixes it.", True),
        ("ties", "Tie", True),
    ],
)
def test_a_description_says_more_than_the_name(name: str, description: str, repeats: bool) -> None:
    """The same words in another form say nothing new."""
    assert repeats_name(name, description) is repeats


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("password", True),
        ("db_passwd", True),
        ("passphrase", True),
        ("credentials", True),
        ("private_key", True),
        ("signing_key", True),
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
        ('token = "<your token>"', []),
        ('x = "ghp_abcdefghijklmnopqrstuvwxyz012345"', ["MA602"]),
        ('x = "AKIAIOSFODNN7EXAMPLE"', ["MA602"]),
    ],
)
def test_addresses_and_credentials_in_the_source(source: str, codes: list[str]) -> None:
    """Addresses of particular systems and credentials are found, and named by their line."""
    found = list(fixed_value_advice(advised(source=source)))
    assert [each.code for each in found] == codes
    assert all(each.place.startswith("agent.py:") for each in found)
    assert not any("s3cr3t" in each.what + each.fix for each in found)


def test_a_default_is_reported_where_it_is_declared() -> None:
    """The same text in the source is not a second finding."""
    param = ParamSchema("string", default="http://prometheus:9090")
    source = 'ParamSchema("string", default="http://prometheus:9090")'
    found = list(fixed_value_advice(advised(Action("act", "Act.", {"url": param}), source=source)))
    assert [(each.code, each.place) for each in found] == [("MA601", "action act, input url")]
