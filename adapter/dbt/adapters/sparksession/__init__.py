"""dbt adapter `sparksession`: SQL and Python models in one open-source Spark session."""

from dbt.adapters.base.plugin import AdapterPlugin
from dbt.adapters.sparksession.connections import SparkSessionConnectionManager
from dbt.adapters.sparksession.credentials import SparkSessionCredentials
from dbt.adapters.sparksession.impl import SparkSessionAdapter
from dbt.include import sparksession

__all__ = ["Plugin", "SparkSessionConnectionManager"]

Plugin = AdapterPlugin(
    adapter=SparkSessionAdapter,  # type: ignore[arg-type]
    credentials=SparkSessionCredentials,
    include_path=sparksession.PACKAGE_PATH,
    dependencies=["spark"],
)
