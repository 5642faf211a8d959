with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}

),

dim_date as (

    select * from {{ ref('dim_date') }}

),

dim_user as (

    select * from {{ ref('dim_user') }}

),

dim_track as (

    select * from {{ ref('dim_track') }}

),

dim_album as (

    select * from {{ ref('dim_album') }}

),

dim_artist as (

    select * from {{ ref('dim_artist') }}

),

dim_genre as (

    select * from {{ ref('dim_genre') }}

),

-- The bridge has the genres of a track, silver their order.
track_genres as (

    select
        track_key,
        genre_names,
        {{ key([genre_spelling('get(genre_names, 0)')]) }} as primary_genre_key
    from {{ ref('track') }}

),

joined as (

    select
        ---------- keys
        fct_listen_history.listen_key,
        fct_listen_history.listening_key,
        fct_listen_history.date_key,
        fct_listen_history.user_key,
        fct_listen_history.track_key,
        dim_track.album_key,
        dim_track.artist_key,
        coalesce(primary_genre.genre_key, -1) as primary_genre_key,
        fct_listen_history.user_id,
        fct_listen_history.track_id,

        ---------- time
        fct_listen_history.listened_at,
        hour(fct_listen_history.listened_at) as listened_hour,
        dim_date.calendar_date,
        dim_date.iso_week_label,
        dim_date.month_label,
        dim_date.year,
        dim_date.season_name_en,
        dim_date.weekday_name_en,
        dim_date.is_weekend,
        dim_date.is_public_holiday,

        ---------- who
        dim_user.gender as user_gender,
        favourite_genre.genre_name as user_favourite_genre_name,

        ---------- what
        dim_track.track_name,
        dim_album.album_title,
        dim_artist.artist_name,
        coalesce(primary_genre.genre_name, 'Unknown') as primary_genre_name,
        track_genres.genre_names,
        dim_track.duration_seconds,

        ---------- numbers
        fct_listen_history.list_position,
        fct_listen_history.play_count,

        ---------- booleans
        fct_listen_history.is_orphan_user,
        fct_listen_history.is_orphan_track

    from fct_listen_history
    inner join dim_date on fct_listen_history.date_key = dim_date.date_key
    inner join dim_user on fct_listen_history.user_key = dim_user.user_key
    inner join dim_track on fct_listen_history.track_key = dim_track.track_key
    inner join dim_album on dim_track.album_key = dim_album.album_key
    inner join dim_artist on dim_track.artist_key = dim_artist.artist_key
    inner join dim_genre as favourite_genre
        on dim_user.favourite_genre_key = favourite_genre.genre_key
    left join track_genres on dim_track.track_key = track_genres.track_key
    left join dim_genre as primary_genre
        on track_genres.primary_genre_key = primary_genre.genre_key

)

select * from joined
