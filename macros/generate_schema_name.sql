{#-
    The schema a model is built in: its layer's own name, without the target's as a prefix.

    generate_schema_name('silver', node)  ->  silver
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
