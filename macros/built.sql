{#-
    The table of a model or seed, whatever its group; where a target of its own, such as `dev`, has
    none, everybody's. For operations, which may not `ref` what is private.

    built('als_input')  ->  gold.als_input
-#}
{% macro built(name, v=none) -%}
    {%- for node in graph.nodes.values()
        if node.resource_type in ('model', 'seed') and node.name == name
        and node.version == (v or node.latest_version) -%}
        {%- set own = api.Relation.create(schema=node.schema, identifier=node.alias) -%}
        {%- if target.schema == 'default' or load_relation(own) -%}
            {{ return(own) }}
        {%- endif -%}
        {%- set layer = node.schema[(target.schema | length) + 1:] -%}
        {{ return(api.Relation.create(schema=layer, identifier=node.alias)) }}
    {%- endfor -%}
    {%- do exceptions.raise_compiler_error('there is no model or seed ' ~ name) -%}
{%- endmacro %}
