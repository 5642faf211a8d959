{#-
    The CTEs that rank all tracks by how many users listened to them, then by plays; tracks
    nobody listened to come last. Expects the CTE `dim_track`, and interactions by name.

    {{ popularity_ctes('als_input') }}  ->  popularity(track_key, popularity, popularity_rank)
-#}
{% macro popularity_ctes(interactions) -%}
listeners as (

    select
        track_key,
        count(*) as listener_count,
        sum(play_count) as play_count
    from {{ interactions }}
    group by track_key

),

popularity as (

    select
        dim_track.track_key,
        coalesce(listeners.listener_count, 0)
        / greatest(max(listeners.listener_count) over (), 1) as popularity,
        row_number() over (
            order by
                coalesce(listeners.listener_count, 0) desc,
                coalesce(listeners.play_count, 0) desc,
                dim_track.track_id
        ) as popularity_rank
    from dim_track
    left join listeners on dim_track.track_key = listeners.track_key

)
{%- endmacro %}
