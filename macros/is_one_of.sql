{#-
    Condition that a text is in a list that is known before the query runs, so that Spark reads
    the files of those partitions only.

    {{ is_one_of('listened_month', ['2026-02', '2026-03']) }}  ->  listened_month in ('2026-02', '2026-03')
-#}
{% macro is_one_of(column, values) -%}
    {%- if values -%}
        {{ column }} in ('{{ values | join("', '") }}')
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
