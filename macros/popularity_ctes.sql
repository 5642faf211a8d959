{#-
    The CTEs that rank all tracks by how many users listened to them, then by plays; tracks
    nobody listened to come last. Expects the CTE `dim_track`, and interactions by name. With
    `recent_weeks`, those who listened within so many weeks of the newest listen count first.

    {{ popularity_ctes('als_input') }}  ->  popularity(track_key, popularity, popularity_rank)
-#}
{% macro popularity_ctes(interactions, recent_weeks=none) -%}
{%- if recent_weeks is not none -%}
newest as (

    select max(last_listened_at) as listened_at
    from {{ interactions }}

),

{% endif -%}
listeners as (

    select
        track_key,
        count(*) as listener_count,
        sum(play_count) as play_count,
        {% if recent_weeks is not none -%}
        count_if(
            last_listened_at
            > newest.listened_at - interval {{ recent_weeks * 7 }} days
        ) as recent_count
        {%- else -%}
        0 as recent_count
        {%- endif %}
    from {{ interactions }}
    {%- if recent_weeks is not none %}
    cross join newest
    {%- endif %}
    group by track_key

),

counted as (

    select
        dim_track.track_key,
        dim_track.track_id,
        coalesce(listeners.play_count, 0) as play_count,
        -- Recent listeners, and as a fraction of one more all of them.
        coalesce(
            listeners.recent_count
            + listeners.listener_count
            / (max(listeners.listener_count) over () + 1),
            0
        ) as listener_count
    from dim_track
    left join listeners on dim_track.track_key = listeners.track_key

),

popularity as (

    select
        track_key,
        coalesce(listener_count / nullif(max(listener_count) over (), 0), 0)
            as popularity,
        row_number() over (
            order by listener_count desc, play_count desc, track_id asc
        ) as popularity_rank
    from counted

)
{%- endmacro %}
