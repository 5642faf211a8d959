{#-
    The constraints and data tests of a column, in lines of YAML. For `contract_yaml`.

    promises_yaml(node, node.columns['date_key'])  ->  ['constraints: [{type: not_null}]', ...]
-#}
{% macro promises_yaml(node, column) -%}
    {%- set lines = [] -%}
    {%- set constraints = [] -%}
    {%- for constraint in column.constraints or [] -%}
        {%- set expression = ', expression: ' ~ tojson(constraint.expression) -%}
        {%- do constraints.append(
            '{type: ' ~ constraint.type ~ (expression if constraint.expression else '') ~ '}'
        ) -%}
    {%- endfor -%}
    {%- if constraints -%}
        {%- do lines.append('        constraints: [' ~ constraints | join(', ') ~ ']') -%}
    {%- endif -%}
    {%- set tests = [] -%}
    {%- for test in graph.nodes.values()
        if test.attached_node == node.unique_id and test.column_name and test.column_name == column.name -%}
        {%- set arguments = {} -%}
        {%- for name, value in test.test_metadata.kwargs.items() if name not in ['model', 'column_name'] -%}
            {%- do arguments.update({name: value}) -%}
        {%- endfor -%}
        {%- do tests.append(
            test.test_metadata.name
            ~ (': {arguments: ' ~ tojson(arguments) ~ '}' if arguments else '')
        ) -%}
    {%- endfor -%}
    {%- if tests -%}
        {%- do lines.append('        data_tests:') -%}
        {%- for test in tests -%}{%- do lines.append('          - ' ~ test) -%}{%- endfor -%}
    {%- endif -%}
    {{ return(lines) }}
{%- endmacro %}
