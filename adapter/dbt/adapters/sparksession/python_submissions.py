"""Python models, run where the SQL models run."""

from __future__ import annotations

from typing import Any

from dbt.adapters.base.impl import PythonJobHelper
from dbt.adapters.sparksession.connections import message_of
from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from dbt.adapters.sparksession.session import session_for
from dbt.adapters.sparksession.tables import replace_table, table_of
from dbt_common.exceptions import DbtRuntimeError
from pyspark.errors import PySparkException


class SessionPythonJobHelper(PythonJobHelper):
    """Runs a compiled Python model in the session and keeps its frame as a table."""

    def __init__(self, parsed_model: dict[str, Any], credentials: SparkSessionCredentials) -> None:
        self.model = parsed_model
        self.credentials = credentials

    def submit(self, compiled_code: str) -> int:
        """Run the model; returns the rows written.

        Raises:
            DbtRuntimeError: the model's code or Spark failed; the message names the file.
        """
        session = session_for(self.credentials)
        if self.credentials.remote:  # a Connect session is the active one of its thread only
            type(session)._set_default_and_active_session(session)  # type: ignore[attr-defined]
        path = self.model["original_file_path"]
        # A name that cannot be imported makes Spark send the model's functions by value.
        namespace: dict[str, Any] = {"spark": session, "__name__": f"model:{self.model['name']}"}
        try:
            exec(compile(compiled_code, path, "exec"), namespace)  # noqa: S102
            frame = namespace["df"]
            if not hasattr(frame, "sparkSession"):
                frame = session.createDataFrame(frame)
            table = table_of(self.model["schema"], self.model["alias"], self.model["config"])
            return replace_table(session, self.credentials, table, frame).rows
        except PySparkException as error:
            raise DbtRuntimeError(f"{path}: {message_of(error)}") from error
        except Exception as error:
            raise DbtRuntimeError(f"{path}: {type(error).__name__}: {error}") from error
