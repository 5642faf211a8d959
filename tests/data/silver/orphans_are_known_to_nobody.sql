-- A user or track that came after its listens is found by the next increment.
with

listen_history as (

    select * from {{ ref('listen_history') }}

),

users as (

    select * from {{ ref('users') }}

),

track as (

    select * from {{ ref('track') }}

),

joined as (

    select
        listen_history.listen_key,
        listen_history.is_known_user,
        listen_history.is_known_track,
        users.user_id is not null as is_user_there,
        track.track_id is not null as is_track_there
    from listen_history
    left join users on listen_history.user_id = users.user_id
    left join track on listen_history.track_id = track.track_id

)

select * from joined
where
    is_known_user != is_user_there
    or is_known_track != is_track_there
