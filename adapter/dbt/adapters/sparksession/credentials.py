"""What a profile of type `sparksession` may say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbt.adapters.contracts.connection import Credentials
from dbt_common.exceptions import DbtConfigError

LOCAL_METASTORE = "derby"


@dataclass
class SparkSessionCredentials(Credentials):
    """One Spark session, described.

    Attributes:
        lake: folder or URI under which every schema has a folder of its own. A relative path
            is taken from the working directory.
        master: Spark master: `local[*]`, `spark://host:7077`, `yarn`, `k8s://...`.
        remote: Spark Connect address (`sc://host:15002`); with it, `master`, `metastore` and
            static settings are the server's affair.
        metastore: `derby` (embedded, in the lake; one process at a time), or the
            `thrift://host:9083` of a shared Hive metastore.
        log_file: where the JVM's own output goes.
        conf: Spark settings, as in spark-defaults.conf.
    """

    database: str | None = None  # type: ignore[assignment]
    schema: str = "default"
    lake: str = "lake"
    master: str = "local[*]"
    remote: str | None = None
    metastore: str = LOCAL_METASTORE
    log_file: str = "logs/spark.log"
    conf: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Resolve the lake and reject what Spark would only trip over later."""
        if self.database not in (None, self.schema):
            raise DbtConfigError("Spark has schemas only: leave `database` out of the profile.")
        self.database = None
        if self.metastore != LOCAL_METASTORE and not self.metastore.startswith("thrift://"):
            raise DbtConfigError(
                f"metastore: {self.metastore!r} is neither 'derby' nor a thrift:// address."
            )
        if "://" not in self.lake:
            self.lake = str(Path(self.lake).expanduser().resolve())

    @property
    def type(self) -> str:
        """The adapter's name in a profile."""
        return "sparksession"

    @property
    def method(self) -> str:
        """dbt-spark's macros ask for the connection method; a session is one."""
        return "session"

    @property
    def unique_field(self) -> str:
        """What tells one installation from another."""
        return self.remote or f"{self.master}:{self.lake}"

    @property
    def is_local_disk(self) -> bool:
        """Whether the lake is a folder of this machine, where links can be made."""
        return "://" not in self.lake

    @property
    def metastore_home(self) -> Path:
        """Folder of the embedded metastore: in the lake, or here when that is elsewhere."""
        return Path(self.lake if self.is_local_disk else ".").resolve() / "metastore"

    def _connection_keys(self) -> tuple[str, ...]:
        return ("schema", "lake", "master", "remote", "metastore", "log_file")

    @classmethod
    def __pre_deserialize__(cls, data: dict[str, Any]) -> dict[str, Any]:
        data = super().__pre_deserialize__(data)  # type: ignore[no-untyped-call]
        data.setdefault("database", None)
        return data
