{#-
    The columns that a model would have if it were built now, without building it; of a Python model,
    those that its table has. For `contract_yaml`.

    {{ columns_now(graph.nodes['model.medley.dim_track']) }}  ->  [track_key bigint, ...]
-#}
{% macro columns_now(node) -%}
    {%- if node.language == 'python' -%}
        {%- set table = api.Relation.create(schema=node.schema, identifier=node.alias) -%}
        {{ return(adapter.get_columns_in_relation(table)) }}
    {%- endif -%}
    {#- An operation is of no model, so the code must not ask about its own table. -#}
    {%- set sql = render(node.raw_code | replace('is_incremental()', 'false')) -%}
    {{ return(get_column_schema_from_query(sql)) }}
{%- endmacro %}
