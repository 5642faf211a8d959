{#-
    A model's columns, selected from its table as an earlier build left it: null where that had them
    not. For histories, which are not built anew when a column comes. A unit test has all of them.

    {{ columns_so_far(this, model.columns) }}  ->  model_version, cast(null as double) as recent_share
-#}
{% macro columns_so_far(relation, columns) -%}
    {%- if not execute or relation is string -%}
        *
    {%- else -%}
        {%- set there = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
        {%- for column in columns.values() -%}
            {%- if column.name in there -%}
                {{ column.name }}
            {%- else -%}
                cast(null as {{ column.data_type }}) as {{ column.name }}
            {%- endif -%}
            {{ ', ' if not loop.last }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
