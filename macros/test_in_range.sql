{#-
    Generic test: values lie between two bounds, either of which may be left out; nulls pass.

    - in_range: {arguments: {at_least: 1, at_most: 53}}
-#}
{% test in_range(model, column_name, at_least=none, at_most=none) %}
    select {{ column_name }}
    from {{ model }}
    where
        {{ column_name ~ ' < ' ~ at_least if at_least is not none else 'false' }}
        or {{ column_name ~ ' > ' ~ at_most if at_most is not none else 'false' }}
{% endtest %}
