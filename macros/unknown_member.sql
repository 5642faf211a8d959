{#-
    The row that stands for what a fact could not be joined to: the given values, and null in
    every other column of the model's contract, in the contract's order.

    {{ unknown_member({'artist_key': -1, 'artist_name': "'Unknown'"}) }}
    ->  select cast(-1 as bigint) as artist_key, cast('Unknown' as string) as artist_name, ...
-#}
{% macro unknown_member(values) -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do columns.append(
            'cast(' ~ values.get(column.name, 'null')
            ~ ' as ' ~ column.data_type ~ ') as ' ~ column.name
        ) -%}
    {%- endfor -%}
    select {{ columns | join(', ') }}
{%- endmacro %}
