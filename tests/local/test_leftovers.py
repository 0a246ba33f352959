"""What a killed run left behind is found and ended, and nothing else is."""

import os
import subprocess
import sys

import pytest

from deploy.local.leftovers import end, left_behind


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_a_process_whose_pid_was_written_down_is_found_by_name_and_ended(sleeper, tmp_path):
    (tmp_path / "kafka").write_text(f"{sleeper.pid}\n")
    ((name, process),) = left_behind(tmp_path)
    end([process])
    assert (name, process.is_running()) == ("kafka", False)


def test_a_pid_that_another_process_has_by_now_is_left_alone(sleeper, tmp_path):
    (tmp_path / "kafka").write_text(f"{sleeper.pid}\n")
    os.utime(tmp_path / "kafka", (0, 0))
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("text", ["", "none", "4194305"])
def test_a_broken_or_stale_pid_file_means_nothing(text, tmp_path):
    (tmp_path / "kafka").write_text(text)
    assert left_behind(tmp_path) == []


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert left_behind(tmp_path / "pids") == []
