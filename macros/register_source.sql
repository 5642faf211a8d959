{#-
    Declares one landed folder as an external table, or refreshes the list of its files.
    Every file below the folder counts, whatever its date and batch.

    register_source(graph.sources['source.medley.music_api.tracks'])
-#}
{% macro register_source(node) -%}
    {%- set relation = api.Relation.create(schema=node.schema, identifier=node.identifier) -%}
    {%- if adapter.get_relation(none, node.schema, node.identifier) -%}
        {%- do run_query('refresh table ' ~ relation) -%}
    {%- else -%}
        {%- set columns = [] -%}
        {%- for column in node.columns.values() -%}
            {%- do columns.append(column.name ~ ' ' ~ column.data_type) -%}
        {%- endfor -%}
        {%- do adapter.create_schema(relation) -%}
        {%- set sql -%}
            create table if not exists {{ relation }} ({{ columns | join(', ') }})
            using parquet
            options (
                path '{{ adapter.lake_path(node.external.location) }}',
                recursiveFileLookup 'true'
            )
        {%- endset -%}
        {%- do run_query(sql) -%}
    {%- endif -%}
{%- endmacro %}
