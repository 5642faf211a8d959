{#-
    The months of those listens in the model whose user or track was not known when they were
    built and is now.

    {{ months_of_found_orphans() }}  ->  ['2026-01', '2026-03']
-#}
{% macro months_of_found_orphans() -%}
    {%- set months -%}
        with orphans as (
            select * from {{ this }}
            where not is_known_user or not is_known_track
        )
        select distinct orphans.listened_month
        from orphans
        left join {{ ref('users') }} as users on orphans.user_id = users.user_id
        left join {{ ref('track') }} as track on orphans.track_id = track.track_id
        where
            (not orphans.is_known_user and users.user_id is not null)
            or (not orphans.is_known_track and track.track_id is not null)
    {%- endset -%}
    {{ return(query_values(months)) }}
{%- endmacro %}
