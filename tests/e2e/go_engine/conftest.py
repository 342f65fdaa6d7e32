"""The grpc-go engine as a fixture."""

import pytest

from tests.e2e.go_engine.building import Program, built


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return built(tmp_path_factory.getbasetemp())
