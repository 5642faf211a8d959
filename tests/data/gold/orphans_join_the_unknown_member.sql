with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}

)

select * from fct_listen_history
where
    is_orphan_user != (user_key = -1)
    or is_orphan_track != (track_key = -1)
