with

als_input as (

    select * from {{ ref('als_input') }}

),

als_scores as (

    select * from {{ ref('als_scores') }}

),

blocked_tracks as (

    select * from {{ ref('blocked_tracks') }}

),

dim_user as (

    select * from {{ ref('dim_user') }}
    where user_key != -1

),

known as (

    select * from {{ ref('dim_track') }}
    where track_key != -1

),

dim_track as (

    select known.*
    from known
    left anti join blocked_tracks
        on known.track_key = blocked_tracks.track_key

),

bridge_track_genre as (

    select * from {{ ref('bridge_track_genre') }}

),

{{ popularity_ctes('als_input', recent_weeks=var('popular_weeks')) }},

scored as (

    select
        als_scores.user_key,
        row_number() over (
            partition by als_scores.user_key, dim_track.artist_key
            order by als_scores.rank
        ) as artist_place,
        dim_track.artist_key
    from als_scores
    inner join dim_track on als_scores.track_key = dim_track.track_key

),

-- Users whose list ALS does not fill: new ones, those with little left to hear,
-- and those to whom it offers too much of one artist.
short as (

    select
        dim_user.user_key,
        dim_user.favourite_genre_names
    from dim_user
    left join scored
        on
            dim_user.user_key = scored.user_key
            and {{ within_artist_share('scored') }}
    group by dim_user.user_key, dim_user.favourite_genre_names
    having count(scored.user_key) < {{ var('recommendations_per_user') }}

),

heard_counts as (

    select
        user_key,
        count(*) as heard_count
    from als_input
    group by user_key

),

-- A user's best N unheard of a ranking are among its first N + heard.
places as (

    select
        short.user_key,
        short.favourite_genre_names,
        explode(
            sequence(
                1,
                {{ var('recommendations_per_user') }}
                + coalesce(heard_counts.heard_count, 0)
            )
        ) as place
    from short
    left join heard_counts on short.user_key = heard_counts.user_key

),

wanted_genres as (

    select
        user_key,
        place,
        {{ key([genre_spelling('genre_name')]) }} as genre_key
    from places
        lateral view explode(favourite_genre_names) as genre_name

),

genre_popularity as (

    select
        bridge_track_genre.genre_key,
        popularity.track_key,
        popularity.popularity,
        row_number() over (
            partition by bridge_track_genre.genre_key
            order by popularity.popularity_rank
        ) as place
    from popularity
    inner join bridge_track_genre
        on popularity.track_key = bridge_track_genre.track_key
    where bridge_track_genre.genre_key != -1

),

fallback_candidates as (

    select
        wanted_genres.user_key,
        genre_popularity.track_key,
        genre_popularity.popularity as score,
        'favourite_genre' as reason,
        2 as priority
    from wanted_genres
    inner join genre_popularity
        on
            wanted_genres.genre_key = genre_popularity.genre_key
            and wanted_genres.place = genre_popularity.place

    union all

    select
        places.user_key,
        popularity.track_key,
        popularity.popularity as score,
        'popular' as reason,
        3 as priority
    from places
    inner join popularity on places.place = popularity.popularity_rank

)

select * from fallback_candidates
