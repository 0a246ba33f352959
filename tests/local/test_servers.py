"""The servers that tests kill and freeze."""

import subprocess
import sys
import time

import psutil


def test_kafka_is_back_soon_after_a_kill(own_kafka):
    kafka = own_kafka()
    kafka.kill()
    kafka.start(timeout=20)
    assert kafka.ready()


def test_a_frozen_mongodb_does_not_answer_until_it_is_thawed(own_mongodb):
    mongodb = own_mongodb()
    mongodb.freeze()
    assert not mongodb.ready()
    mongodb.thaw()
    mongodb.wait_until_ready(5)


def test_a_frozen_server_can_be_stopped_and_started(own_mongodb):
    mongodb = own_mongodb()
    mongodb.freeze()
    mongodb.stop()
    assert not mongodb.is_running
    assert mongodb.start().ready()


_RUN = """
import sys, time
from pathlib import Path
from tests.parts import Mongo
print(Mongo(Path(sys.argv[1])).start().pid, flush=True)
time.sleep(60)
"""


def test_no_server_outlives_a_test_run_that_is_killed(tmp_path):
    with subprocess.Popen([sys.executable, "-c", _RUN, str(tmp_path)], stdout=subprocess.PIPE, text=True) as run:
        server = psutil.Process(int(run.stdout.readline()))
        run.kill()
    deadline = time.monotonic() + 10
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
