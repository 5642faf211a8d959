{#-
    Where a landed record ends: `rejected`, `current` or `superseded` by a newer version.

    {{ fate() }}  ->  case when reject_reason is not null then 'rejected' ...
-#}
{% macro fate() -%}
    case
        when reject_reason is not null then 'rejected'
        when recency = 1 then 'current'
        else 'superseded'
    end
{%- endmacro %}
