{#-
    Seconds of a duration written `m:ss`, `mm:ss`, `h:mm:ss` or in seconds (fractions are cut
    off); null for anything else, for zero, and past `longest_track_seconds` (a var).

    {{ duration_seconds('record.duration') }}:  '03:25'  ->  205,  '99:99'  ->  null
-#}
{% macro duration_seconds(expression) -%}
    {%- set text = 'trim(' ~ expression ~ ')' -%}
    {%- set parts = "split(" ~ text ~ ", ':')" -%}
    {%- set seconds -%}
        case
            when {{ text }} rlike '^[0-9]{1,3}:[0-5][0-9]$'
                then try_cast({{ parts }}[0] as int) * 60 + try_cast({{ parts }}[1] as int)
            when {{ text }} rlike '^[0-9]{1,2}:[0-5][0-9]:[0-5][0-9]$'
                then
                    try_cast({{ parts }}[0] as int) * 3600
                    + try_cast({{ parts }}[1] as int) * 60
                    + try_cast({{ parts }}[2] as int)
            when {{ text }} rlike r'^[0-9]{1,5}(\.[0-9]+)?$'
                then try_cast(split({{ text }}, r'\.')[0] as int)
        end
    {%- endset -%}
    if({{ seconds }} between 1 and {{ var('longest_track_seconds') }}, {{ seconds }}, null)
{%- endmacro %}
