with

last_day as (

    select max(dim_date.calendar_date) as calendar_date
    from {{ ref('dim_date') }} as dim_date
    semi join {{ ref('fct_listen_history') }} as fct_listen_history
        on dim_date.date_key = fct_listen_history.date_key

),

listens as (

    select
        fct_listen_history.user_key,
        fct_listen_history.track_key,
        fct_listen_history.play_count,
        dim_date.calendar_date,
        case when dim_date.calendar_date is not null then fct_listen_history.listened_at end
            as listened_at,
        dim_date.weekday_number,
        case when dim_date.calendar_date is not null then hour(fct_listen_history.listened_at) end
            as listened_hour
    from {{ ref('fct_listen_history') }} as fct_listen_history
    inner join {{ ref('dim_date') }} as dim_date on fct_listen_history.date_key = dim_date.date_key
    where fct_listen_history.user_key != -1

),

heard as (

    select
        user_key,
        track_key,
        count(*) as listen_count,
        sum(play_count)::bigint as play_count,
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
        sum(heard.listen_count)::bigint as listen_count,
        sum(heard.play_count)::bigint as play_count,
        count_if(heard.track_key != -1) as track_count,
        count_if(heard.track_key != -1 and heard.last_date > last_day.calendar_date - 28)
            as late_track_count,
        count_if(heard.track_key != -1 and heard.first_date > last_day.calendar_date - 28)
            as discovery_count,
        min(heard.first_listened_at) as first_listened_at,
        max(heard.last_listened_at) as last_listened_at
    from heard
    inner join {{ ref('dim_track') }} as dim_track on heard.track_key = dim_track.track_key
    cross join last_day
    group by heard.user_key, dim_track.artist_key

),

totals as (

    select
        user_key,
        sum(listen_count)::bigint as listen_count,
        sum(play_count)::bigint as play_count,
        sum(track_count)::bigint as track_count,
        count_if(artist_key != -1) as artist_count,
        sum(discovery_count) / nullif(sum(late_track_count), 0) as discovery_rate,
        min(first_listened_at) as first_listened_at,
        max(last_listened_at) as last_listened_at,
        arg_max(artist_key, (play_count, artist_key)) filter (where artist_key != -1)
            as top_artist_key,
        max(play_count) filter (where artist_key != -1) as top_artist_play_count
    from by_artist
    group by user_key

),

habits as (

    select
        user_key,
        count(distinct calendar_date) as active_day_count,
        [
            {%- for weekday in range(1, 8) %}
            sum(play_count) filter (where weekday_number = {{ weekday }})
            {{- ',' if not loop.last }}
            {%- endfor %}
        ] as weekday_play_counts,
        [
            {%- for hour in range(24) %}
            sum(play_count) filter (where listened_hour = {{ hour }})
            {{- ',' if not loop.last }}
            {%- endfor %}
        ] as hour_play_counts
    from listens
    group by user_key

),

peaks as (

    select
        user_key,
        active_day_count,
        list_position(weekday_play_counts, list_max(weekday_play_counts)) as weekday_number,
        list_position(hour_play_counts, list_max(hour_play_counts)) - 1 as listened_hour
    from habits

),

genres as (

    select
        heard.user_key,
        bridge_track_genre.genre_key,
        round(sum(heard.play_count * bridge_track_genre.genre_weight), 6) as play_count
    from heard
    inner join {{ ref('bridge_track_genre') }} as bridge_track_genre
        on heard.track_key = bridge_track_genre.track_key
    where bridge_track_genre.genre_key != -1
    group by heard.user_key, bridge_track_genre.genre_key

),

top_genres as (

    select
        user_key,
        arg_max(genre_key, (play_count, genre_key)) as top_genre_key,
        max(play_count) as top_genre_play_count
    from genres
    group by user_key

)

select
    dim_user.user_key,
    dim_user.user_id,
    coalesce(top_genres.top_genre_key, -1) as top_genre_key,
    coalesce(totals.top_artist_key, -1) as top_artist_key,
    coalesce(totals.listen_count, 0) as listen_count,
    coalesce(totals.play_count, 0) as play_count,
    coalesce(totals.track_count, 0) as track_count,
    coalesce(totals.artist_count, 0) as artist_count,
    coalesce(peaks.active_day_count, 0) as active_day_count,
    top_genres.top_genre_play_count / totals.play_count as top_genre_share,
    totals.top_artist_play_count / totals.play_count as top_artist_share,
    totals.discovery_rate,
    case when peaks.active_day_count > 0 then peaks.weekday_number::int end as top_weekday_number,
    case when peaks.active_day_count > 0 then peaks.listened_hour::int end as top_hour,
    totals.first_listened_at,
    totals.last_listened_at
from {{ ref('dim_user') }} as dim_user
left join totals on dim_user.user_key = totals.user_key
left join peaks on dim_user.user_key = peaks.user_key
left join top_genres on dim_user.user_key = top_genres.user_key
where dim_user.user_key != -1
