"""Fetching from a server on this machine: what is asked, what is kept, what is refused."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import urllib3

from watchfloor.feeds.fetch import SOURCES, FetchError, Source, fetch

DAY = date(2026, 11, 24)
LIST = b"id,name,aliases\nX-1,Harrow Vale Syndicate,Harrow Vale;HVS\n"
NEWER = LIST + b"X-2,Lantern Society,\n"


class Server:
    """Answers with what the test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, LIST, {"ETag": '"v1"'}
        self.asked: list[dict[str, str]] = []
        self.cut = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(dict(self.headers))
                status = 304 if outer.matches(self.headers) else outer.status
                self.send_response(status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                body = b"" if status == 304 else outer.body
                if "Content-Length" not in outer.headers:
                    self.send_header("Content-Length", str(len(body) + outer.cut))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.source = Source("test", "list.csv", f"http://127.0.0.1:{self.http.server_port}/list.csv")

    def matches(self, asked: object) -> bool:
        return "ETag" in self.headers and asked.get("If-None-Match") == self.headers["ETag"]  # type: ignore[attr-defined]


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        thread.join()
        server.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    with _running(Server()) as running:
        yield running


@pytest.fixture
def client() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(timeout=5, retries=urllib3.Retry(total=2, redirect=2, backoff_factor=0)) as pool:
        yield pool


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_list_is_kept_under_the_day_it_was_fetched(server, client, tmp_path):
    done = fetch(server.source, tmp_path / "lists", DAY, client)
    assert (done.status, done.items) == ("new", 1)
    assert done.path == tmp_path / "lists" / "list@2026-11-24.csv"
    assert done.path.read_bytes() == LIST
    assert _files(done.path.parent) == ["list.csv.json", "list@2026-11-24.csv"]


def test_an_unchanged_list_is_asked_about_and_not_sent_again(server, client, tmp_path):
    fetch(server.source, tmp_path, DAY, client)
    done = fetch(server.source, tmp_path, date(2026, 11, 25), client)
    assert done.status == "unchanged"
    assert server.asked[1]["If-None-Match"] == '"v1"'
    assert _files(tmp_path) == ["list.csv.json", "list@2026-11-24.csv"]


def test_last_modified_is_asked_about_too(server, client, tmp_path):
    server.headers = {"Last-Modified": "Tue, 24 Nov 2026 00:00:00 GMT"}
    fetch(server.source, tmp_path, DAY, client)
    done = fetch(server.source, tmp_path, date(2026, 11, 25), client)
    assert server.asked[1]["If-Modified-Since"] == "Tue, 24 Nov 2026 00:00:00 GMT"
    assert done.status == "unchanged"  # sent again, found equal, not kept twice
    assert _files(tmp_path) == ["list.csv.json", "list@2026-11-24.csv"]


def test_a_changed_list_stands_beside_the_earlier_one(server, client, tmp_path):
    fetch(server.source, tmp_path, DAY, client)
    server.body, server.headers = NEWER, {"ETag": '"v2"'}
    done = fetch(server.source, tmp_path, DAY, client)
    assert (done.status, done.items) == ("new", 2)
    assert done.path.name == "list@2026-11-24-2.csv"
    assert (tmp_path / "list@2026-11-24.csv").read_bytes() == LIST


@pytest.mark.parametrize("damage", ["gone", "changed", "note"])
def test_a_copy_that_is_not_what_was_fetched_is_fetched_anew(server, client, tmp_path, damage):
    first = fetch(server.source, tmp_path, DAY, client)
    if damage == "gone":
        first.path.unlink()
    elif damage == "changed":
        first.path.write_bytes(b"changed")
    else:
        (tmp_path / "list.csv.json").write_text("{", encoding="utf-8")
    done = fetch(server.source, tmp_path, DAY, client)
    assert done.path.read_bytes() == LIST
    assert "If-None-Match" not in server.asked[1]


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><CONSOLIDATED_LIST>&b;</CONSOLIDATED_LIST>'


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no whole list"),
        (b"<html><title>Moved</title></html>", "no whole list"),
        (BOMB, "document type"),
        (b"id,name,aliases\nX-1,,\n", "no name"),
        (b"<CONSOLIDATED_LIST><INDIVIDUALS>", "breaks off"),
    ],
)
def test_what_is_no_whole_list_is_refused_and_the_copy_stands(server, client, tmp_path, body, says):
    kept = fetch(server.source, tmp_path, DAY, client).path
    server.body, server.headers = body, {"ETag": '"v2"'}
    with pytest.raises(FetchError, match=says):
        fetch(server.source, tmp_path, DAY, client)
    assert kept.read_bytes() == LIST
    assert json.loads((tmp_path / "list.csv.json").read_text(encoding="utf-8"))["etag"] == '"v1"'
    assert _files(tmp_path) == ["list.csv.json", "list@2026-11-24.csv"]


def test_an_answer_cut_short_is_refused(server, client, tmp_path):
    server.cut = 10
    with pytest.raises(FetchError, match="cannot be read"):
        fetch(server.source, tmp_path, DAY, client)
    assert _files(tmp_path) == []


@pytest.mark.parametrize("stated", [True, False])
def test_an_answer_that_is_too_large_is_refused(server, client, tmp_path, stated):
    server.body = LIST * 1000
    if not stated:
        server.headers = {"Content-Length": ""}  # none that says how much
    with pytest.raises(FetchError, match="larger than 1,000 bytes"):
        fetch(server.source, tmp_path, DAY, client, max_bytes=1000)
    assert _files(tmp_path) == []


@pytest.mark.parametrize("status", [403, 404, 500])
def test_other_answers_are_named(server, client, tmp_path, status):
    server.status = status
    with pytest.raises(FetchError, match=str(status)):
        fetch(server.source, tmp_path, DAY, client)


def test_endless_redirects_end(server, client, tmp_path):
    server.status, server.headers = 302, {"Location": "/list.csv"}
    with pytest.raises(FetchError, match="cannot be read"):
        fetch(server.source, tmp_path, DAY, client)


def test_without_a_network_it_says_so(client, tmp_path):
    with _running(Server()) as gone:
        source = gone.source
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 cannot be read .*Without a network"):
        fetch(source, tmp_path, DAY, client)


def test_official_addresses_are_encrypted_and_files_are_told_apart():
    assert all(source.address.startswith("https://") for source in SOURCES)
    assert len({source.file for source in SOURCES}) == len(SOURCES)
