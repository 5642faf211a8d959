{#- A seed is one query over literals, swapped in like any table; an empty cell is a null. dbt asks
    for no rows of a seed that is a header alone; its table is made when it is created or reset. -#}
{% macro sparksession__create_csv_table(model, agate_table) -%}
    {%- if not agate_table.rows -%}
        {%- do sparksession__load_csv_rows(model, agate_table) -%}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}


{% macro sparksession__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {{ return(sparksession__create_csv_table(model, agate_table)) }}
{%- endmacro %}


{% macro sparksession__load_csv_rows(model, agate_table) -%}
    {%- set overrides = model['config'].get('column_types', {}) -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do columns.append(
            'cast(' ~ adapter.quote(name) ~ ' as '
            ~ overrides.get(name, adapter.convert_type(agate_table, loop.index0))
            ~ ') as ' ~ adapter.quote(name)
        ) -%}
    {%- endfor -%}
    {%- set sql -%}
        select {{ columns | join(', ') }}
        from values
        {% for row in agate_table.rows -%}
            (
            {%- for value in row -%}
                {%- if value is none -%} cast(null as string)
                {%- else -%} '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
                {%- endif -%}
                {{- ', ' if not loop.last -}}
            {%- endfor -%}
            ){{ ',' if not loop.last }}
        {%- else -%}
            ({{ (['cast(null as string)'] * (columns | length)) | join(', ') }})
        {% endfor -%}
        as rows ({{ agate_table.column_names | map('lower') | join(', ') }})
        {%- if not agate_table.rows %}
        where false
        {%- endif %}
    {%- endset -%}
    {%- do adapter.replace_table(
        this.incorporate(type='table'), sql, again=should_full_refresh()
    ) -%}
    {{ return(sql) }}
{%- endmacro %}
