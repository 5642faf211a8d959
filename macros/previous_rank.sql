{#-
    The rank of the same thing on the same list the week before; null when it was not heard then,
    even if it was in an earlier week.

    {{ previous_rank('genre_key, track_key') }}  ->  max(rank) over (partition by ...
-#}
{% macro previous_rank(list_and_thing) -%}
    max(rank) over (
            partition by {{ list_and_thing }}
            order by unix_date(week_start_date)
            range between 7 preceding and 7 preceding
        )
{%- endmacro %}
