"""What runs, where, and what it is told."""

import subprocess

import pytest

from deploy.local.stack import BadPort, planned


def a_stack(**environment):
    return planned(environment, secret="s", token="t", mark="here")


def test_without_wishes_every_server_is_ours():
    stack = a_stack()
    assert stack.ours == {"kafka", "mongodb", "mail"}
    assert set(stack.used_ports().values()) == {8000, 8001, 8002, 9092, 9093, 27017, 1025, 1080}


def test_a_port_of_ones_own_choice_is_where_people_and_services_are_sent():
    stack = a_stack(WEGWEISER_INTAKE_PORT="8100", WEGWEISER_SMTP_PORT="2525")
    assert stack.settings["WEGWEISER_PUBLIC_URL"] == "http://localhost:8100"
    assert stack.settings["WEGWEISER_SMTP_URL"] == "smtp://127.0.0.1:2525"


@pytest.mark.parametrize("text", ["0", "65536", "-1", "eight", "80.0", "٨٠"])
def test_what_is_no_port_is_refused_by_its_variable(text):
    with pytest.raises(BadPort, match="WEGWEISER_MAIL_PORT"):
        a_stack(WEGWEISER_MAIL_PORT=text)


def test_one_port_for_two_is_refused_by_both_variables():
    with pytest.raises(BadPort, match="WEGWEISER_INTAKE_PORT and WEGWEISER_MATCHING_PORT are both 8000"):
        a_stack(WEGWEISER_MATCHING_PORT="8000")


@pytest.mark.parametrize(
    ("variable", "server"),
    [("WEGWEISER_KAFKA_URL", "kafka"), ("WEGWEISER_MONGODB_URL", "mongodb"), ("WEGWEISER_SMTP_URL", "mail")],
)
def test_a_server_of_ones_own_is_used_and_ours_is_not_started(variable, server):
    stack = a_stack(**{variable: "there:1"})
    assert server not in stack.ours
    assert stack.settings[variable] == "there:1"


def test_without_our_mail_catcher_no_page_of_it_is_named():
    assert "Mails" not in a_stack(WEGWEISER_SMTP_URL="smtp://there:25").addresses()


def test_an_empty_variable_says_nothing():
    assert a_stack(WEGWEISER_KAFKA_URL="").ours == {"kafka", "mongodb", "mail"}


def test_the_triage_page_is_named_with_its_token():
    assert a_stack().addresses()["Triage"] == "http://localhost:8001/triage?token=t"


def test_a_shell_that_sourced_our_environment_starts_our_servers_all_the_same():
    sourced = {**a_stack(WEGWEISER_KAFKA_PORT="9192").settings, "WEGWEISER_STACK": "here"}
    assert a_stack(**sourced).ours == {"kafka", "mongodb", "mail"}


def test_the_environment_of_another_folders_stack_names_servers_of_others():
    sourced = {**a_stack().settings, "WEGWEISER_STACK": "elsewhere"}
    assert a_stack(**sourced).ours == frozenset()


def test_the_environment_file_can_be_sourced_whatever_it_holds(tmp_path):
    file = tmp_path / "environment"
    file.write_text(
        a_stack(WEGWEISER_MAIL_FROM="it's $HOME <a@example.org>").environment_file("here"), encoding="utf-8"
    )
    shown = subprocess.run(
        ["sh", "-c", f'. {file}; printf %s "$WEGWEISER_MAIL_FROM"'], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "it's $HOME <a@example.org>"
