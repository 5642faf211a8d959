{#-
    The nth given weekday (1 Monday to 7 Sunday) of a month; nth -1 is the last one.

    {{ nth_weekday('2026', '11', '4', '4') }}  ->  2026-11-26, the fourth Thursday
-#}
{% macro nth_weekday(year, month, weekday, nth) -%}
    {%- set first = 'make_date(' ~ year ~ ', ' ~ month ~ ', 1)' -%}
    {%- set last = 'last_day(' ~ first ~ ')' -%}
    if(
        {{ nth }} > 0,
        date_add(
            {{ first }},
            pmod({{ weekday }} - 1 - weekday({{ first }}), 7) + 7 * ({{ nth }} - 1)
        ),
        date_sub({{ last }}, pmod(weekday({{ last }}) - {{ weekday }} + 1, 7))
    )
{%- endmacro %}
