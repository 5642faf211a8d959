{#-
    The schema a model is built in: its layer's own name. A target with a schema of its own, such as
    `dev`, gets a copy of the layers beside them.

    generate_schema_name('silver', node)  ->  silver, and dev_silver with --target dev
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set layer = (custom_schema_name or target.schema) | trim -%}
    {{ layer if target.schema in ('default', layer) else target.schema ~ '_' ~ layer }}
{%- endmacro %}
