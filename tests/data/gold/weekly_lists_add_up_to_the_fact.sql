-- On the list of all genres, each thing has its plays of the week, and what is
-- missing has no more than the last. Over the genres' lists, no play of a track
-- counts twice.
{% set lists = {
    'top_tracks_weekly': 'track_key',
    'top_artists_weekly': 'artist_key',
} %}

with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}

),

dim_date as (

    select * from {{ ref('dim_date') }}
    where date_key != -1

),

dim_track as (

    select * from {{ ref('dim_track') }}

),

{% for list, thing in lists.items() %}

{{ list }} as (

    select * from {{ ref(list) }}
    where genre_key = 0

),

{{ list }}_played as (

    select
        dim_date.week_start_date,
        dim_track.{{ thing }},
        sum(fct_listen_history.play_count) as play_count
    from fct_listen_history
    inner join dim_date on fct_listen_history.date_key = dim_date.date_key
    inner join dim_track on fct_listen_history.track_key = dim_track.track_key
    where dim_track.{{ thing }} != -1
    group by dim_date.week_start_date, dim_track.{{ thing }}

),

{{ list }}_last as (

    select
        week_start_date,
        min(play_count) as last_play_count,
        count(*) as place_count
    from {{ list }}
    group by week_start_date

),

{{ list }}_doubted as (

    select
        '{{ list }}' as list,
        {{ list }}_played.week_start_date,
        {{ list }}_played.{{ thing }} as thing_key
    from {{ list }}_played
    left join {{ list }}
        on
            {{ list }}_played.week_start_date = {{ list }}.week_start_date
            and {{ list }}_played.{{ thing }} = {{ list }}.{{ thing }}
    left join {{ list }}_last
        on {{ list }}_played.week_start_date = {{ list }}_last.week_start_date
    where
        {{ list }}_played.play_count != {{ list }}.play_count
        or (
            {{ list }}.play_count is null
            and (
                {{ list }}_last.place_count is null
                or {{ list }}_last.place_count < {{ var('top_list_length') }}
                or {{ list }}_played.play_count
                > {{ list }}_last.last_play_count
            )
        )

),

{% endfor %}

shared as (

    select
        'genres of top_tracks_weekly' as list,
        week_start_date,
        track_key as thing_key
    from {{ ref('top_tracks_weekly') }}
    where genre_key != 0
    group by week_start_date, track_key
    having sum(weighted_play_count) > max(play_count) + 1e-6

),

doubted as (

    {% for list in lists %}

    select * from {{ list }}_doubted

    union all

    {% endfor %}

    select * from shared

)

select * from doubted
