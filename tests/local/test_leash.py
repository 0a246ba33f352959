"""A leashed process ends when its starter does."""

import signal
import subprocess
import sys
import time

import psutil
import pytest

from deploy.local import leash

_STARTER = """
import subprocess, sys, time
started = subprocess.Popen([sys.executable, *sys.argv[1:], sys.executable, "-c", "import time; time.sleep(60)"])
print(started.pid, flush=True)
time.sleep(60)
"""


def gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start finds it by its pid file")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_however_its_starter_ended(how, tmp_path):
    leashed = [leash.__file__, str(int(signal.SIGTERM)), str(tmp_path / "pid")]
    with subprocess.Popen([sys.executable, "-c", _STARTER, *leashed], stdout=subprocess.PIPE, text=True) as starter:
        pid = int(starter.stdout.readline())
        while not (tmp_path / "pid").exists():
            time.sleep(0.02)
        assert int((tmp_path / "pid").read_text()) == pid
        time.sleep(0.2)
        starter.send_signal(how)
    deadline = time.monotonic() + 10
    while not gone(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(pid)
