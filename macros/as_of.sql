{#-
    The condition under which a row of a history was the valid one at a moment; a null moment
    means now. Belongs in a join beside the key, which then finds exactly one row.

    inner join dim_user_history
        on
            fct_listen_history.user_key = dim_user_history.user_key
            and {{ as_of('fct_listen_history.listened_at', 'dim_user_history') }}
-#}
{% macro as_of(moment, history) -%}
    if(
        {{ moment }} is null,
        {{ history }}.is_current,
        ({{ history }}.version_number = 1 or {{ history }}.valid_from <= {{ moment }})
        and ({{ history }}.is_current or {{ moment }} < {{ history }}.valid_to)
    )
{%- endmacro %}
