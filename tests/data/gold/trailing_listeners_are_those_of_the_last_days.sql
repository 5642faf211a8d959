-- The users of the last 1, 7 and 28 days, counted the plain way, at each
-- month's end and on the last day.
with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}
    where user_key != -1

),

dim_date as (

    select * from {{ ref('dim_date') }}

),

daily_active_listeners as (

    select
        *,
        max(calendar_date) over () as last_date
    from {{ ref('daily_active_listeners') }}

),

active as (

    select distinct
        fct_listen_history.user_key,
        dim_date.calendar_date
    from fct_listen_history
    inner join dim_date on fct_listen_history.date_key = dim_date.date_key

),

looked_at as (

    select * from daily_active_listeners
    where calendar_date in (last_day(calendar_date), last_date)

),

recounted as (

    select
        looked_at.calendar_date,
        looked_at.listener_count,
        looked_at.listener_7_days_count,
        looked_at.listener_28_days_count,
        count(distinct if(
            active.calendar_date = looked_at.calendar_date,
            active.user_key,
            null
        )) as wanted_count,
        count(distinct if(
            active.calendar_date > date_sub(looked_at.calendar_date, 7),
            active.user_key,
            null
        )) as wanted_7_days_count,
        count(distinct active.user_key) as wanted_28_days_count
    from looked_at
    left join active
        on
            looked_at.calendar_date >= active.calendar_date
            and looked_at.calendar_date < date_add(active.calendar_date, 28)
    group by
        looked_at.calendar_date,
        looked_at.listener_count,
        looked_at.listener_7_days_count,
        looked_at.listener_28_days_count

)

select * from recounted
where
    listener_count != wanted_count
    or listener_7_days_count != wanted_7_days_count
    or listener_28_days_count != wanted_28_days_count
