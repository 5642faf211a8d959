{#- A schema is a folder of the lake. -#}
{% macro sparksession__create_schema(relation) -%}
    {%- call statement('create_schema') -%}
        create schema if not exists {{ relation }}
        location '{{ adapter.lake_path(relation.schema) }}'
    {%- endcall -%}
{%- endmacro %}
