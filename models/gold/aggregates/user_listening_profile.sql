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

by_artist as (

    select
        heard.user_key,
        dim_track.artist_key,
        sum(heard.listen_count) as listen_count,
        sum(heard.play_count) as play_count,
        count_if(heard.track_key != -1) as track_count,
        count_if(
            heard.track_key != -1
            and heard.last_date > date_sub(last_day.calendar_date, 28)
        ) as late_track_count,
        count_if(
            heard.track_key != -1
            and heard.first_date > date_sub(last_day.calendar_date, 28)
        ) as discovery_count,
        min(heard.first_listened_at) as first_listened_at,
        max(heard.last_listened_at) as last_listened_at
    from heard
    inner join dim_track on heard.track_key = dim_track.track_key
    cross join last_day
    group by heard.user_key, dim_track.artist_key

),

totals as (

    select
        user_key,
        sum(listen_count) as listen_count,
        sum(play_count) as play_count,
        sum(track_count) as track_count,
        count_if(artist_key != -1) as artist_count,
        sum(discovery_count) / nullif(sum(late_track_count), 0)
            as discovery_rate,
        min(first_listened_at) as first_listened_at,
        max(last_listened_at) as last_listened_at,
        max_by(
            nullif(artist_key, -1),
            if(artist_key = -1, null, struct(play_count, artist_key))
        ) as top_artist_key,
        max(if(artist_key = -1, null, play_count)) as top_artist_play_count
    from by_artist
    group by user_key

),

-- Plays by weekday, Monday first, and by hour, midnight first.
habits as (

    select
        user_key,
        count(distinct calendar_date) as active_day_count,
        array(
            {%- for weekday in range(1, 8) %}
            sum(if(weekday_number = {{ weekday }}, play_count, 0))
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as weekday_play_counts,
        array(
            {%- for hour in range(24) %}
            sum(if(listened_hour = {{ hour }}, play_count, 0))
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as hour_play_counts
    from listens
    group by user_key

),

peaks as (

    select
        user_key,
        active_day_count,
        array_position(weekday_play_counts, array_max(weekday_play_counts))
            as weekday_number,
        array_position(hour_play_counts, array_max(hour_play_counts)) - 1
            as listened_hour
    from habits

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

user_listening_profile as (

    select
        ---------- keys
        dim_user.user_key,
        dim_user.user_id,
        coalesce(top_genres.top_genre_key, -1) as top_genre_key,
        coalesce(totals.top_artist_key, -1) as top_artist_key,

        ---------- numbers
        coalesce(totals.listen_count, 0) as listen_count,
        coalesce(totals.play_count, 0) as play_count,
        coalesce(totals.track_count, 0) as track_count,
        coalesce(totals.artist_count, 0) as artist_count,
        coalesce(peaks.active_day_count, 0) as active_day_count,
        top_genres.top_genre_play_count / totals.play_count as top_genre_share,
        totals.top_artist_play_count / totals.play_count as top_artist_share,
        totals.discovery_rate,
        if(peaks.active_day_count > 0, cast(peaks.weekday_number as int), null)
            as top_weekday_number,
        if(peaks.active_day_count > 0, cast(peaks.listened_hour as int), null)
            as top_hour,

        ---------- timestamps
        totals.first_listened_at,
        totals.last_listened_at

    from dim_user
    left join totals on dim_user.user_key = totals.user_key
    left join peaks on dim_user.user_key = peaks.user_key
    left join top_genres on dim_user.user_key = top_genres.user_key

)

select * from user_listening_profile
