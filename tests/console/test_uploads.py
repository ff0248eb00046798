"""Files that come in: streamed with bounded memory, refused before they are read, and never left behind."""

import asyncio
import io
import json
import re
import shutil
import socket
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect
from tests.console.served import served
from tests.console.test_feeds import parcels
from tests.thorough import draws

from watchfloor.cell.acts import Refusal
from watchfloor.console.jobs.uploads import LONGEST, Parts, Uploads, called
from watchfloor.store.backup import beside
from watchfloor.store.errors import StoreFull
from watchfloor.store.floor import Floor

ROWS = parcels(("Ann Roy", "1971-03-04"))
POLICY = """
[readers.okafor]
protected = "PB"
role = "analyst"
[readers.lee]
protected = "PB"
role = "reviewer"
"""


def alone(work):
    """What a coroutine gives, in a thread of its own: the browser's loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


def left(console):
    """Files that uploads have left."""
    return [one for one in console.services.uploads.folder.iterdir() if one.name != "lock"]


def gone(console):
    until = time.monotonic() + 10
    while left(console) and time.monotonic() < until:
        time.sleep(0.02)
    return not left(console)


def done(client, said):
    """The page of a job that has ended."""
    while True:
        page = client.get(f"/api/v1/jobs/{said['job']}").json()
        if page["job"]["ended"]:
            return page
        time.sleep(0.05)


@contextmanager
def raw(console, token, *lines, path="/api/v1/uploads?name=x.csv"):
    """A connection on which a request has begun."""
    where = urlsplit(console.home)
    head = [
        f"POST {path} HTTP/1.1",
        f"Host: {where.netloc}",
        f"Authorization: Bearer {token}",
        *lines,
        "",
        "",
    ]
    with socket.create_connection((where.hostname, where.port), timeout=20) as made:
        made.sendall("\r\n".join(head).encode())
        yield made


def answer(made):
    """Status and problem of an answer."""
    said = b""
    while b"\r\n\r\n" not in said or not said.rstrip().endswith(b"}"):
        if not (more := made.recv(1 << 16)):
            break
        said += more
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body[body.index(b"{") :])


def test_what_says_it_is_too_large_is_answered_before_a_byte_of_it_comes(console):
    length = console.services.uploads.most + 1
    with raw(console, console.token(), f"Content-Length: {length}") as made:
        status, said = answer(made)
    assert status == 413
    assert "8,192 MiB" in said["detail"].replace("8192", "8,192")
    assert not left(console)


def test_what_turns_out_too_large_is_cut_off_while_it_comes(console, client, monkeypatch):
    monkeypatch.setattr(console.services.uploads, "_most", 1 << 20)
    content = (bytes(1 << 16) for _ in range(64))  # without a length: in chunks
    said = client(console).post("/api/v1/uploads", params={"name": "x.csv"}, content=content)
    assert said.status_code == 413
    assert not left(console)


def test_a_reviewer_is_refused_before_a_byte_comes(played, tmp_path):
    shutil.copytree(played.root, tmp_path / "floor")
    (tmp_path / "floor" / "policy.toml").write_text(POLICY, encoding="utf-8")
    with served(Floor.open(tmp_path / "floor")) as console:
        with raw(console, console.token("lee"), "Content-Length: 1000000") as made:
            status, said = answer(made)
        assert status == 403
        assert "reviewer" in said["detail"]
        page = httpx.get(
            f"{console.home}/api/v1/feeds", headers={"Authorization": f"Bearer {console.token('lee')}"}
        ).json()
        assert page["writes"] is False
        assert not left(console)


def test_a_wrong_order_is_refused_before_a_byte_comes(console):
    for query, why in (
        ("format=party-cvs", "party-csv"),
        ("feed=Two%20Words", "no name of a feed"),
        ("marking=PZ", "PZ"),
        ("marking=TS", "ceiling"),
        ("frm=x", "frm"),
    ):
        path = f"/api/v1/uploads?name=x.csv&{query}"
        with raw(console, console.token(), "Content-Length: 1000000", path=path) as made:
            status, said = answer(made)
        assert status == 422
        assert why in said["detail"]


def test_a_connection_that_is_cut_leaves_nothing(console):
    with raw(console, console.token(), "Content-Length: 1000000") as made:
        made.sendall(bytes(400_000))
        until = time.monotonic() + 10
        while not left(console) and time.monotonic() < until:
            time.sleep(0.01)
        assert left(console)
    assert gone(console)
    assert console.services.jobs.all() == []


def test_a_large_file_comes_in_without_being_held_in_memory(console, client):
    piece, seen = bytes(1 << 20), []

    def content():
        for at in range(300):
            if at % 20 == 0:
                seen.append(int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1]))
            yield piece

    okafor = client(console)
    said = okafor.post("/api/v1/uploads", params={"name": "zeros.bin"}, content=content()).json()
    assert max(seen) - seen[0] < 64_000  # kB, of 307,200 that were sent
    page = done(okafor, said)
    assert page["aside"][0]["name"] == "zeros.bin"
    assert gone(console)


def test_a_stalled_file_is_given_up(console, monkeypatch):
    monkeypatch.setattr("watchfloor.console.jobs.uploads.STALLS", 0.2)
    with raw(console, console.token(), "Content-Length: 1000000") as made:
        made.sendall(b"report_key,")
        status, said = answer(made)
    assert status == 408
    assert "Send it again" in said["detail"]
    assert not left(console)


def test_more_files_at_once_than_there_is_room_for_wait(console, monkeypatch):
    monkeypatch.setattr("watchfloor.console.jobs.uploads.AT_ONCE", 0)
    with raw(console, console.token(), "Content-Length: 10") as made:
        assert answer(made)[0] == 429


def test_a_full_disk_is_told_before_a_byte_comes(console, monkeypatch):
    monkeypatch.setattr("watchfloor.console.jobs.uploads.SPARE", 1 << 60)
    with raw(console, console.token(), "Content-Length: 10") as made:
        status, said = answer(made)
    assert status == 507
    assert "no room" in said["detail"]


def test_an_empty_file_and_a_foreign_page_are_refused(console, client):
    said = client(console).post("/api/v1/uploads", params={"name": "x.csv"}, content=b"")
    assert said.status_code == 422
    token = console.token()
    for more in ({}, {"X-CSRF-Token": "guessed"}):
        with httpx.Client(base_url=console.home, cookies={"watchfloor": token}, headers=more) as cookie:
            asked = cookie.post("/api/v1/uploads", params={"name": "x.csv"}, content=ROWS)
        assert asked.status_code == 403
    assert client(console, token=None).post("/api/v1/uploads", content=ROWS).status_code == 401
    assert not left(console)


TRICKS = {
    "../../../etc/passwd.csv": "passwd.csv",
    "/abs/olute.csv": "olute.csv",
    "C:\\temp\\x.csv": "x.csv",
    "bell\a\u202egpj.csv": "bell__gpj.csv",
    "a!b.csv": "a_b.csv",
    "..": "upload",
    "<img src=x onerror=alert(1)>.csv": "<img src=x onerror=alert(1)>.csv",
}


def test_names_that_play_tricks_are_names_of_files_and_no_more(own, client):
    okafor = client(own)
    for name in TRICKS:
        said = okafor.post("/api/v1/uploads", params={"name": name, "feed": "parcels"}, content=ROWS)
        assert done(okafor, said.json())["job"]["state"] == "done"
    assert okafor.post("/api/v1/uploads", params={"name": "a\0b"}, content=ROWS).status_code == 422
    named = [act.detail["name"] for act in own.floor.acts_of("ingest") if act.actor.name == "okafor"]
    assert named == list(TRICKS.values())
    assert gone(own)


@given(st.text())
def test_every_name_becomes_one_of_a_file(text):
    name = called(text)
    assert PurePosixPath(name).name == name
    assert name not in (".", "..")
    assert len(name) <= LONGEST
    assert name.isprintable() or not name.isascii()
    assert "\\" not in name
    assert called(name) == name


def test_a_zip_bomb_is_left_aside(own, client):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("parcels.csv", bytes(150 << 20))
    okafor = client(own)
    content = bomb.getvalue()
    page = done(okafor, okafor.post("/api/v1/uploads", params={"name": "b.zip"}, content=content).json())
    assert "zip bomb" in page["aside"][0]["reason"]
    assert page["taken"] == []


def test_without_scripts_the_form_sends_the_file(own, officer):
    okafor = officer(own, java_script_enabled=False)
    okafor.go("/feeds")
    file = {"name": "parcels.csv", "mimeType": "text/csv", "buffer": ROWS}
    okafor.page.set_input_files('input[type="file"]', file)
    okafor.page.get_by_role("button", name="Take it in").click()
    okafor.page.wait_for_url("**/jobs/*")
    expect(okafor.page.locator("main")).to_contain_text("parcels.csv has come")
    okafor.page.goto("/feeds")
    okafor.page.get_by_text("Feed, format, marking").click()
    okafor.page.get_by_label("Marking of its records").fill("PZ")
    okafor.page.set_input_files('input[type="file"]', file)
    okafor.page.get_by_role("button", name="Take it in").click()
    expect(okafor.page.locator(".refused")).to_contain_text("PZ")
    expect(okafor.page.get_by_label("Marking of its records")).to_have_value("PZ")
    assert gone(own)


def test_a_form_of_another_session_is_refused(console):
    with httpx.Client(base_url=console.home, cookies={"watchfloor": console.token()}) as cookie:
        said = cookie.post("/uploads", data={"csrf": "guessed"}, files={"file": ("x.csv", ROWS)})
    assert said.status_code == 403
    assert not left(console)


@settings(max_examples=draws(60), deadline=None)
@given(
    st.dictionaries(st.sampled_from(["csrf", "feed", "marking"]), st.text("ab\n é", max_size=9)),
    st.binary(max_size=300),
    st.lists(st.integers(1, 40), min_size=1, max_size=30),
)
def test_a_form_is_read_alike_however_it_is_cut(fields, content, cuts):
    request = httpx.Request("POST", "http://x", data=fields, files={"file": ("né.csv", content)})
    body, pieces = request.read(), []
    for cut in cuts:
        pieces.append(body[:cut])
        body = body[cut:]
    pieces = [one for one in (*pieces, body) if one]

    async def read():
        async def stream():
            for one in pieces:
                yield one

        parts = Parts(stream(), request.headers["content-type"])
        got = await parts.fields()
        return got, parts.name, b"".join([one async for one in parts.file()])

    got, name, file = alone(read)
    assert {key: values[-1] for key, values in got.items()} == fields
    assert (name, file) == ("né.csv", content)


@pytest.mark.parametrize("cut", [30, 60, 200])
def test_a_form_that_breaks_off_is_refused(cut):
    request = httpx.Request("POST", "http://x", data={"a": "b"}, files={"file": ("x.csv", ROWS * 3)})
    body = request.read()[:-cut]

    async def read():
        async def stream():
            yield body

        parts = Parts(stream(), request.headers["content-type"])
        await parts.fields()
        return [one async for one in parts.file()]

    with pytest.raises(Refusal):
        alone(read)


def test_what_a_killed_console_leaves_goes_and_what_a_living_one_has_stays(tmp_path):
    living = Uploads(tmp_path, 1 << 20)
    kept = living.keep(io.BytesIO(b"x"), "x.csv")
    dead = tmp_path / "uploads" / "dead"
    dead.mkdir()
    (dead / "half").write_bytes(b"personal")
    other = Uploads(tmp_path, 1 << 20)
    assert not dead.exists()
    assert kept.path.exists()
    assert list(beside(tmp_path)) == []  # nor does a backup take any of it
    other.close()
    living.close()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_disk_that_fills_up_while_a_file_comes_is_told(tmp_path, monkeypatch):
    uploads = Uploads(tmp_path, 1 << 30)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("watchfloor.console.jobs.uploads._all", full)

    async def take():
        async def stream():
            yield bytes(3 << 20)

        await uploads.store(stream(), "x.csv", None)

    with pytest.raises(StoreFull):
        alone(take)
    assert [one.name for one in uploads.folder.iterdir()] == ["lock"]
    uploads.close()


@pytest.mark.parametrize(
    "part",
    [
        b'Content-Disposition: form-data; name="%d"\r\n\r\n\r\n',
        b"X-%d: " + b"x" * 500 + b"\r\n\r\n\r\n",
    ],
)
def test_a_form_of_many_empty_fields_is_refused_before_it_is_kept(part):
    read_of = []

    async def read():
        async def stream():
            for n in range(1_000_000):
                read_of.append(n)
                yield b"--b\r\n" + part % n

        await Parts(stream(), "multipart/form-data; boundary=b").fields()

    with pytest.raises(Refusal):
        alone(read)
    assert len(read_of) < 5_000
