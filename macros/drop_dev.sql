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
        {%- do adapter.drop_schema(api.Relation.create(schema=schema)) -%}
        {%- do print('dropped ' ~ schema) -%}
    {%- endfor -%}
{%- endmacro %}
