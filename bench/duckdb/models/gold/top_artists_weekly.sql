with

dim_track as (

    select * from {{ ref('dim_track') }}
    where artist_key != -1

),

{{ listed_genres_cte() }},

played as (

    select
        dim_date.week_start_date,
        fct_listen_history.track_key,
        fct_listen_history.user_key,
        sum(fct_listen_history.play_count)::bigint as play_count
    from {{ ref('fct_listen_history') }} as fct_listen_history
    inner join {{ ref('dim_date') }} as dim_date on fct_listen_history.date_key = dim_date.date_key
    where fct_listen_history.date_key != -1
    group by all

),

weighted as (

    select
        played.week_start_date,
        listed_genres.genre_key,
        dim_track.artist_key,
        count(distinct nullif(played.user_key, -1)) as listener_count,
        sum(played.play_count)::bigint as play_count,
        round(sum(played.play_count * listed_genres.genre_weight), 6) as weighted_play_count
    from played
    inner join dim_track on played.track_key = dim_track.track_key
    inner join listed_genres on played.track_key = listed_genres.track_key
    group by played.week_start_date, listed_genres.genre_key, dim_track.artist_key

),

ranked as (

    select
        weighted.*,
        row_number() over (
            partition by weighted.week_start_date, weighted.genre_key
            order by
                weighted.weighted_play_count desc,
                weighted.listener_count desc,
                dim_artist.artist_name asc,
                weighted.artist_key asc
        ) as rank
    from weighted
    inner join {{ ref('dim_artist') }} as dim_artist
        on weighted.artist_key = dim_artist.artist_key

),

compared as (

    select *, {{ previous_rank('genre_key, artist_key') }} as previous_rank
    from ranked

)

select
    week_start_date,
    genre_key,
    rank,
    artist_key,
    listener_count,
    play_count,
    weighted_play_count,
    previous_rank,
    previous_rank - rank as rank_change
from compared
where rank <= {{ var('top_list_length') }}
