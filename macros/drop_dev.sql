{#-
    Drops all that was built with a target that has a schema of its own, such as `dev`.

    dbt run-operation drop_dev --target dev
-#}
{% macro drop_dev() -%}
    {%- if target.schema == 'default' -%}
        {%- do exceptions.raise_compiler_error(
            'these are everybody\'s tables; say --target dev to drop your own'
        ) -%}
    {%- endif -%}
    {%- for schema in query_values('show schemas') if schema.startswith(target.schema ~ '_') -%}
        {%- set relation = api.Relation.create(schema=schema) -%}
        {%- for table in adapter.list_relations_without_caching(relation) -%}
            {%- do adapter.drop_relation(table) -%}
        {%- endfor -%}
        {%- do adapter.drop_schema(relation) -%}
        {%- do print('dropped ' ~ schema) -%}
    {%- endfor -%}
{%- endmacro %}
