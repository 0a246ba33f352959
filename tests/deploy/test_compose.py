import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from deploy.cli.settings import OperatorSettings
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS = COMPOSE["services"]
OURS = ("intake", "matching", "notify")
DOCKERFILE = (ROOT / "deploy" / "containers" / "Dockerfile").read_text(encoding="utf-8")
DOOR = (ROOT / "deploy" / "containers" / "door.conf").read_text(encoding="utf-8")
PASSED_ON = {name: value for name, value in CONTAINERS["intake"]["environment"].items() if name.endswith("_FILE")}


def known_settings() -> set[str]:
    modules = [import_module(f"services.{service}.settings") for service in OURS]
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    fields = [kind.model_fields for kind in (OperatorSettings, *kinds) if issubclass(kind, Settings)]
    return {f"WEGWEISER_{name.upper()}" for named in fields for name in named}


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_each_container_that_stays_says_whether_it_is_well_and_comes_back(name: str) -> None:
    container = CONTAINERS[name]
    if name == "setup":
        assert (container["healthcheck"], container["restart"]) == ({"disable": True}, "no")
    else:
        assert container["healthcheck"]["test"][0] == "CMD"
        assert container["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_no_container_may_become_more_than_it_is_or_fill_the_disk_with_logs(name: str) -> None:
    container = CONTAINERS[name]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["logging"]["options"].keys() == {"max-size", "max-file"}
    assert "mem_limit" in container


def test_nothing_runs_as_root() -> None:
    users = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert users == [("10001", "10001")]
    others = {name: container.get("user") for name, container in CONTAINERS.items() if "build" not in container}
    # Apache Kafka's image has a user of its own.
    assert others == {"door": "101:101", "mailpit": "10001:10001", "mongodb": "mongodb", "kafka": None}


def test_every_setting_that_is_passed_on_exists() -> None:
    named = {name.removesuffix("_FILE") for service in OURS for name in CONTAINERS[service]["environment"]}
    assert named <= known_settings()


def test_every_setting_of_a_service_can_be_set() -> None:
    inside = {"WEGWEISER_HOST", "WEGWEISER_PORT"}
    fine = {"WEGWEISER_SESSION_TIMEOUT_MS", "WEGWEISER_SAY_AGAIN_AFTER_S"}
    assert known_settings() - inside - fine <= CONTAINERS["setup"]["environment"].keys()


def test_no_secret_is_written_down() -> None:
    for name in ("WEGWEISER_SECRET", "WEGWEISER_COORDINATOR_TOKEN"):
        assert CONTAINERS["intake"]["environment"][name] is None
        assert name not in DOCKERFILE


def test_setup_makes_the_secrets_that_the_services_may_only_read() -> None:
    assert {Path(path).parent for path in PASSED_ON.values()} == {Path("/secrets")}
    assert "secrets:/secrets" in CONTAINERS["setup"]["volumes"]
    assert all(CONTAINERS[service]["volumes"] == ["secrets:/secrets:ro"] for service in OURS)


@pytest.mark.parametrize("service", OURS)
def test_a_service_starts_after_setup_and_takes_no_port_that_a_second_one_would_need(service: str) -> None:
    container = CONTAINERS[service]
    assert container["command"] == ["python3", "-m", f"services.{service}"]
    assert container["depends_on"] == {"setup": {"condition": "service_completed_successfully"}}
    assert "ports" not in container


@pytest.mark.parametrize(("service", "port"), [("intake", 8000), ("matching", 8001), ("notify", 8002)])
def test_the_door_leads_to_each_service(service: str, port: int) -> None:
    assert f"{port} {service}:{port};" in DOOR
    assert f"listen {port};" in DOOR
    assert any(published.endswith(f":{port}") for published in CONTAINERS["door"]["ports"])


def test_the_door_keeps_no_paths_with_tokens() -> None:
    assert "access_log off;" in DOOR
    assert "error_log /dev/stderr crit;" in DOOR


def test_each_image_can_be_replaced() -> None:
    images = {container["image"] for container in CONTAINERS.values()}
    assert all(re.fullmatch(r"\$\{[A-Z]+_IMAGE:-[a-z0-9/.:-]+\}", image) for image in images)
    assert re.search(r"^FROM \$\{PYTHON_IMAGE\}$", DOCKERFILE, re.MULTILINE)
    assert CONTAINERS["intake"]["build"]["args"].keys() == {"PYTHON_IMAGE"}


def test_topics_are_never_made_by_accident_and_keep_thirty_days() -> None:
    kafka = CONTAINERS["kafka"]["environment"]
    assert (kafka["KAFKA_AUTO_CREATE_TOPICS_ENABLE"], kafka["KAFKA_LOG_RETENTION_HOURS"]) == ("false", 30 * 24)
    assert kafka["KAFKA_LOG_DIRS"] == CONTAINERS["kafka"]["volumes"][0].split(":")[1]


def test_only_this_machine_can_reach_what_is_published() -> None:
    published = [port for container in CONTAINERS.values() for port in container.get("ports", [])]
    assert published
    assert all(port.startswith("${WEGWEISER_ADDRESS:-127.0.0.1}:") for port in published)


def test_the_image_is_built_from_what_it_needs_and_nothing_else() -> None:
    let_through = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    copied = [line.split()[1:-1] for line in re.findall(r"^COPY .+$", DOCKERFILE, re.MULTILINE) if "--from" not in line]
    assert let_through == {name for names in copied for name in names}


@pytest.mark.parametrize("folder", ["shared", "services", "deploy/cli", "deploy/sample"])
def test_what_the_services_read_goes_into_the_package(folder: str) -> None:
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    files = [file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    left_out = {file.suffix for file in files} - {suffix.removeprefix("*") for suffix in packed["*"]}
    assert left_out <= {".py", ".progress"}
