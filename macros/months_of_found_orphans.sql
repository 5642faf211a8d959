{#-
    The months of those listens in the model whose user or track was not known when they were
    built and is now.

    {{ months_of_found_orphans() }}  ->  ['2026-01', '2026-03']
-#}
{% macro months_of_found_orphans() -%}
    {%- set months -%}
        select distinct listens.listened_month
        from {{ this }} as listens
        left join {{ ref('users') }} as users on listens.user_id = users.user_id
        left join {{ ref('track') }} as track on listens.track_id = track.track_id
        where
            (not listens.is_known_user and users.user_id is not null)
            or (not listens.is_known_track and track.track_id is not null)
    {%- endset -%}
    {{ return(query_values(months)) }}
{%- endmacro %}
