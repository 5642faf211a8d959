{#- Text inside a literal: Spark reads backslashes as escapes, so they are doubled. -#}
{% macro sparksession__escape_single_quotes(expression) -%}
    {{ expression | replace('\\', '\\\\') | replace("'", "\\'") }}
{%- endmacro %}


{#- A value of a unit test's fixture, cast; a list in YAML is an array of text. -#}
{% macro sparksession__safe_cast(field, type) -%}
    {%- if field is sequence and field is not string and field is not mapping -%}
        {%- set items = [] -%}
        {%- for item in field -%}
            {%- do items.append(
                'null' if item is none
                else dbt.string_literal(dbt.escape_single_quotes(item | string))
            ) -%}
        {%- endfor -%}
        cast(array({{ items | join(', ') }}) as {{ type }})
    {%- else -%}
        {{ spark__safe_cast(field, type) }}
    {%- endif -%}
{%- endmacro %}
