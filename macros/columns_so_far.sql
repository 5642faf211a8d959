{#-
    A model's columns, selected from its table as an earlier build left it: null where that had them
    not. For histories, which are not built anew when a column comes.

    {{ columns_so_far(this, model.columns) }}  ->  model_version, cast(null as double) as recent_share
-#}
{% macro columns_so_far(relation, columns) -%}
    {#- In a unit test it is the name of a CTE, which has all of them. -#}
    {%- set table = load_relation(relation) if execute and relation is not string -%}
    {%- set there = adapter.get_columns_in_relation(table) | map(attribute='name') | list if table -%}
    {%- for column in columns.values() -%}
        {%- if not table or column.name in there -%}
            {{ column.name }}
        {%- else -%}
            cast(null as {{ column.data_type }}) as {{ column.name }}
        {%- endif -%}
        {{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
