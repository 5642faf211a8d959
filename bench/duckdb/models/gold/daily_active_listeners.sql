with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}
    where date_key != -1

),

span as (

    select min(date_key) as first_date_key, max(date_key) as last_date_key
    from fct_listen_history

),

days as (

    select dim_date.date_key, dim_date.calendar_date
    from {{ ref('dim_date') }} as dim_date
    inner join span on dim_date.date_key between span.first_date_key and span.last_date_key

),

played as (

    select
        date_key,
        count(*) as listen_count,
        sum(play_count)::bigint as play_count,
        count(distinct nullif(track_key, -1)) as track_count
    from fct_listen_history
    group by date_key

),

active as (

    select distinct fct_listen_history.user_key, days.calendar_date
    from fct_listen_history
    inner join days on fct_listen_history.date_key = days.date_key
    where fct_listen_history.user_key != -1

),

neighboured as (

    select
        calendar_date,
        row_number() over (partition by user_key order by calendar_date) = 1 as is_first_day,
        lead(calendar_date) over (partition by user_key order by calendar_date) as next_date
    from active

),

movements as (

    select
        calendar_date,
        1 as listeners,
        is_first_day::int as new_listeners,
        1 as listeners_7_days,
        1 as listeners_28_days
    from neighboured
    union all
    select least(calendar_date + 7, next_date), 0, 0, -1, 0 from neighboured
    union all
    select least(calendar_date + 28, next_date), 0, 0, 0, -1 from neighboured

),

moved as (

    select
        calendar_date,
        sum(listeners)::bigint as listeners,
        sum(new_listeners)::bigint as new_listeners,
        sum(listeners_7_days)::bigint as listeners_7_days,
        sum(listeners_28_days)::bigint as listeners_28_days
    from movements
    group by calendar_date

),

counted as (

    select
        days.date_key,
        days.calendar_date,
        coalesce(moved.listeners, 0) as listener_count,
        coalesce(moved.new_listeners, 0) as new_listener_count,
        coalesce(played.listen_count, 0) as listen_count,
        coalesce(played.play_count, 0) as play_count,
        coalesce(played.track_count, 0) as track_count,
        coalesce(sum(moved.listeners_7_days) over (order by days.calendar_date), 0)::bigint
            as listener_7_days_count,
        coalesce(sum(moved.listeners_28_days) over (order by days.calendar_date), 0)::bigint
            as listener_28_days_count
    from days
    left join moved on days.calendar_date = moved.calendar_date
    left join played on days.date_key = played.date_key

)

select *, listener_count / nullif(listener_28_days_count, 0) as stickiness
from counted
