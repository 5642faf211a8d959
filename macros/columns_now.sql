{#-
    The columns that a model would have if it were built now, without building it; of a Python model,
    those that its table has. What it reads has the columns that its YAML says. For `contract_yaml`.

    columns_now(graph.nodes['model.medley.dim_track'])  ->  [track_key bigint, ...]
-#}
{% macro columns_now(node) -%}
    {%- if node.language == 'python' -%}
        {{ return(adapter.get_columns_in_relation(built(node.name))) }}
    {%- endif -%}
    {#- An operation is in no group and of no model: it may not `ref` what is private, and has no
        table of its own. -#}
    {%- set code = node.raw_code | replace('ref(', 'as_promised(') | replace('is_incremental()', 'false') -%}
    {{ return(get_column_schema_from_query(render(code))) }}
{%- endmacro %}
