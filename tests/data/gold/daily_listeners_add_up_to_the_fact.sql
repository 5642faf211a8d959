-- Listens, plays and first listens over all days are those of the fact, and
-- no day is missing.
with

fct_listen_history as (

    select
        count(*) as listen_count,
        coalesce(sum(play_count), 0) as play_count,
        count(distinct nullif(user_key, -1)) as listener_count
    from {{ ref('fct_listen_history') }}
    where date_key != -1

),

daily_active_listeners as (

    select
        coalesce(sum(listen_count), 0) as listen_count,
        coalesce(sum(play_count), 0) as play_count,
        coalesce(sum(new_listener_count), 0) as listener_count,
        count(*) as day_count,
        coalesce(datediff(max(calendar_date), min(calendar_date)) + 1, 0)
            as expected_day_count
    from {{ ref('daily_active_listeners') }}

)

select daily_active_listeners.*
from daily_active_listeners
cross join fct_listen_history
where
    daily_active_listeners.listen_count != fct_listen_history.listen_count
    or daily_active_listeners.play_count != fct_listen_history.play_count
    or daily_active_listeners.listener_count
    != fct_listen_history.listener_count
    or daily_active_listeners.day_count
    != daily_active_listeners.expected_day_count
