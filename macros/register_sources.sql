{#-
    Makes every source with an `external` location a table of the catalog, so that models,
    unit tests, freshness checks and the docs site know it. Runs before each dbt command.

    {{ register_sources() }}  ->  create table if not exists music_api.tracks (...)
-#}
{% macro register_sources() -%}
    {%- if execute and target.type == 'sparksession' -%}
        {%- for node in graph.sources.values() if node.external -%}
            {{- register_source(node) -}}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
