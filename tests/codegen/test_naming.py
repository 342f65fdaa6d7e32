"""Names in the proto become idiomatic names in Python."""

import pytest

from codegen.naming import member_name, python_name, snake_case


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Info", "info"),
        ("GetSchema", "get_schema"),
        ("ListKPIs", "list_kpis"),
        ("GetKPI", "get_kpi"),
        ("KPI", "kpi"),
        ("KPIKind", "kpi_kind"),
        ("DevOpsStage", "dev_ops_stage"),
        ("HTTPSServer", "https_server"),
        ("GRPCStatus", "grpc_status"),
        ("ListURLs", "list_urls"),
        ("IsSet", "is_set"),
        ("GetV2Config", "get_v2_config"),
        ("Sha256Sum", "sha256_sum"),
        ("getThing", "get_thing"),
        ("get_thing", "get_thing"),
    ],
)
def test_acronyms_keep_together(name: str, expected: str) -> None:
    """A name is split into words, and an acronym with a plural s is one word."""
    assert snake_case(name) == expected


@pytest.mark.parametrize(
    ("value", "enum", "expected"),
    [
        ("PERMISSION_READ", "Permission", "READ"),
        ("DEV_OPS_STAGE_PLAN", "DevOpsStage", "PLAN"),
        ("KPI_KIND_A_B", "KPIKind", "A_B"),
        ("READ", "Permission", "READ"),
        ("OTHER_PERMISSION_READ", "Permission", "OTHER_PERMISSION_READ"),
        ("PERMISSIONS", "Permission", "PERMISSIONS"),
        ("COLOUR_None", "Colour", "None_"),
    ],
)
def test_a_member_loses_its_enums_name(value: str, enum: str, expected: str) -> None:
    """Only a prefix is removed, and only the enum's own name."""
    assert member_name(value, enum) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("key", "key"), ("from", "from_"), ("parse", "parse_"), ("type", "type")]
)
def test_a_taken_name_gets_an_underscore(name: str, expected: str) -> None:
    """Keywords and names that are taken are followed by an underscore."""
    assert python_name(name, frozenset({"parse"})) == expected
