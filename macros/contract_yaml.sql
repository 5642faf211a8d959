{#-
    Prints the columns of a model for its YAML, ready to paste: names and types as the query in its
    file gives them (a Python model's: as its table has them), with the descriptions, constraints
    and tests that the YAML has so far. The model need not be built, or be in the YAML; what it reads
    is taken for what its own YAML says, so of several models the first in the lineage comes first.

    dbt --quiet run-operation contract_yaml --args '{model: dim_track}'
    ->  columns:
          - name: track_key
            data_type: bigint
            ...
-#}
{% macro contract_yaml(model) -%}
    {%- set found = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        | selectattr('name', 'equalto', model) | sort(attribute='unique_id') | list -%}
    {%- if not found -%}
        {%- do exceptions.raise_compiler_error('there is no model ' ~ model) -%}
    {%- endif -%}
    {%- set node = found | last -%}
    {%- set lines = [] -%}
    {%- if not node.patch_path -%}
        {%- do lines.extend(['  - name: ' ~ model, '    description: One row per TODO.']) -%}
    {%- endif -%}
    {%- do lines.append('    columns:') -%}
    {%- for column in columns_now(node) -%}
        {%- set known = node.columns.get(column.name, {}) -%}
        {%- do lines.append('      - name: ' ~ column.name) -%}
        {%- do lines.append('        data_type: ' ~ column.dtype) -%}
        {%- do lines.append('        description: ' ~ description_yaml(known)) -%}
        {%- do lines.extend(promises_yaml(node, known)) -%}
    {%- endfor -%}
    {%- do print(lines | join('\n')) -%}
{%- endmacro %}
