"""A history that cannot be built anew goes on when its model gets a column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

COLUMNS = """{
    "a": {"name": "date_key", "data_type": "int"},
    "b": {"name": "moon", "data_type": "text"},
}"""


def test_a_column_that_the_table_has_not_is_null_in_it(built: Path, dbt: Any) -> None:
    query = f"select {{{{ columns_so_far(ref('dim_date'), {COLUMNS}) }}}} from gold.dim_date"
    result = dbt("compile", "--inline", query)
    assert result.success, result.exception
    (compiled,) = result.result.results
    told = "select date_key, cast(null as text) as moon from gold.dim_date"
    assert compiled.node.compiled_code == told
