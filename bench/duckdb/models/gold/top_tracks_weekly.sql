with

dim_track as (

    select * from {{ ref('dim_track') }}

),

{{ listed_genres_cte() }},

played as (

    select
        dim_date.week_start_date,
        fct_listen_history.track_key,
        count(distinct nullif(fct_listen_history.user_key, -1)) as listener_count,
        sum(fct_listen_history.play_count)::bigint as play_count
    from {{ ref('fct_listen_history') }} as fct_listen_history
    inner join {{ ref('dim_date') }} as dim_date on fct_listen_history.date_key = dim_date.date_key
    where fct_listen_history.date_key != -1 and fct_listen_history.track_key != -1
    group by dim_date.week_start_date, fct_listen_history.track_key

),

weighted as (

    select
        played.week_start_date,
        listed_genres.genre_key,
        played.track_key,
        played.listener_count,
        played.play_count,
        played.play_count * listed_genres.genre_weight as weighted_play_count
    from played
    inner join listed_genres on played.track_key = listed_genres.track_key

),

ranked as (

    select
        weighted.*,
        dim_track.track_id,
        row_number() over (
            partition by weighted.week_start_date, weighted.genre_key
            order by
                weighted.weighted_play_count desc,
                weighted.listener_count desc,
                dim_track.track_id asc
        ) as rank
    from weighted
    inner join dim_track on weighted.track_key = dim_track.track_key

),

compared as (

    select *, {{ previous_rank('genre_key, track_key') }} as previous_rank
    from ranked

)

select
    week_start_date,
    genre_key,
    rank,
    track_key,
    track_id,
    listener_count,
    play_count,
    weighted_play_count,
    previous_rank,
    previous_rank - rank as rank_change
from compared
where rank <= {{ var('top_list_length') }}
