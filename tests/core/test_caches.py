"""Where the cache of this machine is."""

import os
import stat
import tempfile

import pytest

from watchfloor.core import caches


@pytest.fixture
def user(tmp_path, monkeypatch):
    """A user with a home and a folder of temporary files, and nothing stated."""
    for name in (caches.VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path


def folder():
    return caches.folder.__wrapped__()


def test_the_first_that_is_stated_counts(user, monkeypatch):
    assert folder().is_relative_to(user / "home")
    monkeypatch.setenv("XDG_CACHE_HOME", str(user / "xdg"))
    assert folder() == user / "xdg" / "watchfloor"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert folder().is_relative_to(user / "home")
    monkeypatch.setenv(caches.VARIABLE, str(user / "stated"))
    assert folder() == user / "stated"


def test_a_folder_that_is_made_is_the_users_own(user):
    assert stat.S_IMODE(folder().stat().st_mode) == 0o700


def test_without_a_home_the_temporary_files_have_it(user):
    (user / "home").write_text("no folder", "utf-8")
    assert folder().parent == user / "temporary"
    assert stat.S_IMODE(folder().stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o702])
def test_code_is_not_loaded_from_a_folder_that_anybody_writes_to(user, monkeypatch, mode):
    open_to_all = user / "open"
    open_to_all.mkdir()
    open_to_all.chmod(mode)
    monkeypatch.setenv(caches.VARIABLE, str(open_to_all))
    assert folder().is_relative_to(user / "home")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid(), reason="only root gives a link away")
def test_code_is_not_loaded_through_the_link_of_another(user, monkeypatch):
    (user / "mine").mkdir(mode=0o700)
    (user / "link").symlink_to(user / "mine")
    monkeypatch.setenv(caches.VARIABLE, str(user / "link"))
    assert folder() == user / "link"
    os.lchown(user / "link", 65534, 65534)
    assert folder().is_relative_to(user / "home")
