-- Every known user has one profile, and over all of them the listens, plays,
-- tracks and days are those of the fact.
with

fct_listen_history as (

    select
        count(*) as listen_count,
        coalesce(sum(play_count), 0) as play_count,
        count(distinct user_key, nullif(track_key, -1)) as track_count,
        count(distinct user_key, nullif(date_key, -1)) as active_day_count
    from {{ ref('fct_listen_history') }}
    where user_key != -1

),

known_users as (

    select count(*) as user_count
    from {{ ref('dim_user') }}
    where user_key != -1

),

profiles as (

    select
        count(*) as user_count,
        coalesce(sum(listen_count), 0) as listen_count,
        coalesce(sum(play_count), 0) as play_count,
        coalesce(sum(track_count), 0) as track_count,
        coalesce(sum(active_day_count), 0) as active_day_count
    from {{ ref('user_listening_profile') }}

)

select profiles.*
from profiles
cross join known_users
cross join fct_listen_history
where
    profiles.user_count != known_users.user_count
    or profiles.listen_count != fct_listen_history.listen_count
    or profiles.play_count != fct_listen_history.play_count
    or profiles.track_count != fct_listen_history.track_count
    or profiles.active_day_count != fct_listen_history.active_day_count
