{#-
    Condition for the partitions of an incremental model that have to be built again: those that a
    parent, partitioned likewise, wrote after the model did (as make compares times of files), and
    those that are listed besides.

    {{ is_newer('listened_month', [ref('listen_history')]) }}  ->  listened_month in ('2026-03')
-#}
{% macro is_newer(column, parents, besides=[]) -%}
    {%- if execute and adapter.type() == 'sparksession' -%}
        {%- set newer = adapter.newer_partitions(this, parents, column) -%}
        {{ is_one_of(column, (newer + besides) | unique | list) }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
