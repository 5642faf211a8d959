{#-
    The description of a column as it stands in the YAML, `TODO` when there is none. dbt knows the
    text alone; of a doc block, what stands after it is what other columns of that block do not say.
    For `contract_yaml`.

    description_yaml(node.columns['date_key'])  ->  '{{ doc("date_key") }}'
-#}
{% macro description_yaml(column) -%}
    {%- set text = (column.description or 'TODO') | trim -%}
    {%- set others = [] -%}
    {%- for node in graph.nodes.values() -%}
        {%- for other in node.columns.values()
            if column.doc_blocks and other.doc_blocks == column.doc_blocks -%}
            {%- do others.append([other.description | length, other.description | trim]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set block = (others | sort | first)[1] if others | length > 1 else none -%}
    {%- if block and text.startswith(block) -%}
        {%- set name = column.doc_blocks[0].split('.')[-1] -%}
        {%- set text = '{{ doc("' ~ name ~ '") }}' ~ text[block | length:] -%}
    {%- endif -%}
    {%- if ': ' in text or ' #' in text or text[0] in '{[`\'"*&!%@>|-?' -%}
        {%- set text = "'" ~ text | replace("'", "''") ~ "'" -%}
    {%- endif -%}
    {{ return(text) }}
{%- endmacro %}
