with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}

),

dim_date as (

    select * from {{ ref('dim_date') }}

),

dim_user as (

    select * from {{ ref('dim_user') }}
    where user_key != -1

),

dim_track as (

    select * from {{ ref('dim_track') }}

),

bridge_track_genre as (

    select * from {{ ref('bridge_track_genre') }}

),

-- The last day of the data stands in for today.
last_day as (

    select max(dim_date.calendar_date) as calendar_date
    from dim_date
    left semi join fct_listen_history
        on dim_date.date_key = fct_listen_history.date_key

),

-- A listen whose day the calendar does not have counts, but has no time.
listens as (

    select
        fct_listen_history.user_key,
        fct_listen_history.track_key,
        fct_listen_history.play_count,
        dim_date.calendar_date,
        if(
            dim_date.calendar_date is null, null, fct_listen_history.listened_at
        ) as listened_at,
        dim_date.weekday_number,
        if(
            dim_date.calendar_date is null,
            null,
            hour(fct_listen_history.listened_at)
        ) as listened_hour
    from fct_listen_history
    inner join dim_date on fct_listen_history.date_key = dim_date.date_key
    where fct_listen_history.user_key != -1

),

-- A row per user and track; those of the unknown track are one.
heard as (

    select
        user_key,
        track_key,
        count(*) as listen_count,
        sum(play_count) as play_count,
        min(listened_at) as first_listened_at,
        max(listened_at) as last_listened_at,
        min(calendar_date) as first_date,
        max(calendar_date) as last_date
    from listens
    group by user_key, track_key

),

totals as (

    select
        heard.user_key,
        sum(heard.listen_count) as listen_count,
        sum(heard.play_count) as play_count,
        count_if(heard.track_key != -1) as track_count,
        count(distinct nullif(dim_track.artist_key, -1)) as artist_count,
        min(heard.first_listened_at) as first_listened_at,
        max(heard.last_listened_at) as last_listened_at
    from heard
    inner join dim_track on heard.track_key = dim_track.track_key
    group by heard.user_key

),

discoveries as (

    select
        heard.user_key,
        count_if(heard.first_date > date_sub(last_day.calendar_date, 28))
        / count(*) as discovery_rate
    from heard
    cross join last_day
    where
        heard.track_key != -1
        and heard.last_date > date_sub(last_day.calendar_date, 28)
    group by heard.user_key

),

days as (

    select
        user_key,
        count(distinct calendar_date) as active_day_count
    from listens
    group by user_key

),

weekdays as (

    select
        user_key,
        weekday_number,
        sum(play_count) as play_count
    from listens
    where weekday_number is not null
    group by user_key, weekday_number

),

top_weekdays as (

    select
        user_key,
        max_by(weekday_number, struct(play_count, -weekday_number))
            as top_weekday_number
    from weekdays
    group by user_key

),

hours as (

    select
        user_key,
        listened_hour,
        sum(play_count) as play_count
    from listens
    where listened_hour is not null
    group by user_key, listened_hour

),

top_hours as (

    select
        user_key,
        max_by(listened_hour, struct(play_count, -listened_hour)) as top_hour
    from hours
    group by user_key

),

-- Rounded, so that the order of adding decides no tie.
genres as (

    select
        heard.user_key,
        bridge_track_genre.genre_key,
        round(sum(heard.play_count * bridge_track_genre.genre_weight), 6)
            as play_count
    from heard
    inner join bridge_track_genre
        on heard.track_key = bridge_track_genre.track_key
    where bridge_track_genre.genre_key != -1
    group by heard.user_key, bridge_track_genre.genre_key

),

top_genres as (

    select
        user_key,
        max_by(genre_key, struct(play_count, genre_key)) as top_genre_key,
        max(play_count) as top_genre_play_count
    from genres
    group by user_key

),

artists as (

    select
        heard.user_key,
        dim_track.artist_key,
        sum(heard.play_count) as play_count
    from heard
    inner join dim_track on heard.track_key = dim_track.track_key
    where dim_track.artist_key != -1
    group by heard.user_key, dim_track.artist_key

),

top_artists as (

    select
        user_key,
        max_by(artist_key, struct(play_count, artist_key)) as top_artist_key,
        max(play_count) as top_artist_play_count
    from artists
    group by user_key

),

user_listening_profile as (

    select
        ---------- keys
        dim_user.user_key,
        dim_user.user_id,
        coalesce(top_genres.top_genre_key, -1) as top_genre_key,
        coalesce(top_artists.top_artist_key, -1) as top_artist_key,

        ---------- numbers
        coalesce(totals.listen_count, 0) as listen_count,
        coalesce(totals.play_count, 0) as play_count,
        coalesce(totals.track_count, 0) as track_count,
        coalesce(totals.artist_count, 0) as artist_count,
        coalesce(days.active_day_count, 0) as active_day_count,
        top_genres.top_genre_play_count / totals.play_count as top_genre_share,
        top_artists.top_artist_play_count / totals.play_count
            as top_artist_share,
        discoveries.discovery_rate,
        top_weekdays.top_weekday_number,
        top_hours.top_hour,

        ---------- timestamps
        totals.first_listened_at,
        totals.last_listened_at

    from dim_user
    left join totals on dim_user.user_key = totals.user_key
    left join days on dim_user.user_key = days.user_key
    left join discoveries on dim_user.user_key = discoveries.user_key
    left join top_weekdays on dim_user.user_key = top_weekdays.user_key
    left join top_hours on dim_user.user_key = top_hours.user_key
    left join top_genres on dim_user.user_key = top_genres.user_key
    left join top_artists on dim_user.user_key = top_artists.user_key

)

select * from user_listening_profile
