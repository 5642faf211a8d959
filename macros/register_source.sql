{#-
    Declares one landed folder as an external table, or points it there again: that reads the
    list of its files anew, and follows a lake that was moved.
    Every file below the folder counts, whatever its date and batch.

    register_source(graph.sources['source.medley.music_api.tracks'])
-#}
{% macro register_source(node) -%}
    {%- set relation = api.Relation.create(schema=node.schema, identifier=node.identifier) -%}
    {%- set location = adapter.lake_path(node.external.location) -%}
    {%- if adapter.get_relation(none, node.schema, node.identifier) -%}
        {%- do run_query('alter table ' ~ relation ~ " set location '" ~ location ~ "'") -%}
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
                path '{{ location }}',
                recursiveFileLookup 'true'
            )
        {%- endset -%}
        {%- do run_query(sql) -%}
    {%- endif -%}
{%- endmacro %}
