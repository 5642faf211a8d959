"""From a URL, or the environment, to a place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from publish.errors import ServingUrlError
from publish.settings import PublishSettings
from publish.url import engine_for


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("sqlite:///lake/serving/medley.db", "lake/serving/medley.db"),
        ("sqlite:////srv/medley.db", "/srv/medley.db"),
        ("sqlite:///a b%20?#.db", "a b%20?#.db"),
        ("lake/medley.db", "lake/medley.db"),
        (Path("lake/a:b.db"), "lake/a:b.db"),
    ],
)
def test_a_url_names_a_file(url: str | Path, location: str) -> None:
    assert engine_for(url).location == location


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:secret@host/db",
        "duckdb:///x",
        "",
        "sqlite:x.db",
        "mongodb+srv://user:secret@h",
    ],
)
def test_another_scheme_is_refused_naming_the_supported_ones(url: str) -> None:
    with pytest.raises(ServingUrlError, match=r"supported: sqlite:///.*postgresql://") as caught:
        engine_for(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite://host/x", "sqlite:///:memory:"]
)
def test_a_url_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(ServingUrlError, match="does not name a file"):
        engine_for(url)


def test_defaults_hang_together() -> None:
    settings = PublishSettings.from_env(environ={"MEDLEY_SERVING_URL": ""})
    assert settings == PublishSettings(Path("lake"), "sqlite:///lake/serving/medley.db")


def test_what_is_passed_wins_over_the_environment() -> None:
    environ = {"MEDLEY_LAKE": "/srv/lake", "MEDLEY_SERVING_URL": "sqlite:////srv/x.db"}
    settings = PublishSettings.from_env(environ=environ)
    assert settings == PublishSettings(Path("/srv/lake"), "sqlite:////srv/x.db")
    passed = PublishSettings.from_env(lake=Path("a"), url="sqlite:///b", environ=environ)
    assert passed == PublishSettings(Path("a"), "sqlite:///b")
    del environ["MEDLEY_SERVING_URL"]
    assert PublishSettings.from_env(environ=environ).url == "sqlite:////srv/lake/serving/medley.db"


def test_without_psycopg_postgresql_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from publish.url import engine_for; engine_for('postgresql://u:secret@h/d')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.splitlines()[-1]
    assert "ServingUrlError" in last
    assert "pip install 'psycopg[binary]'" in last
