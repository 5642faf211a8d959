with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}
    where date_key != -1

),

dim_date as (

    select * from {{ ref('dim_date') }}

),

dim_track as (

    select * from {{ ref('dim_track') }}
    where artist_key != -1

),

dim_artist as (

    select * from {{ ref('dim_artist') }}

),

bridge_track_genre as (

    select * from {{ ref('bridge_track_genre') }}

),

{{ listed_genres_cte() }},

played as (

    select
        dim_date.week_start_date,
        fct_listen_history.track_key,
        fct_listen_history.user_key,
        sum(fct_listen_history.play_count) as play_count
    from fct_listen_history
    inner join dim_date on fct_listen_history.date_key = dim_date.date_key
    group by
        dim_date.week_start_date,
        fct_listen_history.track_key,
        fct_listen_history.user_key

),

weighted as (

    select
        played.week_start_date,
        listed_genres.genre_key,
        dim_track.artist_key,
        count(distinct nullif(played.user_key, -1)) as listener_count,
        sum(played.play_count) as play_count,
        -- Rounded, so that the order of adding decides no tie.
        round(sum(played.play_count * listed_genres.genre_weight), 6)
            as weighted_play_count
    from played
    inner join dim_track on played.track_key = dim_track.track_key
    inner join listed_genres on played.track_key = listed_genres.track_key
    group by
        played.week_start_date,
        listed_genres.genre_key,
        dim_track.artist_key

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
    inner join dim_artist on weighted.artist_key = dim_artist.artist_key

),

compared as (

    select
        *,
        {{ previous_rank('genre_key, artist_key') }} as previous_rank
    from ranked

),

top_artists_weekly as (

    select
        ---------- keys
        week_start_date,
        genre_key,
        rank,
        artist_key,

        ---------- numbers
        listener_count,
        play_count,
        weighted_play_count,
        previous_rank,
        previous_rank - rank as rank_change

    from compared
    where rank <= {{ var('top_list_length') }}

)

select * from top_artists_weekly
