from __future__ import annotations

import asyncio
import datetime as dt
import logging
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from sidecar.credentials.certificates import Certificates, certificate_files
from sidecar.credentials.credential import CredentialFiles
from sidecar.credentials.tokens import Tokens, token_file
from sidecar.credentials.watcher import CredentialWatcher
from tests.support.certificates import Authority
from tests.support.clock import FakeClock

NOW = dt.datetime.fromtimestamp(FakeClock().unix_nano() / 1e9, dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


def watched(tmp_path: Path, *, born: dt.datetime, until: dt.datetime) -> CredentialFiles[Certificates]:
    pair = Authority(tmp_path).issue("own", born=born, until=until)
    files = certificate_files(
        "receivers/grpc",
        cert_file=pair.cert,
        key_file=pair.key,
        authorities=("client_ca_file", None),
        use=lambda _: None,
    )
    files.load()
    return files


def warnings(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [(record.levelno, record.getMessage()) for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_week_before_it_expires_there_is_a_warning_a_day(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """None before, and an error at once when it has expired."""
    clock = FakeClock()
    watcher = CredentialWatcher(clock, [watched(tmp_path, born=NOW - 80 * DAY, until=NOW + 8 * DAY)])

    async def days() -> list[int]:
        said = []
        for _ in range(10):
            for _ in range(24):
                watcher.poll()
                await clock.advance(3600)
            said.append(len(warnings(caplog)))
        return said

    assert asyncio.run(days()) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert warnings(caplog)[0] == (logging.WARNING, "receivers/grpc: the certificate expires in 7 days.")
    assert warnings(caplog)[-2:] == [(logging.ERROR, "receivers/grpc: the certificate has expired.")] * 2


def test_a_certificate_that_lives_for_an_hour_is_given_a_fifth_of_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is renewed at two thirds of its life, so a week's notice would never end."""
    clock = FakeClock()
    watcher = CredentialWatcher(clock, [watched(tmp_path, born=NOW, until=NOW + HOUR)])

    async def minutes() -> None:
        for _ in range(49):
            watcher.poll()
            await clock.advance(60)

    asyncio.run(minutes())
    assert warnings(caplog) == [(logging.WARNING, "receivers/grpc: the certificate expires in 12 minutes.")]


def test_the_metrics(tmp_path: Path) -> None:
    """Seconds left, what came of changes, and whether the files are what is in force."""
    clock, registry = FakeClock(), CollectorRegistry()
    (tmp_path / "token").write_text("one")
    tokens = token_file("receivers/http", tmp_path / "token", lambda _: None)
    tokens.load()
    watcher = CredentialWatcher(clock, [watched(tmp_path, born=NOW, until=NOW + DAY), tokens])
    registry.register(watcher)

    def scraped() -> set[str]:
        return {line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")}

    assert scraped() == {
        'genai_sidecar_credential_reloads_total{kind="TLS",result="applied",used_by="receivers/grpc"} 0.0',
        'genai_sidecar_credential_reloads_total{kind="token",result="applied",used_by="receivers/http"} 0.0',
        'genai_sidecar_credentials_up_to_date{kind="TLS",used_by="receivers/grpc"} 1.0',
        'genai_sidecar_credentials_up_to_date{kind="token",used_by="receivers/http"} 1.0',
        'genai_sidecar_certificate_expires_in_seconds{used_by="receivers/grpc"} 86400.0',
    }
    (tmp_path / "token").write_text("")
    (tmp_path / "own.key").write_text("half")
    watcher.poll()
    watcher.poll()
    seen = scraped()
    assert 'genai_sidecar_credentials_up_to_date{kind="TLS",used_by="receivers/grpc"} 0.0' in seen
    assert 'genai_sidecar_credentials_up_to_date{kind="token",used_by="receivers/http"} 0.0' in seen
    (tmp_path / "token").write_text("two")
    watcher.poll()
    watcher.poll()
    seen = scraped()
    assert 'genai_sidecar_credential_reloads_total{kind="token",result="applied",used_by="receivers/http"} 1.0' in seen
    assert 'genai_sidecar_credential_reloads_total{kind="token",result="invalid",used_by="receivers/http"} 1.0' in seen
    assert 'genai_sidecar_credential_reloads_total{kind="TLS",result="invalid",used_by="receivers/grpc"} 1.0' in seen


def test_one_that_fails_does_not_end_the_watch_over_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever it raises; its text is not logged."""

    def fail(_: Tokens) -> None:
        raise RuntimeError("planted")

    used: list[Tokens] = []
    (tmp_path / "token").write_text("one")
    both = [token_file("a", tmp_path / "token", fail), token_file("b", tmp_path / "token", used.append)]
    for each in both:
        each.load()
    clock = FakeClock()

    async def inside() -> None:
        watching = asyncio.create_task(CredentialWatcher(clock, both).run())
        await clock.advance(0)
        (tmp_path / "token").write_text("two")
        await clock.advance(5)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    asyncio.run(inside())
    assert len(used) == 1
    assert "RuntimeError" in caplog.text
    assert "planted" not in caplog.text
