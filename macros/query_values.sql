{#-
    The values of a query's first column, now; none while dbt only parses.

    {% set months = query_values('select distinct listened_month from ' ~ this) %}  ->  ['2026-03']
-#}
{% macro query_values(sql) -%}
    {{ return(run_query(sql).columns[0].values() | list if execute else []) }}
{%- endmacro %}
