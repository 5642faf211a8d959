{#-
    Text without outer white space, inner runs of white space as one blank; blank text is null.

    {{ clean_text('record.name') }}:  '  Blue   Monday '  ->  'Blue Monday',  '   '  ->  null
-#}
{% macro clean_text(expression) -%}
    nullif(trim(regexp_replace({{ expression }}, r'[\s\u00a0]+', ' ')), '')
{%- endmacro %}
