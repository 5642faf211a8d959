"""The dbt-spark version this adapter follows."""

version = "1.11.0"
