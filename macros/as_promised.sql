{#-
    A model by its contract: a subquery with the columns that its YAML says, and no rows, built or
    not; what has no contract is its table. For operations, which may not `ref` what is private.

    as_promised('dim_genre')
    ->  (select cast(null as bigint) as genre_key, cast(null as string) as genre_name)
-#}
{% macro as_promised(name, v=none) -%}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and node.name == name
        and node.version == (v or node.latest_version) and node.contract.enforced -%}
        {%- set columns = [] -%}
        {%- for column in node.columns.values() -%}
            {%- do columns.append(
                'cast(null as ' ~ column.data_type ~ ') as ' ~ adapter.quote(column.name)
            ) -%}
        {%- endfor -%}
        {{ return('(select ' ~ columns | join(', ') ~ ')') }}
    {%- endfor -%}
    {{ return(built(name, v)) }}
{%- endmacro %}
