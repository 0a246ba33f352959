"""What is fetched is there whole, or not at all."""

import shutil
import threading
import time
from typing import NamedTuple

import pytest

from deploy.local import fetch


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "wegweiser"


def a_part(make):
    return fetch.Part("thing", "1", "a thing", 1, make)


def test_a_part_is_made_once(cache):
    made = []
    part = a_part(lambda folder: made.append((folder / "file").write_text("x")))
    fetch.fetch(part)
    fetch.fetch(part)
    assert (len(made), (cache / "thing-1" / "file").read_text()) == (1, "x")


def test_a_failure_leaves_nothing_behind(cache):
    def fail(folder):
        (folder / "half").write_text("x")
        raise fetch.CannotFetch("no network")

    with pytest.raises(fetch.CannotFetch, match="no network"):
        fetch.fetch(a_part(fail))
    assert [path for path in cache.iterdir() if path.is_dir()] == []


def test_what_a_killed_run_left_half_done_is_made_anew(cache):
    (cache / ".thing-1.part").mkdir(parents=True)
    (cache / ".thing-1.part" / "half").write_text("x")
    fetch.fetch(a_part(lambda folder: (folder / "file").write_text("x")))
    assert [path.name for path in (cache / "thing-1").iterdir()] == ["file"]


def test_of_two_runs_at_once_one_makes_it_and_the_other_waits(cache):
    made = []

    def make(folder):
        made.append(folder)
        time.sleep(0.3)

    runs = [threading.Thread(target=fetch.fetch, args=(a_part(make),)) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(made) == 1


def test_a_full_disk_is_said_before_anything_is_fetched(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 5_000_000))
    with pytest.raises(fetch.CannotFetch, match=r"is full: 5 MB are free .* Make room, or set XDG_CACHE_HOME"):
        fetch.fetch(a_part(lambda _: None))


def test_a_cache_that_cannot_be_written_is_said_in_words(cache):
    cache.write_text("a file where the folder should be")
    with pytest.raises(fetch.CannotFetch, match="Cannot write to"):
        fetch.fetch(a_part(lambda _: None))
