-- From 1 to at most the wanted length, each place worth no more than the one
-- before, and the change that to the place of the week before.
{% set lists = {
    'top_tracks_weekly': 'track_key',
    'top_artists_weekly': 'artist_key',
} %}

with

listed as (

    {% for list, thing in lists.items() %}

    select
        '{{ list }}' as list,
        week_start_date,
        genre_key,
        {{ thing }} as thing_key,
        rank,
        weighted_play_count,
        previous_rank,
        rank_change
    from {{ ref(list) }}

    {{ 'union all' if not loop.last }}

    {% endfor %}

),

neighboured as (

    select
        *,
        row_number() over (
            partition by list, week_start_date, genre_key
            order by rank
        ) as place,
        lag(weighted_play_count) over (
            partition by list, week_start_date, genre_key
            order by rank
        ) as better_play_count
    from listed

),

week_before as (

    select
        list,
        genre_key,
        thing_key,
        rank,
        date_add(week_start_date, 7) as week_start_date
    from listed

),

compared as (

    select
        neighboured.*,
        week_before.rank as rank_before
    from neighboured
    left join week_before
        on
            neighboured.list = week_before.list
            and neighboured.genre_key = week_before.genre_key
            and neighboured.thing_key = week_before.thing_key
            and neighboured.week_start_date = week_before.week_start_date

)

select * from compared
where
    rank != place
    or rank > {{ var('top_list_length') }}
    or weighted_play_count > better_play_count
    or not (rank_change <=> previous_rank - rank)
    or not (
        rank_before
        <=> if(
            previous_rank <= {{ var('top_list_length') }}, previous_rank, null
        )
    )
