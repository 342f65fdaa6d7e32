"""The manifests for Kubernetes: valid, restricted, and with names and ports that fit together."""

import re
from pathlib import Path

import pytest
import yaml

from tests.deploy.checkers import checked, kubectl, passes
from tests.deploy.deploy_files import REPOSITORY, alerts
from tests.deploy.manifests import (
    KUBERNETES,
    MANIFESTS,
    NO_MANIFESTS,
    at,
    container,
    deployment,
    document,
    documents,
    image_variables,
    items,
    number,
    pod,
    pod_variables,
    strings_in,
    table,
)

# The oldest release that knows all fields, and the newest of the schemas.
VERSIONS = ["1.27", "1.37"]
NAME = "app.kubernetes.io/name"


def validated(version: str, *files: Path) -> str:
    """Compare files with the schemas of a release, in which unknown fields are errors."""
    return passes(checked("kubernetes-validate", "--strict", "-k", version, *files))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_manifests_follow_the_schemas(version: str) -> None:
    """Each field exists and has the right type."""
    assert validated(version, *MANIFESTS)


def test_a_field_that_does_not_exist_is_noticed(tmp_path: Path) -> None:
    """The schemas know every field."""
    text = (KUBERNETES / "deployment.yaml").read_text(encoding="utf-8")
    misspelt = text.replace("terminationGracePeriodSeconds", "terminationGraceSeconds")
    (tmp_path / "deployment.yaml").write_text(misspelt, encoding="utf-8")
    done = checked("kubernetes-validate", "--strict", tmp_path / "deployment.yaml")
    assert done.returncode != 0
    assert "terminationGraceSeconds" in done.stdout + done.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_kustomize_makes_valid_manifests(version: str, tmp_path: Path) -> None:
    """With the image and the settings that operators put into two files."""
    made = passes(kubectl("kustomize", KUBERNETES))
    (tmp_path / "all.yaml").write_text(made, encoding="utf-8")
    assert validated(version, tmp_path / "all.yaml")
    found = {str(at(one, "kind")): one for one in yaml.safe_load_all(made)}
    assert set(found) >= {str(at(one, "kind")) for path in MANIFESTS for one in documents(path)}
    agent = at(found["Deployment"], "spec/template/spec/containers/0")
    assert at(agent, "image") == "registry.example.com/my-agent:0.1.0"
    assert at(agent, "envFrom/0/configMapRef/name") == at(found["ConfigMap"], "metadata/name")


def test_every_manifest_is_applied() -> None:
    """kustomization.yaml names all of them, and the one for the Prometheus Operator."""
    text = (KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8")
    listed = re.findall(r"^  (?:# )?- ([\w-]+\.yaml)$", text, re.MULTILINE)
    assert sorted(listed) == sorted([path.name for path in MANIFESTS] + ["pod-monitor.yaml"])
    assert {path.name for path in KUBERNETES.glob("*.yaml")} == {*listed, *NO_MANIFESTS}


def test_pods_are_restricted() -> None:
    """As the Pod Security Standard "restricted" asks, which the namespace enforces, and more."""
    namespace = document(KUBERNETES / "namespace.yaml")
    assert "restricted" in str(at(namespace, "metadata/labels"))
    shared, own = table(pod(), "securityContext"), table(container(), "securityContext")
    assert shared["runAsNonRoot"] is True
    assert at(shared, "seccompProfile/type") == "RuntimeDefault"
    assert own["allowPrivilegeEscalation"] is False
    assert own["readOnlyRootFilesystem"] is True
    assert at(own, "capabilities/drop") == ["ALL"]
    assert at(pod(), "automountServiceAccountToken") is False


def test_pods_have_limits_and_can_write_to_tmp() -> None:
    """A read-only root file system has one folder for temporary files, of limited size."""
    assert set(table(container(), "resources/limits")) == {"cpu", "memory"}
    mounts = {at(one, "mountPath"): at(one, "name") for one in items(container(), "volumeMounts")}
    volumes = {at(one, "name"): one for one in items(pod(), "volumes")}
    assert at(volumes[mounts["/tmp"]], "emptyDir/sizeLimit")  # noqa: S108 - the Pod's own


def test_probes_ask_for_what_they_are_for() -> None:
    """Neither a restart nor traffic depends on the engine, which dials the agent back."""
    asked = {
        probe: (at(container(), f"{probe}/grpc/port"), at(container(), f"{probe}/grpc/service"))
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    port = int(image_variables()["MIRASTACK_PLUGIN_ADDR"].rpartition(":")[2])
    assert asked == {
        "startupProbe": (port, "liveness"),
        "readinessProbe": (port, "readiness"),
        "livenessProbe": (port, "liveness"),
    }


def test_ports_are_those_of_the_settings() -> None:
    """Ports have names, and the numbers on which the agent listens."""
    ports = {at(one, "name"): at(one, "containerPort") for one in items(container(), "ports")}
    variables = image_variables() | pod_variables()
    assert ports == {
        "grpc": int(variables["MIRASTACK_PLUGIN_ADDR"].removeprefix(":")),
        "metrics": int(variables["MIRASTACK_METRICS_ADDR"].removeprefix(":")),
    }


def test_the_engine_is_told_the_name_of_the_service() -> None:
    """The advertised address is that of the Service which is not headless."""
    address = pod_variables()["MIRASTACK_PLUGIN_ADVERTISE_ADDR"]
    found = {at(one, "metadata/name"): one for one in documents(KUBERNETES / "services.yaml")}
    name, _, rest = address.partition(".")
    assert rest == f"$(POD_NAMESPACE).svc:{at(found[name], 'spec/ports/0/port')}"
    assert "clusterIP" not in table(found[name], "spec")
    (headless,) = set(found) - {name}
    assert at(found[headless], "spec/clusterIP") == "None"


def test_everything_selects_the_pods() -> None:
    """Each selector is the label of the Pods, and each name of a port is one of theirs."""
    labels = table(deployment(), "spec/template/metadata/labels")
    names = {at(one, "name") for one in items(container(), "ports")}
    selectors, ports = [], []
    for path in [*MANIFESTS, KUBERNETES / "pod-monitor.yaml"]:
        text = path.read_text(encoding="utf-8")
        selectors += re.findall(rf"elector:\n(?: +matchLabels:\n)? +{NAME}: (.+)", text)
        ports += re.findall(r"(?:targetPort|\{port): ([a-z]+)", text)
    assert set(selectors) - {"mirastack-engine"} == {labels[NAME]}
    assert len(selectors) >= 7
    assert set(ports) == names


def test_replicas_scale_by_a_metric_of_agents() -> None:
    """The autoscaler reads what the adapter offers, which agents export."""
    autoscaler = document(KUBERNETES / "autoscaler.yaml")
    metric = str(at(autoscaler, "spec/metrics/0/pods/metric/name"))
    rule = at(document(KUBERNETES / "prometheus-adapter.yaml"), "rules/custom/0")
    assert str(at(rule, "seriesQuery")).startswith(f"{metric}{{")
    assert f"`{metric}`" in (REPOSITORY / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert at(autoscaler, "spec/scaleTargetRef/name") == at(deployment(), "metadata/name")
    assert "replicas" not in table(deployment(), "spec"), "each apply would reset it"


def test_replicas_scale_no_faster_than_connections_end() -> None:
    """A new replica has its share when the others' connections have reached their age."""
    autoscaler = document(KUBERNETES / "autoscaler.yaml")
    age = float(pod_variables()["MIRASTACK_PLUGIN_MAX_CONNECTION_AGE"])
    pause = number(autoscaler, "spec/behavior/scaleUp/policies/0/periodSeconds")
    assert pause >= age * 1.1, "ages differ by 10 %"


def test_a_replica_may_always_be_replaced() -> None:
    """Some replicas stay while nodes are drained and while the agent is updated."""
    budget = document(KUBERNETES / "disruption-budget.yaml")
    least = number(document(KUBERNETES / "autoscaler.yaml"), "spec/minReplicas")
    assert 0 < number(budget, "spec/maxUnavailable") < least
    assert at(deployment(), "spec/strategy/rollingUpdate/maxUnavailable") == 0


def test_the_alert_finds_agents_of_the_pod_monitor() -> None:
    """The label that becomes the job has a name for which the rules look."""
    label = str(at(document(KUBERNETES / "pod-monitor.yaml"), "spec/jobLabel"))
    labels = table(deployment(), "spec/template/metadata/labels")
    (pattern,) = re.findall(r'job=~"(.+?)"', alerts()["MirastackAgentDown"])
    assert re.fullmatch(pattern, str(labels[label]))


def test_secrets_are_files() -> None:
    """No variable holds one, and the file of the one that is used is mounted."""
    kept = [name for name, _ in strings_in(pod()) if name == "secretKeyRef"]
    assert kept == []
    path = Path(pod_variables()["MY_AGENT_TOKEN_FILE"])
    assert str(path.parent) in {at(one, "mountPath") for one in items(container(), "volumeMounts")}
