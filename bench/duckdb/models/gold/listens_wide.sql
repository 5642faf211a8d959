{{ config(materialized='view') }}

with

track_genres as (

    select
        track_key,
        genre_names,
        {{ key([genre_spelling('genre_names[1]')]) }} as primary_genre_key
    from {{ ref('track') }}

)

select
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
    dim_user.gender as user_gender,
    favourite_genre.genre_name as user_favourite_genre_name,
    dim_track.track_name,
    dim_album.album_title,
    dim_artist.artist_name,
    coalesce(primary_genre.genre_name, 'Unknown') as primary_genre_name,
    track_genres.genre_names,
    dim_track.duration_seconds,
    fct_listen_history.list_position,
    fct_listen_history.play_count,
    fct_listen_history.is_orphan_user,
    fct_listen_history.is_orphan_track
from {{ ref('fct_listen_history') }} as fct_listen_history
inner join {{ ref('dim_date') }} as dim_date on fct_listen_history.date_key = dim_date.date_key
inner join {{ ref('dim_user') }} as dim_user on fct_listen_history.user_key = dim_user.user_key
inner join {{ ref('dim_track') }} as dim_track
    on fct_listen_history.track_key = dim_track.track_key
inner join {{ ref('dim_album') }} as dim_album on dim_track.album_key = dim_album.album_key
inner join {{ ref('dim_artist') }} as dim_artist on dim_track.artist_key = dim_artist.artist_key
inner join {{ ref('dim_genre') }} as favourite_genre
    on dim_user.favourite_genre_key = favourite_genre.genre_key
left join track_genres on dim_track.track_key = track_genres.track_key
left join {{ ref('dim_genre') }} as primary_genre
    on track_genres.primary_genre_key = primary_genre.genre_key
